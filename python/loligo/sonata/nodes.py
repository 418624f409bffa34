"""Nodes: the table of the cells of all populations, with what their types say, and sets of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from loligo.errors import SonataError, UnknownNameError, did_you_mean
from loligo.sonata.configuration import FilePair
from loligo.sonata.files import array_in, attributes, group_in, hdf5, rows_by_group, types_of


def read_nodes(files: list[FilePair]) -> pd.DataFrame:
    """The nodes of all populations, in the order of the files: a row for each, with the columns `population`,
    `node_id`, `node_type_id` and all that nodes or, where these are silent, their types say.

    Raises:
        SonataError: A file that lacks something, a type that there is not, a population that is there twice.
    """
    tables: dict[str, pd.DataFrame] = {}
    for path, types_path in files:
        with hdf5(path) as file:
            for name, population in group_in(file, "nodes", path).items():
                if name in tables:
                    raise SonataError(f"{path} has the population `{name}`, which another file has too")
                types = types_of(types_path, name, "node_type_id")
                tables[name] = _population(population, name, types, path, types_path)
    return pd.concat(tables.values(), ignore_index=True) if tables else pd.DataFrame(columns=["population", "node_id"])


def members(node_set: Any, nodes: pd.DataFrame, node_sets: Mapping[str, Any]) -> np.ndarray:
    """Which nodes are in a set: the name of a set or of a population, attributes and what they have to be, or a list of
    names; booleans, shape (node,).

    Raises:
        UnknownNameError: A name that is neither that of a set nor that of a population, or an attribute that there is
            not.
        SonataError: A set that holds itself.
    """
    return _members(node_set, nodes, node_sets, ())


def _members(node_set: Any, nodes: pd.DataFrame, node_sets: Mapping[str, Any], above: tuple[str, ...]) -> np.ndarray:
    if isinstance(node_set, list):
        named = [_members(name, nodes, node_sets, above) for name in node_set]
        return np.logical_or.reduce(named) if named else np.zeros(len(nodes), dtype=bool)
    if isinstance(node_set, dict):
        inside = np.ones(len(nodes), dtype=bool)
        for name, wanted in node_set.items():
            name = "node_id" if name in ("gids", "node_ids") else name
            if name not in nodes:
                raise UnknownNameError(f"no node has an attribute `{name}`{did_you_mean(name, nodes.columns)}")
            inside &= nodes[name].isin(wanted if isinstance(wanted, list) else [wanted]).to_numpy()
        return inside
    if node_set in above:
        raise SonataError(f"the set of nodes `{node_set}` holds itself")
    if node_set in node_sets:
        return _members(node_sets[node_set], nodes, node_sets, (*above, node_set))
    populations = nodes["population"].unique()
    if node_set == "all" or node_set in populations:
        return ((nodes["population"] == node_set) | (node_set == "all")).to_numpy()
    meant = did_you_mean(str(node_set), [*node_sets, *populations])
    raise UnknownNameError(f"there is no set of nodes and no population `{node_set}`{meant}")


def _population(population: Any, name: str, types: pd.DataFrame, path: Path, types_path: Path | None) -> pd.DataFrame:
    type_ids = array_in(population, "node_type_id", path).astype(np.int64)
    count = type_ids.size
    ids = population["node_id"][()].astype(np.int64) if "node_id" in population else np.arange(count)
    if types_path is not None and not np.isin(type_ids, types.index).all():
        wrong = int(np.flatnonzero(~np.isin(type_ids, types.index))[0])
        raise SonataError(
            f"node {ids[wrong]} of `{name}` in {path} has the node_type_id {type_ids[wrong]}, but {types_path} has "
            f"only {', '.join(map(str, types.index))}"
        )
    if np.unique(ids).size != count:
        raise SonataError(f"{path}: a node_id of the population `{name}` is there twice")
    parts = []
    for group, rows, within in rows_by_group(population, "node", path, count):
        own = attributes(population[group]) if group in population else {}
        part = pd.DataFrame({each: values[within] for each, values in own.items()}, index=rows)
        for each in types.columns.difference(part.columns, sort=False):
            part[each] = types[each].reindex(type_ids[rows]).to_numpy()
        parts.append(part)
    table = pd.concat(parts).sort_index() if parts else pd.DataFrame()
    table.insert(0, "population", name)
    table.insert(1, "node_id", ids)
    table.insert(2, "node_type_id", type_ids)
    return table
