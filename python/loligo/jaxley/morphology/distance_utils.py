"""Distances between compartments."""

import numpy as np

from loligo.errors import ArgumentError
from loligo.jaxley.array import Array, like_jaxley
from loligo.jaxley.modules import View


def distance_direct(startpoint: View, endpoints: View) -> Array:
    """Distances along a straight line from the centre of a compartment to those of others, µm.

    Raises:
        ArgumentError: The start is more than one compartment.
    """
    _single(startpoint)
    ends = endpoints._middles()
    ends = ends if endpoints._given is None else ends[endpoints._given]
    return like_jaxley(np.sqrt(((ends - startpoint._middles()) ** 2).sum(axis=1)))


def distance_pathwise(startpoint: View, endpoints: View) -> list[float]:
    """Distances along the cell from the centre of a compartment to those of others, µm.

    Raises:
        ArgumentError: The start is more than one compartment.
    """
    start = _single(startpoint)
    distances = startpoint._module._model.distances_from(start)
    return distances[endpoints._compartments()].tolist()


def _single(view: View) -> int:
    compartments = view._selection.compartments
    if compartments.size != 1:
        raise ArgumentError(f"the start has {compartments.size} compartments, expected one")
    return int(compartments[0])


__all__ = ["distance_direct", "distance_pathwise"]
