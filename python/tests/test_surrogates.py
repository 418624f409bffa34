"""Steps whose derivative is that of a smooth function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import loligo as lo

SMOOTH: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "fast_sigmoid": lambda z: 0.5 * (1 + z / (1 + np.abs(z))),
    "arctan": lambda z: 0.5 + np.arctan(z) / np.pi,
}
"""The smooth steps, by the names of surrogates."""


class Above(lo.Channel):
    """Whether the voltage is above a threshold."""

    parameters = {"threshold": (-60.0, "mV")}
    states = {"above": 0.0}
    numpy: Any = np

    def __init__(self, *surrogate: Any) -> None:
        super().__init__()
        self.surrogate = surrogate

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        zero = self.numpy.zeros_like(v)
        return {"above": lo.heaviside(v - params["threshold"] + zero, *self.surrogate)}

    def compute_current(self, states: dict, v: Any, params: dict) -> dict:
        return {}


class AboveInJax(Above):
    """The same in `jax.numpy`."""

    numpy = jnp


def watched(channel: lo.Channel) -> lo.Compartment:
    """A passive cell that a current takes above −60 mV and back."""
    cell = lo.Compartment(length=20, radius=10)
    cell.insert(lo.mechanism("pas"))
    cell.insert(channel)
    cell.stimulate(lo.step(1, 10, 0.2))
    cell.record(f"{channel.name}.above")
    cell.record()
    return cell


@pytest.mark.parametrize("kind", [Above, AboveInJax])
@pytest.mark.parametrize("surrogate", [None, *SMOOTH, lambda z: 1 / (1 + z * z)])
def test_a_step_is_a_step_to_the_last_bit(surrogate: Any, kind: type[Above]) -> None:
    for precision in ("float64", "float32"):
        run = lo.simulate(watched(kind(surrogate, 0.3)), t_max=30, v_init=-70.0, precision=precision)
        above, v = run.recordings
        # what is recorded at an index was made of the voltage there, from the second index on
        np.testing.assert_array_equal(above[1:-1], (v[1:-1] >= -60.0) * 1.0)
        assert set(above) == {0.0, 1.0}
    x = np.array([-1e300, -1.0, -0.0, 0.0, 1e-300, 5.0])
    np.testing.assert_array_equal(lo.heaviside(x, surrogate), [0, 0, 1, 1, 1, 1])
    np.testing.assert_array_equal(lo.heaviside(x, surrogate, at_zero=0.5), [0, 0, 0.5, 0.5, 1, 1])


@pytest.mark.parametrize("kind", [Above, AboveInJax])
@pytest.mark.parametrize("surrogate", SMOOTH)
@pytest.mark.parametrize("distance", [-30.0, -0.7, 0.4, 12.0])
def test_its_derivatives_are_those_of_the_smooth_step(distance: float, surrogate: str, kind: type[Above]) -> None:
    """The first and the second, of one step from a known voltage."""
    width = 1.5
    cell = lo.Compartment(length=20, radius=10)
    channel = kind(surrogate, width)
    cell.insert(lo.mechanism("pas"))
    cell.insert(channel)
    cell.record(f"{channel.name}.above")
    cell.set(f"{channel.name}.threshold", -70.0 - distance)
    cell.make_trainable(f"{channel.name}.threshold")
    start = cell.get_parameters()

    def loss(parameters: Any) -> Any:
        # at rest the voltage stays where it is
        return lo.simulate(cell, parameters, t_max=0.05, dt=0.025, v_init=-70.0).recordings[0, -1]

    value, gradient = lo.value_and_grad(loss)(start)
    assert value == (distance > 0)

    def smooth(x: float) -> float:
        return SMOOTH[surrogate](x / width)

    h = 1e-3
    slope = (smooth(distance + h) - smooth(distance - h)) / (2 * h)
    bend = (smooth(distance + h) - 2 * smooth(distance) + smooth(distance - h)) / h**2
    (name,) = start[0]
    # the difference errs by h²/6 of the third derivative, and by a rounding over h or h²
    assert gradient[0][name][0] == pytest.approx(-slope, rel=1e-5, abs=1e-12)
    product = lo.hessian_product(loss)(start, [{name: np.ones(1)}])
    assert product[0][name][0] == pytest.approx(bend, rel=1e-4, abs=1e-9)


def test_a_slope_of_ones_own() -> None:
    cell = watched(Above(lambda z: np.exp(-z * z), 2.0))
    cell.make_trainable("Above.threshold")

    def loss(parameters: Any) -> Any:
        return lo.simulate(cell, parameters, t_max=5, v_init=-70.0)["Above.above"].sum()

    v = lo.simulate(cell, t_max=5, v_init=-70.0).v[0, 1:]
    _, gradient = lo.value_and_grad(loss)(cell.get_parameters())
    # the last recorded state is made of the last voltage
    expected = -np.exp(-(((v + 60.0) / 2.0) ** 2)).sum() / 2.0
    assert gradient[0]["Above.threshold"][0] == pytest.approx(expected, rel=1e-10)


def test_surrogates_that_make_no_sense() -> None:
    with pytest.raises(lo.errors.UnknownNameError, match="`arctn`; did you mean `arctan`"):
        lo.heaviside(1.0, "arctn")
    with pytest.raises(lo.errors.ArgumentError, match="width of a surrogate is 0"):
        lo.heaviside(1.0, "arctan", width=0)
