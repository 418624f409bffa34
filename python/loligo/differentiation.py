"""Gradients and Hessian products of a loss written in NumPy: `simulate` is a primitive of HIPS autograd.

Its derivatives are the engine's: forward, in reverse, and forward over reverse for the derivative of the reverse."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
from autograd.core import defjvp_argnums, defvjp_argnums
from autograd.extend import primitive
from autograd.misc.flatten import flatten
from autograd.numpy.numpy_boxes import ArrayBox

from loligo.arguments import as_function, as_whole
from loligo.errors import ArgumentError, ArgumentTypeError
from loligo.parameters import is_traced, value_of
from loligo.simulation import Simulation


def value_and_grad(loss: Callable[..., Any], argument: int = 0) -> Callable[..., tuple[float, Any]]:
    """A function that returns the loss and its gradient with respect to one of its arguments.

    Args:
        loss: A function that calls `lo.simulate` and returns one number, written with NumPy.
        argument: Position of the argument to differentiate: numbers, arrays, and lists or dictionaries of them.

    Raises:
        ArgumentTypeError: What the loss returns is not one number, or does not depend on the argument.

    >>> import loligo as lo
    >>> cell = lo.Cell()
    >>> cell.insert(lo.mechanism("pas"))
    >>> cell.make_trainable("pas.g")
    >>> cell.record()
    >>> loss = lo.value_and_grad(lambda parameters: (lo.simulate(cell, parameters, t_max=1).v ** 2).mean())
    >>> value, gradient = loss(cell.get_parameters())
    >>> gradient[0]["pas.g"].shape
    (1,)
    """
    as_function(loss, "the loss")

    def value_and_gradient(*arguments: Any, **named: Any) -> tuple[float, Any]:
        def of_argument(argument_value: Any) -> Any:
            changed = (*arguments[:argument], argument_value, *arguments[argument + 1 :])
            return one_number(loss(*changed, **named), must_depend=True)

        if as_whole(argument, "the position of the argument") >= len(arguments):
            raise ArgumentError(f"the loss was given {len(arguments)} arguments, expected one at position {argument}")
        return gradient_of(of_argument, _with_floats(arguments[argument]))

    return value_and_gradient


def grad(loss: Callable[..., Any], argument: int = 0) -> Callable[..., Any]:
    """A function that returns the gradient of the loss; see `value_and_grad`."""
    both = value_and_grad(loss, argument)
    return lambda *arguments, **named: both(*arguments, **named)[1]


def hessian_product(loss: Callable[..., Any], argument: int = 0) -> Callable[..., Any]:
    """A function that returns the product of the Hessian of the loss with a vector, exact but for rounding.

    It takes what the loss takes, and then the vector, which has the form of the argument, as the product has (as
    autograd's `hessian_vector_product`). It costs a few gradients, however many numbers the argument has.

    Args:
        loss: A function that calls `lo.simulate` and returns one number, written with NumPy.
        argument: Position of the argument to differentiate twice.

    Raises:
        ArgumentError: The vector has another form than the argument.
        ArgumentTypeError: What the loss returns is not one number, or does not depend on the argument.

    >>> import loligo as lo
    >>> cell = lo.Cell()
    >>> cell.insert(lo.mechanism("pas"))
    >>> cell.make_trainable("pas.g")
    >>> cell.make_trainable("pas.e")
    >>> cell.record()
    >>> product = lo.hessian_product(lambda parameters: (lo.simulate(cell, parameters, t_max=1).v ** 2).mean())
    >>> along = product(cell.get_parameters(), [{"pas.g": np.ones(1)}, {"pas.e": np.zeros(1)}])
    >>> along[0]["pas.g"].shape, along[1]["pas.e"].shape
    ((1,), (1,))
    """
    gradient = grad(loss, argument)

    def product(*arguments_and_vector: Any, **named: Any) -> Any:
        arguments, at, vector = _split(arguments_and_vector, argument, "product", "loss")

        def along(argument_value: Any) -> Any:
            changed = (*arguments[:argument], argument_value, *arguments[argument + 1 :])
            slopes, _ = flatten(gradient(*changed, **named))
            moves, _ = flatten(vector)
            return anp.dot(slopes, moves)

        return gradient_of(along, at)[1]

    return product


def jvp(function: Callable[..., Any], argument: int = 0) -> Callable[..., tuple[Any, Any]]:
    """A function that returns what `function` returns, and its derivative along a vector (a Jacobian-vector product).

    It takes what `function` takes, and then the vector, which has the form of the argument. It costs two to three
    runs, however many numbers the argument has and the function returns.

    Args:
        function: A function that calls `lo.simulate` and returns numbers or an array, written with NumPy.
        argument: Position of the argument that moves.

    Raises:
        ArgumentError: The vector has another form than the argument.

    >>> import loligo as lo
    >>> cell = lo.Cell()
    >>> cell.insert(lo.mechanism("pas"))
    >>> cell.make_trainable("pas.g")
    >>> cell.record()
    >>> voltage = lo.jvp(lambda parameters: lo.simulate(cell, parameters, t_max=1).v)
    >>> v, moved = voltage(cell.get_parameters(), [{"pas.g": np.ones(1)}])
    >>> v.shape, moved.shape
    ((1, 41), (1, 41))
    """
    as_function(function, "the function")

    def value_and_derivative(*arguments_and_vector: Any, **named: Any) -> tuple[Any, Any]:
        arguments, at, vector = _split(arguments_and_vector, argument, "derivative", "function")

        def of_argument(argument_value: Any) -> Any:
            return function(*arguments[:argument], argument_value, *arguments[argument + 1 :], **named)

        try:
            return autograd.make_jvp(of_argument)(at)(vector)
        except NotImplementedError as error:
            raise ArgumentTypeError(f"autograd cannot differentiate the function ({error}); {_INSTEAD}") from error

    return value_and_derivative


def gradient_of(function: Callable[[Any], Any], argument: Any) -> tuple[Any, Any]:
    """What a function returns, and its gradient.

    Raises:
        ArgumentTypeError: The function uses something that autograd cannot differentiate.
    """
    try:
        return autograd.value_and_grad(function)(argument)
    except NotImplementedError as error:
        raise ArgumentTypeError(f"autograd cannot differentiate the loss ({error}); {_INSTEAD}") from error
    except TypeError as error:
        if "ArrayBox" not in str(error):
            raise
        for met, library, instead in _OTHERS:
            if met in str(error):
                raise ArgumentTypeError(
                    f"the loss is written with functions of {library}; write it with those of NumPy here, or {instead}"
                ) from error
        raise ArgumentTypeError(
            f"the loss makes a plain number of what it is differentiated by ({error}); leave out float() and the like"
        ) from error


_OTHERS = (
    ("JAX", "JAX", "differentiate it with jax.grad"),
    ("Tensor", "PyTorch", "give lo.simulate tensors, and call backward()"),
)
"""What the message of another library has in it, the library, and how losses are differentiated with it."""

_INSTEAD = "write it with other functions of NumPy, or with loligo.losses"


def one_number(value: Any, *, must_depend: bool = False) -> Any:
    """What a loss returned, as a number of no dimension.

    Raises:
        ArgumentTypeError: It is something else, or does not depend on what it is to be differentiated by.
    """
    number = value_of(value)
    if np.size(number) != 1 or np.asarray(number).dtype.kind not in "fiu":
        shown = f"an array of shape {np.shape(number)}" if isinstance(number, np.ndarray) else repr(number)
        raise ArgumentTypeError(f"the loss is {shown}, expected one number; take a mean or a sum")
    if must_depend and not is_traced(value):
        raise ArgumentTypeError(
            "the loss does not depend on its argument; is it passed on to lo.simulate, and is the loss written with "
            "functions of NumPy?"
        )
    return value if np.ndim(number) == 0 else value.reshape(())


def _split(given: tuple[Any, ...], argument: int, result: str, of: str) -> tuple[list[Any], Any, Any]:
    """The arguments of a function, the one that it is differentiated by, and the vector after them."""
    *arguments, vector = given
    if as_whole(argument, "the position of the argument") >= len(arguments):
        raise ArgumentError(
            f"the {result} was given {len(given)} arguments, expected those of the {of}, one at position {argument}, "
            "and the vector"
        )
    at, vector = _with_floats(arguments[argument]), _with_floats(vector)
    if not _same_form(at, vector):
        raise ArgumentError(f"the vector has another form than the argument of the {of} at position {argument}")
    return arguments, at, vector


def _with_floats(value: Any) -> Any:
    """Whole numbers have no derivative, but users write them."""
    if is_traced(value):
        return value
    if isinstance(value, dict):
        return {key: _with_floats(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_with_floats(item) for item in value)
    return np.asarray(value, dtype=np.float64) if np.asarray(value).dtype.kind in "iu" else value


def _same_form(value: Any, other: Any) -> bool:
    """Whether numbers, arrays, and lists and dictionaries of them, are alike but for the numbers."""
    value, other = value_of(value), value_of(other)
    if isinstance(value, dict):
        return (
            isinstance(other, dict)
            and value.keys() == other.keys()
            and all(_same_form(item, other[key]) for key, item in value.items())
        )
    if isinstance(value, list | tuple):
        alike = isinstance(other, list | tuple) and len(value) == len(other)
        return alike and all(_same_form(item, its) for item, its in zip(value, other))
    return np.shape(value) == np.shape(other)


@primitive
def recordings(simulation: Simulation, *arrays: np.ndarray) -> np.ndarray:
    """Recordings of a run, as a function of the arrays that it takes."""
    return simulation.recorded(arrays)


def _vjp_of_recordings(
    positions: tuple[int, ...], ans: Any, arguments: tuple[Any, ...], named: dict[str, Any]
) -> Callable[[Any], tuple[Any, ...]]:
    simulation, *arrays = arguments

    def vjp(cotangent: Any) -> tuple[Any, ...]:
        gradients = _parts(simulation, pulled_back(simulation, cotangent, *arrays), arrays)
        return tuple(gradients[position - 1] for position in positions)

    return vjp


def _jvp_of_recordings(
    positions: tuple[int, ...], tangents: list[Any], ans: Any, arguments: tuple[Any, ...], named: dict[str, Any]
) -> Any:
    simulation, *arrays = arguments
    _only_numbers(*arrays, *tangents)
    direction: list[np.ndarray | None] = [None for _ in arrays]
    for position, needed in enumerate(simulation.differentiated):
        if needed:
            direction[position] = np.zeros_like(arrays[position])
    for position, tangent in zip(positions, tangents):
        direction[position - 1] = np.asarray(tangent)
    return simulation.push_forward(arrays, direction)[1]


defvjp_argnums(recordings, _vjp_of_recordings)
defjvp_argnums(recordings, _jvp_of_recordings)


@primitive
def pulled_back(simulation: Simulation, cotangent: np.ndarray, *arrays: np.ndarray) -> np.ndarray:
    """The gradients with respect to the arrays of the last run that are to be differentiated, one after the other in
    one flat array, as a function of the cotangent of its recordings and of the arrays."""
    gradients = zip(simulation.pull_back(np.asarray(cotangent)), arrays, simulation.differentiated)
    return np.concatenate([fitted(gradient, array).ravel() for gradient, array, needed in gradients if needed])


def _vjp_of_pulled_back(
    positions: tuple[int, ...], ans: Any, arguments: tuple[Any, ...], named: dict[str, Any]
) -> Callable[[Any], tuple[Any, ...]]:
    simulation, cotangent, *arrays = arguments

    def vjp(along: Any) -> tuple[Any, ...]:
        # with g = Jᵀ·c, the derivatives of g·a with respect to c and to the arrays are J·a and the derivative of g
        # along a: one run with its derivative along a
        _only_numbers(cotangent, *arrays, along)
        direction = _parts(simulation, np.asarray(along), arrays)
        tangents, products = simulation.products(arrays, np.asarray(cotangent), direction)
        moved = [tangents, *(fitted(product, array) for product, array in zip(products, arrays))]
        return tuple(moved[position - 1] for position in positions)

    return vjp


defvjp_argnums(pulled_back, _vjp_of_pulled_back)


def _parts(simulation: Simulation, flat: Any, arrays: Sequence[Any]) -> list[Any]:
    """What `pulled_back` joined: a part in the shape of each array that is to be differentiated."""
    parts: list[Any] = []
    first = 0
    for array, needed in zip(arrays, simulation.differentiated):
        if not needed:
            parts.append(None)
            continue
        shape = np.shape(value_of(array))
        last = first + math.prod(shape)
        parts.append(flat[first:last].reshape(shape))
        first = last
    return parts


def _only_numbers(*values: Any) -> None:
    if any(is_traced(value) for value in values):
        raise ArgumentTypeError("derivatives of a run are available up to the second")


def fitted(gradient: np.ndarray | None, array: np.ndarray) -> np.ndarray:
    """A gradient per step in the shape of an array that has more or fewer steps than the run."""
    if gradient is None:
        return np.zeros_like(array)
    steps = min(gradient.shape[-1], array.shape[-1])
    fitted = np.zeros(array.shape)
    fitted[..., :steps] = gradient[..., :steps]
    return fitted


_NAMESPACES = {"numpy": anp, "numpy.linalg": anp.linalg, "numpy.fft": anp.fft}


def _array_function(
    self: ArrayBox, function: Callable[..., Any], types: Any, arguments: tuple[Any, ...], named: dict[str, Any]
) -> Any:
    """NumPy's own functions on arrays that autograd follows (NEP 18), as autograd has it for ufuncs (NEP 13)."""
    traced = getattr(_NAMESPACES.get(function.__module__), function.__name__, None)
    if traced is None or traced is function:
        name = f"{function.__module__}.{function.__name__}"
        raise ArgumentTypeError(f"autograd cannot differentiate {name} in the loss; {_INSTEAD}")
    return traced(*arguments, **named)


ArrayBox.__array_function__ = _array_function
