"""Ions: concentrations, reversal potentials, and what these follow from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo.neuron_import.left_out import LeftOut, listed
from loligo.neuron_import.mechanisms import names_of, set_numbers
from loligo.neuron_import.sections import Section

if TYPE_CHECKING:
    from loligo.modules import Module


@dataclass(frozen=True)
class Style:
    """How NEURON treats an ion in a section, which it says of the segment where the section begins: its `ion_style`.

    Attributes:
        concentrations: 0 if nothing uses them, 1 parameters, 2 assigned, 3 states.
        starts: Whether they start at what the whole model has (`cai0_ca_ion`).
        reversal: 0 if nothing uses it, 1 a parameter, 2 assigned.
        at_start: Whether it is the Nernst potential at t = 0.
        every_step: Whether it is that in every step.
        uses: Whether something uses a concentration in that segment.
    """

    concentrations: int
    starts: bool
    reversal: int
    at_start: bool
    every_step: bool
    uses: bool

    @classmethod
    def of(cls, h: Any, ion: str, section: Section, module: Module) -> Style:
        """That of an ion that is in the section."""
        bits = int(h.ion_style(f"{ion}_ion", sec=section.alive))
        masks = [_users(module, variable) for variable in _variables(ion)[1:]]
        first = section.compartments[-1 if section.alive.orientation() else 0]
        uses = any(mask is not None and mask[first] for mask in masks)
        return cls(bits & 3, bool(bits & 4), bits >> 3 & 3, bool(bits & 32), bool(bits & 64), uses)

    @property
    def is_written(self) -> bool:
        """Whether a mechanism writes the reversal potential."""
        return self.reversal == 2 and not (self.at_start or self.every_step)

    @property
    def choice(self) -> str:
        """What `Module.ion_style` calls it."""
        if self.reversal == 2 and self.every_step:
            return "every step"
        return "at start" if self.reversal == 2 and self.at_start else "given"


def set_ions(h: Any, sections: list[Section], module: Module, left_out: LeftOut) -> None:
    """Sets what mechanisms of the module use of ions to what it is in NEURON."""
    for name in names_of(h, 0):
        ion = name.removesuffix("_ion")
        if ion == name:
            continue
        styles = {
            index: Style.of(h, ion, section, module)
            for index, section in enumerate(sections)
            if section.alive.has_membrane(name)
        }
        if styles and any(_users(module, variable) is not None for variable in _variables(ion)):
            _choose_reversal(ion, styles, sections, module, left_out)
            for variable in _variables(ion):
                _set(h, ion, variable, styles, sections, module, left_out)


def _variables(ion: str) -> tuple[str, str, str]:
    return f"e{ion}", f"{ion}i", f"{ion}o"


def _users(module: Module, variable: str) -> np.ndarray | None:
    """The compartments in which something uses it, as a mask; none if nothing does anywhere."""
    if variable not in module.quantities:
        return None
    return ~np.isnan(module._model.values(variable))


def _choose_reversal(
    ion: str, styles: dict[int, Style], sections: list[Section], module: Module, left_out: LeftOut
) -> None:
    """Chooses what the reversal potential is, where it is not what mechanisms make it.

    Segments in which something uses concentrations have the Nernst potential, here and in NEURON. Where a user chose
    that and nothing uses them they stay, and `_reversals` has the number that they give.
    """
    reversal = _users(module, f"e{ion}")
    if reversal is None:
        return
    chosen = [s for i, s in styles.items() if reversal[sections[i].compartments].any() and not s.is_written]
    used, unused = [style for style in chosen if style.uses], [style for style in chosen if not style.uses]
    # concentrations that stay have the same potential at any time
    if all(style.choice != "given" and (style.every_step or style.concentrations < 2) for style in used):
        return
    choices = {style.choice for style in used}
    if choices == {"given"}:
        module.ion_style(ion, "given")
    elif choices == {"at start"} and all(style.choice != "given" for style in unused):
        module.ion_style(ion, "at start")
    else:
        where = listed([sections[index].name for index in styles])
        said = " and ".join(sorted({style.choice for style in (*used, *unused)}))
        left_out.add(f"ion_style of {ion}", where, f"it is {said}, and one is for the whole model")


def _set(
    h: Any,
    ion: str,
    variable: str,
    styles: dict[int, Style],
    sections: list[Section],
    module: Module,
    left_out: LeftOut,
) -> None:
    users = _users(module, variable)
    if users is None:
        return
    numbers = np.full(users.size, np.nan)
    for index, style in styles.items():
        section = sections[index]
        if variable != f"e{ion}":
            numbers[section.compartments] = _concentrations(h, ion, variable, style, section)
        else:
            numbers[section.compartments] = _reversals(h, ion, style, section)
    there = np.flatnonzero(users & ~np.isnan(numbers))
    if there.size:
        set_numbers(module, variable, numbers[there], there, "everywhere", left_out)


def _concentrations(h: Any, ion: str, variable: str, style: Style, section: Section) -> np.ndarray:
    """Those of the segments of a section at t = 0, mM."""
    if style.starts:
        return np.full(section.nseg, float(getattr(h, f"{variable}0_{ion}_ion")))
    return np.array([getattr(segment, variable) for segment in section.alive])


def _reversals(h: Any, ion: str, style: Style, section: Section) -> np.ndarray:
    """Those of the segments of a section at t = 0, mV, where they are given, or as good as that."""
    if style.choice == "given" or style.uses:
        return np.array([getattr(segment, f"e{ion}") for segment in section.alive])
    charge = h.ion_charge(f"{ion}_ion")
    inside, outside = (_concentrations(h, ion, variable, style, section) for variable in _variables(ion)[1:])
    return np.array([h.nernst(a, b, charge) for a, b in zip(inside, outside)])
