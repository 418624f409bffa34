"""Models that several tests use."""

import matplotlib
import pytest

import loligo as lo

matplotlib.use("agg")


@pytest.fixture
def soma() -> lo.Compartment:
    """A single compartment with the channels of Hodgkin and Huxley that spikes."""
    soma = lo.Compartment(length=20, radius=10)
    soma.insert(lo.mechanism("hh"))
    soma.stimulate(lo.step(start=1, duration=8, amplitude=0.2))
    soma.record()
    return soma


@pytest.fixture
def fork() -> lo.Cell:
    """A branched cell of unequal compartments that spikes, stimulated at one end and recorded at the others."""
    cell = lo.Cell(lo.Branch(lo.Compartment(length=40, radius=1.5), ncomp=3), parents=[-1, 0, 0])
    cell.insert(lo.mechanism("hh"))
    cell.set("radius", lambda distance: 2 - distance / 200)
    cell.branch(0).loc(0.0).stimulate(lo.step(start=1, duration=8, amplitude=0.5))
    cell.branch([1, 2]).loc(1.0).record()
    return cell
