"""A branch of compartments."""

from __future__ import annotations

from collections.abc import Sequence

from loligo import modules
from loligo.jaxley.modules.compartment import Compartment
from loligo.jaxley.modules.module import Module


class Branch(modules.Branch, Module):
    """An unbranched cable.

    Args:
        compartments: One compartment, repeated `ncomp` times, or a list.
        ncomp: How many compartments.
    """

    __slots__ = ()

    def __init__(self, compartments: Module | Sequence[Module] | None = None, ncomp: int | None = None) -> None:
        super().__init__(compartments, ncomp)
        self._take_channels_of(self._parts_of(compartments, ncomp))

    @staticmethod
    def _default_compartment() -> Module:
        return Compartment()
