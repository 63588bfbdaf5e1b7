"""The audit of a run reads what people tell about themselves; the scorer cannot."""

import ast
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from matching import bridge, engine, fairness, runs
from matching.actions import matching_runs
from matching.fairness_rows import audit_of
from matching.models import MatchingRun, Suggestion
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from programs.models import Cohort, Participant, SelfIdentification
from tests.factories.matching import MatchingRunFactory
from tests.factories.programs import (
    POLICY,
    ApplicationFactory,
    CohortFactory,
    ParticipantFactory,
    UserFactory,
)

ROOT = Path(__file__).parents[2]
TABLE = "programs_selfidentification"


@pytest.fixture
def cohort(db: None) -> Cohort:
    cohort: Cohort = CohortFactory(stage="matching")
    return cohort


def tell(person: Participant, **groups: str) -> None:
    for dimension, group in groups.items():
        SelfIdentification.objects.create(user=person.user, dimension=dimension, group=group)


def people(cohort: Cohort, role: str, count: int, **groups: str) -> list[Participant]:
    """Accepted people who want or offer the same skill, so that everybody fits everybody."""
    skill = {"mentor": "skills_offered", "mentee": "skills_wanted"}[role]
    made = [ParticipantFactory(cohort=cohort, role=role) for _ in range(count)]
    for person in made:
        ApplicationFactory(
            cohort=cohort,
            applicant=person.user,
            role=role,
            status="accepted",
            answers={skill: ["Go", "SQL"]},
        )
        tell(person, **groups)
    return made


def answered(cohort: Cohort) -> MatchingRun:
    run = matching_runs.start(cohort, by=UserFactory())
    runs.carry_out(run.pk)
    return MatchingRun.objects.get(pk=run.pk)


def written(
    cohort: Cohort,
    mentors: list[Participant],
    mentees: list[Participant],
    pairs: list[tuple[Participant, Participant, int]],
    ranks: dict[Participant, list[Participant]] | None = None,
) -> MatchingRun:
    """A finished run as the bridge would have written it; pairs are mentee, mentor, points."""
    chosen = ranks or {}
    asked = engine.Input(
        tuple(engine.Mentor(mentor.code, 1, {}) for mentor in mentors),
        tuple(
            engine.Mentee(mentee.code, {}, tuple(mentor.code for mentor in chosen.get(mentee, [])))
            for mentee in mentees
        ),
        engine.Policy.from_dict(POLICY),
    )
    run: MatchingRun = MatchingRunFactory(cohort=cohort, status="done", asked=asked)
    Suggestion.objects.bulk_create(
        Suggestion(run=run, mentee=mentee, mentor=mentor, score=points)
        for mentee, mentor, points in pairs
    )
    return run


def figures(dimension: fairness.Dimension) -> dict[str | None, tuple[int, int]]:
    return {group.name: (group.matched.hits, group.people) for group in dimension.groups}


# --- From a run to its audit ----------------------------------------------------------------------


def test_a_run_that_was_carried_out_is_seen_by_groups(cohort: Cohort) -> None:
    people(cohort, "mentor", 5, gender="man")
    people(cohort, "mentor", 6, gender="woman")
    people(cohort, "mentee", 5, gender="woman")
    people(cohort, "mentee", 8)
    run = answered(cohort)
    assert run.matched == 11
    found = audit_of(run)
    (mentees,), (mentors,) = found.mentees, found.mentors
    assert (mentees.name, mentors.name) == ("gender", "gender")
    assert figures(mentors) == {"man": (5, 5), "woman": (6, 6)}
    matched, asked = zip(*figures(mentees).values(), strict=True)
    assert (sum(matched), sum(asked)) == (11, 13)
    assert {group.name: group.people for group in mentees.groups} == {None: 8, "woman": 5}
    assert [group.score for group in mentors.groups] == [None, None]


def test_points_and_first_choices_are_those_of_the_pairs(cohort: Cohort) -> None:
    mentors = people(cohort, "mentor", 7)
    women = people(cohort, "mentee", 6, gender="woman")
    men = people(cohort, "mentee", 6, gender="man")
    pairs = [(woman, mentor, 12) for woman, mentor in zip(women, mentors, strict=False)]
    pairs.append((men[0], mentors[6], 30))
    ranks = (
        {
            women[0]: [mentors[0], mentors[1]],  # got the first
            women[1]: [mentors[2], mentors[1]],  # the second
            women[2]: [mentors[2]],
            women[3]: [mentors[3]],
            women[4]: [mentors[0], mentors[4]],  # the second
            women[5]: [],  # ranked nobody
        }
        | {man: [mentors[6]] for man in men[:5]}
    )  # one of them got it
    found = audit_of(written(cohort, mentors, women + men, pairs, ranks))
    man, woman = found.mentees[0].groups
    assert (man.name, woman.name) == ("man", "woman")
    assert (woman.matched.hits, man.matched.hits) == (6, 1)
    assert woman.first_choice is not None
    assert (woman.first_choice.hits, woman.first_choice.of) == (3, 5)
    assert man.first_choice is not None
    assert (man.first_choice.hits, man.first_choice.of) == (1, 5)
    assert man.score is None, "one man's points"
    assert woman.score is None, "would leave that man's points over"
    assert man.impact is not None
    assert man.impact.is_low
    assert man.impact.differs


