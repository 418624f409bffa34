"""Currents as arrays, one number per time step."""

from typing import Any

import numpy as np

from loligo.frameworks import numpy_for
from loligo.jaxley.array import like_jaxley


def step_current(i_delay: float, i_dur: float, i_amp: Any, delta_t: float, t_max: float, i_offset: Any = 0.0) -> Any:
    """A step, nA, shape (int(t_max // delta_t) + 2,): `i_amp` from `i_delay` for `i_dur` ms, else `i_offset`. Both may
    be traced by JAX."""
    functions = numpy_for(i_amp, i_offset)
    return like_jaxley(functions.where(_is_on(i_delay, i_dur, delta_t, t_max), i_amp, i_offset))


def datapoint_to_step_currents(
    i_delay: float, i_dur: float, i_amp: Any, delta_t: float, t_max: float, i_offset: Any = 0.0
) -> Any:
    """The same for several amplitudes, shape (amplitude, time).

    >>> datapoint_to_step_currents(1.0, 2.0, [0.1, 0.2], 1.0, 4.0).tolist()
    [[0.0, 0.1, 0.1, 0.0, 0.0, 0.0], [0.0, 0.2, 0.2, 0.0, 0.0, 0.0]]
    """
    functions = numpy_for(i_amp, i_offset)
    amplitudes = functions.reshape(i_amp, (-1, 1))
    return like_jaxley(functions.where(_is_on(i_delay, i_dur, delta_t, t_max), amplitudes, i_offset))


def _is_on(i_delay: float, i_dur: float, delta_t: float, t_max: float) -> np.ndarray:
    """In which time steps there is a step."""
    # the floor of a quotient in floating point, as scripts count on it: 10 // 0.025 is 399
    is_on = np.zeros(int(t_max // delta_t) + 2, dtype=bool)
    is_on[int(i_delay / delta_t) : int((i_delay + i_dur) / delta_t)] = True
    return is_on
