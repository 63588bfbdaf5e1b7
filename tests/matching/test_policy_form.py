"""Starting a run: what counts is chosen in a form, kept, taken along and brought back."""

import json
from contextlib import suppress

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.actions import matching_runs
from matching.engine import Policy, PolicyError
from matching.engine.criteria import KINDS
from matching.forms.policies import PolicyForm
from matching.models import MatchingRun
from matching.policies import for_cohort, missing_choices, presets, ready_made, usual
from matching.policies.asked import facts_asked, missing_facts
from matching.policies.files import LARGEST_FILE, from_file, from_text, to_toml
from matching.policies.words import does, table_of
from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base.rules import RuleBroken
from programs.models import Choice, Membership
from tests.factories.programs import CohortFactory, MembershipFactory
from tests.matching.people import asked

SHIPPED = {**presets(), "ready-made": ready_made()}


def sent(form):
    """What a browser sends for a form that nobody touched."""
    data = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if value is True:
            data[name] = "on"
        elif value not in (None, False):
            data[name] = str(value)
    return data


@pytest.fixture
def url(cohort):
    return reverse("desk-run-start", args=[cohort.code])


@pytest.fixture
def coordinator(cohort, client):
    person = MembershipFactory(program=cohort.program, role=Membership.Role.COORDINATOR).user
    client.force_login(person)
    return person


def row_of(form, name):
    return next(n for n, criterion in enumerate(form.criteria) if criterion.name == name)


# --- What a criterion says ------------------------------------------------------------------------


def test_every_ready_made_criterion_says_what_it_does():
    told = {criterion.kind.name: does(criterion) for criterion in ready_made().criteria}
    assert told.keys() == KINDS.keys()
    assert told["hours"] == (
        "Gives up to 8 points for hours of the week both are free; 4 hours give them all. "
        "Fewer than 1 hour in common rules the pair out."
    )
    assert told["zone"] == (
        "Gives 4 points to clocks up to 2 hours apart, none from 9 hours on, and evenly less in "
        "between."
    )
    assert all(sentence.endswith(".") and "%" not in sentence for sentence in told.values())


@pytest.mark.parametrize("kind", KINDS)
def test_a_must_of_every_kind_says_whom_it_rules_out(kind):
    one = next(c for c in ready_made().criteria if c.kind.name == kind)
    must = type(one).read(one.to_dict() | {"must": True}, 1)
    assert len(does(must)) > 20
    assert "%" not in does(must)


def test_a_table_is_told_line_by_line():
    goal = next(c for c in ready_made().criteria if c.name == "goal")
    assert table_of(goal)[0] == ("mentee: grow in the current career, mentor: yes", 8)
    years = next(c for c in ready_made().criteria if c.name == "seniority")
    assert table_of(years) == [("2 to 4 above", 4), ("5 to 14 above", 8), ("15 or more above", 5)]


# --- The form -------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", SHIPPED.values(), ids=SHIPPED)
def test_a_form_that_nobody_touched_asks_for_the_same_policy(cohort, policy):
    form = PolicyForm(cohort, sent(PolicyForm(cohort, policy=policy)))
    assert form.is_valid(), form.errors
    assert form.asked == policy


def test_a_coordinator_changes_points_leaves_one_out_and_adds_one(cohort, coordinator, client, url):
    form = PolicyForm(cohort, policy=usual())
    data = sent(form) | {
        f"c{row_of(form, 'skills')}-points": "7",
        f"c{row_of(form, 'skills')}-enough": "",
        f"c{row_of(form, 'industry')}-points": "0",
        f"c{row_of(form, 'hours')}-points": "9",
        f"c{row_of(form, 'hours')}-must": "on",
        "objective": "fair-floor",
        "name": "Skills, quietly",
        "seed": "5",
    }
    answer = client.post(url, data | {"action": "start"})
    run = MatchingRun.objects.get()
    assert answer["Location"] == reverse("desk-run", args=[run.code])
    assert (run.name, run.seed, run.objective) == ("Skills, quietly", 5, "fair-floor")
    criteria = {one["name"]: one for one in run.policy["criterion"]}
    assert criteria.keys() == {c.name for c in usual().criteria} - {"industry"} | {"hours"}
    assert (criteria["skills"]["points"], "enough" in criteria["skills"]) == (7, False)
    assert (criteria["hours"]["points"], criteria["hours"]["must"]) == (9, True)
    cohort.refresh_from_db()
    assert cohort.policy["criterion"][0]["points"] == 10  # it was for this run only


