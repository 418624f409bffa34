"""Spikes: SONATA's files of them, as tables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from loligo.arguments import as_path
from loligo.errors import ArgumentError, ArgumentTypeError, SonataError, did_you_mean
from loligo.sonata.files import array_in, group_in, hdf5
from loligo.spiking import Raster

COLUMNS = ("time", "population", "node_id")

_SORTING = {"none": 0, "by_id": 1, "by_time": 2}
"""What SONATA calls orders of spikes, and the numbers that stand for them in a file."""


def read_sonata_spikes(path: str | os.PathLike[str]) -> pd.DataFrame:
    """The spikes in an HDF5 file of SONATA.

    Files from before populations had names (`/spikes/gids`) have the population `""`.

    Args:
        path: The file.

    Returns:
        A row for each spike, those of a population in a row and ascending in time; columns `time` (ms), `population`
        and `node_id`.

    Raises:
        MissingFileError, UnreadableFileError: The file cannot be read.
        SonataError: It is no file of spikes, or its columns differ in length.
        MissingPackageError: h5py is not installed.

    >>> import loligo as lo
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> spikes = {"time": [3.0, 1.5], "population": ["cortex", "cortex"], "node_id": [0, 7]}
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "spikes.h5")
    ...     lo.write_sonata_spikes(file, spikes)
    ...     lo.read_sonata_spikes(file).to_dict("list")
    {'time': [1.5, 3.0], 'population': ['cortex', 'cortex'], 'node_id': [7, 0]}
    """
    path = as_path(path)
    tables = []
    with hdf5(path) as file:
        spikes = group_in(file, "spikes", path)
        if "timestamps" in spikes:
            tables.append(_table(array_in(spikes, "timestamps", path), array_in(spikes, "gids", path), "", path))
        for name in spikes:
            group = spikes[name]
            if hasattr(group, "keys"):
                times, ids = (array_in(group, column, path) for column in ("timestamps", "node_ids"))
                tables.append(_table(times, ids, name, path))
    empty = {"time": np.empty(0), "population": np.empty(0, dtype=object), "node_id": np.empty(0, dtype=int)}
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(empty)


def write_sonata_spikes(
    path: str | os.PathLike[str], spikes: pd.DataFrame | Mapping[str, np.ndarray | list[Any]] | Raster
) -> None:
    """Writes an HDF5 file of SONATA, each population sorted by time.

    Args:
        path: The file, which is replaced if it is there.
        spikes: A table or a dictionary with the columns `time` (ms), `population` and `node_id`, such as
            `network.sonata.spikes(run)`; or a raster: then the cells of the model are the population `cells`, and
            spikes of given trains are left out.

    Raises:
        ArgumentError: A column that is missing, columns of different lengths, or a raster of several lanes.
        UnreadableFileError: The file cannot be written.
        MissingPackageError: h5py is not installed.
    """
    if not isinstance(spikes, Raster | Mapping | pd.DataFrame):
        raise ArgumentTypeError(f"the spikes are {spikes!r}, expected a table, a dictionary of columns or a raster")
    table = _of_raster(spikes) if isinstance(spikes, Raster) else spikes
    if missing := [name for name in COLUMNS if name not in table]:
        raise ArgumentError(f"the spikes have no column `{missing[0]}`{did_you_mean(missing[0], map(str, table))}")
    columns = {name: np.asarray(table[name]) for name in COLUMNS}
    if len({column.shape for column in columns.values()}) != 1 or columns["time"].ndim != 1:
        raise ArgumentError(
            f"the columns have the shapes {[column.shape for column in columns.values()]}, not the same"
        )
    with hdf5(as_path(path), "w") as file:
        import h5py

        file.create_group("spikes")
        for name in dict.fromkeys(columns["population"].tolist()):
            own = np.flatnonzero(columns["population"] == name)
            own = own[np.argsort(columns["time"][own], kind="stable")]
            group = file.create_group(f"spikes/{name}")
            sorting = h5py.enum_dtype(_SORTING, basetype="u1")
            group.attrs.create("sorting", _SORTING["by_time"], dtype=sorting)
            times = group.create_dataset("timestamps", data=columns["time"][own].astype(np.float64))
            times.attrs["units"] = "ms"
            group.create_dataset("node_ids", data=columns["node_id"][own].astype(np.uint64))


def _table(times: np.ndarray, ids: np.ndarray, population: str, path: Path) -> pd.DataFrame:
    if times.shape != ids.shape or times.ndim != 1:
        raise SonataError(f"{path} has {times.size} times and {ids.size} ids of the population `{population}`")
    ascending = np.argsort(times, kind="stable")
    times, ids = times[ascending].astype(np.float64), ids[ascending].astype(np.int64)
    return pd.DataFrame({"time": times, "population": np.full(times.size, population, dtype=object), "node_id": ids})


def _of_raster(raster: Raster) -> dict[str, np.ndarray]:
    if np.unique(raster.lanes).size > 1:
        raise ArgumentError("the raster has several lanes, and a file has one: take one with raster.lane(...)")
    cells = raster.cells
    own = cells >= 0
    return {"time": raster.times[own], "population": np.full(own.sum(), "cells"), "node_id": cells[own]}
