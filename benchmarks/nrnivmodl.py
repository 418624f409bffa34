"""NEURON's own translator of `.mod` files."""

import subprocess
import sys
from pathlib import Path

TRANSLATOR = Path(sys.executable).parent / "nrnivmodl"


def translate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Has the translator compile the `.mod` files in a folder, or in what the last argument names within it."""
    return subprocess.run(
        [TRANSLATOR, *(arguments or ["."])], cwd=folder, capture_output=True, text=True, errors="replace", check=False
    )


def library(folder: Path) -> Path | None:
    """The library that the translator left in a folder, if it made one."""
    found = folder.glob("*/*nrnmech*")
    return next((path for path in found if path.suffix in (".so", ".dylib", ".dll")), None)
