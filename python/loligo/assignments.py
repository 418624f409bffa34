"""Where the numbers of a run's arrays go: to places of the program's values, and into its stimuli."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from loligo import parameters
from loligo._engine import Model, Program, Selection, SynapseSelection, Waveform
from loligo.errors import ArgumentError
from loligo.modules import Module
from loligo.parameters import Batch, Driving, Setting, Trained


@dataclass(frozen=True)
class Assignment:
    """Where the numbers of an array go."""

    places: np.ndarray
    """In the values of the program."""
    numbers: np.ndarray
    """For each place, which number goes there."""
    count: int
    batched: bool
    name: str | None = None
    """Of the setting that it is of; None for trainables."""

    def check(self, array: np.ndarray) -> None:
        """Refuses NaN in a setting: to the engine that is a state that starts at its steady state.

        Raises:
            ArgumentError: There is one.
        """
        if self.name is None or not np.isnan(array).any():
            return
        position = np.argwhere(np.isnan(array))[0].tolist()
        if self.count == 1:  # an axis that the user did not write
            del position[-1]
        where = f" at position {position}" if position else ""
        raise ArgumentError(f"the value of `{self.name}` is NaN{where}, expected finite numbers")


@dataclass(frozen=True)
class Drive:
    """Which stimuli an array of currents, or of what is played or held, shape ([lane,] [stimulus,] step), drives."""

    stimuli: range
    batched: bool
    each: bool
    """Whether there is an axis of stimuli."""


def of_trained(module: Module, program: Program, trained: Sequence[Trained]) -> list[Assignment]:
    """Where the numbers of trainables go, in runs without a batch; found once for each program."""
    known = module._kept().setdefault("assignments", [])
    for of, targets, assignments in known:
        if of is program and len(targets) == len(trained) and all(a is b.targets for a, b in zip(targets, trained)):
            return assignments
    assignments = []
    for own in trained:
        there = [_found(program, module._model, name, own.targets.rows, own.targets.numbers) for name in own.quantities]
        places, numbers = (np.concatenate(part) for part in zip(*there))
        assignments.append(Assignment(places, numbers, len(own.targets), batched=False))
    last_wins(assignments)
    known.append((program, [own.targets for own in trained], assignments))
    return assignments


def of_setting(program: Program, model: Model, setting: Setting) -> tuple[Assignment, Any]:
    """Where the numbers of a setting go, and the array that they are in."""
    batched = isinstance(setting.value, Batch)
    what = f"the value of `{setting.name}`"
    array = parameters.as_array(setting.value.values if batched else setting.value, what)
    if isinstance(setting.selection, SynapseSelection):
        model.check_synapses(setting.selection)
    rows = setting.selection.rows
    names = setting.quantities or (setting.name,)
    positions = np.arange(rows.size)
    there = [_found(program, model, name, rows.astype(np.uintp), positions) for name in names]
    places, numbers = (np.concatenate(part) for part in zip(*there))
    having, numbers = np.unique(numbers, return_inverse=True)
    if not having.size:
        raise ArgumentError(f"nothing that is selected has `{setting.name}`")
    shape = parameters.shape_of(array)[1 if batched else 0 :]
    if shape == ():
        count, numbers = 1, np.zeros_like(numbers)
        array = array.reshape((-1, 1) if batched else (1,))
    elif shape == (having.size,):
        count = having.size
    else:
        one = "compartment" if isinstance(setting.selection, Selection) else "synapse"
        axes = f"(lane,) or (lane, {one})" if batched else f"one number or one per {one}"
        full = parameters.shape_of(array)
        raise ArgumentError(f"{what} has shape {full}, expected {axes}, and {having.size} {one}s have it")
    return Assignment(places, numbers, count, batched, setting.name), array


def _found(
    program: Program, model: Model, name: str, rows: np.ndarray, numbers: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The places of a quantity in those rows (compartments, or synapses) that have it, and the numbers that go
    there."""
    places = program.places(model, name, rows)
    there = np.flatnonzero(places >= 0)
    places, first = np.unique(places[there], return_index=True)
    return places.astype(np.uintp), numbers[there][first]


def last_wins(assignments: list[Assignment]) -> None:
    """Takes places that a later assignment has, too, out of the earlier ones."""
    taken = np.empty(0, dtype=np.uintp)
    for position in range(len(assignments) - 1, -1, -1):
        own = assignments[position]
        free = ~np.isin(own.places, taken)
        taken = np.concatenate([taken, own.places])
        assignments[position] = replace(own, places=own.places[free], numbers=own.numbers[free])


def drives_of(injections: Sequence[Driving], first: int) -> tuple[list[tuple[int, Waveform]], list[Drive], list[Any]]:
    """What currents of this run only drive, or what is played or held: the stimuli from the number `first` on.
    Waveforms by stimulus, and arrays with what each drives."""
    waveforms: list[tuple[int, Waveform]] = []
    drives: list[Drive] = []
    arrays: list[Any] = []
    for injection in injections:
        stimuli = range(first, first + len(injection.selection))
        first = stimuli.stop
        if isinstance(injection.current, Waveform):
            waveforms += [(index, injection.current) for index in stimuli]
            continue
        batched = isinstance(injection.current, Batch)
        current = parameters.as_array(injection.current.values if batched else injection.current, injection.what)
        shape = parameters.shape_of(current)[1 if batched else 0 :]
        each = len(shape) == 2
        if len(shape) not in (1, 2) or 0 in shape or (each and shape[0] != len(stimuli)):
            full = parameters.shape_of(current)
            lane = "lane, " if batched else ""
            one = "synapse" if isinstance(injection.selection, SynapseSelection) else "compartment"
            raise ArgumentError(
                f"{injection.what} has shape {full}, expected ({lane}step) or ({lane}{one}, step) "
                f"for {len(stimuli)} selected {one}s"
            )
        drives.append(Drive(stimuli, batched, each))
        arrays.append(current)
    return waveforms, drives, arrays
