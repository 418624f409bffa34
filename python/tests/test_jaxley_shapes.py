"""What modules of the door look like: how they hang together, where they are, and the sizes of compartments."""

import pickle
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from jaxley_values import Jaxley

import loligo as lo
import loligo.jaxley


def network(jx: ModuleType) -> Any:
    """Cells of several branches, with different numbers of compartments and lengths."""
    compartment = jx.Compartment()
    branch = jx.Branch(compartment, 4)
    cells = [
        jx.Cell([branch, jx.Branch(compartment, 2), branch, jx.Branch(compartment, 3)], parents=[-1, 0, 0, 2]),
        jx.Cell(branch, parents=[-1, 0]),
        jx.Cell(),
        jx.Cell(jx.Branch(compartment, 2), parents=[-1, 0, 0, 0, 1, 1, 4]),
    ]
    return jx.Network(cells)


VIEWS: dict[str, Callable[[Any], Any]] = {
    "all": lambda n: n,
    "a cell": lambda n: n.cell(1),
    "cells": lambda n: n.cell([0, 3]),
    "branches": lambda n: n.cell(0).branch([0, 2]),
    "compartments": lambda n: n.cell([0, 1]).branch(0).comp([1, 3]),
    "a view of a view": lambda n: n.cell(3).branch([0, 1, 4]).view,
}


def plain(table: pd.DataFrame) -> list:
    return [table.index.tolist(), *(table[column].tolist() for column in table.columns)]


@pytest.mark.parametrize("view", VIEWS)
def test_how_modules_hang_together(view: str, jaxley: Jaxley) -> None:
    def structure(jx: ModuleType) -> dict[str, Any]:
        seen = VIEWS[view](network(jx))
        edges = seen._comp_edges
        return {
            "ncomp": seen.ncomp,
            "ncomp_per_branch": [int(count) for count in seen.ncomp_per_branch],
            "cumsum_ncomp": [int(count) for count in seen.cumsum_ncomp],
            "total_nbranches": seen.total_nbranches,
            "nbranches_per_cell": list(seen.nbranches_per_cell),
            "comb_parents": [int(parent) for parent in seen.comb_parents],
            "branch_edges": plain(seen.branch_edges),
            "cells": seen._cells_in_view.tolist(),
            "branches": seen._branches_in_view.tolist(),
            "compartments": seen._comps_in_view.tolist(),
            "labels": seen._nodes_in_view.tolist(),
            "neighbours": plain(edges[["source", "sink", "ordered", "type"]]),
        }

    jaxley.agrees(structure)


def test_the_children_of_branches(jaxley: Jaxley) -> None:
    def children(jx: ModuleType) -> list[list[int]]:
        cell = jx.Cell(jx.Branch(jx.Compartment(), 2), parents=[-1, 0, 0, 1, 3])
        return [[int(child) for child in those] for those in cell.comb_children]

    jaxley.agrees(children)
    ours = network(loligo.jaxley)
    assert ours.cell(0).base is ours and ours.base is ours


MOVES: dict[str, Callable[[Any], None]] = {
    "nothing": lambda n: None,
    "moved": lambda n: n.move(20.0, 30.0, 5.0, update_nodes=True),
    "a cell moved": lambda n: n.cell(1).move(y=-3.5, update_nodes=True),
    "branches moved": lambda n: n.cell(0).branch([1, 2]).move(1.0, update_nodes=True),
    "moved to": lambda n: n.move_to(10.0, -20.0, 3.0, update_nodes=True),
    "each moved to": lambda n: n.move_to(np.arange(4.0), 2 * np.arange(4.0), np.zeros(4), update_nodes=True),
    "a cell moved to": lambda n: n.cell(3).move_to(x=7.0, update_nodes=True),
    "turned": lambda n: n.rotate(30.0, update_nodes=True),
    "a cell turned": lambda n: n.cell(0).rotate(-120.0, "xz", update_nodes=True),
    "turned and moved": lambda n: (n.rotate(45.0, "yz"), n.cell(1).move(1.0, 2.0, 3.0), n.rotate(10.0, "xy", True)),
    "laid out": lambda n: (n.compute_xyz(), n.compute_compartment_centers()),
    "in layers": lambda n: (n.arrange_in_layers([3, 1], 40.0, 90.0), n.compute_compartment_centers()),
    "in rows": lambda n: (n.arrange_in_layers([1, 3], vertical_layers=True), n.compute_compartment_centers()),
}


@pytest.mark.parametrize("move", MOVES)
def test_where_modules_are(move: str, jaxley: Jaxley) -> None:
    def places(jx: ModuleType) -> dict[str, Any]:
        moved = network(jx)
        MOVES[move](moved)
        return {"points": np.concatenate(moved.xyzr), "centers": moved.nodes[["x", "y", "z"]].to_numpy(dtype=float)}

    # 1e-6 µm of rounding: Jaxley lays branches out in single precision
    jaxley.agrees(places, rtol=1e-5, atol=1e-5)
    ours = network(loligo.jaxley)
    MOVES[move](ours)
    for copied in (ours.copy(), pickle.loads(pickle.dumps(ours))):
        np.testing.assert_array_equal(np.concatenate(copied.xyzr), np.concatenate(ours.xyzr))
        copied.move(1.0)
        assert not np.array_equal(np.concatenate(copied.xyzr), np.concatenate(ours.xyzr), equal_nan=True)


