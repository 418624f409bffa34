"""Tables with the columns that may be written: which compartments, or which synapses, share a trainable number, and
what the user notes of compartments."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import pandas as pd

from loligo.errors import ArgumentError
from loligo.jaxley.names import CONTROLS
from loligo.tables import Reader, Table


class ControlTable(Table):
    """A table; what is written to `controlled_by_param` is kept by the view that the table is of, and columns of the
    user's own by its module."""

    _metadata = ("_keep", "_note", "_noted")

    @staticmethod
    def of(
        columns: pd.DataFrame,
        keep: Callable[[np.ndarray], None],
        note: Callable[[str, np.ndarray], None] | None = None,
        noted: Collection[str] = (),
    ) -> ControlTable:
        """A table that hands on what is written.

        Args:
            noted: The columns that are the user's own.
        """
        table = ControlTable(columns)
        table._keep, table._note, table._noted = keep, note, noted
        return table

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, str) and self._note is not None and (key not in self.columns or key in self._noted):
            frame = pd.DataFrame(self)
            frame[key] = value
            self._note(key, frame[key].to_numpy(dtype=object))
            pd.DataFrame.__setitem__(self, key, frame[key])
            return
        if key != CONTROLS:
            super().__setitem__(key, value)
            return
        self._write(lambda frame: frame.__setitem__(key, value))

    @property
    def loc(self) -> Writer:
        return Writer(super().loc._indexer, self)

    def __reduce__(self) -> Any:
        # a copy elsewhere is of no view
        return pd.DataFrame(self).__reduce__()

    def _write(self, change: Callable[[pd.DataFrame], None]) -> None:
        frame = pd.DataFrame(self[[CONTROLS]])
        try:
            change(frame)
            controls = frame[CONTROLS].to_numpy()
            whole = controls.astype(int)
        except (ValueError, TypeError) as error:
            raise ArgumentError(f"{CONTROLS} cannot be that: {error}") from None
        if len(frame) != len(self) or (whole != controls).any():
            raise ArgumentError(f"{CONTROLS} was given other than a whole number for each of {len(self)} rows")
        self._keep(whole)
        pd.DataFrame.__setitem__(self, CONTROLS, whole)


class Writer(Reader):
    """An indexer of pandas that writes the one column."""

    def __init__(self, indexer: Any, table: ControlTable) -> None:
        super().__init__(indexer)
        self._table = table

    def __setitem__(self, key: Any, value: Any) -> None:
        if not (isinstance(key, tuple) and len(key) == 2 and key[1] in (CONTROLS, [CONTROLS])):
            super().__setitem__(key, value)
            return
        self._table._write(lambda frame: frame.loc.__setitem__(key, value))
