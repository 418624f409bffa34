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
