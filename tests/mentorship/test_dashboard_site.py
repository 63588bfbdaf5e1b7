"""The dashboard's own AdminSite: the way in, and what libraries may not add to it."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse

from mentorship.shared.base.admin import ScopedAdmin
from tests.cast import Troupe

PAGE = "/admin/cohorts/{code}/applications/"


def test_a_coordinator_who_logs_in_reaches_the_page_they_asked_for(here: Troupe) -> None:
    page = PAGE.format(code=here.cohort.code)
    asked = Client().get(page, follow=True)
    assert asked.redirect_chain[-1][0] == f"/accounts/login/?next={page}"

    client = Client()
    client.force_login(here.coordinator)
    again = client.get(asked.redirect_chain[0][0])
    assert (again.status_code, again.headers["Location"]) == (302, page)


@pytest.mark.parametrize("there", ["https://elsewhere.example/", "//elsewhere.example", ""])
def test_the_way_in_leads_nowhere_else(as_coordinator: Client, there: str) -> None:
    response = as_coordinator.get("/admin/login/", {"next": there})
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")


def test_somebody_without_a_duty_is_told_so(here: Troupe) -> None:
    client = Client()
    client.force_login(here.applicant)
    assert client.get("/admin/", follow=True).status_code == 403


def test_libraries_add_no_pages_to_the_records() -> None:
    admin.site.register(EmailAddress)
    assert all(isinstance(page, ScopedAdmin) for page in admin.site._registry.values())
    with pytest.raises(NoReverseMatch):
        reverse("admin:account_emailaddress_changelist")


def test_a_record_shows_no_number_in_an_address(as_coordinator: Client, here: Troupe) -> None:
    page = as_coordinator.get(reverse("admin:programs_cohort_change", args=[here.cohort.code]))
    assert page.status_code == 200
    assert re.findall(r'(?:href|action)="[^"]*/\d+/', page.content.decode()) == []


def test_a_record_elsewhere_is_as_missing(as_coordinator: Client, elsewhere: Troupe) -> None:
    for code in (elsewhere.cohort.code, "2222222222222b"):
        url = reverse("admin:programs_cohort_change", args=[code])
        assert as_coordinator.get(url).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_log_in_is_posted(db: None, method: str) -> None:
    assert Client().generic(method, reverse("account_login")).status_code == 405
