"""Edge lists: edges of one type, and what they or, where these are silent, their type say."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pandas as pd

from loligo.errors import SonataError, did_you_mean
from loligo.sonata.files import is_absent


class EdgeList:
    """Edges of one type, and what they and their type say.

    Attributes:
        who: What to call them in a message.
        source, target: Rows of the table of nodes, shape (edge,).
        own: What each edge says, shape (edge,) each.
    """

    def __init__(
        self, who: str, source: np.ndarray, target: np.ndarray, own: dict[str, np.ndarray], type_: dict[str, Any]
    ) -> None:
        self.who = who
        self.source = source
        self.target = target
        self.own = own
        self._type = type_

    @property
    def names(self) -> list[str]:
        """What they say something about."""
        return [*self.own, *map(str, self._type)]

    def given(self, name: str) -> Any:
        """What all of them have as an attribute; None if nobody says."""
        if name not in self.own:
            return self._type.get(name)
        values = pd.unique(self.own[name])
        if values.size != 1:
            raise SonataError(
                f"{self.who} has several values of `{name}`, expected one for a type: {values[:5].tolist()}"
            )
        return None if is_absent(values[0]) else values[0]

    def numbers(self, name: str, default: float | None = None) -> np.ndarray:
        """The number of each, shape (edge,)."""
        values = self.own.get(name, self._type.get(name, default))
        if values is None:
            raise SonataError(f"{self.who} has no `{name}`{did_you_mean(name, self.names)}")
        try:
            return np.broadcast_to(np.asarray(values, dtype=np.float64), self.target.shape)
        except ValueError as error:
            raise SonataError(f"`{name}` of {self.who} is {values!r}, expected a number") from error

    def listed(self, name: str) -> Any:
        """A list that a table of types has in quotes, or the words of it; None if nobody says."""
        text = self.given(name)
        if not isinstance(text, str):
            return text
        try:
            return ast.literal_eval(text)
        except (SyntaxError, ValueError):
            return text.split()
