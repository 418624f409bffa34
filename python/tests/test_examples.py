"""The examples in Python run as they are."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(example: str, folder: Path) -> str:
    command = [sys.executable, str(EXAMPLES / example)]
    environment = os.environ | {"MPLBACKEND": "agg", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, encoding="utf-8"
    ).stdout


def test_the_main_job(tmp_path: Path) -> None:
    said = run("fit_hh.py", tmp_path)
    before, after = (float(number) for number in re.search(r"loss (\S+) -> (\S+),", said).groups())
    assert after < 0.01 * before
    assert float(re.search(r"gnabar of the soma: (\S+)", said)[1]) == pytest.approx(0.1, rel=0.05)
    assert (tmp_path / "fit_hh.png").stat().st_size > 10_000
