"""Read a table of a policy file field by field, and complain in sentences."""

from collections.abc import Mapping

from matching.engine.types import PolicyError


class Fields:
    """The fields of one table; every one asked for is ticked off, what is left over is refused."""

    def __init__(self, table: Mapping[str, object], where: str) -> None:
        self._table = table
        self._left = set(table)
        self.where = where

    def has(self, key: str) -> bool:
        return self._table.get(key) is not None

    def take(self, key: str) -> object:
        """The value of `key`, None when it is not there."""
        self._left.discard(key)
        return self._table.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip():
            raise PolicyError(f"{self.where} needs a text for {key!r}.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, each only once; empty when the key is not there."""
        value = self.take(key)
        if value is None:
            return ()
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise PolicyError(f"{self.where}: {key!r} must be a list of texts.")
        if len(set(value)) != len(value):
            raise PolicyError(f"{self.where}: {key!r} names something twice.")
        return tuple(str(v) for v in value)

    def flag(self, key: str) -> bool:
        """True or false; false when the key is not there."""
        value = self.take(key)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise PolicyError(f"{self.where}: {key!r} must be true or false.")
        return value

    def whole(self, key: str, least: int, most: int) -> int:
        return self.as_whole(self.take(key), f"{key!r}", least, most)

    def as_whole(self, value: object, what: str, least: int, most: int) -> int:
        """`value` if it is a whole number from `least` to `most`; NaN and 2.5 are none."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise PolicyError(f"{self.where} needs a whole number for {what}.")
        if value < least:
            raise PolicyError(f"{self.where}: {what} is {value}, it must not be below {least}.")
        if value > most:
            raise PolicyError(f"{self.where}: {what} is {value}, it must not be above {most}.")
        return value

    def done(self) -> None:
        """Refuse what nobody asked for: usually a misspelt name."""
        for key in sorted(self._left):
            raise PolicyError(f"{self.where} has a parameter {key!r} that is not known here.")
