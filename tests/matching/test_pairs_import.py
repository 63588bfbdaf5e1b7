"""Pairs made by hand: brought as a list, checked row by row, and matched around."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from matching import runs
from matching.actions import brought
from matching.decision_log import look_through
from matching.imports.pairs import MadePair
from matching.models import Avoid, Exclusion, LoggedDecision, MatchingRun, Place
from mentorship.shared.base import clock
from programs.models import Membership
from tests.factories.matching import match_of
from tests.factories.programs import MembershipFactory, ParticipantFactory, UserFactory
from tests.matching.people import asked, person

HEADER = "mentee email,mentor email,reason"


@pytest.fixture
def coordinator(cohort, client):
    someone = MembershipFactory(program=cohort.program, role=Membership.Role.COORDINATOR).user
    client.force_login(someone)
    return someone


@pytest.fixture
def people(cohort):
    """Two mentors with two places and one, and three mentees, by the names in their addresses."""
    found = {}
    for name, role, capacity in (
        ("ann", "mentor", 2),
        ("ben", "mentor", 1),
        ("eva", "mentee", 1),
        ("finn", "mentee", 1),
        ("gil", "mentee", 1),
    ):
        found[name] = person(
            cohort,
            role,
            user=UserFactory(name=name.title(), email=f"{name}@example.org"),
            capacity=capacity,
            answers={"skills_offered": ["Go"], "skills_wanted": ["Go"]},
        )
    return found


def bring(client, cohort, text, name="hand.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    url = reverse("desk-pairs-import", args=[cohort.code])
    return client.post(url, {"file": SimpleUploadedFile(name, content)})


def wrong(answer):
    """What the page says is wrong: row, column, sentence."""
    assert answer.status_code == 422
    return [(one.row, one.column, one.reason) for one in answer.context["problems"]]


def rows(*pairs):
    lines = [f"{mentee}@example.org,{mentor}@example.org," for mentee, mentor in pairs]
    return "\n".join([HEADER, *lines])


def test_pairs_stay_together_and_the_rest_is_matched_around_them(
    cohort, coordinator, people, client
):
    text = f"{HEADER}\nEVA@example.org,ben@example.org,They asked for it\n"
    answer = bring(client, cohort, text)
    run = MatchingRun.objects.get()
    assert answer["Location"] == reverse("desk-run", args=[run.code])
    assert (run.name, run.locked) == (
        "Pairs from hand.csv",
        [[people["eva"].code, people["ben"].code]],
    )
    runs.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.status, run.matched, run.is_proven) == ("done", 3, True)
    together = {(s.mentee.user.name, s.mentor.user.name) for s in run.suggestions.all()}
    assert together == {("Eva", "Ben"), ("Finn", "Ann"), ("Gil", "Ann")}
    (noted,) = LoggedDecision.objects.all()
    assert (noted.kind, noted.by_code, noted.reason.text) == (
        "pair.made",
        coordinator.code,
        "They asked for it",
    )
    assert noted.facts == {
        "mentee": people["eva"].code,
        "mentor": people["ben"].code,
        "run": run.code,
    }
    assert set(noted.reason.about.all()) == {people["eva"].user, people["ben"].user}


def test_many_decisions_make_a_chain_that_holds(cohort, coordinator, people):
    made = [
        MadePair(people[mentee].code, people[mentor].code, reason)
        for mentee, mentor, reason in (
            ("eva", "ann", ""),
            ("finn", "ann", "why"),
            ("gil", "ben", ""),
        )
    ]
    for number in (1, 2):
        brought.start(cohort, by=coordinator, pairs=made, name=f"{number}")
        MatchingRun.objects.update(status="done")
    assert list(LoggedDecision.objects.values_list("number", flat=True)) == [6, 5, 4, 3, 2, 1]
    assert look_through(cohort).holds


def test_a_workbook_and_semicolons_and_other_columns_are_read(cohort, coordinator, people, client):
    book = Workbook()
    book.active.append(["Mentor  Email", "points", "Mentee email"])
    book.active.append(["ann@example.org", 12, "eva@example.org"])
    out = io.BytesIO()
    book.save(out)
    assert bring(client, cohort, out.getvalue(), "Hand made.xlsx").status_code == 302
    assert MatchingRun.objects.get().locked == [[people["eva"].code, people["ann"].code]]
    MatchingRun.objects.update(status="done")
    semicolons = "mentee email;mentor email\neva@example.org;ben@example.org\n"
    assert bring(client, cohort, semicolons).status_code == 302
    assert MatchingRun.objects.latest("pk").locked == [[people["eva"].code, people["ben"].code]]


def test_the_export_of_a_run_comes_back_as_pairs(cohort, coordinator, people, client):
    bring(client, cohort, rows(("eva", "ben")))
    run = MatchingRun.objects.get()
    runs.carry_out(run.pk)
    answer = client.post(reverse("desk-run-export", args=[run.code]), {"format": "csv"})
    content = b"".join(answer.streaming_content)
    assert bring(client, cohort, content).status_code == 302
    assert len(MatchingRun.objects.latest("pk").locked) == 3


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_file_of_a_run_adds_up_and_tells_no_private_wish(
    cohort, coordinator, people, client, format
):
    Avoid.objects.create(participant=people["eva"], other=people["ann"])
    run = asked(cohort)
    runs.carry_out(run.pk)
    answer = client.post(reverse("desk-run-export", args=[run.code]), {"format": format})
    content = b"".join(answer.streaming_content)
    if format == "csv":
        told = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    else:
        header, *lines = load_workbook(io.BytesIO(content)).active.values
        told = [dict(zip(header, line, strict=True)) for line in lines]
    assert {(one["mentee"], one["mentor"]) for one in told} >= {("Eva", "Ben")}
    assert all(int(one["points"]) == int(one["points of skills"]) == 10 for one in told)
    assert set(told[0]) == {
        *("mentee", "mentee email", "mentor", "mentor email"),
        *("points", "reasons", "points of skills"),
    }


def test_every_mistake_is_told_with_its_row_and_nothing_is_kept(
    cohort, coordinator, people, client
):
    gone = ParticipantFactory(
        cohort=cohort,
        role="mentee",
        user=UserFactory(email="gone@example.org"),
        joined_at=clock.now() - timedelta(days=9),
        left_at=clock.now(),
    )
    assert gone.left_at
    matched = person(cohort, user=UserFactory(email="matched@example.org"))
    busy = person(cohort, "mentor", user=UserFactory(email="busy@example.org"), capacity=1)
    match_of(busy, matched)
    answer = bring(
        client,
        cohort,
        rows(
            ("nobody", "ann"),
            ("ann", "ben"),
            ("eva", "finn"),
            ("gone", "ann"),
            ("matched", "ann"),
            ("eva", "busy"),
            ("gil", "ben"),
            ("finn", "ben"),
            ("gil", "ann"),
        )
        + "\n,ann@example.org,\n",
    )
    assert wrong(answer) == [
        (
            2,
            "mentee email",
            "Nobody with the address nobody@example.org takes part in this cohort.",
        ),
        (3, "mentee email", "ann@example.org takes part here, but not as a mentee."),
        (4, "mentor email", "finn@example.org takes part here, but not as a mentor."),
        (5, "mentee email", "gone@example.org has left this cohort."),
        (6, "mentee email", "This mentee has a match already."),
        (7, "mentee email", "This mentee stands in row 4 already."),
        (
            7,
            "mentor email",
            "This mentor cannot be matched now: no free place, on a pause, or not ready.",
        ),
        (9, "mentor email", "This mentor has 1 free place, and the list gives more."),
        (10, "mentee email", "This mentee stands in row 8 already."),
        (11, "mentee email", "This cell is empty."),
    ]
    assert not MatchingRun.objects.exists()
    assert not LoggedDecision.objects.exists()
    assert Place.objects.count() == 2


def test_exclusions_and_private_wishes_of_either_side_are_told_alike(
    cohort, coordinator, people, client
):
    Avoid.objects.create(participant=people["eva"], other=people["ann"])
    Avoid.objects.create(participant=people["ben"], other=people["finn"])
    Exclusion.objects.create(mentee=people["gil"], mentor=people["ann"], by=coordinator)
    answer = bring(client, cohort, rows(("eva", "ann"), ("finn", "ben"), ("gil", "ann")))
    told = {reason for _row, _column, reason in wrong(answer)}
    assert told == {"Not possible (a private wish)."}
    assert len(wrong(answer)) == 3


def test_a_must_is_told_by_its_label_and_before_a_private_wish(cohort, coordinator, client):
    criterion = {
        "name": "language",
        "label": "A language in common",
        "kind": "same",
        "mentee": "languages",
        "mentor": "languages",
        "must": True,
    }
    cohort.policy = cohort.policy | {"criterion": [*cohort.policy["criterion"], criterion]}
    cohort.save()
    mentor = person(
        cohort,
        "mentor",
        user=UserFactory(email="ann@example.org"),
        profile={"languages": ["de"]},
    )
    mentee = person(
        cohort, user=UserFactory(email="eva@example.org"), profile={"languages": ["fr"]}
    )
    Avoid.objects.create(participant=mentee, other=mentor)
    answer = bring(client, cohort, rows(("eva", "ann")))
    assert wrong(answer) == [(2, None, "This pair breaks a must: A language in common.")]


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "empty"),
        (b"mentee email,mentor email\n", "no pair in this file"),
        (b"mentee,mentor\na,b\n", "is missing"),
        (b"mentee email,mentor email,mentee email\na,b,c\n", "twice"),
        (b"PK\x03\x04 this is no workbook", "workbook"),
        (b'mentee email,mentor email\n"a,b\n', "CSV"),
        (b"\x00\x01\x02", "missing"),
        (HEADER.encode() + b"\na,b," + b"x" * 1_001, "At most 1000"),
        (HEADER.encode() + b"\na,b,\x07", "nobody can see"),
    ],
)
def test_a_file_that_is_no_list_of_pairs_is_a_sentence(
    cohort, coordinator, people, client, content, says
):
    answer = bring(client, cohort, content)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not MatchingRun.objects.exists()


def test_pairs_wait_while_a_run_is_at_work(cohort, coordinator, people, client):
    bring(client, cohort, rows(("eva", "ann")))
    assert bring(client, cohort, rows(("finn", "ann"))).status_code in (302, 409)
    assert MatchingRun.objects.count() == 1
    assert LoggedDecision.objects.count() == 1


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_an_empty_list_to_fill_in_can_be_taken(cohort, coordinator, client, format):
    answer = client.get(reverse("desk-pairs-template", args=[cohort.code]), {"format": format})
    content = answer.content
    if format == "csv":
        header = content.decode("utf-8-sig").strip().split(",")
    else:
        header = [cell.value for cell in load_workbook(io.BytesIO(content)).active[1]]
    assert header == HEADER.split(",")


def test_nobody_else_brings_pairs(cohort, people, client):
    reviewer = MembershipFactory(program=cohort.program, role=Membership.Role.REVIEWER).user
    client.force_login(reviewer)
    assert bring(client, cohort, rows(("eva", "ann"))).status_code == 404
    assert not MatchingRun.objects.exists()
