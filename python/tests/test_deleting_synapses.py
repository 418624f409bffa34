"""Deleted synapses are gone from runs; those that stay keep their numbers, recordings and trainables."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import loligo as lo


def three() -> lo.Network:
    """Three cells that are driven, and three synapses onto the last, each of another strength."""
    network = lo.Network([lo.Compartment(radius=5.0) for _ in range(3)])
    network.insert(lo.mechanism("pas"))
    network.celsius = 20.0
    network.cell([0, 1]).stimulate(lo.step(start=1.0, duration=5.0, amplitude=0.02))
    network.connect([0, 1, 0], [2, 2, 1], lo.IonotropicSynapse())
    network.IonotropicSynapse.set("gS", [1e-3, 2e-3, 3e-3])
    network.cell([1, 2]).record()
    return network


def without(numbers: list[int]) -> lo.Network:
    """The network that never had those synapses."""
    network = lo.Network([lo.Compartment(radius=5.0) for _ in range(3)])
    network.insert(lo.mechanism("pas"))
    network.celsius = 20.0
    network.cell([0, 1]).stimulate(lo.step(start=1.0, duration=5.0, amplitude=0.02))
    left = np.delete(np.arange(3), numbers)
    if left.size:
        network.connect(np.array([0, 1, 0])[left], np.array([2, 2, 1])[left], lo.IonotropicSynapse())
        network.IonotropicSynapse.set("gS", np.array([1e-3, 2e-3, 3e-3])[left])
    network.cell([1, 2]).record()
    return network


@pytest.mark.parametrize("numbers", [[0], [1], [0, 2], [0, 1, 2]])
def test_a_run_is_that_of_a_network_that_never_had_them(numbers: list[int]) -> None:
    network, expected = three(), without(numbers)
    before = lo.simulate(network, t_max=10.0)
    network.IonotropicSynapse[numbers].delete()
    pd.testing.assert_frame_equal(network.edges, expected.edges)
    assert network.synapse_names == expected.synapse_names
    run = lo.simulate(network, t_max=10.0)
    np.testing.assert_array_equal(run.v, lo.simulate(expected, t_max=10.0).v)
    assert (run.v != before.v).any()


def test_a_gradient_is_that_of_a_network_that_never_had_them() -> None:
    network, expected = three(), without([1])
    network.IonotropicSynapse["all"].make_trainable("gS")
    expected.IonotropicSynapse["all"].make_trainable("gS")
    network.IonotropicSynapse[1].delete()
    gradients = []
    for each in (network, expected):
        found = lo.grad(lambda p, each=each: (lo.simulate(each, p, t_max=10.0).v ** 2).mean())(each.get_parameters())
        gradients.append(found[0]["IonotropicSynapse.gS"])
    assert gradients[0].shape == (2,)
    assert (gradients[0] != 0).all()
    np.testing.assert_array_equal(*gradients)


def test_recordings_follow_their_synapses() -> None:
    network = three()
    network.IonotropicSynapse.record("s")
    network.IonotropicSynapse[2].record("i", name="mine")
    before = lo.simulate(network, t_max=5.0)
    network.IonotropicSynapse[0].delete()
    voltages = ["cell[1].branch[0](0.5).v", "cell[2].branch[0](0.5).v"]
    names = [*voltages, "synapse[0].IonotropicSynapse.s", "synapse[1].IonotropicSynapse.s", "mine"]
    assert network.recordings == names
    after = lo.simulate(network, t_max=5.0)
    # the synapse from the second cell is the first now; it sees what it saw
    np.testing.assert_array_equal(after[names[2]], before["synapse[1].IonotropicSynapse.s"])
    assert after["mine"].shape == after.t.shape
    network.IonotropicSynapse.record("s")
    assert network.recordings == names


def test_trainables_lose_only_what_is_deleted() -> None:
    network = three()
    network.connect([1], [0], lo.TanhRateSynapse())
    network.IonotropicSynapse.make_trainable("gS", bounds=(0.0, 1.0))
    network.IonotropicSynapse[[0, 1]].make_trainable("e_syn")
    network.IonotropicSynapse[0].make_trainable("delta")
    network.TanhRateSynapse.make_trainable("slope")
    network.IonotropicSynapse[0].delete()
    assert [(t.name, t.targets.lists(), t.bounds) for t in network._trainables()] == [
        ("IonotropicSynapse.gS", [[0, 1]], (0.0, 1.0)),
        ("IonotropicSynapse.e_syn", [[0]], None),
        ("TanhRateSynapse.slope", [[0]], None),
    ]
    # the mean of those that are left
    assert network.get_parameters()[0]["IonotropicSynapse.gS"].tolist() == [2.5e-3]
    network.IonotropicSynapse.delete()
    assert [t.name for t in network._trainables()] == ["TanhRateSynapse.slope"]


def test_states_that_start_steady_still_do() -> None:
    network = three()
    network.IonotropicSynapse.set("s", [0.1, 0.2, 0.3])
    network.IonotropicSynapse[1].set("s", lo.steady_state)
    network.IonotropicSynapse[0].delete()
    np.testing.assert_array_equal(network.IonotropicSynapse.get("s"), [np.nan, 0.3])
    network.IonotropicSynapse[1].delete()
    np.testing.assert_array_equal(network.IonotropicSynapse.get("s"), [np.nan])
    lo.simulate(network, t_max=1.0)


def test_with_its_last_synapse_a_name_is_free() -> None:
    network = three()
    network.IonotropicSynapse.delete()
    assert network.synapse_names == []
    assert network.edges.empty
    with pytest.raises(lo.errors.UnknownAttributeError):
        network.IonotropicSynapse  # noqa: B018 - what is tested
    network.connect([0], [1], lo.TanhRateSynapse("IonotropicSynapse"))
    assert network.synapses("IonotropicSynapse").get("slope").tolist() == [1.0]
    assert pickle.loads(pickle.dumps(network)).synapse_names == ["IonotropicSynapse"]


def test_copies_and_pickles_keep_what_they_had() -> None:
    network = three()
    network.IonotropicSynapse[1].record("s", name="mine")
    network.IonotropicSynapse.record("i")
    early = network.copy()
    network.IonotropicSynapse[0].delete()
    assert len(early.IonotropicSynapse) == 3
    for other in (pickle.loads(pickle.dumps(network)), copy.deepcopy(network), network.copy()):
        pd.testing.assert_frame_equal(other.edges, network.edges)
        assert (
            other.recordings
            == network.recordings
            == [
                "cell[1].branch[0](0.5).v",
                "cell[2].branch[0](0.5).v",
                "mine",
                "synapse[0].IonotropicSynapse.i",
                "synapse[1].IonotropicSynapse.i",
            ]
        )
    whole = lo.Network([network, lo.Compartment()])
    assert whole.IonotropicSynapse.get("gS").tolist() == [2e-3, 3e-3]


STALE: dict[str, Callable[[lo.Synapses, lo.Network], Any]] = {
    "set": lambda early, _: early.set("gS", 1.0),
    "get": lambda early, _: early.get("gS"),
    "record": lambda early, _: early.record("s"),
    "trainable": lambda early, _: early.make_trainable("gS"),
    "index": lambda early, _: early[0],
    "together": lambda early, _: early.together,
    "numbers": lambda early, _: early.numbers,
    "ends": lambda early, _: (early.pre, early.post),
    "table": lambda early, _: early.table(),
    "delete": lambda early, _: early.delete(),
    "pickle": lambda early, _: pickle.dumps(early),
}


@pytest.mark.parametrize("verb", STALE)
def test_a_view_from_before_is_refused(verb: str) -> None:
    network = three()
    network.connect([0], [1], lo.TanhRateSynapse())
    early, other = network.IonotropicSynapse[1:], network.TanhRateSynapse
    network.IonotropicSynapse[0].delete()
    with pytest.raises(lo.errors.SelectionError, match=r"before some were deleted.*select them again"):
        STALE[verb](early, network)
    assert repr(early) == "<2 synapses IonotropicSynapse>"
    # those of another name are who they were, also when a name before theirs is gone
    network.IonotropicSynapse.delete()
    other.set("slope", 3.0)
    assert network.TanhRateSynapse.get("slope").tolist() == [3.0]


def test_numbers_for_a_run_from_before_are_refused() -> None:
    network = three()
    early = network.IonotropicSynapse[2].data_set("gS", 1.0)
    other = network.cell(0).data_set("v", -60.0)
    network.IonotropicSynapse[0].delete()
    with pytest.raises(lo.errors.SelectionError, match="select them again"):
        lo.simulate(network, t_max=1.0, param_state=early)
    lo.simulate(network, t_max=1.0, param_state=other)
    late = network.IonotropicSynapse[1].data_set("gS", 5e-3)
    expected = network.copy()
    expected.IonotropicSynapse[1].set("gS", 5e-3)
    np.testing.assert_array_equal(
        lo.simulate(network, t_max=5.0, param_state=late).v, lo.simulate(expected, t_max=5.0).v
    )
