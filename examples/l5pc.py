"""A layer 5b pyramidal cell with twelve mechanisms, whose nineteen conductances and calcium parameters are found again.

The cell of Hay et al. (2011) as Deistler et al. (2025, figure 3a) fit it: from a random start, gradient descent on the
mean and the standard deviation of the somatic voltage in two windows, until the loss is below 0.55.

python examples/l5pc.py [SEED]
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np

import loligo as lo

MORPHOLOGY = Path(__file__).parent.parent / "data" / "morphologies" / "bbp" / "bbp_with_axon.swc"
T_MAX = 100.0
"""ms."""
ENOUGH = 0.55
"""A loss below this is a success."""

FREE = [
    ("apical", "hay_nats2_t.gbar", (0, 0.04), 0.026145),
    ("apical", "hay_skv3_1.gbar", (0, 0.04), 0.004226),
    ("apical", "hay_im.gbar", (0, 0.001), 0.000143),
    ("soma", "hay_nats2_t.gbar", (0, 1), 0.983955),
    ("soma", "hay_skv3_1.gbar", (0.25, 1), 0.303472),
    ("soma", "hay_sk_e2.gbar", (0, 0.1), 0.008407),
    ("soma", "hay_cadynamics_e2.gamma", (5e-4, 0.01), 0.000609),
    ("soma", "hay_cadynamics_e2.decay", (20, 1000), 210.485291),
    ("soma", "hay_ca_hva.gbar", (0, 0.001), 0.000994),
    ("soma", "hay_ca_lvast.gbar", (0, 0.01), 0.000333),
    ("axon", "hay_nata_t.gbar", (0, 4), 3.137968),
    ("axon", "hay_k_pst.gbar", (0, 1), 0.973538),
    ("axon", "hay_k_tst.gbar", (0, 0.1), 0.089259),
    ("axon", "hay_sk_e2.gbar", (0, 0.1), 0.007104),
    ("axon", "hay_skv3_1.gbar", (0, 2), 1.021945),
    ("axon", "hay_ca_hva.gbar", (0, 0.001), 0.00099),
    ("axon", "hay_ca_lvast.gbar", (0, 0.01), 0.008752),
    ("axon", "hay_cadynamics_e2.gamma", (5e-4, 0.05), 0.00291),
    ("axon", "hay_cadynamics_e2.decay", (20, 1000), 287.19873),
]
"""Where, which number, its bounds, and the value that is to be found."""

INSERTED = {
    "apical": ["hay_nats2_t", "hay_skv3_1", "hay_im", "hay_ih"],
    "basal": ["hay_ih"],
    "soma": ["hay_nats2_t", "hay_skv3_1", "hay_sk_e2", "hay_cadynamics_e2", "hay_ca_hva", "hay_ca_lvast"],
    "axon": [
        "hay_nata_t",
        "hay_k_tst",
        "hay_k_pst",
        "hay_sk_e2",
        "hay_skv3_1",
        "hay_ca_hva",
        "hay_ca_lvast",
        "hay_cadynamics_e2",
    ],
}
"""What is where, beside the leak."""

IONS = {"ena": 50, "ek": -85, "cai": 5e-5, "cao": 2.0}
"""mV and mM."""

WINDOWS = [(200, 2200), (2200, 3800)]
"""Samples, 0.025 ms apart."""


def ih_of_apical(distance: float) -> float:
    """Conductance of I_h, S/cm², at a path distance from the soma, µm."""
    return (-0.8696 + 2.087 * math.exp(0.0031 * distance)) * 8e-5


def build() -> lo.Cell:
    """The cell with the numbers that are to be found, a step of 3 nA into the soma and its voltage recorded."""
    cell = lo.read_swc(MORPHOLOGY, ncomp=4, max_branch_len=300)
    cell.celsius = 34
    cell.insert(lo.mechanism("pas"))
    cell.set("pas.g", 3e-5)
    cell.set("pas.e", -75)
    cell.set("axial_resistivity", 100)
    cell.set("v", -65)
    for place, names in INSERTED.items():
        for name in names:
            getattr(cell, place).insert(lo.mechanism(name))
    cell.apical.set("capacitance", 2)
    cell.apical.set("hay_ih.gbar", ih_of_apical)
    cell.basal.set("hay_ih.gbar", 8e-5)
    for ion, value in IONS.items():
        cell.set(ion, value)
    for place, name, _, value in FREE:
        getattr(cell, place).set(name, value)
    cell.soma.loc(0.0).stimulate(lo.step(start=10, duration=80, amplitude=3.0))
    cell.soma.loc(0.0).record()
    return cell


def summary(v):
    """Mean and standard deviation in both windows, relative to how much they matter."""
    from autograd import numpy as anp

    parts = [v[0, start:stop] for start, stop in WINDOWS]
    means = [part.mean() / 8 for part in parts]
    deviations = [anp.sqrt(((part - part.mean()) ** 2).mean()) / 4 for part in parts]
    return anp.array([means[0], deviations[0], means[1], deviations[1]])


def main(seed: int) -> None:
    cell = build()
    target = lo.simulate(cell, t_max=T_MAX)
    wanted = summary(target.v)
    for place, name, bounds, _ in FREE:
        getattr(cell, place).make_trainable(name, bounds=bounds)
    lowest, highest = np.array([bounds for _, _, bounds, _ in FREE]).T

    def numbers(point: np.ndarray) -> list[dict[str, np.ndarray]]:
        """Within the bounds, whatever the point."""
        values = lowest + (highest - lowest) / (1 + np.exp(-point))
        return [{name: values[[index]]} for index, (_, name, _, _) in enumerate(FREE)]

    def distance(parameters: list[dict[str, np.ndarray]]):
        return abs(summary(lo.simulate(cell, parameters, t_max=T_MAX).v) - wanted).sum()

    loss = lo.value_and_grad(distance)
    share = np.random.default_rng(seed).uniform(size=len(FREE))
    point = np.log(share / (1 - share))
    losses, best = [], (math.inf, point)
    while not losses or losses[-1] >= ENOUGH:
        value, gradient = loss(numbers(point))
        losses.append(float(value))
        best = min(best, (losses[-1], point), key=lambda pair: pair[0])
        share = 1 / (1 + np.exp(-point))
        slope = np.array([*(entry[name][0] for entry, (_, name, _, _) in zip(gradient, FREE, strict=True))])
        slope = slope * (highest - lowest) * share * (1 - share)
        print(f"step {len(losses):3}  loss {losses[-1]:.3f}")
        # a Polyak step along the gradient with its size taken to the power 0.2
        point = point - losses[-1] / 3 * slope / np.linalg.norm(slope) ** 0.8

    found = lo.simulate(cell, numbers(best[1]), t_max=T_MAX)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3), width_ratios=[2, 1])
    left.plot(target.t, target.v[0], color="black", label="target")
    left.plot(found.t, found.v[0], color="tab:red", label=f"found, loss {best[0]:.2f}")
    left.set(xlabel="t (ms)", ylabel="v of the soma (mV)")
    left.legend(frameon=False)
    right.plot(losses, color="tab:red")
    right.axhline(ENOUGH, color="grey", linewidth=0.8)
    right.set(xlabel="step", ylabel="loss")
    figure.tight_layout()
    figure.savefig("l5pc.png", dpi=150)
    print(f"loss {best[0]:.3f} after {len(losses)} gradients; see l5pc.png")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
