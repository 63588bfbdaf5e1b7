"""Every verb of the audit log and the sentence that tells it, declared by the apps."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _

_SENTENCES: dict[str, str | Promise] = {}
_GROUPS: dict[str, tuple[str | Promise, frozenset[str]]] = {}
# What belongs to no declared group.
OTHER = "other"


def declare(sentences: Mapping[str, str | Promise]) -> None:
    """Add verbs (`noun.participle`) with their sentences; `%(subject)s` and details may stand in.

    Raises ValueError for a verb declared twice.
    """
    twice = _SENTENCES.keys() & sentences.keys()
    if twice:
        raise ValueError(f"declared twice: {sorted(twice)}")
    _SENTENCES.update(sentences)


def sentence_of(verb: str) -> str:
    """The sentence of a verb. Raises KeyError when nobody declared it."""
    return str(_SENTENCES[verb])


def declared() -> frozenset[str]:
    """All verbs, for the house test."""
    return frozenset(_SENTENCES)


def group(key: str, label: str | Promise, *nouns: str) -> None:
    """Let the history be narrowed to verbs of these nouns, under the words `label`.

    A group that is declared again gets more nouns and keeps its words. Raises ValueError for a
    noun that is in a group already.
    """
    taken = {noun for __, others in _GROUPS.values() for noun in others} & set(nouns)
    if taken:
        raise ValueError(f"in two groups: {sorted(taken)}")
    words, known = _GROUPS.get(key, (label, frozenset()))
    _GROUPS[key] = (words, known | set(nouns))


def groups() -> list[tuple[str, str]]:
    """Every group with its words, and at last whatever is in none."""
    told = [(key, str(label)) for key, (label, __) in _GROUPS.items()]
    return [*told, (OTHER, _("Other things"))] if verbs_in(OTHER) else told


def verbs_in(key: str) -> list[str]:
    """The declared verbs of a group; none for a group nobody declared."""
    grouped = {noun for __, nouns in _GROUPS.values() for noun in nouns}
    nouns = _GROUPS[key][1] if key in _GROUPS else frozenset()
    return sorted(
        verb
        for verb in _SENTENCES
        if (_noun(verb) not in grouped if key == OTHER else _noun(verb) in nouns)
    )


def _noun(verb: str) -> str:
    return verb.partition(".")[0]
