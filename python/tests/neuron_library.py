"""The library of mechanisms in NEURON and in Loligo: one small cell for each mechanism, all in one run."""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from neuron import h
from neuron_cells import DT, INITIAL_VOLTAGE, run_neuron

import loligo as lo
from benchmarks import nrnivmodl

FILES = Path(__file__).parents[2] / "mechanisms"

TAKEN = ("hh", "pas")
"""Names that NEURON's own mechanisms have."""

CALCIUM = ("hay_ca_hva", "hay_cadynamics_e2")

PARTNERS = {
    **dict.fromkeys(["hay_sk_e2", "mainen_kca", "fohlmeister_kca", "benison_kca", "migliore_kahp"], CALCIUM),
    **dict.fromkeys(["sk", "bk", "destexhe_h", "ca_nernst"], CALCIUM),
    **dict.fromkeys(["migliore_cal", "migliore_can", "migliore_cat", "destexhe_it_ghk"], ("hay_cadynamics_e2",)),
    **dict.fromkeys(["hay_cadynamics_e2", "mainen_cad", "fohlmeister_cad", "destexhe_cad"], ("hay_ca_hva",)),
    **dict.fromkeys(["benison_capump", "capool"], ("hay_ca_hva",)),
    "napool": ("traub_na",),
    "nakpump": ("traub_na", "napool"),
}
"""What gives a mechanism that accounts for an ion, or that reads its concentration, something to see."""

WRITTEN = {
    **dict.fromkeys(["hay_cadynamics_e2", "mainen_cad", "fohlmeister_cad", "destexhe_cad"], "cai"),
    **dict.fromkeys(["benison_capump", "capool"], "cai"),
    "napool": "nai",
    "ca_nernst": "eca",
}
"""The numbers of ions that mechanisms write."""

RECEPTORS = {"rising": 4e-3, "falling": 2e-3}

STARTS = {
    "expsyn": {"g": 5e-3},
    "exp2syn": {"rise": 3e-3, "decay": 9e-3},
    **dict.fromkeys(["destexhe_ampa", "destexhe_nmda", "destexhe_gabaa"], RECEPTORS),
    "destexhe_gabab": {"rising": 0.4, "falling": 0.2, "gprotein": 2.0},
    "stdp": {"g": 5e-3, "w": 0.3, "plus": 0.1, "minus": 0.2},
    "tsodyks_markram": {"g": 5e-3},
}
"""What states of synapses are at t = 0, as if events had come."""

POINTED = {"halfgap": {"vgap": -40.0}}
"""What a POINTER finds, mV."""

IONIC = ("ina", "ik", "ica")
"""Currents that NEURON sums over the mechanisms of a cell."""

SPIKING = ["pas", "traub_na", "traub_k"]
"""What makes a cell fire at any temperature."""

LEVELS = (-90.0, -20.0, 30.0)
"""mV, of the voltage clamp; each is held for 10 ms."""

SERIES_RESISTANCE = 0.01
"""MΩ, of the electrode that clamps."""

AMPLITUDE = 0.25
"""nA, of the current that makes a cell fire from 2 ms on."""

DURATION = 30.0
"""ms."""


def neuron_name(name: str) -> str:
    """What NEURON calls a mechanism of the library."""
    return f"library_{name}" if name in TAKEN else name


def files() -> dict[str, str]:
    """The files of the library by what NEURON calls their mechanisms."""
    texts = {file.stem: file.read_text() for file in sorted(FILES.glob("*.mod"))}
    return {
        neuron_name(name): re.sub(rf"SUFFIX {name}\b", f"SUFFIX {neuron_name(name)}", text)
        for name, text in texts.items()
    }


def load(cache: Path, texts: dict[str, str]) -> None:
    """Has NEURON's own translator compile files, given by name; what it made of these before is used again."""
    digest = hashlib.sha256("".join(texts.values()).encode()).hexdigest()[:16]
    folder = cache / digest
    with open(cache / f"{digest}.lock", "w") as lock:
        # one process compiles, the others wait for it
        fcntl.flock(lock, fcntl.LOCK_EX)
        if nrnivmodl.library(folder) is None:
            compile_files(texts, folder)
    h.nrn_load_dll(str(nrnivmodl.library(folder)))


