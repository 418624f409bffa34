"""Models that several tests use."""

import shutil
from pathlib import Path

import matplotlib
import pytest

import loligo as lo
from benchmarks import nrnivmodl

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
    from neuron_library import load  # which needs NEURON

    assert pytestconfig.cache is not None
    load(pytestconfig.cache.mkdir("library"))


@pytest.fixture(scope="session")
def mechanisms_in_neuron(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tests' `.mod` files, which NEURON's own translator has compiled and NEURON knows."""
    from neuron import h

    folder = tmp_path_factory.mktemp("nmodl")
    shutil.copytree(MECHANISMS, folder / "mod")
    nrnivmodl.translate(folder, "mod").check_returncode()
    h.nrn_load_dll(str(nrnivmodl.library(folder)))
    return MECHANISMS
