"""The library of mechanisms against NEURON, whose own translator compiles the same files."""

from __future__ import annotations

import functools
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from neuron_library import CALCIUM, Traces, insert, loligo_says, neuron_says

import loligo as lo
from loligo.library import CLASSES

NAMES = [name for name in lo.mechanisms().index if name not in CLASSES]
"""Those that are files: neurons without an extent and graded synapses are written in Python, see their own tests."""

TOLERANCE = 1e-6
"""Of the largest value of a trace."""

STEPPED_ONCE = "destexhe_h"
"""NEURON stops to iterate a KINETIC scheme when the changes of all its states sum to less than 1e-6, which here is
after one iteration. The rate that follows the state p1 is then that of the last step, and what it leads to is wrong by
as much."""

INSTANTANEOUS = ("allen_nap", "destexhe_it_tc", "pospischil_cat")
"""A current whose gate follows the voltage at once bends over the few mV of the gate, k, so that NEURON's secant over
1e-3 mV is 1e-3/2k = 1e-4 of the slope off the derivative, which the native convention takes."""


pytestmark = pytest.mark.usefixtures("library_in_neuron")


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
            assert np.isfinite(row).all(), f"NEURON's {what} is not finite"
            allowed = TOLERANCE * np.abs(row).max()
            if name == STEPPED_ONCE and what.startswith(f"{name}."):
                allowed = max(allowed, 1e-6)
            apart = np.abs(found[what] - row).max()
            assert apart <= allowed, f"{what} at {celsius} degC is {apart:.1e} of {np.abs(row).max():.1e} apart"


def test_cells_spike_and_mechanisms_matter() -> None:
    """What is compared moves: a cell fires, and a state is not what it was at the start."""
    rows = theirs(24.0, "backward_euler", "spikes")
    firing = [name for name in NAMES if rows[name]["v"].max() > 0]
    assert len(firing) > 0.9 * len(NAMES), set(NAMES) - set(firing)
    for name in NAMES:
        for what, row in theirs(24.0, "backward_euler", "clamp")[name].items():
            if what == "migliore_na.s":  # there is no slow inactivation until `ar` is lowered
                continue
            assert np.ptp(row) > 0, f"{what} of {name} does not move"


@pytest.mark.parametrize("name", NAMES)
def test_native_choices_differ_by_the_slope_alone(name: str) -> None:
    """The difference is below 1e-6 of the voltage; for currents that bend within a few mV, below 1e-4."""
    native = ours(36.0, "backward_euler", "spikes", "native")[name]["v"]
    neuron = ours(36.0, "backward_euler", "spikes", "neuron")[name]["v"]
    allowed = 1e-4 if name in INSTANTANEOUS else TOLERANCE
    assert np.abs(native - neuron).max() <= allowed * np.abs(neuron).max()


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_gradients_are_finite_from_minus_150_to_100_mv(precision: str) -> None:
    """A ramp of voltage through all rates, with the gradient of a current with respect to every parameter."""
    cells = []
    for name in NAMES:
        cell = lo.Compartment(length=20, radius=10)
        insert(cell, name, "clamp")
        cells.append(cell)
    network = lo.Network(cells)
    steps = 1000
    network.clamp(np.linspace(-150, 100, steps))
    network.record("i_membrane")
    for name in NAMES:
        for parameter, *_ in lo.mechanism(name).parameters:
            network.with_mechanism(name).make_trainable(f"{name}.{parameter}")

    def loss(parameters: Any) -> Any:
        run = lo.simulate(network, parameters, t_max=25, dt=25 / steps, v_init=-150, precision=precision)
        assert np.isfinite(getattr(run.recordings, "_value", run.recordings)).all()
        return anp.mean(run.recordings**2)

    _, gradient = lo.value_and_grad(loss)(network.get_parameters())
    for part in gradient:
        for name, numbers in part.items():
            assert np.isfinite(numbers).all(), name


def test_the_table_is_searched_by_words_ions_and_species() -> None:
    assert list(lo.mechanisms().columns) == [
        "kind",
        "description",
        "ions",
        "species",
        "preparation",
        "temperature",
        "reference",
    ]
    assert lo.mechanisms("hay CALCIUM").kind.to_dict() == {
        "hay_ca_hva": "channel",
        "hay_ca_lvast": "channel",
        "hay_cadynamics_e2": "pool",
        "hay_sk_e2": "channel",
    }
    assert "hh" in lo.mechanisms(ion="k", species="squid").index
    assert lo.mechanisms("phlogiston").empty
    assert lo.mechanisms(ion="xe").empty


def test_a_model_is_cited_in_order_and_once(tmp_path: Any) -> None:
    cell = lo.Compartment()
    for name in ["hay_nata_t", *CALCIUM, "pas"]:
        cell.insert(lo.mechanism(name))
    file = tmp_path / "mine.mod"
    file.write_text(lo.mechanism("pas").source.replace("SUFFIX pas", "SUFFIX mine"))
    cell.insert(lo.Mechanism.from_mod(file))
    text = lo.cite(cell)
    keys = [line.split("{")[1].rstrip(",") for line in text.splitlines() if line.startswith("@")]
    assert keys == ["hay2011", "colbert2002", "reuveni1993", "gouwens2018"]
    assert text.splitlines()[-1] == "% mine is not a mechanism of Loligo: cite its authors"
    assert lo.cite(lo.Compartment()) == ""


def keys_of(text: str) -> list[str]:
    return [line.split("{")[1].rstrip(",") for line in text.splitlines() if line.startswith("@")]


def test_synapses_are_cited_under_any_name() -> None:
    class Mine(lo.IonotropicSynapse):
        """Another class, whose text is another."""

    network = lo.Network([lo.Compartment()] * 2)
    network.insert(lo.mechanism("hh").renamed("axon"))
    network.connect([0], [1], lo.TanhRateSynapse())
    network.connect([0], [1], lo.IonotropicSynapse("excitatory"))
    network.connect([1], [0], lo.IonotropicSynapse("inhibitory"))
    network.connect([1], [0], lo.mechanism("halfgap"))
    network.connect([1], [0], Mine())
    text = lo.cite(network)
    expected = ["hodgkin1952", "deistler2025", "abbott1998", *keys_of(lo.cite(only("halfgap")))]
    assert keys_of(text) == expected
    assert text.splitlines()[-1] == "% Mine is not a mechanism of Loligo: cite its authors"
    network.synapses("TanhRateSynapse").delete()
    assert "deistler2025" not in lo.cite(network)


def only(name: str) -> lo.Network:
    network = lo.Network([lo.Compartment()] * 2)
    network.connect([0], [1], lo.mechanism(name))
    return network


def test_synapses_written_in_python_are_in_the_library() -> None:
    assert lo.mechanisms("graded").kind["IonotropicSynapse"] == "synapse"
    assert lo.mechanisms().reference["IonotropicSynapse"] == "Abbott and Marder 1998"
    made = only("IonotropicSynapse").synapses("IonotropicSynapse")
    assert made.get("k_minus").tolist() == [0.025]
