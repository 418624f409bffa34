"""Functions written in `jax.numpy`: JAX traces them, and what it wrote down is carried over.

Values that are known (constants, indices, counters of loops) are computed by JAX itself; the table `SCALAR` says what
each primitive does with numbers that are not. Arrays of such numbers are NumPy arrays of objects, and primitives that
only move elements around are applied to their positions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import jax
import numpy as np

from loligo.tracing import frames, functions
from loligo.tracing.entries import Entries
from loligo.tracing.number import Number, is_traced, position

LONGEST_LOOP = 10_000
"""Loops whose length is known are unrolled up to this many passes."""

LONGEST_SEARCH = 64
"""Loops that may end early, as a condition decides, are unrolled up to this many passes."""

IMPLICIT = "loligo_implicit_step"
"""The name of the function that stands for an implicit step; the number of its arguments follows."""

SCALAR: dict[str, Callable[..., Any]] = {
    "abs": functions.absolute,
    "add": functions.add,
    "add_any": functions.add,
    "and": functions.logical_and,
    "ceil": functions.ceil,
    "clamp": lambda low, x, high: functions.minimum(functions.maximum(x, low), high),
    "copy": lambda x: x,
    "copy_p": lambda x: x,
    "cos": functions.cos,
    "cosh": functions.cosh,
    "div": functions.divide,
    "eq": functions.equal,
    "exp": functions.exp,
    "exp2": functions.UFUNCS["exp2"],
    "expm1": functions.expm1,
    "floor": functions.floor,
    "ge": functions.UFUNCS["greater_equal"],
    "gt": functions.UFUNCS["greater"],
    "is_finite": functions.finite,
    "le": functions.less_equal,
    "log": functions.log,
    "log1p": functions.log1p,
    "logistic": functions.logistic,
    "lt": functions.less,
    "max": functions.maximum,
    "min": functions.minimum,
    "mul": functions.multiply,
    "ne": functions.not_equal,
    "neg": functions.negative,
    "not": functions.logical_not,
    "or": functions.logical_or,
    "pow": functions.power,
    "rem": functions.fmod,
    "rsqrt": lambda x: 1.0 / functions.sqrt(x),
    "select_n": lambda which, *cases: _case(which, cases),
    "sign": functions.sign,
    "sin": functions.sin,
    "sinh": functions.sinh,
    "sqrt": functions.sqrt,
    "square": lambda x: x * x,
    "stop_gradient": lambda x: _detached(x),
    "sub": functions.subtract,
    "tan": functions.UFUNCS["tan"],
    "tanh": functions.tanh,
    "xor": functions.logical_xor,
}
"""What primitives do element by element."""

REDUCTIONS: dict[str, Callable[..., Any]] = {
    "reduce_and": functions.logical_and,
    "reduce_max": functions.maximum,
    "reduce_min": functions.minimum,
    "reduce_or": functions.logical_or,
    "reduce_prod": functions.multiply,
    "reduce_sum": functions.add,
}
"""What primitives do with all elements along some axes."""

MOVING = frozenset(
    {
        "broadcast_in_dim",
        "concatenate",
        "dynamic_slice",
        "dynamic_update_slice",
        "expand_dims",
        "gather",
        "pad",
        "reshape",
        "rev",
        "scatter",
        "slice",
        "split",
        "squeeze",
        "stack",
        "transpose",
    }
)
"""Primitives that only move elements; where to must be known."""

CALLS = {
    "checkpoint": "jaxpr",
    "closed_call": "call_jaxpr",
    "core_call": "call_jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
    "custom_vjp_call_jaxpr": "fun_jaxpr",
    "jit": "jaxpr",
    "pjit": "jaxpr",
    "remat": "jaxpr",
    "remat2": "jaxpr",
}
"""Functions within functions, and which parameter holds theirs. Derivatives that a user defined (`custom_jvp`) are
replaced by those of the function itself."""


def call(function: Callable[..., Any], entries: Entries, *arguments: Any) -> Any:
    """What a function of `jax.numpy` makes of arguments in which some numbers are not known.

    Every number is an array of shape (1,), as in a compartment of Jaxley.
    """
    while True:
        try:
            return _called(function, entries, arguments)
        except _WantsMore:
            continue


def _called(function: Callable[..., Any], entries: Entries, arguments: Sequence[Any]) -> Any:
    """What a function makes of the inputs that are known to be read so far."""
    plain = [dict(argument) if isinstance(argument, Mapping) else argument for argument in arguments]
    leaves, tree = jax.tree_util.tree_flatten(plain, is_leaf=is_traced)
    dynamic = [index for index, leaf in enumerate(leaves) if is_traced(leaf)]
    numbers = [leaves[index] for index in dynamic]
    shapes = [() if number.is_symbol("dt") else (1,) for number in numbers]

    def of_traced(*values: Any) -> Any:
        filled = list(leaves)
        for index, value in zip(dynamic, values):
            filled[index] = value
        given = jax.tree_util.tree_unflatten(tree, filled)
        return function(*(_Given(own, of) if isinstance(own, dict) else own for own, of in zip(given, arguments)))

    with _double_precision():
        stand_ins = [jax.ShapeDtypeStruct(shape, np.float64) for shape in shapes]
        closed, returned = jax.make_jaxpr(of_traced, return_shape=True)(*stand_ins)
        values = [_array([number], shape) for shape, number in zip(shapes, numbers)]
        results = Interpreter(entries).run(closed.jaxpr, closed.consts, values)
    return jax.tree_util.tree_unflatten(jax.tree_util.tree_structure(returned), results)


class _WantsMore(Exception):
    """A method read an input that it was not given."""


class _Given(dict[str, Any]):
    """Inputs as JAX traces them. One that is missing is asked of the inputs themselves; then tracing starts anew."""

    def __init__(self, numbers: dict[str, Any], inputs: Mapping[str, Any]) -> None:
        super().__init__(numbers)
        self._inputs = inputs

    def __missing__(self, name: str) -> Any:
        self._inputs[name]
        raise _WantsMore


def implicit_step(y0: Any, dt: Any, derivatives: Callable[..., Any], args: Sequence[Any]) -> Any:
    """Stands for a step of backward Euler in a function that is being traced: y − y0 = dt·derivatives(None, y, args).

    Args:
        y0: Shape (state, 1).
        args: Each of shape (1,), or a scalar.
    """
    import jax.numpy as jnp

    y0 = jnp.asarray(y0)
    shape = y0.shape
    scalars = tuple(jnp.reshape(arg, ()) if jnp.size(arg) == 1 else arg for arg in args)

    def change(y: Any, dt: Any, *args: Any) -> Any:
        rate = jnp.reshape(jnp.asarray(derivatives(None, y, args)), (-1,))
        return jnp.broadcast_to(jnp.reshape(dt, ()) * rate, y.shape)

    change.__name__ = change.__qualname__ = f"{IMPLICIT}_{2 + len(scalars)}"
    return jnp.reshape(jax.jit(change)(jnp.reshape(y0, (-1,)), dt, *scalars), shape)


class Interpreter:
    """Carries the equations of a jaxpr over into a list of entries."""

    def __init__(self, entries: Entries) -> None:
        self.entries = entries

    def run(self, jaxpr: Any, constants: Sequence[Any], arguments: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The results of a jaxpr, each an array."""
        values: dict[Any, np.ndarray] = {}

        def read(variable: Any) -> np.ndarray:
            return np.asarray(variable.val) if hasattr(variable, "val") else values[variable]

        values.update(zip(jaxpr.constvars, map(np.asarray, constants)))
        values.update(zip(jaxpr.invars, arguments))
        for equation in jaxpr.eqns:
            results = self.equation(equation, [read(variable) for variable in equation.invars])
            values.update(zip(equation.outvars, results))
        return [read(variable) for variable in jaxpr.outvars]

    def equation(self, equation: Any, operands: list[np.ndarray]) -> list[np.ndarray]:
        """The results of one equation."""
        name, parameters = equation.primitive.name, equation.params
        if name == "while":
            return self.loop(equation, operands)
        if name == "scan":
            return self.scan(equation, operands)
        if name in CALLS:
            inner = parameters[CALLS[name]]
            if (called := str(parameters.get("name", ""))).startswith(IMPLICIT):
                return self.implicit(inner, operands, int(called.rpartition("_")[2]))
            return self.closed(inner, operands)
        if not any(is_traced(operand) for operand in operands):
            return _computed(equation, [_plain(operand) for operand in operands])
        if name == "cond":
            return self.cond(parameters["branches"], operands)
        if name == "convert_element_type":
            return [_converted(operands[0], parameters["new_dtype"], operands_dtype=equation.invars[0].aval.dtype)]
        if name == "integer_pow":
            return [_elementwise(lambda x: functions.power(x, float(parameters["y"])), operands)]
        if name in SCALAR:
            return [_elementwise(SCALAR[name], operands)]
        if name in REDUCTIONS:
            return [_reduced(REDUCTIONS[name], operands[0], parameters["axes"])]
        if name == "dot_general":
            return [_contracted(operands, parameters["dimension_numbers"])]
        if name in MOVING:
            return _moved(equation, operands)
        refused = (
            f"the primitive `{name}` of JAX cannot be traced; rewrite this with functions that are sums, products, "
        )
        frames.refuse(refused + f"comparisons or one of {', '.join(sorted(SCALAR))}", _place(equation))

    def closed(self, function: Any, operands: list[np.ndarray]) -> list[np.ndarray]:
        """The results of a function within a function."""
        if hasattr(function, "consts"):
            return self.run(function.jaxpr, function.consts, operands)
        return self.run(function, (), operands)

    def cond(self, branches: Sequence[Any], operands: list[np.ndarray]) -> list[np.ndarray]:
        """All branches, of which a number that is not known chooses one."""
        which = operands[0].item()
        every = [self.closed(branch, operands[1:]) for branch in branches]
        chosen = []
        for results in zip(*every):
            chosen.append(_elementwise(lambda *cases: _case(which, cases), results))
        return chosen

    def loop(self, equation: Any, operands: list[np.ndarray]) -> list[np.ndarray]:
        """A `while`, unrolled; where its condition is not known, until one is that ends it."""
        parameters = equation.params
        of_condition, of_body = parameters["cond_nconsts"], parameters["body_nconsts"]
        for_condition = operands[:of_condition]
        for_body = operands[of_condition : of_condition + of_body]
        carry = operands[of_condition + of_body :]
        undecided: list[tuple[Any, list[np.ndarray]]] = []
        for _ in range(LONGEST_LOOP):
            condition = self.closed(parameters["cond_jaxpr"], [*for_condition, *carry])[0].item()
            if isinstance(condition, Number):
                undecided.append((condition, carry))
                if len(undecided) > LONGEST_SEARCH:
                    break
            elif not condition:
                return _ended(undecided, carry)
            carry = self.closed(parameters["body_jaxpr"], [*for_body, *carry])
        limit = LONGEST_SEARCH if undecided else LONGEST_LOOP
        reason = "a while loop is not known to end within"
        frames.refuse(f"{reason} {limit} passes; bound it with a counter, as jax.lax.fori_loop does", _place(equation))

    def scan(self, equation: Any, operands: list[np.ndarray]) -> list[np.ndarray]:
        """A `scan`, unrolled."""
        parameters = equation.params
        length, fixed, carried = (parameters[name] for name in ("length", "num_consts", "num_carry"))
        if length > LONGEST_LOOP:
            frames.refuse(f"a loop has {length} passes, more than {LONGEST_LOOP}", _place(equation))
        constants, carry = operands[:fixed], operands[fixed : fixed + carried]
        rows = operands[fixed + carried :]
        order = range(length)[::-1] if parameters["reverse"] else range(length)
        stacked: dict[int, list[np.ndarray]] = {}
        for index in order:
            results = self.closed(parameters["jaxpr"], [*constants, *carry, *(row[index] for row in rows)])
            carry, stacked[index] = results[:carried], results[carried:]
        columns = zip(*(stacked[index] for index in range(length))) if length else ()
        outputs = [np.stack([np.asarray(row, dtype=object) for row in column]) for column in columns]
        return [*carry, *outputs]

    def implicit(self, change: Any, operands: list[np.ndarray], count: int) -> list[np.ndarray]:
        """An implicit step; what its function closes over comes before its arguments."""
        start = len(operands) - count
        before = operands[start]
        unknowns = self.entries.unknowns(before.size)
        symbols = _array([Number(self.entries, self.entries.symbol(name)) for name in unknowns], before.shape)
        (moved,) = self.closed(change, [*operands[:start], symbols, *operands[start + 1 :]])
        old, new = ([position(self.entries, element) for element in array.flat] for array in (before, moved))
        solution = self.entries.solution(old, new, unknowns)
        return [_array([Number(self.entries, place) for place in solution], before.shape)]


