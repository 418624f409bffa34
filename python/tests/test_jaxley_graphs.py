"""Graphs of cells: modules made of them and turned into them give Jaxley's voltages, also after edits."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import loligo as lo
import loligo.jaxley as jx
from loligo.jaxley.io.graph_export import to_graph

networkx = pytest.importorskip("networkx")

GRAPH = jx.io.graph

FORKED = """# a soma of three points, dendrites of two types, and a gap in the numbers
1 1 0 0 0 4 -1
2 1 4 0 0 5 1
3 1 9 0 0 4 2
4 3 12 0 0 2 3
5 3 40 5 0 1.5 4
6 3 70 20 0 0.5 5
7 3 60 -20 0 0.7 5
8 4 4 9 0 2 2
9 4 4 60 3 1 8
10 4 10 90 3 0.3 9
11 2 -6 0 0 1 1
12 2 -60 4 4 0.4 11
"""

SINGLE = """1 1 0 0 0 5 -1
2 3 6 0 0 1 1
3 3 50 2 0 0.5 2
4 4 0 7 0 1.5 1
5 4 0 60 0 1 4
6 4 9 90 0 0.5 5
7 4 -9 90 0 0.4 5
"""

VOLTAGES = {"atol": 1e-8}
"""mV; what Jaxley's finite differences of currents differ by from derivatives is below 1e-9 in these runs."""


def graphs(of: ModuleType) -> ModuleType:
    return importlib.import_module(f"{of.__name__}.io.graph")


def exported(of: ModuleType, module: Any, **options: Any) -> Any:
    return (to_graph if of is jx else importlib.import_module("jaxley.modules.base").to_graph)(module, **options)


def build(of: ModuleType, text: str, folder: Path, ncomp: int = 2, **options: Any) -> Any:
    path = folder / "cell.swc"
    path.write_text(text)
    return graphs(of).build_compartment_graph(graphs(of).to_swc_graph(path), ncomp=ncomp, **options)


