"""Pictures of networks have their cells, synapses, spikes and numbers where they belong."""

from collections.abc import Callable, Iterator
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from mpl_toolkits.mplot3d.art3d import Line3DCollection

import loligo as lo
from loligo.plots.connectivity import DENSE, connected_pairs

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def close_figures() -> Iterator[None]:
    yield
    pyplot.close("all")


@pytest.fixture
def network() -> lo.Network:
    """Three cells of two branches; synapses there and back, one within a cell, and one of a compartment onto itself."""
    cell = lo.Cell(lo.Branch(lo.Compartment(length=20, radius=2), ncomp=2), parents=[-1, 0])
    network = lo.Network([cell] * 3)
    network.insert(lo.mechanism("hh"))
    network.connect_edges({"pre": [3, 4, 0], "post": [4, 3, 8], "gS": [1e-3, 2e-3, 4e-3]}, lo.IonotropicSynapse())
    network.connect([0, 9], [2, 9], lo.TanhRateSynapse("rate"))
    return network


def lines_of(ax: Any) -> list[LineCollection]:
    return [each for each in ax.collections if isinstance(each, LineCollection)]


def ends_of(curves: LineCollection) -> tuple[np.ndarray, np.ndarray]:
    segments = np.array(curves.get_segments())
    return segments[:, 0], segments[:, -1]


POSITIONS = np.array([[0.0, 0.0, 0.0], [300.0, 50.0, 7.0], [600.0, -50.0, 0.0]])


@pytest.mark.parametrize("dims", [(0, 1), (2, 0)])
def test_synapses_go_from_compartment_to_compartment(network: lo.Network, dims: tuple[int, int]) -> None:
    ax = lo.plot_network(network, positions=POSITIONS, dims=dims)
    nodes = network.nodes
    places = (nodes[["x", "y", "z"]].to_numpy() + POSITIONS[nodes["cell"]])[:, list(dims)]
    cells, ionotropic, rate = lines_of(ax)
    for curves, name in ((ionotropic, "IonotropicSynapse"), (rate, "rate")):
        pre, post = (getattr(network.synapses(name), side) for side in ("pre", "post"))
        start, end = ends_of(curves)
        np.testing.assert_allclose(start, places[pre], atol=1e-9)
        np.testing.assert_allclose(end, places[post], atol=1e-9)
    # a branch has two compartments, and cells are where they were put
    assert len(cells.get_segments()) == 3 * 2 * 2 * 1
    drawn = np.concatenate(cells.get_segments())
    outlines = np.concatenate(
        [points[:, :3] + POSITIONS[cell] for _, _, cell, _, _, points in network._model.branches()]
    )
    np.testing.assert_allclose(drawn.min(axis=0), outlines.min(axis=0)[list(dims)])
    np.testing.assert_allclose(drawn.max(axis=0), outlines.max(axis=0)[list(dims)])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["IonotropicSynapse", "rate"]
    assert ax.get_xlabel() == f"{'xyz'[dims[0]]} (µm)"


def test_a_network_is_drawn_in_space(network: lo.Network) -> None:
    ax = lo.plot_network(network, positions=POSITIONS, dims=(0, 1, 2))
    places = network.nodes[["x", "y", "z"]].to_numpy() + POSITIONS[network.nodes["cell"]]
    lines = [each for each in ax.collections if isinstance(each, Line3DCollection)]
    assert len(lines) == 3
    for curves, name in zip(lines[1:], ("IonotropicSynapse", "rate")):
        synapses = network.synapses(name)
        # as collections in space keep them
        drawn = curves._segments3d
        apart = synapses.pre != synapses.post
        np.testing.assert_allclose(drawn[: apart.sum(), 0], places[synapses.pre[apart]], atol=1e-9)
        np.testing.assert_allclose(drawn[: apart.sum(), -1], places[synapses.post[apart]], atol=1e-9)
    there, back = lines[1]._segments3d[:2]
    length, bent = np.linalg.norm(there[-1] - there[0]), np.linalg.norm(there[8] - (there[0] + there[-1]) / 2)
    assert bent / length == pytest.approx(0.15)
    np.testing.assert_allclose(there[8] + back[8], there[0] + there[-1], atol=1e-9)
    assert (ax.get_xlabel(), ax.get_zlabel()) == ("x (µm)", "z (µm)")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["IonotropicSynapse", "rate"]
    ax.figure.canvas.draw()


