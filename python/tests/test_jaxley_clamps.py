"""Clamps of voltages, gates, concentrations and synapses, of modules and of single runs, as Jaxley has them."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_jaxley_stepping import a_network, stepped

import loligo as lo
import loligo.jaxley as jx
from loligo.errors import ArgumentError, UnknownNameError

STEPS = 80
WAVE = np.sin(np.arange(STEPS) / 6)

HELD = {
    "v": -50 + 15 * WAVE,
    "HH_m": 0.4 + 0.3 * WAVE,
    "CaCon_i": 1e-4 * (1.2 + WAVE),
    "IonotropicSynapse_s": 0.5 + 0.4 * WAVE,
}


def clamped(jx: Any, key: str, *, as_data: bool = False) -> tuple[Any, Any]:
    """A network with a clamp, and what `integrate` is given of it."""
    network = a_network(jx)
    network.cell(0).branch(0).comp(0).stimulate(0.4 * np.ones(STEPS), verbose=False)
    place = network.IonotropicSynapse.edge(0) if "Synapse" in key else network.cell(1).branch(2)
    if as_data:
        return network, place.data_clamp(key, HELD[key])
    place.clamp(key, HELD[key], verbose=False)
    return network, None


@pytest.mark.parametrize("key", list(HELD))
def test_what_is_clamped_does_what_it_does_in_jaxley(key: str, jaxley: Any) -> None:
    def script(jx: Any) -> Any:
        network, _ = clamped(jx, key)
        return np.asarray(jx.integrate(network, network.get_parameters()))[:, ::8]

    jaxley.agrees(script, atol=1e-8)


def test_with_a_duration_stimuli_and_clamps_may_have_other_lengths(jaxley: Any) -> None:
    def script(jx: Any) -> Any:
        network, data = clamped(jx, "HH_m", as_data=True)
        network.cell(1).branch(0).comp(0).clamp("v", np.full(2 * STEPS, -50.0), verbose=False)
        network.cell(1).branch(1).comp(0).clamp("CaCon_i", np.full(STEPS + 1, 1e-4), verbose=False)
        run = jx.integrate(network, network.get_parameters(), data_clamps=data, t_max=(STEPS - 10) * 0.025)
        return np.asarray(run)[:, ::8]

    jaxley.agrees(script, atol=1e-8)


@pytest.mark.parametrize("key", list(HELD))
def test_clamps_of_one_run_and_steps_are_those_of_the_module(key: str) -> None:
    network, _ = clamped(jx, key)
    expected = jx.integrate(network, network.get_parameters())
    again, data = clamped(jx, key, as_data=True)
    assert (jx.integrate(again, again.get_parameters(), data_clamps=data) == expected).all()
    by_steps = np.array(stepped(jx, network, network.get_parameters(), 20)).T
    assert (by_steps == expected[:, :21]).all()


@pytest.mark.usefixtures("double_precision")
def test_derivatives_by_clamps_under_jax() -> None:
    import jax

    network, _ = clamped(jx, "HH_m", as_data=True)

    def loss(values: Any) -> Any:
        data = network.cell(1).branch(2).data_clamp("HH_m", values)
        return (jx.integrate(network, network.get_parameters(), data_clamps=data)[:12] ** 2).mean()

    values = jax.numpy.asarray(HELD["HH_m"])
    found = jax.jit(jax.grad(loss))(values)
    for step in (0, 31, STEPS - 2):
        moved = 1e-5 * np.eye(STEPS)[step]
        difference = (loss(values + moved) - loss(values - moved)) / 2e-5
        # central differences: rounding of the loss by the step
        assert found[step] == pytest.approx(float(difference), rel=1e-5, abs=1e-7)


def test_clamps_stay_with_copies_of_a_module(tmp_path: Path) -> None:
    cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
    cell.insert(jx.channels.HH())
    cell.branch(1).clamp("HH_m", np.full(9, 0.3), verbose=False)
    cell.record(verbose=False)
    expected = jx.integrate(cell)
    assert (jx.integrate(pickle.loads(pickle.dumps(cell))) == expected).all()
    lo.save(cell, tmp_path / "cell.loligo")
    assert (jx.integrate(lo.load(tmp_path / "cell.loligo")) == expected).all()


def test_clamps_are_deleted_where_they_are_in_view() -> None:
    network = jx.Network([jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])] * 2)
    network.insert(jx.channels.HH())
    network.cell("all").branch(1).clamp("HH_m", np.full(9, 0.3), verbose=False)
    assert network.external_inds["HH_m"].tolist() == [2, 3, 9, 10]
    assert network.externals["HH_m"].shape == (4, 9)
    network.cell(0).delete_clamps("HH_m")
    assert network.external_inds["HH_m"].tolist() == [9, 10]
    network.delete_clamps()
    assert network.externals == {}


def test_wrong_clamps_are_refused() -> None:
    cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
    cell.insert(jx.channels.HH())
    cell.record(verbose=False)
    with pytest.raises(UnknownNameError, match=r"no state `HH_mm` to clamp; did you mean `HH_m`"):
        cell.clamp("HH_mm", np.ones(9))
    with pytest.raises(ArgumentError, match=r"shape \(3, 9\), expected \(time,\) or \(6, time\)"):
        cell.clamp("HH_m", np.ones((3, 9)))
    with pytest.raises(ArgumentError, match="not all finite"):
        cell.clamp("v", np.full(9, np.nan))
    cell.clamp("v", np.ones(9), verbose=False)
    with pytest.raises(ArgumentError, match="clamp of `v` has 9 time steps, expected 40 or more"):
        jx.integrate(cell, t_max=1.0)
    with pytest.raises(ArgumentError, match="`i_HH` is a current, which follows from states"):
        cell.clamp("i_HH", np.ones(9), verbose=False)
