"""Runs made of tensors: torch has the derivatives of autograd (HIPS) to the last bit, where the cotangents are equal.

Both take them from the engine, whose derivatives test_gradients.py and test_hessians.py compare with differences. So
that the cotangents are equal here, they are given, or the loss is a sum with fixed weights.
"""

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import autograd
import numpy as np
import pytest

import loligo as lo
from loligo.errors import ArgumentError, ArgumentTypeError, DivergenceError

torch = pytest.importorskip("torch", reason="needs PyTorch: make test-torch")

from loligo.torch import Simulation  # noqa: E402

HOW = {"t_max": 6.0}
STEPS = 240
LANES = 3

Case = tuple[Callable[..., Any], list[np.ndarray]]


def parameters(cell: lo.Cell) -> Case:
    return lambda g, r: lo.simulate(cell, [{"hh.gnabar": g}, {"radius": r}], **HOW), [
        np.array([0.11, 0.12, 0.13]),
        np.array([1.5]),
    ]


def lanes_of_parameters(cell: lo.Cell) -> Case:
    random = np.random.default_rng(1)
    return lambda g, r: lo.simulate(cell, lo.batch([{"hh.gnabar": g}, {"radius": r}]), **HOW), [
        random.uniform(0.1, 0.14, (LANES, 3)),
        random.uniform(1, 2, (LANES, 1)),
    ]


def parameters_shared_by_lanes(cell: lo.Cell) -> Case:
    def run(g: Any, currents: Any) -> lo.Run:
        stimuli = cell.branch(1).loc(0.5).data_stimulate(lo.batch(currents))
        return lo.simulate(cell, [{"hh.gnabar": g}, {"radius": np.array([1.5])}], stimuli=stimuli, **HOW)

    return run, [np.array([0.11, 0.12, 0.13]), np.random.default_rng(2).normal(0.1, 0.1, (LANES, STEPS))]


def initial_voltage(cell: lo.Cell) -> Case:
    return lambda v: lo.simulate(cell, v_init=v, **HOW), [np.array(-66.0)]


def initial_voltages(cell: lo.Cell) -> Case:
    return lambda v: lo.simulate(cell, v_init=v, **HOW), [np.linspace(-70, -60, 9)]


def lanes_of_initial_voltages(cell: lo.Cell) -> Case:
    return lambda v: lo.simulate(cell, v_init=lo.batch(v), **HOW), [np.linspace(-70, -60, LANES)]


def settings(cell: lo.Cell) -> Case:
    def run(gates: Any, conductance: Any) -> lo.Run:
        state = cell.branch(1).data_set("hh.n", gates)
        return lo.simulate(cell, param_state=cell.branch(0).data_set("hh.gnabar", conductance, state), **HOW)

    return run, [np.array([0.3, 0.35, 0.4]), np.array(0.11)]


def lanes_of_settings(cell: lo.Cell) -> Case:
    def run(gates: Any, conductance: Any) -> lo.Run:
        state = cell.branch(1).data_set("hh.n", lo.batch(gates))
        return lo.simulate(cell, param_state=cell.branch(0).data_set("hh.gnabar", lo.batch(conductance), state), **HOW)

    random = np.random.default_rng(3)
    return run, [random.uniform(0.3, 0.4, (LANES, 3)), random.uniform(0.1, 0.14, LANES)]


def current(cell: lo.Cell, steps: int = STEPS) -> Case:
    view = cell.branch(1).loc(0.5)
    currents = np.random.default_rng(4).normal(0.2, 0.1, steps)
    return lambda i: lo.simulate(cell, stimuli=view.data_stimulate(i), **HOW), [currents]


def current_that_ends_early(cell: lo.Cell) -> Case:
    return current(cell, steps=100)


def current_that_is_longer_than_the_run(cell: lo.Cell) -> Case:
    return current(cell, steps=400)


def current_of_each_compartment(cell: lo.Cell) -> Case:
    view = cell.branch("all").loc(0.5)
    currents = np.random.default_rng(4).normal(0.1, 0.1, (3, STEPS))
    return lambda i: lo.simulate(cell, stimuli=view.data_stimulate(i), **HOW), [currents]


def lanes_of_currents(cell: lo.Cell) -> Case:
    view = cell.branch("all").loc(0.5)
    currents = np.random.default_rng(4).normal(0.1, 0.1, (LANES, 3, STEPS))
    return lambda i: lo.simulate(cell, stimuli=view.data_stimulate(lo.batch(i)), **HOW), [currents]


def all_at_once(cell: lo.Cell) -> Case:
    def run(g: Any, v: Any, gates: Any, currents: Any) -> lo.Run:
        return lo.simulate(
            cell,
            lo.batch([{"hh.gnabar": g}, {"radius": np.full((LANES, 1), 1.5)}]),
            v_init=v,
            param_state=cell.branch(1).data_set("hh.n", gates),
            stimuli=cell.branch(1).loc(0.5).data_stimulate(lo.batch(currents)),
            **HOW,
        )

    random = np.random.default_rng(5)
    return run, [
        random.uniform(0.1, 0.14, (LANES, 3)),
        np.array(-66.0),
        np.array([0.3, 0.35, 0.4]),
        random.normal(0.1, 0.1, (LANES, STEPS)),
    ]


