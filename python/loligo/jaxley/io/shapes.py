"""Shapes of compartments: from numbers to something that a model is built of, and back from a module."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from loligo import origins
from loligo.errors import MorphologyError
from loligo.jaxley.built import paths
from loligo.jaxley.utils.cell_utils import v_interp
from loligo.jaxley.utils.morph_attributes import (
    cylinder_area,
    cylinder_resistive_load,
    morph_attrs_from_xyzr,
    split_xyzr_into_equal_length_segments,
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
        type: SWC type.
    """

    length: float
    radius: float
    area: float
    loads: tuple[float, float]
    points: np.ndarray | None
    type: int = 0

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
        half = cylinder_resistive_load(self.length / 2, self.radius)
        if self._is(cylinder_area(self.length, self.radius), half, half):
            return ("cylinder", self.length, self.radius, 1)
        points = self.points
        if points is None or not np.isfinite(points).all() or not self._fits(points):
            if np.isclose(*self.loads, rtol=SAME, atol=0.0):
                # area is 2πrl, and load l/(2πr²)
                radius = (self.area / (4 * np.pi**2 * self.loads[0])) ** (1 / 3)
                return ("cylinder", self.area / (2 * np.pi * radius), radius, 1)
            points = self._halves()
        return ("swc", _text(points, self.type), _OPTIONS)

    def _fits(self, points: np.ndarray) -> bool:
        if len(points) < 2:
            return False
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


_OPTIONS = {
    "name": "a compartment of a graph",
    "ncomp": 1,
    "d_lambda": 0.1,
    "min_radius": None,
    "max_branch_len": None,
    "roots": "single",
}


def _text(points: np.ndarray, type_: int) -> str:
    rows = [
        f"{number} {type_} {' '.join(repr(float(value)) for value in point)} {number - 1 or -1}"
        for number, point in enumerate(points, start=1)
    ]
    return "\n".join(rows) + "\n"


def shapes_of(module: Module) -> list[Shape]:
    """The shapes of the compartments of a module, as they are now."""
    model = module._model
    bare = _of_origin(module._origin)
    outlines = _outlines(module)
    radius, length = model.values("radius"), model.values("length")
    shapes = []
    for number, shape in enumerate(bare):
        wider, longer = radius[number] / shape.radius, length[number] / shape.length
        points = shape.points if module._drawn is None and shape.points is not None else outlines[number]
        if wider != 1.0:
            points = points * [1.0, 1.0, 1.0, wider]
        shapes.append(
            Shape(
                length=float(length[number]),
                radius=float(radius[number]),
                area=float(shape.area * wider * longer),
                loads=tuple(float(load * longer / wider**2) for load in shape.loads),
                points=points,
                type=shape.type,
            )
        )
    return shapes


def _of_origin(origin: origins.Origin) -> list[Shape]:
    """The compartments of something that a model is built of."""
    match origin:
        case ("cylinder", length, radius, ncomp):
            load = float(cylinder_resistive_load(length / ncomp / 2, radius))
            area = float(cylinder_area(length / ncomp, radius))
            return [Shape(length / ncomp, radius, area, (load, load), None)] * ncomp
        case ("swc" | "import3d", *_):
            return _of_file(origin)
        case (_, parts, *_):
            known: dict[int, list[Shape]] = {}
            for part in parts:
                if id(part) not in known:
                    known[id(part)] = _of_origin(part)
            return [shape for part in parts for shape in known[id(part)]]
    raise AssertionError(origin)


def _of_file(origin: origins.Origin) -> list[Shape]:
    model = origins.build(origin)
    table = dict(model.compartment_table())
    radius, length, area = (np.asarray(table[name]) for name in ("radius", "length", "area"))
    shapes = []
    for _, _, _, (first, end), type_, points in model.branches():
        for number, part in zip(range(first, end), split_xyzr_into_equal_length_segments(points, end - first)):
            *_, load_in, load_out = morph_attrs_from_xyzr(part, 1.0, 1)
            size = float(length[number]), float(radius[number]), float(area[number])
            shapes.append(Shape(*size, (float(load_in), float(load_out)), part, type_))
    return shapes


def _outlines(module: Module) -> list[np.ndarray]:
    """The points that compartments go through where they are drawn; those of cylinders have their radius."""
    built, tree = module._as_built, module._tree
    outlines = []
    for points, first, count in zip(module._where(), tree.firsts.tolist(), tree.counts.tolist()):
        path = paths(points)
        own = np.concatenate([[0.0], np.cumsum(built.length[first : first + count])])
        cuts = own * path[-1] / own[-1]
        for start, stop, radius in zip(cuts[:-1], cuts[1:], built.radius[first : first + count]):
            ends = v_interp(np.array([start, stop]), path, points).T
            between = points[(path > start) & (path < stop)]
            piece = np.concatenate([ends[:1], between, ends[1:]])
            piece[np.isnan(piece[:, 3]), 3] = radius
            outlines.append(piece)
    return outlines
