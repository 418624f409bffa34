"""A batch is a loop, bit for bit; what has a batch axis is said."""

import numpy as np
import pytest

import loligo as lo

LANES = 5


@pytest.fixture
def cell(fork: lo.Cell) -> lo.Cell:
    fork.branch("all").make_trainable("hh.gnabar")
    fork.make_trainable("radius")
    return fork


def lanes_of(cell: lo.Cell) -> list[dict[str, np.ndarray]]:
    random = np.random.default_rng(1)
    return [
        {key: value * random.uniform(0.8, 1.2, (LANES, value.size)) for key, value in entry.items()}
        for entry in cell.get_parameters()
    ]


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("scheme", ["backward_euler", "crank_nicolson"])
def test_parameters(cell: lo.Cell, scheme: str, precision: str) -> None:
    values = lanes_of(cell)
    how = {"t_max": 5, "scheme": scheme, "precision": precision}
    batch = lo.simulate(cell, lo.batch(values), **how)
    assert batch.v.shape == (LANES, 2, 201)
    for index, lane in enumerate(batch):
        alone = lo.simulate(cell, [{k: v[index] for k, v in entry.items()} for entry in values], **how)
        assert (lane.v == alone.v).all()
    assert len({lane.tobytes() for lane in batch.v}) == LANES


def test_initial_voltages(cell: lo.Cell) -> None:
    voltages = np.linspace(-75, -55, LANES)
    batch = lo.simulate(cell, t_max=5, v_init=lo.batch(voltages))
    each = lo.simulate(cell, t_max=5, v_init=lo.batch(np.repeat(voltages[:, None], 9, axis=1)))
    assert (batch.v == each.v).all()
    for index, voltage in enumerate(voltages):
        assert (batch.v[index] == lo.simulate(cell, t_max=5, v_init=voltage).v).all()


def test_settings_and_initial_states(cell: lo.Cell) -> None:
    gates = np.linspace(0.1, 0.5, LANES)
    batch = lo.simulate(cell, t_max=5, param_state=cell.branch(0).data_set("hh.m", lo.batch(gates)))
    for index, gate in enumerate(gates):
        alone = lo.simulate(cell, t_max=5, param_state=cell.branch(0).data_set("hh.m", gate))
        assert (batch.v[index] == alone.v).all()


def test_stimuli(cell: lo.Cell) -> None:
    currents = np.random.default_rng(2).normal(0, 0.3, (LANES, 200))
    view = cell.branch(1).loc(0.5)
    batch = lo.simulate(cell, t_max=5, stimuli=view.data_stimulate(lo.batch(currents)))
    assert batch.v.shape == (LANES, 2, 201)
    for index, current in enumerate(currents):
        alone = lo.simulate(cell, t_max=5, stimuli=view.data_stimulate(current))
        assert (batch.v[index] == alone.v).all()


def test_a_setting_wins_over_the_parameters(cell: lo.Cell) -> None:
    values = lo.batch(lanes_of(cell))
    every = lo.simulate(cell, values, t_max=5, param_state=cell.data_set("hh.gnabar", 0.1))
    own = lanes_of(cell)
    own[0]["hh.gnabar"][:] = 0.1
    assert (every.v == lo.simulate(cell, lo.batch(own), t_max=5).v).all()


def test_data_stimuli_are_the_models_own_stimuli_said_otherwise(soma: lo.Compartment) -> None:
    said = lo.simulate(soma, t_max=5).v
    soma.delete_stimuli()
    waveform = lo.step(1, 8, 0.2)
    assert (lo.simulate(soma, t_max=5, stimuli=soma.data_stimulate(waveform)).v == said).all()
    assert (lo.simulate(soma, t_max=5, stimuli=soma.data_stimulate(waveform.sampled(0.025, 200))).v == said).all()


def test_threads_change_no_bit(cell: lo.Cell) -> None:
    values = lo.batch(lanes_of(cell))
    one, two = (lo.simulate(cell, values, t_max=5, threads=threads).v for threads in (1, 2))
    assert (one == two).all()


def test_a_lane_that_diverges_leaves_the_others() -> None:
    cable = lo.Branch(ncomp=3)
    cable.insert(lo.mechanism("pas"))
    cable.make_trainable("pas.g")
    cable.record()
    # the voltage grows by C/(C + g dt) = 4 in a step
    conductances = np.array([[1e-3], [-0.03], [2e-3]])
    run = lo.simulate(cable, lo.batch([{"pas.g": conductances}]), t_max=20)
    assert np.isnan(run.v[1]).all()
    (error,) = run.diverged
    assert (error.lane, error.what, error.place) == (1, "v", (0, 0, 0))
    assert 10 < error.time < 15  # 4 to the power of 512 is the largest number
    for lane in (0, 2):
        assert (run.v[lane] == lo.simulate(cable, [{"pas.g": conductances[lane]}], t_max=20).v).all()
        assert run.lane(lane).diverged == []
    with pytest.raises(
        lo.errors.DivergenceError, match=r"diverged in lane 1 at t = 1\d\.\d+ ms: v in cell 0, branch 0"
    ):
        lo.simulate(cable, lo.batch([{"pas.g": conductances}]), t_max=20, on_divergence="raise")
    with pytest.raises(FloatingPointError):
        lo.simulate(cable, [{"pas.g": conductances[1]}], t_max=20)
    assert np.isnan(lo.simulate(cable, [{"pas.g": conductances[1]}], t_max=20, on_divergence="nan").v).all()
