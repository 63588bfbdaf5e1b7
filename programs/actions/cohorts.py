from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from mentorship.shared.questions.models import Questionnaire
from programs.actions import gates, objectives
from programs.blueprints import Blueprint
from programs.models import Cohort, Program, Role, User
from programs.questions import make_questionnaire, ready_made_for
from programs.readiness import blockers
from programs.signals import people_have_chosen

# What a form asks to begin with, when nothing else is said.
USUAL = frozenset(
    {
        "motivation",
        "skills_offered",
        "skills_wanted",
        "styles",
        "channels",
        "years_experience",
        "job_title",
        "career_goal",
        "languages",
        "time_zone",
        "capacity",
    }
)

_DAYS = (
    *("apply_from", "apply_until", "review_until", "choose_until", "match_on"),
    *("starts_on", "ends_on"),
)
# What a copy does not take over as it is; everything else it does, its forms too: whoever changes
# one of them gets a form of its own.
_OF_ITS_OWN = frozenset(
    {
        *("id", "code", "created_at", "updated_at", "opened_at", "archived_at"),
        *("program", "name", "time_zone"),
        *_DAYS,
    }
)


@transaction.atomic
def create(
    program: Program,
    *,
    by: User,
    mentor_questions: Questionnaire | None = None,
    mentee_questions: Questionnaire | None = None,
    **fields: Any,
) -> Cohort:
    """A new cohort of `program`, not yet open. `fields` are its own: name, zone, dates, rhythm.

    Without forms it gets the usual ready-made ones to start from.
    Raises ValidationError for dates in the wrong order or an unknown zone, RuleBroken when the
    program is archived.
    """
    if program.archived_at is not None:
        raise RuleBroken(_("The program is archived. Bring it back first."))
    cohort = Cohort(program=program, **fields)
    cohort.mentor_questions = mentor_questions or _usual_form(cohort.name, Role.MENTOR)
    cohort.mentee_questions = mentee_questions or _usual_form(cohort.name, Role.MENTEE)
    cohort.full_clean()
    cohort.save()
    record(by=by, verb="cohort.created", subject=cohort, program=program)
    return cohort


