"""Models that are alive in NEURON and in Loligo, taken over by `lo.from_neuron`: all voltages, spikes, gradients."""

from __future__ import annotations

import doctest
import gc
import pickle
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("neuron", reason="NEURON has no wheel for Windows")

from neuron import h
from neuron_cells import SECOND_ORDER, d_lambda, imported

import loligo as lo

h.load_file("stdrun.hoc")

MORPHOLOGIES = Path(__file__).parents[2] / "data" / "morphologies"

VOLTAGE = 1e-6
"""mV: both do the same arithmetic in another order, and spikes magnify rounding (see test_neuron_parity.py)."""

TEMPLATES = """
begintemplate OddCell
public soma, dend, twig, axon, spine
create soma, dend[2], twig, axon, spine
proc init() { local i
    // on the middle, on both ends, by the 1 end
    connect dend[0](0), soma(0.5)
    connect dend[1](1), soma(1)
    connect twig(0), dend[0](0.7)
    connect spine(0), twig(0.5)
    connect axon(0), soma(0)
    soma { nseg = 3 L = 25 diam = 18 Ra = 120 cm = 1.1 insert hh insert pas }
    dend[0] { nseg = 5 L = 180 diam(0:1) = 3:1 Ra = 150 insert hh insert pas }
    dend[1] { nseg = 7 L = 220 diam(0:1) = 0.8:2.4 Ra = 90 cm = 1.4 insert pas insert tcal insert tpool }
    twig { nseg = 3 L = 90 diam = 0.9 insert pas insert hh }
    spine { nseg = 1 L = 2 diam = 0.4 insert pas }
    axon { nseg = 9 L = 400 diam = 1.2 Ra = 70 insert hh }
    soma { gnabar_hh(0:1) = 0.14:0.1 ena = 52 ek = -75 }
    dend[0] { gnabar_hh(0:1) = 0.05:0.01 gkbar_hh = 0.012 el_hh = -60 g_pas(0:1) = 2e-4:5e-5 e_pas = -66 }
    dend[1] { g_pas = 7e-5 e_pas = -68 gbar_tcal(0:1) = 2e-4:1e-3 depth_tpool = 0.3 }
    twig { gnabar_hh = 0.03 }
}
endtemplate OddCell

begintemplate RingCell
public soma, dend, synapse
external h_unused
objref synapse
create soma, dend
proc init() {
    connect dend(0), soma(1)
    soma { L = 20 diam = 20 insert hh }
    dend { nseg = 5 L = 200 diam = 2 Ra = 110 insert pas g_pas = 1e-4 e_pas = -65 }
    dend synapse = new Exp2Syn(0.7)
    synapse.tau1 = 0.4
    synapse.tau2 = 2.5
}
endtemplate RingCell
""".replace("external h_unused\n", "")


@pytest.fixture(scope="module")
def templates(mechanisms_in_neuron: Path) -> Path:
    """The templates in NEURON, and the folder of the `.mod` files that they need."""
    if not hasattr(h, "OddCell"):
        assert h(TEMPLATES)
    return mechanisms_in_neuron


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """NEURON as others left it, before and after."""
    gc.collect()  # what failed tests hold is alive in NEURON
    h.usetable_hh = 0
    h.celsius, h.v_init, h.dt, h.secondorder = 6.3, -65.0, 0.025, 0
    yield
    for section in list(h.allsec()):
        h.delete_section(sec=section)
    h.celsius, h.secondorder = 6.3, 0


@pytest.fixture(params=list(SECOND_ORDER))
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


def segments() -> list[Any]:
    """All segments that are alive."""
    return [segment for section in h.allsec() for segment in section]


def neuron_says(t_max: float, scheme: str) -> np.ndarray:
    """The voltage of every segment in NEURON, shape (segment, time)."""
    recorded = [h.Vector().record(segment._ref_v) for segment in segments()]
    h.secondorder, h.dt = SECOND_ORDER[scheme], 0.025
    h.finitialize(h.v_init)
    for _ in range(round(t_max / h.dt)):
        h.fadvance()
    return np.array([vector.as_numpy().copy() for vector in recorded])


