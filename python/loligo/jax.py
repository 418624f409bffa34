"""JAX: a run is a primitive, so that `jit`, `grad`, `vjp`, `jvp`, `hessian` and `vmap`, in any order, go through it.

Compiled programs call the engine by XLA's foreign-function interface, without Python and its lock. The derivatives are
the engine's own, up to the second: forward, in reverse, and forward over reverse. `vmap` makes lanes of a batch, and is
one call however many there are.

>>> import jax, loligo as lo
>>> jax.config.update("jax_enable_x64", True)
>>> cell = lo.Cell()
>>> cell.insert(lo.mechanism("pas"))
>>> cell.make_trainable("pas.g")
>>> cell.record()
>>> loss = lambda parameters: (lo.simulate(cell, parameters, t_max=1).v ** 2).mean()
>>> parameters = jax.tree.map(jax.numpy.asarray, cell.get_parameters())
>>> jax.jit(jax.grad(loss))(parameters)[0]["pas.g"].shape
(1,)
"""

from __future__ import annotations

import copy
import ctypes
import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from loligo._engine import StagedRun
from loligo.differentiation import fitted
from loligo.equilibrium import FIRST, LARGEST, Equilibrium
from loligo.simulation import Simulation
from loligo.state import State

Which = tuple[int, ...]
"""Some of the arrays of a run, by their positions."""


def recordings(simulation: Simulation, arrays: Sequence[Any], *, raises: bool) -> Any:
    """Recordings of a run with these arrays, of which some are JAX's: shape ([lane,] recording, time)."""
    staged = Staged(simulation, raises)
    return run_p.bind(*(jnp.asarray(array, staged.dtype) for array in arrays), staged=staged, kept=False)


class Staged:
    """A run with everything decided but the numbers of its arrays."""

    def __init__(self, simulation: Simulation, raises: bool) -> None:
        self.simulation = simulation
        self.raises = raises
        """Whether numbers that are not finite are an error."""
        # in single precision JAX has no other numbers, and a run in single precision gives no better ones
        single = simulation.precision == "float32" or not jax.config.jax_enable_x64
        self.dtype = np.dtype(np.float32 if single else np.float64)
        self._widened: dict[tuple[Any, ...], Staged] = {}
        self._last: list[np.ndarray] | None = None
        """The arrays of the last run that was kept to be differentiated."""

    @property
    def lanes(self) -> int | None:
        return self.simulation.lanes

    @property
    def batched(self) -> list[bool]:
        """For each array whether its first axis counts lanes."""
        return self.simulation.batched

    @property
    def recorded(self) -> Any:
        """The shape of what is recorded."""
        lanes = () if self.lanes is None else (self.lanes,)
        return jax.ShapeDtypeStruct((*lanes, *self.simulation.shape), self.dtype)

    @functools.cached_property
    def run(self) -> StagedRun:
        """What compiled programs call."""
        self.simulation.module._compiled.add(self)
        return self.simulation.staged(self.shapes, raises=self.raises)

    def widened(self, batched: Sequence[bool], lanes: int) -> Staged:
        """The same with more lanes, for which these arrays have an axis."""
        key = (tuple(batched), lanes)
        if key not in self._widened:
            wide = copy.copy(self.simulation)
            count = len(wide.assignments)
            wide.lanes = lanes
            # spikes of the lanes that there were, once for each element
            times = lanes // (self.lanes or 1)
            wide.trains = {s: own * times if isinstance(own, list) else own for s, own in wide.trains.items()}
            wide.assignments = [replace(a, batched=each) for a, each in zip(wide.assignments, batched)]
            wide.drives = [replace(drive, batched=each) for drive, each in zip(wide.drives, batched[count:])]
            # a lane that diverges must not end the others
            self._widened[key] = Staged(wide, raises=False)
        return self._widened[key]

    def keep(self, arrays: list[np.ndarray]) -> np.ndarray:
        """A run with these arrays, from which gradients with respect to all of them can be pulled back."""
        self._last = None
        recorded = _differentiated(self, tuple(range(len(arrays)))).recorded(arrays)
        self._last = arrays
        return recorded

    def is_kept(self, arrays: list[np.ndarray]) -> bool:
        """Whether the last run that was kept had these arrays."""
        return self._last is not None and all(map(np.array_equal, self._last, arrays))

    def told(self, shapes: Sequence[tuple[int, ...]]) -> Staged:
        """Notes which shapes its arrays have."""
        self.shapes = list(shapes)
        return self


