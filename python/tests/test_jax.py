"""Runs under JAX: `jit`, derivatives of both kinds, second derivatives, and `vmap` as lanes.

Gradients are those of the engine however they are asked for, so they equal NumPy's bit for bit where the cotangents are
equal; derivatives along directions and second ones are compared with differences and with each other.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import loligo as lo

jax = pytest.importorskip("jax")
jnp = jax.numpy
flatten_util = pytest.importorskip("jax.flatten_util")

T_MAX = 5.0


pytestmark = pytest.mark.usefixtures("double_precision")


@pytest.fixture
def cell() -> lo.Cell:
    """A Y with a spike, three kinds of trainables, and two recordings."""
    cell = lo.Cell(lo.Branch(ncomp=2), parents=[-1, 0, 0])
    cell.insert(lo.mechanism("hh"))
    cell.celsius = 6.3
    cell.branch(0).comp(0).stimulate(lo.step(start=0.5, duration=1.0, amplitude=0.3))
    cell.make_trainable("hh.gnabar")
    cell.branch("all").make_trainable("radius")
    cell.branch(0).comp(0).record("v")
    cell.branch(2).comp(1).record("v")
    return cell


def parameters_of(cell: lo.Cell, factor: float = 1.0) -> list[dict[str, Any]]:
    return [{name: jnp.asarray(factor * own) for name, own in entry.items()} for entry in cell.get_parameters()]


def loss_of(cell: lo.Cell, t_max: float = T_MAX, **options: Any) -> Callable[[Any], Any]:
    weights = np.linspace(0.5, 1.5, round(t_max / 0.025) + 1)

    def loss(parameters: Any) -> Any:
        return (weights * lo.simulate(cell, parameters, t_max=t_max, **options).v ** 2).mean()

    return loss


def flat(tree: Any) -> np.ndarray:
    return np.concatenate([np.asarray(leaf).ravel() for leaf in jax.tree.leaves(tree)])


def assert_close(found: Any, expected: Any, tolerance: float) -> None:
    found, expected = flat(found), flat(expected)
    assert np.abs(found - expected).max() <= tolerance * np.abs(expected).max()


def test_a_run_is_an_array_of_jax_and_equals_that_of_numpy(cell: lo.Cell) -> None:
    expected = lo.simulate(cell, cell.get_parameters(), t_max=T_MAX).v
    run = lo.simulate(cell, parameters_of(cell), t_max=T_MAX)
    assert isinstance(run.v, jax.Array)
    assert (np.asarray(run.v) == expected).all()
    compiled = jax.jit(lambda parameters: lo.simulate(cell, parameters, t_max=T_MAX).v)
    assert (np.asarray(compiled(parameters_of(cell))) == expected).all()
    assert expected.max() > 0  # a run without a spike would prove little


@pytest.mark.parametrize("jit", [False, True])
def test_gradients_equal_those_of_numpy_bit_for_bit(cell: lo.Cell, jit: bool) -> None:
    cotangent = np.random.default_rng(0).normal(size=(2, 201))

    def weighted(parameters: Any) -> Any:
        return (cotangent * lo.simulate(cell, parameters, t_max=T_MAX).v).sum()

    _, expected = lo.value_and_grad(weighted)(cell.get_parameters())
    gradient = jax.grad(weighted)
    found = (jax.jit(gradient) if jit else gradient)(parameters_of(cell))
    for own, other in zip(found, expected):
        for name in other:
            assert (np.asarray(own[name]) == other[name]).all()


def test_derivatives_along_a_direction_are_the_transpose_of_gradients(cell: lo.Cell) -> None:
    loss = loss_of(cell)
    parameters = parameters_of(cell)
    random = np.random.default_rng(1)
    along = jax.tree.map(lambda own: own * random.normal(size=own.shape), parameters)
    _, moved = jax.jit(lambda p, d: jax.jvp(loss, (p,), (d,)))(parameters, along)
    expected = flat(jax.grad(loss)(parameters)) @ flat(along)
    assert abs(moved - expected) <= 1e-9 * abs(expected)
    numbers, pull_back = jax.vjp(lambda p: lo.simulate(cell, p, t_max=T_MAX).v, parameters)
    (pulled,) = pull_back(jnp.ones_like(numbers))
    assert flat(pulled).shape == (4,)


def test_hessians_in_every_order_are_the_same_and_those_of_differences(cell: lo.Cell) -> None:
    loss = loss_of(cell, t_max=2.0)
    parameters = parameters_of(cell)
    values, unravel = flatten_util.ravel_pytree(parameters)

    def of_flat(numbers: Any) -> Any:
        return loss(unravel(numbers))

    hessian = np.asarray(jax.jit(jax.hessian(of_flat))(values))
    assert_close(jax.jacrev(jax.grad(of_flat))(values), hessian, 1e-9)
    assert_close(hessian, hessian.T, 1e-9)
    gradient = jax.jit(jax.grad(of_flat))
    for column in range(values.size):
        step = 1e-5 * values[column]
        move = np.zeros(values.size)
        move[column] = step
        difference = (gradient(values + move) - gradient(values - move)) / (2 * step)
        assert_close(hessian[:, column], difference, 1e-5)


def test_what_there_is_no_derivative_of_says_so(cell: lo.Cell) -> None:
    values, unravel = flatten_util.ravel_pytree(parameters_of(cell))
    with pytest.raises(NotImplementedError, match="not forward over forward"):
        jax.jacfwd(jax.jacfwd(lambda numbers: loss_of(cell)(unravel(numbers))))(values)
    with pytest.raises(NotImplementedError, match="up to the second"):
        jax.jacfwd(jax.hessian(lambda numbers: loss_of(cell)(unravel(numbers))))(values)


@pytest.mark.parametrize("jit", [False, True])
def test_vmap_is_a_batch_and_equals_a_loop_bit_for_bit(cell: lo.Cell, jit: bool) -> None:
    factors = np.linspace(0.9, 1.1, 5)
    batch = jax.tree.map(lambda *each: jnp.stack(each), *(parameters_of(cell, factor) for factor in factors))

    def run(parameters: Any) -> Any:
        return lo.simulate(cell, parameters, t_max=T_MAX).v

    both = (jax.vmap(run), jax.vmap(jax.grad(lambda p: run(p)[0, -1])))
    runs, gradients = (jax.jit(function)(batch) if jit else function(batch) for function in both)
    for index, factor in enumerate(factors):
        parameters = [{n: factor * own for n, own in entry.items()} for entry in cell.get_parameters()]
        assert (np.asarray(runs[index]) == lo.simulate(cell, parameters, t_max=T_MAX).v).all()
        _, expected = lo.value_and_grad(lambda p: lo.simulate(cell, p, t_max=T_MAX).v[0, -1])(parameters)
        for own, other in zip(gradients, expected):
            assert all((np.asarray(own[name][index]) == other[name]).all() for name in other)


def test_vmaps_nest_and_mix_with_what_has_no_axis(cell: lo.Cell) -> None:
    conductances = jnp.array([0.10, 0.12])
    radii = jnp.array([0.9, 1.0, 1.1])

    def last(conductance: Any, radius: Any) -> Any:
        parameters = [{"hh.gnabar": conductance[None]}, {"radius": jnp.full(3, radius)}]
        return lo.simulate(cell, parameters, t_max=T_MAX).v[:, -1]

    grid = jax.jit(jax.vmap(jax.vmap(last, (None, 0)), (0, None)))(conductances, radii)
    assert grid.shape == (2, 3, 2)
    for row, conductance in enumerate(conductances):
        for column, radius in enumerate(radii):
            assert (grid[row, column] == last(conductance, radius)).all()

    def of_both(conductance: Any) -> Any:
        return jax.vmap(lambda radius: last(conductance, radius))(radii).sum()

    # the gradient of something without an axis, through a vmap over something else
    expected = sum(jax.grad(lambda c, r=radius: last(c, r).sum())(conductances[0]) for radius in radii)
    assert abs(jax.grad(of_both)(conductances[0]) - expected) <= 1e-12 * abs(expected)


def test_vmap_over_a_batch_of_loligo(cell: lo.Cell) -> None:
    stimulus = np.linspace(0.0, 0.2, 40)

    def run(parameters: Any, amplitude: Any) -> Any:
        currents = jnp.stack([amplitude * stimulus, 2 * amplitude * stimulus])
        driven = cell.branch(1).comp(0).data_stimulate(lo.batch(currents))
        return lo.simulate(cell, parameters, t_max=1.0, stimuli=driven).v

    parameters = parameters_of(cell)
    amplitudes = jnp.array([0.5, 1.0, 2.0])
    runs = jax.jit(jax.vmap(run, (None, 0)))(parameters, amplitudes)
    assert runs.shape == (3, 2, 2, 41)
    for index, amplitude in enumerate(amplitudes):
        assert (np.asarray(runs[index]) == np.asarray(run(parameters, amplitude))).all()
    by_amplitude = jax.vmap(jax.grad(lambda a: run(parameters, a)[..., -1].sum()))(amplitudes)
    for index, amplitude in enumerate(amplitudes):
        expected = jax.grad(lambda a: run(parameters, a)[..., -1].sum())(amplitude)
        assert abs(by_amplitude[index] - expected) <= 1e-12 * abs(expected)


def test_derivatives_by_settings_stimuli_and_starts(cell: lo.Cell) -> None:
    current = jnp.asarray(0.1 * np.ones(60))

    def loss(capacitance: Any, start: Any, current: Any) -> Any:
        setting = cell.data_set("capacitance", capacitance)
        driven = cell.branch(1).comp(0).data_stimulate(current)
        return lo.simulate(cell, t_max=1.0, v_init=start, param_state=setting, stimuli=driven).v[:, -1].sum()

    arguments = (jnp.asarray(1.0), jnp.asarray(-65.0), current)
    gradients = jax.jit(jax.grad(loss, argnums=(0, 1, 2)))(*arguments)
    for position, step in ((0, 1e-5), (1, 1e-3)):
        above, below = list(arguments), list(arguments)
        above[position] = above[position] + step
        below[position] = below[position] - step
        difference = (loss(*above) - loss(*below)) / (2 * step)
        assert abs(gradients[position] - difference) <= 1e-6 * abs(difference)
    assert gradients[2].shape == (60,)
    assert (gradients[2][40:] == 0).all(), "there are 40 steps"
    assert (gradients[2][:39] > 0).all()


@pytest.mark.parametrize("jit", [False, True])
def test_a_setting_that_is_not_a_number_is_refused(cell: lo.Cell, jit: bool) -> None:
    def run(capacitance: Any) -> Any:
        return lo.simulate(cell, t_max=1.0, param_state=cell.data_set("capacitance", capacitance)).v

    with pytest.raises(Exception, match="the value of `capacitance` is NaN"):
        (jax.jit(run) if jit else run)(jnp.asarray(np.nan)).block_until_ready()


def test_single_precision_of_jax(cell: lo.Cell) -> None:
    expected = lo.simulate(cell, t_max=T_MAX).v
    jax.config.update("jax_enable_x64", False)
    run = jax.jit(lambda parameters: lo.simulate(cell, parameters, t_max=T_MAX).v)
    voltages = run(parameters_of(cell))
    assert voltages.dtype == jnp.float32
    # the engine goes on in double precision; parameters and recordings are rounded
    assert np.abs(voltages - expected).max() < 1e-2
    assert jax.grad(loss_of(cell))(parameters_of(cell))[0]["hh.gnabar"].dtype == jnp.float32


def test_a_run_that_diverges_is_an_error_of_the_compiled_program() -> None:
    cable = lo.Branch(ncomp=3)
    cable.insert(lo.mechanism("pas"))
    cable.make_trainable("pas.g")
    cable.record()

    def run(conductance: Any) -> Any:
        return lo.simulate(cable, [{"pas.g": conductance}], t_max=20).v

    # the voltage grows by C/(C + g dt) = 4 in a step
    wrong = jnp.array([-0.03])
    with pytest.raises(lo.errors.DivergenceError):
        run(wrong)
    with pytest.raises(Exception, match=r"diverged in lane 0 at t = 1\d\.\d+ ms"):
        jax.jit(run)(wrong).block_until_ready()
    # lanes do not end each other
    lanes = jax.jit(jax.vmap(run))(jnp.array([[1e-3], wrong]))
    assert np.isfinite(lanes[0]).all()
    assert np.isnan(lanes[1]).all()


def test_a_loop_of_a_thousand_steps_in_one_program_does_not_hang(cell: lo.Cell) -> None:
    """Callbacks into Python are known to deadlock; the engine is called without Python."""
    script = """
        import jax, jax.numpy as jnp, numpy as np, loligo as lo
        jax.config.update("jax_enable_x64", True)
        cell = lo.Cell(lo.Branch(ncomp=4))
        cell.insert(lo.mechanism("hh"))
        cell.celsius = 6.3
        cell.make_trainable("hh.gnabar")
        cell.record()
        gradient = jax.grad(lambda g: (lo.simulate(cell, [{"hh.gnabar": g}], t_max=0.5).v ** 2).mean())
        def descend(g):
            return jax.lax.fori_loop(0, 1000, lambda _, g: g - 1e-9 * gradient(g), g)
        print(jax.jit(descend)(jnp.array([0.12])))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], timeout=120, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "0.1" in done.stdout


