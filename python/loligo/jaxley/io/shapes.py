"""Shapes of compartments: from numbers to something that a model is built of, and back from a module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from loligo import origins
from loligo.errors import MorphologyError
from loligo.jaxley.built import paths
from loligo.jaxley.utils.morph_attributes import (
    cylinder_area,
    cylinder_resistive_load,
    morph_attrs_from_xyzr,
    parts_between,
    split_xyzr_into_equal_length_segments,
    swc_radius,
)

if TYPE_CHECKING:
    from loligo.jaxley.modules import Module

SAME = 1e-10
"""How far apart, of one, areas and loads may be that are the same but for rounding."""


@dataclass(frozen=True)
class Shape:
    """A compartment.

    Attributes:
        length, radius: µm.
        area: µm².
        loads: Of the half that is nearer to the start of the branch, and of the other, 1/µm.
        points: Positions and radii of what it goes through, shape (point, 4); None if that is not known.
        type: SWC type, which makes groups; None if it is of none.
        volume: µm³; only that of a ball is followed, others are those of what a shape is made of.
    """

    length: float
    radius: float
    area: float
    loads: tuple[float, float]
    points: np.ndarray | None
    type: int | None = None
    volume: float | None = None

    @property
    def is_cylinder(self) -> bool:
        """Whether it is what its length and its radius say."""
        half = cylinder_resistive_load(self.length / 2, self.radius)
        return self._is(cylinder_area(self.length, self.radius), half, half)

    @property
    def turned(self) -> Shape:
        """The same from the other end."""
        points = None if self.points is None else self.points[::-1]
        return replace(self, loads=self.loads[::-1], points=points)

    def origin(self) -> origins.Origin:
        """What a model of it is made of: a cylinder if it is one, else what its points are; and where those have
        another area or other loads, two cylinders of half its length each that have the right ones. Then length and
        radius are theirs.

        Raises:
            MorphologyError: An area or a load that is not positive and finite.
        """
        numbers = np.array([self.length, self.radius, self.area, *self.loads])
        if not (np.isfinite(numbers).all() and (numbers > 0).all()):
            raise MorphologyError(
                f"a compartment has length {self.length}, radius {self.radius}, area {self.area} and loads "
                f"{self.loads}, expected positive numbers"
            )
        if self.is_cylinder:
            return ("cylinder", self.length, self.radius, 1)
        points = next((points for points in self._outlines() if self.fits(points)), None)
        if points is None:
            if np.isclose(*self.loads, rtol=SAME, atol=0.0):
                # area is 2πrl, and load l/(2πr²)
                radius = (self.area / (4 * np.pi**2 * self.loads[0])) ** (1 / 3)
                return ("cylinder", self.area / (2 * np.pi * radius), radius, 1)
            points = self._halves()
        return _drawn(_branch(points, self.type), 1)

    def _outlines(self) -> Iterator[np.ndarray]:
        """The points, if they are known; and as they are with the radius and the length that were set."""
        if self.points is None or len(self.points) < 2 or not np.isfinite(self.points).all():
            return
        yield self.points
        steps = np.diff(paths(self.points))
        if steps.any():
            scaled = self.points * [1.0, 1.0, 1.0, self.radius / swc_radius(steps, self.points[:, 3])]
            start = scaled[0, :3].copy()
            scaled[:, :3] = start + (scaled[:, :3] - start) * (self.length / steps.sum())
            yield scaled

    def fits(self, points: np.ndarray) -> bool:
        """Whether frusta through points have its area and its loads."""
        _, area, _, *loads = morph_attrs_from_xyzr(points, self.radius, 1)
        return self._is(area, *loads)

    def _is(self, *numbers: float) -> bool:
        return np.allclose(numbers, (self.area, *self.loads), rtol=SAME, atol=0.0)

    def _halves(self) -> np.ndarray:
        """Two cylinders of the same length, and the ring between them."""
        # with radii √(h/πR) the area is 2π·h^1.5·Σ 1/√(πR) + h·|1/R₀ − 1/R₁|, which grows with h
        sides = 2 * np.pi * sum(1 / np.sqrt(np.pi * load) for load in self.loads)
        ring = abs(1 / self.loads[0] - 1 / self.loads[1])
        roots = np.roots([sides, ring, 0.0, -self.area])
        half = float(roots[np.abs(roots.imag) < 1e-9 * np.abs(roots)].real.max()) ** 2
        first, second = (np.sqrt(half / (np.pi * load)) for load in self.loads)
        along = np.array([0.0, half, half, 2 * half])
        return np.column_stack([along, np.zeros((4, 2)), [first, first, second, second]])


def branch_origin(shapes: list[Shape]) -> origins.Origin:
    """What a model of compartments one behind the other is made of: the points of the whole branch, if these are cut
    into the same compartments, so that it can be cut anew; else what each is made of."""
    if (ball := _ball_of(shapes)) is not None:
        return ball
    types = {shape.type for shape in shapes}
    is_read = types != {None} or not all(shape.is_cylinder for shape in shapes)
    points = joined_points([shape.points for shape in shapes])
    if is_read and len(types) == 1 and points is not None and len(points) > 1 and np.isfinite(points).all():
        parts = split_xyzr_into_equal_length_segments(points, len(shapes))
        if all(shape.fits(part) for shape, part in zip(shapes, parts)):
            return _drawn(_branch(points, *types), len(shapes))
    return ("chain", [shape.origin() for shape in shapes])


def _ball_of(shapes: list[Shape]) -> origins.Origin | None:
    """What a soma of one point is made of, if the shapes are slices of it: they have the area and the loads of a
    cylinder as long as wide, and the volume of a ball. It lies along y, as that of an SWC file."""
    radius, count = shapes[0].radius, len(shapes)
    slice_ = (radius, 2 * radius / count, 4 / 3 * np.pi * radius**3 / count)
    numbers = [(shape.radius, shape.length, np.nan if shape.volume is None else shape.volume) for shape in shapes]
    if not np.allclose(numbers, slice_, rtol=SAME, atol=0.0) or not all(shape.is_cylinder for shape in shapes):
        return None
    points = shapes[0].points
    x, y, z = (0.0, 0.0, 0.0) if points is None or not np.isfinite(points).all() else points[0, :3]
    ends = np.array([[x, y - radius, z, radius], [x, y + radius, z, radius]])
    return _drawn(_branch(ends, shapes[0].type)._replace(is_ball=True), count)


def joined_points(parts: Sequence[np.ndarray | None]) -> np.ndarray | None:
    """The points of a branch from those of its compartments; where one ends and the next begins there are two. None if
    they are not all known."""
    known = [np.asarray(part, dtype=float) for part in parts if part is not None]
    if len(known) != len(parts):
        return None
    points = np.concatenate(known)
    repeated = (np.diff(points, axis=0) == 0).all(axis=1)
    return points[~np.append(repeated, False)]


def _branch(points: np.ndarray, type_: int | None) -> origins.Drawn:
    """A branch through points."""
    return origins.Drawn(None, type_ or 0, "", np.column_stack([points, paths(points)]))


def _drawn(branch: origins.Drawn, ncomp: int) -> origins.Origin:
    """A branch, cut into compartments."""
    return "branches", (branch,), {"name": "a branch of a graph", "ncomp": [ncomp]}


def shapes_of(module: Module) -> list[Shape]:
    """The shapes of the compartments of a module, as they are now."""
    table, built = module.nodes, module._as_built
    columns = ("length", "radius", "area", "volume", "resistive_load_in", "resistive_load_out")
    rows = table[list(columns)].to_numpy().tolist()
    parts = [part for points, lengths in _by_branch(module) for part in _cut(points, lengths)]
    shapes = []
    for part, radius_built, (length, radius, area, volume, *loads) in zip(parts, built.radius, rows):
        points = part.copy()
        points[np.isnan(points[:, 3]), 3] = radius_built  # where it is made of cylinders
        shapes.append(Shape(length, radius, area, tuple(loads), points, volume=volume))
    return shapes


def _by_branch(module: Module) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The points of every branch, and the lengths of its compartments as they were built."""
    tree = module._tree
    for points, first, count in zip(module._where(), tree.firsts.tolist(), tree.counts.tolist()):
        yield points, module._as_built.length[first : first + count]


def _cut(points: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    """Points of a branch for each of its compartments, with new ones where it is cut; a ball is whole in each."""
    if len(points) == 1:
        return [points] * lengths.size
    path = paths(points)
    own = np.concatenate([[0.0], np.cumsum(lengths)])
    return parts_between(points, own * path[-1] / own[-1])
