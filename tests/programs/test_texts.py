"""Texts that people read: written in versions, shown safely, and who read which."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.markdown import to_html
from mentorship.shared.base.rules import RuleBroken
from programs.actions import texts
from programs.models import Consent, RequiredText, TextVersion
from programs.starter_texts import STARTERS
from tests.cast import Troupe
from tests.factories.programs import CohortFactory, ParticipantFactory, UserFactory
from tests.factories.texts import GateItemFactory, RequiredTextFactory

pytestmark = pytest.mark.django_db

WRITTEN = {
    "kind": "conduct",
    "title": "Our code",
    "role": "",
    "scope": "program",
    "is_asked": "on",
    "body": "# Be kind\n\n- **Always**",
}


# --- Markdown -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written, shown",
    [
        ("# A\n\n## B\n\n##### C", "<h2>A</h2>\n<h3>B</h3>\n<h4>C</h4>\n"),
        ("## A\n\n### B", "<h2>A</h2>\n<h3>B</h3>\n"),
        ("a **b** *c*", "<p>a <strong>b</strong> <em>c</em></p>\n"),
        ("<script>x()</script>", "<p>&lt;script&gt;x()&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](data:text/html,y)", "<p>[x](data:text/html,y)</p>\n"),
        (
            "[x](https://a.example/)",
            '<p><a href="https://a.example/" rel="noopener noreferrer">x</a></p>\n',
        ),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
    ],
)
def test_markdown_becomes_a_short_list_of_tags(written: str, shown: str) -> None:
    assert to_html(written) == shown


def test_a_picture_loads_nothing_from_elsewhere() -> None:
    assert "<img" not in to_html("![x](https://tracker.example/x.png)")


@pytest.mark.parametrize("starter", STARTERS.values(), ids=lambda starter: starter.kind)
def test_a_starter_is_a_text_that_can_be_kept_as_it_is(starter) -> None:
    text = texts.write(
        CohortFactory(),
        by=UserFactory(),
        kind=starter.kind,
        title=str(starter.title),
        body=str(starter.body),
    )
    assert "<h2>" in to_html(text.versions.get().body)


# --- Writing --------------------------------------------------------------------------------------


def test_a_coordinator_writes_a_text_and_the_cohort_asks_for_it(
    as_coordinator: Client, here: Troupe
) -> None:
    url = reverse("desk-text-new", args=[here.cohort.code])
    assert as_coordinator.post(url, WRITTEN).status_code == 302
    text = here.program.texts.get()
    assert (text.title, text.role, text.newest, text.consent_from) == ("Our code", "", 1, 1)
    version = text.versions.get()
    assert (version.number, version.written_by, version.asks_again) == (1, here.coordinator, True)
    assert here.cohort.gate_items.get().text == text
    page = as_coordinator.get(reverse("desk-text", args=[text.code])).content.decode()
    assert "<h2>Be kind</h2>" in page


def test_a_starter_fills_the_form(as_coordinator: Client, here: Troupe) -> None:
    url = reverse("desk-text-new", args=[here.cohort.code])
    page = as_coordinator.get(url, {"start": "confidentiality"}).content.decode()
    assert "Where confidentiality ends" in page
    assert as_coordinator.get(url, {"start": "nonsense"}).status_code == 200


def test_a_text_is_looked_at_before_it_is_kept(as_coordinator: Client, here: Troupe) -> None:
    url = reverse("desk-text-new", args=[here.cohort.code])
    answer = as_coordinator.post(url, WRITTEN | {"preview": "yes"})
    assert (answer.status_code, RequiredText.objects.count()) == (200, 0)
    assert "<h2>Be kind</h2>" in answer.content.decode()
    text = RequiredTextFactory(program=here.program)
    told = {"title": "New title", "body": "## Bolder", "asks_again": "no", "preview": "yes"}
    answer = as_coordinator.post(reverse("desk-text-edit", args=[text.code]), told)
    assert (answer.status_code, text.versions.count()) == (200, 1)
    assert "<h2>Bolder</h2>" in answer.content.decode()


@pytest.mark.parametrize(
    "field, value",
    [
        ("kind", "poem"),
        ("title", ""),
        ("title", "x" * 121),
        ("title", "two\nlines"),
        ("role", "owner"),
        ("scope", "world"),
        ("body", ""),
        ("body", "x" * 40_001),
        ("body", "a\0b"),
    ],
)
def test_a_text_that_cannot_be_is_refused(
    as_coordinator: Client, here: Troupe, field: str, value: str
) -> None:
    url = reverse("desk-text-new", args=[here.cohort.code])
    assert as_coordinator.post(url, WRITTEN | {field: value}).status_code == 422
    assert not RequiredText.objects.exists()


def test_a_new_version_leaves_the_old_one_readable(as_coordinator: Client, here: Troupe) -> None:
    text = RequiredTextFactory(program=here.program, body="As it was")
    url = reverse("desk-text-edit", args=[text.code])
    told = {"title": "Code", "body": "As it is", "asks_again": "yes"}
    assert as_coordinator.post(url, told).status_code == 302
    text.refresh_from_db()
    assert (text.title, text.newest, text.consent_from) == ("Code", 2, 2)
    first, second = text.versions.order_by("number")
    assert (first.title, first.body, first.is_current) == ("Code of conduct", "As it was", False)
    assert (second.title, second.body, second.is_current) == ("Code", "As it is", True)
    page = reverse("desk-text", args=[text.code])
    assert "As it was" in as_coordinator.get(page, {"version": "1"}).content.decode()
    assert "As it is" in as_coordinator.get(page, {"version": "²"}).content.decode()
    assert as_coordinator.get(page, {"version": "7"}).status_code == 404


def test_keeping_the_same_words_makes_no_version(here: Troupe) -> None:
    text = RequiredTextFactory(program=here.program, body="The same")
    told = {"title": text.title, "body": "The same", "by": here.coordinator}
    assert texts.rewrite(text, asks_again=False, **told).number == 1
    assert texts.rewrite(text, asks_again=True, **told).number == 2


def test_a_new_version_needs_to_say_who_reads_it(as_coordinator: Client, here: Troupe) -> None:
    text = RequiredTextFactory(program=here.program)
    url = reverse("desk-text-edit", args=[text.code])
    assert as_coordinator.post(url, {"title": "Code", "body": "New"}).status_code == 422
    assert text.versions.count() == 1


def test_a_retired_text_takes_no_new_version(as_coordinator: Client, here: Troupe) -> None:
    text = RequiredTextFactory(program=here.program)
    url = reverse("desk-text-retire", args=[text.code])
    assert as_coordinator.get(url).status_code == 405
    for _ in range(2):
        assert as_coordinator.post(url).status_code == 302
    assert AuditEvent.objects.filter(verb="text.retired").count() == 1
    with pytest.raises(RuleBroken, match="retired"):
        texts.rewrite(text, by=here.coordinator, title="x", body="y", asks_again=True)


def test_the_list_says_how_many_have_read(as_coordinator: Client, here: Troupe) -> None:
    text = RequiredTextFactory(program=here.program)
    for_mentors = RequiredTextFactory(cohort=here.cohort, role="mentor", title="For mentors")
    texts.agree(text.versions.get(), by=here.mentee.user)
    texts.agree(text.versions.get(), by=UserFactory())  # of another cohort
    texts.agree(for_mentors.versions.get(), by=here.mentor.user)
    page = as_coordinator.get(reverse("desk-texts", args=[here.cohort.code]))
    rows = [(one.title, one.readers, one.people) for one in page.context["page_obj"]]
    assert rows == [("Code of conduct", 1, 4), ("For mentors", 1, 2)]
    other = as_coordinator.get(reverse("desk-texts", args=[here.next_cohort.code]))
    assert [one.title for one in other.context["page_obj"]] == ["Code of conduct"]


@pytest.mark.parametrize("name", ["desk-text", "desk-text-edit", "desk-text-retire"])
def test_a_foreign_text_is_not_there(as_coordinator: Client, elsewhere: Troupe, name: str) -> None:
    for text in (
        RequiredTextFactory(program=elsewhere.program),
        RequiredTextFactory(cohort=elsewhere.cohort),
    ):
        assert as_coordinator.post(reverse(name, args=[text.code])).status_code in (404, 405)
        assert as_coordinator.get(reverse(name, args=[text.code])).status_code in (404, 405)


# --- Reading --------------------------------------------------------------------------------------


def test_a_person_reads_a_text_and_says_so(client: Client, here: Troupe) -> None:
    text = RequiredTextFactory(program=here.program)
    GateItemFactory(cohort=here.cohort, text=text)
    client.force_login(here.mentee.user)
    url = reverse("text-detail", args=[text.versions.get().code])
    assert "I have read this." in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 422
    assert not Consent.objects.exists()
    answer = client.post(url, {"has_read": "on"})
    assert answer["Location"] == reverse("participation-detail", args=[here.mentee.code])
    consent = Consent.objects.get()
    assert (consent.user, consent.version) == (here.mentee.user, text.versions.get())
    page = client.get(url).content.decode()
    assert "You said on" in page
    assert "I have read this." not in page
    client.post(url, {"has_read": "on"})
    assert Consent.objects.count() == AuditEvent.objects.filter(verb="text.read").count() == 1


def test_an_old_version_leads_to_the_newest(client: Client, here: Troupe) -> None:
    text = RequiredTextFactory(program=here.program)
    old = text.versions.get()
    new = texts.rewrite(text, by=here.coordinator, title="Code", body="New", asks_again=True)
    client.force_login(here.mentee.user)
    page = client.get(reverse("text-detail", args=[old.code])).content.decode()
    assert reverse("text-detail", args=[new.code]) in page
    assert "I have read this." not in page
    answer = client.post(reverse("text-detail", args=[old.code]), {"has_read": "on"})
    assert answer.status_code == 409
    assert "has changed since" in answer.content.decode()


def test_who_has_read_before_a_small_change_need_not_do_anything(
    client: Client, here: Troupe
) -> None:
    text = RequiredTextFactory(program=here.program)
    texts.agree(text.versions.get(), by=here.mentee.user)
    new = texts.rewrite(text, by=here.coordinator, title="Code", body="New", asks_again=False)
    client.force_login(here.mentee.user)
    page = client.get(reverse("text-detail", args=[new.code])).content.decode()
    assert "you need not do anything" in page
    assert "I have read this." not in page


def test_what_one_has_agreed_to_stays_readable(client: Client, here: Troupe) -> None:
    text = RequiredTextFactory(program=here.program)
    version = text.versions.get()
    texts.agree(version, by=here.mentee.user)
    texts.retire(text, by=here.coordinator)
    here.mentee.left_at = clock.now()
    here.mentee.save()
    client.force_login(here.mentee.user)
    url = reverse("text-detail", args=[version.code])
    assert client.get(url).status_code == 200
    client.force_login(here.mentor.user)
    assert client.get(url).status_code == 404
    with pytest.raises(RuleBroken, match="no longer in use"):
        texts.agree(version, by=here.mentor.user)


def test_a_text_is_for_those_who_take_part_in_that_role(here: Troupe, elsewhere: Troupe) -> None:
    whole = RequiredTextFactory(program=here.program).versions.get()
    own = RequiredTextFactory(cohort=here.next_cohort).versions.get()
    mentors = RequiredTextFactory(cohort=here.cohort, role="mentor").versions.get()
    newcomer = ParticipantFactory(cohort=here.next_cohort)
    gone = ParticipantFactory(
        cohort=here.cohort, joined_at=clock.now() - timedelta(days=1), left_at=clock.now()
    )
    closed = ParticipantFactory(cohort=here.cohort, user=UserFactory(is_active=False))
    expected = {
        here.mentor: {whole, mentors},
        here.mentee: {whole},
        newcomer: {whole, own},
        gone: set(),
        closed: set(),
        elsewhere.mentor: set(),
    }
    for one, readable in expected.items():
        assert set(TextVersion.objects.readable_by(one.user)) == readable


# --- What the database holds ----------------------------------------------------------------------


def test_the_database_keeps_a_consent_once(here: Troupe) -> None:
    version = RequiredTextFactory(program=here.program).versions.get()
    Consent.objects.create(user=here.applicant, version=version)
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.create(user=here.applicant, version=version)


@pytest.mark.parametrize("owners", [(), ("program", "cohort")])
def test_a_text_belongs_to_a_program_or_to_a_cohort(here: Troupe, owners: tuple[str, ...]) -> None:
    fields = {name: getattr(here, name) for name in owners}
    with pytest.raises(IntegrityError), transaction.atomic():
        RequiredText.objects.create(kind="other", title="x", **fields)


@pytest.mark.parametrize("fields", [{"consent_from": 2}, {"consent_from": 0}, {"role": "owner"}])
def test_the_database_refuses_a_text_that_cannot_be(here: Troupe, fields) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RequiredText.objects.create(program=here.program, kind="other", title="x", **fields)


@pytest.mark.parametrize("number", [0, 1])
def test_a_version_has_a_number_of_its_own(here: Troupe, number: int) -> None:
    text = RequiredTextFactory(program=here.program)
    with pytest.raises(IntegrityError), transaction.atomic():
        TextVersion.objects.create(
            text=text, number=number, title="x", body="y", written_by=here.coordinator
        )


def test_a_title_stands_in_one_line(here: Troupe) -> None:
    with pytest.raises(ValidationError):
        texts.write(here.cohort, by=here.coordinator, kind="other", title="a\nb", body="x")
