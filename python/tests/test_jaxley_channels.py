"""Channels and pumps written with Jaxley's methods: sharing, order and steps are Jaxley's."""

import pickle
import re
from functools import cache
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxley_values import Jaxley, jaxley_or_door
from test_gradients import agrees, smooth

import loligo as lo
import loligo.jaxley

TOLERANCE = 1e-8
"""mV; see test_jaxley_parity."""


@pytest.fixture(autouse=True)
def double_precision() -> None:
    """For the channels that are written with JAX, which computes in single precision unless it is told."""
    jax.config.update("jax_enable_x64", True)


# Jaxley's class where it is live: the door runs what is derived from it, too
Channel = jaxley_or_door().channels.Channel


class CalciumCurrent(Channel):
    """A calcium channel that reads its reversal potential as a state, and is slowed down by the potassium current."""

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.channel_params = {f"{self.name}_g": 2e-3, "shift": 3.0}
        self.channel_states = {f"{self.name}_m": 0.1, "eCa": 100.0}
        self.current_name = "i_Ca"

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        steady = 1 / (1 + jnp.exp(-(v + 30 - params["shift"]) / 6))
        tau = 2.0 + jnp.abs(states["i_K"]) * 100
        m = states[f"{self.name}_m"]
        return {f"{self.name}_m": m + (steady - m) * (1 - jnp.exp(-dt / tau))}

    def compute_current(self, states: dict, v: Any, params: dict) -> Any:
        return params[f"{self.name}_g"] * states[f"{self.name}_m"] ** 2 * (v - states["eCa"])

    def init_state(self, states: dict, v: Any, params: dict, delta_t: Any) -> dict:
        return {f"{self.name}_m": 1 / (1 + jnp.exp(-(v + 30 - params["shift"]) / 6))}


class Calmodulin(Channel):
    """Two shared states that no ion has, one of them read by the next channel."""

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.channel_params = {f"{self.name}_k": 50.0}
        self.channel_states = {"CaM": 0.2, "CaCon_i": 5e-5, "celsius": 1.0}
        self.current_name = "i_none"

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        bound = states["CaCon_i"] * params[f"{self.name}_k"] * 100
        return {"CaM": states["CaM"] + dt * (bound - states["CaM"]) / 5, "celsius": states["celsius"] * 0.999}

    def compute_current(self, states: dict, v: Any, params: dict) -> float:
        return 0.0


class Gated(Channel):
    """A potassium channel that the shared states open."""

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.channel_params = {f"{self.name}_g": 1e-3, "eK": -85.0, "shift": 3.0}
        self.channel_states = {"CaM": 0.2, "celsius": 1.0}
        self.current_name = "i_K"

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        return {}

    def compute_current(self, states: dict, v: Any, params: dict) -> Any:
        size = params["radius"] * params["length"] / 10
        return (
            params[f"{self.name}_g"] * states["CaM"] * states["celsius"] * size * (v - params["eK"] + params["shift"])
        )


class Store(Channel):
    """Shared numbers that are called as an ion of its current would be."""

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.channel_params = {f"{self.name}_g": 1e-4, "Cao": 2.0}
        self.channel_states = {"Cai": 1e-3, "eCa": 100.0}
        self.current_name = "iCa"

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        return {
            "Cai": states["Cai"] - dt * 0.01 * states["iCa"],
            "eCa": 13.0 * jnp.log(params["Cao"] / states["Cai"]),
        }

    def compute_current(self, states: dict, v: Any, params: dict) -> Any:
        return params[f"{self.name}_g"] * (v - states["eCa"])


