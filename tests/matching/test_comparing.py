"""Runs side by side, and what is told of groups without telling of a person."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from matching import comparing, fairness_rows
from matching.models import Inquiry, MatchingRun, Suggestion, Unmatched
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from programs.models import Cohort, SelfIdentification
from tests.factories.matching import MatchingRunFactory
from tests.factories.programs import (
    POLICY,
    CohortFactory,
    MembershipFactory,
    ParticipantFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(cohort: Cohort) -> Any:
    user = UserFactory()
    MembershipFactory(program=cohort.program, user=user)
    return user


@pytest.fixture
def window(coordinator: Any) -> Client:
    client = Client()
    client.force_login(coordinator)
    return client


def run_with(cohort: Cohort, pairs: dict[Any, tuple[Any, int] | None], **fields: Any) -> Any:
    """A finished run that puts these mentees with these mentors for these points."""
    placed = {mentee: pair for mentee, pair in pairs.items() if pair}
    run = MatchingRunFactory(
        cohort=cohort,
        status=MatchingRun.Status.DONE,
        mentees=len(pairs),
        mentors=5,
        matched=len(placed),
        matched_bound=len(placed),
        score=sum(points for _mentor, points in placed.values()),
        **fields,
    )
    for mentee, pair in pairs.items():
        if pair:
            Suggestion.objects.create(run=run, mentee=mentee, mentor=pair[0], score=pair[1])
        else:
            Unmatched.objects.create(run=run, mentee=mentee)
    return run


def people(cohort: Cohort, role: str, *names: str) -> list[Any]:
    return [
        ParticipantFactory(cohort=cohort, role=role, user=UserFactory(name=name)) for name in names
    ]


def test_those_move_whom_the_runs_do_not_put_with_the_same_mentor(cohort: Cohort) -> None:
    ada, ben, cleo, dan = people(cohort, "mentee", "Ada", "Ben", "Cleo", "Dan")
    one, other = people(cohort, "mentor", "Mo", "Nia")
    first = run_with(cohort, {ada: (one, 5), ben: (other, 3), cleo: None, dan: None})
    second = run_with(cohort, {ada: (one, 9), ben: None, cleo: (other, 4), dan: None})
    moving = comparing.moving([first, second])
    assert list(moving) == [ben, cleo]
    assert [move.partners for move in comparing.moves_of(moving, [first, second])] == [
        ((other, 3), None),
        (None, (other, 4)),
    ]
    same = run_with(cohort, {ada: (one, 1), ben: (other, 1), cleo: None, dan: None})
    assert list(comparing.moving([first, same])) == []


def test_distributions_have_the_same_steps_in_every_run(cohort: Cohort) -> None:
    ada, ben = people(cohort, "mentee", "Ada", "Ben")
    one, other = people(cohort, "mentor", "Mo", "Nia")
    low = run_with(cohort, {ada: (one, 5), ben: (other, 14)})
    high = run_with(cohort, {ada: (other, 99), ben: None})
    empty = run_with(cohort, {ada: None, ben: None})
    told = comparing.distributions([low, high, empty])
    assert told[0] == ("0-9", [1, 0, 0])
    assert told[1] == ("10-19", [1, 0, 0])
    assert told[-1] == ("90-99", [0, 1, 0])
    assert len(told) == 10
    assert comparing.distributions([empty]) == []


def test_points_are_held_against_each_other_only_where_runs_weigh_alike(cohort: Cohort) -> None:
    ada, ben = people(cohort, "mentee", "Ada", "Ben")
    one, other = people(cohort, "mentor", "Mo", "Nia")
    poor = run_with(cohort, {ada: (one, 5), ben: None})
    good = run_with(cohort, {ada: (one, 5), ben: (other, 1)})
    better = run_with(cohort, {ada: (other, 5), ben: (one, 7)})
    heavy = run_with(cohort, {ada: (other, 500), ben: (one, 7)}, policy=POLICY | {"name": "Heavy"})
    assert comparing.verdict(comparing.columns([poor, good, better])) == [
        "B, C: the most mentees have a match, 2.",
        "Of these, C: the most points, 12.",
    ]
    assert comparing.verdict(comparing.columns([better, heavy])) == [
        "All of them place as many mentees: 2.",
        "They weigh differently, so their points cannot be held against each other.",
    ]


def test_a_coordinator_compares_and_publishes_one(cohort: Cohort, window: Client) -> None:
    ada, ben = people(cohort, "mentee", "Ada", "Ben")
    one, other = people(cohort, "mentor", "Mo", "Nia")
    first = run_with(cohort, {ada: (one, 5), ben: (other, 3)}, name="Skills")
    second = run_with(cohort, {ada: (other, 9), ben: (one, 4)}, name="Hours")
    page = window.get(
        reverse("desk-compare", args=[cohort.code]), {"run": [first.code, second.code]}
    )
    assert page.status_code == 200
    for words in ("Skills", "Hours", "Who moves", "Publish run B", "2 mentees would be"):
        assert words in page.text


def test_comparing_needs_two_runs_of_the_cohort(cohort: Cohort, window: Client) -> None:
    address = reverse("desk-compare", args=[cohort.code])
    ada, one = people(cohort, "mentee", "Ada") + people(cohort, "mentor", "Mo")
    run = run_with(cohort, {ada: (one, 5)})
    assert "Tick two to 4 runs" in window.get(address).text
    assert "Tick two to 4 runs" in window.get(address, {"run": run.code}).text
    elsewhere = MatchingRunFactory(cohort=CohortFactory(), status=MatchingRun.Status.DONE)
    assert window.get(address, {"run": [run.code, elsewhere.code]}).status_code == 404
    assert window.get(address, {"run": ["nothing", run.code]}).status_code == 404


@pytest.mark.parametrize("size", [3, 300])
def test_the_page_asks_as_much_about_many_as_about_few(
    cohort: Cohort, window: Client, size: int, django_assert_max_num_queries: Any
) -> None:
    mentees = people(cohort, "mentee", *(f"Mentee {n}" for n in range(size)))
    one, other = people(cohort, "mentor", "Mo", "Nia")
    first = run_with(cohort, dict.fromkeys(mentees, (one, 5)))
    second = run_with(cohort, dict.fromkeys(mentees, (other, 5)))
    with django_assert_max_num_queries(15) as seen:
        page = window.get(
            reverse("desk-compare", args=[cohort.code]), {"run": [first.code, second.code]}
        )
    assert page.status_code == 200
    assert len(seen) == 11


# --- Groups -------------------------------------------------------------------------------------


def test_no_audit_where_single_pairs_were_tried_out(cohort: Cohort) -> None:
    ada, one = people(cohort, "mentee", "Ada") + people(cohort, "mentor", "Mo")
    plain = run_with(cohort, {ada: (one, 5)})
    locked = run_with(cohort, {ada: (one, 5)}, locked=[[ada.code, one.code]])
    changed = run_with(cohort, {ada: (one, 5)}, kind="changed", parent=plain)
    narrow = run_with(cohort, {ada: (one, 5)}, only=[ada.code])
    for run in (locked, changed, narrow):
        with pytest.raises(RuleBroken, match="without pairs that were settled by hand"):
            fairness_rows.for_a_page(run)


def given(run: Any, answer: dict[str, Any]) -> None:
    """A coordinator has seen this audit of the run."""
    Inquiry.objects.create(
        run=run,
        kind=Inquiry.Kind.AUDIT,
        key=Inquiry.key_of(run, "audit", None, None),
        status=Inquiry.Status.ANSWERED,
        answer=answer,
        answered_at=clock.now(),
    )


def groups(people_in: int) -> dict[str, Any]:
    group = {"name": "women", "people": people_in, "matched": {"hits": people_in}}
    dimension = {"name": "gender", "groups": [group], "others": 0}
    return {"mentees": [dimension], "mentors": []}


def test_two_audits_differ_in_five_people_or_in_nobody(
    cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without this, leaving one mentee out in a second run tells which group they are in."""
    mentees = people(cohort, "mentee", *(f"Mentee {n}" for n in range(8)))
    one, other = people(cohort, "mentor", "Mo", "Nia")
    first = run_with(cohort, dict.fromkeys(mentees, (one, 5)))
    given(first, groups(6))
    monkeypatch.setattr(
        fairness_rows, "audit_of", lambda run: pytest.fail("must not be worked out")
    )
    same = run_with(cohort, dict.fromkeys(mentees, (one, 7)))
    assert fairness_rows.for_a_page(same) == groups(6)
    for moved in (1, 4):
        close = run_with(
            cohort, {m: (other if n < moved else one, 5) for n, m in enumerate(mentees)}
        )
        with pytest.raises(RuleBroken, match="too close"):
            fairness_rows.for_a_page(close)
    one_less = run_with(cohort, dict.fromkeys(mentees[1:], (other, 5)))
    with pytest.raises(RuleBroken, match="too close"):
        fairness_rows.for_a_page(one_less)


