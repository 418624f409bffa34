"""Runs: what a simulation returns."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo import _engine
from loligo.errors import ArgumentError, ArgumentTypeError, DivergenceError, UnknownNameError, did_you_mean
from loligo.parameters import shape_of, value_of
from loligo.spiking import Raster

if TYPE_CHECKING:
    import pandas as pd

    from loligo.modules import Module


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
    ) -> None:
        self.t = t
        self.recordings = recordings
        self.names = [name for _, _, name in recorded]
        self.diverged = diverged
        self.raster = raster
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
            raise ArgumentTypeError(f"a run is indexed by the name of a recording, not by {name!r}")
        if self.names.count(name) == 1:
            return self.recordings[..., self.names.index(name), :]
        return self._rows(self._positions(name))

    @property
    def provenance(self) -> dict[str, Any]:
        """What this run depends on: version, scheme, time step, vector unit, temperature, hashes of the files; of a run
        that is differentiated also what the memory budget made of it (`checkpoints`)."""
        return self._provenance()

    @property
    def lanes(self) -> int | None:
        """How many lanes the batch has; None for a single run."""
        shape = shape_of(self.recordings)
        return shape[0] if len(shape) == 3 else None

    def lane(self, index: int) -> Run:
        """The run of one lane."""
        if self.lanes is None:
            raise ArgumentError("a single run has no lanes")
        own = [error for error in self.diverged if error.lane == index % self.lanes]
        raster = self.raster.lane(index % self.lanes)
        return Run(self.t, self.recordings[index], self._recorded, own, self._provenance, raster)

    def __iter__(self) -> Iterator[Run]:
        """The runs of the lanes of a batch."""
        if self.lanes is None:
            raise ArgumentTypeError("a single run cannot be iterated over; its recordings are run.recordings")
        return (self.lane(index) for index in range(self.lanes))

    def spikes(self, threshold: float = 0.0) -> list[Any]:
        """Times, ms, at which each recorded voltage crosses a threshold, mV, from below, interpolated between samples;
        for a batch a list for each lane."""
        if self.lanes is not None:
            return [run.spikes(threshold) for run in self]
        return [crossings(self.t, voltage, threshold) for voltage in np.asarray(value_of(self.v))]

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

    def save(self, path: str | Path) -> None:
        """Writes the recordings to a file that ends in `.npz` (arrays `t`, `recordings`, `names`) or `.csv`."""
        path = Path(path)
        if path.suffix == ".npz":
            np.savez(path, t=self.t, recordings=np.asarray(value_of(self.recordings)), names=np.array(self.names))
        elif path.suffix == ".csv":
            self.to_pandas().to_csv(path)
        else:
            raise ArgumentError(f"the file is {path.name}, expected one that ends in .npz or .csv")

    def plot(self, **options: Any) -> Any:
        """Draws the recordings over time; see `loligo.plotting.plot_run`."""
        from loligo.plotting import plot_run

        return plot_run(self, **options)

    def __repr__(self) -> str:
        lanes = "" if self.lanes is None else f"{self.lanes} lanes, "
        count, every = len(self.names), "recording" if len(self.names) == 1 else "recordings"
        return f"<run: {lanes}{count} {every}, {self.t[-1]:g} ms, {self.t.size} samples>"

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


def crossings(t: np.ndarray, voltage: np.ndarray, threshold: float) -> np.ndarray:
    """Times at which a voltage crosses a threshold from below, interpolated between samples."""
    before = np.flatnonzero((voltage[:-1] < threshold) & (voltage[1:] >= threshold))
    low, high = voltage[before], voltage[before + 1]
    return t[before] + (threshold - low) / (high - low) * (t[before + 1] - t[before])


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


def _files(origin: tuple) -> Iterator[tuple[str, str]]:
    match origin:
        case ("swc" | "import3d" | "asc", text, options):
            yield options["name"], text
        case ("chain" | "tree" | "network", parts, *_):
            for part in parts:
                yield from _files(part)