def _array(elements: Sequence[Any], shape: Sequence[int]) -> np.ndarray:
    """An array of objects."""
    array = np.empty(len(elements), dtype=object)
    for index, element in enumerate(elements):
        array[index] = element
    return array.reshape(shape)


def _elementwise(function: Callable[..., Any], operands: Sequence[np.ndarray]) -> np.ndarray:
    spread = np.broadcast_arrays(*(np.asarray(operand, dtype=object) for operand in operands))
    result = np.empty(spread[0].shape, dtype=object)
    for index in np.ndindex(result.shape):
        result[index] = function(*(array[index] for array in spread))
    return result


def _case(which: Any, cases: Sequence[Any]) -> Any:
    """The case of a number; a condition is 0 or 1."""
    if not isinstance(which, Number):
        return cases[int(which)]
    if len(cases) == 2:
        return functions.where(which, cases[1], cases[0])
    result = cases[-1]
    for index in reversed(range(len(cases) - 1)):
        result = functions.where(functions.less_equal(which, float(index)), cases[index], result)
    return result


def _ended(undecided: list[tuple[Any, list[np.ndarray]]], carry: list[np.ndarray]) -> list[np.ndarray]:
    """What a loop leaves: where one of the conditions did not hold, what it found then."""
    for condition, before in reversed(undecided):
        choose = lambda late, early, holds=condition: functions.where(holds, late, early)  # noqa: E731
        carry = [_elementwise(choose, pair) for pair in zip(carry, before)]
    return carry


