"""Who looks after people's data enters by two proofs, and no way leads round the second."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.notifications.models import OutboxMessage
from programs.actions import second_factors
from programs.models import Membership, User
from tests.cast import Troupe
from tests.factories.programs import MembershipFactory, UserFactory
from tests.factories.second_factors import SECRET, code_of_app
from tests.house.matrix import pages
from tests.house.routes import every_route

pytestmark = pytest.mark.django_db

PASSWORD = "a-long-way-home-17"
DESK = "/admin/"
SET_UP = "/accounts/2fa/"


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def boss(here: Troupe) -> User:
    """A coordinator with a password."""
    return with_password(here.coordinator)


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


def with_app(user: User) -> User:
    """Gives the person an authenticator app and recovery codes."""
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return user


def by_password(user: User) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def by_both(user: User) -> Client:
    client = by_password(user)
    client.post(reverse("mfa_authenticate"), {"code": code_of_app()})
    cache.clear()  # a code counts once, and another test may need it in the same half minute
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def is_let_in(client: Client) -> bool:
    return client.get(DESK).status_code == 200


def test_who_has_a_duty_and_no_factor_is_led_to_set_one_up(boss: User) -> None:
    client = by_password(boss)
    answer = client.get(DESK, follow=True)
    assert answer.redirect_chain == [(SET_UP, 302)]
    assert "You look after other people" in answer.content.decode()
    assert client.get("/").status_code == client.get("/profile/").status_code == 200


@pytest.mark.parametrize("role", [*Membership.Role.values, "owner"])
def test_every_duty_needs_one(here: Troupe, role: str) -> None:
    user = with_password(UserFactory(is_superuser=role == "owner"))
    if role != "owner":
        MembershipFactory(program=here.program, user=user, role=role)
    assert not is_let_in(by_password(user))
    with_app(user)
    assert is_let_in(by_both(user))


def test_who_has_no_duty_is_asked_for_nothing(here: Troupe) -> None:
    client = by_password(with_password(here.mentee.user))
    assert client.get("/").status_code == 200
    assert client.get(DESK, follow=True).status_code == 403


def test_every_page_of_the_desk_stands_behind_the_door(here: Troupe, boss: User) -> None:
    """Whatever the file of permissions calls desk is asked for the factor, by each method."""
    routes = {route.name: route for route in every_route()}
    desk = {page.name: page for page in pages() if page.door == "desk"}
    assert len(desk) > 20
    client = by_password(boss)
    for name in desk:
        address = routes[name].address()
        for method in ("GET", "HEAD", "POST"):
            answer = client.generic(method, address)
            assert (answer.status_code, answer["Location"]) == (302, SET_UP), (name, method)


def test_without_a_factor_one_can_still_log_out(boss: User) -> None:
    client = by_password(boss)
    client.post(reverse("admin:logout"))
    assert not is_in(client)


def test_the_log_in_asks_for_the_second_factor(boss: User) -> None:
    client = by_password(with_app(boss))
    assert not is_in(client)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_of_app()})
    assert is_let_in(client)


def test_a_passkey_is_offered_to_who_has_one(boss: User) -> None:
    client = by_password(with_app(boss))
    assert "Use a passkey" not in client.get(reverse("mfa_authenticate")).content.decode()


def test_a_mailed_code_does_not_replace_it(boss: User) -> None:
    with_app(boss)
    client = Client()
    client.post(reverse("account_request_login_code"), {"email": boss.email})
    (code,) = re.findall(r"^\s*([A-Z0-9-]{6,})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    answer = client.post(reverse("account_confirm_login_code"), {"code": code})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)


def test_a_recovery_code_opens_once(boss: User) -> None:
    with_app(boss)
    codes = Authenticator.objects.get(user=boss, type="recovery_codes").wrap().get_unused_codes()
    for expected in (True, False):
        client = by_password(boss)
        client.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert is_in(client) is expected
        assert expected is False or is_let_in(client)


def test_who_is_appointed_while_logged_in_proves_it_first(here: Troupe) -> None:
    """Their log-in may be older than the factor, or never have used it."""
    person = with_password(UserFactory())
    client = by_password(person)
    with_app(person)
    MembershipFactory(program=here.program, user=person)
    answer = client.get(f"{DESK}records/?page=2")
    assert (
        answer["Location"]
        == f"{reverse('mfa_reauthenticate')}?next=%2Fadmin%2Frecords%2F%3Fpage%3D2"
    )
    answer = client.post(answer["Location"], {"code": code_of_app()})
    assert answer["Location"] == f"{DESK}records/?page=2"
    assert is_let_in(client)


def test_a_factor_of_another_person_in_the_session_counts_for_nothing(boss: User) -> None:
    with_app(UserFactory())
    client = by_password(boss)
    session = client.session
    session["second_factors_used"] = list(Authenticator.objects.values_list("pk", flat=True))
    session.save()
    assert not is_let_in(client)


def test_a_removed_factor_counts_no_more(boss: User) -> None:
    client = by_both(with_app(boss))
    assert is_let_in(client)
    Authenticator.objects.all().delete()
    assert client.get(DESK)["Location"] == SET_UP


@pytest.mark.parametrize("route", ["mfa_activate_totp", "mfa_add_webauthn"])
def test_setting_one_up_asks_for_the_password_again(boss: User, route: str) -> None:
    client = by_password(boss)
    answer = client.get(reverse(route))
    assert answer["Location"].startswith(reverse("account_reauthenticate"))


@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app_opens_the_dashboard_at_once(boss: User) -> None:
    client = by_password(boss)
    page = reverse("mfa_activate_totp")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = client.get(page).context["form"].secret
    code = code_of_app(secret)
    answer = client.post(page, {"code": code}, follow=True)
    shown = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert all(code in answer.content.decode() for code in shown)
    assert "recovery-codes.txt" in answer.content.decode()
    again = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert not any(code in again for code in shown)
    assert is_let_in(client)
    assert mail.outbox[-1].subject == "An authenticator app was set up"


@pytest.mark.parametrize(
    "route",
    [
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_add_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_an_older_log_in_with_the_password_changes_no_factor(
    boss: User, route: str, method: str
) -> None:
    client = by_password(boss)
    with_app(boss)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    answer = client.generic(method, reverse(route))
    assert answer["Location"].startswith(reverse("mfa_reauthenticate"))


def test_guessing_a_code_ends_after_some(boss: User) -> None:
    client = by_password(with_app(boss))
    for _ in range(10):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": code_of_app()})
    assert not is_in(client)
    # another log-in does not give a new count
    other = by_password(boss)
    other.post(reverse("mfa_authenticate"), {"code": code_of_app()})
    assert not is_in(other)


def test_a_stolen_database_gives_no_codes(boss: User) -> None:
    with_app(boss)
    rows = repr(list(Authenticator.objects.values()))
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert not any(secret in rows for secret in (SECRET, *codes))


def test_under_another_secret_key_no_code_opens_and_nothing_breaks(
    boss: User, settings: Any
) -> None:
    with_app(boss)
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another-" + "y" * 50
    client = by_password(boss)
    for code in (code_of_app(), codes[0]):
        assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert not is_in(client)
    settings.SECRET_KEY_FALLBACKS = [before]
    assert is_in(by_both(boss))


# --- A lost one --------------------------------------------------------------------------------


@pytest.fixture
def owner() -> User:
    return with_app(with_password(UserFactory(name="Olga Owner", is_superuser=True)))


RESET = {"reason": "lost", "is_checked": "on"}


def reset_page(user: User) -> str:
    return reverse("desk-second-factor-reset", args=[user.code])


def test_the_owner_resets_a_lost_factor(boss: User, owner: User) -> None:
    theirs = by_both(with_app(boss))
    client = by_both(owner)
    assert client.get(reset_page(boss)).status_code == 200
    assert Authenticator.objects.filter(user=boss).count() == 2
    answer = client.post(reset_page(boss), RESET)
    assert answer["Location"] == reverse("desk-second-factors")
    assert not Authenticator.objects.filter(user=boss).exists()
    assert theirs.get("/profile/").status_code == 302  # logged out
    assert is_let_in(client)
    assert by_password(boss).get(DESK)["Location"] == SET_UP
    assert OutboxMessage.objects.get(kind="second_factor_reset").recipient == boss
    event = AuditEvent.objects.get(verb="factor.reset")
    assert (event.actor_code, event.subject_code) == (owner.code, boss.code)
    assert event.told({boss.code: "Bo"}) == (
        "reset the second factor of Bo: The device is lost or broken"
    )


@pytest.mark.parametrize("left_out", RESET)
def test_a_reset_needs_a_reason_and_a_check(boss: User, owner: User, left_out: str) -> None:
    with_app(boss)
    sent = {name: value for name, value in RESET.items() if name != left_out}
    assert by_both(owner).post(reset_page(boss), sent).status_code == 422
    assert Authenticator.objects.filter(user=boss).exists()


def test_nobody_else_resets_anything(boss: User, here: Troupe) -> None:
    other = with_app(here.reviewer)
    client = by_both(with_app(boss))
    assert client.get(reverse("desk-second-factors")).status_code == 404
    for answer in (client.get(reset_page(other)), client.post(reset_page(other), RESET)):
        assert answer.status_code == 404
    assert Authenticator.objects.filter(user=other).exists()


def test_an_own_factor_is_changed_with_the_factor(owner: User) -> None:
    assert by_both(owner).post(reset_page(owner), RESET).status_code == 409
    assert Authenticator.objects.filter(user=owner).exists()
    with pytest.raises(RuleBroken):
        second_factors.reset(owner, by=owner, reason="lost")


def test_the_last_owner_resets_on_the_server(owner: User) -> None:
    call_command("reset_second_factor", owner.email.upper())
    assert not Authenticator.objects.exists()
    assert AuditEvent.objects.get(verb="factor.reset").actor_code == ""
    for address in (owner.email, "nobody@example.org"):
        with pytest.raises(CommandError):
            call_command("reset_second_factor", address)


def test_a_reset_twice_is_told_as_a_sentence(boss: User) -> None:
    with_app(boss)
    second_factors.reset(boss, by=None, reason="replaced")
    with pytest.raises(RuleBroken, match="has no second factor"):
        second_factors.reset(boss, by=None, reason="replaced")


@pytest.mark.parametrize("more", [1, 30])
def test_the_list_tells_who_lacks_one(
    owner: User, here: Troupe, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(more):
        MembershipFactory(program=here.program)
    with_app(here.mentee.user)
    client = by_both(owner)
    with django_assert_num_queries(5):
        answer = client.get(reverse("desk-second-factors"))
    page = answer.content.decode()
    assert "Not yet" in page
    assert len(answer.context["page_obj"]) == min(25, 5 + more)
    assert EmailAddress.objects.count() > 5
