"""Parts of JSON documents: objects, numbers and words, each with what messages call it."""

from __future__ import annotations

import math
from typing import Any

from loligo.errors import ModelFileError, did_you_mean


def objects_in(content: Any, where: str) -> list[dict[str, Any]]:
    """A list of objects; none where nothing is.

    Raises:
        ModelFileError: It is something else.
    """
    content = [] if content is None else content
    if not isinstance(content, list) or not all(isinstance(each, dict) for each in content):
        raise ModelFileError(f"{where} is {content!r}, expected a list of objects in braces")
    return content


def object_in(content: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    """An object; one without entries where there is none.

    Raises:
        ModelFileError: It is something else.
    """
    found = content.get(key)
    if not isinstance(found, dict | None):
        raise ModelFileError(f"`{key}` of {where} is {found!r}, expected an object in braces")
    return found or {}


def number_in(entry: dict[str, Any], key: str, where: str) -> float:
    """A finite number, which may be written as text.

    Raises:
        ModelFileError: It is missing, or something else.
    """
    value = _value_in(entry, key, where)
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ModelFileError(f"{where}: `{key}` is {value!r}, expected a number")
    return number


def word_in(entry: dict[str, Any], key: str, where: str) -> str:
    """A text.

    Raises:
        ModelFileError: It is missing, or something else.
    """
    value = _value_in(entry, key, where)
    if not isinstance(value, str):
        raise ModelFileError(f"{where}: `{key}` is {value!r}, expected a text")
    return value


def _value_in(entry: dict[str, Any], key: str, where: str) -> Any:
    if key not in entry:
        raise ModelFileError(f"{where} has no `{key}`{did_you_mean(key, entry)}: {entry}")
    return entry[key]
