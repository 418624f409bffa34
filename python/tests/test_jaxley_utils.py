"""The small things that scripts take from Jaxley: distances, colours, locations; equal to Jaxley's."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import loligo as lo
import loligo.jaxley as jx

CELL = Path(__file__).parents[2] / "data" / "morphologies" / "neuromorpho" / "n173.swc"


def submodule(of: ModuleType, name: str) -> ModuleType:
    return importlib.import_module(f"{of.__name__}.{name}")


def branched(of: ModuleType) -> Any:
    cell = of.Cell(of.Branch(of.Compartment(), 3), parents=[-1, 0, 0, 2])
    cell.branch(0).set("length", 30.0)
    cell.branch(2).comp(1).set("length", 7.0)
    return cell


def test_distances_along_a_cell(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        cell = branched(of)
        pathwise = submodule(of, "morphology").distance_pathwise
        return [np.asarray(pathwise(cell.branch(branch).comp(1), cell)) for branch in (0, 1, 3)]

    jaxley.agrees(script, atol=1e-12)


def test_straight_distances_are_those_between_centres() -> None:
    cell = jx.read_swc(CELL, ncomp=2)
    start = cell.branch(0).comp(0)
    found = jx.morphology.distance_direct(start, cell.branch([1, 5]))
    places = cell.nodes[["x", "y", "z"]].to_numpy()
    ends = cell.branch([1, 5]).nodes[["x", "y", "z"]].to_numpy()
    assert np.allclose(found, np.linalg.norm(ends - places[0], axis=1), rtol=1e-15)


def test_a_distance_has_one_start() -> None:
    cell = branched(jx)
    for distance in (jx.morphology.distance_direct, jx.morphology.distance_pathwise):
        with pytest.raises(lo.errors.ArgumentError, match="3 compartments, expected one"):
            distance(cell.branch(0), cell)


def test_colours(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        colors = submodule(of, "utils.colors")
        shades = [getattr(colors, f"{name}_shades")(3) for name in ("blue", "purple", "red", "green", "grey", "orange")]
        return np.array([*shades, colors.network_cols([1, 2, 3][::-1])[:3]])

    jaxley.agrees(script, atol=1e-12)


def test_locations_and_densities(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        cells = submodule(of, "utils.cell_utils")
        counts = np.array([2, 4, 3])
        where = [cells.local_index_of_loc(loc, branch, counts) for branch in range(3) for loc in (0.0, 0.3, 0.6, 1.0)]
        back = cells.loc_of_index(np.arange(9), np.repeat(np.arange(3), counts), counts)
        density = cells.convert_point_process_to_distributed(np.array([0.1, 0.2]), np.array([30.0, 50.0]))
        return {"where": np.array(where), "back": np.asarray(back), "density": np.asarray(density)}

    jaxley.agrees(script, atol=1e-12)


def test_modules_are_ready_as_they_are() -> None:
    cell = branched(jx)
    assert cell.initialize() is cell
    assert cell.initialized
    cell.to_jax()
