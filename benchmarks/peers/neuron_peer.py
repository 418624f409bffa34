"""NEURON: fixed step, backward Euler; `hh` with its rate tables and with exact rates."""

import shutil
import tempfile
from functools import partial
from pathlib import Path

from benchmarks import cases, layer5, measure, nrnivmodl

measure.pin_to_one_core()

import neuron
import numpy as np
from neuron import h

h.load_file("stdrun.hoc")
h.load_file("import3d.hoc")

PARALLEL_CONTEXT = h.ParallelContext()
RATES = {"exact rates": 0, "tables": 1}
SECOND_ORDER = {"backward Euler": 0, "Crank–Nicolson": 2}


class Cells:
    """Sections with steps of current and recordings. NEURON simulates every section that is alive."""

    def __init__(self) -> None:
        self.sections: list[object] = []
        self.stimuli: list[object] = []
        self.voltages: list[object] = []

    def stimulate_and_record(self, segment: object, amplitude: float) -> None:
        clamp = h.IClamp(segment)
        clamp.delay, clamp.dur, clamp.amp = cases.STIMULUS_START, 1e9, amplitude
        self.stimuli.append(clamp)
        self.voltages.append(h.Vector().record(segment._ref_v))

    def compartments(self) -> int:
        return sum(section.nseg for section in self.sections)


def single_compartments(count: int) -> Cells:
    cells = Cells()
    for amplitude in cases.compartment_currents(count):
        section = h.Section()
        section.L, section.diam, section.nseg = 10.0, 2.0, 1
        section.insert("hh")
        cells.sections.append(section)
        cells.stimulate_and_record(section(0.5), amplitude)
    return cells


def imported(file: Path) -> object:
    """The sections that NEURON makes of an SWC file, as lists of an object: `soma`, `dend`, `all`, ..."""
    reader = h.Import3d_SWC_read()
    reader.quiet = 1
    reader.input(str(file))
    cell = type("Cell", (), {})()
    h.Import3d_GUI(reader, 0).instantiate(cell)
    return cell


def reconstructed_cells(count: int) -> Cells:
    cells = Cells()
    for amplitude in cases.cell_currents(count):
        cell = imported(cases.CA1)
        for section in cell.all:
            section.nseg = cases.COMPARTMENTS_PER_BRANCH
            section.Ra = cases.AXIAL_RESISTIVITY
            section.insert("hh")
        cells.sections.extend(cell.all)
        cells.stimulate_and_record(cell.soma[0](0.5), amplitude)
    return cells


def simulate(duration: float) -> None:
    PARALLEL_CONTEXT.set_maxstep(10)
    h.finitialize(cases.INITIAL_VOLTAGE)
    PARALLEL_CONTEXT.psolve(duration)


def time_building(report: measure.Reporter) -> None:
    start = measure.Time.now()
    cells = reconstructed_cells(1)
    simulate(cases.DT)
    report.once("build/forward", "exact rates", cells.compartments(), [measure.Time.now() - start])


def time_stepping(report: measure.Reporter, case: str, cells: Cells, duration: float) -> None:
    for variant, table in RATES.items():
        h.usetable_hh = table
        report.stepping(case, variant, cells.compartments(), cases.steps(duration), lambda: simulate(duration))


def compile_library() -> None:
    """Has NEURON's translator compile Hay's mechanisms, and loads them."""
    folder = Path(tempfile.mkdtemp())
    for file in (Path(__file__).parents[2] / "mechanisms").glob("hay_*.mod"):
        shutil.copy(file, folder)
    nrnivmodl.translate(folder).check_returncode()
    h.nrn_load_dll(str(nrnivmodl.library(folder)))


