"""Connecting: synapses between compartments, one by one, from lists, and by rules.

Rules that draw random numbers take a seed, and make the same network from it on any machine: they use the bit stream of
Philox, and nothing of a machine's elementary functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo import layout
from loligo._engine import Mechanism
from loligo.arguments import as_array, as_name, as_whole
from loligo.channel import Synapse
from loligo.errors import ArgumentError, ArgumentTypeError, UnknownNameError, did_you_mean
from loligo.spiking import SpikeTrains, SpikingSynapse, sources_of
from loligo.synapses import Synapses
from loligo.view import View
from loligo.waveforms import as_numbers

if TYPE_CHECKING:
    import pandas as pd

    from loligo.modules import Module

_CHUNK = 1 << 22
"""How many pairs are looked at together."""


def connect(
    module: Module,
    pre: View | ArrayLike | SpikeTrains,
    post: View | ArrayLike,
    synapse: Synapse | Mechanism | SpikingSynapse,
) -> Synapses:
    """See `Module.connect`."""
    behind = _compartments(module, post, "post")
    if isinstance(pre, SpikeTrains):
        if not isinstance(synapse, SpikingSynapse):
            raise ArgumentTypeError(f"spikes at given times reach a loligo.SpikingSynapse, not {synapse!r}")
        return _spiking(module, pre.sources(module, behind.size), behind, synapse, {})
    return connected(module, _compartments(module, pre, "pre"), behind, synapse, {})


def connect_edges(
    module: Module,
    edges: pd.DataFrame | Mapping[str, ArrayLike] | ArrayLike,
    synapse: Synapse | Mechanism | SpikingSynapse,
) -> Synapses:
    """See `Module.connect_edges`."""
    columns = _columns(edges)
    if missing := [name for name in ("pre", "post") if name not in columns]:
        known = ", ".join(map(str, columns))
        raise ArgumentError(f"the edges have no column `{missing[0]}` (a compartment for each); they have {known}")
    pre, post = (_compartments(module, columns.pop(name), name) for name in ("pre", "post"))
    columns = {name: values for name, values in columns.items() if name not in _DESCRIPTIVE}
    return connected(module, pre, post, synapse, columns)


_DESCRIPTIVE = (
    "synapse",
    "index_in_type",
    *(f"{side}_{what}" for side in ("pre", "post") for what in ("cell", "branch", "compartment", "location")),
)
"""Columns of `edges` that follow from the others."""


def connected(
    module: Module,
    pre: np.ndarray,
    post: np.ndarray,
    synapse: Synapse | Mechanism | SpikingSynapse,
    columns: Mapping[str, np.ndarray],
) -> Synapses:
    """Makes synapses with these parameters, all or none of them."""
    if isinstance(synapse, SpikingSynapse):
        if pre.size != post.size:
            raise ArgumentError(f"there are {pre.size} compartments before the synapses and {post.size} behind them")
        return _spiking(module, sources_of(module, pre, synapse.threshold, synapse.source), post, synapse, columns)
    mechanism, states = _mechanism(synapse)
    name = mechanism.name
    if pre.size != post.size:
        raise ArgumentError(f"there are {pre.size} compartments before the synapses and {post.size} behind them")
    # a parameter without a default is the POINTER of a .mod file, which the other compartment stands for
    own = [each for each, default, *_ in mechanism.parameters if not np.isnan(default)] + list(mechanism.states)
    numbers: dict[str, np.ndarray] = {}
    for column, values in columns.items():
        key = str(column).removeprefix(f"{name}.")
        if key not in own:
            raise UnknownNameError(f"the synapse {name} has no parameter or state `{column}`{did_you_mean(key, own)}")
        values = as_numbers(values, f"the column `{column}`")
        if values.shape not in ((), pre.shape):
            raise ArgumentError(f"the column `{column}` has shape {values.shape}, expected {pre.shape}, as `pre` has")
        values = np.broadcast_to(values, pre.shape)
        if not np.isfinite(values).all():
            first = int(np.flatnonzero(~np.isfinite(values))[0])
            raise ArgumentError(f"the column `{column}` is {values[first]} in row {first}, expected finite numbers")
        numbers[key] = values
    first, last = module._model.connect(mechanism, pre, post)
    module._inserted[name] = mechanism
    made = Synapses(module, name, np.arange(first, last), shared=True)
    if len(made):
        for initial in (states, numbers):
            for key, value in initial.items():
                made.set(key, value)
    return made


def _spiking(
    module: Module,
    sources: np.ndarray,
    post: np.ndarray,
    synapse: SpikingSynapse,
    columns: Mapping[str, np.ndarray],
) -> Synapses:
    first, last = synapse.connected(module, sources, post, columns)
    return Synapses(module, synapse.name, np.arange(first, last), shared=True)


def fully_connect(
    pre: View,
    post: View,
    synapse: Synapse | Mechanism | SpikingSynapse,
    *,
    autapses: bool = True,
    pre_comp: str = "first",
    post_comp: str = "first",
    seed: int | None = None,
) -> Synapses:
    """Connects every cell in view of `pre` with every cell in view of `post`.

    Args:
        autapses: Whether a cell may have synapses onto itself.
        pre_comp: Where in a cell synapses come from: `"first"`, its first compartment in view; `"random"`, another for
            every synapse; `"all"`, every compartment in view counts as a cell of its own.
        post_comp: Where in a cell synapses are.
        seed: Which random numbers to draw, where something is random.

    >>> import loligo as lo
    >>> network = lo.Network([lo.Cell() for _ in range(4)])
    >>> lo.fully_connect(network.cell([0, 1]), network.cell([2, 3]), lo.TanhRateSynapse())
    <4 synapses TanhRateSynapse>
    >>> network.edges[["pre_cell", "post_cell"]].to_numpy().tolist()
    [[0, 2], [0, 3], [1, 2], [1, 3]]
    """
    return _Rule(pre, post, pre_comp, post_comp, seed).made(lambda rule: rule.all_pairs(), synapse, autapses)


def sparse_connect(
    pre: View,
    post: View,
    synapse: Synapse | Mechanism | SpikingSynapse,
    p: float,
    *,
    seed: int,
    autapses: bool = True,
    pre_comp: str = "first",
    post_comp: str = "first",
) -> Synapses:
    """Connects every pair of a cell in view of `pre` and one of `post` with probability `p`, each independently of the
    others; no pair twice.

    Args:
        p: The probability, from 0 to 1.
        seed: Which random numbers to draw.
        autapses, pre_comp, post_comp: See `fully_connect`.

    >>> import loligo as lo
    >>> network = lo.Network([lo.Cell() for _ in range(100)])
    >>> lo.sparse_connect(network, network, lo.TanhRateSynapse(), 0.1, seed=0)
    <1013 synapses TanhRateSynapse>
    """
    probability = as_numbers(p, "p")
    if probability.ndim or not 0 <= probability <= 1:
        raise ArgumentError(f"p is {p!r}, expected a probability from 0 to 1")
    rule = _Rule(pre, post, pre_comp, post_comp, as_whole(seed, "the seed"))
    return rule.made(lambda rule: rule.independent_pairs(float(probability)), synapse, autapses)


def connectivity_matrix_connect(
    pre: View,
    post: View,
    synapse: Synapse | Mechanism | SpikingSynapse,
    matrix: ArrayLike,
    *,
    pre_comp: str = "first",
    post_comp: str = "first",
    seed: int | None = None,
) -> Synapses:
    """Connects the pairs of cells for which a matrix of booleans, shape (pre, post), is true.

    Args:
        pre_comp, post_comp, seed: See `fully_connect`.
    """
    pairs = as_array(matrix, "the matrix", "booleans")
    rule = _Rule(pre, post, pre_comp, post_comp, seed)
    if pairs.dtype != bool or pairs.shape != rule.shape:
        raise ArgumentError(
            f"the matrix has shape {pairs.shape} and type {pairs.dtype}, expected {rule.shape} and booleans"
        )
    return rule.made(lambda rule: tuple(np.nonzero(pairs)), synapse, True)


def one_to_one_connect(
    pre: View,
    post: View,
    synapse: Synapse | Mechanism | SpikingSynapse,
    *,
    pre_comp: str = "first",
    post_comp: str = "first",
    seed: int | None = None,
) -> Synapses:
    """Connects the first cell in view of `pre` with the first of `post`, the second with the second, and so on.

    Args:
        pre_comp, post_comp, seed: See `fully_connect`.
    """
    rule = _Rule(pre, post, pre_comp, post_comp, seed)
    if rule.shape[0] != rule.shape[1]:
        raise ArgumentError(f"there are {rule.shape[0]} cells before the synapses and {rule.shape[1]} behind them")
    every = np.arange(rule.shape[0])
    return rule.made(lambda rule: (every, every), synapse, True)


def fixed_indegree_connect(
    pre: View,
    post: View,
    synapse: Synapse | Mechanism | SpikingSynapse,
    degree: int,
    *,
    seed: int,
    multapses: bool = False,
    autapses: bool = True,
    pre_comp: str = "first",
    post_comp: str = "first",
) -> Synapses:
    """Connects every cell in view of `post` with so many cells in view of `pre`, drawn at random.

    Args:
        degree: How many synapses are onto each cell.
        seed: Which random numbers to draw.
        multapses: Whether several of them may come from the same cell.
        autapses, pre_comp, post_comp: See `fully_connect`.
    """
    rule = _Rule(pre, post, pre_comp, post_comp, as_whole(seed, "the seed"))
    return rule.made(lambda rule: rule.drawn_pairs(rule.post, degree, multapses, autapses), synapse, True)


def fixed_outdegree_connect(
    pre: View,
    post: View,
    synapse: Synapse | Mechanism | SpikingSynapse,
    degree: int,
    *,
    seed: int,
    multapses: bool = False,
    autapses: bool = True,
    pre_comp: str = "first",
    post_comp: str = "first",
) -> Synapses:
    """Connects every cell in view of `pre` with so many cells in view of `post`, drawn at random.

    Args:
        degree: How many synapses come from each cell.
        seed: Which random numbers to draw.
        multapses: Whether several of them may be onto the same cell.
        autapses, pre_comp, post_comp: See `fully_connect`.
    """
    rule = _Rule(pre, post, pre_comp, post_comp, as_whole(seed, "the seed"))
    return rule.made(lambda rule: rule.drawn_pairs(rule.pre, degree, multapses, autapses), synapse, True)


def distance_connect(
    pre: View,
    post: View,
    synapse: Synapse | Mechanism | SpikingSynapse,
    probability: Callable[[np.ndarray], ArrayLike],
    *,
    seed: int,
    positions: ArrayLike | None = None,
    autapses: bool = True,
    pre_comp: str = "first",
    post_comp: str = "first",
) -> Synapses:
    """Connects every pair of cells with a probability that depends on how far apart they are.

    Args:
        probability: The probability for an array of distances, µm: straight, between the first compartments in view
            (between all with `"all"`).
        seed: Which random numbers to draw.
        positions: Where the cells of the network are, µm, shape (cell, 3): added to the coordinates of what is in them
            (`arrange_in_layers` makes some).
        autapses, pre_comp, post_comp: See `fully_connect`.

    >>> import loligo as lo
    >>> import numpy as np
    >>> network = lo.Network([lo.Cell() for _ in range(50)])
    >>> line = np.outer(np.arange(50) * 10.0, [1, 0, 0])
    >>> near = lo.distance_connect(
    ...     network, network, lo.TanhRateSynapse(), lambda d: d < 15, seed=0, positions=line, autapses=False
    ... )
    >>> near
    <98 synapses TanhRateSynapse>
    """
    if not callable(probability):
        raise ArgumentTypeError(f"the probability is {probability!r}, expected a function of an array of distances")
    rule = _Rule(pre, post, pre_comp, post_comp, as_whole(seed, "the seed"))
    where = rule.places(positions)
    return rule.made(lambda rule: rule.pairs_by_distance(probability, *where), synapse, autapses)


class _Ends:
    """One side of synapses: cells, or compartments that count as cells."""

    def __init__(self, view: View, comp: str, side: str) -> None:
        if as_name(comp, f"{side}_comp") not in ("first", "random", "all"):
            raise ArgumentError(f"{side}_comp is {comp!r}, expected 'first', 'random' or 'all'")
        self.inside = view._selection.compartments.astype(np.intp)
        own = view._module._places[0][self.inside].astype(np.intp)
        if comp == "all":
            self.starts = np.arange(own.size)
        else:
            self.starts = np.flatnonzero(np.diff(own, prepend=-1))
        self.lengths = np.diff(np.append(self.starts, own.size))
        self.cells = own[self.starts]
        self.is_random = comp == "random"

    def compartments(self, chosen: np.ndarray, random: Callable[[], np.random.Generator]) -> np.ndarray:
        """A compartment of each of these cells."""
        at = self.starts[chosen]
        if self.is_random:
            at = at + random().integers(0, self.lengths[chosen])
        return self.inside[at]


class _Rule:
    """Which cells in view of `pre` and `post` are connected, as positions in either."""

    def __init__(self, pre: View, post: View, pre_comp: str, post_comp: str, seed: int | None) -> None:
        for view, side in ((pre, "pre"), (post, "post")):
            if not isinstance(view, View):
                raise ArgumentTypeError(f"`{side}` is {view!r}, expected a view of a network, such as network.cell(0)")
        if pre._module is not post._module:
            raise ArgumentError("`pre` and `post` are views of different networks")
        self.module = pre._module
        self.pre = _Ends(pre, pre_comp, "pre")
        self.post = _Ends(post, post_comp, "post")
        self.shape = (self.pre.cells.size, self.post.cells.size)
        if seed is None and (self.pre.is_random or self.post.is_random):
            as_whole(seed, "the seed")
        self.random = np.random.Generator(np.random.Philox(0 if seed is None else as_whole(seed, "the seed")))

    def made(
        self,
        pairs: Callable[[_Rule], tuple[np.ndarray, ...]],
        synapse: Synapse | Mechanism | SpikingSynapse,
        autapses: bool,
    ) -> Synapses:
        """The synapses between pairs."""
        from_, onto = pairs(self)
        if not autapses:
            other = self.pre.cells[from_] != self.post.cells[onto]
            from_, onto = from_[other], onto[other]
        pre, post = (side.compartments(at, lambda: self.random) for side, at in ((self.pre, from_), (self.post, onto)))
        return connected(self.module, pre.astype(np.uintp), post.astype(np.uintp), synapse, {})

    def all_pairs(self) -> tuple[np.ndarray, ...]:
        """Each with each."""
        return self._apart(np.arange(self.shape[0] * self.shape[1]))

    def independent_pairs(self, p: float) -> tuple[np.ndarray, ...]:
        """Each pair with the same probability: the gaps between pairs are drawn, not the pairs."""
        total = self.shape[0] * self.shape[1]
        if p == 0 or total == 0:
            return self._apart(np.empty(0, dtype=np.intp))
        # not[k] is the probability that k + 1 pairs in a row are not connected; a gap beyond the end of the table is
        # drawn as that many pairs, and once more from there on
        table = np.cumprod(np.full(min(int(4 / p) + 1, 1 << 16), 1 - p))[::-1]
        found, position = [], 0
        while position < total:
            gaps = table.size - np.searchsorted(table, self.random.random(_draws((total - position) * p)), side="right")
            is_hit = gaps < table.size
            positions = position + np.cumsum(gaps + is_hit) - is_hit
            position = int(positions[-1]) + bool(is_hit[-1])
            found.append(positions[is_hit])
        positions = np.concatenate(found)
        return self._apart(positions[positions < total])

    def pairs_by_distance(
        self, probability: Callable[[np.ndarray], ArrayLike], pre: np.ndarray, post: np.ndarray
    ) -> tuple[np.ndarray, ...]:
        """Each pair with the probability for its distance."""
        rows = max(1, _CHUNK // max(1, len(post)))
        found = []
        for first in range(0, len(pre), rows):
            apart = pre[first : first + rows, None, :] - post[None, :, :]
            distances = np.sqrt((apart**2).sum(axis=2))
            chances = np.asarray(probability(distances), dtype=float)
            if chances.shape not in ((), distances.shape):
                raise ArgumentError(
                    f"the probability has shape {chances.shape} for distances of shape {distances.shape}"
                )
            if not ((chances >= 0) & (chances <= 1)).all():
                raise ArgumentError("the probability is not between 0 and 1 for all distances")
            hits = np.nonzero(self.random.random(distances.shape) < chances)
            found.append((hits[0] + first, hits[1]))
        return tuple(np.concatenate(side) for side in zip(*found))

    def drawn_pairs(self, of: _Ends, degree: int, multapses: bool, autapses: bool) -> tuple[np.ndarray, ...]:
        """Each cell of one side with so many of the other."""
        among = self.post if of is self.pre else self.pre
        partners = self._partners(of, among, degree, multapses, autapses)
        own = np.repeat(np.arange(of.cells.size), degree)
        return (own, partners) if of is self.pre else (partners, own)

    def _partners(self, of: _Ends, among: _Ends, degree: int, multapses: bool, autapses: bool) -> np.ndarray:
        """For each cell of one side so many of the other, as positions, those of the first cell first."""
        degree = as_whole(degree, "the degree")
        # cells ascend, so what is left out is one run of positions
        first, last = (np.searchsorted(among.cells, of.cells, side=side) for side in ("left", "right"))
        left_out = np.zeros_like(first) if autapses else last - first
        there = among.cells.size - left_out
        if there.size and degree and there.min() < (1 if multapses else degree):
            raise ArgumentError(f"the degree is {degree}, but there are {there.min()} cells to draw from")
        if multapses:
            drawn = self.random.integers(0, there[:, None], size=(there.size, degree))
        else:
            drawn = _distinct(self.random, there, degree)
        return np.where(drawn >= first[:, None], drawn + left_out[:, None], drawn).reshape(-1)

    def places(self, positions: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
        """Where the first compartments of either side are, µm."""
        model = self.module._model
        centers = layout.centers(model)
        if positions is not None:
            centers = centers + layout.moves(model, positions)[self.module._places[0]]
        pre, post = (centers[side.inside[side.starts]] for side in (self.pre, self.post))
        return pre, post

    def _apart(self, positions: np.ndarray) -> tuple[np.ndarray, ...]:
        return np.divmod(positions, max(1, self.shape[1]))


def _draws(expected: float) -> int:
    """How many gaps to draw where so many pairs are expected."""
    return min(_CHUNK, int(expected + 4 * expected**0.5) + 16)


def _distinct(random: np.random.Generator, among: np.ndarray, count: int) -> np.ndarray:
    """For each row, `count` different numbers below that of `among` (Floyd's algorithm, all rows together)."""
    drawn = np.empty((among.size, count), dtype=np.intp)
    for done in range(count):
        highest = among - count + done
        one = random.integers(0, highest + 1)
        is_taken = (drawn[:, :done] == one[:, None]).any(axis=1)
        drawn[:, done] = np.where(is_taken, highest, one)
    return drawn


def _mechanism(synapse: Any) -> tuple[Mechanism, dict[str, float]]:
    """What a synapse is compiled to, and its states at t = 0 as far as they are numbers."""
    if isinstance(synapse, Synapse):
        return synapse.mechanism, {name: float(np.asarray(start)) for name, start in dict(synapse.states).items()}
    if isinstance(synapse, Mechanism):
        return synapse, {}
    instance = f"; did you mean {synapse.__name__}()?" if isinstance(synapse, type) else ""
    raise ArgumentTypeError(
        f"the synapse is {synapse!r}, expected one such as loligo.IonotropicSynapse(){instance or ''}"
    )


def _columns(edges: Any) -> dict[str, Any]:
    if hasattr(edges, "columns") or isinstance(edges, Mapping):
        return {name: np.asarray(edges[name]) for name in getattr(edges, "columns", edges)}
    pairs = as_array(edges, "the table of edges", "pairs of compartments")
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ArgumentError(
            f"the edges have shape {pairs.shape}, expected (synapse, 2), the compartments before and behind each, "
            f"or a table with columns `pre` and `post`"
        )
    return {"pre": pairs[:, 0], "post": pairs[:, 1]}


def _compartments(module: Module, ends: Any, side: str) -> np.ndarray:
    """The compartments of one side of synapses."""
    if isinstance(ends, View):
        if ends._module is not module:
            raise ArgumentError(f"`{side}` is a view of another network")
        return ends._selection.compartments
    numbers = np.atleast_1d(as_array(ends, f"`{side}`", "a view, or numbers of compartments"))
    if numbers.ndim != 1 or (numbers.size and numbers.dtype.kind not in "iu"):
        raise ArgumentTypeError(f"`{side}` is {ends!r}, expected a view, or numbers of compartments")
    if numbers.size and (numbers.min() < 0 or numbers.max() >= module._model.counts[2]):
        wrong = next(number for number in numbers if not 0 <= number < module._model.counts[2])
        raise ArgumentError(f"`{side}` holds {wrong}, but the compartments are 0 to {module._model.counts[2] - 1}")
    return np.ascontiguousarray(numbers, dtype=np.uintp)
