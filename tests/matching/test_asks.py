"""A mentee asks a mentor: few at a time, answered from the mail, never telling who avoids whom."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matching import choosing
from matching.actions import asks, introductions, wishes
from matching.models import Avoid, Exclusion, Introduction, Match
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.tasks import deliver_due
from mentorship.shared.notifications.tokens import token_for
from programs.models import Participant
from tests.factories.matching import match_of
from tests.factories.programs import CohortFactory, MembershipFactory, UserFactory
from tests.factories.texts import GateItemFactory
from tests.matching.people import person

pytestmark = pytest.mark.django_db

NOON = datetime(2031, 3, 3, 11, 0, tzinfo=UTC)
HELLO = "I build radios and would like to learn Go."


@pytest.fixture
def cohort(db: None) -> Any:
    with clock.at(NOON):
        return CohortFactory(stage="running", choice="open", answer_days=7, ask_days=7)


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with clock.at(NOON):
        yield


@pytest.fixture
def mentee(cohort: Any) -> Participant:
    return person(cohort, user=UserFactory(name="Mika"), profile={"headline": "Radios"})


@pytest.fixture
def mentor(cohort: Any) -> Participant:
    user = UserFactory(name="Ada", email="ada@example.org")
    return person(cohort, "mentor", user=user, profile={"headline": "Go since 2012"})


def log_in(one: Participant) -> Client:
    client = Client()
    client.force_login(one.user)
    return client


def shown(one: Participant, route: str, code: str = "", query: str = "") -> str:
    answer = log_in(one).get(reverse(route, args=[code or one.code]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def send(mentee: Participant, mentor: Participant, message: str = HELLO) -> Any:
    url = f"{reverse('ask-new', args=[mentee.code])}?whom={mentor.code}"
    return log_in(mentee).post(url, {"message": message}, follow=True)


def asked(mentee: Participant, mentor: Participant) -> Introduction:
    return asks.ask(mentee, mentor, by=mentee.user, message=HELLO)


# --- From the ask to the match --------------------------------------------------------------------


def test_a_mentee_asks_and_the_mentor_says_yes_from_the_mail(mentee, mentor):
    assert "Ada" in shown(mentee, "choose")
    assert "Your ask is on its way." in send(mentee, mentor).content.decode()
    introduction = Introduction.objects.get()
    assert (introduction.origin, introduction.holds_place) == ("ask", False)
    assert introduction.answer_by == datetime(2031, 3, 10, 22, 59, 59, tzinfo=UTC)
    assert "You asked them" in shown(mentee, "choose")
    assert "To be answered by" in shown(mentee, "asks")
    assert "Somebody asks you" in log_in(mentor).get("/").content.decode()
    assert HELLO in shown(mentor, "asks")
    deliver_due()
    (told,) = mail.outbox
    assert told.to == ["ada@example.org"]
    assert HELLO in told.body
    by_link = Client()
    by_link.get(reverse("mail-link", args=[token_for(OutboxMessage.objects.get())]))
    url = reverse("introduction-detail", args=[introduction.code])
    assert HELLO in by_link.get(url).content.decode()
    by_link.post(reverse("introduction-answer", args=[introduction.code]), {"answer": "yes"})
    introduction.refresh_from_db()
    assert introduction.status == "agreed"
    assert {p.user.name for p in Match.objects.get().people} == {"Ada", "Mika"}


def test_until_the_yes_a_mentor_shows_no_more_than_to_everybody(mentee, mentor):
    """Asking opens nobody's address."""
    introduction = asked(mentee, mentor)
    url = reverse("introduction-detail", args=[introduction.code])
    assert log_in(mentee).get(url).url == reverse("asks", args=[mentee.code])
    pages = [shown(mentee, "asks"), shown(mentee, "choose")]
    pages.append(shown(mentee, "ask-new", query=f"?whom={mentor.code}"))
    assert not [page for page in pages if "ada@example.org" in page]


def test_a_message_is_needed_and_not_longer_than_a_page(mentee, mentor):
    for message in ("", "x" * 1001):
        assert send(mentee, mentor, message).status_code == 422
    assert not Introduction.objects.exists()


def test_the_same_ask_twice_is_one(mentee, mentor):
    assert asked(mentee, mentor) == asked(mentee, mentor)
    assert Introduction.objects.count() == 1
    assert AuditEvent.objects.filter(verb="ask.made").count() == 1


def test_a_mentee_takes_an_ask_back_and_may_ask_again_later(mentee, mentor):
    introduction = asked(mentee, mentor)
    url = reverse("ask-take-back", args=[introduction.code])
    assert log_in(mentor).post(url).status_code == 404
    assert "You can ask somebody else" in log_in(mentee).post(url, follow=True).content.decode()
    log_in(mentee).post(url)
    introduction.refresh_from_db()
    assert introduction.status == "withdrawn"
    assert "Nobody waits for your answer" in shown(mentor, "asks")
    with pytest.raises(RuleBroken, match="a short while ago"):  # each ask is a mail
        asked(mentee, mentor)
    with clock.at(clock.now() + timedelta(days=mentee.cohort.ask_days, seconds=1)):
        assert asked(mentee, mentor) != introduction
        deliver_due()
    assert len(mail.outbox) == 1


