"""Modules and views of the door list the channels, synapses, trainables, stimuli and recordings that Jaxley lists."""

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from jaxley_values import Jaxley

import loligo as lo
import loligo.jaxley


def network(jx: ModuleType) -> Any:
    """Three cells with different channels, synapses of two types, and something of everything else."""
    cells = [jx.Cell(jx.Branch(jx.Compartment(), 2), parents=[-1, 0, 0]), jx.Cell(jx.Branch(ncomp=2), [-1]), jx.Cell()]
    made = jx.Network(cells)
    made.cell([0, 1]).insert(jx.channels.HH())
    made.cell(1).insert(jx.channels.Na())
    made.cell([0, 2]).insert(jx.channels.K("other"))
    made.cell(0).branch(2).insert(jx.channels.CaL())
    made.cell(0).branch(2).insert(jx.pumps.CaPump())
    ends = [made.cell(0).branch(1).comp(1), made.cell(1).branch(0).comp(0), made.cell(2).branch(0).comp(0)]
    for pre, post in [(0, 1), (1, 0), (0, 2)]:
        jx.connect(ends[pre], ends[post], jx.synapses.IonotropicSynapse())
    jx.connect(ends[0], ends[1], jx.synapses.TanhRateSynapse())
    made.cell([0, 1]).make_trainable("HH_gNa", verbose=False)
    made.HH.make_trainable("HH_gK", verbose=False)
    made.IonotropicSynapse.edge([0, 2]).make_trainable("IonotropicSynapse_gS", verbose=False)
    made.cell(1).branch(0).comp(1).stimulate(np.arange(4.0), verbose=False)
    made.cell(0).branch(0).comp(0).stimulate(2 * np.arange(4.0), verbose=False)
    made.cell(0).branch(1).comp(0).record(verbose=False)
    made.cell(2).branch(0).comp(0).record("other_n", verbose=False)
    made.cell(1).branch(0).comp(1).record("i_Na", verbose=False)
    return made


VIEWS: dict[str, Callable[[Any], Any]] = {
    "all": lambda n: n,
    "a cell": lambda n: n.cell(1),
    "cells": lambda n: n.cell([0, 1]),
    "a branch": lambda n: n.cell(0).branch(2),
    "a channel": lambda n: n.Na,
    "synapses": lambda n: n.TanhRateSynapse,
}


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_in_view(view: str, jaxley: Jaxley) -> None:
    def contents(jx: ModuleType) -> dict[str, Any]:
        seen = VIEWS[view](network(jx))
        channels, synapses = seen.channels, [each for each in seen.synapses if each is not None]
        return {
            "channels": [channel._name for channel in channels],
            "channel_params": [dict(channel.channel_params) for channel in channels],
            "channel_states": [dict(channel.channel_states) for channel in channels],
            "currents": [channel.current_name for channel in channels],
            "pumps": [[pump.name, pump.ion_name] for pump in seen.pumps],
            "pumped_ions": list(seen.pumped_ions),
            "synapses": [[each.name, dict(each.synapse_params), dict(each.synapse_states)] for each in synapses],
            "synapse_names": sorted(seen.synapse_names),
            "synapse_param_names": list(seen.synapse_param_names),
            "synapse_state_names": list(seen.synapse_state_names),
            "group_names": list(seen.group_names),
            "external_inds": {key: np.asarray(inds).tolist() for key, inds in seen.external_inds.items()},
            "externals": {key: np.asarray(values) for key, values in seen.externals.items()},
        }

    jaxley.agrees(contents, rtol=1e-6)


def test_what_is_recorded_and_trained(jaxley: Jaxley) -> None:
    def contents(jx: ModuleType) -> dict[str, Any]:
        seen = network(jx)
        recordings = seen.recordings
        parameters = [next(iter(each.items())) for each in seen.get_parameters()]
        return {
            "recordings": [list(each) for each in zip(recordings["rec_index"].tolist(), recordings["state"])],
            "trainables": {key: np.asarray(values, dtype=float) for key, values in parameters},
            "shared": {key: np.asarray(rows) for (key, _), rows in zip(parameters, seen.indices_set_by_trainables)},
            "count": seen.num_trainable_params,
        }

    jaxley.agrees(contents, rtol=1e-6)


