"""Simulating: a module, numbers for its trainables, and how to run it."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from loligo import _engine, parameters
from loligo._engine import Inputs, Program, StagedRun, Trace, Waveform
from loligo.assignments import Assignment, Drive, drives_of, last_wins, of_setting, of_trained
from loligo.errors import ArgumentError, ArgumentTypeError, DivergenceError
from loligo.frameworks import of_jax, of_torch
from loligo.modules import Module
from loligo.ornstein_uhlenbeck import drawn
from loligo.parameters import Batch, Hold, Injection, Parameters, Play, Setting, Spikes
from loligo.progress import LongRun
from loligo.run import Run, provenance
from loligo.spiking import Raster, given
from loligo.state import State, StateLayout


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
    if on_divergence not in (None, "raise", "nan"):
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


class Simulation:
    """A program with everything decided but the numbers: arrays for the assignments, then for the drives."""

    def __init__(self, module: Module, program: Program, *, dt: float, steps: int, record_every: int) -> None:
        self.module = module
        self.program = program
        self.dt = dt
        self.steps = steps
        self.record_every = record_every
        self.lanes: int | None = None
        self.precision = "float64"
        self.threads: int | None = None
        self.seed = 0
        self.surrogate: tuple[str, float] | None = None
        self.goes_on = False
        self.cuts: list[int] = []
        self.keeps_state = False
        self.budget: int | None = None
        self.progress = False
        self.assignments: list[Assignment] = []
        self.drives: list[Drive] = []
        self.waveforms: list[tuple[int, Waveform]] = []
        self.trains: dict[int, np.ndarray | list[np.ndarray]] = {}
        self.facts: dict[str, Any] = {}
        self.differentiated: tuple[bool, ...] = ()
        self.trace: Trace | None = None
        self.diverged: list[DivergenceError] = []
        empty = np.empty(0, dtype=np.uintp)
        self.spikes: tuple[np.ndarray, np.ndarray, np.ndarray] = (empty, empty, np.empty(0))

    def recorded(self, arrays: Sequence[np.ndarray]) -> np.ndarray:
        """Recordings of a run with these numbers, shape ([lane,] recording, time); kept to be differentiated if some
        array is to be. Where the state at the end is kept, too, the shape is ([lane,] number): the recordings of a
        lane, flat, and then the numbers of its state."""
        inputs = self._inputs(arrays)
        with LongRun("run", shown=self.progress) as report:
            if any(self.differentiated):
                self.trace = self.program.trace(inputs, self.precision, self._budget(), self.threads, report)
                recordings, diverged, self.spikes = self.trace.outcome()
            else:
                recordings, diverged, self.spikes = self.program.run(inputs, self.precision, self.threads, report)
        self.diverged = [divergence(*row) for row in diverged]
        return recordings if self.lanes else recordings[0]

    def pull_back(self, cotangent: np.ndarray) -> list[np.ndarray | None]:
        """The gradient with respect to each array that is to be differentiated, given that with respect to the
        recordings of the last run."""
        if self.trace is None:
            return [None for _ in self.differentiated]
        places, driven = self._wanted()
        with LongRun("gradient", shown=self.progress) as report:
            pulled = self.trace.pull_back(self._by_lane(cotangent), places, driven, False, report)
        of_values, of_stimuli, _ = pulled
        return self._gradients(of_values, of_stimuli)

    def push_forward(
        self, arrays: Sequence[np.ndarray], direction: Sequence[np.ndarray | None]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Recordings of a run with these numbers, and their derivative along a direction: how each array that is to be
        differentiated moves."""
        inputs = self._inputs(arrays)
        moving = self._direction(inputs, direction)
        recordings, tangents, diverged = self.program.jvp(inputs, *moving, self.precision, self.threads)
        self.diverged = [divergence(*row) for row in diverged]
        return (recordings, tangents) if self.lanes else (recordings[0], tangents[0])

    def products(
        self, arrays: Sequence[np.ndarray], cotangent: np.ndarray, direction: Sequence[np.ndarray | None]
    ) -> tuple[np.ndarray, list[np.ndarray | None]]:
        """The derivative of the recordings along a direction, and that of what `pull_back` gives for a cotangent that
        does not move."""
        inputs = self._inputs(arrays)
        moving = self._direction(inputs, direction)
        trace = self.program.trace_tangent(inputs, *moving, self.precision, self._budget(), self.threads)
        _, tangents, _ = trace.outcome()
        places, driven = self._wanted()
        cotangent = self._by_lane(cotangent)
        _, (of_values, of_stimuli, _) = trace.pull_back(cotangent, np.zeros_like(cotangent), places, driven)
        return tangents if self.lanes else tangents[0], self._gradients(of_values, of_stimuli)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of what `recorded` returns, lanes aside."""
        shape = (self.program.recordings, self.samples)
        return (math.prod(shape) + self.layout.places.size,) if self.keeps_state else shape

    @property
    def layout(self) -> StateLayout:
        """What the numbers of its states are."""
        return layout_of(self.module, self.program)

    def result(self, recorded: Any) -> Run:
        """The run that this was recorded of."""
        recordings, state = recorded, None
        if self.keeps_state:
            shape = (self.program.recordings, self.samples)
            flat, end = recorded[..., : math.prod(shape)], recorded[..., math.prod(shape) :]
            recordings, state = flat.reshape((*end.shape[:-1], *shape)), State(end, self.layout)
        times = np.arange(self.samples) * (self.dt * self.record_every)
        named = self.module._model.recordings()
        facts = self.facts if self.trace is None else self.facts | {"checkpoints": self._checkpoints(self.trace.plan)}
        return Run(times, recordings, named, self.diverged, provenance(self.module, facts), self._raster(), state)

    def _raster(self) -> Raster:
        lanes, sources, times = self.spikes
        compartments, *_ = self.module._model.spike_sources()
        return Raster(times, sources, lanes, compartments, self.module._places[0])

    def _checkpoints(self, spans: list[int]) -> dict[str, Any]:
        """What the budget made of the run: how often each step is run forward, and the lengths of the spans, in steps,
        of whose beginnings states are kept."""
        whole = spans[0] >= self.steps
        return {"runs_per_step": 1 if whole else 1 + len(spans), "spans": spans}

    def _budget(self) -> int:
        return _engine.default_budget() if self.budget is None else self.budget

    def _by_lane(self, cotangent: np.ndarray) -> np.ndarray:
        """An array of the shape of what was recorded, with an axis of lanes."""
        return np.asarray(cotangent, dtype=np.float64).reshape(self.lanes or 1, *self.shape)

    def _wanted(self) -> tuple[np.ndarray, bool]:
        """The places that are to be differentiated, and whether stimuli are."""
        wanted = [a.places for a, needed in zip(self.assignments, self.differentiated) if needed]
        driven = any(self.differentiated[len(self.assignments) :])
        return np.concatenate(wanted) if wanted else np.empty(0, dtype=np.uintp), driven

    def _direction(
        self, inputs: Inputs, direction: Sequence[np.ndarray | None]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """How the places that are to be differentiated move, shape (lane, place), and how the stimuli do, shape (lane,
        stimulus, step): the transpose of `_gradients`."""
        lanes = self.lanes or 1
        places, driven = self._wanted()
        moves = [np.empty((lanes, 0))]
        for assignment, along in zip(self.assignments, direction):
            if along is not None:
                own = np.asarray(along, dtype=np.float64)[..., assignment.numbers]
                moves.append(np.broadcast_to(own, (lanes, assignment.places.size)))
        values = np.ascontiguousarray(np.concatenate(moves, axis=1))
        if not driven:
            return places, values, None
        currents = np.zeros((lanes, inputs.stimuli, self.steps))
        for drive, along in zip(self.drives, direction[len(self.assignments) :]):
            if along is not None:
                steps = min(self.steps, along.shape[-1])
                own = along[..., :steps] if drive.each else along[..., None, :steps]
                currents[:, drive.stimuli.start : drive.stimuli.stop, :steps] = own
        return places, values, currents

    def _gradients(self, of_values: np.ndarray, of_stimuli: np.ndarray | None) -> list[np.ndarray | None]:
        """The gradient with respect to each array that is to be differentiated, given those with respect to places,
        shape (lane, place), and to stimuli."""
        lanes = self.lanes or 1
        gradients: list[np.ndarray | None] = []
        first = 0
        for assignment, needed in zip(self.assignments, self.differentiated):
            if needed:
                own = of_values[:, first : first + assignment.places.size]
                first += assignment.places.size
                gradient = np.zeros((lanes, assignment.count))
                of_each_lane: Any = (slice(None), assignment.numbers)
                np.add.at(gradient, of_each_lane, own)
                gradients.append(gradient if assignment.batched else gradient.sum(axis=0))
            else:
                gradients.append(None)
        currents = None if of_stimuli is None else of_stimuli.reshape(lanes, -1, self.steps)
        for drive, needed in zip(self.drives, self.differentiated[len(self.assignments) :]):
            if needed and currents is not None:
                own = currents[:, drive.stimuli.start : drive.stimuli.stop]
                own = own if drive.each else own.sum(axis=1)
                gradients.append(own if drive.batched else own.sum(axis=0))
            else:
                gradients.append(None)
        return gradients

    @property
    def batched(self) -> list[bool]:
        """For each array whether its first axis counts lanes."""
        arrays: list[Assignment | Drive] = [*self.assignments, *self.drives]
        return [array.batched for array in arrays]

    def of_lanes(self, lanes: np.ndarray) -> Simulation:
        """The same with these lanes only, of which arrays with an axis of lanes are then."""
        chosen = copy.copy(self)
        chosen.lanes = lanes.size
        chosen.trains = {
            source: [own[lane] for lane in lanes] if isinstance(own, list) else own
            for source, own in self.trains.items()
        }
        return chosen

    @property
    def samples(self) -> int:
        """How many samples a recording has."""
        return self.steps // self.record_every + 1

    def staged(self, shapes: Sequence[tuple[int, ...]], *, raises: bool) -> StagedRun:
        """The same for compilers, which hand over arrays of these shapes."""
        arguments: list[tuple[Any, ...]] = [
            (sets.batched, (sets.places, sets.numbers.astype(np.uintp), sets.count, sets.name))
            for sets in self.assignments
        ]
        for drive, shape in zip(self.drives, shapes[len(self.assignments) :]):
            arguments.append((drive.batched, (drive.stimuli.start, len(drive.stimuli), drive.each, shape[-1])))
        inputs = self._inputs_alone()
        return StagedRun(self.program, inputs, arguments, self.precision, self._budget(), self.threads, raises)

    def _inputs_alone(self) -> Inputs:
        """The inputs of a run but for what arrays bring."""
        lanes = self.lanes or 1
        inputs = self.program.inputs(self.module._model, self.dt, self.steps, self.record_every, lanes, self.seed)
        if self.cuts:
            inputs.cut(self.cuts)
        if self.goes_on:
            inputs.go_on()
        if self.keeps_state:
            inputs.keep_end()
        if self.surrogate is not None:
            inputs.set_surrogate(*self.surrogate)
        for index, waveform in self.waveforms:
            inputs.set_stimulus(index, waveform)
        for source, times in self.trains.items():
            if isinstance(times, list):
                inputs.set_lane_spikes(source, times)
            else:
                inputs.set_spikes(source, times)
        return inputs

    def _inputs(self, arrays: Sequence[np.ndarray]) -> Inputs:
        inputs = self._inputs_alone()
        for assignment, array in zip(self.assignments, arrays):
            array = np.asarray(array, dtype=np.float64)
            assignment.check(array)
            if assignment.batched:
                inputs.set_lane_values(assignment.places, np.ascontiguousarray(array[:, assignment.numbers]))
            else:
                inputs.set_values(assignment.places, array[assignment.numbers])
        for drive, array in zip(self.drives, arrays[len(self.assignments) :]):
            array = np.asarray(array, dtype=np.float64)
            for position, index in enumerate(drive.stimuli):
                samples = np.ascontiguousarray(array[..., position, :] if drive.each else array)
                if drive.batched:
                    inputs.set_lane_stimulus_samples(index, samples)
                else:
                    inputs.set_stimulus_samples(index, samples)
        return inputs


def prepare(
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
) -> tuple[Simulation, list[Any]]:
    """What `simulate` runs, and the arrays that it runs it with."""
    if not isinstance(module, Module):
        raise ArgumentTypeError(
            f"simulate was given {module!r}, expected a whole module; select with record, stimulate and set instead"
        )
    dt, t_max = _time(dt, "dt"), _time(t_max, "t_max")
    if t_max / dt > 1e15:
        raise ArgumentError(f"t_max is {t_max:g} ms, too many steps of dt = {dt:g} ms")
    if budget is not None and (not isinstance(budget, int | np.integer) or budget <= 0):
        raise ArgumentError(f"budget is {budget!r}, expected a number of bytes")
    if threads is not None and (not isinstance(threads, int | np.integer) or threads <= 0):
        raise ArgumentError(f"threads is {threads!r}, expected 1 or more")
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**64:
        raise ArgumentError(f"seed is {seed!r}, expected a whole number from 0 to 2**64 - 1")
    steps = step_count(t_max, dt)
    injections = [drawn(own, dt, steps) for own in stimuli or []]
    played = [drawn(own, dt, steps) for own in plays or []]
    injected = tuple(int(c) for injection in injections for c in injection.selection.compartments)
    holds = list(held or [])
    program = module._program((scheme, convention, spike_times), injected, played, holds)
    simulation = Simulation(module, program, dt=dt, steps=steps, record_every=_thinning(record_every, dt))
    simulation.precision = precision
    simulation.budget = budget
    simulation.threads = threads
    simulation.seed = int(seed)
    simulation.surrogate = _surrogate(surrogate)
    simulation.facts = {
        "scheme": scheme,
        "convention": convention,
        "spike_times": spike_times,
        "dt": dt,
        "t_max": t_max,
        "precision": precision,
        "seed": seed,
    }
    settings = [*(param_state or [])]
    if not any(setting.name == "celsius" for setting in settings):
        module._note_temperature(stacklevel=3)
    simulation.keeps_state = keep_state
    simulation.cuts = [_step_at(time, dt, simulation.steps) for time in stop_gradient_at or []]
    simulation.lanes = _lanes(values, v_init, settings, [*injections, *played, *holds], spikes or [], start)
    arrays = _assign(simulation, values, v_init, settings, start)
    # stimuli come first in a program, then what is played, then what is held
    first = len(module._model.stimuli())
    for driven in (injections, [*played, *holds]):
        waveforms, drives, currents = drives_of(driven, first)
        simulation.waveforms += waveforms
        simulation.drives += drives
        arrays += currents
        first += len(injected) + len(module._model.plays())
    simulation.trains = _trains(module, spikes or [])
    simulation.differentiated = tuple(parameters.is_traced(array) for array in arrays)
    return simulation, arrays


def layout_of(module: Module, program: Program) -> StateLayout:
    """What the numbers of the states of a program are; found out once."""
    layouts = module._kept().setdefault("layouts", {})
    if program not in layouts:
        layouts[program] = StateLayout.of(program)
    return layouts[program]


def step_count(t_max: float, dt: float) -> int:
    """How many steps reach `t_max`; a duration that is a whole number of steps but for rounding is one."""
    return max(1, math.ceil(t_max / dt * (1 - 1e-12)))


def divergence(lane: int, time: float, what: str, place: tuple[int, int, int], message: str) -> DivergenceError:
    """The exception for a lane that diverged."""
    error = DivergenceError(message)
    error.lane, error.time, error.what, error.place = lane, time, what, place
    return error


def _surrogate(surrogate: Any) -> tuple[str, float] | None:
    if surrogate is None:
        return None
    if not isinstance(surrogate, tuple | list) or len(surrogate) != 2 or not isinstance(surrogate[0], str):
        raise ArgumentError(f"surrogate is {surrogate!r}, expected a name and a width in mV, as ('fast_sigmoid', 2.0)")
    return surrogate[0], _positive(surrogate[1], "the width of the surrogate", "mV")


def _positive(value: Any, name: str, unit: str) -> float:
    if not isinstance(value, int | float | np.number) or not (0 < value < math.inf):
        raise ArgumentError(f"{name} is {value!r}, expected a positive number of {unit}")
    return float(value)


def _time(value: float, name: str) -> float:
    return _positive(value, name, "ms")


def _thinning(record_every: float | None, dt: float) -> int:
    if record_every is None:
        return 1
    steps = _time(record_every, "record_every") / dt
    if round(steps) < 1 or abs(steps - round(steps)) > 1e-9 * steps:
        raise ArgumentError(f"record_every is {record_every} ms, expected a multiple of dt = {dt} ms")
    return round(steps)


def _step_at(time: float, dt: float, steps: int) -> int:
    """The step that starts at a time."""
    if not isinstance(time, int | float | np.number) or not 0 <= time <= steps * dt:
        raise ArgumentError(f"stop_gradient_at has {time!r}, expected times from 0 to {steps * dt:g} ms")
    step = round(float(time) / dt)
    if abs(step * dt - time) > 1e-9 * dt * max(1, step):
        raise ArgumentError(f"stop_gradient_at has {time} ms, expected multiples of dt = {dt} ms")
    return step


def _lanes(
    values: Any,
    v_init: Any,
    settings: list[Setting],
    injections: list[Injection],
    spikes: Sequence[Spikes],
    start: State | None,
) -> int | None:
    """How many lanes the run has; None if nothing has a batch axis."""
    batched = [("the parameters", values), ("v_init", v_init)]
    batched += [(f"`{setting.name}` of param_state", setting.value) for setting in settings]
    batched += [(own.what if isinstance(own, Play) else "a stimulus", own.current) for own in injections]
    counts = {what: parameters.lane_count(v.values, what) for what, v in batched if isinstance(v, Batch)}
    counts |= {
        f"the spikes of `{own.synapses.name}`": len(_each_lane(own.trains))
        for own in spikes
        if isinstance(own.trains, Batch)
    }
    if start is not None:
        if not isinstance(start, State):
            raise ArgumentTypeError(f"start is {start!r}, expected what a run has as run.state, with keep_state=True")
        counts |= {} if start.lanes is None else {"start": start.lanes}
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{what} {count}" for what, count in counts.items())
        raise ArgumentError(f"batches have different numbers of lanes: {listed}")
    return next(iter(counts.values()), None)


def _assign(
    simulation: Simulation, values: Any, v_init: Any, settings: list[Setting], start: State | None
) -> list[Any]:
    module, program, lanes = simulation.module, simulation.program, simulation.lanes
    model = module._model
    arrays: list[Any] = []
    if v_init is not None:
        settings = [Setting("v", model.everything(), v_init), *settings]
    if values is not None:
        trained = module._trained_targets()
        batched = isinstance(values, Batch)
        arrays += parameters.checked(values.values if batched else values, trained, lanes if batched else None)
        assignments = of_trained(module, program, trained)
        simulation.assignments += [replace(each, batched=True) for each in assignments] if batched else assignments
    if start is not None:
        places = simulation.layout.places_of(start.layout)
        if places is None:
            raise ArgumentError(f"start is {start!r}, which is no state of this model as it is simulated here")
        batched = start.lanes is not None
        simulation.assignments.append(Assignment(places, np.arange(places.size), places.size, batched, "start"))
        simulation.goes_on = True
        arrays.append(parameters.as_array(start.numbers, "start"))
    for setting in settings:
        assignment, array = of_setting(program, model, setting)
        simulation.assignments.append(assignment)
        arrays.append(array)
    if settings or start is not None:
        last_wins(simulation.assignments)
    return arrays


def _each_lane(trains: Batch) -> list[Any]:
    """The trains of each lane of a batch."""
    lanes = trains.values
    if not isinstance(lanes, list | tuple) or not lanes:
        raise ArgumentError(f"the batch of spikes is {lanes!r}, expected a list with a lo.SpikeTrains for each lane")
    return list(lanes)


def _trains(module: Module, spikes: Sequence[Spikes]) -> dict[int, np.ndarray | list[np.ndarray]]:
    """The times of sources, by source; those of each lane for a batch."""
    trains: dict[int, np.ndarray | list[np.ndarray]] = {}
    for own in spikes:
        if own.synapses._module is not module:
            raise ArgumentError("the spikes are those of another network than the one that is simulated")
        if isinstance(own.trains, Batch):
            lanes = [given(own.synapses, lane) for lane in _each_lane(own.trains)]
            trains |= {source: [lane[source] for lane in lanes] for source in lanes[0]}
        else:
            trains |= given(own.synapses, own.trains)
    return trains
