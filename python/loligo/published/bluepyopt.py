"""Models of BluePyOpt as cells: parameters, mechanisms and a morphology, and the numbers that a fit found."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from loligo.arguments import as_path
from loligo.errors import ArgumentTypeError, ModelFileError, did_you_mean
from loligo.modules import Cell
from loligo.published.files import json_in
from loligo.published.parameters import (
    DISTRIBUTION,
    GLOBAL,
    GROUPS,
    Description,
    Parameter,
    described,
    mechanisms_in,
    values_of,
)
from loligo.published.shape import Stub, axon_diameters, distances_from_soma, read_shape
from loligo.sonata.mechanisms import Finder, Given
from loligo.view import View

STUB_LENGTH = 30.0
"""µm, of each of its two sections."""

QUANTITIES = {"cm": "capacitance", "Ra": "axial_resistivity"}
"""What NEURON calls numbers of every compartment."""

Path_ = str | os.PathLike[str]


def load_bluepyopt(
    *,
    parameters: Path_ | list[dict[str, Any]] | dict[str, Any],
    morphology: Path_,
    mechanisms: Path_ | dict[str, Any] | None = None,
    mod_dir: Given = None,
    best: Path_ | Mapping[str, float] | None = None,
    replace_axon: bool = False,
) -> Cell:
    """A model of BluePyOpt, ready to be simulated: its files, and the numbers that a fit found.

    The cell is what `bluepyopt.ephys` makes in NEURON: the sections of Import3d with 1 + 2·floor(L/40 µm)
    compartments, mechanisms and numbers by lists of sections (`all`, `somatic`, `axonal`, `basal`, `apical`, and
    `alldend`, `somadend`, `somaxon`, `allact`), in the order of the file. A number with a distribution is a formula of
    `{value}` and `{distance}`, the path from the middle of the soma, µm; formulas are parsed, not run. `celsius` and
    `v_init`, which becomes the voltage at t = 0, are global. Run it with `convention="neuron"` for NEURON's numbers to
    rounding.

    Args:
        parameters: `parameters.json`, a list with an object for each parameter (`param_name`, `type`, `sectionlist`,
            `dist_type`, `dist`, `value` or `bounds`); or the other form of this file, an object with `parameters`,
            `distributions` and `mechanisms`. Or what such a file holds.
        morphology: The SWC or Neurolucida file.
        mechanisms: `mechanisms.json`, names by lists of sections, or what it holds; left out where the parameters have
            them.
        mod_dir: The folder of the `.mod` files, or mechanisms by their names; `pas` and `hh` need none.
        best: The value of each free parameter, and of others that are to have another one, by names such as
            `gIhbar_Ih.basal`: a dictionary, or a JSON file of one.
        replace_axon: Puts two sections of 30 µm in the place of the axon, at the 1 end of the soma, as wide as the axon
            was (`do_replace_axon` of `NrnFileMorphology`).

    Raises:
        MissingFileError, UnreadableFileError: A file cannot be read.
        ModelFileError: A file that is not what it should be, a formula that is none, a free parameter without a value.
        UnknownNameError: A mechanism or a parameter that there is not; the message names the nearest.
        MorphologyError, MechanismError: A file that cannot be taken.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     swc = Path(folder, "cell.swc")
    ...     _ = swc.write_text("1 1 0 0 0 5 -1\\n2 3 5 0 0 1 1\\n3 3 65 0 0 1 2\\n")
    ...     cell = load_bluepyopt(
    ...         parameters={
    ...             "distributions": {"far": {"fun": "{value} * (1 + {distance} / 100)"}},
    ...             "parameters": {
    ...                 "global": [{"name": "celsius", "val": 34}],
    ...                 "basal": [{"name": "g_pas", "val": [0, 1], "dist": "far"}],
    ...             },
    ...         },
    ...         mechanisms={"all": ["pas"]},
    ...         morphology=swc,
    ...         best={"g_pas.basal": 0.001},
    ...     )
    >>> cell.basal.get("pas.g").round(5)
    array([0.0011, 0.0013, 0.0015])
    """
    description, where = _description(parameters, mechanisms)
    values = values_of(description.parameters, _best(best), where)
    cell = _shape(as_path(morphology), replace_axon)
    finder = Finder(mod_dir, None)
    for sections, names in description.mechanisms.items():
        for name in names:
            if (view := _sections(cell, sections)) is not None:
                view.insert(finder.named(name, where))
    setter = Setter(cell, description, values, where)
    for parameter in description.parameters:
        setter.set(parameter)
    return cell


class Setter:
    """Sets the numbers of a model on a cell."""

    def __init__(self, cell: Cell, description: Description, values: dict[str, float], where: str) -> None:
        self._cell, self._values, self._where = cell, values, where
        self._distributions = description.distributions

    def set(self, parameter: Parameter) -> None:
        """Sets one where its sections are; those that the cell does not have are passed over."""
        value = self._values[parameter.full_name]
        if parameter.sections.startswith(DISTRIBUTION):
            return
        if parameter.sections == GLOBAL:
            if parameter.name == "v_init":
                self._cell.set("v", value)
            elif parameter.name == "celsius":
                self._cell.celsius = value
            else:
                self._cell.set(self._canonical(parameter), value)
            return
        view = _sections(self._cell, parameter.sections)
        if view is None:
            return
        name = self._canonical(parameter)
        if parameter.distribution is None:
            view.set(name, value)
        else:
            view.set(name, self._by_distance(parameter, value, view, name))

    def _by_distance(self, parameter: Parameter, value: float, view: View, name: str) -> np.ndarray:
        """The numbers of a view's compartments that have it, shape (compartment,)."""
        distribution = self._distributions[parameter.distribution or ""]
        own = {}
        for each in distribution.parameters:
            full_name = f"{each}.{DISTRIBUTION}{parameter.distribution}"
            if full_name not in self._values:
                raise ModelFileError(
                    f"{self._where}: the distribution `{parameter.distribution}` needs the parameter `{full_name}`"
                    f"{did_you_mean(full_name, self._values)}"
                )
            own[each] = self._values[full_name]
        inside = view._selection.compartments
        inside = inside[~np.isnan(self._cell._model.values(name)[inside])]
        distances = distances_from_soma(self._cell, distribution.origin)[inside]
        return np.array([distribution.formula({**own, "value": value, "distance": float(d)}) for d in distances])

    def _canonical(self, parameter: Parameter) -> str:
        """What Loligo calls what NEURON calls so."""
        name = parameter.name
        if name in QUANTITIES:
            return QUANTITIES[name]
        # the longest suffix: a mechanism may be called as the end of another is
        for mechanism in sorted(self._cell.mechanisms, key=len, reverse=True):
            own = f"{mechanism}.{name.removesuffix(f'_{mechanism}')}"
            if name.endswith(f"_{mechanism}") and own in self._cell.quantities:
                return own
        if name in self._cell.quantities and "." not in name:
            return name
        known = [*QUANTITIES, *(_in_neuron(quantity) for quantity in self._cell.quantities)]
        raise ModelFileError(
            f"{self._where} sets `{name}`, which none of the mechanisms that it inserts has{did_you_mean(name, known)}"
        )


