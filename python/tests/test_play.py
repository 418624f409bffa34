"""Numbers of mechanisms that follow waveforms: against NEURON's `Vector.play`, along derivatives, and as noise.

NEURON is met to rounding, which spikes magnify: 1e-6 mV is what is asked for.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from neuron import h
from neuron_cells import DT, INITIAL_VOLTAGE, run_neuron

import loligo as lo

T_MAX = 20.0
STEPS = round(T_MAX / DT)
SCHEMES = ["backward_euler", "crank_nicolson"]
MET = 1e-6
"""mV."""

Play = Callable[..., None]


@pytest.fixture
def section() -> Iterator[Any]:
    """A compartment in NEURON, with a current that makes it fire."""
    section = h.Section(name="soma")
    section.L, section.diam, section.nseg, section.cm = 20, 20, 1, 1.0
    h.celsius = 6.3
    yield section
    h.delete_section(sec=section)


@pytest.fixture
def play(section: Any) -> Iterator[Play]:
    """`Vector.play` of NEURON, which must end before the section does."""
    vectors = []

    def play(values: np.ndarray | list[float], *how: Any) -> None:
        vectors.append(h.Vector(values))
        vectors[-1].play(*how)

    yield play
    for vector in vectors:
        vector.play_remove()


def neuron_says(section: Any, scheme: str, t_max: float = T_MAX) -> np.ndarray:
    """The voltage, mV."""
    recorded = h.Vector().record(section(0.5)._ref_v)
    run_neuron(t_max, scheme)
    recorded.play_remove()
    return np.array(recorded)


def soma(*mechanisms: str) -> lo.Compartment:
    """The same in Loligo."""
    soma = lo.Compartment(length=20, radius=10)
    for name in mechanisms:
        soma.insert(lo.mechanism(name))
    soma.celsius = 6.3
    soma.set("v", INITIAL_VOLTAGE)
    soma.record()
    return soma


def wavy(around: float, share: float = 0.5) -> np.ndarray:
    """A value for each step."""
    return around * (1 + share * np.sin(np.arange(STEPS) / 7.0) * np.cos(np.arange(STEPS) / 31.0))


PLAYED = {
    "pas.g": ("pas", "_ref_g", wavy(1e-3)),
    "pas.e": ("pas", "_ref_e", wavy(-60.0, 0.3)),
    "hh.gnabar": ("hh", "_ref_gnabar", wavy(0.12)),
    "ek": (None, "_ref_ek", wavy(-77.0, 0.1)),
}


@pytest.mark.parametrize("name", PLAYED)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_samples_are_those_of_neuron(section: Any, play: Play, name: str, scheme: str) -> None:
    mechanisms = ("pas", "hh")
    for mechanism in mechanisms:
        section.insert(mechanism)
    clamp = h.IClamp(section(0.5))
    clamp.delay, clamp.dur, clamp.amp = 2.0, 1e9, 0.2
    owner, reference, values = PLAYED[name]
    target = getattr(section(0.5), owner) if owner else section(0.5)
    play(values, getattr(target, reference), DT)
    expected = neuron_says(section, scheme)

    cell = soma(*mechanisms)
    cell.stimulate(lo.step(start=2.0, duration=np.inf, amplitude=0.2))
    cell.play(name, values)
    run = lo.simulate(cell, t_max=T_MAX, scheme=scheme, convention="neuron")
    assert np.ptp(run.v) > (1 if name.startswith("pas") else 50), "something happens"
    assert np.abs(run.v[0] - expected).max() < MET


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("parameter", "around"), [("tau", 2.0), ("e", -20.0)])
def test_so_are_those_of_a_point_process(section: Any, play: Play, parameter: str, around: float, scheme: str) -> None:
    """What a state decays with, and what its current reads."""
    section.insert("pas")
    synapse = h.ExpSyn(section(0.5))
    synapse.tau = 2.0
    stim = h.NetStim()
    stim.start, stim.interval, stim.number, stim.noise = 1.0, 3.0, 5, 0
    connection = h.NetCon(stim, synapse, 0, 0.06, 0.01)
    play(wavy(around), getattr(synapse, f"_ref_{parameter}"), DT)
    expected = neuron_says(section, scheme)
    assert connection.weight[0] == 0.01

    cell = soma("pas", "expsyn")
    cell.set("pas.e", -70.0)
    cell.set("expsyn.tau", 2.0)
    network = lo.Network([lo.Cell(lo.Branch(cell))])
    network.connect(lo.SpikeTrains(1.0 + 3.0 * np.arange(5)), [0], lo.SpikingSynapse("expsyn", weight=0.01, delay=0.06))
    network.play(f"expsyn.{parameter}", wavy(around))
    run = lo.simulate(network, t_max=T_MAX, scheme=scheme, convention="neuron")
    assert np.ptp(run.v) > 1, "something happens"
    assert np.abs(run.v[0] - expected).max() < MET


@pytest.mark.parametrize("scheme", SCHEMES)
def test_waveforms_are_as_neuron_interpolates(section: Any, play: Play, scheme: str) -> None:
    """NEURON's continuous play along the corners of a ramp: currents see the middle of a step."""
    section.insert("hh")
    times = h.Vector([0, 2, 12, 1e9])
    play([0.12, 0.12, 0.3, 0.3], section(0.5).hh._ref_gnabar, times, 1)
    expected = neuron_says(section, scheme, 12.0)
    cell = soma("hh")
    cell.play("hh.gnabar", lo.ramp(start=2, duration=10, amplitude=0.3, baseline=0.12))
    run = lo.simulate(cell, t_max=12.0, scheme=scheme, convention="neuron")
    assert np.abs(run.v[0] - expected).max() < MET


