"""Saved fits are what they were but for their loss."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from saved_models import a_cell, assert_same, members_of, spiking_network, write

import loligo as lo
from loligo.errors import CheckpointError


def a_fit(**how: Any) -> lo.Fit:
    cell = a_cell()
    target = np.full((3, 41), -60.0)
    return lo.fit(cell, lambda run: ((run.v[:, :41] - target) ** 2).mean(), t_max=1.0, steps=4, progress=False, **how)


def test_a_fit_from_a_state_is_loaded_and_goes_on_from_a_checkpoint(soma: lo.Compartment, tmp_path: Path) -> None:
    soma.make_trainable("hh.gnabar", bounds=(0.01, 0.5))
    start = lo.simulate(soma, t_max=2.0, keep_state=True).state
    how = {"t_max": 2.0, "progress": False, "start": start, "stop_gradient_at": [0.5, 1.0], "seed": 3}

    def loss(run: Any) -> Any:
        return ((run.v + 60.0) ** 2).mean()

    fit = lo.fit(soma, loss, steps=4, **how)
    fit.save(tmp_path / "fit.loligo")
    other = lo.load(tmp_path / "fit.loligo")
    assert other.options["stop_gradient_at"] == [0.5, 1.0]
    assert (other.after().recordings == fit.after().recordings).all()
    assert (lo.simulate(soma, t_max=2.0).recordings != fit.before().recordings).any()
    file = tmp_path / "run.loligo"
    lo.fit(soma, loss, steps=2, checkpoint=file, checkpoint_every=1, **how)
    further = lo.fit(soma, loss, steps=4, checkpoint=file, **how)
    assert further.history.tobytes() == fit.history.tobytes()
    another = lo.simulate(soma, t_max=3.0, keep_state=True).state
    with pytest.raises(CheckpointError, match="start"):
        lo.fit(soma, loss, steps=4, checkpoint=file, **how | {"start": another})


def test_a_fit_is_loaded_without_its_loss(tmp_path: Path) -> None:
    cell = a_cell()
    cell.delete_trainables()
    cell.branch("all").make_trainable("squid.gkbar", bounds=(0.01, 1.0))
    v_init = np.linspace(-70, -60, 9)
    fit = lo.fit(
        cell,
        lambda run: ((run.v + 60.0) ** 2).mean(),
        t_max=1.0,
        steps=4,
        starts=3,
        keep={2: 1},
        progress=False,
        v_init=v_init,
        param_state=cell.branch(0).data_set("squid.gnabar", 0.2),
        stimuli=cell.branch(2).loc(0.5).data_stimulate(lo.step(start=0.2, duration=0.5, amplitude=0.1)),
        surrogate=("sigmoid", 2.0),
        threads=1,
    )
    fit.save(tmp_path / "fit.loligo")
    other = lo.load(tmp_path / "fit.loligo")
    assert isinstance(other, lo.Fit)
    assert repr(other) == repr(fit)
    assert other.history.tobytes() == fit.history.tobytes()
    assert other.losses.tobytes() == fit.losses.tobytes()
    assert other.loss == fit.loss
    assert other.dropped_after.tolist() == fit.dropped_after.tolist()
    assert sorted(fit.dropped_after.tolist()) == [0, 2, 2]
    for what in ("parameters", "candidates", "initial"):
        for ours, theirs in zip(getattr(fit, what), getattr(other, what), strict=True):
            assert {k: v.tobytes() for k, v in theirs.items()} == {k: v.tobytes() for k, v in ours.items()}
    assert (other.before().recordings == fit.before().recordings).all()
    assert (other.after().recordings == fit.after().recordings).all()
    assert len(other.plot().axes) == len(fit.plot().axes)
    other.apply()
    assert other.module.get_parameters()[0]["squid.gkbar"].tobytes() == fit.parameters[0]["squid.gkbar"].tobytes()
    assert_same(cell, lo.load(tmp_path / "fit.loligo").module)


def test_a_fit_of_a_network_with_spikes_of_its_own(tmp_path: Path) -> None:
    network = spiking_network()
    given = network.synapses("expsyn")[[0]]
    settings = network.exp2syn.data_set("tau_rise", np.array([0.3]))
    fit = lo.fit(
        network,
        lambda run: (run.v**2).mean(),
        t_max=5.0,
        steps=2,
        progress=False,
        spikes=given.data_spikes([0.5, 1.5]),
        stimuli=network.cell(0).data_stimulate(np.full(20, 0.1)),
        param_state=network.cell(1).data_set("hh.gnabar", 0.11, settings),
    )
    lo.save(fit, tmp_path / "fit.loligo")
    other = lo.load(tmp_path / "fit.loligo")
    assert (other.after().recordings == fit.after().recordings).all()
    assert (other.after().raster.times == fit.after().raster.times).all()


def test_a_fit_whose_model_trains_something_else_is_not_saved(tmp_path: Path) -> None:
    fit = a_fit()
    fit.module.delete_trainables()
    with pytest.raises(lo.errors.SavingError, match=r"of `squid.gkbar` \(3\), `radius` \(1\), .* no numbers are train"):
        fit.save(tmp_path / "fit.loligo")
    assert not list(tmp_path.iterdir())


def test_a_fit_that_does_not_fit_its_model_is_refused(tmp_path: Path) -> None:
    a_fit().save(tmp_path / "fit.loligo")
    members = members_of(tmp_path / "fit.loligo")
    for change, message in (
        (lambda c: c["fit"]["parameters"].pop(), r"`fit\.parameters` is a list, expected a list of 2"),
        (lambda c: c["fit"]["options"].update(dt="fast"), r"`fit\.options\.dt` is 'fast', expected a number"),
        (lambda c: c["fit"]["options"].update(code="1"), r"`fit\.options\.code` is '1', expected nothing"),
    ):
        content = json.loads(members["fit.json"])
        change(content)
        write(tmp_path / "wrong.loligo", {**members, "fit.json": json.dumps(content).encode()})
        with pytest.raises(lo.errors.FormatError, match=message):
            lo.load(tmp_path / "wrong.loligo")
