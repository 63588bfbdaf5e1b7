"""mentor-match 7.0.1 doing its own job, and what its first round allows and is worth.

    .venv/bin/python -m benchmarks.peers.mentor_match           50, 100 and 200 pairs
    .venv/bin/python -m benchmarks.peers.mentor_match --full    500 pairs too

**The program.** mentor-match (MIT) is the package behind a service that matches mentors and
mentees of the civil service; the service's lock file pins munkres 1.1.4. The package brings the
machinery and its user brings the rules, so the rules here are the service's own (its `base_rules`
with the weights of its release 2.0.0, and its default bonus for unmatched people).

**The job.** mentors.csv and mentees.csv in; three rounds, each of which scores every pair and
assigns with Munkres; both lists out again as spreadsheets. `job_cpu` is from the first line read to
the last line written; starting Python and importing the package are only in `cpu`.

**The people.** N mentors and N mentees drawn with replacement from samples/civil-service-small,
each with an address of their own: the package tells people apart by it.

**The rules of a round**, for a mentor and a mentee. Not together:

- who work for the same organisation;
- when the mentor is not one or two grades above the mentee;
- who are one and the same person (never so here), or were paired in an earlier round.

Points of a pair that may be together, added up:

- 12 when the mentor is two grades above, 9 when one;
- 10 when both belong to the same profession;
- 6 when the mentee names an identity and the mentor lists it. The service reads "identity to match"
  only and ignores "match with similar identity", so the policy here has no `when`;
- 6 when the mentor or the mentee, or both, have nobody yet. In round one that is every pair.

**What a round maximises.** The total of points, one mentee a mentor at most, with 0 for a pair that
may not be together; such a pair is then skipped. So it is an assignment with the best total, not
one that places the most mentees: our `objective = "total"` must reach the same total in round one,
and "most-mentees-then-total" may place more mentees for fewer points.

`civil_service.toml` says the same as a policy of ours, for all three rounds: the facts `unmatched`
are "yes" for everybody in round one, and later "no" for who has somebody already; pairs of earlier
rounds are `excluded`.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

from benchmarks.harness import finish, introduce, one_thread, table
from benchmarks.peers.environments import python_of

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent.parent / "samples" / "civil-service-small"
POLICY = HERE / "civil_service.toml"
SEED = 2025
SHORT, FULL = (50, 100, 200), (50, 100, 200, 500)
COLUMNS = (
    *("pairs", "job_cpu", "cpu", "peak_mib", "matched_round_one", "score_round_one"),
    *("matched", "connections"),
)

GRADES = ("AA", "AO", "EO", "HEO", "SEO", "Grade 7", "Grade 6", "SCS1", "SCS2", "SCS3", "SCS4")
GAP_POINTS = {1: 9, 2: 12}
PROFESSION_POINTS = 10
IDENTITY_POINTS = 6
UNMATCHED_POINTS = 6

Row = dict[str, str]
"""One line of a list, by its headings; `email address` is its id."""

Facts = Mapping[str, str | frozenset[str]]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a matching is worth under the rules of round one.

    `matched` and `score` count the pairs that hold; `wrong` says of each other pair what is against
    it. A matching is valid when `wrong` is empty.
    """

    matched: int
    score: int
    wrong: tuple[str, ...]


def run_peer(pairs: int, seed: int = SEED) -> dict[str, Any]:
    """The job on `pairs` mentors and as many mentees, in a process of its own.

    - `pairs`, `seed`, `versions`: what was run.
    - `matched_round_one`, `score_round_one`: mentees placed in the first round, and their points as
      `tally` counts them here, from the pairs that the package reports.
    - `matched`, `connections`: mentees with one mentor or more, and pairs, after three rounds.
    - `cpu`: user and system seconds of the whole process, as the system counted them.
    - `job_cpu`: seconds of CPU of the job alone, as the process counted them.
    - `peak_mib`: the most memory the process held, in MiB.

    RuntimeError when it fails, or when a pair of round one breaks a rule that is stated here.
    """
    python = python_of("mentor-match")
    mentors, mentees = people(pairs, seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, mentors, mentees)
        told, cpu = run([str(python), "-I", str(HERE / "mentor_match_job.py"), name])
        exported = len((folder / "output" / "civilmentees-list.csv").read_text().splitlines())
    first = tally(mentors, mentees, [tuple(pair) for pair in told.pop("round_one")])
    if first.wrong or exported != pairs + 1:
        raise RuntimeError(f"Not the job that is described: {first.wrong}, {exported} lines out")
    return {
        "pairs": pairs,
        "seed": seed,
        "matched_round_one": first.matched,
        "score_round_one": first.score,
        "cpu": cpu,
        **told,
    }


