"""Placing: where what is in view is in space, which pictures show and runs do not depend on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from loligo import view
from loligo.errors import ArgumentError
from loligo.jaxley import coordinates
from loligo.waveforms import as_numbers

if TYPE_CHECKING:
    from loligo.jaxley.modules.view import View

_PLANES = {"xy": [0, 1], "xz": [0, 2], "yz": [1, 2]}


class Placing(view.View):
    """Moving what is in view."""

    __slots__ = ()

    @property
    def xyzr(self) -> list[np.ndarray]:
        """For each branch in view its points x, y, z and radius, µm, shape (point, 4). Branches that are not from a
        file have two, without a radius (NaN), laid out as `compute_xyz` says; of a branch that is in view in part there
        are the ends of its compartments. The arrays of whole branches are those that are drawn, and may be written
        to."""
        module, outlines = self._module, self._module._outlines()
        seen = []
        for branch in self._branches_in_view.tolist():
            first, count = int(module._tree.firsts[branch]), int(module._tree.counts[branch])
            inside = self._selection.compartments
            here = inside[(inside >= first) & (inside < first + count)].astype(int) - first
            whole = here.size == count
            seen.append(outlines[branch] if whole else coordinates.between(outlines[branch], count, here))
        return seen

    @xyzr.setter
    def xyzr(self, points: Sequence[ArrayLike]) -> None:
        branches, outlines = self._branches_in_view, self._module._outlines()
        if missing := int(self._module._tree.counts[branches].sum()) - len(self._selection):
            raise ArgumentError(f"xyzr is of whole branches, and {missing} of their compartments are not in view")
        for branch, own in zip(branches.tolist(), coordinates.checked(points, branches.size)):
            outlines[branch] = own

    def compute_xyz(self) -> None:
        """Lays out the branches in view that are not from a file, by their lengths as they are now: to the right, the
        children of a branch next to each other, and roots in the origin. Modules are laid out like this as they are
        built.

        >>> import loligo.jaxley as jx
        >>> cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
        >>> cell.set("length", 20.0)
        >>> cell.compute_xyz()
        >>> cell.xyzr[0][:, :3].tolist()
        [[0.0, 0.0, 0.0], [40.0, 0.0, 0.0]]
        """
        module = self._module
        outlines, laid_out = module._outlines(), module._laid_out(together=True)
        for branch in self._branches_in_view.tolist():
            if module._as_built.outlines[branch] is None:
                outlines[branch][:, :3] = laid_out[branch][:, :3]

    def compute_compartment_centers(self) -> None:
        """Has the columns `x`, `y` and `z` of `nodes` be midway between the ends of compartments from now on, and not
        the middles of the way from one to the other, for the branches in view. They differ where a branch bends."""
        self._module._midway.update(self._branches_in_view.tolist())

    def move(self, x: float = 0.0, y: float = 0.0, z: float = 0.0, update_nodes: bool = False) -> None:
        """Moves the branches in view by so many µm.

        Args:
            update_nodes: As `compute_compartment_centers`; `nodes` shows where compartments are without it, too.

        >>> import loligo.jaxley as jx
        >>> cell = jx.Cell()
        >>> cell.move(20.0, 30.0)
        >>> cell.nodes[["x", "y", "z"]].to_numpy().tolist()
        [[25.0, 30.0, 0.0]]
        """
        self._shift(self._branches_in_view, as_numbers([x, y, z], "the distance"))
        if update_nodes:
            self.compute_compartment_centers()

    def move_to(self, x: ArrayLike = 0.0, y: ArrayLike = 0.0, z: ArrayLike = 0.0, update_nodes: bool = False) -> None:
        """Moves the branches in view so that the first point of the first of them is there, µm; with arrays, one number
        for each cell in view, the first point of each cell.

        Args:
            update_nodes: See `move`.

        Raises:
            ArgumentError: Arrays that have not one number for each cell in view.

        >>> import loligo.jaxley as jx
        >>> network = jx.Network([jx.Cell(), jx.Cell()])
        >>> network.move_to(x=[10.0, 30.0], y=5.0)
        >>> network.nodes[["x", "y"]].to_numpy().tolist()
        [[15.0, 5.0], [35.0, 5.0]]
        """
        module, branches = self._module, self._branches_in_view
        owners = module._places[0][module._tree.firsts[branches]]
        cells, first = np.unique(owners, return_index=True)
        goals = [as_numbers(goal, f"`{axis}`") for axis, goal in zip("xyz", (x, y, z))]
        each = any(goal.ndim for goal in goals)
        for axis, goal in zip("xyz", goals):
            if goal.shape not in ((), cells.shape):
                raise ArgumentError(
                    f"`{axis}` has shape {goal.shape}, expected one number, or one for each of {cells.size} cells"
                )
        there = np.stack([np.broadcast_to(goal, cells.shape) for goal in goals], axis=1)
        outlines = module._outlines()
        here = np.array([outlines[branch][0, :3] for branch in branches[first].tolist()])
        offsets = there - (here if each else here[0])
        self._shift(branches, offsets[np.searchsorted(cells, owners)])
        if update_nodes:
            self.compute_compartment_centers()

    def rotate(self, degrees: float, rotation_axis: str = "xy", update_nodes: bool = False) -> None:
        """Turns the branches in view clockwise around the origin.

        Args:
            rotation_axis: The plane in which they are turned, `"xy"`, `"xz"` or `"yz"`.
            update_nodes: See `move`.

        Raises:
            ArgumentError: Another plane.

        >>> import loligo.jaxley as jx
        >>> cell = jx.Cell()
        >>> cell.rotate(90.0)
        >>> cell.xyzr[0][1, :3].round(9).tolist()
        [0.0, -10.0, 0.0]
        """
        if rotation_axis not in _PLANES:
            raise ArgumentError(f"rotation_axis is {rotation_axis!r}, expected one of {', '.join(map(repr, _PLANES))}")
        angle, plane = np.deg2rad(degrees), _PLANES[rotation_axis]
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        outlines = self._module._outlines()
        for branch in self._branches_in_view.tolist():
            outlines[branch][:, plane] = outlines[branch][:, plane] @ turn.T
        if update_nodes:
            self.compute_compartment_centers()

    def _shift(self: View, branches: np.ndarray, offsets: np.ndarray) -> None:
        outlines = self._module._outlines()
        for branch, offset in zip(branches.tolist(), np.broadcast_to(offsets, (branches.size, 3))):
            outlines[branch][:, :3] += offset
