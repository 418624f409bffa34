"""Rows of a sweep are what single runs give, and what cannot be swept is said."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import loligo as lo


def peak(run: lo.Run) -> float:
    return run.v.max()


def test_every_row_is_the_run_of_its_numbers(soma: lo.Compartment) -> None:
    """To the last bit, also where the lanes come in several batches."""
    table = lo.sweep(soma, {"hh.gnabar": [0.1, 0.12], "radius": [8, 10, 12]}, peak, t_max=5, lanes=4, dt=0.05)
    assert table.columns.tolist() == ["hh.gnabar", "radius", "measure"]
    assert table["radius"].tolist() == [8, 10, 12, 8, 10, 12]
    for _, row in table.iterrows():
        other = soma.copy()
        other.set("hh.gnabar", row["hh.gnabar"])
        other.set("radius", row["radius"])
        assert lo.simulate(other, t_max=5, dt=0.05).v.max() == row["measure"]
    assert soma.get("radius") == [10]


def test_rows_of_a_table_are_run_in_its_order(fork: lo.Cell) -> None:
    """Numbers are set in what is in view; the index stays."""
    rows = pd.DataFrame({"hh.gnabar": [0.2, 0.1], "hh.gl": [3e-4, 6e-4]}, index=["a", "b"])

    def both(run: lo.Run) -> dict[str, float]:
        return {"mean": run.v.mean(), "spikes": sum(times.size for times in run.spikes())}

    table = lo.sweep(fork.branch(1), rows, both, t_max=5)
    assert table.index.tolist() == ["a", "b"]
    for name in rows.index:
        other = fork.copy()
        for quantity in rows.columns:
            other.branch(1).set(quantity, rows[quantity][name])
        assert lo.simulate(other, t_max=5).v.mean() == table["mean"][name]
    same = lo.sweep(fork.branch(1), rows.to_dict("records"), both, t_max=5)
    assert (same.to_numpy() == table.to_numpy()).all()


def test_runs_that_diverge_are_not_measured() -> None:
    cell = lo.Compartment(length=20, radius=10)
    cell.insert(lo.mechanism("pas"))
    cell.set("v", -60.0)
    cell.record()
    # the voltage grows by C/(C + g dt) = 4 in a step, of which 512 are too many
    table = lo.sweep(cell, {"pas.g": [1e-3, -0.03]}, peak, t_max=20)
    assert np.isfinite(table["measure"][0]) and np.isnan(table["measure"][1])
    assert table["diverged"].isna().tolist() == [True, False]
    assert " ms: v in cell 0" in table["diverged"][1]
    assert "diverged" not in lo.sweep(cell, {"pas.g": [1e-3]}, peak, t_max=1)


WRONG: dict[str, tuple[Callable[[lo.Cell], object], type[Exception], str]] = {
    "name": (
        lambda c: lo.sweep(c, {"hh.gnabr": [0.1]}, peak, t_max=1),
        KeyError,
        "there is no quantity `hh.gnabr`; did you mean `hh.gnabar`?",
    ),
    "column": (
        lambda c: lo.sweep(c, [{"hh.gkba": 0.1}], peak, t_max=1),
        KeyError,
        "there is no quantity `hh.gkba`; did you mean `hh.gkbar`?",
    ),
    "a number": (lambda c: lo.sweep(c, {"hh.gl": 1}, peak, t_max=1), ValueError, "have shape (), expected a list"),
    "text": (lambda c: lo.sweep(c, {"hh.gl": ["a"]}, peak, t_max=1), TypeError, "the numbers of `hh.gl` is ['a'], exp"),
    "nothing": (lambda c: lo.sweep(c, {}, peak, t_max=1), ValueError, "there is nothing to sweep"),
    "empty": (lambda c: lo.sweep(c, {"hh.gl": []}, peak, t_max=1), ValueError, "there is nothing to sweep"),
    "a word": (lambda c: lo.sweep(c, "hh.gl", peak, t_max=1), TypeError, "sweep was given 'hh.gl', expected lists of"),
    "no model": (lambda c: lo.sweep("cell", {}, peak, t_max=1), TypeError, "expected a module or a view of one"),
    "lanes": (lambda c: lo.sweep(c, {"hh.gl": [1]}, peak, t_max=1, lanes=0), ValueError, "lanes is 0, expected a whol"),
    "measure": (
        lambda c: lo.sweep(c, {"hh.gl": [1e-4]}, lambda run: run.v, t_max=1),
        TypeError,
        "as `measure`, expected one number, or a dictionary of numbers by name",
    ),
    "clash": (
        lambda c: lo.sweep(c, {"v": [-65]}, lambda run: {"v": 1.0}, t_max=1),
        ValueError,
        "the measure gives a column `v`, which is the name of a quantity of the sweep",
    ),
    "settings": (
        lambda c: lo.sweep(c, {"v": [-65]}, peak, t_max=1, param_state=[]),
        TypeError,
        "sweep has no argument `param_state`",
    ),
    "a value": (
        lambda c: lo.sweep(c, {"hh.gl": [1e-4, np.nan]}, peak, t_max=1),
        ValueError,
        "the value of `hh.gl` is NaN at position [1], expected finite numbers",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_call(name: str, fork: lo.Cell) -> None:
    call, kind, message = WRONG[name]
    with pytest.raises(kind, match=re.escape(message)) as caught:
        call(fork)
    assert isinstance(caught.value, lo.LoligoError)