CASES = [
    parameters,
    lanes_of_parameters,
    parameters_shared_by_lanes,
    initial_voltage,
    initial_voltages,
    lanes_of_initial_voltages,
    settings,
    lanes_of_settings,
    current,
    current_that_ends_early,
    current_that_is_longer_than_the_run,
    current_of_each_compartment,
    lanes_of_currents,
    all_at_once,
]


@pytest.fixture
def cell(fork: lo.Cell) -> lo.Cell:
    fork.branch("all").make_trainable("hh.gnabar")
    fork.make_trainable("radius")
    return fork


@pytest.fixture
def passive() -> lo.Cell:
    """A cell that takes microseconds, with a conductance to find."""
    cell = lo.Cell()
    cell.insert(lo.mechanism("pas"))
    cell.stimulate(lo.step(start=0, duration=20, amplitude=0.001))
    cell.make_trainable("pas.g", bounds=(1e-4, 1e-2))
    cell.record()
    return cell


def tensors(arrays: list[np.ndarray], **how: Any) -> list[Any]:
    return [torch.tensor(array, requires_grad=True, **how) for array in arrays]


def equal(found: Any, expected: np.ndarray) -> bool:
    """Whether a tensor is an array, to the last bit."""
    return tuple(found.shape) == expected.shape and bool((found.numpy(force=True) == expected).all())


def cotangent_of(recordings: Any) -> np.ndarray:
    return np.random.default_rng(6).normal(size=tuple(recordings.shape))


def by_numpy(run: Callable[..., lo.Run], arrays: list[np.ndarray]) -> tuple[np.ndarray, tuple]:
    """Voltages of a run, and the gradients for a cotangent of them."""
    vjp, voltage = autograd.make_vjp(lambda arrays: run(*arrays).v)(tuple(arrays))
    return voltage, vjp(cotangent_of(voltage))


# what torch computes is what autograd computes


@pytest.mark.parametrize("case", CASES)
def test_gradients_are_those_of_numpy_bit_for_bit(cell: lo.Cell, case: Callable[[lo.Cell], Case]) -> None:
    run, arrays = case(cell)
    voltage, gradients = by_numpy(run, arrays)
    inputs = tensors(arrays)
    recorded = run(*inputs).v
    assert recorded.dtype == torch.float64 and equal(recorded, voltage)
    found = torch.autograd.grad(recorded, inputs, torch.tensor(cotangent_of(voltage)))
    for own, gradient in zip(found, gradients):
        assert own.dtype == torch.float64 and equal(own, gradient)
        assert (gradient != 0).any()


@pytest.mark.parametrize("case", [parameters, all_at_once])
def test_gradients_are_those_of_jax_bit_for_bit(cell: lo.Cell, case: Callable[[lo.Cell], Case]) -> None:
    jax = pytest.importorskip("jax")
    run, arrays = case(cell)
    inputs = tensors(arrays)
    recorded = run(*inputs).v
    cotangent = cotangent_of(recorded)
    found = torch.autograd.grad(recorded, inputs, torch.tensor(cotangent))
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        voltage, vjp = jax.vjp(lambda *arrays: run(*arrays).v, *map(jax.numpy.asarray, arrays))
        gradients = vjp(jax.numpy.asarray(cotangent))
    finally:
        jax.config.update("jax_enable_x64", before)
    assert equal(recorded, np.asarray(voltage))
    assert all(equal(own, np.asarray(gradient)) for own, gradient in zip(found, gradients))


@pytest.mark.parametrize("how", [{"scheme": "crank_nicolson"}, {"precision": "float32"}, {"budget": 1_250_000}])
def test_gradients_are_those_of_numpy_for_other_runs(cell: lo.Cell, how: dict[str, Any]) -> None:
    def run(g: Any) -> lo.Run:
        return lo.simulate(cell, [{"hh.gnabar": g}, {"radius": np.array([1.5])}], t_max=20, **how)

    voltage, (gradient,) = by_numpy(run, [np.array([0.11, 0.12, 0.13])])
    (conductance,) = tensors([np.array([0.11, 0.12, 0.13])])
    recorded = run(conductance).v
    assert recorded.dtype == (torch.float32 if "precision" in how else torch.float64)
    assert equal(recorded, voltage)
    cotangent = torch.tensor(cotangent_of(voltage)).to(recorded.dtype)
    if recorded.dtype == torch.float32:
        _, (gradient,) = by_numpy_with(run, [np.array([0.11, 0.12, 0.13])], cotangent.numpy())
    assert equal(torch.autograd.grad(recorded, conductance, cotangent)[0], gradient)


