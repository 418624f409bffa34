"""States: a run goes on from where another ended, with its gradients, in every framework."""

import autograd.numpy as anp
import numpy as np
import pytest

import loligo as lo
from loligo.errors import ArgumentError, ArgumentTypeError, RunError, UnknownNameError


@pytest.fixture
def cell():
    cell = lo.Cell([lo.Branch([lo.Compartment()] * 2)] * 3, parents=[-1, 0, 0])
    cell.insert(lo.mechanism("hh"))
    cell.celsius = 6.3
    cell.branch(1).insert(lo.mechanism("hay_ca_hva"))
    cell.branch(1).insert(lo.mechanism("hay_cadynamics_e2"))
    cell.branch(0).stimulate(lo.step(start=-1, duration=100, amplitude=0.05))
    cell.record()
    cell.branch(1).record("cai")
    cell.branch(0).make_trainable("hh.gnabar")
    return cell


CHOICES = [("backward_euler", "native"), ("crank_nicolson", "native"), ("backward_euler", "jaxley")]


@pytest.mark.parametrize(("scheme", "convention"), CHOICES)
def test_two_runs_are_one(cell, scheme, convention):
    options = {"scheme": scheme, "convention": convention}
    first = lo.simulate(cell, t_max=3, keep_state=True, **options)
    second = lo.simulate(cell, t_max=4, start=first.state, keep_state=True, **options)
    whole = lo.simulate(cell, t_max=7, keep_state=True, **options)
    assert (second.recordings == whole.recordings[:, 120:]).all()
    assert (second.state.numbers == whole.state.numbers).all()
    assert (first.state["v"] == first.v[:, -1]).all()


def _split_loss(cell, split):
    def loss(parameters):
        if not split:
            return anp.mean(lo.simulate(cell, parameters, t_max=7).v[:, 121:] ** 2)
        first = lo.simulate(cell, parameters, t_max=3, keep_state=True)
        return anp.mean(lo.simulate(cell, parameters, t_max=4, start=first.state).v[:, 1:] ** 2)

    return loss


def test_gradients_go_through_a_state(cell):
    parameters = cell.get_parameters()
    [whole] = lo.grad(_split_loss(cell, split=False))(parameters)
    [parts] = lo.grad(_split_loss(cell, split=True))(parameters)
    # the same sums in another order
    np.testing.assert_allclose(parts["hh.gnabar"], whole["hh.gnabar"], rtol=1e-10)


@pytest.mark.usefixtures("double_precision")
def test_states_under_jax(cell):
    import jax

    def loss(parameters):
        first = lo.simulate(cell, parameters, t_max=3, keep_state=True)
        return (lo.simulate(cell, parameters, t_max=4, start=first.state).v[:, 1:] ** 2).mean()

    parameters = jax.tree.map(jax.numpy.asarray, cell.get_parameters())
    [expected] = lo.grad(_split_loss(cell, split=True))(cell.get_parameters())
    [found] = jax.jit(jax.grad(loss))(parameters)
    assert (np.asarray(found["hh.gnabar"]) == expected["hh.gnabar"]).all()
    # a state is what compiled functions take and return, and `vmap` makes lanes of
    state = jax.jit(lambda p: lo.simulate(cell, p, t_max=3, keep_state=True).state)(parameters)
    lanes = jax.vmap(lambda numbers: lo.simulate(cell, t_max=1, start=lo.State(numbers, state.layout)).v)
    both = lanes(jax.numpy.stack([state.numbers, state.numbers]))
    assert (both[0] == both[1]).all()


def test_lanes_have_states_of_their_own(cell):
    values = np.array([[0.12], [0.1]])
    first = lo.simulate(cell, lo.batch([{"hh.gnabar": values}]), t_max=3, keep_state=True)
    assert first.state.lanes == 2
    second = lo.simulate(cell, lo.batch([{"hh.gnabar": values}]), t_max=1, start=first.state)
    for lane, value in enumerate(values):
        alone = lo.simulate(cell, [{"hh.gnabar": value}], t_max=4)
        assert (alone.recordings[:, 120:] == second.lane(lane).recordings).all()
        assert (first.lane(lane).state.numbers == first.state.lane(lane).numbers).all()


