"""Pictures of the door's modules show what is there, in the plane and in space."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes

import loligo as lo
import loligo.jaxley as jx
from loligo.jaxley import meshes
from loligo.jaxley.utils import plot_utils

SWC = "1 1 0 0 0 5 -1\n2 1 0 10 0 5 1\n3 3 0 20 0 2 2\n4 3 10 30 5 1 3\n5 3 -10 30 0 1 3\n"


@pytest.fixture(autouse=True)
def close() -> Iterator[None]:
    yield
    pyplot.close("all")


@pytest.fixture
def reconstruction(tmp_path: Path) -> jx.Cell:
    (tmp_path / "cell.swc").write_text(SWC)
    return jx.read_swc(tmp_path / "cell.swc", ncomp=2)


def enclosed(mesh: np.ndarray) -> float:
    """The volume that a surface of revolution encloses, by layers of frusta."""
    radius, height = np.hypot(mesh[0], mesh[1])[:, 0], mesh[2][:, 0]
    layers = np.pi / 3 * np.diff(height) * (radius[1:] ** 2 + radius[1:] * radius[:-1] + radius[:-1] ** 2)
    return abs(layers.sum())


SHAPES: dict[str, tuple[np.ndarray, float]] = {
    "a cylinder": (plot_utils.create_cylinder_mesh(10.0, 2.0), np.pi * 2**2 * 10),
    "a ball": (plot_utils.create_sphere_mesh(3.0), 4 / 3 * np.pi * 3**3),
    "a frustum": (plot_utils.create_cone_frustum_mesh(5.0, 1.0, 2.0), np.pi / 3 * 5 * 7),
    "a frustum on a dome": (
        plot_utils.create_cone_frustum_mesh(5.0, 1.0, 2.0, bottom_dome=True),
        np.pi / 3 * 5 * 7 + 2 / 3 * np.pi,
    ),
    "a frustum between domes": (
        plot_utils.create_cone_frustum_mesh(5.0, 1.0, 2.0, bottom_dome=True, top_dome=True),
        np.pi / 3 * 5 * 7 + 2 / 3 * np.pi * (1 + 2**3),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_meshes_enclose_what_they_are_of(shape: str) -> None:
    mesh, volume = SHAPES[shape]
    assert mesh.shape == (3, 100, 100)
    # arcs of 50 or 100 chords lie inside of the circle: 1 − (π/98)²/6 and so on
    assert enclosed(mesh) == pytest.approx(volume, rel=1e-3)


@pytest.mark.parametrize("direction", [[0, 0, 1], [0, 0, -1], [1, 2, 3], [-1, 0, 0]])
def test_meshes_point_where_they_are_turned(direction: list[float]) -> None:
    from loligo.jaxley.meshes import placed

    mesh = placed(plot_utils.create_cone_frustum_mesh(7.0, 1.0, 0.5), np.array(direction), np.array([1.0, 1.0, 1.0]))
    foot, top = mesh[:, 0].mean(axis=1), mesh[:, -1].mean(axis=1)
    # the first point of a ring is its last, too: means are off by radius / 100
    np.testing.assert_allclose(foot, [1, 1, 1], atol=0.011)
    np.testing.assert_allclose(top - foot, 7 * np.array(direction) / np.linalg.norm(direction), atol=0.02)


@pytest.mark.parametrize("dims", [(0, 1), (0, 2), (1, 2), (0, 1, 2)])
@pytest.mark.parametrize("style", ["line", "scatter", "comp", "morph"])
def test_every_style_in_every_plane(style: str, dims: tuple[int, ...], reconstruction: jx.Cell) -> None:
    options = {"resolution": 6} if style in ("comp", "morph") else {}
    ax = reconstruction.vis(type=style, dims=dims, color="r", **options)
    assert isinstance(ax, Axes)
    assert (ax.name == "3d") is (len(dims) == 3)
    assert reconstruction.branch(1).comp(0).vis(ax=ax, dims=dims, type=style, **options) is ax


def test_lines_join_the_points_of_branches(reconstruction: jx.Cell) -> None:
    drawn = reconstruction.vis(dims=(1, 0)).lines[0].get_xydata()
    pieces = np.split(drawn, np.flatnonzero(np.isnan(drawn[:, 0])))
    for piece, points in zip(pieces, reconstruction.xyzr, strict=True):
        np.testing.assert_array_equal(piece[~np.isnan(piece[:, 0])], points[:, [1, 0]])


def test_compartments_are_drawn_with_their_sizes(reconstruction: jx.Cell) -> None:
    reconstruction.branch(0).set("radius", 3.0)
    outlines = reconstruction.branch(0).vis(type="comp").collections[0].get_paths()
    for outline, (low, high) in zip(outlines, [(0, 10), (10, 20)], strict=True):
        # of 100 points around the nearest is up to π/99 from where it is widest, and 3 (1 − cos(π/99)) = 0.00151
        np.testing.assert_allclose(outline.get_extents().get_points(), [[-3, low], [3, high]], atol=0.0016)


def test_a_shape_reaches_from_ball_to_ball(reconstruction: jx.Cell) -> None:
    outline = reconstruction.branch(0).vis(type="morph").collections[0].get_paths()[0]
    np.testing.assert_allclose(outline.get_extents().get_points(), [[-5, -5], [5, 15]], atol=0.01)


def test_shapes_reach_around_both_discs_and_no_further() -> None:
    """Seen from any direction they end with the disc that reaches farther; of a hundred points around, the nearest is
    up to π/49 from where that is, and 4 (1 − cos(π/49)) = 0.0082."""
    random = np.random.default_rng(1)
    centers, radii = random.normal(size=(40, 2, 2)) * 3, random.uniform(0.1, 4.0, (40, 2))
    centers[:5, 1] = centers[:5, 0]  # and discs around one point
    outlines = meshes.around_discs(centers, radii, 100)
    assert outlines.shape == (40, 100, 2)
    for angle in np.linspace(0, 2 * np.pi, 30):
        direction = np.array([np.cos(angle), np.sin(angle)])
        reach = (centers @ direction + radii).max(axis=1)
        np.testing.assert_allclose((outlines @ direction).max(axis=1), reach, atol=0.0083)
        assert ((outlines @ direction).max(axis=1) <= reach + 1e-12).all()


def test_a_branch_of_one_point_is_a_ball() -> None:
    ball = jx.Cell(xyzr=[np.array([[1.0, 2.0, 3.0, 4.0]])])
    ball.set("radius", 4.0)
    for style in ("line", "comp", "morph"):
        circle = ball.vis(type=style).patches[0]
        assert (circle.center, circle.radius) == ((1.0, 2.0), 4.0)
        assert ball.vis(type=style, dims=(0, 1, 2)).name == "3d"
    for style in ("line", "morph"):
        circle = ball.vis(type=style, linewidth=0.3, zorder=7).patches[0]
        assert (circle.get_linewidth(), circle.get_zorder()) == (0.3, 7)


def test_branches_are_drawn_where_xyzr_is_put(jaxley: Any) -> None:
    points = [np.array([[1.0, 2, 3, 1], [9, 4, 3, 1]]), np.array([[9.0, 4, 3, 1], [9, 9, 3, 1], [30, 9, 3, 0.5]])]

    def script(of: Any) -> Any:
        cell = of.Cell(of.Branch(ncomp=2), parents=[-1, 0])
        cell.xyzr = points
        cell.compute_compartment_centers()
        return cell.nodes[["x", "y", "z"]].to_numpy(dtype=float)

    jaxley.agrees(script, rtol=1e-12)
    network = jx.Network([jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0])] * 2)
    network.cell(1).xyzr = points  # which Jaxley forgets: only whole modules keep it
    assert [np.array_equal(*pair) for pair in zip(network.xyzr, 2 * points)] == [False, False, True, True]
    with pytest.raises(lo.errors.ArgumentError, match="xyzr has 2 arrays, expected one for each of 1 branches"):
        network.cell(1).branch(0).xyzr = points
    with pytest.raises(
        lo.errors.ArgumentError, match="xyzr is of whole branches, and 1 of their compartments are not in view"
    ):
        network.cell(1).branch(0).comp(0).xyzr = points[:1]


def test_networks_in_space() -> None:
    network = jx.Network([jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0]) for _ in range(3)])
    jx.fully_connect(network.cell([0, 1]), network.cell(2), jx.synapses.TanhRateSynapse())
    network.arrange_in_layers([2, 1])
    for detail in ("full", "point"):
        look = {"synapse_plot_kwargs": {"alpha": 0.5}, "synapse_scatter_kwargs": {"s": 3}}
        ax = network.vis(detail=detail, dims=(0, 1, 2), synapse_color="g", **look)
        assert ax.name == "3d"
        assert ax.lines[-1].get_alpha() == 0.5
    assert network.cell(0).vis(type="comp").collections


WRONG: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a style": (
        lambda cell: cell.vis(type="lines"),
        "type is 'lines', expected one of 'line', 'scatter', 'comp', 'morph'",
    ),
    "dims": (lambda cell: cell.vis(dims=(0, 3)), r"dims is \(0, 3\), expected two or three of 0, 1, 2"),
    "a shape without radii": (lambda cell: cell.vis(type="morph"), "branches in view without radii"),
    "no coordinates": (
        lambda cell: jx.Cell(xyzr=[np.full((2, 4), np.nan)]).vis(),
        "branches without coordinates; call compute_xyz",
    ),
    "a style of plot_graph": (
        lambda cell: plot_utils.plot_graph(cell.xyzr, type="comp"),
        "expected 'line' or 'scatter'",
    ),
    "a detail": (lambda cell: jx.Network([cell]).vis(detail="half"), "detail is 'half', expected 'full' or 'point'"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_calls_say_what_was_expected(what: str) -> None:
    call, message = WRONG[what]
    with pytest.raises(lo.errors.ArgumentError, match=message):
        call(jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0]))


def test_outlines_have_all_corners() -> None:
    """The smallest convex polygon has every point to the left of its sides, and is made of points."""
    for seed in range(5):
        points = np.random.default_rng(seed).normal(size=(500, 2)) * [3.0, 0.01]
        outline = meshes.extract_outline(points)
        assert {tuple(corner) for corner in outline} <= {tuple(point) for point in points}
        sides = np.roll(outline, -1, axis=0) - outline
        x, y = (points[:, None] - outline).T
        assert (sides[:, :1] * y - sides[:, 1:] * x).min() > -1e-12
        turns = sides[:, 0] * np.roll(sides, -1, axis=0)[:, 1] - sides[:, 1] * np.roll(sides, -1, axis=0)[:, 0]
        assert (turns > 0).all()
