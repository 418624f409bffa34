"""A recording: one sweep of an experiment in the units of simulations, and what is done to it before a fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from loligo.arguments import as_float
from loligo.errors import ArgumentError, ArgumentTypeError


@dataclass(frozen=True)
class Recording:
    """A sweep of an experiment.

    Attributes:
        t: Times of the samples, ms, shape (time,); the first is 0, and all are equally far apart.
        v: Voltage, mV, shape (time,); None if the file has none for the sweep.
        i: Current, nA, shape (time,): what was injected in current clamp, what was measured in voltage clamp; None if
            the file has none.
        name: The file, and the sweep in it.

    >>> import numpy as np
    >>> sweep = Recording(t=np.arange(5) * 0.05, v=np.array([-60.0, -61, -62, -63, -64]), i=None, name="mine")
    >>> sweep
    <recording mine: voltage, 5 samples, 0.05 ms apart>
    >>> sweep.dt, sweep.baseline(0, 0.1)
    (0.05, -60.5)
    >>> sweep.without_junction_potential(14).resample(0.1).v
    array([-74.5, -76. , -77.5])
    """

    t: np.ndarray
    v: np.ndarray | None
    i: np.ndarray | None
    name: str

    def __repr__(self) -> str:
        has = " and ".join(name for name, own in (("voltage", self.v), ("current", self.i)) if own is not None)
        return f"<recording {self.name}: {has or 'nothing'}, {self.t.size} samples, {self.dt:g} ms apart>"

    @property
    def dt(self) -> float:
        """The sampling interval, ms."""
        return float(self.t[1] - self.t[0])

    def resample(self, dt: float) -> Recording:
        """The recording with another sampling interval, ms, so that a run with this step has its times.

        A longer interval takes the mean of the samples within half of it around each new time, a shorter one lies on
        straight lines between samples.

        Raises:
            ArgumentError: An interval that is not positive, or longer than the recording.
        """
        last = float(self.t[-1])
        if not 0 < as_float(dt, "dt", "ms") <= last:
            raise ArgumentError(f"dt is {dt!r} ms, expected a positive number up to the {last:g} ms of {self.name}")
        t = np.arange(int(last / dt + 1e-6) + 1) * dt
        if dt <= self.dt:
            return replace(self, t=t, **self._each(lambda samples: np.interp(t, self.t, samples)))
        # rounding must not decide what is in and what is out
        half = dt / 2 * (1 + 1e-9)
        first, end = np.searchsorted(self.t, t - half), np.searchsorted(self.t, t + half)

        def mean(samples: np.ndarray) -> np.ndarray:
            total = np.concatenate([[0.0], np.cumsum(samples)])
            return (total[end] - total[first]) / (end - first)

        return replace(self, t=t, **self._each(mean))

    def window(self, start: float, stop: float) -> Recording:
        """What was recorded for start ≤ t < stop (ms), as a recording that begins at 0.

        Raises:
            ArgumentError: Fewer than two samples lie there.
        """
        inside = self._inside(start, stop)
        own = replace(self, t=self.t[inside], **self._each(lambda samples: samples[inside]))
        return replace(own, t=np.arange(own.t.size) * self.dt)

    def mask(self, *windows: tuple[float, float]) -> np.ndarray:
        """Which samples lie in any of some windows, start ≤ t < stop (ms): true or false, shape (time,); what a loss is
        to look at is `(run.v[0] - recording.v)[mask]`.

        Raises:
            ArgumentError: No window, or one in which fewer than two samples lie.
        """
        if not windows:
            raise ArgumentError("mask was given no window, expected pairs of ms such as (100, 200)")
        inside = np.zeros(self.t.size, dtype=bool)
        for window in windows:
            if not isinstance(window, tuple | list) or len(window) != 2:
                raise ArgumentTypeError(f"a window is {window!r}, expected a pair of ms such as (100, 200)")
            inside[self._inside(*window)] = True
        return inside

    def baseline(self, start: float, stop: float) -> float:
        """The mean voltage for start ≤ t < stop (ms), mV.

        Raises:
            ArgumentError: There is no voltage, or fewer than two samples lie there.
        """
        return float(self._voltage()[self._inside(start, stop)].mean())

    def without_junction_potential(self, liquid_junction_potential: float) -> Recording:
        """The recording with the voltage of the membrane: what the amplifier showed less the potential of the liquid
        junction, mV (14 for recordings of the Allen Institute, which it moves from −70 to −84 mV).

        Raises:
            ArgumentError: There is no voltage.
        """
        potential = as_float(liquid_junction_potential, "the liquid junction potential", "mV")
        if not np.isfinite(potential):
            raise ArgumentError(f"the liquid junction potential is {potential}, expected a finite number of mV")
        return replace(self, v=self._voltage() - potential)

    def _each(self, change: Callable[[np.ndarray], np.ndarray]) -> dict[str, Any]:
        return {name: None if own is None else change(own) for name, own in (("v", self.v), ("i", self.i))}

    def _inside(self, start: float, stop: float) -> np.ndarray:
        # what is a sample's own time must not depend on rounding
        start, stop = as_float(start, "start", "ms"), as_float(stop, "stop", "ms")
        slack = 1e-6 * self.dt
        inside = np.flatnonzero((self.t >= start - slack) & (self.t < stop - slack))
        if inside.size < 2:
            raise ArgumentError(
                f"the window from {start:g} to {stop:g} ms holds {inside.size} samples, expected at least 2; "
                f"{self.name} goes from 0 to {self.t[-1]:g} ms"
            )
        return inside

    def _voltage(self) -> np.ndarray:
        if self.v is None:
            raise ArgumentError(f"{self.name} has no voltage")
        return self.v
