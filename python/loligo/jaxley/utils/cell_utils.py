"""Where compartments are along branches, how branches are numbered, and units of currents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo.errors import ArgumentError
from loligo.jaxley.utils.misc_utils import cumsum_leading_zero

if TYPE_CHECKING:
    import pandas as pd


def local_index_of_loc(loc: float, global_branch_ind: int, ncomp_per_branch: Sequence[int]) -> int:
    """The compartment of a branch whose centre is nearest to a location from 0 to 1."""
    count = ncomp_per_branch[global_branch_ind]
    return int(np.argmin(np.abs((np.arange(count) + 0.5) / count - loc)))


def loc_of_index(
    global_comp_index: int | np.ndarray, global_branch_index: int | np.ndarray, ncomp_per_branch: Sequence[int]
) -> Any:
    """Where the centres of compartments are along their branches, from 0 to 1."""
    counts = np.asarray(ncomp_per_branch)
    first = cumsum_leading_zero(counts)
    return (0.5 + global_comp_index - first[global_branch_index]) / counts[global_branch_index]


def v_interp(x: ArrayLike, xp: ArrayLike, fp: ArrayLike) -> np.ndarray:
    """Each column of a table, shape (point, column), interpolated at `x`: shape (column, …)."""
    return np.array([np.interp(x, xp, column) for column in np.asarray(fp).T])


def interpolate_xyzr(loc: float, coords: np.ndarray) -> np.ndarray:
    """Position and radius at a location from 0 to 1 along traced points, shape (point, 4).

    >>> interpolate_xyzr(0.25, np.array([[0.0, 0, 0, 1], [4, 0, 0, 3]])).tolist()
    [1.0, 0.0, 0.0, 1.5]
    """
    path = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(coords[:, :3], axis=0), axis=1))])
    return v_interp(loc, path / max(path[-1], 1e-8), coords)


def equal_segments(branch_property: list, ncomp_per_branch: int) -> np.ndarray:
    """The number of each branch for each of its compartments, shape (branch, compartment).

    Raises:
        ArgumentError: It is no list.
    """
    if not isinstance(branch_property, list):
        raise ArgumentError(f"branch_property is {branch_property!r}, expected a list with a number for each branch")
    return np.repeat(np.asarray(branch_property)[:, None], ncomp_per_branch, axis=1)


def linear_segments(initial_val: float, endpoint_vals: list, parents: ArrayLike, ncomp_per_branch: int) -> np.ndarray:
    """Numbers that run linearly along branches, from the end of the parent, shape (branch, compartment).

    Args:
        initial_val: The number at the start of the root, whose parent is −1.
        endpoint_vals: The number at the end of each branch, where its first compartment is taken to be.
    """
    ends = np.asarray([*endpoint_vals, initial_val])
    branches = np.tile(np.arange(len(np.asarray(parents))), ncomp_per_branch)
    along = np.linspace(1.0, 0.0, ncomp_per_branch).repeat(len(np.asarray(parents)))
    starts = ends[np.asarray(parents)[branches]]
    return (starts + (ends[branches] - starts) * along).reshape(ncomp_per_branch, -1).T


def merge_cells(
    cumsum_num_branches: Sequence[int],
    cumsum_num_branchpoints: Sequence[int],
    arrs: Sequence[Sequence[np.ndarray]],
    exclude_first: bool = True,
) -> list[np.ndarray]:
    """Levels of branches and branch points of several cells, numbered through, level by level.

    Args:
        cumsum_num_branches: How many branches there are before each cell.
        cumsum_num_branchpoints: How many branch points there are before each cell.
        arrs: For each cell, for each level an array of shape (…, 2): branch and branch point.
        exclude_first: Must be False, as in Jaxley.

    Raises:
        ArgumentError: `exclude_first` is true.
    """
    if exclude_first:
        raise ArgumentError("exclude_first=True is not supported, expected False")
    before = np.stack([cumsum_num_branches, cumsum_num_branchpoints], axis=1)
    numbered = [[level + before[cell] for level in levels] for cell, levels in enumerate(arrs)]
    deepest = max(len(levels) for levels in numbered)
    return [np.concatenate([levels[depth] for levels in numbered if depth < len(levels)]) for depth in range(deepest)]


def compute_levels(parents: ArrayLike) -> np.ndarray:
    """How many branches lie between each branch and the root, whose parent is −1; parents come before children.

    >>> compute_levels([-1, 0, 0, 2]).tolist()
    [0, 1, 1, 2]
    """
    levels = np.zeros_like(parents)
    for branch, parent in enumerate(np.asarray(parents)):
        levels[branch] = 0 if parent == -1 else levels[parent] + 1
    return levels


def compute_children_in_level(levels: np.ndarray, children_row_and_col: np.ndarray) -> list[np.ndarray]:
    """The rows of a table that has one for each branch but the root, by the level of the branch, from level 1."""
    rows = np.asarray(children_row_and_col)
    return [rows[np.flatnonzero(np.asarray(levels) == level) - 1] for level in range(1, np.max(levels) + 1)]


def compute_children_indices(parents: ArrayLike) -> list[np.ndarray]:
    """The children of each branch.

    >>> [children.tolist() for children in compute_children_indices([-1, 0, 0])]
    [[1, 2], [], []]
    """
    parents = np.asarray(parents)
    return [np.flatnonzero(parents == branch) for branch in range(parents.size)]


def compute_children_and_parents(branch_edges: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Branches that have children, ascending; all children; and for each child the number of its parent among those."""
    parents = branch_edges["parent_branch_index"].to_numpy()
    return np.unique(parents), branch_edges["child_branch_index"].to_numpy(), remap_to_consecutive(parents)


