"""Point processes, as NEURON's own translator compiles the same files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from neuron import h
from neuron_cells import DT, INITIAL_VOLTAGE, run_neuron

import loligo as lo

DURATION = 25.0
"""ms."""

WHAT = ["v", "i_membrane", "cai", "TPoint.s", "TPoint.g", "TPoint.i", "TPoint.ica", "TElectrode.i"]


def neuron_says(scheme: str) -> dict[str, np.ndarray]:
    """What NEURON records of a spherical cell with hh, pas, a pool of calcium and two point processes."""
    soma = h.Section(name="soma")
    soma.L = soma.diam = 20
    soma.cm = 1
    for mechanism in ["pas", "hh", "tpool"]:
        soma.insert(mechanism)
    h.celsius = 6.3
    point, electrode = h.TPoint(soma(0.5)), h.TElectrode(soma(0.5))
    references = {
        "v": soma(0.5)._ref_v,
        "i_membrane": soma(0.5)._ref_i_membrane_,
        "cai": soma(0.5)._ref_cai,
        "TElectrode.i": electrode._ref_i,
    }
    references |= {f"TPoint.{name}": getattr(point, f"_ref_{name}") for name in ["s", "g", "i", "ica"]}
    recorded = {name: h.Vector().record(reference) for name, reference in references.items()}
    run_neuron(DURATION, scheme)
    return {name: np.array(vector) for name, vector in recorded.items()}


def a_cell(folder: Path) -> lo.Compartment:
    """The same of Loligo."""
    cell = lo.Compartment(length=20, radius=10)
    for mechanism in ["pas", "hh"]:
        cell.insert(lo.mechanism(mechanism))
    for name in ["tpool", "tpoint", "telectrode"]:
        cell.insert(lo.Mechanism.from_mod(folder / f"{name}.mod"))
    cell.celsius = 6.3
    return cell


@pytest.mark.parametrize("scheme", ["backward_euler", "crank_nicolson"])
def test_currents_in_nanoampere(mechanisms_in_neuron: Path, scheme: str) -> None:
    """Currents of a point go through the area of its compartment, and its calcium into the pool there; an electrode's
    current counts inward, and is none of the membrane's: 1e-6 of each trace's size."""
    theirs = neuron_says(scheme)
    cell = a_cell(mechanisms_in_neuron)
    for name in WHAT:
        cell.record(name)
    run = lo.simulate(cell, t_max=DURATION, dt=DT, scheme=scheme, convention="neuron", v_init=INITIAL_VOLTAGE)
    assert theirs["v"].max() > 0, "it does not fire"
    for name in WHAT:
        apart = np.abs(run[name][0] - theirs[name]).max() / np.abs(theirs[name]).max()
        print(f"{name:14} {apart:.1e}")
        # with second order NEURON moves the currents of ions to the middle of the step after the solve
        if (name, scheme) != ("TPoint.ica", "crank_nicolson"):
            assert apart <= 1e-6, f"{name} is {apart:.1e} apart"


def test_gradients_reach_a_point(mechanisms_in_neuron: Path) -> None:
    """Of its conductance, its time constant and an electrode's command, against central differences."""
    cell = a_cell(mechanisms_in_neuron)
    cell.record()
    for name in ["TPoint.gmax", "TPoint.tau", "TElectrode.command"]:
        cell.make_trainable(name)
    start = cell.get_parameters()

    def loss(values: list[dict[str, np.ndarray]]) -> float:
        return lo.simulate(cell, values, t_max=8).v.mean()

    _, gradient = lo.value_and_grad(loss)(start)
    for index, entry in enumerate(start):
        (name,) = entry
        step = 1e-5 * entry[name]
        moved = [[*start[:index], {name: entry[name] + sign * step}, *start[index + 1 :]] for sign in (1, -1)]
        slope = (loss(moved[0]) - loss(moved[1])) / (2 * step[0])
        np.testing.assert_allclose(gradient[index][name][0], slope, rtol=1e-6)


def test_a_second_one_needs_a_name(mechanisms_in_neuron: Path) -> None:
    """A point process that is there already is not silently left out."""
    cell = a_cell(mechanisms_in_neuron)
    electrode = lo.Mechanism.from_mod(mechanisms_in_neuron / "telectrode.mod")
    assert electrode.placement == "point"
    with pytest.raises(lo.errors.ModelError, match="the point process `TElectrode` is already in"):
        cell.insert(electrode)
    cell.insert(electrode.renamed("second"))
    cell.set("second.command", 0.0)


