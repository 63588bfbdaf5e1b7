"""The form on which a coordinator writes a question."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentorship.shared.base.texts import validate_one_line
from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question
from programs.models import Role
from programs.questions import READY_MADE, QuestionSpec

NEW_FACT = "new"
MOST_CHOICES, LONGEST_CHOICE = 50, 200
LARGEST_NUMBER = 10**9
MOST_SCALE_STEPS = 11

# Kinds whose answers the matching can compare with each other.
_ALIKE: tuple[frozenset[Kind], ...] = (
    frozenset({Kind.ITEMS, Kind.SEVERAL_OF, Kind.SKILLS}),
    frozenset({Kind.SHORT_TEXT, Kind.ONE_OF, Kind.ZONE}),
    frozenset({Kind.NUMBER, Kind.SCALE}),
)
# Facts that the matching works out itself.
_WORKED_OUT = frozenset({"utc_offset", "utc_offsets", "priority"})


class ChoicesField(forms.CharField):
    """Choices written one in a line. Cleans to a list of distinct texts."""

    def __init__(self, *, least: int, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.Textarea(attrs={"rows": 6}),
            max_length=MOST_CHOICES * (LONGEST_CHOICE + 2),
            required=least > 0,
            **kwargs,
        )
        self.least = least

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        lines = (" ".join(line.split()) for line in super().clean(value).splitlines())
        choices = list(dict.fromkeys(filter(None, lines)))
        if len(choices) < self.least:
            raise ValidationError(_("Write at least two different choices, one in a line."))
        if len(choices) > MOST_CHOICES:
            raise ValidationError(
                _("Write at most %(most)d choices."), params={"most": MOST_CHOICES}
            )
        for choice in choices:
            if len(choice) > LONGEST_CHOICE:
                raise ValidationError(
                    _("“%(choice)s…” is too long: at most %(most)d characters."),
                    params={"choice": choice[:30], "most": LONGEST_CHOICE},
                )
        return choices


class QuestionForm(forms.Form):
    """One question of a kind. `others` are the other questions of the form, in order.

    A new question comes after all of them; one that stands there already is `question`. With
    `other_role` it can be put on that role's form too.
    """

    label = forms.CharField(
        label=gettext_lazy("Question"), max_length=300, validators=[validate_one_line]
    )
    help = forms.CharField(
        label=gettext_lazy("Help below the question"),
        max_length=500,
        required=False,
        validators=[validate_one_line],
    )
    required = forms.BooleanField(label=gettext_lazy("Must be answered"), required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        kind: Kind,
        others: Sequence[Question],
        question: Question | None = None,
        other_role: Role | None = None,
    ) -> None:
        initial = _initial(question) if question else {}
        super().__init__(data, initial=initial)
        self.kind, self.others, self.question = kind, others, question
        if kind.has_choices or kind == Kind.SKILLS:
            self.fields["choices"] = _choices_field(kind)
        if kind in (Kind.NUMBER, Kind.SCALE):
            self._add_limits()
        if kind == Kind.SCALE:
            self._add_words()
        self._add_step()
        self._add_condition()
        self._add_fact()
        self._add_readers()
        if other_role is not None:
            self.fields["both"] = forms.BooleanField(
                label=_("Ask it on the form for a %(role)s too")
                % {"role": other_role.label.lower()},
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        least, most = cleaned.get("minimum"), cleaned.get("maximum")
        if least is not None and most is not None and least >= most:
            self.add_error("maximum", _("The largest must be above the smallest."))
        if self.kind == Kind.SCALE and not self.errors and _steps(least, most) > MOST_SCALE_STEPS:
            self.add_error(
                "maximum",
                _("A scale has at most %(most)d steps.") % {"most": MOST_SCALE_STEPS},
            )
        self._clean_fact(cleaned)
        return cleaned

    def clean_condition(self) -> list[str]:
        """The answers chosen; all of them must be to one question."""
        chosen: list[str] = self.cleaned_data["condition"]
        if len({value.partition("=")[0] for value in chosen}) > 1:
            raise ValidationError(_("Choose answers to one question only."))
        return chosen

    def values(self) -> dict[str, Any]:
        """The fields of the question as they are to be stored."""
        cleaned = self.cleaned_data
        names = ("label", "help", "required", "section", "is_sensitive", "is_identifying")
        limits = ("choices", "minimum", "maximum", "lowest_words", "highest_words")
        told = {name: cleaned[name] for name in (*names, *limits) if name in cleaned}
        condition = [value.partition("=") for value in cleaned.get("condition", [])]
        told["shown_if"] = condition[0][0] if condition else ""
        told["shown_if_answers"] = [answer for _key, _sign, answer in condition]
        fact = cleaned.get("fact", "")
        told["fact"] = cleaned["new_fact"] if fact == NEW_FACT else fact
        return told

    def spec(self) -> QuestionSpec:
        """A new question; it has no key yet."""
        told = self.values()
        for name in ("choices", "shown_if_answers"):
            told[name] = tuple(told.get(name, ()))
        return QuestionSpec(key="", kind=self.kind, **told)

    def _add_limits(self) -> None:
        for name, label in (("minimum", _("Smallest number")), ("maximum", _("Largest number"))):
            self.fields[name] = forms.IntegerField(
                label=label,
                required=False,
                min_value=-LARGEST_NUMBER,
                max_value=LARGEST_NUMBER,
                help_text=_("A scale goes from 1 to 5 unless you say otherwise.")
                if self.kind == Kind.SCALE and name == "minimum"
                else "",
            )

    def _add_words(self) -> None:
        ends = {
            "lowest_words": _("Words for the smallest number"),
            "highest_words": _("Words for the largest number"),
        }
        for name, label in ends.items():
            self.fields[name] = forms.CharField(
                label=label, max_length=60, required=False, validators=[validate_one_line]
            )

    def _add_step(self) -> None:
        self.fields["section"] = forms.CharField(
            label=_("Heading of a new step"),
            max_length=120,
            required=False,
            validators=[validate_one_line],
            help_text=_(
                "Begins a new page of the form with this question. Leave it empty to stay on the "
                "page before."
            ),
        )

    def _add_condition(self) -> None:
        choices = [
            (
                other.label,
                [(f"{other.key}={value}", _answer(other, words)) for value, words in pairs],
            )
            for other in self._before()
            if (pairs := other.answer_pairs())
        ]
        if choices:
            self.fields["condition"] = forms.MultipleChoiceField(
                label=_("Ask it only after one of these answers"),
                required=False,
                choices=choices,
                widget=forms.CheckboxSelectMultiple,
                help_text=_("Answers to one question. Without a tick it is always asked."),
            )

    def _add_fact(self) -> None:
        if self.kind == Kind.LONG_TEXT:
            return  # nothing that could be compared
        known = known_facts(self.kind, [*self.others, *([self.question] if self.question else [])])
        self.fields["fact"] = forms.ChoiceField(
            label=_("What it tells the matching"),
            required=False,
            help_text=_("The same as one of these questions, so that a policy reads both alike."),
            choices=[
                ("", _("Nothing")),
                *known.items(),
                (NEW_FACT, _("A new fact, named below")),
            ],
        )
        self.fields["new_fact"] = forms.CharField(
            label=_("Name of the new fact"),
            required=False,
            max_length=60,
            validators=[
                RegexValidator(r"^[a-z][a-z0-9_]*$", _("Use small letters, digits and _."))
            ],
            help_text=_("Small letters, such as favourite_topic. A matching policy names it so."),
        )

    def _add_readers(self) -> None:
        self.fields["is_sensitive"] = forms.BooleanField(
            label=_("Sensitive: only coordinators read the answer"), required=False
        )
        self.fields["is_identifying"] = forms.BooleanField(
            label=_("Tells who it is: not shown to reviewers where names are hidden"),
            required=False,
        )

    def _before(self) -> list[Question]:
        """The questions whose answers are known when this one is asked."""
        if self.question is None:
            return list(self.others)
        return [other for other in self.others if other.position < self.question.position]

    def _clean_fact(self, cleaned: dict[str, Any]) -> None:
        fact, new = cleaned.get("fact"), cleaned.get("new_fact", "")
        if fact == NEW_FACT and "new_fact" not in self.errors:
            if not new:
                self.add_error("new_fact", _("Name the new fact."))
            elif new in _WORKED_OUT or new == NEW_FACT:
                self.add_error("new_fact", _("The matching works this fact out itself."))
        name = new if fact == NEW_FACT else fact
        teller = next((other for other in self.others if name and other.fact == name), None)
        if teller is not None:
            self.add_error(
                "fact",
                _("“%(question)s” tells the matching this already.") % {"question": teller.label},
            )


def known_facts(kind: Kind, questions: Iterable[Question]) -> dict[str, str]:
    """The facts that questions of such a kind tell, ready-made and on this form, with words."""
    alike = next((kinds for kinds in _ALIKE if kind in kinds), frozenset({kind}))
    told = {spec.fact: str(spec.label) for spec in READY_MADE if spec.fact and spec.kind in alike}
    here = {one.fact: one.label for one in questions if one.fact and Kind(one.kind) in alike}
    return dict(sorted((told | here).items()))


def _answer(question: Question, words: str) -> str:
    """An answer among those to many questions: read aloud, it says which question it is for."""
    return format_html('<span class="visually-hidden">{}: </span>{}', question.label, words)


def _choices_field(kind: Kind) -> ChoicesField:
    if kind == Kind.SKILLS:
        return ChoicesField(
            least=0,
            label=_("Skills to suggest while one types"),
            help_text=_("One in a line. Any other skill can be typed too."),
        )
    return ChoicesField(least=2, label=_("Choices"), help_text=_("One in a line."))


def _initial(question: Question) -> dict[str, Any]:
    names = ("label", "help", "required", "section", "choices", "minimum", "maximum", "fact")
    more = ("lowest_words", "highest_words", "is_sensitive", "is_identifying")
    return {name: getattr(question, name) for name in (*names, *more)} | {
        "condition": [f"{question.shown_if}={answer}" for answer in question.shown_if_answers]
    }


def _steps(least: int | None, most: int | None) -> int:
    return (5 if most is None else most) - (1 if least is None else least) + 1
