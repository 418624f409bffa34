"""Small things that scripts take from `jaxley.utils`."""

from loligo.jaxley.utils import cell_utils, colors, plot_utils

__all__ = ["cell_utils", "colors", "plot_utils"]
