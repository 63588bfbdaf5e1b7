from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel
from mentorship.shared.questions import hours, skills
from mentorship.shared.questions.kinds import Kind


@dataclass(frozen=True, slots=True)
class Step:
    """Questions that are asked on one page, under one heading; the heading may be empty."""

    title: str
    questions: "tuple[Question, ...]"


class Questionnaire(PublicModel):
    """A list of questions; what was answered is kept by whoever asked, as JSON by question key.

    Once somebody has answered it is frozen: its questions stay as they were read, and a change
    makes the next version, which knows the `earlier` one.
    """

    title = models.CharField(_("title"), max_length=200)
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    earlier = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="later",
        editable=False,
        verbose_name=_("earlier version"),
    )
    frozen_at = models.DateTimeField(_("first answered"), null=True, blank=True, editable=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(earlier__isnull=True) | Q(version__gt=1),
                name="questionnaire_later_version_counts_on",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def steps(self) -> list[Step]:
        """The questions page by page: a question with a `section` begins a new one."""
        pages: list[tuple[str, list[Question]]] = []
        for question in self.questions.all():
            if question.section or not pages:
                pages.append((question.section, []))
            pages[-1][1].append(question)
        return [Step(title, tuple(questions)) for title, questions in pages]

    def in_words(self, answers: Mapping[str, Any]) -> "list[tuple[Question, str]]":
        """Every question that was asked with these answers, and the answer in words, in order.

        Unanswered ones have an empty answer; those that were not shown are left out.
        """
        return [
            (question, question.in_words(answers.get(question.key)))
            for question in self.questions.all()
            if question.is_shown(answers) or question.key in answers
        ]

    def told(self, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Each answer as it was given, beside its question, in the order of the form.

        An answer to a question that is not on the form comes last, by its key.
        """
        labels = {question.key: question.label for question in self.questions.all()}
        keys = [key for key in labels if key in answers]
        keys += sorted(answers.keys() - labels.keys())
        return [{"question": labels.get(key, key), "answer": answers[key]} for key in keys]

    def applicable(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The answers that count: those to a question of this form that is shown with them."""
        return applicable(self.questions.all(), answers)

    def copied(self) -> "Questionnaire":
        """A form with the same questions to change freely: the next version of an answered one."""
        copy = Questionnaire(title=self.title, version=self.version, earlier=self.earlier)
        if self.frozen_at is not None:
            copy.version, copy.earlier = self.version + 1, self
        copy.save()
        questions = list(self.questions.all())
        for question in questions:
            question.pk, question.questionnaire = None, copy
        Question.objects.bulk_create(questions)
        return copy

    def freeze(self, at: datetime) -> None:
        """Remember that answers came in, the first of them at the instant `at`."""
        if self.frozen_at is None:
            still_open = Questionnaire.objects.filter(pk=self.pk, frozen_at__isnull=True)
            still_open.update(frozen_at=at)
            self.frozen_at = at


class Question(models.Model):
    """One question. `fact` names what the answer tells the matching; empty tells it nothing."""

    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.CASCADE, related_name="questions"
    )
    position = models.PositiveSmallIntegerField(_("position"))
    section = models.CharField(
        _("heading of a new step"),
        max_length=120,
        blank=True,
        help_text=_("Begins a new page of the form. Leave it empty to stay on the same page."),
    )
    key = models.CharField(
        _("key"), max_length=60, validators=[RegexValidator(r"^[a-z][a-z0-9_]*$")]
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    label = models.CharField(_("question"), max_length=300)
    help = models.CharField(_("help"), max_length=500, blank=True)
    required = models.BooleanField(_("required"), default=False)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    minimum = models.IntegerField(_("smallest"), null=True, blank=True)
    maximum = models.IntegerField(_("largest"), null=True, blank=True)
    lowest_words = models.CharField(_("words at the low end"), max_length=60, blank=True)
    highest_words = models.CharField(_("words at the high end"), max_length=60, blank=True)
    fact = models.CharField(_("fact for the matching"), max_length=60, blank=True)
    is_identifying = models.BooleanField(
        _("tells who it is"),
        default=False,
        help_text=_("Not shown to reviewers where names are hidden."),
    )
    is_sensitive = models.BooleanField(
        _("sensitive"), default=False, help_text=_("Only coordinators read the answer.")
    )
    # The key of an earlier question, and the answers to it, as `as_choices` writes them, with
    # which this one is asked; empty is always.
    shown_if = models.CharField(_("asked only after"), max_length=60, blank=True)
    shown_if_answers = models.JSONField(_("answers"), default=list, blank=True)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("questionnaire", "key"), name="question_key_once_per_questionnaire"
            ),
            models.CheckConstraint(
                condition=~Q(shown_if=F("key")), name="question_does_not_wait_for_itself"
            ),
        )

    def __str__(self) -> str:
        return self.label

    def choice_pairs(self) -> list[tuple[str, str]]:
        """What can be chosen, as (value, words)."""
        return [(choice, choice) for choice in self.choices]

    def scale(self) -> range:
        """The steps of a scale; 1 to 5 unless said otherwise."""
        lowest = 1 if self.minimum is None else self.minimum
        return range(lowest, (5 if self.maximum is None else self.maximum) + 1)

    def scale_pairs(self) -> list[tuple[int, str]]:
        """The steps of a scale with their words: both ends may have some."""
        steps = self.scale()
        ends = {steps[0]: self.lowest_words, steps[-1]: self.highest_words} if steps else {}
        return [(n, f"{n} ({ends[n]})" if ends.get(n) else str(n)) for n in steps]

    def answer_pairs(self) -> list[tuple[str, str]]:
        """All answers to a closed question as (value, words), the value as `as_choices` has it."""
        if self.kind == Kind.YES_NO:
            return [("yes", str(_("Yes"))), ("no", str(_("No")))]
        if self.kind == Kind.SCALE:
            return [(str(n), words) for n, words in self.scale_pairs()]
        return self.choice_pairs() if Kind(self.kind).has_choices else []

    def is_shown(self, answers: Mapping[str, Any]) -> bool:
        """Whether this question is asked of somebody who gave these answers to earlier ones."""
        if not self.shown_if:
            return True
        return not as_choices(answers.get(self.shown_if)).isdisjoint(self.shown_if_answers)

    def field(self, *, required: bool | None = None) -> Any:
        """The form field that asks this question."""
        return Kind(self.kind).field(self, required=self.required if required is None else required)

    def takes(self, answer: Any) -> bool:
        """Whether this could be a stored answer to the question, by its type and choices."""
        kind = Kind(self.kind)
        if kind in (Kind.ITEMS, Kind.SEVERAL_OF):
            is_sound = isinstance(answer, list) and all(isinstance(one, str) for one in answer)
        elif kind == Kind.YES_NO:
            is_sound = isinstance(answer, bool)
        elif kind in (Kind.NUMBER, Kind.SCALE):
            is_sound = isinstance(answer, int) and not isinstance(answer, bool)
        elif kind in (Kind.SKILLS, Kind.HOURS):
            is_sound = isinstance(answer, list)
        else:
            is_sound = isinstance(answer, str)
        if not is_sound or not kind.is_closed:
            return is_sound
        return as_choices(answer) <= {value for value, _words in self.answer_pairs()}

    def in_words(self, answer: Any) -> str:
        """An answer as plain text for a page, whatever it is."""
        if answer is None or answer == "" or answer == []:
            return ""
        if isinstance(answer, bool):
            return str(_("Yes") if answer else _("No"))
        match self.kind:
            case Kind.SKILLS:
                return skills.in_words(answer)
            case Kind.HOURS:
                return hours.in_words(answer)
            case Kind.DATE if (day := _day(answer)) is not None:
                return date_format(day, "j F Y")
            case Kind.SCALE if isinstance(answer, int):
                return dict(self.scale_pairs()).get(answer, str(answer))
        return ", ".join(map(str, answer)) if isinstance(answer, list) else str(answer)


def as_choices(answer: Any) -> set[str]:
    """What was answered to a closed question, as conditions write it: "yes", "3", a choice."""
    if answer is None:
        return set()
    parts = answer if isinstance(answer, list) else [answer]
    return {{True: "yes", False: "no"}.get(p, "") if isinstance(p, bool) else str(p) for p in parts}


def applicable(
    questions: "Sequence[Question] | models.QuerySet[Question]", answers: Mapping[str, Any]
) -> dict[str, Any]:
    """The answers to those of `questions`, in their order, that are shown with them."""
    kept: dict[str, Any] = {}
    for question in questions:
        if question.key in answers and question.is_shown(kept):
            kept[question.key] = answers[question.key]
    return kept


def _day(answer: Any) -> Any:
    try:
        return parse_date(answer)
    except (TypeError, ValueError):
        return None