NOISE = """NEURON { SUFFIX noise NONSPECIFIC_CURRENT i RANGE deviation }
PARAMETER { deviation = 1e-3 (mA/cm2) }
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { SOLVE draw i = x }
STATE { x }
INITIAL { x = deviation*normrand(0, 1) }
PROCEDURE draw() { x = 0.9*x + deviation*normrand(0, 1) }"""


def noisy(branches: int = 1) -> lo.Cell:
    """A passive cell with noise in every compartment."""
    cell = lo.Cell(lo.Branch(lo.Compartment(length=40, radius=1.5), ncomp=2), parents=[-1] + [0] * (branches - 1))
    cell.insert(lo.mechanism("pas"))
    cell.insert(lo.Mechanism.compile(NOISE, "noise.mod"))
    cell.record("noise.x")
    cell.record()
    return cell


def test_noise_is_that_of_its_seed() -> None:
    """The same numbers for the same seed, whatever the threads; others for another one; independent ones in each
    compartment and step, of the distribution that was asked for."""
    cell = noisy(2)
    run = lo.simulate(cell, t_max=100, seed=5)
    again = lo.simulate(cell, t_max=100, seed=5, threads=1)
    np.testing.assert_array_equal(run.recordings, again.recordings)
    other = lo.simulate(cell, t_max=100, seed=6)
    assert np.abs(run.v - other.v).max() > 1e-3
    x = run["noise.x"]
    fresh = (x[:, 1:] - 0.9 * x[:, :-1]) / 1e-3
    # five standard errors of the mean, the variance and the correlation of 4 x 4000 normal numbers
    bound = 5 / np.sqrt(fresh.size)
    assert abs(fresh.mean()) < bound
    assert abs(fresh.var() - 1) < np.sqrt(2) * bound
    assert np.abs(np.corrcoef(fresh) - np.eye(4)).max() < 5 / np.sqrt(fresh.shape[1])


def test_noise_is_differentiated_as_it_fell() -> None:
    """The numbers of a seed do not move; what a mechanism makes of them does. A small budget has them drawn again."""
    cell = noisy()
    cell.make_trainable("noise.deviation")
    start = cell.get_parameters()

    def loss(values: list[dict[str, np.ndarray]], **options: int) -> float:
        return (lo.simulate(cell, values, t_max=20, seed=3, **options).v ** 2).mean()

    value, gradient = lo.value_and_grad(loss)(start)
    step = 1e-8
    moved = [[{"noise.deviation": start[0]["noise.deviation"] + sign * step}] for sign in (1, -1)]
    slope = (loss(moved[0]) - loss(moved[1])) / (2 * step)
    np.testing.assert_allclose(gradient[0]["noise.deviation"][0], slope, rtol=1e-6)
    small, same = lo.value_and_grad(lambda values: loss(values, budget=3 << 20))(start)
    assert small == value
    np.testing.assert_array_equal(gradient[0]["noise.deviation"], same[0]["noise.deviation"])


@pytest.mark.parametrize("scheme", ["backward_euler", "crank_nicolson"])
def test_gradients_of_a_membrane_current_beside_an_electrode(mechanisms_in_neuron: Path, scheme: str) -> None:
    """Of what decides how much the electrode brings, against central differences, first sample included."""
    cell = a_cell(mechanisms_in_neuron)
    cell.set("TElectrode.onset", -1.0)
    cell.record("i_membrane")
    for name in ["TElectrode.command", "TElectrode.rs", "hh.gl"]:
        cell.make_trainable(name)
    start = cell.get_parameters()

    def loss(parameters: list[dict[str, np.ndarray]]) -> float:
        traces = lo.simulate(cell, parameters, t_max=4.0, dt=DT, scheme=scheme).recordings
        return (np.cos(np.arange(traces.shape[-1])) * traces[0]).sum() + 3 * traces[0, 0]

    _, gradient = lo.value_and_grad(loss)(start)
    for index, entry in enumerate(start):
        (name,) = entry
        step = 1e-5 * entry[name]
        moved = [[*start[:index], {name: entry[name] + sign * step}, *start[index + 1 :]] for sign in (1, -1)]
        difference = (loss(moved[0]) - loss(moved[1])) / (2 * step)
        np.testing.assert_allclose(gradient[index][name], difference, rtol=1e-6)
