"""Opaque public codes: what stands in addresses instead of numbers."""

import re
import secrets
from collections.abc import Mapping

# No vowels and no look-alikes: nothing rude, nothing misread on the phone.
_ALPHABET = "23456789bcdfghjkmnpqrstvwxz"
CODE_LENGTH = 14


class CodeConverter:
    """A public code in an address. A row's number is none, so no link with one can be made."""

    regex = f"[{_ALPHABET}]{{{CODE_LENGTH}}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


def new_code() -> str:
    """Fourteen random characters, 66 bits: enough that nobody finds another's by trying."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))


def is_code(text: str) -> bool:
    """Whether this could be a code; what comes from outside may hold anything."""
    return re.fullmatch(CodeConverter.regex, text) is not None


def code_in(sent: Mapping[str, str], name: str) -> str:
    """The code that was sent under this name, "" for what could be none."""
    text = sent.get(name, "")
    return text if is_code(text) else ""
