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
    """How NEURON treats an ion in a section: its `ion_style`.

    Attributes:
        concentrations: 0 if nothing uses them, 1 parameters, 2 assigned, 3 states.
        starts: Whether they start at what the whole model has (`cai0_ca_ion`).
        reversal: 0 if nothing uses it, 1 a parameter, 2 assigned.
        at_start: Whether it is the Nernst potential at t = 0.
        every_step: Whether it is that in every step.
    """

    concentrations: int
    starts: bool
    reversal: int
    at_start: bool
    every_step: bool

    @classmethod
    def of(cls, h: Any, ion: str, section: Any) -> Style:
        """That of an ion that is in the section."""
        bits = int(h.ion_style(f"{ion}_ion", sec=section))
        return cls(bits & 3, bool(bits & 4), bits >> 3 & 3, bool(bits & 32), bool(bits & 64))

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
            index: Style.of(h, ion, section.alive)
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
    """Chooses what the reversal potential is, where it is not what mechanisms make it."""
    inside, outside = (_users(module, variable) for variable in _variables(ion)[1:])
    reversal = _users(module, f"e{ion}")
    if reversal is None:
        return
    choices, differ = set(), False
    for index, style in styles.items():
        compartments = sections[index].compartments
        if not reversal[compartments].any():
            continue
        uses = any(mask is not None and mask[compartments].any() for mask in (inside, outside))
        choice = style.choice
        # a mechanism writes it: nobody chooses
        if style.reversal == 2 and choice == "given" and uses:
            continue
        choices.add(choice)
        stays = style.concentrations < 2
        automatic = "every step" if uses else "given"
        # concentrations that stay have the same potential at any time
        differ |= choice != automatic and not (choice == "at start" and uses and stays)
    if not differ:
        return
    if len(choices) == 1:
        module.ion_style(ion, choices.pop())
        return
    where = listed([sections[index].name for index in styles])
    left_out.add(f"ion_style of {ion}", where, f"it is {' and '.join(sorted(choices))}, one is for the whole model")


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
        if variable != f"e{ion}" and style.starts:
            numbers[section.compartments] = getattr(h, f"{variable}0_{ion}_ion")
        else:
            numbers[section.compartments] = [getattr(segment, variable) for segment in section.alive]
    there = np.flatnonzero(users & ~np.isnan(numbers))
    if there.size:
        set_numbers(module, variable, numbers[there], there, "everywhere", left_out)