def run(command: Sequence[str]) -> tuple[dict[str, Any], float]:
    """The last line of what a command says, as JSON, and its seconds of CPU, user and system."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen(command, stdout=output, stderr=errors)  # noqa: S603  ours
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if child.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {status}:\n{errors.read()}")
        told = json.loads(output.read().splitlines()[-1])
    return told, usage.ru_utime + usage.ru_stime


# --- the people ------------------------------------------------------------------------------


def people(pairs: int, seed: int = SEED) -> tuple[list[Row], list[Row]]:
    """(mentors, mentees): `pairs` of each, drawn with replacement from the sample."""
    chance = random.Random(seed)
    return drawn("mentor", pairs, chance), drawn("mentee", pairs, chance)


def drawn(side: str, count: int, chance: random.Random) -> list[Row]:
    with (SAMPLE / f"{side}s.csv").open(newline="") as file:
        sample = list(csv.DictReader(file))
    return [
        row | {"last name": f"{number:04}", "email address": f"{side}.{number:04}@example.org"}
        for number, row in enumerate(chance.choices(sample, k=count))
    ]


def write(folder: Path, mentors: Sequence[Row], mentees: Sequence[Row]) -> None:
    """mentors.csv and mentees.csv as the package reads them."""
    for side, rows in (("mentor", mentors), ("mentee", mentees)):
        with (folder / f"{side}s.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def mentor_facts(row: Row, *, unmatched: bool = True) -> Facts:
    """What the policy reads of a mentor, under our names; one seat a round."""
    listed = frozenset(name for name in row["characteristics"].split(", ") if name)
    return {**facts_of_both(row, unmatched), "identities": listed}


def mentee_facts(row: Row, *, unmatched: bool = True) -> Facts:
    """What the policy reads of a mentee, under our names."""
    return {**facts_of_both(row, unmatched), "identity_wished": row["identity to match"]}


def facts_of_both(row: Row, unmatched: bool) -> Facts:
    names = ("organisation", "grade", "profession")
    return {name: row[name] for name in names} | {"unmatched": "yes" if unmatched else "no"}


# --- its rules, counted by hand --------------------------------------------------------------


def objection(mentor: Row, mentee: Row) -> str | None:
    """Why the first round does not allow a pair, or None."""
    if mentor["organisation"] == mentee["organisation"]:
        return "the same organisation"
    gap = GRADES.index(mentor["grade"]) - GRADES.index(mentee["grade"])
    return None if gap in GAP_POINTS else f"{gap} grades above"


def points(mentor: Row, mentee: Row) -> int:
    """What an allowed pair is worth in the first round."""
    wished = mentee["identity to match"]
    return (
        GAP_POINTS[GRADES.index(mentor["grade"]) - GRADES.index(mentee["grade"])]
        + PROFESSION_POINTS * (mentor["profession"] == mentee["profession"])
        + IDENTITY_POINTS * (wished != "" and wished in mentor["characteristics"].split(", "))
        + UNMATCHED_POINTS
    )


def tally(
    mentors: Sequence[Row], mentees: Sequence[Row], pairs: Collection[tuple[str, str]]
) -> Tally:
    """Count a matching, (mentee, mentor) by address, under the rules of round one."""
    mentor_of = {row["email address"]: row for row in mentors}
    mentee_of = {row["email address"]: row for row in mentees}
    taken = Counter(mentee for mentee, _ in pairs) + Counter(mentor for _, mentor in pairs)
    matched, score, wrong = 0, 0, []
    for mentee, mentor in pairs:
        if mentee not in mentee_of or mentor not in mentor_of:
            against: str | None = "nobody of that address"
        elif taken[mentee] > 1 or taken[mentor] > 1:
            against = "paired more than once"
        else:
            against = objection(mentor_of[mentor], mentee_of[mentee])
        if against:
            wrong.append(f"{mentee} with {mentor}: {against}")
        else:
            matched += 1
            score += points(mentor_of[mentor], mentee_of[mentee])
    return Tally(matched, score, tuple(wrong))


# --- its figures -----------------------------------------------------------------------------


def main() -> int:
    one_thread()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--full", action="store_true", help="500 pairs too")
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    introduce(SEED)
    results = []
    for pairs in FULL if chosen.full else SHORT:
        runs = sorted((run_peer(pairs) for _ in range(chosen.repeats)), key=itemgetter("job_cpu"))
        middle = runs[len(runs) // 2]
        results.append(middle | {"job_cpu_all": [run["job_cpu"] for run in runs]})
    print(", ".join(f"{name} {version}" for name, version in results[0]["versions"].items()))
    print(table([{name: row[name] for name in COLUMNS} for row in results]))
    return finish("mentor-match", SEED, results)


if __name__ == "__main__":
    sys.exit(main())
