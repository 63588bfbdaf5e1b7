"""What coordinators see and do on the pages of one run."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matching import runs
from matching.actions import places
from matching.models import (
    Avoid,
    Exclusion,
    Inquiry,
    LoggedDecision,
    MatchingRun,
    PlaceAsk,
    RunInput,
    Suggestion,
)
from mentorship.shared.base import clock
from programs.models import Participant, User
from tests.factories.matching import MatchingRunFactory
from tests.factories.programs import (
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    UserFactory,
)
from tests.matching.people import asked, person

pytestmark = pytest.mark.django_db

MUST = {
    "name": "Skills",
    "objective": "most-mentees-then-total",
    "criterion": [
        {
            "name": "skills",
            "label": "Skills",
            "kind": "overlap",
            "mentee": "skills_wanted",
            "mentor": "skills_offered",
            "points": 30,
            "must": True,
        }
    ],
}


@pytest.fixture
def desk(cohort, client):
    """A coordinator's browser."""
    by = UserFactory(name="Cora")
    MembershipFactory(program=cohort.program, user=by, role="coordinator")
    client.force_login(by)
    return client


def _person(cohort, role, name, *skills, **fields):
    fact = "skills_offered" if role == "mentor" else "skills_wanted"
    user = UserFactory(name=name)
    return person(cohort, role, user=user, answers={fact: [*skills]}, profile={}, **fields)


@pytest.fixture
def people(cohort):
    return {
        "grace": _person(cohort, "mentor", "Grace", "Go", "SQL", "Rust"),
        "alan": _person(cohort, "mentor", "Alan", "Go"),
        "zoe": _person(cohort, "mentor", "Zoe", "Cobol"),
        "ada": _person(cohort, "mentee", "Ada", "Go", "SQL", "Rust"),
        "bob": _person(cohort, "mentee", "Bob", "Go", "Perl"),
        "cem": _person(cohort, "mentee", "Cem", "Go", "Perl"),
    }


@pytest.fixture
def run(cohort, people):
    cohort.policy = MUST
    cohort.save()
    return answered(cohort)


def answered(cohort):
    one = asked(cohort)
    runs.carry_out(one.pk)
    return MatchingRun.objects.get(pk=one.pk)


def page_of(client, name, *codes, status=200, **query):
    answer = client.get(reverse(name, args=codes), query)
    assert answer.status_code == status
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_run_says_what_it_came_to_on_both_sides(desk, run) -> None:
    page = page_of(desk, "desk-run", run.code)
    assert "2 of 3 mentees have a match" in page
    assert "No other matching places more mentees" in page
    assert "Mentors without one 1" in page
    assert "Places taken 2 / 3" in page
    assert "Look at these first" in page
    assert "1 mentee without a match wants “Go” (Skills), and no free place offers it." in page
    assert "with it, like the best who has it now, would place 1 more" in page


def test_the_pairs_can_be_narrowed_and_ordered(desk, run) -> None:
    assert "2 pairs" in page_of(desk, "desk-run-pairs", run.code)
    one = page_of(desk, "desk-run-pairs", run.code, q="ada")
    assert "1 pair" in one
    assert "Alan" not in one
    few = page_of(desk, "desk-run-pairs", run.code, order="few")
    many = page_of(desk, "desk-run-pairs", run.code, order="points")
    assert (few.index("Alan") < few.index("Grace")) or "Ada" in few
    assert many.index("Ada") < many.index("Alan")
    assert "No pair is like that" in page_of(desk, "desk-run-pairs", run.code, below="1")
    for order in ("sure", "mentee", "mentor", "nonsense"):
        assert "Ada" in page_of(desk, "desk-run-pairs", run.code, order=order, below="x")


def test_a_pair_shows_both_and_what_it_is_made_of(desk, run, people) -> None:
    page = page_of(desk, "desk-pair", run.code, people["ada"].code)
    assert "Ada with Grace" in page
    assert "Grace, mentor Ada, mentee In common Points of at most" in page
    assert "30 / 30" in page
    assert "Who comes next Alan" in page
    assert "Why not Zoe?" in page


