"""Files of published models: JSON, and the one file of a kind in a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from loligo.errors import MissingFileError, ModelFileError
from loligo.read import text_of


def json_in(path: Path, kinds: tuple[type, ...]) -> Any:
    """What a JSON file holds.

    Raises:
        MissingFileError, UnreadableFileError: The file cannot be read.
        ModelFileError: It is not JSON, or holds something of another kind.
    """
    try:
        content = json.loads(text_of(path))
    except json.JSONDecodeError as error:
        raise ModelFileError(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from error
    if not isinstance(content, kinds):
        expected = " or ".join(_KINDS[kind] for kind in kinds)
        raise ModelFileError(f"{path} holds {type(content).__name__}, expected {expected}")
    return content


_KINDS: dict[type, str] = {dict: "an object in braces", list: "a list in brackets"}


def only_one(candidates: list[Path], folder: Path, what: str) -> Path:
    """The only one of some files.

    Raises:
        MissingFileError: There is none.
        ModelFileError: There are several; the message lists them.
    """
    if not candidates:
        raise MissingFileError(f"there is no {what} in the folder {folder}")
    if len(candidates) > 1:
        names = ", ".join(sorted(path.name for path in candidates))
        raise ModelFileError(f"{folder} has several files that may be the {what}: {names}")
    return candidates[0]