def layer5_cell() -> Cells:
    example = layer5.example()
    cells, cell = Cells(), imported(example.MORPHOLOGY)
    cells.sections.extend(cell.all)
    for section in cell.all:
        section.nseg = cases.COMPARTMENTS_PER_BRANCH
        section.Ra = 100
        section.insert("pas")
        section.g_pas, section.e_pas = 3e-5, -75
    soma = cell.soma[0]
    for place, names in example.INSERTED.items():
        for section in getattr(cell, layer5.SECTIONS[place]):
            section.cm = 2 if place == "apical" else 1
            for name in names:
                section.insert(name)
            for free_place, name, _, value in example.FREE:
                if free_place == place:
                    mechanism, parameter = name.split(".")
                    setattr(section, f"{parameter}_{mechanism}", value)
            for segment in section:
                if place == "apical":
                    segment.hay_ih.gbar = example.ih_of_apical(h.distance(soma(0), segment))
                elif place == "basal":
                    segment.hay_ih.gbar = 8e-5
            set_ions(section, example.IONS)
    clamp = h.IClamp(soma(0.0))
    clamp.delay, clamp.dur, clamp.amp = 10, 80, 3.0
    cells.stimuli.append(clamp)
    cells.voltages.append(h.Vector().record(soma(0.0)._ref_v))
    return cells


def set_ions(section: object, ions: dict[str, float]) -> None:
    h.cai0_ca_ion, h.cao0_ca_ion = ions["cai"], ions["cao"]
    for name in ("ena", "ek"):
        if hasattr(section, name):
            setattr(section, name, ions[name])


def layer5_compartments() -> Cells:
    cells = Cells()
    for amplitude in layer5.single_currents(layer5.SINGLE):
        section = h.Section()
        section.L, section.diam, section.nseg = 10.0, 2.0, 1
        section.insert("pas")
        section.insert("hay_cadynamics_e2")
        for name, conductance in layer5.SINGLE_CONDUCTANCES.items():
            section.insert(name)
            setattr(section, f"gbar_{name}", conductance)
        cells.sections.append(section)
        cells.stimulate_and_record(section(0.5), amplitude)
    return cells


def time_layer5(report: measure.Reporter) -> None:
    compile_library()
    h.celsius = 34
    for case, build, duration in (
        ("l5pc", layer5_cell, layer5.DURATION),
        ("hay", layer5_compartments, layer5.SINGLE_DURATION),
    ):
        cells = build()
        run = partial(simulate, duration)
        report.stepping(case, "recorded", cells.compartments(), cases.steps(duration), run)
    h.celsius = 6.3


def time_precision(report: measure.Reporter) -> None:
    cells = reconstructed_cells(1)
    h.usetable_hh = 0

    def voltages(step: float) -> np.ndarray:
        set_step(step)
        simulate(cases.PRECISION_DURATION)
        return np.array(cells.voltages[0])[:: cases.steps(cases.PRECISION_SAMPLING, step)]

    h.secondorder = SECOND_ORDER["Crank–Nicolson"]
    converged = voltages(cases.CONVERGED_STEP)
    for variant, order in SECOND_ORDER.items():
        h.secondorder = order
        for step in cases.PRECISION_STEPS:
            error = np.abs(voltages(step) - converged).max()
            times = measure.repeated(lambda: simulate(cases.PRECISION_DURATION))
            report.precision(variant, cells.compartments(), step, times, error)


def set_step(step: float) -> None:
    h.dt, h.steps_per_ms = step, 1 / step


def main() -> None:
    report = measure.Reporter("neuron", neuron.__version__, "f64")
    h.celsius = 6.3
    set_step(cases.DT)
    time_building(report)
    time_layer5(report)
    time_stepping(report, "cell", reconstructed_cells(1), cases.CELL_DURATION)
    time_stepping(report, f"cells/{cases.CELLS}", reconstructed_cells(cases.CELLS), cases.CELLS_DURATION)
    for count, duration in cases.SINGLE_COMPARTMENTS.items():
        time_stepping(report, f"compartments/{count}", single_compartments(count), duration)
    time_precision(report)


if __name__ == "__main__":
    main()