def test_a_synapse_straight_up_is_bent_too() -> None:
    network = lo.Network([lo.Compartment()] * 2)
    network.connect([0], [1], lo.TanhRateSynapse())
    ax = network.plot(positions=np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 100.0]]), dims=(0, 1, 2))
    _, synapses = (each for each in ax.collections if isinstance(each, Line3DCollection))
    (curve,) = synapses._segments3d
    assert np.linalg.norm(curve[8] - (curve[0] + curve[-1]) / 2) == pytest.approx(15.0)


def test_there_and_back_are_two_lines_and_a_loop_is_seen(network: lo.Network) -> None:
    ax = lo.plot_network(network, positions=POSITIONS)
    _, ionotropic, rate = lines_of(ax)
    there, back = (np.array(segment) for segment in ionotropic.get_segments()[:2])
    np.testing.assert_allclose(there[[0, -1]], back[[-1, 0]])
    middle = (there[0] + there[-1]) / 2
    np.testing.assert_allclose(there[8] + back[8], 2 * middle, atol=1e-9)
    bent = np.linalg.norm(there[8] - middle) / np.linalg.norm(there[-1] - there[0])
    assert bent == pytest.approx(0.15)
    loop = np.array(rate.get_segments()[1])
    assert np.ptp(loop, axis=0).min() > 5.0


def test_cells_on_each_other_are_put_apart(network: lo.Network) -> None:
    cells = lines_of(network.plot())[0]
    first = np.array(cells.get_segments())[::4, 0]
    assert np.linalg.norm(first[0] - first[1]) == pytest.approx(1.5 * 80.0)
    assert np.linalg.norm(first[0] - first[2]) == pytest.approx(1.5 * 80.0)
    # a single one stays
    one = lines_of(lo.plot_network(network.cell(1)))[0]
    assert one.get_segments()[0][0].tolist() == [0.0, 0.0]


def test_only_synapses_in_view_are_drawn(network: lo.Network) -> None:
    ax = lo.plot_network(network.cell([0, 1]), positions=POSITIONS)
    assert [len(curves.get_segments()) for curves in lines_of(ax)] == [8, 2, 1]
    alone = lo.plot_network(network.cell(2).branch(1), positions=POSITIONS)
    assert len(lines_of(alone)) == 1
    assert alone.get_legend() is None


def test_small_cells_are_dots() -> None:
    network = lo.Network([lo.Compartment() for _ in range(3)])
    network.connect([0], [1], lo.TanhRateSynapse())
    ax = network.plot("red", positions=lo.arrange_in_layers([2, 1]), synapse_color="green")
    dots, boutons = (each for each in ax.collections if isinstance(each, PathCollection))
    assert dots.get_offsets().tolist() == [[5.0, -250.0], [5.0, 250.0], [1505.0, 0.0]]
    assert dots.get_facecolor()[0].tolist() == list(to_rgba("red"))
    assert boutons.get_offsets().tolist() == [[5.0, 250.0]]
    assert lines_of(ax)[1].get_color()[0, :3].tolist() == list(to_rgba("green"))[:3]


def test_numbers_colour_cells(network: lo.Network) -> None:
    network.cell(1).set("hh.gnabar", 0.3)
    _, axes = pyplot.subplots()
    ax = network.plot("hh.gnabar", ax=axes, synapse_color={"rate": "black"})
    assert ax is axes
    cells, ionotropic, rate = lines_of(ax)
    assert cells.get_array().tolist() == [0.12] * 4 + [0.3] * 4 + [0.12] * 4
    assert rate.get_color()[0, :3].tolist() == [0.0, 0.0, 0.0]
    assert ionotropic.get_color()[0, :3].tolist() == list(to_rgba("C0"))[:3]


def test_groups_and_synapses_are_in_one_legend(network: lo.Network) -> None:
    network.cell(0).add_to_group("first")
    legend = network.plot({"first": "red"}).get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["first", "IonotropicSynapse", "rate"]
    assert [to_rgba(handle.get_color())[:3] for handle in legend.legend_handles[:1]] == [(1.0, 0.0, 0.0)]


def test_a_morphology_is_drawn_as_it_is() -> None:
    cell = lo.datasets.ca1()
    network = lo.Network([cell, lo.Compartment()])
    network.connect([0], [network.shape[2] - 1], lo.IonotropicSynapse())
    positions = np.array([[0.0, 0.0, 0.0], [2000.0, 0.0, 0.0]])
    drawn, alone = lines_of(network.plot(positions=positions))[0], lines_of(cell.plot())[0]
    np.testing.assert_array_equal(drawn.get_segments()[: len(alone.get_segments())], alone.get_segments())


# layers


