"""Mail as files: written by an e-mail backend, read by the outbox page.

One mail is one `.eml` file in `settings.MAIL_DIR`. Its name is made of the instant in the
mail's Date header and a digest of its Message-ID: names sort by time, and nothing that
stands in a mail can choose where it is written.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from mentorship.shared.base import clock

_NAME = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{20}")
_SUFFIX = ".eml"
# Which origin the links of a mail were made for; the port may be another one at reading.
_ORIGIN_HEADER = "X-Demo-Origin"
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s<>\"']+")


class FileBackend(BaseEmailBackend):
    """Writes each mail to a file. A repeat with the same Message-ID takes the first one's place."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names: dict[str, str] | None = None

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the mails that have a recipient and return how many."""
        written = 0
        for mail in email_messages:
            if mail.recipients():
                self._write(mail)
                written += 1
        return written

    def close(self) -> None:
        self._names = None

    def _write(self, mail: EmailMessage) -> None:
        message = mail.message()
        message[_ORIGIN_HEADER] = settings.BASE_URL
        digest = hashlib.sha256(str(message["Message-ID"]).encode()).hexdigest()[:20]
        name = f"{_instant(message['Date']):%Y%m%dT%H%M%S}-{digest}"
        folder = _folder()
        if self._names is None:
            folder.mkdir(parents=True, exist_ok=True)
            self._names = {name.partition("-")[2]: name for name in names()}
        # Written beside and renamed, so that a reader never sees half a mail.
        half = folder / f".{name}.{secrets.token_hex(4)}"
        half.write_bytes(message.as_bytes())
        half.replace(folder / (name + _SUFFIX))
        before = self._names.get(digest, name)
        if before != name:
            (folder / (before + _SUFFIX)).unlink(missing_ok=True)
        self._names[digest] = name


class Head(NamedTuple):
    """A mail as a list shows it."""

    name: str
    to: str
    subject: str
    date: datetime


class Mail(NamedTuple):
    """A mail as the outbox page shows it. `html` is empty for a mail of text only."""

    name: str
    to: str
    subject: str
    date: datetime
    text: str
    html: str

    @property
    def links(self) -> list[str]:
        """The addresses in the text, each once, in order."""
        return list(dict.fromkeys(link.rstrip(".,;:!?)") for link in _LINK.findall(self.text)))


def names() -> list[str]:
    """The names of all mails, newest first."""
    try:
        files = os.listdir(_folder())
    except FileNotFoundError:
        return []
    stems = (file.removesuffix(_SUFFIX) for file in files if file.endswith(_SUFFIX))
    return sorted((stem for stem in stems if _NAME.fullmatch(stem)), reverse=True)


def read_heads(some: Iterable[str]) -> list[Head]:
    """What a list shows of these mails; one deleted meanwhile is left out."""
    raws = ((name, _raw(name)) for name in some)
    parser = BytesHeaderParser(policy=policy.default)
    return [_head(name, parser.parsebytes(raw)) for name, raw in raws if raw is not None]


def read(name: str, *, origin: str) -> Mail | None:
    """The mail of this name, or None when there is none or the name is not one of ours.

    Links to this site are rewritten to `origin`, where the reader is now.
    """
    raw = _raw(name)
    if raw is None:
        return None
    message = message_from_bytes(raw, policy=policy.default)
    made_for = str(message[_ORIGIN_HEADER] or "")
    return Mail(
        *_head(name, message),
        text=_moved(_part(message, "plain"), made_for, origin),
        html=_moved(_part(message, "html"), made_for, origin),
    )


def forget_all() -> None:
    """Delete every mail, and nothing else that may lie in the folder."""
    for name in names():
        (_folder() / (name + _SUFFIX)).unlink(missing_ok=True)


def for_frame(html: str) -> str:
    """The HTML part with its links opening in the whole window instead of the frame."""
    head = _HEAD.search(html)
    begin = head.end() if head else 0
    return html[:begin] + '<base target="_top">' + html[begin:]


def _folder() -> Path:
    folder = getattr(settings, "MAIL_DIR", None)
    if folder is None:
        raise ImproperlyConfigured("Mail to files needs MAIL_DIR, the folder to write to.")
    return Path(folder)


def _raw(name: str) -> bytes | None:
    if not _NAME.fullmatch(name):
        return None
    try:
        return (_folder() / (name + _SUFFIX)).read_bytes()
    except FileNotFoundError:
        return None


def _head(name: str, message: Message) -> Head:
    return Head(
        name=name,
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        date=_instant(message["Date"]),
    )


def _part(message: ParsedMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    return str(part.get_content()) if part else ""


def _moved(text: str, made_for: str, origin: str) -> str:
    if not made_for or made_for == origin:
        return text
    # an origin ends where no more of a host or port can follow
    return re.sub(re.escape(made_for) + r"(?![\w-]|[.:]\w)", lambda _found: origin, text)


def _instant(header: Any) -> datetime:
    """A Date header as an instant; now for a mail without a readable one."""
    try:
        moment = parsedate_to_datetime(str(header))
    except ValueError:
        return clock.now()
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
