"""Jaxley: compiled by JAX for one core, vmapped over batches, with the default and the best known checkpoints."""

import argparse
import contextlib
import io
from collections.abc import Callable
from functools import partial

from benchmarks import cases, layer5, measure, networks

measure.pin_to_one_core()

import jax
import jax.numpy as jnp
import jaxley as jx
import numpy as np
from jaxley.channels import HH, Leak
from jaxley.connect import connectivity_matrix_connect
from jaxley.synapses import IonotropicSynapse
from jaxley_mech.channels import l5pc

TRAINABLE = ("HH_gNa", "HH_gK", "HH_gLeak")
BEST_CHECKPOINTS = {20.0: [29, 28], 100.0: [64, 63]}
"""The fastest nested checkpoints found by hand, by duration in ms."""


def quiet(function: Callable, *arguments: object, **options: object) -> object:
    """Call without the messages that Jaxley prints, since the output is JSON lines."""
    with contextlib.redirect_stdout(io.StringIO()):
        return function(*arguments, **options)


def step_current(amplitude: object, duration: float) -> object:
    return jx.step_current(cases.STIMULUS_START, duration, amplitude, cases.DT, duration)


def finished(function: Callable, *arguments: object) -> Callable[[], object]:
    """A call that waits for JAX, which computes in the background."""
    return lambda: jax.block_until_ready(function(*arguments))


def at_rest(module: jx.Module) -> jx.Module:
    module.insert(HH())
    module.set("axial_resistivity", cases.AXIAL_RESISTIVITY)
    module.set("v", cases.INITIAL_VOLTAGE)
    module.init_states()
    return module


def time_compartments(report: measure.Reporter) -> None:
    compartment = at_rest(jx.Compartment())
    quiet(compartment.record)
    for count, duration in cases.SINGLE_COMPARTMENTS.items():

        def simulate(amplitude: object, duration: float = duration) -> object:
            stimuli = compartment.data_stimulate(step_current(amplitude, duration), None)
            return jx.integrate(compartment, data_stimuli=stimuli, t_max=duration, delta_t=cases.DT)

        currents = jnp.array(cases.compartment_currents(count))
        run = finished(jax.jit(jax.vmap(simulate)), currents) if count > 1 else finished(jax.jit(simulate), currents[0])
        report.stepping(f"compartments/{count}", "recorded", count, cases.steps(duration), run)


class ReconstructedCell:
    """The CA1 cell with a conductance of each kind for every branch, as compiled functions of these."""

    def __init__(self) -> None:
        cell = jx.read_swc(str(cases.CA1), ncomp=cases.COMPARTMENTS_PER_BRANCH)
        self.cell = at_rest(cell)
        soma = cell.soma.branch(0).loc(0.5)
        quiet(soma.record)
        self.soma = soma
        for name in TRAINABLE:
            quiet(cell.branch("all").make_trainable, name)
        self.parameters = cell.get_parameters()
        self.compartments = cell.cumsum_ncomp[-1].item()

    def simulate(
        self,
        parameters: object,
        amplitude: object,
        duration: float,
        checkpoints: list[int] | None = None,
    ) -> object:
        stimuli = self.soma.data_stimulate(step_current(amplitude, duration), None)
        return jx.integrate(
            self.cell,
            params=parameters,
            data_stimuli=stimuli,
            t_max=duration,
            delta_t=cases.DT,
            checkpoint_lengths=checkpoints,
        )

    def forward(self, duration: float) -> Callable:
        return jax.jit(lambda parameters, amplitude: self.simulate(parameters, amplitude, duration))

    def gradient(self, duration: float, checkpoints: list[int] | None) -> Callable:
        def loss(parameters: object, amplitude: object) -> object:
            voltages = self.simulate(parameters, amplitude, duration, checkpoints)
            return jnp.mean((voltages - cases.INITIAL_VOLTAGE) ** 2)

        return jax.jit(jax.value_and_grad(loss))

    def batch(self, count: int) -> object:
        """Parameters of `count` cells, every lane with other conductances."""
        factors = jnp.linspace(0.9, 1.1, count)
        return jax.tree.map(lambda value: factors[:, None] * value, self.parameters)


