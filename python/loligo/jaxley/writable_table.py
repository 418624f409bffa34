"""Tables that may be written: numbers of the model, which rows share a trainable number, and what the user notes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loligo.errors import ArgumentError
from loligo.jaxley.names import CONTROLS
from loligo.tables import Reader, Table, read_only


@dataclass(frozen=True)
class Writes:
    """What becomes of what is written to a table."""

    control: Callable[[np.ndarray], None]
    """Keeps the column `controlled_by_param`."""

    assign: Callable[[str, np.ndarray, np.ndarray], None]
    """Sets a number: its name, labels of rows, and a value for each of them."""

    numbers: Collection[str]
    """The columns that `assign` knows."""

    note: Callable[[str, np.ndarray], None] | None = None
    """Keeps a column of the user's own."""

    noted: Collection[str] = ()
    """The columns that are the user's own."""

    forget: Callable[[str], None] | None = None
    """Forgets one of these; None where the table shows a part."""


class WritableTable(Table):
    """A table that hands on what is written to it."""

    _metadata = ("_writes",)

    @staticmethod
    def of(columns: pd.DataFrame, writes: Writes) -> WritableTable:
        table = WritableTable(columns)
        table._writes = writes
        return table

    def __setitem__(self, key: Any, value: Any) -> None:
        self._write(lambda frame: frame.__setitem__(key, value), [key] if isinstance(key, str) else list(key))

    @property
    def loc(self) -> Writer:
        return Writer(self, "loc")

    @property
    def iloc(self) -> Writer:
        return Writer(self, "iloc")

    @property
    def at(self) -> Writer:
        return Writer(self, "at")

    @property
    def iat(self) -> Writer:
        return Writer(self, "iat")

    def pop(self, item: Any) -> pd.Series:
        """A column, which this table shows no longer. In the module only one of the user's own goes with it, and that
        where the table shows all of it."""
        column = pd.DataFrame(self)[item]
        if self._writes.forget is not None and item in self._writes.noted:
            self._writes.forget(item)
        pd.DataFrame._update_inplace(self, pd.DataFrame(self).drop(columns=[item]))
        return column

    def _update_inplace(self, result: pd.DataFrame, verify_is_copy: bool = True) -> None:
        gone = [name for name in self.columns if name not in result.columns]
        forget = self._writes.forget
        if (
            forget is None
            or not set(gone) <= set(self._writes.noted)
            or not result.equals(pd.DataFrame(self)[result.columns])
        ):
            super()._update_inplace(result)
        for name in gone:
            forget(name)
        pd.DataFrame._update_inplace(self, result)

    def __reduce__(self) -> Any:
        # a copy elsewhere is of no view
        return pd.DataFrame(self).__reduce__()

    def _write(self, change: Callable[[pd.DataFrame], None], named: list[str]) -> None:
        """Makes a change to a copy, and hands on the columns that were named, or without such those that changed."""
        frame = pd.DataFrame(self).copy()
        try:
            change(frame)
        except (ValueError, TypeError) as error:
            raise ArgumentError(f"{', '.join(named)} cannot be that: {error}") from None
        if not frame.index.equals(self.index):
            raise ArgumentError(f"rows cannot be added to the table, which has {len(self)}")
        columns = named or [name for name in frame.columns if not frame[name].equals(self.get(name))]
        for name in columns:
            if not self._is_writable(name):
                raise read_only(name)
        for name in columns:
            pd.DataFrame.__setitem__(self, name, self._handed_on(name, frame[name]))

    def _is_writable(self, name: str) -> bool:
        writes = self._writes
        own = writes.note is not None and (name in writes.noted or name not in self.columns)
        return name == CONTROLS or name in writes.numbers or own

    def _handed_on(self, name: str, column: pd.Series) -> Any:
        """A column that was written, as the table shows it from then on."""
        if name == CONTROLS:
            return self._controls(column)
        if name not in self._writes.numbers:
            self._writes.note(name, column.to_numpy(dtype=object))
            return column
        before = self[name].to_numpy(dtype=float)
        try:
            values = column.to_numpy(dtype=float)
        except (ValueError, TypeError) as error:
            raise ArgumentError(f"{name} cannot be that: {error}") from None
        # rows without the number, such as synapses of another type, stay without
        changed = np.flatnonzero(~np.isnan(before) & (values != before))
        if changed.size:
            self._writes.assign(name, self.index.to_numpy()[changed], values[changed])
        return np.where(np.isnan(before), before, values)

    def _controls(self, column: pd.Series) -> np.ndarray:
        controls = column.to_numpy()
        try:
            whole = controls.astype(int)
        except (ValueError, TypeError) as error:
            raise ArgumentError(f"{CONTROLS} cannot be that: {error}") from None
        if (whole != controls).any():
            raise ArgumentError(f"{CONTROLS} was given other than a whole number for each of {len(self)} rows")
        self._writes.control(whole)
        return whole


class Writer(Reader):
    """An indexer of pandas that hands on what is written."""

    def __init__(self, table: WritableTable, kind: str) -> None:
        super().__init__(getattr(pd.DataFrame(table), kind))
        self._table, self._kind = table, kind

    def __setitem__(self, key: Any, value: Any) -> None:
        names = pd.Series(self._table.columns, index=self._table.columns)
        named: list[str] = []
        if isinstance(key, tuple) and len(key) == 2:
            place = key[1]
            if self._kind in ("iloc", "iat"):
                named = np.atleast_1d(names.to_numpy()[place]).tolist()
            elif isinstance(place, str):
                named = [place]
            else:
                named = names.loc[place].tolist()
        self._table._write(lambda frame: getattr(frame, self._kind).__setitem__(key, value), named)