def test_states_start_from_what_is_played(section: Any, play: Play) -> None:
    """INITIAL sees the first value, as in NEURON."""
    section.insert("pas")
    play(np.full(STEPS, 0.7), section(0.5).pas._ref_g, DT)
    h.finitialize(INITIAL_VOLTAGE)
    assert section(0.5).pas.g == 0.7
    text = """
    NEURON { SUFFIX starts RANGE begin NONSPECIFIC_CURRENT i }
    PARAMETER { begin = 0.2 } ASSIGNED { v (mV) i (mA/cm2) } STATE { s }
    INITIAL { s = begin }
    BREAKPOINT { SOLVE still METHOD cnexp i = 1e-4*s*v }
    DERIVATIVE still { s' = -s/10 }"""
    cell = lo.Compartment()
    cell.insert(lo.Mechanism.compile(text, "starts.mod"))
    cell.record("starts.s")
    cell.play("starts.begin", np.full(40, 0.7))
    assert lo.simulate(cell, t_max=1.0).recordings[0, 0] == 0.7


def test_what_initial_leaves_does_not_follow() -> None:
    """NEURON computes what INITIAL does once, so a parameter that it does so from is not played (as if it followed)."""
    text = """
    NEURON { SUFFIX scaled RANGE g, by, unit NONSPECIFIC_CURRENT i }
    PARAMETER { g = 1e-3 by = 2 unit = 1 } ASSIGNED { v (mV) i (mA/cm2) factor }
    INITIAL { factor = 1/by }
    BREAKPOINT { i = unit*factor*g*v }"""
    cell = lo.Compartment()
    cell.insert(lo.Mechanism.compile(text, "scaled.mod"))
    cell.record()
    for name in ("scaled.g", "scaled.unit"):
        lo.simulate(cell, t_max=1.0, plays=cell.data_play(name, np.full(40, 0.5)))
    with pytest.raises(lo.errors.ModelError, match=r"`scaled\.by` of .* INITIAL computes something from it, once"):
        lo.simulate(cell, t_max=1.0, plays=cell.data_play("scaled.by", np.full(40, 0.5)))


def test_what_cannot_be_0_is_played_in_one_run() -> None:
    """What stands for it until the run begins is a number that its limits allow."""
    network = a_network()
    synapse = lo.SpikingSynapse(lo.mechanism("exp2syn").renamed("slow"), weight=0.01, delay=1.0)
    network.connect(lo.SpikeTrains([1.0]), [0], synapse)
    assert network.slow.get("tau_decay").tolist() == [2.0]
    run = lo.simulate(network, t_max=5.0, plays=network.slow.data_play("tau_decay", np.full(200, 4.0)))
    network.slow.set("tau_decay", 4.0)
    np.testing.assert_allclose(run.recordings, lo.simulate(network, t_max=5.0).recordings, rtol=1e-12)


