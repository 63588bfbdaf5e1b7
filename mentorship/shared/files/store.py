"""Keeping files as rows and laying them on a disk for whoever reads them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from mentorship.shared.base import clock
from mentorship.shared.base.rules import RuleBroken
from mentorship.shared.files.models import MOST_BYTES, PART_BYTES, FilePart, StoredFile


@transaction.atomic
def keep(
    file: "File[bytes]", *, owner: Any, kind: StoredFile.Kind, name: str, days: int
) -> StoredFile:
    """Keep a copy of `file` for so many days. Reads it once, a part at a time.

    Raises RuleBroken for an empty file and for one of more than MOST_BYTES.
    """
    size = file.size or 0
    if not size:
        raise RuleBroken(_("This file is empty."))
    if size > MOST_BYTES:
        raise RuleBroken(too_large())
    stored = StoredFile.objects.create(
        owner=owner,
        kind=kind,
        name=one_line(name),
        size=size,
        digest="",
        expires_at=clock.now() + timedelta(days=days),
    )
    digest = sha256()
    for number, part in enumerate(file.chunks(PART_BYTES)):
        digest.update(part)
        FilePart.objects.create(file=stored, number=number, content=part)
    stored.digest = digest.hexdigest()
    stored.save(update_fields=["digest"])
    return stored


def parts(stored: StoredFile) -> Iterator[bytes]:
    """The content in order, one part in memory at a time."""
    numbers = stored.parts.order_by("number").values_list("pk", flat=True)
    for pk in list(numbers):
        yield bytes(FilePart.objects.values_list("content", flat=True).get(pk=pk))


@contextmanager
def on_disk(stored: StoredFile) -> Iterator[Path]:
    """The file at a path of the machine's temporary folder, gone when the block ends."""
    with tempfile.NamedTemporaryFile(prefix="mentorship-") as copy:
        for part in parts(stored):
            copy.write(part)
        copy.flush()
        yield Path(copy.name)


def too_large() -> str:
    """The sentence for a file of more than MOST_BYTES."""
    return _("This file is larger than %(most)d MB. Split it into several and bring each.") % {
        "most": MOST_BYTES // 1024 // 1024
    }


def one_line(name: str, most: int = 200) -> str:
    """The name of a file as it can be shown: on one line, its end kept when it is too long."""
    line = "".join(letter if letter.isprintable() else " " for letter in name).strip()
    return (line if len(line) <= most else "…" + line[1 - most :]) or _("File")
