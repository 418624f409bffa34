"""Fits recover what made their target, keep within bounds, and show what they found."""

import numpy as np
import pytest

import loligo as lo


@pytest.fixture
def target(soma: lo.Compartment) -> np.ndarray:
    """The response of the soma with other conductances than its own."""
    other = soma.copy()
    other.set("hh.gnabar", 0.1)
    other.set("hh.gkbar", 0.03)
    return lo.simulate(other, t_max=10).v


def fitted(soma: lo.Compartment, target: np.ndarray, **how) -> lo.Fit:
    soma.make_trainable("hh.gnabar", bounds=(0.01, 0.5))
    soma.make_trainable("hh.gkbar", bounds=(0.01, 0.5))
    return lo.fit(soma, lambda run: ((run.v - target) ** 2).mean(), t_max=10, progress=False, **how)


@pytest.mark.parametrize(("optimizer", "steps"), [("adam", 200), ("lbfgs", 30)])
def test_the_conductances_of_a_target_are_recovered(soma, target, optimizer: str, steps: int) -> None:
    fit = fitted(soma, target, optimizer=optimizer, steps=steps)
    assert fit.loss < 1e-3 * fit.history[0, 0]
    assert fit.parameters[0]["hh.gnabar"] == pytest.approx(0.1, rel=0.02)
    assert fit.parameters[1]["hh.gkbar"] == pytest.approx(0.03, rel=0.02)
    # the loss that it reports is that of the numbers that it returns
    again = float(((fit.after().v - target) ** 2).mean())
    assert again == pytest.approx(fit.loss, rel=1e-12)
    fit.apply()
    assert soma.get("hh.gnabar") == fit.parameters[0]["hh.gnabar"]
    assert (lo.simulate(soma, t_max=10).v == fit.after().v).all()


def test_many_starts_are_lanes_and_the_best_wins(soma, target) -> None:
    fit = fitted(soma, target, starts=8, steps=60, seed=1)
    assert fit.history.shape == (60, 8)
    assert fit.losses.shape == (8,)
    assert fit.loss == fit.losses.min()
    assert fit.candidates[0]["hh.gnabar"].shape == (8, 1)
    for entry in fit.candidates:
        for numbers in entry.values():
            assert ((numbers > 0.01) & (numbers < 0.5)).all()
    same = lo.fit(
        soma, lambda run: ((run.v - target) ** 2).mean(), t_max=10, progress=False, starts=8, steps=60, seed=1
    )
    assert (same.history == fit.history).all()


def test_a_start_among_many_goes_the_way_that_it_goes_alone(soma, target) -> None:
    alone = fitted(soma, target, steps=10)
    among = lo.fit(soma, lambda run: ((run.v - target) ** 2).mean(), t_max=10, progress=False, starts=3, steps=10)
    assert (among.history[:, 0] == alone.history[:, 0]).all()


def test_numbers_without_bounds_or_with_one(soma, target) -> None:
    soma.make_trainable("hh.gnabar", bounds=(0.0, np.inf))
    soma.make_trainable("hh.gkbar")
    fit = lo.fit(soma, lambda run: ((run.v - target) ** 2).mean(), t_max=10, progress=False, steps=100)
    assert fit.loss < 0.1 * fit.history[0, 0]


def test_a_loss_may_ask_for_what_was_recorded(soma) -> None:
    soma.record("hh.h", name="inactivation")
    soma.make_trainable("hh.gnabar", bounds=(0.01, 0.5))
    fit = lo.fit(
        soma, lambda run: (run["inactivation"] ** 2).mean() + 0 * run.v.mean(), t_max=5, steps=5, progress=False
    )
    assert fit.history.shape == (5, 1)
    assert fit.loss < fit.history[0, 0]


def test_a_fit_is_drawn(fork) -> None:
    fork.branch("all").make_trainable("hh.gnabar", bounds=(0.01, 0.5))
    fit = lo.fit(fork, lambda run: (run.v**2).mean(), t_max=2, steps=3, progress=False)
    assert len(fit.plot().axes) == 4  # loss, traces, cell and its colour bar
    assert "fit: loss" in repr(fit)


def test_quantities_are_drawn_apart(fork) -> None:
    fork.branch(1).loc(0.5).record("hh.m")
    fork.branch(1).make_trainable("hh.gnabar", bounds=(0.01, 0.5))
    run = lo.simulate(fork, t_max=2)
    voltages, gates = run.plot()
    assert len(voltages.lines) == 2
    assert gates.get_ylabel() == "hh.m"
    fit = lo.fit(fork, lambda run: (run.v**2).mean(), t_max=2, steps=2, progress=False)
    _, voltages, gates = fit.plot().axes
    assert [text.get_text() for text in voltages.get_legend().get_texts()] == ["before", "after"]
    assert len(gates.lines) == 2
