"""A single compartment."""

from __future__ import annotations

from typing import ClassVar

from loligo import origins
from loligo.jaxley.modules.module import Module


class Compartment(Module):
    """A cylinder of length 10 µm and radius 1 µm, or of what a class of yours has as `compartment_params`."""

    __slots__ = ()
    _whole_level = "comp"
    compartment_params: ClassVar[dict[str, float]] = {
        "length": 10.0,
        "radius": 1.0,
        "axial_resistivity": 5000.0,
        "capacitance": 1.0,
    }
    """What it has, unless it is set: µm, Ω·cm, µF/cm²."""
    compartment_states: ClassVar[dict[str, float]] = {"v": -70.0}
    """What it starts with, unless it is set: mV."""

    def __init__(self) -> None:
        given = self.compartment_params | self.compartment_states
        origin = ("cylinder", given.pop("length"), given.pop("radius"), 1)
        super().__init__(origin, origins.build(origin), {})
        for name, number in given.items():
            self._model.set(name, number, self._model.everything())
