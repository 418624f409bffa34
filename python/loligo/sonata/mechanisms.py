"""Mechanisms by the names that SONATA has for them: the user's, those of the circuit, those of the library."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from loligo import library
from loligo._engine import Mechanism, builtin_names
from loligo.errors import ArgumentTypeError, MissingFileError, UnknownNameError, did_you_mean
from loligo.read import text_of

Given = Mapping[str, Mechanism] | str | os.PathLike[str] | None
"""Mechanisms by their names, or a folder of `.mod` files."""

ALLEN = {
    "CaDynamics": "hay_cadynamics_e2",
    "Ca_HVA": "hay_ca_hva",
    "Ca_LVA": "hay_ca_lvast",
    "Ih": "hay_ih",
    "Im": "hay_im",
    "Im_v2": "allen_im_v2",
    "K_P": "allen_k_p",
    "K_T": "allen_k_t",
    "Kd": "allen_kd",
    "Kv2like": "allen_kv2like",
    "Kv3_1": "hay_skv3_1",
    "NaTa": "allen_nata",
    "NaTs": "allen_nats",
    "NaV": "allen_nav",
    "Nap": "allen_nap",
    "SK": "hay_sk_e2",
}
"""What the library calls the mechanisms of the Allen Cell Types Database."""

_NAME = re.compile(r"^[^:?\n]*\b(?:SUFFIX|POINT_PROCESS|ARTIFICIAL_CELL)\s+(\w+)", re.MULTILINE)


class Finder:
    """Finds mechanisms by their names, each compiled once and only if somebody asks for it."""

    def __init__(self, given: Given, folder: Path | None) -> None:
        self._given = _by_their_names(given) if isinstance(given, Mapping) else {}
        self._found = dict(self._given)
        self._files: dict[str, Path] = {}
        if given is not None and not isinstance(given, Mapping):
            if not isinstance(given, str | os.PathLike):
                raise ArgumentTypeError(f"the mechanisms are {given!r}, expected a folder, or a dictionary by names")
            self._files |= _files_in(Path(given))
            if not self._files:
                raise MissingFileError(f"there is no .mod file in the folder {os.fspath(given)!r}")
        if folder is not None:
            # those of the user go first
            self._files = {**_files_in(folder), **_files_in(folder / "modfiles"), **self._files}

    def is_given(self, name: str) -> bool:
        """Whether it is the user's, or in the circuit's folder."""
        return name in self._given or name in self._files

    def named(self, name: str, asked_by: str) -> Mechanism:
        """The mechanism of a name.

        Raises:
            UnknownNameError: There is none; the message says who asked for it, and names the nearest.
            MechanismError: Its file cannot be taken.
        """
        if name not in self._found:
            self._found[name] = self._made(name, asked_by)
        return self._found[name]

    def _made(self, name: str, asked_by: str) -> Mechanism:
        if name in self._files:
            return Mechanism.from_mod(self._files[name])
        if name in ALLEN:
            return library.mechanism(ALLEN[name]).renamed(name)
        if name in builtin_names():
            return library.mechanism(name)
        meant = did_you_mean(name, [*self._found, *self._files, *ALLEN, *builtin_names()])
        raise UnknownNameError(
            f"{asked_by} asks for the mechanism `{name}`, which is neither given nor in the library{meant or '.'} "
            "mechanisms=... (mod_dir=... of load_bluepyopt) takes a folder of .mod files, or a dictionary by names"
        )


def parameter_of(mechanism: Mechanism, name: str, asked_by: str) -> str:
    """A parameter of a mechanism by the name that a file has for it; case does not count.

    Raises:
        UnknownNameError: It has none of this name; the message names the nearest.
    """
    known = {parameter.lower(): parameter for parameter, *_ in mechanism.parameters}
    if name.lower() in known:
        return known[name.lower()]
    # synapses of the Allen Institute call it erev, those of NEURON e
    if name == "erev" and "e" in known:
        return "e"
    raise UnknownNameError(
        f"{asked_by} sets `{name}`, but {mechanism.name} has no such parameter{did_you_mean(name, known)}"
    )


def _by_their_names(given: Mapping[str, Mechanism]) -> dict[str, Mechanism]:
    """Mechanisms that are called as the dictionary calls them."""
    for name, mechanism in given.items():
        if not isinstance(mechanism, Mechanism):
            raise ArgumentTypeError(f"the mechanism `{name}` is {mechanism!r}, expected one such as lo.mechanism('hh')")
    return {name: each if each.name == name else each.renamed(name) for name, each in given.items()}


def _files_in(folder: Path) -> dict[str, Path]:
    """The `.mod` files of a folder by the names of their mechanisms."""
    found = {}
    for file in sorted(folder.glob("*.mod")):
        match = _NAME.search(text_of(file))
        found[match.group(1) if match else file.stem] = file
    return found
