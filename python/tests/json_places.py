"""Every part of a JSON document, to put something else there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def places_in(content: Any) -> Iterator[tuple[Any, Any]]:
    """What each part is in, and where there."""
    for key in list(content) if isinstance(content, dict) else range(len(content)):
        yield content, key
        if isinstance(content[key], dict | list):
            yield from places_in(content[key])
