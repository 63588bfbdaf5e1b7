"""A list goes out, one cell is edited, it comes back: just that cell changes anything."""

import csv
import io
import os
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from mentorship.shared.base import clock
from mentorship.shared.files.cells import escaped
from mentorship.shared.questions.forms import form_for
from mentorship.shared.questions.kinds import Kind
from mentorship.shared.questions.models import Question, Questionnaire
from programs import tasks
from programs.actions import import_jobs
from programs.imports import cells
from programs.models import Application, ImportFile, ImportJob, ImportRow
from tests.cast import Troupe
from tests.factories.programs import ApplicationFactory, UserFactory
from tests.house.world import undone

FULL = bool(os.environ.get("FULL"))
FORMATS = ("csv", "xlsx")

CHOICES = ["plain", "with; a semicolon", "with, a comma", "=1+1", "back\\slash", "'quoted"]
# Every kind of question, with two answers that are easily spoilt on the way.
QUESTIONS: dict[str, tuple[Kind, Any, Any]] = {
    "motto": (Kind.SHORT_TEXT, '=HYPERLINK("http://x")', "'=1 apostrophe"),
    "telephone": (Kind.SHORT_TEXT, "+49 30 123", "0049"),
    "story": (Kind.LONG_TEXT, "one\r\ntwo, \"three\"; 'four'\n\n-five", "@ and \uff1d"),
    "years": (Kind.NUMBER, -3, 12),
    "leads": (Kind.YES_NO, True, False),
    "mode": (Kind.ONE_OF, "=1+1", "with; a semicolon"),
    "ways": (Kind.SEVERAL_OF, ["with; a semicolon", "with, a comma"], ["'quoted", "=1+1"]),
    "crafts": (Kind.ITEMS, ["C++; C", "a, b", "\\"], ["-x", "+y"]),
    "mood": (Kind.SCALE, 3, 5),
    "zone": (Kind.ZONE, "Europe/Berlin", "America/Argentina/Buenos_Aires"),
    "free_on": (Kind.DATE, "2026-03-01", "2024-02-29"),
    "skills": (
        Kind.SKILLS,
        [{"name": "C (99)", "now": 1, "wanted": 3}, {"name": "a; b", "now": 0, "wanted": 0}],
        [{"name": "=SQL", "now": 4, "wanted": 4}],
    ),
    "hours": (Kind.HOURS, [18, 19, 20, 47, 48, 335], [0, 1]),
}  # fmt: skip


@pytest.fixture
def form(here: Troupe) -> Questionnaire:
    """The form of the mentees, with a question of every kind."""
    form = here.next_cohort.mentee_questions
    Question.objects.filter(questionnaire=form).delete()
    Question.objects.bulk_create(
        Question(
            questionnaire=form,
            position=position,
            key=key,
            kind=kind,
            label=f"About {key}",
            minimum=-10 if kind == Kind.NUMBER else None,
            choices=CHOICES if kind.has_choices else [],
        )
        for position, (key, (kind, _first, _second)) in enumerate(QUESTIONS.items())
    )
    return form


@pytest.fixture
def filled(here: Troupe, form: Questionnaire) -> Application:
    """A list brought it, so that a list may change it before the deadline."""
    here.application.answers = {key: first for key, (_kind, first, _second) in QUESTIONS.items()}
    here.application.brought_at = clock.now()
    here.application.save()
    return here.application


Take = Callable[[str], bytes]


@pytest.fixture
def take(here: Troupe, as_coordinator: Client) -> Take:
    """Take the applications along in this format."""

    def take(format: str) -> bytes:
        route = reverse("desk-applications-export", args=[here.next_cohort.code])
        answer = as_coordinator.post(route, {"format": format})
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)

    return take


