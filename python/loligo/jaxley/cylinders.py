"""Cylinders: what compartments of a reconstruction become where their radius or length is set, trained, or given for a
run. Their area, volume and loads are then what these two say, as in Jaxley."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo._engine import Model
from loligo.parameters import Setting

if TYPE_CHECKING:
    from loligo.jaxley.modules.module import Module

EXTENTS = ("radius", "length")


def frusta_of(module: Module, compartments: np.ndarray) -> np.ndarray:
    """Those of these compartments that are still what was reconstructed."""
    if not compartments.size:
        return compartments
    tree = module._tree
    reconstructed = np.repeat([outline is not None for outline in module._as_built.outlines], tree.counts)
    reconstructed[module._model.cylinders()] = False
    return np.unique(compartments[reconstructed[compartments]])


def make_cylinders(module: Module, compartments: np.ndarray) -> None:
    """Puts cylinders in the place of these compartments, for good."""
    if (frusta := frusta_of(module, compartments)).size:
        put_cylinders(module._model, frusta)
        module._what_was_built = None


def put_cylinders(model: Model, frusta: np.ndarray) -> None:
    """Puts cylinders in the place of these compartments of a model, of which nothing else was found out yet."""
    model.make_cylinders(model.select(frusta.tolist(), "shared"))


def warn_of_cylinders(module: Module, compartments: np.ndarray, key: str, stacklevel: int) -> None:
    """Says that compartments will be made cylinders, and what that changes."""
    if count := frusta_of(module, compartments).size:
        warnings.warn(
            f"a {key} makes a cylinder of a reconstructed compartment (here of {count}): its area is 2πrl then, not "
            "that of the traced points, also where the number is the one that it had",
            stacklevel=stacklevel + 1,
        )


def trained_extents(module: Module) -> np.ndarray:
    """The compartments whose radius or length is trained."""
    return _union([trainable.targets.rows for trainable in module._trained if trainable.name in EXTENTS])


def given_extents(settings: Sequence[Any]) -> np.ndarray:
    """The compartments whose radius or length `data_set` gives."""
    extents = [own for own in settings if isinstance(own, Setting) and own.name in EXTENTS]
    return _union([setting.selection.rows for setting in extents])


def _union(rows: list[np.ndarray]) -> np.ndarray:
    return np.unique(np.concatenate([np.empty(0, dtype=int), *rows]).astype(int))


def with_cylinders(module: Module, compartments: np.ndarray) -> Module:
    """The module, or a copy for one run where some of these compartments are not yet cylinders."""
    if not (frusta := frusta_of(module, compartments)).size:
        return module
    other = copy.copy(module)
    put_cylinders(other._model, frusta)
    module._keep_programs_of(other, f"cylinders {frusta.tobytes()!r}")
    other._compiled = module._compiled
    return other
