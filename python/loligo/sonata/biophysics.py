"""Biophysics of a cell: what the Allen Cell Types Database writes as JSON or NeuroML, and what it makes of a cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from loligo.errors import ModelFileError, SonataError, did_you_mean
from loligo.modules import Cell
from loligo.read import text_of
from loligo.sonata.files import json_of
from loligo.sonata.mechanisms import Finder, parameter_of
from loligo.sonata.parts import number_in, objects_in, word_in

GROUPS = {"soma": "soma", "axon": "axon", "dend": "basal", "apic": "apical"}
"""The groups of a cell by the names that the files have for them; `all` is the whole cell."""

_QUANTITIES = {"cm": "capacitance", "Ra": "axial_resistivity", "ena": "ena", "ek": "ek", "eca": "eca"}


@dataclass
class Biophysics:
    """What to insert and what to set, in this order.

    Attributes:
        inserted: Mechanisms, each with a section.
        numbers: A section, a mechanism or nothing, a parameter of it or a quantity of the compartment, and its value.
        reversals: A section, an ion's reversal potential (`ek`), and its value, mV, where a mechanism has the ion.
        celsius, v_init: °C and mV, where the file has them.
    """

    inserted: list[tuple[str, str]] = field(default_factory=list)
    numbers: list[tuple[str, str, str, float]] = field(default_factory=list)
    reversals: list[tuple[str, str, float]] = field(default_factory=list)
    celsius: float | None = None
    v_init: float | None = None

    def put_on(self, cell: Cell, finder: Finder, path: Path) -> None:
        """Inserts and sets all that there is; sections that the cell does not have are passed over.

        Raises:
            UnknownNameError: A mechanism or a parameter that there is not.
            ModelFileError: A section that no cell has.
        """
        for section, name in self.inserted:
            if (view := _section(cell, section, path)) is not None:
                view.insert(finder.named(name, str(path)))
        for section, name, parameter, value in self.numbers:
            if (view := _section(cell, section, path)) is None:
                continue
            if name:
                parameter = f"{name}.{parameter_of(finder.named(name, str(path)), parameter, str(path))}"
            view.set(parameter, value)
        for section, name in self.inserted:
            # the pool of the Allen Institute starts at its floor, that of the library where the ion does
            if name == "CaDynamics" and not finder.is_given(name):
                if (view := _section(cell, section, path)) is not None:
                    view.set("cai", view.get(f"{name}.mincai"))
        known = cell.quantities
        for section, reversal, value in self.reversals:
            if reversal in known and (view := _section(cell, section, path)) is not None:
                view.set(reversal, value)


def read_biophysics(path: Path) -> Biophysics:
    """What a file says: JSON, or NeuroML if its name ends in `.nml` or `.xml`.

    Raises:
        ModelFileError: It is neither, or lacks something.
    """
    return _from_neuroml(path) if path.suffix in (".nml", ".xml") else biophysics_of(json_of(path), path)


def biophysics_of(content: dict[str, Any], path: Path) -> Biophysics:
    """What the content of a JSON file of the Allen Cell Types Database says.

    Raises:
        ModelFileError: It lacks something.
    """
    for key in ("passive", "genome"):
        if not isinstance(content.get(key), list):
            raise ModelFileError(
                f"{path} has no list `{key}`{did_you_mean(key, content)}; expected biophysics of the Allen Cell Types "
                "Database"
            )
    found = Biophysics(inserted=[("all", "pas")])
    passive, *_ = [*objects_in(content["passive"], f"{path}: `passive`"), {}]
    if "ra" in passive:
        found.numbers.append(("all", "", "axial_resistivity", number_in(passive, "ra", f"{path}: `passive`")))
    if "e_pas" in passive:
        found.numbers.append(("all", "pas", "e", number_in(passive, "e_pas", f"{path}: `passive`")))
    where = f"{path}: a part of `cm`"
    for each in objects_in(passive.get("cm"), where):
        found.numbers.append((word_in(each, "section", where), "", "capacitance", number_in(each, "cm", where)))
    where = f"{path}: a part of the genome"
    for gene in objects_in(content["genome"], where):
        section, name = word_in(gene, "section", where), word_in(gene, "name", where)
        value = number_in(gene, "value", where)
        # what is global in NEURON is a parameter of the mechanism, wherever that is
        section = "all" if section == "glob" else section
        if gene.get("mechanism"):
            mechanism = word_in(gene, "mechanism", where)
            found.inserted.append((section, mechanism))
            found.numbers.append((section, mechanism, name.removesuffix(f"_{mechanism}"), value))
        elif name in _QUANTITIES:
            found.numbers.append((section, "", _QUANTITIES[name], value))
        else:
            parameter, _, owner = name.partition("_")
            found.numbers.append((section, owner, parameter, value))
    where = f"{path}: `conditions`"
    conditions, *_ = [*objects_in(content.get("conditions"), where), {}]
    for each in objects_in(conditions.get("erev"), f"{path}: `erev`"):
        section = word_in(each, "section", f"{path}: a part of `erev`")
        ions = [ion for ion in each if ion != "section"]
        found.reversals += [(section, ion, number_in(each, ion, f"{path}: a part of `erev`")) for ion in ions]
    if conditions.get("celsius") is not None:
        found.celsius = number_in(conditions, "celsius", where)
    if conditions.get("v_init") is not None:
        found.v_init = number_in(conditions, "v_init", where)
    return found


def _from_neuroml(path: Path) -> Biophysics:
    try:
        root = ElementTree.fromstring(text_of(path))
    except ElementTree.ParseError as error:
        raise SonataError(f"{path} is not XML: {error}") from error
    found = Biophysics()
    for element in root.iter():
        tag, section = element.tag.rpartition("}")[2], element.get("segmentGroup", "all")
        if tag == "resistivity":
            found.numbers.append((section, "", "axial_resistivity", _number(element, "value", "ohm_cm", path)))
        elif tag == "specificCapacitance":
            found.numbers.append((section, "", "capacitance", _number(element, "value", "uF_per_cm2", path)))
        elif tag in ("channelDensity", "channelDensityNernst"):
            name = _word(element, "ionChannel", path)
            found.inserted.append((section, name))
            density = _number(element, "condDensity", "S_per_cm2", path)
            found.numbers.append((section, name, "g" if name == "pas" else "gbar", density))
            if name == "pas":
                found.numbers.append((section, name, "e", _number(element, "erev", "mV", path)))
            elif element.get("ion") in ("na", "k"):
                reversal = f"e{element.get('ion')}"
                found.reversals.append((section, reversal, _number(element, "erev", "mV", path)))
        elif tag == "concentrationModel":
            name = _word(element, "type", path)
            found.inserted.append((section, name))
            found.numbers.append((section, name, "gamma", float(_word(element, "gamma", path))))
            found.numbers.append((section, name, "decay", _number(element, "decay", "ms", path)))
    if not found.inserted:
        raise SonataError(f"{path} has no channelDensity: expected the biophysical properties of a cell")
    return found


def _word(element: Any, name: str, path: Path) -> str:
    if name not in element.attrib:
        raise SonataError(f"{path}: {element.tag.rpartition('}')[2]} {element.get('id')} has no `{name}`")
    return element.get(name)


def _number(element: Any, name: str, unit: str, path: Path) -> float:
    number, _, given = _word(element, name, path).partition(" ")
    if given.strip() != unit:
        raise SonataError(f"{path}: `{name}` of {element.get('id')} is in {given or 'no unit'}, expected {unit}")
    return float(number)


def _section(cell: Cell, section: str, path: Path) -> Any:
    """What of a cell a section is; nothing if this cell lacks it."""
    if section == "all":
        return cell
    if section not in GROUPS:
        raise ModelFileError(f"{path}: there is no section `{section}`{did_you_mean(section, [*GROUPS, 'all'])}")
    return cell.group(GROUPS[section]) if GROUPS[section] in cell.groups else None
