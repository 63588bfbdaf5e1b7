"""What counts in a run, as a form: one row for each criterion, made from the policy itself."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.engine import OBJECTIVES, Criterion, Policy, PolicyError
from matching.models import MatchingRun
from matching.policies import policy_of, ready_made, usual
from matching.policies.asked import facts_asked, missing_facts
from matching.policies.files import from_file, from_table, from_text
from matching.policies.words import does, fact_in_words, steps_of, table_of
from matching.proofs import aim_of
from mentorship.shared.base.texts import validate_one_line
from mentorship.shared.base.zones import local
from mentorship.shared.files.uploads import UploadField
from programs.models import Cohort

MOST_POINTS: Final = 10_000
# The largest number that the database holds for a seed.
MOST_SEED: Final = 2**31 - 1
# A file of 64 KB says less than its JSON, in which nothing is left out.
LONGEST_POLICY: Final = 500_000
# So many drafts are offered to keep pairs of.
MOST_DRAFTS: Final = 20


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a kind of criterion takes besides its points."""

    name: str
    label: str | Promise
    least: int
    most: int
    is_needed: bool = True
    help: str | Promise = ""


# What can be changed here; ladders and tables are changed in the file.
PARAMETERS: Final[Mapping[str, tuple[Parameter, ...]]] = {
    "overlap": (
        Parameter(
            "enough",
            gettext_lazy("Enough in common"),
            1,
            1_000,
            is_needed=False,
            help=gettext_lazy("Empty: everything the mentee named."),
        ),
    ),
    "hours": (
        Parameter("full_hours", gettext_lazy("Hours for all points"), 1, 168),
        Parameter("least_hours", gettext_lazy("Fewest hours of a must"), 1, 168),
    ),
    "zone": (
        Parameter("full_hours", gettext_lazy("Hours apart for all points"), 0, 12),
        Parameter("none_hours", gettext_lazy("Hours apart for no points"), 1, 13),
    ),
    "ranks": (Parameter("of", gettext_lazy("Choices that count"), 1, 100),),
    "priority": (Parameter("full", gettext_lazy("Times for all points"), 1, 1_000),),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion as the form shows it."""

    criterion: Criterion
    does: str
    points: forms.BoundField
    must: forms.BoundField
    parameters: list[forms.BoundField]
    # The lines of a ladder or table, which give the points themselves.
    table: list[tuple[str, int]]
    steps: str
    # What nobody in this cohort is asked for, in words.
    missing: str

    @property
    def fields(self) -> list[forms.BoundField]:
        return [self.points, *self.parameters, self.must]

    @property
    def has_errors(self) -> bool:
        return any(field.errors for field in self.fields)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in one field; `id` is where the page shows it."""

    id: str
    where: str
    sentence: str


class PolicyForm(forms.Form):
    """The policy of a run: what it aims for, and each criterion with its points.

    The policy it changes travels in a hidden field, so that a preset, a file and what a cohort
    has are changed alike. Behind its criteria stand the ready-made ones it lacks, with no points.
    """

    policy = forms.CharField(
        max_length=LONGEST_POLICY, required=False, widget=forms.HiddenInput, strip=False
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the draft"),
        max_length=80,
        required=False,
        validators=[validate_one_line],
        help_text=gettext_lazy("To tell drafts from each other. You may leave it open."),
    )
    title = forms.CharField(
        label=gettext_lazy("Name of the policy"), max_length=120, validators=[validate_one_line]
    )
    objective = forms.ChoiceField(
        label=gettext_lazy("What the matching aims for"),
        choices=[(name, lazy(aim_of, str)(name)) for name in OBJECTIVES],
        widget=forms.RadioSelect,
    )
    keep = forms.ChoiceField()  # which drafts there are depends on the cohort
    remember = forms.BooleanField(
        label=gettext_lazy("Also keep this as the cohort's policy"), required=False
    )
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        min_value=0,
        max_value=MOST_SEED,
        required=False,
        help_text=gettext_lazy(
            "Decides by lot where two matchings are equally good. The same number draws the same "
            "lots."
        ),
    )

    def __init__(self, cohort: Cohort, data: Any = None, *, policy: Policy | None = None) -> None:
        self.cohort = cohort
        self.damage = ""
        self.base = policy or self._sent(data)
        super().__init__(
            data,
            initial={
                "policy": json.dumps(self.base.to_dict(), ensure_ascii=False),
                "title": self.base.name,
                "objective": self.base.objective,
                "seed": 0,
            },
        )
        known = {_same_as(one) for one in self.base.criteria}
        names = {one.name for one in self.base.criteria}
        self.added = [
            one
            for one in ready_made().criteria
            if one.name not in names and _same_as(one) not in known
        ]
        self.criteria = [*self.base.criteria, *self.added]
        # Each row as it was sent, as far as it can be read.
        self._sent_rows: dict[int, Criterion] = {}
        self.fields["keep"] = forms.ChoiceField(
            label=_("Keep settled pairs"),
            choices=[("", _("None")), *_drafts(cohort)],
            required=False,
            help_text=_("Pairs that were settled on a draft stay together in this run."),
        )
        for number, criterion in enumerate(self.criteria):
            self._add_row(number, criterion, counts=number < len(self.base.criteria))

    def _sent(self, data: Any) -> Policy:
        """The policy that the form was sent with, or the cohort's."""
        try:
            if data is not None and "policy" in data:
                return from_text(data["policy"])
            return policy_of(self.cohort)
        except PolicyError as error:
            self.damage = str(error)
            return usual()

    def _add_row(self, number: int, criterion: Criterion, *, counts: bool) -> None:
        own = criterion.kind.own_points()
        if own is None:
            self.fields[f"c{number}-points"] = forms.IntegerField(
                label=_("Points"),
                min_value=0,
                max_value=MOST_POINTS,
                required=False,
                initial=criterion.points if counts else 0,
            )
        else:
            self.fields[f"c{number}-points"] = forms.BooleanField(
                label=_("Counts"), required=False, initial=counts
            )
        told = criterion.kind.parameters()
        for parameter in PARAMETERS.get(criterion.kind.name, ()):
            self.fields[f"c{number}-{parameter.name}"] = forms.IntegerField(
                label=str(parameter.label),
                min_value=parameter.least,
                max_value=parameter.most,
                required=False,
                help_text=str(parameter.help),
                initial=told.get(parameter.name),
            )
        self.fields[f"c{number}-must"] = forms.BooleanField(
            label=_("Must"), required=False, initial=criterion.must and counts
        )

    # --- What was sent ------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.damage and self.is_bound:
            raise ValidationError(self.damage)
        tables = [
            table
            for number in range(len(self.criteria))
            if (table := self._read_row(number)) is not None
        ]
        if self.errors:
            return cleaned
        try:
            cleaned["asked"] = from_table(
                {
                    "name": cleaned["title"],
                    "objective": cleaned["objective"],
                    "criterion": tables,
                }
            )
        except PolicyError as error:
            raise ValidationError(_in_words(error)) from error
        return cleaned

    def _read_row(self, number: int) -> dict[str, Any] | None:
        """The table of a criterion as it was sent; None when it does not count."""
        criterion = self.criteria[number]
        must = bool(self.cleaned_data.get(f"c{number}-must"))
        told = self.cleaned_data.get(f"c{number}-points") or 0
        if not told and not must:
            return None
        points = criterion.points if told is True or criterion.kind.own_points() else int(told)
        table: dict[str, Any] = criterion.to_dict() | {"points": points, "must": must}
        table["must_answer"] = criterion.must_answer and must
        if criterion.unanswered is not None:
            table["unanswered"] = min(criterion.unanswered, points)
        for parameter in PARAMETERS.get(criterion.kind.name, ()):
            value = self.cleaned_data.get(f"c{number}-{parameter.name}")
            if value is not None:
                table[parameter.name] = value
            elif not parameter.is_needed:
                table.pop(parameter.name, None)
        try:
            self._sent_rows[number] = Criterion.read(table, number + 1)
        except PolicyError as error:
            self.add_error(self._field_of(number, str(error)), str(error))
        return table

    def _field_of(self, number: int, sentence: str) -> str:
        """The field of a row that a sentence of the engine is about."""
        named = [
            parameter.name
            for parameter in PARAMETERS.get(self.criteria[number].kind.name, ())
            if f"'{parameter.name}'" in sentence
        ]
        return f"c{number}-{named[0] if named else 'points'}"

    def again(self) -> "PolicyForm":
        """The same form over what was asked for, so that its sentences tell that."""
        form = PolicyForm(self.cohort, policy=self.asked)
        for name in ("name", "keep", "seed", "remember"):
            form.initial[name] = self.cleaned_data[name]
        return form

    @property
    def asked(self) -> Policy:
        """The policy that was asked for. Only of a form that is right."""
        policy: Policy = self.cleaned_data["asked"]
        return policy

    @property
    def settled(self) -> list[tuple[str, str]]:
        """The pairs to keep, by the codes of mentee and mentor."""
        code = self.cleaned_data.get("keep")
        if not code:
            return []
        run = MatchingRun.objects.filter(cohort=self.cohort, code=code).only("locked").get()
        return [(mentee, mentor) for mentee, mentor in run.locked]

    # --- What the page shows ------------------------------------------------------------------

    def rows(self) -> list[Row]:
        """The criteria of the policy."""
        return [*self._rows(0, len(self.base.criteria))]

    def more_rows(self) -> list[Row]:
        """The ready-made ones that could be added, those that this cohort can use first."""
        found = self._rows(len(self.base.criteria), len(self.criteria))
        return sorted(found, key=lambda row: bool(row.missing))

    def mistakes(self) -> list[Mistake]:
        """Everything to be mended, each with the criterion it is about."""
        return [
            Mistake(self[name].id_for_label, self._where(name), str(error))
            for name, errors in self.errors.items()
            if name != NON_FIELD_ERRORS
            for error in errors
        ]

    def _where(self, name: str) -> str:
        label = str(self.fields[name].label or name)
        number, _dash, row = name.removeprefix("c").partition("-")
        return f"{self.criteria[int(number)].label}, {label}" if row else label

    @property
    def has_errors_in_more(self) -> bool:
        """Whether something has to be mended among those that could be added."""
        return any(row.has_errors for row in self.more_rows())

    @cached_property
    def _asked_of_people(self) -> Mapping[str, frozenset[str]]:
        return facts_asked(self.cohort)

    def _rows(self, first: int, last: int) -> Iterator[Row]:
        for number in range(first, last):
            criterion = self._sent_rows.get(number, self.criteria[number])
            missing = missing_facts(criterion, self._asked_of_people, self.cohort.choice)
            yield Row(
                criterion,
                does(criterion),
                self[f"c{number}-points"],
                self[f"c{number}-must"],
                [
                    self[f"c{number}-{parameter.name}"]
                    for parameter in PARAMETERS.get(criterion.kind.name, ())
                ],
                table_of(criterion),
                steps_of(criterion),
                ", ".join(fact_in_words(name) for name in missing),
            )


