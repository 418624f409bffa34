"""Where in a user's code something happened."""

from __future__ import annotations

import sys
import traceback
from types import FrameType
from typing import NoReturn

from loligo.errors import TracingError

_OURS = ("loligo.tracing", "numpy", "jax", "jaxlib", "equinox", "importlib", "functools", "contextlib")
"""Packages whose frames stand between a user's line and what it asks for."""


def here() -> str:
    """`file:line, in function` of the innermost frame that is the user's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_ours(frame):
        frame = frame.f_back
    return "" if frame is None else place(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


def of_exception(error: BaseException) -> str:
    """The same for an exception, where it was raised."""
    last = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        if not is_ours(frame):
            last = place(frame.f_code.co_filename, line, frame.f_code.co_name)
    return last


def is_called_by(package: str) -> bool:
    """Whether what runs now was called by a package, and not by the user."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_ours(frame):
        if frame.f_globals.get("__name__", "").partition(".")[0] == package:
            return True
        frame = frame.f_back
    return False


def refuse(reason: str, at: str | None = None) -> NoReturn:
    """Says that something cannot be traced, and where it stands."""
    where = here() if at is None else at
    raise TracingError(f"{where}: {reason}" if where else reason)


def place(file: str, line: int, function: str) -> str:
    """How messages name a line."""
    return f"{file}:{line}, in {function}"


def is_ours(frame: FrameType) -> bool:
    """Whether a frame is Loligo's or a package's, not the user's."""
    name = frame.f_globals.get("__name__", "")
    return any(name == ours or name.startswith(f"{ours}.") for ours in _OURS)
