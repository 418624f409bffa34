"""Interpolated spike times, through Python: what spikes and delays are, their gradients, and a fit of delays."""

from typing import Any

import numpy as np
import pytest
from test_gradients import agrees

import loligo as lo

HOW: dict[str, Any] = {"t_max": 15.0, "dt": 0.025, "spike_times": "interpolated"}


@pytest.fixture
def chain() -> lo.Network:
    """Three cells, each of which makes the next one spike; the first is stimulated."""
    cell = lo.Cell(lo.Branch(lo.Compartment(length=20, radius=10)))
    cell.insert(lo.mechanism("hh"))
    cell.insert(lo.mechanism("expsyn"))
    network = lo.Network([cell] * 3)
    network.celsius = 6.3
    network.cell(0).stimulate(lo.step(start=1, duration=12, amplitude=0.3))
    synapse = lo.SpikingSynapse("expsyn", weight=0.02, delay=np.array([1.013, 0.731]), threshold=-10.0)
    network.connect([0, 1], [1, 2], synapse)
    network.record("v")
    return network


def test_spikes_are_between_steps_and_converge(chain: lo.Network) -> None:
    fine = lo.simulate(chain, **{**HOW, "dt": 0.025 / 16}, scheme="crank_nicolson").raster
    raster = lo.simulate(chain, **HOW, scheme="crank_nicolson").raster
    grid = lo.simulate(chain, t_max=15.0, dt=0.025, scheme="crank_nicolson").raster
    assert len(raster) == len(fine) == len(grid) >= 3
    np.testing.assert_allclose(grid.times / 0.025, np.round(grid.times / 0.025), atol=1e-9)
    assert np.abs(raster.times - fine.times).max() < 0.2 * np.abs(grid.times - fine.times).max()


@pytest.mark.parametrize("name", ["expsyn.delay", "expsyn.weight", "expsyn.tau", "hh.gnabar"])
def test_gradients_go_through_the_times_of_spikes(chain: lo.Network, name: str) -> None:
    if name in ("expsyn.delay", "expsyn.weight"):
        chain.synapses("expsyn")[:].make_trainable(name)
    else:
        chain.cell("all").make_trainable(name)
    start = chain.get_parameters()[0][name]
    agrees(lambda x: ((lo.simulate(chain, [{name: x}], **HOW).v[:, ::20] / 50) ** 2).mean(), start)


def test_delays_are_found_again(chain: lo.Network) -> None:
    """From voltages, by descending along the gradient."""
    chain.synapses("expsyn")[:].make_trainable("delay")
    truth = chain.get_parameters()
    target = lo.simulate(chain, truth, **HOW).v

    def loss(params: list) -> Any:
        return ((lo.simulate(chain, params, **HOW).v - target) ** 2).mean()

    start = [{"expsyn.delay": np.array([1.2, 0.55])}]
    best = start
    slopes = lo.grad(loss)
    for _ in range(200):
        gradient = slopes(best)
        move = np.clip(1e-4 * gradient[0]["expsyn.delay"], -0.02, 0.02)
        best = [{"expsyn.delay": best[0]["expsyn.delay"] - move}]
    np.testing.assert_allclose(best[0]["expsyn.delay"], truth[0]["expsyn.delay"], atol=2e-3)


def test_what_has_no_meaning_is_refused(chain: lo.Network) -> None:
    with pytest.raises(lo.errors.ArgumentError, match="spike_times is `exact`, expected `grid` or `interpolated`"):
        lo.simulate(chain, t_max=1.0, spike_times="exact")
    with pytest.raises(lo.errors.RunError, match="a surrogate stands in for the slope of spikes on the grid"):
        lo.simulate(chain, t_max=1.0, spike_times="interpolated", surrogate=("sigmoid", 1.0))
    chain.synapses("expsyn").make_trainable("delay")
    grid = lo.grad(lambda params: lo.simulate(chain, params, t_max=5.0).v.mean())
    with pytest.raises(lo.errors.RunError, match="with interpolated spike times it has one"):
        grid(chain.get_parameters())
    ampa = lo.SpikingSynapse(lo.mechanism("destexhe_ampa"), weight=0.01, delay=1.0)
    chain.connect([0], [2], ampa)
    with pytest.raises(lo.errors.ModelError, match="`destexhe_ampa` takes events on the grid of steps only"):
        lo.simulate(chain, t_max=1.0, spike_times="interpolated")
