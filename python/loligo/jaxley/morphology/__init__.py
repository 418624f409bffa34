"""Distances between compartments, and cells that are put together or taken apart."""

from loligo.jaxley.morphology import distance_utils, morph_utils
from loligo.jaxley.morphology.distance_utils import distance_direct, distance_pathwise
from loligo.jaxley.morphology.morph_utils import morph_connect, morph_delete

__all__ = ["distance_direct", "distance_pathwise", "distance_utils", "morph_connect", "morph_delete", "morph_utils"]
