"""Reading cells from files."""

from typing import Any

import numpy as np

from loligo.errors import ArgumentError
from loligo.jaxley.io.compartment_graph import compartments_of
from loligo.jaxley.io.graph_import import CellTree, module_of
from loligo.jaxley.io.points import Points
from loligo.jaxley.io.tracing import traced
from loligo.jaxley.modules import Cell
from loligo.jaxley.utils.morph_attributes import cylinder_area, cylinder_resistive_load, cylinder_volume
from loligo.read import Path_, text_of


def read_swc(
    fname: Path_,
    ncomp: int,
    max_branch_len: float | None = None,
    min_radius: float | None = None,
    assign_groups: bool = True,
    backend: str = "graph",
    ignore_swc_tracing_interruptions: bool = True,
    relevant_type_ids: list[int] | None = None,
) -> Cell:
    """A reconstructed cell from an SWC file, cut and numbered by Jaxley's rules, which are not those of
    `loligo.read_swc`: branches start at the tip of the lowest number, what leaves a soma of one point leaves its end,
    and of several roots only what is connected to that tip is read.

    Args:
        ncomp: Compartments of every branch.
        max_branch_len: Longer branches are cut at the first points beyond its multiples, µm.
        min_radius: Smaller radii of compartments are raised to it, µm; their areas stay, but for compartments through
            points of radius 0 that have no area or no conductance, which become cylinders of that radius.
        assign_groups: Whether types become groups: `soma`, `axon`, `basal`, `apical`.
        ignore_swc_tracing_interruptions: Whether a branch goes on where the file went on elsewhere.
        relevant_type_ids: The types whose changes end a branch; 1 to 4 if left out.

    Raises:
        ArgumentError: Another `backend` than `"graph"`, or not a positive number of compartments.
        MissingFileError, UnreadableFileError: The file cannot be read.
        MorphologyError: A line that is no point, a ring, or a radius of 0 without `min_radius`.
    """
    if backend != "graph":
        raise ArgumentError(f"backend is {backend!r}, expected 'graph'")
    points = Points.read(text_of(fname), str(fname))
    found = traced(points, None, max_branch_len, ignore_swc_tracing_interruptions, relevant_type_ids)
    nodes: dict[int, dict[str, Any]] = {}
    cell, ends = CellTree(), {}
    for index, (branch, rows) in enumerate(zip(found.branches, compartments_of(found, ncomp, min_radius))):
        numbers = range(len(nodes), len(nodes) + len(rows))
        nodes.update(zip(numbers, rows if min_radius is None else map(_with_extent, rows)))
        cell.branches.append([(number, False) for number in numbers])
        cell.parents.append(ends.get(branch.nodes[0], -1))
        ends[branch.nodes[-1]] = index
    return module_of(nodes, [cell], "cell", [], assign_groups)


def _with_extent(row: dict[str, Any]) -> dict[str, Any]:
    """A compartment with an area and finite loads: a cylinder where its points have none."""
    loads = row["resistive_load_in"], row["resistive_load_out"]
    if row["area"] > 0 and np.isfinite(loads).all():
        return row
    length, radius = row["length"], row["radius"]
    load = cylinder_resistive_load(length / 2, radius)
    extent = {"area": cylinder_area(length, radius), "volume": cylinder_volume(length, radius)}
    return {**row, **extent, "resistive_load_in": load, "resistive_load_out": load}


__all__ = ["read_swc"]
