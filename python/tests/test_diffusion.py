"""Concentrations that diffuse along cells, beside NEURON and beside differences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from neuron_cells import Twins

import loligo as lo

FILES = Path(__file__).parent / "mechanisms"
MORPHOLOGIES = Path(__file__).parents[2] / "data" / "morphologies"

pytestmark = pytest.mark.usefixtures("mechanisms_in_neuron")


def diffusing(twins: Twins) -> list[int]:
    """Puts channels everywhere and diffusion into most branches; returns compartments that have it."""
    twins.insert("hh")
    twins.insert("pas")
    everywhere = range(len(twins.branches))
    without = {7, 8}
    for name, branches in [("tcal", everywhere), ("tdiffuse", [b for b in everywhere if b not in without])]:
        twins.cell.branch(list(branches)).insert(lo.Mechanism.from_mod(FILES / f"{name}.mod"))
        for branch in branches:
            twins.segments[twins.branches[branch][3][0]].sec.insert(name)
    starts = [twins.branches[branch][3] for branch in everywhere if branch not in without]
    return [compartment for first, end in starts for compartment in range(first, end)]


@pytest.mark.parametrize("scheme", ["backward_euler", "crank_nicolson"])
def test_concentrations_diffuse_as_in_neuron(scheme: str) -> None:
    """A branched reconstruction, calcium in two shells and sodium, an ion's own number: every trace to 1e-6 of its
    largest."""
    with Twins(MORPHOLOGIES / "neuromorpho" / "n173.swc", 3) as twins:
        compartments = diffusing(twins)
        twins.step(twins.soma, 1, 20, 2.0)
        chosen = compartments[:: max(1, len(compartments) // 40)]
        rows = []
        for what in ["v", "cai", "nai", "tdiffuse.ca[1]", "tdiffuse.seen"]:
            twins.record(what, chosen)
            rows += [what] * len(chosen)
        theirs, ours = twins.run(20.0, scheme)
    for what in dict.fromkeys(rows):
        of = [row for row, name in enumerate(rows) if name == what]
        apart = np.abs(ours[of] - theirs[of]).max() / np.abs(theirs[of]).max()
        print(f"{what:16} {apart:.1e}")
        assert apart <= 1e-6, what


def cable() -> lo.Cell:
    """A fork whose root has channels and a pool of calcium that diffuses into the rest, which has neither."""
    cell = lo.Cell(lo.Branch(lo.Compartment(length=10, radius=1), ncomp=4), parents=[-1, 0, 0])
    for name in ["hh", "hay_ca_hva", "hay_cadynamics_e2"]:
        cell.branch(0).insert(lo.mechanism(name))
    cell.branch(0).set("hay_ca_hva.gbar", 1e-3)
    cell.insert(lo.diffusion("cai", D=0.3))
    cell.set("cai", 1e-4)
    cell.celsius = 25
    cell.branch(0).loc(0.0).stimulate(lo.step(1, 20, 0.1))
    return cell


def test_calcium_reaches_where_none_enters() -> None:
    """A branch without channels sees calcium come, the later the farther, and none without diffusion."""
    cell = cable()
    cell.branch(1).record("cai")
    run = lo.simulate(cell, t_max=60, dt=0.025)
    rises = run["cai"] - 1e-4
    assert rises[0, -1] > 1e-6
    assert (np.diff(rises.max(axis=1)) < 0).all()
    assert (np.diff([np.argmax(row > 1e-10) for row in rises]) > 0).all()
    cell.set("cai_diffusion.D", 0.0)
    still = lo.simulate(cell, t_max=60, dt=0.025)["cai"]
    np.testing.assert_allclose(still, 1e-4, rtol=1e-12)  # rounding of a volume times and over itself


def test_the_constant_can_be_trained() -> None:
    """The derivative by the constant of each branch against central differences, to 1e-6 of the largest."""
    cell = cable()
    cell.record("cai")
    cell.branch("all").make_trainable("cai_diffusion.D")
    weights = np.sin(np.arange(12))[:, None]

    def loss(constants: np.ndarray) -> float:
        run = lo.simulate(cell, [{"cai_diffusion.D": constants}], t_max=30, dt=0.025)
        return 1e4 * (weights * run["cai"]).sum()

    start = cell.get_parameters()[0]["cai_diffusion.D"]
    _, gradient = lo.value_and_grad(loss)(start)
    step = 1e-4
    differences = [(loss(start + step * axis) - loss(start - step * axis)) / (2 * step) for axis in np.eye(len(start))]
    assert np.abs(gradient - differences).max() <= 1e-6 * np.abs(differences).max()