def test_part_of_a_branch_is_where_its_compartments_are(jaxley: Jaxley) -> None:
    jaxley.agrees(lambda jx: network(jx).cell(0).branch(0).comp([0, 1, 3]).xyzr[0][:, :3], rtol=1e-6, atol=1e-6)
    jaxley.agrees(lambda jx: network(jx).cell(0).branch(2).loc(0.5).xyzr[0][:, :3], rtol=1e-6, atol=1e-6)


def test_cells_stay_where_they_were_moved_to_in_networks(jaxley: Jaxley) -> None:
    def moved(jx: ModuleType) -> np.ndarray:
        cell = jx.Cell(jx.Branch(jx.Compartment(), 2), parents=[-1, 0])
        cell.move(100.0, 5.0)
        made = jx.Network([jx.Cell(jx.Branch(jx.Compartment(), 3), parents=[-1]), cell])
        return np.concatenate(made.xyzr)[:, :3]

    jaxley.agrees(moved, rtol=1e-6)


def test_points_that_are_given(jaxley: Jaxley, tmp_path: Path) -> None:
    def given(jx: ModuleType) -> Any:
        points = [
            np.array([[0, 0, 0, 1.0], [5, 5, 0, 2.0], [10, 0, 0, 1.0]]),
            np.array([[10, 0, 0, 1.0], [20, 0, 1, 1.0]]),
        ]
        return jx.Cell(jx.Branch(jx.Compartment(), 2), parents=[-1, 0], xyzr=points)

    jaxley.agrees(lambda jx: np.concatenate(given(jx).xyzr))
    ours = given(loligo.jaxley)
    np.testing.assert_allclose(ours.nodes[["x", "y"]].to_numpy()[:2], [[2.5, 2.5], [7.5, 2.5]], atol=1e-12)
    ours.save(tmp_path / "cell.loligo")
    again = lo.load(tmp_path / "cell.loligo")
    np.testing.assert_array_equal(np.concatenate(again.xyzr), np.concatenate(ours.xyzr))


def test_looking_does_not_change_what_is_saved(tmp_path: Path) -> None:
    ours = network(loligo.jaxley)
    ours.save(tmp_path / "before.loligo")
    assert len(ours.xyzr) == 14 and len(ours.nodes) == 36
    ours.save(tmp_path / "after.loligo")
    assert (tmp_path / "before.loligo").read_bytes() == (tmp_path / "after.loligo").read_bytes()


def tapered(points: int = 9) -> str:
    """An unbranched dendrite that bends, and whose radius changes."""
    rows = [
        f"{i + 1} 3 {3 * i} {i * i % 7} {i % 3} {1.5 - 0.1 * i + 0.2 * (i % 2)} {i if i else -1}" for i in range(points)
    ]
    return "\n".join(rows)


@pytest.mark.parametrize("ncomp", [1, 3, 4])
def test_sizes_of_a_reconstruction(ncomp: int, jaxley: Jaxley, tmp_path: Path) -> None:
    (tmp_path / "dendrite.swc").write_text(tapered())

    def sizes(jx: ModuleType) -> dict[str, np.ndarray]:
        nodes = jx.read_swc(str(tmp_path / "dendrite.swc"), ncomp=ncomp).nodes
        columns = ("length", "radius", "area", "volume", "resistive_load_in", "resistive_load_out", "x", "y", "z")
        return {column: nodes[column].to_numpy(dtype=float) for column in columns}

    jaxley.agrees(sizes, rtol=1e-7)


def test_a_size_that_is_set_changes_what_follows_from_it(jaxley: Jaxley) -> None:
    def sizes(jx: ModuleType) -> dict[str, np.ndarray]:
        cell = jx.Cell(jx.Branch(jx.Compartment(), 2), parents=[-1, 0, 0])
        cell.branch(1).set("radius", 3.0)
        cell.branch([0, 1]).comp(1).set("length", 25.0)
        columns = ("area", "volume", "resistive_load_in", "resistive_load_out")
        return {column: cell.nodes[column].to_numpy(dtype=float) for column in columns}

    jaxley.agrees(sizes, rtol=1e-6)


WRONG: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a plane": (lambda n: n.rotate(10.0, "yx"), "rotation_axis is 'yx', expected one of 'xy', 'xz', 'yz'"),
    "too few places": (lambda n: n.move_to(x=np.zeros(3)), r"`x` has shape \(3,\), .* each of 4 cells"),
    "too few layers": (lambda n: n.arrange_in_layers([1, 1]), r"shape \(2, 3\), expected \(4, 3\)"),
    "too few branches": (
        lambda n: loligo.jaxley.Cell(xyzr=[]),
        "xyzr has 0 arrays, expected one for each of 1 branches",
    ),
    "no radius": (lambda n: loligo.jaxley.Cell(xyzr=[np.zeros((2, 3))]), r"shape \(2, 3\), expected \(point, 4\)"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_calls_say_what_was_expected(what: str) -> None:
    call, message = WRONG[what]
    with pytest.raises(lo.errors.ArgumentError, match=message):
        call(network(loligo.jaxley))
