"""Views of Jaxley and of its door show the same compartments, and hold the same numbers."""

import copy
import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from jaxley_values import Jaxley

import loligo as lo
import loligo.jaxley


@pytest.fixture(params=[pytest.param("jaxley", marks=pytest.mark.live_jaxley), "loligo.jaxley"])
def jx(request: pytest.FixtureRequest) -> ModuleType:
    """Jaxley and its door."""
    return request.getfixturevalue("jaxley").module if request.param == "jaxley" else loligo.jaxley


def network(jx: ModuleType) -> Any:
    """Three cells of different sizes, with groups and channels in parts of them."""
    compartment = jx.Compartment()
    branch = jx.Branch(compartment, 4)
    cells = [
        jx.Cell([branch, jx.Branch(compartment, 2), branch, jx.Branch(compartment, 3)], parents=[-1, 0, 0, 2]),
        jx.Cell(branch, parents=[-1, 0]),
        jx.Cell(),
    ]
    made = jx.Network(cells)
    made.insert(jx.channels.Leak())
    made.cell(0).insert(jx.channels.HH())
    made.cell([0, 1]).branch(1).insert(jx.channels.Na())
    made.cell(1).insert(jx.channels.K())
    made.cell(0).add_to_group("first")
    made.cell([0, 1]).branch(0).add_to_group("trunk")
    return made


SELECTIONS: dict[str, Callable[[Any], Any]] = {
    "one cell": lambda net: net.cell(1),
    "a list of cells": lambda net: net.cell([0, 2]),
    "all cells": lambda net: net.cell("all"),
    "a slice of cells": lambda net: net.cell(slice(1, 3)),
    "a range of cells": lambda net: net.cell(range(2)),
    "an array of cells": lambda net: net.cell(np.array([0, 1])),
    "a mask of cells": lambda net: net.cell(np.array([True, False, True])),
    "a branch": lambda net: net.cell(0).branch(2),
    "a branch of several cells": lambda net: net.cell([0, 1]).branch(1),
    "a branch that some cells lack": lambda net: net.cell("all").branch(1),
    "branches": lambda net: net.cell(0).branch([3, 1]),
    "a compartment": lambda net: net.cell(0).branch(2).comp(1),
    "a compartment of every branch": lambda net: net.cell(0).branch("all").comp(0),
    "a compartment that some branches lack": lambda net: net.cell(0).branch("all").comp(3),
    "a branch of what is left": lambda net: net.cell([0, 1]).branch([1, 3]).branch(1),
    "a compartment of what is left": lambda net: net.cell(0).branch(2).comp([1, 3]).comp(1),
    "a group": lambda net: net.trunk,
    "a group in a cell": lambda net: net.cell(1).trunk,
    "a cell of a group": lambda net: net.trunk.cell(1),
    "groups that meet": lambda net: net.first.trunk,
    "a channel": lambda net: net.Na,
    "a channel in a group": lambda net: net.first.Na,
    "a branch of a channel": lambda net: net.HH.branch(2),
    "indices": lambda net: net[0, 2, 1],
    "indices with slices": lambda net: net[:2, 1, 1:],
    "indices with lists": lambda net: net[[0, 1], 0, [0, 2]],
    "fewer indices than levels": lambda net: net[1],
    "indices of a view": lambda net: net.cell(0)[2, 1],
    "an index of a branch": lambda net: net.cell(0).branch(0)[3],
    "all locations": lambda net: net.cell(0).branch(0).loc("all"),
    "locations": lambda net: net.cell(0).branch(0).loc([0.1, 0.9]),
    "a location of every branch": lambda net: net.cell([0, 1]).branch("all").loc(0.6),
}


@pytest.mark.parametrize("selection", SELECTIONS)
def test_selections(selection: str, jaxley: Jaxley) -> None:
    def selected(jx: ModuleType) -> dict[str, Any]:
        view = SELECTIONS[selection](network(jx))
        columns = ("global_comp_index", "local_cell_index", "local_branch_index", "local_comp_index")
        indices = {column: view.nodes[column].tolist() for column in columns}
        return {"labels": view.nodes.index.tolist(), "shape": view.shape, **indices}

    jaxley.agrees(selected)


