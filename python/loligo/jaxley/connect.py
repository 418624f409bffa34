"""Connecting cells of a network, with Jaxley's arguments and its use of `np.random`."""

from __future__ import annotations

from typing import Any

import numpy as np

from loligo._engine import Mechanism
from loligo.connecting import connected
from loligo.errors import ArgumentError, ArgumentTypeError, ModelError
from loligo.jaxley import names
from loligo.jaxley.described import SynapseDescription
from loligo.jaxley.modules import Network, View
from loligo.jaxley.synapses.synapse import is_synapse, traced_synapse
from loligo.synapses import Synapses


def connect(pre: View, post: View, synapse_type: Any) -> None:
    """Makes synapses from each compartment in view of `pre` to that in the same place of `post`.

    Raises:
        ArgumentError: Views of different networks, or with different numbers of compartments.
    """
    network = _network(pre, post)
    from_, onto = (view._compartments() for view in (pre, post))
    if from_.size != onto.size:
        raise ArgumentError(
            f"there are {from_.size} compartments in view before the synapses and {onto.size} behind them"
        )
    append(network, from_, onto, synapse_type)


def fully_connect(pre_cell_view: View, post_cell_view: View, synapse_type: Any, random_post_comp: bool = False) -> None:
    """Connects every cell in view with every other, from its first compartment in view to the first of the other.

    Args:
        random_post_comp: Whether the synapse is onto a random compartment in view instead (by `np.random`).
    """
    network = _network(pre_cell_view, post_cell_view)
    from_, onto = _first(pre_cell_view), _first(post_cell_view)
    post = np.tile(np.arange(onto.size), from_.size)
    append(network, np.repeat(from_, onto.size), _onto(post_cell_view, post, random_post_comp), synapse_type)


def sparse_connect(
    pre_cell_view: View, post_cell_view: View, synapse_type: Any, p: float, random_post_comp: bool = False
) -> None:
    """Draws a number of synapses (binomially, with probability `p` for each pair), then the cells of each, with
    replacement, by `np.random`: as in Jaxley a pair may be connected twice. `loligo.sparse_connect` does not.

    Args:
        random_post_comp: Whether synapses are onto random compartments in view.
    """
    network = _network(pre_cell_view, post_cell_view)
    from_, onto = _first(pre_cell_view), _first(post_cell_view)
    count = np.random.binomial(from_.size * onto.size, p)
    pre = np.random.choice(np.arange(from_.size), size=count)
    post = np.random.choice(np.arange(onto.size), size=count)
    ascending = np.argsort(pre, kind="stable")
    post = _onto(post_cell_view, post[ascending], random_post_comp)
    append(network, from_[pre[ascending]], post, synapse_type)


def connectivity_matrix_connect(
    pre_cell_view: View,
    post_cell_view: View,
    synapse_type: Any,
    connectivity_matrix: np.ndarray,
    random_post_comp: bool = False,
) -> None:
    """Connects the pairs of cells for which a matrix of booleans, shape (pre, post), is true.

    Args:
        random_post_comp: Whether synapses are onto random compartments in view (by `np.random`).
    """
    network = _network(pre_cell_view, post_cell_view)
    from_, onto = _first(pre_cell_view), _first(post_cell_view)
    matrix = np.asarray(connectivity_matrix)
    if matrix.dtype != bool or matrix.shape != (from_.size, onto.size):
        raise ArgumentError(
            f"the matrix has shape {matrix.shape} and type {matrix.dtype}, "
            f"expected {(from_.size, onto.size)} and booleans"
        )
    pre, post = np.nonzero(matrix)
    append(network, from_[pre], _onto(post_cell_view, post, random_post_comp), synapse_type)


def is_same_network(pre: View, post: View) -> bool:
    """Whether two views are of one network."""
    return pre._module is post._module and isinstance(pre._module, Network)


