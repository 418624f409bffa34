"""Sums of what synapses bring to compartments."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from loligo.frameworks import numpy_for


def gather_synapes(
    number_of_compartments: int,
    post_syn_comp_inds: ArrayLike,
    current_each_synapse_voltage_term: Any,
    current_each_synapse_constant_term: Any,
) -> tuple[Any, Any]:
    """The sums over the synapses onto each compartment, two arrays of shape (compartment,).

    Args:
        post_syn_comp_inds: The compartment of each synapse.

    >>> slopes, constants = gather_synapes(3, [2, 0, 2], [1.0, 2.0, 4.0], [10.0, 20.0, 40.0])
    >>> slopes.tolist(), constants.tolist()
    ([2.0, 0.0, 5.0], [20.0, 0.0, 50.0])
    """
    into = np.arange(number_of_compartments)[:, None] == np.asarray(post_syn_comp_inds)
    return tuple(
        numpy_for(term).dot(into.astype(float), term)
        for term in (current_each_synapse_voltage_term, current_each_synapse_constant_term)
    )


__all__ = ["gather_synapes"]
