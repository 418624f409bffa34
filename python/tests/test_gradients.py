"""Gradients of losses in NumPy against differences: for trainables of every kind, initial values, settings, currents.

The error of a central difference of step h is of order h² plus rounding over h; the best of a sweep of steps is
compared, norm-wise along the gradient itself, and along a random direction.
"""

from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest

import loligo as lo

HOW = {"t_max": 6.0}


def smooth(voltage: Any) -> Any:
    """A loss that weighs all samples differently."""
    weights = 1 + np.sin(np.arange(voltage.shape[-1]) / 7)
    return (weights * voltage / 50).sum() + (voltage**2).mean() / 100


def agrees(loss: Callable[[np.ndarray], Any], at: np.ndarray, tolerance: float = 1e-6) -> None:
    """Whether the gradient of a loss is what differences say."""
    value, gradient = lo.value_and_grad(loss)(at)
    assert gradient.shape == at.shape
    assert float(value) == float(loss(at))
    scale = np.abs(at).mean() or 1.0
    for direction in (gradient, np.random.default_rng(3).normal(size=at.shape)):
        direction = direction / np.linalg.norm(direction)
        steps = scale * 10.0 ** np.arange(-7, -2)
        differences = [(float(loss(at + h * direction)) - float(loss(at - h * direction))) / (2 * h) for h in steps]
        error = np.min(np.abs(np.array(differences) - (gradient * direction).sum()))
        assert error < tolerance * np.linalg.norm(gradient)


@pytest.mark.parametrize("scheme", ["backward_euler", "crank_nicolson"])
@pytest.mark.parametrize(
    "name",
    ["hh.gnabar", "hh.gkbar", "hh.gl", "hh.el", "ena", "radius", "length", "axial_resistivity", "capacitance", "v"],
)
def test_trainables(fork: lo.Cell, name: str, scheme: str) -> None:
    fork.branch("all").make_trainable(name)
    start = fork.get_parameters()[0][name]
    agrees(lambda x: smooth(lo.simulate(fork, [{name: x}], scheme=scheme, **HOW).v), start)


def test_celsius_and_a_shared_number(fork: lo.Cell) -> None:
    fork.make_trainable("celsius")
    fork.make_trainable("hh.gnabar")
    agrees(
        lambda x: smooth(lo.simulate(fork, [{"celsius": x[:1]}, {"hh.gnabar": x[1:]}], **HOW).v), np.array([6.3, 0.12])
    )


def test_initial_voltage_and_gates(fork: lo.Cell) -> None:
    agrees(lambda v: smooth(lo.simulate(fork, v_init=v, **HOW).v), np.linspace(-70, -60, 9))
    setting = fork.branch(1).data_set
    agrees(lambda m: smooth(lo.simulate(fork, param_state=setting("hh.n", m), **HOW).v), np.array([0.3, 0.35, 0.4]))


def test_a_number_of_no_dimension(fork: lo.Cell) -> None:
    agrees(lambda v: smooth(lo.simulate(fork, v_init=v, **HOW).v), np.array(-66.0))
    value, gradient = lo.value_and_grad(lambda v: lo.simulate(fork, v_init=v, **HOW).v.mean())(-66.0)
    assert np.ndim(value) == np.ndim(gradient) == 0


@pytest.mark.parametrize("steps", [100, 240, 400])
def test_currents(fork: lo.Cell, steps: int) -> None:
    currents = 0.2 + 0.1 * np.random.default_rng(1).normal(size=steps)
    view = fork.branch(1).loc(0.5)
    agrees(lambda i: smooth(lo.simulate(fork, stimuli=view.data_stimulate(i), **HOW).v), currents)


def test_currents_for_several_compartments(fork: lo.Cell) -> None:
    random = np.random.default_rng(1)
    view = fork.branch("all").loc(0.5)
    agrees(
        lambda i: smooth(lo.simulate(fork, stimuli=view.data_stimulate(i), **HOW).v), random.normal(0.1, 0.1, (3, 240))
    )
    agrees(lambda i: smooth(lo.simulate(fork, stimuli=view.data_stimulate(i), **HOW).v), random.normal(0.1, 0.1, 240))


