"""Reading a recording from a file, whichever of the formats it has."""

from __future__ import annotations

import os

from loligo.arguments import as_path
from loligo.errors import MissingFileError, RecordingError
from loligo.recordings.abf import read_abf
from loligo.recordings.nwb import read_nwb
from loligo.recordings.recording import Recording

READERS = {".abf": read_abf, ".nwb": read_nwb}
"""By how names of files end."""


def read_recording(path: str | os.PathLike[str], sweep: int | str = 0) -> Recording:
    """A sweep of a recording from a file of pCLAMP (`.abf`) or of Neurodata Without Borders (`.nwb`, versions 1 and 2).

    Units are converted to mV, nA and ms. ABF needs pyabf (`pip install "loligo[abf]"`), NWB needs h5py
    (`pip install "loligo[nwb]"`).

    Args:
        path: The file.
        sweep: The number of the sweep, from 0 in ABF, as the file numbers them in NWB; there it may be the name of a
            series in `acquisition`, too.

    Raises:
        MissingFileError, UnreadableFileError: The file cannot be read.
        RecordingError: The file has no such sweep, or units that are none of a voltage or a current.
        MissingPackageError: pyabf or h5py is not installed.

    >>> import loligo as lo
    >>> recording = lo.read_recording("cell.nwb", sweep=35)  # doctest: +SKIP
    >>> target = recording.without_junction_potential(14).resample(0.025)  # doctest: +SKIP
    >>> cell.soma.loc(0.5).stimulate(target.i)  # doctest: +SKIP
    """
    path = as_path(path)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise RecordingError(f"{path} is no recording: expected a file whose name ends in {' or '.join(READERS)}")
    if not path.exists():
        raise MissingFileError(f"cannot read {path}: there is no such file")
    return reader(path, sweep)
