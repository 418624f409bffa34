"""What could not be taken: a list that grows while NEURON is read."""

from __future__ import annotations

import pandas as pd

COLUMNS = ["what", "where", "why"]


class LeftOut:
    """Rows of what is alive in NEURON and was not taken, each once."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], None] = {}

    def add(self, what: str, where: str, why: object) -> None:
        """Adds a row: a mechanism, a parameter or an object; where it is; why it is not taken."""
        self._rows[what, where, str(why)] = None

    def table(self) -> pd.DataFrame:
        """A row for each, in the order in which they were found."""
        return pd.DataFrame(list(self._rows), columns=COLUMNS)


def listed(names: list[str], most: int = 3) -> str:
    """`soma, dend[0], dend[1] and 5 more`."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
