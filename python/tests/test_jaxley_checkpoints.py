"""`checkpoint_lengths` change neither the numbers nor the gradients of a run, nor how long it is."""

from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from jaxley_values import Jaxley

import loligo.jaxley

STEPS = 60
EXACT = [10, 6]
LONGER = [9, 7]
"""Three steps more than there are stimuli for."""


def cell(jx: ModuleType, steps: int = STEPS) -> Any:
    """A cell that spikes while it is stimulated, and has calcium."""
    channels, pumps = (import_module(f"{jx.__name__}.{of}") for of in ("channels", "pumps"))
    made = jx.Cell(jx.Branch(jx.Compartment(), ncomp=2), parents=[-1, 0, 0])
    made.insert(channels.HH())
    made.insert(channels.CaL())
    made.insert(pumps.CaPump())
    made.branch(1).comp(0).stimulate(0.4 * (np.arange(steps) < STEPS), verbose=False)
    made.record(verbose=False)
    made.make_trainable("HH_gNa", verbose=False)
    made.branch(1).make_trainable("radius", verbose=False)
    return made


def run(jx: ModuleType, made: Any, lengths: list[int] | None) -> dict[str, Any]:
    """The recordings, and the states of the compartments at the end."""
    recordings, states = jx.integrate(made, made.get_parameters(), checkpoint_lengths=lengths, return_states=True)
    inside = np.asarray(made.nodes.index)
    ends = {key: np.asarray(states[key])[inside] for key in ("v", "HH_m", "HH_h", "CaL_q", "CaCon_i")}
    return {"recordings": np.asarray(recordings), "states": ends}


def test_states_are_those_after_the_steps_that_were_asked_for(jaxley: Jaxley) -> None:
    # rounding
    exact = jaxley.agrees(lambda jx: run(jx, cell(jx), EXACT), atol=1e-8)
    without, longer = (run(loligo.jaxley, cell(loligo.jaxley), lengths) for lengths in (None, LONGER))
    for found in (without, longer):
        np.testing.assert_array_equal(found["recordings"], exact["recordings"])
        for key, values in exact["states"].items():
            np.testing.assert_array_equal(found["states"][key], values)
    np.testing.assert_array_equal(longer["states"]["v"], longer["recordings"][:, -1])


def test_jaxley_goes_on_to_the_product_of_the_lengths(jaxley: Jaxley) -> None:
    theirs = jaxley.gives(lambda jx: run(jx, cell(jx), LONGER), atol=1e-8)
    asked, longer = (run(loligo.jaxley, cell(loligo.jaxley, steps), None) for steps in (STEPS, np.prod(LONGER)))
    np.testing.assert_allclose(theirs["recordings"], asked["recordings"], rtol=0, atol=1e-8)
    for key, values in longer["states"].items():
        np.testing.assert_allclose(theirs["states"][key], values, rtol=0, atol=1e-8)
    # what it means to a script: the next run begins with other voltages
    assert np.max(np.abs(theirs["states"]["v"] - asked["states"]["v"])) > 1.0


@pytest.mark.usefixtures("double_precision")
def test_gradients_are_those_without_checkpoints(jaxley: Jaxley) -> None:
    import jax

    def gradient(jx: ModuleType, lengths: list[int] | None) -> Any:
        made = cell(jx)

        def loss(parameters: Any) -> Any:
            recordings, states = jx.integrate(made, parameters, checkpoint_lengths=lengths, return_states=True)
            return jax.numpy.mean(recordings[:, ::5] ** 2) + 1e3 * states["CaCon_i"][2] * states["v"][5]

        return jax.grad(loss)(jax.tree.map(jax.numpy.asarray, made.get_parameters()))

    # Jaxley differentiates its secant of 1e-3 mV with the rounding of a difference, some 1e-10 of a slope
    found = jaxley.agrees(lambda jx: gradient(jx, EXACT), rtol=1e-6)
    for lengths in (None, LONGER):
        for ours, expected in zip(gradient(loligo.jaxley, lengths), found, strict=True):
            [(key, values)] = expected.items()
            np.testing.assert_array_equal(ours[key], values)
