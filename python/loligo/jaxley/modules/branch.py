"""A branch of compartments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from loligo import modules
from loligo.jaxley.modules.compartment import Compartment
from loligo.jaxley.modules.module import Module


class Branch(modules.Branch, Module):
    """An unbranched cable. Stimuli, clamps, recordings and trainables of the compartments stay theirs.

    Args:
        compartments: One compartment, repeated `ncomp` times, or a list.
        ncomp: How many compartments.
    """

    __slots__ = ()
    branch_params: ClassVar[dict[str, float]] = {}
    """What is set as one is made; a class of yours may have some."""
    branch_states: ClassVar[dict[str, float]] = {}
    """The same of what it starts with."""

    def __init__(self, compartments: Module | Sequence[Module] | None = None, ncomp: int | None = None) -> None:
        super().__init__(compartments, ncomp)
        self._take_channels_of(self._parts_of(compartments, ncomp))
        self._take_defaults(self.branch_params | self.branch_states)

    @staticmethod
    def _default_compartment() -> Module:
        return Compartment()
