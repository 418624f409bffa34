"""PyTorch: runs made of tensors, and a simulation that is a module of torch.

`loligo.simulate` takes tensors wherever it takes arrays: in parameters, as `v_init`, in `data_set` and in
`data_stimulate`, with `loligo.batch` or without. The recordings of the run are then a tensor, which torch
differentiates: in reverse, in reverse twice (Hessian products), and forward. These derivatives are the engine's; for
equal cotangents they are those of `loligo.value_and_grad`, bit for bit.

>>> import loligo as lo
>>> cell = lo.Cell()
>>> cell.insert(lo.mechanism("pas"))
>>> cell.make_trainable("pas.g")
>>> cell.record()
>>> conductance = torch.tensor([0.002], dtype=torch.float64, requires_grad=True)
>>> run = lo.simulate(cell, [{"pas.g": conductance}], t_max=1, v_init=-65.0)
>>> run.v.shape
torch.Size([1, 41])
>>> run.v.mean().backward()
>>> conductance.grad.shape
torch.Size([1])
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from loligo import transforms
from loligo.differentiation import fitted
from loligo.errors import ArgumentError, ArgumentTypeError, MissingPackageError, did_you_mean
from loligo.frameworks import of_jax, of_torch
from loligo.modules import Module
from loligo.parameters import Batch, Injection, Play, Setting, Spikes, is_traced, value_of
from loligo.run import Run
from loligo.simulation import Simulation as Prepared
from loligo.simulation import simulate
from loligo.waveforms import as_numbers

try:
    import torch
except ImportError as error:
    raise MissingPackageError('loligo.torch needs PyTorch: pip install "loligo[torch]"') from error

_OPTIONS = set(inspect.signature(simulate).parameters) - {"module", "values"}
"""What a `Simulation` passes on."""


class Simulation(torch.nn.Module):
    """A model as a module of torch: what is trainable are its parameters, and calling it gives a run.

    A trainable with bounds is held as a number without (`loligo.transforms`), so that any optimiser keeps it inside;
    one without bounds is held as it is, in its own unit. Each `make_trainable` is one parameter of doubles, shape
    (number,), named as the trainable with `_` for `.`: `hh_gnabar`; a second of that name is `hh_gnabar_2`.

    Args:
        module: A model with something recorded. It is not copied, and changes by `write` alone.
        t_max: Duration of each run, ms.
        options: Further arguments of `loligo.simulate`.

    Raises:
        ArgumentTypeError: Something else than a whole module, or an argument that `loligo.simulate` does not have.

    >>> import loligo as lo
    >>> cell = lo.Cell()
    >>> cell.insert(lo.mechanism("pas"))
    >>> cell.stimulate(lo.step(start=0, duration=20, amplitude=0.001))
    >>> cell.record()
    >>> target = lo.simulate(cell, t_max=20).v
    >>> cell.set("pas.g", 0.003)
    >>> cell.make_trainable("pas.g", bounds=(1e-4, 1e-2))
    >>> simulation = Simulation(cell, t_max=20)
    >>> list(simulation.state_dict())
    ['pas_g']
    >>> optimizer = torch.optim.Adam(simulation.parameters(), lr=0.1)
    >>> for _ in range(100):
    ...     optimizer.zero_grad()
    ...     loss = ((simulation().v - torch.tensor(target)) ** 2).mean()
    ...     loss.backward()
    ...     optimizer.step()
    >>> simulation.write()
    >>> abs(cell.get_parameters()[0]["pas.g"] - 0.001) < 1e-5
    array([ True])
    """

    def __init__(self, module: Module, *, t_max: float, **options: Any) -> None:
        super().__init__()
        if not isinstance(module, Module):
            raise ArgumentTypeError(f"Simulation was given {module!r}, expected a whole module")
        for name in options.keys() - _OPTIONS:
            raise ArgumentTypeError(f"simulate has no argument `{name}`{did_you_mean(name, _OPTIONS)}")
        self.module = module
        self.options: dict[str, Any] = {"t_max": t_max, **options}
        self._held: list[_Held] = []
        for trainable in module._trainables():
            held = _Held(self._free_name(trainable.name), trainable.name, trainable.bounds, trainable.size)
            self._held.append(held)
            self.register_parameter(held.name, torch.nn.Parameter(held.start(trainable.initial)))

    def forward(
        self,
        stimuli: Sequence[Injection] | None = None,
        param_state: Sequence[Setting] | None = None,
        v_init: float | ArrayLike | torch.Tensor | Batch | None = None,
        spikes: Sequence[Spikes] | None = None,
        plays: Sequence[Play] | None = None,
    ) -> Run:
        """A run with the present numbers; what is given here is for this run only, as in `loligo.simulate`. With
        `loligo.batch` in it the run is a batch, whose lanes share the parameters.

        Returns:
            A run whose recordings are a tensor, shape ([lane,] recording, time). Where nothing is trainable and
            nothing a tensor, they are an array.

        Raises:
            LoligoError: What `loligo.simulate` raises.
        """
        given = {
            "stimuli": stimuli,
            "param_state": param_state,
            "v_init": v_init,
            "spikes": spikes,
            "plays": plays,
        }
        options = self.options | {name: value for name, value in given.items() if value is not None}
        return simulate(self.module, self.physical_parameters() or None, **options)

    def physical_parameters(self) -> list[dict[str, torch.Tensor]]:
        """The numbers that the parameters stand for, within their bounds and in their units, in the form of
        `get_parameters` of a model; functions of the parameters, which torch differentiates."""
        return [{held.quantity: held.physical(self.get_parameter(held.name))} for held in self._held]

    def write(self) -> None:
        """Writes the present numbers into the model, as `write_trainables` does.

        Raises:
            ModelError: A number that its quantity cannot have.
        """
        self.module.write_trainables(self.physical_parameters())

    def extra_repr(self) -> str:
        """What torch prints of it."""
        short = {name: value for name, value in self.options.items() if isinstance(value, str | int | float)}
        return ", ".join([repr(self.module), *(f"{name}={value!r}" for name, value in short.items())])

    def _free_name(self, quantity: str) -> str:
        name = wanted = quantity.replace(".", "_")
        count = itertools.count(2)
        while hasattr(self, name):
            name = f"{wanted}_{next(count)}"
        return name


@dataclass(frozen=True)
class _Held:
    """A trainable that is a parameter of torch."""

    name: str
    """Of the parameter."""
    quantity: str
    bounds: tuple[float, float] | None
    size: float

    @property
    def transform(self) -> transforms.Transform:
        bounded = self.bounds is not None and np.isfinite(self.bounds).any()
        return transforms.for_bounds(self.bounds, self.size) if bounded else transforms.Scale(1.0)

    def start(self, initial: np.ndarray) -> torch.Tensor:
        """The parameter for numbers of the quantity, those on a bound moved inside by a millionth of the range."""
        values = initial if self.bounds is None else transforms.inside(initial, self.bounds, self.size)
        return _constant(self.transform.inverse(values))

    def physical(self, parameter: torch.Tensor) -> torch.Tensor:
        """Numbers of the quantity for the parameter."""
        values = self.transform.forward(parameter)
        # far out, rounding could leave the bounds by a bit
        return values if self.bounds is None else values.clamp(*self.bounds)


def as_doubles(value: Any, what: str) -> torch.Tensor:
    """A tensor of doubles: of a tensor, or of a list of tensors and numbers.

    Args:
        what: What an error calls it.

    Raises:
        ArgumentError: Tensors of different shapes in a list.
        ArgumentTypeError: A tensor of whole numbers, of few bits, on a GPU, or sparse.
    """
    if isinstance(value, list | tuple):
        items = [as_doubles(item, what) if of_torch(item) else _constant(as_numbers(item, what)) for item in value]
        shapes = sorted({tuple(item.shape) for item in items})
        if len(shapes) > 1:
            raise ArgumentError(f"{what} is a list of tensors of the shapes {shapes}, expected one shape")
        return torch.stack(items)
    if value.dtype not in (torch.float32, torch.float64) or value.device.type != "cpu":
        raise ArgumentTypeError(
            f"{what} is a tensor of {value.dtype} on {value.device}, expected torch.float32 or torch.float64 on cpu"
        )
    if value.layout is not torch.strided:
        raise ArgumentTypeError(f"{what} is a tensor of layout {value.layout}, expected a dense one")
    return value.to(torch.float64)


def recordings(prepared: Prepared, *arrays: Any) -> torch.Tensor:
    """Recordings of a run, as a function of the tensors among the arrays that it takes.

    Raises:
        ArgumentTypeError: Another of the arrays is of JAX, or followed by autograd (HIPS).
    """
    if any(of_jax(array) for array in arrays):
        raise ArgumentTypeError(
            "a run is given both tensors of torch and arrays of JAX, expected those of one framework"
        )
    if any(is_traced(array) for array in arrays):
        raise ArgumentTypeError(
            "a run is given both tensors of torch and arrays that lo.value_and_grad, lo.grad or another function of "
            "autograd follows, expected those of one framework"
        )
    tensors = [array if of_torch(array) else _constant(array) for array in arrays]
    prepared.differentiated = tuple(_is_followed(tensor) for tensor in tensors)
    return _Recordings.apply(prepared, *tensors)


def _constant(numbers: np.ndarray) -> torch.Tensor:
    # also where torch makes its tensors on another device, or singles, unless told otherwise
    return torch.tensor(numbers, dtype=torch.float64, device="cpu")


def _is_followed(tensor: torch.Tensor) -> bool:
    if torch.is_grad_enabled() and tensor.requires_grad:
        return True
    return torch.autograd.forward_ad.unpack_dual(tensor).tangent is not None


class _OfRuns(torch.autograd.Function):
    """A function of a run."""

    @staticmethod
    def vmap(info: Any, in_dims: Any, *arguments: Any) -> Any:
        raise ArgumentTypeError(
            "runs are not batched by torch.func.vmap (nor by jacrev, jacfwd and hessian, which use it): "
            "lo.batch is, and torch.autograd.functional has these derivatives"
        )


class _Recordings(_OfRuns):
    """Recordings of a run, as a function of the arrays that it takes."""

    @staticmethod
    def forward(prepared: Prepared, *arrays: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(prepared.recorded(_numbers(arrays)))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        ctx.prepared, *arrays = inputs
        ctx.save_for_backward(*arrays)
        ctx.save_for_forward(*arrays)

    @staticmethod
    def backward(ctx: Any, cotangent: torch.Tensor) -> tuple[Any, ...]:
        gradients = _PulledBack.apply(ctx.prepared, cotangent, *ctx.saved_tensors)
        return None, *_where_differentiated(ctx.prepared, gradients)

    @staticmethod
    def jvp(ctx: Any, _: None, *tangents: torch.Tensor | None) -> torch.Tensor:
        each = zip(ctx.saved_tensors, tangents, ctx.prepared.differentiated)
        along = [torch.zeros_like(array) if own is None else own for array, own, needed in each if needed]
        return _PushedForward.apply(ctx.prepared, *ctx.saved_tensors, *along)


class _PulledBack(_OfRuns):
    """The gradients with respect to the arrays that are to be differentiated, as a function of the cotangent of the
    recordings and of the arrays."""

    @staticmethod
    def forward(prepared: Prepared, cotangent: torch.Tensor, *arrays: torch.Tensor) -> tuple[torch.Tensor, ...]:
        numbers = _numbers(arrays)
        if prepared.trace is None:  # an earlier gradient took it; torch was told to keep the graph
            prepared.recorded(numbers)
        gradients = prepared.pull_back(value_of(cotangent))
        # a loop that trains holds on to one run until it has made the next: let that have the memory
        prepared.trace = None
        return _fitted(prepared, gradients, numbers)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Any, ...]) -> None:
        ctx.prepared, *tensors = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    def backward(ctx: Any, *along: torch.Tensor) -> tuple[Any, ...]:
        cotangent, *arrays = ctx.saved_tensors
        tangents, *products = _Products.apply(ctx.prepared, cotangent, *arrays, *along)
        return None, tangents, *_where_differentiated(ctx.prepared, products)


class _PushedForward(_OfRuns):
    """The derivative of the recordings along a direction, as a function of the arrays and of how those that are to be
    differentiated move."""

    @staticmethod
    def forward(prepared: Prepared, *arrays_and_along: torch.Tensor) -> torch.Tensor:
        arrays, direction = _split(prepared, arrays_and_along)
        return torch.from_numpy(prepared.push_forward(arrays, direction)[1])

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        ctx.prepared, *tensors = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    def backward(ctx: Any, cotangent: torch.Tensor) -> tuple[Any, ...]:
        arrays = ctx.saved_tensors[: len(ctx.prepared.differentiated)]
        gradients = _PulledBack.apply(ctx.prepared, cotangent, *arrays)
        _, *products = _Products.apply(ctx.prepared, cotangent, *ctx.saved_tensors)
        return None, *_where_differentiated(ctx.prepared, products), *gradients


class _Products(_OfRuns):
    """With g = Jᵀ·c the derivatives of g·a: J·a, that with respect to c, and the derivative of g along a, that with
    respect to the arrays."""

    @staticmethod
    def forward(
        prepared: Prepared, cotangent: torch.Tensor, *arrays_and_along: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        arrays, direction = _split(prepared, arrays_and_along)
        tangents, products = prepared.products(arrays, value_of(cotangent), direction)
        return torch.from_numpy(tangents).to(cotangent.dtype), *_fitted(prepared, products, arrays)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Any, ...]) -> None:
        """Nothing is needed to refuse."""

    @staticmethod
    def backward(ctx: Any, *cotangents: torch.Tensor) -> tuple[Any, ...]:
        raise ArgumentTypeError("derivatives of a run are available up to the second")


def _numbers(tensors: Sequence[torch.Tensor]) -> list[np.ndarray]:
    return [value_of(tensor) for tensor in tensors]


def _split(
    prepared: Prepared, arrays_and_along: Sequence[torch.Tensor]
) -> tuple[list[np.ndarray], list[np.ndarray | None]]:
    """Arrays, and how those that are to be differentiated move."""
    count = len(prepared.differentiated)
    along = _where_differentiated(prepared, _numbers(arrays_and_along[count:]))
    return _numbers(arrays_and_along[:count]), along


def _where_differentiated(prepared: Prepared, parts: Sequence[Any]) -> list[Any]:
    """The parts for the arrays that are to be differentiated, with None for the others."""
    rest = iter(parts)
    return [next(rest) if needed else None for needed in prepared.differentiated]


def _fitted(
    prepared: Prepared, gradients: Sequence[np.ndarray | None], arrays: Sequence[np.ndarray]
) -> tuple[torch.Tensor, ...]:
    """The gradients with respect to the arrays that are to be differentiated, in the shapes of these."""
    each = zip(gradients, arrays, prepared.differentiated)
    return tuple(torch.from_numpy(fitted(gradient, array)) for gradient, array, needed in each if needed)
