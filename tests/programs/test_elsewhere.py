"""Log-in with an account elsewhere: what switches it on, and whom it lets in."""

import json
from collections.abc import Iterator
from typing import Any

import environ
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings
from django.urls import reverse

from mentorship.settings.providers import elsewhere
from programs.models import User
from tests.factories.programs import UserFactory

pytestmark = pytest.mark.django_db

ISSUER = "https://id.example.org"
LOGIN = "/accounts/oidc/oidc/login/"
CALLBACK = "/accounts/oidc/oidc/login/callback/"


class Answered:
    """What the other site says, as `requests` would hand it over."""

    status_code = 200
    ok = True
    headers = {"content-type": "application/json"}

    def __init__(self, said: dict[str, Any]) -> None:
        self.said = said
        self.text = json.dumps(said)

    def json(self) -> dict[str, Any]:
        return self.said

    def raise_for_status(self) -> None:
        """It went well."""


class OtherSite:
    """An OpenID provider that says of its visitor whatever it is told to."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}

    def request(self, method: str, url: str, **_: Any) -> Answered:
        pages: dict[str, dict[str, Any]] = {
            "/.well-known/openid-configuration": {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "userinfo_endpoint": f"{ISSUER}/me",
                "jwks_uri": f"{ISSUER}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            "/token": {"access_token": "token", "token_type": "Bearer"},
            "/me": self.claims,
        }
        return Answered(next(said for end, said in pages.items() if url.endswith(end)))

    def visit(self, client: Client, process: str = "login", **claims: Any) -> Any:
        """Go there and come back as somebody of whom these claims are made."""
        self.claims = {"sub": "77"} | claims
        left = client.post(f"{LOGIN}?process={process}")
        assert left.status_code == 200
        [state] = client.session["socialaccount_states"]
        return client.get(CALLBACK, {"code": "x", "state": state})


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> OtherSite:
    site = OtherSite()

    def request(_: Any, method: str, url: str, **options: Any) -> Answered:
        return site.request(method, url, **options)

    monkeypatch.setattr("requests.Session.request", request)
    return site


@pytest.fixture
def _trusted() -> Iterator[None]:
    """The operator believes this provider for addresses of one domain."""
    _, providers = configured(OIDC_TRUSTED_DOMAINS="example.org")
    with override_settings(SOCIALACCOUNT_PROVIDERS=providers):
        yield


OIDC = {
    "OIDC_NAME": "Example ID",
    "OIDC_ISSUER": ISSUER,
    "OIDC_CLIENT_ID": "id",
    "OIDC_CLIENT_SECRET": "secret",
}


def configured(**variables: str) -> tuple[list[str], dict[str, Any]]:
    env = environ.Env()
    env.ENVIRON = OIDC | variables
    return elsewhere(env)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# --- What switches it on -----------------------------------------------------------------------


def test_nothing_is_switched_on_by_itself(settings: Any) -> None:
    env = environ.Env()
    env.ENVIRON = {}
    assert elsewhere(env) == ([], {})
    settings.SOCIALACCOUNT_PROVIDERS = {}
    for route in ("account_login", "account_signup"):
        assert "Continue with" not in Client().get(reverse(route)).content.decode()


@pytest.mark.parametrize("name", ["google", "github", "microsoft"])
def test_two_variables_switch_one_on(name: str) -> None:
    prefix = name.upper()
    env = environ.Env()
    env.ENVIRON = {f"{prefix}_CLIENT_ID": "id", f"{prefix}_CLIENT_SECRET": "secret"}
    apps, providers = elsewhere(env)
    assert apps == [f"allauth.socialaccount.providers.{name}"]
    [app] = providers[name]["APPS"]
    assert (app["client_id"], app["secret"]) == ("id", "secret")
    env.ENVIRON.popitem()
    with pytest.raises(ImproperlyConfigured, match=f"{prefix}_CLIENT_SECRET"):
        elsewhere(env)


@pytest.mark.parametrize("left_out", OIDC)
def test_any_openid_provider_takes_four(left_out: str) -> None:
    apps, providers = configured()
    assert apps == ["allauth.socialaccount.providers.openid_connect"]
    assert providers["openid_connect"]["APPS"][0]["settings"]["server_url"] == ISSUER
    with pytest.raises(ImproperlyConfigured, match=left_out):
        configured(**{left_out: ""})


def test_each_that_is_on_has_its_button() -> None:
    page = Client().get(reverse("account_login")).content.decode()
    for name in ("Google", "GitHub", "Microsoft", "Example ID"):
        assert f"Continue with {name}" in page


# --- There and back ----------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["google", "github", "microsoft"])
def test_the_way_there_begins_by_a_button_and_leaves_by_a_page(provider: str) -> None:
    url = reverse(f"{provider}_login")
    client = Client(enforce_csrf_checks=True)
    assert client.get(url).status_code == client.head(url).status_code == 405
    assert client.post(url).status_code == 403  # not by a form of somebody else
    answer = Client().post(url)
    assert answer.status_code == 200
    assert f"{provider}-id" in answer.context["there"]
    assert 'http-equiv="refresh"' in answer.content.decode()
    assert "form-action 'self'" in answer["Content-Security-Policy"]


def test_a_site_that_does_not_answer_is_told_of() -> None:
    answer = Client().post(LOGIN, follow=True)
    assert "We cannot reach the other site at the moment" in answer.content.decode()


def test_an_answer_nobody_asked_for_lets_nobody_in(there: OtherSite) -> None:
    client = Client()
    assert client.get(CALLBACK, {"code": "x", "state": "made-up"}).status_code == 401
    assert not is_in(client)


@pytest.mark.usefixtures("_trusted")
def test_name_and_address_are_taken_over(there: OtherSite) -> None:
    client = Client()
    there.visit(client, email="Ada@example.org", email_verified=True, name=" Ada \n Lovelace")
    assert is_in(client)
    user = User.objects.get()
    assert (user.email, user.name) == ("ada@example.org", "Ada Lovelace")
    assert not user.has_usable_password()
    assert EmailAddress.objects.get().verified
    assert not mail.outbox


@pytest.mark.usefixtures("_trusted")
def test_a_name_that_was_not_told_is_asked(there: OtherSite) -> None:
    client = Client()
    answer = there.visit(client, email="ada@example.org", email_verified=True)
    assert answer["Location"] == reverse("socialaccount_signup")
    page = client.get(answer["Location"])
    assert page.context["form"]["email"].value() == "ada@example.org"
    sent = {"email": "ada@example.org", "name": "Ada"}
    client.post(answer["Location"], sent | {"name": ""})
    assert not User.objects.exists()
    client.post(answer["Location"], sent)
    assert is_in(client)
    assert User.objects.get().name == "Ada"


@pytest.mark.usefixtures("_trusted")
def test_an_address_changed_in_the_form_is_checked_by_us(there: OtherSite) -> None:
    client = Client()
    there.visit(client, email="ada@example.org", email_verified=True)
    sent = {"email": "victim@example.org", "name": "Ada"}
    answer = client.post(reverse("socialaccount_signup"), sent)
    assert answer["Location"] == reverse("account_email_verification_sent")
    assert not is_in(client)
    address = EmailAddress.objects.get()
    assert (address.email, address.verified) == ("victim@example.org", False)


def test_the_word_of_a_provider_nobody_trusts_is_checked_by_us(there: OtherSite) -> None:
    client = Client()
    answer = there.visit(client, email="ada@example.org", email_verified=True, name="Ada")
    assert answer["Location"] == reverse("account_email_verification_sent")
    assert not is_in(client)
    assert mail.outbox[0].to == ["ada@example.org"]


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize(
    "claims",
    [
        {"email": "ada@elsewhere.example", "email_verified": True},  # another domain
        {"email": "ada@elsewhere.example"},
    ],
)
def test_trust_in_one_domain_is_none_in_another(there: OtherSite, claims: dict[str, Any]) -> None:
    client = Client()
    there.visit(client, name="Ada", **claims)
    assert not is_in(client)


# --- Nobody gets into somebody else's account -----------------------------------------------------

NAIVE = {
    "SOCIALACCOUNT_EMAIL_AUTHENTICATION": True,
    "SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT": True,
}
THEIRS = "allauth.socialaccount.adapter.DefaultSocialAccountAdapter"


@pytest.mark.parametrize("naive", [False, True])
@pytest.mark.parametrize("trusted", [False, True])
def test_an_address_that_is_alike_links_nothing(
    there: OtherSite, naive: bool, trusted: bool
) -> None:
    """Whatever the provider claims, and even with allauth's settings that would link."""
    victim = UserFactory(email="victim@example.org")
    _, providers = configured(OIDC_TRUSTED_DOMAINS="example.org" if trusted else "")
    client = Client()
    with override_settings(SOCIALACCOUNT_PROVIDERS=providers, **(NAIVE if naive else {})):
        there.visit(client, email=victim.email, email_verified=True, name="Mallory")
    assert not is_in(client)
    assert not SocialAccount.objects.exists()
    assert User.objects.count() == 1