def by_numpy_with(run: Callable[..., lo.Run], arrays: list[np.ndarray], cotangent: np.ndarray) -> tuple[Any, tuple]:
    vjp, voltage = autograd.make_vjp(lambda arrays: run(*arrays).v)(tuple(arrays))
    return voltage, vjp(cotangent)


def test_derivatives_in_single_precision_are_those_of_numpy(cell: lo.Cell) -> None:
    def voltage(g: Any) -> Any:
        return lo.simulate(cell, [{"hh.gnabar": g}, {"radius": np.array([1.5])}], t_max=3, precision="float32").v

    at, vector = np.array([0.11, 0.12, 0.13]), np.array([0.01, -0.02, 0.03])
    _, moved = lo.jvp(voltage)(at, vector)
    value, tangent = torch.func.jvp(voltage, (torch.tensor(at),), (torch.tensor(vector),))
    assert value.dtype == tangent.dtype == torch.float32
    assert equal(tangent, moved)
    expected = lo.hessian_product(lambda g: voltage(g).sum())(at, vector)
    _, product = torch.autograd.functional.vhp(lambda g: voltage(g).sum(), torch.tensor(at), torch.tensor(vector))
    assert product.dtype == torch.float64 and equal(product, expected)


def test_the_door_of_jaxley_takes_tensors() -> None:
    import loligo.jaxley as jx
    from loligo.jaxley.channels import HH

    cell = jx.Cell(jx.Branch(jx.Compartment(), ncomp=2), parents=[-1, 0])
    cell.insert(HH())
    cell.branch("all").make_trainable("HH_gNa", verbose=False)
    cell.branch(1).loc(1.0).record(verbose=False)
    current = jx.step_current(1.0, 2.0, 0.05, 0.025, 5.0)

    def voltage(g: Any, current: Any) -> Any:
        stimuli = cell.branch(0).loc(0.0).data_stimulate(current)
        return jx.integrate(cell, params=[{"HH_gNa": g}], data_stimuli=stimuli)

    arrays = [np.array([0.12, 0.1]), np.asarray(current, dtype=np.float64)]
    vjp, expected = autograd.make_vjp(lambda arrays: voltage(*arrays))(tuple(arrays))
    inputs = tensors(arrays)
    found = voltage(*inputs)
    assert equal(found, expected)
    cotangent = cotangent_of(found)
    gradients = torch.autograd.grad(found, inputs, torch.tensor(cotangent))
    assert all(equal(own, its) for own, its in zip(gradients, vjp(cotangent)))


@pytest.mark.parametrize("case", CASES)
def test_hessian_products_are_those_of_numpy_bit_for_bit(cell: lo.Cell, case: Callable[[lo.Cell], Case]) -> None:
    run, arrays = case(cell)
    random = np.random.default_rng(7)
    vectors = [random.normal(size=array.shape) * np.abs(array).mean() for array in arrays]
    weights = cotangent_of(run(*arrays).v)
    # a loss that is linear in the voltages: the cotangent does not move
    expected = lo.hessian_product(lambda arrays: (run(*arrays).v * weights).sum())(tuple(arrays), tuple(vectors))

    inputs = tensors(arrays)
    loss = (run(*inputs).v * torch.tensor(weights)).sum()
    gradients = torch.autograd.grad(loss, inputs, create_graph=True)
    products = torch.autograd.grad(gradients, inputs, [torch.tensor(vector) for vector in vectors])
    for found, product in zip(products, expected):
        assert equal(found, product)
        assert (product != 0).any()


def test_hessian_products_of_a_loss_that_bends(cell: lo.Cell) -> None:
    """Both frameworks sum 482 terms in their own order, so that products agree to rounding."""
    run, arrays = parameters(cell)
    vectors = [np.array([0.01, -0.02, 0.03]), np.array([0.1])]
    expected = lo.hessian_product(lambda arrays: (run(*arrays).v ** 2).mean())(tuple(arrays), tuple(vectors))
    _, products = torch.autograd.functional.vhp(
        lambda *inputs: (run(*inputs).v ** 2).mean(),
        tuple(torch.tensor(array) for array in arrays),
        tuple(torch.tensor(vector) for vector in vectors),
    )
    for found, product in zip(products, expected):
        assert np.linalg.norm(found.numpy() - product) < 1e-12 * np.linalg.norm(product)


def test_derivatives_along_a_direction_are_those_of_numpy(cell: lo.Cell) -> None:
    run, arrays = all_at_once(cell)
    vectors = [np.random.default_rng(8).normal(size=array.shape) * np.abs(array).mean() for array in arrays]
    voltage, moved = lo.jvp(lambda arrays: run(*arrays).v)(tuple(arrays), tuple(vectors))
    inputs, along = ([torch.tensor(array) for array in each] for each in (arrays, vectors))
    with torch.autograd.forward_ad.dual_level():
        dual = [torch.autograd.forward_ad.make_dual(*pair) for pair in zip(inputs, along)]
        value, tangent = torch.autograd.forward_ad.unpack_dual(run(*dual).v)
    assert equal(value, voltage) and equal(tangent, moved)
    value, tangent = torch.func.jvp(lambda *inputs: run(*inputs).v, tuple(inputs), tuple(along))
    assert equal(value, voltage) and equal(tangent, moved)
    # only the first moves
    _, tangent = torch.func.jvp(lambda g: run(g, *inputs[1:]).v, (inputs[0],), (along[0],))
    _, moved = lo.jvp(lambda g: run(g, *arrays[1:]).v)(arrays[0], vectors[0])
    assert equal(tangent, moved)