def test_a_change_of_the_model_after_it_was_compiled_warns_once(cell: lo.Cell) -> None:
    run = jax.jit(lambda parameters: lo.simulate(cell, parameters, t_max=1.0).v)
    before = run(parameters_of(cell))
    with pytest.warns(lo.errors.CompiledWarning, match="data_set"):
        cell.set("capacitance", 1.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cell.set("capacitance", 2.0)
    assert (run(parameters_of(cell)) == before).all()
    assert (lo.simulate(cell, t_max=1.0).v != np.asarray(before)).any()


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (lambda cell, x: cell.set("radius", x), "the value of `radius` is traced by JAX, which is followed"),
        (lambda cell, x: cell.branch(x.astype(int)), "the branch index is .*, expected a number, a slice"),
        (lambda cell, x: lo.simulate(cell, t_max=x), "t_max is .*, expected a positive number of ms"),
        (lambda cell, x: lo.losses.victor_purpura(x[None], [1.0], cost=1.0), "a train of spikes is traced by JAX"),
        (lambda cell, x: lo.Recording(np.arange(5.0), np.zeros(5), None, "").resample(x), "dt is .*, expected"),
    ],
)
def test_where_what_jax_traces_is_not_followed_it_is_refused(cell: lo.Cell, what: Any, message: str) -> None:
    with pytest.raises(lo.LoligoError, match=message):
        jax.jit(lambda x: what(cell, x))(1.0)