def _in_neuron(quantity: str) -> str:
    mechanism, _, name = quantity.rpartition(".")
    return f"{name}_{mechanism}" if mechanism else name


def _description(parameters: Any, mechanisms: Any) -> tuple[Description, str]:
    """What the files say, and what messages call them."""
    if isinstance(parameters, str | os.PathLike):
        where, content = os.fspath(parameters), json_in(Path(parameters), (list, dict))
    elif isinstance(parameters, list | dict):
        where, content = "the argument `parameters`", parameters
    else:
        raise ArgumentTypeError(f"parameters is {parameters!r}, expected a file, or what it holds")
    description = described(content, where)
    if isinstance(mechanisms, str | os.PathLike):
        description.mechanisms = mechanisms_in(json_in(Path(mechanisms), (dict,)), os.fspath(mechanisms))
    elif mechanisms is not None:
        description.mechanisms = mechanisms_in(mechanisms, "the argument `mechanisms`")
    elif not description.mechanisms:
        raise ModelFileError(f"{where} names no mechanisms: give load_bluepyopt(..., mechanisms=...)")
    return description, where


def _best(best: Any) -> Mapping[str, float] | None:
    if isinstance(best, str | os.PathLike):
        return json_in(Path(best), (dict,))
    if best is not None and not isinstance(best, Mapping):
        raise ArgumentTypeError(f"best is {best!r}, expected numbers by the names of parameters, or a file of them")
    return best


def _shape(path: Path, replace_axon: bool) -> Cell:
    if not replace_axon:
        return read_shape(path)
    diameters = axon_diameters(read_shape(path), origin=0.5)
    return read_shape(path, Stub(1.0, STUB_LENGTH, diameters or (1.0, 1.0)))


def _sections(cell: Cell, sections: str) -> View | None:
    """What of a cell a list of sections is; nothing if this cell lacks it."""
    groups = GROUPS[sections]
    if groups is None:
        return cell
    found = [cell.group(name) for name in groups if name in cell.groups]
    if not found:
        return None
    selection = found[0]._selection
    for other in found[1:]:
        selection = selection.union(other._selection)
    return cell._view(selection, cell._level)