def edited(content: bytes, format: str, change: Callable[[list[list[Any]]], None]) -> bytes:
    """The file after somebody changed cells of the table in a spreadsheet program."""
    if format == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        change(rows)
        out = io.StringIO(newline="")
        csv.writer(out).writerows(rows)
        return out.getvalue().encode("utf-8-sig")
    book = load_workbook(io.BytesIO(content))
    sheet = book.active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    before = [list(row) for row in rows]
    change(rows)
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if value != before[r][c]:
                sheet.cell(r + 1, c + 1).value = value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def bring(here: Troupe, content: bytes, format: str) -> ImportJob:
    """Bring the file back, take the guesses, check and import it."""
    upload = SimpleUploadedFile(f"list.{format}", content)
    job = import_jobs.start(
        here.next_cohort, by=here.coordinator, files={ImportFile.Side.BOTH: upload}
    )
    import_jobs.choose(
        job, by=here.coordinator, chosen={f.side: ("", f.columns) for f in job.files.all()}
    )
    tasks.work_on_import(job.pk)
    job.refresh_from_db()
    details = list(ImportRow.objects.filter(fate="wrong").values_list("number", "details"))
    assert (details, job.faults, job.status) == ([], [], "checked")
    if job.is_right:
        import_jobs.confirm(job, by=here.coordinator)
        tasks.work_on_import(job.pk)
        job.refresh_from_db()
    return job


@pytest.mark.parametrize("format", FORMATS)
def test_a_list_that_nobody_edited_changes_nothing(
    here: Troupe, filled: Application, take: Take, format: str
) -> None:
    before = Application.objects.values_list("pk", "answers", "updated_at", "reference")
    standing = list(before.all())

    job = bring(here, take(format), format)
    again = bring(here, edited(take(format), format, lambda rows: None), format)

    assert (job.new, job.changed, again.new, again.changed) == (0, 0, 0, 0)
    assert list(before.all()) == standing


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("key", QUESTIONS)
def test_one_edited_cell_changes_just_that_answer(
    here: Troupe, filled: Application, take: Take, format: str, key: str
) -> None:
    other = ApplicationFactory(
        cohort=here.next_cohort, applicant=UserFactory(), answers=dict(filled.answers)
    )
    second = QUESTIONS[key][2]

    def change(rows: list[list[Any]]) -> None:
        code, column = rows[0].index("application code"), rows[0].index(key)
        row = next(row for row in rows if row[code] == filled.code)
        cell = cells.to_cell(second)
        row[column] = cell if isinstance(cell, int) else escaped(cell)

    job = bring(here, edited(take(format), format, change), format)

    filled.refresh_from_db()
    other.refresh_from_db()
    assert (job.new, job.changed) == (0, 1)
    assert filled.answers == {k: v[1] for k, v in QUESTIONS.items()} | {key: second}
    assert other.answers == {k: v[1] for k, v in QUESTIONS.items()}


@pytest.mark.parametrize("format", FORMATS)
def test_an_emptied_cell_takes_the_answer_back(
    here: Troupe, filled: Application, take: Take, format: str
) -> None:
    def change(rows: list[list[Any]]) -> None:
        column = rows[0].index("story")
        for row in rows[1:]:
            row[column] = None if format == "xlsx" else ""

    bring(here, edited(take(format), format, change), format)

    filled.refresh_from_db()
    assert "story" not in filled.answers
    assert len(filled.answers) == len(QUESTIONS) - 1


def test_an_answer_that_the_form_would_not_take_any_more_may_stay(
    here: Troupe, filled: Application, take: Take
) -> None:
    filled.answers |= {"mode": "not a choice any more", "motto": "x" * 500}
    filled.save()
    standing = dict(filled.answers)

    job = bring(here, take("csv"), "csv")

    filled.refresh_from_db()
    assert (job.changed, filled.answers) == (0, standing)


def test_an_earlier_version_keeps_its_answers(
    here: Troupe, filled: Application, take: Take
) -> None:
    old = filled.questionnaire
    new = Questionnaire.objects.create(title="Next", version=2, earlier=old)
    Question.objects.create(
        questionnaire=new, position=0, key="motto", kind=Kind.SHORT_TEXT, label="Motto"
    )
    here.next_cohort.mentee_questions = new
    here.next_cohort.save()

    def change(rows: list[list[Any]]) -> None:
        assert "earlier answer story" in rows[0]
        rows[1][rows[0].index("motto")] = "Another"

    job = bring(here, edited(take("csv"), "csv", change), "csv")

    filled.refresh_from_db()
    assert job.changed == 1
    assert filled.questionnaire == old
    assert filled.answers == {k: v[1] for k, v in QUESTIONS.items()} | {"motto": "Another"}


