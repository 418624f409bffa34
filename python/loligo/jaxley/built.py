"""What a module was built from: the sizes and axial loads of its compartments, and the outlines of branches that were
reconstructed, before anything was set."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from loligo import origins
from loligo.origins import Origin


@dataclass(frozen=True)
class Built:
    """A shape, as it was built."""

    radius: np.ndarray
    """Of every compartment, µm."""
    length: np.ndarray
    """µm."""
    load_in: np.ndarray
    """∫ dx / (π r²) over the half of a compartment that is nearer to the 0 end of its branch, 1/µm."""
    load_out: np.ndarray
    """The same over the other half."""
    outlines: list[np.ndarray | None]
    """For every branch the points (x, y, z, radius) that it was reconstructed from, shape (point, 4); None for one that
    was made of cylinders."""

    def with_cylinders(self, compartments: list[int]) -> Built:
        """The same with cylinders in the place of these compartments."""
        if not compartments:
            return self
        load = self.length[compartments] / 2 / (np.pi * self.radius[compartments] ** 2)
        load_in, load_out = self.load_in.copy(), self.load_out.copy()
        load_in[compartments] = load_out[compartments] = load
        return replace(self, load_in=load_in, load_out=load_out)


def built(origin: Origin) -> Built:
    """What these parts look like; one that is repeated is looked at once."""
    known: dict[int, Built] = {}

    def part(origin: Origin) -> Built:
        if id(origin) not in known:
            known[id(origin)] = _built(origin)
        return known[id(origin)]

    def _built(origin: Origin) -> Built:
        match origin:
            case (kind, *_) if kind in origins.RECONSTRUCTED:
                return _reconstructed(origin)
            case ("cylinder", length, radius, ncomp):
                each = np.full(ncomp, length / ncomp)
                load = each / 2 / (np.pi * radius**2)
                return Built(np.full(ncomp, radius), each, load, load, [None])
            case ("chain", parts):
                joined = _joined([part(each) for each in parts])
                # what is put together of several parts is straight
                outline = joined.outlines if len(parts) == 1 else [None]
                return Built(joined.radius, joined.length, joined.load_in, joined.load_out, outline)
            case (_, parts, *_):
                return _joined([part(each) for each in parts])
        raise AssertionError(origin)

    return part(origin)


def loads(outlines: list[np.ndarray], counts: np.ndarray) -> np.ndarray:
    """∫ dx / (π r²) over both halves of the compartments that outlines are cut into, 1/µm, shape (compartment, 2).

    The radius is linear between points, so that from one of them to a place x µm further it is x / (π r₀ r(x)).

    >>> loads([np.array([[0, 0, 0, 2.0], [10, 0, 0, 1.0]])], np.array([1])).round(4).tolist()
    [[0.5305, 1.061]]
    """
    sizes = np.array([len(points) for points in outlines])
    points = np.concatenate(outlines)
    last = np.cumsum(sizes) - 1
    first = last - sizes + 1
    step = np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1)
    # branches one after the other along one line
    step[last[:-1]] = 0.0
    radius = points[:, 3]
    path = np.concatenate([[0.0], np.cumsum(step)])
    before = np.concatenate([[0.0], np.cumsum(step / (np.pi * radius[1:] * radius[:-1]))])
    each = 2 * counts + 1
    number = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
    cuts = np.repeat(path[first], each) + number * np.repeat((path[last] - path[first]) / (2 * counts), each)
    piece = np.searchsorted(path, cuts, side="right") - 1
    piece = np.clip(piece, np.repeat(first, each), np.repeat(last - 1, each))
    walked = cuts - path[piece]
    slope = np.diff(radius) / np.where(step > 0, step, 1.0)
    upto = before[piece] + walked / (np.pi * radius[piece] * (radius[piece] + slope[piece] * walked))
    inside = np.delete(np.arange(upto.size), np.cumsum(each) - 1)
    return (upto[inside + 1] - upto[inside]).reshape(-1, 2)


def paths(points: np.ndarray) -> np.ndarray:
    """How far along an outline its points are, µm."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1))])


@dataclass(frozen=True)
class _Drawn:
    """What was reconstructed, a text or the bytes of points, and how it is cut."""

    kind: str
    drawn: Any
    options: str
    origin: Origin = field(compare=False)


def _reconstructed(origin: Origin) -> Built:
    kind, drawn, options = origin
    if kind == "branches":
        drawn = tuple((own.parent, own.type, own.points.tobytes(), own.is_ball) for own in drawn)
    return _read(_Drawn(kind, drawn, repr(options), origin))


# a cell of `read_swc` has points for each branch, and is looked at again whenever one of them is cut anew
@functools.lru_cache(maxsize=4096)
def _read(drawn: _Drawn) -> Built:
    model = origins.build(drawn.origin)
    branches = model.branches()
    outlines = [points for *_, points in branches]
    counts = np.array([last - first for *_, (first, last), _, _ in branches])
    load_in, load_out = loads(outlines, counts).T
    return Built(model.values("radius"), model.values("length"), load_in, load_out, list(outlines))


def _joined(parts: list[Built]) -> Built:
    def column(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])

    outlines = [outline for part in parts for outline in part.outlines]
    return Built(column("radius"), column("length"), column("load_in"), column("load_out"), outlines)
