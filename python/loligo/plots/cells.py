"""Pictures of cells in two and three dimensions, and what colours them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo.arguments import as_name
from loligo.errors import ArgumentError, UnknownNameError, did_you_mean
from loligo.plots import cell_shape
from loligo.plots.axes import axes_or_new, colormap, legend_beside, passing_on, pyplot
from loligo.snapshot import Snapshot
from loligo.units import labelled
from loligo.waveforms import as_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loligo.view import View

Color = str | Mapping[str, Any] | Snapshot | ArrayLike
"""What colours a picture of cells; see `plot_cell`."""

STYLES = ("line", "scatter", "comp", "morph")
NOTHING = "0.75"
"""The colour of compartments that have no number, or are in no group."""


def plot_cell(
    view: View,
    color: Color | None = None,
    *,
    ax: Axes | None = None,
    dims: tuple[int, ...] = (0, 1),
    style: str = "line",
    cmap: Any = "viridis",
    label: str | None = None,
    **options: Any,
) -> Axes:
    """Draws the compartments in view.

    Args:
        color: A colour; the name of a quantity such as `"hh.gnabar"`; one number per compartment in view; what was
            recorded at a time (`run.at(5.0)`), where compartments without a recording are grey; `"groups"`, or the
            colours of some groups by their names, `{"soma": "red", "apical": "C0"}`, with a legend. In the latter a
            compartment has the colour of the last group that it is in, and is grey in none.
        ax: Where; a new figure if left out.
        dims: Which coordinates go to the right and up: 0, 1, 2 for x, y, z; three of them for a picture in space.
        style: `"line"`, lines of about the width of the branches; `"scatter"`, the points that were traced; `"comp"`,
            compartments as cylinders of their length and radius; `"morph"`, the frusta between the points.
        cmap: The colour map for numbers.
        label: Of the colour bar; the quantity with its unit if left out.
        options: Passed on to what draws: a collection of lines or polygons, or `Axes.scatter`; so `clim=(-80, 40)`,
            `alpha`, `linewidths`.

    Raises:
        ArgumentError: Numbers of the wrong length, a style or dimensions that there are not, a state that is not known
            before a run, a snapshot of something else.
        UnknownNameError: A name that is no colour, quantity or group.

    >>> import loligo as lo
    >>> cell = lo.datasets.ca1()
    >>> ax = cell.plot("radius", style="morph")
    >>> ax.collections[0].colorbar.ax.get_ylabel()
    'radius (µm)'
    >>> [text.get_text() for text in cell.plot({"soma": "red", "apical": "C0"}, dims=(0, 1, 2)).get_legend().texts]
    ['soma', 'apical']
    """
    dims = checked_dims(dims, (2, 3))
    ax = axes_in(ax, dims)
    draw_cells(ax, view, color, dims=dims, style=style, cmap=cmap, label=label, **options)
    if len(dims) == 2:
        ax.autoscale_view()
    label_space(ax, dims)
    return ax


def draw_cells(
    ax: Axes,
    view: View,
    color: Color | None,
    *,
    dims: tuple[int, ...],
    style: str = "line",
    cmap: Any = "viridis",
    label: str | None = None,
    moved: np.ndarray | None = None,
    **options: Any,
) -> Any:
    """Adds the compartments in view to axes, and returns the collection that draws them; see `plot_cell`.

    Args:
        moved: How far each cell is moved, µm, shape (cell, 3).
    """
    if as_name(style, "the style") not in STYLES:
        raise ArgumentError(f"the style is {style!r}, expected one of {', '.join(STYLES)}{did_you_mean(style, STYLES)}")
    colored = _Colored.of(view, color, label)
    with passing_on(options):
        drawn, owners = _DRAWN[style](ax, view, dims, moved, options)
    row = np.searchsorted(view._selection.compartments, owners)
    if colored.numbers is not None:
        drawn.set_array(np.ma.masked_invalid(colored.numbers[row]))
        drawn.set_cmap(colormap(cmap).with_extremes(bad=NOTHING))
        ax.figure.colorbar(drawn, ax=ax, label=colored.label, shrink=0.6)
    else:
        from matplotlib.colors import to_rgba_array

        drawn.set_color(to_rgba_array(colored.colors)[colored.choice[row]])
    if colored.groups:
        _add_legend(ax, dict(zip(colored.groups, colored.colors)))
    return drawn


def plain(view: View, color: Color | None) -> Any:
    """The one colour of a picture, black where compartments differ in colour."""
    return color if isinstance(color, str) and is_color(color) else "black"


def checked_dims(dims: Any, counts: tuple[int, ...]) -> tuple[int, ...]:
    """Coordinates, as a tuple."""
    given = tuple(dims) if isinstance(dims, tuple | list) else ()
    given = given if all(isinstance(each, int | np.integer) for each in given) else ()
    if len(given) not in counts or len(set(given)) != len(given) or not set(given) <= {0, 1, 2}:
        many = " or ".join(map(str, counts))
        raise ArgumentError(f"dims is {dims!r}, expected {many} different ones of 0, 1 and 2, for x, y and z")
    return tuple(int(each) for each in given)


def axes_in(ax: Axes | None, dims: tuple[int, ...]) -> Any:
    """These axes, or those of a new figure, in the plane or in space."""
    if len(dims) == 2:
        return axes_or_new(ax)
    if ax is None:
        return pyplot().figure().add_subplot(projection="3d")
    if not hasattr(ax, "get_zlim"):
        raise ArgumentError('three dims need axes in space, as from figure.add_subplot(projection="3d")')
    return ax


def label_space(ax: Any, dims: tuple[int, ...]) -> None:
    """Makes all directions of axes the same, and says which they are."""
    ax.set_aspect("equal")
    for name, dim in zip("xyz", dims):
        getattr(ax, f"set_{name}label")(f"{'xyz'[dim]} (µm)")


class _Colored:
    """What colour the compartments in view have: a number for each, or one of some colours."""

    def __init__(
        self,
        numbers: np.ndarray | None = None,
        label: str | None = None,
        colors: list[Any] | None = None,
        choice: np.ndarray | None = None,
        groups: list[str] | None = None,
    ) -> None:
        self.numbers = numbers
        self.label = label
        self.colors = colors or []
        self.choice = np.empty(0, dtype=int) if choice is None else choice
        """Which of the colours each has, shape (compartment in view,)."""
        self.groups = groups or []
        """What the first colours stand for."""

    @staticmethod
    def of(view: View, color: Color | None, label: str | None) -> _Colored:
        if isinstance(color, Snapshot):
            return _Colored(_at(view, color), label or f"{labelled(view._module, color.quantity)} at {color.time:g} ms")
        if isinstance(color, Mapping):
            return _Colored._by_groups(view, color)
        if color is None or isinstance(color, str):
            return _Colored._by_name(view, color or "black", label)
        numbers = as_numbers(color, "the colour")
        count = len(view._selection)
        if numbers.shape != (count,):
            raise ArgumentError(
                f"the colour has shape {numbers.shape}, expected a number for each of {count} compartments"
            )
        return _Colored(numbers, label)

    @staticmethod
    def _by_name(view: View, name: str, label: str | None) -> _Colored:
        quantities = view._module.quantities
        if name in quantities:
            numbers = view.get(name)
            if np.isnan(numbers).all():
                raise ArgumentError(
                    f"`{name}` has no number in view before a run, where it starts at its steady state: "
                    f"record it, and draw run.at(time, {name!r})"
                )
            return _Colored(numbers, label or labelled(view._module, name))
        groups = [group for group, _ in view._module._model.groups()]
        if name == "groups":
            if not groups:
                raise ArgumentError('the colour is "groups", and there are none; make one with add_to_group')
            return _Colored._by_groups(view, {group: f"C{index}" for index, group in enumerate(groups)})
        if not is_color(name):
            known = [*quantities, "groups"]
            raise UnknownNameError(f"`{name}` is neither a colour nor a quantity{did_you_mean(name, known)}")
        return _Colored(colors=[name], choice=np.zeros(len(view._selection), dtype=int))

    @staticmethod
    def _by_groups(view: View, colors: Mapping[str, Any]) -> _Colored:
        members = dict(view._module._model.groups())
        choice = np.full(len(view._selection), len(colors))
        for index, (group, color) in enumerate(colors.items()):
            if group not in members:
                raise UnknownNameError(f"there is no group `{group}`{did_you_mean(str(group), members)}")
            if not is_color(color):
                raise ArgumentError(f"the group `{group}` has the colour {color!r}, which is none")
            choice[np.isin(view._selection.compartments, members[group])] = index
        return _Colored(colors=[*colors.values(), NOTHING], choice=choice, groups=list(colors))


def _at(view: View, snapshot: Snapshot) -> np.ndarray:
    """The number of each compartment in view; NaN where nothing was recorded."""
    module = view._module
    if snapshot.quantity.partition(".")[0] in module._model.synapse_names():
        raise ArgumentError(f"`{snapshot.quantity}` is recorded in synapses, expected a recording of compartments")
    if snapshot.compartments.max(initial=0) >= module._model.counts[2]:
        raise ArgumentError("the snapshot has compartments that there are not: it is of another model")
    numbers = np.full(module._model.counts[2], np.nan)
    numbers[snapshot.compartments] = snapshot.values
    return numbers[view._selection.compartments]


def is_color(value: Any) -> bool:
    pyplot()  # says what is missing without matplotlib
    from matplotlib.colors import is_color_like

    return bool(is_color_like(value))


def _add_legend(ax: Any, colors: Mapping[str, Any]) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=color, linewidth=3, label=group) for group, color in colors.items()]
    legend_beside(ax, handles=handles)


def _moves(view: View, owners: np.ndarray, moved: np.ndarray | None) -> np.ndarray:
    """How far what belongs to these compartments is moved, shape (owner, 3)."""
    return np.zeros((owners.size, 3)) if moved is None else moved[view._module._places[0][owners]]


def _draw_lines(ax: Any, view: View, dims: tuple[int, ...], moved: Any, options: Any) -> tuple[Any, np.ndarray]:
    pieces = cell_shape.pieces(view)
    offset = _moves(view, pieces.owners, moved)
    lines = np.stack([pieces.starts + offset, pieces.ends + offset], axis=1)[:, :, list(dims)]
    widths = np.clip(pieces.radii.mean(axis=1), 0.4, 6.0)  # points; they do not shrink with the picture
    return add_lines(ax, lines, **{"linewidths": widths, "capstyle": "round", **options}), pieces.owners


def add_lines(ax: Any, lines: np.ndarray, **look: Any) -> Any:
    """Adds lines to axes in the plane or in space, shape (line, point, 2 or 3)."""
    if lines.shape[-1] == 2:
        from matplotlib.collections import LineCollection

        return ax.add_collection(LineCollection(lines, **look))
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    return _added(ax, Line3DCollection(lines, **look), lines)


def _draw_points(ax: Any, view: View, dims: tuple[int, ...], moved: Any, options: Any) -> tuple[Any, np.ndarray]:
    points, owners = cell_shape.traced_points(view)
    places = (points + _moves(view, owners, moved))[:, list(dims)]
    return ax.scatter(*places.T, **{"s": 2, **options}), owners


def _draw_cylinders(ax: Any, view: View, dims: tuple[int, ...], moved: Any, options: Any) -> tuple[Any, np.ndarray]:
    return _draw_frusta(ax, view, cell_shape.cylinders(view), dims, moved, options)


def _draw_pieces(ax: Any, view: View, dims: tuple[int, ...], moved: Any, options: Any) -> tuple[Any, np.ndarray]:
    return _draw_frusta(ax, view, cell_shape.pieces(view), dims, moved, options)


def _draw_frusta(
    ax: Any, view: View, frusta: cell_shape.Frusta, dims: tuple[int, ...], moved: Any, options: Any
) -> tuple[Any, np.ndarray]:
    offset = _moves(view, frusta.owners, moved)
    # what is thinner than a pixel is seen by its edge
    look = {"linewidths": 0.3, **options}
    if len(dims) == 2:
        from matplotlib.collections import PolyCollection

        outlines = frusta.outlines((dims[0], dims[1])) + offset[:, None, list(dims)]
        return ax.add_collection(PolyCollection(outlines, edgecolors="face", **look)), frusta.owners
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    sides = (frusta.sides() + offset[:, None, None])[..., list(dims)].reshape(-1, 4, 3)
    return _added(ax, Poly3DCollection(sides, **look), sides), np.repeat(frusta.owners, cell_shape.AROUND)


def _added(ax: Any, collection: Any, points: np.ndarray) -> Any:
    """Adds a collection to axes in space, which then show it."""
    ax.add_collection3d(collection)
    ax.auto_scale_xyz(*points.reshape(-1, 3).T)
    return collection


_DRAWN = {"line": _draw_lines, "scatter": _draw_points, "comp": _draw_cylinders, "morph": _draw_pieces}