def test_shared_numbers_may_be_called_as_those_of_an_ion(jaxley: Jaxley) -> None:
    """As in the channels of Fohlmeister and Miller, whose calcium the published retina records."""

    def script(jx: ModuleType) -> Any:
        cell = jx.Cell(jx.Branch(jx.Compartment(), 2), parents=[-1])
        cell.insert(Store())
        cell.set("Cai", 2e-3)
        cell.branch(0).comp(1).set("Cao", 5.0)
        for name in ("Cai", "eCa", "iCa", "v"):
            cell.record(name, verbose=False)
        state = cell.branch(0).comp(0).data_set("Cai", 4e-3, None)
        return np.asarray(jx.integrate(cell, param_state=state, t_max=3.0))

    jaxley.agrees(script, rtol=TOLERANCE)
    assert np.ptp(script(loligo.jaxley)[0]) > 1e-5


WHOLE = ("v", "CaCon_i", "eCa", "CaM", "celsius", "CalciumCurrent_m", "i_Ca", "i_K", "second_m")


def pool(jx: ModuleType) -> Any:
    """Everything that compartments share: written and built-in channels, two pumps of one ion, a renamed channel."""
    cell = jx.Cell(jx.Branch(jx.Compartment(), 2), parents=[-1, 0])
    made = [Gated(), CalciumCurrent(), jx.channels.K(), jx.channels.Leak(), Calmodulin(), CalciumCurrent("x")]
    made.append(made.pop().change_name("second"))
    pumps = [jx.pumps.CaPump(), jx.pumps.CaFaradayConcentrationChange(), jx.pumps.CaNernstReversal()]
    for mechanism in (*made[:3], *pumps, *made[3:]):
        cell.insert(mechanism)
    cell.set("axial_resistivity", 500.0)
    cell.branch(0).set("radius", 1.5)
    cell.branch(1).set("shift", 1.0)
    cell.branch(1).set("CaCon_i", 2e-4)
    cell.branch(0).comp(0).stimulate(jx.step_current(1.0, 15.0, 0.02, 0.025, 20.0), verbose=False)
    return cell


def test_what_compartments_share_is_shared_as_in_jaxley(jaxley: Jaxley) -> None:
    @cache
    def runs(jx: ModuleType) -> dict[str, np.ndarray]:
        cell = pool(jx)
        for name in WHOLE:
            cell.branch(1).comp(1).record(name, verbose=False)
        return dict(zip(WHOLE, np.asarray(jx.integrate(cell, t_max=20.0)), strict=True))

    for name, run in runs(loligo.jaxley).items():
        scale = np.maximum(np.abs(run).max(), 1e-12)
        jaxley.agrees(lambda jx, name=name: runs(jx)[name], atol=TOLERANCE * np.minimum(scale, 1.0))
        assert np.isfinite(run).all()
    assert np.ptp(runs(loligo.jaxley)["v"]) > 5
    assert np.ptp(runs(loligo.jaxley)["CaCon_i"]) > 1e-4


def test_states_are_initialised_as_in_jaxley(jaxley: Jaxley) -> None:
    def started(jx: ModuleType) -> dict[str, np.ndarray]:
        cell = pool(jx)
        cell.branch(1).set("v", -40.0)
        cell.init_states()
        names = ("CalciumCurrent_m", "second_m", "K_n", "CaM", "CaCon_i", "eCa")
        return {name: cell.get(name) if jx is loligo.jaxley else cell.nodes[name].to_numpy() for name in names}

    jaxley.agrees(started, rtol=1e-12)


POINT_NEURONS = {
    "Fire": (("Fire", "Leak"), 0.05, ("v", "Fire_spikes")),
    "Izhikevich": (("Izhikevich",), 0.06, ("v", "Izhikevich_u")),
    "Rate": (("Rate",), 0.05, ("v",)),
    "AdEx": (("AdEx",), 0.5, ("v", "AdEx_w", "AdEx_spikes")),
}


def recorded_point_neuron(jx: ModuleType, name: str, channels: ModuleType) -> np.ndarray:
    """A run of such a neuron: its voltage, and what else it has."""
    neuron = point_neuron(jx, name, channels)
    for what in POINT_NEURONS[name][2]:
        neuron.record(what, verbose=False)
    return np.asarray(jx.integrate(neuron))


