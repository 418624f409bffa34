"""Fields: what stands in the JSON text of a file, looked at with its place, and refused where it is something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from loligo.errors import FormatError
from loligo.saving.readable import as_number
from loligo.saving.reader import TYPES, Reader

_WORDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}


class Field:
    """A value in a file, and where it stands.

    Raises, from each of its methods:
        FormatError: It is something else than asked for; the message says what, where, and what was expected.
    """

    def __init__(self, reader: Reader, value: Any, where: str = "") -> None:
        self._reader = reader
        self._value = value
        self.where = where

    @classmethod
    def of(cls, reader: Reader) -> Field:
        """All that a file says."""
        return cls(reader, reader.content)

    def __getitem__(self, name: str) -> Field:
        """A field of an object."""
        held = self._as(dict)
        if name not in held:
            raise FormatError(f"{self._reader.path}: `{self._below(name)}` is missing")
        return Field(self._reader, held[name], self._below(name))

    def items(self) -> Iterator[tuple[str, Field]]:
        """The fields of an object, by their names."""
        return ((name, self[name]) for name in self._as(dict))

    def each(self, count: int | None = None) -> list[Field]:
        """The items of a list."""
        held = self._as(list)
        if count is not None and len(held) != count:
            raise self.refused(f"a list of {count}")
        return [Field(self._reader, item, f"{self.where}[{position}]") for position, item in enumerate(held)]

    @property
    def is_null(self) -> bool:
        """Whether nothing stands there."""
        return self._value is None

    @property
    def is_object(self) -> bool:
        """Whether it has fields."""
        return isinstance(self._value, dict)

    @property
    def is_list(self) -> bool:
        """Whether it has items."""
        return isinstance(self._value, list)

    def has(self, name: str) -> bool:
        """Whether it is an object with this field."""
        return self.is_object and name in self._value

    def text(self) -> str:
        """A text."""
        return self._as(str)

    def text_or_none(self) -> str | None:
        """A text, or nothing."""
        return None if self.is_null else self.text()

    def texts(self) -> list[str]:
        """A list of texts."""
        return [item.text() for item in self.each()]

    def one_of(self, known: Any) -> str:
        """One of these words."""
        if self._value not in list(known):
            raise self.refused(f"one of {', '.join(known)}")
        return self._value

    def scalar(self) -> str | int | float | bool | None:
        """What is neither an object nor a list."""
        if isinstance(self._value, dict | list):
            raise self.refused("a single text or number")
        return self._value

    def truth(self) -> bool:
        """True or false."""
        return self._as(bool)

    def whole(self, below: int | None = None, least: int = 0) -> int:
        """A whole number from `least` up to, and without, `below`."""
        is_whole = isinstance(self._value, int) and not isinstance(self._value, bool)
        if not is_whole or self._value < least or (below is not None and self._value >= below):
            until = "" if below is None else f", below {below}"
            raise self.refused(f"a whole number, {least} or more{until}")
        return self._value

    def number(self) -> float:
        """A number; infinities, and what is not a number, are the texts `inf`, `-inf` and `nan`."""
        value = as_number(self._value)
        if value is None:
            raise self.refused("a number")
        return value

    def number_or_none(self) -> float | None:
        """A number, or nothing."""
        return None if self.is_null else self.number()

    def bounds(self) -> tuple[float, float] | None:
        """A pair of numbers, or nothing."""
        if self.is_null:
            return None
        lower, upper = (item.number() for item in self.each(2))
        return lower, upper

    def array(self, kind: str | None = "float64", shape: tuple[int | None, ...] | None = None) -> np.ndarray:
        """An array of this type and shape; None stands for any length, type or shape."""
        member = self["member"].text()
        said = self["type"].one_of(TYPES if kind is None else (kind,))
        found = tuple(length.whole() for length in self["shape"].each())
        if shape is not None:
            fits = len(found) == len(shape) and all(s in (None, f) for f, s in zip(found, shape))
            if not fits:
                axes = ", ".join("any" if length is None else str(length) for length in shape)
                raise self["shape"].refused(f"[{axes}]")
        return self._reader.array(member, said, found, self.where)

    def indices(self, below: int | None = None, least: int = 0, count: int | None = None) -> np.ndarray:
        """Whole numbers, shape (count,), from `least` up to, and without, `below`."""
        numbers = self.array("int64", (count,))
        wrong = numbers < least
        if below is not None:
            wrong |= numbers >= below
        if wrong.any():
            until = "" if below is None else f" to {below - 1}"
            raise FormatError(
                f"{self._reader.path}: `{self.where}` holds {numbers[wrong][0]}, expected numbers from {least}{until}"
            )
        return numbers

    def cuts(self, total: int, count: int | None = None) -> np.ndarray:
        """Where the parts of a list of so many end, shape (count,)."""
        ends = self.indices(total + 1, count=count)
        if (np.diff(ends, prepend=0) < 0).any() or (ends[-1] if ends.size else 0) != total:
            raise FormatError(f"{self._reader.path}: `{self.where}` does not grow, or does not end at {total}")
        return ends

    def long_text(self) -> str:
        """A text that is a member of its own."""
        return self._reader.text(self["member"].text(), self.where)

    def refused(self, expected: str) -> FormatError:
        """The error for a value that is something else."""
        shown = _WORDS[type(self._value)] if isinstance(self._value, dict | list) else repr(self._value)
        shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
        return FormatError(f"{self._reader.path}: `{self.where}` is {shown}, expected {expected}")

    def refused_as_a_whole(self, error: Exception) -> FormatError:
        """The error for a value of which something cannot be made, for a reason that is known."""
        return FormatError(f"{self._reader.path}: nothing can be made of `{self.where}`: {error}")

    def _as(self, kind: type) -> Any:
        if not isinstance(self._value, kind):
            raise self.refused(_WORDS[kind])
        return self._value

    def _below(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name