def compile_files(texts: dict[str, str], folder: Path) -> None:
    """Has `nrnivmodl` compile files, given by name, in a folder."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "mod").mkdir(parents=True)
    for name, text in texts.items():
        (folder / "mod" / f"{name}.mod").write_text(text)
    # the compiler takes half the time when it need not optimize
    nrnivmodl.translate(folder, "-incflags", "-O0", "mod").check_returncode()


def is_point(name: str) -> bool:
    """Whether a mechanism of the library is a point process."""
    return lo.mechanism(name).placement == "point"


def insert(cell: lo.Compartment, name: str, protocol: str) -> None:
    """Inserts a mechanism and its partners, with the numbers that its states start at."""
    for inserted in contents(name, protocol):
        cell.insert(lo.mechanism(inserted))
    for variable, value in {**STARTS.get(name, {}), **POINTED.get(name, {})}.items():
        cell.set(f"{name}.{variable}", value)


def contents(name: str, protocol: str) -> list[str]:
    """The mechanisms of a cell that shows one of them: `clamp` or `spikes`."""
    others = [*(SPIKING if protocol == "spikes" else []), *PARTNERS.get(name, ())]
    return [*dict.fromkeys(other for other in others if other != name), name]


def shown(name: str, scheme: str) -> list[str]:
    """What is recorded of a mechanism: the voltage, its states, what it writes, its currents.

    With second order NEURON moves currents of ions to the middle of the step when it has solved it, so that they are
    not those that entered the equation.
    """
    mechanism = lo.mechanism(name)
    own = [f"{name}.{state}" for state in mechanism.states]
    own += [f"{name}.{current}" for current in mechanism.currents if current not in IONIC]
    written = [WRITTEN[name]] if name in WRITTEN else []
    ions = [current for current in mechanism.currents if current in IONIC and scheme == "backward_euler"]
    return ["v", *own, *written, *ions]


Traces = dict[str, dict[str, np.ndarray]]
"""By mechanism and by what was recorded."""


def neuron_says(names: list[str], celsius: float, scheme: str, protocol: str) -> Traces:
    """What NEURON records of the cell of each mechanism."""
    kept: list[Any] = []
    vectors: dict[str, dict[str, Any]] = {}
    for name in names:
        soma = h.Section(name=name)
        soma.L = soma.diam = 20
        soma.cm = 1
        owner = soma(0.5)
        for inserted in contents(name, protocol):
            if is_point(inserted):
                owner = placed(inserted, soma(0.5), kept)
            else:
                soma.insert(neuron_name(inserted))
        if protocol == "clamp":
            electrode = h.SEClamp(soma(0.5))
            electrode.rs = SERIES_RESISTANCE
            electrode.amp1, electrode.amp2, electrode.amp3 = LEVELS
            electrode.dur1 = electrode.dur2 = electrode.dur3 = DURATION / 3
        else:
            electrode = h.IClamp(soma(0.5))
            electrode.delay, electrode.dur, electrode.amp = 2, DURATION, AMPLITUDE
        kept += [soma, electrode]
        shows = shown(name, scheme)
        vectors[name] = {what: h.Vector().record(reference(soma(0.5), owner, what)) for what in shows}
    setattr(h, f"usetable_{neuron_name('hh')}", 0)
    h.celsius = celsius
    run_neuron(DURATION, scheme)
    return {name: {what: np.array(vector) for what, vector in rows.items()} for name, rows in vectors.items()}


def placed(name: str, segment: Any, kept: list[Any]) -> Any:
    """A point process in NEURON, whose states start at `STARTS`."""
    point = getattr(h, neuron_name(name))(segment)

    def begin() -> None:
        for state, value in STARTS.get(name, {}).items():
            setattr(point, state, value)

    # NEURON calls it between the INITIAL blocks and the first recording
    kept += [point, h.FInitializeHandler(begin)]
    for pointer, value in POINTED.get(name, {}).items():
        target = h.Vector([value])
        h.setpointer(target._ref_x[0], pointer, point)
        kept.append(target)
    return point


def reference(segment: Any, owner: Any, what: str) -> Any:
    """NEURON's reference to what Loligo calls `mechanism.state`, `v` or `cai`; what a point process has is its own."""
    mechanism, _, variable = what.rpartition(".")
    if not mechanism:
        return getattr(segment, f"_ref_{variable}")
    if is_point(mechanism):
        return getattr(owner, f"_ref_{variable}")
    return getattr(segment, f"_ref_{variable}_{neuron_name(mechanism)}")


def loligo_says(names: list[str], celsius: float, scheme: str, protocol: str, convention: str) -> Traces:
    """The same of Loligo."""
    cells = []
    for name in names:
        cell = lo.Compartment(length=20, radius=10)
        insert(cell, name, protocol)
        cells.append(cell)
    network = lo.Network(cells)
    network.celsius = celsius
    rows: list[tuple[str, str]] = []
    for index, name in enumerate(names):
        view = network.cell(index)
        if protocol == "clamp":
            levels = np.repeat(LEVELS, round(DURATION / 3 / DT))
            view.clamp(levels, series_resistance=SERIES_RESISTANCE)
        else:
            view.stimulate(lo.step(2, DURATION, AMPLITUDE))
        for what in shown(name, scheme):
            view.record(what)
            rows.append((name, what))
    run = lo.simulate(
        network, t_max=DURATION, dt=DT, scheme=scheme, convention=convention, v_init=INITIAL_VOLTAGE, threads=1
    )
    traces: Traces = {name: {} for name in names}
    for (name, what), row in zip(rows, run.recordings, strict=True):
        traces[name][what] = row
    return traces
