"""Synapses join what they say, have numbers of their own, and networks are the same on any machine."""

import copy
import hashlib
import pickle
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import loligo as lo


class Gap(lo.Synapse):
    """A rectifying gap junction with a state that follows the difference."""

    parameters = {"g": (1e-3, "uS"), "tau": (4.0, "ms")}
    states = {"s": 0.1}

    def update_states(self, states: dict, delta_t: Any, pre: Any, post: Any, params: dict) -> dict:
        return {"s": states["s"] + delta_t / params["tau"] * ((pre - post) / 100 - states["s"])}

    def compute_current(self, states: dict, pre: Any, post: Any, params: dict) -> Any:
        return params["g"] * states["s"] * (post - pre)


@pytest.fixture
def network() -> lo.Network:
    """Four cells of two branches of two compartments."""
    return lo.Network([lo.Cell(lo.Branch(ncomp=2), parents=[-1, 0])] * 4)


def joined(network: lo.Network, name: str) -> list[tuple[int, int]]:
    synapses = network.synapses(name)
    return list(zip(synapses.pre.tolist(), synapses.post.tolist()))


# connecting


def test_views_are_connected_one_to_one(network: lo.Network) -> None:
    made = network.connect(network.cell([0, 1]).branch(1).loc(1.0), network.cell([2, 3]).branch(0).comp(0), Gap())
    assert joined(network, "Gap") == [(3, 8), (7, 12)]
    assert repr(made) == "<2 synapses Gap>"
    assert repr(network.connect([1], [0], Gap())) == "<1 synapse Gap>"
    assert joined(network, "Gap") == [(3, 8), (7, 12), (1, 0)]
    assert network.synapse_names == ["Gap"]
    assert "Gap" not in network.mechanisms


def test_edges_come_from_arrays_frames_and_pairs(network: lo.Network) -> None:
    columns = {"pre": [0, 4], "post": np.array([8, 12]), "g": [1.0, 2.0], "Gap.tau": 7.0}
    made = network.connect_edges(columns, Gap())
    assert made.get("g").tolist() == [1.0, 2.0]
    assert made.get("tau").tolist() == [7.0, 7.0]
    assert made.get("s").tolist() == [0.1, 0.1]
    network.connect_edges(pd.DataFrame({"pre": [1], "post": [2], "s": [0.5]}), Gap())
    network.connect_edges(np.array([[3, 4], [5, 6]]), Gap())
    assert joined(network, "Gap") == [(0, 8), (4, 12), (1, 2), (3, 4), (5, 6)]
    assert network.synapses("Gap").get("Gap.s").tolist() == [0.1, 0.1, 0.5, 0.1, 0.1]


def test_the_table_of_edges_can_be_connected_again(network: lo.Network) -> None:
    network.connect_edges({"pre": [0, 4], "post": [9, 3], "g": [1.0, 2.0]}, Gap())
    again = lo.Network([lo.Cell(lo.Branch(ncomp=2), parents=[-1, 0])] * 4)
    again.connect_edges(network.edges, Gap())
    pd.testing.assert_frame_equal(again.edges, network.edges)


def test_edges_say_where_they_are(network: lo.Network) -> None:
    assert network.edges.empty
    network.connect([3, 0], [8, 15], Gap())
    network.connect([1], [2], lo.TanhRateSynapse("slow"))
    edges = network.edges
    assert edges.columns.tolist() == [
        *("synapse", "index_in_type", "pre", "post"),
        *("pre_cell", "pre_branch", "pre_compartment", "pre_location"),
        *("post_cell", "post_branch", "post_compartment", "post_location"),
        *("Gap.g", "Gap.tau", "Gap.s", "slow.gS", "slow.x_offset", "slow.slope"),
    ]
    assert edges["synapse"].tolist() == ["Gap", "Gap", "slow"]
    assert edges["index_in_type"].tolist() == [0, 1, 0]
    assert edges.index.tolist() == [0, 1, 2]
    assert edges.loc[1, ["post_cell", "post_branch", "post_compartment", "post_location"]].tolist() == [3, 1, 1, 0.75]
    assert edges["Gap.g"].isna().tolist() == [False, False, True]
    assert network.cell(0).edges.index.tolist() == [2]
    assert network.synapses("Gap")[1].table()["post"].tolist() == [15]
    with pytest.raises(lo.errors.ReadOnlyError):
        edges["Gap.g"] = 1.0


