"""A coordinator mends what somebody told, for them. The person is told what and by whom.

The audit log names fields, never what stands in them. Neither the e-mail address nor the password,
neither who may see what nor what somebody calls themself can be changed this way.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from mentorship.shared.audit.models import record
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.outbox import notify
from programs.actions import people
from programs.models import Application, Correction, Participant, Program, User
from programs.notifications import DataCorrected
from programs.permissions import may_correct, may_correct_person
from programs.visibility import FIELD_OF

CORRECTABLE = frozenset(FIELD_OF) - {"email"}


@transaction.atomic
def correct_profile(user: User, *, by: User, program: Program, **fields: Any) -> Correction | None:
    """Change fields of the profile, `name` or `time_zone`; None when nothing is different.

    Raises ValueError for a field that is the person's alone, ValidationError for a value the
    models do not take, RuleBroken for somebody whose account is not `by`'s to mend.
    """
    if alone := fields.keys() - CORRECTABLE:
        raise ValueError(f"nobody but the person changes {sorted(alone)}")
    if not may_correct_person(by, people.lock_person(user), program):
        raise RuleBroken(_("Only this person can change this; please ask them."))
    before = _told(user, fields)
    people.update_profile(user, by=by, **fields)
    after = _told(user, fields)
    changes = [[name, before[name], after[name]] for name in fields if before[name] != after[name]]
    if not changes:
        return None
    correction = Correction.objects.create(user=user, by=by, program=program, changes=changes)
    record(
        by=by,
        verb="person.corrected",
        subject=user,
        program=program,
        fields=", ".join(correction.names),
    )
    return _tell(correction)


@transaction.atomic
def correct_answers(
    application: Application, *, by: User, answers: dict[str, Any]
) -> Correction | None:
    """Change answers of an application that the applicant cannot change any more.

    What no question of its form asks stays as it is. The capacity, the zone and the pace of a
    participant follow their answers. None when nothing is different.
    Raises RuleBroken while the applicant can change it, for one never sent in or withdrawn, and
    for an erased account.
    """
    people.lock_person(application.applicant)
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("cohort__program", "applicant", "questionnaire")
        .get(pk=application.pk)
    )
    if not may_correct(by, application):
        raise RuleBroken(_("The applicant can still change this application; please ask them."))
    before = application.answers
    asked = list(application.questionnaire.questions.values_list("key", flat=True))
    answers = {key: told for key, told in before.items() if key not in asked} | answers
    # in the order of the form: a database may keep the keys of JSON in an order of its own
    every = dict.fromkeys([*asked, *sorted({*before, *answers})])
    keys = [key for key in every if before.get(key) != answers.get(key)]
    if not keys:
        return None
    application.answers = answers
    application.save(update_fields=["answers"])
    return answers_changed(application, keys, by=by, before=before)


def answers_changed(
    application: Application, keys: list[str], *, by: User, before: dict[str, Any]
) -> Correction:
    """Let the participant follow the answers that were changed, keep what they were, and tell.

    Inside the caller's transaction, who has written the answers.
    """
    _follow(application, keys)
    answers = application.answers
    correction = Correction.objects.create(
        user=application.applicant,
        by=by,
        program=application.cohort.program,
        application=application,
        changes=[[key, before.get(key), answers.get(key)] for key in keys],
    )
    record(
        by=by,
        verb="application.corrected",
        subject=application,
        program=application.cohort.program,
        fields=", ".join(keys),
    )
    return _tell(correction)


def _told(user: User, names: Any) -> dict[str, Any]:
    profile = people.locked_profile(user)
    told = {name: profile.told(name) for name in names}
    # the zone as it stands, also the one that nobody chose
    return told | ({"time_zone": profile.user.time_zone} if "time_zone" in told else {})


def _follow(application: Application, keys: list[str]) -> None:
    """A participant has the places, the zone and the pace that the answers tell."""
    facts = application.facts()
    asked = dict(application.questionnaire.questions.values_list("fact", "key"))
    told = {
        name: facts[name]
        for name in ("capacity", "time_zone")
        if asked.get(name) in keys and facts.get(name)
    }
    if asked.get("pace") in keys:
        told["pace"] = application.cohort.pace_told(facts)
    if "capacity" in told:
        told["capacity"] = Participant.capacity_within(told["capacity"])
    if told:
        Participant.objects.present().filter(
            cohort=application.cohort, user=application.applicant, role=application.role
        ).update(**told)


def _tell(correction: Correction) -> Correction:
    notify(DataCorrected(correction), correction.user, program=correction.program)
    return correction
