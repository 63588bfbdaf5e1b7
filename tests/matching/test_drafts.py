"""Drafts: listed with their versions, shown to reviewers, read by them without what is private."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matching.actions import drafts, matching_runs
from matching.drafts import page_of_drafts
from matching.models import MatchingRun, RunComment, Suggestion
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.registry import notice_of
from programs.models import Membership
from tests.factories.matching import MatchingRunFactory
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    ProfileFactory,
    UserFactory,
)

Kind, Role = MatchingRun.Kind, Membership.Role


@pytest.fixture
def program(cohort):
    return cohort.program


@pytest.fixture
def coordinator(program):
    return MembershipFactory(program=program, role=Role.COORDINATOR).user


@pytest.fixture
def reviewer(program):
    return MembershipFactory(program=program, role=Role.REVIEWER).user


def reason(name="skills", **fields):
    return {
        "criterion": name,
        "kind": "overlap",
        "points": 10,
        "answered": True,
        "private": False,
        "shared": [f"shared {name}"],
        "mentee": "",
        "mentor": "",
    } | fields


@pytest.fixture
def draft(cohort):
    """A run with one pair whose reasons are of every kind."""
    people = {
        role: ParticipantFactory(cohort=cohort, role=role, user=UserFactory(name=f"{role} by name"))
        for role in ("mentor", "mentee")
    }
    for person in people.values():
        ProfileFactory(user=person.user)
    run = MatchingRunFactory(
        cohort=cohort,
        status="done",
        mentees=1,
        mentors=1,
        seats=1,
        matched=1,
        matched_bound=1,
        score=12_345,
        policy=cohort.policy
        | {
            "criterion": [
                {"name": name, "label": label, "kind": "overlap", "mentee": fact, "mentor": fact}
                for name, label, fact in (
                    ("skills", "Skills", "skills_offered"),
                    ("secret", "Secret", "career_goal"),
                    ("choice", "Choice", "a"),
                    ("hours", "Hours", "hours"),
                    ("who", "Who", "organisation"),
                )
            ]
        },
    )
    Suggestion.objects.create(
        run=run,
        score=12_345,
        reasons=[
            reason(),
            reason("secret"),
            reason("choice", private=True),
            reason("hours"),
            reason("who"),
        ],
        **people,
    )
    return run


# --- The list -------------------------------------------------------------------------------------


def made(cohort, minute, **fields):
    with clock.at(clock.now() + timedelta(minutes=minute)):
        return MatchingRunFactory(cohort=cohort, status="done", **fields)


def test_a_draft_stands_in_the_list_once_with_its_versions(cohort):
    first = made(cohort, 0, name="First")
    second = made(cohort, 1)
    change = made(cohort, 2, kind=Kind.CHANGED, parent=first)
    again = made(cohort, 3, kind=Kind.CHANGED, parent=change)
    branch = made(cohort, 4, kind=Kind.CHANGED, parent=first)
    following = made(cohort, 5, kind=Kind.NEXT, parent=branch)
    MatchingRunFactory(cohort=CohortFactory(), status="done")
    found = page_of_drafts(cohort, None, 25).object_list
    assert [draft.versions for draft in found] == [
        [following],
        [branch, again, change, first],
        [second],
    ]
    assert [(draft.name, draft.changed) for draft in found] == [("", 0), ("First", 3), ("", 0)]


def test_the_list_asks_as_much_for_many_drafts(
    cohort, coordinator, client, django_assert_num_queries
):
    client.force_login(coordinator)
    url = reverse("desk-runs", args=[cohort.code])
    made(cohort, 0)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(30):
        made(cohort, number + 1, kind=Kind.CHANGED, parent=made(cohort, number))
    with django_assert_num_queries(len(few)):
        assert client.get(url).status_code == 200
    assert len(few) <= 20


def test_the_list_says_how_often_a_draft_was_changed(cohort, coordinator, client):
    first = made(cohort, 0, name="Skills first, quietly")
    made(cohort, 1, kind=Kind.CHANGED, parent=first)
    client.force_login(coordinator)
    page = client.get(reverse("desk-runs", args=[cohort.code])).content.decode()
    assert "Skills first, quietly" in page
    assert "changed once" in page


# --- Shown to reviewers ---------------------------------------------------------------------------


def test_a_draft_that_is_shown_reaches_the_programs_reviewers(draft, coordinator, reviewer):
    MembershipFactory(role=Role.REVIEWER)  # of another program
    MembershipFactory(program=draft.cohort.program, role=Role.OBSERVER)
    part = ParticipantFactory(cohort=draft.cohort)
    MembershipFactory(program=draft.cohort.program, user=part.user, role=Role.REVIEWER)
    drafts.show(draft, by=coordinator)
    drafts.show(draft, by=coordinator)
    assert [(m.kind, m.recipient) for m in OutboxMessage.objects.all()] == [
        ("draft_shown", reviewer)
    ]
    drafts.hide(draft, by=coordinator)
    with clock.at(clock.now() + timedelta(hours=1)):
        drafts.show(draft, by=coordinator)
    assert OutboxMessage.objects.count() == 2


def test_the_mail_is_not_needed_once_the_draft_is_hidden(draft, coordinator, reviewer):
    notice = notice_of("draft_shown")
    shown = drafts.show(draft, by=coordinator)
    assert notice(shown).not_needed(reviewer) == ""
    assert notice(drafts.hide(draft, by=coordinator)).not_needed(reviewer)


@pytest.mark.parametrize("status", ["queued", "failed", "cancelled", "published"])
def test_only_a_draft_with_pairs_is_shown(cohort, coordinator, status):
    fields = {"failure": "x"} if status == "failed" else {}
    if status == "published":
        fields = {"published_at": clock.now(), "published_by": coordinator}
    run = MatchingRunFactory(cohort=cohort, status=status, **fields)
    with pytest.raises(RuleBroken, match="Only a draft"):
        drafts.show(run, by=coordinator)


def read(client, user, run):
    client.force_login(user)
    return client.get(reverse("desk-draft", args=[run.code]))


def test_a_reviewer_reads_names_and_reasons_and_nothing_private(
    draft, coordinator, reviewer, client
):
    question = draft.cohort.mentee_questions.questions.first()
    question.fact, question.is_sensitive = "career_goal", True
    question.save()
    drafts.show(draft, by=coordinator)
    page = read(client, reviewer, draft).content.decode()
    for told in ("mentor by name", "mentee by name", "shared skills", "shared who"):
        assert told in page
    # sensitive, private, and what only a match sees; nor the points, in which all of these are
    for hidden in ("shared secret", "Secret", "shared choice", "shared hours", ">12345<"):
        assert hidden not in page


def test_where_names_are_hidden_a_reviewer_reads_numbers(draft, coordinator, reviewer, client):
    cohort = draft.cohort
    cohort.is_blind = True
    cohort.save()
    question = cohort.mentor_questions.questions.first()
    question.fact, question.is_identifying = "organisation", True
    question.save()
    mentee = draft.suggestions.get().mentee
    ApplicationFactory(cohort=cohort, applicant=mentee.user, role="mentee", number=7)
    drafts.show(draft, by=coordinator)
    page = read(client, reviewer, draft).content.decode()
    assert "Applicant 7" in page
    assert "shared skills" in page
    for hidden in ("by name", "shared who"):
        assert hidden not in page


def test_nobody_else_reads_a_draft(draft, coordinator, reviewer, client):
    assert read(client, reviewer, draft).status_code == 404  # not shown yet
    drafts.show(draft, by=coordinator)
    assert read(client, reviewer, draft).status_code == 200
    assert read(client, coordinator, draft).status_code == 200
    elsewhere = MembershipFactory(role=Role.REVIEWER).user
    observer = MembershipFactory(program=draft.cohort.program, role=Role.OBSERVER).user
    mentee = draft.suggestions.get().mentee.user
    MembershipFactory(program=draft.cohort.program, user=mentee, role=Role.REVIEWER)
    for person in (elsewhere, observer, mentee):
        assert read(client, person, draft).status_code == 404
    drafts.hide(draft, by=coordinator)
    assert read(client, reviewer, draft).status_code == 404


def test_a_reviewer_comments_and_coordinators_read_it(draft, coordinator, reviewer, client):
    other = MembershipFactory(program=draft.cohort.program, role=Role.REVIEWER).user
    drafts.show(draft, by=coordinator)
    url = reverse("desk-draft", args=[draft.code])
    client.force_login(reviewer)
    assert client.post(url, {"text": "I would not put these two together."}).status_code == 302
    assert client.post(url, {"text": " "}).status_code == 422
    assert client.post(url, {"text": "x" * 2_001}).status_code == 422
    assert RunComment.objects.get().by == reviewer
    said = "I would not put these two together."
    assert said in read(client, reviewer, draft).content.decode()
    assert said not in read(client, other, draft).content.decode()
    assert said in read(client, coordinator, draft).content.decode()
    page = client.get(reverse("desk-run", args=[draft.code])).content.decode()
    assert said in page
    assert "Show it no longer" in page


def test_a_comment_comes_too_late_once_the_draft_is_published(draft, coordinator, reviewer, client):
    drafts.show(draft, by=coordinator)
    matching_runs.publish(draft, by=coordinator)
    with pytest.raises(RuleBroken, match="no longer open"):
        drafts.comment(draft, by=reviewer, text="Wait")
    assert read(client, reviewer, draft).status_code == 404


def test_coordinators_show_and_hide_by_a_button(draft, coordinator, reviewer, client):
    client.force_login(coordinator)
    client.post(reverse("desk-run-show", args=[draft.code]))
    assert MatchingRun.objects.get().shared_at
    client.post(reverse("desk-run-hide", args=[draft.code]))
    assert MatchingRun.objects.get().shared_at is None
    client.force_login(reviewer)
    for name in ("desk-run-show", "desk-run-hide"):
        assert client.post(reverse(name, args=[draft.code])).status_code == 404