def get_num_neighbours(num_children: ArrayLike, ncomp_per_branch: int, num_branches: int) -> np.ndarray:
    """How many neighbours compartments have, where branches are solved from their ends: shape (compartment,)."""
    neighbours = np.full(num_branches * ncomp_per_branch, 2.0)
    neighbours[ncomp_per_branch - 1] = 1.0
    neighbours[np.arange(num_branches) * ncomp_per_branch] = np.asarray(num_children) + 1.0
    return neighbours


def remap_to_consecutive(arr: ArrayLike) -> np.ndarray:
    """Numbers replaced by their ranks.

    >>> remap_to_consecutive([0, 0, 1, 4, 4, 6]).tolist()
    [0, 0, 1, 2, 2, 3]
    """
    return np.unique(arr, return_inverse=True)[1]


def params_to_pstate(
    params: Sequence[dict[str, Any]], indices_set_by_trainables: Sequence[ArrayLike]
) -> list[dict[str, Any]]:
    """Parameters as `get_parameters` returns them with the compartments that each number is for.

    >>> params_to_pstate([{"radius": [1.0, 2.0]}], [[[0], [3]]])
    [{'key': 'radius', 'val': [1.0, 2.0], 'indices': [[0], [3]]}]
    """
    return [
        {"key": name, "val": value, "indices": places}
        for entry, places in zip(params, indices_set_by_trainables)
        for name, value in list(entry.items())[:1]
    ]


def query_channel_states_and_params(d: dict[str, Any], keys: Sequence[str], idcs: Any) -> dict[str, Any]:
    """Some arrays of a dictionary, at some indices."""
    return {key: d[key][idcs] for key in keys}


def convert_point_process_to_distributed(current: Any, area: Any) -> Any:
    """A current, nA, as a density over an area, µm²: µA/cm²."""
    return current / area * 1e5


__all__ = [
    "compute_children_and_parents",
    "compute_children_in_level",
    "compute_children_indices",
    "compute_levels",
    "convert_point_process_to_distributed",
    "cumsum_leading_zero",
    "equal_segments",
    "get_num_neighbours",
    "interpolate_xyzr",
    "linear_segments",
    "loc_of_index",
    "local_index_of_loc",
    "merge_cells",
    "params_to_pstate",
    "query_channel_states_and_params",
    "remap_to_consecutive",
    "v_interp",
]
