"""JSON for people: what is short stands in one line, and numbers are those of Python to the last bit."""

from __future__ import annotations

import json
import math
from typing import Any

_WIDTH = 120
_NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


def readable(value: Any, depth: int = 0) -> str:
    """The JSON text of a value, indented by a space a level."""
    if not isinstance(value, dict | list) or not value:
        return _flat(value)
    items = list(value.values() if isinstance(value, dict) else value)
    if not any(isinstance(item, dict | list) for item in items) and isinstance(value, list):
        return _flat(value)
    if len(items) <= 8 and not any(_is_deep(item) for item in items):
        line = _flat(value)
        if len(line) + depth <= _WIDTH:
            return line
    inner, outer = "\n" + " " * (depth + 1), "\n" + " " * depth
    if isinstance(value, dict):
        lines = [f"{_flat(str(name))}: {readable(item, depth + 1)}" for name, item in value.items()]
        return "{" + inner + f",{inner}".join(lines) + outer + "}"
    return "[" + inner + f",{inner}".join(readable(item, depth + 1) for item in value) + outer + "]"


def number(value: float) -> float | str:
    """A number as JSON has it: infinities, and what is not a number, as texts."""
    value = float(value)
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def as_number(value: Any) -> float | None:
    """The number that JSON stands for; None if it is none."""
    if isinstance(value, str):
        return _NOT_FINITE.get(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _flat(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _is_deep(value: Any) -> bool:
    """Whether there are lists or dictionaries within one."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return len(inner) > 16 or any(isinstance(item, dict | list) for item in inner)
