"""Whatever is typed into a form of the set-up: an answer, never an error nobody caught."""

import os
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import Troupe
from tests.house.world import undone

EXAMPLES = 200 if os.environ.get("FULL") else 15

day = st.one_of(
    st.dates().map(lambda on: on.isoformat()),
    st.sampled_from(["", "0001-01-01", "9999-12-31", "2026-02-30", "today", "1", "20260101"]),
)
number = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(str),
    st.sampled_from(["", "1", "2", "12", "52", "many", "1e400", "٣"]),
)
text = st.one_of(st.text(max_size=140), st.just("Spring"), st.just("x" * 5000))
ticked = st.sampled_from(["", "on", "off"])
zone = st.sampled_from(["Europe/Berlin", "Pacific/Kiritimati", "Mars/Olympus", ""])

COHORT = st.fixed_dictionaries(
    {
        "name": text,
        "time_zone": zone,
        "is_always_on": ticked,
        **dict.fromkeys(("apply_from", "apply_until", "review_until"), day),
        **dict.fromkeys(("match_on", "starts_on", "ends_on"), day),
        **dict.fromkeys(("match_weeks", "checkin_weeks", "checkin_minutes"), number),
        **dict.fromkeys(("flexible_weeks", "mentor_places", "mentee_places"), number),
        "has_flexible_pace": ticked,
    }
)
NEW_COHORT = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["empty", "pilot", "onboarding", "cohort-x", ""]),
        "name": text,
        "starts_on": day,
        "time_zone": zone,
    }
)
PROGRAM = st.fixed_dictionaries(
    {**dict.fromkeys(("name", "purpose", "outcomes", "skills_exchanged"), text), "reply_to": text}
)
OBJECTIVE = st.fixed_dictionaries(
    {
        "statement": text,
        "metric": st.sampled_from(["", "completion", "luck"]),
        "unit": text,
        "baseline": number,
        "target": number,
        "due_on": day,
        "cohort": text,
    }
)
FIGURE = st.fixed_dictionaries({"value": number, "on": day})

FORMS = {
    "desk-cohort-edit": ("draft_cohort", COHORT),
    "desk-cohort-new": ("program", NEW_COHORT),
    "desk-program-edit": ("program", PROGRAM),
    "desk-objective-new": ("program", OBJECTIVE),
    "desk-objective": ("objective", OBJECTIVE),
    "desk-objective-measure": ("objective", FIGURE),
}


@pytest.mark.parametrize("name", FORMS)
def test_whatever_is_sent_is_kept_or_refused(
    as_coordinator: Client, here: Troupe, name: str
) -> None:
    thing, sent = FORMS[name]
    url = reverse(name, args=[getattr(here, thing).code])

    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(sent)
    def play(data: dict[str, Any]) -> None:
        with undone():
            assert as_coordinator.post(url, data).status_code in (302, 409, 422)

    play()