def test_parts_bring_their_synapses(network: lo.Network) -> None:
    cell = lo.Cell(lo.Branch(ncomp=2), parents=[-1, 0])
    cell.connect([0], [3], Gap())
    cell.synapses("Gap").set("g", 5.0)
    cell.synapses("Gap").record("i")
    cell.synapses("Gap").make_trainable("tau")
    whole = lo.Network([cell, lo.Cell(), cell])
    assert joined(whole, "Gap") == [(0, 3), (5, 8)]
    assert whole.synapses("Gap").get("g").tolist() == [5.0, 5.0]
    assert [name for _, _, name in whole._model.recordings()] == [
        "cell[0].synapse[0].Gap.i",
        "cell[2].synapse[0].Gap.i",
    ]
    assert [t.targets.lists() for t in whole._trainables()] == [[[0]], [[1]]]


# numbers of synapses


def test_indices_select_and_verbs_apply(network: lo.Network) -> None:
    lo.fully_connect(network.cell([0, 1]), network.cell([2, 3]), Gap())
    synapses = network.Gap
    assert len(synapses) == 4
    synapses[2].set("g", 5.0)
    synapses[-1].set("g", 6.0)
    synapses[:2].set("g", [7.0, 8.0])
    assert synapses.get("g").tolist() == [7.0, 8.0, 5.0, 6.0]
    assert synapses[np.array([True, False, False, True])].numbers.tolist() == [0, 3]
    assert [each.post.tolist() for each in synapses] == [[8], [12], [8], [12]]
    assert network.cell(2).synapses("Gap").numbers.tolist() == [0, 2]
    network.cell(2).set("Gap.tau", 9.0)
    assert network.get("Gap.tau").tolist() == [9.0, 4.0, 9.0, 4.0]
    assert network.cell(3).get("tau_Gap").tolist() == [4.0, 4.0]
    synapses.set("g", lambda distance: 1.0 + distance)
    assert synapses.get("g").min() >= 1.0
    synapses.set("s", lo.steady_state)
    assert np.isnan(synapses.get("s")).all()


def test_recordings_are_named_by_synapse(network: lo.Network) -> None:
    network.connect([0, 4], [8, 12], Gap())
    network.cell(0).branch(0).comp(0).record()
    network.Gap[1].record("s")
    network.Gap.record("i")
    names = ["cell[0].branch[0](0.25).v", "synapse[1].Gap.s", "synapse[0].Gap.i", "synapse[1].Gap.i"]
    assert network.recordings == names
    network.cell(3).delete_recordings()
    assert network.recordings == [names[0], names[2]]


