"""Jaxley: compiled by JAX for one core, vmapped over batches, with the default and the best known checkpoints."""

import argparse
import contextlib
import io
from collections.abc import Callable

from benchmarks import cases, measure

measure.pin_to_one_core()

import jax
import jax.numpy as jnp
import jaxley as jx
from jaxley.channels import HH

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
    report.once("build/forward", "recorded", model.compartments, [built + compiled])
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
                report.once("build/gradient", variant, model.compartments, [built + compiled])
            report.stepping(
                f"gradient/{duration:.0f}",
                variant,
                model.compartments,
                cases.steps(duration),
                gradient,
            )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--precision", choices=["f64", "f32"], default="f64")
    precision = arguments.parse_args().precision
    jax.config.update("jax_enable_x64", precision == "f64")
    report = measure.Reporter("jaxley", jx.__version__, precision)
    time_compartments(report)
    time_cells(report)


if __name__ == "__main__":
    main()