def _detached(x: Any) -> Any:
    return Number(x.entries, x.entries.call("detach", x.position)) if isinstance(x, Number) else x


def _reduced(function: Callable[..., Any], operand: np.ndarray, axes: Sequence[int]) -> np.ndarray:
    kept = [axis for axis in range(operand.ndim) if axis not in axes]
    rows = np.transpose(operand, [*kept, *axes]).reshape([*(operand.shape[axis] for axis in kept), -1])
    result = np.empty(rows.shape[:-1], dtype=object)
    for index in np.ndindex(result.shape):
        result[index] = reduce(function, rows[index])
    return result


def _contracted(operands: list[np.ndarray], dimensions: Any) -> np.ndarray:
    """A product of matrices, vectors or stacks of such."""
    (left_axes, right_axes), (left_batch, right_batch) = dimensions
    left, right = (np.asarray(operand, dtype=object) for operand in operands)
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    left_names = [next(letters) for _ in range(left.ndim)]
    right_names = [next(letters) for _ in range(right.ndim)]
    for own, other in zip((*right_axes, *right_batch), (*left_axes, *left_batch)):
        right_names[own] = left_names[other]
    batch = [left_names[axis] for axis in left_batch]
    summed = [left_names[axis] for axis in left_axes]
    free = [name for name in (*left_names, *right_names) if name not in (*batch, *summed)]
    sizes = dict(zip((*left_names, *right_names), (*left.shape, *right.shape)))
    result = np.empty([sizes[name] for name in (*batch, *free)], dtype=object)
    for index in np.ndindex(result.shape):
        at = dict(zip((*batch, *free), index))
        terms = []
        for inner in np.ndindex(*(sizes[name] for name in summed)):
            at.update(zip(summed, inner))
            pair = (left[tuple(at[n] for n in left_names)], right[tuple(at[n] for n in right_names)])
            terms.append(functions.multiply(*pair))
        result[index] = reduce(functions.add, terms, 0.0)
    return result


