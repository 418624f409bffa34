"""Views select what they say, keep to it when they are pickled, and show what is there."""

import pickle

import numpy as np
import pandas as pd
import pytest

import loligo as lo


@pytest.fixture
def network() -> lo.Network:
    branch = lo.Branch(ncomp=4)
    cells = [lo.Cell(branch, parents=[-1, 0, 0]), lo.Cell(branch, parents=[-1, 0])]
    return lo.Network(cells)


def compartments(view: lo.View) -> list[int]:
    return view.nodes.index.tolist()


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (lambda n: n.cell(0).branch(1).comp(2), [6]),
        (lambda n: n.cell(1).branch(-1).comp(-1), [19]),
        (lambda n: n.cell("all").branch(0).comp(0), [0, 12]),
        (lambda n: n.cell(0).branch([0, 2]).comp(slice(1, 3)), [1, 2, 9, 10]),
        (lambda n: n.cell(0).branch(2).comp(np.array([True, False, False, True])), [8, 11]),
        (lambda n: n[1, 0, range(2)], [12, 13]),
        (lambda n: n[0][2][3], [11]),
        (lambda n: n.cell(0).branch(0).loc(0.0), [0]),
        (lambda n: n.cell(0).branch(0).loc([0.1, 0.9]), [0, 3]),
        (lambda n: n.cell(0).branch(0).loc(0.5), [1]),  # a boundary belongs to the compartment nearer to the 0 end
        (lambda n: n.cell(0).branch(0).loc("all"), [0, 1, 2, 3]),
        (lambda n: n.branch(2), [8, 9, 10, 11]),  # the second cell has no branch 2
    ],
)
def test_selectors(network: lo.Network, select, expected: list[int]) -> None:
    assert compartments(select(network)) == expected


def test_groups_and_mechanisms_are_attributes(network: lo.Network) -> None:
    network.cell(0).branch(1).add_to_group("tuft")
    network.cell(1).insert(lo.mechanism("hh"))
    assert compartments(network.tuft) == [4, 5, 6, 7]
    assert compartments(network.tuft.comp(0)) == [4]
    assert compartments(network.hh) == list(range(12, 20))
    assert {"tuft", "hh"} <= set(dir(network))


def test_iteration_goes_one_level_down(network: lo.Network) -> None:
    assert [compartments(branch)[0] for cell in network for branch in cell] == [0, 4, 8, 12, 16]
    assert len(list(network.comps)) == 20
    assert [comp.shape for comp in network.cell(0).branch(0)] == [(1, 1, 1)] * 4


def test_shapes(network: lo.Network) -> None:
    assert network.shape == (2, 5, 20)
    assert network.cell(0).shape == (1, 3, 12)
    assert lo.Cell().shape == (1, 1)
    assert lo.Branch(ncomp=4).shape == (4,)
    assert lo.Compartment().shape == ()
    assert len(lo.Branch(ncomp=4)) == 4


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (lambda c: c, 1),
        (lambda c: c.branch("all"), 3),
        (lambda c: c.branch([0, 2]), 2),
        (lambda c: c.branch("all").comp(0), 3),
        (lambda c: c.comp("all"), 12),
        (lambda c: c.branch(1).loc("all"), 4),
    ],
)
def test_the_last_selector_decides_how_a_trainable_is_shared(select, expected: int) -> None:
    cell = lo.Cell(lo.Branch(ncomp=4), parents=[-1, 0, 0])
    cell.insert(lo.mechanism("hh"))
    select(cell).make_trainable("hh.gnabar")
    assert cell.get_parameters()[0]["hh.gnabar"].shape == (expected,)


def test_set_takes_a_number_a_list_and_a_function_of_distance() -> None:
    cable = lo.Branch(lo.Compartment(length=10), ncomp=3)
    cable.set("radius", 2)
    assert cable.get("radius").tolist() == [2, 2, 2]
    cable.set("radius", [1, 2, 3])
    assert cable.get("radius").tolist() == [1, 2, 3]
    cable.comp([1, 2]).set("radius", lambda distance: distance)
    assert cable.get("radius").tolist() == [1, 15, 25]


def test_a_state_is_at_its_steady_state_until_it_is_set(soma: lo.Compartment) -> None:
    assert np.isnan(soma.get("hh.m")).all()
    soma.set("hh.m", 0.3)
    assert soma.get("hh.m").tolist() == [0.3]
    soma.set("hh.m", lo.steady_state)
    assert np.isnan(soma.get("hh.m")).all()