def test_other_mentors_are_found_by_typing(desk, run, people) -> None:
    page = page_of(desk, "desk-pair", run.code, people["ada"].code, find="zo")
    assert "Why not Zoe?" in page
    assert "Why not Alan?" not in page


def test_why_not_is_asked_and_told_before_anything_is_changed(desk, run, people) -> None:
    ask = reverse("desk-pair-ask", args=[run.code, people["ada"].code])
    answer = desk.post(ask, {"mentor": people["zoe"].code}, follow=True)
    page = answer.content.decode()
    assert "The must “Skills” rules them out" in page
    assert "Put these two together" not in page
    answer = desk.post(ask, {"mentor": people["alan"].code}, follow=True)
    page = answer.content.decode()
    assert "Ada and Alan would have" in page
    assert "Put these two together" in page
    assert not run.changes.exists()


def _to_change(desk, run, mentee, mentor, **data):
    url = reverse("desk-what-if", args=[run.code, mentee.code, mentor.code])
    return desk.post(url, data, follow=True)


def test_lock_forbid_and_pair_make_drafts_with_a_reason(desk, run, people) -> None:
    ada, grace, alan = people["ada"], people["grace"], people["alan"]
    for kind, mentor in (("lock", grace), ("forbid", grace), ("pair", alan)):
        answer = _to_change(desk, run, ada, mentor, kind=kind, reason="Both asked for it.")
        if kind == "pair":
            assert answer.status_code == 200, "what was ruled out is another pair"
        page = answer.content.decode()
        assert "A changed draft" in page
        assert "Take the change back" in page
    assert [one.change["kind"] for one in run.changes.order_by("pk")] == ["lock", "forbid", "pair"]
    assert LoggedDecision.objects.count() == 3


def test_a_change_without_a_reason_shows_the_page_again(desk, run, people) -> None:
    answer = _to_change(desk, run, people["ada"], people["grace"], kind="lock", reason=" ")
    assert answer.status_code == 422
    assert not run.changes.exists()


def test_an_older_draft_names_the_newest(desk, run, people) -> None:
    _to_change(desk, run, people["ada"], people["grace"], kind="lock", reason="So it is.")
    page = page_of(desk, "desk-run", run.code)
    assert "There is a newer draft" in page
    assert "by Cora" in page
    child = run.changes.get()
    assert "There is a newer draft" not in page_of(desk, "desk-run", child.code)


def test_a_change_is_taken_back_and_not_published_then(desk, run, people) -> None:
    _to_change(desk, run, people["ada"], people["grace"], kind="forbid", reason="So it is.")
    child = run.changes.get()
    answer = desk.post(reverse("desk-run-undo", args=[child.code]))
    assert answer["Location"] == reverse("desk-run", args=[run.code])
    assert desk.post(reverse("desk-run-publish", args=[child.code])).status_code == 409
    assert "There is a newer draft" not in page_of(desk, "desk-run", run.code)


def test_a_prohibition_is_listed_and_lifted(desk, run, people, cohort) -> None:
    _to_change(desk, run, people["ada"], people["grace"], kind="forbid", reason="Cousins.")
    assert "Cousins." in page_of(desk, "desk-run", run.code)
    allow = reverse("desk-pair-allow", args=[cohort.code])
    pair = {"mentee": people["ada"].code, "mentor": people["grace"].code}
    assert desk.post(allow, pair).status_code == 302
    assert desk.post(allow, pair).status_code == 302  # the second click
    assert not Exclusion.objects.exists()


def test_whoever_has_no_match_sees_why_and_what_would_help(desk, run, people) -> None:
    page = page_of(desk, "desk-run-unmatched", run.code)
    assert "Of 3 mentors 2 fit by the musts, but their places do more for others" in page
    assert re.search(r"Ask (Grace|Alan) for one more place", page)
    assert "Make “Skills” a must no longer" in page
    assert "Zoe" in page_of(desk, "desk-run-unmatched", run.code, side="mentor")