# a state may be what a compiled function takes and returns
jax.tree_util.register_pytree_node(
    State, lambda state: ((state.numbers,), state.layout), lambda layout, children: State(children[0], layout)
)


# primitives


def _abstract(staged: Staged, arrays: Sequence[Any]) -> Staged:
    return staged.told([array.shape for array in arrays[: len(staged.batched)]])


def _shaped(array: Any) -> Any:
    return jax.core.ShapedArray(array.shape, array.dtype)


def _ffi(name: str, results: Any, operands: Sequence[Any], staged: Staged, **attributes: Any) -> Any:
    _registered()
    return jax.ffi.ffi_call(name, results)(*operands, key=np.int64(staged.run.key), **attributes)


def _numbers(arrays: Sequence[Any]) -> list[np.ndarray]:
    return [np.asarray(array, dtype=np.float64) for array in arrays]


run_p = Primitive("loligo_run")
"""Arrays to recordings. With `kept` the run is soon to be differentiated."""

push_forward_p = Primitive("loligo_push_forward")
"""Arrays, and how some of them move, to how recordings move."""

pull_back_p = Primitive("loligo_pull_back")
"""Arrays, and the cotangent of recordings, to cotangents of some of the arrays."""
pull_back_p.multiple_results = True

products_p = Primitive("loligo_products")
"""Arrays, the cotangent of recordings, and how some of the arrays move, to how the cotangents of these move."""
products_p.multiple_results = True


@run_p.def_abstract_eval
def _run_shape(*arrays: Any, staged: Staged, kept: bool) -> Any:
    return _shaped(_abstract(staged, arrays).recorded)


@push_forward_p.def_abstract_eval
def _push_forward_shape(*operands: Any, staged: Staged, which: Which) -> Any:
    return _shaped(_abstract(staged, operands).recorded)


@pull_back_p.def_abstract_eval
def _pull_back_shape(*operands: Any, staged: Staged, which: Which) -> Any:
    _abstract(staged, operands)
    return [_shaped(operands[position]) for position in which]


@products_p.def_abstract_eval
def _products_shape(*operands: Any, staged: Staged, which: Which) -> Any:
    _abstract(staged, operands)
    return [_shaped(operands[position]) for position in which]


# outside of compiled programs


def _differentiated(staged: Staged, which: Which) -> Simulation:
    simulation = staged.simulation
    simulation.differentiated = tuple(position in which for position in range(len(staged.batched)))
    return simulation


def _checked(staged: Staged, recorded: np.ndarray) -> Any:
    simulation = staged.simulation
    if simulation.diverged and staged.raises:
        raise simulation.diverged[0]
    return jnp.asarray(recorded, staged.dtype)


@run_p.def_impl
def _run(*arrays: Any, staged: Staged, kept: bool) -> Any:
    if kept:
        return _checked(staged, staged.keep(_numbers(arrays)))
    return _checked(staged, _differentiated(staged, ()).recorded(_numbers(arrays)))


@push_forward_p.def_impl
def _push_forward(*operands: Any, staged: Staged, which: Which) -> Any:
    arrays, moves = _numbers(operands[: len(staged.batched)]), _numbers(operands[len(staged.batched) :])
    direction = _direction(len(arrays), which, moves)
    return _checked(staged, _differentiated(staged, which).push_forward(arrays, direction)[1])


@pull_back_p.def_impl
def _pull_back(*operands: Any, staged: Staged, which: Which) -> Any:
    *arrays, cotangent = _numbers(operands)
    if not staged.is_kept(arrays):
        _checked(staged, staged.keep(arrays))
    return _fitted(staged, _differentiated(staged, which).pull_back(cotangent), arrays, which)


@products_p.def_impl
def _products(*operands: Any, staged: Staged, which: Which) -> Any:
    count = len(staged.batched)
    arrays, cotangent, moves = _numbers(operands[:count]), *_numbers(operands[count : count + 1]), operands[count + 1 :]
    direction = _direction(len(arrays), which, _numbers(moves))
    _, products = _differentiated(staged, which).products(arrays, cotangent, direction)
    return _fitted(staged, products, arrays, which)


