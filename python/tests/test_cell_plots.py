"""Pictures of cells: what is drawn where, in which colour, and what wrong use says."""

from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_rgba

import loligo as lo
from loligo.plots import cell_shape

matplotlib.use("agg")

STYLES = ("line", "scatter", "comp", "morph")


@pytest.fixture(autouse=True)
def _closed() -> Any:
    yield
    pyplot.close("all")


@pytest.fixture
def cell() -> lo.Cell:
    """A stem of two compartments and two branches of one; the first of these is `left`, with hh."""
    made = lo.Cell([lo.Branch(ncomp=2), lo.Compartment(), lo.Compartment()], parents=[-1, 0, 0])
    made.set("radius", [1.0, 2.0, 3.0, 4.0])
    made.branch(0).add_to_group("stem")
    made.branch(1).add_to_group("left")
    made.branch(1).insert(lo.mechanism("hh"))
    return made


def area(corners: np.ndarray) -> float:
    """That of a polygon in a plane (shoelace formula)."""
    x, y = corners.T
    return abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))) / 2


def test_the_outline_of_a_cylinder_is_what_is_seen_of_it() -> None:
    """From its side a rectangle; from its end a polygon with the corners on a circle; in between, both."""
    half = 1 / np.sqrt(2)
    ends = np.array([[4.0, 0.0, 0.0], [0.0, 0.0, 4.0], [4 * half, 0.0, 4 * half]])
    frusta = cell_shape.Frusta(np.zeros((3, 3)), ends, np.full((3, 2), 1.5), np.arange(3))
    areas = [area(outline) for outline in frusta.outlines((0, 1))]
    disk = cell_shape.AROUND / 2 * np.sin(2 * np.pi / cell_shape.AROUND) * 1.5**2
    assert np.allclose(areas, [4 * 3.0, disk, 4 * half * 3.0 + disk * half], rtol=1e-12)


def test_the_sides_of_a_frustum_join_its_faces() -> None:
    """Every corner is at the radius of its face from the middle of it, and in the plane across the axis."""
    rng = np.random.default_rng(0)
    starts, ends, radii = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.uniform(0.1, 2.0, (5, 2))
    sides = cell_shape.Frusta(starts, ends, radii, np.arange(5)).sides()
    for face, middles, radius in ((sides[:, :, :2], starts, radii[:, 0]), (sides[:, :, 2:], ends, radii[:, 1])):
        out = face - middles[:, None, None]
        assert np.allclose(np.linalg.norm(out, axis=-1), radius[:, None, None], rtol=1e-12)
        assert np.allclose(np.einsum("fskd,fd->fsk", out, ends - starts), 0, atol=1e-12)


def test_frusta_of_a_reconstruction_have_its_area() -> None:
    """Lateral areas of the pieces add up to those of the compartments, which the reader integrates (CA1 cell)."""
    cell = lo.datasets.ca1()
    pieces = cell_shape.pieces(cell)
    length = np.linalg.norm(pieces.ends - pieces.starts, axis=1)
    slant = np.hypot(length, pieces.radii[:, 1] - pieces.radii[:, 0])
    lateral = np.pi * pieces.radii.sum(axis=1) * slant
    found = np.bincount(pieces.owners, weights=lateral, minlength=len(cell.nodes))
    assert np.allclose(found, cell.nodes["area"], rtol=1e-9)


@pytest.mark.parametrize("dims", [(0, 1), (2, 0), (0, 1, 2)])
@pytest.mark.parametrize("style", STYLES)
def test_every_style_shows_the_numbers_in_the_plane_and_in_space(
    cell: lo.Cell, style: str, dims: tuple[int, ...]
) -> None:
    ax = cell.plot("radius", style=style, dims=dims, alpha=0.5, clim=(0.0, 10.0))
    (drawn,) = ax.collections
    assert drawn.get_alpha() == 0.5 and drawn.get_clim() == (0.0, 10.0)
    assert set(drawn.get_array().tolist()) == {1.0, 2.0, 3.0, 4.0}
    assert drawn.colorbar.ax.get_ylabel() == "radius (µm)"
    assert ax.get_xlabel() == f"{'xyz'[dims[0]]} (µm)"
    assert hasattr(ax, "get_zlim") == (len(dims) == 3)
    ax.figure.canvas.draw()


def test_cylinders_have_the_length_and_the_radius_that_are_set(cell: lo.Cell) -> None:
    found = cell_shape.cylinders(cell)
    lengths = np.linalg.norm(found.ends - found.starts, axis=1)
    assert np.allclose(lengths, cell.get("length"), rtol=1e-12)
    assert (found.radii == cell.get("radius")[:, None]).all()
    cell.branch(1).set("length", 55.0)
    (drawn,) = cell.branch(1).plot(style="comp").collections
    (outline,) = drawn.get_paths()
    assert area(outline.vertices[:-1]) == pytest.approx(55.0 * 2 * 3.0, rel=1e-12)


