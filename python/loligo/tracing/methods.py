"""Calling a method with numbers that are not known yet, whichever library it is written for."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from loligo.errors import LoligoError, MissingPackageError
from loligo.tracing import frames
from loligo.tracing.entries import Entries
from loligo.tracing.number import Number, is_traced


class Inputs(dict[str, Any]):
    """The states or parameters that a method gets, by name; a name that it lacks is refused.

    Args:
        what: What a missing name should have been, for messages.
        further: Makes the number of a name that is not declared, or says that there is none.
    """

    def __init__(
        self, numbers: Mapping[str, Any], what: str, further: Callable[[str], Any | None] = lambda name: None
    ) -> None:
        super().__init__(numbers)
        self._what = what
        self._further = further

    def __missing__(self, name: str) -> Any:
        found = self._further(name)
        if found is None:
            known = ", ".join(self) or "none"
            frames.refuse(f"`{name}` is not among the {self._what}, which are {known}")
        self[name] = found
        return found


def traced(function: Callable[..., Any], entries: Entries, *arguments: Any) -> Any:
    """What a function makes of arguments in which some numbers are not known: numbers, or a dictionary of them.

    Raises:
        TracingError: It cannot be traced.
    """
    try:
        result = function(*arguments)
    except LoligoError:
        if not entries.met_jax:
            raise
        result = _by_jax(function, entries, arguments)
    except Exception as error:
        if not entries.met_jax and not _knows_jax(function):
            _explain(error)
        result = _by_jax(function, entries, arguments)
    return _scalars(result, function)


def _by_jax(function: Callable[..., Any], entries: Entries, arguments: tuple[Any, ...]) -> Any:
    try:
        from loligo.tracing import jaxpr
    except ImportError as error:
        raise MissingPackageError("a mechanism is written in jax.numpy, and JAX is not installed") from error
    try:
        return jaxpr.call(function, entries, *arguments)
    except LoligoError as error:
        # without the notes on tracebacks that JAX adds
        raise type(error)(str(error)) from None
    except Exception as error:
        _explain(error)


def _knows_jax(function: Callable[..., Any]) -> bool:
    """Whether a function is defined where something of JAX is at hand; then it may take its arguments for arrays."""
    own = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__globals__", {})
    owners = (getattr(value, "__name__", "") for value in own.values() if isinstance(value, ModuleType))
    return any(str(name).partition(".")[0] == "jax" for name in owners)


def _explain(error: Exception) -> None:
    """Raises a mistake in a user's method again, with its line."""
    first = str(error).strip().partition("\n")[0]
    frames.refuse(f"{type(error).__name__}: {first}", frames.of_exception(error))


def _scalars(result: Any, function: Callable[..., Any]) -> Any:
    """Numbers in the place of arrays that hold one."""
    if isinstance(result, Mapping):
        return {name: _scalar(value, function) for name, value in result.items()}
    return _scalar(result, function)


def _scalar(value: Any, function: Callable[..., Any]) -> Any:
    if isinstance(value, Number):
        return value
    array = np.asarray(value) if not is_traced(value) else value
    if array.size != 1:
        where = _definition(function)
        frames.refuse(f"an array of shape {array.shape} is returned, expected one number", where)
    element = array.reshape(-1)[0]
    if isinstance(element, Number):
        return element
    try:
        return float(element)
    except (TypeError, ValueError):
        frames.refuse(f"{value!r} is returned, expected a number", _definition(function))


def _definition(function: Callable[..., Any]) -> str:
    code = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__code__", None)
    return "" if code is None else frames.place(code.co_filename, code.co_firstlineno, code.co_name)


_sources: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()


def source_of(kind: type | ModuleType) -> str:
    """The text of a class, if it can be had; looked for once, since Python parses the whole file to find it."""
    if kind not in _sources:
        try:
            _sources[kind] = inspect.getsource(kind)
        except (OSError, TypeError):
            _sources[kind] = ""
    return _sources[kind]
