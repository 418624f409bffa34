"""NEURON: fixed step, backward Euler; `hh` with its rate tables and with exact rates."""

import shutil
import tempfile
from functools import partial
from pathlib import Path

from benchmarks import cases, layer5, measure, networks, nrnivmodl

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
    """Sections with steps of current, connections and recordings. NEURON simulates every section that is alive."""

    def __init__(self) -> None:
        self.sections: list[object] = []
        self.stimuli: list[object] = []
        self.voltages: list[object] = []
        self.synapses: list[object] = []
        self.connections: list[object] = []
        self.spikes: list[object] = []

    def stimulate_and_record(self, segment: object, amplitude: float) -> None:
        self.stimulate(segment, amplitude)
        self.voltages.append(h.Vector().record(segment._ref_v))

    def stimulate(self, segment: object, amplitude: float) -> None:
        clamp = h.IClamp(segment)
        clamp.delay, clamp.dur, clamp.amp = cases.STIMULUS_START, 1e9, amplitude
        self.stimuli.append(clamp)

    def add_synapse(self, segment: object) -> None:
        synapse = h.ExpSyn(segment)
        synapse.tau, synapse.e = 2.0, 0.0
        self.synapses.append(synapse)

    def connect(self, segment: object, synapse: object | None, weight: float = 0.0, delay: float = 1.0) -> object:
        """Spikes at a segment reach a synapse; or nothing, if only they themselves are of interest."""
        connection = h.NetCon(segment._ref_v, synapse, sec=segment.sec)
        connection.threshold, connection.delay, connection.weight[0] = networks.THRESHOLD, delay, weight
        self.connections.append(connection)
        return connection

    def record_spikes(self, segment: object) -> None:
        times = h.Vector()
        self.connect(segment, None).record(times)
        self.spikes.append(times)

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


def reconstructed_cell(cells: Cells) -> object:
    """Adds the CA1 cell to cells, and returns the middle of its soma."""
    cell = imported(cases.CA1)
    for section in cell.all:
        section.nseg = cases.COMPARTMENTS_PER_BRANCH
        section.Ra = cases.AXIAL_RESISTIVITY
        section.insert("hh")
    cells.sections.extend(cell.all)
    return cell.soma[0](0.5)


def reconstructed_cells(count: int) -> Cells:
    cells = Cells()
    for amplitude in cases.cell_currents(count):
        cells.stimulate_and_record(reconstructed_cell(cells), amplitude)
    return cells


def ring() -> Cells:
    """Reconstructed cells, each of which excites the next; the first gets an event at the start."""
    cells = Cells()
    somata = [reconstructed_cell(cells) for _ in range(networks.RING_CELLS)]
    for soma in somata:
        cells.add_synapse(soma)
        cells.record_spikes(soma)
        cells.voltages.append(h.Vector().record(soma._ref_v))
    for index, soma in enumerate(somata):
        onto = cells.synapses[(index + 1) % len(somata)]
        cells.connect(soma, onto, networks.RING_WEIGHT, networks.RING_DELAY)
    kick = h.NetStim()
    kick.start, kick.number, kick.noise = networks.RING_KICK, 1, 0
    connection = h.NetCon(kick, cells.synapses[0])
    connection.delay, connection.weight[0] = 0.0, networks.RING_WEIGHT
    cells.stimuli.append(kick)
    cells.connections.append(connection)
    return cells


def driven_by_events() -> Cells:
    """The random network with a synapse in every cell, which all connections onto it share."""
    cells, random = Cells(), networks.RandomNetwork()
    for amplitude in networks.events_currents(random.cells):
        section = h.Section()
        section.L, section.diam, section.nseg = networks.LENGTH, 2 * networks.EVENTS_RADIUS, 1
        section.insert("hh")
        cells.sections.append(section)
        cells.stimulate(section(0.5), amplitude)
        cells.add_synapse(section(0.5))
        cells.record_spikes(section(0.5))
    for pre, post, delay in zip(random.pre, random.post, random.delays):
        cells.connect(cells.sections[pre](0.5), cells.synapses[post], networks.EVENTS_WEIGHT, delay)
    return cells


def simulate(duration: float) -> None:
    PARALLEL_CONTEXT.set_maxstep(10)
    h.finitialize(cases.INITIAL_VOLTAGE)
    PARALLEL_CONTEXT.psolve(duration)


def time_building(report: measure.Reporter) -> None:
    start = measure.Time.now()
    _alive = reconstructed_cells(1)
    simulate(cases.DT)
    report.once("build/forward", "exact rates", [measure.Time.now() - start])


def time_stepping(report: measure.Reporter, case: str, cells: Cells, duration: float) -> None:
    for variant, table in RATES.items():
        h.usetable_hh = table
        report.stepping(case, variant, cells.compartments(), cases.steps(duration), lambda: simulate(duration))


def time_networks(report: measure.Reporter) -> None:
    for case, build, duration in (
        ("ring", ring, networks.RING_DURATION),
        ("events", driven_by_events, networks.EVENTS_DURATION),
    ):
        cells = build()
        for variant, table in RATES.items():
            h.usetable_hh = table
            simulate(duration)
            spikes = sum(len(times) for times in cells.spikes)
            run, steps = partial(simulate, duration), cases.steps(duration)
            report.stepping(case, variant, cells.compartments(), steps, run, spikes=spikes)


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
    time_networks(report)
    time_stepping(report, "cell", reconstructed_cells(1), cases.CELL_DURATION)
    time_stepping(report, f"cells/{cases.CELLS}", reconstructed_cells(cases.CELLS), cases.CELLS_DURATION)
    for count, duration in cases.SINGLE_COMPARTMENTS.items():
        time_stepping(report, f"compartments/{count}", single_compartments(count), duration)
    time_precision(report)


if __name__ == "__main__":
    main()
