"""Numbers of the door are arrays of NumPy that scripts take for those of JAX: they have what JAX's have, JAX, optax,
autograd, pandas and pickle take them as they take NumPy's, and NumPy computes with them as with its own."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import loligo as lo
import loligo.jaxley as jx
from loligo.jaxley.array import Array
from loligo.jaxley.channels import HH
from loligo.jaxley.integrate import build_init_and_step_fn
from loligo.jaxley.morphology import distance_direct
from loligo.jaxley.optimize import TypeOptimizer
from loligo.jaxley.optimize.transforms import MaskedTransform, SigmoidTransform
from loligo.jaxley.synapses import IonotropicSynapse
from loligo.jaxley.utils.dynamics import build_dynamic_state_utils


@pytest.fixture
def cell() -> jx.Cell:
    """A branched cell that is stimulated, clamped, recorded and trained."""
    cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
    cell.insert(HH())
    cell.branch(0).loc(0.0).record(verbose=False)
    cell.branch(0).loc(0.0).stimulate(jx.step_current(0.5, 1.0, 0.1, 0.025, 2.0), verbose=False)
    cell.branch("all").make_trainable("radius", verbose=False)
    cell.make_trainable("HH_gNa", verbose=False)
    return cell


@pytest.fixture
def jax() -> Any:
    return pytest.importorskip("jax")


def loss(cell: jx.Cell, params: Any) -> Any:
    return ((jx.integrate(cell, params) + 60) ** 2).mean()


def test_what_jaxley_gives_as_arrays_of_jax_has_what_those_have(cell: jx.Cell) -> None:
    network = jx.Network([cell, cell])
    jx.connect(network[0, 0, 0], network[1, 0, 0], IonotropicSynapse())
    start = cell.branch(0).comp(0)
    recordings, states = jx.integrate(cell, cell.get_parameters(), return_states=True)
    init_fn, step_fn = build_init_and_step_fn(cell)
    initial, parameters = init_fn(cell.get_parameters())
    remove, _, flatten, _ = build_dynamic_state_utils(cell)
    given = [
        *(array for entry in cell.get_parameters() for array in entry.values()),
        *(array for entry in cell.trainable_params for array in entry.values()),
        *cell.indices_set_by_trainables,
        *cell.externals.values(),
        *cell.jaxnodes.values(),
        *network.jaxedges.values(),
        recordings,
        *states.values(),
        *initial.values(),
        *parameters.pop("axial_conductances").values(),
        *parameters.values(),
        *step_fn(initial, parameters, {}, {}).values(),
        flatten(remove(initial)),
        distance_direct(start, cell),
        jx.step_current(0.5, 1.0, 0.1, 0.025, 2.0),
        jx.datapoint_to_step_currents(0.5, 1.0, [0.1], 0.025, 2.0),
        MaskedTransform(np.array([True, False]), SigmoidTransform(0, 1)).forward(
            cell.get_parameters()[0]["radius"][:2]
        ),
    ]
    assert {type(array) for array in given} == {Array}
    assert recordings.block_until_ready() is recordings


def test_copies_with_other_numbers_are_arrays_of_jax(cell: jx.Cell, jax: Any, double_precision: None) -> None:
    radius = cell.get_parameters()[0]["radius"]
    changed = radius.at[1].set(3.0)
    assert isinstance(changed, jax.Array) and changed.tolist() == [1.0, 3.0, 1.0]
    assert radius.tolist() == [1.0, 1.0, 1.0]
    np.testing.assert_array_equal(radius.at[jax.numpy.array([0, 2])].add(0.5), [1.5, 1.0, 1.5])


def test_without_jax_what_needs_it_names_the_extra(cell: jx.Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(lo.errors.MissingPackageError, match=r'pip install "loligo\[jax\]"'):
        cell.get_parameters()[0]["radius"].at[0].set(3.0)


def test_they_are_in_double_precision_whatever_jax_was_told(cell: jx.Cell, jax: Any, double_precision: None) -> None:
    jax.config.update("jax_enable_x64", False)  # which the fixture puts back
    assert jx.integrate(cell, cell.get_parameters()).dtype == np.float64


def test_jax_takes_them_as_it_takes_arrays_of_numpy(cell: jx.Cell, jax: Any, double_precision: None) -> None:
    params = cell.get_parameters()
    plain = [{name: np.asarray(array) for name, array in entry.items()} for entry in params]
    assert type(plain[0]["radius"]) is np.ndarray
    from jax.flatten_util import ravel_pytree

    gradient = jax.value_and_grad(lambda own: loss(cell, own))
    for function in (
        gradient,
        jax.jit(gradient),
        lambda own: jax.jit(jax.vmap(lambda factor: loss(cell, jax.tree_util.tree_map(lambda a: a * factor, own))))(
            np.array([1.0, 1.1]).view(Array)
        ),
        lambda own: jax.vmap(lambda radius: loss(cell, [{"radius": radius}, own[1]]))(
            own[0]["radius"] * np.array([[1.0], [1.1]])
        ),
        lambda own: ravel_pytree(own)[0],
    ):
        for found, expected in zip(*map(jax.tree_util.tree_leaves, (function(params), function(plain))), strict=True):
            assert isinstance(found, jax.Array)
            np.testing.assert_array_equal(found, expected)


def test_arithmetic_with_arrays_of_jax_gives_arrays_of_jax(cell: jx.Cell, jax: Any, double_precision: None) -> None:
    radius, two = cell.get_parameters()[0]["radius"], jax.numpy.full(3, 2.0)
    for found in (radius * two, two * radius, radius + two, two**radius, jax.numpy.where(radius > 0, radius, two)):
        assert isinstance(found, jax.Array)
    assert jax.jit(lambda number: (number * radius - radius / number).sum())(2.0) == 4.5


def test_optimisers_step_from_them(cell: jx.Cell, jax: Any, double_precision: None) -> None:
    optax = pytest.importorskip("optax")
    transform = jx.ParamTransform([{"radius": SigmoidTransform(0.1, 5.0)}, {"HH_gNa": SigmoidTransform(0.01, 1.0)}])
    ends = []
    for kind in (Array, np.ndarray):
        params = [{name: array.view(kind) for name, array in entry.items()} for entry in cell.get_parameters()]
        opt_params = transform.inverse(params)
        assert all(type(array) is kind for entry in opt_params for array in entry.values())
        optimizer = TypeOptimizer(optax.adam, {"radius": 0.1, "HH_gNa": 0.01}, opt_params)
        slopes = jax.grad(lambda own: loss(cell, transform.forward(own)))(opt_params)
        updates, _ = optimizer.update(slopes, optimizer.init(opt_params))
        opt_params = optax.apply_updates(opt_params, updates)
        ends.append(np.concatenate([array for entry in opt_params for array in entry.values()]))
    np.testing.assert_array_equal(*ends)
    assert ends[0][-1] != transform.inverse(cell.get_parameters())[1]["HH_gNa"][0]


def test_autograd_follows_them(cell: jx.Cell) -> None:
    params = cell.get_parameters()
    value, slopes = lo.value_and_grad(lambda own: loss(cell, own))(params)
    plain = [{name: np.array(array) for name, array in entry.items()} for entry in params]
    expected, expected_slopes = lo.value_and_grad(lambda own: loss(cell, own))(plain)
    assert value == expected
    np.testing.assert_array_equal(slopes[0]["radius"], expected_slopes[0]["radius"])
    product = lo.hessian_product(lambda own: loss(cell, own))
    np.testing.assert_array_equal(product(params, params)[1]["HH_gNa"], product(plain, plain)[1]["HH_gNa"])


def test_the_native_door_works_on_modules_of_this_one(cell: jx.Cell) -> None:
    params = cell.get_parameters()
    assert type(lo.simulate(cell, params, t_max=1).v) is np.ndarray
    target = lo.simulate(cell, [params[0], {"HH_gNa": params[1]["HH_gNa"] * 1.1}], t_max=1).v
    fit = lo.fit(cell, lambda run: ((run.v - target) ** 2).mean(), t_max=1, steps=20)
    assert fit.loss < ((lo.simulate(cell, params, t_max=1).v - target) ** 2).mean()


def test_they_are_kept_in_files(cell: jx.Cell, tmp_path: Path) -> None:
    voltage = jx.integrate(cell, cell.get_parameters())
    again = pickle.loads(pickle.dumps({"v": voltage, "params": cell.get_parameters()}))
    assert type(again["v"]) is Array and type(again["params"][0]["radius"]) is Array
    np.testing.assert_array_equal(again["v"], voltage)
    np.save(tmp_path / "v.npy", voltage)
    assert type(np.load(tmp_path / "v.npy")) is np.ndarray
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), voltage)
    table = pd.DataFrame({"v": voltage[0]})
    assert table["v"].dtype == np.float64 and table["v"].mean() == pytest.approx(voltage.mean(), rel=1e-14)


def test_numpy_computes_with_them_as_with_its_own() -> None:
    rows = np.arange(6.0).reshape(2, 3).view(Array)
    for derived in (rows[0], rows.T, rows[:, 1:], rows * 2, 2 - rows, np.exp(rows), rows.sum(axis=1), rows.copy()):
        assert type(derived) is Array
    # one number is a number: it is formatted, and written as JSON, as any other
    for number in (rows[0, 1], rows.sum(), rows.mean(), rows.max(), np.sum(rows), np.median(rows), rows[0] @ rows[0]):
        assert isinstance(number, float) and f"{number:.1f}"
    assert rows.argmax() == 5 and rows.tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    rows[0, 0] = 1.0
    assert rows[0, 0] == 1.0
