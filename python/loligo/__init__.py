"""Loligo: simulate biophysical neurons and differentiate the simulation."""

from loligo._engine import __version__

__all__ = ["__version__"]