def _direction(arrays: int, which: Which, moves: Sequence[np.ndarray]) -> list[np.ndarray | None]:
    """How each of so many arrays moves, of which these do."""
    moving = dict(zip(which, moves))
    return [moving.get(position) for position in range(arrays)]


def _fitted(staged: Staged, gradients: Sequence[Any], arrays: Sequence[np.ndarray], which: Which) -> list[Any]:
    """Gradients of these arrays, as JAX has them."""
    return [jnp.asarray(fitted(gradients[position], arrays[position]), staged.dtype) for position in which]


# inside of them


def _lowered(primitive: Primitive, function: Callable[..., Any]) -> None:
    lowered = mlir.lower_fun(function, multiple_results=primitive.multiple_results)
    mlir.register_lowering(primitive, lowered, platform="cpu")


def _indices(which: Which) -> np.ndarray:
    return np.array(which, dtype=np.int64)


def _call_run(*arrays: Any, staged: Staged, kept: bool) -> Any:
    return _ffi("loligo_run", staged.recorded, arrays, staged, kept=np.int64(kept))


def _call_push_forward(*operands: Any, staged: Staged, which: Which) -> Any:
    return _ffi("loligo_push_forward", staged.recorded, operands, staged, which=_indices(which))


def _like(operands: Sequence[Any], which: Which) -> list[Any]:
    return [jax.ShapeDtypeStruct(operands[position].shape, operands[position].dtype) for position in which]


def _call_pull_back(*operands: Any, staged: Staged, which: Which) -> Any:
    return _ffi("loligo_pull_back", _like(operands, which), operands, staged, which=_indices(which))


def _call_products(*operands: Any, staged: Staged, which: Which) -> Any:
    return _ffi("loligo_products", _like(operands, which), operands, staged, which=_indices(which))


_lowered(run_p, _call_run)
_lowered(push_forward_p, _call_push_forward)
_lowered(pull_back_p, _call_pull_back)
_lowered(products_p, _call_products)


@functools.cache
def _registered() -> None:
    """Tells XLA of the functions that compiled programs call."""
    for name, address in StagedRun.handlers():
        jax.ffi.register_ffi_target(name, jax.ffi.pycapsule(ctypes.c_void_p(address)), platform="cpu")


# derivatives


_BEYOND = (
    "derivatives of a run are available up to the second, which is forward over reverse (jax.hessian, jax.jvp of "
    "jax.grad) or reverse over reverse, and not forward over forward"
)


def _moving(tangents: Sequence[Any]) -> Which:
    return tuple(position for position, tangent in enumerate(tangents) if type(tangent) is not ad.Zero)


def _run_jvp(primals: Sequence[Any], tangents: Sequence[Any], *, staged: Staged, kept: bool) -> Any:
    which = _moving(tangents)
    recorded = run_p.bind(*primals, staged=staged, kept=True)
    moves = (tangents[position] for position in which)
    return recorded, push_forward_p.bind(*primals, *moves, staged=staged, which=which)


ad.primitive_jvps[run_p] = _run_jvp


def _push_forward_jvp(primals: Sequence[Any], tangents: Sequence[Any], *, staged: Staged, which: Which) -> Any:
    count = len(staged.batched)
    if _moving(tangents[:count]):
        raise NotImplementedError(_BEYOND)
    moved = push_forward_p.bind(*primals, staged=staged, which=which)
    moves = [ad.instantiate_zeros(tangent) for tangent in tangents[count:]]
    return moved, push_forward_p.bind(*primals[:count], *moves, staged=staged, which=which)


ad.primitive_jvps[push_forward_p] = _push_forward_jvp


def _push_forward_transpose(cotangent: Any, *operands: Any, staged: Staged, which: Which) -> list[Any]:
    count = len(staged.batched)
    if type(cotangent) is ad.Zero:
        return [None] * count + [ad.Zero(move.aval) for move in operands[count:]]
    pulled = pull_back_p.bind(*operands[:count], cotangent, staged=staged, which=which)
    return [None] * count + list(pulled)


ad.primitive_transposes[push_forward_p] = _push_forward_transpose


