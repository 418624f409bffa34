"""Losses are what their papers say, and have the derivatives that differences have."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from autograd.test_util import check_grads

import loligo as lo
from loligo import losses

RANDOM = np.random.default_rng(3)
LONG, SHORT = RANDOM.normal(size=9), RANDOM.normal(size=6)


STATE = RANDOM.bit_generator.state


@pytest.fixture(autouse=True)
def same_numbers() -> None:
    """Whichever tests ran before in this process."""
    RANDOM.bit_generator.state = STATE


def gradient_of(function: Callable, *at: Any) -> Any:
    return autograd.grad(function)(*at)


# squares


def test_samples_that_are_not_known_are_left_out() -> None:
    trace, target = RANDOM.normal(size=(2, 5)), RANDOM.normal(size=(2, 5))
    target[0, 1] = target[1, 4] = np.nan
    known = np.isfinite(target)
    loss = losses.mean_squared_error(trace, target, mask=known)
    assert loss == pytest.approx(np.nanmean((trace - target) ** 2), rel=1e-15)
    gradient = gradient_of(lambda v: losses.mean_squared_error(v, target, mask=known), trace)
    assert (gradient[~known] == 0).all()
    assert gradient[known] == pytest.approx(2 * (trace - target)[known] / 8, rel=1e-14)


def test_a_mask_goes_for_all_recordings() -> None:
    trace = RANDOM.normal(size=(2, 5))
    of_part = losses.mean_squared_error(trace, np.zeros((2, 5)), mask=np.arange(5) < 3)
    assert of_part == pytest.approx((trace[:, :3] ** 2).mean(), rel=1e-15)


# windows


def test_statistics_of_windows() -> None:
    t, trace = np.arange(10) * 0.5, RANDOM.normal(size=(3, 10))
    found = losses.windowed_statistics(trace, t, [(0.0, 2.0), (2.0, 5.0)])
    assert found.shape == (3, 2, 2)
    for window, part in enumerate((trace[:, :4], trace[:, 4:])):
        assert found[:, window, 0] == pytest.approx(part.mean(axis=1), rel=1e-14)
        assert found[:, window, 1] == pytest.approx(part.std(axis=1), rel=1e-10)  # the floor, 1e-12 in the variance


def test_a_constant_trace_has_a_finite_derivative() -> None:
    t = np.arange(4.0)
    gradient = gradient_of(lambda v: losses.windowed_statistics(v, t, [(0.0, 4.0)]).sum(), np.full(4, -65.0))
    assert gradient.tolist() == [0.25] * 4  # of the mean alone


# cross entropy


def test_cross_entropy_of_classes_and_of_probabilities() -> None:
    scores, labels = RANDOM.normal(size=(4, 3)), np.array([0, 2, 1, 1])
    exponentials = np.exp(scores)
    chosen = (exponentials / exponentials.sum(axis=1, keepdims=True))[np.arange(4), labels]
    assert losses.cross_entropy(scores, labels) == pytest.approx(-np.log(chosen).mean(), rel=1e-14)
    assert losses.cross_entropy(scores, np.eye(3)[labels]) == losses.cross_entropy(scores, labels)
    check_grads(lambda s: losses.cross_entropy(s, labels), modes=["rev"], order=2)(scores)
    # equal scores, where the largest is not one alone: softmax − target
    equal = gradient_of(lambda s: losses.cross_entropy(s, 1), np.zeros(4))
    assert equal == pytest.approx(np.array([0.25, -0.75, 0.25, 0.25]), abs=1e-15)


def test_large_scores_do_not_overflow() -> None:
    scores = np.array([[1e4, 0.0], [0.0, 1e4]])
    assert losses.cross_entropy(scores, [0, 0]) == 5e3
    assert gradient_of(lambda s: losses.cross_entropy(s, [0, 0]), scores).tolist() == [[0.0, 0.0], [-0.5, 0.5]]


# dynamic time warping


def by_loops(costs: np.ndarray, gamma: float) -> float:
    """The recursion cell by cell."""
    r = np.full((costs.shape[0] + 1, costs.shape[1] + 1), np.inf)
    r[0, 0] = 0
    for i, j in itertools.product(range(costs.shape[0]), range(costs.shape[1])):
        before = np.array([r[i, j], r[i, j + 1], r[i + 1, j]])
        least = before.min()
        r[i + 1, j + 1] = costs[i, j] + least - gamma * np.log(np.exp((least - before) / gamma).sum())
    return r[-1, -1]


@pytest.mark.parametrize("gamma", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("shape", [(6, 9), (9, 6), (1, 4), (4, 1), (1, 1)])
def test_soft_dtw_is_its_recursion(shape: tuple[int, int], gamma: float) -> None:
    costs = RANDOM.random(shape)
    # sums of some dozens of terms near 1, and logarithms times γ
    assert losses.soft_dtw_of_costs(costs, gamma=gamma) == pytest.approx(
        by_loops(costs, gamma), abs=1e-14 * (1 + gamma)
    )


@pytest.mark.parametrize("gamma", [0.1, 2.0])
def test_the_adjoint_of_soft_dtw_has_the_slopes_of_differences(gamma: float) -> None:
    check_grads(lambda costs: losses.soft_dtw_of_costs(costs, gamma=gamma), modes=["fwd", "rev"], order=1)(
        RANDOM.random((5, 7))
    )
    check_grads(lambda x, y: losses.soft_dtw(x, y, gamma=gamma), modes=["rev"], order=1)(LONG, SHORT)
    check_grads(lambda x: losses.soft_dtw_divergence(x, SHORT, gamma=gamma), modes=["rev"], order=1)(LONG)


def test_the_adjoint_counts_alignments() -> None:
    """For a large γ every alignment is as good: of the 13 of three and three samples (a Delannoy number), those that go
    through a cell are those before times those behind it."""
    ways = np.array([[1, 1, 1], [1, 3, 5], [1, 5, 13]])
    expected = ways * ways[::-1, ::-1] / 13
    assert gradient_of(lambda c: losses.soft_dtw_of_costs(c, gamma=1e9), np.zeros((3, 3))) == pytest.approx(expected)


def test_recordings_are_warped_together() -> None:
    x, y = RANDOM.normal(size=(2, 5)), RANDOM.normal(size=(2, 4))
    costs = ((x[:, :, None] - y[:, None, :]) ** 2).sum(axis=0)
    assert losses.soft_dtw(x, y) == losses.soft_dtw_of_costs(costs)


def test_the_divergence_is_stationary_for_equal_traces() -> None:
    assert losses.soft_dtw(LONG, LONG) < 0
    assert losses.soft_dtw_divergence(LONG, LONG) == pytest.approx(0.0, abs=1e-13)
    assert np.abs(gradient_of(lambda x: losses.soft_dtw_divergence(x, LONG), LONG.copy())).max() < 1e-13
    assert losses.soft_dtw_divergence(LONG, SHORT) > 0


def test_soft_dtw_of_jax_is_that_of_numpy(double_precision: None) -> None:
    import jax
    import jax.numpy as jnp

    lanes = np.stack([LONG, 2 * LONG])
    both = jax.jit(jax.vmap(jax.value_and_grad(losses.soft_dtw), (0, None)))(jnp.asarray(lanes), jnp.asarray(SHORT))
    for trace, value, gradient in zip(lanes, *both):
        assert float(value) == pytest.approx(losses.soft_dtw(trace, SHORT), rel=1e-14)
        assert np.asarray(gradient) == pytest.approx(gradient_of(losses.soft_dtw, trace, SHORT), abs=1e-13)


def test_the_others_take_arrays_of_jax(double_precision: None) -> None:
    import jax
    import jax.numpy as jnp

    trace, target = RANDOM.normal(size=(2, 4)), RANDOM.normal(size=(2, 4))
    known, times = np.array([True, False, True, True]), np.array([1.0, 2.5, 9.0])

    def loss(v: Any) -> Any:
        of_window = losses.windowed_statistics(v, np.arange(4.0), [(0, 2), (2, 4)])[0, 1, 1]
        squares, spikes = losses.mean_squared_error(v, target, mask=known), losses.van_rossum(v[0], times, tau=2.0)
        return squares + 2 * of_window + 3 * losses.cross_entropy(v, [3, 1]) + 4 * spikes

    value, gradient = jax.jit(jax.value_and_grad(loss))(jnp.asarray(trace))
    assert float(value) == pytest.approx(loss(trace), rel=1e-14)
    assert np.asarray(gradient) == pytest.approx(gradient_of(loss, trace), abs=1e-13)


# spikes


def test_van_rossum_is_an_integral() -> None:
    spikes, target, tau = np.array([3.0, 4.5, 20.0]), np.array([3.5, 18.0]), 4.0
    dt = 1e-3
    t = np.arange(0.0, 120.0, dt) + dt / 2

    def filtered(times: np.ndarray) -> np.ndarray:
        return sum((t > time) * np.exp(-np.maximum(t - time, 0) / tau) for time in times)

    # midpoints, of which those next to jumps are right to dt²
    integral = ((filtered(spikes) - filtered(target)) ** 2).sum() * dt / tau
    assert losses.van_rossum(spikes, target, tau=tau) == pytest.approx(integral, rel=1e-6)
    check_grads(lambda s: losses.van_rossum(s, target, tau=tau), modes=["rev"], order=1)(spikes)
    assert losses.van_rossum(spikes, spikes, tau=tau) == 0
    assert losses.van_rossum([[], spikes], [[5.0], spikes], tau=tau) == 0.5


def test_victor_purpura_is_the_least_of_all_matchings() -> None:
    def by_matchings(a: np.ndarray, b: np.ndarray, cost: float) -> float:
        """Every way to pair some spikes of both in their order."""
        return min(
            a.size + b.size - 2 * pairs + cost * np.abs(a[list(of_a)] - b[list(of_b)]).sum()
            for pairs in range(min(a.size, b.size) + 1)
            for of_a in itertools.combinations(range(a.size), pairs)
            for of_b in itertools.combinations(range(b.size), pairs)
        )

    for cost in (0.0, 0.05, 0.5, 100.0):
        for sizes in ((4, 3), (1, 5), (0, 2), (3, 0)):
            a, b = (np.sort(RANDOM.random(size)) * 30 for size in sizes)
            assert losses.victor_purpura(a, b, cost=cost) == pytest.approx(by_matchings(a, b, cost), abs=1e-13)


def test_the_time_of_a_spike_is_fitted(soma: lo.Compartment) -> None:
    """In a function that is differentiated, times of spikes are followed."""
    soma.make_trainable("hh.gnabar", bounds=(0.05, 0.5))
    parameters = soma.get_parameters()

    def loss(parameters: lo.parameters.Parameters) -> Any:
        return losses.van_rossum(lo.simulate(soma, parameters, t_max=10).spikes(), [np.array([4.5])], tau=5.0)

    value, gradient = lo.value_and_grad(loss)(parameters)
    step = 1e-6
    ends = [loss([{"hh.gnabar": parameters[0]["hh.gnabar"] + way * step}]) for way in (-1, 1)]
    # the derivative of second differences: 1e-6² · f''' / 6, and rounding of 1e-16/1e-6
    assert gradient[0]["hh.gnabar"][0] == pytest.approx((ends[1] - ends[0]) / (2 * step), rel=1e-6)
    soma.set("hh.gnabar", 0.16)
    target = lo.simulate(soma, t_max=10).spikes()
    soma.set("hh.gnabar", 0.12)
    fit = lo.fit(soma, lambda run: losses.van_rossum(run.spikes(), target, tau=5.0), t_max=10, steps=60, progress=False)
    assert fit.loss < 1e-3 * value
    assert fit.after().spikes()[0] == pytest.approx(target[0], abs=0.005)
    assert losses.victor_purpura(fit.after().spikes(), target, cost=1.0) < 0.005


def test_a_train_without_spikes_has_no_slope(soma: lo.Compartment) -> None:
    soma.delete_stimuli()
    soma.make_trainable("hh.gnabar")
    value, gradient = lo.value_and_grad(
        lambda p: losses.van_rossum(lo.simulate(soma, p, t_max=2).spikes(), [anp.array([1.0])], tau=5.0)
    )(soma.get_parameters())
    assert value == 0.5
    assert gradient[0]["hh.gnabar"] == [0.0]


def test_spikes_that_jax_cannot_count(soma: lo.Compartment, double_precision: None) -> None:
    import jax

    soma.make_trainable("hh.gnabar")

    def spikes(conductance: Any) -> Any:
        return losses.van_rossum(lo.simulate(soma, [{"hh.gnabar": conductance}], t_max=8).spikes(), [[4.0]], tau=5.0)

    conductance = jax.numpy.array([0.12])
    assert float(spikes(conductance)) > 0
    with pytest.raises(
        lo.errors.ArgumentTypeError, match="JAX traces the run, and which spikes there are is known only"
    ):
        jax.grad(spikes)(conductance)


TRACE = np.zeros((2, 4))
WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "target": (lambda: losses.mean_squared_error(TRACE, TRACE[:1]), "the target has shape (1, 4), but the recordings"),
    "NaN": (
        lambda: losses.mean_squared_error(TRACE, np.where(np.arange(4) == 2, np.nan, TRACE)),
        "the target is NaN at [0, 2]; to leave unknown samples out, say so: mask=np.isfinite(target)",
    ),
    "NaN that is compared": (
        lambda: losses.mean_squared_error(TRACE, TRACE * np.nan, mask=np.arange(4) > 1),
        "the target is NaN at [0, 2]",
    ),
    "mask": (lambda: losses.mean_squared_error(TRACE, TRACE, mask=[0, 1, 1, 0]), "the mask is of type int64, expected"),
    "shape of a mask": (lambda: losses.mean_squared_error(TRACE, TRACE, mask=[True] * 3), "the mask has shape (3,)"),
    "empty mask": (lambda: losses.mean_squared_error(TRACE, TRACE, mask=False), "the mask leaves out every sample"),
    "window": (lambda: losses.windowed_mean(TRACE, np.arange(4), 5, 6), "no sample lies in the window from 5 to 6"),
    "windows": (lambda: losses.windowed_statistics(TRACE, np.arange(4), []), "there is no window"),
    "scores": (lambda: losses.cross_entropy(1.0, 0), "the scores have shape (), expected one for each class"),
    "labels": (lambda: losses.cross_entropy(TRACE, [0, 1, 2]), "the target has shape (3,) and is of type int64"),
    "half a class": (lambda: losses.cross_entropy(TRACE, [0.5, 1]), "is of type float64, expected whole numbers of"),
    "class": (lambda: losses.cross_entropy(TRACE, [0, 4]), "there is no class 4: there are 4, from 0 on"),
    "probabilities": (lambda: losses.cross_entropy(TRACE, TRACE), "should be probabilities that sum to 1"),
    "gamma": (lambda: losses.soft_dtw(TRACE, TRACE, gamma=0), "gamma is 0, expected a positive number"),
    "costs": (lambda: losses.soft_dtw_of_costs(TRACE[0]), "the costs have shape (4,), expected"),
    "lanes": (lambda: losses.soft_dtw(TRACE[None], TRACE[None]), "a trace has shape (1, 2, 4), expected (time,) or"),
    "recordings": (lambda: losses.soft_dtw(TRACE, TRACE[0]), "shapes (2, 4) and (4,), expected as many recordings"),
    "tau": (lambda: losses.van_rossum([1.0], [2.0], tau=-1), "tau is -1, expected a positive number of ms"),
    "trains": (lambda: losses.van_rossum([[1.0], [2.0]], [[1.0]], tau=1), "there are 2 trains of spikes, and 1 in"),
    "train": (lambda: losses.van_rossum(TRACE, TRACE, tau=1), "a train of spikes has shape (2, 4), expected (spike,)"),
    "cost": (lambda: losses.victor_purpura([1.0], [2.0], cost=-1), "cost is -1, expected a number per ms"),
    "order": (lambda: losses.victor_purpura([2.0, 1.0], [2.0], cost=1), "the times of a train do not ascend"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_call(name: str) -> None:
    call, message = WRONG[name]
    with pytest.raises(lo.errors.ArgumentError) as caught:
        call()
    assert message in str(caught.value)
