"""A real neuron's membrane from its recording: leak and capacitance fitted to one sweep, and tried on another.

The file holds two sweeps of `17o05028_ic_steps.abf`, as they come from
`lo.read_recording(path, sweep).resample(0.1).window(1100, 2200)`; data/README.md says where it is from.

python examples/fit_recording.py
"""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np

import loligo as lo

FILE = Path(__file__).parent.parent / "data" / "recordings" / "17o05028_ic_steps.npz"

DOWN, UP = 46.8, 546.8
"""ms: −50 pA flow from the first to the second; then comes a step up, with spikes, which a leak knows nothing of."""


def sweep(number: int) -> lo.Recording:
    """What the file has of a sweep until the step up."""
    with np.load(FILE) as file:
        v, i = file[f"v{number}"].astype(float), file[f"i{number}"].astype(float)
    return lo.Recording(np.arange(v.size) * 0.1, v, i, f"sweep {number}").window(0, UP)


def simulated(cell: lo.Compartment, recording: lo.Recording) -> np.ndarray:
    """The voltage of the model with the current and from the resting voltage of a recording, mV."""
    cell.delete_stimuli()
    cell.stimulate(recording.i)
    return lo.simulate(cell, t_max=float(recording.t[-1]), dt=recording.dt, v_init=recording.baseline(0, DOWN)).v[0]


def distance(voltage: np.ndarray, recording: lo.Recording) -> float:
    """Root mean square, mV."""
    return float(np.sqrt(((voltage - recording.v) ** 2).mean()))


fitted, unseen = sweep(12), sweep(15)

# one compartment of 6,500 µm²
cell = lo.Compartment(length=45, radius=23)
cell.insert(lo.mechanism("pas"))
cell.set("pas.g", 5e-5)
cell.make_trainable("pas.g", bounds=(1e-6, 1e-4))
cell.make_trainable("pas.e", bounds=(-90, -40))
cell.make_trainable("capacitance", bounds=(0.3, 3))
cell.stimulate(fitted.i)
cell.record()

fit = lo.fit(
    cell,
    lambda run: ((run.v[0] - fitted.v) ** 2).mean(),
    t_max=float(fitted.t[-1]),
    dt=fitted.dt,
    v_init=fitted.baseline(0, DOWN),
    steps=100,
    starts=8,
    learning_rate=0.05,
)
print(fit)
fit.apply()

found = {name: float(values[0]) for entry in fit.parameters for name, values in entry.items()}
area = float(cell.nodes["area"].iloc[0]) * 1e-8  # cm²
resistance = 1e-6 / (found["pas.g"] * area)
print(f"{resistance:.0f} MΩ, {found['capacitance'] * area * 1e6:.0f} pF, at rest {found['pas.e']:.1f} mV")

figure, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True)
for axis, recording, what in zip(axes, (fitted, unseen), ("fitted", "not seen")):
    voltage = simulated(cell, recording)
    apart = distance(voltage, recording)
    print(f"{recording.name}, {what}: {apart:.2f} mV apart")
    axis.plot(recording.t, recording.v, color="black", label="recording")
    axis.plot(recording.t, voltage, color="tab:red", label=f"model, {apart:.1f} mV apart")
    axis.set(title=f"{recording.name}, {what}", xlabel="t (ms)")
    axis.legend(frameon=False)
axes[0].set(ylabel="v (mV)")
figure.tight_layout()
figure.savefig("fit_recording.png", dpi=150)
