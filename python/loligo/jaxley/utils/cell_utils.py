"""Where compartments are along branches, and units of currents."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def local_index_of_loc(loc: float, global_branch_ind: int, ncomp_per_branch: Sequence[int]) -> int:
    """The compartment of a branch whose centre is nearest to a location from 0 to 1."""
    count = ncomp_per_branch[global_branch_ind]
    return int(np.argmin(np.abs((np.arange(count) + 0.5) / count - loc)))


def loc_of_index(
    global_comp_index: int | np.ndarray, global_branch_index: int | np.ndarray, ncomp_per_branch: Sequence[int]
) -> Any:
    """Where the centres of compartments are along their branches, from 0 to 1."""
    counts = np.asarray(ncomp_per_branch)
    first = np.concatenate([[0], np.cumsum(counts)])
    return (0.5 + global_comp_index - first[global_branch_index]) / counts[global_branch_index]


def convert_point_process_to_distributed(current: Any, area: Any) -> Any:
    """A current, nA, as a density over an area, µm²: µA/cm²."""
    return current / area * 1e5


__all__ = ["convert_point_process_to_distributed", "loc_of_index", "local_index_of_loc"]
