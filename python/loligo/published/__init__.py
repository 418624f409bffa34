"""Published models of cells, each read with all of its files in one call."""

from loligo.published.allen import load_allen
from loligo.published.bluepyopt import load_bluepyopt

__all__ = ["load_allen", "load_bluepyopt"]