def test_what_is_not_in_view_stays() -> None:
    cell = lo.Cell(lo.Branch(lo.Compartment(length=30), ncomp=2), parents=[-1, 0])
    cell.insert(lo.mechanism("pas"))
    cell.record()
    cell.branch(1).play("pas.g", lo.step(start=1, duration=1, amplitude=1e-2))
    for compartment in range(2):
        cell.branch(0).comp(compartment).make_trainable("pas.g")
    assert cell.get("pas.g").tolist() == [1e-3] * 4
    moved = lo.simulate(cell, t_max=5.0).v
    cell.delete_plays()
    assert np.abs(moved - lo.simulate(cell, t_max=5.0).v).max() > 0.1


def a_network() -> lo.Network:
    """Synapses between cells, of which one is played, as is a conductance."""
    cell = lo.Cell(lo.Branch(lo.Compartment(length=30, radius=5), ncomp=2))
    cell.insert(lo.mechanism("hh"))
    cell.celsius = 6.3
    network = lo.Network([cell, cell])
    network.celsius = 6.3
    network.connect([0, 2], [3, 1], lo.IonotropicSynapse())
    network.cell(0).stimulate(lo.step(start=0, duration=2, amplitude=0.3))
    network.record()
    network.cell(1).make_trainable("hh.gkbar")
    return network


def loss_of(network: lo.Network) -> Any:
    steps = 80

    def loss(parameters: Any, sodium: Any, synaptic: Any) -> Any:
        plays = network.cell(0).data_play("hh.gnabar", sodium)
        plays = network.IonotropicSynapse[1].data_play("gS", synaptic, plays)
        run = lo.simulate(network, parameters, t_max=steps * DT, plays=plays)
        return (run.v * run.v).mean()

    sodium = 0.12 + 0.02 * np.sin(np.arange(2 * steps).reshape(2, steps))
    return loss, (network.get_parameters(), sodium, 1e-3 + 5e-4 * np.cos(np.arange(steps)))


def test_gradients_by_samples_are_those_of_differences() -> None:
    loss, arguments = loss_of(a_network())
    gradients = [lo.grad(loss, number)(*arguments) for number in (1, 2)]
    for number, gradient in zip((1, 2), gradients):
        size = np.abs(gradient).max()
        for place in [(0, 0), (1, 41)] if number == 1 else [(0,), (3,), (79,)]:
            step = 1e-4 * arguments[number][place]
            moved = []
            for sign in (1, -1):
                own = [arguments[0], arguments[1].copy(), arguments[2].copy()]
                own[number][place] += sign * step
                moved.append(loss(*own))
            difference = (moved[0] - moved[1]) / (2 * step)
            # h² of a relative step of 1e-4, and rounding of the loss (1e3·2e-16) over the step
            assert abs(difference - gradient[place]) < 1e-5 * size + 2e-13 / step


@pytest.mark.usefixtures("double_precision")
def test_jax_has_the_same_derivatives() -> None:
    jax = pytest.importorskip("jax")
    loss, arguments = loss_of(a_network())
    value = loss(*arguments)
    numbers = tuple(jax.numpy.asarray(a) for a in arguments[1:])
    parameters = [{k: jax.numpy.asarray(v) for k, v in entry.items()} for entry in arguments[0]]
    compiled = jax.jit(jax.value_and_grad(loss, argnums=(1, 2)))
    found, gradients = compiled(parameters, *numbers)
    assert abs(found - value) < 1e-12 * value
    for number, gradient in zip((1, 2), gradients):
        expected = lo.grad(loss, number)(*arguments)
        assert np.abs(np.asarray(gradient) - expected).max() <= 1e-12 * np.abs(expected).max()
    # forward and reverse, through vmap
    direction = jax.numpy.ones_like(numbers[1])
    _, along = jax.jvp(lambda g: loss(parameters, numbers[0], g), (numbers[1],), (direction,))
    assert abs(along - gradients[1].sum()) <= 1e-9 * abs(along)
    many = jax.vmap(lambda g: loss(parameters, numbers[0], g))(jax.numpy.stack([numbers[1], 2 * numbers[1]]))
    assert abs(many[0] - value) <= 1e-12 * value


