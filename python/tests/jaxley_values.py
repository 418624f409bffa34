"""What Jaxley gives for the scripts of the tests: recorded, so that a run of the tests needs no Jaxley, or live.

`pytest` compares the door with the records in `jaxley_recorded/`. `pytest --jaxley=live` compares it with Jaxley, and
the records, too, within the tolerances of the tests. `pytest --jaxley=record` writes them anew.

The records of a test file are one compressed `.npz`. What a script returned (dictionaries, lists, numbers, texts and
arrays) is JSON under the key `test/call`, where calls within a test count from 0; its arrays lie beside it, the third
under `test/call.2`, in double precision. Of arrays of more than 1,000 numbers a record has the shape, and samples:
the last number, and those before it by a fixed stride through the flattened array, see `samples`.
"""

import importlib
import json
import math
import pkgutil
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np

import loligo.jaxley
import loligo.jaxley.optimize.transforms

Mode = Literal["recorded", "live", "record"]

Script = Callable[[ModuleType], Any]
"""Takes Jaxley or its door, and returns dictionaries, lists, numbers, texts and arrays, in one another."""

mode: Mode = "recorded"
"""Which of them this session asks; the option `--jaxley`."""

MOST = 1000
"""Numbers of an array that are recorded."""

FOLDER = Path(__file__).parent / "jaxley_recorded"


def live_jaxley() -> ModuleType:
    """Jaxley with what scripts use of it. It computes in the precision of JAX, which is single unless it is told."""
    import jax

    jax.config.update("jax_enable_x64", True)
    for name in ("channels", "optimize.transforms", "pumps", "synapses"):
        importlib.import_module(f"jaxley.{name}")
    return sys.modules["jaxley"]


def jaxley_or_door() -> ModuleType:
    """What classes that are written for Jaxley are derived from: Jaxley's where it is live, and those of the door."""
    return loligo.jaxley if mode == "recorded" else live_jaxley()


def import_jaxley_mech() -> ModuleType:
    """jaxley-mech with all its modules, their classes derived from those of `jaxley_or_door`."""
    with nullcontext() if jaxley_or_door() is not loligo.jaxley else door_named_jaxley():
        try:
            package = importlib.import_module("jaxley_mech")
            for module in pkgutil.walk_packages(package.__path__, "jaxley_mech."):
                importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            # what `make test` says; with its dependencies it would bring Jaxley along
            message = f"{error}; pip install --no-deps jaxley-mech==0.4.0"
            raise ModuleNotFoundError(message, name=error.name) from error
    return package


@contextmanager
def door_named_jaxley() -> Iterator[None]:
    """Within it `import jaxley` is the door, as under `python -m loligo.jaxley`, and after it what it was before."""
    before = modules_of("jaxley")
    for name in before:
        del sys.modules[name]
    sys.modules.update({name.removeprefix("loligo."): module for name, module in modules_of("loligo.jaxley").items()})
    try:
        yield
    finally:
        for name in modules_of("jaxley"):
            del sys.modules[name]
        sys.modules.update(before)


def modules_of(package: str) -> dict[str, ModuleType]:
    """The package and its modules, as far as they are imported."""
    return {name: module for name, module in sys.modules.items() if f"{name}.".startswith(f"{package}.")}


@dataclass(frozen=True)
class Samples:
    """A large array as it is recorded."""

    shape: tuple[int, ...]
    numbers: np.ndarray


def samples(array: np.ndarray) -> np.ndarray:
    """At most 1,000 numbers of an array: the last, and those before it by a fixed stride through the flattened array.

    The stride is the least that has no factor in common with the length of a row, so that the samples of a long run
    are of all recordings, and of all times.
    """
    stride = max(1, math.ceil(array.size / MOST))
    while stride > 1 and math.gcd(stride, array.shape[-1]) > 1:
        stride += 1
    return array.reshape(-1)[(array.size - 1) % stride :: stride] if array.size else array.reshape(-1)


