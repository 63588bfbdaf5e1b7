"""Is a cohort ready to open? What is missing, and what may go wrong, each with the page to mend it.

A finding that blocks keeps the cohort closed; one that warns is the coordinator's to judge.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.db import models
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mentorship.shared.base.zones import local
from mentorship.shared.questions.models import Question
from programs.models import Choice, Cohort, Membership, Role
from programs.models.texts import RequiredText
from programs.supply import market_of

# Fewer days than these and somebody will be in a hurry.
LEAST_DAYS_TO_APPLY = 7
LEAST_DAYS_TO_REVIEW = 5
LEAST_DAYS_TO_MATCH = 3
LEAST_DAYS_TO_CHOOSE = 3
_SATURDAY = 5
_MOST_SKILLS = 5


class Weight(models.TextChoices):
    """How much a finding matters."""

    BLOCKS = "blocks", gettext_lazy("Missing")
    WARNS = "warns", gettext_lazy("Worth a look")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something missing or risky: a sentence, and the page where it can be mended."""

    weight: Weight
    text: str
    url: str

    @property
    def blocks(self) -> bool:
        return self.weight == Weight.BLOCKS


Check = Callable[[Cohort, datetime], Iterator[Finding]]


def findings(cohort: Cohort, at: datetime) -> list[Finding]:
    """Everything that stands in the way of opening or may go wrong, what blocks first."""
    found = [finding for check in CHECKS for finding in check(cohort, at)]
    return sorted(found, key=lambda finding: not finding.blocks)


def blockers(cohort: Cohort, at: datetime) -> list[Finding]:
    """What must be mended before the cohort can open."""
    return [finding for finding in findings(cohort, at) if finding.blocks]


# --- What blocks ----------------------------------------------------------------------------------


