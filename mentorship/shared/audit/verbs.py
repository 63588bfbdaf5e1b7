"""Every verb of the audit log and the sentence that tells it, declared by the apps."""

from collections.abc import Mapping

from django.utils.functional import Promise

_SENTENCES: dict[str, str | Promise] = {}


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
