"""One cell in NEURON and in Loligo: what is done to it is done in both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from neuron import h

import loligo as lo

h.load_file("stdlib.hoc")
h.load_file("import3d.hoc")
h.CVode().use_fast_imem(1)  # makes `i_membrane_`
h.usetable_hh = 0  # rates as written, not interpolated

DT = 0.025
"""ms."""

INITIAL_VOLTAGE = -65.0
"""mV."""

AXIAL_RESISTIVITY = 100.0
"""Ω·cm."""

SECOND_ORDER = {"backward_euler": 0, "crank_nicolson": 2}
"""NEURON's names of the schemes."""

NAMES = {"v": "_ref_v", "i_membrane": "_ref_i_membrane_", "ina": "_ref_ina", "ik": "_ref_ik"}
"""What NEURON calls what Loligo records; what belongs to a mechanism is called alike."""


def run_neuron(t_max: float, scheme: str) -> None:
    """Has NEURON run what is alive in it, ms."""
    h.secondorder, h.dt = SECOND_ORDER[scheme], DT
    h.finitialize(INITIAL_VOLTAGE)
    for _ in range(round(t_max / DT)):
        h.fadvance()


class Twins:
    """A cell from an SWC file in both simulators, as NEURON's Import3d cuts it into sections.

    Compartments are counted as Loligo counts them. NEURON simulates every section that is alive, so only one pair can
    live at a time; leaving the `with` block ends it.

    Args:
        file: An SWC file.
        ncomp: Compartments of every section, by the d_lambda rule if left out.
    """

    def __init__(self, file: Path, ncomp: int | None = None) -> None:
        if list(h.allsec()):
            raise RuntimeError("sections of another test are still alive in NEURON")
        self.sections = imported(file)
        for section in self.sections:
            section.Ra, section.cm = AXIAL_RESISTIVITY, 1.0
            section.nseg = ncomp or d_lambda(section)
        self.cell = lo.read_import3d(file, ncomp)
        self.cell.set("axial_resistivity", AXIAL_RESISTIVITY)
        self.branches = self.cell._model.branches()  # their names, which views do not show
        named = {section.name(): section for section in self.sections}
        self.segments = [segment for name, *_ in self.branches for segment in named[name]]
        self.recorded: list[Any] = []
        self.point_processes: list[Any] = []
        h.celsius = 6.3

    def __enter__(self) -> Twins:
        return self

    def __exit__(self, *_: object) -> None:
        self.recorded.clear()
        self.point_processes.clear()
        self.segments.clear()
        for section in self.sections:
            h.delete_section(sec=section)
        self.sections.clear()

    @property
    def soma(self) -> int:
        """The middle compartment of the soma."""
        first, end = self.branches[0][3]
        return (first + end - 1) // 2

    @property
    def farthest(self) -> int:
        """The compartment farthest from the soma."""
        return int(np.argmax(self.cell.distances()))

    def set_celsius(self, celsius: float) -> None:
        """Sets the temperature, °C."""
        h.celsius = self.cell.celsius = celsius

    def insert(self, mechanism: str, branches: Iterable[int] | None = None) -> None:
        """Inserts a mechanism that both have into some branches, all if left out."""
        chosen = list(range(len(self.branches)) if branches is None else branches)
        self.cell.branch(chosen).insert(lo.mechanism(mechanism))
        for branch in chosen:
            first = self.branches[branch][3][0]
            self.segments[first].sec.insert(mechanism)

    def set(self, mechanism: str, parameter: str, numbers: Sequence[float]) -> None:
        """Sets a parameter of a mechanism, one number for each compartment that has it."""
        having = [segment for segment in self.segments if hasattr(segment, mechanism)]
        self.cell.set(f"{mechanism}.{parameter}", np.asarray(numbers))
        for segment, number in zip(having, numbers, strict=True):
            setattr(getattr(segment, mechanism), parameter, number)

    def step(self, compartment: int, start: float, duration: float, amplitude: float) -> None:
        """Injects a step of current: ms, ms, nA."""
        self._view(compartment).stimulate(lo.step(start, duration, amplitude))
        electrode = h.IClamp(self.segments[compartment])
        electrode.delay, electrode.dur, electrode.amp = start, duration, amplitude
        self.point_processes.append(electrode)

    def clamp(self, compartment: int, duration: float, voltage: float, series_resistance: float) -> None:
        """Holds a voltage from the start through an electrode: ms, mV, MΩ. The current of the electrode is recorded."""
        view = self._view(compartment)
        view.clamp(voltage, series_resistance=series_resistance, duration=duration)
        view.record("i_clamp")
        electrode = h.SEClamp(self.segments[compartment])
        electrode.dur1, electrode.amp1, electrode.rs = duration, voltage, series_resistance
        self.point_processes.append(electrode)
        self.recorded.append(h.Vector().record(electrode._ref_i))

    def record(self, what: str, compartments: Iterable[int]) -> None:
        """Records a quantity in some compartments; rows of the runs come in the order of the calls."""
        mechanism, _, variable = what.rpartition(".")
        for compartment in compartments:
            self._view(compartment).record(what)
            segment = self.segments[compartment]
            if variable.endswith("]"):
                name, index = variable.removesuffix("]").split("[")
                reference = getattr(segment, f"_ref_{name}_{mechanism}")[int(index)]
            else:
                owner = getattr(segment, mechanism) if mechanism else segment
                reference = getattr(owner, NAMES.get(what, f"_ref_{variable}"))
            self.recorded.append(h.Vector().record(reference))

    def run(self, t_max: float, scheme: str) -> tuple[np.ndarray, np.ndarray]:
        """What NEURON and what Loligo recorded, both of shape (recording, time)."""
        ours = lo.simulate(
            self.cell, t_max=t_max, dt=DT, scheme=scheme, v_init=INITIAL_VOLTAGE, convention="neuron"
        ).recordings
        run_neuron(t_max, scheme)
        return np.array([vector.as_numpy() for vector in self.recorded]), ours

    def without_electrodes(self) -> None:
        """Takes out the steps of current."""
        self.cell.delete_stimuli()
        self.point_processes.clear()

    def _view(self, compartment: int) -> lo.View:
        branch = int(self.cell._places[1][compartment])
        return self.cell.branch(branch).comp(compartment - self.branches[branch][3][0])


def imported(file: Path) -> list[Any]:
    """The sections that NEURON makes of an SWC or Neurolucida file, in its order."""
    reader = h.Import3d_Neurolucida3() if file.suffix == ".asc" else h.Import3d_SWC_read()
    reader.quiet = 1
    reader.input(str(file))
    h.Import3d_GUI(reader, False).instantiate(None)
    return list(h.allsec())


def d_lambda(section: Any) -> int:
    """Compartments of a section by the rule of Hines and Carnevale (2001), as NEURON's cell builder has it."""
    return int((section.L / (0.1 * h.lambda_f(100, sec=section)) + 0.9) / 2) * 2 + 1
