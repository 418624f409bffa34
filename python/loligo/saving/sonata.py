"""What a network read from SONATA files has beside its model: tables of nodes and edges, and how it is run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from loligo._engine import Model
from loligo.errors import SavingError
from loligo.saving.field import Field
from loligo.saving.readable import as_number, number
from loligo.saving.reader import TYPES
from loligo.saving.writer import Json, Writer
from loligo.sonata.network import Sonata


def written(sonata: Sonata, writer: Writer) -> Json:
    """The tables, column by column."""
    return {
        "nodes": _written_table(sonata.nodes, writer),
        "edges": _written_table(sonata.edges, writer),
        "run": {name: number(value) for name, value in sonata.run.items()},
    }


def further_of(field: Field, model: Model) -> Sonata:
    """The tables that are written there."""
    run = {name: value.number() for name, value in field["run"].items()}
    return Sonata(_table(field["nodes"]), _table(field["edges"]), run)


def _written_table(table: pd.DataFrame, writer: Writer) -> Json:
    rows = writer.indices(table.index.to_numpy())
    columns = [[str(name), _written_column(str(name), table[name], writer)] for name in table.columns]
    return {"rows": rows, "columns": columns}


def _table(field: Field) -> pd.DataFrame:
    rows = field["rows"].indices(least=-(2**62))
    columns = {name.text(): _column(own, rows) for name, own in (pair.each(2) for pair in field["columns"].each())}
    return pd.DataFrame(columns, index=_index(rows))


def _index(rows: np.ndarray) -> pd.Index:
    return pd.RangeIndex(rows.size) if (rows == np.arange(rows.size)).all() else pd.Index(rows)


def _written_column(name: str, column: pd.Series, writer: Writer) -> Json:
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
    raise SavingError(f"the column `{name}` of a table of SONATA holds {value!r}, expected numbers and texts")


def _column(field: Field, rows: np.ndarray) -> pd.Series:
    index = _index(rows)
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
