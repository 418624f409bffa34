"""Views: a module and some of its compartments, with the verbs that apply to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo import indices, parameters
from loligo._engine import Mechanism, Selection, Waveform
from loligo.arguments import as_float, as_list, as_name
from loligo.channel import Channel, Synapse
from loligo.errors import (
    ArgumentError,
    ArgumentTypeError,
    ReadOnlyError,
    SelectionError,
    UnknownAttributeError,
    did_you_mean,
)
from loligo.ornstein_uhlenbeck import Noise
from loligo.spiking import sources_of
from loligo.waveforms import as_numbers, as_waveform

if TYPE_CHECKING:
    import pandas as pd

    from loligo.modules import Module
    from loligo.morphometry import Morphometry
    from loligo.plots.cells import Color
    from loligo.synapses import Synapses

LEVELS = ("network", "cell", "branch", "comp")
"""What a view is a view of; an index picks among the next."""

_ENGINE_LEVEL = {"cell": "cell", "branch": "branch", "comp": "compartment"}


class SteadyState:
    """The type of `steady_state`."""

    def __repr__(self) -> str:
        return "steady_state"


steady_state = SteadyState()
"""`cell.set("hh.m", steady_state)`: a gate starts at its steady state for the initial voltage, as by default."""


class View:
    """Some compartments of a module.

    Selectors (`cell`, `branch`, `comp`, `loc`, indices, groups and mechanisms as attributes) narrow a view; they count
    anew within what is in view. Verbs apply to all that is in view. The last selector decides how a trainable is
    shared: one number per cell, per branch, per compartment, or one for all after a group or a mechanism.
    """

    __slots__ = ("_level", "_module", "_selection")

    def __init__(self, module: Module, selection: Selection, level: str) -> None:
        self._module = module
        self._selection = selection
        self._level = level

    # selectors

    def cell(self, index: indices.Index) -> View:
        """Some of the cells in view."""
        return self._narrowed("cell", index)

    def branch(self, index: indices.Index) -> View:
        """Some of the branches in view of every cell in view."""
        return self._narrowed("branch", index)

    def comp(self, index: indices.Index) -> View:
        """Some of the compartments in view of every branch in view."""
        return self._narrowed("comp", index)

    def loc(self, at: indices.Locations) -> View:
        """The compartments at locations from 0 to 1 along every branch in view; a location exactly between two
        compartments belongs to the one nearer to the 0 end."""
        if isinstance(at, str):
            if at != "all":
                raise ArgumentTypeError(f"the location is {at!r}, expected numbers from 0 to 1 or 'all'")
            return self.comp("all")
        locations = np.atleast_1d(as_numbers(at, "the location"))
        if locations.ndim > 1:
            raise ArgumentError(f"the locations have shape {locations.shape}, expected one, or a list")
        if locations.size == 0:
            raise SelectionError("nothing is selected: the list of locations is empty")
        model, selection = self._module._model, self._selection
        found = [model.at(selection, float(location)) for location in locations]
        for other in found[1:]:
            found[0] = found[0].union(other)
        return self._view(found[0], "comp")

    def group(self, name: str) -> View:
        """What of the view is in a group; also `view.soma`."""
        return self._view(self._module._model.group(self._selection, as_name(name, "the group")), self._level)

    def with_mechanism(self, name: str) -> View:
        """What of the view has a mechanism; also `view.hh`."""
        selected = self._module._model.with_mechanism(self._selection, as_name(name, "the mechanism"))
        return self._view(selected, self._level)

    def __getitem__(self, index: Any) -> View:
        """`network[cell, branch, comp]`, `cell[branch, comp]`, `branch[comp]`."""
        keys = index if isinstance(index, tuple) else (index,)
        levels = LEVELS[LEVELS.index(self._level) + 1 :]
        if len(keys) > len(levels):
            raise SelectionError(
                f"{len(keys)} indices were given, but a {self._level} has {len(levels)} levels below it"
                + (f" ({', '.join(levels)})" if levels else "")
            )
        view = self
        for level, key in zip(levels, keys):
            view = view._narrowed(level, key)
        return view

    def __iter__(self) -> Iterator[View]:
        """The cells of a network, the branches of a cell, the compartments of a branch."""
        below = LEVELS[LEVELS.index(self._level) + 1 :]
        if not below:
            raise ArgumentTypeError("a compartment has no parts to iterate over")
        return self._parts(below[0])

    @property
    def cells(self) -> Iterator[View]:
        """The cells in view, one after the other."""
        return self._parts("cell")

    @property
    def branches(self) -> Iterator[View]:
        """The branches in view, one after the other."""
        return self._parts("branch")

    @property
    def comps(self) -> Iterator[View]:
        """The compartments in view, one after the other."""
        return self._parts("comp")

    @property
    def shape(self) -> tuple[int, ...]:
        """How many cells, branches and compartments are in view; a cell has no count of cells, and so on."""
        cells, branches = self._module._places
        inside = self._selection.compartments
        counts = (np.unique(cells[inside]).size, np.unique(branches[inside]).size, inside.size)
        return counts[LEVELS.index(self._module._level) :]

    # verbs

    def insert(self, mechanism: Mechanism | Channel) -> None:
        """Inserts a mechanism; where it is already, nothing changes.

        Raises:
            ModelError: Another mechanism of the same name is inserted.
            TracingError: It is written in Python, and cannot be traced; the message says which line and why.
        """
        if isinstance(mechanism, Channel):
            mechanism = mechanism.mechanism
        if isinstance(mechanism, Synapse):
            raise ArgumentTypeError(
                f"{mechanism!r} joins two compartments, and is inserted in none; use connect(pre, post, synapse)"
            )
        if not isinstance(mechanism, Mechanism):
            raise ArgumentTypeError(f"insert was given {mechanism!r}, expected a mechanism such as lo.mechanism('hh')")
        self._module._model.insert(mechanism, self._selection)
        self._module._inserted[mechanism.name] = mechanism

    def uninsert(self, name: str) -> None:
        """Removes a mechanism by its name.

        Raises:
            UnknownNameError: It is not inserted.
            ModelError: It is recorded or trained here.
        """
        self._module._model.uninsert(as_name(name, "the mechanism"), self._selection)

    def set(self, name: str, value: float | ArrayLike | Callable[[float], float] | SteadyState) -> None:
        """Sets a quantity in those compartments in view that have it.

        Args:
            name: `radius`, `length` (µm), `axial_resistivity` (Ω·cm), `capacitance` (µF/cm²), `v` (mV, at t = 0),
                `celsius` (°C), `mechanism.parameter`, `mechanism.state` (at t = 0), `ena`, `nai`, `nao` and so on.
            value: A number, one number per compartment, a function of the path distance from the soma (µm), or
                `lo.steady_state` for a state.

        Raises:
            UnknownNameError: A name that stands for nothing.
            ModelError: A number that the quantity cannot have, a list of the wrong length, a compartment without it.

        >>> import loligo as lo
        >>> cable = lo.Branch(ncomp=3)
        >>> cable.set("radius", lambda distance: 2 - distance / 100)
        """
        as_name(name, "the quantity")
        self._module._note_compiled(stacklevel=2)
        model = self._module._model
        if callable(value) and (synapses := self._owners(name)):
            synapses.set(name, value)
        elif isinstance(value, SteadyState):
            model.set_steady(name, self._selection)
        elif callable(value):
            known = ~np.isnan(model.values(name))
            inside = self._selection.compartments
            rows = inside[known[inside]]
            model.set_each(name, along(value, model.distances()[rows], name), self._selection)
        else:
            numbers = as_numbers(value, f"the value of `{name}`")
            if numbers.ndim == 0:
                model.set(name, float(numbers), self._selection)
            elif numbers.ndim == 1:
                model.set_each(name, numbers, self._selection)
            else:
                raise ArgumentError(f"the value of `{name}` has shape {numbers.shape}, expected one number or a list")

    def get(self, name: str) -> np.ndarray:
        """The number of a quantity in every compartment in view; NaN where there is none, which for a state means its
        steady state. Of a quantity of synapses, the number of every synapse onto what is in view."""
        if synapses := self._owners(as_name(name, "the quantity")):
            return synapses.get(name)
        return self._module._model.values(name)[self._selection.compartments]

    def add_to_group(self, name: str) -> None:
        """Puts what is in view in a group, made if it does not exist; then `cell.name` is a view of it.

        Raises:
            ArgumentError: `cell.name` is something else.
        """
        model = self._module._model
        mechanisms = [*(mechanism for mechanism, _ in model.mechanisms()), *model.synapse_names()]
        if as_name(name, "the group") in mechanisms or hasattr(type(self), name):
            raise ArgumentError(f"the group is called `{name}`, which is an attribute of every view already")
        self._group_as(name)

    def stimulate(self, current: Waveform | ArrayLike) -> None:
        """Injects a current, nA, into every compartment in view: a waveform, or an array with one value per time step.
        Several in one compartment add up."""
        if isinstance(current, Noise):
            raise ArgumentTypeError(
                "noise is drawn for the time steps of a run: give it to the run, simulate(..., "
                "stimuli=view.data_stimulate(noise)), or take noise.waveform(dt)"
            )
        self._module._model.stimulate(as_waveform(current), self._selection)

    def play(self, name: str, values: Waveform | ArrayLike) -> None:
        """Lets a quantity follow a waveform in every compartment in view that has it, or of every synapse onto what is
        in view: a waveform, or an array with one value per time step, which runs must not be longer than.

        What it is set to stays, but is not read there, so it can be neither trained nor differentiated by. The n-th
        value holds from t_n to t_{n+1}; currents see a waveform in the middle of that, and states, which are stepped
        half a step ahead, at its beginning (an array's value of the step before). States start from what is played at
        t = 0. This is as NEURON's `Vector.play`.

        Args:
            name: A parameter of a mechanism (`hh.gnabar`) or of synapses, or a number of an ion that no mechanism moves
                (`ek`).
            values: In the units of the quantity.

        Raises:
            UnknownNameError: A name that stands for nothing.
            ModelError: What cannot be played (a state, the cable); a number that the quantity cannot have; where it is
                played or trained already, or nothing has it. As a run begins: a parameter from which the INITIAL of its
                mechanism computes something, which would follow it here, and does not in NEURON.

        >>> import loligo as lo
        >>> soma = lo.Compartment(length=20, radius=10)
        >>> soma.insert(lo.mechanism("pas"))
        >>> soma.record()
        >>> soma.play("pas.g", lo.step(start=5, duration=2, amplitude=1e-3, baseline=1e-4))
        >>> lo.simulate(soma, t_max=10).v.shape
        (1, 401)
        """
        self._module._note_compiled(stacklevel=2)
        self._module._model.play(as_name(name, "the quantity"), playable(values), self._selection)

    def clamp(
        self,
        voltage: Waveform | ArrayLike,
        *,
        series_resistance: float | None = None,
        start: float = 0.0,
        duration: float = np.inf,
    ) -> None:
        """Holds every compartment in view at a voltage, mV, from `start` for `duration` ms: a waveform, a number, or an
        array with one value per time step.

        Args:
            series_resistance: Resistance of the electrode, MΩ; None for an ideal clamp.
        """
        target = as_waveform(voltage)
        start, duration = as_float(start, "start", "ms"), as_float(duration, "duration", "ms")
        if series_resistance is not None:
            series_resistance = as_float(series_resistance, "series_resistance", "MΩ")
        self._module._model.clamp(target, series_resistance, start, duration, self._selection)

    def record(self, what: str = "v", *, name: str | None = None) -> None:
        """Records in every compartment in view.

        Args:
            what: `v` (mV), a state (`hh.m`), a current density (`hh.ina`, or `ina` summed; mA/cm²), a concentration or
                reversal potential of an ion (`cai`, mM; `eca`, mV), what a mechanism computes (`hh.minf`),
                `i_membrane` (nA) or `i_clamp` (nA).
            name: What to find it by in the run; else made of the place, such as `soma[0](0.5).v`.

        Raises:
            UnknownNameError: A name that stands for nothing.
            ModelError: A compartment that lacks it.
        """
        if name is not None:
            as_name(name, "the name of the recording")
        self._module._model.record(as_name(what, "what is recorded"), name, self._selection)

    def record_spikes(self, threshold: float | None = None, *, source: str | None = None) -> None:
        """Watches every compartment in view for spikes, which runs return as `run.raster`.

        Args:
            threshold: A spike is when the voltage is above it (mV) as a step begins, and was not as the step before
                began; 0 if left out, where no neuron announces its spikes.
            source: The mechanism in view that announces the spikes (NMODL: net_event). If neither it nor a threshold is
                given, artificial cells and integrate-and-fire neurons (`lo.LIF`, …) announce theirs.

        >>> import loligo as lo
        >>> soma = lo.Compartment(length=20, radius=10)
        >>> soma.insert(lo.mechanism("hh"))
        >>> soma.celsius = 6.3
        >>> soma.stimulate(lo.step(start=1, duration=5, amplitude=0.4))
        >>> soma.record_spikes()
        >>> lo.simulate(soma, t_max=10).raster
        <Raster of 1 spikes>
        """
        sources_of(self._module, self._selection.compartments, threshold, source)

    def make_trainable(self, name: str, bounds: tuple[float, float] | None = None) -> None:
        """Makes a quantity trainable; see `View` for how it is shared. It starts at the mean of what it is now.

        Args:
            bounds: The smallest and the largest value that a fit may give it.

        Raises:
            UnknownNameError: A name that stands for nothing.
            ModelError: It is trained already, or lies outside of its bounds.
        """
        self._module._model.trainable(as_name(name, "the quantity"), as_bounds(bounds), self._selection)

    def data_set(self, name: str, value: Any, param_state: list[Any] | None = None) -> list[Any]:
        """As `set`, but for one run only: what it returns goes to `simulate(..., param_state=...)`.

        Args:
            value: A number, or one per compartment in view; with `lo.batch` shape (lane,) or (lane, compartment). A
                loss can be differentiated with respect to it.
            param_state: What it is added to.
        """
        if synapses := self._owners(as_name(name, "the quantity")):
            return synapses.data_set(name, value, param_state)
        return [*before(param_state, "param_state"), parameters.Setting(name, self._selection, value)]

    def data_stimulate(self, current: Any, data_stimuli: list[Any] | None = None) -> list[Any]:
        """As `stimulate`, but for one run only: what it returns goes to `simulate(..., stimuli=...)`.

        Args:
            current: A waveform, `lo.noise(...)`, or nA for every time step, shape (step,); with `lo.batch` shape (lane,
                step). A loss can be differentiated with respect to it.
            data_stimuli: What it is added to.
        """
        return [*before(data_stimuli, "data_stimuli"), parameters.Injection(self._selection, current)]

    def data_play(self, name: str, values: Any, data_plays: list[Any] | None = None) -> list[Any]:
        """As `play`, but for one run only: what it returns goes to `simulate(..., plays=...)`.

        Args:
            values: A waveform, `lo.noise(...)`, or one value for every time step, shape (step,) or (compartment, step)
                for the compartments in view that have the quantity; with `lo.batch` a lane before that. A loss can be
                differentiated with respect to it; otherwise it is held to the limits of the quantity.
            data_plays: What it is added to.

        >>> import loligo as lo
        >>> soma = lo.Compartment(length=20, radius=10)
        >>> soma.insert(lo.mechanism("pas"))
        >>> soma.record()
        >>> def last_voltage(leak):
        ...     return lo.simulate(soma, t_max=1, dt=0.1, plays=soma.data_play("pas.g", leak)).v[0, -1]
        >>> value, gradient = lo.value_and_grad(last_voltage)(np.full(10, 1e-3))
        >>> gradient.shape
        (10,)
        """
        if synapses := self._owners(as_name(name, "the quantity")):
            return synapses.data_play(name, values, data_plays)
        known = ~np.isnan(self._module._model.values(name))
        inside = self._selection.compartments
        # where there is none the engine says why not
        having = inside[known[inside]] if known[inside].any() else inside
        selection = self._module._model.select(having.tolist(), "compartment")
        return [*before(data_plays, "data_plays"), parameters.Play(selection, values, name)]

    def delete_recordings(self) -> None:
        """Forgets what is recorded in view."""
        self._module._model.delete_recordings(self._selection)

    def delete_stimuli(self) -> None:
        """Takes the stimuli out of what is in view."""
        self._module._model.delete_stimuli(self._selection)

    def delete_plays(self) -> None:
        """Lets what is played in view, and of synapses onto it, be what it is set to again."""
        self._module._model.delete_plays(self._selection)

    def delete_clamps(self) -> None:
        """Takes the clamps off what is in view."""
        self._module._model.delete_clamps(self._selection)

    def delete_trainables(self) -> None:
        """Trains nothing in view any more."""
        self._module._model.delete_trainables(self._selection)

    # what there is

    @property
    def nodes(self) -> pd.DataFrame:
        """The compartments in view as a table, made now; change the model with `set`, not by writing to it."""
        from loligo.tables import compartment_table

        return compartment_table(self._module._model, self._selection.compartments)

    @property
    def edges(self) -> pd.DataFrame:
        """The synapses onto what is in view as a table, made now: the name (`synapse`) and the number among those of
        the name (`index_in_type`), the compartments that they join (`pre`, `post`) and where those are, and every
        parameter, and state at t = 0. Change them with `set`, not by writing to the table."""
        from loligo.tables import edge_table

        return edge_table(self._module._model, self._selection.compartments)

    def synapses(self, name: str) -> Synapses:
        """The synapses of a name onto what is in view; also `network.IonotropicSynapse`.

        Raises:
            UnknownNameError: No synapse has the name.
            SelectionError: None of them is onto what is in view.
        """
        from loligo.synapses import Synapses

        post = self._module._model.joins(as_name(name, "the synapse"))[1]
        onto = np.flatnonzero(np.isin(post, self._selection.compartments))
        if post.size and not onto.size:
            raise SelectionError(f"no synapse {name} is onto what is in view")
        return Synapses(self._module, name, onto, shared=True)

    def distances(self) -> np.ndarray:
        """Path distance of every compartment in view from the soma of its cell, µm."""
        return self._module._model.distances()[self._selection.compartments]

    def morphometry(self) -> Morphometry:
        """Sizes, paths, orders and asymmetries of the branches in view, and of groups; Sholl's count of crossings.

        Raises:
            SelectionError: A part of a branch is in view.

        >>> import loligo as lo
        >>> shape = lo.datasets.ca1().morphometry()
        >>> shape
        <morphometry of 217 branches, 14438.4 µm, 22463.1 µm²>
        >>> shape.groups["tips"].to_dict()
        {'apical': 76, 'basal': 35, 'soma': 0, 'all': 111}
        """
        from loligo.morphometry import Morphometry

        return Morphometry(self)

    def plot(self, color: Color | None = None, **options: Any) -> Any:
        """Draws what is in view, in the plane or in space, in several styles; see `loligo.plots.cells.plot_cell`."""
        from loligo.plots.cells import plot_cell

        return plot_cell(self, color, **options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        model = self._module._model
        groups = [group for group, _ in model.groups()]
        mechanisms = [mechanism for mechanism, _ in model.mechanisms()]
        if name in groups:
            return self.group(name)
        if name in mechanisms:
            return self.with_mechanism(name)
        if name in model.synapse_names():
            return self._synapses_called(name)
        raise self._unknown(name)

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            object.__setattr__(self, name, value)
        except AttributeError:
            if name in dir(self):
                raise ReadOnlyError(f"`{name}` cannot be replaced; to change the model use `set`") from None
            if name in self._module.quantities:
                raise ReadOnlyError(f"`{name}` is no attribute: change it with set({name!r}, …)") from None
            raise self._unknown(name) from None

    def __dir__(self) -> Iterable[str]:
        model = self._module._model
        named = [name for name, _ in (*model.groups(), *model.mechanisms())]
        return [*super().__dir__(), *named, *model.synapse_names()]

    def __repr__(self) -> str:
        return f"<{self._level} view of {_counted(self)}>"

    def _repr_html_(self) -> str:
        from loligo.notebook import of_view

        return of_view(self)

    def _group_as(self, name: str) -> None:
        """Puts what is in view in a group, whatever it is called."""
        self._module._model.add_to_group(as_name(name, "the group"), self._selection)

    def _unknown(self, name: str) -> UnknownAttributeError:
        kind = type(self).__name__
        if name in self._module.quantities:
            return UnknownAttributeError(f"`{name}` is no attribute of a {kind}: read it with get({name!r})")
        known = [known for known in dir(self) if not known.startswith("_")]
        model = self._module._model
        named = [each for each, _ in (*model.groups(), *model.mechanisms())]
        there = ", ".join((*named, *model.synapse_names()))
        meant = did_you_mean(name, known) or (f"; its groups and mechanisms are {there}" if there else "")
        return UnknownAttributeError(f"a {kind} has no attribute, group or mechanism `{name}`{meant}")

    def _synapses_called(self, name: str) -> Any:
        """What an attribute with the name of a synapse is."""
        return self.synapses(name)

    def _owners(self, name: str) -> Synapses | None:
        """The synapses onto what is in view that a quantity belongs to, if it belongs to synapses."""
        model = self._module._model
        synapses = model.synapse_names()
        owner = model.canonical(name).partition(".")[0] if synapses else ""
        return self.synapses(owner) if owner in synapses else None

    def _view(self, selection: Selection, level: str) -> View:
        return self._module._view_class(self._module, selection, level)

    def _narrowed(self, level: str, index: indices.Index) -> View:
        model, named = self._module._model, _ENGINE_LEVEL[level]
        chosen = indices.resolved(index, model.count(self._selection, named), named)
        return self._view(model.narrow(self._selection, named, chosen), level)

    def _parts(self, level: str) -> Iterator[View]:
        cells, branches = self._module._places
        inside = self._selection.compartments
        keys = {"cell": cells, "branch": branches, "comp": np.arange(cells.size)}[level][inside]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        for part in np.split(inside, starts[1:]):
            yield self._view(self._module._model.select(part.tolist(), _ENGINE_LEVEL[level]), level)

    def __reduce__(self) -> tuple[Any, ...]:
        selection = self._selection
        return _restored, (self._module, selection.compartments.tolist(), selection.sharing, self._level)


def before(made: Any, name: str) -> list[Any]:
    """What `data_set` and its like are to add to."""
    return [] if made is None else as_list(made, name, "what such calls returned")


def along(function: Callable[[float], float], distances: np.ndarray, name: str) -> np.ndarray:
    """What a function of the distance from the soma gives at each distance (µm) for a quantity."""
    given = [function(float(distance)) for distance in distances]
    return np.array([as_float(number, f"`{name}` as a function of the distance") for number in given])


def playable(values: Any) -> Waveform:
    """What can be played in every run."""
    if isinstance(values, Noise):
        raise ArgumentTypeError(
            "noise is drawn for the time steps of a run: give it to the run, simulate(..., "
            "plays=view.data_play(name, noise)), or take noise.waveform(dt)"
        )
    return as_waveform(values)


def as_bounds(bounds: Any) -> tuple[float, float] | None:
    """A pair of bounds, the lowest and the highest, or none."""
    if bounds is None:
        return None
    numbers = as_numbers(bounds, "the pair of bounds")
    if numbers.shape != (2,):
        raise ArgumentError(f"the bounds are {bounds!r}, expected two numbers, the lowest and the highest")
    return float(numbers[0]), float(numbers[1])


def _restored(module: Module, compartments: list[int], sharing: str, level: str) -> View:
    return module._view_class(module, module._model.select(compartments, sharing), level)


def _counted(view: View) -> str:
    """`1 cell, 3 branches, 12 compartments`."""
    cells, branches = view._module._places
    inside = view._selection.compartments
    counts = (np.unique(cells[inside]).size, np.unique(branches[inside]).size, inside.size)
    names = (("cell", "cells"), ("branch", "branches"), ("compartment", "compartments"))
    return ", ".join(f"{count} {name[count != 1]}" for count, name in zip(counts, names))
