"""What traced points make of a compartment: radius, area, volume and axial loads, and conductances from them.

A load is the integral of 1/(π·r²) along half a compartment, 1/µm: times the axial resistivity it is a resistance.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo.errors import MorphologyError
from loligo.frameworks import numpy_for
from loligo.jaxley.built import paths

if TYPE_CHECKING:
    import pandas as pd

ROUNDING = 1e-12
"""How far from a point, of the whole path, a cut may be that is on it but for rounding."""

PER_MS = 1e7
"""1/ms from 1/(Ω·cm · 1/µm · µm² · µF/cm²)."""


def swc_radius(lengths: ArrayLike, radii: ArrayLike) -> float:
    """The mean radius along frusta, µm.

    Args:
        lengths: Lengths of the frusta, shape (frustum,).
        radii: Radii at their ends, shape (frustum + 1,).

    >>> float(swc_radius([1.0, 3.0], [1.0, 2.0, 2.0]))
    1.875
    """
    lengths, radii = np.asarray(lengths, dtype=float), np.asarray(radii, dtype=float)
    return np.sum(lengths * (radii[:-1] + radii[1:])) / (2.0 * np.sum(lengths))


def swc_area(lengths: ArrayLike, radii: ArrayLike) -> float:
    """The lateral area of frusta, µm²; the arguments are those of `swc_radius`."""
    lengths, radii = np.asarray(lengths, dtype=float), np.asarray(radii, dtype=float)
    return np.pi * np.sum((radii[:-1] + radii[1:]) * np.hypot(lengths, np.diff(radii)))


def swc_volume(lengths: ArrayLike, radii: ArrayLike) -> float:
    """The volume of frusta, µm³; the arguments are those of `swc_radius`."""
    lengths, radii = np.asarray(lengths, dtype=float), np.asarray(radii, dtype=float)
    start, end = radii[:-1], radii[1:]
    return np.pi / 3.0 * np.sum(lengths * (start**2 + start * end + end**2))


def swc_resistive_load(lengths: ArrayLike, radii: ArrayLike) -> float:
    """The load of frusta one behind the other, 1/µm; the arguments are those of `swc_radius`."""
    lengths, radii = np.asarray(lengths, dtype=float), np.asarray(radii, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):  # a radius of 0 is an infinite load
        return np.sum(lengths / (radii[:-1] * radii[1:])) / np.pi


def cylinder_area(length: Any, radius: Any) -> Any:
    """The lateral area of cylinders, µm²."""
    return 2.0 * np.pi * radius * length


def cylinder_volume(length: Any, radius: Any) -> Any:
    """The volume of cylinders, µm³."""
    return length * radius**2 * np.pi


def cylinder_resistive_load(length: Any, radius: Any) -> Any:
    """The load of cylinders, 1/µm."""
    return length / radius**2 / np.pi


def split_xyzr_into_equal_length_segments(xyzr: np.ndarray, ncomp: int) -> list[np.ndarray]:
    """Cuts traced points into parts of the same length along the path, with new points where it cuts.

    Args:
        xyzr: Positions and radii, shape (point, 4). A single point, a sphere, is repeated.

    >>> points = np.array([[0.0, 0, 0, 1], [1, 0, 0, 1], [4, 0, 0, 4]])
    >>> [part[:, [0, 3]].tolist() for part in split_xyzr_into_equal_length_segments(points, 2)]
    [[[0.0, 1.0], [1.0, 1.0], [2.0, 2.0]], [[2.0, 2.0], [4.0, 4.0]]]
    """
    if len(xyzr) == 1:
        return [xyzr] * ncomp
    return parts_between(xyzr, np.linspace(0.0, paths(xyzr)[-1], ncomp + 1))


def parts_between(xyzr: np.ndarray, cuts: np.ndarray) -> list[np.ndarray]:
    """Cuts traced points at distances along the path, ascending, µm, with new points where it cuts."""
    path = paths(xyzr)
    near = ROUNDING * path[-1]
    # a cut on a point is that point, and if several lie on one another the last of them
    before = np.clip(np.searchsorted(path, cuts + near, side="right") - 1, 0, len(xyzr) - 2)
    steps = np.diff(path)[before]
    fraction = np.where(np.abs(cuts - path[before]) <= near, 0.0, (cuts - path[before]) / np.maximum(steps, 1e-14))
    fraction = np.where(np.abs(cuts - path[before + 1]) <= near, 1.0, fraction)[:, None]
    ends = np.where(fraction == 1.0, xyzr[before + 1], xyzr[before] + fraction * (xyzr[before + 1] - xyzr[before]))
    return [
        np.vstack([ends[part], xyzr[(path > start + near) & (path < stop - near)], ends[part + 1]])
        for part, (start, stop) in enumerate(pairwise(cuts))
    ]


def morph_attrs_from_xyzr(
    xyzr: np.ndarray, min_radius: float | None, ncomp: int
) -> tuple[float, float, float, float, float]:
    """Radius, area, volume, and the loads of both halves, of a compartment that goes through points.

    Args:
        xyzr: Positions and radii, shape (point, 4). A single point is a sphere, cut into `ncomp` compartments.
        min_radius: A smaller radius is raised to it; area, volume and loads are those of the points.

    Raises:
        MorphologyError: A radius of 0 without `min_radius`.
    """
    if len(xyzr) == 1:
        radius = float(xyzr[0, 3])
        load = 1.0 / (np.pi * radius * ncomp) if radius else np.inf
        area, volume, loads = 4.0 * np.pi * radius**2 / ncomp, 4.0 / 3.0 * np.pi * radius**3 / ncomp, [load, load]
    else:
        lengths = np.diff(paths(xyzr))
        # of points on one another
        radius = swc_radius(lengths, xyzr[:, 3]) if lengths.any() else np.nan
        area, volume = swc_area(lengths, xyzr[:, 3]), swc_volume(lengths, xyzr[:, 3])
        halves = split_xyzr_into_equal_length_segments(xyzr, 2)
        loads = [swc_resistive_load(np.diff(paths(half)), half[:, 3]) for half in halves]
    if min_radius is not None:
        radius = max(radius, min_radius) if radius == radius else min_radius
    elif not radius > 0.0:
        raise MorphologyError(f"a compartment has radius {radius}; give min_radius, µm, to raise it")
    return radius, area, volume, *loads


def compute_axial_conductances(
    comp_edges: pd.DataFrame, params: dict[str, Any], diffusion_states: list[str]
) -> dict[str, Any]:
    """What couples compartments and branch points along a cell, for each edge, by what flows: `v` and ions.

    Into compartments they are divided by the capacitance (`v`, 1/ms) or the volume (ions, 1/ms); into branch points
    only their ratios matter.

    Args:
        comp_edges: Columns `source`, `sink`, `ordered` (whether it leads away from the root) and `type`: 0 between
            compartments, 1 and 2 from a branch point to its parent and its children, 3 and 4 back.
        params: For every node `axial_resistivity`, `capacitance`, `area`, `volume`, `resistive_load_in`,
            `resistive_load_out` and `axial_diffusion_…`.
    """
    source, sink = (comp_edges[side].to_numpy().astype(int) for side in ("source", "sink"))
    kind, away = comp_edges["type"].to_numpy(), comp_edges["ordered"].to_numpy().astype(bool)
    from_compartment, into_compartment = ~np.isin(kind, [1, 2]), ~np.isin(kind, [3, 4])
    # parents touch a branch point with their far halves, children with their near ones
    source_out = np.where(kind == 0, away, kind == 3)
    sink_in = np.where(kind == 0, away, kind == 2)
    numpy = numpy_for(*params.values())
    near, far = params["resistive_load_in"], params["resistive_load_out"]
    conductances = {}
    for state in ["v", *diffusion_states]:
        of_voltage = state == "v"
        resistivity = params["axial_resistivity"] if of_voltage else 1.0 / params[f"axial_diffusion_{state}"]
        resistance = numpy.where(
            from_compartment, resistivity[source] * numpy.where(source_out, far[source], near[source]), 0.0
        ) + numpy.where(into_compartment, resistivity[sink] * numpy.where(sink_in, near[sink], far[sink]), 0.0)
        capacity = params["area"] * params["capacitance"] / PER_MS if of_voltage else params["volume"]
        conductances[state] = 1.0 / resistance / numpy.where(into_compartment, capacity[sink], 1.0)
    return conductances


__all__ = [
    "compute_axial_conductances",
    "cylinder_area",
    "cylinder_resistive_load",
    "cylinder_volume",
    "morph_attrs_from_xyzr",
    "split_xyzr_into_equal_length_segments",
    "swc_area",
    "swc_radius",
    "swc_resistive_load",
    "swc_volume",
]
