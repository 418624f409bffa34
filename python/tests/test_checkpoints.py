"""A fit that was killed goes on from its checkpoint to the same bits; checkpoints of other fits are refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import loligo as lo


def the_soma() -> lo.Compartment:
    soma = lo.Compartment(length=20, radius=10)
    soma.insert(lo.mechanism("hh"))
    soma.celsius = 6.3
    soma.stimulate(lo.step(start=1, duration=8, amplitude=0.2))
    soma.record()
    soma.make_trainable("hh.gnabar", bounds=(0.01, 0.5))
    soma.make_trainable("hh.gkbar", bounds=(0.01, 0.5))
    return soma


def the_loss(run: lo.Run) -> Any:
    return ((run.v + 60.0) ** 2).mean()


def fitted(path: Path | None = None, soma: lo.Compartment | None = None, **how: Any) -> lo.Fit:
    how = {"t_max": 6.0, "steps": 30, "starts": 3, "seed": 4, "loss": the_loss} | how
    return lo.fit(soma or the_soma(), progress=False, checkpoint=path, checkpoint_every=7, **how)


def assert_same(fit: lo.Fit, other: lo.Fit) -> None:
    assert other.history.tobytes() == fit.history.tobytes()
    assert other.losses.tobytes() == fit.losses.tobytes()
    for ours, theirs in zip(fit.candidates, other.candidates, strict=True):
        assert {k: v.tobytes() for k, v in theirs.items()} == {k: v.tobytes() for k, v in ours.items()}


class Killed(Exception):
    """What ends a fit from within its loss."""


def dying(after: int, loss: Callable[[lo.Run], Any] = the_loss) -> Callable[[lo.Run], Any]:
    """A loss that raises when it is called once more often than this."""
    calls = 0

    def counted(run: lo.Run) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise Killed
        return loss(run)

    return counted


def content_of(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("checkpoint.json"))


def test_a_fit_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    """Interrupted three times, at steps that are between checkpoints, too."""
    expected = fitted()
    path = tmp_path / "run.loligo"
    done = []
    for after in (3 * 5, 3 * 12, 3 * 13):
        with pytest.raises(Killed):
            fitted(path, loss=dying(after))
        done.append(content_of(path)["done"] if path.exists() else 0)
    # a call to compare the loss comes before those of further steps
    assert done == [0, 7, 14]
    assert_same(expected, fitted(path))
    assert content_of(path)["done"] == 30
    # once it is through, nothing is left but to compare the loss
    assert_same(expected, fitted(path, loss=dying(3)))
    assert [each.name for each in tmp_path.iterdir()] == ["run.loligo"]


def test_a_fit_without_a_checkpoint_is_the_same(tmp_path: Path) -> None:
    assert_same(fitted(), fitted(tmp_path / "run.loligo"))


def test_a_fit_that_is_through_may_go_further(tmp_path: Path) -> None:
    fitted(tmp_path / "run.loligo", steps=12)
    assert_same(fitted(), fitted(tmp_path / "run.loligo"))
    with pytest.raises(lo.errors.CheckpointError, match="`steps` is 29, there 30 are done"):
        fitted(tmp_path / "run.loligo", steps=29)


def test_starts_that_go_too_far_and_come_back(tmp_path: Path) -> None:
    """Steps so large that Adam resets itself: halved rates and forgotten moments are part of what is kept."""
    how = {"learning_rate": 2.0, "steps": 25}
    expected = fitted(**how)
    path = tmp_path / "run.loligo"
    with pytest.raises(Killed):
        fitted(path, loss=dying(3 * 16), **how)
    rates = content_of(path)["state"]["learning_rates"]["member"]
    with zipfile.ZipFile(path) as archive, archive.open(rates) as member:
        assert (np.load(member, allow_pickle=False) < 2.0).any()
    assert_same(expected, fitted(path, **how))


@pytest.mark.parametrize("optimizer", ["adam", "polyak"])
def test_starts_are_dropped_as_if_nothing_had_happened(tmp_path: Path, optimizer: str) -> None:
    """Interrupted between the first drop, after 5 steps, and the second."""
    how = {"optimizer": optimizer, "normalize": ("entry", 0.8), "keep": {5: 2, 20: 1}, "learning_rate": 0.02}
    expected = fitted(**how)
    assert sorted(expected.dropped_after.tolist()) == [0, 5, 20]
    path = tmp_path / "run.loligo"
    with pytest.raises(Killed):
        fitted(path, loss=dying(3 * 5 + 2 * 11), **how)
    assert content_of(path)["done"] == 14
    assert_same(expected, fitted(path, **how))
    assert (fitted(path, **how).dropped_after == expected.dropped_after).all()
    with pytest.raises(lo.errors.CheckpointError, match="`keep` is '5: 1', there it is '5: 2, 20: 1'"):
        fitted(path, **how | {"keep": {5: 1}})
    with pytest.raises(lo.errors.CheckpointError, match=r"`normalize` is 'whole, 0\.8', there it is 'entry, 0\.8'"):
        fitted(path, **how | {"normalize": ("whole", 0.8)})


def test_numbers_without_bounds_and_options_of_runs(tmp_path: Path) -> None:
    def once(path: Path | None, loss: Callable[[lo.Run], Any] = the_loss) -> lo.Fit:
        soma = the_soma()
        soma.make_trainable("radius")
        setting = soma.data_set("hh.gl", 4e-4)
        more = soma.data_stimulate(np.full(40, 0.05))
        how = {"param_state": setting, "stimuli": more, "v_init": -62.0, "scheme": "crank_nicolson", "threads": 2}
        return fitted(path, soma, starts=1, steps=10, loss=loss, **how)

    expected = once(None)
    with pytest.raises(Killed):
        once(tmp_path / "run.loligo", dying(8))
    assert_same(expected, once(tmp_path / "run.loligo"))


def test_lbfgs_goes_on_between_starts(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    how = {"optimizer": "lbfgs", "steps": 4, "starts": 3}
    expected = fitted(**how)
    calls = 0

    def counted(run: lo.Run) -> Any:
        nonlocal calls
        calls += 1
        return the_loss(run)

    assert_same(expected, fitted(loss=counted, **how))
    path = tmp_path / "run.loligo"
    with pytest.raises(Killed):
        fitted(path, loss=dying(calls - 1), **how)
    assert content_of(path)["done"] == 2
    before = calls
    assert_same(expected, fitted(path, loss=counted, **how))
    assert calls - before < before / 1.5
    with pytest.raises(lo.errors.CheckpointError, match="`steps` is 5, there it is 4"):
        fitted(path, **how | {"steps": 5})


SCRIPT = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
import numpy as np
import test_checkpoints as tests

path, calls_left, result = sys.argv[2], int(sys.argv[3]), sys.argv[4]

def loss(run):
    global calls_left
    calls_left -= 1
    if calls_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return tests.the_loss(run)

fit = tests.fitted(tests.Path(path), loss=loss, steps=40)
found = {str(at): array for at, (array,) in enumerate(map(dict.values, fit.candidates))}
np.savez(result, history=fit.history, **found)
"""


