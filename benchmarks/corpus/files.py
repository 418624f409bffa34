"""The distinct `.mod` files below a folder, each under the one name that both simulators run it by."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NAME = "subject"
"""What every mechanism is called here: its own name may be one that NEURON has built in."""

_HIDDEN = re.compile(
    r"\bCOMMENT\b.*?\bENDCOMMENT\b|\bVERBATIM\b.*?\bENDVERBATIM\b|[:?][^\n\r]*|^\s*TITLE\b[^\n\r]*", re.S | re.M
)
_KIND = re.compile(r"\b(SUFFIX|POINT_PROCESS|ARTIFICIAL_CELL)\s+(\w+)")


@dataclass(frozen=True)
class ModFile:
    """A file of a mechanism."""

    path: Path
    text: str
    """The text with its mechanism called `NAME`, one character a byte."""
    kind: str
    """`SUFFIX`, `POINT_PROCESS` or `ARTIFICIAL_CELL`; empty if the file describes no mechanism."""

    @property
    def digest(self) -> str:
        """What tells this text from others."""
        return hashlib.sha256(self.text.encode("latin-1")).hexdigest()[:16]


def distinct(folder: Path) -> Iterator[ModFile]:
    """The `.mod` files below a folder in order of their paths, without those that repeat an earlier one."""
    seen = set()
    for path in sorted(folder.rglob("*.mod")):
        file = read(path)
        if file.digest not in seen:
            seen.add(file.digest)
            yield file


def read(path: Path) -> ModFile:
    """One file."""
    text = path.read_bytes().decode("latin-1")
    declared = _KIND.search(without_comments(text))
    if declared is None or declared[2] == "nothing":
        return ModFile(path, text, "")
    start, end = declared.span(2)
    return ModFile(path, text[:start] + NAME + text[end:], declared[1])


def without_comments(text: str) -> str:
    """The text with spaces where comments, C code and the title are, every other character in its place."""
    return _HIDDEN.sub(lambda hidden: re.sub(r"[^\n]", " ", hidden[0]), text)