@transaction.atomic
def clone(cohort: Cohort, *, by: User, name: str, time_zone: str, starts_on: date) -> Cohort:
    """The same round again: forms, rhythm, policy, places, rubric, gate and texts, later.

    The dates move by whole weeks, so that their order and their weekdays hold: the new start is
    the first day on or after `starts_on` that has the weekday of the old one.
    """
    later = timedelta(weeks=-((cohort.starts_on - starts_on).days // 7))
    days = {day: _moved(getattr(cohort, day), later) for day in _DAYS}
    names = [field.name for field in Cohort._meta.concrete_fields if field.name not in _OF_ITS_OWN]
    copied: dict[str, Any] = {name: getattr(cohort, name) for name in names} | days
    new = create(cohort.program, by=by, name=name, time_zone=time_zone, **copied)
    gates.copy(new, source=cohort, by=by)
    for criterion in cohort.criteria.all():
        criterion.pk, criterion.cohort = None, new
        criterion._state.adding = True
        criterion.save()
    return new


@transaction.atomic
def create_from(
    ready: Blueprint, program: Program, *, by: User, name: str, time_zone: str, starts_on: date
) -> Cohort:
    """A new cohort with the forms, rhythm, dates, policy and objectives of a blueprint."""
    cohort = create(
        program,
        by=by,
        name=name,
        time_zone=time_zone,
        mentor_questions=_form(name, ready.mentor_questions, Role.MENTOR),
        mentee_questions=_form(name, ready.mentee_questions, Role.MENTEE),
        policy=dict(ready.policy),
        **{key: value for key, value in ready.cohort.items() if key != "name"},
        **ready.dates(starts_on),
    )
    for goal in ready.goals:
        objectives.add(
            program,
            cohort=cohort,
            by=by,
            statement=goal.statement,
            metric=goal.metric,
            unit=goal.unit,
            baseline=goal.baseline,
            target=goal.target,
            due_on=starts_on + timedelta(days=goal.due),
        )
    return cohort


@transaction.atomic
def create_empty(
    program: Program, *, by: User, name: str, time_zone: str, starts_on: date
) -> Cohort:
    """A new cohort with the usual questions and the dates that most rounds have."""
    return create(
        program,
        by=by,
        name=name,
        time_zone=time_zone,
        starts_on=starts_on,
        apply_from=starts_on - timedelta(weeks=6),
        apply_until=starts_on - timedelta(weeks=3),
        ends_on=starts_on + timedelta(weeks=12, days=-3),
    )


@transaction.atomic
def open(cohort: Cohort, *, by: User) -> Cohort:
    """Show the cohort to visitors; applications come in from its first day on.

    Raises RuleBroken when the cohort is archived or something that it needs is missing.
    """
    cohort = Cohort.objects.select_for_update().get(pk=cohort.pk)
    now = clock.now()
    if cohort.opened_at is not None:
        return cohort
    if cohort.archived_at is not None:
        raise RuleBroken(_("This cohort is archived. Make a new one to start again."))
    for finding in blockers(cohort, now):
        raise RuleBroken(finding.text)
    cohort.opened_at = now
    cohort.save(update_fields=["opened_at"])
    record(by=by, verb="cohort.opened", subject=cohort, program=cohort.program)
    return cohort


@transaction.atomic
def update(cohort: Cohort, *, by: User, changed: Sequence[str]) -> Cohort:
    """Keep edited texts, dates or rhythm of a cohort; `changed` names the fields.

    The last day for applications can be put later at any time. Planned check-ins stay.
    Raises RuleBroken when it would move into the past while people count on it, or when the
    cohort is archived.
    """
    kept = Cohort.objects.select_for_update().get(pk=cohort.pk)
    if kept.archived_at is not None:
        raise RuleBroken(_("This cohort is archived. Bring it back first."))
    really = [name for name in changed if getattr(cohort, name) != getattr(kept, name)]
    if not really:
        return cohort
    if "apply_until" in really and kept.opened_at is not None:
        _require_a_day_to_come(cohort.apply_until, kept)
    # only these: an action may have written others since the form was opened
    cohort.save(update_fields=really)
    record(
        by=by,
        verb="cohort.changed",
        subject=cohort,
        program=cohort.program,
        fields=", ".join(really),
    )
    return cohort


@transaction.atomic
def archive(cohort: Cohort, *, by: User) -> Cohort:
    """Put a cohort away: it leaves the lists and takes no applications. Nothing is deleted.

    Raises RuleBroken while people take part in a round that has not ended.
    """
    cohort = Cohort.objects.select_for_update(of=("self",)).get(pk=cohort.pk)
    if cohort.archived_at is not None:
        return cohort
    require_nobody_at_work(cohort)
    cohort.archived_at = clock.now()
    cohort.save(update_fields=["archived_at"])
    record(by=by, verb="cohort.archived", subject=cohort, program=cohort.program)
    return cohort


@transaction.atomic
def take_back(cohort: Cohort, *, by: User) -> Cohort:
    """Bring an archived cohort back into the lists.

    Raises RuleBroken while its program is archived.
    """
    cohort = (
        Cohort.objects.select_for_update(of=("self",)).select_related("program").get(pk=cohort.pk)
    )
    if cohort.archived_at is None:
        return cohort
    if cohort.program.archived_at is not None:
        raise RuleBroken(_("The program is archived. Bring it back first."))
    cohort.archived_at = None
    cohort.save(update_fields=["archived_at"])
    record(by=by, verb="cohort.restored", subject=cohort, program=cohort.program)
    return cohort


def have_chosen(cohort: Cohort) -> bool:
    """Whether anybody in this cohort has ranked or asked somebody, as higher stages know."""
    told = people_have_chosen.send(Cohort, cohort=cohort)
    return any(answer for _receiver, answer in told)


def require_nobody_at_work(cohort: Cohort) -> None:
    """Raise RuleBroken, saying when it can be archived, while a round with people goes on."""
    today = local(clock.now(), cohort.time_zone).date()
    is_going_on = cohort.opened_at is not None and not cohort.is_over(today)
    if not is_going_on or not cohort.participants.present().exists():
        return
    if cohort.ends_on is None:
        raise RuleBroken(
            _("People take part in %(cohort)s. Give it a last day, and archive it after that.")
            % {"cohort": cohort.name}
        )
    raise RuleBroken(
        _("People take part in %(cohort)s until %(day)s. You can archive it after that day.")
        % {"cohort": cohort.name, "day": date_format(cohort.ends_on, "j F Y")}
    )


def _require_a_day_to_come(last: date | None, kept: Cohort) -> None:
    today = local(clock.now(), kept.time_zone).date()
    if last is not None and last < today:
        raise RuleBroken(
            _("The last day for applications cannot lie in the past: people counted on it.")
        )


def _usual_form(name: str, role: Role) -> Questionnaire:
    keys = [question.key for question in ready_made_for(role) if question.key in USUAL]
    return _form(name, keys, role)


def _form(name: str, keys: Iterable[str], role: Role) -> Questionnaire:
    return make_questionnaire(f"{name}, {role.label}"[:200], keys, role)


def _moved(day: date | None, later: timedelta) -> date | None:
    return None if day is None else day + later
