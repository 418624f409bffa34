"""Resting states: nothing changes in them, and their derivatives are those of the implicit function."""

import pickle

import autograd.numpy as anp
import numpy as np
import pytest

import loligo as lo
from loligo.errors import ArgumentError, ConvergenceError


@pytest.fixture
def cell() -> lo.Cell:
    cell = lo.Cell([lo.Branch([lo.Compartment(length=60, radius=2)] * 2)] * 3, parents=[-1, 0, 0])
    cell.insert(lo.mechanism("hh"))
    cell.celsius = 6.3
    cell.branch(1).insert(lo.mechanism("hay_ca_hva"))
    cell.branch(1).insert(lo.mechanism("hay_cadynamics_e2"))
    cell.branch(2).set("hh.el", -50.0)
    cell.branch(0).stimulate(lo.step(start=0, duration=100, amplitude=1))
    cell.record()
    cell.branch("all").make_trainable("hh.gl")
    return cell


@pytest.mark.parametrize("convention", ["native", "jaxley"])
def test_nothing_changes_at_rest(cell: lo.Cell, convention: str) -> None:
    rest = lo.equilibrate(cell, convention=convention)
    cell.delete_stimuli()
    run = lo.simulate(cell, t_max=20, start=rest, convention=convention)
    # the tolerance of the search is 1e-9 of the size of a number
    assert np.abs(run.v - rest["v"][:, None]).max() < 1e-6
    slow = lo.simulate(cell, t_max=2000, dt=0.1, convention=convention, record_every=100).v[:, -1]
    assert np.abs(rest["v"] - slow).max() < 1e-4


def _loss(cell: lo.Cell) -> object:
    weights = anp.arange(1.0, 7.0)
    return lambda parameters: anp.sum(weights * lo.equilibrate(cell, parameters)["v"])


def test_gradients_are_those_of_differences(cell: lo.Cell) -> None:
    parameters = cell.get_parameters()
    loss = _loss(cell)
    [found] = lo.grad(loss)(parameters)
    for number in range(3):
        moved = np.zeros(3)
        moved[number] = 1e-7
        up, down = ([{"hh.gl": parameters[0]["hh.gl"] + sign * moved}] for sign in (1, -1))
        # central differences of a search that ends within 1e-9
        assert found["hh.gl"][number] == pytest.approx((loss(up) - loss(down)) / 2e-7, rel=1e-4)


def test_forward_mode_gives_what_the_gradient_does(cell: lo.Cell) -> None:
    """The same linear system from the other side; both searches end within 1e-9 of the size of a number."""
    parameters = cell.get_parameters()
    along = [{"hh.gl": np.array([1.0, -2.0, 0.5])}]
    [gradient] = lo.grad(_loss(cell))(parameters)
    _, moved = lo.jvp(_loss(cell))(parameters, along)
    assert moved == pytest.approx(float(gradient["hh.gl"] @ along[0]["hh.gl"]), rel=1e-6)
    with pytest.raises(TypeError, match="available up to the first"):
        lo.hessian_product(_loss(cell))(parameters, along)


def test_gradients_go_on_into_runs(cell: lo.Cell) -> None:
    def loss(parameters: list) -> object:
        return anp.mean(lo.simulate(cell, parameters, t_max=2, start=lo.equilibrate(cell, parameters)).v)

    parameters = cell.get_parameters()
    [found] = lo.grad(loss)(parameters)
    moved = 1e-7 * np.eye(3)[1]
    up, down = ([{"hh.gl": parameters[0]["hh.gl"] + sign * moved}] for sign in (1, -1))
    assert found["hh.gl"][1] == pytest.approx((loss(up) - loss(down)) / 2e-7, rel=1e-4)


@pytest.mark.usefixtures("double_precision")
def test_under_jax_it_is_the_same(cell: lo.Cell) -> None:
    import jax

    [expected] = lo.grad(_loss(cell))(cell.get_parameters())
    weights = jax.numpy.arange(1.0, 7.0)
    loss = lambda parameters: (weights * lo.equilibrate(cell, parameters)["v"]).sum()  # noqa: E731
    parameters = jax.tree.map(jax.numpy.asarray, cell.get_parameters())
    [found] = jax.jit(jax.grad(loss))(parameters)
    # both searches end within 1e-9 of the size of a number
    np.testing.assert_allclose(found["hh.gl"], expected["hh.gl"], rtol=1e-6)


def test_lanes_rest_each_for_itself(cell: lo.Cell) -> None:
    values = np.array([[3e-4] * 3, [5e-4] * 3])
    both = lo.equilibrate(cell, lo.batch([{"hh.gl": values}]))
    for lane in range(2):
        alone = lo.equilibrate(cell, [{"hh.gl": values[lane]}])
        assert np.abs(both.lane(lane)["v"] - alone["v"]).max() < 1e-6


def test_what_has_no_rest_is_refused(cell: lo.Cell) -> None:
    with pytest.raises(ArgumentError, match="tolerance is 2"):
        lo.equilibrate(cell, tolerance=2)
    with pytest.raises(ArgumentError, match="expected a whole module"):
        lo.equilibrate(cell.branch(0))
    clock = lo.Compartment()
    clock.insert(lo.mechanism("Izhikevich"))
    clock.set("Izhikevich.b", 2.0)
    with pytest.raises(ConvergenceError, match="no resting state"):
        lo.equilibrate(clock)


def test_numbers_that_are_set_count_from_then_on(cell: lo.Cell) -> None:
    before = lo.equilibrate(cell)["v"]
    cell.set("hh.el", -60.0)
    fresh = lo.equilibrate(pickle.loads(pickle.dumps(cell)))["v"]
    assert np.abs(fresh - before).max() > 1
    assert (lo.equilibrate(cell)["v"] == fresh).all()
