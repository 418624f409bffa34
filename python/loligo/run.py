"""Runs: what a simulation returns."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo import _engine, origins
from loligo.arguments import as_float, as_name, as_path
from loligo.errors import (
    ArgumentError,
    ArgumentTypeError,
    DivergenceError,
    MissingPackageError,
    SelectionError,
    UnknownNameError,
    UnwritableFileError,
    did_you_mean,
)
from loligo.frameworks import numpy_for, of_jax, of_torch
from loligo.parameters import shape_of, value_of
from loligo.snapshot import Snapshot
from loligo.spiking import Raster

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from loligo.modules import Module
    from loligo.state import State


class Run:
    """What was recorded.

    Attributes:
        t: Times of the samples, ms, shape (time,); the first is 0.
        recordings: All recordings, shape (recording, time), or (lane, recording, time) for a batch. In memory the
            samples of one time lie together; `np.ascontiguousarray` makes a copy in which a recording does. A tensor
            where numbers of the run were given as tensors (`loligo.torch`).
        names: The names of the recordings.
        diverged: Where and when lanes of a batch diverged; their recordings are NaN.
        raster: The spikes of compartments that are watched for them (`record_spikes`, and where connections with
            events come from) and of given trains.
    """

    def __init__(
        self,
        t: np.ndarray,
        recordings: Any,
        recorded: list[tuple[int, str, str]],
        diverged: list[DivergenceError],
        provenance: Callable[[], dict[str, Any]],
        raster: Raster,
        state: State | None = None,
    ) -> None:
        self.t = t
        self.recordings = recordings
        self.names = [name for _, _, name in recorded]
        self.diverged = diverged
        self.raster = raster
        self._state = state
        self._recorded = recorded
        self._provenance = provenance

    @property
    def v(self) -> Any:
        """The recorded voltages, mV, shape (recording, time), or (lane, recording, time) for a batch.

        Raises:
            UnknownNameError: No voltage was recorded.
        """
        return self._rows(self._positions("v"))

    def __getitem__(self, name: str) -> Any:
        """The recording of a name, shape ([lane,] time); all recordings of a quantity such as `hh.m`, shape ([lane,]
        recording, time).

        Raises:
            UnknownNameError: Nothing of this name was recorded.
        """
        if not isinstance(name, str):
            lane = "" if self.lanes is None else f"; a run of its lanes is run.lane({name!r})"
            raise ArgumentTypeError(f"a run is indexed by the name of a recording, not by {name!r}{lane}")
        if self.names.count(name) == 1:
            return self.recordings[..., self.names.index(name), :]
        return self._rows(self._positions(name))

    @property
    def provenance(self) -> dict[str, Any]:
        """What this run depends on: version, scheme, time step, vector unit, temperature, hashes of the files; of a run
        that is differentiated also what the memory budget made of it (`checkpoints`)."""
        return self._provenance()

    @property
    def state(self) -> State:
        """The state at the end, from which another run can go on.

        Raises:
            ArgumentError: It was not kept.
        """
        if self._state is None:
            raise ArgumentError("the state at the end was not kept: call simulate with keep_state=True")
        return self._state

    @property
    def lanes(self) -> int | None:
        """How many lanes the batch has; None for a single run."""
        shape = shape_of(self.recordings)
        return shape[0] if len(shape) == 3 else None

    def lane(self, index: int) -> Run:
        """The run of one lane."""
        if self.lanes is None:
            raise ArgumentError("a single run has no lanes")
        if not isinstance(index, int | np.integer):
            raise ArgumentTypeError(f"the lane is {index!r}, expected its number")
        if not -self.lanes <= index < self.lanes:
            raise SelectionError(f"there is no lane {index}: there are {self.lanes}")
        own = [error for error in self.diverged if error.lane == index % self.lanes]
        raster = self.raster.lane(index % self.lanes)
        state = None if self._state is None else self._state.lane(index)
        return Run(self.t, self.recordings[index], self._recorded, own, self._provenance, raster, state)

    def __iter__(self) -> Iterator[Run]:
        """The runs of the lanes of a batch."""
        if self.lanes is None:
            raise ArgumentTypeError("a single run cannot be iterated over; its recordings are run.recordings")
        return (self.lane(index) for index in range(self.lanes))

    def at(self, time: float, quantity: str = "v") -> Snapshot:
        """What was recorded of a quantity in the sample nearest to a time, a colour for pictures of cells.

        >>> import loligo as lo
        >>> cell = lo.datasets.ca1()
        >>> cell.insert(lo.mechanism("pas"))
        >>> cell.record()
        >>> ax = cell.plot(lo.simulate(cell, t_max=1).at(0.5), style="morph")
        >>> ax.collections[0].colorbar.ax.get_ylabel()
        'v (mV) at 0.5 ms'

        Args:
            time: From 0 to the end of the run, ms.
            quantity: `v`, or what `record` was told to record.

        Raises:
            ArgumentError: A time before or behind the run, or a batch, of which `run.lane(0)` is a run.
            UnknownNameError: A quantity that was not recorded.
        """
        if self.lanes is not None:
            raise ArgumentError(f"the run is a batch of {self.lanes} lanes, expected one of them, as run.lane(0)")
        time = as_float(time, "the time", "ms")
        if not 0 <= time <= self.t[-1]:
            raise ArgumentError(f"the time is {time!r}, expected 0 to {self.t[-1]:g} ms")
        rows = self._positions(as_name(quantity, "the quantity"))
        sample = int(np.abs(self.t - time).argmin())
        places = np.array([self._recorded[row][0] for row in rows])
        values = np.asarray(value_of(self.recordings))[rows, sample]
        return Snapshot(self._recorded[rows[0]][1], float(self.t[sample]), places, values)

    def spikes(self, threshold: float = 0.0) -> list[Any]:
        """Times, ms, at which each recorded voltage crosses a threshold, mV, from below, interpolated between samples;
        for a batch a list for each lane. What follows the voltages follows these times: they can be differentiated.

        Raises:
            ArgumentTypeError: JAX traces the voltages, and so nobody knows how many spikes there are.
        """
        threshold = as_float(threshold, "the threshold", "mV")
        if not np.isfinite(threshold):
            raise ArgumentError(f"the threshold is {threshold}, expected a finite number of mV")
        if self.lanes is not None:
            return [run.spikes(threshold) for run in self]
        voltages = self.v
        return [crossings(self.t, voltages[row], threshold) for row in range(shape_of(voltages)[0])]

    def to_pandas(self) -> pd.DataFrame:
        """A table with a row for each time and a column for each recording; for a batch, columns of lane and
        recording."""
        import pandas as pd

        data = np.asarray(value_of(self.recordings))
        index = pd.Index(self.t, name="t")
        if self.lanes is None:
            return pd.DataFrame(data.T, index=index, columns=self.names)
        columns = pd.MultiIndex.from_product([range(self.lanes), self.names], names=["lane", "recording"])
        return pd.DataFrame(data.reshape(-1, self.t.size).T, index=index, columns=columns)

    def to_xarray(self) -> xr.DataArray:
        """An array of xarray with the axes ([lane,] recording, time): coordinates are the names, quantities and
        compartments of the recordings and the time in ms, and the attribute `provenance` is that of the run as JSON.

        Raises:
            MissingPackageError: xarray is not installed.
        """
        try:
            import xarray as xr
        except ImportError as error:
            raise MissingPackageError('to_xarray needs xarray: pip install "loligo[xarray]"') from error
        compartments, quantities, names = zip(*self._recorded)
        coordinates = {
            "recording": list(names),
            "quantity": ("recording", list(quantities)),
            "compartment": ("recording", list(compartments)),
            "time": ("time", self.t, {"units": "ms"}),
        }
        lanes = {} if self.lanes is None else {"lane": np.arange(self.lanes)}
        return xr.DataArray(
            np.asarray(value_of(self.recordings)),
            coords={**lanes, **coordinates},
            dims=[*lanes, "recording", "time"],
            name="recordings",
            attrs={"provenance": json.dumps(self.provenance)},
        )

    def save(self, path: str | Path) -> None:
        """Writes the recordings to a file that ends in `.npz` (arrays `t`, `recordings`, `names`) or `.csv`."""
        path = as_path(path)
        if path.suffix not in (".npz", ".csv"):
            raise ArgumentError(f"the file is {path.name}, expected one that ends in .npz or .csv")
        try:
            if path.suffix == ".csv":
                self.to_pandas().to_csv(path)
            else:
                np.savez(path, t=self.t, recordings=np.asarray(value_of(self.recordings)), names=np.array(self.names))
        except OSError as error:
            raise UnwritableFileError(f"cannot write {path}: {error.strerror or error}") from error

    def plot(self, **options: Any) -> Any:
        """Draws the recordings over time; see `loligo.plots.runs.plot_run`."""
        from loligo.plots.runs import plot_run

        return plot_run(self, **options)

    def __repr__(self) -> str:
        lanes = "" if self.lanes is None else f"{self.lanes} lanes, "
        count, every = len(self.names), "recording" if len(self.names) == 1 else "recordings"
        return f"<run: {lanes}{count} {every}, {self.t[-1]:g} ms, {self.t.size} samples>"

    def _repr_html_(self) -> str:
        from loligo.notebook import of_run

        return of_run(self)

    def _positions(self, what: str) -> list[int]:
        rows = [row for row, (_, quantity, name) in enumerate(self._recorded) if what in (quantity, name)]
        if not rows:
            known = [*self.names, *(quantity for _, quantity, _ in self._recorded)]
            named = ", ".join(self.names[:5]) + (", …" if len(self.names) > 5 else "")
            meant = did_you_mean(what, known) or f"; the recordings are {named}"
            raise UnknownNameError(f"nothing called `{what}` was recorded{meant}")
        return rows

    def to_nwb(self, path: str | os.PathLike[str]) -> None:
        """Writes the run as NWB 2: each voltage as a CurrentClampSeries with the lane as its sweep, other recordings as
        TimeSeries in Loligo's units. `lo.read_recording(path, sweep)` reads it.

        Raises:
            MissingPackageError: pynwb is not installed: `pip install "loligo[nwb]"`.
        """
        from loligo.recordings.nwb import write_nwb

        write_nwb(self, path)

    def _rows(self, rows: list[int]) -> Any:
        return self.recordings if len(rows) == len(self.names) else self.recordings[..., np.array(rows), :]


def crossings(t: np.ndarray, voltage: Any, threshold: float) -> Any:
    """Times at which a voltage crosses a threshold from below, interpolated between samples; of the type of the
    voltage."""
    if of_jax(voltage) and isinstance(voltage, sys.modules["jax"].core.Tracer):
        raise ArgumentTypeError(
            "JAX traces the run, and which spikes there are is known only when it is through; differentiate with "
            "lo.value_and_grad or PyTorch, or make a loss of the voltages"
        )
    numbers = np.asarray(value_of(voltage))
    before = np.flatnonzero((numbers[:-1] < threshold) & (numbers[1:] >= threshold))
    low, high = voltage[before], voltage[before + 1]
    times, step = t[before], t[before + 1] - t[before]
    if of_torch(voltage):
        as_tensor = numpy_for(voltage).as_tensor
        times, step = as_tensor(times), as_tensor(step)
    return times + (threshold - low) / (high - low) * step


def provenance(module: Module, facts: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """What a run of this module depends on besides its arguments `facts`; files are hashed when somebody asks."""
    facts = {"loligo": _engine.__version__, **facts, "celsius": module.celsius}
    origin, mechanisms = module._origin, dict(module._inserted)

    def hashed() -> dict[str, Any]:
        return {
            **facts,
            "vector_unit": _engine.vector_unit(),
            "morphologies": {name: _hash(text) for name, text in _files(origin)},
            "mechanisms": {name: _hash(mechanism.source) for name, mechanism in mechanisms.items()},
        }

    return hashed


def _hash(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _files(origin: origins.Origin) -> Iterator[tuple[str, str]]:
    match origin:
        case (kind, text, options) if kind in origins.TEXTS:
            yield options["name"], text
        case ("chain" | "tree" | "network", parts, *_):
            for part in parts:
                yield from _files(part)
