"""Columns of tables: numbers of one type, texts, or a mixture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loligo.errors import SavingError
from loligo.saving.field import Field
from loligo.saving.readable import as_number, number
from loligo.saving.reader import TYPES
from loligo.saving.writer import Json, Writer


def index_of(rows: np.ndarray) -> pd.Index:
    """An index of these labels."""
    return pd.RangeIndex(rows.size) if (rows == np.arange(rows.size)).all() else pd.Index(rows)


def written_column(name: str, column: pd.Series, writer: Writer) -> Json:
    """A column as numbers of one type, as texts, or value by value."""
    if isinstance(column.dtype, np.dtype) and column.dtype.name in TYPES:
        return {"numbers": writer.array(column.to_numpy())}
    mixed = column.dtype == object
    return {"mixed" if mixed else "texts": [_written_cell(name, value) for value in column]}


def _written_cell(name: str, value: Any) -> Json:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        # a number that JSON lacks is told from the text that stands for it
        written = number(value)
        return {"number": written} if isinstance(written, str) else written
    if isinstance(value, str):
        return value
    raise SavingError(f"the column `{name}` holds {value!r}, expected numbers and texts")


def column_of(field: Field, rows: np.ndarray) -> pd.Series:
    """The column that is written there, for rows of these labels."""
    index = index_of(rows)
    if field.has("numbers"):
        return pd.Series(field["numbers"].array(None, (rows.size,)), index=index)
    if field.has("mixed"):
        return pd.Series([_cell(own) for own in field["mixed"].each(rows.size)], index=index, dtype=object)
    cells = [_cell(own) for own in field["texts"].each(rows.size)]
    return pd.Series(cells, index=index, dtype="str")


def _cell(field: Field) -> Any:
    if field.is_object:
        return field["number"].number()
    value = field.scalar()
    return value if value is None or isinstance(value, bool | int | str) else as_number(value)
