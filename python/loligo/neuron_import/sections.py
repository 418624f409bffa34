"""Sections of NEURON: where their points and segments are, and what they are connected to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

import numpy as np

from loligo.errors import ArgumentTypeError
from loligo.neuron_import.left_out import LeftOut


@dataclass
class Section:
    """A section as NEURON has it.

    Attributes:
        alive: NEURON's own.
        name: As NEURON shows it: `soma`, `Cell[0].dend[3]`.
        diameters: Of its segments from its 0 end, µm, shape (segment,).
        areas: Of its segments, µm², shape (segment,).
        length: µm.
        points: Its 3-D points from its 0 end, µm: x, y, z and radius, shape (point, 4); none if it has no such points.
        path: How far along the section these are, µm, shape (point,).
        parent: The number of the section that it is connected to.
        parent_x: Where on that, from 0 to 1.
        near_end: Which of its own ends is connected to the parent, 0 or 1.
        compartments: The compartments that its segments became, from its 0 end.
    """

    alive: Any
    name: str
    diameters: np.ndarray
    areas: np.ndarray
    length: float
    points: np.ndarray
    path: np.ndarray
    parent: int | None
    parent_x: float
    near_end: int
    compartments: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=int))

    @property
    def nseg(self) -> int:
        """How many segments it has."""
        return self.diameters.size

    @property
    def kind(self) -> str:
        """Its name without that of its cell and without its number: `dend`."""
        return re.sub(r"\[\d+\]$", "", self.name.rpartition(".")[2])

    def segment_at(self, x: float) -> int:
        """The segment that NEURON has at a location, from its 0 end."""
        return min(int(self.nseg * x), self.nseg - 1)


def read_sections(h: Any, chosen: Any, left_out: LeftOut) -> list[Section]:
    """The sections that are alive, or those that were chosen, in the order of `h.allsec()`."""
    alive = list(h.allsec())
    if chosen is not None:
        wanted = list(chosen)
        if strange := [each for each in wanted if not hasattr(each, "nseg")]:
            raise ArgumentTypeError(f"sections holds {strange[0]!r}, expected sections of NEURON")
        alive = [section for section in alive if section in wanted]
    number = {section: index for index, section in enumerate(alive)}
    return [_read(section, number, left_out) for section in alive]


def trees(sections: list[Section]) -> list[list[int]]:
    """The sections of every cell by their numbers, as they come but for parents, which are before their children."""
    children: list[list[int]] = [[] for _ in sections]
    for index, section in enumerate(sections):
        if section.parent is not None:
            children[section.parent].append(index)
    found = []
    for root, section in enumerate(sections):
        if section.parent is None:
            tree, waiting = [], [root]
            while waiting:
                tree.append(heappop(waiting))
                for child in children[tree[-1]]:
                    heappush(waiting, child)
            found.append(tree)
    return found


def _read(alive: Any, number: dict[Any, int], left_out: LeftOut) -> Section:
    name = alive.name()
    count = int(alive.n3d())
    points = [(alive.x3d(i), alive.y3d(i), alive.z3d(i), abs(alive.diam3d(i)) / 2) for i in range(count)]
    attached = alive.parentseg()
    parent = None if attached is None else number.get(attached.sec)
    if attached is not None and parent is None:
        left_out.add("a connection between sections", name, f"its parent {attached.sec.name()} was not asked for")
    if attached is not None and getattr(alive, "rallbranch", 1) != 1:
        left_out.add("rallbranch", name, "a section stands for one branch, not for several")
    frusta = np.array(points, dtype=float).reshape(-1, 4) if count > 1 else np.empty((0, 4))  # one has no length
    path = np.array([alive.arc3d(i) for i in range(count)]) if count > 1 else np.empty(0)
    if alive.orientation() == 1:
        # NEURON has the first point where the section is connected, which is its 1 end
        frusta, path = frusta[::-1], path[-1:] - path[::-1]
    return Section(
        alive=alive,
        name=name,
        diameters=np.array([segment.diam for segment in alive]),
        areas=np.array([segment.area() for segment in alive]),
        length=float(alive.L),
        points=frusta,
        path=path,
        parent=parent,
        parent_x=0.0 if attached is None else float(attached.x),
        near_end=0 if parent is None else round(alive.orientation()),
    )
