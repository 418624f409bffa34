"""What NEURON's own translator makes of a `.mod` file: a library, kept outside of the repository."""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import neuron

CACHE = Path(tempfile.gettempdir()) / f"loligo-corpus-neuron-{neuron.__version__}"
TRANSLATOR = Path(sys.executable).parent / "nrnivmodl"


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
        translation = subprocess.run(
            [TRANSLATOR, "."], cwd=folder, capture_output=True, text=True, errors="replace", env=dict(os.environ)
        )
        log.write_text(translation.stdout + translation.stderr)
    libraries = [path for path in folder.glob("*/libnrnmech.*") if path.suffix in (".so", ".dylib")]
    if not libraries:
        raise RejectedError(first_error(log.read_text()))
    return libraries[0]


def first_error(log: str) -> str:
    """The first line that says what is wrong."""
    lines = [line.strip() for line in log.splitlines()]
    telling = [line for line in lines if "error:" in line.lower()]
    return (telling or lines or ["no message"])[0]
