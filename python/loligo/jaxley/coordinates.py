"""Coordinates: where branches are in space, as lists of points (x, y, z, radius) like Jaxley's `xyzr`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from loligo.errors import ArgumentError
from loligo.jaxley.built import paths

WIDEST, NARROWEST = 5.0, 0.5
"""How far apart the first and the last child of a branch point to the side, for each µm that they go to the right: near
the root, and in the deepest level."""


def levels(parents: np.ndarray) -> np.ndarray:
    """How many branches there are between each branch and its root; −1 is the parent of a root."""
    depth = [0] * len(parents)
    for branch, parent in enumerate(parents.tolist()):
        if parent >= 0:
            depth[branch] = depth[parent] + 1
    return np.array(depth, dtype=int)


def fan(parents: np.ndarray, lengths: np.ndarray, deepest: np.ndarray) -> np.ndarray:
    """The ends of straight branches that go to the right, the children of one next to each other, µm, shape
    (branch, 2, 4); their radii are NaN, since they have none in common.

    Args:
        parents: The parent of each branch, −1 for a root; roots start in the origin.
        lengths: µm.
        deepest: For each branch the largest level of those that it is laid out with.

    >>> ends = fan(np.array([-1, 0, 0]), np.array([20.0, 10.0, 10.0]), np.array([1, 1, 1]))
    >>> ends[1, 1, :2].round(2).tolist()
    [29.7, -2.43]
    """
    level, count = levels(parents), len(parents)
    has_parent = parents >= 0
    siblings = np.bincount(parents[has_parent], minlength=count)
    side = np.zeros(count)
    order = np.argsort(parents[has_parent], kind="stable")
    children = np.flatnonzero(has_parent)[order]
    first = np.concatenate([[0], np.cumsum(siblings)])[parents[children]]
    rank = np.arange(children.size) - first
    among = siblings[parents[children]]
    width = WIDEST + (NARROWEST - WIDEST) * level[children] / np.maximum(deepest[children], 1)
    side[children] = np.where(among > 1, rank / np.maximum(among - 1, 1) - 0.5, 0.0) * width
    step = lengths / np.sqrt(side**2 + 1.0)
    ends = np.full((count, 2, 4), np.nan)
    for depth in range(level.max(initial=0) + 1):
        here = np.flatnonzero(level == depth)
        ends[here, 0, :3] = 0.0 if depth == 0 else ends[parents[here], 1, :3]
        ends[here, 1, :3] = ends[here, 0, :3]
        ends[here, 1, 0] += step[here]
        ends[here, 1, 1] += step[here] * side[here]
    return ends


def centers(outlines: list[np.ndarray], counts: np.ndarray) -> np.ndarray:
    """The middles of compartments along their branches, µm, shape (compartment, 3).

    Args:
        outlines: Of every branch the points, of which the first three columns are looked at.
        counts: How many compartments each branch is cut into.
    """
    return _along(outlines, counts, 0.5)


def ends(outlines: list[np.ndarray], counts: np.ndarray) -> np.ndarray:
    """Where compartments begin and end, µm, shape (compartment, 2, 3); see `centers`."""
    return np.stack([_along(outlines, counts, 0.0), _along(outlines, counts, 1.0)], axis=1)


def _along(outlines: list[np.ndarray], counts: np.ndarray, part: float) -> np.ndarray:
    """The places after so much of every compartment."""
    # a ball, one point, begins and ends there
    outlines = [points if len(points) > 1 else np.repeat(points, 2, axis=0) for points in outlines]
    sizes = np.array([len(points) for points in outlines])
    points = np.concatenate(outlines)[:, :3]
    last = np.cumsum(sizes) - 1
    first = last - sizes + 1
    # branches one after the other along one line, each from an even number to the next whole one
    path = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    lengths = path[last] - path[first]
    knots = (path - np.repeat(path[first], sizes)) / np.repeat(np.where(lengths > 0, lengths, 1.0), sizes)
    knots[last] = 1.0
    starts = 2 * np.arange(len(outlines))
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    at = np.repeat(starts, counts) + (number + part) / np.repeat(counts, counts)
    return np.stack([np.interp(at, knots + np.repeat(starts, sizes), column) for column in points.T], axis=1)


def between(points: np.ndarray, ncomp: int, inside: np.ndarray) -> np.ndarray:
    """The ends of some of the compartments that an outline is cut into, with a row of NaN where one is left out.

    Args:
        inside: The numbers of the compartments, ascending.
    """
    at: list[float] = []
    for compartment in range(inside[0], inside[-1] + 1):
        there = compartment in inside
        at += [compartment / ncomp, (compartment + 1) / ncomp] if there else [np.nan]
    part = _parts(points)
    return np.stack([np.interp(at, part, column) for column in points.T], axis=1)


def _parts(points: np.ndarray) -> np.ndarray:
    """How far along an outline its points are, as parts of the whole."""
    path = paths(points)
    return path / path[-1] if path[-1] > 0 else np.linspace(0.0, 1.0, len(path))


def checked(xyzr: Sequence[ArrayLike], count: int) -> list[np.ndarray]:
    """The points of so many branches, shape (point, 4), as they were given.

    Raises:
        ArgumentError: Of other branches, or of another shape.
    """
    points = [np.array(each, dtype=float) for each in xyzr]
    if len(points) != count:
        raise ArgumentError(f"xyzr has {len(points)} arrays, expected one for each of {count} branches")
    if wrong := [each.shape for each in points if each.ndim != 2 or each.shape[1] != 4 or not len(each)]:
        raise ArgumentError(f"an array of xyzr has shape {wrong[0]}, expected (point, 4)")
    return points
