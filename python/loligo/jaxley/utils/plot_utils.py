"""Drawing what is in view of a module: lines, points, compartments, or the shape that was reconstructed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo.errors import ArgumentError
from loligo.jaxley import coordinates
from loligo.jaxley.meshes import (
    around_discs,
    compute_rotation_matrix,
    create_cone_frustum_mesh,
    create_cylinder_mesh,
    create_sphere_mesh,
    extract_outline,
    placed,
)
from loligo.plots.axes import pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loligo.jaxley.modules import View

STYLES = ("line", "scatter", "comp", "morph")


def plot_graph(
    xyzr: Sequence[np.ndarray],
    dims: Sequence[int] = (0, 1),
    color: Any = "k",
    ax: Axes | None = None,
    type: str = "line",
    **kwargs: Any,
) -> Axes:
    """Draws branches by their points, of which neighbours are joined unless `type` is `"scatter"`.

    Args:
        xyzr: For each branch its points x, y, z and radius; one that is a single point is drawn as a ball.
        dims: Two or three of 0, 1, 2 for x, y, z.
        ax: Where; a new figure if left out.
        type: `"line"` or `"scatter"`.
        kwargs: Passed on to `Axes.plot` and the patch of a ball, or to `Axes.scatter`.

    Raises:
        ArgumentError: Another `type` or other `dims`, or points that are not known.
    """
    if type not in ("line", "scatter"):
        raise ArgumentError(f"type is {type!r}, expected 'line' or 'scatter'")
    axes, columns = axes_for(ax, dims), list(dims)
    if any(np.isnan(points[:, columns]).all() for points in xyzr):
        raise ArgumentError("there are branches without coordinates; call compute_xyz, or give them in xyzr")
    if type == "scatter":
        axes.scatter(*np.concatenate([points[:, columns] for points in xyzr]).T, color=color, **kwargs)
        return axes
    balls = [points for points in xyzr if (points[:, :3] == points[:1, :3]).all()]
    lines = [points for points in xyzr if (points[:, :3] != points[:1, :3]).any()]
    if lines:
        # one line with gaps, however many branches there are
        axes.plot(*gapped([points[:, columns] for points in lines]).T, color=color, **kwargs)
    for points in balls:
        _draw_ball(axes, points[0], columns, color, **kwargs)
    return axes


def plot_comps(
    module_or_view: View,
    dims: Sequence[int] = (0, 1),
    color: Any = "k",
    ax: Axes | None = None,
    true_comp_length: bool = True,
    resolution: int = 100,
    **kwargs: Any,
) -> Axes:
    """Draws every compartment in view as a cylinder of its radius.

    Args:
        dims: Two or three of 0, 1, 2 for x, y, z.
        ax: Where; a new figure if left out.
        true_comp_length: Whether cylinders are as long as the compartments, which may wind, or only reach from where
            those begin to where they end.
        resolution: How many points there are around a cylinder.
        kwargs: Passed on to the polygons, or in three dimensions to `Axes3D.plot_surface`.

    Raises:
        ArgumentError: Other `dims`.
    """
    view, module = module_or_view, module_or_view._module
    axes = axes_for(ax, dims)
    inside = view._compartments()
    ends = coordinates.ends(module._where(), module._tree.counts)[inside]
    along = ends[:, 1] - ends[:, 0]
    lengths = view.get("length") if true_comp_length else np.linalg.norm(along, axis=1)
    middles = view.nodes[["x", "y", "z"]].to_numpy()
    meshes = []
    for direction, length, radius, middle in zip(along, lengths, view.get("radius"), middles):
        if direction.any():
            meshes.append(placed(_ends_of(create_cylinder_mesh(length, radius, resolution), dims), direction, middle))
        else:
            _draw_ball(axes, [*middle, radius], list(dims), color)
    _draw_meshes(axes, meshes, list(dims), color, **kwargs)
    return axes


def plot_morph(
    module_or_view: View,
    dims: Sequence[int] = (0, 1),
    color: Any = "k",
    ax: Axes | None = None,
    resolution: int = 100,
    **kwargs: Any,
) -> Axes:
    """Draws what is in view as it was reconstructed: cone frusta between neighbouring points, with a ball in each.

    Args:
        dims: Two or three of 0, 1, 2 for x, y, z.
        ax: Where; a new figure if left out.
        resolution: How many points there are around a frustum.
        kwargs: Passed on to the polygons, or in three dimensions to `Axes3D.plot_surface`.

    Raises:
        ArgumentError: Other `dims`, or branches without radii, which are not from a file.
    """
    axes = axes_for(ax, dims)
    if any(np.isnan(points).all(axis=0).any() for points in module_or_view.xyzr):
        raise ArgumentError("there are branches in view without radii in xyzr; draw them as type='comp'")
    pieces = []
    for points in module_or_view.xyzr:
        if (points[:, :3] == points[:1, :3]).all():
            _draw_ball(axes, points[0], list(dims), color, **kwargs)
        pieces += [(start, end) for start, end in pairwise(points) if (start[:3] != end[:3]).any()]
    if len(dims) == 2 and pieces:
        ends = np.array(pieces)
        _draw_outlines(axes, around_discs(ends[..., list(dims)], ends[..., 3], resolution), color, **kwargs)
        return axes
    for start, end in pieces:
        along = end[:3] - start[:3]
        mesh = create_cone_frustum_mesh(np.linalg.norm(along), start[3], end[3], True, True, resolution)
        mesh[2] -= start[3]  # the point is the middle of the ball, not its foot
        axes.plot_surface(*placed(mesh, along, start[:3])[list(dims)], color=color, **kwargs)
    return axes


def plot_mesh(
    mesh_points: np.ndarray,
    orientation: np.ndarray,
    center: np.ndarray,
    dims: Sequence[int],
    ax: Axes | None = None,
    **kwargs: Any,
) -> Axes:
    """Draws a mesh, of which the z axis is turned into a direction, in the plane as the polygon around it.

    Args:
        mesh_points: Points, shape (3, around, along).
        center: Where its origin goes.
        dims: Two or three of 0, 1, 2 for x, y, z.
        kwargs: Passed on to `Axes.fill`, or in three dimensions to `Axes3D.plot_surface`.
    """
    axes = axes_for(ax, dims)
    seen = placed(np.asarray(mesh_points, dtype=float), orientation, center)[list(dims)]
    if len(dims) == 3:
        axes.plot_surface(*seen, **kwargs)
    else:
        axes.fill(*extract_outline(seen.reshape(2, -1).T).T, **kwargs)
    return axes


def axes_for(ax: Axes | None, dims: Sequence[int]) -> Any:
    """These axes, or those of a new figure in the plane or in space.

    Raises:
        ArgumentError: `dims` that are not two or three of 0, 1, 2.
    """
    if len(dims) not in (2, 3) or not set(dims) <= {0, 1, 2}:
        raise ArgumentError(f"dims is {dims!r}, expected two or three of 0, 1, 2 for x, y, z")
    if ax is not None:
        return ax
    space = {"projection": "3d"} if len(dims) == 3 else {}
    return pyplot().figure(figsize=(3, 3)).add_subplot(111, **space)


def gapped(lines: Sequence[np.ndarray]) -> np.ndarray:
    """Lines one after the other, with a row of NaN between them."""
    gap = np.full((1, lines[0].shape[1]), np.nan)
    return np.concatenate([part for line in lines for part in (line, gap)][:-1])


def _ends_of(mesh: np.ndarray, dims: Sequence[int]) -> np.ndarray:
    """The part of a cylinder that its outline in the plane depends on; in space all of it."""
    return mesh if len(dims) == 3 else mesh[:, [0, -1]]


def _draw_meshes(axes: Any, meshes: list[np.ndarray], columns: list[int], color: Any, **kwargs: Any) -> None:
    if len(columns) == 3:
        for mesh in meshes:
            axes.plot_surface(*mesh[columns], color=color, **kwargs)
        return
    _draw_outlines(axes, [extract_outline(mesh[columns].reshape(2, -1).T) for mesh in meshes], color, **kwargs)


def _draw_outlines(axes: Any, outlines: Any, color: Any, **kwargs: Any) -> None:
    from matplotlib.collections import PolyCollection

    axes.add_collection(PolyCollection(outlines, **({"color": color} | kwargs)))
    axes.autoscale_view()


def _draw_ball(axes: Any, point: Sequence[float], columns: list[int], color: Any, **kwargs: Any) -> None:
    from matplotlib.patches import Circle

    if len(columns) == 3:
        ball = placed(create_sphere_mesh(point[3]), np.array([0, 0, 1.0]), np.asarray(point[:3]))
        axes.plot_surface(*ball[columns], color=color, **kwargs)
    else:
        center = point[columns[0]], point[columns[1]]
        axes.add_patch(Circle(center, radius=point[3], facecolor=color, **kwargs))
        axes.autoscale_view()


__all__ = [
    "compute_rotation_matrix",
    "create_cone_frustum_mesh",
    "create_cylinder_mesh",
    "create_sphere_mesh",
    "extract_outline",
    "plot_comps",
    "plot_graph",
    "plot_mesh",
    "plot_morph",
]