def compared(taken: Any, t_max: float, scheme: str) -> tuple[np.ndarray, lo.Run]:
    """NEURON's voltages, and the run of Loligo, which has all of them within the bound."""
    theirs = neuron_says(t_max, scheme)
    for segment in segments():
        taken.view(segment).record()
    h.secondorder = SECOND_ORDER[scheme]
    run = lo.simulate(taken.module, **{**taken.run, "t_max": t_max, "scheme": scheme})
    apart = np.abs(run.v - theirs).max()
    print(f"largest difference of {len(theirs)} segments, {scheme}: {apart:.1e} mV")
    assert apart <= VOLTAGE
    return theirs, run


def odd_cell() -> list[Any]:
    """A cell of the template with a current, a synapse that a train reaches, and a calcium channel; keeps it alive."""
    cell = h.OddCell()
    electrode = h.IClamp(cell.soma(0.5))
    electrode.delay, electrode.dur, electrode.amp = 2, 20, 0.9
    synapse, train = h.ExpSyn(cell.twig(0.2)), h.NetStim()
    synapse.tau, synapse.e = 1.7, 5
    train.start, train.interval, train.number, train.noise = 4, 6.3, 4, 0
    connection = h.NetCon(train, synapse)
    connection.delay, connection.weight[0] = 1.1, 0.004
    watched = h.NetCon(cell.soma(0.5)._ref_v, None, sec=cell.soma)
    watched.threshold = -10
    return [cell, electrode, synapse, train, connection, watched]


def spike_times(connection: Any) -> Any:
    """What records the spikes of a NetCon's source."""
    times = h.Vector()
    connection.record(times)
    return times


def spikes_of(run: lo.Run, compartment: int) -> np.ndarray:
    """The spikes of a compartment, ms."""
    return run.raster.times[run.raster.compartments == compartment]


def reasons(taken: Any) -> dict[str, str]:
    """Why each thing was left out."""
    return dict(zip(taken.left_out["what"], taken.left_out["why"]))


def assert_slopes(loss: Any, start: list[dict[str, np.ndarray]], relative: float = 1e-6) -> float:
    """Holds the gradient of a loss to central differences, fourth order, of each number; returns the largest relative
    difference."""
    _, gradient = lo.value_and_grad(loss)(start)
    largest = 0.0
    for index, entry in enumerate(start):
        (name,) = entry
        for element, number in enumerate(entry[name]):
            step = 1e-3 * number

            def moved(by: float, index: int = index, name: str = name, element: int = element) -> float:
                values = [{key: value.copy() for key, value in own.items()} for own in start]
                values[index][name][element] += by
                return loss(values)

            near = (moved(step) - moved(-step)) / (2 * step)
            far = (moved(2 * step) - moved(-2 * step)) / (4 * step)
            slope = (4 * near - far) / 3
            largest = max(largest, abs(gradient[index][name][element] / slope - 1))
    assert largest <= relative, f"{largest:.1e} apart"
    return largest


def test_a_template_with_odd_connections(templates: Path, scheme: str) -> None:
    """Children on the middle, on both ends and by their 1 end; diameters that change along a section; hh, pas and
    calcium from files, all of them different in every segment; a current, and a synapse that a train reaches."""
    alive = odd_cell()
    h.celsius, h.v_init = 9.0, -67.0
    taken = lo.from_neuron(h, mod_dir=templates)
    assert not len(taken.left_out)
    assert taken.module.celsius == 9.0
    times = spike_times(alive[-1])
    theirs, run = compared(taken, 30.0, scheme)
    assert theirs.max() > 0, "it does not fire"
    (soma,) = taken.view(alive[0].soma(0.5))._selection.compartments
    assert len(times) >= 2
    np.testing.assert_allclose(spikes_of(run, soma), np.array(times), rtol=0, atol=1e-9)


