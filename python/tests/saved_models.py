"""Models with something of everything, and what two that are the same have in common: for tests of saving."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

import loligo as lo
from loligo.origins import Drawn

FILES = Path(__file__).parent / "mechanisms"

Members = dict[str, bytes]
"""The members of a file."""


class Slow(lo.Channel):
    """A potassium channel in Python, stepped by the engine."""

    parameters = {"gbar": (1e-3, "S/cm2")}
    states = {"p": 0.1, "q": 0.2}
    ions = ["k"]
    current_name = "ik"

    def derivatives(self, states, v, params):
        opening = np.where(v > -40, 0.5, 1 / (1 + np.exp(-(v + 35) / 10)))
        return {"p": (opening - states["p"] * states["q"]) / 5, "q": (states["p"] - states["q"] ** 2) / 7}

    def compute_current(self, states, v, params):
        return params["gbar"] * states["p"] * (v - params["ek"])


class Pool(lo.Pump):
    """Calcium that a pump takes out."""

    parameters = {"decay": (80.0, "ms")}
    ions = {"ca": 2}

    def derivatives(self, states, v, params):
        return {"cai": -params["ica"] - (params["cai"] - 1e-4) / params["decay"]}


class Graded(lo.Synapse):
    """A synapse in Python."""

    parameters = {"gmax": (1e-3, "uS"), "limit": (1e300, "mV")}
    states = {"s": 0.0}

    def derivatives(self, states, pre_voltage, post_voltage, params):
        return {"s": (1 / (1 + np.exp(-(pre_voltage + 35) / 10)) - states["s"]) / 5}

    def compute_current(self, states, pre_voltage, post_voltage, params):
        return params["gmax"] * states["s"] * np.minimum(post_voltage, params["limit"])


def drawn_cell() -> lo.Cell:
    """Branches that are given by their points."""
    trunk = np.array([[0, 0, 0, 4, 0], [30, 0, 0, 3, 33], [30, 0, 0, 1, 33], [80, 5, 0, 0.5, 90]], dtype=float)
    twig = np.array([[15, 1, 0, 0.5, 0], [15, 60, 0, 0.25, 61]], dtype=float)
    drawn = (Drawn(None, 1, "trunk", trunk), Drawn((0, 0.25), 3, "", twig))
    cell = lo.Cell._read(("branches", drawn, {"name": "by hand", "ncomp": [2, 3]}))
    cell.insert(lo.mechanism("hh"))
    cell.record()
    return cell


def a_compartment() -> lo.Compartment:
    soma = lo.Compartment(length=20, radius=10)
    soma.insert(lo.mechanism("hh"))
    soma.insert(Slow("slow"))
    soma.stimulate(lo.step(start=1, duration=np.inf, amplitude=0.2))
    soma.record()
    soma.record("slow.q", name="Ωmega")
    soma.make_trainable("slow.gbar", bounds=(0.0, np.inf))
    return soma


def a_branch() -> lo.Branch:
    branch = lo.Branch(lo.Compartment(length=25), ncomp=5)
    branch.insert(lo.mechanism("hh"))
    branch.insert(lo.diffusion("cai", D=0.2))
    branch.comp([0, 1]).insert(Pool())
    branch.comp([2, 4]).add_to_group("far")
    branch.ion_style("k", "every step")
    branch.set("ko", 8.0)
    branch.comp(0).stimulate(np.sin(np.arange(100) / 10))
    branch.comp(1).stimulate(np.sin(np.arange(100) / 10))
    branch.record()
    branch.far.make_trainable("hh.gnabar")
    return branch


def a_cell() -> lo.Cell:
    """With something of everything that can be on a cell."""
    cell = lo.Cell(lo.Branch(lo.Compartment(length=40, radius=1.5), ncomp=3), parents=[-1, 0, 0])
    cell.insert(lo.mechanism("hh").renamed("squid"))
    cell.celsius = 10
    cell.branch(1).insert(lo.mechanism("pas"))
    cell.branch(2).add_to_group("tuft")
    cell.set("squid.gnabar", lambda distance: 0.12 - distance / 1e4)
    cell.branch(1).set("squid.m", 0.1)
    cell.branch(2).loc(0.5).stimulate(np.sin(np.arange(100) / 10))
    cell.branch(0).loc(1.0).stimulate(lo.ramp(1, 2, 0.1))
    cell.branch(0).loc(1.0).stimulate(lo.sine(1, 2, 0.1, 100, phase=0.3))
    cell.branch(1).loc(0.0).clamp(-60, series_resistance=5, duration=3)
    cell.branch(1).loc(0.0).record("i_clamp")
    cell.tuft.record("squid.m")
    cell.branch("all").loc(0.5).record()
    cell.branch(0).loc(0.5).record("ina", name="sodium")
    cell.branch("all").make_trainable("squid.gkbar", bounds=(0, 1))
    cell.tuft.make_trainable("radius")
    return cell


def a_reconstruction() -> lo.Cell:
    cell = lo.datasets.ca1(ncomp=1)
    cell.insert(lo.mechanism("hh"))
    cell.soma.loc(0.5).stimulate(lo.step(start=1, duration=2, amplitude=0.5))
    cell.soma.loc(0.5).record()
    cell.branch("all").make_trainable("hh.gnabar", bounds=(0.01, 0.5))
    return cell


def spiking_cell() -> lo.Cell:
    cell = lo.Cell(lo.Branch(lo.Compartment(length=20, radius=5)))
    cell.insert(lo.mechanism("hh"))
    cell.insert(lo.mechanism("expsyn"))
    return cell


def spiking_network() -> lo.Network:
    """Spikes of the three kinds of sources, to synapses that connections share and to synapses of their own."""
    neuron = lo.Cell(lo.Branch(lo.Compartment(length=20, radius=5)))
    neuron.insert(lo.LIF(surrogate="fast_sigmoid", width=2.0))
    neuron.insert(lo.mechanism("expsyn"))
    neuron.stimulate(lo.step(start=0, duration=50, amplitude=0.3))
    network = lo.Network([spiking_cell(), spiking_cell(), spiking_cell(), neuron])
    network.celsius = 6.3
    network.cell(3).set("v", -70.0)
    network.cell([0, 3]).add_to_group("both")
    shared = lo.SpikingSynapse("expsyn", weight=[0.05, 0.04], delay=[1.0, 2.5])
    network.connect(lo.SpikeTrains([[1.0, 7.5], [2.0]]), network.cell([0, 1]), shared)
    network.connect(network.cell([0, 1]), network.cell([1, 2]), lo.SpikingSynapse("expsyn", weight=0.05))
    network.connect([3], [0], lo.SpikingSynapse(lo.mechanism("exp2syn"), weight=0.01, delay=0.5, tau_decay=3.0))
    network.connect([0], [2], lo.GapJunction())
    network.record()
    network.cell(2).record_spikes(-20.0)
    network.exp2syn.record("decay")
    network.synapses("expsyn")[[0, 3]].make_trainable("weight")
    network.exp2syn.make_trainable("tau_decay", bounds=(1.0, 10.0))
    network.cell([0, 1]).cell("all").make_trainable("hh.gkbar")
    return network


def graded_network() -> lo.Network:
    """Synapses of a class, some of which were deleted, of the library, and of a `.mod` file."""
    network = lo.Network([spiking_cell() for _ in range(3)])
    network.celsius = 6.3
    network.cell(0).stimulate(lo.step(start=1, duration=5, amplitude=0.3))
    network.connect([0, 1, 2], [2, 0, 1], Graded("graded"))
    network.graded.set("gmax", [1e-3, 2e-3, 3e-3])
    network.graded[1].delete()
    network.connect([0], [2], lo.GapJunction())
    network.connect([2, 0], [1, 1], lo.IonotropicSynapse("fast"))
    network.connect([1], [2], lo.mechanism("halfgap"))
    network.record()
    network.graded.record("s")
    network.fast[1].record("i", name="current")
    network.graded[[0, 1]].make_trainable("gmax", bounds=(0.0, 1.0))
    network.fast.make_trainable("gS")
    network.cell("all").make_trainable("hh.gkbar")
    return network


def artificial_cells() -> lo.Network:
    text = """
    NEURON { ARTIFICIAL_CELL Clock RANGE interval }
    PARAMETER { interval = 4 (ms) }
    INITIAL { net_send(interval, 1) }
    NET_RECEIVE (weight) { IF (flag == 1) { net_event(t) net_send(interval, 1) } }"""
    clock = lo.Cell()
    clock.insert(lo.Mechanism.compile(text, "C:\\somewhere\\clock.mod"))
    network = lo.Network([clock, spiking_cell()])
    network.connect([0], [1], lo.SpikingSynapse(lo.mechanism("exp2syn"), weight=0.02))
    network.cell(1).record()
    network.exp2syn.make_trainable("weight")
    return network


def a_table() -> lo.Compartment:
    """A FUNCTION_TABLE of two arguments."""
    opening, voltages, shifts = np.array([[0.0, 0.1], [0.5, 0.7], [1.0, 0.9]]), [-100.0, 0.0, 50.0], [-5.0, 5.0]
    soma = lo.Compartment(length=20, radius=10)
    soma.insert(lo.Mechanism.from_mod(FILES / "tgrid.mod", {"opening": (voltages, shifts, opening)}))
    soma.record()
    soma.make_trainable("radius")
    return soma


def a_played_network() -> lo.Network:
    """Numbers of mechanisms, ions and synapses that follow waveforms, and an array that two of them do."""
    network = lo.Network([spiking_cell(), spiking_cell()])
    network.celsius = 6.3
    network.connect([0, 1], [1, 0], lo.IonotropicSynapse())
    network.cell(0).play("hh.gnabar", lo.sine(0, 20, 0.02, 100, baseline=0.1))
    network.cell(1).play("ek", -75 + np.sin(np.arange(500) / 10))
    network.IonotropicSynapse[1].play("gS", lo.step(start=1, duration=5, amplitude=1e-3))
    network.record()
    network.make_trainable("hh.gkbar")
    return network


MODELS = [
    *(a_compartment, a_branch, a_cell, a_reconstruction, a_table),
    *(spiking_network, graded_network, artificial_cells, a_played_network),
]


def again(module: lo.Module, folder: Path) -> lo.Module:
    """The module that is read from the file that it is saved to."""
    module.save(folder / "model.loligo")
    return lo.load(folder / "model.loligo")


def assert_same(module: lo.Module, other: lo.Module, t_max: float = 12.0) -> None:
    """That two modules have the same of everything, run alike and have the same gradients, bit for bit."""
    assert type(other) is type(module)
    assert repr(other) == repr(module)
    pd.testing.assert_frame_equal(pd.DataFrame(other.nodes), pd.DataFrame(module.nodes), check_exact=True)
    pd.testing.assert_frame_equal(pd.DataFrame(other.edges), pd.DataFrame(module.edges), check_exact=True)
    assert other.quantities == module.quantities
    for name in module.quantities:
        assert other._model.values(name).tobytes() == module._model.values(name).tobytes(), name
    for what in ("groups", "reversals", "recordings", "has_celsius", "connected_names", "counts", "notes"):
        ours, theirs = (getattr(each._model, what) for each in (module, other))
        assert (theirs() if callable(theirs) else theirs) == (ours() if callable(ours) else ours), what
    assert [(c, str(w)) for c, w in other._model.stimuli()] == [(c, str(w)) for c, w in module._model.stimuli()]
    assert all(ours == theirs for ours, theirs in zip(module._model.stimuli(), other._model.stimuli()))
    assert other._model.plays() == module._model.plays()
    assert other._model.clamps() == module._model.clamps()
    assert lo.cite(other) == lo.cite(module)
    for ours, theirs in zip(module._trainables(), other._trainables(), strict=True):
        assert (theirs.name, theirs.bounds) == (ours.name, ours.bounds)
        assert theirs.targets.lists() == ours.targets.lists()
        assert theirs.initial.tobytes() == ours.initial.tobytes()
    for name, mechanism in module._inserted.items():
        assert other._inserted[name].report() == mechanism.report()
        assert other._inserted[name].source == mechanism.source
    if not module.recordings:
        return
    ours, theirs = (lo.simulate(each, t_max=t_max) for each in (module, other))
    assert theirs.recordings.tobytes() == ours.recordings.tobytes()
    for what in ("times", "sources", "compartments"):
        assert (getattr(theirs.raster, what) == getattr(ours.raster, what)).all()
    if module._trainables():
        slopes = [
            lo.grad(lambda p, each=each: (lo.simulate(each, p, t_max=3).recordings ** 2).mean())(each.get_parameters())
            for each in (module, other)
        ]
        for ours, theirs in zip(*slopes, strict=True):
            assert {k: v.tobytes() for k, v in theirs.items()} == {k: v.tobytes() for k, v in ours.items()}


def members_of(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, members: Members, compression: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
