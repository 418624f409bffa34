"""Saved models are what they were, to the last bit, and files can be read without Loligo."""

from __future__ import annotations

import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from saved_models import (
    MODELS,
    Slow,
    a_cell,
    a_compartment,
    again,
    assert_same,
    drawn_cell,
    graded_network,
    spiking_cell,
    spiking_network,
)

import loligo as lo
from loligo.origins import Drawn

SAVED = Path(__file__).parent / "saved"
"""Files that earlier versions wrote."""


class Mine(lo.Cell):
    """A class of modules of one's own."""


@pytest.mark.parametrize("make", MODELS)
def test_what_is_loaded_is_what_was_saved(make: Callable[[], lo.Module], tmp_path: Path) -> None:
    module = make()
    other = again(module, tmp_path)
    assert_same(module, other)
    # and goes its own way
    other.set("radius", 9.0)
    assert module.get("radius").max() != 9.0


@pytest.mark.parametrize("make", MODELS)
def test_the_same_model_makes_the_same_file(make: Callable[[], lo.Module], tmp_path: Path) -> None:
    module = make()
    lo.save(module, tmp_path / "one.loligo")
    lo.save(make(), tmp_path / "two.loligo")
    lo.save(lo.load(tmp_path / "one.loligo"), tmp_path / "three.loligo")
    files = [(tmp_path / f"{name}.loligo").read_bytes() for name in ("one", "two", "three")]
    assert files[0] == files[1] == files[2]


def test_an_integrate_and_fire_population_spikes_alike(tmp_path: Path) -> None:
    """Point neurons of all kinds, with the surrogates that their formulas hold."""
    cells = []
    for neuron in (lo.LIF(surrogate="sigmoid"), lo.AdEx(), lo.Izhikevich(surrogate="arctan"), lo.Fire(), lo.Rate()):
        cell = lo.Cell(lo.Branch(lo.Compartment(length=20, radius=10)))
        cell.insert(neuron)
        cell.insert(lo.mechanism("expsyn"))
        cell.stimulate(lo.step(start=0, duration=50, amplitude=0.5))
        cells.append(cell)
    network = lo.Network(cells)
    network.set("v", -70.0)
    network.cell([0, 1, 2]).record_spikes()
    network.connect([0, 2], [1, 0], lo.SpikingSynapse("expsyn", weight=0.001))
    network.record()
    network.make_trainable("capacitance")
    assert_same(network, again(network, tmp_path), t_max=30)
    assert len(lo.simulate(network, t_max=30).raster)


def test_random_models(tmp_path: Path) -> None:
    """Trees, mechanisms, numbers and what is put on them, drawn at random: equal to the last bit."""
    for seed in range(12):
        random = np.random.default_rng(seed)
        cells = []
        for _ in range(random.integers(1, 4)):
            count = int(random.integers(1, 5))
            parts = [
                lo.Branch(lo.Compartment(*random.uniform(1, 50, 2)), ncomp=int(random.integers(1, 5)))
                for _ in range(count)
            ]
            parents = [-1, *(int(random.integers(0, branch)) for branch in range(1, count))]
            cells.append(lo.Cell(parts, parents))
        network = lo.Network([cells[at] for at in random.integers(0, len(cells), 5)])
        every = network.shape[-1]
        for name in random.permutation(["hh", "pas", "hay_ih", "expsyn"])[:3]:
            some = network.cell("all") if name == "expsyn" else network.cell(random.integers(0, 5, 3).tolist())
            some.insert(lo.mechanism(str(name)))
        for name in network.quantities:
            numbers = network._model.values(name)
            there = np.flatnonzero(~np.isnan(numbers))
            if name != "celsius" and there.size and random.random() < 0.7:
                moved = numbers[there] * random.uniform(0.9, 1.1, there.size)
                network._model.set_each(name, moved, network._model.select(there.tolist(), "shared"))
        ends = random.integers(0, every, (4, 2))
        if "expsyn" in network.mechanisms:
            train = np.sort(random.uniform(0, 5, 7))
            network.connect(lo.SpikeTrains(train), network.cell(0).comp(0), lo.SpikingSynapse("expsyn", weight=0.1))
            network.connect(ends[:, 0], ends[:, 1], lo.SpikingSynapse(lo.mechanism("exp2syn"), weight=0.01))
        else:
            network.connect(ends[:, 0], ends[:, 1], lo.TanhRateSynapse())
            network.TanhRateSynapse.set("gS", random.uniform(0, 1e-3, 4))
        network.cell(int(random.integers(5))).stimulate(random.normal(size=50))
        network.cell(int(random.integers(5))).record()
        network.cell("all").make_trainable("capacitance", bounds=(0.0, float(random.uniform(100, 200))))
        assert_same(network, again(network, tmp_path), t_max=5)


