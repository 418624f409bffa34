"""Gradients through the door's `integrate` are Jaxley's, and the transforms are its transforms."""

from functools import cache
from types import ModuleType
from typing import Any

import autograd.numpy as anp
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxley_values import Jaxley

import loligo as lo
import loligo.jaxley
import loligo.jaxley.optimize.transforms

DURATION = 4.0


def cell(jx: ModuleType) -> Any:
    """A cell that spikes, with every kind of trainable."""
    made = jx.Cell(jx.Branch(jx.Compartment(), 2), parents=[-1, 0, 0])
    made.insert(jx.channels.HH())
    made.branch(1).insert(jx.channels.Na())
    made.branch([1, 2]).insert(jx.channels.K())
    made.set("axial_resistivity", 500.0)
    made.branch(0).comp(0).stimulate(jx.step_current(0.5, 2.0, 0.2, 0.025, DURATION), verbose=False)
    made.branch([0, 2]).loc(0.9).record(verbose=False)
    made.branch("all").make_trainable("HH_gNa", verbose=False)
    made.branch(0).comp("all").make_trainable("radius", verbose=False)
    made.branch(2).make_trainable("length", verbose=False)
    made.make_trainable("axial_resistivity", verbose=False)
    made.make_trainable("capacitance", verbose=False)
    made.branch([1, 2]).make_trainable("vt", verbose=False)
    made.branch(1).make_trainable("eNa", verbose=False)
    made.make_trainable("v", verbose=False)
    made.branch(0).make_trainable("HH_h", verbose=False)
    return made


def loss_of(jx: ModuleType, numpy: ModuleType, module: Any) -> Any:
    """A loss that both can differentiate."""
    current = np.asarray(loligo.jaxley.step_current(1.0, 1.0, 0.05, 0.025, DURATION))

    def loss(parameters: Any, conductance: Any, amplitude: Any) -> Any:
        state = module.branch(1).data_set("HH_gK", conductance, None)
        stimuli = module.branch(2).comp(0).data_stimulate(amplitude * current, None)
        voltages = jx.integrate(module, params=parameters, param_state=state, data_stimuli=stimuli)
        return numpy.mean((voltages[:, ::10] + 60.0) ** 2)

    return loss


def test_gradients_are_those_of_jaxley(jaxley: Jaxley) -> None:
    @cache
    def value_and_gradients(jx: ModuleType) -> tuple[Any, Any]:
        module = cell(jx)
        arguments = (module.get_parameters(), 0.04, 0.7)
        if jx is not loligo.jaxley:
            return jax.value_and_grad(loss_of(jx, jnp, module), argnums=(0, 1, 2))(*arguments)
        loss = loss_of(jx, anp, module)
        values = [lo.value_and_grad(loss, position)(*arguments) for position in range(3)]
        return values[0][0], [gradient for _, gradient in values]

    jaxley.agrees(lambda jx: value_and_gradients(jx)[0], rtol=1e-10)
    # Jaxley differentiates its secant of 1e-3 mV with the rounding of a difference, some 1e-10 of a slope
    jaxley.agrees(lambda jx: value_and_gradients(jx)[1], rtol=1e-6)


def test_the_loss_may_be_written_with_numpy_and_the_parameters_transformed() -> None:
    module = cell(loligo.jaxley)
    transforms = loligo.jaxley.optimize.transforms
    parameters = module.get_parameters()[:1]
    module.delete_trainables()
    module.branch("all").make_trainable("HH_gNa", verbose=False)
    transform = loligo.jaxley.ParamTransform([{"HH_gNa": transforms.SigmoidTransform(0.01, 1.0)}])

    def loss(latent: Any) -> Any:
        return np.mean(loligo.jaxley.integrate(module, params=transform.forward(latent)) ** 2)

    latent = transform.inverse(parameters)
    _, gradient = lo.value_and_grad(loss)(latent)
    step = 1e-5
    for branch in range(3):
        shift = step * (np.arange(3) == branch)
        up, down = (loss([{"HH_gNa": latent[0]["HH_gNa"] + sign * shift}]) for sign in (1, -1))
        # central differences with this step are good to about step² relative
        assert gradient[0]["HH_gNa"][branch] == pytest.approx((up - down) / (2 * step), rel=1e-6)


def test_lanes_of_a_batch_are_runs() -> None:
    module = cell(loligo.jaxley)
    module.delete_trainables()
    module.make_trainable("HH_gNa", verbose=False)
    conductances = np.array([[0.1], [0.12], [0.15]])
    together = loligo.jaxley.integrate(module, params=lo.batch([{"HH_gNa": conductances}]))
    assert together.shape == (3, 2, int(DURATION // 0.025) + 3)
    for lane, conductance in enumerate(conductances):
        alone = loligo.jaxley.integrate(module, params=[{"HH_gNa": conductance}])
        assert np.array_equal(together[lane], alone)


TRANSFORMS = {
    "identity": lambda t: t.IdentityTransform(),
    "sigmoid": lambda t: t.SigmoidTransform(-1.0, 3.0),
    "logistic": lambda t: t.LogisticTransform(-1.0, 3.0),
    "softplus": lambda t: t.SoftplusTransform(-2.0),
    "below zero": lambda t: t.NegSoftplusTransform(0.0),
    "affine": lambda t: t.AffineTransform(3.0, -1.0),
    "chain": lambda t: t.ChainTransform([t.SigmoidTransform(0.0, 1.0), t.AffineTransform(2.0, 1.0)]),
    "masked": lambda t: t.MaskedTransform(np.array([True, False, True, False]), t.SigmoidTransform(0.0, 2.0)),
    "custom": lambda t: t.CustomTransform(lambda x: 2 * x, lambda y: y / 2),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms(name: str, jaxley: Jaxley) -> None:
    latent = np.array([-2.0, -0.3, 0.4, 1.5])
    jaxley.agrees(lambda jx: TRANSFORMS[name](jx.optimize.transforms).forward(latent), rtol=1e-13)
    ours = TRANSFORMS[name](loligo.jaxley.optimize.transforms)
    np.testing.assert_allclose(ours(latent), ours.forward(latent))
    np.testing.assert_allclose(ours.inverse(ours.forward(latent)), latent, rtol=1e-12)


def test_a_bound_from_above_is_kept() -> None:
    transform = loligo.jaxley.optimize.transforms.NegSoftplusTransform(5.0)
    assert np.all(transform.forward(np.linspace(-20, 20, 9)) <= 5.0)
