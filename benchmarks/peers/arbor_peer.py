"""Arbor: the `hh` of its default catalogue, with every voltage recorded and with nothing recorded."""

from functools import partial

from benchmarks import cases, measure, networks

measure.pin_to_one_core()

import arbor
from arbor import units

ALLOCATION = arbor.proc_allocation(threads=1)
VARIANTS = {"recorded": True, "nothing recorded": False}
SINGLES_PER_GROUP = 512
"""Single compartments that Arbor advances as one vector; the best of 1 (its default, 6 times slower) to 10,000."""

CONNECTED_PER_GROUP = 128
"""The same where they are connected; up to 1,000 it makes a tenth."""


class Cells(arbor.recipe):
    """Copies of one cell, each with its own step of current, if any, into the root of its tree."""

    spikes = False
    """Whether spikes are recorded."""

    def __init__(
        self,
        morphology: object,
        policy: object,
        currents: list[float],
        recorded: bool,
        per_group: int,
    ) -> None:
        super().__init__()
        self.morphology, self.policy = morphology, policy
        self.currents, self.recorded, self.per_group = currents, recorded, per_group

    def num_cells(self) -> int:
        return len(self.currents)

    def cell_kind(self, _gid: int) -> arbor.cell_kind:
        return arbor.cell_kind.cable

    def cell_description(self, gid: int) -> arbor.cable_cell:
        return arbor.cable_cell(self.morphology, self.decor(gid), discretization=self.policy)

    def decor(self, gid: int) -> arbor.decor:
        decor = arbor.decor()
        decor.set_property(Vm=cases.INITIAL_VOLTAGE * units.mV, rL=cases.AXIAL_RESISTIVITY * units.Ohm * units.cm)
        decor.paint("(all)", arbor.density("hh"))
        if current := self.currents[gid]:
            clamp = arbor.i_clamp(cases.STIMULUS_START * units.ms, 1e9 * units.ms, current * units.nA)
            decor.place("(root)", clamp)
        return decor

    def probes(self, _gid: int) -> list[object]:
        return [arbor.cable_probe_membrane_voltage("(root)", "voltage")] if self.recorded else []

    def global_properties(self, _kind: arbor.cell_kind) -> object:
        return arbor.neuron_cable_properties()

    def compartments(self) -> int:
        per_cell = arbor.cv_data(self.cell_description(0)).num_cv
        return per_cell * len(self.currents)


def cylinder(length: float, radius: float) -> arbor.morphology:
    tree = arbor.segment_tree()
    tree.append(arbor.mnpos, arbor.mpoint(0, 0, 0, radius), arbor.mpoint(length, 0, 0, radius), tag=1)
    return arbor.morphology(tree)


def single_compartments(count: int, recorded: bool) -> Cells:
    currents = cases.compartment_currents(count)
    per_group = min(count, SINGLES_PER_GROUP)
    return Cells(cylinder(10, 1), arbor.cv_policy_single(), currents, recorded, per_group)


def reconstruction() -> tuple[arbor.morphology, object]:
    """The CA1 cell, and how it is cut into compartments."""
    policy = arbor.cv_policy_fixed_per_branch(cases.COMPARTMENTS_PER_BRANCH)
    return arbor.load_swc_neuron(str(cases.CA1)).morphology, policy


def reconstructed_cells(count: int, recorded: bool) -> Cells:
    return Cells(*reconstruction(), cases.cell_currents(count), recorded, per_group=1)


class Connected(Cells):
    """Cells with a synapse and a detector of spikes at the root, which connections join."""

    spikes = True
    weight: float

    def decor(self, gid: int) -> arbor.decor:
        decor = super().decor(gid)
        decor.place("(root)", arbor.synapse("expsyn"), "synapse")
        decor.place("(root)", arbor.threshold_detector(networks.THRESHOLD * units.mV), "spikes")
        return decor

    def connection(self, source: int, delay: float) -> arbor.connection:
        return arbor.connection((source, "spikes"), "synapse", self.weight, delay * units.ms)


