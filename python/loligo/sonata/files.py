"""Files: how HDF5, CSV and JSON of SONATA are opened, and what is said of those that cannot be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from loligo.errors import MissingFileError, MissingPackageError, SonataError, UnreadableFileError, did_you_mean
from loligo.read import text_of

if TYPE_CHECKING:
    import h5py

ABSENT = (None, "", "NULL", "NONE", "None", "null")
"""What stands for nothing."""


def is_absent(value: Any) -> bool:
    """Whether an attribute has no value."""
    return value in ABSENT if isinstance(value, str) or value is None else bool(np.isscalar(value) and pd.isna(value))


@contextmanager
def hdf5(path: Path, mode: str = "r") -> Iterator[h5py.File]:
    """An HDF5 file.

    Raises:
        MissingPackageError: h5py is not installed.
        MissingFileError, UnreadableFileError: The file cannot be opened.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingPackageError('SONATA files need h5py: pip install "loligo[sonata]"') from error
    if mode == "r" and not path.exists():
        raise MissingFileError(f"cannot read {path}: there is no such file")
    try:
        file = h5py.File(path, mode)
    except OSError as error:
        raise UnreadableFileError(f"cannot open {path} as HDF5: {error}") from error
    with file:
        yield file


def json_of(path: Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        SonataError: It is not JSON, or no object.
    """
    try:
        content = json.loads(text_of(path))
    except json.JSONDecodeError as error:
        raise SonataError(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from error
    if not isinstance(content, dict):
        raise SonataError(f"{path} holds {type(content).__name__}, expected an object in braces")
    return content


def types_of(path: Path | None, population: str, key: str) -> pd.DataFrame:
    """The types of a population: a row for each, by the number in the column `key`.

    Raises:
        SonataError: The table has no such column, or a number twice.
    """
    if path is None:
        return pd.DataFrame(index=pd.Index([], name=key, dtype=int))
    text_of(path)  # says what is wrong with a file that cannot be read
    table = pd.read_csv(path, sep=" ", skipinitialspace=True, na_values=["NONE", "NULL"])
    if key not in table:
        raise SonataError(f"{path} has no column `{key}`{did_you_mean(key, map(str, table.columns))}")
    if "population" in table:
        table = table[table["population"].isna() | (table["population"] == population)].drop(columns="population")
    if table[key].duplicated().any():
        raise SonataError(f"{path} has the {key} {table[key][table[key].duplicated()].iloc[0]} twice")
    return table.set_index(key)


def group_in(parent: h5py.Group, name: str, path: Path) -> h5py.Group:
    """A group that has to be there."""
    if name not in parent:
        raise SonataError(f"{path} has no group `{name}` in `{parent.name}`{did_you_mean(name, parent.keys())}")
    return parent[name]


def array_in(parent: h5py.Group, name: str, path: Path) -> np.ndarray:
    """The numbers of a data set that has to be there, shape (row,)."""
    return group_in(parent, name, path)[()]


def attributes(group: h5py.Group) -> dict[str, np.ndarray]:
    """The attributes that a group of nodes or edges gives to each of its rows, shape (row,) each; those of the dynamics
    are called `dynamics_params.name`."""
    library = group.get("@library", {})
    found: dict[str, np.ndarray] = {}
    for name, data in group.items():
        if name == "dynamics_params":
            found |= {f"{name}.{parameter}": values[()] for parameter, values in data.items()}
        elif name != "@library" and data.ndim == 1:
            values = data[()]
            if name in library:  # numbers of words
                values = _words(library[name][()])[values]
            found[name] = _words(values) if values.dtype.kind in "SO" else values
    return found


def rows_by_group(
    population: h5py.Group, kind: str, path: Path, count: int
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Of each group of nodes or edges (`kind`) its name, which rows of the population it describes, and where in it
    those are.

    Raises:
        SonataError: A group that there is not, or rows that it does not have.
    """
    if f"{kind}_group_id" not in population:
        return [("0", np.arange(count), np.arange(count))]
    groups = array_in(population, f"{kind}_group_id", path)
    within = array_in(population, f"{kind}_group_index", path).astype(np.intp)
    found = []
    for number in np.unique(groups):
        rows = np.flatnonzero(groups == number)
        group = group_in(population, str(number), path)
        highest = within[rows].max()
        for data in group.values():
            if getattr(data, "shape", ()) and data.shape[0] <= highest:
                raise SonataError(
                    f"{path}: `{data.name}` has {data.shape[0]} rows, but {kind}_group_index goes to {highest}"
                )
        found.append((str(number), rows, within[rows]))
    return found


def _words(values: np.ndarray) -> np.ndarray:
    return np.array([word.decode() if isinstance(word, bytes) else word for word in values.tolist()], dtype=object)
