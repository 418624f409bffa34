"""The loop in which scripts for Jaxley train networks, under the door: `jit`, `value_and_grad`, `vmap` over stimuli,
transforms, and optimisers of optax for each kind of parameter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import loligo as lo
import loligo.jaxley as jx
from loligo.jaxley.channels import HH, Leak
from loligo.jaxley.connect import fully_connect
from loligo.jaxley.optimize import TypeOptimizer
from loligo.jaxley.optimize.transforms import ParamTransform, SigmoidTransform, SoftplusTransform
from loligo.jaxley.synapses import TanhRateSynapse

jax = pytest.importorskip("jax")
optax = pytest.importorskip("optax")
jnp = jax.numpy

INPUTS, STEPS, PATTERNS = 4, 80, 6


pytestmark = pytest.mark.usefixtures("double_precision")


@pytest.fixture
def network() -> jx.Network:
    """Input cells that all excite one output cell."""
    cell = jx.Cell(jx.Branch(jx.Compartment(), ncomp=2), parents=[-1, 0, 0])
    network = jx.Network([cell] * (INPUTS + 1))
    fully_connect(network.cell(range(INPUTS)), network.cell(INPUTS), TanhRateSynapse())
    network.insert(Leak())
    network.cell(INPUTS).insert(HH())
    network.cell(INPUTS).branch(0).comp(0).record(verbose=False)
    network.cell("all").make_trainable("Leak_gLeak", verbose=False)
    network.edge("all").make_trainable("TanhRateSynapse_gS", verbose=False)
    return network


def simulated(network: jx.Network, params: Any, inputs: Any) -> Any:
    stimuli = None
    for cell in range(INPUTS):
        current = inputs[cell] * np.ones(STEPS)
        stimuli = network.cell(cell).branch(2).comp(1).data_stimulate(0.1 * current, data_stimuli=stimuli)
    return jx.integrate(network, params=params, data_stimuli=stimuli)


@pytest.fixture
def data() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.random((PATTERNS, INPUTS)), -62 + 4 * random.random(PATTERNS)


def test_jit_grad_and_vmap_give_the_gradients_of_numpy(network: jx.Network, data: tuple) -> None:
    inputs, _ = data
    weights = np.linspace(0.1, 1.0, STEPS + 1)

    def loss(params: Any, own: Any) -> Any:
        return (weights * simulated(network, params, own)[0]).sum()

    params = jax.tree.map(jnp.asarray, network.get_parameters())
    found = jax.jit(jax.vmap(jax.value_and_grad(loss), (None, 0)))(params, inputs)
    for index, own in enumerate(inputs):
        value, gradient = lo.value_and_grad(loss)(network.get_parameters(), own)
        # the sum over samples is XLA's, and in another order
        assert found[0][index] == pytest.approx(value, rel=1e-13)
        for entry, expected in zip(found[1], gradient):
            for name in expected:
                assert (np.asarray(entry[name][index]) == expected[name]).all()


def test_a_training_loop_learns(network: jx.Network, data: tuple) -> None:
    inputs, labels = data
    transform = ParamTransform(
        [{"Leak_gLeak": SigmoidTransform(1e-5, 1e-3)}, {"TanhRateSynapse_gS": SoftplusTransform(0.0)}]
    )
    batched = jax.vmap(lambda params, own: simulated(network, params, own), in_axes=(None, 0))

    def loss(opt_params: Any) -> Any:
        voltages = batched(transform.forward(opt_params), inputs)
        return ((voltages[:, 0, -1] - labels) ** 2).mean()

    opt_params = transform.inverse(jax.tree.map(jnp.asarray, network.get_parameters()))
    rates = {"Leak_gLeak": 0.2, "TanhRateSynapse_gS": 0.2}
    optimizer = TypeOptimizer(lambda rate: optax.adam(learning_rate=rate), rates, opt_params)
    state = optimizer.init(opt_params)
    step = jax.jit(jax.value_and_grad(loss))
    losses = []
    for _ in range(30):
        value, gradient = step(opt_params)
        updates, state = optimizer.update(gradient, state)
        opt_params = optax.apply_updates(opt_params, updates)
        losses.append(float(value))
    assert losses[-1] < 0.2 * losses[0]
    network.write_trainables(transform.forward(opt_params))
    assert network.nodes["Leak_gLeak"].nunique() == INPUTS + 1


def test_an_optimiser_is_made_for_each_parameter(network: jx.Network) -> None:
    params = network.get_parameters()
    made: list[float] = []

    def optimizer(rate: float) -> Any:
        made.append(rate)
        return optax.sgd(rate)

    pair = TypeOptimizer(optimizer, {"TanhRateSynapse_gS": 0.5, "Leak_gLeak": 2.0}, params)
    assert made == [2.0, 0.5]
    updates, _ = pair.update([{name: np.ones(2) for name in entry} for entry in params], pair.init(params))
    assert [float(next(iter(entry.values()))[0]) for entry in updates] == [-2.0, -0.5]
    with pytest.raises(lo.errors.UnknownNameError, match="did you mean `Leak_gleak`"):
        TypeOptimizer(optimizer, {"Leak_gleak": 1.0}, params)
    with pytest.raises(lo.errors.ArgumentError, match="parameter 0 is"):
        TypeOptimizer(optimizer, {}, [{}])


def test_empty_parameters_and_wrong_lengths(network: jx.Network) -> None:
    """Optimisers by groups leave empty dictionaries for groups of which nothing is trained."""
    expected = jx.integrate(network, network.get_parameters(), t_max=1.0)
    assert (jx.integrate(network, [{}, *network.get_parameters(), {}], t_max=1.0) == expected).all()
    with pytest.raises(ValueError, match=r"shape \(3,\), expected one number or \(6,\)"):
        network.cell(0).data_set("Leak_gLeak", np.ones(3))
    with pytest.raises(ValueError, match=r"shape \(2,\), expected one number or \(3,\)"):
        network.TanhRateSynapse.edge([0, 1, 2]).data_set("TanhRateSynapse_gS", np.ones(2))


def test_data_set_takes_a_number_in_a_list_of_its_own(network: jx.Network) -> None:
    """The published fits keep each parameter as an array of one number."""

    def run(wrapped: bool) -> np.ndarray:
        leak, conductance = ([3e-4], jnp.asarray([2e-4])) if wrapped else (3e-4, 2e-4)
        state = network.cell(0).data_set("Leak_gLeak", leak, None)
        state = network.TanhRateSynapse.edge("all").data_set("TanhRateSynapse_gS", conductance, state)
        return np.asarray(jx.integrate(network, param_state=state, t_max=1.0))

    assert (run(wrapped=True) == run(wrapped=False)).all()