def test_allauths_own_adapter_with_these_settings_would_link(there: OtherSite) -> None:
    """So the test above can fail."""
    victim = UserFactory(email="victim@example.org")
    client = Client()
    with override_settings(SOCIALACCOUNT_ADAPTER=THEIRS, **NAIVE):
        there.visit(client, email=victim.email, email_verified=True, name="Mallory")
    assert client.session["_auth_user_id"] == str(victim.pk)
    assert SocialAccount.objects.get().user == victim


@pytest.mark.usefixtures("_trusted")
def test_who_has_an_account_is_told_to_log_in_and_connect(there: OtherSite) -> None:
    user = UserFactory(email="ada@example.org")
    client = Client()
    answer = there.visit(client, email="Ada@example.org", email_verified=True, name="Ada")
    assert answer["Location"] == reverse("account_login")
    page = client.get(answer["Location"]).content.decode()
    assert "You have an account with this address." in page
    client.force_login(user)
    there.visit(client, process="connect", email="Ada@example.org", email_verified=True)
    assert not SocialAccount.objects.exists()  # first they prove that it is them


def test_an_untrusted_address_does_not_tell_who_is_known(there: OtherSite) -> None:
    UserFactory(email="known@example.org")
    answers = [
        there.visit(Client(), sub=who, email=f"{who}@example.org", name="Ada")
        for who in ("known", "new")
    ]
    assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1
    told = {message.to[0]: message.subject for message in mail.outbox}
    assert told["known@example.org"] == "You already have an account"