@pytest.mark.parametrize("ncomp", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("at", [0.0, 0.2, 0.25, 1 / 3, 0.4, 0.5, 0.75, 0.99, 1.0])
def test_the_compartment_at_a_location(at: float, ncomp: int, jaxley: Jaxley) -> None:
    jaxley.agrees(lambda jx: jx.Branch(jx.Compartment(), ncomp).loc(at).nodes["global_comp_index"].tolist())


def test_shapes(jx: ModuleType) -> None:
    net = network(jx)
    assert net.shape == (3, 7, 22)
    assert net.cell(0).shape == (1, 4, 13)
    assert net.cell(0).branch(0).comp(0).shape == (1, 1, 1)
    assert jx.Cell(jx.Branch(jx.Compartment(), 2), [-1, 0]).shape == (2, 4)
    assert jx.Branch(jx.Compartment(), 3).shape == (3,)
    assert jx.Compartment().shape == ()
    assert len(jx.Branch(jx.Compartment(), 3)) == 3


def test_iterating_goes_one_level_down(jx: ModuleType) -> None:
    net = network(jx)
    assert [cell.shape for cell in net] == [(1, 4, 13), (1, 2, 8), (1, 1, 1)]
    assert [cell.shape for cell in net.cells] == [(1, 4, 13), (1, 2, 8), (1, 1, 1)]
    assert [branch.shape[-1] for branch in net.cell(0)] == [4, 2, 4, 3]
    assert [branch.shape[-1] for branch in net.cell(0).branches] == [4, 2, 4, 3]
    assert [comp.nodes["global_comp_index"].item() for comp in net.cell(1).branch(1)] == [17, 18, 19, 20]


def test_iterating_over_a_level_counts_as_selectors_do(jaxley: Jaxley) -> None:
    """`net.comps` has the first compartment of every branch, the second of those that have one, and so on."""

    def script(jx: ModuleType) -> Any:
        net = network(jx)
        views = [net.cell(0).comps, net.cell([0, 1]).branch([0, 1]).comps, net.comps, net.cell(1).branch(0).comps]
        views += [net.branches, net.cell([0, 1]).branches, net.cell(0).branches, net.cells]
        views += [net.scope("global").comps, net.scope("global").cell(0).branches]
        return [[view.nodes["global_comp_index"].tolist() for view in each] for each in views]

    jaxley.agrees(script)


def test_ends_of_branches_are_next_to_branch_points(jaxley: Jaxley) -> None:
    def script(jx: ModuleType) -> Any:
        cell = jx.Cell(jx.Branch(ncomp=3), parents=[-1, 0, 0, 1, 1])
        views = [cell.branch(branch).loc(end) for branch in (0, 1, 2, [0, 1], [0, 2], "all") for end in (0.0, 0.5, 1.0)]
        views += [cell.branch(1).comp(0), cell.branch(1), cell.branch([0, 1])]
        tables = [view._comp_edges[["source", "sink", "type"]] for view in views]
        return [sorted(table.to_numpy().tolist()) for table in tables]

    jaxley.agrees(script)


def test_tables_have_the_same_columns_and_numbers(jaxley: Jaxley) -> None:
    def columns(jx: ModuleType) -> dict[str, np.ndarray]:
        nodes = network(jx).nodes
        return {column: nodes[column].to_numpy(dtype=float) for column in nodes.columns}

    # Jaxley's sizes of cylinders and places are in single precision
    jaxley.agrees(columns, rtol=1e-6, atol=1e-6)


def test_what_is_set_is_in_the_table(jx: ModuleType) -> None:
    net = network(jx)
    net.set("HH_gNa", 0.2)
    net.cell(0).branch(1).set("HH_gK", np.array([0.1, 0.3]))
    net.cell(0).branch(1).set("eNa", 55.0)
    assert net.cell(0).nodes["HH_gNa"].tolist() == [0.2] * 13
    assert net.cell(1).nodes["HH_gNa"].isna().all()
    assert net.cell(0).branch(1).nodes["HH_gK"].tolist() == [0.1, 0.3]
    assert net.cell([0, 1]).branch(1).nodes["eNa"].tolist() == [55.0, 55.0, 50.0, 50.0, 50.0, 50.0]


def test_inserting_sets_what_channels_share(jx: ModuleType) -> None:
    cell = jx.Cell(jx.Branch(jx.Compartment(), 1), [-1, 0])
    cell.insert(jx.channels.Na())
    cell.set("vt", -55.0)
    cell.branch(1).insert(jx.channels.K())
    assert cell.nodes["vt"].tolist() == [-55.0, -60.0]
    cell.insert(jx.channels.CaT())
    cell.set("eCa", 100.0)
    cell.branch(0).insert(jx.channels.CaL())
    assert cell.nodes["eCa"].tolist() == [120.0, 100.0]


def test_deleting_a_channel(jx: ModuleType) -> None:
    cell = jx.Cell(jx.Branch(jx.Compartment(), 2), [-1, 0])
    cell.insert(jx.channels.HH())
    cell.insert(jx.channels.Leak())
    cell.branch(0).delete(jx.channels.HH())
    assert cell.nodes["HH"].tolist() == [False, False, True, True]
    assert cell.nodes["HH_gNa"].isna().tolist() == [True, True, False, False]
    cell.delete(jx.channels.HH())
    assert "HH_gNa" not in cell.nodes
    assert "Leak_gLeak" in cell.nodes


def test_recordings_are_rows_in_the_order_of_their_calls() -> None:
    jx = loligo.jaxley
    cell = jx.Cell(jx.Branch(jx.Compartment(), 2), [-1, 0, 0])
    cell.insert(jx.channels.HH())
    cell.branch(2).comp(1).record(verbose=False)
    cell.branch(0).record("HH_m", verbose=False)
    cell.branch(0).comp(0).record(verbose=False)
    cell.branch(2).comp(1).record(verbose=False)
    cell.branch(1).comp(0).record("i_HH", verbose=False)
    assert cell.recordings["rec_index"].tolist() == [5, 0, 1, 0, 2]
    assert cell.recordings["state"].tolist() == ["v", "HH_m", "HH_m", "v", "i_HH"]
    cell.branch(0).delete_recordings()
    assert cell.recordings["rec_index"].tolist() == [5, 2]
    cell.delete_recordings()
    assert len(cell.recordings) == 0


def test_stimuli_are_in_externals(jx: ModuleType) -> None:
    cell = jx.Cell(jx.Branch(jx.Compartment(), 2), [-1, 0])
    current = jx.step_current(0.5, 1.0, 0.1, 0.025, 3.0)
    cell.branch(0).stimulate(current, verbose=False)
    cell.branch(1).comp(0).stimulate(2 * current, verbose=False)
    np.testing.assert_array_equal(np.asarray(cell.externals["i"]), np.array([current, current, 2 * current]))
    assert np.asarray(cell.external_inds["i"]).tolist() == [0, 1, 2]
    cell.branch(0).delete_stimuli()
    assert np.asarray(cell.externals["i"]).shape == (1, 121)


def test_deleting_trainables(jx: ModuleType) -> None:
    cell = jx.Cell(jx.Branch(jx.Compartment(), 2), [-1, 0, 0])
    cell.insert(jx.channels.HH())
    cell.branch("all").make_trainable("HH_gNa", verbose=False)
    cell.make_trainable("HH_gK", verbose=False)
    assert cell.num_trainable_params == 4
    cell.delete_trainables()
    assert cell.num_trainable_params == 0
    assert cell.get_parameters() == []


def test_modules_keep_what_their_parts_have(jx: ModuleType) -> None:
    compartment = jx.Compartment()
    compartment.insert(jx.channels.HH())
    compartment.set("HH_gNa", 0.3)
    branch = jx.Branch(compartment, 2)
    branch.comp(1).insert(jx.channels.Leak())
    branch.add_to_group("trunk")
    net = jx.Network([jx.Cell(branch, [-1, 0]), jx.Cell(jx.Branch(jx.Compartment(), 1), [-1])])
    assert net.nodes["HH_gNa"].tolist()[:4] == [0.3] * 4
    assert net.nodes["Leak"].tolist() == [False, True, False, True, False]
    assert net.nodes["trunk"].tolist() == [True] * 4 + [False]
    assert net.group_names == ["trunk"]


def test_modules_leave_inputs_and_recordings_to_their_parts(jx: ModuleType) -> None:
    """As in Jaxley's tutorial of channels and synapses, whose cell is stimulated before a network is made of it."""
    compartment = jx.Compartment()
    compartment.insert(jx.channels.HH())
    current = np.ones(5)
    compartment.stimulate(current, verbose=False)
    compartment.clamp("HH_m", current / 4, verbose=False)
    compartment.record(verbose=False)
    compartment.make_trainable("radius", verbose=False)
    branch = jx.Branch(compartment, 2)
    branch.comp(0).record(verbose=False)
    branch.comp(1).stimulate(current, verbose=False)
    cell = jx.Cell(branch, [-1, 0])
    cell.branch(1).record("HH_h", verbose=False)
    cell.make_trainable("HH_gNa", verbose=False)
    made = jx.Network([cell, cell])
    assert len(made.externals) == len(made.external_inds) == len(made.recordings) == made.num_trainable_params == 0
    assert sorted(compartment.externals) == ["HH_m", "i"]
    assert (len(cell.recordings), cell.num_trainable_params) == (2, 1)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))])
