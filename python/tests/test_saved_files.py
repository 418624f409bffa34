"""Files that are none, are damaged or malicious are refused, with what is wrong and where; nothing is executed."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from saved_models import Members, a_cell, assert_same, drawn_cell, graded_network, members_of, spiking_network, write

import loligo as lo


def with_json(change: Callable[[dict[str, Any]], object]) -> Callable[[Members], Members]:
    """Changes the JSON text of a file."""

    def changed(members: Members) -> Members:
        content = json.loads(members["model.json"])
        change(content)
        return {**members, "model.json": json.dumps(content).encode()}

    return changed


def with_array(values: np.ndarray, *, pickled: bool = False) -> Callable[[Members], Members]:
    """Puts another array in the place of the radii."""

    def changed(members: Members) -> Members:
        stream = io.BytesIO()
        np.save(stream, values, allow_pickle=pickled)
        radius = json.loads(members["model.json"])["model"]["values"]["radius"]["member"]
        return {**members, radius: stream.getvalue()}

    return changed


def without_array(members: Members) -> Members:
    radius = json.loads(members["model.json"])["model"]["values"]["radius"]["member"]
    return {name: data for name, data in members.items() if name != radius}


def bomb(content: dict[str, Any]) -> None:
    """A network of networks of networks."""
    shapes = content["model"]["shapes"]
    for _ in range(64):
        shapes.append({"kind": "network", "parts": [len(shapes) - 1] * 2})


class Exploit:
    """What pickle would call."""

    def __reduce__(self) -> tuple:
        return os.mkdir, ("exploited",)


WRONG: dict[str, tuple[Callable[[Members], Members], str]] = {
    "another version": (
        with_json(lambda c: c.update(version=2, loligo="9.1.0")),
        r"has version 2 of the format, written by Loligo 9\.1\.0, expected 1; a newer Loligo reads it",
    ),
    "an old version": (with_json(lambda c: c.update(version=0)), "has version 0 of the format, .*expected 1$"),
    "no version": (with_json(lambda c: c.pop("version")), "has version None of the format"),
    "true as a version": (with_json(lambda c: c.update(version=True)), "has version True of the format"),
    "another format": (with_json(lambda c: c.update(format="toml")), "is 'toml', expected 'loligo model'"),
    "a list": (lambda m: {**m, "model.json": b"[]"}, "`format` in model.json is None"),
    "no JSON": (lambda m: {**m, "model.json": b"{"}, "model.json is damaged: it is not JSON"),
    "NaN in JSON": (lambda m: {**m, "model.json": b'{"format": NaN}'}, "NaN is no number of JSON's"),
    "deep JSON": (lambda m: {**m, "model.json": b"[" * 10**6}, "model.json is damaged: it is not JSON"),
    "no text": (lambda m: {**m, "model.json": b"\xff\xfe"}, "model.json is damaged: it is not UTF-8"),
    "no main part": (lambda m: {n: d for n, d in m.items() if n != "model.json"}, "with one of model.json, fit.json"),
    "two main parts": (lambda m: {**m, "fit.json": b"{}"}, "is no file of Loligo's"),
    "a missing array": (without_array, "the member 'numbers/.*npy' is missing, expected model.values.radius in it"),
    "a missing key": (with_json(lambda c: c["model"].pop("clamps")), r"`model\.clamps` is missing"),
    "another type": (
        with_array(np.zeros(9, dtype=np.float32)),
        r"has shape \(9,\) and type float32, expected \(9,\) and float64; model.values.radius is in it",
    ),
    "another shape": (with_array(np.ones(8)), r"has shape \(8,\) and type float64, expected \(9,\)"),
    "objects": (with_array(np.array([Exploit()] * 9), pickled=True), "holds Python objects, expected numbers"),
    "a pickle": (
        lambda m: {**m, json.loads(m["model.json"])["model"]["values"]["radius"]["member"]: pickle.dumps(Exploit())},
        "is no array of NumPy's",
    ),
    "texts": (with_array(np.array(["a"] * 9)), "holds <U1, expected numbers"),
    "numbers for other compartments": (
        with_json(lambda c: c["model"].update(compartments=4)),
        r"`model.values.radius.shape` is a list, expected \[4\]",
    ),
    "a great shape": (
        with_json(lambda c: c["model"]["values"]["radius"].update(shape=[10**15])),
        r"`model.values.radius.shape` is a list, expected \[9\]",
    ),
    "a text for a number": (
        with_json(lambda c: c["model"]["clamps"][0].update(start="soon")),
        r"`model\.clamps\[0\]\.start` is 'soon', expected a number",
    ),
    "a compartment that there is not": (
        with_json(lambda c: c["model"]["clamps"][0].update(compartment=9)),
        r"`model\.clamps\[0\]\.compartment` is 9, expected a whole number, 0 or more, below 9",
    ),
    "another kind": (
        with_json(lambda c: c["model"].update(kind="os.system")),
        r"`model\.kind` is 'os.system', expected one of Compartment, Branch",
    ),
    "another shape of cell": (
        with_json(lambda c: c["model"]["shapes"][0].update(ncomp=10**12)),
        r"`model\.shapes\[0\]\.ncomp` is 1000000000000, expected a whole number, 1 or more, below 10",
    ),
    "a bomb of shapes": (with_json(bomb), "expected a shape of at most 9 compartments, which the model has"),
    "a shape within itself": (
        with_json(lambda c: c["model"]["shapes"][1].update(parts=[1])),
        r"`model\.shapes\[1\]\.parts\[0\]` is 1, expected a whole number, 0 or more, below 1",
    ),
    "a mechanism that is none": (
        lambda m: {**m, "mechanisms/0.mod": b"NEURON {"},
        "nothing can be made of `model`: hh.mod:1",
    ),
    "a mechanism that includes": (
        lambda m: {**m, "mechanisms/0.mod": b'INCLUDE "/etc/passwd"'},
        "INCLUDE needs the folder of the file",
    ),
    "another mechanism": (
        with_json(lambda c: c["model"]["insertions"][0].update(mechanism="hhh")),
        r"`model\.insertions\[0\]\.mechanism` is 'hhh', expected one of squid, pas",
    ),
    "a quantity that is none": (
        with_json(lambda c: c["model"]["trainables"][0].update(quantity="squid.gna")),
        r"nothing can be made of `model`: .*squid\.gna",
    ),
}


@pytest.fixture(scope="module")
def cell_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "cell.loligo"
    a_cell().save(path)
    return path


@pytest.mark.parametrize("what", WRONG)
def test_wrong_files_say_what_is_wrong_and_where(what: str, cell_file: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    change, message = WRONG[what]
    write(tmp_path / "wrong.loligo", change(members_of(cell_file)))
    with pytest.raises(lo.errors.FormatError, match=message) as caught:
        lo.load(tmp_path / "wrong.loligo")
    assert "wrong.loligo" in str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert not Path("exploited").exists()


def test_files_that_are_no_archives(cell_file: Path, tmp_path: Path) -> None:
    whole = cell_file.read_bytes()
    path = tmp_path / "wrong.loligo"
    for data in (b"", b"hello", pickle.dumps(a_cell()), whole[: len(whole) // 2], whole[:-1], whole[100:]):
        path.write_bytes(data)
        with pytest.raises(lo.errors.FormatError, match=r"wrong\.loligo"):
            lo.load(path)


def test_a_name_that_is_there_twice_is_refused(cell_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "twice.loligo"
    path.write_bytes(cell_file.read_bytes())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("model.json", "{}")
    with pytest.raises(lo.errors.FormatError, match=r"the member 'model\.json' is there twice"):
        lo.load(path)


def test_other_ways_of_packing_are_refused(cell_file: Path, tmp_path: Path) -> None:
    write(tmp_path / "packed.loligo", members_of(cell_file), zipfile.ZIP_BZIP2)
    with pytest.raises(lo.errors.FormatError, match="packed in another way than by DEFLATE"):
        lo.load(tmp_path / "packed.loligo")
    write(tmp_path / "stored.loligo", members_of(cell_file), zipfile.ZIP_STORED)
    assert_same(a_cell(), lo.load(tmp_path / "stored.loligo"))


def test_no_more_is_unpacked_than_is_allowed(cell_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "bomb.loligo"
    write(path, {**members_of(cell_file), "numbers/zeros.npy": bytes(50 << 20)})
    assert path.stat().st_size < 1 << 20
    with pytest.raises(lo.errors.FormatError, match=r"would unpack to \d+ bytes .* lo.load\(path, limit=...\)"):
        lo.load(path, limit=10 << 20)
    assert lo.load(path).shape == (3, 9)


def test_damage_is_noticed(cell_file: Path, tmp_path: Path) -> None:
    """Any byte that is another, or a piece that is missing, gives the same model or an error of Loligo's."""
    whole, path = cell_file.read_bytes(), tmp_path / "damaged.loligo"
    random = np.random.default_rng(0)
    refused = 0
    for _ in range(150):
        data = bytearray(whole)
        if random.random() < 0.7:
            data[random.integers(len(data))] ^= 1 << random.integers(8)
        else:
            first = random.integers(len(data))
            del data[first : first + random.integers(1, 40)]
        path.write_bytes(data)
        try:
            lo.load(path)
        except lo.LoligoError:
            refused += 1
    assert refused > 100


ANYTHING = (None, True, -1, 0, 1, 2**31, 2**70, 0.5, "nan", "v", "", [], {}, [0], {"member": "numbers/0.npy"})


@pytest.mark.parametrize("seed", range(3))
def test_changed_descriptions_are_refused_or_built(seed: int, tmp_path: Path) -> None:
    """JSON with anything in the place of anything gives a model or an error of Loligo's."""
    (graded_network, spiking_network, drawn_cell)[seed]().save(tmp_path / "network.loligo")
    members = members_of(tmp_path / "network.loligo")
    random = np.random.default_rng(seed)
    refused = 0
    for _ in range(150):
        content = json.loads(members["model.json"])
        at: Any = content["model"]
        while isinstance(at, dict | list) and at:
            key = random.choice(list(at)) if isinstance(at, dict) else int(random.integers(len(at)))
            if not isinstance(at[key], dict | list) or not at[key] or random.random() < 0.1:
                at[key] = ANYTHING[random.integers(len(ANYTHING))]
                break
            at = at[key]
        write(tmp_path / "changed.loligo", {**members, "model.json": json.dumps(content).encode()})
        try:
            lo.load(tmp_path / "changed.loligo")
        except lo.LoligoError:
            refused += 1
    assert refused > 75