def test_layers_are_columns() -> None:
    expected = [[0, -10, 0], [0, 0, 0], [0, 10, 0], [100, 0, 0]]
    assert lo.arrange_in_layers([3, 1], within=10.0, between=100.0).tolist() == expected
    mixed = lo.arrange_in_layers([[3], [0, 1, 2]], within=10.0, between=100.0)
    assert mixed.tolist() == [[100, -10, 0], [100, 0, 0], [100, 10, 0], [0, 0, 0]]
    assert lo.arrange_in_layers([]).shape == (0, 3)


def test_layers_are_positions_for_connections_too() -> None:
    network = lo.Network([lo.Compartment()] * 4)
    positions = lo.arrange_in_layers([2, 2], within=10.0, between=100.0)
    near = lo.distance_connect(
        network, network, lo.TanhRateSynapse(), lambda d: d < 20, seed=0, positions=positions, autapses=False
    )
    assert sorted(zip(near.pre.tolist(), near.post.tolist())) == [(0, 1), (1, 0), (2, 3), (3, 2)]


# matrices


def test_a_matrix_counts_synapses(network: lo.Network) -> None:
    network.connect([3, 2], [5, 7], lo.IonotropicSynapse())
    ax = lo.plot_connectivity(network)
    matrix = ax.images[0].get_array()
    assert matrix.filled(0).tolist() == [[1, 3, 1], [1, 0, 0], [0, 0, 1]]
    assert matrix.mask.tolist() == [[False, False, False], [False, True, True], [True, True, False]]
    assert lo.plot_connectivity(network, "rate").images[0].get_array().filled(0).tolist() == [
        [1, 0, 0],
        [0, 0, 0],
        [0, 0, 1],
    ]
    onto = lo.plot_connectivity(network.cell(2), "IonotropicSynapse").images[0].get_array().filled(0)
    assert onto.tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize("weight", ["gS", "IonotropicSynapse.gS"])
def test_weights_are_summed_over_a_pair(network: lo.Network, weight: str) -> None:
    network.connect([3], [5], lo.IonotropicSynapse())
    ax = lo.plot_connectivity(network, "IonotropicSynapse", weight)
    matrix = ax.images[0].get_array().filled(0)
    np.testing.assert_allclose(matrix, [[0, 1.1e-3, 4e-3], [2e-3, 0, 0], [0, 0, 0]], rtol=1e-14)
    # all that have it: `rate` has a gS, and no k_minus
    assert connected_pairs(network, None, "gS")[2].size == 5
    assert connected_pairs(network, None, "k_minus")[2].tolist() == [0.05, 0.025, 0.025]


def test_a_large_matrix_is_never_in_memory() -> None:
    count = DENSE + 1000
    network = lo.Network([lo.Compartment()] * count)
    random = np.random.default_rng(0)
    pre, post = random.integers(0, count, (2, 5000))
    network.connect(pre, post, lo.TanhRateSynapse())
    ax = lo.plot_connectivity(network)
    assert not ax.images
    (drawn,) = ax.collections
    expected = np.zeros((count, count))
    np.add.at(expected, (pre, post), 1)
    found = np.zeros_like(expected)
    across, down = drawn.get_offsets().data.astype(int).T
    found[down, across] = drawn.get_array()
    np.testing.assert_array_equal(found, expected)
    assert ax.get_ylim() == (count - 0.5, -0.5)


def test_without_synapses_a_matrix_is_empty() -> None:
    ax = lo.plot_connectivity(lo.Network([lo.Compartment()] * 2))
    assert ax.images[0].get_array().mask.all()


# spikes


def test_spikes_are_marks_in_the_colours_of_their_groups() -> None:
    times, cells = [1.0, 2.0, 3.0, 4.0, 9.0], [0, 1, 7, 5, 0]
    ax = lo.plot_raster(times, cells, groups={"e": [0, 1, 2], "i": np.array([7])})
    data = {line.get_label(): (line.get_xdata().tolist(), line.get_ydata().tolist()) for line in ax.lines}
    assert data == {"e": ([1.0, 2.0, 9.0], [0, 1, 0]), "i": ([3.0], [7]), "_": ([4.0], [5])}
    assert [line.get_color() for line in ax.lines] == ["C0", "C1", "0.5"]
    assert ax.get_ylim() == (-0.5, 7.5)
    assert ax.get_xlim() == (0.0, 9.0)
    assert ax.lines[0].get_marker() == "|"
    assert lo.plot_raster(np.arange(100.0), np.arange(100)).lines[0].get_marker() == "."


