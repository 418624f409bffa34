"""The layer 5 pyramidal cell of the examples: the same cell in NEURON, and its gradient against differences."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest

pytest.importorskip("neuron", reason="NEURON has no wheel for Windows")

from neuron_cells import SECOND_ORDER, Twins

import loligo as lo
from benchmarks import layer5

T_MAX = 40.0
"""ms; the current flows from 10 ms on, and the cell fires three times."""


@pytest.fixture(scope="module")
def example() -> ModuleType:
    return layer5.example()


@pytest.fixture
def twins(example: ModuleType, library_in_neuron: None) -> Iterator[Twins]:
    """The cell in both simulators, with the numbers that the example is to find."""
    with Twins(example.MORPHOLOGY, ncomp=4) as twins:
        twins.set_celsius(34)
        groups = {
            place: [i for i, (name, *_) in enumerate(twins.branches) if name.startswith(section)]
            for place, section in layer5.SECTIONS.items()
        }
        twins.insert("pas")
        for place, names in example.INSERTED.items():
            for name in names:
                twins.insert(name, groups[place])
        for segment in twins.segments:
            segment.pas.g, segment.pas.e = 3e-5, -75
            for ion, value in example.IONS.items():
                if hasattr(segment, ion):
                    setattr(segment, ion, value)
        twins.cell.set("pas.g", 3e-5)
        twins.cell.set("pas.e", -75)
        from neuron import h

        h.cai0_ca_ion, h.cao0_ca_ion = example.IONS["cai"], example.IONS["cao"]
        for ion, value in example.IONS.items():
            twins.cell.set(ion, value)
        apical = twins.cell.branch(groups["apical"])
        apical.set("capacitance", 2)
        apical.set("hay_ih.gbar", example.ih_of_apical)
        twins.cell.branch(groups["basal"]).set("hay_ih.gbar", 8e-5)
        for place, name, _, value in example.FREE:
            twins.cell.branch(groups[place]).set(name, value)
        # the same numbers in NEURON, compartment by compartment
        nodes = twins.cell.nodes
        for index, segment in enumerate(twins.segments):
            segment.cm = nodes.capacitance.iloc[index]
            for _, name in {(place, name) for place, names in example.INSERTED.items() for name in names}:
                if not hasattr(segment, name):
                    continue
                mechanism = getattr(segment, name)
                for parameter in ("gbar", "gamma", "decay"):
                    if hasattr(mechanism, parameter):
                        setattr(mechanism, parameter, nodes[f"{name}.{parameter}"].iloc[index])
        twins.step(twins.soma, 10, 80, 3.0)
        yield twins


@pytest.mark.parametrize("scheme", list(SECOND_ORDER))
def test_voltage_and_calcium_are_those_of_neuron(twins: Twins, scheme: str) -> None:
    """At the soma, and the voltage at the farthest compartment: 1e-6 of the largest."""
    twins.record("v", [twins.soma, twins.farthest])
    twins.record("cai", [twins.soma])
    theirs, ours = twins.run(T_MAX, scheme)
    soma = theirs[0]
    assert ((soma[:-1] < 0) & (soma[1:] >= 0)).sum() >= 3, "it does not fire"
    for expected, found in zip(theirs, ours, strict=True):
        apart = np.abs(found - expected).max() / np.abs(expected).max()
        print(f"{apart:.1e}")
        assert apart <= 1e-6


def test_the_gradient_is_that_of_the_run(example: ModuleType) -> None:
    """With respect to the nineteen numbers that the example finds, against central differences of a whole window.

    A relative step of 1e-6 leaves an error of about 1e-7 of a derivative that matters; what matters least is compared
    with the largest.
    """
    cell = example.build()
    for place, name, bounds, _ in example.FREE:
        getattr(cell, place).make_trainable(name, bounds=bounds)
    start = cell.get_parameters()

    def loss(values: list[dict[str, np.ndarray]]) -> float:
        return (lo.simulate(cell, values, t_max=25).v[0, 400:] ** 2).mean()

    _, gradient = lo.value_and_grad(loss)(start)
    found, expected = [], []
    for index, entry in enumerate(start):
        (name,) = entry
        step = 1e-6 * entry[name]
        moved = [[*start[:index], {name: entry[name] + sign * step}, *start[index + 1 :]] for sign in (1, -1)]
        expected.append((loss(moved[0]) - loss(moved[1])) / 2e-6)
        found.append(gradient[index][name][0] * entry[name][0])
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6 * np.abs(expected).max())