class Ring(Connected):
    """Reconstructed cells, each of which excites the next; the first gets an event at the start."""

    weight = networks.RING_WEIGHT

    def __init__(self) -> None:
        currents = [0.0] * networks.RING_CELLS
        super().__init__(*reconstruction(), currents, recorded=True, per_group=1)

    def connections_on(self, gid: int) -> list[arbor.connection]:
        return [self.connection((gid - 1) % self.num_cells(), networks.RING_DELAY)]

    def event_generators(self, gid: int) -> list[arbor.event_generator]:
        kick = arbor.explicit_schedule([networks.RING_KICK * units.ms])
        return [arbor.event_generator("synapse", self.weight, kick)] if gid == 0 else []


class DrivenByEvents(Connected):
    """The random network with a synapse in every cell, which all connections onto it share."""

    weight = networks.EVENTS_WEIGHT

    def __init__(self) -> None:
        morphology = cylinder(networks.LENGTH, networks.EVENTS_RADIUS)
        currents = networks.events_currents(networks.CELLS)
        super().__init__(morphology, arbor.cv_policy_single(), currents, recorded=False, per_group=CONNECTED_PER_GROUP)
        self.random = networks.RandomNetwork()

    def connections_on(self, gid: int) -> list[arbor.connection]:
        onto = self.random.post == gid
        return [self.connection(*joined) for joined in zip(self.random.pre[onto], self.random.delays[onto])]


class Simulation:
    """A recipe ready to run, as often as wanted."""

    def __init__(self, cells: Cells) -> None:
        context = arbor.context(ALLOCATION)
        hint = arbor.partition_hint()
        hint.cpu_group_size = cells.per_group
        hints = {arbor.cell_kind.cable: hint}
        groups = arbor.partition_load_balance(cells, context, hints)
        self.simulation = arbor.simulation(cells, context, groups)
        if cells.recorded:
            for gid in range(cells.num_cells()):
                every_step = arbor.regular_schedule(cases.DT * units.ms)
                self.simulation.sample((gid, "voltage"), every_step)
        if cells.spikes:
            self.simulation.record(arbor.spike_recording.all)

    def spikes(self) -> int:
        """How many there were in the last run."""
        return len(self.simulation.spikes())

    def run(self, duration: float) -> None:
        self.simulation.reset()
        self.simulation.run(duration * units.ms, cases.DT * units.ms)


def time_building(report: measure.Reporter) -> None:
    start = measure.Time.now()
    cells = reconstructed_cells(1, recorded=True)
    Simulation(cells).run(cases.DT)
    report.once("build/forward", "recorded", [measure.Time.now() - start])


def time_stepping(report: measure.Reporter, case: str, variant: str, cells: Cells, duration: float) -> None:
    simulation = Simulation(cells)
    report.stepping(case, variant, cells.compartments(), cases.steps(duration), lambda: simulation.run(duration))


def time_networks(report: measure.Reporter) -> None:
    for case, build, duration in (
        ("ring", Ring, networks.RING_DURATION),
        ("events", DrivenByEvents, networks.EVENTS_DURATION),
    ):
        cells = build()
        simulation = Simulation(cells)
        simulation.run(duration)
        run, steps = partial(simulation.run, duration), cases.steps(duration)
        report.stepping(case, "recorded", cells.compartments(), steps, run, spikes=simulation.spikes())


def main() -> None:
    report = measure.Reporter("arbor", arbor.__version__, "f64")
    time_building(report)
    time_networks(report)
    for variant, recorded in VARIANTS.items():
        time_stepping(report, "cell", variant, reconstructed_cells(1, recorded), cases.CELL_DURATION)
        cells = reconstructed_cells(cases.CELLS, recorded)
        time_stepping(report, f"cells/{cases.CELLS}", variant, cells, cases.CELLS_DURATION)
        for count, duration in cases.SINGLE_COMPARTMENTS.items():
            cells = single_compartments(count, recorded)
            time_stepping(report, f"compartments/{count}", variant, cells, duration)


if __name__ == "__main__":
    main()