def test_the_function_transforms_of_torch_give_the_same_gradient(cell: lo.Cell) -> None:
    run, (start, radius) = parameters(cell)
    weights = cotangent_of(run(start, radius).v)
    gradient = lo.grad(lambda g: (run(g, radius).v * weights).sum())(start)

    def voltage(conductance: Any) -> Any:
        return run(conductance, radius).v

    at, weights = torch.tensor(start), torch.tensor(weights)
    assert equal(torch.func.grad(lambda g: (voltage(g) * weights).sum())(at), gradient)
    # in reverse over forward, where lo.hessian_product is in reverse over reverse
    vector = np.array([0.01, -0.02, 0.03])
    product = lo.hessian_product(lambda g: (run(g, radius).v * weights.numpy()).sum())(start, vector)
    along = torch.func.grad(lambda g: (torch.func.jvp(voltage, (g,), (torch.tensor(vector),))[1] * weights).sum())
    assert equal(along(at), product)


def test_torch_finds_all_derivatives_right(soma: lo.Compartment) -> None:
    """With its own differences, and its own tolerances for them: 1e-3 and 1e-5."""
    soma.make_trainable("hh.gnabar")

    def voltage(g: Any, v: Any, scale: Any) -> Any:
        stimuli = soma.data_stimulate(scale * torch.linspace(0, 0.1, 40, dtype=torch.float64))
        return lo.simulate(soma, [{"hh.gnabar": g}], v_init=v, stimuli=stimuli, t_max=1.0, record_every=0.25).v / 100

    inputs = tensors([np.array([0.12]), np.array(-60.0), np.array(1.5)])
    assert torch.autograd.gradcheck(voltage, inputs, check_forward_ad=True, check_batched_grad=False)
    assert torch.autograd.gradgradcheck(voltage, inputs)


# tensors in, tensors out


def test_a_run_has_the_type_of_its_inputs(cell: lo.Cell) -> None:
    conductances = [0.11, 0.12, 0.13]
    with_arrays = lo.simulate(cell, [{"hh.gnabar": np.array(conductances)}, {"radius": np.array([1.5])}], t_max=5)
    values = [{"hh.gnabar": torch.tensor(conductances, dtype=torch.float64)}, {"radius": np.array([1.5])}]
    run = lo.simulate(cell, values, t_max=5)
    assert isinstance(with_arrays.v, np.ndarray)
    for found, expected in (
        (run.recordings, with_arrays.recordings),
        (run.v, with_arrays.v),
        (run[run.names[0]], with_arrays[run.names[0]]),
    ):
        assert isinstance(found, torch.Tensor) and not found.requires_grad
        assert equal(found, expected)
    assert isinstance(run.t, np.ndarray)
    assert "checkpoints" not in run.provenance, "nothing requires grad, and yet it was traced"


def test_a_run_of_tensors_does_what_runs_do(cell: lo.Cell, tmp_path: Path) -> None:
    run_of, arrays = lanes_of_parameters(cell)
    run, expected = run_of(*tensors(arrays)), run_of(*arrays)
    assert run.lanes == LANES and repr(run) == repr(expected)
    assert [lane.recordings.shape for lane in run] == [(2, STEPS + 1)] * LANES
    for lane, its in zip(run.spikes(), expected.spikes()):
        assert all((own.numpy(force=True) == other).all() for own, other in zip(lane, its))
    assert (run.to_pandas() == expected.to_pandas()).all(axis=None)
    run.save(tmp_path / "run.npz")
    assert (np.load(tmp_path / "run.npz")["recordings"] == expected.recordings).all()
    run.lane(0).plot()
    assert run._repr_html_() == expected._repr_html_()


def test_numbers_of_some_lanes_and_rows_have_gradients(cell: lo.Cell) -> None:
    run_of, arrays = lanes_of_parameters(cell)
    conductances, radii = tensors(arrays)
    run = run_of(conductances, radii)
    (run.lane(1)[run.names[0]] ** 2).sum().backward()
    assert (conductances.grad != 0).any(axis=1).tolist() == [False, True, False]
    (gradient,) = lo.grad(lambda g: (run_of(g, arrays[1]).lane(1)[run.names[0]] ** 2).sum())(arrays[0])[1:2]
    assert np.allclose(conductances.grad[1].numpy(), gradient, rtol=1e-12)


