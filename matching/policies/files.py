"""A policy as a file that people keep, pass on and bring back."""

import json
import tomllib
from collections.abc import Mapping
from typing import Any, Final
from unicodedata import category

from django.utils.translation import gettext as _

from matching.engine import Policy, PolicyError

LARGEST_FILE: Final = 64 * 1024
"""In bytes; a policy of all ready-made criteria has about 5,000."""

_MOST_DOTS: Final = 500


def to_toml(policy: Policy) -> str:
    """The policy as a file; `from_file` gives back an equal one."""
    table = policy.to_dict()
    lines = [f"{key} = {_value(table[key])}" for key in ("name", "objective")]
    for criterion in policy.criteria:
        lines += ["", "[[criterion]]"]
        lines += [f"{_key(key)} = {_value(told)}" for key, told in criterion.to_dict().items()]
    return "\n".join(lines) + "\n"


def from_file(content: bytes) -> Policy:
    """The policy in a file. Raises PolicyError, a sentence, for anything that is not right."""
    if len(content) > LARGEST_FILE:
        raise PolicyError(_("A policy of more than 64 KB is not read."))
    # names in names in names take the reader a time that grows with their square
    if any(line.count(b".") > _MOST_DOTS for line in content.splitlines()):
        raise PolicyError(_("This file has a line that no policy needs."))
    try:
        # Windows ends lines with two characters, which TOML takes; a byte order mark it does not.
        table = tomllib.loads(content.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(_("This is not valid TOML: %(error)s.") % {"error": error}) from error
    except UnicodeDecodeError as error:
        raise PolicyError(_("This file is not written in UTF-8.")) from error
    except (ValueError, RecursionError) as error:
        raise PolicyError(
            _("This file cannot be read: a number is too long, or lists stand in lists.")
        ) from error
    return from_table(table)


def from_text(text: str) -> Policy:
    """The policy in the JSON of its dict, as a form carries it. Raises PolicyError."""
    try:
        table = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PolicyError(_("The policy was damaged on its way. Please begin anew.")) from error
    if not isinstance(table, dict):
        raise PolicyError(_("The policy was damaged on its way. Please begin anew."))
    return from_table(table)


def from_table(table: Mapping[str, Any]) -> Policy:
    """The policy of a dict that somebody wrote. Raises PolicyError.

    Its texts must be ones that a database can hold and a page can show.
    """
    _refuse_unwritable(table)
    return Policy.from_dict(table)


def _refuse_unwritable(value: object) -> None:
    """Refuse texts with control characters and half characters, wherever they stand."""
    waiting = [value]
    while waiting:
        told = waiting.pop()
        if isinstance(told, Mapping):
            waiting += [*told.keys(), *told.values()]
        elif isinstance(told, list | tuple):
            waiting += told
        elif isinstance(told, str) and any(category(one) in ("Cc", "Cs") for one in told):
            raise PolicyError(_("The policy holds a text with line breaks or hidden characters."))


def _key(key: str) -> str:
    return key if key.replace("_", "").isalnum() and key.isascii() else _text(key)


def _value(value: object) -> str:
    """A value of a policy as TOML: texts, numbers, yes and no, lists, and tables in one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_text(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return _text(str(value))


def _text(text: str) -> str:
    """As JSON writes it, which TOML reads, but for the one control character JSON lets through."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
