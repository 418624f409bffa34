"""What optimisers need: transforms of parameters, and an optimiser for each kind of them."""

from loligo.jaxley.optimize import optimizer, transforms, utils
from loligo.jaxley.optimize.optimizer import TypeOptimizer
from loligo.jaxley.optimize.transforms import ParamTransform

__all__ = ["ParamTransform", "TypeOptimizer", "optimizer", "transforms", "utils"]
