from collections.abc import Iterator
from email.utils import parseaddr
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.texts import validate_one_line
from programs.actions.invitations import Asked
from programs.models import Channel, Cohort, Role

MOST_LINES = 500
# More than these are counted instead of told one by one.
_MOST_TOLD = 20
_LONGEST_NAME = 120


def validate_no_address(name: str) -> None:
    """Raise ValidationError for a name that a mail program would make a link of."""
    if any(mark in name for mark in "/:@") or "www." in name.lower():
        raise ValidationError(_("Please write the name only, without addresses."), code="address")


class InvitationsForm(forms.Form):
    """People to invite: one address in a line, with or without a name."""

    role = forms.ChoiceField(label=_("Invite them as"), choices=Role.choices)
    people = forms.CharField(
        label=_("Whom to invite"),
        max_length=100_000,
        strip=False,  # lines are told by their number
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "One in a line: nia@example.org, or Nia Novak <nia@example.org>. "
            "You can paste a list of up to 500."
        ),
    )
    message = forms.CharField(
        label=_("Your words to them"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands in the mail, which says the rest: program, deadline, link."),
    )

    def clean_people(self) -> list[Asked]:
        """The people line by line; a line that is none is told with its number."""
        lines = self.cleaned_data["people"].splitlines()
        told = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
        if len(told) > MOST_LINES:
            raise ValidationError(
                _("Please invite at most %(most)d people at once."),
                params={"most": MOST_LINES},
                code="too_many",
            )
        people, errors = [], []
        for number, line in told:
            try:
                people.append(_asked(number, line))
            except ValidationError as error:
                errors.append(error)
        if errors:
            raise ValidationError(list(_shortened(errors)))
        return people


def _asked(number: int, line: str) -> Asked:
    name, email = parseaddr(line.strip().rstrip(",;"))
    name = " ".join(name.split())
    told = {"line": number, "text": line.strip()[:60]}
    try:
        validate_email(email)
        validate_one_line(name)
    except ValidationError:
        raise ValidationError(
            _("Line %(line)d is no address: “%(text)s”."), params=told, code="no_address"
        ) from None
    if len(name) > _LONGEST_NAME or len(email) > _LONGEST_NAME * 2:
        raise ValidationError(
            _("Line %(line)d is too long: “%(text)s”."), params=told, code="too_long"
        )
    return Asked(number, email.lower(), name)


def _shortened(errors: list[ValidationError]) -> Iterator[ValidationError]:
    yield from errors[:_MOST_TOLD]
    more = len(errors) - _MOST_TOLD
    if more > 0:
        yield ValidationError(_("And %(more)d more."), params={"more": more}, code="more")


class ChannelForm(forms.ModelForm):
    """A public link, named after the place where it will stand."""

    class Meta:
        model = Channel
        fields = ("name",)
        labels = {"name": _("Where the link will stand")}
        help_texts = {"name": _("For example LinkedIn, or Meetup in May. Only you read it.")}

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        kwargs["instance"] = Channel(cohort=cohort)
        super().__init__(*args, **kwargs)

    def clean_name(self) -> str:
        """Taken names are told here: the cohort is no field of the form."""
        name: str = self.cleaned_data["name"]
        if Channel.objects.filter(cohort=self.instance.cohort, name=name).exists():
            raise ValidationError(_("There is a link with this name already."), code="taken")
        return name


class SuggestionForm(forms.Form):
    """A peer whom somebody would like to see in the program."""

    email = forms.EmailField(
        label=_("Their e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Their name"),
        max_length=120,
        required=False,
        validators=[validate_one_line, validate_no_address],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("They would be a"), choices=Role.choices)
    why = forms.CharField(
        label=_("Why they fit"),
        max_length=300,
        required=False,
        validators=[validate_one_line],
        help_text=_("Read by the coordinators only."),
    )
    may_name_me = forms.BooleanField(
        label=_("Say in the mail that I suggested them"), required=False
    )
