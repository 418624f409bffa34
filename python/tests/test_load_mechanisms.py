"""Folders of `.mod` files."""

from __future__ import annotations

from pathlib import Path

import pytest

import loligo as lo

POOL = (
    "NEURON { SUFFIX pool RANGE g NONSPECIFIC_CURRENT i } PARAMETER { g = 1 } ASSIGNED { v i } BREAKPOINT { i = g*v }"
)


def test_a_folder_is_read_whole(tmp_path: Path) -> None:
    """Every file by the name that it gives its mechanism, with files that they include."""
    (tmp_path / "a.mod").write_text('INCLUDE "rest.inc"')
    (tmp_path / "rest.inc").write_text(POOL)
    (tmp_path / "b.mod").write_text(lo.mechanism("hh").source)
    (tmp_path / "notes.txt").write_text("not a mechanism")
    found = lo.load_mechanisms(tmp_path)
    assert list(found) == ["pool", "hh"]
    cell = lo.Compartment()
    for mechanism in found.values():
        cell.insert(mechanism)
    assert list(cell.mechanisms) == ["pool", "hh"]


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    """Each file with its place and reason, and names that are given twice."""
    (tmp_path / "a.mod").write_text(POOL)
    (tmp_path / "b.mod").write_text(POOL)
    (tmp_path / "c.mod").write_text("NEURON { SUFIX x }")
    with pytest.raises(lo.errors.MechanismError) as caught:
        lo.load_mechanisms(tmp_path)
    message = str(caught.value)
    assert message.startswith("2 of 3 files cannot be taken")
    assert "b.mod: `pool` is the name of the mechanism in a.mod too" in message
    assert "c.mod:1:10: unknown line of the NEURON block `SUFIX`; did you mean `SUFFIX`?" in message


def test_a_folder_without_mechanisms(tmp_path: Path) -> None:
    """It may be the wrong one."""
    with pytest.raises(lo.errors.MissingFileError, match=r"no \.mod file in the folder"):
        lo.load_mechanisms(tmp_path)