def _pull_back_jvp(primals: Sequence[Any], tangents: Sequence[Any], *, staged: Staged, which: Which) -> Any:
    pulled = pull_back_p.bind(*primals, staged=staged, which=which)
    *arrays, cotangent = primals
    *moves, of_cotangent = tangents
    moved = [ad.Zero(jax.typeof(value).to_tangent_aval()) for value in pulled]
    if moving := _moving(moves):
        both = tuple(sorted({*which, *moving}))
        along = [ad.instantiate_zeros(moves[position]) for position in both]
        products = products_p.bind(*arrays, cotangent, *along, staged=staged, which=both)
        moved = [products[both.index(position)] for position in which]
    if type(of_cotangent) is not ad.Zero:
        linear = pull_back_p.bind(*arrays, of_cotangent, staged=staged, which=which)
        moved = [ad.add_tangents(one, other) for one, other in zip(moved, linear)]
    return pulled, moved


ad.primitive_jvps[pull_back_p] = _pull_back_jvp


def _pull_back_transpose(cotangents: Sequence[Any], *operands: Any, staged: Staged, which: Which) -> list[Any]:
    *arrays, _ = operands
    asked = tuple(position for position, own in zip(which, cotangents) if type(own) is not ad.Zero)
    moves = [own for own in cotangents if type(own) is not ad.Zero]
    return [None] * len(arrays) + [push_forward_p.bind(*arrays, *moves, staged=staged, which=asked)]


ad.primitive_transposes[pull_back_p] = _pull_back_transpose


def _products_jvp(primals: Sequence[Any], tangents: Sequence[Any], *, staged: Staged, which: Which) -> Any:
    count = len(staged.batched)
    if _moving(tangents[: count + 1]):
        raise NotImplementedError(_BEYOND)
    products = products_p.bind(*primals, staged=staged, which=which)
    moves = [ad.instantiate_zeros(tangent) for tangent in tangents[count + 1 :]]
    return products, products_p.bind(*primals[: count + 1], *moves, staged=staged, which=which)


ad.primitive_jvps[products_p] = _products_jvp


def _products_transpose(cotangents: Sequence[Any], *operands: Any, staged: Staged, which: Which) -> list[Any]:
    # the matrix of second derivatives is symmetric
    count = len(staged.batched)
    moves = [ad.instantiate_zeros(own) for own in cotangents]
    products = products_p.bind(*operands[: count + 1], *moves, staged=staged, which=which)
    return [None] * (count + 1) + list(products)


ad.primitive_transposes[products_p] = _products_transpose


# lanes


class Widening:
    """How `vmap` over so many elements makes lanes of them."""

    def __init__(self, staged: Staged, arrays: Sequence[Any], dims: Sequence[Any], size: int, which: Which) -> None:
        self.lanes, self.size = staged.lanes, size
        self.had_lanes = staged.batched
        batched = []
        self.arrays = []
        for position, (array, dim) in enumerate(zip(arrays, dims)):
            has_lanes = self.had_lanes[position]
            # what derivatives are asked for of needs them for each element
            is_wide = dim is not None or has_lanes or position in which
            batched.append(is_wide)
            self.arrays.append(self.wide(array, dim, has_lanes) if is_wide else array)
        self.staged = staged.widened(batched, size * (self.lanes or 1))

    def wide(self, array: Any, dim: Any, has_lanes: bool) -> Any:
        """An array with an axis of lanes for all elements."""
        if dim is None:
            array = jnp.broadcast_to(array, (self.size, *array.shape))
        else:
            array = jnp.moveaxis(array, dim, 0)
        if self.lanes is None:
            return array
        if not has_lanes:
            array = jnp.broadcast_to(array[:, None], (self.size, self.lanes, *array.shape[1:]))
        return array.reshape(self.size * self.lanes, *array.shape[2:])

    def elements(self, array: Any) -> Any:
        """Recordings, or another array with lanes, by element."""
        return array if self.lanes is None else array.reshape(self.size, self.lanes, *array.shape[1:])

    def gradients(self, gradients: Sequence[Any], which: Which) -> list[Any]:
        """Gradients by element, summed over what were the lanes before of arrays that had none."""
        by_element = [self.elements(gradient) for gradient in gradients]
        if self.lanes is None:
            return by_element
        return [own if self.had_lanes[position] else own.sum(axis=1) for position, own in zip(which, by_element)]


def _size(operands: Sequence[Any], dims: Sequence[Any]) -> int:
    return next(array.shape[dim] for array, dim in zip(operands, dims) if dim is not None)


