"""Steps of Polyak: as long as the loss is large."""

from __future__ import annotations

import numpy as np

from loligo.errors import ArgumentError
from loligo.optimizers.descent import Descent


class Polyak(Descent):
    """Steps against the gradient, times the loss, which should be 0 at best.

    With gradients g/|g|² this is Polyak's step for a least loss of 0 (1987, section 5.3.2), and with g/|g|^β and a
    lower power that of Deistler et al. (2025).

    Raises:
        ArgumentError: A step at a negative loss.
    """

    _own_state = ()

    def _moves(self, rows: np.ndarray, losses: np.ndarray, gradients: np.ndarray, reset: np.ndarray) -> np.ndarray:
        if (losses < 0).any():
            raise ArgumentError(
                f"the loss is {losses.min():g}, and steps of Polyak are against the gradient only where it is 0 or "
                "more; add what makes it so, or use optimizer='adam'"
            )
        return losses[:, None] * gradients
