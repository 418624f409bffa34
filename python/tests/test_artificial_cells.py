"""Artificial cells, and point processes that announce spikes, move events and change all of their connections, as
NEURON runs the same files: every spike time, and voltages throughout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from neuron import h
from neuron_cells import DT, INITIAL_VOLTAGE, run_neuron

import loligo as lo

MECHANISMS = Path(__file__).parent / "mechanisms"
COUNT, DRIVES = 12, 4
DURATION = 200.0
"""ms."""


def mechanism(name: str) -> lo.Mechanism:
    """A mechanism of the tests."""
    return lo.Mechanism.from_mod(MECHANISMS / f"{name}.mod")


def artificial(name: str) -> lo.Cell:
    """A cell by itself."""
    cell = lo.Cell()
    cell.insert(mechanism(name))
    return cell


def excitable() -> lo.Cell:
    """A cell with squid channels, and a synapse that excites it."""
    cell = lo.Cell(lo.Branch(lo.Compartment(length=20, radius=10)))
    cell.insert(lo.mechanism("hh"))
    cell.insert(lo.mechanism("expsyn"))
    return cell


class Connected:
    """Cells of NEURON by number, and connections between them that are recorded."""

    def __init__(self, cells: list[Any]) -> None:
        self.cells = cells
        self.connections: list[Any] = []
        self.spikes = []
        for cell in cells:
            watched, times = h.NetCon(cell, None), h.Vector()
            watched.record(times)
            self.connections.append(watched)
            self.spikes.append(times)

    def connect(self, pre: int, post: Any, weight: float, delay: float) -> None:
        connection = h.NetCon(self.cells[pre], post)
        connection.weight[0], connection.delay = weight, delay
        self.connections.append(connection)

    def times(self) -> list[np.ndarray]:
        return [np.array(times) for times in self.spikes]


def wiring(seed: int, inhibits: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Who is connected to whom, weights, and delays on and between steps, some shorter than a step."""
    random = np.random.default_rng(seed)
    recurrent = [(pre, post) for pre in range(COUNT) for post in range(COUNT) if pre != post and random.random() < 0.3]
    drive = [(COUNT + post % DRIVES, post) for post in range(COUNT)]
    pre, post = np.array(recurrent + drive).T
    weights = np.concatenate([random.uniform(0.1, 0.5, len(recurrent)), random.uniform(0.6, 1.3, len(drive))])
    if inhibits:
        weights[: len(recurrent)] *= np.where(random.random(len(recurrent)) < 0.4, -1, 1)
    delays = np.round(random.uniform(0.5, 4.0, pre.size), 2)
    delays[::7] = 0.01
    return pre, post, weights, delays


@pytest.mark.parametrize(
    ("name", "own", "strength"),
    [("TFire1", "TFire1", 1.0), ("TFire2", "TFire2", 0.45), ("TFire4", "TFire4", 3.0), ("IntFire1", "TFire1", 1.0)],
)
def test_a_recurrent_network(mechanisms_in_neuron: Path, name: str, own: str, strength: float) -> None:
    """Artificial cells that excite and inhibit each other, driven by others: all spike times are equal, whether events
    come in a step one after the other or not. NEURON's own `IntFire1` does as the integrator of the tests."""
    pre, post, weights, delays = wiring(3, inhibits=name != "IntFire1")
    weights = weights * strength
    intervals = 3.7 + 1.9 * np.arange(DRIVES)
    dummy = h.Section(name="dummy")
    drives = [h.NetStim() for _ in range(DRIVES)]
    for drive, interval in zip(drives, intervals, strict=True):
        drive.start, drive.interval, drive.number, drive.noise = 2, interval, 1000, 0
    theirs = Connected([getattr(h, name)() for _ in range(COUNT)] + drives)
    if name == "IntFire1":
        for cell in theirs.cells[:COUNT]:
            cell.refrac = 5
    for row in range(pre.size):
        theirs.connect(pre[row], theirs.cells[post[row]], weights[row], delays[row])
    run_neuron(DURATION, "backward_euler")
    expected = theirs.times()
    theirs.connections.clear()
    h.delete_section(sec=dummy)

    network = lo.Network([artificial(own.lower())] * COUNT + [artificial("tstim")] * DRIVES)
    for drive, interval in enumerate(intervals):
        network.cell(COUNT + drive).set("TStim.interval", interval)
    network.set("TStim.start", 2.0)
    network.set("TStim.number", 1000.0)
    network.connect(pre, post, lo.SpikingSynapse(own, weight=weights, delay=delays))
    network.record_spikes()
    raster = lo.simulate(network, t_max=DURATION, dt=DT).raster
    assert sum(map(len, expected[:COUNT])) > 60
    for cell, times in enumerate(expected):
        np.testing.assert_allclose(raster.of_cell(cell), times, rtol=0, atol=1e-9)