def test_repeated_cells_are_stored_once(tmp_path: Path) -> None:
    swc = tmp_path / "cell.swc"
    swc.write_text("1 1 0 0 0 5 -1\n2 1 10 0 0 5 1\n3 3 20 0 0 1 2\n4 3 90 0 0 1 3\n")
    network = lo.Network([lo.read_swc(swc, ncomp=1) for _ in range(1000)])
    network.record()
    network.save(tmp_path / "network.loligo")
    with zipfile.ZipFile(tmp_path / "network.loligo") as archive:
        assert [name for name in archive.namelist() if name.endswith(".swc")] == ["morphologies/0.swc"]
        shapes = json.loads(archive.read("model.json"))["model"]["shapes"]
    assert [shape["kind"] for shape in shapes] == ["swc", "network"]
    assert shapes[1]["parts"] == [0] * 1000
    assert (tmp_path / "network.loligo").stat().st_size < 100_000
    assert lo.load(tmp_path / "network.loligo").shape == network.shape


def test_import3d_is_kept(tmp_path: Path) -> None:
    (tmp_path / "cell.swc").write_text("1 1 0 0 0 5 -1\n2 1 10 0 0 5 1\n3 3 20 0 0 1 2\n4 3 90 0 0 1 3\n")
    cell = lo.read_import3d(tmp_path / "cell.swc", d_lambda=0.01)
    assert_same(cell, again(cell, tmp_path))


def test_a_file_is_readable_without_loligo(tmp_path: Path) -> None:
    cell = a_cell()
    cell.save(tmp_path / "cell.loligo")
    with zipfile.ZipFile(tmp_path / "cell.loligo") as archive:
        content = json.loads(archive.read("model.json"))
        assert list(content)[:3] == ["format", "version", "loligo"]
        assert (content["format"], content["version"]) == ("loligo model", 1)
        assert content["loligo"] == lo.__version__
        radius = content["model"]["values"]["radius"]
        assert radius["shape"] == [9]
        with archive.open(radius["member"]) as member:
            assert (np.load(member, allow_pickle=False) == cell.get("radius")).all()
        squid = content["model"]["mechanisms"]["squid"]
        assert archive.read(squid["text"]["member"]).decode() == lo.mechanism("hh").source
        assert max(map(len, archive.read("model.json").decode().splitlines())) <= 130
    assert content["model"]["trainables"][0]["bounds"] == [0.0, 1.0]


def test_where_files_were_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "mine.mod").write_text(lo.mechanism("pas").source)
    cell = lo.Cell()
    cell.insert(lo.Mechanism.from_mod(tmp_path / "mine.mod"))
    cell.save(tmp_path / "cell.loligo")
    with zipfile.ZipFile(tmp_path / "cell.loligo") as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"mine.mod" in whole
    assert str(tmp_path).encode() not in whole