def test_copies_and_pickles_run_alike(copied: Callable[[Any], Any]) -> None:
    net = network(loligo.jaxley)
    net.cell(0).branch(0).comp(0).stimulate(loligo.jaxley.step_current(0.5, 1, 0.1, 0.025, 3), verbose=False)
    net.record(verbose=False)
    net.cell("all").make_trainable("Leak_gLeak", verbose=False)
    other = copied(net)
    parameters = [{"Leak_gLeak": np.array([1e-4, 2e-4, 3e-4])}]
    assert np.array_equal(
        loligo.jaxley.integrate(other, params=parameters), loligo.jaxley.integrate(net, params=parameters)
    )
    other.set("HH_gNa", 0.5)
    assert net.cell(0).nodes["HH_gNa"].tolist() == [0.12] * 13


def test_columns_of_nodes(jx: ModuleType) -> None:
    """Channel after channel, parameters before states; places are numbers that can be subtracted from each other."""
    net = network(jx)
    nodes = net.cell("all").nodes
    first = nodes.columns.get_loc("Leak")
    assert nodes.columns[first : first + 3].tolist() == ["Leak", "Leak_gLeak", "Leak_eLeak"]
    own = [name for name in nodes.columns if name.partition("_")[0] in ("HH", "Na", "K", "eNa", "eK", "vt")]
    assert own == [
        *("HH", "HH_gNa", "HH_gK", "HH_gLeak", "HH_eNa", "HH_eK", "HH_eLeak", "HH_m", "HH_h", "HH_n"),
        *("Na", "Na_gNa", "eNa", "vt", "Na_m", "Na_h", "K", "K_gK", "eK", "K_n"),
    ]
    for name in (f"{scope}_{level}_index" for scope in ("local", "global") for level in ("cell", "branch", "comp")):
        assert (nodes[name].iloc[0] - nodes[name]).min() == -nodes[name].max()