def test_the_gradient_of_a_template(templates: Path) -> None:
    """Of conductances of channels of three sections and of a synapse, against central differences."""
    alive = odd_cell()
    taken = lo.from_neuron(h, mod_dir=templates)
    cell = alive[0]
    taken.view(cell.soma(0.5)).record()
    taken.view("OddCell[0].dend[1](0.9)").record()
    for where, name in [("soma", "hh.gnabar"), ("dend[0]", "hh.gkbar"), ("dend[1]", "pas.g"), ("dend[1]", "tcal.gbar")]:
        taken.view(f"OddCell[0].{where}").make_trainable(name)
    taken.module.synapses("ExpSyn").make_trainable("weight")
    options = {**taken.run, "t_max": 8.0, "convention": "native"}

    def loss(values: list[dict[str, np.ndarray]]) -> float:
        return (lo.simulate(taken.module, values, **options).v ** 2).mean()

    largest = assert_slopes(loss, taken.module.get_parameters())
    print(f"largest relative difference of a slope: {largest:.1e}")


@pytest.mark.parametrize("file", ["neuromorpho/n120.swc", "bbp/bbp_with_axon.swc"])
def test_a_reconstruction_with_points_in_space(file: str, scheme: str) -> None:
    """All voltages of a cell that NEURON's Import3d made, with compartments by d_lambda and different channels."""
    for section in imported(MORPHOLOGIES / file):
        section.Ra, section.cm = 110, 0.9
        section.nseg = d_lambda(section)
        section.insert("pas")
        for segment in section:
            segment.pas.g, segment.pas.e = 4e-5, -66
        if "dend" not in section.name():
            section.insert("hh")
    soma = next(section for section in h.allsec() if "soma" in section.name())
    electrode = h.IClamp(soma(0.5))
    electrode.delay, electrode.dur, electrode.amp = 1, 12, 3.0
    taken = lo.from_neuron(h)
    assert taken.left_out.empty
    theirs, _ = compared(taken, 15.0, scheme)
    assert theirs.max() > 0, "it does not fire"
    del electrode


def test_points_in_space_of_a_script(scheme: str) -> None:
    """Cones, steps between points, a section that is connected by its 1 end, and one that begins somewhere else than
    where it is connected."""
    trunk, upper, lower, spine = (h.Section(name=name) for name in ("trunk", "upper", "lower", "spine"))
    for section, points in {
        trunk: [(0, 0, 0, 8), (10, 2, 0, 12), (10, 2, 0, 6), (60, 9, 4, 3)],
        upper: [(300, 40, 10, 0.7), (210, 50, 0, 1.6), (61, 9, 4, 2.5)],
        lower: [(-1, 0, 0, 2), (-80, -30, 0, 1.5), (-150, -30, 40, 0.6)],
        spine: [(200, 52, 0, 0.3), (200, 55, 0, 0.9)],
    }.items():
        for point in points:
            section.pt3dadd(*point)
    upper.connect(trunk(1), 1)
    lower.connect(trunk(0), 0)
    spine.connect(upper(0.35), 0)
    for section, nseg in {trunk: 3, upper: 6, lower: 4, spine: 1}.items():
        section.nseg = nseg
        section.insert("hh")
    electrode = h.IClamp(lower(0.9))
    electrode.delay, electrode.dur, electrode.amp = 1, 10, 0.4
    taken = lo.from_neuron(h)
    assert not len(taken.left_out)
    assert {name for name, _ in taken.module._model.groups()} == {"trunk", "upper", "lower", "spine", "undefined"}
    theirs, _ = compared(taken, 15.0, scheme)
    assert theirs.max() > 0, "it does not fire"
    del electrode