def test_what_is_connected_opens_the_account_and_asks_for_the_second_factor(
    there: OtherSite,
) -> None:
    user = UserFactory()
    SocialAccount.objects.create(user=user, provider="oidc", uid="77")
    client = Client()
    there.visit(client, email="whatever@example.org")
    assert client.session["_auth_user_id"] == str(user.pk)
    user.authenticator_set.create(type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    other = Client()
    answer = there.visit(other, email="whatever@example.org")
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not is_in(other)


def test_a_closed_account_is_not_opened_from_elsewhere(there: OtherSite) -> None:
    user = UserFactory(is_active=False)
    SocialAccount.objects.create(user=user, provider="oidc", uid="77")
    client = Client()
    there.visit(client, email=user.email)
    assert not is_in(client)


def test_a_log_in_connected_before_the_address_was_proven_opens_nothing(there: OtherSite) -> None:
    """Somebody claims a victim's address there, stops, and waits until the victim proves it."""
    email, mallory = "victim@example.org", Client()
    there.visit(mallory, email=email, name="Mallory")
    assert SocialAccount.objects.get().user.email == email
    victim = Client()
    mail.outbox.clear()
    victim.post(reverse("account_request_login_code"), {"email": email})
    code = next(line.strip() for line in mail.outbox[-1].body.splitlines() if "-" in line)
    victim.post(reverse("account_confirm_login_code"), {"code": code})
    assert is_in(victim)
    assert victim.get("/profile/").status_code == 200
    there.visit(mallory, email=email, name="Mallory")
    assert not is_in(mallory)


def test_the_same_when_the_victim_chooses_a_new_password(there: OtherSite) -> None:
    email, mallory = "victim@example.org", Client()
    there.visit(mallory, email=email, name="Mallory")
    mail.outbox.clear()
    victim = Client()
    victim.post(reverse("account_reset_password"), {"email": email})
    link = next(line for line in mail.outbox[-1].body.splitlines() if "/key/" in line)
    form = victim.get("/accounts/" + link.partition("/accounts/")[2])["Location"]
    new = {"password1": "a-long-way-home-17", "password2": "a-long-way-home-17"}
    assert victim.post(form, new).status_code == 302
    assert not SocialAccount.objects.exists()


def test_one_switched_off_again_breaks_no_page(there: OtherSite) -> None:
    user = UserFactory()
    SocialAccount.objects.create(user=user, provider="oidc", uid="77")
    client = Client()
    client.force_login(user)
    with override_settings(SOCIALACCOUNT_PROVIDERS={}):
        for route in ("account", "socialaccount_connections"):
            assert client.get(reverse(route)).status_code == 200