def test_compartments_of_selected_synapses_get_a_number_each(jx: ModuleType) -> None:
    net = jx.Network([jx.Cell(jx.Branch(ncomp=2), [-1, 0]) for _ in range(4)])
    jx.fully_connect(net.cell([0, 1]), net.cell([2, 3]), jx.synapses.IonotropicSynapse())
    selected = net.select(edges=[0, 1])
    assert selected.nodes["controlled_by_param"].tolist() == [0, 1, 2]
    assert net.IonotropicSynapse.edge([0, 1]).nodes["controlled_by_param"].tolist() == [0, 0, 0]
    selected.make_trainable("radius", verbose=False)
    assert net.num_trainable_params == 3


def test_nodes_and_edges_are_selected_together(jaxley: Jaxley) -> None:
    def script(jx: ModuleType) -> Any:
        net = network(jx)
        jx.connect(net.cell(0).branch(0), net.cell(1).branch(1), jx.synapses.TanhRateSynapse())
        jx.connect(net.cell(1).branch(0), net.cell(0).branch(2), jx.synapses.IonotropicSynapse())
        chosen = {"nodes": [9, 2, 0], "edges": [5, 1, 2]}
        views = [net.select(**chosen), net.select(**chosen, sorted=True), net.select(nodes=slice(1, 6, 2))]
        views += [net.select(nodes=[0, 1], edges="all"), net.select(nodes="all", edges=slice(2, 4))]
        views[0].set("radius", [3.0, 4.0, 5.0])
        views[0].set("IonotropicSynapse_gS", 7.0)
        views[0].make_trainable("length", verbose=False)
        tables = [(view.nodes, view.edges) for view in views]
        shown = [(nodes.index.tolist(), edges.index.tolist()) for nodes, edges in tables]
        controls = [table["controlled_by_param"].tolist() for table in tables[0]]
        numbers = [net.nodes["radius"].tolist(), net.edges["IonotropicSynapse_gS"].tolist()]
        return shown, controls, numbers, net.num_trainable_params

    jaxley.agrees(script)


