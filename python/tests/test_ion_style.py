"""Reversal potentials that are chosen by hand, as NEURON's `ion_style` chooses them."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest
from neuron import h
from neuron_cells import DT, INITIAL_VOLTAGE, run_neuron

import loligo as lo

DURATION = 25.0
"""ms."""

STYLES = {"given": (3, 1, 0, 0, 0), "at start": (3, 2, 1, 0, 0), "every step": (3, 2, 1, 1, 0)}
"""What NEURON's `ion_style` is given: kinds of concentrations and of reversal potential, einit, eadvance, cinit."""

WHAT = ["v", "cai", "eca", "ek"]


def neuron_says(style: str) -> dict[str, np.ndarray]:
    """What NEURON records of a cell with hh, a pool of calcium, and a synapse that lets calcium in."""
    soma = h.Section(name="soma")
    soma.L = soma.diam = 20
    soma.cm = 1
    for mechanism in ["pas", "hh", "tpool", "tcal"]:
        soma.insert(mechanism)
    synapse = h.TPoint(soma(0.5))
    for ion in ("ca", "k"):
        h.ion_style(f"{ion}_ion", *STYLES[style], sec=soma)
    h.celsius = 6.3
    soma.eca, soma.ek, soma.ko, soma.cao = 120, -74, 3.5, 1.5
    soma.cai = 2e-4
    recorded = {name: h.Vector().record(getattr(soma(0.5), f"_ref_{name}")) for name in WHAT}
    run_neuron(DURATION, "backward_euler")
    del synapse
    return {name: np.array(vector) for name, vector in recorded.items()}


def a_cell(folder: Path, style: str) -> lo.Compartment:
    """The same of Loligo."""
    cell = lo.Compartment(length=20, radius=10)
    for mechanism in ["pas", "hh"]:
        cell.insert(lo.mechanism(mechanism))
    for name in ["tpool", "tcal", "tpoint"]:
        cell.insert(lo.Mechanism.from_mod(folder / f"{name}.mod"))
    cell.celsius = 6.3
    for ion in ("ca", "k"):
        cell.ion_style(ion, style)
    for name, number in {"eca": 120, "ek": -74, "cao": 1.5, "cai": 2e-4}.items():
        cell.set(name, number)
    if style != "given":
        cell.set("ko", 3.5)
    for name in WHAT:
        cell.record(name)
    return cell


@pytest.mark.parametrize("style", STYLES)
def test_reversal_potentials_are_those_of_neuron(mechanisms_in_neuron: Path, style: str) -> None:
    """1e-6 of the size of each trace, and of what calcium does to its own potential only where that follows it."""
    theirs = neuron_says(style)
    cell = a_cell(mechanisms_in_neuron, style)
    run = lo.simulate(cell, t_max=DURATION, dt=DT, convention="neuron", v_init=INITIAL_VOLTAGE)
    assert np.ptp(theirs["cai"]) > 1e-4, "calcium stays as it is"
    assert (np.ptp(theirs["eca"]) > 1) == (style == "every step")
    for name in WHAT:
        off = np.abs(run[name].ravel() - theirs[name]).max()
        assert off < 1e-6 * np.abs(theirs[name]).max(), (name, off)


def test_a_choice_is_kept_and_differentiated(mechanisms_in_neuron: Path) -> None:
    cell = a_cell(mechanisms_in_neuron, "at start")
    expected = lo.simulate(cell, t_max=5).recordings
    for again in (pickle.loads(pickle.dumps(cell)), copy.deepcopy(cell), lo.Network([cell]).cell(0)._module):
        assert np.array_equal(lo.simulate(again, t_max=5).recordings, expected)
    assert not np.array_equal(lo.simulate(a_cell(mechanisms_in_neuron, "given"), t_max=5).recordings, expected)

    cell.make_trainable("ko")
    _, gradient = lo.value_and_grad(lambda p: (lo.simulate(cell, p, t_max=5)["v"] ** 2).mean())(cell.get_parameters())
    losses = []
    for concentration in (3.5 - 1e-4, 3.5 + 1e-4):
        losses.append((lo.simulate(cell, [{"ko": np.array([concentration])}], t_max=5)["v"] ** 2).mean())
    assert gradient[0]["ko"][0] == pytest.approx((losses[1] - losses[0]) / 2e-4, rel=1e-6)


def test_what_cannot_be_chosen_is_refused(mechanisms_in_neuron: Path) -> None:
    cell = a_cell(mechanisms_in_neuron, "given")
    with pytest.raises(lo.errors.UnknownNameError, match="there is no ion `cl`"):
        cell.ion_style("cl", "given")
    with pytest.raises(lo.errors.ArgumentError, match="expected one of 'automatic', 'given', 'at start', 'every step'"):
        cell.ion_style("ca", "sometimes")
    other = a_cell(mechanisms_in_neuron, "every step")
    with pytest.raises(lo.errors.ModelError, match="the reversal potential of `k` is chosen otherwise"):
        lo.Network([cell, other])