def test_torch_has_the_same_derivatives() -> None:
    torch = pytest.importorskip("torch")
    loss, arguments = loss_of(a_network())
    sodium = torch.tensor(arguments[1], requires_grad=True)
    loss(None, sodium, arguments[2]).backward()
    expected = lo.grad(lambda g: loss(None, g, arguments[2]))(arguments[1])
    assert np.abs(sodium.grad.numpy() - expected).max() <= 1e-12 * np.abs(expected).max()


def test_lanes_threads_and_budgets_change_no_bit() -> None:
    network = a_network()
    samples = 0.12 + 0.02 * np.sin(np.arange(3 * 80).reshape(3, 80))

    def run(values: Any, **options: Any) -> np.ndarray:
        return lo.simulate(network, t_max=2.0, plays=network.cell(0).data_play("hh.gnabar", values), **options).v

    together = run(lo.batch(samples), threads=1)
    assert together.tobytes() == run(lo.batch(samples), threads=2).tobytes()
    for lane in range(3):
        assert run(samples[lane]).tobytes() == together[lane].tobytes()

    def loss(values: Any, budget: int) -> Any:
        return (run(lo.batch(values), budget=budget) ** 2).mean()

    gradients = [lo.grad(loss)(samples, budget) for budget in (2**28, 5 * 2**20)]
    assert gradients[0].tobytes() == gradients[1].tobytes()


def test_it_goes_on_in_copies_and_with_what_a_fit_is_given(tmp_path: Path) -> None:
    network = a_network()
    network.cell(0).play("hh.gnabar", lo.sine(0, 2, 0.02, 300, baseline=0.1))
    again = pickle.loads(pickle.dumps(network))
    assert (lo.simulate(again, t_max=2.0).v == lo.simulate(network, t_max=2.0).v).all()

    noise = lo.noise(start=0, duration=2, mean=1e-3, sigma=1e-4, tau=1, seed=3).at_least(0)
    plays = network.IonotropicSynapse.data_play("gS", noise)
    plays = network.cell(1).data_play("ena", 50 + np.arange(80) / 80, plays)
    fit = lo.fit(network, lambda run: (run.v**2).mean(), t_max=2.0, steps=1, plays=plays)
    fit.save(tmp_path / "fit.loligo")
    assert (lo.load(tmp_path / "fit.loligo").after().v == fit.after().v).all()


def two_compartments() -> lo.Branch:
    cell = lo.Branch(ncomp=2)
    cell.insert(lo.mechanism("hh"))
    cell.celsius = 6.3
    cell.record()
    return cell


def too_few(cell: lo.Branch) -> None:
    cell.play("hh.gnabar", np.full(39, 0.1))
    lo.simulate(cell, t_max=1.0)


def too_few_once(cell: lo.Branch) -> None:
    lo.simulate(cell, t_max=1.0, plays=cell.data_play("hh.gnabar", np.full(39, 0.1)))


def another_step(cell: lo.Branch) -> None:
    cell.play("hh.gnabar", np.full(40, 0.1))
    lo.simulate(cell, t_max=1.0, dt=0.0125)


def trained(cell: lo.Branch) -> None:
    cell.make_trainable("hh.gnabar")
    cell.comp(1).play("hh.gnabar", 0.1)


def played(cell: lo.Branch) -> None:
    cell.comp(1).play("hh.gnabar", 0.1)
    cell.make_trainable("hh.gnabar")


def trained_once(cell: lo.Branch) -> None:
    cell.make_trainable("hh.gnabar")
    lo.simulate(cell, t_max=1.0, plays=cell.comp(0).data_play("hh.gnabar", np.full(40, 0.1)))


def differentiated(cell: lo.Branch) -> None:
    cell.comp(1).play("hh.gnabar", 0.1)
    lo.grad(lambda g: lo.simulate(cell, t_max=1.0, param_state=cell.data_set("hh.gnabar", g)).v.sum())(0.1)


SAMPLES = np.where(np.arange(40) == 7, -0.1, 0.1)

ONE_RUN: dict[str, tuple[Any, int]] = {
    "samples": (SAMPLES, 0),
    "samples of each": (np.stack([np.full(40, 0.1), SAMPLES]), 1),
    "of a batch": (lo.batch(np.stack([np.full(40, 0.1), SAMPLES])), 0),
    "of each in a batch": (lo.batch(np.stack([np.full((2, 40), 0.1), [np.full(40, 0.1), SAMPLES]])), 1),
    "a waveform": (lo.step(start=0.5, duration=0.1, amplitude=-0.1), 0),
}