def test_batches(fork: lo.Cell) -> None:
    fork.branch("all").make_trainable("hh.gnabar")
    start = np.random.default_rng(1).uniform(0.1, 0.14, (4, 3))
    view = fork.branch(1).loc(0.5)

    def loss(x: Any, stimulus: Any = 0.0) -> Any:
        currents = lo.batch(anp.ones((4, 240)) * stimulus)
        run = lo.simulate(fork, lo.batch([{"hh.gnabar": x}]), stimuli=view.data_stimulate(currents), **HOW)
        return smooth(run.v)

    agrees(loss, start)
    agrees(lambda stimulus: loss(start, stimulus), np.array(0.1))


def test_a_batch_has_the_gradients_of_a_loop(fork: lo.Cell) -> None:
    fork.branch("all").make_trainable("hh.gnabar")
    start = np.random.default_rng(1).uniform(0.1, 0.14, (4, 3))
    batch = lo.grad(lambda x: (lo.simulate(fork, lo.batch([{"hh.gnabar": x}]), **HOW).v ** 2).sum())(start)
    for lane, gradient in zip(start, batch):
        alone = lo.grad(lambda x: (lo.simulate(fork, [{"hh.gnabar": x}], **HOW).v ** 2).sum())(lane)
        assert (alone == gradient).all()


def test_a_setting_that_hides_a_parameter_leaves_it_without_gradient(fork: lo.Cell) -> None:
    fork.branch("all").make_trainable("hh.gnabar")
    setting = fork.branch(1).data_set("hh.gnabar", 0.1)
    (gradient,) = lo.grad(lambda p: (lo.simulate(fork, p, param_state=setting, **HOW).v ** 2).sum())(
        fork.get_parameters()
    )
    assert (gradient["hh.gnabar"] != 0).tolist() == [True, False, True]


def test_single_precision_has_nearly_the_same_gradient(fork: lo.Cell) -> None:
    fork.branch("all").make_trainable("hh.gnabar")

    def gradient(precision: str) -> np.ndarray:
        loss = lo.grad(lambda p: (lo.simulate(fork, p, t_max=3.0, precision=precision).v ** 2).mean())
        return loss(fork.get_parameters())[0]["hh.gnabar"]

    double, single = gradient("float64"), gradient("float32")
    assert single.dtype == np.float64
    assert 0 < np.linalg.norm(double - single) < 1e-2 * np.linalg.norm(double)


def test_a_budget_changes_no_bit(fork: lo.Cell) -> None:
    fork.branch("all").make_trainable("radius")

    def gradient(budget: int | None) -> np.ndarray:
        loss = lo.grad(lambda p: (lo.simulate(fork, p, t_max=50.0, budget=budget).v ** 2).mean())
        return loss(fork.get_parameters())[0]["radius"]

    assert (gradient(None) == gradient(1_250_000)).all()


def test_losses_in_plain_numpy(fork: lo.Cell) -> None:
    target = lo.simulate(fork, **HOW).v + 1

    def losses(voltage: Any) -> list[Any]:
        return [
            ((voltage - target) ** 2).mean(),
            np.mean(np.abs(target - voltage)),
            np.sqrt(np.sum(np.square(voltage))) + np.max(voltage),
            np.concatenate([voltage[0, ::4], voltage[1]]).std(),
            lo.losses.mean_squared_error(voltage, target),
            lo.losses.windowed_std(voltage, np.arange(241) * 0.025, 2, 5).sum(),
        ]

    fork.make_trainable("hh.gnabar")
    for index in range(6):
        agrees(
            lambda x, index=index: losses(lo.simulate(fork, [{"hh.gnabar": x}], **HOW).v)[index],
            np.array([0.12]),
            tolerance=1e-5,
        )


def test_the_standard_deviation_of_a_constant_has_a_finite_derivative() -> None:
    gradient = lo.grad(lambda x: lo.losses.windowed_std(x, np.arange(5.0), 0, 5))(np.ones(5))
    assert np.isfinite(gradient).all()
