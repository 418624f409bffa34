"""Optimisers of fits, for numbers without bounds."""

from loligo.optimizers.adam import Adam
from loligo.optimizers.descent import Descent, Objective
from loligo.optimizers.lbfgs import lbfgs
from loligo.optimizers.normalization import Normalization
from loligo.optimizers.polyak import Polyak

__all__ = ["Adam", "Descent", "Normalization", "Objective", "Polyak", "lbfgs"]
