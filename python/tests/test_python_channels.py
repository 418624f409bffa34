"""Channels written in Python for `import loligo`: equal to the same channel in NMODL, differentiable, picklable."""

import copy
import pickle
from typing import Any

import autograd.numpy as anp
import jax.numpy as jnp
import numpy as np
import pytest
from test_gradients import agrees, smooth

import loligo as lo


class HH(lo.Channel):
    """The channels of Hodgkin and Huxley (1952), for NumPy."""

    numpy: Any = np
    parameters = {"gnabar": (0.12, "S/cm2"), "gkbar": 0.036, "gl": 0.0003, "el": -54.3}
    states = ["m", "h", "n"]
    ions = ["na", "k"]

    def rates(self, v: Any) -> dict:
        numpy = self.numpy

        def vtrap(x: Any, y: float) -> Any:
            return numpy.where(numpy.abs(x / y) < 1e-6, y * (1 - x / y / 2), x / (numpy.exp(x / y) - 1))

        return {
            "m": (0.1 * vtrap(-(v + 40), 10), 4 * numpy.exp(-(v + 65) / 18)),
            "h": (0.07 * numpy.exp(-(v + 65) / 20), 1 / (numpy.exp(-(v + 35) / 10) + 1)),
            "n": (0.01 * vtrap(-(v + 55), 10), 0.125 * numpy.exp(-(v + 65) / 80)),
        }

    def init_state(self, states: dict, v: Any, params: dict, delta_t: Any) -> dict:
        return {name: alpha / (alpha + beta) for name, (alpha, beta) in self.rates(v).items()}

    def derivatives(self, states: dict, v: Any, params: dict) -> dict:
        q10 = 3 ** ((params["celsius"] - 6.3) / 10)
        rates = self.rates(v).items()
        return {name: q10 * (alpha * (1 - states[name]) - beta * states[name]) for name, (alpha, beta) in rates}

    def compute_current(self, states: dict, v: Any, params: dict) -> dict:
        m, h, n = (states[name] for name in "mhn")
        return {
            "ina": params["gnabar"] * m**3 * h * (v - params["ena"]),
            "ik": params["gkbar"] * n**4 * (v - params["ek"]),
            "il": params["gl"] * (v - params["el"]),
        }


class HHInJax(HH):
    """The same for `jax.numpy`."""

    numpy = jnp


def firing(channel: Any) -> lo.Branch:
    cable = lo.Branch(ncomp=3)
    cable.insert(channel)
    cable.comp(0).stimulate(lo.step(start=1, duration=10, amplitude=0.3))
    cable.record()
    return cable


@pytest.mark.parametrize("convention", ["native", "neuron", "jaxley"])
@pytest.mark.parametrize("written", [HH, HHInJax])
def test_the_channels_of_the_squid_are_those_of_the_mod_file(written: type[HH], convention: str) -> None:
    """The same operations in the same order: what is left is how sums are ordered."""
    how = {"t_max": 20.0, "convention": convention}
    ours = lo.simulate(firing(written("hh")), **how).v
    assert ours.max() > 20
    assert np.abs(ours - lo.simulate(firing(lo.mechanism("hh")), **how).v).max() < 1e-12


def test_its_parameters_have_units_and_its_report_formulas() -> None:
    mechanism = HH().mechanism
    assert mechanism.parameters[0] == ("gnabar", 0.12, "S/cm2", None, False)
    report = mechanism.report()
    assert "na: reads ena; writes ina\n" in report
    assert "m' = 3^((celsius - 6.3)/10)*((1 - m)*exprelr(-(v + 40)/10) - m*4*exp(-(v + 65)/18))\n" in report
    assert "class HH(lo.Channel)" in mechanism.source