def test_trainables_are_shared_by_a_name_and_apart_by_an_index(network: lo.Network) -> None:
    network.connect_edges({"pre": [0, 4, 1], "post": [8, 12, 9], "g": [1.0, 2.0, 6.0]}, Gap())
    network.Gap.make_trainable("g", bounds=(0.0, 10.0))
    network.Gap[[0, 2]].make_trainable("tau")
    network.cell("all").make_trainable("Gap.s")
    network.make_trainable("capacitance")
    parameters = network.get_parameters()
    assert [list(entry) for entry in parameters] == [["Gap.g"], ["Gap.tau"], ["Gap.s"], ["capacitance"]]
    assert parameters[0]["Gap.g"].tolist() == [3.0]
    assert parameters[1]["Gap.tau"].tolist() == [4.0, 4.0]
    # per cell that synapses are onto: the first and the third have one in common
    assert [t.targets.lists() for t in network._trainables()][:3] == [[[0, 1, 2]], [[0], [2]], [[0, 2], [1]]]
    parameters[1]["Gap.tau"] = np.array([2.0, 3.0])
    network.write_trainables(parameters)
    assert network.Gap.get("tau").tolist() == [2.0, 4.0, 3.0]
    assert network.Gap.get("g").tolist() == [3.0, 3.0, 3.0]
    with pytest.raises(lo.errors.ModelError, match="trainable"):
        network.Gap[1].make_trainable("g")
    network.cell(2).delete_trainables()
    assert [t.targets.lists() for t in network._trainables()][:2] == [[[1]], [[1]]]


def test_copies_and_pickles_go_their_own_way(network: lo.Network) -> None:
    network.cell("all").insert(lo.mechanism("pas"))
    network.connect_edges({"pre": [0, 4, 1], "post": [8, 12, 9], "g": [1.0, 2.0, 6.0]}, Gap())
    network.connect([3], [4], lo.IonotropicSynapse("fast"))
    network.Gap[1].record("s")
    network.record()
    network.cell("all").make_trainable("Gap.s")
    network.Gap[1:].make_trainable("g", bounds=(0.0, 9.0))
    network.branch("all").make_trainable("pas.g")
    for other in (pickle.loads(pickle.dumps(network)), copy.deepcopy(network), network.copy()):
        pd.testing.assert_frame_equal(other.edges, network.edges)
        assert other.recordings == network.recordings
        assert repr(other._trainables()) == repr(network._trainables())
        other.connect([0], [1], Gap())
        other.Gap.set("tau", 100.0)
        assert len(other.Gap) == 4
        assert len(network.Gap) == 3
        assert network.Gap.get("tau").tolist() == [4.0] * 3
    view = pickle.loads(pickle.dumps(network.Gap[[0, 2]]))
    assert view.get("g").tolist() == [1.0, 6.0]