def started(tmp_path: Path, calls: int) -> subprocess.Popen:
    """A process that fits, and kills itself within the loss when it was called so often."""
    script = tmp_path / "fit.py"
    script.write_text(textwrap.dedent(SCRIPT))
    folder = str(Path(__file__).parent)
    files = (str(tmp_path / "run.loligo"), str(calls), str(tmp_path / "out.npz"))
    return subprocess.Popen([sys.executable, str(script), folder, *files])


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_a_process_that_was_killed(tmp_path: Path) -> None:
    """Killed by the system in the midst of steps, again and again, and once from outside at any time."""
    expected = fitted(steps=40)
    for calls in (3 * 10 + 2, 3 * 12):
        assert started(tmp_path, calls).wait(timeout=120) == -signal.SIGKILL
        assert not (tmp_path / "out.npz").exists()
    path = tmp_path / "run.loligo"
    before = content_of(path)["done"]
    assert before == 14
    process = started(tmp_path, 10**9)
    until = time.monotonic() + 60
    while content_of(path)["done"] == before and process.poll() is None and time.monotonic() < until:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)
    assert content_of(path)["done"] > before
    assert started(tmp_path, 10**9).wait(timeout=120) == 0
    with np.load(tmp_path / "out.npz", allow_pickle=False) as found:
        assert found["history"].tobytes() == expected.history.tobytes()
        for at, entry in enumerate(expected.candidates):
            for array in entry.values():
                assert found[f"{at}"].tobytes() == array.tobytes()


def changed(change: Callable[[lo.Compartment], object]) -> lo.Compartment:
    soma = the_soma()
    change(soma)
    return soma