def test_a_coordinator_keeps_a_policy_for_the_cohort(cohort, coordinator, client, url):
    data = sent(PolicyForm(cohort, policy=usual()))
    assert client.post(url, data | {"action": "keep"}).status_code == 302
    cohort.refresh_from_db()
    assert Policy.from_dict(cohort.policy) == usual()
    assert not MatchingRun.objects.exists()
    client.post(url, data | {"action": "keep"})
    assert AuditEvent.objects.filter(verb="policy.changed").count() == 1
    other = sent(PolicyForm(cohort, policy=presets()["same-hours"]))
    client.post(url, other | {"remember": "on"})
    cohort.refresh_from_db()
    assert cohort.policy["name"] == "Same hours first" == MatchingRun.objects.get().policy["name"]


def test_the_button_without_a_form_starts_by_the_cohorts_policy(cohort, coordinator, client, url):
    assert client.post(url).status_code == 302
    assert MatchingRun.objects.get().policy["criterion"][0]["points"] == 10


@pytest.mark.parametrize(
    "changes, field, says",
    [
        ({"clock-full_hours": "9", "clock-none_hours": "9"}, "clock-none_hours", "not be below 10"),
        ({"skills-points": "-1"}, "skills-points", "greater than or equal to 0"),
        ({"skills-points": "many"}, "skills-points", "whole number"),
        ({"skills-points": "10001"}, "skills-points", "less than or equal to 10000"),
        ({"skills-enough": "0"}, "skills-enough", "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    cohort, coordinator, client, url, changes, field, says
):
    form = PolicyForm(cohort, policy=usual())
    named = {
        f"c{row_of(form, name)}-{what}": value
        for (name, _, what), value in ((key.partition("-"), v) for key, v in changes.items())
    }
    answer = client.post(url, sent(form) | named)
    assert answer.status_code == 422
    name, _, what = field.partition("-")
    assert says in str(answer.context["form"].errors[f"c{row_of(form, name)}-{what}"])
    (mistake,) = answer.context["form"].mistakes()
    assert mistake.id == f"id_c{row_of(form, name)}-{what}"
    assert mistake.where.startswith(next(c.label for c in form.criteria if c.name == name))
    assert not MatchingRun.objects.exists()


def test_a_policy_in_which_nothing_counts_is_a_sentence(cohort, coordinator, client, url):
    form = PolicyForm(cohort, policy=usual())
    data = {k: v for k, v in sent(form).items() if not k.endswith(("-points", "-must"))}
    answer = client.post(url, data)
    assert answer.status_code == 422
    assert "give points to at least one criterion" in answer.content.decode()


def test_see_what_this_does_tells_the_new_numbers_and_starts_nothing(
    cohort, coordinator, client, url
):
    form = PolicyForm(cohort, policy=usual())
    data = sent(form) | {f"c{row_of(form, 'skills')}-points": "77", "name": "Mine"}
    answer = client.post(url, data | {"action": "look"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Gives up to 77 points" in page
    assert 'value="Mine"' in page
    assert not MatchingRun.objects.exists()


def test_a_preset_or_an_earlier_run_fills_the_form(cohort, coordinator, client, url):
    for name, policy in presets().items():
        assert client.get(url, {"from": name}).context["form"].base == policy
    run = asked(cohort, policy=presets()["career-change"].to_dict())
    assert client.get(url, {"from": run.code}).context["form"].base.name == "Career change"
    other = asked(CohortFactory(stage="matching"), policy=presets()["same-hours"].to_dict())
    assert client.get(url, {"from": other.code}).context["form"].base.name == "Skills first"


def test_settled_pairs_of_a_draft_can_be_kept(cohort, coordinator, client, url, pair):
    mentor, mentee = pair
    run = asked(cohort, locked=[(mentee.code, mentor.code)], name="First")
    MatchingRun.objects.update(status="done")
    form = PolicyForm(cohort)
    assert (run.code, "First: 1 settled") in form.fields["keep"].choices
    client.post(url, sent(form) | {"keep": run.code})
    assert MatchingRun.objects.latest("pk").locked == [[mentee.code, mentor.code]]
    stranger = asked(CohortFactory(stage="matching"), locked=[("a", "b")])
    assert client.post(url, sent(form) | {"keep": stranger.code}).status_code == 422


def test_a_second_run_waits_for_the_first_with_a_sentence(cohort, coordinator, client, url):
    data = sent(PolicyForm(cohort))
    client.post(url, data)
    answer = client.post(url, data | {"remember": "on", "title": "Other"})
    assert answer.status_code in (302, 409)
    cohort.refresh_from_db()
    assert (MatchingRun.objects.count(), cohort.policy["name"]) == (1, "Skills first")


def test_a_policy_that_cannot_be_read_begins_with_the_usual_one(cohort, coordinator, client, url):
    cohort.policy = {"name": "x", "criterion": []}
    cohort.save()
    answer = client.get(url)
    assert answer.context["form"].base == usual()
    assert "cannot be used as it is" in answer.content.decode()


# --- What a cohort can use ------------------------------------------------------------------------


def test_criteria_over_what_nobody_is_asked_for_say_so(cohort):
    asked_for = facts_asked(cohort)
    lacking = {c.name: missing_facts(c, asked_for, cohort.choice) for c in ready_made().criteria}
    assert lacking["skills"] == lacking["hours"] == lacking["clock"] == lacking["waited"] == ()
    assert lacking["industry"] == ("industry",)
    assert lacking["mentee's choice"] == ("choices",)
    cohort.choice = Choice.RANKED
    assert missing_facts(ready_made().criteria[-4], asked_for, cohort.choice) == ()


def test_choices_count_in_every_run_where_people_choose(cohort):
    assert missing_choices(usual(), cohort) == []
    assert for_cohort(usual(), cohort).criteria == usual().criteria
    cohort.choice = Choice.RANKED
    cohort.save()
    run = asked(cohort, policy=usual().to_dict())
    ranks = [one for one in run.policy["criterion"] if one["kind"] == "ranks"]
    assert [(one["side"], one["points"], one["private"]) for one in ranks] == [
        ("mentee", 10, True),
        ("mentor", 6, True),
    ]
    assert for_cohort(Policy.from_dict(run.policy), cohort).to_dict() == run.policy


def test_a_criterion_without_points_counts_nobodys_choice(cohort):
    cohort.choice = Choice.RANKED
    table = usual().to_dict()
    table["criterion"] += [
        {"name": "mentor's choice", "kind": "same", "mentee": "a", "mentor": "a", "points": 1},
        {"name": "silent", "kind": "ranks", "side": "mentee", "points": 0},
        {"name": "loud", "kind": "ranks", "side": "mentor", "points": 3},
    ]
    settled = for_cohort(Policy.from_dict(table), cohort)
    names = [one.name for one in settled.criteria if one.kind.name == "ranks"]
    assert names == ["loud", "mentee's choice"]


def test_choices_that_do_not_fit_in_are_a_sentence(cohort):
    cohort.choice = Choice.RANKED
    cohort.save()
    many = [
        {"name": f"{n}", "kind": "same", "mentee": "a", "mentor": "a", "points": 1}
        for n in range(50)
    ]
    with pytest.raises(RuleBroken, match="52 criteria"):
        asked(cohort, policy={"name": "x", "criterion": many})


@pytest.mark.parametrize("policy", presets().values(), ids=presets())
def test_whoever_was_let_down_goes_first_a_little_and_nobody_else_reads_it(policy):
    (waited,) = [one for one in policy.criteria if one.kind.name == "priority"]
    assert waited.private
    assert waited.points * 10 <= policy.most_points


# --- Files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", SHIPPED.values(), ids=SHIPPED)
def test_a_policy_comes_back_from_its_file_as_it_was(policy):
    assert from_file(to_toml(policy).encode()) == policy
    assert from_text(json.dumps(policy.to_dict())) == policy


LABELS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@settings(max_examples=200, deadline=None)
@given(LABELS.filter(str.strip), LABELS.filter(str.strip), st.lists(LABELS, unique=True))
def test_any_words_come_back_from_a_file(name, label, blank):
    table = {
        "name": name,
        "criterion": [
            {
                "name": label,
                "label": label,
                "kind": "table",
                "mentee": label,
                "mentor": "a",
                "blank": blank,
                "pairs": [[name, label, 3]],
            }
        ],
    }
    policy = Policy.from_dict(table)
    assert from_file(to_toml(policy).encode()) == policy


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([to_toml(policy).encode() for policy in SHIPPED.values()]),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6),
    st.integers(0, 10**6),
    st.sampled_from([b"", b"\x00", b"[", b'"', b"9" * 5_000, b"[" * 3_000, b"\\u0000", b"nan"]),
)
def test_a_mutated_file_is_a_policy_or_a_sentence(content, changes, cut, more):
    mutated = bytearray(content)
    for at, byte in changes:
        mutated[at % len(mutated)] = byte
    at = cut % len(mutated)
    with suppress(PolicyError):  # its message is the sentence that people read
        policy = from_file(bytes(mutated[:at] + more + mutated[at:]))
        assert from_file(to_toml(policy).encode()) == policy


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "[]",
        "5",
        '{"name": "a\\u0000b"}',
        '{"name": "\\ud800", "criterion": [5]}',
        '{"name": NaN}',
        "9" * 5_000,
        '{"name": "x", "criterion": [' + "[" * 500 + "]" * 500 + "]}",
    ],
)
def test_a_damaged_form_is_a_sentence(cohort, coordinator, client, url, text):
    with pytest.raises(PolicyError):
        from_text(text)
    answer = client.post(url, {"policy": text, "title": "x", "objective": "total"})
    assert answer.status_code == 422
    assert not MatchingRun.objects.exists()


