"""Channels, pumps and synapses that are written in Python, as classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from loligo._engine import Mechanism
from loligo.arguments import as_identifier
from loligo.errors import ArgumentError, TracingError
from loligo.tracing import Description, Entries, Inputs, Number, traced
from loligo.tracing.declarations import names_in, numbers_in, with_unit
from loligo.tracing.methods import source_of
from loligo.tracing.number import position
from loligo.tracing.synapse import TracedSynapse

_EVERYWHERE = {
    **{name: name for name in ("celsius", "diam", "area", "radius", "length", "dt")},
    "capacitance": "cm",
    "axial_resistivity": "Ra",
}
"""What every channel can read beside its parameters (°C, µm, µm², µm, µm, ms, µF/cm², Ω·cm), and the symbols for it."""

_TAKEN = ("v", "t", "axial", *_EVERYWHERE, *_EVERYWHERE.values())


class Channel:
    """A channel of yours: a subclass says what it has, and how it behaves.

    Its methods are called once, with numbers that are not known yet, and what they do with them is compiled: use
    NumPy's functions (or those of `jax.numpy`), and `np.where` in the place of `if`. Gradients follow from that.

    Args:
        name: What it is inserted as; the name of the class if left out.

    Attributes:
        parameters: What can be set, and the defaults: numbers, or pairs of a number and its unit.
        states: The names of what evolves; as a dictionary with values at t = 0 for those that `init_state` leaves out.
        ions: The ions whose numbers it reads or writes; as a dictionary with their charges.
        current_name: What the current is called: `ik` is carried by the ion `k`.
        spike_state: The state that is 1 in every step in which the neuron spikes, and 0 in others, if the channel makes
            an integrate-and-fire neuron of its compartment: `record_spikes` and connections follow it, and not the
            voltage.

    >>> import loligo as lo
    >>> import numpy as np
    >>> class Km(lo.Channel):
    ...     '''Slow potassium channel of Pospischil et al. (2008).'''
    ...     parameters = {"gbar": (4e-6, "S/cm2"), "taumax": (4000.0, "ms")}
    ...     states = ["p"]
    ...     ions = ["k"]
    ...     current_name = "ik"
    ...
    ...     def steady(self, v):
    ...         return 1 / (1 + np.exp(-(v + 35) / 10))
    ...
    ...     def init_state(self, states, v, params, delta_t):
    ...         return {"p": self.steady(v)}
    ...
    ...     def derivatives(self, states, v, params):
    ...         tau = params["taumax"] / (3.3 * np.exp((v + 35) / 20) + np.exp(-(v + 35) / 20))
    ...         return {"p": (self.steady(v) - states["p"]) / tau}
    ...
    ...     def compute_current(self, states, v, params):
    ...         return params["gbar"] * states["p"] * (v - params["ek"])
    >>> cell = lo.Cell()
    >>> cell.insert(Km())
    >>> cell.set("Km.gbar", 1e-4)
    >>> print(Km().mechanism.report().splitlines()[5])
      k: reads ek; writes ik
    """

    parameters: Mapping[str, float | tuple[float, str]] = {}
    states: Sequence[str] | Mapping[str, float] = ()
    ions: Sequence[str] | Mapping[str, int] = ()
    current_name: str = "i"
    spike_state: str | None = None

    def __init__(self, name: str | None = None) -> None:
        self.name = type(self).__name__ if name is None else as_identifier(name, f"the name of {type(self).__name__}()")

    def init_state(self, states: dict[str, Any], v: Any, params: dict[str, Any], delta_t: Any) -> dict[str, Any]:
        """States at t = 0 for the initial voltage, mV. No state has a value yet."""
        return {}

    def derivatives(self, states: dict[str, Any], v: Any, params: dict[str, Any]) -> dict[str, Any]:
        """The rate of change of each state, 1/ms. Write this or `update_states`.

        The engine chooses the step: exact where a rate is linear in its state, else implicit; states whose rates depend
        on each other are stepped together. The rate of a concentration of an ion (`cai`, mM/ms) changes what all
        mechanisms of the compartment see.

        Args:
            params: Parameters, numbers of ions (`ek`, `cai`, `cao`, and `ica`, mA/cm², of the last step), `celsius`,
                `diam`, `radius`, `length` (µm), `area` (µm²), `capacitance` (µF/cm²), `axial_resistivity` (Ω·cm).
        """
        raise NotImplementedError

    def update_states(self, states: dict[str, Any], dt: Any, v: Any, params: dict[str, Any]) -> dict[str, Any]:
        """States after a step of `dt` ms, as you compute them; those that are left out stay.

        Under `v` a channel may return the voltage, mV, if it moves it (a reset, say). Currents are those at the moved
        voltage, and runs then need backward Euler.
        """
        raise NotImplementedError

    def compute_current(self, states: dict[str, Any], v: Any, params: dict[str, Any]) -> Any:
        """The current, mA/cm², outward positive; or a dictionary of currents by name."""
        raise NotImplementedError(f"{type(self).__name__} has no compute_current")

    @cached_property
    def mechanism(self) -> Mechanism:
        """The compiled mechanism.

        Raises:
            TracingError: A method cannot be traced; the message says which line and why.
            ArgumentError: What the class declares contradicts itself.
        """
        return _Tracer(self).description().mechanism()

    def __repr__(self) -> str:
        return f"<channel {self.name}>"


class Pump(Channel):
    """A pump or a pool of yours: it changes concentrations of ions and carries no current.

    >>> import loligo as lo
    >>> class Pool(lo.Pump):
    ...     '''Calcium under the membrane (Destexhe et al. 1993).'''
    ...     parameters = {"depth": (0.1, "um"), "decay": (80.0, "ms"), "resting": (1e-4, "mM")}
    ...     ions = {"ca": 2}
    ...
    ...     def derivatives(self, states, v, params):
    ...         inflow = -10 * params["ica"] / (2 * 96485.0 * params["depth"]) * 1e3
    ...         return {"cai": inflow - (params["cai"] - params["resting"]) / params["decay"]}
    >>> Pool().mechanism.report().splitlines()[0]
    'Pool: density mechanism'
    """

    def compute_current(self, states: dict[str, Any], v: Any, params: dict[str, Any]) -> dict[str, Any]:
        """It carries none."""
        return {}


class Synapse:
    """A synapse of yours: a function of the voltages on both sides, in every time step (a graded synapse).

    Its methods are called once, as those of a `Channel` are, and what they do is compiled. Make synapses with
    `network.connect(pre, post, synapse)`.

    Args:
        name: What the network knows it by; the name of the class if left out.

    Attributes:
        parameters: What can be set, and the defaults: numbers, or pairs of a number and its unit.
        states: What evolves, and the values at t = 0.

    >>> import loligo as lo
    >>> import numpy as np
    >>> class Graded(lo.Synapse):
    ...     parameters = {"gmax": (1e-4, "uS"), "e": (0.0, "mV")}
    ...     states = {"s": 0.0}
    ...
    ...     def derivatives(self, states, pre_voltage, post_voltage, params):
    ...         steady = 1 / (1 + np.exp(-(pre_voltage + 35) / 10))
    ...         return {"s": (steady - states["s"]) / 5}
    ...
    ...     def compute_current(self, states, pre_voltage, post_voltage, params):
    ...         return params["gmax"] * states["s"] * (post_voltage - params["e"])
    >>> rates, current = Graded().traced.evaluate({"s": 0.25, "v_post": -70.0, "v_pre": -35.0})
    >>> float(rates["s"]), float(current)
    (0.05, -0.00175)
    >>> network = lo.Network([lo.Cell(), lo.Cell()])
    >>> network.connect(network.cell(0), network.cell(1), Graded())
    <1 synapse Graded>
    """

    parameters: Mapping[str, float | tuple[float, str]] = {}
    states: Mapping[str, float] = {}

    def __init__(self, name: str | None = None) -> None:
        self.name = type(self).__name__ if name is None else as_identifier(name, f"the name of {type(self).__name__}()")

    def derivatives(
        self, states: dict[str, Any], pre_voltage: Any, post_voltage: Any, params: dict[str, Any]
    ) -> dict[str, Any]:
        """The rate of change of each state, 1/ms. Write this or `update_states`.

        The engine chooses the step: exact where a rate is linear in its state, else implicit; states whose rates depend
        on each other are stepped together.

        Args:
            pre_voltage: That of the compartment that the synapse comes from, mV.
            post_voltage: That of the compartment that its current flows into, mV.
            params: Parameters, and `celsius`.
        """
        raise NotImplementedError

    def update_states(
        self, states: dict[str, Any], delta_t: Any, pre_voltage: Any, post_voltage: Any, params: dict[str, Any]
    ) -> dict[str, Any]:
        """States after a step of `delta_t` ms, as you compute them; those that are left out stay."""
        return {}

    def compute_current(
        self, states: dict[str, Any], pre_voltage: Any, post_voltage: Any, params: dict[str, Any]
    ) -> Any:
        """The current into the postsynaptic cell, nA, outward positive."""
        raise NotImplementedError(f"{type(self).__name__} has no compute_current")

    @cached_property
    def traced(self) -> TracedSynapse:
        """The synapse, traced.

        Raises:
            TracingError: A method cannot be traced; the message says which line and why.
            ArgumentError: What the class declares contradicts itself.
        """
        kind = type(self)
        is_rate = kind.derivatives is not Synapse.derivatives
        if is_rate and kind.update_states is not Synapse.update_states:
            raise ArgumentError(f"{kind.__name__} has both derivatives and update_states, expected one of them")
        rates = self.derivatives if is_rate else None
        parameters = numbers_in(self.parameters, "parameters", kind.__name__)
        states = numbers_in(self.states, "states", kind.__name__)
        return TracedSynapse.of(self, self.name, parameters, states, rates=rates, conductance=self._conductance)

    @property
    def _conductance(self) -> Callable[..., Any] | None:
        """What couples both sides, if the synapse is electrical."""
        return None

    @cached_property
    def mechanism(self) -> Mechanism:
        """The compiled mechanism.

        Raises:
            TracingError: A method cannot be traced; the message says which line and why.
            ArgumentError: What the class declares contradicts itself.
        """
        return self.traced.mechanism

    def __repr__(self) -> str:
        return f"<synapse {self.name}>"


class ElectricalSynapse(Synapse):
    """A gap junction of yours: a conductance between two compartments, which are solved together.

    Say what the conductance is in `compute_conductance`; its states are those of any `Synapse`. In a time step the
    conductance is that of the voltages as the step begins, and the voltages of all cells that junctions join are
    solved for at once: no side lags behind the other. The current, recorded as `i`, flows out of the postsynaptic
    compartment and into the presynaptic one.

    >>> import loligo as lo
    >>> import numpy as np
    >>> class Closing(lo.ElectricalSynapse):
    ...     '''It closes where the voltages part (in the manner of Vogel and Weingart 1998).'''
    ...     parameters = {"g": (1e-3, "uS"), "width": (30.0, "mV")}
    ...
    ...     def compute_conductance(self, states, pre_voltage, post_voltage, params):
    ...         parted = (post_voltage - pre_voltage) / params["width"]
    ...         return params["g"] / (1 + parted**2)
    >>> network = lo.Network([lo.Cell(), lo.Cell()])
    >>> network.connect(network.cell(0), network.cell(1), Closing())
    <1 synapse Closing>
    """

    def compute_conductance(
        self, states: dict[str, Any], pre_voltage: Any, post_voltage: Any, params: dict[str, Any]
    ) -> Any:
        """The conductance between both sides, µS."""
        raise NotImplementedError(f"{type(self).__name__} has no compute_conductance")

    def compute_current(
        self, states: dict[str, Any], pre_voltage: Any, post_voltage: Any, params: dict[str, Any]
    ) -> Any:
        """What flows out of the postsynaptic compartment, nA."""
        conductance = self.compute_conductance(states, pre_voltage, post_voltage, params)
        return conductance * (post_voltage - pre_voltage)

    @property
    def _conductance(self) -> Callable[..., Any]:
        return self.compute_conductance


class _Tracer:
    """Calls the methods of a channel once, and describes what they do."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.kind = type(channel)
        self.entries = Entries()
        kind = self.kind.__name__
        ions = names_in(channel.ions, "ions", kind)
        self.ions = dict(channel.ions) if isinstance(channel.ions, Mapping) else dict.fromkeys(ions)
        parameters = numbers_in(channel.parameters, "parameters", kind)
        self.parameters = {name: with_unit(name, value) for name, value in parameters.items()}
        self.states = names_in(channel.states, "states", kind)
        self.reads: list[str] = []
        self._check_names()

    def description(self) -> Description:
        """The mechanism."""
        rates, together = self._evolution()
        starts = self._starts()
        currents = self._currents()
        described = Description(self.channel.name, source_of(self.kind), self.entries.rows, self.entries.systems)
        described.parameters = [(name, value, unit) for name, (value, unit) in self.parameters.items()]
        is_rate = self._is_overridden("derivatives")
        for name in self.states:
            still = self.entries.constant(0.0) if is_rate else self.entries.symbol(name)
            described.states.append((name, starts[name], is_rate, rates.get(name, still)))
        shared = [name for name in rates if name not in self.states]
        described.shared = [(name, None, is_rate, rates[name]) for name in shared]
        described.solves = [(names, is_rate) for names in together]
        described.spikes = self._spike_state()
        described.currents = [(name, self._carrier(name), density) for name, density in currents.items()]
        for ion, charge in self.ions.items():
            own = _numbers_of(ion)
            reads = [name for name in dict.fromkeys(self.reads) if name in own and name not in shared]
            writes = [name for name in (*shared, *currents) if name in own]
            described.ions.append((ion, reads, writes, charge))
        return described

    def _spike_state(self) -> str | None:
        state = self.channel.spike_state
        if state is not None and state not in self.states:
            known = ", ".join(self.states) or "none"
            raise ArgumentError(
                f"the spike_state of {self.kind.__name__} is `{state}`, expected a state; it has {known}"
            )
        return state

    def _evolution(self) -> tuple[dict[str, int], list[list[str]]]:
        """Rates or next values by name, and which are stepped together."""
        v, dt = self._number("v"), self._number("dt")
        is_rate, is_update = self._is_overridden("derivatives"), self._is_overridden("update_states")
        if is_rate and is_update:
            raise ArgumentError(f"{self.kind.__name__} has both derivatives and update_states, expected one of them")
        if not is_rate and not is_update:
            if self.states:
                raise ArgumentError(f"{self.kind.__name__} has states, but neither derivatives nor update_states")
            return {}, []
        if is_rate:
            found = traced(self.channel.derivatives, self.entries, self._states(), v, self._parameters())
        else:
            found = traced(self.channel.update_states, self.entries, self._states(), dt, v, self._parameters())
        method = "derivatives" if is_rate else "update_states"
        moves = ["v"] if is_update else []
        placed = self._placed(found, method, [*self.states, *self._concentrations(), *moves])
        if is_update:
            return placed, [list(placed)] if placed else []
        if missing := [name for name in self.states if name not in placed]:
            raise TracingError(f"{method} of {self.kind.__name__} leaves out the state `{missing[0]}`")
        return placed, [group for group in self.entries.coupled(placed) if len(group) > 1]

    def _starts(self) -> dict[str, int]:
        """The states at t = 0."""
        none = Inputs({}, "states, none of which has a value at t = 0")
        init = self.channel.init_state
        found = traced(init, self.entries, none, self._number("v"), self._parameters(), self._number("dt"))
        starts = self._placed(found, "init_state", self.states)
        given = self.channel.states if isinstance(self.channel.states, Mapping) else {}
        for name in self.states:
            if name in starts:
                continue
            if name not in given:
                raise ArgumentError(
                    f"the state `{name}` of {self.kind.__name__} has no value at t = 0: return it from init_state, or "
                    f'declare it with one, states = {{"{name}": 0.0}}'
                )
            starts[name] = self.entries.constant(with_unit(name, given[name])[0])
        return starts

    def _currents(self) -> dict[str, int]:
        compute = self.channel.compute_current
        found = traced(compute, self.entries, self._states(), self._number("v"), self._parameters())
        if not isinstance(found, Mapping):
            found = {self.channel.current_name: found}
        return self._placed(found, "compute_current", None)

    def _placed(self, found: Any, method: str, known: list[str] | None) -> dict[str, int]:
        where = f"{method} of {self.kind.__name__}"
        if not isinstance(found, Mapping):
            raise TracingError(f"{where} returned {found!r}, expected a dictionary by name")
        for name in found:
            if known is not None and name not in known:
                raise TracingError(f"{where} returned `{name}`, expected {', '.join(known) or 'nothing'}")
        return {name: position(self.entries, value) for name, value in found.items()}

    def _states(self) -> Inputs:
        return Inputs({name: self._number(name) for name in self.states}, "states")

    def _parameters(self) -> Inputs:
        numbers = {name: self._number(name) for name in self.parameters}
        return Inputs(numbers, "parameters (see `parameters` and `ions` of the class)", self._further)

    def _further(self, name: str) -> Number | None:
        """A number of an ion, or of the compartment."""
        if name in _EVERYWHERE:
            return self._number(_EVERYWHERE[name])
        if any(name in _numbers_of(ion) for ion in self.ions):
            self.reads.append(name)
            return self._number(name)
        return None

    def _number(self, symbol: str) -> Number:
        return Number(self.entries, self.entries.symbol(symbol))

    def _concentrations(self) -> list[str]:
        return [name for ion in self.ions for name in _numbers_of(ion)[:3]]

    def _carrier(self, current: str) -> str | None:
        return current[1:] if current.startswith("i") and current[1:] in self.ions else None

    def _is_overridden(self, method: str) -> bool:
        return getattr(self.kind, method) is not getattr(Channel, method)

    def _check_names(self) -> None:
        ions = [name for ion in self.ions for name in _numbers_of(ion)]
        for name in (*self.parameters, *self.states):
            if name in _TAKEN or name in ions:
                raise ArgumentError(f"`{name}` of {self.kind.__name__} is a name that means something else")
        if twice := set(self.parameters) & set(self.states):
            raise ArgumentError(f"`{twice.pop()}` of {self.kind.__name__} is both a parameter and a state")


def _numbers_of(ion: str) -> tuple[str, str, str, str]:
    """Concentrations inside and outside, reversal potential, current."""
    return f"{ion}i", f"{ion}o", f"e{ion}", f"i{ion}"
