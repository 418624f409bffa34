"""Biophysical models of the Allen Cell Types Database: the folder that "download model" gives, as a cell."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from loligo.arguments import as_path
from loligo.errors import ArgumentError, MissingFileError, ModelFileError, did_you_mean
from loligo.modules import Cell
from loligo.published.files import json_in, only_one
from loligo.published.shape import Stub, axon_diameters, read_shape
from loligo.sonata.biophysics import biophysics_of
from loligo.sonata.mechanisms import Finder, Given
from loligo.sonata.parts import objects_in, word_in

STUB_LENGTH = 30.0
"""µm, of each of its two sections."""

AXONS = ("stub", "truncated")
"""What can be in the place of the axon."""

MODEL_TYPES = {"Biophysical - perisomatic": "stub", "Biophysical - all active": "truncated"}
"""What usually is in the place of the axon, by the type of the model."""


def load_allen(folder: str | os.PathLike[str], *, axon: str | None = None, mechanisms: Given = None) -> Cell:
    """A biophysical model of the Allen Cell Types Database, perisomatic or all active, ready to be simulated.

    The folder is as it was downloaded: `manifest.json` names the fit (`fit_parameters.json` or `…_fit.json`) and the
    SWC file, and `modfiles` has the mechanisms; without a manifest the files are known by their names. What comes of
    them is what AllenSDK makes in NEURON: the sections of Import3d with 1 + 2·floor(L/40 µm) compartments, a stub of
    two sections of 30 µm in the place of the axon, the numbers of the fit by section, reversal potentials, `celsius`,
    and `v_init` as the voltage at t = 0. Run it with `convention="neuron"` for NEURON's numbers to rounding. (AllenSDK
    hands the numbers of perisomatic models to NEURON with six digits; here they are those of the file.) The voltage is
    that of the membrane: recordings of the database differ from it by the junction potential, −14 mV.

    Args:
        folder: The folder of the model.
        axon: `"stub"` (1 µm wide, at the middle of the soma) or `"truncated"` (as wide as the axon was, at the 1 end of
            the soma). Left out, what the manifest says (`axon_type`), or else the usual: a stub for perisomatic models,
            truncated for those that are all active. The newest of the latter want a stub.
        mechanisms: A folder of `.mod` files, or a dictionary of mechanisms by their names, which go before those of the
            model; what neither has is taken from the library.

    Raises:
        MissingFileError, UnreadableFileError: A file cannot be read.
        ModelFileError: Files that are not what they should be.
        UnknownNameError: A mechanism or a parameter that there is not; the message names the nearest.
        MorphologyError, MechanismError: A file that cannot be taken.

    >>> import loligo as lo
    >>> cell = lo.load_allen("472450023")  # doctest: +SKIP
    >>> cell.soma.loc(0.5).stimulate(lo.step(start=100, duration=500, amplitude=0.15))  # doctest: +SKIP
    >>> cell.soma.loc(0.5).record()  # doctest: +SKIP
    >>> run = lo.simulate(cell, t_max=700, convention="neuron")  # doctest: +SKIP
    """
    folder = as_path(folder)
    if not folder.is_dir():
        raise MissingFileError(f"there is no folder {folder}")
    manifest = _manifest(folder)
    path = manifest.fit()
    content = json_in(path, (dict,))
    biophysics = biophysics_of(content, path)
    cell = _shape(manifest.morphology(), _axon(axon, manifest, content))
    biophysics.put_on(cell, Finder(mechanisms, folder), path)
    if biophysics.celsius is not None:
        cell.celsius = biophysics.celsius
    if biophysics.v_init is not None:
        cell.set("v", biophysics.v_init)
    return cell


class Manifest:
    """What the manifest of a model says of its files, and where they are if it says nothing."""

    def __init__(self, folder: Path, content: dict[str, Any]) -> None:
        self.folder = folder
        self.model: dict[str, Any] = {}
        where = folder / "manifest.json"
        for part in objects_in(content.get("biophys"), f"{where}: `biophys`"):
            self.model |= part
        files = objects_in(content.get("manifest"), f"{where}: `manifest`")
        self._paths = {
            each["key"]: word_in(each, "spec", f"{where}: `{each['key']}`")
            for each in files
            if each.get("key") == "MORPHOLOGY"
        }

    def fit(self) -> Path:
        """The file of the fit."""
        named = self.model.get("model_file", [])
        if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
            raise ModelFileError(
                f"the model_file in {self.folder / 'manifest.json'} is {named!r}, expected a list of names"
            )
        if others := [name for name in named if name != "manifest.json"]:
            return self.folder / others[0]
        candidates = [*self.folder.glob("fit_parameters.json"), *self.folder.glob("*_fit.json")]
        return only_one(candidates, self.folder, "fit (fit_parameters.json or a name that ends in _fit.json)")

    def morphology(self) -> Path:
        """The file of the shape."""
        if self._paths.get("MORPHOLOGY"):
            return self.folder / self._paths["MORPHOLOGY"]
        # what markers were drawn into is not meant for NEURON
        candidates = [path for path in self.folder.glob("*.swc") if not path.stem.endswith("_marker_m")]
        return only_one(candidates, self.folder, "morphology (.swc)")


def _manifest(folder: Path) -> Manifest:
    path = folder / "manifest.json"
    return Manifest(folder, json_in(path, (dict,)) if path.exists() else {})


def _axon(given: str | None, manifest: Manifest, fit: dict[str, Any]) -> str:
    """What is to be in the place of the axon."""
    if given is not None:
        if not isinstance(given, str) or given not in AXONS:
            raise ArgumentError(
                f"axon is {given!r}, expected {' or '.join(map(repr, AXONS))}{did_you_mean(str(given), AXONS)}"
            )
        return given
    said = manifest.model.get("axon_type")
    if isinstance(said, str) and said in AXONS:
        return said
    kind = manifest.model.get("model_type")
    if kind is None:
        # fits of all that is active have their capacitances among the rest
        return "stub" if any("cm" in part for part in fit["passive"]) else "truncated"
    if not isinstance(kind, str) or kind not in MODEL_TYPES:
        raise ModelFileError(
            f"the model_type in {manifest.folder / 'manifest.json'} is {kind!r}, expected "
            f"{' or '.join(map(repr, MODEL_TYPES))}{did_you_mean(str(kind), MODEL_TYPES)}"
        )
    return MODEL_TYPES[kind]


def _shape(path: Path, axon: str) -> Cell:
    if axon == "stub":
        return read_shape(path, Stub(0.5, STUB_LENGTH, (1.0, 1.0)))
    diameters = axon_diameters(read_shape(path), origin=0.0)
    if diameters is None:
        raise ModelFileError(f'{path} has no axon that could be truncated: axon="stub" puts one there')
    return read_shape(path, Stub(1.0, STUB_LENGTH, diameters))