def _moved(equation: Any, operands: list[np.ndarray]) -> list[np.ndarray]:
    """Applies a primitive to the positions of elements."""
    name = equation.primitive.name
    moving = {"concatenate": len(operands), "stack": len(operands), "pad": 2, "dynamic_update_slice": 2}.get(name, 1)
    if name == "scatter":
        moving = 3
    pool: list[Any] = [0.0]
    numbered = []
    for index, operand in enumerate(operands):
        is_index = (name == "scatter" and index == 1) or index >= moving
        if is_index:
            if is_traced(operand):
                frames.refuse("an index into an array is known only while a simulation runs", _place(equation))
            numbered.append(_plain(operand))
        else:
            numbered.append(np.arange(operand.size, dtype=np.int64).reshape(operand.shape) + len(pool))
            pool.extend(operand.flat)
    results = []
    for places in _computed(equation, numbered):
        result = np.empty(places.shape, dtype=object)
        for at in np.ndindex(result.shape):
            result[at] = pool[int(places[at])]
        results.append(result)
    return results


def _converted(operand: np.ndarray, dtype: Any, operands_dtype: Any) -> np.ndarray:
    """A conversion: numbers lose their fraction when they become integers, and conditions are 0 or 1 already."""
    if np.issubdtype(dtype, np.bool_) and not np.issubdtype(operands_dtype, np.bool_):
        return _elementwise(lambda x: functions.not_equal(x, 0.0), [operand])
    if np.issubdtype(dtype, np.integer) and np.issubdtype(operands_dtype, np.floating):
        return _elementwise(functions.truncate, [operand])
    return operand


def _computed(equation: Any, operands: list[np.ndarray]) -> list[np.ndarray]:
    results = equation.primitive.bind(*operands, **equation.params)
    return [np.asarray(result) for result in (results if equation.primitive.multiple_results else [results])]


def _plain(operand: np.ndarray) -> np.ndarray:
    """An array of objects that are known, as an array of numbers."""
    return np.array(operand.tolist()) if operand.dtype == object else operand


def _place(equation: Any) -> str:
    """The user's line that an equation comes from."""
    trace = getattr(equation.source_info, "traceback", None)
    for frame in getattr(trace, "frames", ()) if trace is not None else ():
        if not any(part in frame.file_name for part in ("/jax/", "/jaxlib/", "/loligo/tracing/", "<frozen")):
            return frames.place(frame.file_name, frame.line_num, frame.function_name)
    return ""


def _double_precision() -> Any:
    """Within it JAX computes in double precision, whatever the user chose outside."""
    return jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64(True)
