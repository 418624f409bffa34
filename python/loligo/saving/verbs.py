"""Saving and loading."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from loligo.errors import ArgumentError, ArgumentTypeError, FormatError
from loligo.modules import Module
from loligo.saving import models
from loligo.saving.field import Field
from loligo.saving.reader import Reader
from loligo.saving.writer import Writer, checked_path

if TYPE_CHECKING:
    from loligo.fitting import Fit

LIMIT = 4 << 30
"""Bytes that a file may unpack to, unless more are asked for."""


def save(what: Module | Fit, path: str | os.PathLike[str]) -> None:
    """Writes a model, or a fit with its model, to a file that `lo.load` reads.

    The file is a ZIP archive with a JSON text, arrays of NumPy and the texts of SWC and NMODL files
    ([FORMAT.md](https://github.com/loligo-sim/loligo/blob/main/FORMAT.md)): it can be read without Loligo, and reading
    it executes nothing. A model is saved with everything on it, numbers to the last bit. Of channels and synapses that
    are written in Python their formulas are saved, so that reading them needs no class. The loss of a fit is a function
    and is not saved.

    Args:
        what: A compartment, branch, cell or network, also of Jaxley's door; or what `lo.fit` returned.
        path: The file, which ends in `.loligo`. One that is there is replaced once the new one is complete.

    Raises:
        ArgumentError: Another ending.
        ArgumentTypeError: Neither a module nor a fit.
        SavingError: Something that cannot be saved, such as a class of modules of your own.
        UnwritableFileError: The file cannot be written.

    >>> import loligo as lo
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> cell = lo.Cell(lo.Branch(ncomp=2), parents=[-1, 0, 0])
    >>> cell.insert(lo.mechanism("hh"))
    >>> cell.branch(1).set("hh.gnabar", 0.2)
    >>> with TemporaryDirectory() as folder:
    ...     lo.save(cell, Path(folder, "cell.loligo"))
    ...     again = lo.load(Path(folder, "cell.loligo"))
    >>> again
    <cell: 1 cell, 3 branches, 6 compartments>
    >>> again.get("hh.gnabar").tolist()
    [0.12, 0.12, 0.2, 0.2, 0.12, 0.12]
    """
    from loligo.fitting import Fit  # which writes checkpoints, and so needs this package
    from loligo.saving import fits

    path = checked_path(path)
    writer = Writer()
    if isinstance(what, Module):
        writer.write(path, "model", {"model": models.written(what, writer)})
    elif isinstance(what, Fit):
        writer.write(path, "fit", fits.written(what, writer))
    else:
        raise ArgumentTypeError(f"save was given {what!r}, expected a whole module, or what lo.fit returned")


def load(path: str | os.PathLike[str], *, limit: int = LIMIT) -> Module | Fit:
    """What `lo.save` wrote: a module, or a fit.

    Nothing in the file is executed, so files of others can be read, too. Fits have everything but their loss: they can
    be plotted, written into their model (`fit.apply()`), and run.

    Args:
        path: The file.
        limit: The most bytes that it may unpack to; 4 GiB if left out.

    Raises:
        MissingFileError, UnreadableFileError: The file cannot be read.
        FormatError: It is no such file, of a version that this Loligo does not know, damaged, or too large; the message
            says what is wrong, where, and what was expected.
    """
    from loligo.saving import fits

    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise ArgumentError(f"limit is {limit!r}, expected a number of bytes")
    with Reader.open(path, limit) as reader:
        field = Field.of(reader)
        if reader.kind == "model":
            return models.module_of(field["model"])
        if reader.kind == "fit":
            return fits.fit_of(field)
        raise FormatError(
            f"{reader.path} is the checkpoint of a fit, expected a model or a fit: call lo.fit as before, with "
            f"checkpoint={os.fspath(path)!r}, and it goes on from there"
        )
