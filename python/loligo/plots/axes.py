"""Matplotlib, imported when it is used: its axes, new or given, and legends beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loligo.errors import ArgumentTypeError, MissingPackageError

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
