"""A person about whom every table holds something, each text of theirs a word of its own."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import models

from feedback.models import Invitation, Response, Silence
from matching import engine
from matching.actions import decisions as logged
from matching.models import (
    Avoid,
    Exclusion,
    Inquiry,
    Introduction,
    MeetAndGreet,
    PlaceAsk,
    Preference,
    RunComment,
    Seat,
    Suggestion,
    Unmatched,
)
from mentorship.shared.audit.models import record
from mentorship.shared.base import clock
from mentorship.shared.files.models import StoredFile
from mentorship.shared.notifications.models import MailLink, OutboxMessage
from mentorship.shared.notifications.models import Preference as MailChoice
from mentorship.shared.notifications.outbox import notify
from mentorship.shared.privacy.registry import Held, everything_held
from programs.models import (
    Application,
    Assignment,
    Batch,
    Consent,
    Correction,
    Decision,
    ImportJob,
    Interview,
    MemberInvitation,
    Objective,
    ObjectiveFigure,
    RequiredText,
    Review,
    SavedView,
    SelfIdentification,
    TextVersion,
    User,
)
from programs.models import Invitation as ApplyInvitation
from programs.notifications import ApplicationReceived
from tests.cast import Troupe
from tests.factories.matching import MatchingRunFactory
from tests.factories.programs import (
    ApplicationFactory,
    MembershipFactory,
    ParticipantFactory,
    UserFactory,
)

REASON = {"criterion": "skills", "kind": "overlap", "points": 1, "shared": ["planted"]}


def fill(here: Troupe) -> User:
    """The mentee of the troupe, with a row in every table that holds anything about people."""
    person, now = here.mentee.user, clock.now()
    _apply(here, person)
    _work(here, person)
    _have_duties(here, person)
    _log_in(person)
    record(by=person, verb="application.submitted", subject=here.application, role="mentee")
    MailChoice.objects.create(user=person, category="surveys", is_enabled=False)
    StoredFile.objects.create(
        owner=person,
        kind="export",
        name="list",
        size=1,
        digest="0",
        expires_at=now + timedelta(days=7),
    )
    return person


def _apply(here: Troupe, person: User) -> None:
    now, by = clock.now(), here.coordinator
    application = ApplicationFactory(
        cohort=here.cohort,
        applicant=person,
        status=Application.Status.ACCEPTED,
        answers={"motivation": "planted"},
    )
    review = {"scores": {}, "score": 3, "advice": "yes", "submitted_at": now}
    Review.objects.create(application=application, reviewer=by, **review)
    Interview.objects.create(application=application, interviewer=by, planned_at=now)
    batch = Batch.objects.create(cohort=here.cohort, decision="accepted", by=by, at=now)
    Decision.objects.create(batch=batch, application=application, decided_at=now)
    Correction.objects.create(user=person, by=by, program=here.program, changes=[["x", "", ""]])
    for email, name, suggester in (
        (person.email, "Pat", None),
        ("peer@example.org", "Peer", person),
    ):
        ApplyInvitation.objects.create(
            cohort=here.next_cohort,
            role="mentee",
            email=email,
            name=name,
            token_hash=name,
            invited_by=None if suggester else by,
            suggested_by=suggester,
            sent_at=now,
        )
    SelfIdentification.objects.create(user=person, dimension="gender", group="planted")
    notify(ApplicationReceived(application), person, program=here.program)
    # asked twice before they had an account: one mail left, one waits
    bare = {"recipient": None, "address": person.email, "kind": "member_invited"}
    for number, sent in enumerate(({"state": "sent", "sent_at": now}, {"state": "pending"})):
        OutboxMessage.objects.create(
            key=f"bare{number}",
            name="Planted",
            subject_code="c",
            message_id=f"b{number}",
            **bare,
            **sent,
        )
    MailLink.objects.create(
        token_hash="h",
        message=OutboxMessage.objects.filter(recipient=person, link=None).latest("pk"),
        view="checkin-detail",
        subject_code="c",
        user=person,
        expires_at=now + timedelta(days=1),
    )


def _work(here: Troupe, person: User) -> None:
    run = MatchingRunFactory(
        cohort=here.cohort,
        status="done",
        asked_by=person,
        asked=engine.Input((), (), engine.Policy.from_dict(here.run.policy)),
    )
    Suggestion.objects.create(
        run=run, mentor=here.mentor, mentee=here.mentee, score=1, reasons=[REASON]
    )
    # and a mentor in the next cohort
    mentor = ParticipantFactory(cohort=here.next_cohort, user=person, role="mentor")
    learner = ParticipantFactory(cohort=here.next_cohort)
    next_run = MatchingRunFactory(cohort=here.next_cohort, status="done")
    Suggestion.objects.create(
        run=next_run, mentor=mentor, mentee=learner, score=1, reasons=[REASON]
    )
    Exclusion.objects.create(mentee=learner, mentor=mentor, by=here.coordinator)
    Seat.objects.create(participant=mentor, number=1)
    Unmatched.objects.create(run=run, mentee=here.mentee)
    Inquiry.objects.create(run=run, kind="why-unmatched", mentee=here.mentee, key="planted")
    PlaceAsk.objects.create(mentor=mentor, asked_by=person)
    for cohort, pair in (
        (here.cohort, (here.mentee, here.other_mentor)),
        (here.next_cohort, (learner, mentor)),
    ):
        meet = MeetAndGreet.objects.create(cohort=cohort, made_by=person)
        slot = meet.slots.create(starts_at=clock.now())
        meet.meetings.create(slot=slot, mentee=pair[0], mentor=pair[1], score=1)
        mine = "mentee" if pair[0] == here.mentee else "mentor"
        Introduction.objects.create(
            cohort=cohort,
            mentee=pair[0],
            mentor=pair[1],
            status="declined",
            made_at=clock.now(),
            answer_by=clock.now(),
            closed_at=clock.now(),
            reasons=[REASON],
            decline_reason="planted",
            **{f"{mine}_answer": "no", f"{mine}_answered_at": clock.now()},
        )
    Silence.objects.create(match=here.match, asked_at=clock.now())
    here.match.reasons = [REASON]
    here.match.save()
    for model, more in ((Preference, {"rank": 1}), (Avoid, {})):
        model.objects.create(participant=here.mentee, other=here.other_mentor, **more)
    Exclusion.objects.create(mentee=here.mentee, mentor=here.other_mentor, by=here.coordinator)
    RunComment.objects.create(run=run, by=person, text="planted")
    facts = {"mentee": here.mentee.code, "mentor": here.other_mentor.code}
    for by, about in ((here.coordinator, person), (person, here.coordinator)):
        logged.note(
            here.cohort, by=by, kind="pair.forbidden", facts=facts, reason="No.", about=[about]
        )
    Response.objects.create(invitation=here.invitation, answers={"comment": "planted"})
    Invitation.objects.filter(pk=here.invitation.pk).update(answered_at=clock.now())


def _have_duties(here: Troupe, person: User) -> None:
    now = clock.now()
    MembershipFactory(program=here.program, user=person, role="reviewer")
    MemberInvitation.objects.create(
        program=here.program,
        email=person.email,
        role="observer",
        invited_by=here.coordinator,
        expires_at=now + timedelta(days=7),
    )
    Assignment.objects.create(application=here.application, reviewer=person)
    Review.objects.create(application=here.application, reviewer=person)
    Batch.objects.create(cohort=here.cohort, decision="declined", by=person, at=now)
    SavedView.objects.create(cohort=here.cohort, user=person, name="mine", query="role=mentee")
    text = RequiredText.objects.create(program=here.program, kind="conduct", newest=1)
    version = TextVersion.objects.create(text=text, number=1, body="Be kind.", written_by=person)
    Consent.objects.create(user=person, version=version)
    objective = Objective.objects.create(
        program=here.program, statement="Grow", baseline=0, target=1, due_on=now.date()
    )
    ObjectiveFigure.objects.create(objective=objective, on=now.date(), value=1, by=person)
    Correction.objects.create(user=UserFactory(), by=person, program=here.program)
    ImportJob.objects.create(cohort=here.cohort, asked_by=person)


def _log_in(person: User) -> None:
    now = clock.now()
    address = EmailAddress.objects.get(user=person)
    EmailConfirmation.objects.create(email_address=address, key="k")
    Authenticator.objects.create(user=person, type="totp", data={})
    account = SocialAccount.objects.create(
        user=person, provider="google", uid="planted", extra_data={"name": "planted"}
    )
    SocialToken.objects.create(account=account, token="t")
    UserSession.objects.create(
        user=person, session_key="s", ip="192.0.2.7", user_agent="Planted Browser"
    )
    Session.objects.create(session_key="s", session_data="x", expire_date=now + timedelta(days=1))


def plant(person: User) -> dict[str, str]:
    """Put a word of its own into every text that the site holds of the person.

    Returns the words by table and field. A field with choices, and one that names the person or
    a code, has words already.
    """
    words: dict[str, str] = {}
    for number, held in enumerate(everything_held()):
        if held.hidden:
            continue
        for name in held.fields:
            column = held.model._meta.get_field(name)
            row = held.rows_of(person).order_by("pk").first()
            assert row is not None, f"the fixture has no {held.model._meta.label} by {held.person}"
            word = f"word{number}x{len(words)}"
            value = _with(word, column, getattr(row, column.attname))
            if value is None:
                continue
            held.model._default_manager.filter(pk=row.pk).update(**{name: value})
            words[f"{held.model._meta.label}.{name} ({held.person})"] = word
    return words


# `details` of the history are written by actions and never hold a person's words.
_FIXED = {
    "email",
    "address",
    "kind",
    "view",
    "verb",
    "details",
    "role",
    "linkedin",
    "github",
    "site",
    "time_zone",
}


def _with(word: str, column: Any, now: Any) -> Any:
    """What the column may hold and says the word; None when it cannot."""
    if column.choices or column.name in _FIXED or column.is_relation:
        return None
    if isinstance(column, models.JSONField):
        if column.name in (
            "answers",
            "facts",
            "details",
            "scores",
            "audiences",
            "taken",
            "extra_data",
        ):
            return {"motivation": word}
        return [{**REASON, "shared": [word]}] if column.name == "reasons" else [word]
    if isinstance(column, (models.CharField, models.TextField)):
        return word[: column.max_length or 200]
    return None


def every_row() -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Each row of each table: the name of the table, its key, its values."""
    for model in apps.get_models():
        for row in model._default_manager.order_by("pk").values():
            yield model._meta.label, row[model._meta.pk.attname], row


def is_of(held: Held, person: User) -> set[Any]:
    """The keys of the rows that tell of the person."""
    return set(held.rows_of(person).values_list("pk", flat=True))
