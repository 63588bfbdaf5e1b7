"""Reasons as sentences that both people may read."""

import pytest

from matching.policies import keep_private, usual
from matching.reasons import sentences

POLICY = {"criterion": [{"name": "it", "label": "It"}]}


def said(kind, *, shared=(), mentee="", mentor="", points=1, answered=True, private=False):
    reason = {
        "criterion": "it",
        "kind": kind,
        "shared": shared,
        "mentee": mentee,
        "mentor": mentor,
        "points": points,
        "answered": answered,
        "private": private,
    }
    return sentences([reason], POLICY)


@pytest.mark.parametrize(
    "kind, told, sentence",
    [
        ("overlap", {"shared": ["Go", "SQL"]}, "It: Go, SQL."),
        ("same", {"mentee": "yes", "mentor": "yes"}, "It: yes."),
        ("ladder", {"mentee": "2", "mentor": "9"}, "It: 2 and 9."),
        ("zone", {"mentee": "UTC", "mentor": "UTC"}, "It: your clocks show the same time."),
        ("ranks", {}, "It."),
        (
            "hours",
            {"shared": ["Mon 19:00-20:00", "Sun 23:00-Mon 01:00"]},
            "It: Mon 19:00-20:00, Sun 23:00-Mon 01:00 on the mentor's clock.",
        ),
        (
            "hours",
            {"shared": [f"{day} 08:00-09:00" for day in ("Mon", "Tue", "Wed", "Thu", "Fri")]},
            "It: Mon 08:00-09:00, Tue 08:00-09:00, Wed 08:00-09:00 and 2 more on the mentor's "
            "clock.",
        ),
    ],
)
def test_a_reason_is_a_sentence(kind, told, sentence):
    assert said(kind, **told) == [sentence]


@pytest.mark.parametrize("less", [{"points": 0}, {"answered": False}, {"private": True}])
def test_what_says_nothing_or_not_to_them_is_left_out(less):
    assert said("overlap", shared=["Go"], **less) == []


def test_that_somebody_waited_before_is_for_coordinators_only():
    table = usual().to_dict()
    waited = {"name": "waited again", "kind": "priority", "mentee": "priority", "points": 5}
    policy = type(usual()).from_dict(table | {"criterion": [*table["criterion"], waited]})
    private = [c.name for c in keep_private(policy, ()).criteria if c.private]
    assert private == ["waited", "waited again"]
