"""A network as tables of its compartments and synapses, and as a graph, says what it consists of."""

import sys
from typing import Any

import matplotlib
import networkx
import pytest

import loligo as lo

matplotlib.use("agg")


@pytest.fixture
def network() -> lo.Network:
    """Two cells of three branches and one of a single compartment, with synapses of two names."""
    cell = lo.Cell(lo.Branch(lo.Compartment(length=20, radius=2), ncomp=2), parents=[-1, 0, 0])
    network = lo.Network([cell, cell, lo.Compartment(radius=5.0)])
    network.cell(1).branch(2).add_to_group("tip")
    network.cell(0).insert(lo.mechanism("hh"))
    network.connect_edges({"pre": [1, 11], "post": [12, 3], "gS": [1e-3, 2e-3]}, lo.IonotropicSynapse())
    network.connect([12], [12], lo.TanhRateSynapse("rate"))
    return network


def test_nodes_say_where_compartments_are_and_what_they_have(network: lo.Network) -> None:
    nodes = network.nodes
    assert nodes["cell"].tolist() == [0] * 6 + [1] * 6 + [2]
    assert nodes["branch"].tolist() == [0, 0, 1, 1, 2, 2] * 2 + [0]
    assert nodes["compartment"].tolist() == [0, 1] * 6 + [0]
    assert nodes["location"].tolist() == [0.25, 0.75] * 6 + [0.5]
    assert nodes["radius"].tolist() == [2.0] * 12 + [5.0]
    assert nodes["length"].tolist() == [20.0] * 12 + [10.0]
    assert nodes["tip"].tolist() == [False] * 10 + [True] * 2 + [False]
    assert nodes["hh"].tolist() == [True] * 6 + [False] * 7
    assert nodes.loc[[0, 1], ["x", "y", "z"]].to_numpy().tolist() == [[10.0, 0.0, 0.0], [30.0, 0.0, 0.0]]
    assert network.cell(1).branch(2).nodes.index.tolist() == [10, 11]


def test_edges_say_what_they_join_and_their_numbers(network: lo.Network) -> None:
    edges = network.edges
    assert edges["synapse"].tolist() == ["IonotropicSynapse", "IonotropicSynapse", "rate"]
    ends = [f"{side}_{what}" for side in ("pre", "post") for what in ("cell", "branch", "compartment")]
    assert edges[ends].to_numpy().tolist() == [[0, 0, 1, 2, 0, 0], [1, 2, 1, 0, 1, 1], [2, 0, 0, 2, 0, 0]]
    assert edges["IonotropicSynapse.gS"].tolist()[:2] == [1e-3, 2e-3]
    assert edges["rate.slope"].dropna().tolist() == [1.0]


def test_a_graph_has_cables_and_synapses(network: lo.Network) -> None:
    graph = lo.to_networkx(network)
    assert graph.nodes[10]["tip"]
    assert graph.nodes[3]["hh.gnabar"] == 0.12
    cables = [(pre, post) for pre, post, kind in graph.edges(data="kind") if kind == "cable"]
    own = [(0, 1), (1, 2), (1, 4), (2, 3), (4, 5)]
    assert sorted(cables) == own + [(pre + 6, post + 6) for pre, post in own]
    synapses = {(pre, post, key): data for pre, post, key, data in graph.edges(keys=True, data=True) if key != "cable"}
    assert sorted(synapses) == [(1, 12, 0), (11, 3, 1), (12, 12, 2)]
    assert synapses[11, 3, 1]["IonotropicSynapse.gS"] == 2e-3
    assert "rate.slope" not in synapses[11, 3, 1]
    assert synapses[12, 12, 2]["rate.slope"] == 1.0
    # from a tip of the second cell by the first cell to the third
    assert not networkx.has_path(graph, 6, 2)
    assert networkx.shortest_path(graph, 7, 3) == [7, 10, 11, 3]


def test_a_graph_of_a_view_has_what_is_in_view(network: lo.Network) -> None:
    graph = lo.to_networkx(network.cell([1, 2]))
    assert sorted(graph) == list(range(6, 13))
    assert [(pre, post) for pre, post, kind in graph.edges(data="kind") if kind == "synapse"] == [(12, 12)]
    reconstruction = lo.to_networkx(lo.datasets.ca1())
    assert networkx.is_arborescence(networkx.DiGraph(reconstruction))


def test_without_networkx_the_message_says_what_to_install(network: lo.Network, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(lo.errors.MissingPackageError, match=r'pip install "loligo\[io\]"'):
        lo.to_networkx(network)