def test_rates_are_those_of_a_cell() -> None:
    times, cells = np.array([0.5, 1.0, 11.0, 19.5, 20.0]), np.array([0, 1, 0, 3, 3])
    marks, rates = lo.plot_raster(times, cells, rate_window=10.0)
    # four cells in bins of 10 ms
    assert rates.patches[0].get_data().values.tolist() == [2 / 4 * 100, 3 / 4 * 100]
    assert rates.patches[0].get_data().edges.tolist() == [0.0, 10.0, 20.0]
    _, pair = pyplot.subplots(2, 1)
    found = lo.plot_raster(times, cells, pair, groups={"a": [0, 1], "b": [3]}, rate_window=10.0, t_max=40.0)
    assert found[0] is pair[0]
    values = [patch.get_data().values.tolist() for patch in pair[1].patches]
    assert values == [[100.0, 50.0, 0.0, 0.0], [0.0, 100.0, 100.0, 0.0]]
    assert marks.get_xlabel() == "" != rates.get_xlabel()


def test_spikes_of_a_run_are_drawn() -> None:
    network = lo.Network([lo.Compartment(length=20, radius=10)] * 2)
    network.insert(lo.mechanism("hh"))
    network.cell(1).stimulate(lo.step(start=1.0, duration=20.0, amplitude=0.5))
    network.record()
    spikes = lo.simulate(network, t_max=30.0).spikes()
    ax = lo.plot_raster(np.concatenate(spikes), np.repeat([0, 1], [len(own) for own in spikes]), t_max=30.0)
    assert len(ax.lines[0].get_xdata()) > 1
    assert set(ax.lines[0].get_ydata()) == {1}
    empty = lo.plot_raster([], [], rate_window=5.0)
    assert empty[1].patches[0].get_data().values.tolist() == [0.0]


# wrong calls

WRONG: dict[str, tuple[Callable[[lo.Network], Any], type[Exception], str]] = {
    "positions": (lambda n: n.plot(positions=np.zeros((2, 3))), ValueError, r"positions have shape \(2, 3\), expected"),
    "a colour of no synapses": (
        lambda n: n.plot(synapse_color={"rite": "red"}),
        KeyError,
        "no synapses `rite` to be coloured; did you mean `rate`",
    ),
    "numbers": (lambda n: n.plot(np.ones(3)), ValueError, "a number for each of 12 compartments"),
    "a layer with a cell twice": (lambda n: lo.arrange_in_layers([[0, 1], [1]]), ValueError, "each of 0 to 2 once"),
    "a layer of a half": (lambda n: lo.arrange_in_layers([1.5]), ValueError, "a layer is 1.5"),
    "no such synapses": (
        lambda n: lo.plot_connectivity(n, "rite"),
        KeyError,
        "no synapses `rite`; did you mean `rate`",
    ),
    "no such weight": (
        lambda n: lo.plot_connectivity(n, "rate", "gs"),
        KeyError,
        "none of the synapses rate has a quantity `gs`; did you mean `gS`",
    ),
    "a weight of another": (lambda n: lo.plot_connectivity(n, "rate", "k_minus"), KeyError, "a quantity `k_minus`"),
    "a state that is steady": (
        lambda n: (n.IonotropicSynapse[0].set("s", lo.steady_state), lo.plot_connectivity(n, None, "s")),
        ValueError,
        "`s` starts at its steady state",
    ),
    "unequal spikes": (lambda n: lo.plot_raster([1.0], [1, 2]), ValueError, r"times of shape \(1,\) and cells"),
    "half a cell": (lambda n: lo.plot_raster([1.0], [1.5]), TypeError, "expected whole numbers"),
    "no time": (lambda n: lo.plot_raster([np.nan], [1]), ValueError, "not all finite"),
    "two groups": (
        lambda n: lo.plot_raster([1.0], [1], groups={"a": [1], "b": [1, 2]}),
        ValueError,
        "cell 1 is in the groups a and b",
    ),
    "no window": (lambda n: lo.plot_raster([1.0], [1], rate_window=0.0), ValueError, "rate_window is 0.0"),
    "one of two axes": (
        lambda n: lo.plot_raster([1.0], [1], pyplot.subplots()[1], rate_window=1.0),
        ValueError,
        "expected two, for marks and for rates",
    ),
    "two of one": (lambda n: lo.plot_raster([1.0], [1], pyplot.subplots(2)[1]), ValueError, "2 axes were given"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_calls_say_what_was_meant(network: lo.Network, what: str) -> None:
    call, kind, message = WRONG[what]
    with pytest.raises(kind, match=message) as raised:
        call(network)
    assert isinstance(raised.value, lo.LoligoError)