def test_what_is_recorded_and_trained_in_view() -> None:
    """Unlike in Jaxley, which compares labels of what is recorded with numbers of compartments, and repeats
    trainables that are in view in part."""
    ours = network(loligo.jaxley)
    assert ours.cell([0, 1]).recordings.to_numpy().tolist() == [[2, "v"], [8, "i_Na"]]
    cell = ours.cell(1)
    assert [next(iter(each)) for each in cell.get_parameters()] == ["HH_gNa", "HH_gK"]
    assert [rows.tolist() for rows in cell.indices_set_by_trainables] == [[[7, 8]], [[7, 8]]]
    assert (cell.num_trainable_params, ours.num_trainable_params) == (2, 5)
    assert [rows.tolist() for rows in ours.IonotropicSynapse.indices_set_by_trainables[-1:]] == [[[0], [2]]]


@pytest.mark.parametrize(
    "options",
    [{}, {"indices": False, "states": False}, {"params": False}, {"param_names": ["HH_gNa", "Na_m"]}],
    ids=["all", "parameters", "states", "some"],
)
def test_show(options: dict[str, Any], jaxley: Jaxley) -> None:
    def shown(jx: ModuleType) -> dict[str, np.ndarray]:
        table = network(jx).cell([0, 1]).show(**options)
        # Jaxley shows what channels share once for each of them
        table = table.loc[:, ~table.columns.duplicated()]
        return {column: table[column].to_numpy(dtype=float) for column in table.columns}

    jaxley.agrees(shown, rtol=1e-6)


def test_show_of_some_channels() -> None:
    ours = network(loligo.jaxley)
    assert ours.show(channel_names=["HH"], indices=False, params=False).columns.tolist() == [
        "HH",
        "HH_m",
        "HH_h",
        "HH_n",
    ]
    assert ours.show("radius", indices=False)["radius"].tolist() == [1.0] * 9
    shown = ours.show("radius")
    shown["radius"] = 2.0
    assert ours.nodes["radius"].tolist() == [1.0] * 9


def test_arrays_of_all_numbers(jaxley: Jaxley) -> None:
    def arrays(jx: ModuleType) -> dict[str, Any]:
        made = network(jx)
        made.to_jax()
        # what an ion has is there with any of its numbers
        nodes = {key: np.asarray(values, float) for key, values in made.jaxnodes.items() if key != "CaCon_e"}
        return {"nodes": nodes, "edges": {key: np.asarray(values) for key, values in made.jaxedges.items()}}

    jaxley.agrees(arrays, rtol=1e-6, atol=1e-6)


def test_nodes_show_the_currents_that_pumps_have_as_states(jaxley: Jaxley) -> None:
    """The value is the one that is declared, the last one's where there are two; nothing reads it."""

    def shown(jx: ModuleType) -> dict[str, Any]:
        cell = jx.Cell(jx.Branch(jx.Compartment(), 2), parents=[-1, 0])
        other = jx.pumps.CaFaradayConcentrationChange()
        other.channel_states["i_Ca"] = 2e-8
        cell.branch(0).insert(jx.pumps.CaPump())
        cell.branch(0).comp(1).insert(other)
        own = ["CaPump_minCaCon_i", "i_Ca", "CaCon_i"]
        graph = jx.modules.base.to_graph(cell)
        return {
            "columns": [column for column in cell.nodes.columns if column in own],
            "i_Ca": cell.nodes["i_Ca"].to_numpy(dtype=float),
            "in a graph": [attributes.get("i_Ca", -1.0) for _, attributes in graph.nodes(data=True)],
        }

    jaxley.agrees(shown, rtol=1e-12)
    cell = loligo.jaxley.Cell()
    cell.insert(loligo.jaxley.pumps.CaPump())
    with pytest.raises(lo.LoligoError, match="writing 'i_Ca' would change nothing"):
        cell.nodes["i_Ca"] = 1.0


def test_descriptions_go_with_modules(tmp_path: Path) -> None:
    ours = network(loligo.jaxley)
    ours.save(tmp_path / "network.loligo")
    for again in (ours.copy(), pickle.loads(pickle.dumps(ours)), lo.load(tmp_path / "network.loligo")):
        assert (again.channels, again.pumps, again.synapses) == (ours.channels, ours.pumps, ours.synapses)
    assert [channel.name for channel in loligo.jaxley.Network([ours.cell(0).base]).channels] == [
        "HH",
        "Na",
        "other",
        "CaL",
    ]
    for channel in ours.channels:
        ours.delete_trainables()
        ours.delete_recordings()
        ours.delete(channel)
    assert ours.channels == [] and [pump.name for pump in ours.pumps] == ["CaPump"]


