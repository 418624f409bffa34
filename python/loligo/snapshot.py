"""Snapshots: one recorded quantity at one time, by compartment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Snapshot:
    """What was recorded at one time, made by `Run.at`; a colour for pictures of cells.

    Attributes:
        quantity: What was recorded.
        time: When, ms.
        compartments: Where, as the model numbers compartments, shape (recording,).
        values: The numbers, shape (recording,).
    """

    quantity: str
    time: float
    compartments: np.ndarray
    values: np.ndarray