def test_it_pickles_and_copies_alone_and_within_a_cell() -> None:
    cell = firing(HH())
    expected = lo.simulate(cell, t_max=5).v
    for again in (pickle.loads(pickle.dumps(cell)), copy.deepcopy(cell), lo.Network([cell]).cell(0)._module):
        assert np.array_equal(lo.simulate(again, t_max=5).v, expected)
    mechanism = pickle.loads(pickle.dumps(HH("squid").mechanism))
    assert mechanism.name == "squid"
    assert mechanism.renamed("other").report().startswith("other: density mechanism\n")
    assert pickle.loads(pickle.dumps(mechanism.renamed("other"))).name == "other"
    cell.insert(mechanism.renamed("HH"))
    with pytest.raises(lo.errors.ModelError, match="a different mechanism called `HH`"):
        cell.insert(lo.mechanism("hh").renamed("HH"))


class Bursting(lo.Channel):
    """Nothing in particular: coupled, nonlinear and discrete things that have gradients."""

    parameters = {"g": 3e-4, "e": -80.0, "rate": 0.3, "half": -55.0, "k": 0.4}
    states = {"x": 0.3, "y": 0.5}

    def derivatives(self, states: dict, v: Any, params: dict) -> dict:
        x, y = states["x"], states["y"]
        open_ = 1 / (1 + np.exp(-(v - params["half"]) / 8))
        return {"x": params["rate"] * (open_ - x * y**2), "y": params["k"] * x * (1 - y) - 0.1 * y}

    def compute_current(self, states: dict, v: Any, params: dict) -> Any:
        return params["g"] * np.where(states["x"] > 0.01, np.sqrt(states["x"]), 0.0) * states["y"] * (v - params["e"])


class Discrete(lo.Channel):
    """A gate that is stepped by the user."""

    parameters = {"g": 2e-4, "tau": 3.0}
    states = ["s"]
    ions = ["k"]
    current_name = "ik"

    def init_state(self, states: dict, v: Any, params: dict, delta_t: Any) -> dict:
        return {"s": 1 / (1 + np.exp(-(v + 40) / 6))}

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        steady = 1 / (1 + np.exp(-(v + 40) / 6))
        return {"s": steady + (states["s"] - steady) * np.exp(-dt / params["tau"])}

    def compute_current(self, states: dict, v: Any, params: dict) -> Any:
        return params["g"] * states["s"] * (v - params["ek"])


def test_gradients_with_respect_to_all_parameters_are_those_of_differences() -> None:
    """Within 1e-6, norm-wise, best of a sweep of steps."""
    cell = firing(lo.mechanism("hh"))
    channels = [Bursting(), Discrete()]
    for channel in channels:
        cell.insert(channel)
    names = [f"{channel.name}.{name}" for channel in channels for name in channel.parameters]
    for name in [*names, "ek"]:
        cell.make_trainable(name)
    start = cell.get_parameters()
    scale = np.array([next(iter(entry.values()))[0] for entry in start])

    def loss(x: Any) -> Any:
        parameters = [{key: x[i : i + 1] * scale[i]} for i, entry in enumerate(start) for key in entry]
        return smooth(lo.simulate(cell, parameters, t_max=6.0).v)

    agrees(loss, np.ones(len(scale)))


def test_states_that_depend_on_each_other_take_one_implicit_step() -> None:
    """A linear exchange by backward Euler, against the solution of its two equations."""

    class Exchange(lo.Channel):
        states = {"a": 1.0, "b": 0.0}

        def derivatives(self, states: dict, v: Any, params: dict) -> dict:
            flow = 2.0 * states["a"] - 3.0 * states["b"]
            return {"a": -flow, "b": flow}

        def compute_current(self, states: dict, v: Any, params: dict) -> float:
            return 0.0

    cell = lo.Cell()
    cell.insert(Exchange())
    cell.record("Exchange.a")
    found = lo.simulate(cell, t_max=0.5, dt=0.1, convention="jaxley").recordings[0]
    matrix = np.linalg.inv(np.eye(2) - 0.1 * np.array([[-2.0, 3.0], [2.0, -3.0]]))
    expected = [(np.linalg.matrix_power(matrix, n) @ [1.0, 0.0])[0] for n in range(6)]
    np.testing.assert_allclose(found, expected, rtol=1e-14)


