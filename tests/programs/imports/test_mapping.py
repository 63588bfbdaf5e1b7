import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from mentorship.shared.questions.kinds import Kind
from programs.actions.imports import Report, import_applications
from programs.imports.mapping import Column, Template
from programs.imports.rows import answer
from programs.models import Application, Cohort
from programs.questions import QuestionSpec, ready_made
from tests.programs.imports.conftest import SAMPLES

Write = Callable[..., Path]


def test_another_programs_file_works_unchanged(cohort: Cohort, write: Write) -> None:
    mapping = write(
        """
        separator = "|"

        [mentees]
        ignore = ["Notiz"]

        [mentees.person]
        name = "{Vorname} {Nachname}"
        email = "{Mail}"
        reference = "DE-{Nr}"

        [mentees.columns]
        Land = "country"
        Arbeitsort = { field = "work_mode", values = { "zu Hause" = "remote", "?" = "" } }
        Sprachen = { field = "languages", separator = "/", values = { dt = "German" } }
        Leitung = { field = "people_manager", values = { ja = true, nein = false } }
        Jahre = { field = "years_experience", values = { viele = 40 }, round = "down" }
        Schuhe = "shoe_size"
        Ziele = { field = "skills_wanted", kind = "short_text" }

        [questions.shoe_size]
        label = "Which size are your shoes?"
        kind = "scale"
        minimum = 30
        maximum = 50
        is_sensitive = true
        """,
        "mapping.toml",
    )
    mentees = write(
        "\ufeffNr,Vorname,Nachname,Mail,Land,Arbeitsort,Sprachen,Leitung,Jahre,Schuhe,Ziele,Notiz\n"
        '1,Ada, Lovelace ,ada@example.org,UK,zu Hause,dt/English/dt,ja,"3,5",38,a | b,x\n'
        "2,Bob,B,bob@example.org,,?,,nein,viele,,,\n",
        "mentees.csv",
    )

    report = import_applications(cohort, by=None, mentors=None, mentees=mentees, mapping=mapping)

    assert report == Report(created=2)
    ada, bob = Application.objects.order_by("reference")
    assert (ada.reference, ada.applicant.name) == ("DE-1", "Ada Lovelace")
    assert ada.answers == {
        "country": "UK",
        "work_mode": "remote",
        "languages": ["German", "English"],
        "people_manager": True,
        "years_experience": 3,
        "shoe_size": 38,
        "skills_wanted": "a | b",
    }
    assert bob.answers == {"people_manager": False, "years_experience": 40}
    assert ada.facts()["shoe_size"] == 38
    asked = cohort.mentee_questions.questions.get(key="shoe_size")
    assert (asked.label, asked.kind, asked.is_sensitive) == (
        "Which size are your shoes?",
        "scale",
        True,
    )


def test_the_page_shows_the_samples_own_mapping() -> None:
    page = (SAMPLES.parent / "docs" / "imports.md").read_text()
    [example] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    mapping = (SAMPLES / "civil-service-small" / "mapping.toml").read_text()

    assert tomllib.loads(example) == tomllib.loads(mapping)


def test_a_template_fills_each_place_once_and_never_reads_on(write: Write) -> None:
    template = Template("{first}  {last.__class__} {first}")

    assert template.columns == ("first", "last.__class__", "first")
    assert template.fill({"first": "{last}", "last.__class__": ""}) == "{last} {last}"


def test_what_the_form_asks_already_is_read_as_the_form_asks_it(new_cohort, write: Write) -> None:
    cohort = new_cohort(mentor_keys=("grade", "country"))
    mapping = write(
        """
        [mentors.columns.country]
        kind = "items"

        [questions.grade]
        kind = "one_of"
        choices = ["A", "B"]
        """,
        "mapping.toml",
    )
    path = write("email,name,grade,country\nada@example.org,Ada,C,Here;There\n")

    report = import_applications(cohort, by=None, mentors=path, mentees=None, mapping=mapping)

    assert report == Report(created=1)
    assert Application.objects.get().answers == {"grade": "C", "country": "Here;There"}
    assert cohort.mentor_questions.questions.get(key="grade").kind == "short_text"


@pytest.mark.parametrize(
    "kind, cell, expected",
    [
        (Kind.SHORT_TEXT, "  two \n words ", "two words"),
        (Kind.LONG_TEXT, " two\n\nparts ", "two\n\nparts"),
        (Kind.NUMBER, "-7", -7),
        (Kind.YES_NO, "Yes", True),
        (Kind.YES_NO, "FALSE", False),
        (Kind.ONE_OF, "a", "a"),
        (Kind.SEVERAL_OF, "b; a;b", ["b", "a"]),
        (Kind.ITEMS, " ; ;", None),
        (Kind.ITEMS, "Go;;C, C++", ["Go", "C, C++"]),
        (Kind.SCALE, "5", 5),
        (Kind.ZONE, "Asia/Tokyo", "Asia/Tokyo"),
        *((kind, "  ", None) for kind in Kind),
    ],
)
def test_a_cell_becomes_plain_json_or_stays_unanswered(
    kind: Kind, cell: str, expected: object
) -> None:
    spec = QuestionSpec(key="x", kind=kind, label="X?", choices=("a", "b"))

    assert answer(cell, Column("x"), spec, ";") == expected


def test_without_a_mapping_columns_have_the_names_of_questions(
    cohort: Cohort, write: Write
) -> None:
    path = write("applicant_id,email,name,languages\nA-1,ada@example.org,Ada,English;German\n")

    import_applications(cohort, by=None, mentors=path, mentees=None, mapping=None)

    application = Application.objects.get()
    assert (application.reference, application.answers) == (
        "A-1",
        {"languages": ["English", "German"]},
    )
    assert ready_made("languages").kind is Kind.ITEMS