def random_tree(seed: int) -> list[Any]:
    """Sections of all sorts, connected anywhere by either end: with points in space and steps between them, with one
    diameter, or with one for each segment."""
    random = np.random.default_rng(seed)
    sections: list[Any] = []
    for number in range(random.integers(3, 12)):
        section = h.Section(name=f"{random.choice(['soma', 'dend', 'axon', 'other'])}[{number}]")
        section.nseg, section.Ra = int(random.integers(1, 8)), random.uniform(60, 200)
        if sections:
            parent = sections[random.integers(len(sections))]
            at = random.choice([0, 1, 1, 1, 0.5, random.random(), 1 / parent.nseg])
            section.connect(parent(float(at)), int(random.integers(2)))
        shape = random.integers(3)
        section.L, section.diam = random.uniform(10, 300), random.uniform(0.5, 10)
        if shape == 0:
            position = random.uniform(-50, 50, 3)
            for _ in range(random.integers(2, 7)):
                for _ in range(random.choice([1, 1, 1, 1, 2])):
                    section.pt3dadd(*position, random.uniform(0.5, 6))
                position += random.normal(size=3) * 30
        section.insert("hh")
        for segment in section:
            if shape == 1:
                segment.diam = random.uniform(0.5, 5)
            segment.hh.gnabar, segment.cm = random.uniform(0.05, 0.15), random.uniform(0.8, 1.5)
        sections.append(section)
    return sections


@pytest.mark.parametrize("seed", [2, 3, 5, 7, 8, 11])
def test_random_trees(seed: int, scheme: str) -> None:
    sections = random_tree(seed)
    electrode = h.IClamp(sections[0](0.5))
    electrode.delay, electrode.dur, electrode.amp = 1, 8, 2
    taken = lo.from_neuron(h)
    assert not len(taken.left_out)
    ours = taken.module.nodes["area"].to_numpy()[taken.segments["compartment"]]
    np.testing.assert_allclose(ours, [segment.area() for segment in segments()], rtol=1e-9)
    compared(taken, 10.0, scheme)
    del electrode


def test_a_ring_of_templates(templates: Path, scheme: str) -> None:
    """Three cells, each of which excites the next: all voltages, and the times of all spikes."""
    cells = [h.RingCell() for _ in range(3)]
    train = h.NetStim()
    train.start, train.number = 2, 1
    connections = [h.NetCon(train, cells[0].synapse)]
    for number, cell in enumerate(cells):
        connections.append(h.NetCon(cell.soma(0.5)._ref_v, cells[(number + 1) % 3].synapse, sec=cell.soma))
    for number, connection in enumerate(connections):
        connection.delay, connection.weight[0], connection.threshold = 1.3 + 0.35 * number, 0.03, -5 * number
    times = [spike_times(connection) for connection in connections]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        taken = lo.from_neuron(h)
    assert taken.left_out.empty
    assert taken.module.shape == (3, 6, 18)
    assert len(taken.connections) == 4
    _, run = compared(taken, 60.0, scheme)
    for number, cell in enumerate(cells):
        (soma,) = taken.view(cell.soma(0.5))._selection.compartments
        expected = np.array(times[number + 1])
        assert len(expected) >= 2
        np.testing.assert_allclose(spikes_of(run, soma), expected, rtol=0, atol=1e-9)


def test_import_leaves_neuron_alone() -> None:
    """`import loligo` does not import it."""
    program = "import sys, loligo; sys.exit('neuron' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_example_of_its_docstring() -> None:
    """It is skipped where there may be no NEURON; here it runs as printed."""
    text = (lo.from_neuron.__doc__ or "").replace("# doctest: +SKIP", "")
    example = doctest.DocTestParser().get_doctest(text, {}, "from_neuron", None, 0)
    assert len(example.examples) >= 8
    failed, _ = doctest.DocTestRunner().run(example, clear_globs=False)
    assert not failed


def cable(name: str = "cable", nseg: int = 3) -> Any:
    """A cable with squid channels."""
    section = h.Section(name=name)
    section.L, section.diam, section.nseg, section.Ra = 60 * nseg, 4, nseg, 100
    section.insert("hh")
    return section


