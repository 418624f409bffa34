"""Synapses of a network: views of those that there are, and three that come with Loligo."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo import indices, parameters
from loligo._engine import SynapseSelection, Waveform
from loligo.arguments import as_name
from loligo.channel import ElectricalSynapse, Synapse
from loligo.errors import ArgumentError, ArgumentTypeError, SelectionError
from loligo.view import SteadyState, along, as_bounds, before, playable
from loligo.waveforms import as_numbers

if TYPE_CHECKING:
    import pandas as pd

    from loligo.modules import Module


class Synapses:
    """Synapses of one name, with the verbs that apply to them.

    They are numbered in the order in which they were made. All of a name, or of what was connected in one call, share
    what is trained; those that an index picks have one number each. A quantity may be called by its own name (`gS`) or
    by the whole one (`IonotropicSynapse.gS`).

    >>> import loligo as lo
    >>> network = lo.Network([lo.Cell() for _ in range(3)])
    >>> lo.fully_connect(network.cell([0, 1]), network.cell(2), lo.IonotropicSynapse())
    <2 synapses IonotropicSynapse>
    >>> synapses = network.synapses("IonotropicSynapse")
    >>> synapses[1].set("gS", 2e-4)
    >>> synapses.get("gS").tolist()
    [0.0001, 0.0002]
    >>> synapses.make_trainable("gS")
    >>> network.get_parameters()
    [{'IonotropicSynapse.gS': array([0.00015])}]
    """

    __slots__ = ("_module", "_numbering", "_rows", "_shared", "name")

    def __init__(self, module: Module, name: str, numbers: np.ndarray, *, shared: bool) -> None:
        self._module = module
        self._rows = np.ascontiguousarray(numbers, dtype=np.uintp)
        self._numbering = module._model.numbering(name)
        self._shared = shared
        self.name = name

    def __getitem__(self, index: indices.Index) -> Synapses:
        """Some of these synapses: a number, a slice, a list, an array of booleans. They have a trainable number each.

        Raises:
            SelectionError: Nothing, or a number that does not exist.
        """
        count = len(self)
        chosen = indices.resolved(index, count, "synapse")
        positions = np.arange(count) if chosen is None else np.unique(np.asarray(chosen, dtype=int))
        if positions.size == 0:
            raise SelectionError("nothing is selected: the list of synapses is empty")
        if positions[-1] >= count:
            raise SelectionError(f"there is no synapse {positions[-1]}: there are {count}")
        return Synapses(self._module, self.name, self._numbers[positions], shared=False)

    def __len__(self) -> int:
        return self._rows.size

    def __iter__(self) -> Iterator[Synapses]:
        """The synapses, one after the other."""
        return (self[position] for position in range(len(self)))

    @property
    def numbers(self) -> np.ndarray:
        """Their numbers among all synapses of their name."""
        return self._numbers.astype(int)

    @property
    def pre(self) -> np.ndarray:
        """The compartments that they come from."""
        return self._module._model.joins(self.name)[0][self._numbers].astype(int)

    @property
    def post(self) -> np.ndarray:
        """The compartments that their currents flow into."""
        return self._module._model.joins(self.name)[1][self._numbers].astype(int)

    @property
    def together(self) -> Synapses:
        """The same synapses, which now share what is trained."""
        return Synapses(self._module, self.name, self._numbers, shared=True)

    def set(self, name: str, value: float | ArrayLike | Callable[[float], float] | SteadyState) -> None:
        """Sets a parameter, or a state at t = 0.

        Args:
            value: A number, one number per synapse, a function of the path distance of the postsynaptic compartment
                from the soma (µm), or `lo.steady_state` for a state.

        Raises:
            UnknownNameError: A name that is none of theirs.
            ModelError: A number that the quantity cannot have, or a list of the wrong length.
        """
        self._module._note_compiled(stacklevel=2)
        model, quantity = self._module._model, self._quantity(name)
        if isinstance(value, SteadyState):
            model.set_steady_synapses(quantity, self._selection())
            return
        if callable(value):
            value = along(value, model.distances()[self.post], name)
        numbers = as_numbers(value, f"the value of `{name}`")
        if numbers.ndim == 0:
            model.set_synapses(quantity, float(numbers), self._selection())
        elif numbers.ndim == 1:
            model.set_each_synapse(quantity, np.ascontiguousarray(numbers), self._selection())
        else:
            raise ArgumentError(f"the value of `{name}` has shape {numbers.shape}, expected one number or a list")

    def get(self, name: str) -> np.ndarray:
        """The number of a parameter, or of a state at t = 0, of each synapse."""
        return self._module._model.values(self._quantity(name))[self._numbers]

    def record(self, what: str, *, name: str | None = None) -> None:
        """Records a state (`s`) or the current (`i`, nA, outward positive) of each synapse.

        Args:
            name: What to find it by in the run; else made of the number of the synapse, such as
                `synapse[0].IonotropicSynapse.i`.

        Raises:
            UnknownNameError: A name that is none of theirs.
        """
        if name is not None:
            as_name(name, "the name of the recording")
        self._module._model.record_synapses(self._quantity(what), name, self._selection())

    def make_trainable(self, name: str, bounds: tuple[float, float] | None = None) -> None:
        """Makes a parameter, or a state at t = 0, trainable; see `Synapses` for how it is shared.

        Args:
            bounds: The smallest and the largest value that a fit may give it.

        Raises:
            UnknownNameError: A name that is none of theirs.
            ModelError: It is trained already, or lies outside of its bounds.
        """
        self._module._model.train_synapses(self._quantity(name), as_bounds(bounds), self._selection())

    def data_set(self, name: str, value: Any, param_state: list[Any] | None = None) -> list[Any]:
        """As `set`, but for one run only: what it returns goes to `simulate(..., param_state=...)`.

        Args:
            value: A number, or one per synapse; with `lo.batch` shape (lane,) or (lane, synapse). A loss can be
                differentiated with respect to it.
            param_state: What it is added to.
        """
        return [*before(param_state, "param_state"), parameters.Setting(self._quantity(name), self._selection(), value)]

    def play(self, name: str, values: Waveform | ArrayLike) -> None:
        """Lets a parameter of each synapse follow a waveform, or an array with one value per time step; see
        `View.play`."""
        self._module._note_compiled(stacklevel=2)
        self._module._model.play_synapses(self._quantity(name), playable(values), self._selection())

    def data_play(self, name: str, values: Any, data_plays: list[Any] | None = None) -> list[Any]:
        """As `play`, but for one run only: what it returns goes to `simulate(..., plays=...)`; see `View.data_play`.

        Args:
            values: A waveform, `lo.noise(...)`, or one value for every time step, shape (step,) or (synapse, step);
                with `lo.batch` a lane before that. A loss can be differentiated with respect to it.
            data_plays: What it is added to.
        """
        return [*before(data_plays, "data_plays"), parameters.Play(self._selection(), values, self._quantity(name))]

    def data_spikes(self, trains: Any, data_spikes: list[Any] | None = None) -> list[Any]:
        """Other spikes for connections that come from `lo.SpikeTrains`, for one run only: what it returns goes to
        `simulate(..., spikes=...)`.

        Args:
            trains: A `lo.SpikeTrains`, or times as it takes them: one list of times (ms) for all of these connections,
                or one for each. With `lo.batch` one such for each lane.
            data_spikes: What it is added to.

        >>> import loligo as lo
        >>> cell = lo.Cell()
        >>> cell.insert(lo.mechanism("pas"))
        >>> cell.insert(lo.mechanism("expsyn"))
        >>> network = lo.Network([cell])
        >>> synapses = network.connect(lo.SpikeTrains([5.0]), [0], lo.SpikingSynapse("expsyn", weight=0.01))
        >>> trials = [lo.SpikeTrains.poisson(100, 20, seed=seed) for seed in range(3)]
        >>> run = lo.simulate(network, t_max=20, spikes=synapses.data_spikes(lo.batch(trials)))
        >>> run.raster.lane(1).times.tolist() == trials[1].trains[0].tolist()
        True
        """
        return [*before(data_spikes, "data_spikes"), parameters.Spikes(self, trains)]

    def delete(self) -> None:
        """Deletes these synapses, what is recorded of them, and their part in what is trained.

        The rest of their name are numbered anew, in the same order, and keep their parameters, recordings and
        trainables; a number that several share stays trainable for those that are left. Views of them that were made
        before raise from then on: make them again.

        >>> import loligo as lo
        >>> network = lo.Network([lo.Cell() for _ in range(4)])
        >>> synapses = network.connect([0, 1, 2], [3, 3, 3], lo.TanhRateSynapse())
        >>> synapses.set("gS", [1.0, 2.0, 3.0])
        >>> synapses[1].delete()
        >>> network.synapses("TanhRateSynapse").get("gS").tolist()
        [1.0, 3.0]
        >>> synapses.get("gS")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        loligo.errors.SelectionError: these synapses of TanhRateSynapse were selected before some were deleted, ...
        """
        self._module._delete_synapses(self.name, self._numbers)

    def table(self) -> pd.DataFrame:
        """The synapses as a table, made now; change them with `set`, not by writing to it."""
        from loligo.tables import synapse_table

        return synapse_table(self._module._model, self.name, self.numbers)

    def __repr__(self) -> str:
        return f"<{len(self)} {'synapse' if len(self) == 1 else 'synapses'} {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self._module, self.name, self._numbers, self._shared)

    @property
    def _numbers(self) -> np.ndarray:
        """Their numbers, if these are still the numbers of the same synapses."""
        model = self._module._model
        if self.name not in model.connected_names() or model.numbering(self.name) != self._numbering:
            raise SelectionError(
                f"these synapses of {self.name} were selected before some were deleted, which numbers the rest anew; "
                "select them again"
            )
        return self._rows

    def _quantity(self, name: str) -> str:
        if not isinstance(name, str):
            raise ArgumentTypeError(f"a quantity of synapses is called by its name, not by {name!r}")
        if name.startswith(f"{self.name}."):
            return name
        # NEURON's way of saying it is understood, too
        return f"{self.name}.{name.removesuffix(f'_{self.name}')}"

    def _selection(self) -> SynapseSelection:
        return self._module._model.synapses(self.name, self._numbers, self._shared)


def _restored(module: Module, name: str, numbers: np.ndarray, shared: bool) -> Synapses:
    return Synapses(module, name, numbers, shared=shared)


class IonotropicSynapse(Synapse):
    """A synapse that opens with the presynaptic voltage (Abbott and Marder 1998): i = gS·s·(v − e_syn), with
    ds/dt = (s∞ − s)/τ, s∞ = 1/(1 + exp(−(v_pre − v_th)/delta)) and τ = (1 − s∞)/k_minus."""

    parameters: Mapping[str, tuple[float, str]] = {
        "gS": (1e-4, "uS"),
        "e_syn": (0.0, "mV"),
        "k_minus": (0.025, "1/ms"),
        "v_th": (-35.0, "mV"),
        "delta": (10.0, "mV"),
    }
    states: Mapping[str, float] = {"s": 0.2}

    def update_states(
        self, states: dict[str, Any], delta_t: Any, pre_voltage: Any, post_voltage: Any, params: dict[str, Any]
    ) -> dict[str, Any]:
        """An exact step while the presynaptic voltage stays."""
        opening = np.exp((pre_voltage - params["v_th"]) / params["delta"])
        # s∞ is opening/(1 + opening), and 1/τ is k_minus·(1 + opening), which stays finite where τ goes to 0
        steady = 1 / (1 + np.exp((params["v_th"] - pre_voltage) / params["delta"]))
        left = np.exp(-delta_t * params["k_minus"] * (1 + opening))
        return {"s": steady + (states["s"] - steady) * left}

    def compute_current(
        self, states: dict[str, Any], pre_voltage: Any, post_voltage: Any, params: dict[str, Any]
    ) -> Any:
        """Into the postsynaptic compartment, nA, outward positive."""
        return params["gS"] * states["s"] * (post_voltage - params["e_syn"])


class TanhRateSynapse(Synapse):
    """A synapse between units of a rate model: i = −gS·tanh((v_pre − x_offset)·slope)."""

    parameters: Mapping[str, tuple[float, str]] = {
        "gS": (1e-4, "nA"),
        "x_offset": (-70.0, "mV"),
        "slope": (1.0, "1/mV"),
    }

    def compute_current(
        self, states: dict[str, Any], pre_voltage: Any, post_voltage: Any, params: dict[str, Any]
    ) -> Any:
        """Into the postsynaptic compartment, nA, outward positive."""
        return -params["gS"] * np.tanh((pre_voltage - params["x_offset"]) * params["slope"])


class TanhConductanceSynapse(Synapse):
    """A conductance that follows the presynaptic voltage at once: i = gS·tanh((v_pre − x_offset)·slope)·(v − e_syn)."""

    parameters: Mapping[str, tuple[float, str]] = {
        "gS": (1e-4, "uS"),
        "x_offset": (-70.0, "mV"),
        "slope": (1.0, "1/mV"),
        "e_syn": (0.0, "mV"),
    }

    def compute_current(
        self, states: dict[str, Any], pre_voltage: Any, post_voltage: Any, params: dict[str, Any]
    ) -> Any:
        """Into the postsynaptic compartment, nA, outward positive."""
        opened = np.tanh((pre_voltage - params["x_offset"]) * params["slope"])
        return params["gS"] * opened * (post_voltage - params["e_syn"])


class GapJunction(ElectricalSynapse):
    """A conductance between two compartments: i = g·(v − v_pre), solved for together with the cells.

    `g` is 0.1 nS until it is set. One synapse joins both sides; do not connect back.

    >>> import loligo as lo
    >>> network = lo.Network([lo.Cell(), lo.Cell()])
    >>> network.connect(network.cell(0), network.cell(1), lo.GapJunction()).set("g", 1e-3)
    >>> network.cell(0).set("v", -60.0)
    >>> network.cell(1).set("v", -70.0)
    >>> network.record("v")
    >>> run = lo.simulate(network, t_max=1000.0, dt=0.1)
    >>> [round(float(v[-1]), 6) for v in run.v]
    [-65.0, -65.0]
    """

    parameters: Mapping[str, tuple[float, str]] = {"g": (1e-4, "uS")}

    def compute_conductance(
        self, states: dict[str, Any], pre_voltage: Any, post_voltage: Any, params: dict[str, Any]
    ) -> Any:
        """`g`, µS."""
        return params["g"]


CLASSES = {kind.__name__: kind for kind in (GapJunction, IonotropicSynapse, TanhConductanceSynapse, TanhRateSynapse)}
"""What the catalogue of the library says is written here."""