class PolicyFileForm(forms.Form):
    """A policy that somebody kept as a file."""

    file = UploadField(
        label=gettext_lazy("A policy as a file"),
        help_text=gettext_lazy("TOML, at most 64 KB, such as one you kept here."),
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )

    def clean_file(self) -> Policy:
        upload: UploadedFile = self.cleaned_data["file"]
        try:
            return from_file(upload.read())
        except PolicyError as error:
            raise ValidationError(str(error)) from error


def _same_as(criterion: Criterion) -> tuple[str, str, str, object]:
    """What makes two criteria look at the same thing."""
    side = criterion.kind.parameters().get("side")
    return criterion.kind.name, criterion.mentee, criterion.mentor, side


def _in_words(error: PolicyError) -> str:
    """The engine's sentence; what a form can never send it is told otherwise."""
    if "at least one [[criterion]]" in str(error):
        return _("Nothing counts: give points to at least one criterion.")
    return str(error)


def _drafts(cohort: Cohort) -> Iterator[tuple[str, str]]:
    """Drafts with settled pairs, the newest first."""
    runs = MatchingRun.objects.filter(cohort=cohort, status=MatchingRun.Status.DONE)
    told = runs.exclude(locked=[]).values_list("code", "name", "created_at", "locked")
    for code, name, at, locked in told[:MOST_DRAFTS]:
        day = local(at, cohort.time_zone).strftime("%Y-%m-%d %H:%M")
        yield (
            code,
            _("%(name)s: %(number)d settled")
            % {"name": name or _("Run of %(day)s") % {"day": day}, "number": len(locked)},
        )
