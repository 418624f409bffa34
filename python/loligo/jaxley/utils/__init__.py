"""Small things that scripts take from `jaxley.utils`."""

from loligo.jaxley.utils import cell_utils, colors

__all__ = ["cell_utils", "colors"]
