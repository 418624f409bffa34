"""The README's quick start runs as printed: from the wheel, in an empty environment, without Rust."""

import os
import re
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 60.0
"""Seconds for the installation and the script together, as the README's readers will wait."""
SHARED_BY = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
"""How many workers test at the same time, on a machine that has a core for each; the readers have all of it."""


def quick_start() -> str:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## Quick start")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.DOTALL)[0]


def build_wheel(folder: Path) -> Path:
    maturin = [sys.executable, "-m", "maturin", "build", "--release", "--quiet", "--out", str(folder)]
    subprocess.run(maturin, cwd=ROOT, check=True)
    return next(folder.glob("loligo-*.whl"))


def without_rust(environment: dict[str, str]) -> dict[str, str]:
    """The environment with every folder that holds cargo or rustc taken from the path."""
    folders = environment["PATH"].split(os.pathsep)
    tools = ("cargo", "cargo.exe", "rustc", "rustc.exe")
    kept = [folder for folder in folders if not any((Path(folder) / tool).exists() for tool in tools)]
    hidden = ("PYTHONPATH", "VIRTUAL_ENV")
    rest = {name: value for name, value in environment.items() if name not in hidden}
    return rest | {"PATH": os.pathsep.join(kept), "MPLBACKEND": "agg"}


def test_quick_start_runs_as_printed(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path / "wheel")
    script = tmp_path / "quick_start.py"
    script.write_text(quick_start(), encoding="utf-8")
    environment = without_rust(dict(os.environ))

    start = time.perf_counter()
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    install = [python, "-m", "pip", "install", "--quiet", f"{wheel}[plot]"]
    subprocess.run(install, env=environment, cwd=tmp_path, check=True)
    subprocess.run([python, script], env=environment, cwd=tmp_path, check=True)
    assert time.perf_counter() - start < LIMIT * SHARED_BY