def test_formulas_need_no_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the class is called, or needs to be there, when a file is read."""
    expected = lo.simulate(a_compartment(), t_max=5).recordings
    a_compartment().save(tmp_path / "soma.loligo")
    for method in ("derivatives", "compute_current", "__init__"):
        monkeypatch.setattr(Slow, method, None)
    assert (lo.simulate(lo.load(tmp_path / "soma.loligo"), t_max=5).recordings == expected).all()


def test_jaxleys_door(tmp_path: Path) -> None:
    import loligo.jaxley as jx

    class Started(jx.channels.Channel):
        """One whose states at the start follow from its `init_state`."""

        def __init__(self, name: str | None = None) -> None:
            self.current_is_in_mA_per_cm2 = True
            super().__init__(name)
            self.channel_params = {"Started_g": 1e-4, "eK": -77.0}
            self.channel_states = {"Started_n": 0.3}
            self.current_name = "i_K"

        def update_states(self, states, dt, v, params):
            return {"Started_n": states["Started_n"] + dt * (1 / (1 + np.exp(-(v + 35) / 10)) - states["Started_n"])}

        def init_state(self, states, v, params, delta_t):
            return {"Started_n": 1 / (1 + np.exp(-(v + 35) / 10))}

        def compute_current(self, states, v, params):
            return params["Started_g"] * states["Started_n"] * (v - params["eK"])

    cell = jx.Cell(jx.Branch(jx.Compartment(), ncomp=2), parents=[-1, 0])
    cell.insert(jx.channels.HH())
    for channel in (Started(), jx.channels.CaL(), jx.pumps.CaPump(), jx.pumps.CaNernstReversal()):
        cell.insert(channel)
    network = jx.Network([cell, cell, cell])
    jx.connect(network.cell(0).branch(0).comp(0), network.cell(1).branch(0).comp(0), jx.synapses.IonotropicSynapse())
    jx.connect(network.cell(1).branch(0).comp(0), network.cell(2).branch(1).comp(0), jx.synapses.TanhRateSynapse())
    network.cell(0).branch(0).comp(0).stimulate(jx.step_current(1.0, 2.0, 0.2, 0.025, 5.0))
    network.cell("all").branch(1).comp(0).record(verbose=False)
    network.cell("all").make_trainable("HH_gNa", verbose=False)
    network.make_trainable("IonotropicSynapse_gS", verbose=False)
    network.set_scope("global")
    network.copy_node_property_to_edges("radius")
    other = again(network, tmp_path)
    assert type(other) is jx.Network
    assert other.edges.equals(network.edges)
    assert other.nodes.equals(network.nodes)
    assert other._scope == "global"
    assert other._starts == network._starts
    assert other._starts["Started"].results
    for ours, theirs in zip(network.get_parameters(), other.get_parameters(), strict=True):
        assert {k: v.tobytes() for k, v in theirs.items()} == {k: v.tobytes() for k, v in ours.items()}
    assert (jx.integrate(other) == jx.integrate(network)).all()
    other.init_states()
    network.init_states()
    assert other.nodes.equals(network.nodes)


def test_networks_of_sonata(tmp_path: Path) -> None:
    """The tables come back with their types, mixed columns and all."""
    network = lo.SonataNetwork([spiking_cell(), spiking_cell()])
    nodes = pd.DataFrame(
        {
            "population": ["cortex", "cortex"],
            "node_id": [7, 8],
            "cell": [0, 1],
            "source": [-1, -1],
            "x": [0.1, np.nan],
            "mixed": np.array(["a", np.nan], dtype=object),
            "nothing": np.array([None, 3], dtype=object),
        }
    )
    edges = pd.DataFrame({"population": ["e"], "first": [0], "last": [4]}, index=[5])
    network.sonata = lo.sonata.network.Sonata(nodes, edges, {"t_max": 5.0, "dt": 0.05})
    other = again(network, tmp_path)
    pd.testing.assert_frame_equal(other.sonata.nodes, nodes, check_exact=True)
    pd.testing.assert_frame_equal(other.sonata.edges, edges, check_exact=True)
    assert other.sonata.run == network.sonata.run
    assert other.sonata.cells("cortex", [8]).tolist() == [1]


@pytest.mark.parametrize("make", [a_cell, graded_network, spiking_network])
def test_files_of_version_1_are_read(make: Callable[[], lo.Module]) -> None:
    """They were written by `lo.save(make(), ...)` when the format was new, and say the same for ever."""
    module, old = make(), lo.load(SAVED / f"{make.__name__}-1.loligo")
    assert type(old) is type(module)
    assert repr(old) == repr(module)
    assert old.recordings == module.recordings
    assert old.quantities == module.quantities
    for name in module.quantities:
        assert old._model.values(name).tobytes() == module._model.values(name).tobytes(), name
    for ours, theirs in zip(module.get_parameters(), old.get_parameters(), strict=True):
        assert {k: v.tobytes() for k, v in theirs.items()} == {k: v.tobytes() for k, v in ours.items()}
    assert np.isfinite(lo.simulate(old, t_max=2).recordings).all()


UNSAVED: dict[str, tuple[Callable[[Path], object], type[Exception], str]] = {
    "class of mine": (lambda f: lo.save(Mine(), f / "x.loligo"), lo.errors.SavingError, "a Mine cannot be saved"),
    "ending": (lambda f: lo.save(lo.Cell(), f / "x.zip"), ValueError, "'x.zip', expected one that ends in .loligo"),
    "view": (lambda f: lo.save(a_cell().branch(0), f / "x.loligo"), TypeError, "expected a whole module"),
    "no model": (lambda f: lo.save({"a": 1}, f / "x.loligo"), TypeError, "save was given {'a': 1}"),
    "no folder": (lambda f: lo.save(lo.Cell(), f / "no" / "x.loligo"), OSError, "cannot write .*: No such file"),
    "no file": (lambda f: lo.load(f / "x.loligo"), FileNotFoundError, "there is no such file"),
    "a folder": (lambda f: lo.load(f), OSError, "cannot read"),
    "limit": (lambda f: lo.load(f / "x.loligo", limit=0), ValueError, "limit is 0, expected a number of bytes"),
}


@pytest.mark.parametrize("call", UNSAVED)
def test_what_cannot_be_saved_says_why(call: str, tmp_path: Path) -> None:
    wrong, kind, message = UNSAVED[call]
    with pytest.raises(kind, match=message) as caught:
        wrong(tmp_path)
    assert isinstance(caught.value, lo.LoligoError)
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cell.loligo"
    lo.Cell().save(path)
    before = path.read_bytes()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(lo.errors.UnwritableFileError, match="No space left on device"):
        a_cell().save(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["cell.loligo"]


def test_branches_of_points_are_saved(tmp_path: Path) -> None:
    """A cell given by points, with a branch on the middle of another and lengths that are not those in space."""
    cell = drawn_cell()
    other = again(cell, tmp_path)
    assert_same(cell, other, t_max=5)
    assert [name for name, *_ in other._model.branches()] == ["trunk", "basal[0]"]
    assert other.branch(0).get("length").tolist() == [45.0, 45.0]
    assert (other.nodes["area"] == cell.nodes["area"]).all()
    with zipfile.ZipFile(tmp_path / "model.loligo") as archive:
        (shape,) = json.loads(archive.read("model.json"))["model"]["shapes"]
    assert shape["kind"] == "branches"
    assert (shape["names"], shape["options"]) == (["trunk", ""], {"name": "by hand", "ncomp": [2, 3]})


def test_a_branch_that_stands_for_a_ball_stays_one(tmp_path: Path) -> None:
    """It has the area and the volume that a soma of a single point has in an SWC file, to the last bit."""
    (tmp_path / "soma.swc").write_text("1 1 3 7 -2 5.5 -1\n")
    read = lo.read_swc(tmp_path / "soma.swc", ncomp=3)
    ends = np.array([[3, 1.5, -2, 5.5, 0], [3, 12.5, -2, 5.5, 11]], dtype=float)
    drawn = lo.Cell._read(("branches", (Drawn(None, 1, "", ends, is_ball=True),), {"name": "by hand", "ncomp": [3]}))
    saved = again(drawn, tmp_path)
    for cell in (drawn, saved, pickle.loads(pickle.dumps(drawn))):
        for name in ("area", "volume", "soma"):
            assert cell.nodes[name].tolist() == read.nodes[name].tolist()
    assert sum(saved.nodes["volume"]) == pytest.approx(4 / 3 * np.pi * 5.5**3, rel=1e-14)
