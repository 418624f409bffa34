"""Arbor: the `hh` of its default catalogue, with every voltage recorded and with nothing recorded."""

from benchmarks import cases, measure

measure.pin_to_one_core()

import arbor
from arbor import units

ALLOCATION = arbor.proc_allocation(threads=1)
VARIANTS = {"recorded": True, "nothing recorded": False}
SINGLES_PER_GROUP = 512
"""Single compartments that Arbor advances as one vector; the best of 1 (its default, 6 times slower) to 10,000."""


class Cells(arbor.recipe):
    """Copies of one cell, each with its own step of current into the root of its tree."""

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
        decor = arbor.decor()
        decor.set_property(Vm=cases.INITIAL_VOLTAGE * units.mV, rL=cases.AXIAL_RESISTIVITY * units.Ohm * units.cm)
        decor.paint("(all)", arbor.density("hh"))
        clamp = arbor.i_clamp(cases.STIMULUS_START * units.ms, 1e9 * units.ms, self.currents[gid] * units.nA)
        decor.place("(root)", clamp)
        return arbor.cable_cell(self.morphology, decor, discretization=self.policy)

    def probes(self, _gid: int) -> list[object]:
        return [arbor.cable_probe_membrane_voltage("(root)", "voltage")] if self.recorded else []

    def global_properties(self, _kind: arbor.cell_kind) -> object:
        return arbor.neuron_cable_properties()

    def compartments(self) -> int:
        per_cell = arbor.cv_data(self.cell_description(0)).num_cv
        return per_cell * len(self.currents)


def single_compartments(count: int, recorded: bool) -> Cells:
    tree = arbor.segment_tree()
    tree.append(arbor.mnpos, arbor.mpoint(0, 0, 0, 1), arbor.mpoint(10, 0, 0, 1), tag=1)
    currents = cases.compartment_currents(count)
    morphology, policy = arbor.morphology(tree), arbor.cv_policy_single()
    return Cells(morphology, policy, currents, recorded, min(count, SINGLES_PER_GROUP))


def reconstructed_cells(count: int, recorded: bool) -> Cells:
    morphology = arbor.load_swc_neuron(str(cases.CA1)).morphology
    policy = arbor.cv_policy_fixed_per_branch(cases.COMPARTMENTS_PER_BRANCH)
    return Cells(morphology, policy, cases.cell_currents(count), recorded, per_group=1)


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

    def run(self, duration: float) -> None:
        self.simulation.reset()
        self.simulation.run(duration * units.ms, cases.DT * units.ms)


def time_building(report: measure.Reporter) -> None:
    start = measure.Time.now()
    cells = reconstructed_cells(1, recorded=True)
    Simulation(cells).run(cases.DT)
    report.once("build/forward", "recorded", cells.compartments(), [measure.Time.now() - start])


def time_stepping(report: measure.Reporter, case: str, variant: str, cells: Cells, duration: float) -> None:
    simulation = Simulation(cells)
    report.stepping(case, variant, cells.compartments(), cases.steps(duration), lambda: simulation.run(duration))


def main() -> None:
    report = measure.Reporter("arbor", arbor.__version__, "f64")
    time_building(report)
    for variant, recorded in VARIANTS.items():
        time_stepping(report, "cell", variant, reconstructed_cells(1, recorded), cases.CELL_DURATION)
        cells = reconstructed_cells(cases.CELLS, recorded)
        time_stepping(report, f"cells/{cases.CELLS}", variant, cells, cases.CELLS_DURATION)
        for count, duration in cases.SINGLE_COMPARTMENTS.items():
            cells = single_compartments(count, recorded)
            time_stepping(report, f"compartments/{count}", variant, cells, duration)


if __name__ == "__main__":
    main()
