"""`python -m loligo.jaxley` runs scripts and modules that import `jaxley` as they stand."""

import subprocess
import sys
from pathlib import Path

import pytest

from loligo.errors import ArgumentError
from loligo.jaxley.__main__ import main

SCRIPT = """
import sys
import jaxley as jx
from jaxley.channels import HH
from beside import name

cell = jx.Cell()
cell.insert(HH())
cell.record(verbose=False)
print(name, __name__, sys.argv[1:], jx.integrate(cell, t_max=1.0).shape)
"""


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "loligo.jaxley", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_scripts_and_modules_find_the_door_and_what_lies_beside_them(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "script.py").write_text(SCRIPT)
    (package / "beside.py").write_text("name = 'beside'")
    expected = "beside __main__ ['--fast'] (1, 41)\n"
    by_path = run("package/script.py", "--fast", folder=tmp_path)
    assert by_path.stdout == expected, by_path.stderr
    as_module = run("-m", "script", "--fast", folder=package)
    assert as_module.stdout == expected, as_module.stderr


@pytest.mark.parametrize("arguments", [[], ["-m"]])
def test_nothing_to_run_is_explained(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["loligo.jaxley", *arguments])
    with pytest.raises(ArgumentError, match=r"usage: python -m loligo\.jaxley script\.py"):
        main()
