"""Parameters: numbers that are given to a run instead of being set in the model, with or without a batch axis."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import autograd.numpy as anp
import numpy as np
from autograd.extend import Box

from loligo._engine import Selection, SynapseSelection, Waveform
from loligo.errors import ArgumentError, ArgumentTypeError
from loligo.frameworks import of_jax, of_torch
from loligo.waveforms import as_numbers

if TYPE_CHECKING:
    from loligo.spiking import SpikeTrains
    from loligo.synapses import Synapses
    from loligo.targets import Targets

Parameters = list[dict[str, np.ndarray]]
"""The trainable numbers of a model: a list of one-key dictionaries, one for each `make_trainable`, each with as many
numbers as the trainable has; with `lo.batch` of shape (lane, number)."""


@dataclass(frozen=True)
class Batch:
    """Numbers whose first axis counts the lanes of a batch; made by `batch`."""

    values: Any


def batch(values: Any) -> Batch:
    """Says that the first axis of an array, or of every array of a list of parameters, counts the lanes of a batch.

    >>> import loligo as lo
    >>> cell = lo.Cell()
    >>> cell.insert(lo.mechanism("pas"))
    >>> cell.make_trainable("pas.g")
    >>> cell.record()
    >>> conductances = np.array([[0.001], [0.002], [0.003]])
    >>> lo.simulate(cell, lo.batch([{"pas.g": conductances}]), t_max=1).v.shape
    (3, 1, 41)
    """
    return Batch(values)


@dataclass(frozen=True)
class Trained:
    """Which quantity is trained, and over which compartments or synapses."""

    name: str
    """What parameters call it."""
    quantities: tuple[str, ...]
    """What is set to its numbers."""
    targets: Targets


@dataclass(frozen=True)
class Trainable(Trained):
    """What is trained, and from which numbers on."""

    initial: np.ndarray
    bounds: tuple[float, float] | None = None

    @property
    def size(self) -> float:
        """How large its numbers are at the start, sign aside."""
        return float(np.mean(np.abs(self.initial)))


@dataclass(frozen=True)
class Setting:
    """Numbers for one run; made by `data_set`."""

    name: str
    selection: Selection | SynapseSelection
    value: Any
    quantities: tuple[str, ...] = field(default=())
    """What is set; the name itself if empty."""


@dataclass(frozen=True)
class Driving:
    """What something follows in one run."""

    selection: Selection | SynapseSelection
    """Where it is."""
    current: Waveform | Any

    @property
    def what(self) -> str:
        """What messages call it."""
        return "the current"


@dataclass(frozen=True)
class Injection(Driving):
    """A current for one run; made by `View.data_stimulate`."""

    selection: Selection


@dataclass(frozen=True)
class Play(Driving):
    """What a number of a mechanism or an ion follows in one run; made by `data_play`."""

    quantity: str

    @property
    def what(self) -> str:
        """What messages call it."""
        return f"what is played into `{self.quantity}`"


@dataclass(frozen=True)
class Hold(Driving):
    """Values, one per step, at which a number of the state is held in one run."""

    quantity: str
    """`v`, or what a recording of the state is called."""


@dataclass(frozen=True)
class Spikes:
    """Spikes at given times for one run; made by `Synapses.data_spikes`."""

    synapses: Synapses
    trains: SpikeTrains | Batch


def checked(values: Any, trainables: Sequence[Trained], lanes: int | None) -> list[Any]:
    """The arrays of parameters, in the order of the trainables; they may be traced by autograd, or tensors.

    Args:
        lanes: How many lanes each array has as its first axis; None for no such axis.

    Raises:
        ArgumentError: Parameters of another model, or arrays of the wrong shape.
        ArgumentTypeError: Something that is not made of numbers, or a tensor that is not taken.
    """
    if not _is_sequence(values):
        raise ArgumentTypeError(
            f"the parameters are {_shown(values)}, expected a list of one-key dictionaries as from get_parameters()"
        )
    if len(values) != len(trainables):
        raise ArgumentError(
            f"{len(values)} parameters were given, but the model has {len(trainables)} trainables"
            + (f": {', '.join(t.name for t in trainables)}" if trainables else "; call make_trainable first")
        )
    arrays = []
    for position, (entry, trainable) in enumerate(zip(values, trainables)):
        keys = list(entry.keys()) if hasattr(entry, "keys") else None
        if keys != [trainable.name]:
            found = f"the keys {keys}" if keys is not None else f"{_shown(entry)}"
            raise ArgumentError(f"parameter {position} is {found}, expected one key, `{trainable.name}`")
        array = entry[trainable.name]
        array = as_array(array, f"`{trainable.name}`")
        count = len(trainable.targets)
        expected = (count,) if lanes is None else (lanes, count)
        if (shape := shape_of(array)) != expected:
            axes = "(number,)" if lanes is None else "(lane, number)"
            raise ArgumentError(f"`{trainable.name}` of the parameters has shape {shape}, expected {expected}, {axes}")
        arrays.append(array)
    return arrays


def lane_count(value: Any, what: str) -> int:
    """How many lanes a batched array, or list of parameters, has."""
    if _is_sequence(value) and len(value) and hasattr(value[0], "keys"):
        counts = {lane_count(array, what) for entry in value for array in entry.values()}
        if len(counts) > 1:
            raise ArgumentError(f"the arrays of {what} have {sorted(counts)} lanes, expected the same number in all")
        return counts.pop()
    shape = shape_of(value)
    if not shape or shape[0] == 0:
        raise ArgumentError(f"the batch of {what} has shape {shape}, expected lanes as its first axis")
    return shape[0]


def as_array(value: Any, what: str) -> Any:
    """An array of floats, one that autograd or JAX traces, or a tensor of doubles; the engine says where one is not
    finite.

    Raises:
        ArgumentTypeError: Something that is not made of numbers, or a tensor that is not taken.
    """
    if is_traced(value) or of_jax(value):
        return value
    items = value if isinstance(value, list | tuple) else (value,)
    if any(of_torch(item) for item in items):
        from loligo.torch import as_doubles

        return as_doubles(value, what)
    if any(of_jax(item) for item in items):
        return sys.modules["jax"].numpy.stack(value)
    if any(is_traced(item) for item in items):
        return anp.array(value)
    return as_numbers(value, what)


def is_traced(value: Any) -> bool:
    """Whether autograd follows this value."""
    return isinstance(value, Box)


def value_of(value: Any) -> Any:
    """The number or array behind what autograd or torch follows."""
    value = _unboxed(value)
    return value.numpy(force=True) if of_torch(value) else value


def numbers_of(array: Any) -> np.ndarray | None:
    """The numbers of an array as from `as_array`; None where a framework follows them, or has them only when a function
    that it traces runs."""
    if is_traced(array) or (of_torch(array) and array.requires_grad):
        return None
    if of_jax(array) and isinstance(array, sys.modules["jax"].core.Tracer):
        return None
    return np.asarray(value_of(array))


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of a number or array, also of one whose numbers cannot be had."""
    try:
        return tuple(np.shape(_unboxed(value)))
    except ValueError:
        raise ArgumentTypeError(f"{value!r} has lists of different lengths, expected an array") from None


def _unboxed(value: Any) -> Any:
    while isinstance(value, Box):
        value = value._value
    return value


def _is_sequence(value: Any) -> bool:
    return isinstance(_unboxed(value), list | tuple)


def _shown(value: Any) -> str:
    return f"of type {type(_unboxed(value)).__name__}"
