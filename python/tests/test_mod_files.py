"""Mechanisms from `.mod` files, as NEURON's own translator compiles the same files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from neuron import h
from neuron_cells import DT, INITIAL_VOLTAGE, SECOND_ORDER

import loligo as lo

FILES = Path(__file__).parent / "mechanisms"
NAMES = [
    "tcal",
    "tclock",
    "tcushion",
    "thcn",
    "tkin",
    "tlinear",
    "tmeter",
    "tnap",
    "tpool",
    "tshell",
    "tsk",
]
DURATION = 40.0
"""ms."""


pytestmark = pytest.mark.usefixtures("mechanisms_in_neuron")


def neuron_says(
    celsius: float, scheme: str, amplitude: float, what: dict[str, str], names: list[str] = NAMES
) -> dict[str, np.ndarray]:
    """What NEURON records of a spherical cell with all mechanisms of the tests, hh and pas."""
    soma = h.Section(name="soma")
    soma.L = soma.diam = 20
    soma.cm = 1
    for mechanism in ["pas", "hh", *names]:
        soma.insert(mechanism)
    h.celsius = celsius
    electrode = h.IClamp(soma(0.5))
    electrode.delay, electrode.dur, electrode.amp = 2, DURATION, amplitude
    recorded = {name: h.Vector().record(getattr(soma(0.5), reference)) for name, reference in what.items()}
    h.secondorder, h.dt = SECOND_ORDER[scheme], DT
    h.finitialize(INITIAL_VOLTAGE)
    for _ in range(round(DURATION / DT)):
        h.fadvance()
    return {name: np.array(vector) for name, vector in recorded.items()}


def loligo_says(
    celsius: float, scheme: str, amplitude: float, what: list[str], convention: str, names: list[str] = NAMES
) -> dict[str, np.ndarray]:
    """The same of Loligo."""
    cell = lo.Compartment(length=20, radius=10)
    for mechanism in ["pas", "hh"]:
        cell.insert(lo.mechanism(mechanism))
    for name in names:
        cell.insert(lo.Mechanism.from_mod(FILES / f"{name}.mod"))
    cell.celsius = celsius
    cell.loc(0.5).stimulate(lo.step(2, DURATION, amplitude))
    for name in what:
        cell.loc(0.5).record(name)
    run = lo.simulate(cell, t_max=DURATION, dt=DT, scheme=scheme, convention=convention, v_init=INITIAL_VOLTAGE)
    return {name: run[name][0] for name in what}


WHAT = {
    "v": "_ref_v",
    "cai": "_ref_cai",
    "eca": "_ref_eca",
    "tcal.m": "_ref_m_tcal",
    "tpool.bound": "_ref_bound_tpool",
    "tsk.z": "_ref_z_tsk",
    "tkin.o": "_ref_o_tkin",
    "tclock.swing": "_ref_swing_tclock",
    "tclock.wave": "_ref_wave_tclock",
    "tclock.g": "_ref_g_tclock",
    "tlinear.a": "_ref_a_tlinear",
    "tlinear.c": "_ref_c_tlinear",
    "tlinear.root": "_ref_root_tlinear",
    "mgi": "_ref_mgi",
    "poi": "_ref_poi",
    "tnap.h": "_ref_h_tnap",
    "thcn.locked": "_ref_locked_thcn",
    "tmeter.passed": "_ref_passed_tmeter",
    "cli": "_ref_cli",
}


@pytest.mark.parametrize("scheme", ["backward_euler", "crank_nicolson"])
@pytest.mark.parametrize("celsius", [6.3, 16.0])
@pytest.mark.parametrize("amplitude", [0.02, 0.3])
def test_calcium_kinetics_and_procedures(celsius: float, scheme: str, amplitude: float) -> None:
    """Shared calcium, a KINETIC scheme, derivimplicit, a PROCEDURE that steps its state, the time, equations: 1e-6 of
    each trace's size."""
    theirs = neuron_says(celsius, scheme, amplitude, WHAT)
    ours = loligo_says(celsius, scheme, amplitude, list(WHAT), "neuron")
    if amplitude > 0.1:
        assert theirs["v"].max() > 0, "it does not fire"
    for name, row in ours.items():
        apart = np.abs(row - theirs[name]).max() / np.abs(theirs[name]).max()
        print(f"{name:12} {apart:.1e}")
        assert apart <= 1e-6, f"{name} is {apart:.1e} apart"


def test_currents_enter_at_equal_times() -> None:
    """The total current of calcium, which with second order NEURON moves to the middle of the step."""
    theirs = neuron_says(16.0, "backward_euler", 0.3, {"ica": "_ref_ica"})["ica"]
    ours = loligo_says(16.0, "backward_euler", 0.3, ["ica"], "neuron")["ica"]
    assert np.abs(ours - theirs).max() <= 1e-6 * np.abs(theirs).max()


def test_native_choices_make_no_difference_here() -> None:
    """Each current is linear in the voltage, so that its slope is its secant, and what derivimplicit steps is not
    linear: what is native differs from NEURON in nothing else."""
    names = ["tcal", "tkin", "tpool", "tsk"]
    theirs = neuron_says(16.0, "backward_euler", 0.3, {"v": "_ref_v"}, names)["v"]
    ours = loligo_says(16.0, "backward_euler", 0.3, ["v"], "native", names)["v"]
    assert np.abs(ours - theirs).max() <= 1e-6
