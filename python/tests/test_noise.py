"""Noise has the moments that its numbers say, whatever the time step, and lanes have the same in any batch."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

import loligo as lo

LANES = 400


@pytest.mark.parametrize("dt", [0.1, 2.0])
def test_moments_and_correlations_are_those_of_the_process(dt: float) -> None:
    """Lanes are independent, so that errors of estimates fall with √lanes; five of those are allowed."""
    mean, sigma, tau = 0.3, 0.2, 4.0
    currents = lo.noise_batch(LANES, 0, 40, mean, sigma, tau, dt=dt, seed=7).values
    assert currents.shape == (LANES, round(40 / dt))
    steps = round(4.0 / dt)
    for step in (0, 1, currents.shape[1] - 1):  # stationary from the beginning
        sample = currents[:, step]
        assert abs(sample.mean() - mean) < 5 * sigma / np.sqrt(LANES)
        assert abs(sample.std() - sigma) < 5 * sigma / np.sqrt(2 * LANES)
    product = ((currents[:, 0] - mean) * (currents[:, steps] - mean)).mean() / sigma**2
    # the variance of a product of standard normals with correlation ρ is 1 + ρ²
    assert abs(product - np.exp(-1)) < 5 * np.sqrt((1 + np.exp(-2)) / LANES)


def test_a_lane_has_the_same_noise_in_any_batch(soma: lo.Compartment) -> None:
    how = {"start": 1, "duration": 4, "mean": 0.1, "sigma": 0.1, "tau": 2, "seed": 3}
    few, many = lo.noise_batch(2, **how).values, lo.noise_batch(9, **how).values
    assert (few == many[:2]).all()
    batch = lo.simulate(soma, t_max=5, stimuli=soma.data_stimulate(lo.noise_batch(9, **how)))
    alone = lo.simulate(soma, t_max=5, stimuli=soma.data_stimulate(lo.noise(**how, lane=6)))
    assert (batch.v[6] == alone.v).all()
    assert len({row.tobytes() for row in many}) == 9
    assert (lo.noise_batch(2, **how | {"seed": 4}).values != few).any()


def test_noise_is_a_current_of_its_time(soma: lo.Compartment) -> None:
    soma.delete_stimuli()
    soma.record("i_membrane")
    soma.stimulate(lo.noise(start=1, duration=2, mean=0.05, sigma=0.02, tau=1, dt=0.1, seed=5))
    run = lo.simulate(soma, t_max=4, dt=0.1)
    injected = lo.noise_batch(1, 1, 2, 0.05, 0.02, 1, dt=0.1, seed=5).values[0]
    assert injected.shape == (30,) and (injected[:10] == 0).all() and (injected[10:] != 0).all()
    assert run["i_membrane"][0, 1:31] == pytest.approx(injected, abs=1e-12)  # what goes in goes out
    assert run["i_membrane"][0, 31:] == pytest.approx(np.zeros(10), abs=1e-12)


def test_no_deviation_is_a_step(soma: lo.Compartment) -> None:
    soma.delete_stimuli()  # sums of several are rounded
    without, step = soma.copy(), soma.copy()
    without.stimulate(lo.noise(start=1, duration=2, mean=0.05, sigma=0, tau=1))
    step.stimulate(lo.step(start=1, duration=2, amplitude=0.05))
    assert (lo.simulate(without, t_max=5).v == lo.simulate(step, t_max=5).v).all()


GOOD = {"start": 0, "duration": 10, "mean": 0, "sigma": 1, "tau": 5}
WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "tau": (lambda: lo.noise(**GOOD | {"tau": 0}), "tau of the noise is 0, expected a positive number of ms"),
    "duration": (lambda: lo.noise(**GOOD | {"duration": np.inf}), "duration of the noise is inf, expected a positive"),
    "too short": (lambda: lo.noise(**GOOD | {"duration": 0.01, "start": 0.11}), "is less than a step of 0.025 ms"),
    "sigma": (lambda: lo.noise(**GOOD | {"sigma": -1}), "sigma of the noise is -1, expected a number, 0 or more"),
    "mean": (lambda: lo.noise(**GOOD | {"mean": "a lot"}), "mean of the noise is 'a lot', expected a number"),
    "start": (lambda: lo.noise(**GOOD | {"start": -1}), "start of the noise is -1, expected a number, 0 or more"),
    "seed": (lambda: lo.noise(**GOOD, seed=0.5), "seed of the noise is 0.5, expected a whole number, 0 or more"),
    "lane": (lambda: lo.noise(**GOOD, lane=-1), "lane of the noise is -1, expected a whole number, 0 or more"),
    "lanes": (
        lambda: lo.noise_batch(0, **GOOD),
        "the number of lanes of the noise is 0, expected a whole number, 1 or",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_call(name: str) -> None:
    call, message = WRONG[name]
    with pytest.raises(lo.errors.ArgumentError, match=re.escape(message)):
        call()