def test_synapses_that_share_a_segment(templates: Path, scheme: str) -> None:
    """Several of a kind in one segment, with none, one and two connections each; trains on and between steps."""
    section = cable()
    synapses = [h.ExpSyn(section(0.5)) for _ in range(4)] + [h.Exp2Syn(section(0.5)) for _ in range(2)]
    trains = [h.NetStim() for _ in range(3)]
    for number, (synapse, train) in enumerate(zip(synapses, trains)):
        synapse.tau, train.start, train.interval, train.number = 1 + 0.7 * number, 2.01 + number, 3.3 + number, 5
        train.noise = 0
    connections = [
        h.NetCon(trains[a], synapses[b]) for a, b in [(0, 0), (1, 0), (2, 1), (0, 3), (1, 4), (2, 4), (0, 5)]
    ]
    for number, connection in enumerate(connections):
        connection.delay, connection.weight[0] = 0.3 * number, 0.002 + 0.001 * number
    taken = lo.from_neuron(h)
    assert taken.left_out.empty
    assert taken.points["mechanism"].tolist() == ["ExpSyn_2", "ExpSyn", "ExpSyn_3", "ExpSyn", "Exp2Syn_2", "Exp2Syn"]
    assert taken.points["synapse"].tolist() == [-1, 0, -1, 1, -1, 0]
    theirs, _ = compared(taken, 25.0, scheme)
    assert theirs.max() > 0, "it does not fire"


def test_artificial_cells_and_points_that_announce_spikes(templates: Path) -> None:
    """From files: integrators that drive and are driven, a train, and a point process that echoes spikes."""
    first, second = cable("first"), cable("second")
    integrator, train = h.TFire1(), h.TStim()
    train.start, train.interval, train.number, train.noise = 1, 2.3, 20, 0
    echo = h.TEcho(first(0.5))
    echo.span = 4.4
    synapses = [h.ExpSyn(first(0.2)), h.ExpSyn(second(0.8))]
    ends = [(train, integrator, 0.7), (integrator, synapses[0], 0.05), (echo, synapses[1], 0.04)]
    connections = [h.NetCon(source, target) for source, target, _ in ends]
    for connection, (*_, weight) in zip(connections, ends):
        connection.weight[0], connection.delay = weight, 1.2
    times = [spike_times(connection) for connection in connections]
    with pytest.warns(lo.errors.LeftOutWarning, match="the random numbers of TStim"):
        taken = lo.from_neuron(h, mod_dir=templates)
    assert len(taken.left_out) == 1, "only these, which are not drawn without noise"
    assert taken.module.shape == (4, 4, 8)
    _, run = compared(taken, 40.0, "backward_euler")
    named = taken.points.set_index("name")["compartment"]
    for name, expected in zip(["TStim[0]", "TFire1[0]", "TEcho[0]"], times):
        name = next(each for each in named.index if each.startswith(name[:-3]))
        assert len(expected) > 2
        np.testing.assert_allclose(spikes_of(run, named[name]), np.array(expected), rtol=0, atol=1e-9)


def test_a_point_that_reads_a_concentration(templates: Path) -> None:
    """In one segment, where the reversal potential follows from the concentrations, and nowhere else."""
    sections = [cable("first"), cable("second")]
    point = h.TPoint(sections[0](0.5))
    for section in sections:
        section.insert("tcal")
        section.gbar_tcal, section.eca = 2e-3, 90
    electrode = h.IClamp(sections[1](0.1))
    electrode.delay, electrode.dur, electrode.amp = 1, 9, 0.6
    taken = lo.from_neuron(h, mod_dir=templates)
    assert taken.left_out.empty
    theirs, _ = compared(taken, 20.0, "backward_euler")
    assert theirs.max() > 0, "it does not fire"
    assert sections[0](0.5).eca > 120 and sections[0](0.9).eca == 90
    del point, electrode


def test_numbers_that_all_segments_share(templates: Path) -> None:
    """Parameters that are not RANGE, arrays among them."""
    section = cable()
    section.insert("tamplifier")
    before = h.g_tamplifier, h.gain_tamplifier
    h.g_tamplifier, h.gain_tamplifier = 4e-5, 1.7
    taken = lo.from_neuron(h, mod_dir=templates)
    assert taken.left_out.empty
    assert taken.module.get("tamplifier.gain").tolist() == [1.7] * 3
    compared(taken, 20.0, "backward_euler")
    h.g_tamplifier, h.gain_tamplifier = before


