"""Models that several tests use, and what Jaxley gives for scripts of theirs."""

from collections import defaultdict
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import jaxley_values
import matplotlib
import pytest

import loligo as lo

matplotlib.use("agg")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--jaxley",
        choices=("recorded", "live", "record"),
        default="recorded",
        help="compare the door with values of Jaxley that were recorded; with Jaxley, and the records, too; or record",
    )


def pytest_configure(config: pytest.Config) -> None:
    for package in ("torch", "bluepyopt"):  # the examples in what needs them are tests, and importing it is an error
        if find_spec(package) is None:
            config.option.ignore = [*(config.option.ignore or []), str(Path(lo.__file__).with_name(f"{package}.py"))]
    # not known where pytest finds this file only as it collects
    jaxley_values.mode = config.getoption("--jaxley", "recorded")
    if jaxley_values.mode != "recorded" and find_spec("jaxley") is None:
        raise pytest.UsageError("there is no Jaxley to run: make test-jaxley installs it in .venv-jaxley, or pip here")
    if jaxley_values.mode == "record" and config.getoption("numprocesses", None):
        raise pytest.UsageError("--jaxley=record writes what one process recorded: leave -n out")


@pytest.hookimpl(tryfirst=True)  # before -k and -m have chosen
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    asking = defaultdict(set)
    for item in items:
        if "jaxley" in getattr(item, "fixturenames", ()):
            asking[item.path.stem].add(item.name)
        if jaxley_values.mode == "recorded" and item.get_closest_marker("live_jaxley"):
            item.add_marker(pytest.mark.skip(reason="needs Jaxley itself: make test-jaxley"))
    whole = not config.getoption("lf", False) and not any("::" in argument for argument in config.args)
    if jaxley_values.mode == "record" and whole:
        for file, tests in asking.items():
            jaxley_values.RECORDS.keep_only(file, tests)


def pytest_sessionfinish() -> None:
    if jaxley_values.mode == "record":
        jaxley_values.RECORDS.write()


@pytest.fixture
def jaxley(request: pytest.FixtureRequest) -> jaxley_values.Jaxley:
    """Jaxley, as it was recorded or live."""
    return jaxley_values.Jaxley(
        jaxley_values.mode, jaxley_values.RECORDS, file=request.path.stem, test=request.node.name
    )


@pytest.fixture
def double_precision() -> Iterator[None]:
    """JAX has single precision only, unless it is told."""
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


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
