"""Gradients of a loss written in NumPy: `simulate` is a primitive of HIPS autograd, whose reverse is the engine's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy
import numpy as np
from autograd.core import defvjp_argnums
from autograd.extend import primitive
from autograd.numpy.numpy_boxes import ArrayBox

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

    def value_and_gradient(*arguments: Any, **named: Any) -> tuple[float, Any]:
        def of_argument(argument_value: Any) -> Any:
            changed = (*arguments[:argument], argument_value, *arguments[argument + 1 :])
            return one_number(loss(*changed, **named), must_depend=True)

        if argument >= len(arguments):
            raise ArgumentError(f"the loss was given {len(arguments)} arguments, expected one at position {argument}")
        return gradient_of(of_argument, _with_floats(arguments[argument]))

    return value_and_gradient


def grad(loss: Callable[..., Any], argument: int = 0) -> Callable[..., Any]:
    """A function that returns the gradient of the loss; see `value_and_grad`."""
    both = value_and_grad(loss, argument)
    return lambda *arguments, **named: both(*arguments, **named)[1]


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
        raise ArgumentTypeError(
            f"the loss makes a plain number of what it is differentiated by ({error}); leave out float() and the like"
        ) from error


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


def _with_floats(value: Any) -> Any:
    """Whole numbers have no derivative, but users write them."""
    if isinstance(value, dict):
        return {key: _with_floats(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_with_floats(item) for item in value)
    return np.asarray(value, dtype=np.float64) if np.asarray(value).dtype.kind in "iu" else value


@primitive
def recordings(simulation: Simulation, *arrays: np.ndarray) -> np.ndarray:
    """Recordings of a run, as a function of the arrays that it takes."""
    return simulation.recorded(arrays)


def _vjp_of_recordings(positions: tuple[int, ...], ans: Any, arguments: tuple, named: dict) -> Callable[[Any], tuple]:
    simulation, *arrays = arguments

    def vjp(cotangent: Any) -> tuple:
        if is_traced(cotangent) or any(is_traced(array) for array in arrays):
            raise ArgumentTypeError("second derivatives of a run cannot be taken through autograd")
        gradients = simulation.pull_back(np.asarray(cotangent))
        return tuple(_fitted(gradients[position - 1], arrays[position - 1]) for position in positions)

    return vjp


defvjp_argnums(recordings, _vjp_of_recordings)


def _fitted(gradient: np.ndarray | None, array: np.ndarray) -> np.ndarray:
    """A gradient per step in the shape of an array that has more or fewer steps than the run."""
    if gradient is None:
        return np.zeros_like(array)
    steps = min(gradient.shape[-1], array.shape[-1])
    fitted = np.zeros(array.shape)
    fitted[..., :steps] = gradient[..., :steps]
    return fitted


_NAMESPACES = {"numpy": autograd.numpy, "numpy.linalg": autograd.numpy.linalg, "numpy.fft": autograd.numpy.fft}


def _array_function(self: ArrayBox, function: Callable, types: Any, arguments: tuple, named: dict) -> Any:
    """NumPy's own functions on arrays that autograd follows (NEP 18), as autograd has it for ufuncs (NEP 13)."""
    traced = getattr(_NAMESPACES.get(function.__module__), function.__name__, None)
    if traced is None or traced is function:
        name = f"{function.__module__}.{function.__name__}"
        raise ArgumentTypeError(f"autograd cannot differentiate {name} in the loss; {_INSTEAD}")
    return traced(*arguments, **named)


ArrayBox.__array_function__ = _array_function
