"""Synapses through the door: the same edges, views of them, trainables and recordings as in Jaxley."""

import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from jaxley_values import Jaxley

import loligo as lo
import loligo.jaxley
from loligo.jaxley.connect import is_same_network

TYPES = ("IonotropicSynapse", "TanhRateSynapse", "TanhConductanceSynapse")


def network(jx: ModuleType) -> Any:
    """Four cells of three branches, with synapses of three types that were made in turns."""
    cell = jx.Cell(jx.Branch(jx.Compartment(), ncomp=3), parents=[-1, 0, 0])
    made = jx.Network([cell] * 4)
    ionotropic, rate, conductance = (getattr(jx.synapses, kind) for kind in TYPES)
    jx.connect(made.cell(0).branch(2).comp(2), made.cell(1).branch(1).comp(1), ionotropic())
    jx.connect(made.cell(1).branch(0).comp(0), made.cell(2).branch(0).comp(0), rate())
    jx.connect(made.cell(2).branch(0).comp(0), made.cell(3).branch(0).comp(0), ionotropic())
    jx.fully_connect(made.cell([0, 1]), made.cell([2, 3]), conductance())
    return made


@pytest.fixture
def ours() -> Any:
    return network(loligo.jaxley)


def table(module: Any) -> dict[str, Any]:
    """The columns of the edges, and the numbers in them."""
    edges = module.edges
    numbers = {name: edges[name].to_numpy().astype(float) for name in edges.columns if name != "type"}
    return {"labels": edges.index.tolist(), "type": edges["type"].tolist(), "numbers": numbers}


def test_edges_are_those_of_jaxley(jaxley: Jaxley) -> None:
    jaxley.agrees(lambda jx: table(network(jx)), rtol=1e-14)
    jaxley.agrees(lambda jx: network(jx).edges.columns[:8].tolist())
    jaxley.agrees(lambda jx: network(jx).synapse_names)
    for names in ("synapse_param_names", "synapse_state_names", "synapse_current_names"):
        jaxley.agrees(lambda jx, names=names: sorted(getattr(network(jx), names)))


VIEWS: dict[str, Callable[[Any], Any]] = {
    "cells": lambda n: n.cell([0, 1]),
    "a branch": lambda n: n.cell([0, 1, 2, 3]).branch(0),
    "a type": lambda n: n.IonotropicSynapse,
    "one of a type": lambda n: n.IonotropicSynapse.edge(1),
    "some of a type": lambda n: n.TanhConductanceSynapse.edge([0, 3]),
    "all of a type": lambda n: n.TanhConductanceSynapse.edge("all"),
    "a type among cells": lambda n: n.cell([0, 1]).IonotropicSynapse,
    "cells of a type": lambda n: n.IonotropicSynapse.cell([0, 1]),
    "labels": lambda n: n.select(edges=[1, 2]),
    "labels of a type": lambda n: n.IonotropicSynapse.select(edges=[2]),
    "a mask": lambda n: n.select(edges=n.edges["type"] == "TanhRateSynapse"),
    "a query": lambda n: n.select(edges=n.edges.query("pre_index == 0").index),
}


@pytest.mark.parametrize("view", VIEWS)
def test_views_of_edges(view: str, jaxley: Jaxley) -> None:
    def viewed(jx: ModuleType) -> dict[str, list]:
        part = VIEWS[view](network(jx))
        return {
            "labels": part.edges.index.tolist(),
            "controlled": part.edges["controlled_by_param"].tolist(),
            # Jaxley keeps the nodes of the cells there, and shows them all
            "nodes": part.nodes.index.tolist() if view != "cells of a type" else [],
        }

    jaxley.agrees(viewed)


