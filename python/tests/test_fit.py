"""Fits recover what made their target, keep within bounds, and show what they found."""

import io

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


@pytest.mark.parametrize(("optimizer", "steps"), [("adam", 200), ("polyak", 200), ("lbfgs", 30)])
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


def test_bars_are_drawn_where_somebody_sees_them(soma, target, monkeypatch: pytest.MonkeyPatch) -> None:
    soma.make_trainable("hh.gnabar", bounds=(0.01, 0.5))

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for screen, shown, expected in ((io.StringIO(), True, False), (Terminal(), True, True), (Terminal(), False, False)):
        monkeypatch.setattr("sys.stderr", screen)
        lo.fit(soma, lambda run: ((run.v - target) ** 2).mean(), t_max=10, steps=2, progress=shown)
        assert ("fit: 100%" in screen.getvalue()) == expected


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


def test_steps_of_polyak_are_as_long_as_the_loss_is_large(soma, target) -> None:
    """By hand, in numbers relative to their size: x − rate·loss·g/|g|^β."""
    soma.make_trainable("hh.gnabar")
    soma.make_trainable("hh.gkbar")

    def loss(run: lo.Run) -> object:
        return ((run.v - target) ** 2).mean()

    at_parameters = lo.value_and_grad(lambda parameters: loss(lo.simulate(soma, parameters, t_max=10)))
    size = np.array([0.12, 0.036])

    def by_hand(length_of: object) -> list[float]:
        x, losses = np.ones(2), []
        for _ in range(4):
            value, gradient = at_parameters([{"hh.gnabar": size[:1] * x[:1]}, {"hh.gkbar": size[1:] * x[1:]}])
            g = size * np.concatenate([entry for each in gradient for entry in each.values()])
            losses.append(value)
            x = x - 0.01 * value * g / length_of(g)
        return losses

    how = {"t_max": 10, "progress": False, "optimizer": "polyak", "learning_rate": 0.01, "steps": 4}
    for normalize, length_of in (
        (None, lambda g: np.linalg.norm(g) ** 2),
        (("whole", 0.8), lambda g: np.linalg.norm(g) ** 0.8),
        (("entry", 1.1), lambda g: np.abs(g) ** 1.1),
    ):
        expected = by_hand(length_of)
        assert expected[3] < expected[0]
        # rounding of products in another order
        assert lo.fit(soma, loss, normalize=normalize, **how).history[:, 0] == pytest.approx(expected, rel=1e-10)


def test_the_worst_starts_are_dropped_on_the_way(soma, target) -> None:
    """What is left goes the way that it went among all."""
    how = {"starts": 6, "steps": 12, "seed": 1}
    whole = fitted(soma, target, **how)
    fit = lo.fit(
        soma, lambda run: ((run.v - target) ** 2).mean(), t_max=10, progress=False, keep={4: 3, np.int64(8): 1}, **how
    )
    best = [np.argsort(whole.history[:steps].min(axis=0), kind="stable") for steps in (4, 8)]
    first = best[0][3:]
    second = [start for start in best[1] if start not in first][1:]
    expected = np.zeros(6, dtype=int)
    expected[first], expected[second] = 4, 8
    assert fit.dropped_after.tolist() == expected.tolist()
    for start, dropped in enumerate(expected):
        last = dropped or 12
        assert (fit.history[:last, start] == whole.history[:last, start]).all()
        assert np.isnan(fit.history[last:, start]).all()
    table = fit.table
    assert table["dropped_after"].isna().sum() == 1
    assert table["dropped_after"][first[0]] == 4
    assert (table["loss"] == fit.losses).all()
    assert (table["hh.gkbar"] == fit.candidates[1]["hh.gkbar"][:, 0]).all()
    for start, step in enumerate(table["best_step"]):
        assert fit.history[step - 1, start] == fit.losses[start]
    assert len(fit.plot().axes) == 2


def test_a_start_has_its_own_lane_of_what_has_lanes(soma) -> None:
    """With noise of its own for each start the loss of every start, at every step and by every optimiser, is that of a
    single run with the noise of that lane."""
    soma.make_trainable("hh.gnabar", bounds=(0.01, 0.5))
    noise = lo.noise(start=0, duration=5, mean=0.05, sigma=0.05, tau=2, seed=1)
    v_init = lo.batch(np.array([-65.0, -60.0, -70.0]))
    how = {"t_max": 5, "starts": 3, "progress": False, "v_init": v_init}

    def loss(run: lo.Run) -> np.ndarray:
        return ((run.v + 60) ** 2).mean()

    def single(gnabar: float, lane: int) -> float:
        own = lo.noise(start=0, duration=5, mean=0.05, sigma=0.05, tau=2, seed=1, lane=lane)
        run = lo.simulate(
            soma, [{"hh.gnabar": [gnabar]}], t_max=5, v_init=v_init.values[lane], stimuli=soma.data_stimulate(own)
        )
        return float(loss(run))

    stimuli = soma.data_stimulate(noise.batch(3))
    for further in ({"steps": 6, "keep": {2: 2, 4: 1}}, {"steps": 3, "optimizer": "lbfgs"}):
        fit = lo.fit(soma, loss, stimuli=stimuli, **how, **further)
        for lane, gnabar in enumerate(fit.candidates[0]["hh.gnabar"][:, 0]):
            assert single(gnabar, lane) == pytest.approx(fit.losses[lane], rel=1e-12)
    with pytest.raises(ValueError, match="different numbers of lanes: the parameters 3, v_init 3, a stimulus 2"):
        lo.fit(soma, loss, stimuli=soma.data_stimulate(noise.batch(2)), steps=2, **how)