def point_neuron(jx: ModuleType, name: str, channels: ModuleType) -> Any:
    """A neuron of `jx` under a current, with classes that `channels` has."""
    kinds, amplitude, _ = POINT_NEURONS[name]
    neuron = jx.Compartment()
    for kind in kinds:
        neuron.insert(getattr(channels, kind)())
    neuron.set("capacitance", 200.0 if name == "AdEx" else 1.0)
    if name == "Izhikevich":
        neuron.init_states()
    neuron.stimulate(jx.step_current(2.0, 15.0, amplitude, 0.025, 20.0), verbose=False)
    return neuron


@pytest.mark.filterwarnings("ignore:.*surrogate")
@pytest.mark.parametrize("name", POINT_NEURONS)
def test_channels_may_move_the_voltage(name: str, jaxley: Jaxley) -> None:
    ours = jaxley.agrees(lambda jx: recorded_point_neuron(jx, name, jx.channels), atol=TOLERANCE)
    assert np.ptp(ours[0]) > 5
    assert np.isfinite(ours).all()


@pytest.mark.live_jaxley
@pytest.mark.filterwarnings("ignore:.*surrogate")
@pytest.mark.parametrize("name", POINT_NEURONS)
def test_channels_of_jaxley_may_move_the_voltage_of_the_door(name: str, jaxley: Jaxley) -> None:
    theirs, ours = (recorded_point_neuron(jx, name, jaxley.module.channels) for jx in (jaxley.module, loligo.jaxley))
    assert np.ptp(theirs[0]) > 5
    assert np.abs(ours - theirs).max() < TOLERANCE


TRAINED = {
    "Fire": ("Fire_vreset", "Leak_gLeak", "v"),
    "Izhikevich": ("Izhikevich_a", "Izhikevich_c", "Izhikevich_d", "Izhikevich_u", "v"),
    "Rate": ("Rate_tau", "v"),
    "AdEx": ("AdEx_g_L", "AdEx_v_T", "AdEx_delta_T", "AdEx_tau_w", "AdEx_a", "AdEx_b", "AdEx_w", "capacitance"),
}


@pytest.mark.filterwarnings("ignore:.*surrogate")
@pytest.mark.parametrize("name", POINT_NEURONS)
def test_gradients_of_neurons_that_spike_are_those_of_jaxley(name: str, jaxley: Jaxley) -> None:
    """Jaxley has no surrogates: its gradients, too, do not see what was before a reset."""

    def gradient(jx: ModuleType) -> Any:
        neuron = point_neuron(jx, name, jx.channels)
        neuron.record(verbose=False)
        for trained in TRAINED[name]:
            neuron.make_trainable(trained, init_val=1.0 if trained == "AdEx_b" else None, verbose=False)

        def loss(parameters: Any) -> Any:
            voltages = jx.integrate(neuron, params=parameters)
            # the recording ends a few steps after a reset, so that something is left to see
            return (voltages[:, ::7] ** 2).mean()

        differentiate = lo.grad if jx is loligo.jaxley else jax.grad
        return differentiate(loss)(neuron.get_parameters())

    jaxley.agrees(gradient, rtol=1e-6, atol=1e-9)


def test_neurons_of_the_door_take_surrogates() -> None:
    """With one the gradient of the spikes is that of the native neuron, and the run is the same."""
    runs, gradients = [], []
    for surrogate in ({}, {"surrogate": "arctan", "width": 2.0}):
        neuron = loligo.jaxley.Compartment()
        neuron.insert(loligo.jaxley.channels.Fire(**surrogate))
        neuron.insert(loligo.jaxley.channels.Leak())
        neuron.stimulate(loligo.jaxley.step_current(2.0, 15.0, 0.05, 0.025, 20.0), verbose=False)
        neuron.record("Fire_spikes", verbose=False)
        neuron.make_trainable("Fire_vth", verbose=False)
        runs.append(loligo.jaxley.integrate(neuron))
        loss = lambda parameters, neuron=neuron: loligo.jaxley.integrate(neuron, params=parameters).sum()  # noqa: E731
        gradients.append(lo.grad(loss)(neuron.get_parameters())[0]["Fire_vth"])
    np.testing.assert_array_equal(*runs)
    assert runs[0].sum() > 1
    assert gradients[0] == 0
    assert gradients[1] < 0


