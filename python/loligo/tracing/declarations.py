"""Declarations: what a class of channels or synapses says that it has, checked before its methods are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from loligo.arguments import as_identifier
from loligo.errors import ArgumentError, ArgumentTypeError


def names_in(declared: Any, attribute: str, kind: str) -> list[str]:
    """The names that an attribute of a class declares, as a list or as the keys of a dictionary.

    >>> names_in("ca", "ions", "Pump")
    Traceback (most recent call last):
    loligo.errors.ArgumentTypeError: `ions` of Pump is 'ca', expected a list of names, or a dictionary by name
    """
    if isinstance(declared, str) or not isinstance(declared, Sequence | Mapping):
        raise ArgumentTypeError(
            f"`{attribute}` of {kind} is {declared!r}, expected a list of names, or a dictionary by name"
        )
    for name in declared:
        as_identifier(name, f"one of the `{attribute}` of {kind}")
    return list(declared)


def numbers_in(declared: Any, attribute: str, kind: str) -> dict[str, Any]:
    """What an attribute of a class declares by name.

    >>> numbers_in(["gbar"], "parameters", "Leak")
    Traceback (most recent call last):
    loligo.errors.ArgumentTypeError: `parameters` of Leak is ['gbar'], expected a dictionary of numbers by name
    """
    if not isinstance(declared, Mapping):
        raise ArgumentTypeError(f"`{attribute}` of {kind} is {declared!r}, expected a dictionary of numbers by name")
    return {name: declared[name] for name in names_in(declared, attribute, kind)}


def with_unit(name: str, value: Any) -> tuple[float, str]:
    """The default of a parameter or state, and its unit, which may be left out.

    >>> with_unit("gbar", (0.01, "S/cm2")), with_unit("e", -70)
    ((0.01, 'S/cm2'), (-70.0, ''))
    """
    number, unit = value if isinstance(value, tuple) and len(value) == 2 else (value, "")
    try:
        array = np.asarray(number)
        default = float(array.reshape(())) if array.dtype.kind in "biuf" else np.nan
    except (TypeError, ValueError):
        default = np.nan
    if not np.isfinite(default):
        raise ArgumentError(f"`{name}` is declared as {value!r}, expected a number, or a number and its unit")
    return default, str(unit)
