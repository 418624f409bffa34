"""Numbers that are not known yet: arithmetic with them, and NumPy's functions, write entries."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from loligo.tracing import frames
from loligo.tracing.entries import Entries

_NO_BRANCH = (
    "this needs to know a number that is known only while a simulation runs (`if`, `and`, `or`, `not`, `while`, "
    "`max` and `min` do); write np.where(condition, a, b), `&`, `|`, `~`, np.maximum and np.minimum"
)
_NO_VALUE = (
    "this needs the value of a number that is known only while a simulation runs (float(), int() and the functions of "
    "`math` do); use NumPy's functions"
)


class Number:
    """A number that is not known yet, or a condition, which is 1 where it holds and 0 elsewhere."""

    __slots__ = ("entries", "position")

    def __init__(self, entries: Entries, position: int) -> None:
        self.entries = entries
        self.position = position

    def is_symbol(self, name: str) -> bool:
        """Whether it is the input of that name."""
        return self.position == self.entries.symbol(name)

    def _refuse(self, reason: str) -> NoReturn:
        """Says why something cannot be traced, unless it is JAX that tried."""
        if frames.is_called_by("jax"):
            self.entries.met_jax = True
        frames.refuse(reason)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        from loligo.tracing.functions import UFUNCS, known_functions

        if method != "__call__" or options:
            extras = ", ".join(options) or method
            self._refuse(f"np.{ufunc.__name__} was called with `{extras}`; it can only be called with its operands")
        function = UFUNCS.get(ufunc.__name__)
        if function is None:
            self._refuse(f"np.{ufunc.__name__} cannot be traced; there are {known_functions()}")
        return elementwise(function, *inputs)

    def __array_function__(self, function: Any, types: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        from loligo.tracing.functions import ARRAY_FUNCTIONS, known_functions

        known = ARRAY_FUNCTIONS.get(function.__name__)
        if known is None:
            self._refuse(f"np.{function.__name__} cannot be traced; there are {known_functions()}")
        return known(*args, **options)

    @property
    def __jax_array__(self) -> NoReturn:
        # only JAX asks for it, and it must not have it
        self.entries.met_jax = True
        raise AttributeError("__jax_array__")

    def __bool__(self) -> NoReturn:
        self._refuse(_NO_BRANCH)

    def __float__(self) -> NoReturn:
        self._refuse(_NO_VALUE)

    __int__ = __index__ = __complex__ = __float__

    def __iter__(self) -> NoReturn:
        self._refuse("this takes a number apart as if it were an array; in a mechanism every number is a scalar")

    def __neg__(self) -> Number:
        return call("neg", self)

    def __pos__(self) -> Number:
        return self

    def __abs__(self) -> Number:
        return call("abs", self)

    def __invert__(self) -> Number:
        return call("not", self)

    def __hash__(self) -> int:
        return hash((id(self.entries), self.position))

    def __repr__(self) -> str:
        return f"<number {self.position} of a trace>"


def call(operation: str, *operands: Any) -> Number:
    """A function of numbers, at least one of which is not known yet."""
    entries = next(operand.entries for operand in operands if isinstance(operand, Number))
    return Number(entries, entries.call(operation, *(position(entries, operand) for operand in operands)))


def position(entries: Entries, value: Any) -> int:
    """Where a number stands in the list; a known one is written down."""
    if isinstance(value, Number):
        if value.entries is not entries:
            frames.refuse("a number of another trace is used here; a method must not keep numbers for later")
        return value.position
    return entries.constant(known(value))


def known(value: Any) -> float:
    """A number that is known, from whatever stands for one."""
    try:
        return float(np.asarray(value, dtype=np.float64).reshape(()))
    except (TypeError, ValueError):
        frames.refuse(f"a number was expected here, not {value!r}")


def elementwise(function: Any, *operands: Any) -> Any:
    """A function of scalars, of arrays of such numbers element by element."""
    arrays = [operand for operand in operands if isinstance(operand, np.ndarray) and operand.ndim]
    if not arrays:
        return function(*operands)
    spread = np.broadcast_arrays(*(_as_objects(operand) for operand in operands))
    result = np.empty(spread[0].shape, dtype=object)
    for index in np.ndindex(result.shape):
        result[index] = function(*(array[index] for array in spread))
    return result


def _as_objects(value: Any) -> np.ndarray:
    if isinstance(value, np.ndarray):
        return value.astype(object)
    array = np.empty((), dtype=object)
    array[()] = value
    return array


def _operator(function: str, swapped: bool = False) -> Any:
    def operate(self: Number, other: Any) -> Any:
        from loligo.tracing.functions import UFUNCS

        if not isinstance(other, Number | int | float | bool | np.ndarray | np.generic):
            return NotImplemented
        pair = (other, self) if swapped else (self, other)
        return elementwise(UFUNCS[function], *pair)

    return operate


for _name, _function in {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "pow": "power",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "and": "logical_and",
    "or": "logical_or",
    "xor": "logical_xor",
}.items():
    setattr(Number, f"__{_name}__", _operator(_function))
    setattr(Number, f"__r{_name}__", _operator(_function, swapped=True))
for _name, _function in {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}.items():
    setattr(Number, f"__{_name}__", _operator(_function))


def is_traced(value: Any) -> bool:
    """Whether a value is not known, or holds such numbers."""
    if isinstance(value, np.ndarray):
        return value.dtype == object and any(isinstance(element, Number) for element in value.flat)
    return isinstance(value, Number)
