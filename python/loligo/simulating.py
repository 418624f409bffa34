"""Simulating: a module, numbers for its trainables, and how to run it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from loligo import parameters
from loligo.arguments import as_name
from loligo.errors import ArgumentError
from loligo.frameworks import of_jax, of_torch
from loligo.modules import Module
from loligo.parameters import Batch, Hold, Injection, Parameters, Play, Setting, Spikes
from loligo.preparing import prepare
from loligo.run import Run
from loligo.simulation import Simulation
from loligo.state import State


def simulate(
    module: Module,
    values: Parameters | Batch | None = None,
    *,
    t_max: float,
    dt: float = 0.025,
    scheme: str = "backward_euler",
    precision: str = "float64",
    record_every: float | None = None,
    v_init: float | ArrayLike | Batch | None = None,
    param_state: Sequence[Setting] | None = None,
    stimuli: Sequence[Injection] | None = None,
    plays: Sequence[Play] | None = None,
    spikes: Sequence[Spikes] | None = None,
    on_divergence: str | None = None,
    convention: str = "native",
    seed: int = 0,
    surrogate: tuple[str, float] | None = None,
    spike_times: str = "grid",
    start: State | None = None,
    keep_state: bool = False,
    stop_gradient_at: Sequence[float] | None = None,
    held: Sequence[Hold] | None = None,
    budget: int | None = None,
    threads: int | None = None,
    progress: bool = True,
) -> Run:
    """Runs a model.

    Inside of a function that `value_and_grad` differentiates, the run can be differentiated with respect to `values`,
    `v_init`, and the numbers in `param_state`, `stimuli` and `plays`. Each may be a tensor of PyTorch, of which the
    recordings are then made: see `loligo.torch`.

    Args:
        module: A compartment, branch, cell or network with something recorded.
        values: Numbers for the trainables, as from `get_parameters`; with `batch` every array has lanes as its first
            axis, and so has the run. The model's own numbers if left out.
        t_max: Duration, ms.
        dt: Time step, ms.
        scheme: `"backward_euler"`, or `"crank_nicolson"` with states half a step ahead of the voltage, which is of
            second order (Hines 1984; NEURON's `secondorder=2`).
        precision: `"float64"` or `"float32"`.
        record_every: Time between samples of the recordings, ms, a whole number of steps; every step if left out.
        v_init: Voltage at t = 0, mV: a number, one per compartment, or with `batch` of shape (lane,) or (lane,
            compartment).
        param_state: Numbers for this run only, from `data_set`.
        stimuli: Currents for this run only, from `data_stimulate`.
        plays: What numbers of mechanisms and ions follow in this run only, from `data_play`.
        spikes: Other spikes for this run only, from `Synapses.data_spikes`.
        on_divergence: `"raise"` if the numbers leave the finite (the default for a single run), or `"nan"` in the lane
            concerned (the default for a batch; `run.diverged` says where and when).
        convention: Whose choices to follow where simulators differ beyond rounding: `"native"`, `"neuron"` or
            `"jaxley"`.
        seed: Which random numbers mechanisms draw: the same ones for the same seed, on any machine and in every lane.
        surrogate: How gradients pass the thresholds of spikes: the name of a smooth step (`"sigmoid"`,
            `"fast_sigmoid"`, `"arctan"`, `"triangle"`) and over how many mV it is smooth. If left out, when spikes come
            is held fixed in gradients. Runs are the same with and without.
        spike_times: `"grid"`, as NEURON: a spike is as the step begins that finds the voltage above the threshold, and
            acts from a step on. `"interpolated"`: it is where a line between the voltages of two steps crosses the
            threshold, and its events act from their own time on, exactly; then gradients go through the times of spikes
            and delays, too. Events must do nothing but add to states that decay linearly (`expsyn`, `exp2syn`,
            `tsodyks_markram`, ...).
        start: The state of another run of this model (`run.state`), from which this one goes on. Time begins at 0
            again, and so do stimuli, what is played, and random numbers (`seed`). `v_init` and `param_state` replace
            parts of it.
        keep_state: Whether to keep the state at the end: `run.state`. Networks in which connections deliver events have
            none yet.
        stop_gradient_at: Times, ms, at which derivatives are cut: they take the state there for given, as if it were
            the start of another run (truncated backpropagation). Recordings are the same with and without.
        held: Numbers of the state that this run holds at given values, from `data_clamp` of Jaxley's door; only by
            Jaxley's convention.
        budget: Bytes that a gradient may take (a Hessian product takes up to twice as many); a quarter of what the
            process may have if left out.
        threads: How many threads to use; all that the process may have if left out.
        progress: Whether to show a bar if the run or its gradient takes more than a second, where there is a terminal
            or a notebook.

    Warns:
        TemperatureWarning: Once for each model: mechanisms depend on the temperature, and it was never set.

    Raises:
        ArgumentError: An argument out of its range, or of the wrong shape.
        ArgumentTypeError: An argument that is not made of numbers, or a tensor of whole numbers or of another device.
        RunError: Nothing is recorded, or a number that the engine cannot use.
        DivergenceError: See `on_divergence`.

    >>> import loligo as lo
    >>> soma = lo.Compartment(length=20, radius=10)
    >>> soma.insert(lo.mechanism("hh"))
    >>> soma.celsius = 6.3
    >>> soma.stimulate(lo.step(start=1, duration=5, amplitude=0.2))
    >>> soma.record()
    >>> run = lo.simulate(soma, t_max=10)
    >>> run.v.shape, bool(run.v.max() > 0)
    ((1, 401), True)
    """
    simulation, arrays = prepare(
        module,
        values,
        t_max=t_max,
        dt=dt,
        scheme=scheme,
        precision=precision,
        record_every=record_every,
        v_init=v_init,
        param_state=param_state,
        stimuli=stimuli,
        plays=plays,
        spikes=spikes,
        convention=convention,
        seed=seed,
        surrogate=surrogate,
        spike_times=spike_times,
        start=start,
        keep_state=keep_state,
        stop_gradient_at=stop_gradient_at,
        held=held,
        budget=budget,
        threads=threads,
    )
    if on_divergence is not None and as_name(on_divergence, "on_divergence") not in ("raise", "nan"):
        raise ArgumentError(f"on_divergence is {on_divergence!r}, expected 'raise' or 'nan'")
    simulation.progress = progress
    raises = (on_divergence or ("nan" if simulation.lanes else "raise")) == "raise"
    recorded = _recorded(simulation, arrays, raises)
    if simulation.diverged and raises:
        raise simulation.diverged[0]
    return simulation.result(recorded)


def _recorded(simulation: Simulation, arrays: list[Any], raises: bool) -> Any:
    """Recordings of the type of the arrays, and followed by what follows these."""
    if any(of_torch(array) for array in arrays):
        from loligo.torch import recordings
    elif any(parameters.is_traced(array) for array in arrays):
        from loligo.differentiation import recordings
    elif any(of_jax(array) for array in arrays):
        from loligo import jax

        return jax.recordings(simulation, arrays, raises=raises)
    else:
        return simulation.recorded(arrays)
    return recordings(simulation, *arrays)
