"""What lengths and radii make of compartments: areas, volumes, axial loads, and what couples them along a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from loligo.jaxley import states
from loligo.jaxley.array import each_like_jaxley
from loligo.jaxley.utils.morph_attributes import compute_axial_conductances

if TYPE_CHECKING:
    from loligo.jaxley.modules import Module


def extents(module: Module, compartments: np.ndarray, radius: Any, length: Any) -> dict[str, Any]:
    """Areas (µm²), volumes (µm³) and loads (1/µm) of compartments of other radii and lengths than they were built with.

    Args:
        radius, length: Of these compartments, µm.
    """
    # the table of the model has the areas of the shape, before a radius or a length was set
    built, made = module._as_built, dict(module._model.compartment_table())
    wider, longer = radius / built.radius[compartments], length / built.length[compartments]
    return {
        "area": np.asarray(made["area"])[compartments] * wider * longer,
        "volume": np.asarray(made["volume"])[compartments] * wider**2 * longer,
        "resistive_load_in": built.load_in[compartments] * longer / wider**2,
        "resistive_load_out": built.load_out[compartments] * longer / wider**2,
    }


def implied(module: Module, parameters: dict[str, Any]) -> dict[str, Any]:
    """The extents that parameters imply, over all nodes, and `axial_conductances` by what flows.

    Args:
        parameters: As from `get_all_parameters`: `radius`, `length`, `axial_resistivity`, `capacitance` and
            `axial_diffusion_…` over all nodes.
    """
    labels = module._labels
    sizes = extents(module, np.arange(labels.size), *(parameters[key][labels] for key in ("radius", "length")))
    sizes = {key: states.replaced(states.blank_nodes(module, key), labels, own) for key, own in sizes.items()}
    known = {key: parameters[key] for key in parameters if key in ("axial_resistivity", "capacitance")}
    known |= {key: parameters[key] for key in parameters if key.startswith("axial_diffusion_")}
    between = compute_axial_conductances(module._comp_edges, known | sizes, module.diffusion_states)
    return {**each_like_jaxley(sizes), "axial_conductances": each_like_jaxley(between)}