def test_a_loss_of_jax_is_not_one_of_numpy(cell: lo.Cell) -> None:
    with pytest.raises(TypeError, match=r"written with functions of JAX; .* or differentiate it with jax\.grad"):
        lo.fit(cell, lambda run: jnp.mean(run.v**2), t_max=0.1, steps=1, progress=False)


def test_loligo_does_not_import_jax() -> None:
    code = "import sys, loligo; assert 'jax' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_gradients_of_a_scan_are_sums_whether_its_runs_were_kept_or_not(cell: lo.Cell) -> None:
    """Runs in the body of a scan wait for their gradients while they fit in the budget, together; others are run again.
    In 2 MiB only the latest does, since each
    takes more than 1 MiB; no bit differs."""
    amplitudes = jnp.linspace(0.1, 0.4, 8)
    soma = cell.branch(0).comp(0)

    def one(parameters: Any, amplitude: Any, budget: int | None) -> Any:
        current = amplitude * jnp.ones(200)
        run = lo.simulate(cell, parameters, t_max=T_MAX, stimuli=soma.data_stimulate(current), budget=budget)
        return (run.v**2).mean()

    def gradient(budget: int | None) -> np.ndarray:
        def loss(parameters: Any) -> Any:
            each = jax.lax.scan(lambda total, at: (total + one(parameters, at, budget), None), 0.0, amplitudes)
            return each[0]

        return flat(jax.jit(jax.grad(loss))(parameters_of(cell)))

    kept = gradient(None)
    alone = [flat(jax.grad(one)(parameters_of(cell), at, None)) for at in amplitudes]
    # sums of eight numbers in another order
    np.testing.assert_allclose(kept, sum(alone), rtol=1e-14)
    assert (gradient(2 << 20) == kept).all()