@pytest.mark.parametrize("values", ONE_RUN)
def test_what_is_played_in_one_run_is_held_to_the_same_limits(values: str) -> None:
    played, compartment = ONE_RUN[values]
    cell = two_compartments()
    with pytest.raises(lo.errors.ModelError) as expected:
        cell.comp(compartment).play("hh.gnabar", SAMPLES)
    with pytest.raises(lo.errors.ModelError) as found:
        lo.simulate(cell, t_max=1.0, plays=cell.data_play("hh.gnabar", played))
    assert str(found.value) == str(expected.value)


def test_what_a_gradient_follows_is_not() -> None:
    """A fit may look beyond the limits, as it may with numbers that it is given."""
    cell = two_compartments()

    def last(samples: Any) -> Any:
        return lo.simulate(cell, t_max=1.0, plays=cell.data_play("hh.gnabar", samples)).v[0, -1]

    assert np.isfinite(lo.grad(last)(SAMPLES)).all()


def twice(cell: lo.Branch) -> None:
    cell.play("hh.gnabar", 0.1)
    cell.comp(0).play("hh.gnabar", 0.2)


def twice_in_a_run(cell: lo.Branch) -> None:
    plays = cell.data_play("hh.gnabar", np.full(40, 0.1))
    lo.simulate(cell, t_max=1.0, plays=cell.comp(0).data_play("hh.gnabar", np.full(40, 0.1), plays))


def nernst(cell: lo.Branch) -> None:
    cell.insert(lo.diffusion("ko", D=0.2))
    cell.play("ek", -70.0)
    lo.simulate(cell, t_max=1.0)


WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "a misspelt name": (lambda c: c.play("hh.gnabr", 0.1), lo.errors.UnknownNameError, "did you mean `hh.gnabar`"),
    "a state": (lambda c: c.play("hh.m", 0.1), lo.errors.ModelError, "it is a state"),
    "the voltage": (lambda c: c.play("v", -60), lo.errors.ModelError, "a clamp holds"),
    "the cable": (lambda c: c.play("radius", 2), lo.errors.ModelError, "belongs to the cable"),
    "what is not there": (lambda c: c.play("pas.g", 2), lo.errors.UnknownNameError, "pas.g"),
    "not a number": (lambda c: c.play("hh.gnabar", [0.1, np.nan]), lo.errors.ModelError, "sample 1"),
    "less than it can be": (lambda c: c.play("hh.gnabar", -0.1), lo.errors.ModelError, "-0.1"),
    "noise in every run": (
        lambda c: c.play("hh.gnabar", lo.noise(0, 1, 0.1, 0.01, 1)),
        lo.errors.ArgumentTypeError,
        "plays=view.data_play",
    ),
    "too few": (too_few, lo.errors.RunError, "40 .one per step"),
    "too few in a run": (too_few_once, lo.errors.RunError, "`hh.gnabar` of .* 39"),
    "of another time step": (another_step, lo.errors.RunError, "80 .one per step"),
    "trained before": (trained, lo.errors.ModelError, "both played and trained"),
    "trained after": (played, lo.errors.ModelError, "both played and trained"),
    "trained in general": (trained_once, lo.errors.ModelError, "both played and trained"),
    "differentiated": (differentiated, lo.errors.RunError, "is played there"),
    "twice": (twice, lo.errors.ModelError, "is played in .* already"),
    "twice in a run": (twice_in_a_run, lo.errors.ModelError, "is played in .* already"),
    "a Nernst potential": (nernst, lo.errors.ModelError, "follows the concentrations"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_use(name: str) -> None:
    use, error, message = WRONG[name]
    with pytest.raises(error, match=message):
        use(two_compartments())


# noise as a conductance


def test_a_conductance_is_a_conductance() -> None:
    """Still, it takes the voltage to where currents are even: (g·e + G·E)/(g + G)."""
    cell = soma("pas")
    cell.insert(lo.conductance("open", e=-20.0))
    cell.set("pas.e", -70.0)
    cell.play("open.g", 2e-3)
    leak = 1e-3 * np.pi * 20 * 20 * 1e-8 * 1e6
    expected = (2e-3 * -20 + leak * -70) / (2e-3 + leak)
    run = lo.simulate(cell, t_max=200.0, dt=0.1)
    assert abs(run.v[0, -1] - expected) < 1e-9


def test_a_noisy_conductance_has_the_moments_of_the_process_and_of_its_membrane() -> None:
    """Point conductances of Destexhe et al. (2001), many lanes: what is played has the mean, the standard deviation and
    the correlation of the process, and the voltage the mean that the mean conductances make, and their deviation by the
    theory of small fluctuations: a membrane with time constant τ₀ = C/Σg filters σ_g·(E − V) to a variance
    σ_g²·(E − V)²/Σg²·τ/(τ + τ₀) for each (Richardson 2004, first order)."""
    lanes, dt, t_max, settled = 256, 0.2, 300.0, 500
    length, leak = 105.0, 4.5e-5
    cell = lo.Compartment(length=length, radius=length / 2)
    cell.insert(lo.mechanism("pas"))
    cell.set("pas.g", leak)
    cell.set("pas.e", -80.0)
    cell.set("v", -67.0)
    processes = {"excitation": (0.0, 0.012, 0.003, 2.7), "inhibition": (-75.0, 0.057, 0.0066, 10.5)}
    plays: list[Any] = []
    for seed, (name, (e, mean, sigma, tau)) in enumerate(processes.items()):
        cell.insert(lo.conductance(name, e))
        noise = lo.noise(0, np.inf, mean, sigma, tau, seed=seed).at_least(0).batch(lanes)
        own = noise.currents(dt, round(t_max / dt))
        assert own.min() >= 0
        # independent samples: a lane has t_max/2τ of them
        independent = lanes * t_max / (2 * tau)
        assert abs(own.mean() - mean) < 5 * sigma / np.sqrt(independent) + 1e-5 * sigma
        assert abs(own.std() / sigma - 1) < 5 / np.sqrt(independent) + 1e-4
        lag = round(tau / dt)
        correlation = np.mean((own[:, lag:] - mean) * (own[:, :-lag] - mean)) / sigma**2
        assert abs(correlation - np.exp(-lag * dt / tau)) < 5 / np.sqrt(independent) + 1e-3
        plays = cell.data_play(f"{name}.g", noise, plays)
    cell.record()
    v = lo.simulate(cell, t_max=t_max, dt=dt, scheme="crank_nicolson", plays=plays).v[:, 0, settled:]
    area = np.pi * length * length * 1e-8
    leaking = leak * area * 1e6
    total = leaking + sum(mean for _, mean, _, _ in processes.values())
    resting = (leaking * -80 + sum(mean * e for e, mean, _, _ in processes.values())) / total
    membrane = 1e3 * area / total  # ms, of 1 µF/cm²
    variance = sum(
        (sigma * (e - resting) / total) ** 2 * tau / (tau + membrane) for e, _, sigma, tau in processes.values()
    )
    # second order in σ_g/Σg = 0.1 is left out
    assert abs(v.mean() - resting) < 0.1 * np.sqrt(variance)
    assert abs(v.std() / np.sqrt(variance) - 1) < 0.1


def test_lanes_of_noise_have_their_own_paths_and_the_same_alone() -> None:
    cell = soma("pas")
    cell.insert(lo.conductance("open", e=0.0))
    noise = lo.noise(0, np.inf, 1e-3, 3e-4, 2.0, seed=5)
    together = lo.simulate(cell, t_max=10.0, plays=cell.data_play("open.g", noise.batch(3))).v
    assert len({lane.tobytes() for lane in together}) == 3
    own = lo.noise(0, np.inf, 1e-3, 3e-4, 2.0, seed=5, lane=2)
    alone = lo.simulate(cell, t_max=10.0, plays=cell.data_play("open.g", own)).v
    assert alone.tobytes() == together[2].tobytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("a b", 0.0), "letters"), (("open", np.nan), "finite"), ((3, 0.0), "expected a name")],
)
def test_wrong_conductance(arguments: tuple[Any, Any], message: str) -> None:
    with pytest.raises(lo.errors.LoligoError, match=message):
        lo.conductance(*arguments)