WRONG: dict[str, tuple[Callable[[lo.Network], Any], type[Exception], str]] = {
    "no synapse": (
        lambda n: n.connect([0], [1], lo.mechanism("hh")),
        ValueError,
        "`hh` is no point process, so it cannot join two compartments",
    ),
    "a class": (lambda n: n.connect([0], [1], Gap), TypeError, r"did you mean Gap\(\)\?"),
    "a name": (lambda n: n.connect([0], [1], "Gap"), TypeError, "expected one such as loligo.IonotropicSynapse"),
    "unequal ends": (lambda n: n.connect([0, 1], [1], Gap()), ValueError, "2 compartments before .* and 1 behind"),
    "a compartment that there is not": (lambda n: n.connect([16], [1], Gap()), ValueError, "holds 16, .* 0 to 15"),
    "a negative compartment": (lambda n: n.connect([0], [-1], Gap()), ValueError, "`post` holds -1"),
    "compartments that are no numbers": (lambda n: n.connect([0.5], [1], Gap()), TypeError, "numbers of compartments"),
    "another network": (lambda n: n.connect(n.copy().cell(0), [1], Gap()), ValueError, "`pre` is a view of another"),
    "another synapse of the name": (
        lambda n: (n.connect([0], [1], Gap()), n.connect([0], [1], lo.TanhRateSynapse("Gap"))),
        ValueError,
        "`Gap`",
    ),
    "a missing column": (lambda n: n.connect_edges({"pre": [0]}, Gap()), ValueError, "no column `post`"),
    "an unknown column": (
        lambda n: n.connect_edges({"pre": [0], "post": [1], "taw": [1]}, Gap()),
        KeyError,
        "no parameter or state `taw`; did you mean `tau`",
    ),
    "a number that is none": (
        lambda n: n.connect_edges({"pre": [0, 1], "post": [1, 2], "g": [1, np.nan]}, Gap()),
        ValueError,
        "column `g` is nan in row 1",
    ),
    "pairs of three": (lambda n: n.connect_edges(np.zeros((2, 3), int), Gap()), ValueError, r"shape \(2, 3\)"),
    "a synapse inserted": (lambda n: n.insert(Gap()), TypeError, "joins two compartments"),
    "an unknown name": (lambda n: n.synapses("Gab"), KeyError, "no synapse `Gab`"),
    "an unknown quantity": (lambda n: linked(n).Gap.set("gg", 1), KeyError, "Gap.gg"),
    "a quantity of something else": (lambda n: linked(n).Gap.set("Gap.v", 1), KeyError, "Gap.v"),
    "an unknown recordable": (lambda n: linked(n).Gap.record("x"), KeyError, "Gap.x"),
    "recorded in compartments": (lambda n: linked(n).record("Gap.s"), ValueError, "`Gap` is a synapse"),
    "a list of another length": (lambda n: linked(n).Gap.set("g", [1, 2, 3]), ValueError, "3"),
    "an index beyond": (lambda n: linked(n).Gap[2], IndexError, "no synapse 2: there are 2"),
    "no index": (lambda n: linked(n).Gap[[]], IndexError, "nothing is selected"),
    "onto nothing in view": (lambda n: linked(n).cell(0).synapses("Gap"), IndexError, "no synapse Gap is onto"),
    "no seed": (
        lambda n: lo.fully_connect(n, n, Gap(), post_comp="random"),
        ValueError,
        "the seed is None, expected a whole number",
    ),
    "no probability": (lambda n: lo.sparse_connect(n, n, Gap(), 1.5, seed=0), ValueError, "p is 1.5"),
    "too many partners": (
        lambda n: lo.fixed_indegree_connect(n, n, Gap(), 4, seed=0, autapses=False),
        ValueError,
        "the degree is 4, but there are 3 cells",
    ),
    "a matrix of numbers": (
        lambda n: lo.connectivity_matrix_connect(n, n, Gap(), np.eye(4)),
        ValueError,
        "float64, expected .* booleans",
    ),
    "cells one to one": (lambda n: lo.one_to_one_connect(n.cell(0), n, Gap()), ValueError, "1 cells before"),
    "a parameter called v": (
        lambda n: n.connect([0], [1], type("Odd", (Gap,), {"parameters": {"v": 1.0}})()),
        ValueError,
        "`v` of Odd is a name that means something else",
    ),
}


def linked(network: lo.Network) -> lo.Network:
    network.connect([0, 4], [8, 12], Gap())
    return network


@pytest.mark.parametrize("what", WRONG)
def test_wrong_calls_say_what_was_meant(network: lo.Network, what: str) -> None:
    call, kind, message = WRONG[what]
    with pytest.raises(kind, match=message) as raised:
        call(network)
    assert isinstance(raised.value, lo.LoligoError)


def test_a_wrong_column_connects_nothing(network: lo.Network) -> None:
    for column in ({"taw": [1.0]}, {"g": [np.inf]}, {"g": [1.0, 2.0]}):
        with pytest.raises(lo.LoligoError):
            network.connect_edges({"pre": [0], "post": [1], **column}, Gap())
    assert network.synapse_names == []


# rules


def test_rules_without_chance(network: lo.Network) -> None:
    lo.fully_connect(network.cell([0, 1]), network.cell([1, 2]).branch(1), Gap())
    assert joined(network, "Gap") == [(0, 6), (0, 10), (4, 6), (4, 10)]
    lo.fully_connect(network, network, Gap("others"), autapses=False)
    assert len(network.others) == 12
    lo.fully_connect(network.cell(0), network.cell(1), Gap("dense"), post_comp="all")
    assert joined(network, "dense") == [(0, 4), (0, 5), (0, 6), (0, 7)]
    lo.one_to_one_connect(network.cell([0, 1]), network.cell([2, 3]), Gap("pairs"))
    assert joined(network, "pairs") == [(0, 8), (4, 12)]
    matrix = np.array([[False, True], [True, True]])
    lo.connectivity_matrix_connect(network.cell([0, 1]), network.cell([2, 3]), Gap("matrix"), matrix)
    assert joined(network, "matrix") == [(0, 12), (4, 8), (4, 12)]