def _run_lanes(arrays: Sequence[Any], dims: Sequence[Any], *, staged: Staged, kept: bool) -> Any:
    wide = Widening(staged, arrays, dims, _size(arrays, dims), ())
    return wide.elements(run_p.bind(*wide.arrays, staged=wide.staged, kept=kept)), 0


batching.primitive_batchers[run_p] = _run_lanes


def _push_forward_lanes(operands: Sequence[Any], dims: Sequence[Any], *, staged: Staged, which: Which) -> Any:
    count = len(staged.batched)
    wide = Widening(staged, operands[:count], dims, _size(operands, dims), which)
    moving = zip(operands[count:], dims[count:], which)
    moves = [wide.wide(move, dim, wide.had_lanes[position]) for move, dim, position in moving]
    return wide.elements(push_forward_p.bind(*wide.arrays, *moves, staged=wide.staged, which=which)), 0


batching.primitive_batchers[push_forward_p] = _push_forward_lanes


def _pull_back_lanes(operands: Sequence[Any], dims: Sequence[Any], *, staged: Staged, which: Which) -> Any:
    *arrays, cotangent = operands
    wide = Widening(staged, arrays, dims, _size(operands, dims), which)
    cotangent = wide.wide(cotangent, dims[-1], True)
    pulled = pull_back_p.bind(*wide.arrays, cotangent, staged=wide.staged, which=which)
    return wide.gradients(pulled, which), [0] * len(which)


batching.primitive_batchers[pull_back_p] = _pull_back_lanes


def _products_lanes(operands: Sequence[Any], dims: Sequence[Any], *, staged: Staged, which: Which) -> Any:
    count = len(staged.batched)
    wide = Widening(staged, operands[:count], dims, _size(operands, dims), which)
    cotangent = wide.wide(operands[count], dims[count], True)
    moving = zip(operands[count + 1 :], dims[count + 1 :], which)
    moves = [wide.wide(move, dim, wide.had_lanes[position]) for move, dim, position in moving]
    products = products_p.bind(*wide.arrays, cotangent, *moves, staged=wide.staged, which=which)
    return wide.gradients(products, which), [0] * len(which)


batching.primitive_batchers[products_p] = _products_lanes


# resting states


def at_rest(equilibrium: Equilibrium, begun: np.ndarray, others: Sequence[Any]) -> Any:
    """The state that steps leave as it is, as a function of the other arrays of a search; NaN where there is none."""
    stages = []
    for step in 10.0 ** np.arange(np.log10(FIRST), np.log10(LARGEST) + 0.5):
        simulation = copy.copy(equilibrium.simulation)
        simulation.dt = float(step)
        stages.append(Staged(simulation, raises=False))
    dtype, size = stages[0].dtype, begun.shape[-1]

    def stepped(staged: Staged, state: Any, others: Sequence[Any]) -> Any:
        arrays = [jnp.asarray(array, dtype) for array in equilibrium.arrays(state, others)]
        return run_p.bind(*arrays, staged=staged, kept=False)[..., -size:]

    def settled(step: Callable[[Any], Any], state: Any) -> Any:
        def goes_on(carried: tuple[Any, Any, Any]) -> Any:
            _, change, count = carried
            return (change > equilibrium.tolerance) & (count < 500)

        def body(carried: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
            state, _, count = carried
            after = step(state)
            return after, equilibrium.change(state, after), count + 1

        return jax.lax.while_loop(goes_on, body, (state, jnp.asarray(np.inf, dtype), 0))[0]

    @jax.custom_vjp
    def rest(others: Sequence[Any]) -> Any:
        state = jnp.asarray(begun, dtype)
        for staged in stages:
            state = settled(functools.partial(stepped, staged, others=others), state)
        return state

    def forward(others: Sequence[Any]) -> tuple[Any, tuple[Any, Sequence[Any]]]:
        found = rest(others)
        return found, (found, others)

    def backward(kept: tuple[Any, Sequence[Any]], cotangent: Any) -> tuple[Any]:
        found, others = kept
        _, pull = jax.vjp(lambda state, others: stepped(stages[-1], state, others), found, others)
        summed = settled(lambda summed: cotangent + pull(summed)[0], cotangent)
        return (pull(summed)[1],)

    rest.defvjp(forward, backward)
    return rest([jnp.asarray(array, dtype) for array in others])
