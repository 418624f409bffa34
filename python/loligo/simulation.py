"""Simulations: programs with everything decided but the numbers, how they are run, and how runs are differentiated."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from loligo import _engine
from loligo._engine import Inputs, Program, StagedRun, Trace, Waveform
from loligo.assignments import Assignment, Drive
from loligo.errors import DivergenceError
from loligo.modules import Module
from loligo.progress import LongRun
from loligo.run import Run, provenance
from loligo.spiking import Raster
from loligo.state import State, StateLayout


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


def layout_of(module: Module, program: Program) -> StateLayout:
    """What the numbers of the states of a program are; found out once."""
    layouts = module._kept().setdefault("layouts", {})
    if program not in layouts:
        layouts[program] = StateLayout.of(program)
    return layouts[program]


def divergence(lane: int, time: float, what: str, place: tuple[int, int, int], message: str) -> DivergenceError:
    """The exception for a lane that diverged."""
    error = DivergenceError(message)
    error.lane, error.time, error.what, error.place = lane, time, what, place
    return error
