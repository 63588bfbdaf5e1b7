"""Twenty at once: one match, one decision, and a kind sentence for everybody else."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.matching.introduction_races import EXPECTED


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", EXPECTED, ids=lambda race: race.__name__)
def test_on_postgresql(race):
    assert race() == EXPECTED[race]


def test_on_a_sqlite_file(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.matching.introduction_races"],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "mentorship.settings.test",
            "DATABASE_URL": f"sqlite:///{tmp_path / 'races.sqlite3'}",
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    saw = json.loads(done.stdout.splitlines()[-1])
    assert saw == {race.__name__: expected for race, expected in EXPECTED.items()}