def test_a_mentee_has_three_asks_open_at_most(cohort, mentee):
    many = [person(cohort, "mentor", profile={}) for _ in range(4)]
    first = [asked(mentee, one) for one in many[:3]]
    answer = send(mentee, many[3])
    assert "3 mentors have not answered you yet" in answer.content.decode()
    asks.take_back(first[0], by=mentee.user)
    asked(mentee, many[3])


def test_a_mentor_sees_five_and_then_has_enough(cohort, mentee, mentor):
    for number in range(5):
        with clock.at(NOON + timedelta(minutes=number)):
            asked(person(cohort, user=UserFactory(name=f"Early {number}")), mentor)
    html = shown(mentor, "asks")
    assert [html.index(f"Early {n}") for n in range(5)] == sorted(
        html.index(f"Early {n}") for n in range(5)
    )
    assert "Has enough to answer at the moment" in shown(mentee, "choose")
    form = shown(mentee, "ask-new", query=f"?whom={mentor.code}")
    assert "<textarea" not in form
    assert "has enough to answer" in send(mentee, mentor).content.decode()
    assert Introduction.objects.count() == 5


def test_a_mentor_without_a_free_place_looks_the_same_as_one_with_enough_asks(
    cohort, mentee, mentor
):
    match_of(mentor, person(cohort))
    assert "Has enough to answer at the moment" in shown(mentee, "choose")
    with pytest.raises(RuleBroken, match="has enough to answer"):
        asked(mentee, mentor)


def test_whoever_is_away_not_ready_or_excluded_cannot_be_asked_and_nothing_says_why(
    cohort, mentee, mentor
):
    excluded, gone = person(cohort, "mentor"), person(cohort, "mentor")
    Exclusion.objects.create(mentee=mentee, mentor=excluded, by=UserFactory())
    gone.left_at = clock.now()
    gone.save()
    for one in (excluded, gone, person(CohortFactory(choice="open"), "mentor")):
        with pytest.raises(RuleBroken, match="cannot be asked at the moment"):
            asked(mentee, one)
        assert send(mentee, one).status_code == 404
    GateItemFactory(cohort=cohort, key="languages")
    with pytest.raises(RuleBroken, match="nothing is missing of you"):
        asked(mentee, mentor)


def test_asking_needs_an_open_cohort_and_a_mentee_without_a_mentor(cohort, mentee, mentor):
    taken = person(cohort)
    match_of(person(cohort, "mentor"), taken)
    with pytest.raises(RuleBroken, match="nothing to choose now"):
        asked(taken, mentor)
    cohort.choice = "ranked"
    cohort.save()
    with pytest.raises(RuleBroken, match="nobody asks a mentor"):
        asked(mentee, mentor)
    assert send(mentee, mentor).status_code == 404


def test_a_mentor_finds_asks_where_a_mentee_finds_mentors(mentee, mentor):
    answer = log_in(mentor).get(reverse("choose", args=[mentor.code]))
    assert answer.url == reverse("asks", args=[mentor.code])


def test_whoever_asked_before_in_vain_asks_somebody_else(mentee, mentor):
    introduction = asked(mentee, mentor)
    introductions.answer(introduction, by=mentor.user, says_yes=False, reason="No time")
    html = shown(mentee, "asks")
    assert "did not work out" in html
    assert "No time" not in html
    assert "Ada" not in shown(mentee, "choose")


# --- A private wish changes nothing that anybody could see ----------------------------------------


def seen_by_the_mentee(mentee: Participant, mentor: Participant) -> list[Any]:
    """Everything a mentee meets from the ask to its end, with what it cost the database."""
    found: list[Any] = []

    def look() -> None:
        client = log_in(mentee)
        paths = [reverse(route, args=[mentee.code]) for route in ("choose", "asks")]
        paths += ["/", f"{reverse('ask-new', args=[mentee.code])}?whom={mentor.code}"]
        for path in paths:
            answer = client.get(path)
            found.append((answer.status_code, answer.content))

    look()
    with CaptureQueriesContext(connection) as queries:
        answer = send(mentee, mentor)
    found += [answer.status_code, answer.content, len(queries)]
    look()
    deliver_due()
    introduction = Introduction.objects.first()
    if introduction is None:
        return found
    with clock.at(introduction.answer_by + timedelta(seconds=1)):
        with CaptureQueriesContext(connection) as queries:
            introductions.lapse(introduction)
        found.append(len(queries))
        deliver_due()
        look()
        detail = reverse("introduction-detail", args=[introduction.code])
        found.append(log_in(mentee).get(detail).content)
    found += [(m.subject, m.body) for m in mail.outbox if m.to == [mentee.user.email]]
    return [stripped(one, introduction.code) for one in found]