def test_a_train_drives_a_cell(mechanisms_in_neuron: Path) -> None:
    """A source of even intervals and a cell that it makes fire: equal spikes, voltages within 1e-6 mV."""
    soma = h.Section(name="soma")
    soma.L = soma.diam = 20
    soma.insert("hh")
    h.celsius = 6.3
    synapse, drive = h.ExpSyn(soma(0.5)), h.NetStim()
    synapse.tau = 2
    drive.start, drive.interval, drive.number, drive.noise = 3, 8.31, 5, 0
    connection = h.NetCon(drive, synapse)
    connection.weight[0], connection.delay = 0.03, 1.3
    watched = h.NetCon(soma(0.5)._ref_v, None, sec=soma)
    times, voltage = h.Vector(), h.Vector().record(soma(0.5)._ref_v)
    watched.threshold = 0
    watched.record(times)
    run_neuron(60, "backward_euler")
    expected, their_voltage = np.array(times), np.array(voltage)
    del connection, watched, synapse, drive
    h.delete_section(sec=soma)

    network = lo.Network([excitable(), artificial("tstim")])
    network.celsius = 6.3
    for quantity, value in {"start": 3, "interval": 8.31, "number": 5}.items():
        network.cell(1).set(f"TStim.{quantity}", value)
    network.cell(0).set("expsyn.tau", 2)
    network.connect([1], [0], lo.SpikingSynapse("expsyn", weight=0.03, delay=1.3))
    network.record_spikes()
    network.cell(0).record()
    run = lo.simulate(network, t_max=60, dt=DT, convention="neuron", v_init=INITIAL_VOLTAGE)
    assert len(expected) >= 3
    np.testing.assert_allclose(run.raster.of_cell(0), expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(run.raster.of_cell(1), 3 + 8.31 * np.arange(5), rtol=0, atol=1e-9)
    assert np.abs(run.v[0] - their_voltage).max() <= 1e-6


def test_a_point_process_announces_spikes_and_moves_events(mechanisms_in_neuron: Path) -> None:
    """It echoes the spikes of its compartment, to another cell, at times that events of a third one move."""
    cells = [h.Section(name=f"cell{number}") for number in range(2)]
    for section in cells:
        section.L = section.diam = 20
        section.insert("hh")
    h.celsius = 6.3
    electrode = h.IClamp(cells[0](0.5))
    electrode.delay, electrode.dur, electrode.amp = 1, 100, 0.15
    echo, synapse, drive = h.TEcho(cells[0](0.5)), h.ExpSyn(cells[1](0.5)), h.TStim()
    echo.span, synapse.tau = 3.3, 2
    drive.start, drive.interval, drive.number, drive.noise = 4, 2.57, 30, 0
    connections = [h.NetCon(echo, synapse), h.NetCon(drive, echo)]
    for connection, weight, delay in zip(connections, [0.03, 0.77], [0.5, 0.2], strict=True):
        connection.weight[0], connection.delay = weight, delay
    times = h.Vector()
    connections[0].record(times)
    voltages = [h.Vector().record(section(0.5)._ref_v) for section in cells]
    run_neuron(80, "backward_euler")
    expected, their_voltages = np.array(times), np.array([np.array(v) for v in voltages])
    heard = echo.heard
    connections.clear()
    del echo, synapse, drive, electrode, connection
    for section in cells:
        h.delete_section(sec=section)

    network = lo.Network([excitable(), excitable(), artificial("tstim")])
    network.celsius = 6.3
    network.cell(0).insert(mechanism("techo"))
    network.cell(0).set("TEcho.span", 3.3)
    network.cell(0).stimulate(lo.step(start=1, duration=100, amplitude=0.15))
    network.cell(1).set("expsyn.tau", 2)
    for quantity, value in {"start": 4, "interval": 2.57, "number": 30}.items():
        network.cell(2).set(f"TStim.{quantity}", value)
    network.connect([0], [1], lo.SpikingSynapse("expsyn", weight=0.03, delay=0.5, source="TEcho"))
    network.connect([2], [0], lo.SpikingSynapse("TEcho", later=0.77, delay=0.2))
    network.cell([0, 1]).record()
    run = lo.simulate(network, t_max=80, dt=DT, convention="neuron", v_init=INITIAL_VOLTAGE)
    assert expected.size >= 8 and heard > 20
    np.testing.assert_allclose(run.raster.of_cell(0), expected, rtol=0, atol=1e-9)
    assert np.abs(run.v - their_voltages).max() <= 1e-6


def test_a_synapse_tells_all_of_its_connections(mechanisms_in_neuron: Path) -> None:
    """A synapse that learns from the order of spikes: its conductance, and the voltage, within 1e-6."""
    weights, intervals = [0.004, 0.006, 0.003, 0.005], [5.3, 7.1, 9.7, 4.9]
    soma = h.Section(name="soma")
    soma.L = soma.diam = 20
    soma.insert("hh")
    h.celsius = 6.3
    synapse, drives = h.TLearning(soma(0.5)), [h.TStim() for _ in weights]
    connections = []
    for drive, weight, interval in zip(drives, weights, intervals, strict=True):
        drive.start, drive.interval, drive.number = interval / 2, interval, 100
        connection = h.NetCon(drive, synapse)
        connection.weight[0], connection.delay = weight, 1.0
        connections.append(connection)
    recorded = {"v": h.Vector().record(soma(0.5)._ref_v), "g": h.Vector().record(synapse._ref_g)}
    run_neuron(150, "backward_euler")
    theirs = {name: np.array(vector) for name, vector in recorded.items()}
    learnt = [connection.weight[1] for connection in connections]
    connections.clear()
    del synapse, connection, drives, drive
    h.delete_section(sec=soma)

    cell = excitable()
    cell.insert(mechanism("tlearning"))
    network = lo.Network([cell] + [artificial("tstim")] * 4)
    network.celsius = 6.3
    network.set("TStim.number", 100.0)
    for number, interval in enumerate(intervals):
        network.cell(1 + number).set("TStim.start", interval / 2)
        network.cell(1 + number).set("TStim.interval", interval)
    synapse = lo.SpikingSynapse("TLearning", weight=weights, delay=1.0)
    synapses = network.connect([1, 2, 3, 4], [0, 0, 0, 0], synapse)
    network.cell(0).record()
    network.cell(0).record("TLearning.g")
    run = lo.simulate(network, t_max=150, dt=DT, convention="neuron", v_init=INITIAL_VOLTAGE)
    assert theirs["v"].max() > 0 and max(map(abs, learnt)) > 0.1
    assert np.abs(run.v[0] - theirs["v"]).max() <= 1e-6
    assert np.abs(run["TLearning.g"][0] - theirs["g"]).max() <= 1e-6 * theirs["g"].max()

    synapses.make_trainable("weight")
    with pytest.raises(lo.errors.RunError, match=r"weight of each connection to TLearning.*FOR_NETCONS.*no gradient"):
        lo.grad(lambda p: lo.simulate(network, p, t_max=10).v.sum())(network.get_parameters())


def test_noisy_intervals_have_seeds() -> None:
    """Intervals are exponential, others in each cell, the same for the same seed whatever the time step."""
    count, interval, duration = 50, 4.0, 400.0
    network = lo.Network([artificial("tstim")] * count)
    for quantity, value in {"start": 0, "interval": interval, "number": 1e6, "noise": 1}.items():
        network.set(f"TStim.{quantity}", value)
    network.record_spikes()
    raster = lo.simulate(network, t_max=duration, dt=1.0, seed=1).raster
    intervals = np.concatenate([np.diff(raster.of_cell(cell)) for cell in range(count)])
    number = intervals.size
    # five standard errors of the mean and of the mean square of exponential numbers
    assert abs(intervals.mean() / interval - 1) < 5 / number**0.5
    assert abs((intervals**2).mean() / (2 * interval**2) - 1) < 5 * 5**0.5 / number**0.5
    assert len(np.unique(raster.times)) == len(raster)
    finer = lo.simulate(network, t_max=duration, dt=0.25, seed=1).raster
    both = raster.times < duration - 1
    assert (finer.times[finer.times < duration - 1] == raster.times[both]).all()
    other = lo.simulate(network, t_max=duration, dt=1.0, seed=2).raster
    assert other.times.size != raster.times.size or (other.times != raster.times).any()


def driven() -> lo.Network:
    """Two cells that a source drives, one of them by way of an integrator; and that excite each other."""
    network = lo.Network([excitable(), excitable(), artificial("tstim"), artificial("tfire1")])
    network.celsius = 6.3
    for quantity, value in {"start": 1, "interval": 3.1, "number": 100, "noise": 0.3}.items():
        network.cell(2).set(f"TStim.{quantity}", value)
    network.connect([2, 3, 0, 1], [0, 1, 1, 0], lo.SpikingSynapse("expsyn", weight=0.01, delay=[0.5, 0.3, 1.0, 2.0]))
    network.connect([2, 1], [3, 3], lo.SpikingSynapse("TFire1", weight=[0.6, 0.2], delay=[0.02, 1.0]))
    network.synapses("expsyn").make_trainable("weight")
    network.synapses("TFire1").make_trainable("weight")
    network.record_spikes()
    network.cell([0, 1]).record()
    return network


def test_gradients_hold_spikes_of_artificial_cells_where_they_are() -> None:
    """Through weights behind artificial cells as by differences; what only decides when those spike has none. A smaller
    budget and a second lane change no bit."""
    network = driven()
    values = network.get_parameters()

    def loss(parameters: Any, **options: Any) -> Any:
        run = lo.simulate(network, parameters, t_max=40, **options)
        return (run.v**2).mean()

    run = lo.simulate(network, t_max=40)
    assert run.raster.of_cell(3).size >= 3
    slopes = lo.grad(loss)(values)
    assert lo.grad(loss)(values, budget=4 << 20)[0]["expsyn.weight"] == slopes[0]["expsyn.weight"]
    weight = values[0]["expsyn.weight"][0]

    def at(factor: float) -> float:
        return float(loss([{"expsyn.weight": np.array([weight * (1 + factor)])}, values[1]]))

    difference = (8 * (at(1e-6) - at(-1e-6)) - (at(2e-6) - at(-2e-6))) / 12e-6 / weight
    assert slopes[0]["expsyn.weight"][0] == pytest.approx(difference, rel=1e-5)
    assert slopes[1]["TFire1.weight"][0] == 0
    lanes = lo.batch([{name: np.stack([v, v * 1.2]) for name, v in entry.items()} for entry in values])
    batch = lo.simulate(network, lanes, t_max=40, threads=2)
    for lane, factor in enumerate([1.0, 1.2]):
        scaled = [{name: v * factor for name, v in entry.items()} for entry in values]
        alone = lo.simulate(network, scaled, t_max=40, threads=1)
        assert (batch.v[lane] == alone.v).all()
        assert (batch.raster.lane(lane).times == alone.raster.times).all()


def test_wrong_uses_are_named() -> None:
    cell = lo.Cell(lo.Branch(lo.Compartment(length=20, radius=10), ncomp=2))
    with pytest.raises(lo.errors.ModelError, match=r"`TFire1` is an artificial cell.*single compartment"):
        cell.insert(mechanism("tfire1"))
    network = driven()
    with pytest.raises(lo.errors.ModelError, match=r"`expsyn` announces no spikes.*net_event"):
        network.cell(0).record_spikes(source="expsyn")
    with pytest.raises(lo.errors.UnknownNameError, match=r"`TFire`.*`TFire1`"):
        network.cell(3).record_spikes(source="TFire")
    with pytest.raises(lo.errors.ModelError, match=r"`TFire1` does not exist in"):
        network.cell(2).record_spikes(source="TFire1")
    with pytest.raises(lo.errors.ArgumentError, match="`TFire1` announces, or those above a threshold"):
        network.cell(3).record_spikes(-20.0, source="TFire1")
    with pytest.raises(lo.errors.ModelError, match=r"`TFire1` cannot be removed.*source of spikes"):
        network.cell(3).uninsert("TFire1")