def test_parts_of_a_state_can_be_replaced(cell):
    state = lo.simulate(cell, t_max=3, keep_state=True).state
    run = lo.simulate(cell, t_max=1, start=state, v_init=-50.0)
    assert (run.v[:, 0] == -50).all()
    assert state.rows("cai").tolist() == [2, 3]


def test_wrong_use(cell):
    run = lo.simulate(cell, t_max=1)
    with pytest.raises(ArgumentError, match="keep_state=True"):
        _ = run.state
    with pytest.raises(ArgumentTypeError, match="expected what a run has"):
        lo.simulate(cell, t_max=1, start=run)
    state = lo.simulate(cell, t_max=1, keep_state=True).state
    with pytest.raises(UnknownNameError, match=r"has no `hh.mm`; did you mean `hh.m`"):
        _ = state["hh.mm"]
    other = lo.Compartment()
    other.record()
    with pytest.raises(ArgumentError, match="no state of this model"):
        lo.simulate(other, t_max=1, start=state)


def test_events_are_no_part_of_a_state():
    cell = lo.Compartment()
    cell.insert(lo.mechanism("expsyn"))
    network = lo.Network([cell])
    network.connect(lo.SpikeTrains([1.0]), network.cell(0), lo.SpikingSynapse("expsyn", weight=0.01))
    network.record()
    with pytest.raises(RunError, match="events"):
        lo.simulate(network, t_max=1, keep_state=True)


def test_gradients_stop_where_they_are_told_to(cell):
    weights = anp.cos(anp.arange(281))

    def cut(parameters):
        return anp.sum(weights * lo.simulate(cell, parameters, t_max=7, stop_gradient_at=[3]).v)

    def apart(parameters, before):
        first = lo.simulate(cell, parameters, t_max=3).v
        state = lo.simulate(cell, before, t_max=3, keep_state=True).state
        second = lo.simulate(cell, parameters, t_max=4, start=state).v
        return anp.sum(weights[:121] * first) + anp.sum(weights[121:] * second[:, 1:])

    parameters = cell.get_parameters()
    value, [found] = lo.value_and_grad(cut)(parameters)
    expected_value, [expected] = lo.value_and_grad(apart)(parameters, parameters)
    assert value == pytest.approx(expected_value, rel=1e-13)
    # the same sums in another order
    np.testing.assert_allclose(found["hh.gnabar"], expected["hh.gnabar"], rtol=1e-10)
    # forward and reverse agree: the derivative along a direction is the gradient times it
    along = [{"hh.gnabar": np.full_like(found["hh.gnabar"], 0.3)}]
    _, moved = lo.jvp(cut)(parameters, along)
    assert moved == pytest.approx((found["hh.gnabar"] * 0.3).sum(), rel=1e-9)
    with pytest.raises(ArgumentError, match="expected multiples of dt"):
        lo.simulate(cell, t_max=7, stop_gradient_at=[3.01])
    with pytest.raises(ArgumentError, match="from 0 to 7 ms"):
        lo.simulate(cell, t_max=7, stop_gradient_at=[8])


def test_currents_of_a_first_sample_are_those_of_the_state(cell):
    """As at the start of any run; from the second sample on they are those of the whole run."""
    cell.record("ina")
    first = lo.simulate(cell, t_max=3, keep_state=True)
    second, whole = lo.simulate(cell, t_max=4, start=first.state), lo.simulate(cell, t_max=7)
    assert (second["ina"][:, 1:] == whole["ina"][:, 121:]).all()
    assert (second["ina"][:, 0] != whole["ina"][:, 120]).all()