def cells(count: int) -> lo.Network:
    return lo.Network([lo.Compartment()] * count)


RULES: dict[str, Callable[[lo.Network, int], lo.Synapses]] = {
    "sparse": lambda n, seed: lo.sparse_connect(n, n, Gap(), 0.07, seed=seed, autapses=False),
    "in-degree": lambda n, seed: lo.fixed_indegree_connect(n, n, Gap(), 5, seed=seed, autapses=False),
    "out-degree": lambda n, seed: lo.fixed_outdegree_connect(n, n, Gap(), 6, seed=seed, multapses=True),
    "distance": lambda n, seed: lo.distance_connect(
        n, n, Gap(), lambda d: 1 / (1 + d / 20), seed=seed, positions=np.outer(np.arange(120.0), [1, 2, 2])
    ),
}

KNOWN = {
    "sparse": "ee08a0618ca147c5",
    "in-degree": "3108db7eb1edf8b8",
    "out-degree": "236ca29f209671a6",
    "distance": "266d30055d973b4b",
}
"""The first digits of the hash of the pairs for seed 7: the same on any machine."""


@pytest.mark.parametrize("rule", RULES)
def test_a_seed_makes_the_same_network_anywhere(rule: str) -> None:
    made = RULES[rule](cells(120), 7)
    pairs = np.stack([made.pre, made.post]).astype("<i8")
    assert hashlib.sha256(pairs.tobytes()).hexdigest()[:16] == KNOWN[rule]
    other = RULES[rule](cells(120), 8)
    assert len(other) != len(made) or (other.pre != made.pre).any() or (other.post != made.post).any()


@pytest.mark.parametrize("p", [0.0, 1e-3, 0.03, 0.6, 1.0])
def test_every_pair_has_the_same_probability(p: float) -> None:
    """The counts of 400 networks of 30·20 pairs, against what a binomial distribution has within five deviations."""
    network = lo.Network([lo.Compartment()] * 50)
    counts = np.zeros((30, 20))
    per_network = []
    for seed in range(400):
        made = lo.sparse_connect(network.cell(range(30)), network.cell(range(30, 50)), Gap(f"g{seed}"), p, seed=seed)
        np.add.at(counts, (made.pre, made.post - 30), 1)
        per_network.append(len(made))
        assert len(set(zip(made.pre, made.post))) == len(made)
    total = counts.sum()
    assert abs(total - 240_000 * p) <= 5 * np.sqrt(240_000 * p * (1 - p))
    assert np.abs(counts - 400 * p).max() <= 5 * np.sqrt(400 * p * (1 - p)) + 1
    if 0 < p < 1:
        assert np.var(per_network) == pytest.approx(600 * p * (1 - p), rel=5 * np.sqrt(2 / 400) + 0.1)


@pytest.mark.parametrize(("degree", "multapses"), [(1, False), (4, False), (9, False), (4, True)])
def test_degrees_are_kept_and_partners_are_uniform(degree: int, multapses: bool) -> None:
    network = cells(600)
    here, there = network.cell(range(10)), network.cell(range(10, 600))
    made = lo.fixed_indegree_connect(here, there, Gap(), degree, seed=1, multapses=multapses)
    assert (np.bincount(made.post, minlength=600)[10:] == degree).all()
    expected = 590 * degree / 10
    assert np.abs(np.bincount(made.pre, minlength=10) - expected).max() < 5 * np.sqrt(expected)
    if not multapses:
        assert len(set(zip(made.pre, made.post))) == len(made)
    out = lo.fixed_outdegree_connect(there, here, Gap("out"), degree, seed=1, multapses=multapses)
    assert (np.bincount(out.pre, minlength=600)[10:] == degree).all()


