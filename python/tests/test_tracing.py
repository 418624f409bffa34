"""Tracing: what is written down computes what the function computes, and what cannot be traced says where and why."""

import warnings
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import loligo as lo
from loligo.tracing import Entries, Inputs, Number, traced

POINTS = np.random.default_rng(7).uniform(-2.0, 2.0, (2, 40))
"""Where functions are compared."""


@pytest.fixture(autouse=True)
def double_precision() -> None:
    jax.config.update("jax_enable_x64", True)


def values_of(function: Callable[..., Any], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What the entries of a traced function compute at some points."""
    entries = Entries()
    a, b = (Number(entries, entries.symbol(name)) for name in "ab")
    result = traced(function, entries, a, b)
    place = result.position if isinstance(result, Number) else entries.constant(result)
    return entries.formulas().evaluate([place], {"a": x.tolist(), "b": y.tolist()})[0]


NUMPY = {
    "arithmetic": lambda a, b: (a + 2.0) * (3.0 - b) / (4.0 + a * a) - -b + (+a),
    "powers": lambda a, b: a**2 + a**3.0 + a**-1 + np.abs(a) ** b + 2.0**a + a**20 + np.power(a, 3) + np.square(b),
    "exponentials": lambda a, b: np.exp(a) + np.expm1(b) + np.exp2(a) + np.logaddexp(a, b),
    "logarithms": lambda a, b: np.log(3 + a) + np.log1p(a * a) + np.log2(3 + b) + np.log10(3 + b),
    "roots": lambda a, b: np.sqrt(a * a + 1) + np.reciprocal(b + 3) + np.hypot(a, b) + (a * a) ** 0.5,
    "circles": lambda a, b: np.sin(a) + np.cos(b) + np.tan(a / 2),
    "hyperbolas": lambda a, b: np.tanh(a) + np.sinh(b) + np.cosh(a),
    "rounding": lambda a, b: np.floor(a) + np.ceil(b) + np.trunc(a) + a // 0.3 + b % 0.7 + np.fmod(a, 0.4) + np.sign(b),
    "extremes": lambda a, b: np.minimum(a, b) + 2 * np.maximum(a, 0.5) + np.clip(a, -1.0, b) + np.fmax(a, b),
    "where": lambda a, b: np.where(a < b, a, np.where(b >= 1.0, 2.0, b * b)),
    "comparisons": lambda a, b: (a < b) + 2.0 * (a > 0.1) + 4.0 * (a <= b) + 8.0 * (a >= 0) + (a == b) + (a != b),
    "logic": lambda a, b: np.where((a < b) & (b > 0) | ~(a > 0) ^ (b < 1), a, b) + np.logical_not(a > b),
    "select": lambda a, b: np.select([a < -1, a < 1], [b, a], 3.0) + np.heaviside(a, 0.5),
    "tests": lambda a, b: np.where(np.isfinite(a) & ~np.isnan(b) & ~np.isinf(a), a, b),
    "likes": lambda a, b: np.zeros_like(a) + np.ones_like(b) * a + np.full_like(a, 2.0),
    "arrays": lambda a, b: np.exp(np.array([a, b]) * 0.5)[0] + (np.array([1.0, 2.0]) * a)[1],
}


@pytest.mark.parametrize("name", NUMPY)
def test_functions_of_numpy(name: str) -> None:
    x, y = POINTS
    expected = np.array([float(NUMPY[name](np.float64(a), np.float64(b))) for a, b in zip(x, y)])
    # a handful of operations, each to a rounding of values of the order of 1e4
    np.testing.assert_allclose(values_of(NUMPY[name], x, y), expected, rtol=1e-13, atol=1e-13)


@jax.custom_jvp
def softened(x: Any) -> Any:
    """A function with a derivative of its own."""
    return jnp.where(x > 0, x, 0.1 * x)


softened.defjvp(lambda primals, tangents: (softened(*primals), tangents[0]))


def newton(a: Any, b: Any) -> Any:
    """√(2 + a²) by an iteration that stops when it has settled, or after 20 passes."""

    def goes_on(state: Any) -> Any:
        count, _, change = state
        return (count < 20) & (jnp.abs(change) > 1e-12).all()

    def step(state: Any) -> Any:
        count, x, _ = state
        new = (x + (2 + a * a) / x) / 2
        return count + 1, new, new - x

    return jax.lax.while_loop(goes_on, step, (0, 1.0 + a * 0, 1.0 + a * 0))[1] + b


JAX = {
    "arithmetic": lambda a, b: jnp.exp(-a / 3) * (a - b) / (1 + jnp.square(b)) + a**3 + jnp.abs(a) ** b + a**-2,
    "functions": lambda a, b: jnp.tanh(a) + jnp.sin(b) + jnp.log1p(a * a) + jnp.expm1(b) + jnp.sqrt(a * a + 1),
    "sigmoids": lambda a, b: jax.nn.sigmoid(a) + jax.nn.softplus(b) + jax.nn.relu(a) + jnp.logaddexp(a, b),
    "selections": lambda a, b: jnp.where(a < b, a, b * 2) + jax.lax.select(a > 0, b, a) + jnp.clip(a, -1, 1),
    "jit": lambda a, b: jax.jit(lambda x, y: x * y + jax.jit(jnp.cos)(x))(a, b),
    "custom_jvp": lambda a, b: softened(a) + softened(b),
    "cond": lambda a, b: jax.lax.cond((a < b)[0], lambda x, y: x * y, lambda x, y: x - y, a, b),
    "switch": lambda a, b: jax.lax.switch(jnp.int32(jnp.floor(a[0] + 2)), [jnp.sin, jnp.cos, jnp.exp, jnp.tanh], b),
    "fori": lambda a, b: jax.lax.fori_loop(0, 5, lambda i, x: x * 0.5 + b * i, a),
    "scan": lambda a, b: jax.lax.scan(lambda x, c: (x * c + b, x), a, jnp.arange(4.0))[0],
    "stacked": lambda a, b: jax.lax.scan(lambda x, c: (x * c + b, x), a, jnp.arange(4.0))[1].sum(0),
    "while": newton,
    "arrays": lambda a, b: jnp.dot(jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.concatenate([a, b]))[:1],
    "pieces": lambda a, b: jnp.stack([a, b, a * b]).at[1].set(2.0)[::-1].reshape(-1)[1:2] + jnp.roll(a, 1),
    "reductions": lambda a, b: jnp.max(jnp.stack([a, b]), axis=0) + jnp.prod(jnp.array([a, b])) + jnp.mean(a),
    "rounding": lambda a, b: jnp.floor(a) + jnp.ceil(b) + jnp.mod(a, 0.7) + jnp.sign(b) + a.astype(int) + (b > 0),
    "checkpoint": lambda a, b: jax.checkpoint(lambda x: jnp.exp(x) * b)(a),
    "vmap": lambda a, b: jax.vmap(lambda x, y: x * y + 1)(a, b),
    "derivative": lambda a, b: jax.vmap(jax.grad(lambda x: jnp.sin(x) * x**2))(a) + b,
    "gradient stopped": lambda a, b: jax.lax.stop_gradient(a) * b,
}


@pytest.mark.parametrize("name", JAX)
def test_primitives_of_jax(name: str) -> None:
    x, y = POINTS
    expected = jax.vmap(lambda a, b: JAX[name](a.reshape(1), b.reshape(1)).reshape(()))(x, y)
    np.testing.assert_allclose(values_of(JAX[name], x, y), np.asarray(expected), rtol=1e-13, atol=1e-13)


def test_a_branch_within_a_branch_on_the_same_condition_is_decided() -> None:
    """The guard of jaxley-mech's `efun` leaves one smooth function: its slope at the guarded point is −1/2."""

    class Guarded(lo.Channel):
        def compute_current(self, states: dict, v: Any, params: dict) -> Any:
            safe = jnp.where(v == 0.0, 1.0, v)
            return jnp.where(v == 0.0, 1.0, v / jnp.expm1(safe))

    assert "i = exprelr(v)\n" in Guarded().mechanism.report()


def test_a_quotient_that_is_capped_against_overflow_is_smooth_where_it_is_0_over_0() -> None:
    def vtrap(a: Any, b: Any) -> Any:
        return a / (np.exp(np.minimum(a / 10, 20.0)) - 1.0)

    x = np.array([0.0, 1e-9, -1e-9, 1.0, 250.0])
    found = values_of(vtrap, x, x)
    assert found[0] == 10.0
    np.testing.assert_allclose(found[1:3], [10.0 - 0.5e-9, 10.0 + 0.5e-9], rtol=1e-15)
    np.testing.assert_allclose(found[3:], vtrap(x[3:], x), rtol=1e-14)


def branches(a: Any, b: Any) -> Any:
    if a > 0:
        return a
    return b


def takes_a_float(a: Any, b: Any) -> Any:
    import math

    return math.exp(a)


def of_another_function(a: Any, b: Any) -> Any:
    return np.arctan(a)


def of_arrays(a: Any, b: Any) -> Any:
    return np.linalg.norm(a) + np.cumsum(a)


def with_a_mistake(a: Any, b: Any) -> Any:
    return a + undefined  # noqa: F821


def returns_text(a: Any, b: Any) -> Any:
    return "text"


def branches_in_jax(a: Any, b: Any) -> Any:
    return jnp.exp(a) if jnp.all(a > 0) else b


def unknown_primitive(a: Any, b: Any) -> Any:
    return jax.scipy.special.erf(a)


def endless(a: Any, b: Any) -> Any:
    return jax.lax.while_loop(lambda x: (x < 1)[0], lambda x: x + 1, a)


def by_an_index(a: Any, b: Any) -> Any:
    return jnp.arange(4.0)[a.astype(int)]


REFUSED = {
    branches: (1, "write np.where(condition, a, b)"),
    takes_a_float: (3, "the functions of `math` do"),
    of_another_function: (1, "np.arctan cannot be traced; there are absolute, add"),
    of_arrays: (1, "np.norm cannot be traced"),
    with_a_mistake: (1, "NameError: name 'undefined' is not defined"),
    returns_text: (0, "'text' is returned, expected a number"),
    branches_in_jax: (1, "TracerBoolConversionError: Attempted boolean conversion of traced array"),
    unknown_primitive: (1, "the primitive `erf` of JAX cannot be traced"),
    endless: (1, "a while loop is not known to end within 64 passes; bound it with a counter"),
    by_an_index: (1, "an index into an array is known only while a simulation runs"),
}


@pytest.mark.parametrize("function", REFUSED, ids=lambda function: function.__name__)
def test_what_cannot_be_traced_says_which_line_and_why(function: Callable[..., Any]) -> None:
    offset, reason = REFUSED[function]
    entries = Entries()
    numbers = [Number(entries, entries.symbol(name)) for name in "ab"]
    with pytest.raises(lo.errors.TracingError) as error:
        traced(function, entries, *numbers)
    line = function.__code__.co_firstlineno + offset
    assert str(error.value).startswith(f"{__file__}:{line}, in {function.__name__}: ")
    assert reason in str(error.value)
    assert isinstance(error.value, ValueError)


@pytest.mark.parametrize("numpy", [np, jnp], ids=["numpy", "jax"])
def test_a_name_that_is_not_there_is_named_with_those_that_are(numpy: Any) -> None:
    def misspelt(states: dict) -> Any:
        return numpy.exp(states["n"]) + states["nn"]

    entries = Entries()
    inputs = Inputs({"n": Number(entries, entries.symbol("n"))}, "states")
    with pytest.raises(lo.errors.TracingError, match=r"in misspelt: `nn` is not among the states, which are n"):
        traced(misspelt, entries, inputs)


def test_numbers_of_one_trace_are_refused_in_another() -> None:
    kept = Number(entries := Entries(), entries.symbol("a"))
    other = Number(entries := Entries(), entries.symbol("a"))
    with pytest.raises(lo.errors.TracingError, match="a method must not keep numbers for later"):
        kept + other


def test_double_precision_is_not_what_the_user_must_ask_for() -> None:
    jax.config.update("jax_enable_x64", False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert values_of(lambda a, b: jnp.exp(a * 0.1), np.array([1.0]), np.array([1.0]))[0] == np.exp(0.1)
