"""Currents as arrays, one number per time step."""

import numpy as np
from numpy.typing import ArrayLike


def step_current(
    i_delay: float, i_dur: float, i_amp: float, delta_t: float, t_max: float, i_offset: float = 0.0
) -> np.ndarray:
    """A step, nA, shape (int(t_max // delta_t) + 2,): `i_amp` from `i_delay` for `i_dur` ms, else `i_offset`."""
    return datapoint_to_step_currents(i_delay, i_dur, [i_amp], delta_t, t_max, i_offset)[0]


def datapoint_to_step_currents(
    i_delay: float, i_dur: float, i_amp: ArrayLike, delta_t: float, t_max: float, i_offset: float = 0.0
) -> np.ndarray:
    """The same for several amplitudes, shape (amplitude, time)."""
    amplitudes = np.asarray(i_amp, dtype=float)
    # the floor of a quotient in floating point, as scripts count on it: 10 // 0.025 is 399
    current = np.full((amplitudes.size, int(t_max // delta_t) + 2), float(i_offset))
    current[:, int(i_delay / delta_t) : int((i_delay + i_dur) / delta_t)] = amplitudes[:, None]
    return current
