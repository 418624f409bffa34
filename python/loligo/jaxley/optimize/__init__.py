"""What optimisers need: transforms of parameters."""

from loligo.jaxley.optimize import transforms, utils
from loligo.jaxley.optimize.transforms import ParamTransform

__all__ = ["ParamTransform", "transforms", "utils"]
