"""The files of others are the ones we once took, and the versions we say they are."""

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = [ROOT / "static" / "vendor", ROOT / "tests" / "browser" / "vendor"]
OURS = {"README.md", "SHA256SUMS"}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_every_vendored_file_has_the_hash_written_down(folder):
    written = dict(
        reversed(line.split("  ", 1)) for line in (folder / "SHA256SUMS").read_text().splitlines()
    )
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in OURS
    }
    assert found == written


@pytest.mark.parametrize(
    "package, path",
    [
        ("bootstrap", "static/vendor/bootstrap/bootstrap.min.css"),
        ("bootstrap", "static/vendor/bootstrap/bootstrap.bundle.min.js"),
        ("axe-core", "tests/browser/vendor/axe.min.js"),
    ],
)
def test_each_file_names_the_version_in_package_json(package, path):
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"][package]
    head = (ROOT / path).read_text(encoding="utf-8")[:400]
    assert re.search(r"v(\d+\.\d+\.\d+)", head)[1] == wanted


@pytest.mark.parametrize("pattern", ["*.css", "*.js"])
def test_no_served_file_points_to_a_source_map_that_is_not_there(pattern):
    files = list((ROOT / "static").rglob(pattern))
    assert [path.name for path in files if b"sourceMappingURL" in path.read_bytes()] == []


def test_npms_lock_names_no_address():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
