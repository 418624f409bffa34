"""The floors that Loligo's speed is held to, as ratios of two measured costs."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks import cases

Key = tuple[str, str, str, str]
"""Peer, precision, case, variant."""

Seconds = float

SIGNS = {"≥": operator.ge, "≤": operator.le}


@dataclass(frozen=True)
class Floor:
    """The cost of `numerator` over that of `denominator` is to stay on one side of `bound`.

    Without a denominator the cost itself, in seconds, is compared.
    """

    text: str
    numerator: Key
    denominator: Key | None
    sign: str
    bound: float

    def reached(self, costs: Mapping[Key, Seconds]) -> float | None:
        """The ratio that was measured; None where a part of it is missing."""
        keys = [self.numerator] if self.denominator is None else [self.numerator, self.denominator]
        if any(key not in costs for key in keys):
            return None
        if self.denominator is None:
            return costs[self.numerator]
        return costs[self.numerator] / costs[self.denominator]

    def kept(self, reached: float) -> bool:
        return SIGNS[self.sign](reached, self.bound)


def floors(vector_unit: str) -> list[Floor]:
    """All floors on a machine whose widest vector unit, in Loligo's words, is `vector_unit`."""
    return [*forward(vector_unit), *recording(), *gradient(), *layer5(), *networks(vector_unit), *threads(), *waiting()]


def ours(case: str, precision: str = "f64", variant: str = "recorded") -> Key:
    return ("loligo", precision, case, variant)


def jaxley(case: str, precision: str = "f64", variant: str = "recorded") -> Key:
    return ("jaxley", precision, case, variant)


def at_least(text: str, theirs: Key, our: Key, bound: float) -> Floor:
    return Floor(text, theirs, our, "≥", bound)


def at_most(text: str, our: Key, other: Key | None, bound: float) -> Floor:
    return Floor(text, our, other, "≤", bound)


def forward(vector_unit: str) -> list[Floor]:
    many = f"compartments/{max(cases.SINGLE_COMPARTMENTS)}"
    cells = f"cells/{cases.CELLS}"
    arbor = ("arbor", "f64", many, "nothing recorded")
    exact_rates = ("neuron", "f64", "cell", "exact rates")
    arbor_cell = ("arbor", "f64", "cell", "recorded")
    return [
        at_least("10,000 compartments: Jaxley", jaxley(many), ours(many), 2.2),
        at_least("10,000 compartments: Arbor, which records nothing", arbor, ours(many), 1.6),
        at_least("10,000 compartments, f32: Jaxley", jaxley(many, "f32"), ours(many, "f32"), 3.0),
        at_least("a cell: Jaxley", jaxley("cell"), ours("cell"), 2.5),
        at_least("a cell, f32: Jaxley", jaxley("cell", "f32"), ours("cell", "f32"), 2.5),
        at_least("a cell: NEURON with exact rates", exact_rates, ours("cell"), 4.0),
        at_least("a cell: Arbor", arbor_cell, ours("cell"), 1.4 if "512" in vector_unit else 1.0),
        at_least("10 cells: Jaxley", jaxley(cells), ours(cells), 6.0),
        at_most("one compartment, in Jaxley's time", ours("compartments/1"), jaxley("compartments/1"), 1.5),
    ]


def recording() -> list[Floor]:
    return [
        at_most(f"recording every step of {case}", ours(case), ours(case, variant="nothing recorded"), 1.1)
        for case in ("compartments/1000", "compartments/10000", "cell")
    ]


def gradient() -> list[Floor]:
    limits = []
    for duration in cases.GRADIENT_DURATIONS:
        case = f"gradient/{duration:.0f}"
        ample, bounded = ours(case, variant="ample budget"), ours(case, variant="32 MiB")
        text = f"gradient over {duration:.0f} ms"
        limits += [
            at_most(f"{text}: in forward runs, ample budget", ample, ours("cell"), 4.0),
            at_most(f"{text}: in forward runs, 32 MiB", bounded, ours("cell"), 5.5),
            at_least(f"{text}: Jaxley with default checkpoints", jaxley(case, variant="default"), ample, 7.0),
            at_least(f"{text}: Jaxley with its best checkpoints", jaxley(case, variant="best"), ample, 3.5),
        ]
    return limits


def layer5() -> list[Floor]:
    gradient = "ample budget"
    neuron = ("neuron", "f64", "hay", "recorded")
    return [
        at_least("layer 5 cell: Jaxley", jaxley("l5pc"), ours("l5pc"), 3.0),
        at_least(
            "layer 5 cell, gradient: Jaxley with its best checkpoints",
            jaxley("l5pc/gradient", variant="best"),
            ours("l5pc/gradient", variant=gradient),
            6.0,
        ),
        at_least("Hay's mechanisms: NEURON", neuron, ours("hay"), 3.0),
        at_least("Hay's mechanisms: Jaxley", jaxley("hay"), ours("hay"), 3.0),
        at_most("Hay's mechanisms: gradient in forward runs", ours("hay/gradient", variant=gradient), ours("hay"), 4.0),
        at_most(
            "layer 5 cell: from the SWC file to the first gradient, s", ours("build/l5pc", variant=gradient), None, 0.5
        ),
    ]


def networks(vector_unit: str) -> list[Floor]:
    arbor_ring, arbor_events = (("arbor", "f64", case, "recorded") for case in ("ring", "events"))
    neuron_ring = ("neuron", "f64", "ring", "tables")
    best_of_peers = 1.4 if "512" in vector_unit else 1.0
    return [
        at_least("a ring of cells: Arbor", arbor_ring, ours("ring"), best_of_peers),
        at_least("a ring of cells: NEURON with rate tables", neuron_ring, ours("ring"), best_of_peers),
        at_least("synapses that spikes drive: Arbor", arbor_events, ours("events"), 1.5),
        at_least("graded synapses: Jaxley", jaxley("graded"), ours("graded"), 5.0),
        at_least(
            "graded synapses, gradient: Jaxley with its best checkpoints",
            jaxley("graded/gradient", variant="best"),
            ours("graded/gradient", variant="ample budget"),
            5.0,
        ),
        at_most(
            "10,000 graded synapses with trainable conductances, built, s",
            ours("build/graded", variant="built"),
            None,
            0.1,
        ),
    ]


def threads() -> list[Floor]:
    return [
        at_least(f"{case}: two cores", ours(case), ours(case, variant="two cores"), 1.8)
        for case in ("compartments/10000", f"cells/{cases.CELLS}")
    ]


def waiting() -> list[Floor]:
    return [
        at_most("from the SWC file to the first step, s", ours("build/forward"), None, 0.050),
        at_most(
            "from the SWC file to the first gradient, s", ours("build/gradient", variant="ample budget"), None, 0.100
        ),
    ]
