"""Every public call has a wrong use with an error of Loligo's own, which says what was expected; a call that is added
without one fails here."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import loligo as lo
from loligo.preparing import prepare

CALLED_BY_THE_TRACER = ("update_states", "compute_current", "compute_conductance", "derivatives", "init_state")
"""Methods of mechanisms, which users write and do not call; what is wrong in them is in test_tracing.py."""

MADE_BY_LOLIGO = ("Fit", "Module", "Raster", "Recording", "Run", "State", "Synapses", "View")
"""Classes that users meet and do not make."""

NOT_CALLED = (
    *("errors.did_you_mean", "SpikingSynapse.connected", "SpikeTrains.sources"),
    *("Mechanism.assemble", "Mechanism.renamed"),
    *(f"Waveform.{name}" for name in ("ramp", "sampled", "samples", "sine", "step")),
)
"""What the package calls for users: `lo.step` makes waveforms."""


def public() -> Iterator[str]:
    """The names of what takes arguments from users: functions, constructors, methods, and properties to be set. An
    inherited method counts with the class that has it."""
    for name in lo.__all__:
        found = getattr(lo, name)
        if isinstance(found, types.ModuleType):
            own = (
                each
                for each, value in vars(found).items()
                if inspect.isfunction(value)
                and value.__module__.startswith(found.__name__)
                and not each.startswith("_")
            )
            yield from (f"{name}.{each}" for each in own)
        elif not inspect.isclass(found):
            yield from [name] if callable(found) else []
        elif not issubclass(found, BaseException):
            for owner in found.__mro__[:-1]:
                if owner.__module__.startswith("loligo"):
                    yield from (f"{owner.__name__}.{each}" for each, value in vars(owner).items() if _asks(each, value))


def _asks(name: str, member: Any) -> bool:
    """Whether a member of a class is public and takes arguments."""
    if isinstance(member, property):
        return member.fset is not None
    function = member.__func__ if isinstance(member, staticmethod | classmethod) else member
    if (name.startswith("_") and name not in ("__init__", "__getitem__")) or not callable(function):
        return False
    if name in CALLED_BY_THE_TRACER or inspect.isclass(function):
        return False
    takes = [each for each in inspect.signature(function).parameters if each not in ("self", "cls")]
    return bool(takes)


@dataclass
class Things:
    """What wrong calls are made of."""

    folder: Path
    cell: lo.Cell
    network: lo.Network
    run: lo.Run

    @property
    def synapses(self) -> lo.Synapses:
        return self.network.synapses("IonotropicSynapse")

    @property
    def pair(self) -> tuple[lo.View, lo.View]:
        return self.network.cell(0), self.network.cell(1)

    def file(self, text: str) -> Path:
        path = self.folder / "file.txt"
        path.write_text(text)
        return path


@pytest.fixture
def things(fork: lo.Cell, tmp_path: Path) -> Things:
    network = lo.Network([fork, fork])
    network.connect([0], [9], lo.IonotropicSynapse())
    return Things(tmp_path, fork, network, lo.simulate(fork, t_max=1))


def loss(run: lo.Run) -> Any:
    return run.v.mean()


SWEEP = lo.Recording(t=np.arange(5) * 0.05, v=np.zeros(5), i=None, name="made up")

Wrong = tuple[Callable[[Things], object], type[Exception] | tuple[type[Exception], ...], str]

WRONG: dict[str, list[Wrong]] = {
    # functions
    "arrange_in_layers": [
        (lambda t: lo.arrange_in_layers([[0, 0]]), ValueError, "expected each of 0 to 1 once"),
        (lambda t: lo.arrange_in_layers(3), TypeError, "the layers are 3, expected a list"),
        (lambda t: lo.arrange_in_layers([2], within="far"), TypeError, "within is 'far', expected a number of µm"),
    ],
    "batch": [(lambda t: lo.simulate(t.cell, t_max=1, v_init=lo.batch(3.0)), ValueError, "expected lanes")],
    "cite": [(lambda t: lo.cite(3), TypeError, "the model is 3, expected a module")],
    "conductance": [
        (lambda t: lo.conductance("a b", 0.0), ValueError, "expected letters, digits and underscores"),
        (lambda t: lo.conductance("open", "high"), TypeError, "e is 'high', expected a number of mV"),
    ],
    "connectivity_matrix_connect": [
        (
            lambda t: lo.connectivity_matrix_connect(*t.pair, lo.IonotropicSynapse(), np.ones((2, 2), dtype=bool)),
            ValueError,
            "has shape (2, 2) and type bool, expected (1, 1)",
        )
    ],
    "datasets.ca1": [
        (lambda t: lo.datasets.ca1(ncomp=0), ValueError, "ncomp is 0"),
        (lambda t: lo.datasets.ca1(d_lambda=-1), ValueError, "is -1, expected a positive number"),
        (lambda t: lo.datasets.ca1(d_lambda="fine"), TypeError, "d_lambda is 'fine', expected a number"),
    ],
    "diffusion": [
        (lambda t: lo.diffusion("ca"), ValueError, "expected the name of a concentration such as 'cai'"),
        (lambda t: lo.diffusion("cai", D="slow"), TypeError, "D is 'slow', expected a number of µm²/ms"),
    ],
    "distance_connect": [
        (lambda t: lo.distance_connect(*t.pair, lo.IonotropicSynapse(), 0.5, seed=0), TypeError, "expected a function")
    ],
    "equilibrate": [
        (lambda t: lo.equilibrate(3), ValueError, "equilibrate was given 3, expected a whole module"),
        (lambda t: lo.equilibrate(t.cell, tolerance=2.0), ValueError, "tolerance is 2.0"),
    ],
    "load_allen": [(lambda t: lo.load_allen(t.folder / "none"), FileNotFoundError, "none")],
    "load_bluepyopt": [
        (
            lambda t: lo.load_bluepyopt(parameters=t.folder / "none.json", morphology=t.folder / "none.swc"),
            FileNotFoundError,
            "none.json",
        )
    ],
    "read_asc": [
        (lambda t: lo.read_asc("nowhere.asc"), FileNotFoundError, "nowhere.asc"),
        (lambda t: lo.read_asc(3), TypeError, "the path is 3"),
    ],
    "read_recording": [(lambda t: lo.read_recording("sweep.txt"), ValueError, "sweep.txt is no recording")],
    "features.efel_table": [
        # without eFEL it says so
        (
            lambda t: lo.features.efel_table(t.run, ["AP_wdth"], start=0.1, stop=0.5),
            (KeyError, ImportError),
            "eFEL",
        )
    ],
    "features.efel_traces": [
        (
            lambda t: lo.features.efel_traces(t.run, start=5.0, stop=1.0),
            ValueError,
            "the stimulus is from 5.0 to 1.0 ms",
        )
    ],
    "fit": [
        (lambda t: lo.fit("cell", loss, t_max=1), TypeError, "fit was given 'cell', expected a whole module"),
        (lambda t: lo.fit(t.cell, 3.0, t_max=1), TypeError, "the loss is 3.0, expected a function"),
        (lambda t: lo.fit(t.cell, loss, t_max=1), ValueError, "nothing is trainable"),
    ],
    "fixed_indegree_connect": [
        (lambda t: lo.fixed_indegree_connect(*t.pair, lo.IonotropicSynapse(), -1, seed=0), ValueError, "-1")
    ],
    "fixed_outdegree_connect": [
        (lambda t: lo.fixed_outdegree_connect(*t.pair, lo.IonotropicSynapse(), 2.5, seed=0), ValueError, "2.5")
    ],
    "from_neuron": [(lambda t: lo.from_neuron(3), TypeError, "expected")],
    "fully_connect": [(lambda t: lo.fully_connect(*t.pair, "ampa"), TypeError, "expected")],
    "grad": [
        (
            lambda t: lo.grad(abs, argument=-1)(1.0),
            ValueError,
            "the position of the argument is -1, expected a whole number, 0 or more",
        ),
        (lambda t: lo.grad(3), TypeError, "the loss is 3, expected a function"),
    ],
    "heaviside": [(lambda t: lo.heaviside(1.0, "sigmod"), KeyError, "did you mean `sigmoid`")],
    "hessian_product": [(lambda t: lo.hessian_product(None), TypeError, "the loss is None, expected a function")],
    "jvp": [(lambda t: lo.jvp("v"), TypeError, "the function is 'v', expected a function")],
    "load": [
        (lambda t: lo.load(t.folder / "none.loligo"), FileNotFoundError, "none.loligo"),
        (lambda t: lo.load(t.file("text")), ValueError, "file.txt"),
        (lambda t: lo.load(3), TypeError, "the path is 3"),
    ],
    "load_mechanisms": [
        (lambda t: lo.load_mechanisms(t.folder / "none"), FileNotFoundError, "none"),
        (lambda t: lo.load_mechanisms(3), TypeError, "3"),
    ],
    "losses.cross_entropy": [(lambda t: lo.losses.cross_entropy(np.zeros((2, 3)), [0, 5]), ValueError, "5")],
    "losses.mean_squared_error": [
        (lambda t: lo.losses.mean_squared_error(t.run, np.zeros(3)), ValueError, "the target has shape (3,)"),
        (lambda t: lo.losses.mean_squared_error(3, np.zeros(3)), ValueError, "but the recordings have ()"),
    ],
    "losses.soft_dtw": [
        (lambda t: lo.losses.soft_dtw(np.zeros(3), np.zeros(3), gamma=-1), ValueError, "-1"),
        (lambda t: lo.losses.soft_dtw("up", np.zeros(3)), TypeError, "a trace is 'up', expected numbers"),
    ],
    "losses.soft_dtw_divergence": [
        (lambda t: lo.losses.soft_dtw_divergence(np.zeros(3), np.zeros(3), gamma=-1), ValueError, "-1")
    ],
    "losses.soft_dtw_of_costs": [(lambda t: lo.losses.soft_dtw_of_costs(np.zeros(3)), ValueError, "shape (3,)")],
    "losses.van_rossum": [
        (lambda t: lo.losses.van_rossum([np.nan], [2.0], tau=1.0), ValueError, "has a time that is NaN"),
        (lambda t: lo.losses.van_rossum([1.0], [2.0], tau=0.0), ValueError, "tau"),
        (lambda t: lo.losses.van_rossum(["soon"], [2.0], tau=1.0), TypeError, "soon"),
    ],
    "losses.victor_purpura": [(lambda t: lo.losses.victor_purpura([1.0], [2.0], cost=-1.0), ValueError, "-1")],
    "losses.windowed_statistics": [
        (
            lambda t: lo.losses.windowed_statistics(np.zeros(3), np.arange(3.0), [(5, 6)]),
            ValueError,
            "no sample lies in",
        )
    ],
    "losses.windowed_mean": [
        (
            lambda t: lo.losses.windowed_mean(np.zeros(3), 1.0, 0, 2),
            ValueError,
            "the trace has shape (3,) and t (), expected (…, time) and (time,)",
        ),
        (
            lambda t: lo.losses.windowed_mean(np.zeros(3), np.arange(3.0), 5, 6),
            ValueError,
            "no sample lies in the window",
        ),
    ],
    "losses.windowed_std": [
        (
            lambda t: lo.losses.windowed_std(np.zeros(3), np.arange(3.0), 5, 6),
            ValueError,
            "no sample lies in the window",
        )
    ],
    "mechanism": [
        (lambda t: lo.mechanism("hhh"), KeyError, "did you mean `hh`"),
        (lambda t: lo.mechanism(3), TypeError, "3"),
    ],
    "mechanisms": [(lambda t: lo.mechanisms(3), TypeError, "3")],
    "noise": [
        (lambda t: lo.noise(0, 10, 0, 1, tau=0.0), ValueError, "tau of the noise is 0.0"),
        (lambda t: lo.noise("now", 10, 0, 1, 1), ValueError, "start of the noise is 'now'"),
    ],
    "one_to_one_connect": [
        (
            lambda t: lo.one_to_one_connect(t.network.cell([0, 1]), t.network.cell(1), lo.IonotropicSynapse()),
            ValueError,
            "2 cells",
        )
    ],
    "plot_connectivity": [
        (lambda t: lo.plot_connectivity(t.network, cmap="viridi"), KeyError, "did you mean `viridis`?"),
        (lambda t: lo.plot_connectivity(t.network, "Ionotropic"), KeyError, "Ionotropic"),
        (lambda t: lo.plot_connectivity(3), TypeError, "3"),
    ],
    "plot_mechanism": [
        (lambda t: lo.plot_mechanism("hh"), TypeError, "expected"),
        (lambda t: lo.plot_mechanism(lo.mechanism("hh"), along="w"), ValueError, "`w` goes to the right"),
    ],
    "plot_network": [
        (
            lambda t: lo.plot_network(t.network, synapse_color=3),
            TypeError,
            "synapse_color is 3, expected a colour, or one by the name",
        ),
        (lambda t: lo.plot_network(t.network, style="dots"), ValueError, "the style is 'dots'"),
        (lambda t: lo.plot_network(3), TypeError, "3"),
    ],
    "plot_raster": [(lambda t: lo.plot_raster([1.0], [0.5]), TypeError, "expected whole numbers")],
    "ramp": [
        (lambda t: t.cell.stimulate(lo.ramp(0, -1, 1)), ValueError, "duration of the waveform is -1"),
        (lambda t: lo.ramp("now", 1, 1), TypeError, "the start of the waveform is 'now', expected a number"),
    ],
    "read_import3d": [
        (lambda t: lo.read_import3d("nowhere.swc"), FileNotFoundError, "nowhere.swc"),
        (lambda t: lo.read_import3d(3), TypeError, "the path is 3"),
    ],
    "read_sonata": [
        (lambda t: lo.read_sonata("nowhere.json"), FileNotFoundError, "nowhere.json"),
        (lambda t: lo.read_sonata(3), TypeError, "the path is 3"),
    ],
    "read_sonata_spikes": [
        (lambda t: lo.read_sonata_spikes("nowhere.h5"), FileNotFoundError, "nowhere.h5"),
        (lambda t: lo.read_sonata_spikes(3), TypeError, "the path is 3"),
    ],
    "read_swc": [
        (lambda t: lo.read_swc("nowhere.swc"), FileNotFoundError, "nowhere.swc"),
        (lambda t: lo.read_swc(3), TypeError, "the path is 3"),
        (
            lambda t: lo.read_swc(t.file("1 1 0 0 0 1 -1\n"), roots="singel"),
            ValueError,
            "expected `single`, `join`, or the id",
        ),
    ],
    "save": [
        (lambda t: lo.save(3, t.folder / "a.loligo"), TypeError, "3"),
        (lambda t: lo.save(t.cell, t.folder / "none" / "a.loligo"), OSError, "none"),
        (lambda t: lo.save(t.cell, 3), TypeError, "the path is 3"),
    ],
    "simulate": [
        (lambda t: lo.simulate(t.cell, t_max=1, threads=5000), ValueError, "threads is 5000, expected 1 to 1024"),
        (
            lambda t: lo.simulate(t.cell, t_max=1, param_state={"radius": 1.0}),
            TypeError,
            "param_state is of type dict, expected a list as data_set makes it",
        ),
        (
            lambda t: lo.simulate(t.cell, t_max=1, param_state=[t.cell.data_set("v", -60.0)]),
            TypeError,
            "param_state holds one of type list, expected a list as data_set",
        ),
        (
            lambda t: lo.simulate(t.cell, t_max=1, stimuli=t.cell.data_play("hh.gnabar", np.ones(9))),
            TypeError,
            "stimuli holds one of type Play, expected a list as data_stimulate makes it",
        ),
        (lambda t: lo.simulate(t.cell, t_max=1, scheme=1), TypeError, "scheme is 1, expected a name"),
        (lambda t: lo.simulate(t.cell, t_max=1, scheme="cn"), ValueError, "scheme is `cn`"),
        (lambda t: lo.simulate(3, t_max=1), TypeError, "expected a whole module"),
        (lambda t: lo.simulate(t.cell, t_max="long"), ValueError, "t_max is 'long', expected a positive number of ms"),
        (lambda t: lo.simulate(t.cell, t_max=1, threads=1.5), ValueError, "threads is 1.5"),
        (lambda t: lo.simulate(t.cell, t_max=1, seed="one"), ValueError, "seed is 'one'"),
    ],
    "sine": [
        (lambda t: t.cell.stimulate(lo.sine(0, 1, 1, np.nan)), ValueError, "frequency of the waveform is NaN"),
        (lambda t: lo.sine(0, 1, 1, "fast"), TypeError, "the frequency of the waveform is 'fast'"),
    ],
    "sparse_connect": [
        (lambda t: lo.sparse_connect(*t.pair, lo.IonotropicSynapse(), 1.5, seed=0), ValueError, "1.5"),
        (lambda t: lo.sparse_connect(*t.pair, lo.IonotropicSynapse(), "all", seed=0), TypeError, "'all'"),
    ],
    "step": [
        (lambda t: t.cell.stimulate(lo.step(1, -1, 1)), ValueError, "duration of the waveform is -1"),
        (lambda t: lo.step("now", 1, 1), TypeError, "the start of the waveform is 'now', expected a number"),
    ],
    "sweep": [
        (lambda t: lo.sweep(t.cell, {"radius": [1.0]}, loss, t_max=1, shceme="x"), TypeError, "did you mean `scheme`"),
        (
            lambda t: lo.sweep(t.cell, [[1.0, 2.0]], loss, t_max=1),
            TypeError,
            "expected dictionaries in the list, one for each run",
        ),
        (lambda t: lo.sweep(t.cell, {3: [1.0]}, loss, t_max=1), TypeError, "the quantity is 3, expected a name"),
        (lambda t: lo.sweep(3, {"radius": [1.0]}, loss, t_max=1), TypeError, "sweep was given 3"),
        (lambda t: lo.sweep(t.cell, {"radios": [1.0]}, loss, t_max=1), KeyError, "did you mean `radius`"),
        (lambda t: lo.sweep(t.cell, 3, loss, t_max=1), TypeError, "3"),
        (lambda t: lo.sweep(t.cell, {"radius": [1.0]}, "peak", t_max=1), TypeError, "the measure is 'peak'"),
    ],
    "to_networkx": [(lambda t: lo.to_networkx(3), TypeError, "3")],
    "value_and_grad": [(lambda t: lo.value_and_grad(3), TypeError, "the loss is 3, expected a function")],
    "write_sonata_spikes": [
        (lambda t: lo.write_sonata_spikes(t.folder / "a.h5", {"tiem": [1.0]}), ValueError, "time"),
        (lambda t: lo.write_sonata_spikes(t.folder / "a.h5", 3), TypeError, "3"),
    ],
    # modules and views
    "Branch.__init__": [
        (lambda t: lo.Branch(ncomp=0), ValueError, "ncomp is 0"),
        (lambda t: lo.Branch(3), TypeError, "3"),
    ],
    "Cell.__init__": [
        (lambda t: lo.Cell([lo.Branch()] * 2, [-1]), ValueError, "1 parents were given for 2 branches"),
        (lambda t: lo.Cell(3), TypeError, "3"),
        (lambda t: lo.Cell([lo.Branch()], ["root"]), ValueError, "parents is ['root'], expected numbers"),
    ],
    "Compartment.__init__": [
        (lambda t: lo.Compartment(length=0), ValueError, "expected"),
        (lambda t: lo.Compartment(radius="wide"), TypeError, "radius is 'wide'"),
    ],
    "Network.__init__": [
        (lambda t: lo.Network([1]), TypeError, "expected modules"),
        (lambda t: lo.Network(3), TypeError, "3"),
    ],
    "Network.plot": [(lambda t: t.network.plot("rad"), KeyError, "did you mean `radius`")],
    "Module.celsius": [(lambda t: setattr(t.cell, "celsius", "warm"), TypeError, "expected numbers")],
    "Module.connect": [
        (lambda t: t.network.connect([0], [99], lo.IonotropicSynapse()), ValueError, "`post` holds 99"),
        (lambda t: t.network.connect([0], [1], "ampa"), TypeError, "expected"),
        (lambda t: t.network.connect(["a"], [1], lo.IonotropicSynapse()), TypeError, "expected"),
    ],
    "Module.connect_edges": [
        (lambda t: t.network.connect_edges({"pre": [0]}, lo.IonotropicSynapse()), ValueError, "no column `post`"),
        (lambda t: t.network.connect_edges(3, lo.IonotropicSynapse()), ValueError, "expected"),
    ],
    "Module.ion_style": [
        (lambda t: t.cell.ion_style("na", "evry step"), ValueError, "every step"),
        (lambda t: t.cell.ion_style("mg", "given"), KeyError, "mg"),
    ],
    "Module.save": [(lambda t: t.cell.save(t.folder / "none" / "a.loligo"), OSError, "none")],
    "Module.write_trainables": [(lambda t: t.cell.write_trainables(3), TypeError, "expected a list")],
    "View.__getitem__": [(lambda t: t.cell[0, 0, 0], IndexError, "3 indices were given")],
    "View.add_to_group": [
        (lambda t: t.cell.add_to_group("hh"), ValueError, "the group is called `hh`, which is an attribute of every"),
        (lambda t: t.cell.add_to_group("plot"), ValueError, "the group is called `plot`"),
        (lambda t: t.cell.add_to_group(3), TypeError, "the group is 3, expected a name"),
    ],
    "View.branch": [(lambda t: t.cell.branch(7), IndexError, "there is no branch 7")],
    "View.cell": [(lambda t: t.network.cell(7), IndexError, "there is no cell 7")],
    "View.clamp": [
        (lambda t: t.cell.clamp(-60, series_resistance=0), ValueError, "series_resistance of the clamp is 0"),
        (lambda t: t.cell.clamp(-60, start="now"), TypeError, "start is 'now'"),
    ],
    "View.comp": [(lambda t: t.cell.branch(0).comp(9), IndexError, "9")],
    "View.data_play": [
        (
            lambda t: lo.simulate(t.cell, t_max=1, plays=t.cell.data_play("hh.gnabr", 1.0)),
            KeyError,
            "did you mean `hh.gnabar`",
        ),
        (lambda t: t.cell.data_play(3, 1.0), TypeError, "the quantity is 3"),
    ],
    "View.data_set": [
        (
            lambda t: lo.simulate(t.cell, t_max=1, param_state=t.cell.data_set("hh.gnabr", 1.0)),
            KeyError,
            "did you mean `hh.gnabar`",
        )
    ],
    "View.data_stimulate": [
        (
            lambda t: lo.simulate(t.cell, t_max=1, stimuli=t.cell.data_stimulate(np.ones((2, 3)))),
            ValueError,
            "shape (2, 3)",
        ),
        (lambda t: lo.simulate(t.cell, t_max=1, stimuli=t.cell.data_stimulate("high")), TypeError, "'high'"),
    ],
    "View.get": [
        (lambda t: t.cell.get("radios"), KeyError, "did you mean `radius`"),
        (lambda t: t.cell.get(3), TypeError, "3"),
    ],
    "View.group": [
        (lambda t: t.cell.group("soma"), KeyError, "there is no group `soma`"),
        (lambda t: t.cell.group(3), TypeError, "3"),
    ],
    "View.insert": [(lambda t: t.cell.insert("hh"), TypeError, "lo.mechanism('hh')")],
    "View.loc": [(lambda t: t.cell.loc(1.5), IndexError, "there is no location 1.5")],
    "View.make_trainable": [
        (lambda t: t.cell.make_trainable("gnabar"), KeyError, "did you mean `hh.gnabar`"),
        (lambda t: t.cell.make_trainable(3), TypeError, "3"),
    ],
    "View.play": [
        (lambda t: t.cell.play("hh.gnabr", 0.1), KeyError, "did you mean `hh.gnabar`"),
        (lambda t: t.cell.play("hh.m", 0.1), ValueError, "it is a state"),
        (lambda t: t.cell.play("radius", 1.0), ValueError, "it belongs to the cable"),
        (lambda t: t.cell.play("hh.gnabar", "high"), TypeError, "'high'"),
    ],
    "View.plot": [
        (lambda t: t.cell.plot(linewidhts=2.0), TypeError, "matplotlib cannot draw with linewidhts=2.0"),
        (
            lambda t: t.cell.plot("radius", cmap="viridi"),
            KeyError,
            "there is no colour map 'viridi'; did you mean `viridis`?",
        ),
        (lambda t: t.cell.plot(style="linee"), ValueError, "did you mean `line`"),
    ],
    "View.record": [
        (lambda t: t.cell.record("hh.x"), KeyError, "there is no recordable `hh.x`"),
        (lambda t: t.cell.record(3), TypeError, "3"),
    ],
    "View.record_spikes": [
        (lambda t: t.cell.record_spikes(np.nan), ValueError, "NaN"),
        (lambda t: t.cell.record_spikes("high"), TypeError, "'high'"),
        (lambda t: t.cell.record_spikes(source="hhh"), KeyError, "hhh"),
    ],
    "View.set": [
        (
            lambda t: t.cell.set("radius", lambda distance: None),
            TypeError,
            "`radius` as a function of the distance is None, expected a number",
        ),
        (lambda t: t.cell.set("radious", 1), KeyError, "did you mean `radius`"),
        (lambda t: t.cell.set(3, 1), TypeError, "3"),
    ],
    "View.stimulate": [
        (lambda t: t.cell.stimulate("high"), TypeError, "'high'"),
        (lambda t: t.cell.stimulate(np.ones((2, 3))), ValueError, "shape (2, 3)"),
    ],
    "View.synapses": [
        (lambda t: t.network.synapses("IonotropicSynaps"), KeyError, "did you mean `IonotropicSynapse`"),
        (lambda t: t.network.synapses(3), TypeError, "3"),
    ],
    "View.uninsert": [
        (lambda t: t.cell.uninsert("hhh"), KeyError, "hhh"),
        (lambda t: t.cell.uninsert(3), TypeError, "3"),
    ],
    "View.with_mechanism": [
        (lambda t: t.cell.with_mechanism("hhh"), KeyError, "hhh"),
        (lambda t: t.cell.with_mechanism(3), TypeError, "3"),
    ],
    # runs and fits
    "Fit.save": [(lambda t: fitted(t).save(t.folder / "none" / "a.loligo"), OSError, "none")],
    "Run.__getitem__": [
        (lambda t: t.run["w"], KeyError, "nothing called `w` was recorded"),
        (lambda t: t.run[0], TypeError, "indexed by the name"),
    ],
    "Run.at": [
        (lambda t: t.run.at(5.0), ValueError, "expected 0 to 1 ms"),
        (lambda t: t.run.at("end"), TypeError, "the time is 'end'"),
    ],
    "Run.lane": [
        (lambda t: t.run.lane(0), ValueError, "a single run has no lanes"),
        (lambda t: batched(t).lane(2), IndexError, "there is no lane 2: there are 2"),
        (lambda t: batched(t).lane("first"), TypeError, "'first'"),
    ],
    "Run.plot": [
        (lambda t: t.run.plot(colour="red"), TypeError, "did you mean `color`?"),
        (lambda t: t.run.plot(ax=3), TypeError, "ax is 3, expected axes of matplotlib"),
    ],
    "Run.save": [
        (lambda t: t.run.save("run.txt"), ValueError, "expected one that ends in .npz or .csv"),
        (lambda t: t.run.save(t.folder / "none" / "run.npz"), OSError, "none"),
    ],
    "Run.spikes": [
        (lambda t: t.run.spikes(np.nan), ValueError, "the threshold is nan, expected a finite number of mV"),
        (lambda t: t.run.spikes("high"), TypeError, "'high'"),
    ],
    "Raster.lane": [(lambda t: t.run.raster.lane("first"), TypeError, "the lane is 'first', expected its number")],
    "Raster.of_cell": [
        (lambda t: t.run.raster.of_cell(7), IndexError, "there is no cell 7: the cells are 0 to 0"),
        (lambda t: t.run.raster.of_cell("first"), TypeError, "'first'"),
    ],
    "Raster.plot": [(lambda t: t.run.raster.plot(rate_window=-1), ValueError, "rate_window is -1")],
    "Run.to_nwb": [
        (lambda t: t.run.to_nwb(t.folder / "run.h5"), ValueError, "the file is run.h5, expected one that ends in .nwb"),
        # without pynwb it says so
        (lambda t: t.run.to_nwb(t.folder / "none" / "run.nwb"), (OSError, ImportError), "n"),
    ],
    "Recording.baseline": [(lambda t: SWEEP.baseline(5.0, 6.0), ValueError, "the window from 5 to 6 ms holds 0")],
    "Recording.mask": [
        (lambda t: SWEEP.mask(0.1, 0.2), TypeError, "a window is 0.1, expected a pair of ms"),
        (lambda t: SWEEP.mask(), ValueError, "mask was given no window"),
    ],
    "Recording.resample": [(lambda t: SWEEP.resample(-1.0), ValueError, "dt is -1.0 ms, expected a positive number")],
    "Recording.window": [(lambda t: SWEEP.window(5.0, 6.0), ValueError, "the window from 5 to 6 ms holds 0")],
    "Recording.without_junction_potential": [
        (lambda t: SWEEP.without_junction_potential("14 mV"), TypeError, "expected a number of mV"),
        (lambda t: replace(SWEEP, v=None).without_junction_potential(14.0), ValueError, "has no voltage"),
    ],
    "State.__getitem__": [
        (lambda t: ended(t)["hh.mm"], KeyError, "did you mean `hh.m`"),
        (lambda t: ended(t)[0], TypeError, "a state is indexed by names, not by 0"),
    ],
    "State.rows": [(lambda t: ended(t).rows("w"), KeyError, "w")],
    "State.lane": [
        (lambda t: lo.State(np.zeros((2, 3)), ended(t).layout).lane(2), IndexError, "there is no lane 2: there are 2"),
        (lambda t: ended(t).lane(0), ValueError, "a single run has no lanes"),
    ],
    # mechanisms and synapses
    "Channel.__init__": [
        (lambda t: lo.Channel(3), TypeError, "3"),
        (lambda t: lo.Channel("a.b"), ValueError, "the name of Channel() is 'a.b', expected letters"),
    ],
    "Synapse.__init__": [
        (lambda t: lo.Synapse(3), TypeError, "3"),
        (lambda t: lo.IonotropicSynapse("a.b"), ValueError, "the name of IonotropicSynapse() is 'a.b', expected"),
    ],
    "PointNeuron.__init__": [
        (lambda t: t.cell.insert(lo.LIF(surrogate="sigmod")), KeyError, "did you mean `sigmoid`"),
        (lambda t: t.cell.insert(lo.LIF(surrogate="sigmoid", width=-1)), ValueError, "-1"),
    ],
    "Rate.__init__": [(lambda t: lo.Rate(3), TypeError, "3")],
    "Mechanism.compile": [
        (lambda t: lo.Mechanism.compile("NEURON { SUFIX a }", "a.mod"), ValueError, "did you mean `SUFFIX`")
    ],
    "Mechanism.curves": [(lambda t: lo.mechanism("hh").curves(np.zeros(2), along="w"), KeyError, "w")],
    "Mechanism.diffusing": [
        (
            lambda t: lo.Mechanism.diffusing("a", "c a", None),
            ValueError,
            "`c a`, expected letters, digits and underscores",
        )
    ],
    "Mechanism.from_mod": [(lambda t: lo.Mechanism.from_mod("nowhere.mod"), FileNotFoundError, "nowhere.mod")],
    "SpikingSynapse.__init__": [
        (lambda t: lo.SpikingSynapse(3), TypeError, "3"),
        (
            lambda t: t.network.connect([0], [9], lo.SpikingSynapse(lo.mechanism("expsyn"), delay="later")),
            TypeError,
            "`delay` of the synapse is 'later', expected numbers",
        ),
        (
            lambda t: t.network.connect([0], [9], lo.SpikingSynapse(lo.mechanism("expsyn"), wieght=1.0)),
            KeyError,
            "did you mean `weight`",
        ),
    ],
    "SpikeTrains.__init__": [(lambda t: lo.SpikeTrains(["soon"]), TypeError, "expected numbers")],
    "SpikeTrains.poisson": [
        (lambda t: lo.SpikeTrains.poisson(1.0, 1.0, seed=None), ValueError, "seed is None, expected a whole number"),
        (lambda t: lo.SpikeTrains.poisson(-1.0, 10.0, seed=0), ValueError, "rate is -1, expected 0 or more"),
        (lambda t: lo.SpikeTrains.poisson("often", 10.0, seed=0), TypeError, "'often'"),
    ],
    "SpikeTrains.regular": [
        (
            lambda t: lo.SpikeTrains.regular(0.0, 1.0, 1.5),
            ValueError,
            "number is 1.5, expected a whole number, 0 or more",
        ),
        (lambda t: lo.SpikeTrains.regular(0.0, -1.0, 3), ValueError, "interval is -1, expected a positive"),
        (lambda t: lo.SpikeTrains.regular(0.0, "often", 3), TypeError, "'often'"),
    ],
    "Synapses.__getitem__": [
        (lambda t: t.synapses[3], IndexError, "3"),
        (lambda t: t.synapses["one"], TypeError, "'one'"),
    ],
    "Synapses.data_play": [
        (lambda t: lo.simulate(recorded(t), t_max=1, plays=t.synapses.data_play("gz", np.ones(40))), KeyError, "gz"),
        (
            lambda t: lo.simulate(recorded(t), t_max=1, plays=t.synapses.data_play("gS", np.ones((9, 40)))),
            ValueError,
            "what is played into `IonotropicSynapse.gS` has shape (9, 40)",
        ),
    ],
    "Synapses.data_set": [
        (lambda t: lo.simulate(recorded(t), t_max=1, param_state=t.synapses.data_set("gz", 1.0)), KeyError, "gz")
    ],
    "Synapses.data_spikes": [
        (lambda t: lo.simulate(recorded(t), t_max=1, spikes=t.synapses.data_spikes([1.0])), ValueError, "not spikes")
    ],
    "Synapses.get": [(lambda t: t.synapses.get("gz"), KeyError, "gz"), (lambda t: t.synapses.get(3), TypeError, "3")],
    "Synapses.make_trainable": [
        (lambda t: t.synapses.make_trainable("gz"), KeyError, "gz"),
        (lambda t: t.synapses.make_trainable("gS", bounds=(1, 0)), ValueError, "expected the smaller one first"),
    ],
    "Synapses.play": [
        (lambda t: t.synapses.play("gz", 1.0), KeyError, "gz"),
        (lambda t: t.synapses.play("s", 1.0), ValueError, "it is a state"),
    ],
    "Synapses.record": [(lambda t: t.synapses.record("gz"), KeyError, "gz")],
    "Synapses.set": [
        (lambda t: t.synapses.set("gz", 1.0), KeyError, "gz"),
        (lambda t: t.synapses.set("gS", "strong"), TypeError, "'strong'"),
    ],
}


def batched(things: Things) -> lo.Run:
    return lo.simulate(things.cell, t_max=1, v_init=lo.batch(np.array([-65.0, -60.0])))


def ended(things: Things) -> lo.State:
    return lo.simulate(things.cell, t_max=0.1, keep_state=True).state


def recorded(things: Things) -> lo.Network:
    things.network.record()
    return things.network


def fitted(things: Things) -> lo.Fit:
    things.cell.make_trainable("radius")
    return lo.fit(things.cell, loss, t_max=0.1, steps=1, progress=False)


def test_what_simulate_takes_is_what_runs_are_prepared_with() -> None:
    """Its signature is written out for those who read it, and again where runs are prepared."""
    own, prepared = (inspect.signature(each).parameters for each in (lo.simulate, prepare))
    of_the_run = [name for name in own if name not in prepared]
    assert of_the_run == ["on_divergence", "progress"]
    assert [own[name] for name in prepared] == list(prepared.values())


def test_every_public_call_has_a_wrong_use() -> None:
    made_by_loligo = {f"{name}.__init__" for name in MADE_BY_LOLIGO}
    assert sorted(set(public()) - made_by_loligo - set(NOT_CALLED)) == sorted(WRONG)


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use(name: str, things: Things) -> None:
    for call, kind, message in WRONG[name]:
        with pytest.raises(kind, match=re.escape(message)) as caught:
            call(things)
        assert isinstance(caught.value, lo.LoligoError), caught.value
