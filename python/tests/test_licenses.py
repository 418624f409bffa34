"""Wheels carry the licences of what is linked into them."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "third_party_licenses.py"


@pytest.fixture
def licenses() -> ModuleType:
    """The script that writes them."""
    if not shutil.which("cargo"):
        pytest.skip("there is no cargo")
    described = importlib.util.spec_from_file_location("third_party_licenses", SCRIPT)
    assert described is not None and described.loader is not None
    script = importlib.util.module_from_spec(described)
    described.loader.exec_module(script)
    return script


def test_the_licenses_of_all_linked_crates_are_told(licenses: ModuleType) -> None:
    """`THIRD_PARTY_LICENSES` is what the script makes of `Cargo.lock` as it is, and nothing in it is copyleft."""
    told = licenses.FILE.read_text(encoding="utf-8")
    assert licenses.text() == told, "run python .ci/third_party_licenses.py"
    names = [f"{package['name']} {package['version']}: " for package in licenses.linked()]
    assert names and all(told.count(f"\n{name}") == 1 for name in names)
    assert "GENERAL PUBLIC LICENSE" not in told


def test_what_only_builds_is_left_out(licenses: ModuleType) -> None:
    names = {package["name"] for package in licenses.linked()}
    assert "pyo3" in names
    assert not names & {"syn", "quote", "pyo3-macros", "pyo3-build-config", "loligo"}