OTHERS: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "starts": (lambda: {"starts": 4}, "`starts` is 4, there it is 3"),
    "seed": (lambda: {"seed": 5}, "`seed` is 5, there it is 4"),
    "learning rate": (lambda: {"learning_rate": 0.1}, r"`learning_rate` is 0\.1, there it is 0\.05"),
    "duration": (lambda: {"t_max": 5.0}, r"`t_max` is 5\.0, there it is 6\.0"),
    "step": (lambda: {"dt": 0.05}, r"`dt` is 0\.05, there it is 0\.025"),
    "scheme": (lambda: {"scheme": "crank_nicolson"}, "`scheme` is 'crank_nicolson', there it is 'backward_euler'"),
    "initial voltage": (lambda: {"v_init": -60.0}, r"`v_init` is -60\.0, there it is None"),
    "optimiser": (lambda: {"optimizer": "lbfgs"}, "`optimizer` is 'lbfgs', there it is 'adam'"),
    "number": (
        lambda: {"soma": changed(lambda s: s.set("hh.gl", 4e-4))},
        r"the value `hh\.gl` of the model differs; delete it to begin anew, or name another file",
    ),
    "mechanism": (
        lambda: {"soma": changed(lambda s: s.insert(lo.mechanism("pas")))},
        "the mechanism `pas` of the model is only here",
    ),
    "stimulus": (lambda: {"soma": changed(lambda s: s.stimulate([0.1]))}, "`stimuli` of the model differs"),
    "trainables": (
        lambda: {"soma": changed(lambda s: s.make_trainable("hh.gl", bounds=(0.0, 1.0)))},
        "`trainables` of the model differs",
    ),
    "temperature": (lambda: {"soma": changed(lambda s: s.set("celsius", 10.0))}, "`celsius` of the model differs"),
    "loss": (
        lambda: {"loss": lambda run: (run.v**2).mean()},
        "the loss at the starting point is .*, there it was .*, so the loss is another, or Loligo, or the machine",
    ),
}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checkpoints") / "run.loligo"
    fitted(path, steps=7)
    return path


@pytest.mark.parametrize("what", OTHERS)
def test_the_checkpoint_of_another_fit_is_refused(what: str, checkpoint: Path) -> None:
    before = checkpoint.read_bytes()
    how, message = OTHERS[what]
    with pytest.raises(lo.errors.CheckpointError, match=message) as caught:
        fitted(checkpoint, **how())
    assert "run.loligo is the checkpoint of another fit" in str(caught.value)
    assert checkpoint.read_bytes() == before


def test_what_changes_no_bit_may_change(checkpoint: Path) -> None:
    assert_same(fitted(steps=7), fitted(checkpoint, steps=7, threads=1, budget=64 << 20))


def test_a_checkpoint_is_no_model(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(lo.errors.FormatError, match=r"is the checkpoint of a fit, .*: call lo\.fit as before"):
        lo.load(checkpoint)
    the_soma().save(tmp_path / "run.loligo")
    with pytest.raises(lo.errors.CheckpointError, match="holds a model, expected the checkpoint of a fit"):
        fitted(tmp_path / "run.loligo")


def test_damaged_checkpoints_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.loligo"
    path.write_bytes(checkpoint.read_bytes()[:-30])
    with pytest.raises(lo.errors.FormatError, match="is no file of Loligo's, or the end of it is missing"):
        fitted(path)
    with zipfile.ZipFile(checkpoint) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    content = json.loads(members["checkpoint.json"])
    for change, message in (
        (lambda c: c.update(version=7), "has version 7 of the format"),
        (lambda c: c["state"].pop("points"), r"`state\.points` is missing"),
        (lambda c: c["state"]["points"].update(shape=[2, 2]), r"`state\.points\.shape` is a list, expected \[3, 2\]"),
        (lambda c: c.update(done=-1), "`done` is -1, expected a whole number"),
    ):
        wrong = json.loads(json.dumps(content))
        change(wrong)
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in {**members, "checkpoint.json": json.dumps(wrong).encode()}.items():
                archive.writestr(name, data)
        with pytest.raises(lo.errors.FormatError, match=message):
            fitted(path)


def test_arguments_of_checkpoints(tmp_path: Path) -> None:
    with pytest.raises(lo.errors.ArgumentError, match=r"'run.npz', expected one that ends in \.loligo"):
        fitted(tmp_path / "run.npz")
    with pytest.raises(lo.errors.ArgumentError, match="checkpoint_every is 0, expected a whole number of steps"):
        lo.fit(the_soma(), the_loss, t_max=1, checkpoint=tmp_path / "run.loligo", checkpoint_every=0)
    with pytest.raises(lo.errors.UnwritableFileError, match="there is no folder"):
        fitted(tmp_path / "no" / "run.loligo")
    with pytest.raises(lo.errors.ArgumentError, match="seed is None, expected a whole number"):
        fitted(tmp_path / "run.loligo", seed=None)
    assert not os.listdir(tmp_path)