def test_a_coordinator_takes_a_policy_along_and_brings_it_back(cohort, coordinator, client, url):
    form = PolicyForm(cohort, policy=presets()["same-hours"])
    answer = client.post(url, sent(form) | {"action": "file"})
    assert answer["Content-Disposition"] == 'attachment; filename="same-hours-first.toml"'
    file = SimpleUploadedFile("policy.toml", answer.content)
    back = client.post(reverse("desk-policy-import", args=[cohort.code]), {"file": file})
    assert back.status_code == 200
    assert back.context["form"].base == presets()["same-hours"]
    cohort.refresh_from_db()
    assert cohort.policy["name"] == "Skills first"  # nothing is kept yet


@pytest.mark.parametrize(
    "content, says",
    [
        (b"x" * (LARGEST_FILE + 1), "more than 64 KB"),
        (b"\xff\xfe", "UTF-8"),
        (b"name = ", "not valid TOML"),
        (b'name = "x"', "at least one [[criterion]]"),
        (b"n = " + b"9" * 5_000, "cannot be read"),
        (b'name = "a\\u0007b"\ncriterion = []', "hidden characters"),
        (b"", "empty"),
    ],
)
def test_a_file_that_is_no_policy_is_a_sentence(cohort, coordinator, client, content, says):
    file = SimpleUploadedFile("policy.toml", content)
    answer = client.post(reverse("desk-policy-import", args=[cohort.code]), {"file": file})
    assert answer.status_code == 422
    assert says in str(answer.context["file"].errors)


def test_a_named_run_keeps_its_name_when_it_is_run_again(cohort):
    run = asked(cohort, name="First")
    MatchingRun.objects.update(status="done")
    run.refresh_from_db()
    assert matching_runs.again(run, by=run.asked_by).name == "First"
