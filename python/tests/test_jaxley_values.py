"""Records of Jaxley are read as they were written, and what differs from them, or was never recorded, fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import jaxley_values
import numpy as np
import pytest
from jaxley_values import MOST, Jaxley, Mode, Records, Script, door_named_jaxley, modules_of, samples

import loligo.jaxley

LARGE = np.linspace(-70.0, 30.0, 3 * 802).reshape(3, 802)


@contextmanager
def session(folder: Path, mode: Mode, test: str = "test_one[a/b]") -> Iterator[Jaxley]:
    """One test in a session of its own, in which an empty module is Jaxley."""
    records = Records(folder)
    yield Jaxley(mode, records, "test_file", test, load=lambda: ModuleType("jaxley"))
    records.write()


def both(ours: Any, theirs: Any) -> Script:
    """A script that gives the one with the door, and the other with Jaxley."""
    return lambda jx: ours if jx is loligo.jaxley else theirs


def tree() -> dict[str, Any]:
    """All that scripts return."""
    return {
        "large": LARGE.copy(),
        "small": np.array([[np.nan, 1e-300, 1 / 3]]),
        "whole": np.array([1, 2**62 + 1]),
        "flags": np.array([True, False]),
        "none": np.zeros((0, 3)),
        "others": ["mV", None, (1, True), 0.1, np.float64(1 / 7), np.array(2.0), []],
    }


def test_records_are_read_as_they_were_written(tmp_path: Path) -> None:
    with session(tmp_path, "record") as jaxley:
        jaxley.agrees(both(tree(), tree()))
        jaxley.agrees(both(1.0, 1.0))
    for mode in ("recorded", "live"):
        with session(tmp_path, mode) as jaxley:
            assert jaxley.agrees(both(tree(), tree()))["large"].shape == (3, 802)
            assert jaxley.gives(both(2.0, 1.0)) == 1.0
    with np.load(tmp_path / "test_file.npz") as stored:
        assert set(stored) == {f"test_one[a/b]/{key}" for key in ("0", "0.0", "0.1", "0.2", "0.3", "0.4", "1")}
        assert stored["test_one[a/b]/0.0"].dtype == np.float64
        assert stored["test_one[a/b]/0.0"].size <= MOST


def changed(place: str) -> dict[str, Any]:
    other = tree()
    if place == "others":
        other["others"][3] += 1e-6
    elif place == "whole":
        other["whole"][1] += 1
    elif place == "shape":
        other["large"] = LARGE.reshape(802, 3)
    elif place == "keys":
        del other["flags"]
    elif place == "text":
        other["others"][0] = "ms"
    else:
        other[place][..., -1] += 1e-6
    return other


@pytest.mark.parametrize("place", ["large", "small", "others", "whole", "shape", "keys", "text"])
def test_what_differs_fails(place: str, tmp_path: Path) -> None:
    with session(tmp_path, "record") as jaxley:
        jaxley.agrees(both(tree(), tree()))
        with pytest.raises(AssertionError, match="the door, and Jaxley"):
            jaxley.agrees(both(changed(place), tree()), rtol=1e-9, atol=1e-8)
    with session(tmp_path, "recorded") as jaxley, pytest.raises(AssertionError, match="the door, and Jaxley"):
        jaxley.agrees(both(changed(place), tree()), rtol=1e-9, atol=1e-8)
    # Jaxley changed, and the door with it: the record is old
    with session(tmp_path, "live") as jaxley, pytest.raises(AssertionError, match=r"and its record \(.*test_file\.py"):
        jaxley.agrees(both(changed(place), changed(place)), rtol=1e-9, atol=1e-8)
    if place in ("large", "small", "others"):
        with session(tmp_path, "live") as jaxley:
            jaxley.agrees(both(changed(place), changed(place)), rtol=1e-4)


def test_what_was_never_recorded_fails_and_says_how_it_is(tmp_path: Path) -> None:
    with session(tmp_path, "record") as jaxley:
        jaxley.agrees(both(1.0, 1.0))
    for mode in ("recorded", "live"):
        with session(tmp_path, mode) as jaxley:
            jaxley.agrees(both(1.0, 1.0))
            with pytest.raises(AssertionError, match=r"call 1 of test_one\[a/b\].*--jaxley=record .*test_file.py"):
                jaxley.agrees(both(1.0, 1.0))
    with session(tmp_path, "recorded") as jaxley, pytest.raises(AssertionError, match="live_jaxley"):
        _ = jaxley.module


def test_a_test_that_is_recorded_again_leaves_nothing_behind(tmp_path: Path) -> None:
    def keys() -> set[str]:
        with np.load(tmp_path / "test_file.npz") as stored:
            return set(stored)

    for test, calls in (("test_one", 3), ("test_other", 1), ("test_one", 2)):
        with session(tmp_path, "record", test) as jaxley:
            for _ in range(calls):
                jaxley.agrees(both([LARGE], [LARGE]))
    assert keys() == {f"{call}{array}" for call in ("test_one/0", "test_one/1", "test_other/0") for array in ("", ".0")}
    records = Records(tmp_path)
    records.keep_only("test_file", {"test_other", "test_third"})
    records.write()
    assert keys() == {"test_other/0", "test_other/0.0"}
    assert [file.name for file in tmp_path.iterdir()] == ["test_file.npz"]
    before = (tmp_path / "test_file.npz").read_bytes()
    with session(tmp_path, "record", "test_other") as jaxley:
        jaxley.agrees(both([LARGE], [LARGE]))
    assert (tmp_path / "test_file.npz").read_bytes() == before


@pytest.mark.parametrize("shape", [(1000,), (1001,), (2, 1000), (3, 802), (7, 2000), (100_000,)])
def test_samples_are_of_all_rows_and_columns_and_of_the_end(shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape)).reshape(shape)
    chosen = samples(array)
    assert MOST / 3 < chosen.size <= MOST
    assert chosen[-1] == array.size - 1
    assert len(set(np.diff(chosen))) == 1
    assert set(chosen // shape[-1]) == set(range(array.size // shape[-1]))
    assert len(set(chosen % shape[-1])) > min(shape[-1], MOST) / 3


def test_what_cannot_be_recorded_is_refused(tmp_path: Path) -> None:
    with session(tmp_path, "record") as jaxley:
        with pytest.raises(TypeError, match="module is not recorded"):
            jaxley.gives(both(None, {"module": [loligo.jaxley]}))
        with pytest.raises(AssertionError, match="2406 numbers is not recorded whole: use `agrees`"):
            jaxley.gives(both(None, {"large": [LARGE]}))


def test_the_door_has_the_name_of_jaxley_for_a_while() -> None:
    before = modules_of("jaxley")
    with door_named_jaxley():
        import jaxley.solver_gate
        from jaxley.channels import Channel

        assert jaxley.solver_gate is loligo.jaxley.solver_gate
        assert Channel is loligo.jaxley.channels.Channel
    assert modules_of("jaxley") == before
    assert jaxley_values.mode != "recorded" or not before