def test_voltages_that_channels_move_need_backward_euler() -> None:
    neuron = loligo.jaxley.Compartment()
    neuron.insert(loligo.jaxley.channels.Fire())
    neuron.record(verbose=False)
    with pytest.raises(lo.errors.ModelError, match=r"`Fire` moves the voltage .* use backward Euler"):
        loligo.jaxley.integrate(neuron, t_max=1.0, solver="crank_nicolson")


@pytest.mark.parametrize("name", ["Calmodulin_k", "CaCon_i", "CaM", "shift", "second_g", "CaPump_decay", "eCa", "i0"])
def test_gradients_go_through_all_that_is_shared(name: str) -> None:
    """Against differences, 1e-6, norm-wise, best of a sweep of steps."""
    cell = pool(loligo.jaxley)
    cell.branch(1).comp(1).record("v", verbose=False)
    if name == "i0":
        name = "CalciumCurrent_m"
    cell.branch("all").make_trainable(name, verbose=False)
    start = cell.get_parameters()[0][name]

    def loss(x: Any) -> Any:
        return smooth(loligo.jaxley.integrate(cell, params=[{name: x * start}], t_max=5.0))

    agrees(loss, np.ones(len(start)))


@pytest.mark.parametrize("name", ["Izhikevich_a", "Izhikevich_d", "Izhikevich_u", "v", "capacitance"])
def test_gradients_go_through_voltages_that_channels_move(name: str) -> None:
    """Between resets a run is smooth, and differences too small to move a reset to another step see its slope."""
    neuron = loligo.jaxley.Compartment()
    neuron.insert(loligo.jaxley.channels.Izhikevich())
    neuron.stimulate(loligo.jaxley.step_current(2.0, 15.0, 0.06, 0.025, 20.0), verbose=False)
    neuron.record(verbose=False)
    neuron.make_trainable(name, init_val=1.0 if name == "Izhikevich_u" else None, verbose=False)
    start = neuron.get_parameters()[0][name]
    assert loligo.jaxley.integrate(neuron).max() > 25

    def loss(x: Any) -> Any:
        return smooth(loligo.jaxley.integrate(neuron, params=[{name: x * start}]))

    agrees(loss, np.ones(1))


class Squid(loligo.jaxley.channels.Channel):
    """Potassium of Hodgkin and Huxley, with the door's class and NumPy."""

    numpy: Any = np

    def __init__(self, name: str | None = None) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.channel_params = {f"{self.name}_g": 0.036, "eK": -77.0}
        self.channel_states = {f"{self.name}_n": 0.2}
        self.current_name = "i_K"

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        alpha = 0.1 * loligo.jaxley.solver_gate.save_exp(0.0) * (v + 55) / 10 / (1 - self.numpy.exp(-(v + 55) / 10))
        beta = 0.125 * self.numpy.exp(-(v + 65) / 80)
        step = loligo.jaxley.solver_gate.solve_gate_exponential
        return {f"{self.name}_n": step(states[f"{self.name}_n"], dt, alpha, beta)}

    def compute_current(self, states: dict, v: Any, params: dict) -> Any:
        return params[f"{self.name}_g"] * states[f"{self.name}_n"] ** 4 * (v - params["eK"])


class SquidInJax(Squid):
    numpy = jnp


