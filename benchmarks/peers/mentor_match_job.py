"""The job itself, for the Python of mentor-match's own environment: `mentor_match_job.py FOLDER`.

Reads mentors.csv and mentees.csv in FOLDER, runs the three rounds that `mentor_match` describes
with nothing but the package's own functions, exports to FOLDER/output, and prints one JSON line.
Never imported by us: the package and one of ours are both called `matching`.
"""

import json
import operator
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from matching import process
from matching.mentee import Mentee
from matching.mentor import Mentor
from matching.rules import rule as rules

GRADES = ["AA", "AO", "EO", "HEO", "SEO", "Grade 7", "Grade 6", "SCS1", "SCS2", "SCS3", "SCS4"]
ROUNDS = 3
BONUS = 6


class CivilMentor(Mentor):
    """A mentor who also keeps the identities that a rule asks for."""

    def __init__(self, **row):
        super().__init__(**row)
        self.identities = row["characteristics"].split(", ")


class CivilMentee(Mentee):
    """A mentee who also keeps the identity wished for."""

    def __init__(self, **row):
        super().__init__(**row)
        self.wished = row["identity to match"]


def as_the_package_wants_it(row: dict, side: str) -> dict:
    named = {"email": row["email address"], "role": row["job title"]}
    return row | named | {"grade": GRADES.index(row["grade"])}


def rules_of_a_round() -> list:
    """In the service's order; the package evaluates a list from its end."""
    return [
        rules.Disqualify(lambda match: match.mentee.organisation == match.mentor.organisation),
        rules.Disqualify(rules.Grade(2, operator.gt).evaluate),
        rules.Disqualify(rules.Grade(0, operator.le).evaluate),
        rules.Grade(2, operator.eq, {True: 12, False: 0}),
        rules.Grade(1, operator.eq, {True: 9, False: 0}),
        rules.Generic(
            {True: 10, False: 0}, lambda match: match.mentee.profession == match.mentor.profession
        ),
        rules.Generic(
            {True: 6, False: 0},
            lambda match: (
                match.mentee.wished in match.mentor.identities and match.mentee.wished != ""
            ),
        ),
        rules.UnmatchedBonus(BONUS),
    ]


def main(folder: Path) -> dict:
    began = time.process_time()
    made = process.create_participant_list_from_path
    mentors = made(CivilMentor, folder, as_the_package_wants_it)
    mentees = made(CivilMentee, folder, as_the_package_wants_it)
    after_round: list[list[tuple[str, str]]] = []

    def rounds() -> Iterator[list]:
        """The package asks for the next list when it is done with the one before."""
        for _ in range(ROUNDS):
            yield rules_of_a_round()
            after_round.append([(e.email, r.email) for e in mentees for r in e.mentors])

    process.process_data(mentors, mentees, rounds())
    process.create_mailing_list(mentors, folder / "output")
    process.create_mailing_list(mentees, folder / "output")
    cpu = time.process_time() - began
    return {
        "job_cpu": cpu,
        "matched": sum(bool(mentee.mentors) for mentee in mentees),
        "connections": len(after_round[-1]),
        "round_one": after_round[0],
        "versions": {name: version(name) for name in ("mentor-match", "munkres")},
    }


def peak_mib() -> float:
    """The most that this program itself held; `ru_maxrss` would count who started it, too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("This system does not say how much memory a process held.")


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1])) | {"peak_mib": peak_mib()}))