def test_singles_are_taken_as_doubles_and_have_gradients_in_single(cell: lo.Cell) -> None:
    run_of, arrays = parameters(cell)
    singles = tensors(arrays, dtype=torch.float32)
    doubles = tensors([single.detach().numpy().astype(np.float64) for single in singles])
    (run_of(*singles).v ** 2).mean().backward()
    (run_of(*doubles).v ** 2).mean().backward()
    for single, double in zip(singles, doubles):
        assert single.grad.dtype == torch.float32
        assert (single.grad == double.grad.to(torch.float32)).all()


def test_lists_of_tensors_and_numbers(cell: lo.Cell) -> None:
    (gate,) = tensors([np.array(0.3)])
    state = cell.branch(1).data_set("hh.n", [gate, 0.35, 2 * gate])
    recorded = lo.simulate(cell, param_state=state, **HOW).v
    state = cell.branch(1).data_set("hh.n", np.array([0.3, 0.35, 0.6]))
    assert equal(recorded, lo.simulate(cell, param_state=state, **HOW).v)
    recorded.sum().backward()
    assert gate.grad != 0


def test_nothing_is_kept_where_torch_follows_nothing(cell: lo.Cell) -> None:
    run_of, arrays = parameters(cell)
    with torch.no_grad():
        run = run_of(*tensors(arrays))
    assert not run.v.requires_grad and "checkpoints" not in run.provenance
    assert run_of(*tensors(arrays)).provenance["checkpoints"]["runs_per_step"] == 1


def test_a_gradient_can_be_taken_twice_if_torch_is_told_to_keep_the_graph(cell: lo.Cell) -> None:
    """What the first needs memory for is given back at once, and made again for the second."""
    run_of, arrays = parameters(cell)
    inputs = tensors(arrays)
    run = run_of(*inputs)
    loss = (run.v**2).mean()
    assert run.recordings.grad_fn.prepared.trace is not None
    first = torch.autograd.grad(loss, inputs, retain_graph=True)
    assert run.recordings.grad_fn.prepared.trace is None
    second = torch.autograd.grad(loss, inputs)
    assert all((one == other).all() for one, other in zip(first, second))
    with pytest.raises(RuntimeError, match="retain_graph"):
        torch.autograd.grad(loss, inputs)


def test_a_tensor_that_was_changed_since_the_run_has_no_gradient_by_it(cell: lo.Cell) -> None:
    run_of, arrays = parameters(cell)
    inputs = tensors(arrays)
    loss = (run_of(*inputs).v ** 2).mean()
    with torch.no_grad():
        inputs[0] *= 2
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_the_defaults_of_torch_change_nothing(cell: lo.Cell) -> None:
    run_of, arrays = parameters(cell)
    inputs = tensors(arrays)
    expected = run_of(*inputs).v
    with torch.device("meta"):  # where what is made in it has no numbers
        assert (run_of(inputs[0], arrays[1]).v == expected).all()
        cell.set("radius", 1.5)
        assert Simulation(cell, **HOW)().v.device.type == "cpu"
    with torch.inference_mode():
        assert (run_of(*inputs).v == expected).all()


def test_losses_of_the_library_take_tensors(cell: lo.Cell) -> None:
    run_of, arrays = parameters(cell)
    expected, run = run_of(*arrays), run_of(*tensors(arrays))
    target = expected.v + 1
    for loss in (
        lambda run: lo.losses.mean_squared_error(run, target),
        lambda run: lo.losses.windowed_mean(run.v, run.t, 2, 5)[0],
        lambda run: lo.losses.windowed_std(run.v, run.t, 2, 5)[1],
        lambda run: lo.losses.windowed_statistics(run.v, run.t, [(0, 2), (2, 5)])[1, 1, 0],
        lambda run: lo.losses.mean_squared_error(run, target, mask=np.arange(target.shape[1]) > 20),
        lambda run: lo.losses.cross_entropy(run.v[:, ::40], [1, 2]),
        lambda run: lo.losses.soft_dtw_divergence(run.v[:, ::10], target[:, ::12], gamma=10.0),
        lambda run: lo.losses.van_rossum(run.spikes(-60.0), [[1.0], [2.0]], tau=5.0),
    ):
        # sums of 482 terms, in other orders
        assert abs(loss(run).item() - loss(expected)) < 1e-12 * abs(loss(expected))
        assert loss(run).requires_grad
    assert lo.losses.mean_squared_error(run, torch.tensor(target)).item() == pytest.approx(1.0)


def test_soft_dtw_of_torch_has_the_derivative_of_numpy() -> None:
    trace, target = np.array([0.0, 0.5, 2.0, 1.0]), np.array([0.2, 1.5, 1.5])
    tensor = torch.tensor(trace, requires_grad=True)
    lo.losses.soft_dtw(tensor, torch.tensor(target)).backward()
    assert tensor.grad.tolist() == pytest.approx(autograd.grad(lo.losses.soft_dtw)(trace, target), abs=1e-15)
    assert torch.autograd.gradcheck(lambda t: lo.losses.soft_dtw(t, torch.tensor(target)), (tensor,))


