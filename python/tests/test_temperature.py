"""Mechanisms that depend on a temperature that nobody set say so, once."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest

import loligo as lo
import loligo.jaxley as jx
from loligo.errors import TemperatureWarning


@pytest.fixture(autouse=True)
def noisy() -> Iterator[None]:
    """Every warning that is not expected is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", TemperatureWarning)
        yield


def axon(*names: str) -> lo.Compartment:
    axon = lo.Compartment()
    for name in names:
        axon.insert(lo.mechanism(name))
    axon.record()
    return axon


def test_a_model_warns_once_and_names_mechanisms_and_number() -> None:
    cell = axon("hh", "pas", "mainen_na")
    said = r"`hh` and `mainen_na` depend on the temperature, which was never set: runs take 6.3 °C"
    with pytest.warns(TemperatureWarning, match=said) as noted:
        lo.simulate(cell, t_max=1)
    assert [warning.filename for warning in noted] == [__file__]
    lo.simulate(cell, t_max=1)
    cell.celsius = 30
    lo.simulate(cell, t_max=1)


def test_a_temperature_that_was_set_is_meant_also_where_it_is_the_default() -> None:
    cell = axon("hh")
    cell.celsius = 6.3
    lo.simulate(cell, t_max=1)
    lo.simulate(lo.Network([cell, axon("hh")]), t_max=1)


def test_one_that_is_trained_or_given_to_the_run_is_known() -> None:
    cell = axon("hh")
    lo.simulate(cell, t_max=1, param_state=cell.data_set("celsius", 20.0, None))
    cell.make_trainable("celsius")
    lo.simulate(cell, cell.get_parameters(), t_max=1)


def test_what_does_not_depend_on_it_says_nothing() -> None:
    lo.simulate(axon("pas", "hay_ih"), t_max=1)
    cell = jx.Cell(jx.Branch(jx.Compartment(), ncomp=1), parents=[-1])
    cell.insert(jx.channels.HH())
    cell.record(verbose=False)
    jx.integrate(cell, t_max=1.0)