def test_a_part_of_what_is_alive() -> None:
    """Sections that were chosen: a child without its parent, which is connected by its 1 end, becomes a root."""
    trunk, twig = cable("trunk"), cable("twig", 5)
    for point in [(0, 0, 0, 5), (100, 0, 0, 2), (180, 30, 0, 1)]:
        twig.pt3dadd(*point)
    twig.connect(trunk(1), 1)
    electrode = h.IClamp(trunk(0.5))
    with pytest.warns(lo.errors.LeftOutWarning, match=r"a connection between sections \(twig\)"):
        taken = lo.from_neuron(h, sections=[twig])
    assert taken.left_out["why"].tolist() == ["its parent trunk was not asked for"]
    ours = taken.module.nodes["area"].to_numpy()[taken.segments["compartment"]]
    np.testing.assert_allclose(ours, [segment.area() for segment in twig], rtol=1e-9)
    del electrode


def test_trains_that_events_turn_on_and_off(scheme: str) -> None:
    """One that goes on for ever is turned off, another one is turned on twice, the second time while it is on."""
    section = cable()
    trains = [h.NetStim() for _ in range(4)]
    numbers = [(1.3, 2.1, 1e9), (-1, 3.7, 3), (5.2, 11, 2), (14.9, 1, 1)]
    for train, (train.start, train.interval, train.number) in zip(trains, numbers):
        train.noise = 0
    synapses = [h.ExpSyn(section(0.5)) for _ in range(2)]
    ends = [(0, synapses[0], 0.003), (1, synapses[1], 0.02), (2, trains[1], 1.0), (3, trains[0], -1.0)]
    connections = [h.NetCon(trains[train], target) for train, target, _ in ends]
    for connection, (*_, weight) in zip(connections, ends):
        connection.weight[0], connection.delay = weight, 0.37
    times = [spike_times(connection) for connection in connections]
    taken = lo.from_neuron(h)
    assert taken.left_out.empty
    assert taken.module.shape[0] == 3
    _, run = compared(taken, 40.0, scheme)
    for compartment, expected in zip([3, 4], times):
        assert len(expected) > 4
        np.testing.assert_allclose(spikes_of(run, compartment), np.array(expected), rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "levels",
    [
        [(9, -30), (4, 10), (2, -30)],
        [(5, -65), (1e9, 0), (0, 0)],
        [(6, -20), (0, 3), (0, 0)],
        [(3, -90), (6, -10), (5, -50)],
    ],
)
def test_clamps(scheme: str, levels: list[tuple[float, float]]) -> None:
    """One with one, two or three levels, beside a second one in its segment and a synapse without events."""
    section = cable()
    second, alpha = h.SEClamp(section(0.5)), h.AlphaSynapse(section(0.9))
    second.dur2, second.amp2, second.rs = 7, -40, 20
    alpha.onset, alpha.tau, alpha.gmax, alpha.e = 3.3, 0.8, 0.02, -10
    clamp = h.SEClamp(section(0.5))
    for number, (duration, level) in enumerate(levels, start=1):
        setattr(clamp, f"dur{number}", duration)
        setattr(clamp, f"amp{number}", level)
    clamp.rs = 0.5
    taken = lo.from_neuron(h)
    assert taken.left_out.empty
    compared(taken, 20.0, scheme)
    del second, alpha


@pytest.mark.parametrize("style", [None, (3, 1, 0, 0, 0), (3, 2, 1, 0, 0), (3, 2, 1, 1, 0)])
def test_ions(templates: Path, style: tuple[int, ...] | None) -> None:
    """Concentrations, reversal potentials, and `ion_style` as mechanisms or users make it."""
    section = cable()
    for mechanism in ("tpool", "tcal"):
        section.insert(mechanism)
    point = h.TPoint(section(0.5))
    h.cai0_ca_ion = 2e-4
    section.ena, section.ek, section.cao, section.eca = 55, -74, 1.5, 110
    for number, segment in enumerate(section):
        segment.cai, segment.tcal.gbar = 3e-4, 1e-3 * (1 + number)
    if style is not None:
        h.ion_style("ca_ion", *style, sec=section)
    taken = lo.from_neuron(h, mod_dir=templates)
    assert taken.left_out.empty
    compared(taken, 20.0, "backward_euler")
    h.cai0_ca_ion = 5e-5
    del point


