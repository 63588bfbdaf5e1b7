"""Who helps run a program: invited, answered, changed, ended, and never the last coordinator."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.delivery import deliver_due
from mentorship.shared.notifications.models import OutboxMessage
from programs.actions import memberships
from programs.models import MemberInvitation, Membership, User
from tests.cast import Troupe
from tests.factories.programs import MembershipFactory, UserFactory
from tests.factories.texts import MemberInvitationFactory

pytestmark = pytest.mark.django_db


def held(troupe: Troupe, user: User) -> set[str]:
    rows = Membership.objects.filter(program=troupe.program, user=user)
    return set(rows.values_list("role", flat=True))


def membership(troupe: Troupe, user: User) -> Membership:
    return Membership.objects.get(program=troupe.program, user=user)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def second(here: Troupe) -> Membership:
    return MembershipFactory(program=here.program, user=UserFactory(name="Second"))


# --- Inviting -------------------------------------------------------------------------------------


def test_an_address_is_invited_and_its_owner_takes_the_duty(
    as_coordinator: Client, here: Troupe
) -> None:
    url = reverse("desk-member-invite", args=[here.program.code])
    told = {"email": "Ann@Example.org", "role": "reviewer"}
    assert as_coordinator.post(url, told).status_code == 302
    invitation = MemberInvitation.objects.get()
    assert invitation.email == "ann@example.org"
    deliver_due()
    [sent] = mail.outbox
    assert sent.to == ["ann@example.org"]
    path = reverse("duty-invitation", args=[invitation.code])
    assert f"https://mentorship.example.org{path}" in sent.body
    # the link leads to the log-in; whoever signs up with the address finds the question
    assert Client().get(path).status_code == 302
    ann = UserFactory(name="Ann", email="ann@example.org")
    client = logged_in(ann)
    assert "You are asked to help run heron program" in client.get("/").content.decode()
    assert "heron coordinator asks you to take this duty" in client.get(path).content.decode()
    assert held(here, ann) == set()
    assert client.post(path, {"answer": "yes"})["Location"] == reverse("admin:index")
    assert held(here, ann) == {"reviewer"}
    assert set(AuditEvent.objects.values_list("verb", flat=True)) == {
        "member.invited",
        "member.joined",
    }
    assert OutboxMessage.objects.get(kind="member_joined").recipient == here.coordinator
    assert client.get(path).status_code == 404


def test_nobody_learns_whether_an_address_has_an_account(
    as_coordinator: Client, here: Troupe
) -> None:
    url = reverse("desk-member-invite", args=[here.program.code])
    answers, pages, asked = [], [], []
    for address in ("nobody@example.org", UserFactory(email="some@example.org").email):
        with CaptureQueriesContext(connection) as queries:
            answers.append(as_coordinator.post(url, {"email": address, "role": "observer"}))
        asked.append([re.sub(r'"s\d+_x\d+"', "…", q["sql"])[:60] for q in queries])
        page = as_coordinator.get(reverse("desk-members", args=[here.program.code]))
        pages.append([(one.role, one.is_open(clock.now())) for one in page.context["invitations"]])
    assert asked[0] == asked[1]  # the same questions in the same order: the same time
    assert [(a.status_code, a["Location"]) for a in answers] == [(302, answers[0]["Location"])] * 2
    assert pages == [[("observer", True)], [("observer", True)] * 2]
    assert Membership.objects.filter(program=here.program).count() == 3
    [one, other] = OutboxMessage.objects.filter(kind="member_invited")
    assert one.recipient is other.recipient is None


def test_only_who_has_proven_the_address_may_answer(here: Troupe) -> None:
    invitation = MemberInvitationFactory(program=here.program, email="ann@example.org")
    url = reverse("duty-invitation", args=[invitation.code])
    unproven = UserFactory(email="ann@example.org")
    EmailAddress.objects.filter(user=unproven).update(verified=False)
    for user in (unproven, here.mentee.user, here.coordinator):
        assert logged_in(user).get(url).status_code == 404
        assert logged_in(user).post(url, {"answer": "yes"}).status_code == 404
        with pytest.raises(RuleBroken, match="has ended"):
            memberships.accept(invitation, by=user)
    assert held(here, unproven) == set()


def test_a_duty_may_be_turned_down(here: Troupe) -> None:
    invitation = memberships.invite(
        here.program, email=here.applicant.email, role="observer", by=here.coordinator
    )
    url = reverse("duty-invitation", args=[invitation.code])
    client = logged_in(here.applicant)
    assert client.post(url, {"answer": "perhaps"}).status_code == 422
    assert client.post(url, {"answer": "no"}).status_code == 302
    assert held(here, here.applicant) == set()
    assert client.post(url, {"answer": "yes"}).status_code == 404
    invitation.refresh_from_db()
    assert invitation.end == "declined"


def test_an_invitation_expires(here: Troupe) -> None:
    invitation = memberships.invite(
        here.program, email=here.applicant.email, role="observer", by=here.coordinator
    )
    url = reverse("duty-invitation", args=[invitation.code])
    with clock.at(clock.now() + timedelta(days=14, seconds=1)):
        assert logged_in(here.applicant).get(url).status_code == 404
        deliver_due()
        assert mail.outbox == []
        again = memberships.invite(
            here.program, email=here.applicant.email, role="observer", by=here.coordinator
        )
        assert again != invitation


def test_inviting_twice_is_inviting_once(here: Troupe) -> None:
    told = {"email": "ann@example.org", "role": "observer", "by": here.coordinator}
    one = memberships.invite(here.program, **told)
    assert memberships.invite(here.program, **told) == one
    assert OutboxMessage.objects.filter(kind="member_invited").count() == 1


def test_an_invitation_is_taken_back(as_coordinator: Client, here: Troupe) -> None:
    invitation = memberships.invite(
        here.program, email=here.applicant.email, role="observer", by=here.coordinator
    )
    url = reverse("desk-member-uninvite", args=[invitation.code])
    for _ in range(2):
        assert as_coordinator.post(url).status_code == 302
    assert AuditEvent.objects.filter(verb="member.uninvited").count() == 1
    path = reverse("duty-invitation", args=[invitation.code])
    assert logged_in(here.applicant).get(path).status_code == 404


def test_too_many_open_invitations_are_refused(here: Troupe) -> None:
    for _ in range(memberships.MOST_OPEN):
        MemberInvitationFactory(program=here.program)
    with pytest.raises(RuleBroken, match="Too many"):
        memberships.invite(
            here.program, email="one@example.org", role="observer", by=here.coordinator
        )


def test_an_invitation_falls_with_whoever_sent_it(here: Troupe, second: Membership) -> None:
    told = {"email": here.applicant.email, "role": "coordinator", "by": second.user}
    invitation = memberships.invite(here.program, **told)
    memberships.remove(second, by=here.coordinator)
    with pytest.raises(RuleBroken, match="has ended"):
        memberships.accept(invitation, by=here.applicant)
    # however its sender lost the right
    MembershipFactory(program=here.program, user=second.user)
    invitation = memberships.invite(here.program, **told)
    User.objects.filter(pk=second.user.pk).update(is_active=False)
    with pytest.raises(RuleBroken, match="does not run this program any more"):
        memberships.accept(invitation, by=here.applicant)


def test_nobody_is_flooded_with_invitations_that_are_taken_back(here: Troupe) -> None:
    told = {"email": "ann@example.org", "role": "observer", "by": here.coordinator}
    for _ in range(3):
        memberships.uninvite(memberships.invite(here.program, **told), by=here.coordinator)
    with pytest.raises(RuleBroken, match="asked often today"):
        memberships.invite(here.program, **told)


@pytest.mark.parametrize(
    "told", [{"email": "nobody"}, {"role": "owner"}, {"email": ""}, {"email": "a\0@b.org"}]
)
def test_an_invitation_that_cannot_be_is_refused(
    as_coordinator: Client, here: Troupe, told: dict[str, str]
) -> None:
    url = reverse("desk-member-invite", args=[here.program.code])
    whole = {"email": "ann@example.org", "role": "reviewer"} | told
    assert as_coordinator.post(url, whole).status_code == 422
    assert not MemberInvitation.objects.exists()


def test_the_database_refuses_two_open_invitations_and_an_end_without_a_word(
    here: Troupe,
) -> None:
    one = MemberInvitationFactory(program=here.program)
    for wrong in (
        {"email": one.email, "role": one.role},
        {"ended_at": clock.now()},
        {"end": "accepted"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            MemberInvitationFactory(program=here.program, **wrong)


# --- Changing and ending --------------------------------------------------------------------------


def test_a_duty_is_changed_and_the_person_told(as_coordinator: Client, here: Troupe) -> None:
    url = reverse("desk-member-change", args=[membership(here, here.observer).code])
    assert as_coordinator.post(url, {"role": "reviewer"}).status_code == 302
    assert held(here, here.observer) == {"reviewer"}
    event = AuditEvent.objects.get(verb="member.changed")
    assert event.details == {"old": "observer", "role": "reviewer"}
    deliver_due()
    assert "your duty is now: Reviewer" in mail.outbox[0].body
    assert as_coordinator.post(url, {"role": "reviewer"}).status_code == 302
    assert as_coordinator.post(url, {"role": "king"}).status_code == 422
    assert AuditEvent.objects.filter(verb="member.changed").count() == 1


def test_changing_into_a_duty_one_has_ends_the_other(here: Troupe) -> None:
    observer = membership(here, here.observer)
    MembershipFactory(program=here.program, user=here.observer, role="reviewer")
    memberships.change(observer, role="reviewer", by=here.coordinator)
    assert held(here, here.observer) == {"reviewer"}


def test_a_removed_member_is_turned_away_at_the_next_click(
    as_coordinator: Client, here: Troupe
) -> None:
    theirs = logged_in(here.observer)
    page = reverse("desk-cohort", args=[here.cohort.code])
    assert theirs.get(page).status_code == 200
    url = reverse("desk-member-remove", args=[membership(here, here.observer).code])
    assert "End the duty of heron observer" in as_coordinator.get(url).content.decode()
    assert as_coordinator.post(url).status_code == 302
    assert theirs.get(page).status_code == 302
    assert AuditEvent.objects.get(verb="member.removed").details == {"role": "observer"}
    deliver_due()
    assert mail.outbox[0].to == [here.observer.email]
    assert as_coordinator.post(url).status_code == 404


def test_the_last_coordinator_stays(as_coordinator: Client, here: Troupe) -> None:
    last = membership(here, here.coordinator)
    for press in (
        lambda: memberships.remove(last, by=here.coordinator),
        lambda: memberships.change(last, role="observer", by=here.coordinator),
    ):
        with pytest.raises(RuleBroken, match="A program needs a coordinator"):
            press()
    answer = as_coordinator.post(reverse("desk-member-remove", args=[last.code]))
    assert answer.status_code == 409
    assert held(here, here.coordinator) == {"coordinator"}


def test_a_closed_account_is_no_second_coordinator(here: Troupe, second: Membership) -> None:
    User.objects.filter(pk=second.user.pk).update(is_active=False)
    with pytest.raises(RuleBroken, match="A program needs a coordinator"):
        memberships.remove(membership(here, here.coordinator), by=here.coordinator)


def test_a_coordinator_may_go_when_another_stays(here: Troupe, second: Membership) -> None:
    own = membership(here, here.coordinator)
    client = logged_in(here.coordinator)
    answer = client.post(reverse("desk-member-remove", args=[own.code]))
    assert answer["Location"] == reverse("home")
    assert held(here, here.coordinator) == set()
    with pytest.raises(RuleBroken, match="has ended already"):
        memberships.remove(own, by=second.user)


def test_only_coordinators_of_the_program_give_and_end_duties(
    here: Troupe, elsewhere: Troupe, second: Membership
) -> None:
    for by in (here.reviewer, here.observer, here.mentor.user, elsewhere.coordinator):
        for press in (
            lambda by=by: memberships.invite(
                here.program, email="a@example.org", role="observer", by=by
            ),
            lambda by=by: memberships.change(second, role="observer", by=by),
            lambda by=by: memberships.remove(second, by=by),
            lambda by=by: memberships.uninvite(
                MemberInvitationFactory(program=here.program), by=by
            ),
        ):
            with pytest.raises(RuleBroken, match="Only coordinators of this program"):
                press()


def test_the_owner_may_do_all_of_it(here: Troupe) -> None:
    owner = logged_in(UserFactory(is_superuser=True))
    assert owner.get(reverse("desk-members", args=[here.program.code])).status_code == 200
    url = reverse("desk-member-remove", args=[membership(here, here.observer).code])
    assert owner.post(url)["Location"] == reverse("desk-members", args=[here.program.code])


def test_the_records_only_show_who_has_which_duty(as_coordinator: Client, here: Troupe) -> None:
    assert as_coordinator.get(reverse("admin:programs_membership_add")).status_code == 403
    page = as_coordinator.get(reverse("admin:programs_membership_changelist"))
    assert page.status_code == 200
