"""A coordinator sees the portal as its people do, and nothing of it is kept."""

import re

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from mentorship.dashboard.preview import SCENES
from programs.models import Role
from tests.cast import Troupe
from tests.privacy_world import every_row

pytestmark = pytest.mark.django_db


def look(client: Client, cohort: object, role: str, scene: str, **asked: str):
    return client.get(reverse("desk-preview", args=[cohort.code, role, scene]), asked)


@pytest.mark.parametrize("scene", [scene.name for scene in SCENES])
@pytest.mark.parametrize("role", Role.values)
def test_every_scene_of_every_stage_is_shown(here: Troupe, as_coordinator: Client, role, scene):
    for cohort in (here.draft_cohort, here.next_cohort, here.cohort):
        answer = look(as_coordinator, cohort, role, scene)
        text = answer.content.decode()
        assert answer.status_code == 200, cohort
        assert "This is what people in" in text
        assert any(word in text for word in (here.program.name, "Robin", "Kim"))


def test_a_preview_leaves_nothing_behind(here: Troupe, as_coordinator: Client):
    as_coordinator.get(reverse("admin:index"))
    before = list(every_row())
    for scene in SCENES:
        look(as_coordinator, here.draft_cohort, "mentee", scene.name)
    skipped = {"sessions.Session"}
    assert [row for row in every_row() if row[0] not in skipped] == [
        row for row in before if row[0] not in skipped
    ]
    assert apps.get_model("notifications", "OutboxMessage").objects.count() == 0


def test_a_preview_shows_nobody_real(here: Troupe, as_coordinator: Client):
    for scene in SCENES:
        text = look(as_coordinator, here.cohort, "mentee", scene.name).content.decode()
        assert f"{here.canary} mentor" not in text
        assert f"{here.canary} mentee" not in text


def test_no_button_and_no_link_of_a_preview_leads_anywhere(here: Troupe, as_coordinator: Client):
    for scene in SCENES:
        answer = look(as_coordinator, here.next_cohort, "mentee", scene.name)
        text = answer.content.decode()
        portal = text.split("</nav>", 1)[1]  # behind the strip
        here_again = reverse("desk-preview", args=[here.next_cohort.code, "mentee", scene.name])
        assert set(re.findall(r'<a\b[^>]*?href="(/[^"]*)"', portal)) <= {here_again}
        assert "csrfmiddlewaretoken" not in text
        assert set(re.findall(r'<form method="(\w+)" action="([^"]*)"', text)) <= {
            ("get", here_again)
        }


def test_a_pressed_button_says_that_nothing_happened(here: Troupe, as_coordinator: Client):
    text = look(as_coordinator, here.next_cohort, "mentee", "apply", action="submit")
    assert "You pressed a button" in text.content.decode()


def test_a_scene_that_is_none_is_not_there(here: Troupe, as_coordinator: Client):
    assert look(as_coordinator, here.cohort, "mentee", "heaven").status_code == 404
