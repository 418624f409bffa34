"""Mechanisms by the names that NEURON has for them, and what is in which segment with which numbers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo import library
from loligo._engine import Mechanism
from loligo.errors import ArgumentTypeError, LoligoError, MissingFileError, UnknownNameError
from loligo.neuron_import.left_out import LeftOut, listed
from loligo.neuron_import.sections import Section
from loligo.neuron_import.texts import TEXTS
from loligo.read import text_of

if TYPE_CHECKING:
    from loligo.modules import Module

ModFiles = str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None
"""A folder of `.mod` files, or a list of files and folders."""

OWN = {"hh": "hh", "pas": "pas", "fastpas": "pas", "ExpSyn": "expsyn", "Exp2Syn": "exp2syn"}
"""What the library calls mechanisms that NEURON has without a file."""

SAID_DIFFERENTLY = {("Exp2Syn", "tau_rise"): "tau1", ("Exp2Syn", "tau_decay"): "tau2"}
"""What NEURON calls parameters of these."""

NO_MECHANISMS = ("morphology", "capacitance")
"""What NEURON lists among the mechanisms of a section, and is its shape and its capacitance."""

_RANDOM = re.compile(r"\b(?:RANDOM|normrand|scop_random|poisrand|exprand|erand|nrn_random_\w+|random_\w+)\b")
_NAME = re.compile(r"^[^:?\n]*\b(?:SUFFIX|POINT_PROCESS|ARTIFICIAL_CELL)\s+(\w+)", re.MULTILINE)
_COMMENTS = re.compile(r"\bCOMMENT\b.*?\bENDCOMMENT\b|\bVERBATIM\b.*?\bENDVERBATIM\b", re.DOTALL)


class Finder:
    """Finds mechanisms by NEURON's names, each compiled once and only if it is alive."""

    def __init__(self, mod_files: ModFiles) -> None:
        self._files = _files_by_name(mod_files)
        self._found: dict[str, Mechanism | LoligoError] = {}

    def named(self, name: str) -> Mechanism:
        """The mechanism of a name.

        Raises:
            LoligoError: It cannot be had; the message says why.
        """
        if name not in self._found:
            try:
                self._found[name] = self._made(name)
            except LoligoError as error:
                self._found[name] = error
        found = self._found[name]
        if isinstance(found, LoligoError):
            raise found
        return found

    def _made(self, name: str) -> Mechanism:
        if name in self._files:
            made = Mechanism.from_mod(self._files[name])
        elif name in OWN:
            made = library.mechanism(OWN[name]).renamed(name)
        elif name in TEXTS:
            made = Mechanism.compile(TEXTS[name], f"{name}.mod")
        else:
            raise UnknownNameError(f"mod_dir has no file of `{name}`, and it is none of {', '.join([*OWN, *TEXTS])}")
        if pointers := [parameter for parameter, default, *_ in made.parameters if np.isnan(default)]:
            raise UnknownNameError(f"NEURON does not say what its POINTER `{pointers[0]}` points to")
        return made


class Density:
    """The mechanisms of the membrane, in which segments they are."""

    def __init__(self, h: Any, sections: list[Section], finder: Finder, left_out: LeftOut) -> None:
        self._h = h
        self._sections = sections
        self._finder = finder
        self._left_out = left_out

    def insert(self, module: Module) -> None:
        """Inserts into the module what is in the sections, with the numbers that it has there."""
        for name in names_of(self._h, 0):
            having = [section for section in self._sections if section.alive.has_membrane(name)]
            if not having or name in NO_MECHANISMS or name.endswith("_ion"):
                continue
            try:
                mechanism = self._finder.named(name)
            except LoligoError as error:
                why = "outside of the membrane is ground" if name == "extracellular" else error
                self._left_out.add(name, listed([section.name for section in having]), why)
                continue
            compartments = np.concatenate([section.compartments for section in having])
            order = np.argsort(compartments)
            place(module, compartments[order]).insert(mechanism)
            owners = [getattr(segment, name) for section in having for segment in section.alive]
            ordered = [owners[position] for position in order]
            where = listed([section.name for section in having])
            for parameter, numbers in numbers_of(self._h, mechanism, name, ordered, where, self._left_out).items():
                set_numbers(module, f"{name}.{parameter}", numbers, compartments[order], where, self._left_out)


def names_of(h: Any, kind: int) -> list[str]:
    """The mechanisms that NEURON knows: of the membrane (0), or point processes (1)."""
    types, name, found = h.MechanismType(kind), h.ref(""), []
    for index in range(int(types.count())):
        types.select(index)
        types.selected(name)
        found.append(name[0])
    return found


def numbers_of(
    h: Any, mechanism: Mechanism, name: str, owners: Sequence[Any], where: str, left_out: LeftOut
) -> dict[str, np.ndarray]:
    """Parameters of a mechanism as each of its owners (`segment.hh`, or a point process) has them: shape (owner,)."""
    if getattr(h, f"usetable_{name}", 0):
        why = f"its rates are computed, not interpolated; h.usetable_{name} = 0 lets NEURON do so, too"
        left_out.add(f"the TABLE of {name}", where, why)
    if _RANDOM.search(mechanism.source):
        left_out.add(f"the random numbers of {name}", where, "others are drawn, those of the seed of a run")
    found = {}
    for parameter, default, _, _, is_global in mechanism.parameters:
        theirs, index = _split(SAID_DIFFERENTLY.get((name, parameter), parameter))
        try:
            if is_global:
                numbers = np.full(len(owners), _number(h, f"{theirs}_{name}", index))
            else:
                numbers = np.array([_number(owner, theirs, index) for owner in owners])
        except (AttributeError, LookupError, TypeError):
            left_out.add(f"{name}.{parameter}", where, f"NEURON does not show it: it is {default:g} as in the file")
            continue
        found[parameter] = numbers
    return found


def set_numbers(
    module: Module, quantity: str, numbers: np.ndarray, compartments: np.ndarray, where: str, left_out: LeftOut
) -> None:
    """Sets a quantity in ascending compartments; a number that it cannot have is left out with its reason."""
    try:
        place(module, compartments).set(quantity, numbers)
    except LoligoError as error:
        left_out.add(quantity, where, error)


def place(module: Module, compartments: Iterable[int]) -> Any:
    """A view of ascending compartments."""
    return module._view(module._model.select([int(each) for each in compartments], "compartment"), "comp")


def _split(name: str) -> tuple[str, int | None]:
    """`a[2]` as `a` and 2."""
    bare, bracket, index = name.partition("[")
    return (bare, int(index.rstrip("]"))) if bracket else (name, None)


def _number(owner: Any, name: str, index: int | None) -> float:
    value = getattr(owner, name)
    return float(value if index is None else value[index])


def _files_by_name(mod_files: ModFiles) -> dict[str, Path]:
    """Files by the names of their mechanisms."""
    if mod_files is None:
        return {}
    given = [mod_files] if isinstance(mod_files, str | os.PathLike) else list(mod_files)
    found: dict[str, Path] = {}
    for each in given:
        if not isinstance(each, str | os.PathLike):
            raise ArgumentTypeError(f"mod_dir is {mod_files!r}, expected a folder of .mod files, or a list of files")
        path = Path(each)
        files = sorted(path.glob("*.mod")) if path.is_dir() else [path]
        if not files:
            raise MissingFileError(f"there is no .mod file in the folder {os.fspath(each)!r}")
        for file in files:
            match = _NAME.search(_COMMENTS.sub(" ", text_of(file)))
            found.setdefault(match.group(1) if match else file.stem, file)
    return found