def test_a_moment_of_a_run_colours_what_was_recorded(cell: lo.Cell) -> None:
    cell.branch(0).record()
    cell.branch(1).record("hh.m")
    run = lo.simulate(cell, t_max=1, dt=0.025)
    moment = run.at(0.51)
    assert (moment.time, moment.quantity) == (0.5, "v")
    assert moment.values.tolist() == run.v[:, 20].tolist()
    ax = cell.plot(moment, style="comp")
    (drawn,) = ax.collections
    assert drawn.get_array()[:2].tolist() == run.v[:, 20].tolist()
    assert drawn.get_array().mask.tolist() == [False, False, True, True]
    assert drawn.colorbar.ax.get_ylabel() == "v (mV) at 0.5 ms"
    ax.figure.canvas.draw()
    assert tuple(drawn.get_facecolors()[3]) == to_rgba("0.75")
    assert cell.plot(run.at(0.0, "hh.m")).collections[0].colorbar.ax.get_ylabel() == "hh.m at 0 ms"


def test_groups_have_colours_and_a_legend(cell: lo.Cell) -> None:
    ax = cell.plot({"stem": "red", "left": "blue"}, style="comp")
    assert [text.get_text() for text in ax.get_legend().texts] == ["stem", "left"]
    colors = [tuple(color) for color in ax.collections[0].get_facecolors()]
    assert colors == [to_rgba(each) for each in ("red", "red", "blue", "0.75")]
    each = cell.plot("groups")
    assert {text.get_text() for text in each.get_legend().texts} == {"stem", "left"}


def test_views_axes_and_networks(cell: lo.Cell) -> None:
    _, axes = pyplot.subplots()
    assert cell.branch(1).plot("red", ax=axes) is axes
    assert len(axes.collections[0].get_segments()) == 1
    network = lo.Network([cell, cell])
    drawn = network.plot({"left": "blue"}, style="morph").collections[0]
    assert len(drawn.get_paths()) == 8
    space = pyplot.figure().add_subplot(projection="3d")
    assert network.cell(0).plot(ax=space, dims=(0, 1, 2)) is space


WRONG = {
    "style": (lambda c: c.plot(style="lines"), ValueError, "expected one of line, .*; did you mean `line`"),
    "dims": (lambda c: c.plot(dims=(0, 0)), ValueError, r"dims is \(0, 0\), expected 2 or 3 different ones"),
    "a dim": (lambda c: c.plot(dims=(0, 3)), ValueError, "of 0, 1 and 2"),
    "a plane for space": (
        lambda c: c.plot(dims=(0, 1, 2), ax=pyplot.subplots()[1]),
        ValueError,
        "three dims need axes in space",
    ),
    "a network on a line": (lambda c: lo.Network([c]).plot(dims=(0,)), ValueError, "expected 2 or 3 different ones"),
    "a name": (lambda c: c.plot("radios"), KeyError, "neither a colour nor a quantity; did you mean `radius`"),
    "a state": (lambda c: c.branch(1).plot("hh.m"), ValueError, r"steady state: record it, and draw run.at\(time"),
    "numbers": (lambda c: c.plot([1.0]), ValueError, "a number for each of 4 compartments"),
    "letters": (lambda c: c.plot([["x"]]), TypeError, "expected numbers"),
    "a group": (lambda c: c.plot({"steam": "red"}), KeyError, "no group `steam`; did you mean `stem`"),
    "a colour of a group": (lambda c: c.plot({"stem": "rad"}), ValueError, "has the colour 'rad', which is none"),
    "no groups": (lambda _: lo.Cell().plot("groups"), ValueError, "make one with add_to_group"),
    "another model": (lambda c: lo.Compartment().plot(recorded(c).at(0.5)), ValueError, "is of another model"),
    "late": (lambda c: recorded(c).at(1.5), ValueError, "the time is 1.5, expected 0 to 1 ms"),
    "unrecorded": (lambda c: recorded(c).at(0.5, "w"), KeyError, "nothing called `w` was recorded"),
}


def recorded(cell: lo.Cell) -> lo.Run:
    """A short run of it with all voltages."""
    cell.record()
    return lo.simulate(cell, t_max=1)


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use(cell: lo.Cell, case: str) -> None:
    call, kind, message = WRONG[case]
    with pytest.raises(kind, match=message) as caught:
        call(cell)
    assert isinstance(caught.value, lo.LoligoError)


def test_synapses_and_batches_have_no_picture(cell: lo.Cell) -> None:
    network = lo.Network([cell, cell])
    synapses = network.connect([0], [4], lo.IonotropicSynapse())
    synapses.record("s")
    run = lo.simulate(network, t_max=1)
    with pytest.raises(lo.errors.ArgumentError, match=r"`IonotropicSynapse.s` is recorded in synapses"):
        network.plot(run.at(0.5, "IonotropicSynapse.s"))
    cell.make_trainable("radius")
    cell.record()
    batch = lo.simulate(cell, lo.batch([{"radius": np.ones((2, 1))}]), t_max=1)
    with pytest.raises(lo.errors.ArgumentError, match=r"a batch of 2 lanes, expected one of them, as run.lane\(0\)"):
        batch.at(0.5)
    assert batch.lane(1).at(0.5).values.shape == (4,)
