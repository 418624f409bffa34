"""Models that several tests use."""

from pathlib import Path

import matplotlib
import pytest

import loligo as lo

matplotlib.use("agg")


@pytest.fixture
def soma() -> lo.Compartment:
    """A single compartment with the channels of Hodgkin and Huxley that spikes."""
    soma = lo.Compartment(length=20, radius=10)
    soma.insert(lo.mechanism("hh"))
    soma.celsius = 6.3
    soma.stimulate(lo.step(start=1, duration=8, amplitude=0.2))
    soma.record()
    return soma


@pytest.fixture
def fork() -> lo.Cell:
    """A branched cell of unequal compartments that spikes, stimulated at one end and recorded at the others."""
    cell = lo.Cell(lo.Branch(lo.Compartment(length=40, radius=1.5), ncomp=3), parents=[-1, 0, 0])
    cell.insert(lo.mechanism("hh"))
    cell.celsius = 6.3
    cell.set("radius", lambda distance: 2 - distance / 200)
    cell.branch(0).loc(0.0).stimulate(lo.step(start=1, duration=8, amplitude=0.5))
    cell.branch([1, 2]).loc(1.0).record()
    return cell


MECHANISMS = Path(__file__).parent / "mechanisms"


@pytest.fixture(scope="session")
def library_in_neuron(pytestconfig: pytest.Config) -> None:
    """NEURON with the library, compiled by its own translator."""
    import neuron_library  # which needs NEURON

    neuron_library.load(translated(pytestconfig), neuron_library.files())


@pytest.fixture(scope="session")
def mechanisms_in_neuron(pytestconfig: pytest.Config) -> Path:
    """The folder of the tests' `.mod` files, which NEURON's own translator has compiled and NEURON knows."""
    import neuron_library

    texts = {file.stem: file.read_text() for file in sorted(MECHANISMS.glob("*.mod"))}
    neuron_library.load(translated(pytestconfig), texts)
    return MECHANISMS


def translated(config: pytest.Config) -> Path:
    """Where what NEURON's translator made is kept for other processes, and the next time."""
    assert config.cache is not None
    return config.cache.mkdir("nrnivmodl")