def test_what_cannot_be_taken_is_listed(templates: Path) -> None:
    """Each with its reason, in one warning."""
    h.usetable_hh = 1
    section, other = cable(), cable("other", 1)
    section.insert("extracellular")
    c, g, y, b = h.Matrix(2, 2), h.Matrix(2, 2), h.Vector(2), h.Vector(2)
    equations = h.LinearMechanism(c, g, y, b)
    handler = h.FInitializeHandler(lambda: None)
    graded, clamp, count = h.TGraded(section(0.5)), h.VClamp(section(0.5)), h.APCount(section(0.5))
    h.setpointer(section(0.5)._ref_v, "vpre", graded)
    noisy, gated, lone = h.NetStim(), h.NetStim(), h.NetStim()
    noisy.noise = 0.5
    at_end, reached = h.ExpSyn(section(1)), h.ExpSyn(section(0.5))
    connections = [
        h.NetCon(noisy, reached),
        h.NetCon(lone, gated),
        h.NetCon(section(0.5)._ref_m_hh, reached, sec=section),
        h.NetCon(section(0)._ref_v, reached, sec=section),
        h.NetCon(other(0.5)._ref_v, reached, sec=other),
        h.NetCon(lone, at_end),
    ]
    away = h.NetCon(lone, reached)
    away.active(False)
    h.secondorder = 1
    with pytest.warns(lo.errors.LeftOutWarning, match=r"not taken from NEURON: .* more; see \.left_out") as caught:
        taken = lo.from_neuron(h, sections=[section])
    assert len(caught) == 1
    print(taken.left_out.to_string())
    why = {what.partition("[")[0]: reason for what, reason in reasons(taken).items()}
    expected = {
        "extracellular": "outside of the membrane is ground",
        "the TABLE of hh": "h.usetable_hh = 0",
        "LinearMechanism": "equations beside those of the cells",
        "FInitializeHandler": "is a program",
        "TGraded": "mod_dir has no file of `TGraded`",
        "VClamp": "mod_dir has no file of `VClamp`",
        "APCount": "run.raster has them",
        "ExpSyn": "has no membrane",
        "secondorder = 1": "backward Euler",
    }
    for what, reason in expected.items():
        assert reason in why[what], what
    ends = dict(zip(taken.left_out["where"], taken.left_out["why"]))
    assert "random" in reasons(taken)[noisy.hname()]
    assert "NetStim" in reasons(taken)[connections[0].hname()]
    assert "watches no voltage" in reasons(taken)[connections[2].hname()]
    assert "end of a section is not watched" in reasons(taken)[connections[3].hname()]
    assert "was not asked for" in reasons(taken)[connections[4].hname()]
    assert "was not taken" in reasons(taken)[connections[5].hname()]
    assert "not active" in reasons(taken)[away.hname()]
    assert any("→" in where for where in ends)

    with pytest.warns(lo.errors.LeftOutWarning):
        why = reasons(lo.from_neuron(h, mod_dir=templates, sections=[section]))
    assert "its POINTER `vpre` points to" in why[graded.hname()]
    del equations, handler, count, clamp


