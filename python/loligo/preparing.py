"""Preparing: from a module and the arguments of a run to a simulation, and the arrays that it is run with."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from loligo import parameters
from loligo._engine import Model, Waveform
from loligo.arguments import as_list, as_name, as_positive, as_whole
from loligo.assignments import Assignment, drives_of, last_wins, of_setting, of_trained
from loligo.errors import ArgumentError, ArgumentTypeError
from loligo.modules import Module
from loligo.ornstein_uhlenbeck import drawn
from loligo.parameters import Batch, Driving, Hold, Injection, Parameters, Play, Setting, Spikes
from loligo.simulation import Simulation
from loligo.spiking import given
from loligo.state import State

Made = TypeVar("Made")

MOST_THREADS = 1024
"""More take longer to start than they could ever save."""


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
    dt, t_max = as_positive(dt, "dt", "ms"), as_positive(t_max, "t_max", "ms")
    if t_max / dt > 1e15:
        raise ArgumentError(f"t_max is {t_max:g} ms, too many steps of dt = {dt:g} ms")
    # more bytes than there can be are as many as there are
    budget = None if budget is None else min(as_whole(budget, "budget", 1), sys.maxsize)
    if threads is not None and as_whole(threads, "threads", 1) > MOST_THREADS:
        raise ArgumentError(f"threads is {threads}, expected 1 to {MOST_THREADS}")
    if not isinstance(seed, int | np.integer) or not 0 <= seed < 2**64:
        raise ArgumentError(f"seed is {seed!r}, expected a whole number from 0 to 2**64 - 1")
    steps = step_count(t_max, dt)
    for name, choice in (("scheme", scheme), ("precision", precision), ("convention", convention)):
        as_name(choice, name)
    as_name(spike_times, "spike_times")
    injections = [drawn(own, dt, steps) for own in _made(stimuli, "stimuli", Injection, "data_stimulate")]
    played = [drawn(own, dt, steps) for own in _made(plays, "plays", Play, "data_play")]
    given_spikes = _made(spikes, "spikes", Spikes, "data_spikes")
    injected = tuple(int(c) for injection in injections for c in injection.selection.compartments)
    holds = _made(held, "held", Hold, "data_clamp")
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
    settings = _made(param_state, "param_state", Setting, "data_set")
    if not any(setting.name == "celsius" for setting in settings):
        module._note_temperature(stacklevel=3)
    simulation.keeps_state = keep_state
    cuts = [] if stop_gradient_at is None else as_list(stop_gradient_at, "stop_gradient_at", "times, ms")
    simulation.cuts = [_step_at(time, dt, simulation.steps) for time in cuts]
    simulation.lanes = _lanes(values, v_init, settings, [*injections, *played, *holds], given_spikes, start)
    arrays = _assign(simulation, values, v_init, settings, start)
    # stimuli come first in a program, then what is played, then what is held
    first = len(module._model.stimuli())
    in_turn: list[Sequence[Driving]] = [injections, [*played, *holds]]
    for driven in in_turn:
        waveforms, drives, currents = drives_of(driven, first)
        simulation.waveforms += waveforms
        simulation.drives += drives
        arrays += currents
        first += len(injected) + len(module._model.plays())
    for own in played:
        _check_played(module._model, own)
    simulation.trains = _trains(module, given_spikes)
    simulation.differentiated = tuple(parameters.is_traced(array) for array in arrays)
    return simulation, arrays


def _made(given: Any, name: str, kind: type[Made], maker: str) -> list[Made]:
    """What `data_set` and its like made for one run, as a list."""
    if given is None:
        return []
    is_list = isinstance(given, list | tuple)
    if not is_list or (wrong := [own for own in given if not isinstance(own, kind)]):
        shown = f"holds one of type {type(wrong[0]).__name__}" if is_list else f"is of type {type(given).__name__}"
        raise ArgumentTypeError(f"{name} {shown}, expected a list as {maker} makes it: {name}=view.{maker}(...)")
    return list(given)


def step_count(t_max: float, dt: float) -> int:
    """How many steps reach `t_max`; a duration that is a whole number of steps but for rounding is one."""
    return max(1, math.ceil(t_max / dt * (1 - 1e-12)))


def _surrogate(surrogate: Any) -> tuple[str, float] | None:
    if surrogate is None:
        return None
    if not isinstance(surrogate, tuple | list) or len(surrogate) != 2 or not isinstance(surrogate[0], str):
        raise ArgumentError(f"surrogate is {surrogate!r}, expected a name and a width in mV, as ('fast_sigmoid', 2.0)")
    return surrogate[0], as_positive(surrogate[1], "the width of the surrogate", "mV")


def _thinning(record_every: float | None, dt: float) -> int:
    if record_every is None:
        return 1
    steps = as_positive(record_every, "record_every", "ms") / dt
    if steps > 1e15 or round(steps) < 1 or abs(steps - round(steps)) > 1e-9 * steps:
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
    injections: Sequence[Driving],
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


def _check_played(model: Model, played: Play) -> None:
    """That a quantity can be what is played into it, as far as that is known: what `play` asks of a waveform.

    Raises:
        ModelError: It cannot be one of the numbers.
    """
    is_batch, rows = isinstance(played.current, Batch), played.selection.rows
    values = played.current.values if isinstance(played.current, Batch) else played.current
    if isinstance(values, Waveform):
        model.check_waveform(played.quantity, values, rows)
        return
    numbers = parameters.numbers_of(parameters.as_array(values, played.what))
    # the engine says where one is not finite
    if numbers is None or not np.isfinite(numbers).all():
        return
    of_each = numbers.ndim == (3 if is_batch else 2)
    by_row = np.moveaxis(numbers, -2, 0) if of_each else numbers[np.newaxis]
    ends = by_row.reshape(len(by_row), -1)
    for own, low, high in zip(rows[:, np.newaxis] if of_each else [rows], ends.min(axis=1), ends.max(axis=1)):
        model.check_waveform(played.quantity, Waveform.samples(np.array([low, high])), own)


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