WRONG: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "a column": (lambda n: n.show("raduis"), KeyError, "`nodes` has no column `raduis`; did you mean `radius`"),
    "a channel": (lambda n: n.cell(2).show(channel_names=["HH"]), KeyError, "there is no channel `HH` in view"),
    "a description": (lambda n: n.insert(n.channels[0]), TypeError, "expected a channel such as"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_calls_say_what_was_expected(what: str) -> None:
    call, kind, message = WRONG[what]
    with pytest.raises(kind, match=message) as raised:
        call(network(loligo.jaxley))
    assert isinstance(raised.value, lo.LoligoError)


class Counting(loligo.jaxley.Cell):
    """A class of a user's, with a verb and something that it remembers."""

    def __init__(self) -> None:
        super().__init__(loligo.jaxley.Branch(ncomp=2), parents=[-1, 0, 0])
        self.seen = [self.count()]

    def count(self) -> int:
        return len(self.nodes)


class Thin(loligo.jaxley.Compartment):
    """A compartment with numbers of its own."""

    compartment_params = {**loligo.jaxley.Compartment.compartment_params, "radius": 0.1}


class Rough(loligo.jaxley.Branch):
    """A branch with numbers of its own."""

    branch_params = {"axial_resistivity": 100.0}
    branch_states = {"v": -60.0}


def test_classes_of_the_user() -> None:
    assert Rough(ncomp=2).nodes[["axial_resistivity", "v"]].to_numpy().tolist() == [[100.0, -60.0]] * 2
    ours = Counting()
    ours.insert(loligo.jaxley.channels.HH())
    for again in (ours.copy(), copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert (type(again), again.seen, again.count()) == (Counting, [6], 6)
        again.seen.append(0)
    assert ours.seen == [6]
    assert loligo.jaxley.Network([ours, ours]).cell(1).branch(0).nodes["HH"].all()
    with pytest.raises(AttributeError, match="did you mean `count`"):
        ours.cuont()
    assert Thin().nodes["radius"].tolist() == [0.1]


@pytest.mark.parametrize("view", VIEWS)
def test_views_are_copied_with_their_module(view: str) -> None:
    ours = network(loligo.jaxley)
    seen = VIEWS[view](ours)
    for again in (seen.copy(), copy.deepcopy(seen), pickle.loads(pickle.dumps(seen))):
        assert again.nodes.equals(seen.nodes) and again.edges.equals(seen.edges)
        again.set("radius", 7.0)
    assert (ours.nodes["radius"] == 1.0).all()


def test_synapses_by_rows_of_nodes() -> None:
    ours = network(loligo.jaxley)
    before = len(ours.edges)
    pre, post = ours.nodes.loc[[0, 2]], ours.nodes.loc[[7, 8]]
    ours._append_multiple_synapses(pre, post, loligo.jaxley.synapses.IonotropicSynapse())
    assert ours.edges[["pre_index", "post_index"]].to_numpy()[before:].tolist() == [[0, 7], [2, 8]]
    assert loligo.jaxley.modules.base.Module is loligo.jaxley.Module


def test_notes_of_compartments_stay_with_the_module(tmp_path: Path) -> None:
    """As tutorials on sharing parameters do: a column of the user's own, which synapses are sorted by."""
    jx = loligo.jaxley
    cell = jx.Cell(jx.Branch(ncomp=2), parents=np.array([-1, 0, 0]))
    made = jx.Network([cell, cell])
    jx.connect(made.cell(0).branch(0).comp(0), made.cell(1).branch(2).comp(1), jx.synapses.IonotropicSynapse())
    made.nodes["kind"] = "exc"
    made.cell(1).nodes["kind"] = "inh"
    made.cell(0).branch(1).nodes["depth"] = [1.5, 2.5]
    assert made.nodes["kind"].tolist() == ["exc"] * 6 + ["inh"] * 6
    assert made.nodes["depth"].dropna().tolist() == [1.5, 2.5]
    made.copy_node_property_to_edges("kind")
    assert made.edges[["pre_kind", "post_kind"]].to_numpy().tolist() == [["exc", "inh"]]
    lo.save(made, tmp_path / "network.loligo")
    for other in (pickle.loads(pickle.dumps(made)), copy.copy(made), lo.load(tmp_path / "network.loligo")):
        assert other.nodes["kind"].equals(made.nodes["kind"])
        assert other.nodes["depth"].equals(made.nodes["depth"])
    with pytest.raises(lo.errors.ReadOnlyError, match="writing 'radius' would change nothing"):
        made.nodes["radius"] = 2.0


@pytest.mark.filterwarnings("ignore:The inplace keyword")
def test_notes_of_compartments_are_deleted_and_nothing_else_is() -> None:
    cell = loligo.jaxley.Cell(loligo.jaxley.Branch(ncomp=2), parents=[-1, 0])
    for name in ("kind", "depth", "side"):
        cell.nodes.insert(0, name, 1)
    cell.nodes.drop(columns=["kind"], inplace=True)
    del cell.nodes["depth"]
    assert [name for name in ("kind", "depth", "side") if name in cell.nodes] == ["side"]
    for change in (
        lambda: cell.nodes.drop(columns=["radius"], inplace=True),
        lambda: cell.nodes.drop(index=0, inplace=True),
        lambda: cell.edges.rename(columns={"type": "kind"}, inplace=True),
    ):
        with pytest.raises(lo.errors.ReadOnlyError, match="changing it in place would change nothing in the model"):
            change()
    # what is popped is taken out of the table that it was popped from
    part, whole = cell.branch(0).nodes, cell.nodes
    assert part.pop("side").tolist() == [1, 1] and whole.pop("radius").tolist() == [1.0] * 4
    assert "side" not in part and "radius" not in whole
    assert {"side", "radius"} <= set(cell.nodes)
    assert whole.pop("side").tolist() == [1] * 4
    assert "side" not in cell.nodes


def test_numbers_are_written_through_tables(jaxley: Jaxley) -> None:
    """As the published networks do, synapse by synapse; of two types, each keeps to its own."""

    def written(jx: ModuleType) -> np.ndarray:
        made = network(jx)
        made.edges.iloc[1, made.edges.columns.get_loc("IonotropicSynapse_gS")] = 3e-4
        made.edges.loc[made.edges["type"] == "TanhRateSynapse", "TanhRateSynapse_x_offset"] = -60.0
        made.edges.at[0, "IonotropicSynapse_s"] = 0.5
        made.nodes.loc[made.nodes["local_comp_index"] == 0, "axial_resistivity"] = 700.0
        made.nodes["v"] = np.linspace(-80.0, -60.0, len(made.nodes))
        made.delete_stimuli()
        made.delete_recordings()
        made.cell("all").branch(0).comp(0).record("v", verbose=False)
        made.cell(2).branch(0).comp(0).stimulate(jx.step_current(0.5, 1.0, 0.1, 0.025, 3.0), verbose=False)
        return np.asarray(jx.integrate(made))

    jaxley.agrees(written, rtol=1e-8)
    made = network(loligo.jaxley)
    edges = made.edges
    edges.iloc[[0, 1], [edges.columns.get_loc("IonotropicSynapse_gS")]] = 3e-4
    assert edges["IonotropicSynapse_gS"].equals(made.edges["IonotropicSynapse_gS"])
    # rows without the number stay without
    made.edges["TanhRateSynapse_gS"] = 2e-4
    assert made.edges["TanhRateSynapse_gS"].isna().equals(made.edges["type"] != "TanhRateSynapse")


@pytest.mark.filterwarnings("ignore:Setting an item of incompatible dtype")
def test_what_cannot_be_written_to_tables() -> None:
    made = network(loligo.jaxley)
    with pytest.raises(lo.errors.ReadOnlyError, match="writing 'pre_index' would change nothing"):
        made.edges.loc[0, "pre_index"] = 3
    with pytest.raises(lo.errors.ReadOnlyError, match="writing 'area' would change nothing"):
        made.nodes.loc[0, ["v", "area"]] = [3.0, 4.0]
    assert (made.nodes["v"] == -70.0).all(), "some was written"
    with pytest.raises(ValueError, match="cannot be that"):
        made.edges.loc[0, "IonotropicSynapse_gS"] = "many"
    with pytest.raises(ValueError, match="rows cannot be added"):
        made.nodes.loc[1000, "v"] = -60.0
    with pytest.raises(lo.errors.LoligoError, match="cannot be NaN"):
        made.edges.loc[0, "IonotropicSynapse_gS"] = np.nan
