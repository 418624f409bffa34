"""Tables of what is in a model, made on demand."""

from typing import Any

import numpy as np
import pandas as pd

from loligo._engine import Model
from loligo.errors import ReadOnlyError


def compartment_table(model: Model, compartments: np.ndarray) -> pd.DataFrame:
    """A row for each of these compartments; the index counts through the whole model."""
    columns = {name: np.asarray(column)[compartments] for name, column in model.compartment_table()}
    return Table(columns, index=pd.Index(compartments, name="index"))


def edge_table(model: Model, onto: np.ndarray) -> pd.DataFrame:
    """A row for each synapse onto these compartments, name after name; the index counts through those of the model."""
    names = model.connected_names()
    if not names:
        return Table(columns=["synapse", "index_in_type", "pre", "post"])
    parts = [synapse_table(model, name, np.flatnonzero(np.isin(model.joins(name)[1], onto))) for name in names]
    return Table(pd.concat(parts) if len(parts) > 1 else parts[0])


def synapse_table(model: Model, name: str, numbers: np.ndarray) -> pd.DataFrame:
    """A row for each of these synapses of a name."""
    before = model.connected_names()[: model.connected_names().index(name)]
    first = sum(model.joins(other)[1].size for other in before)
    columns = {column: np.asarray(values)[numbers] for column, values in model.synapse_table(name)}
    described = {"synapse": np.full(numbers.size, name, dtype=object), "index_in_type": numbers}
    return Table({**described, **columns}, index=pd.Index(first + numbers, name="index"))


class Table(pd.DataFrame):
    """A data frame that shows what is in a model. Writing to it would change nothing there, so it raises; whatever is
    computed from it, such as `table.copy()`, is an ordinary data frame."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def __setitem__(self, key: Any, value: Any) -> None:
        raise read_only(key)

    def __delitem__(self, key: Any) -> None:
        self.drop(columns=[key], inplace=True)

    def insert(self, loc: int, column: Any, value: Any, allow_duplicates: bool = False) -> None:
        self[column] = value

    def _update_inplace(self, result: pd.DataFrame, verify_is_copy: bool = True) -> None:
        """What pandas' methods do with `inplace=True`."""
        raise ReadOnlyError("the table is a copy: changing it in place would change nothing in the model")

    @property
    def loc(self) -> "Reader":
        return Reader(super().loc)

    @property
    def iloc(self) -> "Reader":
        return Reader(super().iloc)

    @property
    def at(self) -> "Reader":
        return Reader(super().at)

    @property
    def iat(self) -> "Reader":
        return Reader(super().iat)


class Reader:
    """An indexer of pandas that only reads."""

    def __init__(self, indexer: Any) -> None:
        self._indexer = indexer

    def __getitem__(self, key: Any) -> Any:
        return self._indexer[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        raise read_only(key)

    def __call__(self, axis: Any = None) -> Any:
        # how pandas' own methods, such as `filter`, ask for an axis
        return self._indexer(axis=axis)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._indexer, name)


def read_only(key: Any) -> ReadOnlyError:
    """What is raised where nothing can be written."""
    return ReadOnlyError(
        f"the table is a copy: writing {key!r} would change nothing in the model; use set(name, value)"
    )
