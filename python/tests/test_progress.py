"""Bars of long runs: what the engine tells of a run, and where a bar is drawn."""

import io

import numpy as np
import pytest

import loligo as lo
from loligo import progress


class Terminal(io.StringIO):
    """A screen that somebody sees."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def long(soma: lo.Compartment) -> lo.Compartment:
    """A model whose runs take some hundred milliseconds."""
    soma.make_trainable("hh.gnabar")
    return soma


HOW = {"t_max": 80_000.0, "dt": 0.1, "record_every": 100.0, "v_init": -65.0}


def test_the_parts_that_are_done_grow_to_the_whole(long, monkeypatch: pytest.MonkeyPatch) -> None:
    parts: dict[str, list[float]] = {"run": [], "gradient": []}

    def note(run: progress.LongRun, part: float) -> None:
        parts[run._what].append(part)

    monkeypatch.setattr(progress.LongRun, "__call__", note)
    loss = lo.value_and_grad(lambda parameters: lo.simulate(long, parameters, **HOW).v.mean())
    loss(long.get_parameters())
    for own in parts.values():
        assert len(own) > 1 and min(own) >= 0 and max(own) <= 1, own
        assert (np.diff(own) >= 0).all()
        # it is told every 30 ms: the last time is not far from the end
        assert own[-1] > 0.5


@pytest.mark.parametrize(
    ("screen", "shown", "drawn"), [(Terminal, True, True), (Terminal, False, False), (io.StringIO, True, False)]
)
def test_a_bar_is_drawn_where_somebody_sees_it(long, monkeypatch, screen, shown, drawn) -> None:
    monkeypatch.setattr(progress, "SHORT", 0.0)
    monkeypatch.setattr("sys.stderr", seen := screen())
    lo.simulate(long, progress=shown, **HOW)
    assert ("run:" in seen.getvalue()) == drawn


def test_a_short_run_has_no_bar(long, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", seen := Terminal())
    lo.simulate(long, t_max=20.0)
    assert seen.getvalue() == ""


def test_a_bar_that_fails_ends_the_run(long, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(run: progress.LongRun, part: float) -> None:
        raise OSError("the screen is gone")

    monkeypatch.setattr(progress.LongRun, "__call__", fail)
    with pytest.raises(OSError, match="the screen is gone"):
        lo.simulate(long, **HOW)
