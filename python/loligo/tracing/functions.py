"""What NumPy's functions do with numbers that are not known yet: one table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from loligo.tracing import frames
from loligo.tracing.number import Number, call, elementwise, known

LARGEST_POWER = 1024
"""Whole powers up to this one are products."""


def traced(operation: str, of_numbers: Callable[..., Any]) -> Callable[..., Any]:
    """An operation of the engine; `of_numbers` is what it does where all operands are known."""

    def apply(*operands: Any) -> Any:
        if not any(isinstance(operand, Number) for operand in operands):
            return of_numbers(*operands)
        return call(operation, *operands)

    return apply


add = traced("add", np.add)
subtract = traced("sub", np.subtract)
multiply = traced("mul", np.multiply)
divide = traced("div", np.divide)
negative = traced("neg", np.negative)
absolute = traced("abs", np.abs)
exp = traced("exp", np.exp)
log = traced("log", np.log)
sqrt = traced("sqrt", np.sqrt)
sin = traced("sin", np.sin)
cos = traced("cos", np.cos)
tanh = traced("tanh", np.tanh)
floor = traced("floor", np.floor)
ceil = traced("ceil", np.ceil)
sign = traced("sign", np.sign)
minimum = traced("min", np.minimum)
maximum = traced("max", np.maximum)
less = traced("less", np.less)
less_equal = traced("less_equal", np.less_equal)
equal = traced("equal", np.equal)
logical_not = traced("not", np.logical_not)


def logical_and(a: Any, b: Any) -> Any:
    """Whether both conditions hold; one that is known not to decides."""
    if any(not isinstance(x, Number) and not x for x in (a, b)):
        return False
    return traced("and", np.logical_and)(a, b)


def logical_or(a: Any, b: Any) -> Any:
    """Whether one condition holds; one that is known to decides."""
    if any(not isinstance(x, Number) and x for x in (a, b)):
        return True
    return traced("or", np.logical_or)(a, b)


def power(base: Any, exponent: Any) -> Any:
    """base to the power exponent. Whole powers are products; else the base must not be negative, as in NumPy."""
    if isinstance(exponent, Number) or not isinstance(base, Number):
        return traced("pow", np.power)(base, exponent)
    number = known(exponent)
    if 16 < abs(number) <= LARGEST_POWER and number.is_integer():
        half = power(base, abs(number) // 2)
        product = half * half * base if number % 2 else half * half
        return product if number > 0 else 1.0 / product
    return call("pow", base, number)


def where(condition: Any, then: Any, otherwise: Any) -> Any:
    """`then` where a condition holds, else `otherwise`."""
    if not isinstance(condition, Number):
        return then if condition else otherwise
    return call("select", condition, then, otherwise)


def expm1(x: Any) -> Any:
    """e^x − 1, exact near 0."""
    if not isinstance(x, Number):
        return np.expm1(x)
    return Number(x.entries, x.entries.minus_one(x.position))


def logistic(x: Any) -> Any:
    """1/(1 + e^−x)."""
    return 1.0 / (1.0 + exp(-x))


def log1p(x: Any) -> Any:
    """log(1 + x); near 0 its error is a rounding of 1, not of x."""
    return log(1.0 + x)


def sinh(x: Any) -> Any:
    """(e^x − e^−x)/2, exact near 0."""
    return (expm1(x) - expm1(-x)) / 2.0


def cosh(x: Any) -> Any:
    """(e^x + e^−x)/2."""
    return (exp(x) + exp(-x)) / 2.0


def remainder(a: Any, b: Any) -> Any:
    """a − b·⌊a/b⌋, with the sign of b."""
    return a - b * floor(a / b)


def truncate(x: Any) -> Any:
    """x without its fraction."""
    return where(less(x, 0.0), ceil(x), floor(x))


def fmod(a: Any, b: Any) -> Any:
    """The remainder with the sign of a."""
    return a - b * truncate(a / b)


def heaviside(x: Any, at_zero: Any) -> Any:
    """0 below 0, 1 above."""
    return where(equal(x, 0.0), at_zero, less(0.0, x) * 1.0)


def logaddexp(a: Any, b: Any) -> Any:
    """log(e^a + e^b), without overflow."""
    return maximum(a, b) + log1p(exp(-absolute(a - b)))


def not_equal(a: Any, b: Any) -> Any:
    """Whether two numbers differ."""
    return logical_not(equal(a, b))


def logical_xor(a: Any, b: Any) -> Any:
    """Whether one condition holds and the other does not."""
    return not_equal(logical_not(a), logical_not(b))


def finite(x: Any) -> Any:
    """Whether a number is neither infinite nor not a number."""
    return less(absolute(x), math.inf)


def clip(x: Any, low: Any = None, high: Any = None, **bounds: Any) -> Any:
    """A number cut off at its bounds."""
    low = bounds.pop("a_min", bounds.pop("min", low))
    high = bounds.pop("a_max", bounds.pop("max", high))
    if bounds:
        frames.refuse(f"np.clip was called with `{', '.join(bounds)}`; it can only be called with bounds")
    if low is not None:
        x = elementwise(maximum, x, low)
    return x if high is None else elementwise(minimum, x, high)


def select(conditions: Any, choices: Any, default: Any = 0.0) -> Any:
    """The choice of the first condition that holds."""
    result = default
    for condition, choice in reversed(list(zip(conditions, choices))):
        result = elementwise(where, condition, choice, result)
    return result


def _where(condition: Any, *branches: Any) -> Any:
    if len(branches) != 2:
        frames.refuse("np.where was called with a condition alone; it needs both branches")
    return elementwise(where, condition, *branches)


def _filled(number: float) -> Callable[..., Any]:
    return lambda like, *_, **__: np.full(like.shape, number) if isinstance(like, np.ndarray) else number


UFUNCS: dict[str, Callable[..., Any]] = {
    "absolute": absolute,
    "add": add,
    "ceil": ceil,
    "cos": cos,
    "cosh": cosh,
    "deg2rad": lambda x: x * (math.pi / 180.0),
    "divide": divide,
    "equal": equal,
    "exp": exp,
    "exp2": lambda x: exp(x * math.log(2.0)),
    "expm1": expm1,
    "fabs": absolute,
    "float_power": power,
    "floor": floor,
    "floor_divide": lambda a, b: floor(a / b),
    "fmax": maximum,
    "fmin": minimum,
    "fmod": fmod,
    "greater": lambda a, b: less(b, a),
    "greater_equal": lambda a, b: less_equal(b, a),
    "heaviside": heaviside,
    "hypot": lambda a, b: sqrt(a * a + b * b),
    "bitwise_and": logical_and,
    "bitwise_or": logical_or,
    "bitwise_xor": logical_xor,
    "invert": logical_not,
    "isfinite": finite,
    "isinf": lambda x: equal(absolute(x), math.inf),
    "isnan": lambda x: not_equal(x, x),
    "less": less,
    "less_equal": less_equal,
    "log": log,
    "log10": lambda x: log(x) / math.log(10.0),
    "log1p": log1p,
    "log2": lambda x: log(x) / math.log(2.0),
    "logaddexp": logaddexp,
    "logical_and": logical_and,
    "logical_not": logical_not,
    "logical_or": logical_or,
    "logical_xor": logical_xor,
    "maximum": maximum,
    "minimum": minimum,
    "multiply": multiply,
    "negative": negative,
    "not_equal": not_equal,
    "positive": lambda x: x,
    "power": power,
    "reciprocal": lambda x: 1.0 / x,
    "remainder": remainder,
    "sign": sign,
    "sin": sin,
    "sinh": sinh,
    "sqrt": sqrt,
    "square": lambda x: x * x,
    "subtract": subtract,
    "tan": lambda x: sin(x) / cos(x),
    "tanh": tanh,
    "true_divide": divide,
    "trunc": truncate,
}
"""Functions of NumPy by their names, element by element."""

for _name in ("exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"):
    # what NumPy calls for the elements of an array
    setattr(Number, _name, UFUNCS[_name])

ARRAY_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "clip": clip,
    "full_like": lambda like, number, **_: _filled(number)(like),
    "ones_like": _filled(1.0),
    "select": select,
    "where": _where,
    "zeros_like": _filled(0.0),
}
"""The others, by their names."""


def known_functions() -> str:
    """The names of what can be traced, for messages."""
    return ", ".join(sorted({*UFUNCS, *ARRAY_FUNCTIONS}))
