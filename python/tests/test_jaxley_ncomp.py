"""A branch of the door that is cut anew is what it would have been if it had been built so."""

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


def cell(jx: ModuleType, ncomp: int = 4) -> Any:
    """A fork with a channel, and a group in one branch."""
    made = jx.Cell(jx.Branch(jx.Compartment(), ncomp), parents=[-1, 0, 0])
    made.set("length", 40.0 / ncomp)
    made.branch(1).set("radius", 0.5)
    made.insert(jx.channels.HH())
    made.insert(jx.channels.K())
    made.branch(1).set("K_gK", 0.01)
    made.branch(2).add_to_group("tuft")
    return made


@pytest.mark.parametrize("ncomp", [1, 2, 7])
def test_the_table_is_that_of_jaxley(ncomp: int, jaxley: Jaxley) -> None:
    def cut(jx: ModuleType) -> dict[str, Any]:
        made = cell(jx)
        made.branch(1).set_ncomp(ncomp)
        made.branch(2).set_ncomp(3, initialize=False)
        made.initialize()
        nodes = made.nodes
        skipped = ("x", "y", "z")  # Jaxley leaves those that were
        columns = {column: nodes[column].to_numpy(dtype=float) for column in nodes.columns if column not in skipped}
        return {"columns": columns, "labels": nodes.index.tolist(), "counts": np.asarray(made.ncomp_per_branch)}

    jaxley.agrees(cut, rtol=1e-6)


@pytest.mark.parametrize("ncomp", [1, 4])
def test_voltages_are_those_of_a_cell_that_is_built_so(ncomp: int) -> None:
    def voltages(made: Any) -> np.ndarray:
        made.branch(0).comp(0).stimulate(loligo.jaxley.step_current(0.5, 1.0, 0.5, 0.025, 5.0), verbose=False)
        made.branch("all").loc(0.9).record(verbose=False)
        return loligo.jaxley.integrate(made)

    recut = cell(loligo.jaxley, 2)
    for branch in recut.branches:
        branch.set_ncomp(ncomp)
    assert recut.shape == (3, 3 * ncomp)
    np.testing.assert_allclose(voltages(recut), voltages(cell(loligo.jaxley, ncomp)), rtol=0, atol=1e-10)


@pytest.mark.parametrize("ncomp", [1, 3, 4])
def test_a_reconstruction_is_cut_anew(ncomp: int, tmp_path: Path) -> None:
    (tmp_path / "dendrite.swc").write_text(tapered())
    read = loligo.jaxley.read_swc(tmp_path / "dendrite.swc", ncomp=ncomp)
    recut = loligo.jaxley.read_swc(tmp_path / "dendrite.swc", ncomp=2)
    recut.branch(0).set_ncomp(ncomp)
    np.testing.assert_allclose(recut.nodes.to_numpy(dtype=float), read.nodes.to_numpy(dtype=float), rtol=1e-12)
    # and so it is within a cell of several, and after a file
    both = loligo.jaxley.Cell([loligo.jaxley.Branch(ncomp=2), read], parents=[-1, 0])
    both.branch(1).set_ncomp(2)
    both.save(tmp_path / "cell.loligo")
    areas = lo.load(tmp_path / "cell.loligo").nodes["area"].to_numpy()
    np.testing.assert_allclose(areas[2:].sum(), read.nodes["area"].sum(), rtol=1e-12)


def test_compartments_as_fine_as_the_length_constant_asks_for(jaxley: Jaxley) -> None:
    """The recipe of Jaxley's guide, the rule of NEURON."""

    def recut(jx: ModuleType) -> list[int]:
        made = cell(jx, 1)
        made.branch(1).set("length", 900.0)
        made.branch(2).set("radius", 0.02)
        for index in range(3):
            branch = made.branch(index)
            one = branch.nodes.iloc[0]
            constant = 1e5 * np.sqrt(
                2 * one["radius"] / (4 * np.pi * 100 * one["capacitance"] * one["axial_resistivity"])
            )
            ncomp = int((one["length"] / (0.1 * constant) + 0.9) / 2) * 2 + 1
            branch.set_ncomp(ncomp, initialize=False)
        made.initialize()
        return [int(count) for count in made.ncomp_per_branch]

    jaxley.agrees(recut)