POOL = """
NEURON { SUFFIX pool USEION ca READ ica, cai WRITE cai VALENCE 2 RANGE depth, decay }
PARAMETER { depth = 0.1 (um) decay = 80 (ms) }
STATE { cai (mM) }
ASSIGNED { ica (mA/cm2) }
INITIAL { cai = 1e-4 }
BREAKPOINT { SOLVE s METHOD cnexp }
DERIVATIVE s { cai' = -10000*ica/(2*96485*depth) + (1e-4 - cai)/decay }
"""


class Pool(lo.Pump):
    """The same in Python."""

    parameters = {"depth": (0.1, "um"), "decay": (80.0, "ms")}
    ions = {"ca": 2}

    def derivatives(self, states: dict, v: Any, params: dict) -> dict:
        inflow = -10000 * params["ica"] / (2 * 96485 * params["depth"])
        return {"cai": inflow + (1e-4 - params["cai"]) / params["decay"]}


@pytest.mark.parametrize("convention", ["native", "neuron", "jaxley"])
def test_a_pump_changes_the_concentration_that_mod_files_see(convention: str) -> None:
    runs = []
    for pool in (Pool("pool"), lo.Mechanism.compile(POOL, "pool.mod")):
        cell = lo.Cell()
        for mechanism in (lo.mechanism("hh"), lo.mechanism("pospischil_cal"), pool):
            cell.insert(mechanism)
        cell.set("cai", 1e-4)
        cell.set("pospischil_cal.gbar", 1e-3)
        cell.stimulate(lo.step(start=1, duration=10, amplitude=0.01))
        for what in ("v", "cai", "eca", "ica"):
            cell.record(what)
        runs.append(lo.simulate(cell, t_max=20, convention=convention).recordings)
    assert runs[0][1].max() > 2e-4
    np.testing.assert_allclose(runs[0], runs[1], rtol=1e-12)


class Declared(lo.Channel):
    parameters = {"g": 1.0}
    states = ["s"]

    def init_state(self, states: dict, v: Any, params: dict, delta_t: Any) -> dict:
        return {"s": 0.0}

    def derivatives(self, states: dict, v: Any, params: dict) -> dict:
        return {"s": -states["s"]}

    def compute_current(self, states: dict, v: Any, params: dict) -> Any:
        return params["g"] * v


def changed(**members: Any) -> lo.Channel:
    return type("Changed", (Declared,), members)()


