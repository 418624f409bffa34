"""Noise has the moments that its numbers say, whatever the time step, and lanes have the same in any batch."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import loligo as lo

LANES = 400


@pytest.mark.parametrize("dt", [0.1, 2.0])
def test_moments_and_correlations_are_those_of_the_process(dt: float) -> None:
    """Lanes are independent, so that errors of estimates fall with √lanes; five of those are allowed."""
    mean, sigma, tau = 0.3, 0.2, 4.0
    currents = lo.noise(0, np.inf, mean, sigma, tau, seed=7).batch(LANES).currents(dt, round(40 / dt))
    steps = round(4.0 / dt)
    for step in (0, 1, currents.shape[1] - 1):  # stationary from the beginning
        sample = currents[:, step]
        assert abs(sample.mean() - mean) < 5 * sigma / np.sqrt(LANES)
        assert abs(sample.std() - sigma) < 5 * sigma / np.sqrt(2 * LANES)
    product = ((currents[:, 0] - mean) * (currents[:, steps] - mean)).mean() / sigma**2
    # the variance of a product of standard normals with correlation ρ is 1 + ρ²
    assert abs(product - np.exp(-1)) < 5 * np.sqrt((1 + np.exp(-2)) / LANES)


NOISE = lo.noise(start=1, duration=4, mean=0.1, sigma=0.1, tau=2, seed=3)


def test_a_lane_has_the_same_noise_in_any_batch(soma: lo.Compartment) -> None:
    few, many = NOISE.batch(2).currents(0.1, 50), NOISE.batch(9).currents(0.1, 50)
    assert (few == many[:2]).all()
    assert len({row.tobytes() for row in many}) == 9
    batch = lo.simulate(soma, t_max=5, stimuli=soma.data_stimulate(NOISE.batch(9)))
    of_six = lo.noise(start=1, duration=4, mean=0.1, sigma=0.1, tau=2, seed=3, lane=6)
    for lane, own in ((0, NOISE), (6, of_six)):
        assert (batch.v[lane] == lo.simulate(soma, t_max=5, stimuli=soma.data_stimulate(own)).v).all()
    assert (lo.noise(1, 4, 0.1, 0.1, 2, seed=4).currents(0.1, 50) != few[0])[0, 10:].all()


def test_one_noise_is_the_same_in_all_lanes(soma: lo.Compartment) -> None:
    numbers = soma.data_set("hh.gl", lo.batch([3e-4, 3e-4]))
    run = lo.simulate(soma, t_max=5, stimuli=soma.data_stimulate(NOISE), param_state=numbers)
    assert (run.v[0] == run.v[1]).all()


def test_noise_is_a_current_of_its_time(soma: lo.Compartment) -> None:
    """With the time step of the run, and the same at the beginning of longer runs."""
    soma.delete_stimuli()
    soma.record("i_membrane")
    injected = NOISE.currents(0.1, 70)[0]
    assert (injected[:10] == 0).all() and (injected[10:50] != 0).all() and (injected[50:] == 0).all()
    assert (NOISE.currents(0.1, 30)[0] == injected[:30]).all()
    run = lo.simulate(soma, t_max=7, dt=0.1, stimuli=soma.data_stimulate(NOISE))
    assert run["i_membrane"][0, 1:] == pytest.approx(injected, abs=1e-12)  # what goes in goes out
    soma.stimulate(NOISE.waveform(dt=0.1))
    assert (lo.simulate(soma, t_max=7, dt=0.1).recordings == run.recordings).all()


def test_no_deviation_is_a_step(soma: lo.Compartment) -> None:
    soma.delete_stimuli()  # sums of several are rounded
    without = soma.data_stimulate(lo.noise(start=1, duration=2, mean=0.05, sigma=0, tau=1))
    step = soma.data_stimulate(lo.step(start=1, duration=2, amplitude=0.05))
    noisy, plain = (lo.simulate(soma, t_max=5, stimuli=stimuli).v for stimuli in (without, step))
    assert (noisy == plain).all()


def test_a_fit_with_noise_is_saved(soma: lo.Compartment, tmp_path: Path) -> None:
    soma.make_trainable("hh.gnabar", bounds=(0.01, 0.5))
    stimuli = soma.data_stimulate(NOISE)
    fit = lo.fit(soma, lambda run: (run.v**2).mean(), t_max=3, steps=2, starts=2, progress=False, stimuli=stimuli)
    fit.save(tmp_path / "fit.loligo")
    assert (lo.load(tmp_path / "fit.loligo").after().v == fit.after().v).all()


GOOD = {"start": 0, "duration": 10, "mean": 0, "sigma": 1, "tau": 5}
WRONG: dict[str, tuple[Callable[[lo.Compartment], object], str]] = {
    "tau": (lambda c: lo.noise(**GOOD | {"tau": 0}), "tau of the noise is 0, expected a positive number of ms"),
    "duration": (lambda c: lo.noise(**GOOD | {"duration": -1}), "duration of the noise is -1, expected a positive"),
    "endless tau": (lambda c: lo.noise(**GOOD | {"tau": np.inf}), "tau of the noise is inf, expected a positive"),
    "sigma": (lambda c: lo.noise(**GOOD | {"sigma": -1}), "sigma of the noise is -1, expected a number, 0 or more"),
    "mean": (lambda c: lo.noise(**GOOD | {"mean": "a lot"}), "mean of the noise is 'a lot', expected a number"),
    "start": (lambda c: lo.noise(**GOOD | {"start": -1}), "start of the noise is -1, expected a number, 0 or more"),
    "seed": (lambda c: lo.noise(**GOOD, seed=0.5), "seed of the noise is 0.5, expected a whole number, 0 or more"),
    "lane": (lambda c: lo.noise(**GOOD, lane=-1), "lane of the noise is -1, expected a whole number, 0 or more"),
    "lanes": (lambda c: NOISE.batch(0), "the number of lanes of the noise is 0, expected a whole number, 1 or more"),
    "dt": (lambda c: NOISE.waveform(0), "dt of the noise is 0, expected a positive number of ms"),
    "endless waveform": (lambda c: lo.noise(0, np.inf, 0, 1, 5).waveform(0.1), "the duration of the noise is infinite"),
    "waveform of lanes": (lambda c: NOISE.batch(2).waveform(0.1), "the noise is of 2 lanes, and a waveform the same"),
    "stimulus of the model": (lambda c: c.stimulate(NOISE), "noise is drawn for the time steps of a run: give it to"),
    "clamp": (lambda c: c.clamp(NOISE), "a waveform is Noise(start=1.0"),
    "lanes of a run": (
        lambda c: lo.simulate(c, t_max=1, v_init=lo.batch(np.zeros(3)), stimuli=c.data_stimulate(NOISE.batch(2))),
        "batches have different numbers of lanes: v_init 3, a stimulus 2",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_call(name: str, soma: lo.Compartment) -> None:
    call, message = WRONG[name]
    with pytest.raises((lo.errors.ArgumentError, lo.errors.ArgumentTypeError), match=re.escape(message)):
        call(soma)


def test_lanes_are_the_same_however_many_are_drawn_together() -> None:
    """One by one they are made of Python's numbers, many together of arrays: the same operations, the same bits."""
    alone = [lo.noise(0, 5, 0.1, 0.5, 2.0, seed=3, lane=lane).currents(0.025, 200)[0] for lane in (0, 7, 39)]
    together = lo.noise(0, 5, 0.1, 0.5, 2.0, seed=3).batch(40).currents(0.025, 200)
    assert (together[[0, 7, 39]] == np.array(alone)).all()
