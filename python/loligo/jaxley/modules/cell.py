"""A cell of branches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from loligo import modules, origins
from loligo.jaxley import coordinates
from loligo.jaxley.modules.branch import Branch
from loligo.jaxley.modules.module import Module, set_defaults


class Cell(modules.Cell, Module):
    """A tree of branches; each attaches to the far end of its parent. Their stimuli, clamps, recordings and trainables
    stay theirs.

    Args:
        branches: One branch, repeated for each parent, or a list.
        parents: The parent of each branch; −1 for the first, the root.
        xyzr: Where each branch is drawn: points x, y, z and radius, µm, shape (point, 4).
    """

    __slots__ = ()
    cell_params: ClassVar[dict[str, float]] = {}
    """What is set as one is made; a class of yours may have some."""
    cell_states: ClassVar[dict[str, float]] = {}
    """The same of what it starts with."""

    def __init__(
        self,
        branches: Module | Sequence[Module] | None = None,
        parents: Sequence[int] | None = None,
        xyzr: list[np.ndarray] | None = None,
    ) -> None:
        super().__init__(branches, parents)
        parts = [branches] if isinstance(branches, Module) else list(branches or [])
        self._take_channels_of(parts)
        self._take_defaults(self.cell_params | self.cell_states)
        if xyzr is not None:
            self._drawn = coordinates.checked(xyzr, self.total_nbranches)

    @staticmethod
    def _default_branch() -> Module:
        return Branch()

    @classmethod
    def _read(cls, origin: origins.Origin) -> Cell:
        cell = super()._read(origin)
        set_defaults(cell._model)
        return cell