def time_cells(report: measure.Reporter) -> None:
    start = measure.Time.now()
    model = ReconstructedCell()
    amplitude = jnp.array(cases.cell_currents(1)[0])
    built = measure.Time.now() - start

    start = measure.Time.now()
    forward = finished(model.forward(cases.CELL_DURATION), model.parameters, amplitude)
    forward()
    compiled = measure.Time.now() - start
    report.once("build/forward", "recorded", [built + compiled])
    steps = cases.steps(cases.CELL_DURATION)
    report.stepping("cell", "recorded", model.compartments, steps, forward)

    currents = jnp.array(cases.cell_currents(cases.CELLS))
    many = jax.jit(jax.vmap(model.forward(cases.CELLS_DURATION)))
    report.stepping(
        f"cells/{cases.CELLS}",
        "recorded",
        cases.CELLS * model.compartments,
        cases.steps(cases.CELLS_DURATION),
        finished(many, model.batch(cases.CELLS), currents),
    )

    for duration in cases.GRADIENT_DURATIONS:
        for checkpoints in (None, BEST_CHECKPOINTS[duration]):
            start = measure.Time.now()
            gradient = finished(model.gradient(duration, checkpoints), model.parameters, amplitude)
            gradient()
            compiled = measure.Time.now() - start
            variant = "best" if checkpoints else "default"
            if duration == cases.GRADIENT_DURATIONS[0]:
                report.once("build/gradient", variant, [built + compiled])
            report.stepping(
                f"gradient/{duration:.0f}",
                variant,
                model.compartments,
                cases.steps(duration),
                gradient,
            )


def named(name: str) -> str:
    """What Jaxley calls a number of the layer 5 cell."""
    mechanism, parameter = name.split(".")
    channel = layer5.JAXLEY[mechanism]
    return f"{channel}_{f'g{channel}' if parameter == 'gbar' else parameter}"


def layer5_cell() -> jx.Cell:
    """The layer 5b pyramidal cell with its nineteen free numbers."""
    example = layer5.example()
    cell = jx.read_swc(str(example.MORPHOLOGY), ncomp=cases.COMPARTMENTS_PER_BRANCH, max_branch_len=300.0)
    cell.insert(Leak())
    cell.set("Leak_gLeak", 3e-5)
    cell.set("Leak_eLeak", -75.0)
    cell.set("axial_resistivity", 100.0)
    cell.set("v", cases.INITIAL_VOLTAGE)
    cell.insert(l5pc.CaNernstReversal())
    for place, names in example.INSERTED.items():
        group = getattr(cell, place)
        for name in names:
            group.insert(getattr(l5pc, layer5.JAXLEY[name])())
    cell.apical.set("capacitance", 2.0)
    # the same everywhere: what the numbers are makes no difference to the time
    cell.apical.set("H_gH", 8e-5)
    cell.basal.set("H_gH", 8e-5)
    for name, value in {"eNa": 50.0, "eK": -85.0, "CaCon_i": 5e-5, "CaCon_e": 2.0}.items():
        cell.set(name, value)
    for place, name, _, value in example.FREE:
        group = getattr(cell, place)
        group.set(named(name), value)
        quiet(group.make_trainable, named(name))
    soma = cell.soma.branch(0).loc(0.0)
    quiet(soma.record)
    current = jx.step_current(10.0, 80.0, 3.0, cases.DT, layer5.DURATION)
    quiet(soma.stimulate, current)
    cell.init_states()
    return cell


def time_layer5_cell(report: measure.Reporter) -> None:
    start = measure.Time.now()
    cell = layer5_cell()
    parameters = cell.get_parameters()
    compartments, steps = cell.cumsum_ncomp[-1].item(), cases.steps(layer5.DURATION)

    def simulate(parameters: object, checkpoints: list[int] | None = None) -> object:
        return jx.integrate(cell, params=parameters, delta_t=cases.DT, checkpoint_lengths=checkpoints)

    def loss(parameters: object) -> object:
        voltages = simulate(parameters, BEST_CHECKPOINTS[layer5.DURATION])
        return jnp.mean((voltages - cases.INITIAL_VOLTAGE) ** 2)

    gradient = finished(jax.jit(jax.value_and_grad(loss)), parameters)
    gradient()
    report.once("build/l5pc", "best", [measure.Time.now() - start])
    report.stepping("l5pc", "recorded", compartments, steps, finished(jax.jit(simulate), parameters))
    report.stepping("l5pc/gradient", "best", compartments, steps, gradient)


