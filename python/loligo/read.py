"""Reading cells from files."""

import os
from collections.abc import Sequence
from pathlib import Path

from loligo.arguments import as_array, as_float, as_path
from loligo.errors import ArgumentError, MissingFileError, UnreadableFileError
from loligo.modules import Cell

Path_ = str | os.PathLike[str]


def read_swc(
    path: Path_,
    ncomp: int | Sequence[int] | None = None,
    *,
    d_lambda: float = 0.1,
    min_radius: float | None = None,
    max_branch_len: float | None = None,
    roots: str | int = "single",
) -> Cell:
    """A reconstructed cell from an SWC file (NeuroMorpho.org, Allen Institute, Blue Brain and their like).

    Branches are cut at branch points and where the type changes; groups `soma`, `axon`, `basal` and `apical` are made
    of the types. What the reader had to decide is in `cell.notes`.

    Args:
        path: The file.
        ncomp: Compartments of every branch, or a list with one number for each; by the d_lambda rule if left out.
        d_lambda: Longest compartment as a fraction of the length constant at 100 Hz (Hines and Carnevale 2001).
        min_radius: Radii below this are raised to it, µm; files with radii of zero need it.
        max_branch_len: Longer branches are cut into equal pieces, µm.
        roots: What to do with several roots: `"single"` refuses them, `"join"` connects them to the nearest point, an
            id chooses one.

    Raises:
        MissingFileError, UnreadableFileError: The file cannot be read.
        MorphologyError: It is not a usable SWC file; the message names the line and the reason.
    """
    options = {
        "name": as_path(path).name,
        "ncomp": counts(ncomp),
        "d_lambda": as_float(d_lambda, "d_lambda"),
        "min_radius": None if min_radius is None else as_float(min_radius, "min_radius", "µm"),
        "max_branch_len": None if max_branch_len is None else as_float(max_branch_len, "max_branch_len", "µm"),
        "roots": roots,
    }
    return Cell._read(("swc", text_of(path), options))


def read_import3d(path: Path_, ncomp: int | Sequence[int] | None = None, *, d_lambda: float = 0.1) -> Cell:
    """The cell that NEURON's Import3d makes of an SWC file: its sections, in its order, as branches.

    For comparisons with NEURON; `read_swc` reads more files, and says more about those that it cannot read.

    Raises:
        As `read_swc`.
    """
    options = {"name": as_path(path).name, "ncomp": counts(ncomp), "d_lambda": as_float(d_lambda, "d_lambda")}
    return Cell._read(("import3d", text_of(path), options))


def read_asc(path: Path_, ncomp: int | Sequence[int] | None = None, *, d_lambda: float = 0.1) -> Cell:
    """A reconstructed cell from a Neurolucida file in text form (`.asc`), as NEURON's Import3d cuts it into sections.

    Contours of the cell body become a chain of frusta along their longest axis, or through their centres if they are a
    stack; trees begin in the middle of it. Groups `soma`, `axon`, `basal` and `apical` are made of `CellBody`, `Axon`,
    `Dendrite` and `Apical`. What the reader had to decide is in `cell.notes`.

    Args:
        path: The file.
        ncomp: Compartments of every branch, or a list with one number for each; by the d_lambda rule if left out.
        d_lambda: Longest compartment as a fraction of the length constant at 100 Hz (Hines and Carnevale 2001).

    Raises:
        MissingFileError, UnreadableFileError: The file cannot be read.
        MorphologyError: It is not a usable Neurolucida file; the message names the line, the column and the reason.
    """
    options = {"name": as_path(path).name, "ncomp": counts(ncomp), "d_lambda": as_float(d_lambda, "d_lambda")}
    return Cell._read(("asc", text_of(path), options))


def text_of(path: Path_) -> str:
    """The text of a file; what is not UTF-8 is replaced, and matters only outside of comments."""
    try:
        return Path(path).read_bytes().decode("utf-8", errors="replace")
    except FileNotFoundError as error:
        raise MissingFileError(f"cannot read {os.fspath(path)}: there is no such file") from error
    except OSError as error:
        raise UnreadableFileError(f"cannot read {os.fspath(path)}: {error.strerror}") from error


def counts(ncomp: int | Sequence[int] | None) -> int | list[int] | None:
    """Numbers of compartments as the engine takes them."""
    if ncomp is None:
        return None
    each = as_array(ncomp, "ncomp", "a whole number, or one for each branch")
    if each.ndim > 1 or each.dtype.kind not in "iu" or (each < 1).any():
        raise ArgumentError(f"ncomp is {ncomp!r}, expected a whole number, 1 or more, or one for each branch")
    return each.tolist()
