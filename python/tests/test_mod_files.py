"""Mechanisms from `.mod` files, as NEURON's own translator compiles the same files."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from neuron import h
from neuron_cells import DT, INITIAL_VOLTAGE, run_neuron

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

VOLTAGES, SHIFTS = np.array([-80.0, -45.0, -30.0, 20.0]), np.array([0.0, 0.3, 1.0])
OPENINGS = np.array([[0.0, 0.1, 0.2], [0.1, 0.4, 0.3], [0.5, 0.9, 0.6], [1.0, 0.8, 0.7]])
TABLES = {"tgrid": {"opening": (VOLTAGES, SHIFTS, OPENINGS)}}
"""Values of a FUNCTION_TABLE."""


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
    run_neuron(DURATION, scheme)
    return {name: np.array(vector) for name, vector in recorded.items()}


def loligo_says(
    celsius: float, scheme: str, amplitude: float, what: list[str], convention: str, names: list[str] = NAMES
) -> dict[str, np.ndarray]:
    """The same of Loligo."""
    cell = lo.Compartment(length=20, radius=10)
    for mechanism in ["pas", "hh"]:
        cell.insert(lo.mechanism(mechanism))
    for name in names:
        cell.insert(lo.Mechanism.from_mod(FILES / f"{name}.mod", TABLES.get(name)))
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


WRITTEN = {
    "tmoments": "m n start opened g seen highest mean",
    "tcurves": "m angle around bend level saturation wave ghk i",
    "tamplifier": "level i",
    "tgrid": "m i",
    "tlate": "m inf tau portion early i",
    "tfloor": "least zni",
}
"""What files for one construct each record."""
SHARED = {"zni"}
"""Which of that are concentrations of ions."""


@pytest.fixture(scope="module")
def opening_in_neuron(mechanisms_in_neuron: Path) -> list[object]:
    """The table of tgrid, which NEURON reads where it lies."""
    axes = [h.Vector(axis) for axis in (OPENINGS.ravel(), VOLTAGES, SHIFTS)]
    values, voltages, shifts = (axis._ref_x[0] for axis in axes)
    h.table_opening_tgrid(values, len(VOLTAGES), voltages, len(SHIFTS), shifts)
    return axes


@pytest.mark.parametrize("scheme", ["backward_euler", "crank_nicolson"])
@pytest.mark.parametrize("name", WRITTEN)
def test_constructs(name: str, scheme: str, opening_in_neuron: list[object]) -> None:
    """BEFORE and AFTER, built-in functions, equations that routines have solved, tables of two arguments, blocks that
    read what they assign later, BREAKPOINT behind the step: 1e-6 of each trace's size."""
    own = [what for what in WRITTEN[name].split() if what not in SHARED]
    what = {"v": "_ref_v"} | {f"{name}.{what}": f"_ref_{what}_{name}" for what in own}
    what |= {ion: f"_ref_{ion}" for ion in SHARED.intersection(WRITTEN[name].split())}
    theirs = neuron_says(6.3, scheme, 0.3, what, [name])
    ours = loligo_says(6.3, scheme, 0.3, list(what), "neuron", [name])
    for trace, row in ours.items():
        apart = np.abs(row - theirs[trace]).max() / np.abs(theirs[trace]).max()
        print(f"{trace:20} {apart:.1e}")
        assert apart <= 1e-6, f"{trace} is {apart:.1e} apart"


def test_a_table_of_two_arguments_is_pickled_and_checked() -> None:
    mechanism = lo.Mechanism.from_mod(FILES / "tgrid.mod", TABLES["tgrid"])
    again = pickle.loads(pickle.dumps(mechanism))
    assert again.report() == mechanism.report()
    with pytest.raises(lo.errors.ArgumentError, match="row 0 has 3 for 2"):
        lo.Mechanism.from_mod(FILES / "tgrid.mod", {"opening": (VOLTAGES, SHIFTS[:2], OPENINGS)})
    with pytest.raises(lo.errors.MechanismError, match="`opening` takes 2 arguments, the table"):
        lo.Mechanism.from_mod(FILES / "tgrid.mod", {"opening": (VOLTAGES, OPENINGS[:, 0])})


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