def voltages(of: ModuleType, cell: Any) -> np.ndarray:
    """At the first, the middle and the last compartment, with a spike at the first."""
    cell.insert(of.channels.HH())
    count = len(cell.nodes)
    for number in (0, count // 2, count - 1):
        cell.select(nodes=[int(cell.nodes.index[number])]).record(verbose=False)
    cell.select(nodes=[0]).stimulate(of.step_current(0.5, 2.0, 0.3, 0.025, 6.0), verbose=False)
    return np.asarray(of.integrate(cell))


@pytest.mark.filterwarnings("ignore:.*a branch.* length")
@pytest.mark.parametrize("text", [FORKED, SINGLE], ids=["forked", "single"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_len": 25.0},
        {"relevant_type_ids": [1, 2]},
        {"ignore_swc_tracing_interruptions": False},
        {"min_radius": 1.2, "ncomp": 3},
    ],
    ids=["plain", "cut", "types", "interrupted", "raised"],
)
def test_cells_of_traced_points(jaxley: Any, tmp_path: Path, text: str, options: dict[str, Any]) -> None:
    def script(of: ModuleType) -> Any:
        graph = build(of, text, tmp_path, **options)
        kinds = [kind for _, kind in sorted(graph.nodes(data="type"))]
        names = ("area", "resistive_load_in", "resistive_load_out", "radius", "length", "x", "y", "z", "branch_index")
        compartments = [row for _, row in sorted(graph.nodes(data=True), key=lambda item: item[0]) if "area" in row]
        cell = graphs(of).from_graph(graph)
        return {
            "kinds": kinds,
            "edges": np.array(sorted(graph.edges)),
            "numbers": np.array([[float(row[name]) for name in names] for row in compartments]),
            "points": np.concatenate([row["xyzr"] for row in compartments]),
            "groups": [row["groups"] for row in compartments],
            "voltages": voltages(of, cell),
        }

    jaxley.agrees(script, rtol=1e-12, **VOLTAGES)


@pytest.mark.parametrize("text", [FORKED, SINGLE], ids=["forked", "single"])
def test_nodes_and_edges_come_in_the_order_in_which_they_are_drawn(jaxley: Any, tmp_path: Path, text: str) -> None:
    def script(of: ModuleType) -> list[list[int]]:
        graph = build(of, text, tmp_path)
        return [[int(node) for node in row] for row in (graph.nodes, *graph.edges)]

    jaxley.agrees(script)


def test_modules_come_back_from_graphs_as_they_were(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        cell = of.Cell(of.Branch(of.Compartment(), 2), parents=[-1, 0, 0, 2])
        cell.branch(1).set("radius", 0.5)
        cell.branch(2).set("length", 30.0)
        cell.branch(3).insert(of.channels.Leak())
        cell.set("v", -62.0)
        cell.branch(3).add_to_group("far")
        again = graphs(of).from_graph(exported(of, cell, channels=True))
        table = again.nodes[["length", "radius", "area", "v", "Leak", "Leak_gLeak", "far", "global_branch_index"]]
        return {"table": table.to_numpy().astype(float), "voltages": voltages(of, again)}

    jaxley.agrees(script, rtol=1e-12, **VOLTAGES)


@pytest.mark.parametrize("ncomp", [1, 2])
def test_a_soma_of_one_point_comes_back(jaxley: Any, tmp_path: Path, ncomp: int) -> None:
    path = tmp_path / "cell.swc"
    path.write_text(SINGLE)

    def script(of: ModuleType) -> Any:
        graph = exported(of, of.read_swc(str(path), ncomp))
        compartments = [row for _, row in sorted(graph.nodes(data=True)) if row["type"] == "comp"]
        again = graphs(of).from_graph(graph)
        columns = ["length", "radius", "area", "volume", "resistive_load_in", "resistive_load_out", "x", "y", "z"]
        return {
            "points": np.concatenate([row["xyzr"] for row in compartments]),
            "table": again.nodes[columns].to_numpy().astype(float),
            "voltages": voltages(of, again),
        }

    jaxley.agrees(script, rtol=1e-12, **VOLTAGES)


def test_networks_come_back_with_their_synapses(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        network = of.Network([of.Cell(of.Branch(of.Compartment(), 2), parents=[-1, 0, 0]) for _ in range(3)])
        connect = importlib.import_module(f"{of.__name__}.connect").connect
        network.insert(of.channels.HH())
        connect(network.cell(0).branch(1).comp(1), network.cell(1).branch(0).comp(0), of.synapses.IonotropicSynapse())
        connect(network.cell(1).branch(1).comp(1), network.cell(2).branch(2).comp(0), of.synapses.TestSynapse())
        network.set("IonotropicSynapse_gS", 2e-3)
        network.set("TestSynapse_gC", 1e-3)
        graph = exported(of, network, channels=True, synapses=True)
        again = graphs(of).from_graph(graph, traverse_for_solve_order=False)
        again.cell("all").branch(0).comp(0).record(verbose=False)
        again.cell(0).branch(0).comp(0).stimulate(of.step_current(0.5, 2.0, 0.3, 0.025, 10.0), verbose=False)
        edges = again.edges[["pre_index", "post_index", "type", "global_edge_index"]]
        return {"edges": edges.to_numpy().tolist(), "voltages": np.asarray(of.integrate(again))}

    jaxley.agrees(script, **VOLTAGES)


def test_points_can_be_moved_widened_and_deleted_before_they_are_cut(jaxley: Any, tmp_path: Path) -> None:
    def script(of: ModuleType) -> Any:
        path = tmp_path / "cell.swc"
        path.write_text(FORKED)
        points = graphs(of).to_swc_graph(path)
        points.nodes[9]["r"] = 2.0
        points.nodes[6]["y"] = 25.0
        points.remove_nodes_from([11, 12])
        return voltages(of, graphs(of).from_graph(graphs(of).build_compartment_graph(points, ncomp=2)))

    jaxley.agrees(script, **VOLTAGES)


def test_compartments_can_be_deleted(jaxley: Any, tmp_path: Path) -> None:
    def script(of: ModuleType) -> Any:
        graph = build(of, FORKED, tmp_path, ncomp=1)
        kept = [
            node
            for node, row in graph.nodes(data=True)
            if graph.degree(node) > 1 or row["length"] > 40.0 or "soma" in row["groups"]
        ]
        assert len(kept) < len(graph)
        return voltages(of, graphs(of).from_graph(networkx.subgraph(graph, kept)))

    jaxley.agrees(script, **VOLTAGES)


def test_the_area_of_a_compartment_can_be_edited(jaxley: Any, tmp_path: Path) -> None:
    def script(of: ModuleType) -> Any:
        graph = build(of, FORKED, tmp_path)
        graph.nodes[0]["area"] *= 1.3
        graph.nodes[3]["resistive_load_in"] *= 4.0
        return voltages(of, graphs(of).from_graph(graph))

    jaxley.agrees(script, **VOLTAGES)


def test_graphs_from_scratch(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        rows = [(1, -1, 0, 0.2), (1, 0, 0, 0.2), (1, 1, 0, 0.2), (1, 2, 1, 0.1), (1, 3, 2, 0.1), (1, 2, -1, 0.1)]
        graph = networkx.DiGraph()
        for number, (kind, x, y, radius) in enumerate(rows):
            graph.add_node(number, id=kind, x=x, y=y, z=0, r=radius)
        graph.add_edges_from([(0, 1), (1, 2), (2, 3), (3, 4), (2, 5)], l=1)
        return voltages(of, graphs(of).from_graph(graphs(of).build_compartment_graph(graph, ncomp=2)))

    jaxley.agrees(script, **VOLTAGES)


def test_a_graph_of_edges_alone_is_one_of_cylinders() -> None:
    edges = [(0, 1), (1, 2), (1, 3), (2, 4), (2, 5), (3, 6), (3, 7)]
    cell = GRAPH.from_graph(GRAPH.build_compartment_graph(networkx.Graph(edges), ncomp=1))
    assert cell.shape == (7, 7)
    assert np.allclose(cell.nodes[["length", "radius"]], 1.0)
    like = jx.Cell(jx.Branch(), parents=[-1, 0, 1, 1, 0, 4, 4])
    like.set("length", 1.0)
    # the same numbers in the same order, to rounding
    assert np.allclose(voltages(jx, cell), voltages(jx, like), rtol=0, atol=1e-9)


def test_different_counts_of_compartments_come_back(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        branches = [of.Branch(of.Compartment(), count) for count in (1, 4, 2)]
        cell = of.Cell(branches, parents=[-1, 0, 0])
        again = graphs(of).from_graph(exported(of, cell))
        return {"counts": again.nodes.groupby("global_branch_index").size().to_numpy(), "v": voltages(of, again)}

    jaxley.agrees(script, **VOLTAGES)


def test_another_root_turns_what_lies_between(tmp_path: Path) -> None:
    graph = build(jx, FORKED, tmp_path, ncomp=2)
    compartments = [node for node, kind in graph.nodes(data="type") if kind == "comp"]
    for node in compartments:
        graph.nodes[node]["capacitance"] = 1.0 + node / 1000  # to tell them by
    tip = max(node for node in compartments if graph.degree(node) == 1)
    cell, turned = GRAPH.from_graph(graph), GRAPH.from_graph(graph, solve_root=tip)
    order = [round(1000 * (capacitance - 1.0)) for capacitance in turned.nodes["capacitance"]]
    assert sorted(order) == compartments
    assert order[0] == tip

    def run(module: Any, places: list[int]) -> np.ndarray:
        module.insert(jx.channels.HH())
        for place in places:
            module.select(nodes=[int(module.nodes.index[place])]).record(verbose=False)
        module.select(nodes=[int(module.nodes.index[places[0]])]).stimulate(np.full(200, 0.3), verbose=False)
        return np.asarray(jx.integrate(module))

    theirs = run(cell, list(range(len(order))))
    ours = run(turned, [order.index(place) for place in range(len(order))])
    # other orders of elimination
    assert np.allclose(theirs, ours, rtol=0, atol=1e-9)


def test_recordings_and_stimuli_come_along() -> None:
    cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
    cell.insert(jx.channels.HH())
    cell.branch(2).loc(1.0).record("HH_m", verbose=False)
    cell.branch(0).loc(0.0).stimulate(np.full(100, 0.1), verbose=False)
    again = GRAPH.from_graph(to_graph(cell, channels=True))
    assert np.array_equal(jx.integrate(again), jx.integrate(cell))
    cell.make_trainable("radius", verbose=False)
    with pytest.warns(lo.errors.LeftOutWarning, match="what is trainable"):
        GRAPH.from_graph(to_graph(cell, channels=True))


def test_graphs_are_joined_at_ends_and_branch_points() -> None:
    cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
    cell.branch(1).set("radius", 0.4)
    stub = jx.Cell(jx.Branch(ncomp=1), parents=[-1])
    stub.set("length", 80.0)
    stub.insert(jx.channels.HH())
    graph, small = to_graph(cell, channels=True), to_graph(stub, channels=True)

    at_tip = GRAPH.from_graph(GRAPH.connect_graphs(graph, small, 3, 0))
    like = jx.Cell([jx.Branch(ncomp=2)] * 3 + [jx.Branch()], parents=[-1, 0, 1, 0])
    assert at_tip.nodes["length"].tolist() == [10.0] * 4 + [80.0] + [10.0] * 2
    assert at_tip.nodes["HH"].tolist() == [False] * 4 + [True] + [False] * 2
    assert len(at_tip.nodes) == len(like.nodes)
    at_point = GRAPH.from_graph(GRAPH.connect_graphs(graph, small, 6, 0))
    assert at_point.shape == (4, 7)
    assert at_point.nodes["length"].tolist() == [10.0] * 6 + [80.0]


def test_branches_are_deleted(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        cell = of.Cell(of.Branch(of.Compartment(), 3), parents=[-1, 0, 0, 2, 2])
        cell.branch(2).set("length", 50.0)
        cell.branch([2, 4]).add_to_group("kept")
        left = importlib.import_module(f"{of.__name__}.morphology").morph_delete(cell.branch([1, 3]))
        return {"nodes": left.nodes[["length", "kept"]].to_numpy().astype(float), "v": voltages(of, left)}

    jaxley.agrees(script, **VOLTAGES)


@pytest.mark.parametrize("location", [0.0, 1.0])
def test_cells_are_joined(jaxley: Any, location: float) -> None:
    def script(of: ModuleType) -> Any:
        join = importlib.import_module(f"{of.__name__}.morphology").morph_connect
        cell = of.Cell(of.Branch(of.Compartment(), 2), parents=[-1, 0])
        cell.insert(of.channels.Leak())
        stub = of.Cell(of.Branch(of.Compartment(), 2), parents=[-1])
        stub.set("length", 80.0)
        joined = join(cell.branch(1).loc(location), stub.branch(0).loc(0.0))
        return {"table": joined.nodes[["length", "Leak"]].to_numpy().astype(float), "v": voltages(of, joined)}

    jaxley.agrees(script, **VOLTAGES)


def test_what_is_drawn() -> None:
    axes = pytest.importorskip("matplotlib.pyplot").subplots()[1]
    GRAPH.vis_compartment_graph(to_graph(jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])), ax=axes)
    assert {text.get_text() for text in axes.texts} == {str(number) for number in range(7)}


def test_a_new_figure_is_as_small_as_jaxleys() -> None:
    from matplotlib import pyplot

    GRAPH.vis_compartment_graph(to_graph(jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0])))
    assert pyplot.gcf().get_size_inches().tolist() == [4.0, 4.0]
    pyplot.close()


def test_wrong_graphs(tmp_path: Path) -> None:
    errors, path = lo.errors, tmp_path / "cell.swc"
    graph = build(jx, FORKED, tmp_path, ncomp=1)
    with pytest.raises(errors.ArgumentError, match="ncomp is 0"):
        build(jx, FORKED, tmp_path, ncomp=0)
    with pytest.raises(errors.ArgumentError, match="root is 99, which is no node"):
        build(jx, FORKED, tmp_path, root=99)
    with pytest.raises(errors.MorphologyError, match=r"line 1: '1 2 3' is no point of seven numbers"):
        build(jx, "1 2 3\n", tmp_path)
    with pytest.raises(errors.MorphologyError, match="has the parent 7, which is no point"):
        build(jx, "1 1 0 0 0 1 7\n", tmp_path)
    with pytest.raises(errors.MissingFileError):
        GRAPH.to_swc_graph(path.with_name("none.swc"))
    with pytest.raises(errors.MorphologyError, match="ring"):
        GRAPH.build_compartment_graph(networkx.Graph([(0, 1), (1, 2), (2, 3), (3, 1)]), ncomp=1)
    with pytest.raises(errors.MorphologyError, match="no compartments"):
        GRAPH.from_graph(networkx.DiGraph())
    with pytest.raises(errors.MorphologyError, match="has the type None"):
        GRAPH.from_graph(networkx.DiGraph([(0, 1)]))
    apart = graph.copy()
    apart.remove_node(next(node for node, kind in graph.nodes(data="type") if kind == "branchpoint"))
    with pytest.raises(errors.MorphologyError, match="pieces, expected one"):
        GRAPH.from_graph(apart)
    with pytest.raises(errors.MorphologyError, match="expected a compartment at a tip"):
        GRAPH.from_graph(graph, solve_root=99)
    flat = graph.copy()
    flat.nodes[0]["area"] = 0.0
    with pytest.raises(errors.MorphologyError, match="expected positive numbers"):
        GRAPH.from_graph(flat)
    with pytest.raises(errors.UnknownNameError, match="no node 99"):
        GRAPH.connect_graphs(graph, graph, 99, 0)
    with pytest.raises(errors.ArgumentError, match="both ends"):
        inner = next(node for node, kind in graph.nodes(data="type") if kind == "comp" and graph.degree(node) == 2)
        GRAPH.connect_graphs(graph, graph, inner, 0)


def test_several_pieces_of_a_file_are_named() -> None:
    points = networkx.DiGraph([(1, 2), (3, 4)])
    with pytest.warns(lo.errors.LeftOutWarning, match="2 points are not connected"):
        GRAPH.build_compartment_graph(points, ncomp=1)


def test_a_second_synapse_between_two_compartments_is_named() -> None:
    network = jx.Network([jx.Cell(), jx.Cell()])
    for synapse in (jx.synapses.IonotropicSynapse(), jx.synapses.TestSynapse()):
        jx.connect(network.cell(0), network.cell(1), synapse)
    with pytest.warns(lo.errors.LeftOutWarning, match=r"the synapses \[1\] are left out"):
        to_graph(network, synapses=True)