def test_tensors_can_be_written_into_a_model_and_set(cell: lo.Cell) -> None:
    cell.write_trainables([{"hh.gnabar": tensors([np.array([0.1, 0.2, 0.3])])[0]}, {"radius": torch.tensor([1.25])}])
    assert cell.get_parameters()[0]["hh.gnabar"].tolist() == [0.1, 0.2, 0.3]
    cell.set("radius", torch.tensor(2.5))
    assert (cell.nodes["radius"] == 2.5).all()


def test_a_fit_takes_tensors_for_what_it_does_not_fit(passive: lo.Cell) -> None:
    current = 0.002 * np.ones(40)

    def found(current: Any) -> float:
        how = {"t_max": 1, "steps": 2, "progress": False, "stimuli": passive.data_stimulate(current)}
        return lo.fit(passive, lambda run: (run.v**2).mean(), **how).loss

    assert found(torch.tensor(current)) == found(current)


# a module of torch


def test_a_module_has_the_trainables_as_parameters(cell: lo.Cell) -> None:
    cell.branch(0).make_trainable("hh.gkbar", bounds=(0.01, 0.1))
    cell.branch(1).make_trainable("hh.gkbar", bounds=(0.0, np.inf))
    simulation = Simulation(cell, **HOW)
    state = simulation.state_dict()
    assert list(state) == ["hh_gnabar", "radius", "hh_gkbar", "hh_gkbar_2"]
    assert all(tensor.dtype == torch.float64 for tensor in state.values())
    # without bounds they are held as they are
    assert equal(state["hh_gnabar"], cell.get_parameters()[0]["hh.gnabar"])
    for found, expected in zip(simulation.physical_parameters(), cell.get_parameters()):
        ((name, values),) = found.items()
        assert np.allclose(values.detach().numpy(), expected[name], rtol=1e-14)
    run = simulation()
    # the transform and its inverse round, at worst by some 1e-15 of a conductance
    assert np.allclose(run.v.detach().numpy(), lo.simulate(cell, cell.get_parameters(), **HOW).v, atol=1e-9)
    run.v.mean().backward()
    assert all((parameter.grad != 0).all() for parameter in simulation.parameters())
    assert "t_max=6.0" in repr(simulation)


def test_a_module_can_be_saved_loaded_and_copied(cell: lo.Cell) -> None:
    simulation = Simulation(cell, **HOW)
    other = pickle.loads(pickle.dumps(copy.deepcopy(simulation)))
    with torch.no_grad():
        simulation.hh_gnabar *= 1.1
    assert (other().v != simulation().v).any()
    other.load_state_dict(simulation.state_dict())
    assert (other().v == simulation().v).all()
    simulation.write()
    assert equal(simulation.hh_gnabar, cell.get_parameters()[0]["hh.gnabar"])
    assert (other.module.get_parameters()[0]["hh.gnabar"] != cell.get_parameters()[0]["hh.gnabar"]).all()


@pytest.mark.parametrize("bounds", [(0.01, 0.3), (0.01, np.inf), (-np.inf, 0.3)])
def test_numbers_stay_within_their_bounds(soma: lo.Compartment, bounds: tuple[float, float]) -> None:
    soma.make_trainable("hh.gnabar", bounds=bounds)
    simulation = Simulation(soma, t_max=0.1)
    for far in (-1e4, -100.0, -1.0, 1.0, 100.0, 1e4):
        with torch.no_grad():
            simulation.hh_gnabar.fill_(far)
        value = simulation.physical_parameters()[0]["hh.gnabar"]
        assert bounds[0] <= value.item() <= bounds[1]
        assert torch.isfinite(torch.autograd.grad(value.sum(), simulation.hh_gnabar)[0]).all()


def test_a_number_on_a_bound_starts_inside(soma: lo.Compartment) -> None:
    soma.set("hh.gnabar", 0.3)
    soma.make_trainable("hh.gnabar", bounds=(0.01, 0.3))
    value = Simulation(soma, t_max=1).physical_parameters()[0]["hh.gnabar"].item()
    assert 0.2999 < value < 0.3


