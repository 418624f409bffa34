"""No argument of a public call falls through to the code behind it: whatever is given in the place of each, the call
takes it or says what it expected, by an error of Loligo's own. The calls are those of test_public_calls.py, all of
them."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
from matplotlib import pyplot
from test_public_calls import MADE_BY_LOLIGO, NOT_CALLED, SWEEP, Things, batched, ended, fitted, loss, public

import loligo as lo

WRONG = (None, -1, 0.5, "x", np.nan, [], [[1.0, 2.0], [3.0]], np.zeros((2, 2)), {}, object())
"""None of these is right everywhere; lists of different lengths are no array."""

YES_OR_NO = ("autapses", "detach_reset", "keep_state", "multapses", "progress", "replace_axon")
"""Arguments of which the truth counts, which an array has none of."""

SAID_BY_THE_ENGINE = ("Mechanism.compile", "Mechanism.curves", "Mechanism.diffusing", "Mechanism.from_mod")
"""The compiled half refuses other types before it can say so in our words."""

Right = Callable[[Things], tuple[Callable[..., object], dict[str, Any]]]

SIMULATED: dict[str, Any] = {"t_max": 0.1, "dt": 0.025, "scheme": "backward_euler", "precision": "float64"}
SIMULATED |= {"convention": "native", "seed": 0, "spike_times": "grid", "keep_state": False, "progress": False}
SIMULATED |= dict.fromkeys(("record_every", "v_init", "param_state", "stimuli", "plays", "spikes", "on_divergence"))
SIMULATED |= dict.fromkeys(("surrogate", "start", "stop_gradient_at", "held", "budget", "threads"))

WAVEFORM = {"start": 0.0, "duration": 1.0, "amplitude": 1.0, "baseline": 0.0}
ENDS = {"pre_comp": "first", "post_comp": "first"}


def stimulated(cell: lo.Cell, current: Any) -> lo.Run:
    cell.stimulate(current)
    return lo.simulate(cell, t_max=0.1)


def rule(name: str, /, **further: Any) -> Right:
    def right(t: Things) -> tuple[Callable[..., object], dict[str, Any]]:
        pre, post = t.pair
        return getattr(lo, name), {"pre": pre, "post": post, "synapse": lo.IonotropicSynapse(), **ENDS, **further}

    return right


def of(what: Callable[[Things], Any], method: str, /, **right: Any) -> Right:
    return lambda t: (getattr(what(t), method), right)


def plain(name: str, /, **right: Any) -> Right:
    function = lo
    for part in name.split("."):
        function = getattr(function, part)
    return lambda t: (function, right)


def differentiated(name: str, called: str, arguments: int) -> Right:
    def call(argument: Any, **function: Any) -> object:
        return getattr(lo, name)(function[called], argument)(*[np.ones(2)] * arguments)

    return lambda t: (call, {called: lambda x: (x**2).sum(), "argument": 0})


def cell(t: Things) -> lo.Cell:
    return t.cell.copy()


def trained(t: Things) -> lo.Cell:
    own = cell(t)
    own.make_trainable("radius", bounds=(0.1, 10.0))
    return own


def network(t: Things) -> lo.Network:
    return t.network.copy()


def connected(t: Things) -> lo.Synapses:
    return recorded(t).synapses("IonotropicSynapse")


def recorded(t: Things) -> lo.Network:
    own = network(t)
    own.record()
    return own


def with_spikes(t: Things) -> lo.Network:
    own = recorded(t)
    own.connect(lo.SpikeTrains([1.0]), [0], lo.SpikingSynapse(lo.mechanism("expsyn")))
    return own


def one_run(view: Any, method: str, argument: str) -> Callable[..., object]:
    return lambda **given: lo.simulate(view._module, t_max=0.1, **{argument: getattr(view, method)(**given)})


def path(t: Things, name: str) -> str:
    return str(t.folder / name)


def swc(t: Things) -> str:
    file = t.folder / "cell.swc"
    file.write_text("1 1 0 0 0 1 -1\n2 3 9 0 0 1 1\n3 3 19 0 0 1 2\n")
    return str(file)


RIGHT: dict[str, Right] = {
    # functions
    "arrange_in_layers": plain("arrange_in_layers", layers=[2, 1], within=500.0, between=1500.0),
    "batch": lambda t: (lambda values: lo.simulate(cell(t), t_max=0.1, v_init=lo.batch(values)), {"values": [1.0]}),
    "cite": lambda t: (lo.cite, {"model": t.cell}),
    "conductance": plain("conductance", name="open", e=0.0),
    "connectivity_matrix_connect": rule("connectivity_matrix_connect", matrix=[[True]], seed=None),
    "datasets.ca1": lambda t: (lambda **given: lo.datasets.ca1(**given) and None, {"ncomp": 1, "d_lambda": 0.1}),
    "diffusion": plain("diffusion", concentration="cai", D=1.0),
    "distance_connect": rule("distance_connect", probability=lambda d: 0 * d, seed=0, positions=None, autapses=True),
    "equilibrate": lambda t: (
        lo.equilibrate,
        {"module": t.cell, "values": None, "v_init": None, "param_state": None, "tolerance": 1e-6}
        | {name: SIMULATED[name] for name in ("scheme", "convention", "spike_times", "threads")},
    ),
    "features.efel_table": lambda t: (
        lo.features.efel_table,
        {"run": t.run, "names": ["voltage_base"], "start": 0.1, "stop": 0.5},
    ),
    "features.efel_traces": lambda t: (lo.features.efel_traces, {"run": t.run, "start": 0.1, "stop": 0.5}),
    "fit": lambda t: (
        lo.fit,
        {"module": trained(t), "loss": loss, "t_max": 0.1, "steps": 1, "optimizer": "adam", "learning_rate": None}
        | {"normalize": None, "starts": 1, "keep": None, "seed": 0, "progress": False}
        | {"checkpoint": None, "checkpoint_every": 10},
    ),
    "fixed_indegree_connect": rule("fixed_indegree_connect", degree=1, seed=0, multapses=False, autapses=True),
    "fixed_outdegree_connect": rule("fixed_outdegree_connect", degree=1, seed=0, multapses=False, autapses=True),
    "from_neuron": plain("from_neuron", h=None, mod_dir=None, sections=None),
    "fully_connect": rule("fully_connect", autapses=True, seed=None),
    "grad": differentiated("grad", "loss", 1),
    "heaviside": plain("heaviside", x=1.0, surrogate=None, width=1.0, at_zero=1.0),
    "hessian_product": differentiated("hessian_product", "loss", 2),
    "jvp": differentiated("jvp", "function", 2),
    "load": lambda t: (lo.load, {"path": path(t, "none.loligo"), "limit": 1}),
    "load_allen": lambda t: (lo.load_allen, {"folder": path(t, "none"), "axon": None, "mechanisms": None}),
    "load_bluepyopt": lambda t: (
        lo.load_bluepyopt,
        {"parameters": [], "morphology": swc(t), "mechanisms": {"all": ["pas"]}, "mod_dir": None, "best": None}
        | {"replace_axon": False},
    ),
    "load_mechanisms": lambda t: (lo.load_mechanisms, {"folder": path(t, "none")}),
    "losses.cross_entropy": plain("losses.cross_entropy", scores=np.zeros((2, 3)), target=[0, 1]),
    "losses.mean_squared_error": plain(
        "losses.mean_squared_error", run=np.zeros((1, 3)), target=np.zeros((1, 3)), mask=None
    ),
    "losses.soft_dtw": plain("losses.soft_dtw", trace=np.ones(3), target=np.ones(3), gamma=1.0),
    "losses.soft_dtw_divergence": plain("losses.soft_dtw_divergence", trace=np.ones(3), target=np.ones(3), gamma=1.0),
    "losses.soft_dtw_of_costs": plain("losses.soft_dtw_of_costs", costs=np.ones((2, 3)), gamma=1.0),
    "losses.van_rossum": plain("losses.van_rossum", spikes=[1.0], target=[2.0], tau=1.0),
    "losses.victor_purpura": plain("losses.victor_purpura", spikes=[1.0], target=[2.0], cost=1.0),
    "losses.windowed_mean": plain("losses.windowed_mean", trace=np.ones(3), t=np.arange(3), start=0, stop=2),
    "losses.windowed_statistics": plain(
        "losses.windowed_statistics", trace=np.ones(3), t=np.arange(3), windows=[(0, 2)]
    ),
    "losses.windowed_std": plain("losses.windowed_std", trace=np.ones(3), t=np.arange(3), start=0, stop=2, floor=1e-6),
    "mechanism": plain("mechanism", name="hh"),
    "mechanisms": plain("mechanisms", search="", ion=None, species=None),
    "noise": plain("noise", start=0.0, duration=1.0, mean=0.0, sigma=1.0, tau=1.0, seed=0, lane=0),
    "one_to_one_connect": rule("one_to_one_connect", seed=None),
    "plot_connectivity": lambda t: (
        lo.plot_connectivity,
        {"view": t.network, "mechanism": None, "weight": None, "ax": None, "cmap": "viridis", "label": None},
    ),
    "plot_mechanism": lambda t: (
        lo.plot_mechanism,
        {"mechanism": lo.mechanism("pas"), "ax": None, "along": None, "values": None, "celsius": None, "numbers": None}
        | {"label": None},
    ),
    "plot_network": lambda t: (
        lo.plot_network,
        {"view": t.network, "color": None, "ax": None, "positions": None, "dims": (0, 1), "synapse_color": None}
        | {"style": "line", "cmap": "viridis", "label": None},
    ),
    "plot_raster": plain("plot_raster", times=[1.0], cells=[0], ax=None, groups=None, rate_window=None, t_max=None),
    "ramp": lambda t: (lambda **given: stimulated(cell(t), lo.ramp(**given)), dict(WAVEFORM)),
    "read_asc": lambda t: (lo.read_asc, {"path": path(t, "none.asc"), "ncomp": 1, "d_lambda": 0.1}),
    "read_import3d": lambda t: (lo.read_import3d, {"path": swc(t), "ncomp": 1, "d_lambda": 0.1}),
    "read_recording": lambda t: (lo.read_recording, {"path": path(t, "none.nwb"), "sweep": 0}),
    "read_sonata": lambda t: (lo.read_sonata, {"path": path(t, "none.json"), "mechanisms": None, "seed": None}),
    "read_sonata_spikes": lambda t: (lo.read_sonata_spikes, {"path": path(t, "none.h5")}),
    "read_swc": lambda t: (
        lo.read_swc,
        {"path": swc(t), "ncomp": 1, "d_lambda": 0.1, "min_radius": None} | {"max_branch_len": None, "roots": "single"},
    ),
    "save": lambda t: (lo.save, {"what": t.cell, "path": path(t, "a.loligo")}),
    "simulate": lambda t: (lo.simulate, {"module": t.cell, "values": None, **SIMULATED}),
    "sine": lambda t: (
        lambda **given: stimulated(cell(t), lo.sine(**given)),
        {**WAVEFORM, "frequency": 10.0, "phase": 0.0},
    ),
    "sparse_connect": rule("sparse_connect", p=0.5, seed=0, autapses=True),
    "step": lambda t: (lambda **given: stimulated(cell(t), lo.step(**given)), dict(WAVEFORM)),
    "sweep": lambda t: (
        lo.sweep,
        {"model": t.cell, "numbers": {"radius": [1.0]}, "measure": loss, "t_max": 0.1, "lanes": 1, "progress": False},
    ),
    "to_networkx": lambda t: (lo.to_networkx, {"view": t.network}),
    "value_and_grad": differentiated("value_and_grad", "loss", 1),
    "write_sonata_spikes": lambda t: (
        lo.write_sonata_spikes,
        {"path": path(t, "none/a.h5"), "spikes": {"time": [1.0], "node_id": [0]}},
    ),
    # modules and views
    "Branch.__init__": plain("Branch", compartments=None, ncomp=None),
    "Cell.__init__": plain("Cell", branches=None, parents=None),
    "Compartment.__init__": plain("Compartment", length=10.0, radius=1.0),
    "Network.__init__": lambda t: (lo.Network, {"cells": [t.cell]}),
    "Network.plot": of(network, "plot", color=None),
    "Module.celsius": lambda t: (lambda value: setattr(cell(t), "celsius", value), {"value": 6.3}),
    "Module.connect": lambda t: (network(t).connect, {"pre": [0], "post": [1], "synapse": lo.IonotropicSynapse()}),
    "Module.connect_edges": lambda t: (
        network(t).connect_edges,
        {"edges": {"pre": [0], "post": [1]}, "synapse": lo.IonotropicSynapse()},
    ),
    "Module.ion_style": of(cell, "ion_style", ion="na", reversal="given"),
    "Module.save": lambda t: (cell(t).save, {"path": path(t, "a.loligo")}),
    "Module.write_trainables": of(cell, "write_trainables", values=[]),
    "View.__getitem__": of(cell, "__getitem__", index=0),
    "View.add_to_group": of(cell, "add_to_group", name="all"),
    "View.branch": of(cell, "branch", index=0),
    "View.cell": of(cell, "cell", index=0),
    "View.clamp": of(cell, "clamp", voltage=-65.0, series_resistance=None, start=0.0, duration=1.0),
    "View.comp": of(cell, "comp", index=0),
    "View.data_play": lambda t: (
        one_run(cell(t), "data_play", "plays"),
        {"name": "hh.gnabar", "values": np.ones(4), "data_plays": None},
    ),
    "View.data_set": lambda t: (
        one_run(cell(t), "data_set", "param_state"),
        {"name": "hh.gnabar", "value": 0.1, "param_state": None},
    ),
    "View.data_stimulate": lambda t: (
        one_run(cell(t), "data_stimulate", "stimuli"),
        {"current": np.ones(4), "data_stimuli": None},
    ),
    "View.get": of(cell, "get", name="radius"),
    "View.group": of(cell, "group", name="all"),
    "View.insert": of(cell, "insert", mechanism=lo.mechanism("pas")),
    "View.loc": of(cell, "loc", at=0.5),
    "View.make_trainable": of(cell, "make_trainable", name="radius", bounds=None),
    "View.play": of(cell, "play", name="hh.gnabar", values=0.1),
    "View.plot": of(cell, "plot", color=None),
    "View.record": of(cell, "record", what="v", name=None),
    "View.record_spikes": of(cell, "record_spikes", threshold=None, source=None),
    "View.set": of(cell, "set", name="radius", value=1.0),
    "View.stimulate": lambda t: (lambda current: stimulated(cell(t), current), {"current": 0.1}),
    "View.synapses": of(network, "synapses", name="IonotropicSynapse"),
    "View.uninsert": of(cell, "uninsert", name="hh"),
    "View.with_mechanism": of(cell, "with_mechanism", name="hh"),
    # runs and fits
    "Fit.save": lambda t: (fitted(replace(t, cell=cell(t))).save, {"path": path(t, "a.loligo")}),
    "Run.__getitem__": of(lambda t: t.run, "__getitem__", name="v"),
    "Run.at": of(lambda t: t.run, "at", time=0.5, quantity="v"),
    "Run.lane": of(batched, "lane", index=0),
    "Run.plot": of(lambda t: t.run, "plot", ax=None),
    "Run.save": lambda t: (t.run.save, {"path": path(t, "a.npz")}),
    "Run.spikes": of(lambda t: t.run, "spikes", threshold=0.0),
    "Run.to_nwb": lambda t: (t.run.to_nwb, {"path": path(t, "a.nwb")}),
    "Raster.lane": of(lambda t: t.run.raster, "lane", lane=0),
    "Raster.of_cell": of(lambda t: t.run.raster, "of_cell", cell=0),
    "Raster.plot": of(lambda t: t.run.raster, "plot", ax=None),
    "Recording.baseline": of(lambda t: SWEEP, "baseline", start=0.0, stop=1.0),
    "Recording.mask": lambda t: (lambda window: SWEEP.mask(window), {"window": (0.0, 1.0)}),
    "Recording.resample": of(lambda t: SWEEP, "resample", dt=0.1),
    "Recording.window": of(lambda t: SWEEP, "window", start=0.0, stop=1.0),
    "Recording.without_junction_potential": of(
        lambda t: SWEEP, "without_junction_potential", liquid_junction_potential=14.0
    ),
    "State.__getitem__": of(ended, "__getitem__", name="v"),
    "State.lane": of(lambda t: lo.State(np.zeros((2, 1)), ended(t).layout), "lane", index=0),
    "State.rows": of(ended, "rows", name="v"),
    # mechanisms and synapses
    "Channel.__init__": lambda t: (lambda name: cell(t).insert(lo.Fire(name)), {"name": None}),
    "Synapse.__init__": lambda t: (lambda name: network(t).connect([0], [9], lo.TanhRateSynapse(name)), {"name": None}),
    "PointNeuron.__init__": lambda t: (
        lambda **given: lo.Compartment().insert(lo.LIF(**given)),
        {"name": None, "surrogate": None, "width": 1.0, "detach_reset": False},
    ),
    "Rate.__init__": plain("Rate", name=None),
    "SpikingSynapse.__init__": lambda t: (
        lambda mechanism, **given: network(t).connect([0], [9], lo.SpikingSynapse(mechanism, **given)),
        {"mechanism": lo.mechanism("expsyn"), "threshold": None, "source": None, "delay": 1.0, "weight": 0.01},
    ),
    "SpikeTrains.__init__": lambda t: (
        lambda times: network(t).connect(lo.SpikeTrains(times), [0], lo.SpikingSynapse(lo.mechanism("expsyn"))),
        {"times": [1.0]},
    ),
    "SpikeTrains.poisson": of(
        lambda t: lo.SpikeTrains, "poisson", rate=10.0, duration=10.0, seed=0, count=1, start=0.0
    ),
    "SpikeTrains.regular": of(lambda t: lo.SpikeTrains, "regular", start=0.0, interval=1.0, number=3),
    "Synapses.__getitem__": of(connected, "__getitem__", index=0),
    "Synapses.data_play": lambda t: (
        one_run(connected(t), "data_play", "plays"),
        {"name": "gS", "values": np.ones(4), "data_plays": None},
    ),
    "Synapses.data_set": lambda t: (
        one_run(connected(t), "data_set", "param_state"),
        {"name": "gS", "value": 1e-3, "param_state": None},
    ),
    "Synapses.data_spikes": lambda t: (
        one_run(with_spikes(t).synapses("expsyn"), "data_spikes", "spikes"),
        {"trains": lo.SpikeTrains([2.0]), "data_spikes": None},
    ),
    "Synapses.get": of(connected, "get", name="gS"),
    "Synapses.make_trainable": of(connected, "make_trainable", name="gS", bounds=None),
    "Synapses.play": of(connected, "play", name="gS", values=1e-3),
    "Synapses.record": of(connected, "record", what="s", name=None),
    "Synapses.set": of(connected, "set", name="gS", value=1e-3),
}


@pytest.fixture
def things(fork: lo.Cell, tmp_path: Any) -> Iterator[Things]:
    fork.add_to_group("all")
    network = lo.Network([fork, fork])
    network.connect([0], [9], lo.IonotropicSynapse())
    yield Things(tmp_path, fork, network, lo.simulate(fork, t_max=1))
    pyplot.close("all")


def test_every_argument_of_every_public_call_is_here() -> None:
    left_out = {f"{name}.__init__" for name in MADE_BY_LOLIGO} | set(NOT_CALLED) | set(SAID_BY_THE_ENGINE)
    assert sorted(set(public()) - left_out) == sorted(RIGHT)


@pytest.mark.parametrize("name", RIGHT)
def test_a_wrong_argument_is_refused_by_name_or_taken(
    name: str, things: Things, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(things.folder)
    call, right = RIGHT[name](things)
    asked = inspect.signature(call).parameters.values()
    named = {each.name for each in asked if each.kind is not inspect.Parameter.VAR_KEYWORD}
    assert named <= right.keys(), "an argument that nothing wrong is given for"
    for argument in right:
        for wrong in WRONG:
            if argument in YES_OR_NO and isinstance(wrong, np.ndarray):
                continue
            call, right = RIGHT[name](things)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of what is drawn and simulated
                    call(**{**right, argument: wrong})
            except lo.LoligoError:
                pass
            except Exception as error:
                pytest.fail(f"{name}({argument}={wrong!r}) raised {type(error).__name__}: {error}")
            pyplot.close("all")