def test_a_mentor_is_matched_with_one_mentee_or_more(cohort: Cohort) -> None:
    mentors = people(cohort, "mentor", 5, gender="woman") + people(cohort, "mentor", 5)
    mentees = people(cohort, "mentee", 4)
    pairs = [(mentee, mentors[n // 2], 1) for n, mentee in enumerate(mentees)]
    found = audit_of(written(cohort, mentors, mentees, pairs))
    assert figures(found.mentors[0]) == {None: (0, 5), "woman": (2, 5)}
    assert found.mentees == (), "nobody of them told anything"


def test_only_who_was_asked_about_counts_and_each_cohort_for_itself(cohort: Cohort) -> None:
    mentees = people(cohort, "mentee", 5, gender="woman")
    people(cohort, "mentee", 3, gender="woman")
    people(CohortFactory(stage="matching"), "mentee", 7, gender="woman")
    both = ParticipantFactory(cohort=cohort, user=mentees[0].user, role="mentor")
    found = audit_of(written(cohort, [both], mentees, []))
    assert figures(found.mentees[0]) == {"woman": (0, 5)}
    assert found.mentors == ()


@pytest.mark.parametrize("status", ["queued", "running", "failed"])
def test_a_run_without_an_answer_has_no_audit(cohort: Cohort, status: str) -> None:
    with pytest.raises(RuleBroken, match="no answer"):
        audit_of(MatchingRunFactory(cohort=cohort, status=status, failure="x"))


@pytest.mark.parametrize("size", [1, 3])
def test_an_audit_asks_the_same_number_of_questions(
    cohort: Cohort, size: int, django_assert_num_queries: Any
) -> None:
    mentees = people(cohort, "mentee", 5 * size, gender="woman", age="young")
    run = written(cohort, [], mentees, [])
    with django_assert_num_queries(4):
        audit_of(run)


# --- The command ----------------------------------------------------------------------------------


def test_the_command_prints_a_table_and_one_line_of_json(cohort: Cohort) -> None:
    mentors = people(cohort, "mentor", 16)
    women = people(cohort, "mentee", 20, gender="woman")
    men = people(cohort, "mentee", 20, gender="man")
    (hidden,) = people(cohort, "mentee", 1, gender="two-spirit")
    silent = people(cohort, "mentee", 6)
    lucky = [*women[:2], *men[:14]]
    pairs = [(mentee, mentor, 7) for mentee, mentor in zip(lucky, mentors, strict=True)]
    run = written(cohort, mentors, [*women, *men, hidden, *silent], pairs)
    out = StringIO()
    call_command("audit_run", run.code, stdout=out)
    *lines, last = out.getvalue().splitlines()
    assert lines[0] == "Mentees by gender"
    assert [line.split()[:2] for line in lines[2:5]] == [
        ["man", "20"],
        ["woman", "20"],
        ["(not", "shown)"],
    ]
    assert "14 of 20 = 70% [46%, 88%]" in lines[2]
    assert "2 of 20 = 10% [1%, 32%]" in lines[3]
    assert "0.14 [" in lines[3]
    assert lines[3].split("]")[2].split()[:2] == ["!", "*"]
    assert lines[4].split()[-1] == "7"
    told = json.loads(last)
    assert told.keys() == {"run", "mentees", "mentors"}
    assert told["run"] == run.code
    assert [(g["name"], g["people"]) for g in told["mentees"][0]["groups"]] == [
        ("man", 20),
        ("woman", 20),
    ]
    assert "two-spirit" not in out.getvalue()
    assert not any(person.code in out.getvalue() for person in (*women, *men, *mentors, hidden))


def test_the_command_says_when_nothing_can_be_shown(cohort: Cohort) -> None:
    out = StringIO()
    call_command("audit_run", written(cohort, [], people(cohort, "mentee", 9), []).code, stdout=out)
    *lines, last = out.getvalue().splitlines()
    assert "No group can be shown" in lines[0]
    assert json.loads(last)["mentees"] == []


def test_a_wrong_code_and_an_unfinished_run_are_sentences(cohort: Cohort) -> None:
    with pytest.raises(CommandError, match="There is no matching run with the code nosuchcode"):
        call_command("audit_run", "nosuchcode")
    with pytest.raises(CommandError, match="no answer"):
        call_command("audit_run", MatchingRunFactory(cohort=cohort).code)


# --- The table ------------------------------------------------------------------------------------


def test_a_person_says_one_thing_in_each_respect_and_does_not_vanish(cohort: Cohort) -> None:
    (person,) = people(cohort, "mentee", 1, gender="woman", age="young")
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(person, gender="man")
    told = SelfIdentification.objects.get(user=person.user, dimension="gender")
    assert told.given_at <= clock.now()
    assert "woman" not in str(told)
    someone = UserFactory()
    SelfIdentification.objects.create(user=someone, dimension="gender", group="woman")
    someone.emailaddress_set.all().delete()
    with pytest.raises(ProtectedError):
        someone.delete()


# --- The scorer cannot see it ---------------------------------------------------------------------

SCORER = [
    ROOT / "matching/bridge.py",
    ROOT / "matching/asking.py",
    ROOT / "matching/keeping.py",
    ROOT / "matching/runs.py",
    *sorted((ROOT / "matching/engine").rglob("*.py")),
]
# Who may know the table: its own model, the person's own page about themself, what is told to them
# of everything held, the audit, and who asks for one: the command and what answers pages.
MAY_KNOW = {
    "programs/personal.py",
    "programs/views/profiles.py",
    "programs/actions/about_me.py",
    "programs/models/people.py",
    "programs/models/__init__.py",
    "matching/fairness_rows.py",
    "matching/inquiring.py",
    "matching/management/commands/audit_run.py",
}
CODE = [
    path
    for package in ("mentorship", "programs", "matching", "feedback")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]


def ways_to_the_table(source: str) -> list[str]:
    """Every name, import or text in this module by which it could reach the table."""
    return [
        f"line {getattr(node, 'lineno', '?')}: {word}"
        for node in ast.walk(ast.parse(source))
        for word in _words(node)
        if _leads_there(word)
    ]


def _leads_there(word: str) -> bool:
    plain = word.casefold().replace("_", "").replace(" ", "").replace("-", "")
    ways = {"matching.fairness_rows", "fairness_rows", "programs.actions.about_me", "about_me", "*"}
    return "selfidentif" in plain or word in ways


def _words(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names):
            yield module or ""
            yield from (alias.name for alias in names)
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
            yield name
        case ast.keyword(arg=str(name)):
            yield name
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Constant(value=str(text)):
            yield text


@pytest.mark.parametrize("path", SCORER, ids=lambda path: path.name)
def test_the_scorer_does_not_mention_the_table(path: Path) -> None:
    assert ways_to_the_table(path.read_text(encoding="utf-8")) == []


def test_only_the_audit_mentions_it() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in CODE
        if any(not way.endswith("*") for way in ways_to_the_table(path.read_text("utf-8")))
    }
    assert found == MAY_KNOW


@pytest.mark.parametrize(
    "planted",
    [
        "from programs.models import SelfIdentification",
        "from programs.models import SelfIdentification as Extra",
        "from programs.models.people import *",
        "import programs.models\nx = programs.models.SelfIdentification.objects.all()",
        "x = person.user.selfidentification_set.all()",
        "x = User.objects.filter(self_identifications__group='x')",
        "x = apps.get_model('programs', 'SelfIdentification')",
        "cursor.execute('SELECT * FROM programs_selfidentification')",
        "from matching.fairness_rows import audit_of",
        "from matching import fairness_rows",
        "def self_identification(person): ...",
    ],
)
def test_a_way_to_the_table_is_found(planted: str) -> None:
    assert ways_to_the_table(planted) != []


def test_a_person_leads_to_no_table() -> None:
    """A user's rows cannot be reached from the user: no name, no join, no prefetch."""
    relations = UserFactory._meta.model._meta.get_fields()
    assert not any(_leads_there(field.name) for field in relations)


def queries_of_a_run(cohort: Cohort) -> list[str]:
    people(cohort, "mentor", 2, gender="woman")
    people(cohort, "mentee", 3, gender="man")
    run = matching_runs.start(cohort, by=UserFactory())
    with CaptureQueriesContext(connection) as seen:
        runs.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.status, run.matched) == ("done", 2)
    return [query["sql"] for query in seen]


def test_carrying_out_a_run_asks_the_table_nothing(cohort: Cohort) -> None:
    queries = queries_of_a_run(cohort)
    assert any("programs_participant" in query for query in queries)
    assert [query for query in queries if TABLE in query.casefold()] == []


def test_a_scorer_that_did_would_be_noticed(
    cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    solve = bridge.solve

    def curious(asked: engine.Input, **how: Any) -> Any:
        assert SelfIdentification.objects.filter(group="woman").count() == 2
        return solve(asked, **how)

    monkeypatch.setattr(bridge, "solve", curious)
    assert [query for query in queries_of_a_run(cohort) if TABLE in query.casefold()] != []


def test_what_people_tell_changes_no_pair_and_no_points(cohort: Cohort) -> None:
    people(cohort, "mentor", 3)
    people(cohort, "mentee", 5)
    before = answered(cohort)
    for person in Participant.objects.filter(cohort=cohort):
        tell(person, gender=person.code)
    after = answered(cohort)
    pairs = [
        list(run.suggestions.order_by("mentee").values_list("mentee", "mentor", "score", "reasons"))
        for run in (before, after)
    ]
    assert pairs[0] == pairs[1] != []
    assert (before.digest, before.score) == (after.digest, after.score)