def test_one_click_makes_the_draft_that_places_them(desk, run) -> None:
    left = run.left_over.get().mentee
    page_of(desk, "desk-run-unmatched", run.code)
    url = reverse("desk-run-remedy", args=[run.code, left.code])
    data = {"kind": "must", "criterion": "skills", "mentor": ""}
    answer = desk.post(url, data, follow=True)
    assert "3 of 3 mentees have a match" in answer.content.decode()
    assert desk.post(url, data | {"criterion": "no such"}).status_code == 404


def test_one_more_place_waits_for_the_mentors_yes(desk, run, people) -> None:
    left = run.left_over.get().mentee
    page_of(desk, "desk-run-unmatched", run.code)
    answer = Inquiry.objects.get(kind="why-unmatched", mentee=left).answer
    remedy = next(one for one in answer["changes"] if one["kind"] == "seat")
    data = {"kind": "seat", "mentor": remedy["mentor"], "criterion": ""}
    told = desk.post(reverse("desk-run-remedy", args=[run.code, left.code]), data, follow=True)
    assert "The mentor is asked by mail and decides" in told.content.decode()
    draft, asked_of = run.changes.get(), PlaceAsk.objects.get()
    assert (draft.matched, asked_of.mentor.code) == (3, remedy["mentor"])
    publish = reverse("desk-run-publish", args=[draft.code])
    assert desk.post(publish).status_code == 409
    places.answer(asked_of, by=asked_of.mentor.user, says_yes=True)
    assert desk.post(publish).status_code == 302
    draft.refresh_from_db()
    assert draft.status == "published"


def test_a_forgotten_run_says_so_on_every_page(desk, run, people) -> None:
    RunInput.objects.all().delete()
    Inquiry.objects.all().delete()
    gone = "is no longer kept"
    assert gone in page_of(desk, "desk-run", run.code)
    assert "Ada" in page_of(desk, "desk-run-pairs", run.code)
    assert gone in page_of(desk, "desk-run-unmatched", run.code)
    assert gone in page_of(desk, "desk-pair", run.code, people["ada"].code)
    ask = reverse("desk-pair-ask", args=[run.code, people["ada"].code])
    assert desk.post(ask, {"mentor": people["alan"].code}).status_code == 409
    refused = _to_change(desk, run, people["ada"], people["grace"], kind="lock", reason="So.")
    assert refused.status_code == 409
    assert not run.changes.exists()


def test_a_question_that_waits_says_so(desk, run, people, monkeypatch) -> None:
    monkeypatch.setattr(MatchingRun, "AT_ONCE", 0)
    assert "being worked out" in page_of(desk, "desk-run", run.code)
    assert "being worked out" in page_of(desk, "desk-run-unmatched", run.code)
    ask = reverse("desk-pair-ask", args=[run.code, people["ada"].code])
    page = desk.post(ask, {"mentor": people["alan"].code}, follow=True).content.decode()
    assert "being worked out" in page
    assert "Look again" in page


def test_a_run_at_work_has_no_pairs_to_look_at(desk, cohort, people) -> None:
    run = asked(cohort)
    for name in ("desk-run-pairs", "desk-run-unmatched"):
        page_of(desk, name, run.code, status=404)


def test_somebody_elses_run_and_people_are_not_found(desk, run, people) -> None:
    other = CohortFactory(stage="matching")
    theirs = MatchingRunFactory(cohort=other, status="done")
    stranger = ParticipantFactory(cohort=other, role="mentor")
    page_of(desk, "desk-run-pairs", theirs.code, status=404)
    page_of(desk, "desk-pair", run.code, stranger.code, status=404)
    page_of(desk, "desk-pair", run.code, people["grace"].code, status=404)  # no mentee
    ask = reverse("desk-pair-ask", args=[run.code, people["ada"].code])
    assert desk.post(ask, {"mentor": stranger.code}).status_code == 404


# --- Private wishes -------------------------------------------------------------------------------