@pytest.mark.parametrize(
    ("view", "key", "value"),
    [
        (lambda n: n, "IonotropicSynapse_gS", 3.0),
        (lambda n: n.IonotropicSynapse, "IonotropicSynapse_gS", np.array([3.0, 4.0])),
        (lambda n: n.IonotropicSynapse.edge(1), "IonotropicSynapse_s", 0.7),
        (lambda n: n.cell([0, 1]), "IonotropicSynapse_e_syn", -70.0),
        (lambda n: n.TanhConductanceSynapse.edge([1, 2]), "TanhConductanceSynapse_slope", np.array([3.0, 4.0])),
        (lambda n: n.select(edges=[0, 1, 2]), "TanhRateSynapse_x_offset", -50.0),
        (lambda n: n.TanhRateSynapse, "v", -55.0),
    ],
)
def test_set(view: Callable[[Any], Any], key: str, value: Any, jaxley: Jaxley) -> None:
    def changed(jx: ModuleType) -> Any:
        module = network(jx)
        view(module).set(key, value)
        return module

    jaxley.agrees(lambda jx: table(changed(jx)), rtol=1e-14)
    jaxley.agrees(lambda jx: changed(jx).nodes["v"].tolist())


@pytest.mark.parametrize(
    ("view", "key", "initial"),
    [
        (lambda n: n, "IonotropicSynapse_gS", None),
        (lambda n: n.IonotropicSynapse, "IonotropicSynapse_gS", 0.5),
        (lambda n: n.IonotropicSynapse.edge("all"), "IonotropicSynapse_s", None),
        (lambda n: n.TanhConductanceSynapse.edge([1, 3]), "TanhConductanceSynapse_gS", [1.0, 2.0]),
        (lambda n: n.select(edges=[0, 2]), "IonotropicSynapse_gS", None),
        (lambda n: n.cell([0, 1]), "IonotropicSynapse_gS", None),
        (lambda n: n.TanhRateSynapse, "v", None),
    ],
)
def test_trainables(view: Callable[[Any], Any], key: str, initial: Any, jaxley: Jaxley) -> None:
    def trained(jx: ModuleType) -> Any:
        module = network(jx)
        module.IonotropicSynapse.edge(1).set("IonotropicSynapse_gS", 3e-4)
        view(module).make_trainable(key, initial, verbose=False)
        return module

    def written(jx: ModuleType) -> Any:
        module = trained(jx)
        parameters = module.get_parameters()
        parameters[0][key] = parameters[0][key] * 0 + 2.0
        module.write_trainables(parameters)
        return module

    assert [list(entry) for entry in trained(loligo.jaxley).get_parameters()] == [[key]]
    jaxley.agrees(lambda jx: trained(jx).get_parameters()[0][key], rtol=1e-15)
    ours = written(loligo.jaxley)
    if key == "IonotropicSynapse_s":  # Jaxley takes numbers among all edges for those among the edges of the type
        assert ours.IonotropicSynapse.edges[key].tolist() == [2.0, 2.0]
    else:
        jaxley.agrees(lambda jx: table(written(jx)), rtol=1e-14)
    jaxley.agrees(lambda jx: written(jx).num_trainable_params)
    ours.delete_trainables()
    assert ours.num_trainable_params == 0


def test_compartments_of_synapses_are_trained_as_the_selector_says(jaxley: Jaxley) -> None:
    def script(jx: ModuleType) -> Any:
        made = network(jx)
        views = [made.IonotropicSynapse, made.IonotropicSynapse.cell([0, 1]), made.TanhConductanceSynapse.cell("all")]
        return [view.nodes["controlled_by_param"].tolist() for view in views]

    jaxley.agrees(script)


def test_trainables_of_some_edges_are_deleted(ours: Any) -> None:
    ours.TanhConductanceSynapse.edge("all").make_trainable("TanhConductanceSynapse_gS", verbose=False)
    ours.TanhConductanceSynapse.edge([0, 1]).delete_trainables()
    assert [t.targets.lists() for t in ours._trainables()] == [[[2], [3]]]