def test_a_branch_alone_and_what_was_moved() -> None:
    branch = loligo.jaxley.Branch(ncomp=4)
    branch.set_ncomp(2)
    assert (len(branch), branch.nodes["length"].tolist()) == (2, [20.0, 20.0])
    moved = cell(loligo.jaxley)
    moved.move(100.0)
    before = np.concatenate(moved.xyzr)
    moved.branch(0).set_ncomp(1)
    np.testing.assert_array_equal(np.concatenate(moved.xyzr), before)
    assert moved.branch(0).nodes["x"].item() == 120.0


def trained(made: Any) -> Any:
    made.make_trainable("HH_gNa", verbose=False)
    return made.branch(0)


def stimulated(made: Any) -> Any:
    made.branch(2).comp(0).stimulate(np.zeros(3), verbose=False)
    return made.branch(0)


def recorded(made: Any) -> Any:
    made.record(verbose=False)
    return made.branch(0)


def different(key: str) -> Callable[[Any], Any]:
    def made_different(made: Any) -> Any:
        made.branch(1).comp(0).set(key, 0.3)
        return made.branch(1)

    return made_different


def partly(verb: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def done(made: Any) -> Any:
        verb(made.branch(0).comp([0, 2]))
        return made.branch(0)

    return done


WRONG: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a cell": (lambda made: made, "3 branches and 12 compartments are in view, expected all of one branch"),
    "two branches": (lambda made: made.branch([0, 1]), "2 branches and 8 compartments are in view"),
    "a compartment": (lambda made: made.branch(0).comp(0), "1 branches and 1 compartments are in view"),
    "a network": (lambda made: loligo.jaxley.Network([made]).cell(0).branch(0), "ncomp of a network cannot be set"),
    "trainables": (trained, r"the module has 1 trainables, .* call delete_trainables\(\) first"),
    "stimuli": (stimulated, r"the module has 1 stimuli, .* call delete_stimuli\(\) first"),
    "recordings": (recorded, r"the module has 12 recordings, .* call delete_recordings\(\) first"),
    "radii": (different("radius"), "`radius` differs between the compartments of branch 1; set ncomp first"),
    "lengths": (different("length"), "`length` differs between the compartments of branch 1"),
    "capacitances": (different("capacitance"), "`capacitance` differs"),
    "states": (different("HH_m"), "`HH.m` differs"),
    "groups": (partly(lambda view: view.add_to_group("some")), "2 of the 4 compartments of branch 0 .* group `some`"),
    "channels": (
        partly(lambda view: view.insert(loligo.jaxley.channels.Leak())),
        "2 of the 4 compartments of branch 0 have the channel `Leak`",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_carried_over_is_refused(what: str) -> None:
    view, message = WRONG[what]
    with pytest.raises(lo.errors.ModelError, match=message):
        view(cell(loligo.jaxley)).set_ncomp(2)


@pytest.mark.parametrize("ncomp", [0, 1.5, True, "3"])
def test_other_than_a_number_of_compartments_is_refused(ncomp: Any) -> None:
    with pytest.raises(lo.errors.ArgumentError, match="expected a whole number, 1 or more"):
        cell(loligo.jaxley).branch(0).set_ncomp(ncomp)


def test_a_radius_below_the_smallest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dendrite.swc").write_text(tapered())
    read = loligo.jaxley.read_swc(tmp_path / "dendrite.swc", ncomp=1)
    read.branch(0).set_ncomp(3, min_radius=0.5)
    with pytest.raises(lo.errors.ArgumentError, match="pass min_radius to read_swc"):
        read.branch(0).set_ncomp(3, min_radius=1.2)


def test_views_that_were_made_before_raise() -> None:
    made = cell(loligo.jaxley)
    before = made.branch(2)
    made.branch(0).set_ncomp(1)
    with pytest.raises(lo.errors.SelectionError, match=r"made before set_ncomp, .* select it again"):
        before.set("radius", 2.0)
    assert made.branch(2).nodes["radius"].tolist() == [1.0] * 4
