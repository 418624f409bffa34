"""Matplotlib, imported when it is used: its axes, new or given, what is beside them, and what it does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from loligo.errors import ArgumentTypeError, MissingPackageError, UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def pyplot() -> Any:
    """Matplotlib's pyplot, imported when it is used."""
    try:
        from matplotlib import pyplot as imported
    except ImportError as error:
        raise MissingPackageError('plots need matplotlib: pip install "loligo[plot]"') from error
    return imported


def axes_or_new(ax: Axes | None) -> Axes:
    """These axes, or those of a new figure."""
    if ax is None:
        return pyplot().subplots()[1]
    if not hasattr(ax, "add_collection"):
        raise ArgumentTypeError(f"ax is {ax!r}, expected axes of matplotlib, as from pyplot.subplots()")
    return ax


def legend_beside(ax: Any, **entries: Any) -> Any:
    """A small legend to the right of axes, where it covers nothing; `entries` as `Axes.legend` takes them."""
    return ax.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, **entries)


def colormap(cmap: Any) -> Any:
    """A colour map of matplotlib, or that of a name."""
    figures = pyplot()
    try:
        return figures.get_cmap(cmap)
    except (ValueError, TypeError) as error:
        meant = did_you_mean(cmap, figures.colormaps()) if isinstance(cmap, str) else ""
        raise UnknownNameError(f"there is no colour map {cmap!r}{meant}") from error


@contextmanager
def passing_on(options: Mapping[str, Any]) -> Iterator[None]:
    """Says so where matplotlib does not take the options that a user wants it to have."""
    try:
        yield
    except (AttributeError, TypeError, ValueError) as error:
        if not options:
            raise
        from matplotlib.artist import ArtistInspector
        from matplotlib.lines import Line2D

        known = ArtistInspector(Line2D).get_setters()
        meant = "".join(did_you_mean(name, known) for name in options if name not in known)
        listed = ", ".join(f"{name}={value!r}" for name, value in options.items())
        raise ArgumentTypeError(f"matplotlib cannot draw with {listed} ({error}){meant}") from error
