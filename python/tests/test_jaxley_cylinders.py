"""A radius or a length that is set, trained, or given for a run makes a cylinder of a reconstructed compartment, as in
Jaxley: sizes, voltages and gradients are Jaxley's, and nothing else of the reconstruction changes."""

import copy
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxley_values import Jaxley

import loligo as lo
import loligo.jaxley
from loligo.jaxley.integrate import build_init_and_step_fn

SIZES = ("radius", "length", "area", "volume", "resistive_load_in", "resistive_load_out")

pytestmark = [pytest.mark.usefixtures("double_precision"), pytest.mark.filterwarnings("ignore:.*reconstructed|.*SWC")]


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A soma, a dendrite that forks, and all of it tapered."""
    trunk = [f"{i + 2} 3 {8 + 6 * i} {i % 3} 0 {2.2 - 0.25 * i + 0.3 * (i % 2)} {i + 1}" for i in range(5)]
    arms = [
        f"{i + 7 + 5 * arm} 3 {38 + 5 * i} {(2 * arm - 1) * (3 + 5 * i)} {i % 2} {1.2 - 0.15 * i} "
        f"{6 if i == 0 else i + 6 + 5 * arm}"
        for arm in (0, 1)
        for i in range(5)
    ]
    path = tmp_path / "fork.swc"
    path.write_text("\n".join(["1 1 0 0 0 6 -1", *trunk, *arms]))
    return str(path)


def reconstructed(jx: ModuleType, file: str) -> Any:
    cell = jx.read_swc(file, ncomp=2)
    cell.insert(jx.channels.HH())
    cell.set("axial_resistivity", 300.0)
    cell.branch(0).comp(0).stimulate(jx.step_current(0.5, 2.0, 0.4, 0.025, 5.0), verbose=False)
    cell.branch([0, 2]).loc(0.9).record(verbose=False)
    return cell


CHANGES: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda cell: None,
    "a radius": lambda cell: cell.branch(1).set("radius", 1.3),
    "the radius that it has": lambda cell: cell.set("radius", cell.nodes["radius"].to_numpy()),
    "a length": lambda cell: cell.branch([0, 2]).comp(1).set("length", 9.0),
    "both, one after the other": lambda cell: (cell.set("length", 12.0), cell.branch(2).set("radius", 0.4)),
    "cut anew": lambda cell: (
        cell.delete_recordings(),
        cell.delete_stimuli(),
        cell.branch(1).set("radius", 1.3),
        cell.branch(1).set_ncomp(3),
        cell.branch(1).comp(2).record(verbose=False),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_set(change: str, jaxley: Jaxley, file: str) -> None:
    def sizes_and_voltages(jx: ModuleType) -> list[Any]:
        cell = reconstructed(jx, file)
        CHANGES[change](cell)
        network = jx.Network([cell, cell])
        network.cell(1).branch(0).comp(0).record(verbose=False)
        runs = [jx.integrate(cell, t_max=5.0), jx.integrate(network, t_max=5.0)]
        return [{name: cell.nodes[name].to_numpy(dtype=float) for name in SIZES}, *map(np.asarray, runs)]

    # Jaxley writes sizes in double precision only where they were read in it
    jaxley.agrees(sizes_and_voltages, rtol=1e-7, atol=1e-8)


def loss_of(jx: ModuleType, cell: Any) -> Callable[..., Any]:
    def loss(parameters: Any, width: Any) -> Any:
        state = cell.branch(0).data_set("radius", width, None)
        return jnp.mean((jx.integrate(cell, params=parameters, param_state=state) + 60.0) ** 2)

    return loss


def test_what_is_trained_or_given_for_a_run(jaxley: Jaxley, file: str) -> None:
    def before_and_after(jx: ModuleType) -> list[Any]:
        cell = reconstructed(jx, file)
        cell.branch(1).comp("all").make_trainable("radius", verbose=False)
        cell.branch(2).make_trainable("length", verbose=False)
        # without numbers for them the compartments are what they were
        plain = jx.integrate(cell)
        jitted = jax.jit(jax.value_and_grad(loss_of(jx, cell), argnums=(0, 1)))
        value, gradients = jitted(cell.get_parameters(), 2.5)
        areas = cell.nodes["area"].to_numpy(dtype=float)
        return [np.asarray(plain), float(value), *map(np.asarray, jax.tree.leaves(gradients)), areas]

    # the slope of a current is a secant in Jaxley, which gradients feel
    jaxley.agrees(before_and_after, rtol=1e-6, atol=1e-8)


def test_gradients_are_those_of_differences(file: str) -> None:
    cell = reconstructed(loligo.jaxley, file)
    cell.branch("all").make_trainable("radius", verbose=False)
    parameters = jnp.asarray(cell.get_parameters()[0]["radius"])

    def loss(radius: Any) -> Any:
        return jnp.mean((loligo.jaxley.integrate(cell, params=[{"radius": radius}]) + 60.0) ** 2)

    gradient, step = jax.grad(loss)(parameters), 1e-5
    for index in range(parameters.size):
        there = [float(loss(parameters.at[index].add(sign * step))) for sign in (1, -1)]
        assert gradient[index] == pytest.approx((there[0] - there[1]) / (2 * step), rel=1e-6)


def test_trained_numbers_that_are_written_are_what_was_trained(file: str) -> None:
    cell = reconstructed(loligo.jaxley, file)
    cell.branch(1).make_trainable("radius", verbose=False)
    parameters = [{"radius": np.array([1.4])}]
    trained = loligo.jaxley.integrate(cell, params=parameters)
    assert np.abs(trained - loligo.jaxley.integrate(cell)).max() > 0.01
    cell.write_trainables(parameters)
    assert (loligo.jaxley.integrate(cell) == trained).all()


def test_cylinders_are_kept(file: str, tmp_path: Path) -> None:
    cell = reconstructed(loligo.jaxley, file)
    cell.branch(1).set("radius", 1.3)
    voltages = loligo.jaxley.integrate(cell)
    cell.save(tmp_path / "cell.loligo")
    copies = {
        "copied": copy.deepcopy(cell),
        "pickled": pickle.loads(pickle.dumps(cell)),
        "saved": lo.load(tmp_path / "cell.loligo"),
    }
    for way, other in copies.items():
        assert (loligo.jaxley.integrate(other) == voltages).all(), way
        other.branch(1).set("radius", cell.nodes["radius"].to_numpy()[2:4])
        assert (loligo.jaxley.integrate(other) == voltages).all(), way


def test_steps_are_those_of_a_run(file: str) -> None:
    cell = reconstructed(loligo.jaxley, file)
    cell.branch(1).make_trainable("radius", verbose=False)
    parameters = [{"radius": np.array([1.4])}]
    voltages = loligo.jaxley.integrate(cell, params=parameters)
    init_fn, step_fn = build_init_and_step_fn(cell)
    states, everything = init_fn(parameters)
    assert everything["area"][2] == pytest.approx(2 * np.pi * 1.4 * everything["length"][2], rel=1e-14)
    for step in range(40):
        states = step_fn(states, everything, {"i": cell.externals["i"][:, step]}, cell.external_inds)
    at = cell.branch(0).loc(0.9).nodes.index[0]
    assert states["v"][at] == pytest.approx(voltages[0, 40], abs=1e-10)
    with pytest.raises(lo.errors.ArgumentError, match=r"set it before, cell\.set"):
        init_fn(parameters, param_state=cell.branch(0).data_set("radius", 2.0, None))


def test_who_makes_cylinders_is_told(file: str) -> None:
    cell = reconstructed(loligo.jaxley, file)
    with pytest.warns(UserWarning, match="a radius makes a cylinder of a reconstructed compartment .here of 2."):
        cell.branch(1).set("radius", 1.0)
    with pytest.warns(UserWarning, match="a length makes a cylinder"):
        cell.branch(2).make_trainable("length", verbose=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # these are cylinders
        cell.branch(1).set("radius", 2.0)
        loligo.jaxley.Cell(loligo.jaxley.Branch(ncomp=3), parents=[-1, 0]).set("radius", 2.0)
