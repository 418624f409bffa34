"""Every channel and synapse of jaxley-mech: the same voltages as in Jaxley, and the same formulas.

Its classes are derived from those of Jaxley where it is live, and otherwise from those of the door.

The channels of a publication sit in a compartment of their own, those with a solver apart from those without; all
compartments run together, so that JAX compiles once.
"""

import importlib
import inspect
import pkgutil
from functools import cache, partial
from types import ModuleType
from typing import Any

import jax
import numpy as np
import pytest
from jaxley_values import Jaxley, import_jaxley_mech, jaxley_or_door

import loligo.jaxley
from loligo.jaxley.synapses.synapse import traced_synapse

jaxley_mech = import_jaxley_mech()
SolverExtension = jaxley_mech.solvers.SolverExtension

STEP, DURATION = 0.025, 20.0


def classes(package: ModuleType, kind: type) -> dict[str, list[type]]:
    """The mechanisms of each module of a package."""
    found = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        members = [each for each in vars(module).values() if inspect.isclass(each) and issubclass(each, kind)]
        found[info.name] = [each for each in members if each.__module__ == module.__name__]
    return found


CHANNELS = classes(jaxley_mech.channels, jaxley_or_door().channels.Channel)
GROUPS = {
    f"{module}{' with a solver' if solves else ''}": [
        channel for channel in channels if issubclass(channel, SolverExtension) == solves
    ]
    for module, channels in CHANNELS.items()
    for solves in (False, True)
}
GROUPS = {name: channels for name, channels in GROUPS.items() if channels}


@pytest.fixture(autouse=True, scope="module")
def double_precision() -> None:
    """For classes that are written with JAX, which computes in single precision unless it is told."""
    jax.config.update("jax_enable_x64", True)


def network(jx: ModuleType) -> Any:
    """A cell of one compartment for each group, with a stimulus."""
    made = jx.Network([jx.Cell() for _ in GROUPS])
    current = jx.step_current(2.0, 15.0, 0.005, STEP, DURATION)
    for index, (name, channels) in enumerate(GROUPS.items()):
        cell = made.cell(index)
        for channel in channels:
            solver = {"solver": "newton"} if issubclass(channel, SolverExtension) else {}
            cell.insert(channel(name=f"{name.split()[0]}_{channel.__name__}", **solver))
        cell.stimulate(current, verbose=False)
        cell.record("v", verbose=False)
    return made


@cache
def voltages(jx: ModuleType) -> dict[str, np.ndarray]:
    """One run of all groups."""
    made = network(jx)
    run = partial(jx.integrate, made, delta_t=STEP)
    if jx is not loligo.jaxley:
        # compiled without the optimisations of XLA, which take longer than the run
        options = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}
        run = jax.jit(run, compiler_options=options)
    found = np.asarray(run())
    assert found.shape == (len(GROUPS), 802)
    return dict(zip(GROUPS, found))


def test_nothing_of_the_package_is_left_out() -> None:
    assert sum(map(len, GROUPS.values())) == sum(map(len, CHANNELS.values())) == 69
    assert sum(map(len, SYNAPSES.values())) == 8


@pytest.mark.parametrize("group", GROUPS)
def test_channels_give_the_voltages_of_jaxley(group: str, jaxley: Jaxley) -> None:
    """Within 1e-8 mV: see test_jaxley_parity.

    So do those that bring a solver along: Newton's method there stops after a change δ below 1e-8·(1 + |y|), and what
    is left after it is of the order of δ², which is rounding. chen24 drives a voltage of 24 V, whose rounding is
    greater.
    """
    found = voltages(loligo.jaxley)[group]
    assert np.isfinite(found).all()
    assert np.ptp(found) > 1.0
    jaxley.agrees(lambda jx: voltages(jx)[group], atol=1e-8 * max(1.0, np.abs(found).max() / 100.0))


SYNAPSES = classes(jaxley_mech.synapses, jaxley_or_door().synapses.Synapse)
EVERY_SYNAPSE = [each for members in SYNAPSES.values() for each in members]


def by_repetition(y0: Any, dt: Any, derivatives: Any, args: Any) -> np.ndarray:
    """y = y0 + dt·f(y), put into itself until it has settled: with rates of 1/ms the distance shrinks forty times."""
    start = np.asarray(y0).reshape(-1)
    scalars = [np.asarray(arg).reshape(()) for arg in args]
    y = start
    for _ in range(25):
        y = start + dt * np.broadcast_to(np.asarray(derivatives(None, y, scalars)).reshape(-1), start.shape)
    return y[:, None]


@pytest.mark.parametrize("kind", EVERY_SYNAPSE, ids=lambda kind: kind.__name__)
def test_synapses_compute_what_their_classes_do(kind: type) -> None:
    """At random points; those with a solver take the implicit step, which solves its equation to rounding."""
    synapse = kind(solver="newton") if issubclass(kind, SolverExtension) else kind()
    random = np.random.default_rng(5)
    points = 5
    numbers = {
        name: np.abs(value) * random.uniform(0.8, 1.2, points) * np.sign(value) + (value == 0) * random.uniform(0, 0.1)
        for name, value in {**synapse.synapse_params, **synapse.synapse_states}.items()
    }
    pre, post = random.uniform(-60.0, 20.0, (2, points))
    after, current = traced_synapse(synapse).evaluate({**numbers, "v_pre": pre, "v_post": post})
    synapse.solver_func = by_repetition
    for point in range(points):
        states = {name: np.array([numbers[name][point]]) for name in synapse.synapse_states}
        params = {name: np.array([numbers[name][point]]) for name in synapse.synapse_params}
        sides = (np.array([pre[point]]), np.array([post[point]]))
        expected = synapse.compute_current(states, *sides, params)
        np.testing.assert_allclose(current[point], np.asarray(expected).item(), rtol=1e-12)
        for name, value in synapse.update_states(states, STEP, *sides, params).items():
            found, expected = after[name][point], np.asarray(value).item()
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14, err_msg=name)


def test_the_explicit_solvers_are_traced_as_they_are() -> None:
    """Forward Euler and the fifth-order scheme of Fehlberg, for one step of the sodium channel with eight states."""
    Na8States = jaxley_mech.channels.hodgkin52.Na8States

    for solver in ("explicit", "rk45"):
        channel = Na8States(solver=solver)
        cell = loligo.jaxley.Compartment()
        cell.insert(channel)
        for name in channel.channel_states:
            cell.record(name, verbose=False)
        found = loligo.jaxley.integrate(cell, t_max=STEP / 2)[:, 1]
        params = {name: np.array([value]) for name, value in channel.channel_params.items()}
        states = {name: np.array([float(value)]) for name, value in channel.channel_states.items()}
        expected = channel.update_states(states, STEP, np.array([-70.0]), params)
        np.testing.assert_allclose(
            found, [np.asarray(expected[name]).item() for name in states], rtol=1e-12, atol=1e-15
        )