def test_adam_finds_a_conductance_again(soma: lo.Compartment) -> None:
    """A start 20 % off comes within 0.5 % of the sodium conductance of a cell that spikes."""
    soma.set("hh.gnabar", 0.1)
    target = torch.tensor(lo.simulate(soma, t_max=4).v)
    soma.set("hh.gnabar", 0.12)
    soma.make_trainable("hh.gnabar", bounds=(0.05, 0.3))
    simulation = Simulation(soma, t_max=4)
    optimizer = torch.optim.Adam(simulation.parameters(), lr=0.02)
    losses = []
    for _ in range(150):
        optimizer.zero_grad()
        loss = ((simulation().v - target) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    simulation.write()
    assert losses[-1] < 1e-3 * losses[0]
    assert abs(soma.get_parameters()[0]["hh.gnabar"][0] - 0.1) < 5e-4


def test_batches_of_stimuli_from_a_data_loader(passive: lo.Cell) -> None:
    """What a conductance makes of 32 currents is learnt from batches of 8, whose lanes share the conductance."""
    currents = torch.tensor(np.random.default_rng(9).uniform(0, 0.002, (32, 1)) * np.ones(200))
    view = passive.branch(0).loc(0.5)
    targets = torch.tensor(lo.simulate(passive, stimuli=view.data_stimulate(lo.batch(currents.numpy())), t_max=5).v)
    passive.set("pas.g", 0.003)
    passive.delete_trainables()
    passive.make_trainable("pas.g", bounds=(1e-4, 1e-2))
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(currents, targets), batch_size=8)
    simulation = Simulation(passive, t_max=5)
    optimizer = torch.optim.Adam(simulation.parameters(), lr=0.05)
    for _ in range(30):
        for current, target in data:
            optimizer.zero_grad()
            voltage = simulation(stimuli=view.data_stimulate(lo.batch(current))).v
            assert voltage.shape == (8, 1, 201)
            ((voltage - target) ** 2).mean().backward()
            optimizer.step()
    assert abs(simulation.physical_parameters()[0]["pas.g"].item() - 0.001) < 1e-5


def test_a_run_is_a_layer_between_others(passive: lo.Cell) -> None:
    """Gradients go on to what made the currents."""
    passive.delete_trainables()
    layer, simulation = torch.nn.Linear(2, 40, dtype=torch.float64), Simulation(passive, t_max=1)
    assert list(simulation.parameters()) == []
    currents = 1e-3 * layer(torch.ones(5, 2, dtype=torch.float64))
    voltage = simulation(stimuli=passive.data_stimulate(lo.batch(currents))).v
    voltage[:, 0, -1].sum().backward()
    assert voltage.shape == (5, 1, 41)
    assert (layer.weight.grad != 0).all()


# wrong calls


def wrong(dtype: Any = torch.float64, device: str = "cpu") -> Any:
    return torch.zeros(3, dtype=dtype, device=device)


def with_parameters(cell: lo.Cell, conductance: Any) -> lo.Run:
    return lo.simulate(cell, [{"hh.gnabar": conductance}, {"radius": np.array([1.5])}], t_max=1)


def gate(cell: lo.Cell) -> list:
    return cell.branch(1).data_set("hh.n", torch.tensor(0.3))


def third_derivative(cell: lo.Cell) -> None:
    value = torch.tensor(-65.0, dtype=torch.float64, requires_grad=True)
    slope = (lo.simulate(cell, v_init=value, t_max=1).v ** 2).sum()
    for _ in range(3):
        (slope,) = torch.autograd.grad(slope, value, create_graph=True)


def of_changed_model(cell: lo.Cell) -> None:
    simulation = Simulation(cell, t_max=1)
    cell.make_trainable("hh.gkbar")
    simulation()