def _both_forms_ask(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    told = {
        Role.MENTOR: _("The mentor's form has no questions. Add some."),
        Role.MENTEE: _("The mentee's form has no questions. Add some."),
    }
    forms = {Role.MENTOR: cohort.mentor_questions_id, Role.MENTEE: cohort.mentee_questions_id}
    asked = Question.objects.filter(questionnaire__in=forms.values()).order_by()
    with_questions = set(asked.values_list("questionnaire", flat=True).distinct())
    for role, text in told.items():
        if forms[role] not in with_questions:
            yield _blocks(text, "desk-forms", cohort.code)


def _people_run_it(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    """A coordinator is a must; somebody else to read is better than nobody."""
    duties = set(cohort.program.memberships.values_list("role", flat=True))
    if Membership.Role.COORDINATOR not in duties:
        text = _("The program has no coordinator. Appoint one, so that applications are read.")
        yield _blocks(text, "desk-members", cohort.program.code)
    if Membership.Role.REVIEWER not in duties:
        text = _("Nobody reviews besides the coordinators. A second reader makes decisions fairer.")
        yield _warns(text, "desk-members", cohort.program.code)


def _there_is_time_to_apply(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    last = cohort.apply_until
    if last is not None and last < _today(cohort, at):
        text = _("The dates for applications are over. Change them before you open.")
        yield _blocks(text, "desk-cohort-edit", cohort.code)


def _dates_are_in_order(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    """The database refuses them too; here is the sentence, for a cohort that is not kept yet."""
    days = [day for day in cohort.milestones if day.name != "midpoint_on"]
    for earlier, later in pairwise(days):
        if later.on < earlier.on:
            text = _("“%(later)s” lies before “%(earlier)s”. Put the dates in order.")
            words = {"later": later.label, "earlier": earlier.label}
            yield _blocks(text % words, "desk-cohort-edit", cohort.code)


# --- What may go wrong ----------------------------------------------------------------------------


def _there_are_objectives(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    mine = models.Q(cohort__isnull=True) | models.Q(cohort=cohort)
    if not cohort.program.objectives.filter(mine).exists():
        text = _("There are no objectives, so nobody will know whether it worked. Write one.")
        yield _warns(text, "desk-objective-new", cohort.program.code)


def _there_are_texts(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    if not RequiredText.objects.in_cohort(cohort).in_use().exists():
        text = _("Nobody is asked to read a code of conduct. Add the texts people agree to.")
        yield _warns(text, "desk-texts", cohort.code)


def _questions_have_an_address(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    if not cohort.program.reply_to:
        text = _("The program has no address for questions. Add one, so that people can ask.")
        yield _warns(text, "desk-program-edit", cohort.program.code)


def _stretches_are_long_enough(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    if cohort.apply_until is None:
        return
    opens = max(cohort.apply_from, _today(cohort, at))
    reviewed = cohort.review_until or cohort.match_on or cohort.starts_on
    stretches = [
        (
            (cohort.apply_until - opens).days + 1,
            LEAST_DAYS_TO_APPLY,
            ngettext(
                "People have %(count)d day to apply. A week is the least that works.",
                "People have %(count)d days to apply. A week is the least that works.",
                max((cohort.apply_until - opens).days + 1, 0),
            ),
        ),
        (
            (reviewed - cohort.apply_until).days,
            LEAST_DAYS_TO_REVIEW,
            ngettext(
                "There is %(count)d day to read the applications. Plan a working week.",
                "There are %(count)d days to read the applications. Plan a working week.",
                (reviewed - cohort.apply_until).days,
            ),
        ),
    ]
    if cohort.review_until is not None:
        days = (cohort.starts_on - cohort.review_until).days
        words = ngettext(
            "There is %(count)d day between the review and the start. Matching and introductions "
            "need a few.",
            "There are %(count)d days between the review and the start. Matching and "
            "introductions need a few.",
            days,
        )
        stretches.append((days, LEAST_DAYS_TO_MATCH, words))
    for days, least, text in stretches:
        if 0 <= days < least:
            yield _warns(text % {"count": days}, "desk-cohort-edit", cohort.code)


def _no_deadline_on_a_weekend(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    told = {
        "apply_until": _("The last day for applications, %(day)s, is on a weekend."),
        "starts_on": _("The start, %(day)s, is on a weekend."),
    }
    for name, text in told.items():
        day: date | None = getattr(cohort, name)
        if day is not None and day.weekday() >= _SATURDAY:
            words = text % {"day": date_format(day, "l j F")}
            words += " " + _("Nobody may be there to answer questions.")
            yield _warns(words, "desk-cohort-edit", cohort.code)


def _there_are_places_for_enough_mentors(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    mentors, mentees = cohort.mentor_places, cohort.mentee_places
    if mentors is None or mentees is None:
        text = _("It is not said how many places there are for mentors and mentees.")
        yield _warns(text, "desk-cohort-edit", cohort.code)
    elif mentors < mentees:
        text = _(
            "There are %(mentees)d places for mentees and %(mentors)d for mentors: "
            "some mentors must take several, or mentees stay without one."
        )
        words = {"mentees": mentees, "mentors": mentors}
        yield _warns(text % words, "desk-cohort-edit", cohort.code)


def _pairs_meet_often_enough(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    if cohort.weeks < 2 * cohort.checkin_weeks:
        text = _("At this rhythm a pair meets once or twice only. Meet more often, or run longer.")
        yield _warns(text, "desk-cohort-edit", cohort.code)


def _choices_count_and_end_in_time(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    """Where people rank: the policy reads it, and there is time before the matching."""
    if cohort.choice != Choice.RANKED:
        return
    kinds = [criterion.get("kind") for criterion in cohort.policy.get("criterion", ())]
    if "ranks" not in kinds:
        text = _("People rank each other here, but the matching policy does not read it. Add it.")
        yield _warns(text, "desk-runs", cohort.code)
    last = cohort.choose_until
    if last is None and cohort.match_on is None:
        text = _("It is not said until when people may choose whom they would like.")
        yield _warns(text, "desk-cohort-choice", cohort.code)
    if last is not None and last < _today(cohort, at):
        text = _("The last day to choose, %(day)s, has passed.")
        yield _warns(text % {"day": _day(last)}, "desk-cohort-choice", cohort.code)
    if last is not None and cohort.match_on is not None and last >= cohort.match_on:
        text = _("People may choose until %(day)s, when the matching has begun.")
        yield _warns(text % {"day": _day(last)}, "desk-cohort-choice", cohort.code)
    accepted = cohort.review_until or cohort.apply_until
    if last is not None and accepted is not None and (last - accepted).days < LEAST_DAYS_TO_CHOOSE:
        text = _("Between the review and the last day to choose, people need a few days to look.")
        yield _warns(text, "desk-cohort-choice", cohort.code)


def _answers_come_before_the_start(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    if cohort.choice == Choice.OPEN or cohort.answer_days is None or cohort.match_on is None:
        return
    if cohort.match_on + timedelta(days=cohort.answer_days) > cohort.starts_on:
        text = _("Introductions may still wait for an answer when the round starts.")
        yield _warns(text, "desk-cohort-choice", cohort.code)


def _seats_meet_the_demand(cohort: Cohort, at: datetime) -> Iterator[Finding]:
    """Once people applied: skills that more mentees want than mentors have seats for."""
    for skill in market_of(cohort).short[:_MOST_SKILLS]:
        text = _("%(skill)s: %(wanted)d want to learn it, mentors have %(seats)d places.")
        words = {"skill": skill.name, "wanted": skill.wishes, "seats": skill.seats}
        yield _warns(text % words, "desk-supply", cohort.code)


CHECKS: tuple[Check, ...] = (
    _there_is_time_to_apply,
    _dates_are_in_order,
    _both_forms_ask,
    _people_run_it,
    _there_are_objectives,
    _there_are_texts,
    _questions_have_an_address,
    _there_are_places_for_enough_mentors,
    _stretches_are_long_enough,
    _no_deadline_on_a_weekend,
    _pairs_meet_often_enough,
    _choices_count_and_end_in_time,
    _answers_come_before_the_start,
    _seats_meet_the_demand,
)


def _today(cohort: Cohort, at: datetime) -> date:
    return local(at, cohort.time_zone).date()


def _day(on: date) -> str:
    return date_format(on, "l j F")


def _blocks(text: str, page: str, code: str) -> Finding:
    return Finding(Weight.BLOCKS, text, reverse(page, args=[code]))


def _warns(text: str, page: str, code: str) -> Finding:
    return Finding(Weight.WARNS, text, reverse(page, args=[code]))
