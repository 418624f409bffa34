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


def test_a_recording_is_fitted(tmp_path: Path) -> None:
    """The response to a step is left to 2 mV; a sweep that was not seen, at another rest, to 5 mV of its 40."""
    said = run("fit_recording.py", tmp_path)
    fitted, unseen = (float(number) for number in re.findall(r": (\S+) mV apart", said))
    assert fitted < 2
    assert unseen < 5
    assert (tmp_path / "fit_recording.png").stat().st_size > 10_000