WRONG = {
    "no start": (
        {"init_state": lo.Channel.init_state},
        lo.errors.ArgumentError,
        "the state `s` of Changed has no value at t = 0: return it from init_state",
    ),
    "both": (
        {"update_states": lambda self, states, dt, v, params: {}},
        lo.errors.ArgumentError,
        "Changed has both derivatives and update_states, expected one of them",
    ),
    "missing rate": (
        {"derivatives": lambda self, states, v, params: {}},
        lo.errors.TracingError,
        "derivatives of Changed leaves out the state `s`",
    ),
    "unknown state": (
        {"derivatives": lambda self, states, v, params: {"q": v}},
        lo.errors.TracingError,
        "derivatives of Changed returned `q`, expected s",
    ),
    "no dictionary": (
        {"derivatives": lambda self, states, v, params: v},
        lo.errors.TracingError,
        "derivatives of Changed returned",
    ),
    "taken name": (
        {"parameters": {"v": 1.0}},
        lo.errors.ArgumentError,
        "`v` of Changed is a name that means something else",
    ),
    "twice": ({"parameters": {"s": 1.0}}, lo.errors.ArgumentError, "`s` of Changed is both a parameter and a state"),
    "not a number": (
        {"parameters": {"g": "one"}},
        lo.errors.ArgumentError,
        "`g` is declared as 'one', expected a number, or a number and its unit",
    ),
    "not a number but its text": (
        {"parameters": {"g": "0.1"}},
        lo.errors.ArgumentError,
        "`g` is declared as '0.1', expected a number",
    ),
    "no number at all": (
        {"parameters": {"g": np.nan}},
        lo.errors.ArgumentError,
        "`g` is declared as nan, expected a number",
    ),
    "parameters without numbers": (
        {"parameters": ["g"]},
        lo.errors.ArgumentTypeError,
        "`parameters` of Changed is ['g'], expected a dictionary of numbers by name",
    ),
    "no name": (
        {"parameters": {"g bar": 1.0}},
        lo.errors.ArgumentError,
        "one of the `parameters` of Changed is 'g bar', expected letters, digits and underscores",
    ),
    "a word for a list": (
        {"ions": ("ca")},
        lo.errors.ArgumentTypeError,
        "`ions` of Changed is 'ca', expected a list of names",
    ),
    "a state without a number": (
        {"states": {"s": None}, "init_state": lo.Channel.init_state},
        lo.errors.ArgumentError,
        "`s` is declared as None, expected a number",
    ),
    "other ion": (
        {"compute_current": lambda self, states, v, params: params["ena"] * v},
        lo.errors.TracingError,
        "`ena` is not among the parameters (see `parameters` and `ions` of the class), which are g",
    ),
    "state at the start": (
        {"init_state": lambda self, states, v, params, delta_t: {"s": states["s"]}},
        lo.errors.TracingError,
        "`s` is not among the states, none of which has a value at t = 0",
    ),
    "no current": (
        {"compute_current": lo.Channel.compute_current},
        lo.errors.TracingError,
        "NotImplementedError: Changed has no compute_current",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_class_that_contradicts_itself(name: str) -> None:
    members, error, message = WRONG[name]
    with pytest.raises(error) as raised:
        lo.Cell().insert(changed(**members))
    assert message in str(raised.value)


def test_a_synapse_computes_what_its_class_does_and_cannot_be_inserted() -> None:
    class Graded(lo.Synapse):
        parameters = {"gmax": 1e-4, "slope": 7.0}
        states = {"s": 0.2}

        def update_states(self, states: dict, delta_t: Any, pre: Any, post: Any, params: dict) -> dict:
            steady = 1 / (1 + anp.exp(-(pre + 35) / params["slope"]))
            return {"s": steady + (states["s"] - steady) * anp.exp(-delta_t / 4)}

        def compute_current(self, states: dict, pre: Any, post: Any, params: dict) -> Any:
            return params["gmax"] * states["s"] * (post - 0.1 * pre)

    synapse = Graded()
    numbers = np.random.default_rng(0).uniform(-80.0, 40.0, (2, 30))
    after, current = synapse.traced.evaluate({"v_pre": numbers[0], "v_post": numbers[1]})
    own = (dict(Graded.states), *numbers, dict(Graded.parameters))
    expected = synapse.update_states(own[0], 0.025, *own[1:])["s"]
    np.testing.assert_allclose(after["s"], expected, rtol=1e-14)
    np.testing.assert_allclose(current, synapse.compute_current(*own), rtol=1e-14)
    assert "*(v - 0.1*v_pre)\n" in synapse.traced.mechanism.report()
    with pytest.raises(lo.errors.UnknownNameError, match="has no input `slop`; did you mean `slope`"):
        synapse.traced.evaluate({"v_pre": 0.0, "v_post": 0.0, "slop": 1.0})
    with pytest.raises(lo.errors.ArgumentTypeError, match="joins two compartments, and is inserted in none"):
        lo.Cell().insert(synapse)


class Updated(lo.Synapse):
    """An exact step of a state that relaxes to what the presynaptic voltage asks for."""

    parameters = {"gmax": (1e-3, "uS"), "tau": (3.0, "ms")}
    states = {"s": 0.2}

    def steady(self, pre: Any) -> Any:
        return 1 / (1 + anp.exp(-(pre + 35) / 10))

    def update_states(self, states: dict, delta_t: Any, pre: Any, post: Any, params: dict) -> dict:
        steady = self.steady(pre)
        return {"s": steady + (states["s"] - steady) * anp.exp(-delta_t / params["tau"])}

    def compute_current(self, states: dict, pre: Any, post: Any, params: dict) -> Any:
        return params["gmax"] * states["s"] * post


class Derived(Updated):
    """The same by its rate of change."""

    update_states = lo.Synapse.update_states

    def derivatives(self, states: dict, pre: Any, post: Any, params: dict) -> dict:
        return {"s": (self.steady(pre) - states["s"]) / params["tau"]}


class TwoStates(lo.Synapse):
    """A rise and a decay that feed each other, so that they are stepped together."""

    parameters = {"gmax": (1e-3, "uS")}
    states = {"x": 0.3, "y": 0.1, "apart": 1.0}

    def derivatives(self, states: dict, pre: Any, post: Any, params: dict) -> dict:
        rise = 1 / (1 + anp.exp(-(pre + 35) / 10))
        return {
            "x": rise - states["x"] / 2 + states["y"] / 4,
            "y": states["x"] / 2 - states["y"] ** 2,
            "apart": -states["apart"] / 7,
        }

    def compute_current(self, states: dict, pre: Any, post: Any, params: dict) -> Any:
        return params["gmax"] * states["y"] * post


def driven(synapse: lo.Synapse) -> lo.Network:
    network = lo.Network([lo.Compartment(radius=5.0)] * 2)
    network.insert(lo.mechanism("pas"))
    network.cell(0).stimulate(lo.step(start=1.0, duration=5.0, amplitude=0.1))
    network.connect([0], [1], synapse)
    network.record()
    return network


def test_a_linear_rate_of_a_synapse_is_stepped_exactly() -> None:
    runs = [lo.simulate(driven(kind("s")), t_max=10.0) for kind in (Updated, Derived)]
    assert np.ptp(runs[0].v[1]) > 1.0
    np.testing.assert_allclose(runs[1].v, runs[0].v, rtol=1e-13)
    assert "exact exponential step, since s' is linear in s" in Derived().mechanism.report()
    rates, current = Derived().traced.evaluate({"v_pre": -35.0, "v_post": -70.0})
    assert (float(rates["s"]), float(current)) == pytest.approx((0.1, -0.014))


def test_rates_of_a_synapse_that_depend_on_each_other_are_stepped_together() -> None:
    """Against the implicit step written out, with the presynaptic voltage as it was."""
    network = driven(TwoStates())
    for state in ("x", "y", "apart"):
        network.TwoStates.record(state)
    run = lo.simulate(network, t_max=5.0)
    pre, x, y = run.v[0], run["TwoStates.x"][0], run["TwoStates.y"][0]
    dt = run.t[1]
    rise = 1 / (1 + np.exp(-(pre[2:] + 35) / 10))
    # a state at index n is that after the update with the voltage at n
    np.testing.assert_allclose(x[2:] - x[1:-1], dt * (rise - x[2:] / 2 + y[2:] / 4), rtol=0, atol=1e-9)
    np.testing.assert_allclose(y[2:] - y[1:-1], dt * (x[2:] / 2 - y[2:] ** 2), rtol=0, atol=1e-9)
    assert TwoStates().mechanism.report().count("implicit step of 2 states together") == 2


WRONG_RATES = {
    "both": (
        type("Both", (Updated,), {"derivatives": Derived.derivatives}),
        lo.errors.ArgumentError,
        "Both has both derivatives and update_states",
    ),
    "left out": (
        type("Half", (TwoStates,), {"derivatives": lambda self, s, pre, post, p: {"x": -s["x"]}}),
        lo.errors.TracingError,
        "derivatives of Half leaves out the state `y`",
    ),
    "unknown": (
        type("More", (Derived,), {"derivatives": lambda self, s, pre, post, p: {"r": -s["s"]}}),
        lo.errors.TracingError,
        "derivatives of More sets `r`, which is none of its states",
    ),
}


@pytest.mark.parametrize("what", WRONG_RATES)
def test_wrong_rates_of_a_synapse_say_what_is_wrong(what: str) -> None:
    kind, error, message = WRONG_RATES[what]
    with pytest.raises(error, match=message):
        kind().mechanism  # noqa: B018 - what is tested
