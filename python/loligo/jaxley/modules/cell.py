"""A cell of branches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from loligo import modules, origins
from loligo.errors import ArgumentError
from loligo.jaxley.modules.branch import Branch
from loligo.jaxley.modules.module import Module, set_defaults


class Cell(modules.Cell, Module):
    """A tree of branches; each attaches to the far end of its parent.

    Args:
        branches: One branch, repeated for each parent, or a list.
        parents: The parent of each branch; −1 for the first, the root.
    """

    __slots__ = ()

    def __init__(
        self,
        branches: Module | Sequence[Module] | None = None,
        parents: Sequence[int] | None = None,
        xyzr: list[np.ndarray] | None = None,
    ) -> None:
        if xyzr is not None:
            raise ArgumentError("xyzr is not supported, expected None; read a file with read_swc for a shape")
        super().__init__(branches, parents)
        parts = [branches] if isinstance(branches, Module) else list(branches or [])
        self._take_channels_of(parts)

    @staticmethod
    def _default_branch() -> Module:
        return Branch()

    @classmethod
    def _read(cls, origin: origins.Origin) -> Cell:
        cell = super()._read(origin)
        set_defaults(cell._model)
        return cell
