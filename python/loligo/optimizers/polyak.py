"""Steps of Polyak: as long as the loss is large."""

from __future__ import annotations

import numpy as np

from loligo.optimizers.descent import Descent


class Polyak(Descent):
    """Steps against the gradient, times the loss, which should be 0 at best.

    With gradients g/|g|² this is Polyak's step for a least loss of 0 (1987, section 5.3.2), and with g/|g|^β and a
    lower power that of Deistler et al. (2025).
    """

    _own_state = ()

    def _moves(self, rows: np.ndarray, losses: np.ndarray, gradients: np.ndarray, reset: np.ndarray) -> np.ndarray:
        return losses[:, None] * gradients