def test_an_address_is_not_changed_by_a_list(here: Troupe, filled: Application, take: Take) -> None:
    def change(rows: list[list[Any]]) -> None:
        rows[1][rows[0].index("email")] = "somebody.else@example.org"

    content = edited(take("csv"), "csv", change)
    with pytest.raises(AssertionError, match="This is not the address of this application"):
        bring(here, content, "csv")


def test_a_code_of_another_cohort_is_nobody(
    here: Troupe, elsewhere: Troupe, filled: Application, take: Take
) -> None:
    def change(rows: list[list[Any]]) -> None:
        rows[1][rows[0].index("application code")] = elsewhere.application.code

    content = edited(take("csv"), "csv", change)
    with pytest.raises(AssertionError, match="There is no application with this code here"):
        bring(here, content, "csv")


@pytest.mark.parametrize("format", FORMATS)
def test_the_filter_of_the_page_holds_for_the_file(
    here: Troupe, filled: Application, as_coordinator: Client, format: str
) -> None:
    route = reverse("desk-applications-export", args=[here.next_cohort.code])
    answer = as_coordinator.post(f"{route}?role=mentor", {"format": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))

    assert len(rows) == 1
    assert "capacity" in rows[0]
    assert "free_on" not in rows[0]


# --- Whatever a form takes ------------------------------------------------------------------------

RISKY = ["=1", "'=1", "''+", " -x", "\t@", "_x000D_", "_x005F_", "\uff1d1", "\x07\x0b", "'"]
TEXTS = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=60
) | st.sampled_from(RISKY)
NAMES = TEXTS.filter(lambda text: text.strip())
SENT = st.fixed_dictionaries(
    {},
    optional={
        "motto": TEXTS,
        "story": TEXTS.map(lambda text: f"{text}\r\n{text}"),
        "years": st.integers(-10, 10**6),
        "leads": st.sampled_from(["yes", "no", ""]),
        "mode": st.sampled_from(CHOICES),
        "ways": st.lists(st.sampled_from(CHOICES), unique=True),
        "crafts": st.lists(NAMES, max_size=5),
        "mood": st.integers(1, 5),
        "free_on": st.dates().map(str),
        "skills": st.lists(
            st.fixed_dictionaries(
                {"name": NAMES, "now": st.integers(0, 4), "wanted": st.integers(0, 4)}
            ),
            max_size=4,
        ),
        "hours": st.lists(st.integers(0, 335), unique=True),
    },
)


@given(sent=st.lists(SENT, min_size=1, max_size=3), key=st.sampled_from(list(QUESTIONS)))
@settings(
    max_examples=200 if FULL else 15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@pytest.mark.parametrize("format", FORMATS)
def test_whatever_a_form_takes_survives_the_way_out_and_in(
    here: Troupe,
    form: Questionnaire,
    take: Take,
    format: str,
    sent: list[dict[str, Any]],
    key: str,
) -> None:
    with undone():
        Application.objects.filter(cohort=here.next_cohort).delete()
        for data in sent:
            asked = form_for(form, data, draft=True)
            asked.is_valid()
            ApplicationFactory(
                cohort=here.next_cohort,
                applicant=UserFactory(),
                answers=asked.answers(),
                brought_at=clock.now(),
            )
        standing = dict(Application.objects.values_list("code", "answers"))

        unedited = bring(here, edited(take(format), format, lambda rows: None), format)
        assert (unedited.new, unedited.changed) == (0, 0)

        def empty(rows: list[list[Any]]) -> None:
            for row in rows[1:]:
                row[rows[0].index(key)] = None if format == "xlsx" else ""

        bring(here, edited(take(format), format, empty), format)
        assert dict(
            Application.objects.filter(cohort=here.next_cohort).values_list("code", "answers")
        ) == {
            code: {k: v for k, v in answers.items() if k != key}
            for code, answers in standing.items()
            if Application.objects.filter(code=code, cohort=here.next_cohort).exists()
        }


@given(text=TEXTS)
@settings(max_examples=300)
def test_an_answer_read_back_from_its_own_cell_is_the_same(text: str) -> None:
    items = [part for part in ("x" + text, text) if part.strip()]
    plain = [" ".join(item.split()) for item in items]

    assert cells.split(cells.joined(items), ";") == plain
