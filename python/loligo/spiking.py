"""Spikes: synapses that they reach after a delay, sources with given times, and what a run saw of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo._engine import Mechanism
from loligo.arguments import as_float, as_name, as_whole
from loligo.errors import ArgumentError, ArgumentTypeError, SelectionError, UnknownNameError, did_you_mean
from loligo.waveforms import as_numbers

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from loligo.modules import Module
    from loligo.synapses import Synapses


class SpikingSynapse:
    """A synapse that takes the events of spikes (NMODL: a point process with NET_RECEIVE and a NetCon to it).

    `network.connect` and the rules (`lo.fully_connect`, …) take it. A spike is when the presynaptic voltage is above
    the threshold as a step begins, and was not as the one before began; its event arrives after the delay, with the
    step in whose first half that is, before currents are taken (as NEURON's do).

    Args:
        mechanism: A mechanism, of which every connection gets one of its own: `lo.mechanism("exp2syn")`, or one from a
            `.mod` file. Or the name of a mechanism that is inserted in the postsynaptic compartments already: then all
            connections onto a compartment share it, which is faster where many do.
        threshold: Of the presynaptic voltage, mV; 0 if left out, where no neuron announces its spikes.
        source: The mechanism in the presynaptic compartments that announces the spikes (NMODL: net_event). If neither
            it nor a threshold is given, artificial cells (NMODL: ARTIFICIAL_CELL) and integrate-and-fire neurons
            (`lo.LIF`, `lo.AdEx`, `lo.Izhikevich`, a `lo.Channel` with a `spike_state`) announce theirs.
        delay: ms, one number or one for each connection.
        numbers: What a connection brings (`weight`, in the units of the mechanism; 0 if left out, as in NEURON), and,
            of a mechanism of its own, its parameters: one number or one for each connection.

    >>> import loligo as lo
    >>> network = lo.Network([lo.Cell() for _ in range(3)])
    >>> synapse = lo.SpikingSynapse(lo.mechanism("expsyn"), weight=0.002, delay=1.5, tau=3.0)
    >>> lo.fully_connect(network.cell([0, 1]), network.cell(2), synapse)
    <2 synapses expsyn>
    >>> network.synapses("expsyn").get("weight").tolist()
    [0.002, 0.002]

    An artificial cell is inserted into a cell of a single compartment, and is then the source of what it is before:

    >>> text = '''
    ... NEURON { ARTIFICIAL_CELL Clock RANGE interval }
    ... PARAMETER { interval = 4 (ms) }
    ... INITIAL { net_send(interval, 1) }
    ... NET_RECEIVE (weight) { IF (flag == 1) { net_event(t) net_send(interval, 1) } }'''
    >>> clock, cell = lo.Cell(), lo.Cell()
    >>> clock.insert(lo.Mechanism.compile(text, "clock.mod"))
    >>> cell.insert(lo.mechanism("pas"))
    >>> network = lo.Network([clock, cell])
    >>> network.connect([0], [1], lo.SpikingSynapse(lo.mechanism("expsyn"), weight=0.002))
    <1 synapse expsyn>
    >>> lo.simulate(network, t_max=10).raster.of_cell(0).tolist()
    [4.0, 8.0]
    """

    def __init__(
        self,
        mechanism: Mechanism | str,
        *,
        threshold: float | None = None,
        source: str | None = None,
        delay: float | ArrayLike = 1.0,
        **numbers: float | ArrayLike,
    ) -> None:
        if not isinstance(mechanism, Mechanism | str):
            raise ArgumentTypeError(
                f"the mechanism is {mechanism!r}, expected one such as lo.mechanism('expsyn'), or the name of one that "
                "is inserted"
            )
        self.mechanism = mechanism
        self.threshold = threshold
        self.source = source
        self.numbers: dict[str, Any] = {"delay": delay, **numbers}

    @property
    def name(self) -> str:
        """The name of the mechanism."""
        return self.mechanism if isinstance(self.mechanism, str) else self.mechanism.name

    def connected(
        self, module: Module, sources: np.ndarray, post: np.ndarray, columns: Mapping[str, Any]
    ) -> tuple[int, int]:
        """Makes connections from sources of spikes to compartments, with these numbers beside its own; returns the
        number of the first and that behind the last."""
        numbers = {**self.numbers, **{str(c).removeprefix(f"{self.name}."): v for c, v in columns.items()}}
        values = {name: self._checked(name, value, post.size) for name, value in numbers.items()}
        model = module._model
        self._check_names(module, values)
        if isinstance(self.mechanism, str):
            first, last = model.connect_events(self.mechanism, sources, post)
        else:
            first, last = model.connect_synapses(self.mechanism, sources, post)
            module._inserted[self.name] = self.mechanism
        if last > first:
            made = model.synapses(self.name, np.arange(first, last, dtype=np.uintp), True)
            for name, value in values.items():
                model.set_each_synapse(f"{self.name}.{name}", np.ascontiguousarray(value), made)
        return first, last

    def _check_names(self, module: Module, values: Mapping[str, Any]) -> None:
        mechanism = module._inserted.get(self.mechanism) if isinstance(self.mechanism, str) else self.mechanism
        if not isinstance(mechanism, Mechanism):
            return  # the model names the nearest mechanism
        known = ["delay", *mechanism.arguments]
        if mechanism is self.mechanism:
            known += [name for name, *_ in mechanism.parameters] + list(mechanism.states)
        for name in values:
            if name not in known:
                raise UnknownNameError(f"a connection to {self.name} has no `{name}`{did_you_mean(name, known)}")

    def _checked(self, name: str, value: Any, count: int) -> np.ndarray:
        numbers = as_numbers(value, f"`{name}` of the synapse")
        if numbers.shape not in ((), (count,)):
            raise ArgumentError(f"`{name}` has shape {numbers.shape}, expected one number or {count}, one per synapse")
        if not np.isfinite(numbers).all():
            raise ArgumentError(f"`{name}` of the synapse is not finite everywhere")
        return np.broadcast_to(numbers, (count,)).astype(np.float64)


def sources_of(
    module: Module, compartments: np.ndarray, threshold: float | None = None, source: str | None = None
) -> np.ndarray:
    """The sources of the spikes of compartments: see `SpikingSynapse`."""
    model = module._model
    threshold = None if threshold is None else as_float(threshold, "the threshold", "mV")
    if source is not None:
        as_name(source, "the source of spikes")
        if threshold is not None:
            raise ArgumentError(f"spikes are those that `{source}` announces, or those above a threshold, not both")
        return model.follow_spikes(source, compartments)
    if threshold is not None:
        return model.detect_spikes(compartments, threshold)
    announcers = np.array([name or "" for name in model.announcers(compartments)])
    sources = np.empty(compartments.size, dtype=np.uintp)
    for name in dict.fromkeys(announcers.tolist()):
        own = announcers == name
        some = np.ascontiguousarray(compartments[own])
        sources[own] = model.follow_spikes(name, some) if name else model.detect_spikes(some, 0.0)
    return sources


class SpikeTrains:
    """Spikes at given times, as the presynaptic side of `network.connect`.

    Args:
        times: ms, ascending: one list of times, or a list of such, one for each connection.

    >>> import loligo as lo
    >>> cell = lo.Compartment(length=20, radius=10)
    >>> cell.insert(lo.mechanism("pas"))
    >>> cell.insert(lo.mechanism("expsyn"))
    >>> network = lo.Network([lo.Cell(lo.Branch(cell))])
    >>> input = lo.SpikeTrains([5.0, 10.0])
    >>> network.connect(input, network.cell(0), lo.SpikingSynapse("expsyn", weight=0.01, delay=1))
    <1 synapse expsyn>
    >>> network.record()
    >>> run = lo.simulate(network, t_max=20)
    >>> run.raster.times.tolist()
    [5.0, 10.0]
    """

    def __init__(self, times: ArrayLike | Sequence[ArrayLike]) -> None:
        has_no_axis = isinstance(times, np.ndarray) and times.ndim == 0
        trains: list[Any] = list(times) if isinstance(times, Iterable) and not has_no_axis else [times]
        self.is_one = not any(isinstance(train, list | tuple) or np.ndim(train) for train in trains)
        self.trains = [as_numbers(train, "the times of spikes") for train in ([trains] if self.is_one else trains)]
        for train in self.trains:
            if train.ndim != 1:
                raise ArgumentError(f"the times of spikes have shape {train.shape}, expected (spike,)")
        self.trains = [np.ascontiguousarray(train, dtype=np.float64) for train in self.trains]

    @classmethod
    def regular(cls, start: float, interval: float, number: int) -> SpikeTrains:
        """So many spikes, an interval (ms) apart."""
        start, interval = as_float(start, "start", "ms"), as_float(interval, "interval", "ms")
        if not interval > 0:
            raise ArgumentError(f"interval is {interval:g}, expected a positive number of ms")
        return cls(start + interval * np.arange(as_whole(number, "number")))

    @classmethod
    def poisson(cls, rate: float, duration: float, *, seed: int, count: int = 1, start: float = 0.0) -> SpikeTrains:
        """`count` independent trains of Poisson spikes.

        Args:
            rate: Spikes per second.
            duration: ms.
            seed: The same times for the same seed, on any machine.
            count: How many trains.
            start: When they begin, ms.
        """
        rate, duration = as_float(rate, "rate", "1/s"), as_float(duration, "duration", "ms")
        for name, value in (("rate", rate), ("duration", duration)):
            if not 0 <= value < np.inf:
                raise ArgumentError(f"{name} is {value:g}, expected 0 or more, and finite")
        if rate * duration > 1e12:
            raise ArgumentError(f"a train of {rate:g} spikes/s for {duration:g} ms has too many spikes")
        start, count = as_float(start, "start", "ms"), as_whole(count, "count")
        random = np.random.Generator(np.random.Philox(as_whole(seed, "seed")))
        numbers = random.poisson(rate * duration * 1e-3, size=count)
        return cls([np.sort(random.random(number)) * duration + start for number in numbers])

    def sources(self, module: Module, count: int) -> np.ndarray:
        """Adds them to a network; the source of each of so many connections."""
        if not self.is_one and len(self.trains) != count:
            raise ArgumentError(f"there are {len(self.trains)} trains of spikes and {count} compartments behind them")
        added = [module._model.spike_train(train) for train in self.trains]
        return np.full(count, added[0], dtype=np.uintp) if self.is_one else np.array(added, dtype=np.uintp)


def given(synapses: Synapses, trains: Any) -> dict[int, np.ndarray]:
    """The times that the sources of connections are to have, by source."""
    trains = trains if isinstance(trains, SpikeTrains) else SpikeTrains(trains)
    model = synapses._module._model
    numbers = synapses.numbers
    if not trains.is_one and len(trains.trains) != numbers.size:
        raise ArgumentError(f"there are {len(trains.trains)} trains of spikes for {numbers.size} connections")
    sources = model.connection_sources(synapses.name)
    if not sources.size:
        raise ArgumentError(f"synapses {synapses.name} follow a voltage and not spikes: none can be given")
    times: dict[int, np.ndarray] = {}
    for position, source in enumerate(sources[numbers].tolist()):
        own = trains.trains[0 if trains.is_one else position]
        if model.spike_times(source) is None:
            raise ArgumentError(
                f"connection {numbers[position]} to {synapses.name} comes from a compartment, not from lo.SpikeTrains: "
                "its spikes cannot be given"
            )
        if not np.array_equal(times.setdefault(source, own), own):
            raise ArgumentError(
                f"connection {numbers[position]} to {synapses.name} shares its spikes with another one in view, and is "
                "given others: they can be given one train for both"
            )
    return times


class Raster:
    """The spikes of a run.

    Attributes:
        times: ms, ascending within a lane.
        sources: Which source each is of, in the order in which sources came to the network.
        compartments: The compartment of each, counted through the module; −1 for those of given trains.
        lanes: The lane of each.
    """

    def __init__(
        self,
        times: np.ndarray,
        sources: np.ndarray,
        lanes: np.ndarray,
        compartments: np.ndarray,
        cells: np.ndarray,
    ) -> None:
        self.times = times
        self.sources = sources.astype(int)
        self.lanes = lanes.astype(int)
        self._compartments = compartments
        self._cells = cells

    @property
    def compartments(self) -> np.ndarray:
        """See `Raster`."""
        return self._compartments[self.sources].astype(int)

    @property
    def cells(self) -> np.ndarray:
        """The cell of each spike; −1 for those of given trains."""
        compartments = self.compartments
        return np.where(compartments < 0, -1, self._cells.astype(int)[compartments])

    def of_cell(self, cell: int) -> np.ndarray:
        """The times of the spikes of a cell, ms."""
        if not isinstance(cell, int | np.integer):
            raise ArgumentTypeError(f"the cell is {cell!r}, expected its number")
        count = int(self._cells.max()) + 1
        if not -1 <= cell < count:  # −1 are given trains
            raise SelectionError(f"there is no cell {cell}: the cells are 0 to {count - 1}")
        return self.times[self.cells == cell]

    def lane(self, lane: int) -> Raster:
        """Those of one lane."""
        if not isinstance(lane, int | np.integer):
            raise ArgumentTypeError(f"the lane is {lane!r}, expected its number")
        own = self.lanes == lane
        return Raster(self.times[own], self.sources[own], self.lanes[own], self._compartments, self._cells)

    def __len__(self) -> int:
        return self.times.size

    def to_pandas(self) -> pd.DataFrame:
        """A table with a row for each spike: time, source, cell, compartment, lane."""
        import pandas as pd

        columns = {
            "time": self.times,
            "source": self.sources,
            "cell": self.cells,
            "compartment": self.compartments,
            "lane": self.lanes,
        }
        return pd.DataFrame(columns)

    def plot(self, ax: Axes | Sequence[Axes] | None = None, **options: Any) -> Axes | np.ndarray:
        """Draws the spikes of cells, without those of given trains: `lo.plot_raster` says how, and which options there
        are (`groups`, `rate_window`, `t_max`)."""
        from loligo.plots.rasters import plot_raster

        of_cells = self.cells >= 0
        return plot_raster(self.times[of_cells], self.cells[of_cells], ax, **options)

    def __repr__(self) -> str:
        return f"<Raster of {len(self)} spikes>"