def test_a_group_that_grew_by_one_is_not_shown_again(
    cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who changed an answer between two audits would be told by the difference."""
    mentees = people(cohort, "mentee", *(f"Mentee {n}" for n in range(8)))
    mentors = people(cohort, "mentor", *(f"Mentor {n}" for n in range(16)))
    given(run_with(cohort, {m: (mentors[n], 5) for n, m in enumerate(mentees)}), groups(6))
    apart = run_with(cohort, {m: (mentors[n + 8], 5) for n, m in enumerate(mentees)})
    for size, is_close in ((6, False), (7, True), (10, True), (11, False)):
        monkeypatch.setattr(fairness_rows, "_told", lambda run, size=size: groups(size))
        if is_close:
            with pytest.raises(RuleBroken, match="too close"):
                fairness_rows.for_a_page(apart)
        else:
            assert fairness_rows.for_a_page(apart) == groups(size)


@pytest.mark.parametrize(
    "hits, is_told",
    [((6, 6), True), ((5, 6), False), ((1, 6), False), ((3, 3), True), ((0, 3), False)],
)
def test_no_rate_tells_the_group_of_somebody_who_is_known_by_name(
    cohort: Cohort, monkeypatch: pytest.MonkeyPatch, hits: tuple[int, int], is_told: bool
) -> None:
    """Coordinators read who is left over: with one, a rate below all tells their group."""
    told = groups(6)
    told["mentees"][0]["groups"] = [
        {"name": name, "people": 6, "matched": {"hits": hit}}
        for name, hit in zip(("men", "women"), hits, strict=True)
    ]
    monkeypatch.setattr(fairness_rows, "_told", lambda run: told)
    ada, one = people(cohort, "mentee", "Ada") + people(cohort, "mentor", "Mo")
    shown = fairness_rows.for_a_page(run_with(cohort, {ada: (one, 5)}))
    assert bool(shown["mentees"]) is is_told


def test_the_page_shows_groups_and_no_small_one(
    cohort: Cohort, window: Client, done: MatchingRun
) -> None:
    page = window.get(reverse("desk-run-audit", args=[done.code]))
    assert "No group can be shown" in page.text
    assert SelfIdentification.objects.count() == 0