def test_names_and_wrong_calls(templates: Path, tmp_path: Path) -> None:
    section, twin = cable(), cable()
    taken = lo.from_neuron(h)
    assert taken.view(twin(0.9))._selection.compartments.tolist() == [5]
    assert taken.view(section).shape[-1] == 3
    with pytest.raises(lo.errors.ArgumentError, match="several sections are called `cable`"):
        taken.view("cable(0.5)")
    h.delete_section(sec=twin)
    taken = lo.from_neuron(h)
    assert taken.view("cable(0.9)")._selection.compartments.tolist() == [2]
    assert taken.module.groups["cable"].tolist() == [0, 1, 2]
    with pytest.raises(lo.errors.UnknownNameError, match="no section `cabel` was taken; did you mean `cable`"):
        taken.view("cabel")
    with pytest.raises(lo.errors.SelectionError, match="the location 1 of cable is no segment"):
        taken.view(section(1))
    with pytest.raises(lo.errors.ArgumentTypeError, match="expected NEURON's h"):
        lo.from_neuron(None)
    with pytest.raises(lo.errors.ArgumentTypeError, match="expected sections of NEURON"):
        lo.from_neuron(h, sections=["cable"])
    with pytest.raises(lo.errors.MissingFileError, match=r"there is no \.mod file in the folder"):
        lo.from_neuron(h, mod_dir=tmp_path)
    again = pickle.loads(pickle.dumps(taken.module))
    for each in (again, taken.module):
        each.record()
    options = {**taken.run, "t_max": 5.0}
    np.testing.assert_array_equal(lo.simulate(again, **options).v, lo.simulate(taken.module, **options).v)
    h.delete_section(sec=section)
    with pytest.raises(lo.errors.ArgumentError, match="there is no section to take"):
        lo.from_neuron(h)


def test_a_cell_of_netpyne(templates: Path) -> None:
    """A small network that NetPyNE made: all voltages, and the gradient of conductances."""
    pytest.importorskip("netpyne", reason="a package of its own")
    from netpyne import sim, specs

    rules = specs.NetParams()
    soma = {"geom": {"L": 20, "diam": 18, "Ra": 110, "nseg": 1}, "mechs": {"hh": {"gnabar": 0.13, "el": -55}}}
    dendrite = {
        "geom": {"L": 150, "diam": 2.2, "Ra": 130, "nseg": 5},
        "topol": {"parentSec": "soma", "parentX": 0.5, "childX": 0},
        "mechs": {"pas": {"g": 8e-5, "e": -66}},
    }
    rules.cellParams["PYR"] = {"secs": {"soma": soma, "dend": dendrite}}
    rules.popParams["cells"] = {"cellType": "PYR", "numCells": 3}
    rules.popParams["drive"] = {"cellModel": "NetStim", "numCells": 1, "rate": 60, "noise": 0, "start": 3}
    rules.synMechParams["exc"] = {"mod": "Exp2Syn", "tau1": 0.3, "tau2": 2.1, "e": 0}
    rules.connParams["drive"] = {
        "preConds": {"pop": "drive"},
        "postConds": {"pop": "cells"},
        "synMech": "exc",
        "sec": "dend",
        "loc": 0.7,
        "weight": 0.008,
        "delay": 1.3,
    }
    rules.connParams["ring"] = {
        "preConds": {"pop": "cells"},
        "postConds": {"pop": "cells"},
        "synMech": "exc",
        "sec": "dend",
        "loc": 0.3,
        "weight": 0.002,
        "delay": 2.7,
        "connList": [[0, 1], [1, 2], [2, 0]],
    }
    rules.stimSourceParams["step"] = {"type": "IClamp", "del": 5, "dur": 12, "amp": 0.25}
    rules.stimTargetParams["step"] = {"source": "step", "conds": {"cellList": [1]}, "sec": "soma", "loc": 0.5}
    options = specs.SimConfig()
    options.duration, options.dt, options.verbose, options.recordStim = 30, 0.025, False, False
    options.hParams = {"celsius": 6.3, "v_init": -65}
    sim.create(netParams=rules, simConfig=options)
    h.usetable_hh = 0
    with pytest.warns(lo.errors.LeftOutWarning, match="FInitializeHandler"):
        taken = lo.from_neuron(h)
    assert len(taken.left_out) == 1
    assert taken.module.shape == (4, 7, 19)  # with a cell for the source of the drive
    _, run = compared(taken, 30.0, "backward_euler")
    assert len(run.raster) > 3
    taken.module.soma.make_trainable("hh.gnabar")
    taken.module.dend.make_trainable("pas.g")
    settings = {**taken.run, "t_max": 8.0, "convention": "native"}

    def loss(values: list[dict[str, np.ndarray]]) -> float:
        return (lo.simulate(taken.module, values, **settings).v ** 2).mean()

    print(f"largest relative difference of a slope: {assert_slopes(loss, taken.module.get_parameters()):.1e}")
    sim.clearAll()
