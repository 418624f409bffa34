"""Synapses through the door: the same edges, views of them, trainables and recordings as in Jaxley."""

import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any

import jax
import jaxley
import jaxley.channels
import jaxley.synapses
import numpy as np
import pandas as pd
import pytest

import loligo as lo
import loligo.jaxley
from loligo.jaxley.connect import is_same_network

TYPES = ("IonotropicSynapse", "TanhRateSynapse", "TanhConductanceSynapse")


@pytest.fixture(autouse=True)
def double_precision() -> None:
    """Jaxley computes in the precision of JAX, which is single unless it is told."""
    jax.config.update("jax_enable_x64", True)


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
def theirs() -> Any:
    return network(jaxley)


@pytest.fixture
def ours() -> Any:
    return network(loligo.jaxley)


def assert_same_edges(ours: Any, theirs: Any) -> None:
    """The columns of Jaxley, and the numbers in them."""
    own, other = ours.edges, theirs.edges
    assert set(own.columns) == set(other.columns)
    assert own.index.tolist() == other.index.tolist()
    for column in other.columns:
        left, right = own[column].to_numpy(), other[column].to_numpy()
        if column == "type":
            assert left.tolist() == right.tolist()
        else:
            np.testing.assert_allclose(left.astype(float), right.astype(float), rtol=1e-14, err_msg=column)


def test_edges_are_those_of_jaxley(ours: Any, theirs: Any) -> None:
    assert_same_edges(ours, theirs)
    assert ours.edges.columns[:8].tolist() == theirs.edges.columns[:8].tolist()
    assert ours.synapse_names == theirs.synapse_names
    for names in ("synapse_param_names", "synapse_state_names", "synapse_current_names"):
        assert sorted(getattr(ours, names)) == sorted(getattr(theirs, names))


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
def test_views_of_edges(ours: Any, theirs: Any, view: str) -> None:
    own, other = VIEWS[view](ours), VIEWS[view](theirs)
    assert own.edges.index.tolist() == other.edges.index.tolist()
    assert own.edges["controlled_by_param"].tolist() == other.edges["controlled_by_param"].tolist()
    if view not in ("cells of a type",):  # Jaxley keeps the nodes of the cells there, and shows them all
        assert own.nodes.index.tolist() == other.nodes.index.tolist()


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
def test_set(ours: Any, theirs: Any, view: Callable[[Any], Any], key: str, value: Any) -> None:
    for module in (ours, theirs):
        view(module).set(key, value)
    assert_same_edges(ours, theirs)
    assert ours.nodes["v"].tolist() == theirs.nodes["v"].tolist()


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
def test_trainables(ours: Any, theirs: Any, view: Callable[[Any], Any], key: str, initial: Any) -> None:
    for module in (ours, theirs):
        module.IonotropicSynapse.edge(1).set("IonotropicSynapse_gS", 3e-4)
        view(module).make_trainable(key, initial, verbose=False)
    own, other = ours.get_parameters(), theirs.get_parameters()
    assert [list(entry) for entry in own] == [[key]]
    np.testing.assert_allclose(own[0][key], np.asarray(other[0][key]), rtol=1e-15)
    for module, parameters in ((ours, own), (theirs, other)):
        parameters[0][key] = parameters[0][key] * 0 + 2.0
        module.write_trainables(parameters)
    if key == "IonotropicSynapse_s":  # Jaxley takes numbers among all edges for those among the edges of the type
        assert ours.IonotropicSynapse.edges[key].tolist() == [2.0, 2.0]
    else:
        assert_same_edges(ours, theirs)
    assert ours.num_trainable_params == theirs.num_trainable_params
    ours.delete_trainables()
    assert ours.num_trainable_params == 0


def test_trainables_of_some_edges_are_deleted(ours: Any) -> None:
    ours.TanhConductanceSynapse.edge("all").make_trainable("TanhConductanceSynapse_gS", verbose=False)
    ours.TanhConductanceSynapse.edge([0, 1]).delete_trainables()
    assert [t.targets.lists() for t in ours._trainables()] == [[[2], [3]]]


def test_recordings(ours: Any, theirs: Any) -> None:
    for module in (ours, theirs):
        module.cell(1).branch(0).comp(0).record(verbose=False)
        module.IonotropicSynapse.edge(1).record("IonotropicSynapse_s", verbose=False)
        module.TanhConductanceSynapse.edge("all").record("i_TanhConductanceSynapse", verbose=False)
        module.IonotropicSynapse.edge(1).record("IonotropicSynapse_s", verbose=False)
    assert ours.recordings["state"].tolist() == theirs.recordings["state"].tolist()
    assert ours.recordings["rec_index"].tolist() == theirs.recordings["rec_index"].tolist()


def test_properties_of_nodes_are_shown(ours: Any, theirs: Any) -> None:
    for module in (ours, theirs):
        module.cell(0).set("radius", 3.0)
        module.copy_node_property_to_edges(["radius", "global_cell_index"])
        module.copy_node_property_to_edges("length", "post")
    assert_same_edges(ours, theirs)
    chosen = [n.edges.query("pre_global_cell_index in [0]").index.tolist() for n in (ours, theirs)]
    assert chosen[0] == chosen[1] == [0, 3, 4]


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
def test_connecting(ours: Any, theirs: Any, how: str) -> None:
    """The same synapses for the same seed of `np.random`."""
    for jx, module in ((loligo.jaxley, ours), (jaxley, theirs)):
        np.random.seed(3)  # noqa: NPY002 - what Jaxley draws from
        CONNECTED[how](jx, module, jx.synapses.TanhRateSynapse())
        CONNECTED[how](jx, module, jx.synapses.IonotropicSynapse("other"))
    assert_same_edges(ours, theirs)


@pytest.mark.parametrize("how", ["fully_connect", "sparse_connect"])
def test_random_compartments(ours: Any, theirs: Any, how: str) -> None:
    """Jaxley draws the same compartments and assigns them so that cells are connected twice or not at all."""
    before = len(ours.edges)
    for jx, module in ((loligo.jaxley, ours), (jaxley, theirs)):
        np.random.seed(3)  # noqa: NPY002 - what Jaxley draws from
        options = {"p": 0.6} if how == "sparse_connect" else {}
        rate = jx.synapses.TanhRateSynapse()
        getattr(jx, how)(module.cell([0, 1, 2]), module.cell([2, 3]), rate, random_post_comp=True, **options)
    own, other = (module.edges[before:] for module in (ours, theirs))
    assert own["pre_index"].tolist() == other["pre_index"].tolist()
    assert sorted(own["post_index"]) == sorted(other["post_index"])
    if how == "fully_connect":
        cells = list(zip(own["pre_index"] // 10, own["post_index"] // 10))
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
def test_formulas_are_those_of_jaxley(kind: str) -> None:
    own, other = (getattr(jx.synapses, kind)("x") for jx in (loligo.jaxley, jaxley))
    assert own.synapse_params == other.synapse_params
    assert own.synapse_states == other.synapse_states
    pre, post = np.random.default_rng(1).uniform(-90.0, 40.0, (2, 50))
    arguments = (other.synapse_states, 0.1, pre, post, other.synapse_params)
    for name, expected in other.update_states(*arguments).items():
        np.testing.assert_allclose(own.update_states(*arguments)[name], np.asarray(expected), rtol=1e-12)
    arguments = (other.synapse_states, pre, post, other.synapse_params)
    np.testing.assert_allclose(own.compute_current(*arguments), other.compute_current(*arguments), rtol=1e-12)


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
