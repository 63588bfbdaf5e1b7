import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from mentorship.shared.audit.models import AuditEvent
from programs.models import Application, Cohort, Membership, User

Write = Callable[..., Path]
GOOD = "email,name,capacity\nada@example.org,Ada,2\n"


def run(*arguments: object) -> tuple[list[str], dict[str, object]]:
    """The sentences and the JSON object that a run of the command prints."""
    out = io.StringIO()
    call_command("import_applications", *map(str, arguments), stdout=out)
    return read(out)


def fail(*arguments: object) -> tuple[list[str], dict[str, object]]:
    """The same for a run that ends with exit code 1."""
    out = io.StringIO()
    with pytest.raises(CommandError, match="Nothing was written") as error:
        call_command("import_applications", *map(str, arguments), stdout=out)
    assert error.value.returncode == 1
    return read(out)


def read(out: io.StringIO) -> tuple[list[str], dict[str, object]]:
    *sentences, last = out.getvalue().splitlines()
    return sentences, json.loads(last)


def test_the_last_line_is_one_json_object(cohort: Cohort, write: Write) -> None:
    sentences, told = run(cohort.code, "--mentors", write(GOOD), "--accept")

    assert sentences == ["Applications: 1 new, 0 changed, 0 as they were.", "Accepted: 1."]
    assert told == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "accepted": 1,
        "rejected": [],
        "rejected_total": 0,
        "dry_run": False,
    }


def test_a_dry_run_says_so(cohort: Cohort, write: Write) -> None:
    sentences, told = run(cohort.code, "--mentees", write("email,name\na@b.org,A\n"), "--dry-run")

    assert sentences[-1] == "A dry run: nothing was written."
    assert (told["created"], told["dry_run"]) == (1, True)
    assert not Application.objects.exists()


def test_rejected_rows_end_with_exit_code_1(cohort: Cohort, write: Write) -> None:
    path = write(GOOD + "bob@example.org,Bob,many\n")

    sentences, told = fail(cohort.code, "--mentors", path)

    assert sentences == [
        "1 problem:",
        f"  {path}, row 3, column “capacity”: “many” is not a whole number from 1 to 20.",
    ]
    assert told == {
        "created": 0,
        "updated": 0,
        "unchanged": 0,
        "accepted": 0,
        "rejected": [
            {
                "file": str(path),
                "row": 3,
                "column": "capacity",
                "reason": "“many” is not a whole number from 1 to 20.",
            }
        ],
        "rejected_total": 1,
        "dry_run": False,
    }
    assert not Application.objects.exists()


def test_more_problems_than_are_kept_are_counted(cohort: Cohort, write: Write) -> None:
    sentences, told = fail(cohort.code, "--mentors", write("email,name\n" + "nobody,N\n" * 1001))

    assert sentences[0] == "1001 problems:"
    assert sentences[-1] == "  … and 1 more."
    assert (len(told["rejected"]), told["rejected_total"]) == (1000, 1001)


@pytest.mark.parametrize(
    "arguments, reason",
    [
        (("nothing",), "There is no cohort with the code “nothing”."),
        (("COHORT",), "Name a file of mentors, a file of mentees, or both."),
        (("COHORT", "--mentors", "gone.csv"), "There is no such file."),
        (
            ("COHORT", "--mentors", "gone.csv", "--as", "stranger@example.org"),
            "“stranger@example.org” does not coordinate this program.",
        ),
        (
            ("COHORT", "--mentors", "gone.csv", "--as", "otto@example.org"),
            "“otto@example.org” does not coordinate this program.",
        ),
    ],
)
def test_a_call_that_cannot_be_is_told_in_a_sentence(
    cohort: Cohort, arguments: tuple[str, ...], reason: str
) -> None:
    User.objects.create_user("otto@example.org", name="Otto, who has no duty here")

    sentences, told = fail(*(cohort.code if word == "COHORT" else word for word in arguments))

    assert [problem["reason"] for problem in told["rejected"]] == [reason]
    assert sentences[0] == "1 problem:"
    assert sentences[1].endswith(reason)


def test_a_coordinator_named_imports_and_accepts(cohort: Cohort, write: Write) -> None:
    second = User.objects.create_user("dora@example.org", name="Dora")
    Membership.objects.create(program=cohort.program, user=second, role="coordinator")

    run(cohort.code, "--mentors", write(GOOD), "--accept", "--as", "Dora@Example.org")

    assert Application.objects.get().decided_by == second
    event = AuditEvent.objects.get(verb="applications.imported")
    assert event.actor_code == second.code
    assert event.program_code == cohort.program.code
    assert event.told({}) == "imported applications: 1 new, 0 changed"


def test_a_coordinator_in_the_file_is_left_to_another_one(cohort: Cohort, write: Write) -> None:
    own = User.objects.create_user("dora@example.org", name="Dora")
    Membership.objects.create(program=cohort.program, user=own, role="coordinator")
    rows = f"{GOOD}dora@example.org,Dora{',' * (GOOD.splitlines()[0].count(',') - 1)}\n"

    _, told = run(cohort.code, "--mentors", write(rows), "--accept", "--as", own.email)

    assert told["accepted"] == 1
    assert Application.objects.get(applicant=own).status == "submitted"


def test_without_a_name_the_system_imports(cohort: Cohort, write: Write) -> None:
    run(cohort.code, "--mentors", write(GOOD))

    assert AuditEvent.objects.get(verb="applications.imported").actor_code == ""