def test_numpy_and_jax_give_the_same_bits_and_modules_pickle() -> None:
    runs = []
    for kind in (Squid, SquidInJax):
        cell = loligo.jaxley.Cell(loligo.jaxley.Branch(ncomp=2), parents=[-1, 0])
        cell.insert(kind("Squid"))
        cell.record("v", verbose=False)
        cell.branch(0).record("i_K", verbose=False)
        runs.append(loligo.jaxley.integrate(cell, t_max=10.0))
        again = pickle.loads(pickle.dumps(cell))
        assert np.array_equal(loligo.jaxley.integrate(again, t_max=10.0), runs[-1])
        again.init_states()
    assert np.array_equal(*runs)


def test_the_singular_point_of_a_rate_is_no_point() -> None:
    """0/0 at −55 mV, where Jaxley's arithmetic gives no number."""
    cell = loligo.jaxley.Compartment()
    cell.insert(Squid())
    cell.set("v", -55.0)
    cell.record("v", verbose=False)
    assert np.isfinite(loligo.jaxley.integrate(cell, t_max=1.0)).all()


def test_the_gates_of_solver_gate_are_those_of_jaxley(jaxley: Jaxley) -> None:
    x, alpha, beta = np.random.default_rng(1).uniform(0.1, 3.0, (3, 20))
    for name in ("solve_gate_exponential", "solve_gate_implicit", "exponential_euler", "solve_inf_gate_exponential"):
        jaxley.agrees(lambda jx, name=name: getattr(jx.solver_gate, name)(x, 0.1, alpha, beta), rtol=1e-14)
    assert loligo.jaxley.solver_gate.save_exp(30.0) == np.exp(20.0)
    assert isinstance(loligo.jaxley.solver_gate.save_exp(jnp.ones(2)), jax.Array)


def made(**members: Any) -> Any:
    """A channel that differs from a good one."""
    given = members.pop("given", {})
    channel = type("Wrong", (Squid,), members)()
    for name, value in given.items():
        setattr(channel, name, value)
    return channel


