"""Whom people would like and whom rather not: ranks, private wishes, cards without points."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matching import choosing, fitting, runs
from matching.actions import wishes
from matching.models import Avoid, Exclusion, Introduction, MatchingRun, Preference
from matching.tasks import remind_to_choose
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from programs.models import Participant
from tests.factories.matching import match_of
from tests.factories.programs import POLICY, CohortFactory, UserFactory
from tests.factories.texts import GateItemFactory
from tests.matching.people import asked, person

pytestmark = pytest.mark.django_db

RANKS = [
    {"name": f"{side}'s choice", "kind": "ranks", "side": side, "points": 10}
    for side in ("mentee", "mentor")
]


def taught(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "now": 4, "wanted": 4, "teaches": True} for name in names]


def wished(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "now": 1, "wanted": 3, "teaches": False} for name in names]


@pytest.fixture
def cohort(db: None) -> Any:
    return CohortFactory(
        stage="matching",
        choice="ranked",
        policy=POLICY | {"criterion": [*POLICY["criterion"], *RANKS]},
    )


@pytest.fixture
def mentee(cohort: Any) -> Participant:
    return person(cohort, profile={"skills": wished("Go", "SQL")})


@pytest.fixture
def mentors(cohort: Any) -> list[Participant]:
    return [
        person(
            cohort,
            "mentor",
            user=UserFactory(name=name),
            profile={"skills": taught(*skills), "headline": f"{name} teaches"},
        )
        for name, skills in (("Ada", ["Go", "SQL"]), ("Bob", ["Go"]), ("Cy", ["Rust"]))
    ]


def log_in(one: Participant) -> Client:
    client = Client()
    client.force_login(one.user)
    return client


def page(one: Participant, query: str = "") -> str:
    answer = log_in(one).get(reverse("choose", args=[one.code]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def press(one: Participant, do: str, other: Participant, route: str = "choose-rank") -> Any:
    sent = {"do": do, "other": other.code}
    return log_in(one).post(reverse(route, args=[one.code]), sent, follow=True)


def names(one: Participant) -> list[str]:
    return [other.user.name for other in choosing.ranked_by(one)]


def order(html: str, *words: str) -> list[str]:
    return sorted((word for word in words if word in html), key=html.index)


# --- Cards ----------------------------------------------------------------------------------------


def test_a_mentee_sees_who_fits_best_first_and_why_in_words(mentee, mentors):
    html = page(mentee)
    assert order(html, "Ada teaches", "Bob teaches", "Cy teaches") == [
        *("Ada teaches", "Bob teaches", "Cy teaches"),
    ]
    assert "Skills you want to learn: Go, SQL." in html
    assert "points" not in html


def test_a_mentor_chooses_among_mentees(cohort, mentee, mentors):
    html = page(mentors[0])
    assert mentee.user.name in html
    press(mentors[0], "choose", mentee)
    assert choosing.ranked_by(mentors[0]) == [mentee]


def test_only_those_who_can_be_matched_are_shown(cohort, mentee, mentors):
    gone, away, full, excluded = [
        person(cohort, "mentor", user=UserFactory(name=name), profile={})
        for name in ("Gone", "Away", "Full", "Excluded")
    ]
    gone.left_at = clock.now()
    gone.save()
    away.user.profile.paused_at = clock.now()
    away.user.profile.back_on = clock.now().date() + timedelta(days=9)
    away.user.profile.save()
    match_of(full, person(cohort))
    Exclusion.objects.create(mentee=mentee, mentor=excluded, by=UserFactory())
    found = choosing.rankable(mentee, clock.now())
    assert set(found) == set(mentors)
    GateItemFactory(cohort=cohort, key="headline")
    mentors[2].user.profile.headline = ""
    mentors[2].user.profile.save()
    assert set(choosing.rankable(mentee, clock.now())) == set(mentors[:2])


def test_a_mentor_whose_last_place_is_kept_for_an_introduction_is_not_shown(
    cohort, mentee, mentors
):
    other = person(cohort)
    Introduction.objects.create(
        cohort=cohort,
        mentee=other,
        mentor=mentors[0],
        made_at=clock.now(),
        answer_by=clock.now() + timedelta(days=5),
    )
    assert set(choosing.rankable(mentee, clock.now())) == set(mentors[1:])
    assert other not in choosing.rankable(mentors[1], clock.now())


def test_what_somebody_shows_to_matches_only_is_neither_told_nor_found_nor_ordered_by(
    cohort, mentee, mentors
):
    ada = mentors[0].user.profile
    ada.audiences = {"name": "matched", "skills": "matched", "headline": "matched"}
    ada.story = "Only for matches"
    ada.save()
    html = page(mentee)
    assert "Ada" not in html
    assert "Only for matches" not in html
    assert "Skills you want to learn: Go, SQL." not in html
    assert "A mentor who shows no name yet" in html
    assert "A mentor who shows no name yet" not in page(mentee, "?q=Ada")
    # hiding the skills counts as silence does: after a full fit, before none
    shown = fitting.Look.of(mentee, clock.now()).in_order(fitting.cards(mentors))
    assert [card.participant for card in shown[-1:]] == [mentors[2]]


def test_private_criteria_move_nobody_up(cohort, mentee, mentors):
    """The order tells nothing that is not on the cards."""
    before = page(mentee)
    cohort.policy["criterion"].append(
        {
            "name": "identity",
            "kind": "wish",
            "mentee": "identity_wished",
            "mentor": "identities",
            "points": 500,
        }
    )
    cohort.save()
    for one in mentors:
        one.facts = {"identities": ["woman"]} if one == mentors[2] else {}
        one.save()
    words = ("Ada teaches", "Bob teaches", "Cy teaches")
    assert order(page(mentee), *words) == order(before, *words)


def test_cards_can_be_narrowed_down(mentee, mentors):
    words = ("Ada teaches", "Bob teaches", "Cy teaches")
    assert order(page(mentee, "?skill=Rust"), *words) == ["Cy teaches"]
    assert order(page(mentee, "?q=bob"), *words) == ["Bob teaches"]
    assert order(page(mentee, "?language=Klingon&page=x"), *words) == list(words)
    assert "Nobody shows what you look for" in page(mentee, "?q=nothing")


def test_a_policy_that_cannot_be_used_shows_cards_without_reasons(cohort, mentee, mentors):
    cohort.policy = {"name": "broken"}
    cohort.save()
    html = page(mentee)
    assert "Ada teaches" in html
    assert "What fits" not in html


@pytest.mark.parametrize("count", [3, 300])
def test_the_page_asks_as_often_for_many_mentors_as_for_few(cohort, mentee, count):
    for number in range(count):
        person(cohort, "mentor", profile={"skills": taught("Go", f"S{number}")})
    client, url = log_in(mentee), reverse("choose", args=[mentee.code])
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    assert len(queries) == 17, "\n".join(q["sql"][:150] for q in queries)


# --- Ranks ----------------------------------------------------------------------------------------


def test_choices_are_put_in_order_moved_and_taken_back(mentee, mentors):
    for one in mentors:
        press(mentee, "choose", one)
    assert names(mentee) == ["Ada", "Bob", "Cy"]
    press(mentee, "up", mentors[2])
    assert names(mentee) == ["Ada", "Cy", "Bob"]
    press(mentee, "down", mentors[0])
    assert names(mentee) == ["Cy", "Ada", "Bob"]
    press(mentee, "up", mentors[2])  # already the first
    press(mentee, "drop", mentors[0])
    assert names(mentee) == ["Cy", "Bob"]
    assert set(Preference.objects.values_list("rank", flat=True)) == {1, 2}
    assert set(AuditEvent.objects.values_list("verb", flat=True)) == {"wishes.changed"}


def test_a_sixth_choice_is_refused_kindly(cohort, mentee):
    many = [person(cohort, "mentor") for _ in range(6)]
    for one in many[:5]:
        wishes.rank(mentee, one, by=mentee.user)
    answer = press(mentee, "choose", many[5])
    assert "Take one back to choose another" in answer.content.decode()
    # whoever is among them can still move
    assert wishes.rank(mentee, many[4], by=mentee.user, place=1)[0] == many[4].pk
    assert Preference.objects.count() == 5


def test_choosing_ends_with_the_last_day_in_the_cohorts_zone(cohort, mentee, mentors):
    cohort.time_zone, cohort.choose_until = "Pacific/Auckland", date(2031, 3, 1)
    cohort.apply_from, cohort.apply_until = date(2031, 1, 1), date(2031, 2, 1)
    cohort.starts_on, cohort.ends_on = date(2031, 4, 1), date(2031, 8, 1)
    cohort.save()
    with clock.at(datetime(2031, 3, 1, 10, 59, tzinfo=UTC)):  # 23:59 in Auckland
        assert "Saturday 1 March 2031, 23:59, Auckland time" in page(mentee)
        wishes.rank(mentee, mentors[0], by=mentee.user)
    with clock.at(datetime(2031, 3, 1, 11, 0, tzinfo=UTC)):
        html = page(mentee)
        assert "Choosing ended on Saturday 1 March 2031" in html
        assert "Ada" in html
        assert "<button" not in html[html.index("<main") : html.index("</main")]
        for act in (wishes.rank, wishes.drop):
            with pytest.raises(RuleBroken, match="Choosing ended"):
                act(mentee, mentors[0], by=mentee.user)
        wishes.avoid(mentee, mentors[1], by=mentee.user)  # that is always heard


def test_nobody_chooses_for_another_or_among_strangers(cohort, mentee, mentors):
    elsewhere = person(CohortFactory(choice="ranked"), "mentor")
    for somebody in (elsewhere, person(cohort)):
        for do, route in (("choose", "choose-rank"), ("avoid", "avoid-change")):
            answer = press(mentee, do, somebody, route)
            assert "does not take part here any more" in answer.content.decode()
    assert not Preference.objects.exists()
    assert not Avoid.objects.exists()
    other = person(cohort)
    for route in ("choose", "avoids", "asks"):
        assert log_in(other).get(reverse(route, args=[mentee.code])).status_code == 404
    for route in ("choose-rank", "avoid-change"):
        url = reverse(route, args=[mentee.code])
        assert (
            log_in(other).post(url, {"do": "choose", "other": mentors[0].code}).status_code == 404
        )


def test_who_is_matched_has_nothing_to_choose(mentee, mentors):
    match_of(mentors[0], mentee)
    assert "You are introduced or matched already" in page(mentee)
    with pytest.raises(RuleBroken, match="already"):
        wishes.rank(mentee, mentors[1], by=mentee.user)


def test_in_an_assigned_cohort_there_is_nothing_to_choose_but_somebody_to_avoid(cohort, mentee):
    cohort.choice = "assigned"
    cohort.save()
    assert log_in(mentee).get(reverse("choose", args=[mentee.code])).status_code == 404
    part = log_in(mentee).get(reverse("participation-detail", args=[mentee.code]))
    assert reverse("avoids", args=[mentee.code]) in part.content.decode()


# --- Rather not -----------------------------------------------------------------------------------


def test_whoever_is_avoided_falls_out_of_the_choices_and_the_other_way_round(mentee, mentors):
    wishes.rank(mentee, mentors[0], by=mentee.user)
    wishes.rank(mentee, mentors[1], by=mentee.user)
    answer = press(mentee, "avoid", mentors[0], "avoid-change")
    assert "Nobody is told" in answer.content.decode()
    assert names(mentee) == ["Bob"]
    wishes.rank(mentee, mentors[0], by=mentee.user)
    assert not Avoid.objects.exists()
    press(mentee, "avoid", mentors[0], "avoid-change")
    assert "Ada teaches" not in page(mentee)
    press(mentee, "allow", mentors[0], "avoid-change")
    assert not Avoid.objects.exists()


def test_whom_somebody_avoids_is_found_by_what_they_show(mentee, mentors):
    client, url = log_in(mentee), reverse("avoids", args=[mentee.code])
    assert "Cy" in client.get(url, {"q": "cy"}).content.decode()
    hidden = mentors[2].user.profile
    hidden.audiences = {"name": "matched", "headline": "matched"}
    hidden.save()
    assert "Nobody here shows these words" in client.get(url, {"q": "cy"}).content.decode()


def test_a_private_wish_leaves_no_trace_that_anybody_could_read(mentee, mentors):
    """Neither in the history nor in a mail; and the one it is about sees the page as before."""
    before = page(mentors[0]), page(mentors[1])
    wishes.avoid(mentee, mentors[0], by=mentee.user)
    assert not AuditEvent.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert without_tokens(page(mentors[0])) == without_tokens(before[0])
    assert choosing.rankable(mentors[0], clock.now()).filter(pk=mentee.pk).exists()


def without_tokens(html: str) -> list[str]:
    return [line for line in html.splitlines() if "csrf" not in line and "nonce" not in line]


def test_more_than_enough_private_wishes_are_refused(cohort, mentee, monkeypatch):
    monkeypatch.setattr(choosing, "MOST_AVOIDS", 1)
    first, second = person(cohort, "mentor"), person(cohort, "mentor")
    wishes.avoid(mentee, first, by=mentee.user)
    wishes.avoid(mentee, first, by=mentee.user)
    with pytest.raises(RuleBroken, match="up to 1"):
        wishes.avoid(mentee, second, by=mentee.user)
    with pytest.raises(RuleBroken, match="any more"):
        wishes.avoid(mentee, person(CohortFactory(), "mentor"), by=mentee.user)


# --- The matching uses both -----------------------------------------------------------------------


def test_a_run_weighs_the_choices_of_both_sides_and_never_puts_together_who_avoids(cohort):
    """Two mentees, two mentors, all alike but for what they wish."""
    one, two = person(cohort), person(cohort)
    ada, bob = person(cohort, "mentor"), person(cohort, "mentor")
    wishes.rank(one, bob, by=one.user)
    wishes.rank(two, bob, by=two.user)
    wishes.rank(bob, two, by=bob.user)
    assert pairs(cohort) == {(two, bob), (one, ada)}
    wishes.avoid(bob, two, by=bob.user)
    assert pairs(cohort) == {(one, bob), (two, ada)}
    wishes.avoid(two, ada, by=two.user)
    assert pairs(cohort) in ({(one, bob)}, {(one, ada)})


def pairs(cohort: Any) -> set[tuple[Participant, Participant]]:
    run = asked(cohort)
    runs.carry_out(run.pk)
    run = MatchingRun.objects.get(pk=run.pk)
    assert run.status == "done"
    return {(s.mentee, s.mentor) for s in run.suggestions.select_related("mentee", "mentor")}


# --- The reminder ---------------------------------------------------------------------------------


def test_who_has_chosen_nobody_is_reminded_once_three_days_before(cohort, mentee, mentors):
    today = clock.now().date()
    cohort.choose_until = today + timedelta(days=4)
    cohort.save()
    wishes.rank(mentors[0], mentee, by=mentors[0].user)
    away = mentors[1].user.profile
    away.paused_at, away.back_on = clock.now(), today + timedelta(days=30)
    away.save()
    remind_to_choose()
    assert not OutboxMessage.objects.exists()
    with clock.at(clock.now() + timedelta(days=1)):
        remind_to_choose()
        remind_to_choose()
    told = OutboxMessage.objects.filter(kind="choosing_ends")
    assert {m.recipient for m in told} == {mentee.user, mentors[2].user}
    with clock.at(clock.now() + timedelta(days=6)):
        remind_to_choose()
    assert told.count() == 2


# --- Home -----------------------------------------------------------------------------------------


def test_choosing_is_the_next_step_until_somebody_is_chosen(cohort, mentee, mentors):
    cohort.choose_until = clock.now().date() + timedelta(days=4)
    cohort.save()
    home = log_in(mentee).get("/").content.decode()
    assert "Choose up to five mentors" in home
    assert reverse("choose", args=[mentee.code]) in home
    wishes.rank(mentee, mentors[0], by=mentee.user)
    assert "Choose up to five mentors" not in log_in(mentee).get("/").content.decode()
