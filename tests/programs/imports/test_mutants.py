"""Whatever stands in a file: a sentence or an import, never half of one, never an error of ours.

Good files are spoilt in every way a cable, a program or a person might. FULL=1 makes ten thousand
of them, other runs two hundred, from the same seed.
"""

import io
import os
import random
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from openpyxl import Workbook

from mentorship.shared.base.rules import RuleBroken
from programs import tasks
from programs.actions import import_jobs
from programs.models import Application, ImportFile, ImportJob, User
from tests.cast import Troupe
from tests.house.world import undone

MUTANTS = 10_000 if os.environ.get("FULL") else 200
ROWS = [
    ["email", "name", "motivation", "skills_wanted", "time_zone"],
    ["ada@example.org", "Ada", "To learn", "Go; Rust", "Europe/Berlin"],
    ["zoe@example.org", "Zoé", "=1+1", "", ""],
    ["bob@example.org", "Bob", "two\nlines, and more", "C++", "UTC"],
]


def csv() -> bytes:
    return "\n".join(
        ",".join(f'"{cell}"' if "\n" in cell else cell for cell in row) for row in ROWS
    ).encode()


def xlsx() -> bytes:
    book = Workbook()
    for row in ROWS:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# --- Ways to spoil bytes --------------------------------------------------------------------------

TOKENS = [
    b"\0", b'"', b"'", b",", b";", b"\r", b"\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe9",
    b"\xed\xa0\x80",
    b"=cmd|' /C calc'!A0", b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"&x;", b"<row>", b"</sheetData>",
    b"9" * 400, b"-1", b"1e999", b"NaN", b"@", b"\xf0\x9f\xa6\xa9", b"PK\x03\x04", b"_xD800_",
]  # fmt: skip


def flip(content: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(content)
    for _time in range(chance.randrange(1, 8)):
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    return bytes(spoilt)


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def drop(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + content[at + chance.randrange(1, 40) :]


def repeat(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    piece = content[at : at + chance.randrange(1, 60)]
    return content[:at] + piece * chance.randrange(2, 30) + content[at:]


def insert(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + chance.choice(TOKENS) + content[at:]


def shuffle(content: bytes, chance: random.Random) -> bytes:
    lines = content.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)


def encode(content: bytes, chance: random.Random) -> bytes:
    text = content.decode("utf-8", "replace")
    name = chance.choice(["utf-16", "utf-16-le", "utf-32", "cp1252", "utf-7", "cp037", "shift-jis"])
    return text.encode(name, "replace")


Spoil = Callable[[bytes, random.Random], bytes]
OF_BYTES: list[Spoil] = [flip, cut, drop, repeat, insert]
OF_TEXT: list[Spoil] = [*OF_BYTES, shuffle, encode]


def inside(content: bytes, chance: random.Random) -> bytes:
    """Spoil one entry of the package, or its name, and pack it again properly."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = package.namelist()
        chosen = chance.choice(names)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
            for name in names:
                entry = package.read(name)
                if name == chosen:
                    fate = chance.random()
                    if fate < 0.1:
                        continue
                    if fate < 0.2:
                        name = chance.choice([*names, "xl/vbaProject.bin", "../../x", "x" * 300])
                    entry = chance.choice(OF_TEXT)(entry, chance)
                again.writestr(name, entry)
    return out.getvalue()


def mutant(number: int) -> tuple[str, bytes]:
    """A spoilt file, the same for the same number."""
    chance = random.Random(number)
    if number % 2:
        content = csv()
        for _time in range(chance.randrange(1, 4)):
            content = chance.choice(OF_TEXT)(content, chance) or b"x"
        return "mutant.csv", content
    if chance.random() < 0.7:
        return "mutant.xlsx", inside(xlsx(), chance)
    return "mutant.xlsx", chance.choice(OF_BYTES)(xlsx(), chance) or b"x"


def written() -> tuple[int, int]:
    return Application.objects.count(), User.objects.count()


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize("part", range(4))
def test_a_spoilt_file_is_imported_whole_or_not_at_all(here: Troupe, part: int) -> None:
    outcomes = {"refused": 0, "wrong": 0, "imported": 0}
    for number in range(part * MUTANTS // 4, (part + 1) * MUTANTS // 4):
        name, content = mutant(number)
        with undone():
            before = written()
            outcome, expected = bring(here, name, content)
            applications, people = written()
            gained = (applications - before[0], people - before[1])
            assert gained == (expected, expected), f"mutant {number}"
            outcomes[outcome] += 1
    connection.ensure_connection()
    # The generator spoils some files beyond repair and leaves others readable.
    assert min(outcomes["refused"], outcomes["imported"]) > 0, outcomes


def bring(here: Troupe, name: str, content: bytes) -> tuple[str, int]:
    """What became of the file, and how many people it brought."""
    side = ImportFile.Side.MENTEES
    try:
        job = import_jobs.start(
            here.next_cohort, by=here.coordinator, files={side: SimpleUploadedFile(name, content)}
        )
    except RuleBroken:
        return "refused", 0
    file = job.files.get()
    fed = ("email", "name", "q:motivation", "q:skills_wanted")
    columns = dict(zip(file.columns, fed, strict=False))
    import_jobs.choose(job, by=here.coordinator, chosen={side: ("", file.columns | columns)})
    tasks.work_on_import(job.pk)
    job.refresh_from_db()
    assert job.status in (ImportJob.Status.CHECKED, ImportJob.Status.FAILED)
    if not job.is_right:
        return "wrong", 0
    import_jobs.confirm(job, by=here.coordinator)
    tasks.work_on_import(job.pk)
    job.refresh_from_db()
    assert job.status == ImportJob.Status.IMPORTED
    return "imported", job.new
