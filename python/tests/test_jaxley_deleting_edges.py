"""Edges that are deleted through Jaxley's door: the rest are those of a network of Jaxley that never had them."""

import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from jaxley_values import Jaxley
from test_jaxley_edges import table

import loligo as lo
import loligo.jaxley

PAIRS = [
    (0, 1, "IonotropicSynapse"),
    (1, 2, "TanhRateSynapse"),
    (2, 3, "IonotropicSynapse"),
    (0, 3, "IonotropicSynapse"),
    (3, 1, "TanhRateSynapse"),
    (1, 0, "TanhConductanceSynapse"),
]


def network(jx: ModuleType, pairs: list[tuple[int, int, str]]) -> Any:
    """Four cells, the first of which is driven, with synapses one after the other."""
    made = jx.Network([jx.Cell(jx.Branch(jx.Compartment(), ncomp=2), parents=[-1])] * 4)
    made.insert(jx.channels.HH())
    for pre, post, kind in pairs:
        jx.connect(made.cell(pre).branch(0).comp(1), made.cell(post).branch(0).comp(0), getattr(jx.synapses, kind)())
    for row, (pre, post, kind) in enumerate(pairs):
        made.select(edges=[row]).set(f"{kind}_gS", 1e-4 * (1 + pre + 4 * post))
    made.cell(0).branch(0).comp(0).stimulate(jx.step_current(1.0, 5.0, 0.1, 0.025, 10.0), verbose=False)
    return made


def of_types(pairs: list[tuple[int, int, str]]) -> list[str]:
    return list(dict.fromkeys(kind for _, _, kind in pairs))


DELETED: dict[str, tuple[Callable[[Any], None], list[int]]] = {
    "one": (lambda n: n.select(edges=[2]).delete_edges(), [2]),
    "of a type": (lambda n: n.IonotropicSynapse.edge([0, 2]).delete_edges(), [0, 3]),
    "a whole type": (lambda n: n.TanhRateSynapse.delete_edges(), [1, 4]),
    "a type by an instance": (lambda n: n.delete(loligo.jaxley.synapses.TanhConductanceSynapse()), [5]),
    "a type among cells": (lambda n: n.cell([0, 3]).delete(loligo.jaxley.synapses.IonotropicSynapse()), [3]),
    "between cells": (lambda n: n.cell([0, 1]).delete_edges(), [0, 5]),
    "of several types": (lambda n: n.select(edges=[1, 2, 5]).delete_edges(), [1, 2, 5]),
    "all": (lambda n: n.delete_edges(), [0, 1, 2, 3, 4, 5]),
    "by the verb of loligo": (lambda n: n.synapses("IonotropicSynapse")[1].delete(), [2]),
}


@pytest.mark.parametrize("how", DELETED)
def test_the_rest_are_as_if_they_were_alone(how: str, jaxley: Jaxley) -> None:
    delete, gone = DELETED[how]
    left = [pair for row, pair in enumerate(PAIRS) if row not in gone]

    def rest(jx: ModuleType) -> Any:
        if jx is not loligo.jaxley:
            return network(jx, left)
        made = network(jx, PAIRS)
        delete(made)
        return made

    def voltages(jx: ModuleType) -> Any:
        module = rest(jx)
        module.cell("all").branch(0).comp(0).record(verbose=False)
        return jx.integrate(module)

    ours = rest(loligo.jaxley)
    assert ours.synapse_names == [kind for kind in of_types(PAIRS) if kind in of_types(left)]
    assert len(ours.edges) == len(left)
    if ours.synapse_names == jaxley.gives(lambda jx: rest(jx).synapse_names) != []:  # which numbers the types
        jaxley.agrees(lambda jx: table(rest(jx)), rtol=1e-14)
    jaxley.agrees(voltages, rtol=1e-7, atol=1e-6)


def test_what_is_recorded_and_trained_follows() -> None:
    ours = network(loligo.jaxley, PAIRS)
    ours.IonotropicSynapse.edge("all").record("IonotropicSynapse_s", verbose=False)
    ours.TanhRateSynapse.record("i_TanhRateSynapse", verbose=False)
    ours.IonotropicSynapse.edge("all").make_trainable("IonotropicSynapse_gS", [1.0, 2.0, 3.0], verbose=False)
    ours.IonotropicSynapse.make_trainable("IonotropicSynapse_e_syn", verbose=False)
    ours.TanhRateSynapse.edge(0).make_trainable("TanhRateSynapse_slope", verbose=False)
    ours.cell("all").make_trainable("radius", verbose=False)
    ours.select(edges=[0, 1]).delete_edges()
    assert ours.recordings.to_numpy().tolist() == [
        [0, "IonotropicSynapse_s"],
        [1, "IonotropicSynapse_s"],
        [0, "i_TanhRateSynapse"],
    ]
    assert [(t.name, t.targets.lists(), t.initial.tolist()) for t in ours._trainables()][:2] == [
        ("IonotropicSynapse_gS", [[0], [1]], [2.0, 3.0]),
        ("IonotropicSynapse_e_syn", [[0, 1]], [0.0]),
    ]
    assert [list(entry) for entry in ours.get_parameters()][2:] == [["radius"]]
    ours.write_trainables(ours.get_parameters())
    assert ours.edges["IonotropicSynapse_gS"].dropna().tolist() == [2.0, 3.0]
    copied = pickle.loads(pickle.dumps(ours))
    assert copied.edges.equals(ours.edges)
    assert copied.recordings.equals(ours.recordings)


def test_views_from_before_are_refused() -> None:
    ours = network(loligo.jaxley, PAIRS)
    early, cells = ours.TanhRateSynapse.edge(1), ours.cell([1, 2])
    ours.select(edges=[0]).delete_edges()
    for verb in (
        lambda: early.edges,
        lambda: early.set("TanhRateSynapse_gS", 1.0),
        early.delete_edges,
        lambda: early.record("i_TanhRateSynapse", verbose=False),
        lambda: pickle.dumps(early),
    ):
        with pytest.raises(lo.errors.SelectionError, match=r"before some were deleted.*select them again"):
            verb()
    assert cells.edges["type"].tolist() == ["TanhRateSynapse"]
    with pytest.raises(lo.errors.SelectionError, match="no synapse is in view"):
        ours.cell(0).delete_edges()
    with pytest.raises(lo.errors.UnknownNameError, match="TanhRateSynaps"):
        ours.delete(loligo.jaxley.synapses.TanhRateSynapse("TanhRateSynaps"))
