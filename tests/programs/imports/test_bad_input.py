"""Whatever is wrong is listed with its row and column, and then nothing at all is written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from programs.actions.imports import Report, import_applications
from programs.imports import rows
from programs.imports.problems import MOST_KEPT
from programs.models import Application, Cohort, Profile, User

Write = Callable[..., Path]
Problems = list[tuple[int | None, str | None, str]]


@pytest.fixture
def problems(cohort: Cohort, write: Write) -> Callable[..., Problems]:
    """Import a file of mentors that has something wrong; says what, after looking for traces."""

    def problems(content: str | bytes | Path, mapping: str | None = None) -> Problems:
        before = snapshot()
        path = content if isinstance(content, Path) else write(content)
        report = import_applications(
            cohort,
            by=None,
            mentors=path,
            mentees=None,
            mapping=None if mapping is None else write(mapping, "mapping.toml"),
            accept=True,
        )
        assert snapshot() == before
        assert report == Report(rejected=report.rejected, rejected_total=len(report.rejected))
        return [(found.row, found.column, found.reason) for found in report.rejected]

    return problems


def snapshot() -> list[object]:
    """Everything that an import could have written."""
    return [
        list(User.objects.values_list("pk", "name", "time_zone", "updated_at").order_by("pk")),
        Profile.objects.count(),
        list(Application.objects.values_list("pk", "answers", "status").order_by("pk")),
        [
            [question.key for question in form.questions.all()]
            for cohort in Cohort.objects.all()
            for form in (cohort.mentor_questions, cohort.mentee_questions)
        ],
        AuditEvent.objects.count(),
    ]


GOOD = "email,name,capacity\nada@example.org,Ada,2\n"


@pytest.mark.parametrize(
    "header, expected",
    [
        pytest.param(
            "email,capacity", (1, "name", "This column is missing."), id="a column is missing"
        ),
        pytest.param(
            "email,Name",
            (1, "name", "This column is missing. Is it the one called “Name”?"),
            id="a column is written otherwise",
        ),
        pytest.param(
            "email,name,shoe size",
            (
                1,
                "shoe size",
                "No question for a mentor has this name. Map or ignore the column in a mapping "
                "file.",
            ),
            id="an unknown column",
        ),
        pytest.param(
            "email,name,skills_offred",
            (
                1,
                "skills_offred",
                "No question for a mentor has this name. Did you mean “skills_offered”? Otherwise "
                "map or ignore the column in a mapping file.",
            ),
            id="a misspelt column",
        ),
        pytest.param(
            "email,name,identity_wished",
            (
                1,
                "identity_wished",
                "Only a mentee is asked this. Ignore the column in a mapping file.",
            ),
            id="a question of the other side",
        ),
        pytest.param(
            "email,name,name", (1, "name", "There are two columns of this name."), id="twice"
        ),
        pytest.param("email,name,", (1, None, "Column 3 has no name."), id="no name"),
        pytest.param(
            "email,name,a\x00b",
            (1, "a␀b", "The name of a column must not hold a NUL byte."),
            id="NUL",
        ),
        pytest.param(
            "email;name;capacity",
            (1, None, "The columns must be separated by commas."),
            id="semicolons",
        ),
    ],
)
def test_a_wrong_header_is_named(problems, header: str, expected: tuple) -> None:
    found = problems(f"{header}\n" + ",".join(["x"] * (header.count(",") + 1)) + "\n")

    assert expected in found


@pytest.mark.parametrize(
    "content, expected",
    [
        pytest.param(
            "",
            (None, None, "This file is empty. Its first line must name the columns."),
            id="empty",
        ),
        pytest.param(
            "\n\n , \n",
            (None, None, "This file is empty. Its first line must name the columns."),
            id="blank lines",
        ),
        pytest.param(
            "email,name\n", (None, None, "This file has a header and no rows."), id="header only"
        ),
        pytest.param(
            "email,name\nzoé@example.org,Zoé\n".encode("latin-1"),
            (
                2,
                None,
                "This file is not written in UTF-8. Save it as “CSV UTF-8” and try again.",
            ),
            id="latin-1",
        ),
        pytest.param(
            GOOD.encode("utf-16")[:-1],
            (
                None,
                None,
                "This file is not written in UTF-8. Save it as “CSV UTF-8” and try again.",
            ),
            id="utf-16 that is cut",
        ),
        pytest.param(
            GOOD + "bob@example.org,Bob\n",
            (3, None, "This row has 2 cells, the header has 3."),
            id="too few cells",
        ),
        pytest.param(
            GOOD + "bob@example.org,Bob,1,1\n",
            (3, None, "This row has 4 cells, the header has 3."),
            id="too many cells",
        ),
        pytest.param(
            GOOD + 'bob@example.org,"Bob,1\nand more',
            (
                3,
                None,
                "This row cannot be read as CSV: a quotation mark is not closed, or a cell is "
                "longer than 131072 characters.",
            ),
            id="an open quotation mark",
        ),
        pytest.param(
            GOOD + f"bob@example.org,{'B' * 200_000},1\n",
            (
                3,
                None,
                "This row cannot be read as CSV: a quotation mark is not closed, or a cell is "
                "longer than 131072 characters.",
            ),
            id="an endless cell",
        ),
        pytest.param(
            GOOD + "x" * 1_100_000,
            (3, None, "This row is longer than 1000000 bytes; nothing behind it was read."),
            id="an endless line",
        ),
        pytest.param(
            GOOD + '"x\n",' * 400_000,
            (
                200_003,
                None,
                "This row is longer than 1000000 bytes; nothing behind it was read.",
            ),
            id="an endless row of many lines",
        ),
    ],
)
def test_a_wrong_file_is_named(problems, content: str | bytes, expected: tuple) -> None:
    assert problems(content) == [expected]


CELLS = [
    ("capacity", "many", "“many” is not a whole number from 1 to 20."),
    ("capacity", "-1", "“-1” is not a whole number from 1 to 20."),
    ("capacity", "0", "“0” is not a whole number from 1 to 20."),
    ("capacity", "999", "“999” is not a whole number from 1 to 20."),
    ("capacity", "2.5", "“2.5” is not a whole number from 1 to 20."),
    ("capacity", "1_0", "“1_0” is not a whole number from 1 to 20."),
    ("capacity", "9" * 5000, "“" + "9" * 59 + "…” is not a whole number from 1 to 20."),
    ("capacity", "1\x00", "This cell holds a NUL byte."),
    (
        "time_zone",
        "Mars/Olympus",
        "“Mars/Olympus” is not a time zone. Use a name such as Europe/Berlin.",
    ),
    (
        "time_zone",
        "../../etc/passwd",
        "“../../etc/passwd” is not a time zone. Use a name such as Europe/Berlin.",
    ),
    ("people_manager", "maybe", "“maybe” is neither yes nor no."),
    (
        "work_mode",
        "on the moon",
        "“on the moon” is not among the choices: remote; hybrid; in person; flexible.",
    ),
    (
        "country",
        "x" * 201,
        "“" + "x" * 29 + "…” is too long: 201 characters, at most 200 are kept.",
    ),
    (
        "biography",
        "x" * 4001,
        "“" + "x" * 29 + "…” is too long: 4001 characters, at most 4000 are kept.",
    ),
    (
        "skills_offered",
        "x" * 81,
        "“" + "x" * 29 + "…” is too long: 81 characters, at most 80 are kept.",
    ),
    (
        "skills_offered",
        ";".join(map(str, range(101))),
        "This list has 101 items, at most 100 are kept.",
    ),
    ("email", "nobody", "“nobody” is not an e-mail address."),
    ("email", "", "Without this there is no address to write to."),
    ("email", "a\r\nBcc: b@example.org", "“a bcc: b@example.org” is not an e-mail address."),
    ("email", f"{'a' * 60}@{'b.' * 120}org", None),
    ("name", "", "The name is missing."),
    ("name", "x" * 121, "A name has at most 120 characters."),
    ("applicant_id", "x" * 81, "A row's own id has at most 80 characters."),
]


@pytest.mark.parametrize("column, cell, reason", CELLS)
def test_a_wrong_cell_is_named(problems, column: str, cell: str, reason: str | None) -> None:
    row = {"email": "ada@example.org", "name": "Ada"} | {column: cell}
    quoted = ",".join(f'"{cell}"' for cell in row.values())

    [(line, where, why)] = problems(f"{','.join(row)}\n{quoted}\n")

    assert (line, where) == (2, column)
    assert reason is None or why == reason


def test_every_problem_of_every_row_is_listed_by_the_line_where_the_row_begins(problems) -> None:
    found = problems(
        "email,name,capacity,time_zone\n"
        '"ada@example.org","Ada\nLovelace",many,Mars/Olympus\n'
        "\n"
        "bob@example.org,Bob,1,UTC\n"
        "nobody,,-1,\n"
    )

    assert [(row, column) for row, column, _reason in found] == [
        (2, "capacity"),
        (2, "time_zone"),
        (6, "email"),
        (6, "name"),
        (6, "capacity"),
    ]


def test_wrong_rows_are_listed_beside_a_wrong_header(problems) -> None:
    found = problems("email,name,shoe size,capacity\nada@example.org,Ada,38,many\n")

    assert [(row, column) for row, column, _reason in found] == [
        (1, "shoe size"),
        (2, "capacity"),
    ]


def test_a_header_without_end_is_refused(problems) -> None:
    header = ",".join(f"c{n}" for n in range(501))

    assert problems(header + "\n") == [(1, None, "A file may have at most 500 columns.")]


def test_a_reason_shows_no_control_characters(problems) -> None:
    [(_row, _column, reason)] = problems("email,name\n\x1b[31mx\u202e,Ada\n")

    assert reason == "“�[31mx�” is not an e-mail address."


def test_a_person_who_stands_there_twice_is_named_with_the_first_row(problems) -> None:
    found = problems("email,name\nada@example.org,Ada\nbob@example.org,Bob\nADA@Example.org ,Ada\n")

    assert found == [(4, "email", "This person is in row 2 already.")]


def test_a_file_that_is_none_is_named(problems, tmp_path: Path) -> None:
    assert problems(tmp_path / "gone.csv") == [(None, None, "There is no such file.")]
    assert problems(tmp_path) == [(None, None, "This is not a file.")]
    assert problems(tmp_path / ("x" * 5000)) == [
        (None, None, "This file cannot be opened. Look at its name and permissions.")
    ]


def test_a_file_with_too_many_rows_is_refused(problems, monkeypatch) -> None:
    monkeypatch.setattr(rows, "MOST_ROWS", 2)

    found = problems("email,name\n" + "".join(f"p{n}@example.org,P\n" for n in range(5)))

    assert found == [(4, None, "A file may have at most 2 rows. Split this one.")]


def test_of_very_many_problems_the_first_are_kept_and_all_are_counted(
    cohort: Cohort, write: Write
) -> None:
    path = write("email,name\n" + "nobody,N\n" * (MOST_KEPT + 500))

    report = import_applications(cohort, by=None, mentors=path, mentees=None, mapping=None)

    assert (len(report.rejected), report.rejected_total) == (MOST_KEPT, MOST_KEPT + 500)
    assert report.rejected[-1].row == MOST_KEPT + 1


def test_one_wrong_row_of_mentees_keeps_all_mentors_out(cohort: Cohort, write: Write) -> None:
    report = import_applications(
        cohort,
        by=None,
        mentors=write(GOOD),
        mentees=write("email,name,time_zone\nbob@example.org,Bob,Nowhere\n", "mentees.csv"),
        mapping=None,
    )

    assert [(Path(found.file).name, found.row) for found in report.rejected] == [("mentees.csv", 2)]
    assert not Application.objects.exists()
    assert not User.objects.filter(email__in=["ada@example.org", "bob@example.org"]).exists()


@pytest.mark.parametrize(
    "mapping, reason",
    [
        ("[mentors", "This is not valid TOML: "),
        ("mentor = 1", "“mentor” is not known here; known are "),
        ("mentors = 1", "“mentors” must be a table."),
        ('[mentors.columns]\nname = ""', "[mentors.columns.name] “field” must be the key of a "),
        ("[mentors.columns]\nname = 3", "[mentors.columns.name] Name a field, or write a table."),
        (
            '[mentors.columns.x]\nkind = "colour"',
            "[mentors.columns.x] “kind” must be one of short_text, ",
        ),
        (
            "[mentors.columns.x]\nvalues = { a = [] }",
            "[mentors.columns.x] The value “a” must mean text, a number, true or false.",
        ),
        ('[mentors.columns.x]\nround = "up"', "[mentors.columns.x] “round” can only be “down”."),
        ('separator = ""', "“separator” must be one to five characters."),
        ('[mentors]\nignore = "x"', "[mentors] “ignore” must be a list of texts."),
        (
            '[mentors]\nignore = ["x"]\ncolumns.x = "country"',
            "[mentors] “x” is both mapped and ignored.",
        ),
        (
            '[mentors.person]\nemail = "you@example.org"',
            "[mentors.person] “email” must be text with a column in braces.",
        ),
        (
            '[both.person]\nname = "{a}"\ninvented_name = "{b}"',
            "[mentors] Give either “name” or “invented_name”, not both.",
        ),
        (
            "[questions.shoe_size]\nminimum = 1",
            "[questions.shoe_size] A new question needs “label” and “kind”.",
        ),
        (
            '[questions.shoe_size]\nlabel = "Size?"\nkind = "one_of"',
            "[questions.shoe_size] This kind of question needs “choices”.",
        ),
        (
            '[questions.shoe_size]\nlabel = 1\nkind = "number"\nminimum = "a"\nis_sensitive = 1\n'
            'choices = ["a", "a"]',
            "[questions.shoe_size] “label” must be text of at most 300 characters.",
        ),
        ('[questions."Shoe Size"]', "[questions.Shoe Size] A key has small letters, digits"),
        ('[mentors.columns]\nx = "shoe_size"', "The mapping feeds “shoe_size”, which no form for"),
        ('[mentors.columns]\ncity = "country"', "This column is missing."),
        (
            '[mentors.columns]\ncapacity = "years_experience"\nname = "years_experience"',
            "“years_experience” is fed by the column “",
        ),
        (
            '[mentors.columns.capacity]\nfield = "country"\nkind = "one_of"',
            "“country” has no choices to choose from.",
        ),
    ],
)
def test_a_wrong_mapping_is_named(problems, mapping: str, reason: str) -> None:
    header = "email,name,capacity,x" if "columns" in mapping else "email,name,capacity"
    found = problems(f"{header}\nada@example.org,Ada,1{',y' * ('x' in header)}\n", mapping)

    assert any(why.startswith(reason) for _row, _column, why in found), found


def test_a_mapping_that_is_no_file_is_named(cohort: Cohort, write: Write, tmp_path: Path) -> None:
    for mapping, reason in [
        (tmp_path, "This is not a file."),
        (tmp_path / "gone.toml", "There is no such file."),
        (write(b"\xff\xfe", "bad.toml"), "This file is not written in UTF-8."),
        (write('separator = "\\u0000"', "nul.toml"), "This file holds a NUL byte."),
        (write("#" * 300_000, "long.toml"), "A mapping of more than 200000 bytes is not read."),
    ]:
        report = import_applications(
            cohort, by=None, mentors=write(GOOD), mentees=None, mapping=mapping
        )
        assert [(found.file, found.reason) for found in report.rejected] == [(str(mapping), reason)]


def test_an_archived_cohort_takes_nobody_in(cohort: Cohort, write: Write) -> None:
    cohort.archived_at = clock.now()
    cohort.save()

    with pytest.raises(RuleBroken, match="archived"):
        import_applications(cohort, by=None, mentors=write(GOOD), mentees=None, mapping=None)


def test_an_import_without_files_says_what_it_wants(cohort: Cohort) -> None:
    with pytest.raises(RuleBroken, match="Name a file of mentors"):
        import_applications(cohort, by=None, mentors=None, mentees=None, mapping=None)


def test_a_file_that_changes_between_the_readings_is_written_by_no_half(
    cohort: Cohort, write: Write, monkeypatch
) -> None:
    path = write(GOOD)

    def check_then_spoil(plan, problems, **how):
        yield from rows.read_entries(plan, problems, **how)
        path.write_text(GOOD + "nobody,N,1\n")

    monkeypatch.setattr("programs.actions.imports.read_entries", check_then_spoil)
    with pytest.raises(RuleBroken, match="changed while they were read"):
        import_applications(cohort, by=None, mentors=path, mentees=None, mapping=None)

    assert not Application.objects.exists()