def plain(tree: Any) -> Any:
    """The same of dictionaries, lists, texts, numbers and NumPy's arrays: no tuples, no arrays of JAX or without axes.

    Raises:
        TypeError: There is something else in it.
    """
    if isinstance(tree, dict):
        return {str(key): plain(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [plain(value) for value in tree]
    if tree is None or isinstance(tree, str):
        return tree
    array = np.asarray(tree)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{type(tree).__name__} is not recorded: scripts return numbers, texts, arrays of numbers")
    return array if array.ndim else array.item()


def assert_agree(found: Any, expected: Any, rtol: float, atol: float, where: str) -> None:
    """The same texts and whole numbers, and numbers that differ by at most `atol + rtol · |expected|`.

    Args:
        found: A plain tree.
        expected: Another, or a record of one.
        where: What the message begins with.
    """
    if isinstance(expected, dict):
        assert isinstance(found, dict) and found.keys() == expected.keys(), f"{where}: {found!r}, not {expected!r}"
        for key, value in expected.items():
            assert_agree(found[key], value, rtol, atol, f"{where}[{key!r}]")
    elif isinstance(expected, list):
        assert isinstance(found, list) and len(found) == len(expected), f"{where}: {found!r}, not {expected!r}"
        for row, value in enumerate(expected):
            assert_agree(found[row], value, rtol, atol, f"{where}[{row}]")
    elif isinstance(expected, Samples | np.ndarray):
        assert isinstance(found, np.ndarray), f"{where}: {found!r} is no array"
        assert found.shape == expected.shape, f"{where}: the shape is {found.shape}, not {expected.shape}"
        if isinstance(expected, Samples):
            found, expected = samples(found), expected.numbers
        if "f" in found.dtype.kind + expected.dtype.kind:
            np.testing.assert_allclose(found, expected, rtol, atol, err_msg=where)
        else:
            np.testing.assert_array_equal(found, expected, err_msg=where)
    elif isinstance(found, float) or isinstance(expected, float):
        np.testing.assert_allclose(found, expected, rtol, atol, err_msg=where)
    else:
        assert found == expected, f"{where}: {found!r}, not {expected!r}"


class Records:
    """What Jaxley gave, by test file, test and call: read when it is asked for, written at the end of a session."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, dict[str, np.ndarray]] = {}
        self._changed: set[str] = set()

    def of(self, file: str, test: str, call: int) -> Any:
        """The tree that was recorded, large arrays as `Samples`.

        Raises:
            AssertionError: There is none; the message says how it is made.
        """
        entries = self._entries(file)
        key = f"{test}/{call}"
        assert key in entries, (
            f"what Jaxley gives in call {call} of {test} was never recorded; where Jaxley is installed "
            f"(make test-jaxley installs it in .venv-jaxley), record it: pytest --jaxley=record python/tests/{file}.py"
        )
        return _decoded(json.loads(entries[key].item()), key, entries)

    def note(self, file: str, test: str, call: int, tree: Any) -> None:
        """Keeps a plain tree for `write`."""
        key = f"{test}/{call}"
        arrays: list[np.ndarray] = []
        text = json.dumps(_encoded(tree, arrays))
        self._entries(file)[key] = np.array(text)
        for position, array in enumerate(arrays):
            self._entries(file)[f"{key}.{position}"] = array
        self._changed.add(file)

    def forget(self, file: str, test: str) -> None:
        """Removes what there is of a test."""
        self._keep(file, lambda other: other != test)

    def keep_only(self, file: str, tests: Collection[str]) -> None:
        """Removes what there is of other tests: they are gone, or have other names."""
        self._keep(file, lambda test: test in tests)

    def write(self) -> None:
        """Writes the files that changed, each at once or not at all."""
        for file in sorted(self._changed):
            entries = dict(sorted(self._entries(file).items()))
            path = self._folder / f"{file}.npz"
            path.parent.mkdir(exist_ok=True)
            fresh = path.with_suffix(".new")
            with fresh.open("wb") as stream:
                np.savez_compressed(stream, **entries)
            fresh.replace(path)
        self._changed.clear()

    def _entries(self, file: str) -> dict[str, np.ndarray]:
        if file not in self._files:
            path = self._folder / f"{file}.npz"
            self._files[file] = {}
            if path.exists():
                with np.load(path, allow_pickle=False) as stored:
                    self._files[file] = dict(stored)
        return self._files[file]

    def _keep(self, file: str, wanted: Callable[[str], bool]) -> None:
        entries = self._entries(file)
        gone = [key for key in entries if not wanted(key.rpartition("/")[0])]
        for key in gone:
            del entries[key]
        if gone:
            self._changed.add(file)


def _encoded(tree: Any, arrays: list[np.ndarray]) -> Any:
    """What JSON can say of a plain tree; arrays are put aside."""
    if isinstance(tree, dict):
        return {"items": {key: _encoded(value, arrays) for key, value in tree.items()}}
    if isinstance(tree, list):
        return [_encoded(value, arrays) for value in tree]
    if isinstance(tree, np.ndarray):
        numbers = samples(tree)
        arrays.append(numbers.astype(np.float64) if numbers.dtype.kind == "f" else numbers)
        return {"array": len(arrays) - 1, "shape": tree.shape}
    return tree


def _decoded(coded: Any, key: str, entries: dict[str, np.ndarray]) -> Any:
    if isinstance(coded, list):
        return [_decoded(value, key, entries) for value in coded]
    if not isinstance(coded, dict):
        return coded
    if "items" in coded:
        return {name: _decoded(value, key, entries) for name, value in coded["items"].items()}
    numbers, shape = entries[f"{key}.{coded['array']}"], tuple(coded["shape"])
    return numbers.reshape(shape) if numbers.size == math.prod(shape) else Samples(shape, numbers)


class Jaxley:
    """Jaxley within one test, as it was recorded or live; the fixture `jaxley`."""

    def __init__(
        self, mode: Mode, records: Records, file: str, test: str, load: Callable[[], ModuleType] = live_jaxley
    ) -> None:
        self._mode, self._records, self._file, self._test, self._load = mode, records, file, test, load
        self._calls = 0
        if mode == "record":
            records.forget(file, test)

    @cached_property
    def module(self) -> ModuleType:
        """Jaxley itself, for tests that are marked `live_jaxley`."""
        assert self._mode != "recorded", "a test that needs Jaxley itself is marked with live_jaxley"
        return self._load()

    def agrees(self, script: Script, *, rtol: float = 0.0, atol: float = 0.0) -> Any:
        """Asserts that the door gives what Jaxley gives, and returns what the door gave.

        Texts and whole numbers have to be the same, other numbers may differ by `atol + rtol · |Jaxley's|`. So may
        those of the record where Jaxley is live. Of arrays of more than 1,000 numbers those that were recorded are
        compared, and all of them where Jaxley is live.
        """
        theirs = self._of(script, rtol, atol)
        ours = script(loligo.jaxley)
        assert_agree(plain(ours), theirs, rtol, atol, "the door, and Jaxley: values")
        return ours

    def gives(self, script: Script, *, rtol: float = 0.0, atol: float = 0.0) -> Any:
        """What Jaxley gives, for other comparisons than those of `agrees`.

        The tolerances are those of the record where Jaxley is live. Arrays have at most 1,000 numbers, for all of
        them to be recorded.
        """
        theirs = self._of(script, rtol, atol)
        for array in _arrays(theirs):
            assert array.size <= MOST, f"an array of {array.size} numbers is not recorded whole: use `agrees`"
        return theirs

    def _of(self, script: Script, rtol: float, atol: float) -> Any:
        call = (self._file, self._test, self._calls)
        self._calls += 1
        if self._mode == "recorded":
            return self._records.of(*call)
        theirs = plain(script(self.module))
        if self._mode == "record":
            self._records.note(*call, theirs)
        else:
            anew = f"pytest --jaxley=record python/tests/{self._file}.py makes it anew"
            assert_agree(theirs, self._records.of(*call), rtol, atol, f"Jaxley, and its record ({anew}): values")
        return theirs


def _arrays(tree: Any) -> list[np.ndarray]:
    if isinstance(tree, dict | list):
        values = tree.values() if isinstance(tree, dict) else tree
        return [array for value in values for array in _arrays(value)]
    return [tree] if isinstance(tree, np.ndarray) else []


RECORDS = Records(FOLDER)
"""The records that are checked in."""
