"""Sweeps: one model with many numbers, and a table of what came out."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from loligo.arguments import as_function, as_name, as_whole
from loligo.errors import ArgumentError, ArgumentTypeError, did_you_mean
from loligo.parameters import Batch, Setting
from loligo.progress import bar
from loligo.run import Run
from loligo.simulating import simulate
from loligo.view import View
from loligo.waveforms import as_numbers

_OPTIONS = set(inspect.signature(simulate).parameters) - {"module"}
"""What `sweep` passes on, and what it says itself."""


def sweep(
    model: View,
    numbers: Mapping[str, ArrayLike] | pd.DataFrame | Sequence[Mapping[str, float]],
    measure: Callable[[Run], Any],
    *,
    t_max: float,
    lanes: int = 128,
    progress: bool = True,
    **options: Any,
) -> pd.DataFrame:
    """Runs a model with many numbers, and measures each run.

    Args:
        model: A module, or a view of one: then numbers are set in what is in view.
        numbers: Lists of numbers by the name of a quantity, as `set` takes it, of which every combination is run (the
            last varies fastest); or a table (a pandas data frame, or a list of dictionaries) with a run for each row.
        measure: From the run of one lane to one number, or to a dictionary of numbers by name.
        t_max: Duration of each run, ms.
        lanes: How many runs are made at a time, as lanes of a batch; more take more memory.
        progress: Whether to show a bar, where there is a terminal or a notebook.
        options: Further arguments of `simulate`.

    Returns:
        The table of the numbers, with what was measured as further columns: `measure`, or the names in its dictionary.
        Runs that diverged are not measured: their columns are NaN, and if there are any, a column `diverged` says where
        and when.

    Raises:
        UnknownNameError: A name that stands for nothing; the message has the nearest.
        ArgumentError: Nothing to run, or numbers that are no list.
        ArgumentTypeError: What is measured is not made of numbers.

    >>> import loligo as lo
    >>> soma = lo.Compartment(length=20, radius=10)
    >>> soma.insert(lo.mechanism("hh"))
    >>> soma.celsius = 6.3
    >>> soma.stimulate(lo.step(start=1, duration=8, amplitude=0.2))
    >>> soma.record()
    >>> grid = {"hh.gnabar": [0.01, 0.12], "hh.gkbar": [0.02, 0.036]}
    >>> lo.sweep(soma, grid, lambda run: {"spikes": run.spikes()[0].size, "peak": run.v.max().round()}, t_max=10)
       hh.gnabar  hh.gkbar  spikes  peak
    0       0.01     0.020       0 -29.0
    1       0.01     0.036       0 -50.0
    2       0.12     0.020       1  44.0
    3       0.12     0.036       1  40.0
    """
    if not isinstance(model, View):
        raise ArgumentTypeError(f"sweep was given {model!r}, expected a module or a view of one")
    lanes = as_whole(lanes, "lanes", 1)
    if taken := options.keys() & {"param_state", "values", "on_divergence"}:
        raise ArgumentTypeError(f"sweep has no argument `{min(taken)}`: a sweep says itself which numbers are run")
    for name in options.keys() - _OPTIONS:
        meant = did_you_mean(name, (*_OPTIONS, *inspect.signature(sweep).parameters))
        raise ArgumentTypeError(f"sweep has no argument `{name}`{meant}")
    as_function(measure, "the measure")
    rows = _rows(numbers)
    measured: list[dict[str, Any]] = []
    diverged: list[str | None] = []
    with bar(len(rows), "sweep", "run", shown=progress) as seen:
        for first in range(0, len(rows), lanes):
            chunk = rows.iloc[first : first + lanes]
            settings: list[Setting] = []
            for name in rows.columns:
                settings = model.data_set(name, Batch(chunk[name].to_numpy()), settings)
            run = simulate(
                model._module, t_max=t_max, param_state=settings, on_divergence="nan", progress=False, **options
            )
            for lane in run:
                diverged.append(str(lane.diverged[0]) if lane.diverged else None)
                measured.append({} if lane.diverged else _measured(measure(lane)))
            seen.update(len(chunk))
    found = pd.DataFrame(measured, index=rows.index)
    if clash := [name for name in (*found.columns, "diverged") if name in rows.columns]:
        raise ArgumentError(f"the measure gives a column `{clash[0]}`, which is the name of a quantity of the sweep")
    table = pd.concat([rows, found], axis=1)
    return table.assign(diverged=diverged) if any(diverged) else table


def _rows(numbers: Any) -> pd.DataFrame:
    """A row for each run, and a column for each quantity."""
    for name in numbers if isinstance(numbers, Mapping | pd.DataFrame) else ():
        as_name(name, "the quantity")
    if isinstance(numbers, Mapping):
        lists = {name: as_numbers(values, f"the numbers of `{name}`") for name, values in numbers.items()}
        for name, values in lists.items():
            if values.ndim != 1:
                raise ArgumentError(f"the numbers of `{name}` have shape {values.shape}, expected a list")
        rows = pd.DataFrame(list(itertools.product(*lists.values())), columns=list(lists))
    elif isinstance(numbers, pd.DataFrame | list | tuple):
        if not isinstance(numbers, pd.DataFrame) and not all(isinstance(row, Mapping) for row in numbers):
            raise ArgumentTypeError(f"sweep was given {numbers!r}, expected dictionaries in the list, one for each run")
        rows = pd.DataFrame(numbers)
        rows = rows.assign(**{name: as_numbers(rows[name], f"the column `{name}`") for name in rows.columns})
    else:
        raise ArgumentTypeError(
            f"sweep was given {numbers!r}, expected lists of numbers by name, or a table with a row for each run"
        )
    if rows.empty or not len(rows.columns):
        raise ArgumentError("there is nothing to sweep: a list of numbers is empty, or there is none")
    return rows


def _measured(result: Any) -> dict[str, Any]:
    named = dict(result) if isinstance(result, Mapping) else {"measure": result}
    for name, value in named.items():
        if np.ndim(value) != 0 or np.asarray(value).dtype.kind not in "biuf":
            raise ArgumentTypeError(
                f"the measure gives {value!r} as `{name}`, expected one number, or a dictionary of numbers by name"
            )
    return named
