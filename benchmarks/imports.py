"""How long a large list takes to come in, and how much memory it needs.

    .venv/bin/python benchmarks/imports.py           10,000 mentees
    .venv/bin/python benchmarks/imports.py --full    100,000 mentees

Writes to a database of its own: a SQLite file in a temporary folder. Each step is a process of its
own, so that the memory of one is not counted for another. Ends with code 1 when a step needs more
than MOST_MEGABYTES above what the process held before it began.
"""

import argparse
import csv
import json
import os
import platform
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import django
from openpyxl import Workbook

ROOT = Path(__file__).resolve().parent.parent
SEED = 2025
MOST_MEGABYTES = 150
SHORT, FULL = 10_000, 100_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} rows")
    rows = FULL if parser.parse_args().full else SHORT
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'benchmark.sqlite3'}"
        os.environ["DJANGO_SETTINGS_MODULE"] = "mentorship.settings.test"
        sys.path.insert(0, str(ROOT))
        django.setup()
        return measure(folder, rows)


def measure(folder: Path, rows: int) -> int:
    from django.core.management import call_command  # noqa: PLC0415  needs django.setup()

    cores = len(os.sched_getaffinity(0))
    print(
        f"{cores} cores, Python {platform.python_version()}, Django {django.__version__}, "
        f"SQLite {sqlite3.sqlite_version}, seed {SEED}, {rows:,} rows"
    )
    call_command("migrate", verbosity=0)
    code = new_cohort()
    good = folder / "good.csv"
    write_list(good, rows)
    changed, bad = folder / "changed.csv", folder / "bad.csv"
    with good.open() as source, changed.open("w") as up, bad.open("w") as wrong:
        for line in source:
            up.write(line.replace(",yes,", ",no,").replace("Go;", "Zig;"))
            wrong.write(line.replace("Europe/", "Mars/"))
    book = folder / "good.xlsx"
    to_workbook(good, book)
    sizes = [f"{path.stat().st_size / 1e6:.1f} MB of {path.suffix[1:]}" for path in (good, book)]
    print(", ".join(sizes) + "\n")
    print(f"{'step':<28}{'seconds':>9}{'of CPU':>9}{'rows/s':>9}{'MB above start':>16}  outcome")
    results = {
        name: show(name, rows, in_own_process(step))
        for name, step in {
            "every row is wrong": lambda: bring(code, bad),
            "all new": lambda: bring(code, good),
            "nothing new": lambda: bring(code, good),
            "nothing new, from XLSX": lambda: bring(code, book),
            "every answer changed": lambda: bring(code, changed),
        }.items()
    }
    most = max(result["megabytes"] for result in results.values())
    print(json.dumps({"rows": rows, "seed": SEED, "most_megabytes": most, "steps": results}))
    return 0 if most <= MOST_MEGABYTES else 1


def bring(code: str, path: Path) -> dict[str, int]:
    """One import; what its report counts."""
    from programs.actions.imports import import_applications  # noqa: PLC0415  needs django.setup()
    from programs.models import Cohort  # noqa: PLC0415  the same

    report = import_applications(
        Cohort.objects.get(code=code),
        by=None,
        mentors=None,
        mentees=path,
        mapping=None,
    )
    counts = ("created", "updated", "unchanged", "rejected_total")
    return {name: getattr(report, name) for name in counts if getattr(report, name)}


def in_own_process(step: Callable[[], dict[str, int]]) -> dict[str, Any]:
    """Run a step in a fork; its outcome, seconds on the wall and of CPU, megabytes above start."""
    from django.db import connections  # noqa: PLC0415  needs django.setup()

    connections.close_all()
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        before, begun, begun_cpu = megabytes(), time.perf_counter(), time.process_time()
        outcome = step()
        told = {
            "seconds": round(time.perf_counter() - begun, 1),
            "cpu_seconds": round(time.process_time() - begun_cpu, 1),
            "megabytes": round(megabytes() - before, 1),
            "outcome": outcome,
        }
        os.write(writing, json.dumps(told).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = json.loads(pipe.read())
    os.waitpid(child, 0)
    return told


def megabytes() -> float:
    """The most this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show(name: str, rows: int, result: dict[str, Any]) -> dict[str, Any]:
    outcome = ", ".join(f"{count:,} {word}" for word, count in result["outcome"].items())
    seconds = max(result["seconds"], 0.1)
    print(
        f"{name:<28}{result['seconds']:>9}{result['cpu_seconds']:>9}{rows / seconds:>9,.0f}"
        f"{result['megabytes']:>16}  {outcome}",
        flush=True,
    )
    return result


def new_cohort() -> str:
    """The code of a cohort with empty forms."""
    from programs.actions import cohorts, programs  # noqa: PLC0415  needs django.setup()
    from programs.models import Role, User  # noqa: PLC0415  the same
    from programs.questions import make_questionnaire  # noqa: PLC0415  the same

    owner = User.objects.create_user("owner@example.org", name="Owner")
    return cohorts.create(
        programs.create_program(by=owner, name="Large", purpose="To be measured."),
        by=owner,
        name="First",
        time_zone="UTC",
        apply_from=date(2026, 1, 1),
        apply_until=date(2026, 1, 31),
        starts_on=date(2026, 2, 15),
        ends_on=date(2026, 8, 15),
        mentor_questions=make_questionnaire("Mentors", (), Role.MENTOR),
        mentee_questions=make_questionnaire("Mentees", (), Role.MENTEE),
        policy={"name": "Any"},
    ).code


def to_workbook(source: Path, target: Path) -> None:
    """The same list as a spreadsheet program would keep it."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    with source.open(newline="") as lines:
        for row in csv.reader(lines):
            sheet.append(row)
    book.save(target)


def write_list(path: Path, rows: int) -> None:
    """Made-up mentees with the gaps and lists that real ones have."""
    chance = random.Random(SEED)
    skills = ["Go", "Rust", "Python", "SQL", "Docker", "Kotlin", "TypeScript", "PostgreSQL", "C++"]
    zones = ["Europe/Berlin", "Europe/Paris", "Europe/Kyiv", "Europe/Lisbon"]
    with path.open("w") as out:
        out.write(
            "applicant_id,email,name,time_zone,years_experience,people_manager,work_mode,"
            "skills_wanted,skills_have,biography\n"
        )
        for number in range(rows):
            mode = chance.choice(["remote", "hybrid", "in person", ""])
            wanted = ";".join(["Go", *chance.sample(skills, 4)])
            have = ";".join(chance.sample(skills, 6))
            out.write(
                f"A-{number},person.{number}@example.org,Person {number},{chance.choice(zones)},"
                f'{chance.randrange(30)},yes,{mode},{wanted},{have},"{"A few words. " * 12}"\n'
            )


if __name__ == "__main__":
    sys.exit(main())