def test_recordings(jaxley: Jaxley) -> None:
    def recorded(jx: ModuleType) -> dict[str, list]:
        module = network(jx)
        module.cell(1).branch(0).comp(0).record(verbose=False)
        module.IonotropicSynapse.edge(1).record("IonotropicSynapse_s", verbose=False)
        module.TanhConductanceSynapse.edge("all").record("i_TanhConductanceSynapse", verbose=False)
        module.IonotropicSynapse.edge(1).record("IonotropicSynapse_s", verbose=False)
        return {column: module.recordings[column].tolist() for column in ("state", "rec_index")}

    jaxley.agrees(recorded)


def test_properties_of_nodes_are_shown(jaxley: Jaxley) -> None:
    def copied(jx: ModuleType) -> Any:
        module = network(jx)
        module.cell(0).set("radius", 3.0)
        module.copy_node_property_to_edges(["radius", "global_cell_index"])
        module.copy_node_property_to_edges("length", "post")
        return module

    jaxley.agrees(lambda jx: table(copied(jx)), rtol=1e-14)
    chosen = jaxley.agrees(lambda jx: copied(jx).edges.query("pre_global_cell_index in [0]").index.tolist())
    assert chosen == [0, 3, 4]


CONNECTED: dict[str, Callable[[ModuleType, Any, Any], None]] = {
    "views": lambda jx, n, s: jx.connect(n.cell([0, 1]).branch(0).loc(1.0), n.cell([3, 2]).branch(1).comp(2), s),
    "whole cells": lambda jx, n, s: jx.connect(n.cell(0), n.cell(1), s),
    "fully": lambda jx, n, s: jx.fully_connect(n.cell([0, 1]).branch(1), n.cell([0, 3]).branch(2), s),
    "sparsely": lambda jx, n, s: jx.sparse_connect(n.cell([0, 1, 2]), n.cell([2, 3]), s, p=0.6),
    "matrix": lambda jx, n, s: jx.connectivity_matrix_connect(
        n.cell([0, 1]), n.cell([1, 2, 3]), s, np.array([[True, False, True], [False, True, True]])
    ),
}


@pytest.mark.parametrize("how", CONNECTED)
def test_connecting(how: str, jaxley: Jaxley) -> None:
    """The same synapses for the same seed of `np.random`."""

    def connected(jx: ModuleType) -> dict[str, Any]:
        module = network(jx)
        np.random.seed(3)  # noqa: NPY002 - what Jaxley draws from
        CONNECTED[how](jx, module, jx.synapses.TanhRateSynapse())
        CONNECTED[how](jx, module, jx.synapses.IonotropicSynapse("other"))
        return table(module)

    jaxley.agrees(connected, rtol=1e-14)