def test_nodes_is_a_table_that_only_reads(fork: lo.Cell) -> None:
    table = fork.branch(1).nodes
    assert isinstance(table, pd.DataFrame)
    assert table.index.tolist() == [3, 4, 5]
    assert {"radius", "length", "hh.gnabar", "area", "hh"} <= set(table.columns)
    for write in (
        lambda: table.__setitem__("radius", 2),
        lambda: table.loc.__setitem__((3, "radius"), 2),
        lambda: table.iloc.__setitem__((0, 0), 2),
        lambda: table.at.__setitem__((3, "radius"), 2),
    ):
        with pytest.raises(lo.errors.ReadOnlyError, match="would change nothing in the model"):
            write()
    copied = table.copy()
    copied["radius"] = 3.0
    assert fork.get("radius").max() < 3
    assert table.query("radius > 0")["radius"].size == 3


def test_celsius_is_an_attribute(soma: lo.Compartment) -> None:
    assert soma.celsius == 6.3
    cold = lo.simulate(soma, t_max=10).v
    soma.celsius = 20
    assert soma.celsius == 20
    assert np.abs(lo.simulate(soma, t_max=10).v - cold).max() > 1


def everything_on(cell: lo.Cell) -> lo.Cell:
    """A cell with something of everything that can be on it."""
    cell.celsius = 10
    cell.branch(1).insert(lo.mechanism("pas"))
    cell.branch(2).add_to_group("tuft")
    cell.set("hh.gnabar", lambda distance: 0.12 - distance / 1e4)
    cell.branch(1).set("hh.m", 0.1)
    cell.branch(2).loc(0.5).stimulate(np.sin(np.arange(100) / 10))
    cell.branch(0).loc(1.0).stimulate(lo.ramp(1, 2, 0.1))
    cell.branch(0).loc(1.0).stimulate(lo.sine(1, 2, 0.1, 100))
    cell.branch(1).loc(0.0).clamp(-60, series_resistance=5, duration=3)
    cell.branch(1).loc(0.0).record("i_clamp")
    cell.tuft.record("hh.m")
    cell.branch(0).loc(0.5).record("ina", name="sodium")
    cell.branch("all").make_trainable("hh.gkbar", bounds=(0, 1))
    cell.tuft.make_trainable("radius")
    return cell


@pytest.mark.parametrize("make", [pickle.dumps, None], ids=["pickle", "copy"])
def test_a_module_is_pickled_and_copied_whole(fork: lo.Cell, make) -> None:
    cell = everything_on(fork)
    other = pickle.loads(pickle.dumps(cell)) if make else cell.copy()
    assert type(other) is lo.Cell
    assert (lo.simulate(other, t_max=5).recordings == lo.simulate(cell, t_max=5).recordings).all()
    for mine, theirs in zip(cell.get_parameters(), other.get_parameters()):
        assert {k: v.tolist() for k, v in mine.items()} == {k: v.tolist() for k, v in theirs.items()}
    pd.testing.assert_frame_equal(pd.DataFrame(cell.nodes), pd.DataFrame(other.nodes))
    other.set("radius", 9)
    assert cell.get("radius").max() < 9


def test_every_kind_of_module_is_pickled(network: lo.Network) -> None:
    reconstruction = lo.datasets.ca1(ncomp=1)
    for module in (lo.Compartment(), lo.Branch(ncomp=2), lo.Cell(), network, reconstruction):
        other = pickle.loads(pickle.dumps(module))
        assert repr(other) == repr(module)
        pd.testing.assert_frame_equal(pd.DataFrame(module.nodes), pd.DataFrame(other.nodes))


def test_views_are_pickled_with_their_module(network: lo.Network) -> None:
    view = network.cell(1).branch("all").comp(2)
    other = pickle.loads(pickle.dumps(view))
    assert compartments(other) == compartments(view)
    other.insert(lo.mechanism("hh"))
    other.make_trainable("hh.gnabar")
    assert other._module.get_parameters()[0]["hh.gnabar"].shape == (2,)
    assert network.mechanisms == {}


def test_numbers_of_compartments_may_be_those_of_numpy() -> None:
    several = np.full(217, 2)
    for ncomp in (np.int64(2), several, several.tolist()):
        assert lo.datasets.ca1(ncomp=ncomp).shape == lo.datasets.ca1(ncomp=2).shape


def test_a_quantity_is_no_attribute_and_the_message_says_how_to_have_it(network: lo.Network) -> None:
    with pytest.raises(AttributeError, match=r"`radius` is no attribute of a Network: read it with get\('radius'\)"):
        network.radius  # noqa: B018
    with pytest.raises(lo.errors.ReadOnlyError, match=r"change it with set\('radius', …\)"):
        network.radius = 3.0
    network.cell(0).add_to_group("first")
    with pytest.raises(lo.errors.ReadOnlyError, match="`first` cannot be replaced"):
        network.first = 3.0