WRONG: dict[str, tuple[Callable[[lo.Cell], object], type[Exception], str]] = {
    "whole numbers": (
        lambda c: with_parameters(c, wrong(torch.int64)),
        ArgumentTypeError,
        "`hh.gnabar` is a tensor of torch.int64 on cpu, expected torch.float32 or torch.float64 on cpu",
    ),
    "few bits": (
        lambda c: lo.simulate(c, v_init=lo.batch(wrong(torch.bfloat16)), t_max=1),
        ArgumentTypeError,
        "the value of `v` is a tensor of torch.bfloat16 on cpu, expected",
    ),
    "another device": (
        lambda c: lo.simulate(c, stimuli=c.branch(0).loc(0).data_stimulate(lo.batch(wrong(device="meta"))), t_max=1),
        ArgumentTypeError,
        "the current is a tensor of torch.float64 on meta, expected torch.float32 or torch.float64 on cpu",
    ),
    "sparse": (
        lambda c: with_parameters(c, wrong().to_sparse()),
        ArgumentTypeError,
        "`hh.gnabar` is a tensor of layout torch.sparse_coo, expected a dense one",
    ),
    "shape": (
        lambda c: with_parameters(c, wrong()[:2]),
        ArgumentError,
        "`hh.gnabar` of the parameters has shape (2,), expected (3,), (number,)",
    ),
    "shapes in a list": (
        lambda c: lo.simulate(c, v_init=[torch.zeros(1), torch.zeros(2)], t_max=1),
        ArgumentError,
        "the value of `v` is a list of tensors of the shapes [(1,), (2,)], expected one shape",
    ),
    "shape of a current": (
        lambda c: lo.simulate(c, stimuli=c.branch(0).data_stimulate(torch.zeros(2, 40)), t_max=1),
        ArgumentError,
        "the current has shape (2, 40), expected (step) or (compartment, step) for 3 selected compartments",
    ),
    "lanes": (
        lambda c: lo.simulate(c, v_init=lo.batch(torch.tensor(-65.0)), t_max=1),
        ArgumentError,
        "the batch of v_init has shape (), expected lanes as its first axis",
    ),
    "a tensor for parameters": (
        lambda c: lo.simulate(c, wrong(), t_max=1),
        ArgumentTypeError,
        "the parameters are of type Tensor, expected a list of one-key dictionaries",
    ),
    "NaN": (
        lambda c: lo.simulate(c, param_state=c.branch(1).data_set("hh.m", wrong() + torch.nan), t_max=1),
        ArgumentError,
        "the value of `hh.m` is NaN at position [0], expected finite numbers",
    ),
    "two frameworks": (
        lambda c: lo.grad(lambda g: lo.simulate(c, [{"hh.gnabar": g}, {"radius": torch.ones(1)}], t_max=1).v.sum())(
            np.full(3, 0.12)
        ),
        ArgumentTypeError,
        "a run is given both tensors of torch and arrays that lo.value_and_grad, lo.grad or another function of",
    ),
    "tensors and JAX": (
        lambda c: lo.simulate(c, v_init=pytest.importorskip("jax").numpy.array(-65.0), t_max=1, param_state=gate(c)),
        ArgumentTypeError,
        "a run is given both tensors of torch and arrays of JAX, expected those of one framework",
    ),
    "third derivatives": (third_derivative, ArgumentTypeError, "derivatives of a run are available up to the second"),
    "vmap": (
        lambda c: torch.func.vmap(lambda v: lo.simulate(c, v_init=v, t_max=1).v)(wrong()),
        ArgumentTypeError,
        "runs are not batched by torch.func.vmap",
    ),
    "setting what torch follows": (
        lambda c: c.set("hh.gnabar", torch.tensor(0.1, requires_grad=True)),
        ArgumentTypeError,
        "the value of `hh.gnabar` is a tensor that requires grad, which is followed through runs only",
    ),
    "setting a list of them": (
        lambda c: c.branch(0).set("hh.gnabar", [torch.tensor(0.1, requires_grad=True)] * 3),
        ArgumentTypeError,
        "the value of `hh.gnabar` is [tensor(0.1000, requires_grad=True)",
    ),
    "a view": (lambda c: Simulation(c.branch(0), t_max=1), ArgumentTypeError, "expected a whole module"),
    "an option": (
        lambda c: Simulation(c, t_max=1, presicion="float32"),
        ArgumentTypeError,
        "simulate has no argument `presicion`; did you mean `precision`?",
    ),
    "another model": (of_changed_model, ArgumentError, "2 parameters were given, but the model has 3 trainables"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_calls(cell: lo.Cell, name: str) -> None:
    call, kind, message = WRONG[name]
    with pytest.raises(kind) as raised:
        call(cell)
    assert type(raised.value) is kind
    assert message in str(raised.value)


def test_a_loss_of_torch_is_not_one_of_numpy(cell: lo.Cell) -> None:
    with pytest.raises(ArgumentTypeError, match=r"written with functions of PyTorch; .* and call backward\(\)"):
        lo.value_and_grad(lambda p: torch.mean(lo.simulate(cell, p, **HOW).v))(cell.get_parameters())


def test_a_run_that_diverges() -> None:
    cable = lo.Branch(ncomp=3)
    cable.insert(lo.mechanism("pas"))
    cable.make_trainable("pas.g")
    cable.record()
    # the voltage grows by C/(C + g dt) = 4 in a step
    (conductances,) = tensors([np.array([[1e-3], [-0.03], [2e-3]])])
    with pytest.raises(DivergenceError, match="v in cell 0"):
        lo.simulate(cable, [{"pas.g": conductances[1]}], t_max=20)
    run = lo.simulate(cable, lo.batch([{"pas.g": conductances}]), t_max=20)
    assert torch.isnan(run.v).all(dim=2).all(dim=1).tolist() == [False, True, False]
    assert [error.lane for error in run.diverged] == [1]


# an extra, imported only when used


def python(script: str) -> str:
    return subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout


def test_torch_is_imported_only_when_used() -> None:
    script = """
import sys
import loligo as lo
cell = lo.Cell()
cell.insert(lo.mechanism("pas"))
cell.make_trainable("pas.g")
cell.record()
lo.grad(lambda p: lo.simulate(cell, p, t_max=1).v.mean())(cell.get_parameters())
print("torch" in sys.modules)
import torch
print("loligo.torch" in sys.modules)
lo.simulate(cell, v_init=torch.tensor(-65.0), t_max=1)
print("loligo.torch" in sys.modules)
"""
    assert python(script).split() == ["False", "False", "True"]


def test_without_torch_the_module_says_what_to_install() -> None:
    script = """
import sys
sys.modules["torch"] = None  # as if it were not there
import loligo as lo
try:
    import loligo.torch
except lo.errors.MissingPackageError as error:
    print(error)
"""
    assert python(script).strip() == 'loligo.torch needs PyTorch: pip install "loligo[torch]"'
