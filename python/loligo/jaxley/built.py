"""What a module was built from: the sizes and axial loads of its compartments, and the outlines of branches that were
reconstructed, before anything was set."""

from __future__ import annotations

from dataclasses import dataclass

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


def built(origin: Origin) -> Built:
    """What these parts look like; one that is repeated is looked at once."""
    known: dict[int, Built] = {}

    def part(origin: Origin) -> Built:
        if id(origin) not in known:
            known[id(origin)] = _built(origin)
        return known[id(origin)]

    def _built(origin: Origin) -> Built:
        match origin:
            case ("swc" | "import3d", *_):
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


def loads(points: np.ndarray, ncomp: int) -> np.ndarray:
    """∫ dx / (π r²) over both halves of the compartments that an outline is cut into, 1/µm, shape (ncomp, 2).

    The radius is linear between points, so that from one of them to a place x µm further it is x / (π r₀ r(x)).

    >>> loads(np.array([[0, 0, 0, 2.0], [10, 0, 0, 1.0]]), 1).round(4).tolist()
    [[0.5305, 1.061]]
    """
    path, radius = paths(points), points[:, 3]
    cuts = np.linspace(0.0, path[-1], 2 * ncomp + 1)
    before = np.concatenate([[0.0], np.cumsum(np.diff(path) / (np.pi * radius[1:] * radius[:-1]))])
    piece = np.clip(np.searchsorted(path, cuts, side="right") - 1, 0, len(points) - 2)
    walked = cuts - path[piece]
    at = radius[piece] + (radius[piece + 1] - radius[piece]) * walked / np.diff(path)[piece]
    return np.diff(before[piece] + walked / (np.pi * radius[piece] * at)).reshape(ncomp, 2)


def paths(points: np.ndarray) -> np.ndarray:
    """How far along an outline its points are, µm."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1))])


def _reconstructed(origin: Origin) -> Built:
    model = origins.build(origin)
    outlines: list[np.ndarray | None] = []
    halves = []
    for *_, (first, last), _, points in model.branches():
        outlines.append(points)
        halves.append(loads(points, last - first))
    load_in, load_out = np.concatenate(halves).T
    return Built(model.values("radius"), model.values("length"), load_in, load_out, outlines)


def _joined(parts: list[Built]) -> Built:
    def column(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])

    outlines = [outline for part in parts for outline in part.outlines]
    return Built(column("radius"), column("length"), column("load_in"), column("load_out"), outlines)