def stripped(one: Any, code: str) -> Any:
    """Without what differs between any two visits."""
    if isinstance(one, tuple):
        return tuple(stripped(part, code) for part in one)
    text = one.decode() if isinstance(one, bytes) else one
    if not isinstance(text, str):
        return one
    return re.sub(r'(name="csrfmiddlewaretoken" value|nonce)="[^"]*"', "", text).replace(code, "")


def played(mentee: Participant, mentor: Participant, wish: Any) -> tuple[list[Any], int, list[Any]]:
    """The whole story with a wish of the mentor's, after which everything is as before."""
    with transaction.atomic():
        if wish is not None:
            wish()
        mail.outbox.clear()
        found = seen_by_the_mentee(mentee, mentor)
        to_mentor = sum(m.to == [mentor.user.email] for m in mail.outbox)
        told = list(AuditEvent.objects.order_by("pk").values_list("verb", "actor_code"))
        transaction.set_rollback(True)
    return found, to_mentor, told


def test_an_ask_of_somebody_who_avoids_one_is_like_any_ask(mentee, mentor):
    plain, to_mentor, history = played(mentee, mentor, None)
    kept, to_mentor_kept, history_kept = played(
        mentee, mentor, lambda: wishes.avoid(mentor, mentee, by=mentor.user)
    )
    assert kept == plain
    assert history_kept == history
    assert (to_mentor, to_mentor_kept) == (1, 0)


@pytest.mark.parametrize("naive", ["hides the mentor", "sends no mail"])
def test_the_comparison_finds_a_naive_version_out(mentee, mentor, monkeypatch, naive):
    plain, *_ = played(mentee, mentor, None)
    honest_list, honest_mail = choosing.askable, asks.notify

    def hides(one: Participant, at: Any) -> Any:
        avoids = Avoid.objects.filter(other=one).values("participant")
        return honest_list(one, at).exclude(pk__in=avoids)

    def is_silent(notice: Any, recipient: Any) -> bool:
        return notice.subject.is_seen_by(recipient) and honest_mail(notice, recipient)

    if naive == "hides the mentor":
        monkeypatch.setattr(choosing, "askable", hides)
    else:
        monkeypatch.setattr(asks, "notify", is_silent)
    found, *_ = played(mentee, mentor, lambda: wishes.avoid(mentor, mentee, by=mentor.user))
    assert found != plain


def test_an_ask_that_is_kept_from_the_mentor_shows_nowhere_they_look(mentee, mentor):
    wishes.avoid(mentor, mentee, by=mentor.user)
    introduction = asked(mentee, mentor)
    pages = [shown(mentor, "asks"), log_in(mentor).get("/").content.decode()]
    assert not [page for page in pages if "Mika" in page or HELLO in page]
    for route in ("introduction-detail", "introduction-answer"):
        url = reverse(route, args=[introduction.code])
        client = log_in(mentor)
        answer = (
            client.get(url) if route.endswith("detail") else client.post(url, {"answer": "yes"})
        )
        assert answer.status_code == 404
    # the wish taken back, they may still answer
    wishes.stop_avoiding(mentor, mentee, by=mentor.user)
    assert HELLO in shown(mentor, "asks")


def test_an_ask_in_hand_is_no_longer_shown_once_the_mentor_would_rather_not(mentee, mentor):
    introduction = asked(mentee, mentor)
    wishes.avoid(mentor, mentee, by=mentor.user)
    deliver_due()
    assert not mail.outbox
    assert HELLO not in shown(mentor, "asks")
    introduction.refresh_from_db()
    assert introduction.is_open


def test_a_mentee_who_would_rather_not_takes_their_ask_back(mentee, mentor):
    introduction = asked(mentee, mentor)
    wishes.avoid(mentee, mentor, by=mentee.user)
    introduction.refresh_from_db()
    assert introduction.status == "withdrawn"
    assert "Ada" not in shown(mentee, "choose")


def test_asks_that_are_kept_from_a_mentor_count_like_others(cohort, mentee, mentor):
    """Five who asked could otherwise find out together that one was not heard."""
    first = person(cohort)
    wishes.avoid(mentor, first, by=mentor.user)
    for one in (first, *(person(cohort) for _ in range(4))):
        asked(one, mentor)
    assert "Has enough to answer at the moment" in shown(mentee, "choose")


def test_no_ledger_of_a_program_tells_whether_an_ask_was_sent(cohort, mentee, mentor):
    coordinator = MembershipFactory(program=cohort.program).user
    asked(mentee, mentor)
    deliver_due()
    client = Client()
    client.force_login(coordinator)
    ledger = client.get(reverse("desk-outbox", args=[cohort.code])).content.decode()
    assert "Ada" not in ledger


def test_a_mentee_has_nothing_to_answer_in_their_own_ask(mentee, mentor):
    """An answer that is not valid would else show more of the mentor than the mentee may see."""
    introduction = asked(mentee, mentor)
    url = reverse("introduction-answer", args=[introduction.code])
    for answer in ("no", "yes", "perhaps"):
        reply = log_in(mentee).post(url, {"answer": answer})
        assert (reply.status_code, reply["Location"]) == (302, reverse("asks", args=[mentee.code]))
    introduction.refresh_from_db()
    assert introduction.is_open