WRONG = {
    "sets a parameter": (
        {"update_states": lambda self, states, dt, v, params: {"eK": v}},
        lo.errors.TracingError,
        "update_states of Wrong sets the parameter `eK`; make it a state",
    ),
    "sets the state of another": (
        {"update_states": lambda self, states, dt, v, params: {"HH_m": v}},
        lo.errors.TracingError,
        "update_states of Wrong sets `HH_m`, which is none of its states (Wrong_n)",
    ),
    "sets a current": (
        {"update_states": lambda self, states, dt, v, params: {"i_K": v}},
        lo.errors.TracingError,
        "update_states of Wrong sets the current `i_K`, which channels add up",
    ),
    "reads another": (
        {"compute_current": lambda self, states, v, params: states["HH_m"]},
        lo.errors.TracingError,
        "`HH_m` is not among the states, which are Wrong_n",
    ),
    "no numbers": (
        {"given": {"channel_params": {"g": "one"}}},
        lo.errors.ArgumentTypeError,
        "`g` of channel_params is 'one', expected a number",
    ),
    "a pump of nothing": (
        {"given": {"ion_name": "CaCon_i"}},
        lo.errors.ArgumentError,
        "the pump Wrong changes `CaCon_i`, which is none of its shared states (none)",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_channel_that_cannot_be_one(name: str) -> None:
    members, error, message = WRONG[name]
    with pytest.raises(error, match=re.escape(message)):
        loligo.jaxley.Compartment().insert(made(**members))


@pytest.mark.parametrize("kind", ["HH", "Leak", "Na", "K", "Km", "CaL", "CaT"])
def test_defaults_of_channels_may_be_changed(kind: str, jaxley: Jaxley) -> None:
    def script(jx: ModuleType) -> Any:
        base = getattr(jx.channels, kind)

        class Derived(base):
            def __init__(self, name: str | None = None) -> None:
                super().__init__(name)
                for number, key in enumerate(self.channel_params):
                    self.channel_params[key] *= 1.0 + 0.1 * number

        cell = jx.Cell()
        channel = base()
        for number, key in enumerate(channel.channel_states):
            channel.channel_states[key] = 0.1 + 0.1 * number
        cell.insert(channel)
        cell.insert(Derived().change_name("other"))
        return {key: cell.nodes[key].tolist() for key in sorted(cell.nodes.columns) if key != "i_Ca"}

    jaxley.agrees(script, rtol=1e-14)


def test_channels_of_files_have_no_other_names_and_no_methods_to_derive_from() -> None:
    class Own(loligo.jaxley.channels.HH):
        def compute_current(self, states: dict, v: Any, params: dict) -> Any:
            return 0.0 * v

    cell = loligo.jaxley.Cell()
    with pytest.raises(lo.errors.ArgumentTypeError, match="Own has its own compute_current, but HH is compiled"):
        cell.insert(Own())
    channel = loligo.jaxley.channels.Na()
    channel.channel_params["gNa"] = channel.channel_params.pop("Na_gNa")
    with pytest.raises(lo.errors.UnknownNameError, match="the channel Na has `gNa`, but a Na is compiled"):
        cell.insert(channel)
    del channel.channel_params["gNa"]
    with pytest.raises(lo.errors.UnknownNameError, match="the channel Na lacks `Na_gNa`"):
        cell.insert(channel)
    assert cell.channels == []


def test_of_channels_of_one_name_the_first_counts() -> None:
    """As Jaxley has it, and its tutorial on layer-5 cells: one instance with other constants, then one without."""

    class Constant(Squid):
        factor = 1.0

        def compute_current(self, states: Any, v: Any, params: Any) -> Any:
            return self.factor * super().compute_current(states, v, params)

    cells = []
    for _ in range(2):
        cell = loligo.jaxley.Cell(loligo.jaxley.Branch(ncomp=2), parents=[-1, 0])
        first = Constant()
        first.factor = 2.0
        cell.branch(0).insert(first)
        cell.record(verbose=False)
        cells.append(cell)
    with pytest.warns(lo.errors.OtherChannelWarning, match="another Constant is inserted already"):
        cells[0].insert(Constant())
    cells[1].insert(first)
    assert np.array_equal(*(loligo.jaxley.integrate(cell, t_max=5.0) for cell in cells))


def test_an_initial_state_that_cannot_be_traced_matters_once_it_is_called() -> None:
    channel = made(init_state=lambda self, states, v, params: {})  # as before Jaxley 0.5, without delta_t
    cell = loligo.jaxley.Compartment()
    cell.insert(channel)
    cell.record(verbose=False)
    again = pickle.loads(pickle.dumps(cell))
    for each in (cell, again):
        assert np.isfinite(loligo.jaxley.integrate(each, t_max=1.0)).all()
        with pytest.raises(lo.errors.TracingError, match="init_state"):
            each.init_states()


def test_a_current_that_is_read_must_be_there() -> None:
    cell = loligo.jaxley.Compartment()
    cell.insert(CalciumCurrent())
    cell.record(verbose=False)
    with pytest.raises(
        lo.errors.UnknownNameError, match="CalciumCurrent reads the current `i_K`, which no channel has"
    ):
        loligo.jaxley.integrate(cell, t_max=1.0)
    cell.insert(Squid())
    assert loligo.jaxley.integrate(cell, t_max=1.0).shape == (1, 41)


def test_a_channel_says_what_its_current_is_in() -> None:
    with pytest.raises(lo.errors.ArgumentError, match=r"set self.current_is_in_mA_per_cm2 = True before"):
        loligo.jaxley.channels.Channel()
    with pytest.raises(lo.errors.ArgumentTypeError, match="expected a channel such as"):
        loligo.jaxley.Compartment().insert(Squid)
