"""Recordings of pCLAMP: a sweep of an ABF file, read with pyabf."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from loligo.errors import MissingPackageError, RecordingError, UnreadableFileError
from loligo.recordings.recording import Recording
from loligo.recordings.units import factor


def read_abf(path: Path, sweep: int | str) -> Recording:
    """A sweep by its number; see `loligo.read_recording`.

    The voltage is the first channel in volts, the current the first in amperes; what is not measured is what was
    commanded.
    """
    try:
        with np.printoptions():  # which it changes for everybody
            import pyabf
    except ImportError as error:
        raise MissingPackageError('ABF files need pyabf: pip install "loligo[abf]"') from error
    try:
        file = pyabf.ABF(str(path))
    except Exception as error:  # pyabf raises whatever went wrong in it
        raise UnreadableFileError(f"cannot read {path} as ABF: {error}") from error
    if isinstance(sweep, bool) or not isinstance(sweep, int) or not 0 <= sweep < file.sweepCount:
        raise RecordingError(f"{path} has no sweep {sweep!r}: its sweeps are 0 to {file.sweepCount - 1}")
    found: dict[str, np.ndarray] = {}
    for samples, unit, where in [*_measured(file, path, sweep), *_commanded(file, path, sweep)]:
        kind, scale = factor(unit, where)
        found.setdefault(kind, scale * np.asarray(samples, dtype=float))
    t = np.arange(file.sweepPointCount) * (1e3 / file.dataRate)
    return Recording(t, found.get("v"), found.get("i"), f"{path.name}, sweep {sweep}")


def _measured(file: Any, path: Path, sweep: int) -> list[tuple[np.ndarray, str, str]]:
    found = []
    for channel in file.channelList:
        file.setSweep(sweep, channel=channel)
        found.append((file.sweepY.copy(), file.sweepUnitsY, f"channel {channel} of {path}"))
    return found


def _commanded(file: Any, path: Path, sweep: int) -> list[tuple[np.ndarray, str, str]]:
    """The command of the first channel; nothing if the file does not say it."""
    file.setSweep(sweep, channel=0)
    command = file.sweepC
    if len(command) != file.sweepPointCount or not np.isfinite(command).all() or file.sweepUnitsC in ("", "?"):
        return []
    return [(command.copy(), file.sweepUnitsC, f"the command in {path}")]