def test_degrees_leave_out_the_cell_itself() -> None:
    network = cells(7)
    made = lo.fixed_indegree_connect(network, network, Gap(), 6, seed=3, autapses=False)
    assert set(joined(network, "Gap")) == {(pre, post) for pre in range(7) for post in range(7) if pre != post}
    several = lo.fixed_indegree_connect(network, network, Gap("m"), 50, seed=3, autapses=False, multapses=True)
    assert (several.pre != several.post).all()
    assert len(made) == 42


def test_random_compartments_are_in_view(network: lo.Network) -> None:
    made = lo.fully_connect(network, network.branch(1), Gap(), post_comp="random", seed=0)
    assert set(made.post) <= {2, 3, 6, 7, 10, 11, 14, 15}
    assert {len(set(made.post[cell::4])) for cell in range(4)} == {1, 2}
    assert set(made.pre) == {0, 4, 8, 12}


def test_a_million_synapses_a_second() -> None:
    network = cells(2000)
    count = 1_000_000
    random = np.random.default_rng(0)
    pre, post = random.integers(0, 2000, (2, count))
    network.connect([0], [1], Gap())  # traced once
    started = time.process_time()
    made = network.connect_edges({"pre": pre, "post": post, "g": random.random(count)}, Gap())
    took = time.process_time() - started
    assert len(made) == count
    assert took < 1.0


# built-in synapses


def test_formulas_of_the_built_in_synapses() -> None:
    """The formulas of Abbott and Marder (1998), written out."""
    pre, post = np.random.default_rng(2).uniform(-90.0, 50.0, (2, 200))
    after, current = lo.IonotropicSynapse().traced.evaluate({"v_pre": pre, "v_post": post, "s": 0.3, "e_syn": -75.0})
    steady = 1 / (1 + np.exp(-(pre + 35) / 10))
    tau = (1 - steady) / 0.025
    np.testing.assert_allclose(after["s"], steady + (0.3 - steady) * np.exp(-0.025 / tau), rtol=1e-12)
    np.testing.assert_allclose(current, 1e-4 * 0.3 * (post + 75.0), rtol=1e-13)
    numbers = {"v_pre": pre, "v_post": post, "x_offset": -60.0, "slope": 0.1}
    _, current = lo.TanhRateSynapse().traced.evaluate(numbers)
    np.testing.assert_allclose(current, -1e-4 * np.tanh(0.1 * (pre + 60)), rtol=1e-12)
    _, current = lo.TanhConductanceSynapse().traced.evaluate({**numbers, "e_syn": 5.0})
    np.testing.assert_allclose(current, 1e-4 * np.tanh(0.1 * (pre + 60)) * (post - 5), rtol=1e-12)


def test_a_strong_depolarisation_opens_all_and_stays_finite() -> None:
    after, _ = lo.IonotropicSynapse().traced.evaluate({"v_pre": np.array([-2000.0, 2000.0]), "v_post": 0.0})
    assert after["s"].tolist() == [pytest.approx(0.2 * np.exp(-0.025 * 0.025)), 1.0]


def test_the_text_of_a_class_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python parses a whole file to find a class, which loops over `connect` would wait for each time."""
    network = lo.Network([lo.Cell() for _ in range(4)])
    network.connect([0], [1], lo.IonotropicSynapse())
    monkeypatch.setattr("inspect.getsource", lambda kind: pytest.fail(f"the text of {kind} was looked for again"))
    for post in (2, 3):
        network.connect([0], [post], lo.IonotropicSynapse())
    assert network.edges.shape[0] == 3
