"""Diffusion through Jaxley's door: concentrations and voltages are Jaxley's, and so are derivatives."""

from __future__ import annotations

import importlib
import pickle
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import autograd.numpy as anp
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxley_values import Jaxley, import_jaxley_mech, jaxley_or_door

import loligo as lo
import loligo.jaxley as door
from loligo.errors import ModelError, UnknownNameError

SWC = Path(__file__).parents[2] / "data" / "morphologies" / "neuromorpho" / "n120.swc"
DURATION, STEP = 5.0, 0.025
KINDS = ("compartment", "branch", "cell", "network")


@pytest.fixture(autouse=True, scope="module")
def double_precision() -> None:
    """For channels that are written with JAX, which computes in single precision unless it is told."""
    jax.config.update("jax_enable_x64", True)


def module_of(jx: ModuleType, kind: str) -> Any:
    """A module of some kind, with different radii and lengths."""
    branch = jx.Branch(jx.Compartment(), ncomp=2)
    cell = jx.Cell(branch, parents=[-1, 0, 0, 1, 1])
    made = {
        "compartment": jx.Compartment,
        "branch": lambda: jx.Branch(jx.Compartment(), ncomp=4),
        "cell": lambda: cell,
        "network": lambda: jx.Network([cell, jx.Cell(jx.Branch(jx.Compartment(), ncomp=3), parents=[-1, 0])]),
    }[kind]()
    vary(made, "radius", 0.6, 2.0)
    vary(made, "length", 6.0, 30.0)
    return made


def vary(module: Any, key: str, least: float, most: float) -> None:
    """Gives each compartment its own number."""
    labels = module.nodes.index.to_numpy()
    for label, number in zip(labels, np.random.default_rng(len(key)).uniform(least, most, labels.size)):
        module.select(nodes=[label]).set(key, float(number))


def first_of(module: Any) -> Any:
    """The compartment that is stimulated."""
    return module.select(nodes=[module.nodes.index[0]])


def diffusing(jx: ModuleType, module: Any, pumps: tuple[str, ...], where: Any = lambda module: module) -> Any:
    """Calcium enters somewhere, moves its own reversal potential, diffuses, and is pumped out."""
    module.insert(jx.channels.HH())
    where(module).insert(import_jaxley_mech().channels.l5pc.CaHVA())
    where(module).set("CaHVA_gCaHVA", 1e-3)
    where(module).insert(jx.pumps.CaNernstReversal())
    for pump in pumps:
        where(module).insert(getattr(jx.pumps, pump)())
    module.diffuse("CaCon_i")
    vary(module, "axial_diffusion_CaCon_i", 1.0, 300.0)
    first_of(module).stimulate(jx.step_current(0.5, 2.0, 0.3, STEP, DURATION), verbose=False)
    module.record("v", verbose=False)
    module.record("CaCon_i", verbose=False)
    return module


@pytest.mark.parametrize("solver", ["bwd_euler", "crank_nicolson"])
@pytest.mark.parametrize("kind", KINDS)
def test_concentrations_are_those_of_jaxley(kind: str, solver: str, jaxley: Jaxley) -> None:
    def script(jx: ModuleType) -> Any:
        runs = {}
        for pumps in ((), ("CaPump",), ("CaPump", "CaFaradayConcentrationChange")):
            module = diffusing(jx, module_of(jx, kind), pumps)
            first_of(module).set("CaCon_i", 2e-3)
            runs["+".join(pumps)] = np.asarray(jx.integrate(module, solver=solver))[:, ::5]
        return runs

    # rounding, and that of Jaxley's secants
    jaxley.agrees(script, atol=1e-8)


