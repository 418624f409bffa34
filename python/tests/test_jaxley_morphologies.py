"""Cells of the door that are put together or taken apart are those of Jaxley."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from jaxley_values import Jaxley
from test_jaxley_shapes import tapered

import loligo as lo
import loligo.jaxley
from loligo.jaxley.morphology import morph_connect, morph_delete


def tree(jx: ModuleType, ncomp: int = 2) -> Any:
    """Five branches of different sizes."""
    made = jx.Cell(jx.Branch(jx.Compartment(), ncomp), parents=[-1, 0, 0, 1, 1])
    for branch in range(5):
        made.branch(branch).set("radius", 1.0 + 0.3 * branch)
        made.branch(branch).set("length", 20.0 + 5.0 * branch)
    made.branch([0, 3]).add_to_group("some")
    return made


def of(jx: ModuleType) -> Any:
    """The module with the functions."""
    import importlib

    return importlib.import_module(f"{jx.__name__}.morphology")


def described(jx: ModuleType, cell: Any) -> dict[str, Any]:
    """Its table, and how it answers a current into its first compartment."""
    nodes = cell.nodes
    cell.insert(jx.channels.Leak())
    cell.branch(0).comp(0).stimulate(jx.step_current(0.5, 1.0, 0.5, 0.025, 3.0), verbose=False)
    cell.record(verbose=False)
    columns = ("length", "radius", "area", "resistive_load_in", "some", "global_branch_index")
    columns = [column for column in columns if column in nodes]
    return {
        **{column: nodes[column].to_numpy(dtype=float) for column in columns},
        "parents": np.asarray(cell.comb_parents),
        "voltages": np.asarray(jx.integrate(cell))[:, ::10],
    }


DELETED: dict[str, Callable[[Any], Any]] = {
    "twigs": lambda cell: cell.branch([3, 4]),
    "a twig": lambda cell: cell.branch(2),
    "all above one": lambda cell: cell.branch([1, 3, 4]),
    "the root": lambda cell: cell.branch([0, 2]),
}


@pytest.mark.parametrize("branches", DELETED)
def test_cells_without_some_branches(branches: str, jaxley: Jaxley) -> None:
    def left(jx: ModuleType) -> dict[str, Any]:
        return described(jx, of(jx).morph_delete(DELETED[branches](tree(jx))))

    # Jaxley's sizes of cylinders are in single precision
    jaxley.agrees(left, rtol=1e-5, atol=1e-6)


JOINED: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "at a tip": lambda cell, stub: (cell.branch(4).loc(1.0), stub.branch(0).loc(0.0)),
    "at the start": lambda cell, stub: (cell.branch(0).loc(0.0), stub.branch(0).loc(0.0)),
    "at a branch point": lambda cell, stub: (cell.branch(1).loc(1.0), stub.branch(0).loc(0.0)),
    "at two branch points": lambda cell, stub: (cell.branch(0).loc(1.0), stub.branch(1).loc(0.0)),
}


@pytest.mark.parametrize("where", JOINED)
def test_cells_of_two(where: str, jaxley: Jaxley) -> None:
    def both(jx: ModuleType) -> dict[str, Any]:
        stub = jx.Cell(jx.Branch(jx.Compartment(), 2), parents=[-1, 0, 0])
        return described(jx, of(jx).morph_connect(*JOINED[where](tree(jx), stub)))

    jaxley.agrees(both, rtol=1e-5, atol=1e-6)


def test_what_is_left_is_where_it_was(tmp_path: Path) -> None:
    moved = tree(loligo.jaxley)
    moved.rotate(90.0, "xz")
    left = morph_delete(moved.branch([3, 4]))
    for points, before in zip(left.xyzr, moved.xyzr[:3], strict=True):
        np.testing.assert_allclose(points[[0, -1], :3], before[[0, -1], :3], atol=1e-12)
    (tmp_path / "dendrite.swc").write_text(tapered())
    read = loligo.jaxley.read_swc(tmp_path / "dendrite.swc", ncomp=3)
    both = morph_connect(moved.branch(4).loc(1.0), read.branch(0).loc(0.0))
    new = both.ncomp_per_branch.tolist().index(3)
    outline = both.xyzr[new]
    offset = moved.xyzr[4][-1, :3] - read.xyzr[0][0, :3]
    np.testing.assert_allclose(outline[-1, :3], read.xyzr[0][-1, :3] + offset, atol=1e-12)
    for column in ("area", "resistive_load_in", "resistive_load_out"):
        ours, theirs = both.branch(new).nodes[column].to_numpy(), read.nodes[column].to_numpy()
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_channels_stay() -> None:
    cell = tree(loligo.jaxley)
    cell.branch([1, 2]).insert(loligo.jaxley.channels.HH())
    cell.branch(2).set("HH_gNa", 0.3)
    left = morph_delete(cell.branch(1).base.branch([3, 4]))
    assert left.branch("all").nodes["HH"].tolist() == [False] * 2 + [True] * 4
    assert left.branch(2).nodes["HH_gNa"].tolist() == [0.3] * 2
    assert [channel.name for channel in left.channels] == ["HH"]


WINDING = """\
1 1   0  0  0 5 -1
2 1   0 10  0 5 1
3 3   0 20  0 2 2
4 3  10 30  5 1 3
5 3 -10 30  0 1 3
6 3 -30 10 10 1 5
7 3 -30 40  0 1 6
"""
"""A dendrite turns back, so that the middle of its way is not midway between its ends."""


def test_middles_of_compartments_that_bend(tmp_path: Path, jaxley: Jaxley) -> None:
    """Computed anew they are midway between the ends, as in Jaxley's fit of a layer 5 cell, whose conductances depend
    on distances from the soma."""
    path = tmp_path / "winding.swc"
    path.write_text(WINDING)

    def script(jx: ModuleType) -> list[np.ndarray]:
        cell = jx.read_swc(str(path), ncomp=2)
        shown = [cell]
        for change in (
            lambda cell: cell.compute_compartment_centers(),
            lambda cell: cell.move(3.0, 4.0, 5.0, update_nodes=True),
            lambda cell: cell.move_to(3.0, 4.0, 5.0, update_nodes=True),
            lambda cell: cell.rotate(30.0, update_nodes=True),
        ):
            cell = jx.read_swc(str(path), ncomp=2)
            change(cell)
            shown += [cell, jx.Network([jx.read_swc(str(path), ncomp=1), cell])]
        distances = [of(jx).distance_direct(cell.branch(0).comp(0), cell) for cell in shown[:2]]
        return [module.nodes[["x", "y", "z"]].to_numpy(dtype=float) for module in shown] + [
            np.asarray(own) for own in distances
        ]

    # Jaxley keeps points in single precision: 40 µm to 40 · 2⁻²⁴, added and multiplied a few times
    jaxley.agrees(script, atol=2e-5)


def test_middles_stay_with_copies_and_files(tmp_path: Path) -> None:
    path = tmp_path / "winding.swc"
    path.write_text(WINDING)
    cell = loligo.jaxley.read_swc(path, ncomp=1)
    cell.branch(2).compute_compartment_centers()
    middles = cell.nodes[["x", "y", "z"]].to_numpy()
    np.testing.assert_allclose(middles[2], [-15.0, 30.0, 0.0], atol=1e-12)
    lo.save(cell, tmp_path / "cell.loligo")
    for other in (cell.copy(), lo.load(tmp_path / "cell.loligo"), loligo.jaxley.Network([cell])):
        np.testing.assert_array_equal(other.nodes[["x", "y", "z"]].to_numpy(), middles)
    cell.branch(2).set_ncomp(2)
    # half of the way is 37.88 µm, 23.74 of 30 µm from the second point to the third
    half = np.array([-10.0, 30.0, 0.0]) + 23.743 / 30.0 * np.array([-20.0, -20.0, 10.0])
    end = np.array([-30.0, 40.0, 0.0])
    np.testing.assert_allclose(cell.nodes[["x", "y", "z"]].to_numpy()[3], (half + end) / 2, atol=1e-3)


WRONG: dict[str, tuple[Callable[[Any], Any], type[lo.LoligoError], str]] = {
    "half a branch": (
        lambda cell: morph_delete(cell.branch(3).comp(0)),
        lo.errors.ModelError,
        "1 of 2 compartments of branches are in view, expected all",
    ),
    "in pieces": (lambda cell: morph_delete(cell.branch(1)), lo.errors.MorphologyError, "pieces"),
    "everything": (lambda cell: morph_delete(cell), lo.errors.MorphologyError, "no compartments"),
    "of a network": (
        lambda cell: morph_delete(loligo.jaxley.Network([cell]).cell(0).branch(3)),
        lo.errors.ArgumentTypeError,
        "expected a view of a cell",
    ),
    "recordings": (
        lambda cell: (cell.record(verbose=False), morph_delete(cell.branch(3))),
        lo.errors.ModelError,
        r"10 recordings, .* call delete_recordings\(\) first",
    ),
    "the middle of a branch": (
        lambda cell: morph_connect(cell.branch(0).loc(0.4), cell.branch(0).loc(0.0)),
        lo.errors.ModelError,
        "is no end of a branch",
    ),
    "a compartment": (
        lambda cell: morph_connect(cell.branch(0).loc(0.0), cell.branch(0).comp(0)),
        lo.errors.ModelError,
        "is no end of a branch",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_calls_say_what_was_expected(what: str) -> None:
    call, kind, message = WRONG[what]
    with pytest.raises(kind, match=message):
        call(tree(loligo.jaxley))


def test_cells_that_were_traced_without_radii_are_given_theirs(jaxley: Jaxley, tmp_path: Path) -> None:
    """As the published ganglion cell: `min_radius` to read it, then radii that are known from elsewhere."""
    file = tmp_path / "without_radii.swc"
    file.write_text("1 1 0 0 0 0 -1\n2 3 0 9 0 0 1\n3 3 0 25 0 0 2\n4 3 12 40 0 0 3\n5 3 -7 41 0 0 3\n")

    def script(jx: ModuleType) -> dict[str, Any]:
        cell = jx.read_swc(str(file), ncomp=2, min_radius=1.0)
        cell.set("radius", 0.4)
        cell.soma.set("radius", 5.0)
        cell.soma.set("length", 5.0)
        return described(jx, cell)

    jaxley.agrees(script, rtol=1e-8)
    # before, Jaxley's compartments have no area, and those of the door that of a cylinder
    nodes = loligo.jaxley.read_swc(file, ncomp=2, min_radius=1.0).nodes
    np.testing.assert_allclose(nodes["area"], 2 * np.pi * nodes["radius"] * nodes["length"], rtol=1e-12)
    with pytest.raises(lo.errors.MorphologyError, match="give min_radius"):
        loligo.jaxley.read_swc(file, ncomp=2)