def time_layer5_compartments(report: measure.Reporter) -> None:
    one = jx.Compartment()
    one.insert(Leak())
    one.insert(l5pc.CaNernstReversal())
    one.insert(l5pc.CaPump())
    for name, conductance in layer5.SINGLE_CONDUCTANCES.items():
        one.insert(getattr(l5pc, layer5.JAXLEY[name])())
        one.set(named(f"{name}.gbar"), conductance)
        quiet(one.make_trainable, named(f"{name}.gbar"))
    for name, value in {"v": cases.INITIAL_VOLTAGE, "CaCon_i": 5e-5, "CaCon_e": 2.0}.items():
        one.set(name, value)
    one.init_states()
    quiet(one.record)
    duration, steps = layer5.SINGLE_DURATION, cases.steps(layer5.SINGLE_DURATION)

    def simulate(parameters: object, amplitude: object, checkpoints: list[int] | None = None) -> object:
        stimuli = one.data_stimulate(step_current(amplitude, duration), None)
        return jx.integrate(
            one,
            params=parameters,
            data_stimuli=stimuli,
            t_max=duration,
            delta_t=cases.DT,
            checkpoint_lengths=checkpoints,
        )

    def loss(parameters: object, amplitudes: object) -> object:
        simulated = partial(simulate, checkpoints=BEST_CHECKPOINTS[duration])
        voltages = jax.vmap(simulated, in_axes=(None, 0))(parameters, amplitudes)
        return jnp.mean((voltages - cases.INITIAL_VOLTAGE) ** 2)

    parameters, currents = one.get_parameters(), jnp.array(layer5.single_currents(layer5.SINGLE))
    forward = jax.jit(jax.vmap(simulate, in_axes=(None, 0)))
    report.stepping("hay", "recorded", layer5.SINGLE, steps, finished(forward, parameters, currents))
    gradient = finished(jax.jit(jax.value_and_grad(loss)), parameters, currents)
    report.stepping("hay/gradient", "best", layer5.SINGLE, steps, gradient)


def graded() -> jx.Network:
    """The random network with graded synapses; the conductance of each is trainable, and what cells have in common."""
    cell = jx.Cell(jx.Branch(jx.Compartment(), ncomp=1), parents=[-1])
    network = jx.Network([cell] * networks.CELLS)
    network.set("length", networks.LENGTH)
    network.set("radius", networks.GRADED_RADIUS)
    at_rest(network)
    random = networks.RandomNetwork()
    joined = np.zeros((networks.CELLS, networks.CELLS), dtype=bool)
    joined[random.pre, random.post] = True
    connectivity_matrix_connect(network.cell("all"), network.cell("all"), IonotropicSynapse(), joined)
    network.set("IonotropicSynapse_gS", networks.GRADED_WEIGHT)
    quiet(network.IonotropicSynapse.edge("all").make_trainable, "IonotropicSynapse_gS")
    for name in TRAINABLE:
        quiet(network.make_trainable, name)
    return network


def time_networks(report: measure.Reporter) -> None:
    start = measure.Time.now()
    network = graded()
    report.once("build/graded", "built", [measure.Time.now() - start])
    duration, steps = networks.GRADED_DURATION, cases.steps(networks.GRADED_DURATION)
    currents = [step_current(amplitude, duration) for amplitude in cases.compartment_currents(networks.CELLS)]
    quiet(network.stimulate, jnp.stack(currents))
    quiet(network.record)
    parameters = network.get_parameters()

    def simulate(parameters: object, checkpoints: list[int] | None = None) -> object:
        return jx.integrate(network, params=parameters, delta_t=cases.DT, checkpoint_lengths=checkpoints)

    def loss(parameters: object, checkpoints: list[int] | None) -> object:
        return jnp.mean((simulate(parameters, checkpoints) - cases.INITIAL_VOLTAGE) ** 2)

    run = finished(jax.jit(simulate), parameters)
    mean = float(run().mean())
    report.stepping("graded", "recorded", networks.CELLS, steps, run, mean_mv=mean)
    for variant, checkpoints in (("default", None), ("best", BEST_CHECKPOINTS[duration])):
        gradient = finished(jax.jit(jax.value_and_grad(partial(loss, checkpoints=checkpoints))), parameters)
        report.stepping("graded/gradient", variant, networks.CELLS, steps, gradient)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--precision", choices=["f64", "f32"], default="f64")
    precision = arguments.parse_args().precision
    jax.config.update("jax_enable_x64", precision == "f64")
    report = measure.Reporter("jaxley", jx.__version__, precision)
    time_compartments(report)
    time_cells(report)
    if precision == "f64":
        time_layer5_cell(report)
        time_layer5_compartments(report)
        time_networks(report)


if __name__ == "__main__":
    main()