def sample_comp(cell_view: View, num: int = 1, replace: bool = True) -> np.ndarray:
    """Draws compartments in view by `np.random`: their numbers in the whole module, shape (num,).

    >>> import loligo.jaxley as jx
    >>> cell = jx.Cell(jx.Branch(ncomp=3), parents=[-1, 0])
    >>> sorted(sample_comp(cell.branch(1), num=3, replace=False).tolist())
    [3, 4, 5]
    """
    return np.random.choice(cell_view._selection.compartments, num, replace=replace)


def _network(pre: View, post: View) -> Network:
    for side, view in (("pre", pre), ("post", post)):
        if not isinstance(view, View):
            raise ArgumentTypeError(f"`{side}` is {view!r}, expected a view of a network")
    if not is_same_network(pre, post):
        raise ArgumentError("pre and post compartments must be part of the same network")
    return pre._module


def _by_cell(view: View) -> list[np.ndarray]:
    inside = view._selection.compartments
    cells = view._module._places[0][inside]
    return np.split(inside, np.flatnonzero(np.diff(cells)) + 1)


def _first(view: View) -> np.ndarray:
    return np.array([inside[0] for inside in _by_cell(view)])


def _onto(view: View, cells: np.ndarray, at_random: bool) -> np.ndarray:
    """A compartment in view of each of these cells in view."""
    if not at_random:
        return _first(view)[cells]
    chosen = np.empty(cells.size, dtype=np.uintp)
    for cell, inside in enumerate(_by_cell(view)):
        here = np.flatnonzero(cells == cell)
        chosen[here] = np.random.choice(inside, size=here.size)
    return chosen


def append(network: Network, pre: np.ndarray, post: np.ndarray, synapse: Any) -> None:
    """Makes synapses from compartments to others, by their numbers.

    Raises:
        ArgumentTypeError: It is no synapse.
        TracingError: A method cannot be traced; the message says which line and why.
    """
    if not is_synapse(synapse):
        instance = f"; did you mean {synapse.__name__}()?" if isinstance(synapse, type) else ""
        raise ArgumentTypeError(
            f"the synapse is {synapse!r}, expected one such as loligo.jaxley.synapses.IonotropicSynapse(){instance}"
        )
    if not pre.size:
        return
    made = traced_synapse(synapse)
    keys = {f"{made.name}.{own}": key for key, own in made.owned.items()}
    new = joined(network, pre, post, made.mechanism, keys)
    for key, own in made.owned.items():
        new.set(own, made.defaults[key])
    network._described[made.name] = SynapseDescription.of(synapse)


def joined(network: Network, pre: np.ndarray, post: np.ndarray, mechanism: Mechanism, keys: dict[str, str]) -> Synapses:
    """Makes synapses of a mechanism, with the numbers that it says.

    Args:
        keys: The quantities of the mechanism, and Jaxley's names of them.

    Raises:
        ModelError: A state that another type of synapses has under the same name.
    """
    _check_states(network, mechanism, keys)
    new = connected(network, *(np.ascontiguousarray(side, dtype=np.uintp) for side in (pre, post)), mechanism, {})
    network._edge_keys |= keys
    network._connected.append((mechanism.name, len(new)))
    network._controls = None
    return new


def _check_states(network: Network, mechanism: Mechanism, keys: dict[str, str]) -> None:
    """That no other type has a state under a name of these, or these a state under one of theirs; parameters may be
    called alike."""
    recordable = names.recordable_of_edges(network)
    states = {f"{mechanism.name}.{state}" for state in mechanism.states}
    for key, quantities in names.of_edges(network).items():
        own = {quantity for quantity, other in keys.items() if other == key}
        others = [quantity for quantity in quantities if not quantity.startswith(f"{mechanism.name}.")]
        if own and others and (key in recordable or own & states):
            raise ModelError(
                f"the synapses `{mechanism.name}` and {names.types_of(others)} have `{key}`, a state, in common; "
                "name it differently in one of them"
            )
