"""Inviting people: once, a few a day, by a link that says where they came from."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.base.zones import local
from mentorship.shared.notifications import delivery
from mentorship.shared.notifications.addressee import Addressee
from mentorship.shared.notifications.models import OutboxMessage
from programs import tasks
from programs.actions import applications, invitations
from programs.actions.invitations import Asked
from programs.forms.invitations import InvitationsForm
from programs.models import Application, Channel, Invitation, Refusal
from programs.sources import token_for
from tests.factories.programs import (
    ApplicationFactory,
    CohortFactory,
    ParticipantFactory,
    UserFactory,
)

State = Invitation.State


def asked(*emails):
    return [Asked(line, email) for line, email in enumerate(emails, start=1)]


def invite(cohort, *emails, **fields):
    by = fields.pop("by", None) or UserFactory()
    people = asked(*emails)
    return invitations.invite(cohort, by=by, role="mentee", people=people, **fields)


@pytest.fixture
def cohort(db):
    return CohortFactory()


@pytest.fixture
def applicant(db, client):
    person = UserFactory()
    client.force_login(person)
    client.person = person
    return client


def text_of(answer):
    return " ".join(answer.content.decode().split())


# --- Once, and a few a day ------------------------------------------------------------------


def test_an_invited_person_gets_one_mail_with_their_own_link(cohort):
    (invitation,) = invite(cohort, "Nia@Example.org", message="We met in May.").invitations
    assert (invitation.email, invitation.state) == ("nia@example.org", State.WAITING)
    invitation.refresh_from_db()
    assert invitation.state == State.SENT
    assert delivery.deliver_due().sent == 1
    (sent,) = mail.outbox
    assert sent.to == ["nia@example.org"]
    assert "We met in May." in sent.body
    assert f"/join/{token_for(invitation)}/" in sent.body
    assert f"/join/{token_for(invitation)}/stop/" in sent.body
    assert token_for(invitation) not in invitation.token_hash
    assert AuditEvent.objects.get(verb="invitations.made").details == {"count": 1}


def test_nobody_is_invited_twice_to_one_cohort_and_the_list_says_why(cohort):
    invite(cohort, "old@example.org")
    ApplicationFactory(cohort=cohort, applicant=UserFactory(email="done@example.org"))
    stopped = invite(CohortFactory(), "stop@example.org").invitations[0]
    invitations.refuse(stopped)
    result = invite(
        cohort,
        "new@example.org",
        "old@example.org",
        "done@example.org",
        "stop@example.org",
        "NEW@example.org",
    )
    assert [one.email for one in result.invitations] == ["new@example.org"]
    assert [(one.line, str(why)) for one, why in result.left_out] == [
        (2, "was invited already"),
        (3, "has applied already"),
        (4, "wants no invitations"),
        (5, "stands in the list twice"),
    ]


def test_the_database_itself_holds_once_per_cohort_and_address(cohort):
    (first,) = invite(cohort, "nia@example.org").invitations
    first.pk, first.code, first.token_hash = None, "another", "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


def test_the_rest_goes_out_on_the_next_days(cohort, settings):
    settings.INVITATIONS_PER_DAY = 2
    noon = datetime(2026, 5, 4, 10, tzinfo=UTC)
    with clock.at(noon):
        cohort = CohortFactory()
        invite(cohort, *(f"p{n}@example.org" for n in range(5)))
    sent = []
    for hours in (1, 11, 13, 13.5, 37, 61):
        with clock.at(noon + timedelta(hours=hours)):
            tasks.tend_applying()
            sent.append(Invitation.objects.filter(sent_at__isnull=False).count())
    # midnight in Berlin is at 22 UTC
    assert sent == [2, 2, 4, 4, 5, 5]
    order = Invitation.objects.order_by("sent_at", "pk").values_list("email", flat=True)
    assert list(order) == [f"p{n}@example.org" for n in range(5)]


def test_the_page_says_when_the_rest_goes_out(here, as_coordinator, settings):
    settings.INVITATIONS_PER_DAY = 1
    url = reverse("desk-invitations", args=[here.next_cohort.code])
    people = "a@example.org\nB Two <b@example.org>\n\nc@example.org"
    answer = as_coordinator.post(url, {"role": "mentor", "people": people}, follow=True)
    page = text_of(answer)
    assert "3 people are invited." in page
    assert "goes out tomorrow" in page
    assert "B Two" in page
    zone = here.next_cohort.time_zone
    day = local(clock.now(), zone).date() + timedelta(days=2)
    assert f'goes out on <time datetime="{day.isoformat()}"' in page


@pytest.mark.parametrize("stage", ["draft", "matching"])
def test_nothing_goes_out_while_nobody_can_apply(db, stage):
    cohort = CohortFactory(stage=stage)
    if stage == "draft":
        invite(cohort, "nia@example.org")
    else:
        with pytest.raises(RuleBroken, match="Extend the deadline"):
            invite(cohort, "nia@example.org")
    assert not OutboxMessage.objects.exists()
    assert tasks.tend_applying() == 0


@pytest.mark.parametrize("happens", ["withdrawn", "refused", "closed"])
def test_what_waits_in_the_outbox_is_not_sent_when_it_is_not_wanted_any_more(cohort, happens):
    (invitation,) = invite(cohort, "nia@example.org").invitations
    at = clock.now()
    if happens == "withdrawn":
        invitations.withdraw(invitation, by=UserFactory())
    elif happens == "refused":
        invitations.refuse(invitation)
    else:
        at = cohort.apply_deadline + timedelta(seconds=1)
    with clock.at(at):
        delivery.deliver_due()
    assert mail.outbox == []
    assert OutboxMessage.objects.get().state == "skipped"


# --- Taking one back -------------------------------------------------------------------------


def test_a_withdrawn_invitation_ends_and_one_that_never_left_may_be_made_again(
    cohort, settings, client
):
    settings.INVITATIONS_PER_DAY = 1
    sent, waiting = invite(cohort, "a@example.org", "b@example.org").invitations
    by = UserFactory()
    for one in (sent, waiting):
        invitations.withdraw(one, by=by)
        assert client.get(reverse("join", args=[token_for(one)])).status_code == 404
        with pytest.raises(RuleBroken, match="already"):
            invitations.withdraw(one, by=by)
    result = invite(cohort, "a@example.org", "b@example.org")
    assert [one.pk for one in result.invitations] == [waiting.pk]
    assert [one.line for one, _why in result.left_out] == [1]


def test_an_invitation_somebody_applied_by_is_not_withdrawn(cohort):
    (invitation,) = invite(cohort, "nia@example.org").invitations
    ApplicationFactory(cohort=cohort, invitation=invitation)
    assert invitation.state == State.APPLIED
    with pytest.raises(RuleBroken, match="applied already"):
        invitations.withdraw(invitation, by=UserFactory())


def test_a_coordinator_withdraws_on_the_page(here, as_coordinator):
    (invitation,) = invite(here.next_cohort, "nia@example.org").invitations
    url = reverse("desk-invitation-withdraw", args=[invitation.code])
    page = reverse("desk-invitations", args=[here.next_cohort.code])
    assert as_coordinator.get(url).status_code == 405
    assert as_coordinator.post(url)["Location"] == page
    invitation.refresh_from_db()
    assert invitation.state == State.WITHDRAWN


# --- The links ---------------------------------------------------------------------------------


def test_opening_a_link_writes_nothing_and_the_application_knows_it(
    cohort, applicant, django_assert_num_queries
):
    (invitation,) = invite(cohort, "elsewhere@example.org").invitations
    before = applicant.session.session_key, dict(applicant.session.items())
    answer = applicant.get(reverse("join", args=[token_for(invitation)]))
    assert answer["Location"] == reverse("program-detail", args=[cohort.program.code])
    assert (applicant.session.session_key, dict(applicant.session.items())) == before
    cookie = answer.cookies["came-by"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert "You are invited to apply as a mentee." in text_of(applicant.get(answer["Location"]))
    applicant.post(
        reverse("application-new", args=[cohort.code, "mentee"]),
        {"action": "next", "motivation": "m"},
    )
    application = Application.objects.get()
    assert application.invitation == invitation
    invitation.refresh_from_db()
    assert invitation.state == State.SENT, "a draft is no application yet"
    applications.submit(application, by=applicant.person)
    assert invitation.state == State.APPLIED


def test_an_invited_person_who_comes_without_the_link_is_known_by_the_address(cohort):
    person = UserFactory(email="nia@example.org")
    (invitation,) = invite(cohort, "NIA@example.org").invitations
    assert applications.start(cohort, applicant=person, role="mentor").invitation == invitation


def test_a_link_to_one_cohort_does_not_count_in_another(cohort, applicant):
    (invitation,) = invite(CohortFactory(), "x@example.org").invitations
    applicant.get(reverse("join", args=[token_for(invitation)]))
    applicant.post(reverse("application-new", args=[cohort.code, "mentee"]), {"motivation": "m"})
    assert Application.objects.get().invitation is None


@pytest.mark.parametrize("cookie", ["", "x", "invitation 2222222222222b:forged", "a:b:c"])
def test_a_forged_source_is_no_source(cohort, applicant, cookie):
    applicant.cookies["came-by"] = cookie
    new = reverse("application-new", args=[cohort.code, "mentee"])
    assert applicant.post(new, {"motivation": "m"}).status_code == 302
    application = Application.objects.get()
    assert (application.invitation, application.channel) == (None, None)


def test_a_token_nobody_was_given_is_a_kind_404(db, client):
    for token in ("x", "x" * 32, "%00", "..."):
        for name in ("join", "join-stop"):
            assert client.get(reverse(name, args=[token])).status_code in (400, 404)


def test_the_links_of_a_cohort_that_was_put_away_lead_nowhere(cohort, client):
    (invitation,) = invite(cohort, "nia@example.org").invitations
    link = invitations.open_channel(cohort, by=UserFactory(), name="Radio")
    cohort.archived_at = clock.now()
    cohort.save()
    assert client.get(reverse("join", args=[token_for(invitation)])).status_code == 404
    assert client.get(reverse("channel", args=[link.code])).status_code == 404
    # whoever wants no more mail can say so whatever became of the cohort
    assert client.post(reverse("join-stop", args=[token_for(invitation)])).status_code == 200


def test_a_public_link_is_counted_by_its_name(here, as_coordinator, applicant):
    cohort = here.next_cohort
    made = as_coordinator.post(
        reverse("desk-channel-new", args=[cohort.code]), {"name": "Meetup in May"}
    )
    assert made["Location"] == reverse("desk-invitations", args=[cohort.code])
    link = Channel.objects.get()
    answer = applicant.get(reverse("channel", args=[link.code]))
    assert answer["Location"] == reverse("program-detail", args=[here.program.code])
    applicant.post(reverse("application-new", args=[cohort.code, "mentee"]), {"motivation": "m"})
    application = Application.objects.get(applicant=applicant.person)
    assert application.channel == link
    applications.submit(application, by=applicant.person, heard_from="the radio")
    page = as_coordinator.get(reverse("desk-invitations", args=[cohort.code]))
    assert ("Meetup in May", 1) in page.context["sources"]
    assert page.context["heard"] == [("the radio", 1)]


@pytest.mark.parametrize("name", ["", "x" * 61, "two\nlines", "a\0", "LinkedIn"])
def test_a_wrong_or_taken_name_makes_no_link(here, as_coordinator, name):
    Channel.objects.create(cohort=here.next_cohort, name="LinkedIn")
    url = reverse("desk-channel-new", args=[here.next_cohort.code])
    assert as_coordinator.post(url, {"name": name}).status_code == 422
    assert Channel.objects.count() == 1


# --- No more invitations ------------------------------------------------------------------------


def test_somebody_wants_no_more_and_only_the_button_counts(cohort, client):
    (invitation,) = invite(cohort, "nia@example.org").invitations
    url = reverse("join-stop", args=[token_for(invitation)])
    for _ in range(3):
        assert client.get(url).status_code == 200
        assert client.head(url).status_code == 200
    assert not Refusal.objects.exists()
    for _ in range(2):
        assert client.post(url).status_code == 200
    invitation.refresh_from_db()
    assert invitation.state == State.REFUSED
    refusal = Refusal.objects.get()
    assert "nia" not in refusal.address_hash
    assert Refusal.objects.covers(" Nia@example.org")
    assert invite(CohortFactory(), "nia@example.org").invitations == []


# --- The list -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, people",
    [
        ("a@example.org", [(1, "a@example.org", "")]),
        ("A B <a@example.org>", [(1, "a@example.org", "A B")]),
        ('"B, A" <a@example.org>;', [(1, "a@example.org", "B, A")]),
        ("\n  a@example.org ,\r\n\r\nb@x.org\n", [(2, "a@example.org", ""), (4, "b@x.org", "")]),
        ("A@EXAMPLE.org", [(1, "a@example.org", "")]),
    ],
)  # fmt: skip
def test_a_pasted_list_is_read_line_by_line(text, people):
    form = InvitationsForm({"role": "mentor", "people": text})
    assert form.is_valid(), form.errors
    assert [tuple(one) for one in form.cleaned_data["people"]] == people


@pytest.mark.parametrize(
    "text, line",
    [
        ("a@example.org\nnobody", 2),
        ("Nia <>", 1),
        ("a@example.org b@example.org", 1),
        ("a@example.org\n\n<b@example", 3),
        ("a@example.org%0aBcc:x@example.org", 1),
        (f"{'x' * 200} <a@example.org>", 1),
        (f"{'x' * 60}@{'y' * 60}.{'z' * 60}.{'w' * 60}.{'v' * 60}.org", 1),
        ("N\u202eia\u0007 <a@example.org>", 1),
    ],
)
def test_a_wrong_line_is_told_with_its_number_and_nobody_is_invited(text, line):
    form = InvitationsForm({"role": "mentor", "people": text})
    assert not form.is_valid()
    assert f"Line {line} is" in str(form.errors["people"])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=40),
            st.emails(),
            st.builds("{} <{}>".format, st.text(max_size=30), st.emails()),
        ),
        max_size=6,
    )
)
def test_whatever_is_pasted_is_an_error_or_people_one_can_write_to(lines):
    form = InvitationsForm({"role": "mentor", "people": "\n".join(lines)})
    if form.is_valid():
        for one in form.cleaned_data["people"]:
            assert Addressee(one.email, one.name).code


def test_many_wrong_lines_are_counted_and_too_many_lines_refused():
    form = InvitationsForm({"role": "mentor", "people": "\n".join("x" * 30)})
    assert "And 10 more." in str(form.errors["people"])
    form = InvitationsForm({"role": "mentor", "people": "\n".join(["a@example.org"] * 501)})
    assert "at most 500" in str(form.errors["people"])


@pytest.mark.parametrize(
    "fields",
    [{}, {"role": "boss", "people": "a@example.org"}, {"role": "mentor", "people": "\0"},
     {"role": "mentor", "people": "a@example.org", "message": "x" * 1001}],
)  # fmt: skip
def test_a_wrong_form_invites_nobody(here, as_coordinator, fields):
    url = reverse("desk-invitations", args=[here.next_cohort.code])
    assert as_coordinator.post(url, fields).status_code == 422
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_number_of_questions(
    here, as_coordinator, count, django_assert_num_queries
):
    suggester = ParticipantFactory(cohort=here.cohort).user
    for n in range(count):
        invite(here.next_cohort, f"a{n}@example.org")
        invitations.suggest(
            here.next_cohort, by=suggester, role="mentee", email=f"b{n}@example.org"
        )
        Channel.objects.create(cohort=here.next_cohort, name=f"Place {n}")
    url = reverse("desk-invitations", args=[here.next_cohort.code])
    with django_assert_num_queries(QUERIES):
        assert as_coordinator.get(url).status_code == 200


QUERIES = 12


# --- A peer is suggested --------------------------------------------------------------------------


def test_a_participant_suggests_a_peer_who_learns_who_it_was_only_if_told(here, client):
    client.force_login(here.mentor.user)
    url = reverse("peer-suggest", args=[here.next_cohort.code])
    for email, fields in (("a@example.org", {"may_name_me": "on"}), ("b@example.org", {})):
        told = {"email": email, "role": "mentor", "why": "knows Go"} | fields
        assert client.post(url, told).status_code == 302
    delivery.deliver_due()
    bodies = {sent.to[0]: sent.body for sent in mail.outbox}
    assert here.mentor.user.name in bodies["a@example.org"]
    assert here.mentor.user.name not in bodies["b@example.org"]
    assert "knows Go" not in "".join(bodies.values())


def test_the_coordinator_sees_who_suggested_and_why(here, as_coordinator):
    invitations.suggest(
        here.next_cohort, by=here.mentee.user, role="mentee", email="a@example.org", why="keen"
    )
    page = text_of(as_coordinator.get(reverse("desk-invitations", args=[here.next_cohort.code])))
    assert f"Suggested by {here.mentee.user.name}" in page
    assert "keen" in page


def test_a_person_suggests_only_a_few_a_day(here):
    def suggest(n):
        invitations.suggest(
            here.next_cohort, by=here.mentor.user, role="mentee", email=f"p{n}@example.org"
        )

    for n in range(3):
        suggest(n)
    with pytest.raises(RuleBroken, match="tomorrow"):
        suggest(4)
    with clock.at(clock.now() + timedelta(days=1, seconds=1)):
        suggest(4)
    assert Invitation.objects.count() == 4


def test_suggesting_tells_nothing_of_who_is_known(here, client):
    client.force_login(here.mentor.user)
    (stopped,) = invite(CohortFactory(), "stop@example.org").invitations
    invitations.refuse(stopped)
    invite(here.next_cohort, "known@example.org")
    url = reverse("peer-suggest", args=[here.next_cohort.code])
    said = {
        text_of(client.post(url, {"email": email, "role": "mentee"}, follow=True)).count(
            "Unless they were asked already"
        )
        for email in (
            "stop@example.org",
            "known@example.org",
            "n@example.org",
        )
    }
    assert said == {1}
    mails = OutboxMessage.objects.filter(kind="invited_to_apply", program_code=here.program.code)
    assert {row.address for row in mails} == {"known@example.org", "n@example.org"}


def test_every_try_to_suggest_counts_so_that_the_rest_tells_nothing(here):
    invite(here.next_cohort, "known@example.org")
    told = {"by": here.mentor.user, "role": "mentee"}
    for _ in range(3):
        invitations.suggest(here.next_cohort, email="known@example.org", **told)
    with pytest.raises(RuleBroken, match="tomorrow"):
        invitations.suggest(here.next_cohort, email="new@example.org", **told)


@pytest.mark.parametrize("name", ["win https://evil.example", "www.evil.example", "a@evil.example"])
def test_a_name_that_is_an_address_reaches_nobody(here, client, name):
    client.force_login(here.mentor.user)
    url = reverse("peer-suggest", args=[here.next_cohort.code])
    sent = {"email": "n@example.org", "role": "mentee", "name": name}
    assert client.post(url, sent).status_code == 422


@pytest.mark.parametrize("who", ["stranger", "somebody with a draft", "elsewhere"])
def test_a_stranger_suggests_nobody(here, elsewhere, client, who):
    person = {
        "stranger": UserFactory(),
        "somebody with a draft": ApplicationFactory(
            cohort=here.next_cohort, status="draft"
        ).applicant,
        "elsewhere": elsewhere.mentor.user,
    }[who]
    client.force_login(person)
    url = reverse("peer-suggest", args=[here.next_cohort.code])
    assert client.get(url).status_code == 404
    assert client.post(url, {"email": "a@example.org", "role": "mentee"}).status_code == 404


def test_nobody_is_suggested_for_a_cohort_that_takes_no_applications(here, client):
    client.force_login(here.mentor.user)
    assert client.get(reverse("peer-suggest", args=[here.cohort.code])).status_code == 404
    with pytest.raises(RuleBroken, match="at the moment"):
        invitations.suggest(here.cohort, by=here.mentor.user, role="mentee", email="a@example.org")


@pytest.mark.parametrize(
    "fields",
    [{}, {"email": "nobody", "role": "mentee"}, {"email": "a@example.org", "role": "x"},
     {"email": "a@example.org", "role": "mentee", "name": "a\u2028b"},
     {"email": "a@example.org", "role": "mentee", "why": "x" * 301}],
)  # fmt: skip
def test_a_wrong_suggestion_is_an_error_on_the_form(here, client, fields):
    client.force_login(here.mentor.user)
    url = reverse("peer-suggest", args=[here.next_cohort.code])
    assert client.post(url, fields).status_code == 422
    assert not Invitation.objects.exists()