def test_no_page_tells_a_private_wish_from_a_prohibition(desk, cohort, people) -> None:
    """Canary: byte for byte the same, whoever wished it."""
    cohort.policy = MUST
    cohort.save()
    # Only Zoe fits Dee, so that lifting a prohibition would place her.
    dee, zoe = _person(cohort, "mentee", "Dee", "Cobol"), people["zoe"]
    seen = []
    for keep_apart in (
        lambda: Exclusion.objects.create(mentee=dee, mentor=zoe, by=UserFactory()),
        lambda: Avoid.objects.create(participant=dee, other=zoe),
        lambda: Avoid.objects.create(participant=zoe, other=dee),
    ):
        kept = keep_apart()
        run = answered(cohort)
        kept.delete()  # its own list is for coordinators; here only what a run tells counts
        seen.append(_all_pages(desk, run, dee, zoe))
        MatchingRun.objects.exclude(pk=run.pk).delete()
    assert seen[0] == seen[1] == seen[2]
    assert "is not possible (a private wish)" in seen[0][-1]


def _all_pages(desk, run, mentee, mentor):
    """Every page of a run, without what is another in every run."""
    desk.post(reverse("desk-pair-ask", args=[run.code, mentee.code]), {"mentor": mentor.code})
    addresses = [
        reverse("desk-run", args=[run.code]),
        reverse("desk-run-pairs", args=[run.code]),
        reverse("desk-run-unmatched", args=[run.code]),
        reverse("desk-pair", args=[run.code, mentee.code]),
        reverse("desk-what-if", args=[run.code, mentee.code, mentor.code]),
    ]
    told = [desk.get(address).content.decode() for address in addresses]
    told = [page.replace(run.code, "RUN") for page in told]
    return [re.sub(r'value="[A-Za-z0-9]{64}"|<time.*?</time>', "", page) for page in told]


# --- Large runs -----------------------------------------------------------------------------------


def _crowded(cohort, count):
    """A run with so many pairs, of which the engine has been asked everything."""
    cohort = CohortFactory(program=cohort.program, stage="matching")
    run = MatchingRunFactory(
        cohort=cohort, status="done", mentees=count, mentors=count, matched=count,
        matched_bound=count, seats=count, policy=MUST,
    )  # fmt: skip
    sides = {}
    for role in ("mentor", "mentee"):
        users = User.objects.bulk_create(
            [User(email=f"{role}{n}.{count}@example.org", name=f"Person {n}") for n in range(count)]
        )
        people = [
            Participant(cohort=cohort, user=user, role=role, time_zone="UTC", joined_at=clock.now())
            for user in users
        ]
        sides[role] = Participant.objects.bulk_create(people)
    pairs = zip(sides["mentee"], sides["mentor"], strict=True)
    Suggestion.objects.bulk_create(
        [
            Suggestion(run=run, mentee=mentee, mentor=mentor, score=n % 30, reasons=[])
            for n, (mentee, mentor) in enumerate(pairs)
        ]
    )
    told = [
        {"mentee": one.code, "mentor": "", "kept": n % 7, "of": 7, "decided_by": ["skills"]}
        for n, one in enumerate(sides["mentee"])
    ]
    Inquiry.objects.create(
        run=run,
        kind=Inquiry.Kind.HOW_SURE,
        key=Inquiry.key_of(run, Inquiry.Kind.HOW_SURE, None, None),
        status="answered",
        answered_at=run.created_at,
        answer={"pairs": told},
    )
    return run


def _queries(desk, address):
    with CaptureQueriesContext(connection) as seen:
        assert desk.get(address).status_code == 200
    return len(seen)


def test_pages_ask_as_often_of_5000_pairs_as_of_50(desk, cohort) -> None:
    asked_by_size = []
    for count in (50, 5_000):
        run = _crowded(cohort, count)
        pairs = reverse("desk-run-pairs", args=[run.code])
        asked_by_size.append(
            [
                _queries(desk, reverse("desk-run", args=[run.code])),
                _queries(desk, pairs),
                _queries(desk, f"{pairs}?order=sure&page=2"),
                _queries(desk, f"{pairs}?only=unsure&q=person&order=mentor"),
                _queries(desk, f"{reverse('desk-run-unmatched', args=[run.code])}?side=mentor"),
            ]
        )
        MatchingRun.objects.all().delete()
    assert asked_by_size[0] == asked_by_size[1]
    assert max(asked_by_size[0]) <= 20
