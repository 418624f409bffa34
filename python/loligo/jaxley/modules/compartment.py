"""A single compartment."""

from __future__ import annotations

from loligo import origins
from loligo.jaxley.modules.module import Module, set_defaults


class Compartment(Module):
    """A cylinder of length 10 µm and radius 1 µm."""

    __slots__ = ()
    _whole_level = "comp"

    def __init__(self) -> None:
        origin = ("cylinder", 10.0, 1.0, 1)
        super().__init__(origin, origins.build(origin), {})
        set_defaults(self._model)
