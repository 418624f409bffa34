"""Loligo, through its Python package as users call it: f64 and f32, one core and two, both budgets, both schemes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np

import loligo as lo
from benchmarks import cases, layer5, measure, networks

PRECISIONS = {"f64": "float64", "f32": "float32"}
SCHEMES = {"backward Euler": "backward_euler", "Crank–Nicolson": "crank_nicolson"}
TRAINABLE = ("hh.gnabar", "hh.gkbar", "hh.gl")
BUDGETS = {"ample budget": None, "32 MiB": 32 << 20}
"""Bytes for a gradient; None for the default."""

FRESH_PROCESSES = 5
"""How often what happens only once in a process is timed."""


def currents(amplitudes: list[float], duration: float) -> lo.parameters.Batch:
    """Steps of current as a batch, one value per lane and time step."""
    middles = (np.arange(cases.steps(duration)) + 0.5) * cases.DT
    return lo.batch(np.outer(amplitudes, middles > cases.STIMULUS_START))


class SingleCompartments:
    """A batch of one compartment, each lane with a sodium conductance of its own."""

    def __init__(self, count: int, duration: float) -> None:
        self.duration = duration
        soma = lo.Compartment(length=10, radius=1)
        soma.insert(lo.mechanism("hh"))
        soma.celsius = 6.3
        soma.set("v", cases.INITIAL_VOLTAGE)
        soma.stimulate(lo.step(cases.STIMULUS_START, 1e9, cases.compartment_currents(1)[0]))
        soma.record()
        soma.make_trainable("hh.gnabar")
        conductances = np.linspace(0.1, 0.14, count).reshape(count, 1)
        self.soma = soma
        self.values = lo.batch([{"hh.gnabar": conductances}]) if count > 1 else soma.get_parameters()

    def run(self, **options: object) -> lo.Run:
        return lo.simulate(self.soma, self.values, t_max=self.duration, dt=cases.DT, **options)


class ReconstructedCell:
    """The CA1 cell with a conductance of each kind for every branch."""

    def __init__(self) -> None:
        self.cell = lo.read_swc(cases.CA1, ncomp=cases.COMPARTMENTS_PER_BRANCH)
        self.cell.insert(lo.mechanism("hh"))
        self.cell.celsius = 6.3
        self.cell.set("axial_resistivity", cases.AXIAL_RESISTIVITY)
        self.cell.set("v", cases.INITIAL_VOLTAGE)
        self.soma = self.cell.soma.branch(0).loc(0.5)
        self.soma.record()
        self.compartments = self.cell.shape[-1]

    def stimulate(self) -> None:
        self.soma.stimulate(lo.step(cases.STIMULUS_START, 1e9, cases.cell_currents(1)[0]))

    def train(self) -> None:
        for name in TRAINABLE:
            self.cell.branch("all").make_trainable(name)

    def run(self, duration: float, **options: object) -> lo.Run:
        return lo.simulate(self.cell, t_max=duration, **{"dt": cases.DT, **options})

    def batch(self, count: int, duration: float) -> Callable[..., lo.Run]:
        """`count` cells, every lane with other conductances and another current."""
        factors = np.linspace(0.9, 1.1, count)
        parameters = [{k: np.outer(factors, v) for k, v in entry.items()} for entry in self.cell.get_parameters()]
        stimuli = self.soma.data_stimulate(currents(cases.cell_currents(count), duration))
        return lambda **options: lo.simulate(
            self.cell, lo.batch(parameters), stimuli=stimuli, t_max=duration, dt=cases.DT, **options
        )

    def gradient(self, duration: float, precision: str, budget: int | None) -> Callable[[], lo.Run]:
        """A call that computes the gradient and returns the run that it is of."""
        return differentiated(self.cell, duration, precision=precision, budget=budget)


def stimulated_cell() -> ReconstructedCell:
    model = ReconstructedCell()
    model.stimulate()
    return model


def trained_cell() -> ReconstructedCell:
    model = stimulated_cell()
    model.train()
    return model


def differentiated(cell: lo.Cell | lo.Network, duration: float, **options: object) -> Callable[[], lo.Run]:
    """A call that computes the gradient of a mean square and returns the run that it is of."""
    runs = []

    def loss(parameters: lo.parameters.Parameters) -> object:
        run = lo.simulate(cell, parameters, t_max=duration, dt=cases.DT, **options)
        runs[:] = [run]
        return ((run.v - cases.INITIAL_VOLTAGE) ** 2).mean()

    value_and_gradient, parameters = lo.value_and_grad(loss), cell.get_parameters()

    def call() -> lo.Run:
        value_and_gradient(parameters)
        return runs[0]

    return call


def layer5_cell() -> lo.Cell:
    """The layer 5b pyramidal cell with its nineteen free numbers."""
    example = layer5.example()
    cell = example.build()
    for place, name, bounds, _ in example.FREE:
        getattr(cell, place).make_trainable(name, bounds=bounds)
    return cell


def layer5_compartments() -> lo.Network:
    """Single compartments with all mechanisms of the cell; conductances are shared."""
    one = lo.Compartment(length=10, radius=1)
    one.insert(lo.mechanism("pas"))
    for name in [*layer5.SINGLE_CONDUCTANCES, "hay_cadynamics_e2"]:
        one.insert(lo.mechanism(name))
    network = lo.Network([one] * layer5.SINGLE)
    network.celsius = 34
    network.set("v", cases.INITIAL_VOLTAGE)
    for name, conductance in layer5.SINGLE_CONDUCTANCES.items():
        network.set(f"{name}.gbar", conductance)
        network.make_trainable(f"{name}.gbar")
    for index, amplitude in enumerate(layer5.single_currents(layer5.SINGLE)):
        network.cell(index).stimulate(lo.step(cases.STIMULUS_START, 1e9, amplitude))
    network.record()
    return network


def time_layer5(report: measure.Reporter) -> None:
    cell = layer5_cell()
    compartments, steps = cell.shape[-1], cases.steps(layer5.DURATION)
    run = partial(lo.simulate, cell, t_max=layer5.DURATION, dt=cases.DT)
    report.stepping("l5pc", "recorded", compartments, steps, run)
    report.stepping("l5pc/gradient", "ample budget", compartments, steps, differentiated(cell, layer5.DURATION))
    network, steps = layer5_compartments(), cases.steps(layer5.SINGLE_DURATION)
    run = partial(lo.simulate, network, t_max=layer5.SINGLE_DURATION, dt=cases.DT)
    report.stepping("hay", "recorded", layer5.SINGLE, steps, run)
    call = differentiated(network, layer5.SINGLE_DURATION)
    report.stepping("hay/gradient", "ample budget", layer5.SINGLE, steps, call)


def ring() -> lo.Network:
    """Reconstructed cells, each of which excites the next; the first gets an event at the start."""
    cell = ReconstructedCell().cell
    cell.soma.branch(0).loc(0.5).insert(lo.mechanism("expsyn"))
    network = lo.Network([cell] * networks.RING_CELLS)
    somata = network.soma.branch(0).loc(0.5)
    onto_next = lo.SpikingSynapse(
        "expsyn", weight=networks.RING_WEIGHT, delay=networks.RING_DELAY, threshold=networks.THRESHOLD
    )
    count = networks.RING_CELLS
    for index in range(count):
        network.connect(somata.cell(index), somata.cell((index + 1) % count), onto_next)
    kick = lo.SpikingSynapse("expsyn", weight=networks.RING_WEIGHT, delay=0.0)
    network.connect(lo.SpikeTrains([networks.RING_KICK]), somata.cell(0), kick)
    return network


def point_cells(radius: float, *mechanisms: str) -> lo.Network:
    """As many single compartments as the random networks have, at rest."""
    one = lo.Compartment(length=networks.LENGTH, radius=radius)
    for name in ("hh", *mechanisms):
        one.insert(lo.mechanism(name))
    network = lo.Network([one] * networks.CELLS)
    network.celsius = 6.3
    network.set("v", cases.INITIAL_VOLTAGE)
    return network


def driven_by_events() -> lo.Network:
    """The random network with a synapse in every cell, which all connections onto it share."""
    network = point_cells(networks.EVENTS_RADIUS, "expsyn")
    random = networks.RandomNetwork()
    synapse = lo.SpikingSynapse(
        "expsyn", weight=networks.EVENTS_WEIGHT, delay=random.delays, threshold=networks.THRESHOLD
    )
    network.connect(random.pre, random.post, synapse)
    stimulate_each(network, networks.events_currents(networks.CELLS))
    return network


def graded() -> lo.Network:
    """The random network with graded synapses; the conductance of each is trainable, and what cells have in common."""
    network = point_cells(networks.GRADED_RADIUS)
    random = networks.RandomNetwork()
    synapses = network.connect(random.pre, random.post, lo.IonotropicSynapse())
    synapses.set("gS", networks.GRADED_WEIGHT)
    synapses[:].make_trainable("gS")
    for name in TRAINABLE:
        network.make_trainable(name)
    return network


def stimulate_each(network: lo.Network, amplitudes: list[float]) -> None:
    for index, amplitude in enumerate(amplitudes):
        network.cell(index).stimulate(lo.step(cases.STIMULUS_START, 1e9, amplitude))


def time_networks(report: measure.Reporter) -> None:
    around = ring()
    around.soma.branch(0).loc(0.5).record()
    for case, network, duration in (
        ("ring", around, networks.RING_DURATION),
        ("events", driven_by_events(), networks.EVENTS_DURATION),
    ):
        run = partial(lo.simulate, network, t_max=duration, dt=cases.DT)
        spikes = int((run().raster.cells >= 0).sum())
        report.stepping(case, "recorded", network.shape[-1], cases.steps(duration), run, spikes=spikes)

    network, duration = graded(), networks.GRADED_DURATION
    stimulate_each(network, cases.compartment_currents(networks.CELLS))
    network.record()
    run = partial(lo.simulate, network, t_max=duration, dt=cases.DT)
    steps, mean = cases.steps(duration), float(run().v.mean())
    report.stepping("graded", "recorded", networks.CELLS, steps, run, mean_mv=mean)
    call = differentiated(network, duration)
    report.stepping("graded/gradient", "ample budget", networks.CELLS, steps, call)


# what is timed once in a fresh process, from the SWC file on, the import of the package not counted
ONCE: dict[str, tuple[str, Callable[[], object]]] = {
    "build/forward": ("recorded", lambda: stimulated_cell().run(cases.DT)),
    "build/gradient": (
        "ample budget",
        lambda: trained_cell().gradient(cases.GRADIENT_DURATIONS[0], "float64", None)(),
    ),
    "build/graded": ("built", graded),
    "build/l5pc": ("ample budget", lambda: differentiated(layer5_cell(), cases.GRADIENT_DURATIONS[0])()),
}
"""By case the variant, and what is timed."""


def time_building(report: measure.Reporter) -> None:
    for case, (variant, _) in ONCE.items():
        command = [sys.executable, "-m", "benchmarks.loligo_peer", case]
        root = Path(__file__).parents[1]
        said = [json.loads(subprocess.check_output(command, cwd=root)) for _ in range(FRESH_PROCESSES)]
        report.once(case, variant, [measure.Time(**times) for times in said])


def time_forward(report: measure.Reporter, precision: str) -> None:
    for count, duration in cases.SINGLE_COMPARTMENTS.items():
        run = partial(SingleCompartments(count, duration).run, precision=precision)
        time_recording(report, f"compartments/{count}", count, duration, run)
    model = stimulated_cell()
    run = partial(model.run, cases.CELL_DURATION, precision=precision)
    time_recording(report, "cell", model.compartments, cases.CELL_DURATION, run)
    time_cells(report, "recorded", precision=precision)


def time_recording(
    report: measure.Reporter, case: str, compartments: int, duration: float, run: Callable[..., lo.Run]
) -> None:
    """Every step recorded, and the last one only."""
    steps = cases.steps(duration)
    report.stepping(case, "recorded", compartments, steps, run)
    report.stepping(case, "nothing recorded", compartments, steps, partial(run, record_every=duration))


def time_cells(report: measure.Reporter, variant: str, **options: object) -> None:
    model = ReconstructedCell()
    model.train()
    run = partial(model.batch(cases.CELLS, cases.CELLS_DURATION), **options)
    compartments, steps = cases.CELLS * model.compartments, cases.steps(cases.CELLS_DURATION)
    several_cores = variant == "two cores"
    report.stepping(f"cells/{cases.CELLS}", variant, compartments, steps, run, several_cores=several_cores)


def time_gradients(report: measure.Reporter, precision: str) -> None:
    model = trained_cell()
    for duration in cases.GRADIENT_DURATIONS:
        for variant, budget in BUDGETS.items():
            call = model.gradient(duration, precision, budget)
            chosen = call().provenance["checkpoints"]
            case, steps = f"gradient/{duration:.0f}", cases.steps(duration)
            report.stepping(case, variant, model.compartments, steps, call, checkpoints=chosen)


def time_precision(report: measure.Reporter) -> None:
    model = stimulated_cell()

    def run(scheme: str, step: float) -> lo.Run:
        return model.run(cases.PRECISION_DURATION, scheme=SCHEMES[scheme], dt=step)

    def voltages(scheme: str, step: float) -> np.ndarray:
        return run(scheme, step).v[0, :: cases.steps(cases.PRECISION_SAMPLING, step)]

    converged = voltages("Crank–Nicolson", cases.CONVERGED_STEP)
    for scheme in SCHEMES:
        for step in cases.PRECISION_STEPS:
            error = np.abs(voltages(scheme, step) - converged).max()
            times = measure.repeated(partial(run, scheme, step))
            report.precision(scheme, model.compartments, step, times, error)


def time_two_cores(report: measure.Reporter, precision: str) -> None:
    count, duration = max(cases.SINGLE_COMPARTMENTS.items())
    run = partial(SingleCompartments(count, duration).run, precision=precision, threads=2)
    report.stepping(f"compartments/{count}", "two cores", count, cases.steps(duration), run, several_cores=True)
    time_cells(report, "two cores", precision=precision, threads=2)


def main() -> None:
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    measure.pin_to_one_core()
    unit = SingleCompartments(1, cases.DT).run().provenance["vector_unit"]
    reports = {name: measure.Reporter("loligo", lo.__version__, name, vector_unit=unit) for name in PRECISIONS}
    time_building(reports["f64"])
    time_layer5(reports["f64"])
    time_networks(reports["f64"])
    for name, report in reports.items():
        time_forward(report, PRECISIONS[name])
        time_gradients(report, PRECISIONS[name])
    time_precision(reports["f64"])
    if len(cores) > 1:
        os.sched_setaffinity(0, cores)  # threads may run where the one that makes them may
        for name, report in reports.items():
            time_two_cores(report, PRECISIONS[name])


def once(case: str) -> None:
    """Print what a case takes in this process, where it is the first."""
    layer5.example()  # an import
    print(json.dumps(asdict(measure.timed(ONCE[case][1]))))


if __name__ == "__main__":
    once(sys.argv[1]) if sys.argv[1:] else main()
