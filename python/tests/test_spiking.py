"""Synapses that take the events of spikes: connecting, setting, training, tables, rasters, and refusals."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import loligo as lo


def a_network(count: int = 3) -> lo.Network:
    """Squid cells with a synapse each that connections share."""
    cell = lo.Cell(lo.Branch(lo.Compartment(length=20, radius=5)))
    cell.insert(lo.mechanism("hh"))
    cell.insert(lo.mechanism("expsyn"))
    network = lo.Network([cell] * count)
    network.celsius = 6.3
    return network


def test_connections_to_a_mechanism_that_is_inserted() -> None:
    network = a_network()
    synapse = lo.SpikingSynapse("expsyn", weight=[0.01, 0.02], delay=2.0)
    made = network.connect(network.cell([0, 1]), network.cell([1, 2]), synapse)
    assert repr(made) == "<2 synapses expsyn>"
    made = network.connect(lo.SpikeTrains([1.0, 3.0]), network.cell(0), lo.SpikingSynapse("expsyn", weight=0.05))
    assert made.numbers.tolist() == [2]
    synapses = network.synapses("expsyn")
    assert synapses.pre.tolist() == [0, 1, -1]
    assert synapses.post.tolist() == [1, 2, 0]
    assert synapses.get("weight").tolist() == [0.01, 0.02, 0.05]
    synapses[1].set("delay", 3.5)
    assert synapses.get("delay").tolist() == [2.0, 3.5, 1.0]
    edges = network.edges
    assert edges["post_cell"].tolist() == [1, 2, 0]
    assert edges["pre_cell"].tolist()[:2] == [0, 1]
    assert np.isnan(edges["pre_cell"].tolist()[2])
    assert edges["expsyn.delay"].tolist() == [2.0, 3.5, 1.0]
    assert "expsyn.tau" not in edges
    assert "expsyn.weight" not in network.nodes
    assert network.cell(0).synapses("expsyn").numbers.tolist() == [2]


def test_every_connection_has_a_synapse_of_its_own() -> None:
    network = a_network()
    synapse = lo.SpikingSynapse(lo.mechanism("exp2syn"), weight=0.01, tau_decay=5.0)
    lo.fully_connect(network.cell(0), network.cell([1, 2]), synapse)
    edges = {"pre": [1, 2], "post": [2, 1], "weight": [0.1, 0.2], "tau_decay": [3.0, 4.0]}
    network.connect_edges(edges, synapse)
    synapses = network.exp2syn
    assert synapses.pre.tolist() == [0, 0, 1, 2]
    assert synapses.get("tau_decay").tolist() == [5.0, 5.0, 3.0, 4.0]
    assert synapses.get("weight").tolist() == [0.01, 0.01, 0.1, 0.2]
    synapses.record("decay")
    network.connect(lo.SpikeTrains.regular(1, 5, 2), network.cell(0), lo.SpikingSynapse("expsyn", weight=0.05))
    network.record()
    run = lo.simulate(network, t_max=20)
    assert set(run.raster.cells) == {-1, 0, 1, 2}
    assert run.raster.of_cell(-1).tolist() == [1.0, 6.0]
    table = run.raster.to_pandas()
    assert table.columns.tolist() == ["time", "source", "cell", "compartment", "lane"]
    assert len(table) == len(run.raster)
    marks = run.raster.plot()
    assert sum(len(line.get_xdata()) for line in marks.lines) == (run.raster.cells >= 0).sum()


def test_spikes_without_recordings_and_in_a_batch() -> None:
    network = a_network(2)
    network.connect(lo.SpikeTrains([1.0]), network.cell(0), lo.SpikingSynapse("expsyn", weight=0.05))
    network.connect(network.cell(0), network.cell(1), lo.SpikingSynapse("expsyn", weight=0.001))
    network.synapses("expsyn")[1].make_trainable("weight")
    network.cell(1).record_spikes()
    run = lo.simulate(network, lo.batch([{"expsyn.weight": np.array([[1e-5], [0.05]])}]), t_max=20)
    assert [run.lane(lane).raster.of_cell(1).size for lane in range(2)] == [0, 1]
    assert (run.lane(0).raster.lanes == 0).all()
    assert run.lane(1).raster.of_cell(0).size == 1


def test_a_weight_is_fitted_to_a_voltage() -> None:
    """The gradient with respect to weights and time constants is that of differences."""
    network = a_network(2)
    network.connect(lo.SpikeTrains([1.0, 4.0]), network.cell(0), lo.SpikingSynapse("expsyn", weight=0.05, delay=0.5))
    synapse = lo.SpikingSynapse(lo.mechanism("exp2syn"), weight=2e-4, delay=1.0)
    network.connect([0, 0], [1, 1], synapse)
    network.exp2syn.make_trainable("weight")
    network.exp2syn[0].make_trainable("tau_decay")
    network.cell(1).record()

    def loss(parameters: list) -> float:
        run = lo.simulate(network, parameters, t_max=20)
        return ((run.v + 60) ** 2).mean()

    values = network.get_parameters()
    _, gradient = lo.value_and_grad(loss)(values)

    def moved(number: int, name: str, factor: float) -> float:
        there = [dict(p) for p in values]
        there[number][name] = values[number][name] * (1 + factor)
        return float(loss(there))

    for number, (parameter, slope) in enumerate(zip(values, gradient, strict=True)):
        (name,) = parameter
        near, far = (moved(number, name, step) - moved(number, name, -step) for step in (1e-4, 2e-4))
        difference = (8 * near - far) / 12e-4 / float(parameter[name][0])
        assert slope[name][0] == pytest.approx(difference, rel=1e-6)
        assert slope[name][0] != 0


def test_integrate_and_fire_neurons_take_events() -> None:
    """A population that steps in halves for its events does, without them, what it does whole; and its spikes reach
    others."""
    neuron = lo.LIF()
    cell = lo.Cell(lo.Branch(lo.Compartment(length=20, radius=5)))
    cell.insert(neuron)
    cell.insert(lo.mechanism("expsyn"))
    cell.set("v", -70.0)

    def run(connected: bool) -> lo.Run:
        network = lo.Network([cell, cell])
        network.cell(0).stimulate(lo.step(start=2, duration=100, amplitude=0.5))
        if connected:
            network.connect(network.cell(0), network.cell(1), lo.SpikingSynapse("expsyn", weight=0.02, threshold=-50.5))
        network.record()
        return lo.simulate(network, t_max=60)

    alone, together = run(False), run(True)
    spikes = together.raster.of_cell(0)
    assert spikes.size >= 2
    np.testing.assert_allclose(together.v[0], alone.v[0], rtol=0, atol=1e-10)
    arrival = round((spikes[0] + 1.0) / 0.025)
    np.testing.assert_allclose(together.v[1, : arrival + 1], alone.v[1, : arrival + 1], rtol=0, atol=1e-10)
    assert np.abs(together.v[1] - alone.v[1])[arrival + 1] > 1e-3


def test_networks_with_events_pickle_and_join() -> None:
    network = a_network()
    network.connect(lo.SpikeTrains([1.0]), network.cell(0), lo.SpikingSynapse("expsyn", weight=0.05))
    network.connect(network.cell([0, 1]), network.cell([1, 2]), lo.SpikingSynapse("expsyn", weight=0.05))
    network.connect([2], [0], lo.SpikingSynapse(lo.mechanism("exp2syn"), weight=0.01, delay=4))
    network.record()
    expected = lo.simulate(network, t_max=30)
    again = lo.simulate(pickle.loads(pickle.dumps(network)), t_max=30)
    assert (again.v == expected.v).all()
    assert (again.raster.times == expected.raster.times).all()
    assert len(expected.raster) >= 4


def test_each_lane_may_have_spikes_of_its_own() -> None:
    """A batch of trials is, bit for bit, a run of each network that has the spikes of a trial as its own; so are
    gradients."""
    trials = [lo.SpikeTrains.poisson(200, 25, seed=seed, count=3) for seed in range(4)]

    def built(trains: lo.SpikeTrains) -> tuple[lo.Network, lo.Synapses]:
        network = a_network()
        synapse = lo.SpikingSynapse("expsyn", weight=[0.02, 0.03, 0.04], delay=[0.5, 1.0, 1.37])
        synapses = network.connect(trains, network.cell([0, 1, 2]), synapse)
        network.connect(network.cell([0, 1]), network.cell([1, 2]), lo.SpikingSynapse("expsyn", weight=0.05))
        synapses.make_trainable("weight")
        network.record()
        return network, synapses

    network, synapses = built(lo.SpikeTrains([[1.0], [2.0], [3.0]]))

    def squared(run: lo.Run) -> float:
        return (run.v**2).sum()

    run = lo.simulate(network, t_max=25, spikes=synapses.data_spikes(lo.batch(trials)))
    assert run.v.shape[0] == 4
    for lane, trial in enumerate(trials):
        own, _ = built(trial)
        expected = lo.simulate(own, t_max=25)
        given = lo.simulate(network, t_max=25, spikes=synapses.data_spikes(trial))
        for found in (run.lane(lane), given):
            assert (found.v == expected.v).all()
            assert (found.raster.times == expected.raster.times).all()
            assert (found.raster.sources == expected.raster.sources).all()
        slopes = [
            lo.grad(lambda p, m=model, more=more: squared(lo.simulate(m, p, t_max=25, **more)))(m_values)
            for model, more, m_values in (
                (own, {}, own.get_parameters()),
                (network, {"spikes": synapses.data_spikes(trial)}, network.get_parameters()),
            )
        ]
        assert slopes[0][0]["expsyn.weight"] == slopes[1][0]["expsyn.weight"] != 0
    # the same for all lanes, and some of the connections
    weights = lo.batch([{"expsyn.weight": np.array([[0.01], [0.03]])}])
    both = lo.simulate(network, weights, t_max=25, spikes=synapses[[0, 2]].data_spikes([4.0]))
    assert both.raster.lane(0).times[both.raster.lane(0).cells < 0].tolist() == [2.0, 4.0, 4.0]


def test_spikes_of_a_run_that_do_not_fit_are_named() -> None:
    network = a_network()
    given = network.connect(lo.SpikeTrains([1.0]), network.cell([0, 1]), lo.SpikingSynapse("expsyn"))
    others = network.connect([0], [1], lo.SpikingSynapse("expsyn"))
    network.record()
    wrong = {
        "there are 3 trains of spikes for 2 connections": given.data_spikes([[1.0], [2.0], [3.0]]),
        r"connection 1 to expsyn shares its spikes": given.data_spikes([[1.0], [2.0]]),
        r"connection 2 to expsyn comes from a compartment": others.data_spikes([1.0]),
        r"the batch of spikes is .*SpikeTrains for each lane": given.data_spikes(lo.batch(lo.SpikeTrains([1.0]))),
    }
    for message, spikes in wrong.items():
        with pytest.raises(lo.errors.ArgumentError, match=message):
            lo.simulate(network, t_max=1, spikes=spikes)
    with pytest.raises(lo.errors.RunError, match=r"spikes of source 0 is 1, expected.*ascending"):
        lo.simulate(network, t_max=1, spikes=given.data_spikes([2.0, 1.0]))
    with pytest.raises(lo.errors.ArgumentError, match=r"different numbers of lanes: .*v_init 3.*`expsyn` 2"):
        spikes = given.data_spikes(lo.batch([[1.0], [2.0]]))
        lo.simulate(network, t_max=1, spikes=spikes, v_init=lo.batch([-65.0, -64.0, -63.0]))


def test_poisson_trains_have_seeds() -> None:
    trains = lo.SpikeTrains.poisson(100, 1000, seed=1, count=200)
    counts = [len(train) for train in trains.trains]
    # the mean of 200 Poisson numbers of 100 has the standard deviation 10/sqrt(200)
    assert abs(np.mean(counts) - 100) < 5 * 10 / 200**0.5
    assert all((np.diff(train) >= 0).all() for train in trains.trains)
    same = lo.SpikeTrains.poisson(100, 1000, seed=1, count=200)
    assert all((a == b).all() for a, b in zip(trains.trains, same.trains, strict=True))


def test_wrong_uses_are_named() -> None:
    network = a_network()
    with pytest.raises(lo.errors.UnknownNameError, match=r"no `wieght`.*weight"):
        network.connect([0], [1], lo.SpikingSynapse("expsyn", wieght=1))
    with pytest.raises(lo.errors.UnknownNameError, match=r"`expsin`.*expsyn"):
        network.connect([0], [1], lo.SpikingSynapse("expsin"))
    with pytest.raises(lo.errors.ModelError, match="`hh` takes no events"):
        network.connect([0], [1], lo.SpikingSynapse("hh"))
    with pytest.raises(lo.errors.ModelError, match="`pas` takes no events"):
        network.connect([0], [1], lo.SpikingSynapse(lo.mechanism("pas")))
    with pytest.raises(lo.errors.ArgumentError, match=r"`weight` has shape \(3,\)"):
        network.connect([0], [1], lo.SpikingSynapse("expsyn", weight=[1, 2, 3]))
    with pytest.raises(lo.errors.ModelError, match=r"delay.*-1.*0 or more ms"):
        network.connect([0], [1], lo.SpikingSynapse("expsyn", delay=-1))
    with pytest.raises(lo.errors.ModelError, match=r"time of a spike train is 1.*ascending"):
        network.connect(lo.SpikeTrains([2.0, 1.0]), [1], lo.SpikingSynapse("expsyn"))
    with pytest.raises(lo.errors.ArgumentTypeError, match="SpikingSynapse"):
        network.connect(lo.SpikeTrains([2.0]), [1], lo.TanhRateSynapse())
    with pytest.raises(lo.errors.ArgumentTypeError, match="the mechanism is 3"):
        lo.SpikingSynapse(3)  # type: ignore[arg-type]
    with pytest.raises(lo.errors.ModelError, match=r"`exp2syn` takes the events of spikes.*loligo\.SpikingSynapse"):
        network.connect([0], [1], lo.mechanism("exp2syn"))
    network.connect([0], [1], lo.SpikingSynapse("expsyn"))
    with pytest.raises(lo.errors.ModelError, match=r"cannot be removed.*delivered"):
        network.cell(1).uninsert("expsyn")
    network.synapses("expsyn").make_trainable("delay")
    network.record()
    with pytest.raises(lo.errors.RunError, match=r"`expsyn\.delay` has no gradient"):
        lo.value_and_grad(lambda p: lo.simulate(network, p, t_max=1).v.sum())(network.get_parameters())


def test_what_decides_whether_there_is_a_spike_has_a_gradient_through_a_surrogate() -> None:
    """Where spikes are held fixed, what only decides whether there is one has no gradient; a surrogate gives it one."""
    network = a_network(2)
    network.cell(0).stimulate(lo.step(start=1, duration=3, amplitude=0.35))
    network.connect(network.cell(0), network.cell(1), lo.SpikingSynapse("expsyn", weight=2e-3, threshold=-20))
    network.cell(0).make_trainable("hh.gnabar")
    network.cell(1).record()

    def loss(parameters: list, **options: object) -> float:
        return lo.simulate(network, parameters, t_max=15, **options).v.mean()

    values = network.get_parameters()
    assert lo.simulate(network, t_max=15).raster.of_cell(0).size == 1
    _, held = lo.value_and_grad(loss)(values)
    assert held[0]["hh.gnabar"][0] == 0
    _, passed = lo.value_and_grad(loss)(values, surrogate=("triangle", 10.0))
    assert passed[0]["hh.gnabar"][0] != 0
    for wrong in ("triangle", ("triangle",), ("triangle", 0)):
        with pytest.raises(lo.errors.ArgumentError, match="surrogate"):
            loss(values, surrogate=wrong)
    with pytest.raises(lo.errors.ArgumentError, match="no surrogate `step`"):
        loss(values, surrogate=("step", 1.0))


def test_connections_can_be_deleted() -> None:
    """What is left runs as a network that never had the others, with its trainables and numbers."""
    for own in (False, True):
        mechanism = lo.mechanism("exp2syn") if own else "expsyn"
        name = "exp2syn" if own else "expsyn"
        network, expected = a_network(), a_network()
        inputs = [lo.SpikeTrains([1.0]), lo.SpikeTrains([2.0]), lo.SpikeTrains([3.0])]
        for number, train in enumerate(inputs):
            synapse = lo.SpikingSynapse(mechanism, weight=0.01 * (number + 1), delay=0.5 * number)
            network.connect(train, network.cell(number), synapse)
            if number != 1:
                expected.connect(train, expected.cell(number), synapse)
        network.synapses(name)[[1, 2]].make_trainable("weight")
        network.synapses(name)[1].delete()
        assert network.synapses(name).get("weight").tolist() == [0.01, 0.03]
        assert network.get_parameters()[0][f"{name}.weight"].tolist() == [0.03]
        for model in (network, expected):
            model.record()
        found, there = (lo.simulate(model, t_max=10) for model in (network, expected))
        assert (found.v == there.v).all()
        assert found.v[2].max() > 0


def mixed() -> lo.Network:
    """Two neurons: graded synapses both ways, which are folded, and events from a train and from spikes."""
    cell = lo.Cell(lo.Branch(ncomp=2))
    cell.insert(lo.mechanism("hh"))
    cell.insert(lo.mechanism("expsyn"))
    cell.celsius = 6.3
    network = lo.Network([cell, cell])
    graded = network.connect([0, 2], [2, 0], lo.TanhRateSynapse())
    # so that they pass on spikes, and are not saturated at rest
    for name, value in {"gS": 5e-3, "x_offset": -20.0, "slope": 0.05}.items():
        graded.set(name, value)
    network.connect(lo.SpikeTrains([1.0]), network.cell(0).comp(0), lo.SpikingSynapse("expsyn", weight=0.02))
    network.connect([0], [3], lo.SpikingSynapse("expsyn", weight=0.01, delay=0.5))
    network.cell(1).branch(0).comp(0).record("v")
    return network


def test_graded_synapses_and_events_in_one_network() -> None:
    folded, whole = mixed(), mixed()
    whole.synapses("TanhRateSynapse").record("i")  # who records a current has it computed by itself
    voltages = [lo.simulate(network, t_max=12.0) for network in (folded, whole)]
    assert np.abs(voltages[0].v - voltages[1].v).max() < 1e-8
    assert len(voltages[0].raster.times) > 1
    folded.synapses("TanhRateSynapse")[:].make_trainable("gS")
    folded.synapses("expsyn")[:].make_trainable("weight")
    random = np.random.default_rng(0)
    weights = random.normal(size=121)

    def loss(parameters: list) -> float:
        return (weights * lo.simulate(folded, parameters, t_max=3.0).v[0]).sum()

    parameters = folded.get_parameters()
    _, gradient = lo.value_and_grad(loss)(parameters)
    assert all((slopes != 0).all() for entry in gradient for slopes in entry.values())
    for entry, slopes in zip(parameters, gradient):
        for name, numbers in entry.items():
            for index in range(numbers.size):
                step = 1e-4 * numbers[index]
                moved = [{n: own.copy() for n, own in other.items()} for other in parameters]
                own = moved[parameters.index(entry)][name]
                values = []
                for sign in (1, -1):
                    own[index] = numbers[index] + sign * step
                    values.append(loss(moved))
                difference = (values[0] - values[1]) / (2 * step)
                rounding = 1e-14 * np.abs(weights).sum() * 65 / step
                assert slopes[name][index] == pytest.approx(difference, rel=1e-6, abs=rounding)
