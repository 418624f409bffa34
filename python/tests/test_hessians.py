"""Hessian products and derivatives along a direction against differences of gradients and of runs.

Differences of gradients have an error of order h² plus rounding over h, as those of losses have (test_gradients.py).
"""

from collections.abc import Callable
from typing import Any

import autograd
import numpy as np
import pytest

import loligo as lo
from loligo.errors import ArgumentError, ArgumentTypeError

HOW = {"t_max": 6.0}


def smooth(voltage: Any) -> Any:
    """A loss that weighs all samples differently, and bends."""
    weights = 1 + np.sin(np.arange(voltage.shape[-1]) / 7)
    return (weights * voltage / 50).sum() + (voltage**2).mean() / 100


def agrees(loss: Callable[[np.ndarray], Any], at: np.ndarray, tolerance: float = 1e-6) -> None:
    """Whether a product is what differences of gradients say, and the Hessian symmetric."""
    scale = np.abs(at).mean() or 1.0
    random = np.random.default_rng(5)
    first, second = (scale * random.normal(size=at.shape) for _ in range(2))
    product = lo.hessian_product(loss)
    found = product(at, first)
    assert found.shape == at.shape
    gradient = lo.grad(loss)
    errors = []
    for step in 10.0 ** np.arange(-6.5, -1, 0.5):
        difference = (gradient(at + step * first) - gradient(at - step * first)) / (2 * step)
        errors.append(np.linalg.norm(difference - found) / np.linalg.norm(found))
    assert min(errors) < tolerance, min(errors)
    there, back = (found * second).sum(), (product(at, second) * first).sum()
    assert abs(there - back) < 1e-9 * np.linalg.norm(found) * np.linalg.norm(second)


@pytest.mark.parametrize("scheme", ["backward_euler", "crank_nicolson"])
@pytest.mark.parametrize("name", ["hh.gnabar", "radius", "capacitance", "v"])
def test_trainables(fork: lo.Cell, name: str, scheme: str) -> None:
    fork.branch("all").make_trainable(name)
    start = fork.get_parameters()[0][name]
    agrees(lambda x: smooth(lo.simulate(fork, [{name: x}], scheme=scheme, **HOW).v), start)


def test_a_temperature_and_initial_values(fork: lo.Cell) -> None:
    fork.make_trainable("celsius")
    setting = fork.branch(1).data_set

    def loss(x: Any) -> Any:
        state = setting("hh.n", x[1:4])
        return smooth(lo.simulate(fork, [{"celsius": x[:1]}], v_init=x[4], param_state=state, **HOW).v)

    agrees(loss, np.array([6.3, 0.3, 0.35, 0.4, -66.0]))


@pytest.mark.parametrize("steps", [100, 400])
def test_currents(fork: lo.Cell, steps: int) -> None:
    currents = 0.2 + 0.1 * np.random.default_rng(1).normal(size=steps)
    view = fork.branch(1).loc(0.5)
    agrees(lambda i: smooth(lo.simulate(fork, stimuli=view.data_stimulate(i), **HOW).v), currents)


def test_a_batch(fork: lo.Cell) -> None:
    fork.branch("all").make_trainable("hh.gnabar")
    start = np.array([1.0, 1.1, 0.9])[:, None] * fork.get_parameters()[0]["hh.gnabar"]
    agrees(lambda x: smooth(lo.simulate(fork, lo.batch([{"hh.gnabar": x}]), **HOW).v), start)


def test_parameters_keep_their_form(fork: lo.Cell) -> None:
    fork.branch("all").make_trainable("hh.gnabar")
    fork.make_trainable("radius")
    parameters = fork.get_parameters()
    vector = [{"hh.gnabar": np.ones(3)}, {"radius": np.zeros(1)}]
    product = lo.hessian_product(lambda p: smooth(lo.simulate(fork, p, **HOW).v))(parameters, vector)
    assert [list(part) for part in product] == [["hh.gnabar"], ["radius"]]
    whole = lo.hessian_product(lambda x: smooth(lo.simulate(fork, [{"hh.gnabar": x[:3]}, {"radius": x[3:]}], **HOW).v))(
        np.concatenate([p for part in parameters for p in part.values()]), np.array([1.0, 1.0, 1.0, 0.0])
    )
    joined = np.concatenate([product[0]["hh.gnabar"], product[1]["radius"]])
    assert np.linalg.norm(joined - whole) <= 1e-12 * np.linalg.norm(whole)


def test_autograd_takes_second_derivatives_itself(soma: lo.Compartment) -> None:
    def loss(x: Any) -> Any:
        soma_values = [{"hh.gnabar": x[:1]}, {"hh.gkbar": x[1:]}]
        return smooth(lo.simulate(soma, soma_values, **HOW).v)

    soma.make_trainable("hh.gnabar")
    soma.make_trainable("hh.gkbar")
    at = np.array([0.12, 0.036])
    hessian = autograd.hessian(loss)(at)
    columns = np.stack([lo.hessian_product(loss)(at, unit) for unit in np.eye(2)], axis=1)
    assert np.abs(hessian - columns).max() <= 1e-10 * np.abs(columns).max()
    assert np.abs(hessian - hessian.T).max() <= 1e-9 * np.abs(hessian).max()
    product = autograd.hessian_vector_product(loss)(at, np.array([1.0, 2.0]))
    assert np.allclose(product, columns @ [1.0, 2.0], rtol=1e-9)


def test_a_run_moves_along_a_direction(fork: lo.Cell) -> None:
    fork.branch("all").make_trainable("hh.gnabar")
    start = fork.get_parameters()
    vector = [{"hh.gnabar": np.array([0.01, -0.02, 0.03])}]

    def voltage(parameters: Any) -> Any:
        return lo.simulate(fork, parameters, **HOW).v

    value, moved = lo.jvp(voltage)(start, vector)
    assert np.abs(value - voltage(start)).max() < 1e-9
    errors = []
    for step in 10.0 ** np.arange(-6.0, -1, 0.5):
        more, less = (
            voltage([{"hh.gnabar": start[0]["hh.gnabar"] + sign * step * vector[0]["hh.gnabar"]}]) for sign in (1, -1)
        )
        errors.append(np.linalg.norm((more - less) / (2 * step) - moved) / np.linalg.norm(moved))
    assert min(errors) < 1e-6, min(errors)
    slope = lo.grad(lambda p: smooth(voltage(p)))(start)[0]["hh.gnabar"] @ vector[0]["hh.gnabar"]
    along = lo.jvp(lambda p: smooth(voltage(p)))(start, vector)[1]
    assert abs(slope - along) < 1e-9 * abs(slope)


def test_wrong_calls(soma: lo.Compartment) -> None:
    def loss(v: Any) -> Any:
        return smooth(lo.simulate(soma, v_init=v, **HOW).v)

    with pytest.raises(ArgumentError, match="another form"):
        lo.hessian_product(loss)(-65.0, np.zeros(2))
    with pytest.raises(ArgumentError, match="another form"):
        lo.jvp(loss)(-65.0, [1.0])
    with pytest.raises(ArgumentError, match="was given 1 arguments"):
        lo.hessian_product(loss)(-65.0)
    with pytest.raises(ArgumentError, match="was given 1 arguments"):
        lo.jvp(loss)(-65.0)
    with pytest.raises(ArgumentTypeError, match="up to the second"):
        lo.grad(lambda v: lo.hessian_product(loss)(v, 1.0))(-65.0)