class Sodium(jaxley_or_door().pumps.Pump):
    """Sodium that the current brings, and that is pumped out."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self.channel_params = {f"{self.name}_decay": 20.0}
        self.channel_states = {"i_Na": 1e-8, "NaCon_i": 5.0}
        self.ion_name = "NaCon_i"
        self.current_name = "i_Sodium"

    def update_states(self, states: dict, dt: Any, v: Any, params: dict) -> dict:
        return {}

    def init_state(self, states: dict, v: Any, params: dict, delta_t: Any) -> dict:
        return {}

    def compute_current(self, states: dict, modified_state: Any, params: dict) -> Any:
        return (modified_state - 5.0) / params[f"{self.name}_decay"] + 0.1 * states["i_Na"]


def test_any_shared_state_may_diffuse(jaxley: Jaxley) -> None:
    """Also one whose name ends as those of the concentrations of ions do."""

    def script(jx: ModuleType) -> Any:
        module = module_of(jx, "cell")
        module.branch(0).insert(jx.channels.Na())
        module.insert(jx.channels.Leak())
        module.insert(Sodium())
        module.diffuse("NaCon_i")
        module.set("axial_diffusion_NaCon_i", 50.0)
        first_of(module).stimulate(jx.step_current(0.5, 2.0, 0.3, STEP, DURATION), verbose=False)
        module.record("NaCon_i", verbose=False)
        return np.asarray(jx.integrate(module))[:, ::20]

    jaxley.agrees(script, atol=1e-8)


def test_a_reconstructed_tree_is_that_of_jaxley(jaxley: Jaxley) -> None:
    def script(jx: ModuleType) -> Any:
        cell = diffusing(jx, jx.read_swc(str(SWC), ncomp=1), ("CaPump",))
        cell.branch(3).set("CaCon_i", 2e-3)
        return np.asarray(jx.integrate(cell))[:, ::40]

    jaxley.agrees(script, atol=1e-8)


def test_where_nothing_lets_calcium_in_it_starts_at_zero(jaxley: Jaxley) -> None:
    def script(jx: ModuleType) -> Any:
        module = module_of(jx, "cell")
        diffusing(jx, module, ("CaPump",), lambda module: module.branch(1))
        inside = module.nodes.index.to_numpy()
        start = module.nodes[["CaCon_i", "axial_diffusion_CaCon_i"]].to_numpy()
        return {"start": start, "labels": inside, "run": np.asarray(jx.integrate(module))[:, ::5]}

    jaxley.agrees(script, atol=1e-8)


def losses(jx: ModuleType, numpy: ModuleType, module: Any) -> Any:
    half = len(module.nodes)

    def loss(parameters: Any, constant: Any) -> Any:
        state = module.select(nodes=[module.nodes.index[1]]).data_set("axial_diffusion_CaCon_i", constant, None)
        recorded = jx.integrate(module, params=parameters, param_state=state)
        return numpy.mean(recorded[:half] ** 2) / 1e3 + 1e6 * numpy.mean(recorded[half:] ** 2)

    return loss


def trained(jx: ModuleType, kind: str) -> Any:
    module = diffusing(jx, module_of(jx, kind), ("CaPump",))
    first_of(module).set("CaCon_i", 2e-3)
    branches = module.branch("all") if kind == "cell" else module.cell("all").branch("all")
    branches.make_trainable("axial_diffusion_CaCon_i", verbose=False)
    branches.make_trainable("CaCon_i", verbose=False)
    branches.make_trainable("radius", verbose=False)
    branches.make_trainable("length", verbose=False)
    branches.make_trainable("CaHVA_gCaHVA", verbose=False)
    module.make_trainable("CaPump_decay", verbose=False)
    return module


@pytest.mark.parametrize("kind", ["cell", "network"])
def test_gradients_are_those_of_jaxley(kind: str, jaxley: Jaxley) -> None:
    @cache
    def value_and_gradients(jx: ModuleType) -> tuple[Any, Any]:
        module = trained(jx, kind)
        arguments = (module.get_parameters(), 20.0)
        if jx is not door:
            return jax.value_and_grad(losses(jx, jnp, module), argnums=(0, 1))(*arguments)
        loss = losses(jx, anp, module)
        values = [lo.value_and_grad(loss, position)(*arguments) for position in range(2)]
        return values[0][0], [gradient for _, gradient in values]

    jaxley.agrees(lambda jx: value_and_gradients(jx)[0], rtol=1e-9)
    # Jaxley differentiates its secants of 1e-3 (mV, mM) with the rounding of a difference
    jaxley.agrees(lambda jx: value_and_gradients(jx)[1], rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("solver", ["bwd_euler", "crank_nicolson"])
def test_gradients_are_those_of_differences(solver: str) -> None:
    module = trained(door, "cell")
    start = module.get_parameters()

    def loss(parameters: Any) -> Any:
        return anp.mean(door.integrate(module, params=parameters, solver=solver)[len(module.nodes) :] ** 2) * 1e6

    _, gradient = lo.value_and_grad(loss)(start)
    for entry, slope in enumerate(gradient):
        ((key, numbers),) = start[entry].items()

        def moved(by: float, entry: int = entry, key: str = key, numbers: Any = numbers) -> float:
            shifted = [*start[:entry], {key: numbers * (1.0 + by)}, *start[entry + 1 :]]
            return float(loss(shifted))

        differences = (moved(1e-5) - moved(-1e-5)) / 2e-5
        # central differences with this step: its square, and rounding over it
        assert np.sum(slope[key] * numbers) == pytest.approx(differences, rel=1e-6, abs=1e-9), key


def test_steps_one_by_one_are_a_run(jaxley: Jaxley) -> None:
    def script(jx: ModuleType) -> Any:
        integration = importlib.import_module(f"{jx.__name__}.integrate")
        module = diffusing(jx, module_of(jx, "cell"), ("CaPump",))
        module.to_jax()
        init_fn, step_fn = integration.build_init_and_step_fn(module)
        states, parameters = init_fn([])
        current = np.array([0.3])
        for _ in range(5):
            states = step_fn(states, parameters, {"i": current}, {"i": np.array([0])}, delta_t=STEP)
        inside = module.nodes.index.to_numpy()
        constants = np.asarray(parameters["axial_diffusion_CaCon_i"])[inside]
        return [np.asarray(states["CaCon_i"])[inside], np.asarray(states["v"])[inside], constants]

    jaxley.agrees(script, atol=1e-8)


def test_what_diffuses_can_be_told_and_taken_back(jaxley: Jaxley) -> None:
    def script(jx: ModuleType) -> Any:
        module = diffusing(jx, module_of(jx, "cell"), ("CaPump",))
        told = [list(module.diffusion_states), "axial_diffusion_CaCon_i" in module.nodes.columns]
        module.delete_diffusion("CaCon_i")
        told += [list(module.diffusion_states), "axial_diffusion_CaCon_i" in module.nodes.columns]
        return {"told": [str(each) for each in told], "run": np.asarray(jx.integrate(module))[:, ::5]}

    jaxley.agrees(script, atol=1e-8)


def test_a_module_that_diffuses_is_kept_copied_and_exported(tmp_path: Path) -> None:
    module = diffusing(door, module_of(door, "cell"), ("CaPump",))
    expected = door.integrate(module)
    lo.save(module, tmp_path / "cell.loligo")
    for other in (pickle.loads(pickle.dumps(module)), module.copy(), lo.load(tmp_path / "cell.loligo")):
        assert other.diffusion_states == ["CaCon_i"]
        assert np.array_equal(door.integrate(other), expected)
    back = door.io.graph.from_graph(door.modules.base.to_graph(module, channels=True))
    assert back.diffusion_states == ["CaCon_i"]
    column = "axial_diffusion_CaCon_i"
    assert sorted(back.nodes[column]) == sorted(module.nodes[column])


def test_cells_that_diffuse_do_so_in_a_network() -> None:
    cell = diffusing(door, module_of(door, "cell"), ("CaPump",))
    network = door.Network([cell, module_of(door, "cell")])
    for made, inside in ((cell, cell), (network, network.cell(0))):
        made.delete_recordings()
        made.delete_stimuli()
        inside.branch(0).comp(0).set("CaCon_i", 2e-3)
        inside.record("CaCon_i", verbose=False)
    assert np.array_equal(door.integrate(network, t_max=DURATION), door.integrate(cell, t_max=DURATION))


def test_an_amount_that_only_diffuses_stays() -> None:
    cell = module_of(door, "cell")
    cell.insert(door.pumps.CaNernstReversal())
    cell.diffuse("CaCon_i")
    cell.set("axial_diffusion_CaCon_i", 1000.0)
    cell.branch(0).set("CaCon_i", 0.2)
    cell.record("CaCon_i", verbose=False)
    amounts = cell.nodes["volume"].to_numpy() @ door.integrate(cell, t_max=50.0)
    # rounding in each of 2,001 steps
    np.testing.assert_allclose(amounts, amounts[0], rtol=1e-12)


def test_wrong_use_is_explained() -> None:
    cell = door.Cell(door.Branch(ncomp=2), parents=[-1, 0])
    cell.insert(door.channels.HH())
    cell.insert(door.pumps.CaPump())
    with pytest.raises(UnknownNameError, match="`CaCon` to diffuse; did you mean `CaCon_i`"):
        cell.diffuse("CaCon")
    with pytest.raises(ModelError, match="`HH_m` is a state of HH alone"):
        cell.diffuse("HH_m")
    with pytest.raises(UnknownNameError, match="`CaCon_i` does not diffuse"):
        cell.delete_diffusion("CaCon_i")
    with pytest.raises(AttributeError):
        cell.branch(0).diffuse("CaCon_i")
    cell.diffuse("CaCon_i")
    with pytest.raises(ModelError, match="expected positive numbers"):
        cell.set("axial_diffusion_CaCon_i", 0.0)
