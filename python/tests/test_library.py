"""The library of mechanisms against NEURON, whose own translator compiles the same files."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from neuron_library import Traces, load, loligo_says, neuron_says

import loligo as lo

NAMES = list(lo.mechanisms().index)

TOLERANCE = 1e-6
"""Of the largest value of a trace."""


@pytest.fixture(scope="module", autouse=True)
def compiled(pytestconfig: pytest.Config) -> None:
    """NEURON with the library."""
    assert pytestconfig.cache is not None
    load(pytestconfig.cache.mkdir("library"))


@functools.cache
def theirs(celsius: float, scheme: str, protocol: str) -> Traces:
    """What NEURON says, once."""
    return neuron_says(NAMES, celsius, scheme, protocol)


@functools.cache
def ours(celsius: float, scheme: str, protocol: str, convention: str) -> Traces:
    """What Loligo says, once."""
    return loligo_says(NAMES, celsius, scheme, protocol, convention)


@pytest.mark.parametrize("scheme", ["backward_euler", "crank_nicolson"])
@pytest.mark.parametrize("protocol", ["clamp", "spikes"])
@pytest.mark.parametrize("name", NAMES)
def test_a_mechanism_is_what_neuron_makes_of_it(name: str, protocol: str, scheme: str) -> None:
    """Voltages, states, concentrations and currents at two temperatures."""
    for celsius in (24.0, 36.0):
        expected = theirs(celsius, scheme, protocol)[name]
        found = ours(celsius, scheme, protocol, "neuron")[name]
        for what, row in expected.items():
            size = np.abs(row).max()
            assert np.isfinite(row).all(), f"NEURON's {what} is not finite"
            apart = np.abs(found[what] - row).max()
            assert apart <= TOLERANCE * size, f"{what} at {celsius} degC is {apart / size:.1e} apart"
