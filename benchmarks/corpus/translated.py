"""What NEURON's own translator makes of a `.mod` file: a library, kept outside of the repository."""

import hashlib
import tempfile
from pathlib import Path

import neuron

from benchmarks import nrnivmodl

CACHE = Path(tempfile.gettempdir()) / f"loligo-corpus-neuron-{neuron.__version__}"


class RejectedError(Exception):
    """NEURON does not take the file; the message is the first error that it gives."""


def library(name: str, text: str) -> Path:
    """The library of the mechanism `name`.

    Raises:
        RejectedError: NEURON's translator or its compiler refuses the text.
    """
    digest = hashlib.sha256(text.encode("latin-1")).hexdigest()[:16]
    folder = CACHE / digest
    log = folder / "log"
    if not log.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.mod").write_bytes(text.encode("latin-1"))
        translation = nrnivmodl.translate(folder)
        log.write_text(translation.stdout + translation.stderr)
    compiled = nrnivmodl.library(folder)
    if compiled is None:
        raise RejectedError(first_error(log.read_text()))
    return compiled


def first_error(log: str) -> str:
    """The first line that says what is wrong."""
    lines = [line.strip() for line in log.splitlines()]
    telling = [line for line in lines if "error:" in line.lower()]
    return (telling or lines or ["no message"])[0]
