"""Scopes of Jaxley's door, and which edges share a trainable number, are those of Jaxley."""

import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from jaxley_values import Jaxley
from test_jaxley_edges import network as with_edges
from test_jaxley_views import network

import loligo as lo
import loligo.jaxley

VIEWS: dict[str, Callable[[Any], Any]] = {
    "a compartment": lambda n: n.scope("global").comp(17),
    "compartments": lambda n: n.scope("global").comp([0, 15, 3]),
    "a mask": lambda n: n.scope("global").cell(np.array([False, True, True])),
    "a branch of a cell": lambda n: n.cell([0, 1]).scope("global").branch([1, 4]),
    "a slice": lambda n: n.scope("global").branch(slice(2, 5)),
    "all": lambda n: n.scope("global").cell("all").branch("all").comp(6),
    "there and back": lambda n: n.scope("global").branch(3).scope("local").comp(1),
    "back and there": lambda n: n.cell(0).branch([0, 2]).scope("global").comp([1, 7]),
    "a group": lambda n: n.scope("global").trunk.branch(4),
    "a channel": lambda n: n.HH.scope("global").comp([4, 5]),
    "a location": lambda n: n.scope("global").branch([1, 3]).loc(0.9),
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_global_scope_counts_through_the_module(view: str, jaxley: Jaxley) -> None:
    def counted(jx: ModuleType) -> dict[str, list]:
        nodes = VIEWS[view](network(jx)).nodes
        return {"labels": nodes.index.tolist(), "compartments": nodes["global_comp_index"].tolist()}

    jaxley.agrees(counted)
    ours = VIEWS[view](network(loligo.jaxley))
    assert pickle.loads(pickle.dumps(ours)).nodes.equals(ours.nodes)


@pytest.mark.parametrize("view", ["compartments", "a branch of a cell", "a mask", "there and back"])
def test_trainables_are_shared_as_in_jaxley(view: str, jaxley: Jaxley) -> None:
    def shared(jx: ModuleType) -> Any:
        module = network(jx)
        module.cell(1).set("radius", 3.0)
        VIEWS[view](module).make_trainable("radius", verbose=False)
        return module.get_parameters()[0]["radius"]

    jaxley.agrees(shared, rtol=1e-7)


def test_the_scope_of_a_module_is_that_of_its_views(jaxley: Jaxley) -> None:
    def scoped(jx: ModuleType) -> Any:
        module = network(jx)
        module.set_scope("global")
        return module

    for view in (lambda n: n.comp(15), lambda n: n.cell(1).branch(5), lambda n: n.cell([0, 1]).branch([2, 4]).comp(15)):
        jaxley.agrees(lambda jx, view=view: view(scoped(jx)).nodes.index.tolist())
    ours = scoped(loligo.jaxley)
    assert pickle.loads(pickle.dumps(ours)).comp(15).shape == (1, 1, 1)
    ours.set_scope("local")
    assert ours.comp(0).shape[2] == ours.shape[1]


EDGES: dict[str, Callable[[Any], Any]] = {
    "edges": lambda n: n.scope("global").edge([2, 3, 6]),
    "edges of a type": lambda n: n.TanhConductanceSynapse.scope("global").edge([4, 6]),
    "a type": lambda n: n.scope("global").TanhConductanceSynapse.edge(5),
    "all": lambda n: n.scope("global").edge("all"),
    "back": lambda n: n.scope("global").TanhConductanceSynapse.scope("local").edge(1),
}


@pytest.mark.parametrize("view", EDGES)
def test_edges_are_counted_through_the_module(view: str, jaxley: Jaxley) -> None:
    jaxley.agrees(lambda jx: EDGES[view](with_edges(jx)).edges.index.tolist())
    ours = EDGES[view](with_edges(loligo.jaxley))
    assert pickle.loads(pickle.dumps(ours)).edges.equals(ours.edges)


# which edges share a number


def of_cells(view: Any) -> None:
    view.edges["controlled_by_param"] = view.edges["post_global_cell_index"]


def of_some(view: Any) -> None:
    view.edges.loc[view.edges.index[:2], "controlled_by_param"] = 5


def of_list(view: Any) -> None:
    view.edges["controlled_by_param"] = list(range(len(view.edges)))[::-1]


def of_one(view: Any) -> None:
    view.edges["controlled_by_param"] = 0


@pytest.mark.parametrize("control", [of_cells, of_some, of_list, of_one])
@pytest.mark.parametrize(
    "chosen",
    [
        lambda n: n.TanhConductanceSynapse,
        lambda n: n.TanhConductanceSynapse.edge("all"),
        lambda n: n.select(edges=[1, 3, 4, 6]),
        lambda n: n,
    ],
    ids=["a type", "edges", "labels", "all"],
)
def test_edges_of_one_number_share_what_is_trained(
    control: Callable[[Any], None], chosen: Callable[[Any], Any], jaxley: Jaxley
) -> None:
    def written(jx: ModuleType) -> dict[str, list]:
        module = with_edges(jx)
        module.copy_node_property_to_edges("global_cell_index")
        for edge, value in enumerate([1.0, 2.0, 3.0, 5.0]):
            module.TanhConductanceSynapse.edge(edge).set("TanhConductanceSynapse_gS", value)
        view = chosen(module)
        control(view)
        shown = view.edges["controlled_by_param"].tolist()
        view.make_trainable("TanhConductanceSynapse_gS", verbose=False)
        parameters = module.get_parameters()
        start = np.asarray(parameters[0]["TanhConductanceSynapse_gS"])
        parameters[0]["TanhConductanceSynapse_gS"] = start * 0 + 10.0 + np.arange(start.size)
        module.write_trainables(parameters)
        after = module.TanhConductanceSynapse.edges["TanhConductanceSynapse_gS"].tolist()
        return {"shown": shown, "start": start.tolist(), "after": after}

    jaxley.agrees(lambda jx: written(jx)["start"], rtol=1e-6)
    jaxley.agrees(lambda jx: {key: value for key, value in written(jx).items() if key != "start"})


def by_turns(view: Any) -> None:
    view.nodes["controlled_by_param"] = np.arange(len(view.nodes)) % 3


def by_type(view: Any) -> None:
    view.nodes.loc[view.nodes["K"], "controlled_by_param"] = 100


def by_lengths(view: Any) -> None:
    view.nodes["controlled_by_param"] = view.nodes["local_branch_index"]


@pytest.mark.parametrize("control", [by_turns, by_type, by_lengths])
@pytest.mark.parametrize(
    "chosen",
    [
        lambda n: n,
        lambda n: n.cell("all"),
        lambda n: n.cell([0, 1]).branch("all").loc(0.4),
        lambda n: n.Na,
        lambda n: n.select(nodes=[0, 3, 16, 17]),
        lambda n: n.cell(1).view,
    ],
    ids=["all", "cells", "locations", "a channel", "labels", "a view"],
)
def test_compartments_of_one_number_share_what_is_trained(
    control: Callable[[Any], None], chosen: Callable[[Any], Any], jaxley: Jaxley
) -> None:
    def written(jx: ModuleType) -> dict[str, list]:
        module = network(jx)
        for branch in range(4):
            module.cell(0).branch(branch).set("radius", 1.0 + branch)
        view = chosen(module)
        before = view.nodes["controlled_by_param"].tolist()
        control(view)
        shown = view.nodes["controlled_by_param"].tolist()
        view.make_trainable("radius", verbose=False)
        start = np.asarray(module.get_parameters()[0]["radius"], dtype=float)
        return {"before": before, "shown": shown, "start": start}

    jaxley.agrees(written, rtol=1e-7)


def test_what_shares_a_number_is_kept_with_views() -> None:
    ours = network(loligo.jaxley)
    ours.nodes["controlled_by_param"] = ours.nodes["local_comp_index"]
    view = ours.cell(0)
    view.nodes["controlled_by_param"] = 7
    for module in (ours.copy(), pickle.loads(pickle.dumps(ours))):
        assert module.nodes.equals(ours.nodes)
        assert set(module.cell(1).nodes["controlled_by_param"]) == {1}
    assert set(pickle.loads(pickle.dumps(view)).nodes["controlled_by_param"]) == {7}
    assert set(view.scope("global").nodes["controlled_by_param"]) == {7}


def test_what_shares_a_number_is_kept_and_follows_a_deletion() -> None:
    ours = with_edges(loligo.jaxley)
    ours.edges["controlled_by_param"] = [0, 0, 1, 2, 3, 2, 3]
    assert pickle.loads(pickle.dumps(ours)).edges["controlled_by_param"].tolist() == [0, 0, 1, 2, 3, 2, 3]
    ours.select(edges=[0, 3]).delete_edges()
    assert ours.edges["controlled_by_param"].tolist() == [0, 1, 3, 2, 3]
    loligo.jaxley.connect(ours.cell(0), ours.cell(1), loligo.jaxley.synapses.TanhRateSynapse())
    assert set(ours.edges["controlled_by_param"]) == {0}
    copied = ours.edges.copy()
    copied["controlled_by_param"] = 1
    assert type(copied) is pd.DataFrame
    assert set(ours.edges["controlled_by_param"]) == {0}


WRONG: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "an edge twice": (lambda n: n.select(edges=[1, 1]), IndexError, "an edge was selected twice"),
    "another scope": (lambda n: n.scope("globl"), ValueError, "the scope is 'globl', expected 'local' or 'global'"),
    "another scope of a view": (lambda n: n.cell(0).set_scope("all"), ValueError, "the scope is 'all'"),
    "another scope of a module": (lambda n: n.set_scope("here"), ValueError, "the scope is 'here'"),
    "nothing": (lambda n: n.scope("global").cell(1).branch(0), IndexError, "no branch in view has the number 0"),
    "no edge": (lambda n: n.scope("global").IonotropicSynapse.edge(1), IndexError, "no synapse is in view"),
    "another column": (lambda n: n.edges.__setitem__("type_ind", 1), TypeError, "would change nothing"),
    "another column of some": (lambda n: n.edges.loc.__setitem__((0, "type_ind"), 1), TypeError, "change nothing"),
    "too few": (lambda n: n.edges.__setitem__("controlled_by_param", [1]), ValueError, "controlled_by_param cannot"),
    "halves": (lambda n: n.edges.__setitem__("controlled_by_param", 0.5), ValueError, "a whole number for each of 7"),
    "a label beyond": (
        lambda n: n.edges.loc.__setitem__((99, "controlled_by_param"), 1),
        ValueError,
        "rows cannot be added to the table, which has 7",
    ),
    "too few compartments": (
        lambda n: n.cell(0).nodes.__setitem__("controlled_by_param", [1, 2]),
        ValueError,
        "controlled_by_param cannot",
    ),
    "another column of compartments": (lambda n: n.nodes.__setitem__("radius", 1), TypeError, "change nothing"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_calls_say_what_was_meant(what: str) -> None:
    call, kind, message = WRONG[what]
    with pytest.raises(kind, match=message) as raised:
        call(with_edges(loligo.jaxley))
    assert isinstance(raised.value, lo.LoligoError)


def test_labels_are_in_the_order_in_which_they_are_given(jaxley: Jaxley) -> None:
    def ordered(jx: ModuleType) -> dict[str, Any]:
        module = network(jx)
        view = module.select(nodes=[16, 3, 0])
        view.set("radius", np.array([2.0, 3.0, 4.0]))
        view.record(verbose=False)
        view.stimulate(np.arange(12.0).reshape(3, 4), verbose=False)
        view.make_trainable("length", init_val=[10.0, 20.0, 30.0], verbose=False)
        jx.connect(view, module.select(nodes=[17, 1, 2]), jx.synapses.TanhRateSynapse())
        edges = module.select(edges=[2, 0])
        edges.set("TanhRateSynapse_gS", np.array([0.2, 0.3]))
        return {
            "labels": view.nodes.index.tolist(),
            "radii": module.nodes["radius"].tolist(),
            "recorded": module.recordings["rec_index"].tolist(),
            "stimulated": np.asarray(module.external_inds["i"]).tolist(),
            "currents": np.asarray(module.externals["i"]),
            "shared": [np.asarray(rows).tolist() for rows in module.indices_set_by_trainables],
            "joined": module.edges[["pre_index", "post_index", "TanhRateSynapse_gS"]].to_numpy(dtype=float),
            "edges": edges.edges.index.tolist(),
        }

    jaxley.agrees(ordered, rtol=1e-6)
    view = network(loligo.jaxley).select(nodes=[16, 3, 0], sorted=True)
    assert view.nodes.index.tolist() == [0, 3, 16]


def test_data_go_where_labels_are() -> None:
    ours = network(loligo.jaxley)
    ours.select(nodes=[3, 16, 0]).record(verbose=False)
    runs = []
    for view in (ours.select(nodes=[16, 3, 0]), ours.select(nodes=[16, 3, 0], sorted=True)):
        order = [0, 1, 2] if view._given is not None else [2, 1, 0]
        currents = np.array([[1.0], [2.0], [3.0]]) * np.full(40, 0.1)
        stimuli = view.data_stimulate(currents[order])
        state = view.data_set("radius", np.array([2.0, 3.0, 4.0])[order], None)
        runs.append(loligo.jaxley.integrate(ours, param_state=state, data_stimuli=stimuli))
        lanes = view.data_set("radius", lo.batch(np.array([[2.0, 3.0, 4.0]])[:, order]), None)
        runs.append(loligo.jaxley.integrate(ours, param_state=lanes, data_stimuli=stimuli)[0])
    for run in runs[1:]:
        np.testing.assert_array_equal(run, runs[0])
    view = ours.select(nodes=[16, 3, 0])
    view.clamp("v", np.array([[1.0], [2.0], [3.0]]) * np.ones(5), verbose=False)
    assert dict(zip(ours.external_inds["v"].tolist(), ours.externals["v"][:, 0])) == {16: 1.0, 3: 2.0, 0: 3.0}
    for again in (view.view, pickle.loads(pickle.dumps(view))):
        assert again.nodes.index.tolist() == [16, 3, 0]
        assert again.get("radius").size == 3


def test_a_view_of_another_module_type(jaxley: Jaxley) -> None:
    def forked(jx: ModuleType) -> Any:
        return jx.Cell(jx.Branch(ncomp=3), parents=[-1, 0, 0])

    cell = forked(loligo.jaxley)
    cell.scope("global").comp(7).add_to_group("one")
    assert cell.one.nodes["global_comp_index"].tolist() == [7]
    jaxley.agrees(lambda jx: forked(jx).scope("global").branch(1).comp([3, 5]).shape)
