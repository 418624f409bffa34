"""The shape of cells as pictures need it: pieces of cable with a compartment each, and the outlines of frusta."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from loligo import layout

if TYPE_CHECKING:
    from loligo.view import View

AROUND = 12
"""How many sides a frustum has in three dimensions, and how many points the two round ends of an outline have."""


@dataclass(frozen=True)
class Frusta:
    """Frusta in space.

    Attributes:
        starts, ends: The middles of both faces, µm, shape (frustum, 3).
        radii: Of both faces, µm, shape (frustum, 2).
        owners: The compartment that each is of, shape (frustum,).
    """

    starts: np.ndarray
    ends: np.ndarray
    radii: np.ndarray
    owners: np.ndarray

    def outlines(self, dims: tuple[int, int]) -> np.ndarray:
        """What is seen of each in the plane of two coordinates, shape (frustum, corner, 2): both faces are ellipses,
        of each of which the outer half is drawn."""
        starts, ends = self.starts[:, list(dims)], self.ends[:, list(dims)]
        along = ends - starts
        seen, whole = np.linalg.norm(along, axis=1), np.linalg.norm(self.ends - self.starts, axis=1)
        # one that is seen from its end is a disk, whichever way it is said to lie
        forward = np.where(seen[:, None] > 0, along, [1.0, 0.0]) / np.where(seen, seen, 1.0)[:, None]
        sideward = np.stack([-forward[:, 1], forward[:, 0]], axis=1)
        flattened = np.sqrt(np.clip(1 - (seen / np.where(whole, whole, 1.0)) ** 2, 0, 1))[:, None, None]
        turn = np.linspace(np.pi / 2, 3 * np.pi / 2, AROUND // 2 + 1)
        halves = []
        for middle, radius, angles in ((starts, self.radii[:, 0], turn), (ends, self.radii[:, 1], turn + np.pi)):
            lengthwise = flattened * np.cos(angles)[None, :, None] * forward[:, None]
            across = np.sin(angles)[None, :, None] * sideward[:, None]
            halves.append(middle[:, None] + radius[:, None, None] * (lengthwise + across))
        return np.concatenate(halves, axis=1)

    def sides(self) -> np.ndarray:
        """The sides of each, shape (frustum, `AROUND`, 4, 3)."""
        along = self.ends - self.starts
        length = np.linalg.norm(along, axis=1, keepdims=True)
        axis = np.where(length > 0, along, [1.0, 0.0, 0.0]) / np.where(length > 0, length, 1.0)
        # the axis of space that lies most across
        other = np.eye(3)[np.abs(axis).argmin(axis=1)]
        first = np.cross(axis, other)
        first /= np.linalg.norm(first, axis=1, keepdims=True)
        second = np.cross(axis, first)
        angles = np.linspace(0, 2 * np.pi, AROUND + 1)
        ring = np.cos(angles)[:, None] * first[:, None] + np.sin(angles)[:, None] * second[:, None]
        lower = self.starts[:, None] + self.radii[:, 0, None, None] * ring
        upper = self.ends[:, None] + self.radii[:, 1, None, None] * ring
        return np.stack([lower[:, :-1], lower[:, 1:], upper[:, 1:], upper[:, :-1]], axis=2)


def pieces(view: View) -> Frusta:
    """The pieces of cable in view, between neighbouring points of branches and cut where compartments end."""
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    for first, last, path, points in _branches(view):
        cuts = np.linspace(0, path[-1], last - first + 1)
        along = np.union1d(path, cuts)
        dense = np.column_stack([np.interp(along, path, column) for column in points.T])
        middles = (along[1:] + along[:-1]) / 2
        owners = first + np.clip(np.searchsorted(cuts, middles) - 1, 0, last - first - 1)
        parts.append((np.stack([dense[:-1], dense[1:]], axis=1), owners))
    ends, owners = (np.concatenate(each) for each in zip(*parts))
    inside = np.isin(owners, view._selection.compartments)
    ends, owners = ends[inside], owners[inside]
    return Frusta(ends[:, 0, :3], ends[:, 1, :3], ends[:, :, 3], owners)


def traced_points(view: View) -> tuple[np.ndarray, np.ndarray]:
    """The points of the branches in view, µm, shape (point, 3), and the compartment that each is in."""
    places, owners = [], []
    for first, last, path, points in _branches(view):
        cuts = np.linspace(0, path[-1], last - first + 1)
        places.append(points[:, :3])
        owners.append(first + np.clip(np.searchsorted(cuts, path, side="right") - 1, 0, last - first - 1))
    found, of = np.concatenate(places), np.concatenate(owners)
    inside = np.isin(of, view._selection.compartments)
    return found[inside], of[inside]


def cylinders(view: View) -> Frusta:
    """A cylinder for each compartment in view, with the length and the radius that are set, around its middle."""
    chords = pieces(view)
    owners, first = np.unique(chords.owners, return_index=True)
    last = len(chords.owners) - 1 - np.unique(chords.owners[::-1], return_index=True)[1]
    along = chords.ends[last] - chords.starts[first]
    length = np.linalg.norm(along, axis=1, keepdims=True)
    direction = np.where(length > 0, along, [1.0, 0.0, 0.0]) / np.where(length > 0, length, 1.0)
    model = view._module._model
    half = direction * model.values("length")[owners, None] / 2
    middles, radius = layout.centers(model)[owners], model.values("radius")[owners]
    return Frusta(middles - half, middles + half, np.stack([radius, radius], axis=1), owners)


def _branches(view: View) -> list[tuple[int, int, np.ndarray, np.ndarray]]:
    """Of each branch with something in view the first compartment and that behind the last, the way along it at its
    points, and these, shape (point, 4): x, y, z, radius."""
    selected = view._selection.compartments
    found = []
    for _, _, _, (first, last), _, points in view._module._model.branches():
        if np.searchsorted(selected, first) < np.searchsorted(selected, last):
            lengths = np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1)
            found.append((first, last, np.concatenate([[0.0], np.cumsum(lengths)]), points))
    return found