@pytest.mark.parametrize("how", ["fully_connect", "sparse_connect"])
def test_random_compartments(how: str, jaxley: Jaxley) -> None:
    """Jaxley draws the same compartments and assigns them so that cells are connected twice or not at all."""

    def drawn(jx: ModuleType) -> dict[str, list]:
        module = network(jx)
        before = len(module.edges)
        np.random.seed(3)  # noqa: NPY002 - what Jaxley draws from
        options = {"p": 0.6} if how == "sparse_connect" else {}
        rate = jx.synapses.TanhRateSynapse()
        getattr(jx, how)(module.cell([0, 1, 2]), module.cell([2, 3]), rate, random_post_comp=True, **options)
        return {column: module.edges[column][before:].tolist() for column in ("pre_index", "post_index")}

    own, other = drawn(loligo.jaxley), jaxley.gives(drawn)
    assert own["pre_index"] == other["pre_index"]
    assert sorted(own["post_index"]) == sorted(other["post_index"])
    if how == "fully_connect":
        cells = [(pre // 10, post // 10) for pre, post in zip(own["pre_index"], own["post_index"])]
        assert cells == [(pre, post) for pre in range(3) for post in (2, 3)]


def test_names_are_prefixes(ours: Any) -> None:
    synapse = loligo.jaxley.synapses.IonotropicSynapse("a").change_name("b")
    assert list(synapse.synapse_states) == ["b_s"]
    loligo.jaxley.connect(ours.cell(0), ours.cell(1), synapse)
    assert ours.b.edges["b_s"].tolist() == [0.2] * 9


def test_keys_without_a_prefix_keep_their_names(ours: Any) -> None:
    class Plain(loligo.jaxley.synapses.Synapse):
        def __init__(self) -> None:
            super().__init__()
            self.synapse_params = {"weight": 2.0, "Plain_v": 3.0}
            self.synapse_states = {"Plain_s": 0.5}

        def compute_current(self, states: dict, pre: Any, post: Any, params: dict) -> Any:
            return params["weight"] * params["Plain_v"] * states["Plain_s"] * (post - pre)

    loligo.jaxley.connect(ours.cell(0).branch(0), ours.cell(1).branch(0), Plain())
    ours.Plain.edge(0).set("weight", 5.0)
    assert ours.Plain.edges["weight"].tolist() == [5.0, 2.0, 2.0]
    assert ours.Plain.edges["Plain_v"].tolist() == [3.0] * 3
    copied = pickle.loads(pickle.dumps(ours))
    pd.testing.assert_frame_equal(copied.edges, ours.edges)
    assert copied.Plain.edge([0, 2]).edges.index.tolist() == [7, 9]
    assert pickle.loads(pickle.dumps(ours.Plain.edge(1))).edges.index.tolist() == [8]


@pytest.mark.parametrize("kind", TYPES)
def test_formulas_are_those_of_jaxley(kind: str, jaxley: Jaxley) -> None:
    def synapse(jx: ModuleType) -> Any:
        return getattr(jx.synapses, kind)("x")

    jaxley.agrees(lambda jx: [synapse(jx).synapse_params, synapse(jx).synapse_states])
    states, params = synapse(loligo.jaxley).synapse_states, synapse(loligo.jaxley).synapse_params
    pre, post = np.random.default_rng(1).uniform(-90.0, 40.0, (2, 50))
    jaxley.agrees(lambda jx: synapse(jx).update_states(states, 0.1, pre, post, params), rtol=1e-12)
    jaxley.agrees(lambda jx: synapse(jx).compute_current(states, pre, post, params), rtol=1e-12)


def test_views_are_of_one_network(ours: Any) -> None:
    other = network(loligo.jaxley)
    assert is_same_network(ours.cell(0), ours.cell(1))
    assert not is_same_network(ours.cell(0), other.cell(1))
    rate = loligo.jaxley.synapses.TanhRateSynapse
    for call, kind, message in (
        (lambda: loligo.jaxley.connect(ours.cell(0), other.cell(0), rate()), ValueError, "part of the same network"),
        (lambda: loligo.jaxley.connect(ours.cell(0), ours.cell([1, 2]), rate()), ValueError, "9 compartments in view"),
        (
            lambda: loligo.jaxley.connect(ours.cell(0), ours.cell(1), rate),
            TypeError,
            r"did you mean TanhRateSynapse\(\)",
        ),
        (lambda: ours.edge(99), IndexError, "no edge 99: there are 7"),
        (lambda: ours.select(edges=[9]), IndexError, "the label 9"),
        (lambda: ours.cell(0).IonotropicSynapse, IndexError, "no synapse is in view"),
        (lambda: ours.set("IonotropicSynapse_gX", 1.0), KeyError, "IonotropicSynapse_gX"),
        (lambda: ours.record("i_Ionotropic"), KeyError, "did you mean `i_IonotropicSynapse`"),
        (lambda: ours.IonotropicSynapse.set("TanhRateSynapse_gS", 1.0), ValueError, "no synapse in view has"),
        (lambda: ours.IonotropicSynapse.set("IonotropicSynapse_gS", [1.0] * 3), ValueError, "expected one or 2"),
    ):
        with pytest.raises(kind, match=message) as raised:
            call()
        assert isinstance(raised.value, lo.LoligoError)
