"""Layouts: where the cells of a network are, for pictures of it and for connections by distance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from loligo._engine import Model
from loligo.arguments import as_float, as_list
from loligo.errors import ArgumentError
from loligo.view import View
from loligo.waveforms import as_numbers

APART = 1.5
"""Cells that would lie on each other are put this many times the size of the largest apart."""


def arrange_in_layers(
    layers: Sequence[int | Sequence[int]], *, within: float = 500.0, between: float = 1500.0
) -> np.ndarray:
    """Positions for cells in layers: a column for each, from left to right, centred.

    Args:
        layers: For each layer how many cells are in it, which are the next in the order of the network; or the numbers
            of its cells.
        within: Distance of neighbours in a layer, µm.
        between: Distance of neighbouring layers, µm.

    Returns:
        How far to move each cell, µm, shape (cell, 3), as `plot_network` and `distance_connect` take it. With
        `positions[:, [1, 0, 2]]` layers are rows.

    Raises:
        ArgumentError: A cell that is in no layer or in two, or counts that are not whole numbers.

    >>> import loligo as lo
    >>> lo.arrange_in_layers([2, 1], within=10.0, between=50.0).tolist()
    [[0.0, -5.0, 0.0], [0.0, 5.0, 0.0], [50.0, 0.0, 0.0]]
    """
    within, between = as_float(within, "within", "µm"), as_float(between, "between", "µm")
    members, count = [], 0
    for layer in as_list(layers, "the layers", "counts, or of lists of cells"):
        inside = np.arange(count, count + layer) if isinstance(layer, int | np.integer) else np.asarray(layer)
        if inside.ndim != 1 or (inside.size and inside.dtype.kind not in "iu"):
            raise ArgumentError(f"a layer is {layer!r}, expected how many cells are in it, or their numbers")
        members.append(inside.astype(int))
        count += inside.size
    numbers = np.concatenate(members) if members else np.empty(0, dtype=int)
    if (np.sort(numbers) != np.arange(count)).any():
        raise ArgumentError(f"the layers hold the cells {numbers.tolist()}, expected each of 0 to {count - 1} once")
    positions = np.zeros((count, 3))
    for column, inside in enumerate(members):
        positions[inside, 0] = column * between
        positions[inside, 1] = (np.arange(inside.size) - (inside.size - 1) / 2) * within
    return positions


def moves(model: Model, positions: ArrayLike) -> np.ndarray:
    """How far each cell is moved, µm, shape (cell, 3).

    Raises:
        ArgumentError: Positions of another shape.
    """
    moved, count = as_numbers(positions, "the positions"), model.counts[0]
    if moved.shape != (count, 3):
        raise ArgumentError(f"the positions have shape {moved.shape}, expected ({count}, 3)")
    return moved


def moves_apart(view: View) -> np.ndarray:
    """Those that put the cells in view in a square if some of them lie on each other, and else none; as `moves`."""
    model = view._module._model
    moved = np.zeros((model.counts[0], 3))
    inside = view._selection.compartments
    cells, first = np.unique(view._module._places[0][inside], return_index=True)
    if len(np.unique(centers(model)[inside[first]], axis=0)) == cells.size:
        return moved
    across = int(np.ceil(np.sqrt(cells.size)))
    rows, columns = np.divmod(np.arange(cells.size), across)
    moved[cells] = APART * sizes(model)[cells].max() * np.stack([columns, -rows, np.zeros(cells.size)], axis=1)
    return moved


def centers(model: Model) -> np.ndarray:
    """The middles of all compartments, µm, shape (compartment, 3)."""
    table = dict(model.compartment_table())
    return np.stack([np.asarray(table[axis], dtype=float) for axis in "xyz"], axis=1)


def sizes(model: Model) -> np.ndarray:
    """The longest side of the box around each cell, µm."""
    branches = model.branches()
    points = np.concatenate([outline[:, :3] for *_, outline in branches])
    owners = np.repeat([cell for _, _, cell, *_ in branches], [len(outline) for *_, outline in branches])
    starts = np.flatnonzero(np.diff(owners, prepend=-1))  # the branches of a cell follow each other
    return (np.maximum.reduceat(points, starts) - np.minimum.reduceat(points, starts)).max(axis=1)
