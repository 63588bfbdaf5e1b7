"""What coordinators and people of a match say when it changes or ends."""

from typing import Any

from django import forms
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from matching.models import EndKind, Match, Part, Place
from mentorship.shared.base import clock
from mentorship.shared.base.zones import local
from programs.models import Cohort, Participant, ParticipantQuerySet, Role


class PersonField(forms.ModelChoiceField):
    """Somebody of a cohort, by code, shown by name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Participant.objects.none(), to_field_name="code", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.user.name} ({obj.user.email})"


class ReasonForm(forms.Form):
    """Why a coordinator decides something."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It stands in the log of decisions. The people of the match never read it."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LeaveForm(forms.Form):
    """Leaving needs no reason."""

    reason = forms.CharField(
        label=_("Your reason, if you like"),
        help_text=_("Only the coordinators read it."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class EndForm(ReasonForm):
    kind = forms.ChoiceField(label=_("Why it ends"), choices=EndKind.choices)
    side = forms.ChoiceField(
        label=_("Through whom"),
        choices=[
            ("", _("Nobody's doing")),
            (Role.MENTEE, _("The mentee's side")),
            (Role.MENTOR, _("The mentor's side")),
        ],
        required=False,
        help_text=_("A mentee whose match ended through the mentor goes first next time."),
    )
    field_order = ("kind", "side", "reason")


class ExtendForm(ReasonForm):
    last_on = forms.DateField(
        label=_("New last day"), widget=forms.DateInput(attrs={"type": "date"})
    )
    field_order = ("last_on", "reason")


class MentorForm(ReasonForm):
    """A second mentor of a match."""

    mentor = PersonField(label=_("Mentor"), help_text=_("Mentors with a free place."))
    part = forms.ChoiceField(
        label=_("As"),
        choices=[
            (Part.STAND_IN, _("Stand-in, until a day")),
            (Part.CO, _("Co-mentor, to the end")),
        ],
        widget=forms.RadioSelect,
    )
    until_on = forms.DateField(
        label=_("Last day of a stand-in"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    field_order = ("mentor", "part", "until_on", "reason")

    def __init__(self, *args: Any, match: Match, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = Place.objects.open().filter(match=match)
        _offer(self, "mentor", free_mentors(match.cohort).exclude(places__in=here))

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("part") == Part.STAND_IN and not told.get("until_on"):
            self.add_error("until_on", _("A stand-in needs a last day."))
        return told


class HandOverForm(ReasonForm):
    """One mentor instead of another."""

    old = PersonField(label=_("Who hands over"))
    new = PersonField(label=_("Who takes over"), help_text=_("Mentors with a free place."))
    field_order = ("old", "new", "reason")

    def __init__(self, *args: Any, match: Match, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = Place.objects.open().filter(match=match, role=Role.MENTOR)
        everybody = Participant.objects.filter(cohort=match.cohort).select_related("user")
        _offer(self, "old", everybody.filter(places__in=here))
        _offer(self, "new", free_mentors(match.cohort).exclude(places__in=here))


class PairForm(ReasonForm):
    """Two put together by hand."""

    mentee = PersonField(label=_("Mentee"), help_text=_("Mentees without a mentor."))
    mentor = PersonField(label=_("Mentor"), help_text=_("Mentors with a free place."))
    field_order = ("mentee", "mentor", "reason")

    def __init__(self, *args: Any, cohort: Cohort, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = _there(cohort).mentees().exclude(places__in=Place.objects.open())
        _offer(self, "mentee", waiting)
        _offer(self, "mentor", free_mentors(cohort))


def _offer(form: forms.Form, name: str, people: ParticipantQuerySet) -> None:
    """Let one of these be chosen in a field."""
    field = form.fields[name]
    if isinstance(field, PersonField):
        field.queryset = people


def free_mentors(cohort: Cohort) -> ParticipantQuerySet:
    """Mentors who are there, not on a pause, and on whom a place is free."""
    held = Count("places", filter=Q(places__in=Place.objects.open()))
    mentors = _there(cohort).mentors().annotate(held=held).filter(held__lt=F("capacity"))
    # counted above in a question of its own, so that further conditions change no count
    return _there(cohort).filter(pk__in=mentors.values("pk"))


def _there(cohort: Cohort) -> ParticipantQuerySet:
    today = local(clock.now(), cohort.time_zone).date()
    people = Participant.objects.filter(cohort=cohort).present().available(today)
    return people.select_related("user").order_by("user__name", "pk")