def test_a_view_of_nodes_and_edges_is_kept() -> None:
    net = network(loligo.jaxley)
    loligo.jaxley.connect(net.cell(0), net.cell(0), loligo.jaxley.synapses.TanhRateSynapse())
    view = net.select(nodes=[9, 2], edges=[3, 1])
    for same in (view.scope("global"), pickle.loads(pickle.dumps(view)), copy.deepcopy(view)):
        assert (same.nodes.index.tolist(), same.edges.index.tolist()) == ([9, 2], [3, 1])
        assert same.nodes["controlled_by_param"].tolist() == [0, 1]


def test_nothing_is_selected_by_nothing() -> None:
    with pytest.raises(lo.errors.ArgumentError, match="neither nodes nor edges"):
        loligo.jaxley.Cell().select()


def test_branch_points_say_what_they_are(jx: ModuleType) -> None:
    points = jx.Cell(jx.Branch(ncomp=2), [-1, 0, 0])._branchpoints
    assert points.columns.tolist() == ["x", "y", "z", "type"]
    assert points["type"].tolist() == ["branchpoint"]


def test_columns_that_were_copied_to_edges_come_last(jx: ModuleType) -> None:
    net = jx.Network([jx.Cell(), jx.Cell()])
    jx.connect(net.cell(0), net.cell(1), jx.synapses.TanhRateSynapse())
    net.copy_node_property_to_edges("radius")
    assert net.edges.columns[-3:].tolist() == ["controlled_by_param", "pre_radius", "post_radius"]


def test_a_view_is_a_context(jx: ModuleType) -> None:
    net = network(jx)
    with net.cell(0).branch(0) as branch:
        branch.set("radius", 3.0)
    assert net.cell(0).branch(0).nodes["radius"].tolist() == [3.0] * 4
    np.testing.assert_allclose(net.cell(0).branch(0).nodes["area"], 2 * np.pi * 3.0 * 10.0, rtol=1e-14)


def test_labels_select_compartments(jx: ModuleType) -> None:
    net = network(jx)
    assert net.select([16, 24]).nodes["global_comp_index"].tolist() == [14, 21]
    wide = net.cell(1).nodes.query("local_comp_index > 1")
    net.cell(1).select(wide.index).set("radius", 2.0)
    assert net.cell(1).nodes["radius"].tolist() == [1.0, 1.0, 2.0, 2.0] * 2
    net.select([16, 24]).make_trainable("capacitance", verbose=False)
    assert net.num_trainable_params == 2


def test_an_unknown_attribute_raises() -> None:
    with pytest.raises(lo.errors.UnknownAttributeError, match="did you mean `trunk`"):
        _ = network(loligo.jaxley).trunc
