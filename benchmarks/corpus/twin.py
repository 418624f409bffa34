"""One mechanism in NEURON and in Loligo, in a process of its own: `python -m benchmarks.corpus.twin FILE`.

The last line that it prints is a JSON object: `compared` has for each scenario and each trace how far the two are
apart, relative to the largest magnitude in NEURON's, and `moves` which traces change at all.
"""

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from neuron import h

import loligo as lo
from benchmarks.corpus import companions, files, translated

DT = 0.025
"""ms."""
DURATION = 30.0
"""ms."""
INITIAL_VOLTAGE = -65.0
"""mV."""
STEPS = ((1.0, 7.0, -0.1), (10.0, 18.0, 0.3))
"""Start (ms), duration (ms) and amplitude (nA) of currents that take the voltage below -80 mV and make it fire."""
TEMPERATURES = (6.3, 24.0)
"""°C."""
SECOND_ORDER = {"backward_euler": 0, "crank_nicolson": 2}
CONDUCTANCE = re.compile(r"(mho|S|siemens|cm)/(cm2|s)", re.I)
"""Units of a conductance or permeability."""
MATTERS = 1e-4
"""What a conductance is set to that is 0 by default, S/cm²."""


class Subject:
    """A mechanism with what stands beside it."""

    def __init__(self, file: files.ModFile) -> None:
        self.file = file
        self.beside = companions.companions(file.text)
        self.folder = Path(tempfile.mkdtemp())
        self.mechanism = self.read(files.NAME, file.text)
        self.companions = [self.read(name, text) for name, text in self.beside.items()]
        self.ions = companions.ions(file.text)
        self.settings: dict[str, float] = {}
        for name, default, unit, _, _ in self.mechanism.parameters:
            if default == 0 and CONDUCTANCE.fullmatch(unit):
                self.settings[name] = MATTERS
            elif default != float(f"{default:g}"):
                # NEURON's translator writes defaults down with six digits
                self.settings[name] = default

    def read(self, name: str, text: str) -> lo.Mechanism:
        """The mechanism of a text, by Loligo."""
        path = self.folder / f"{name}.mod"
        path.write_bytes(text.encode("latin-1"))
        return lo.Mechanism.from_mod(path)

    def translate(self) -> None:
        """Loads the mechanism and what stands beside it into NEURON."""
        for name, text in self.beside.items():
            h.nrn_load_dll(str(translated.library(name, text)))
        h.nrn_load_dll(str(translated.library(files.NAME, self.file.text)))

    def recordings(self, scheme: str) -> dict[str, str]:
        """What is compared: Loligo's name and NEURON's of what both can record."""
        own = dict.fromkeys([*self.mechanism.states, *self.mechanism.observables])
        own |= {name: None for name in self.mechanism.currents if not any(name == ion.current for ion in self.ions)}
        recorded = {"v": "v"} | {f"{files.NAME}.{name}": f"{name}_{files.NAME}" for name in own}
        for ion in self.ions:
            for name in sorted(ion.writes):
                # with second order NEURON moves the total currents of ions to the middle of the step
                if name != ion.current or scheme == "backward_euler":
                    recorded[name] = name
        return recorded


def neuron_says(subject: Subject, celsius: float, scheme: str) -> dict[str, np.ndarray]:
    """What NEURON records, as far as it shows it."""
    soma = h.Section(name="soma")
    soma.L = soma.diam = 20
    soma.cm = 1
    for name in ["hh", "pas", *subject.beside, files.NAME]:
        soma.insert(name)
    here = soma(0.5)
    # what is GLOBAL keeps what the run before left in it
    left = {name: 0.0 for name in subject.mechanism.observables if "[" not in name}
    for name, number in (left | subject.settings).items():
        variable = f"{name}_{files.NAME}"
        if hasattr(here, variable):
            setattr(here, variable, number)
        elif shown(here, variable) is not None:
            setattr(h, variable, number)
    electrodes = []
    for start, duration, amplitude in STEPS:
        electrode = h.IClamp(here)
        electrode.delay, electrode.dur, electrode.amp = start, duration, amplitude
        electrodes.append(electrode)
    h.celsius, h.secondorder, h.dt = celsius, SECOND_ORDER[scheme], DT
    vectors = {}
    for ours, theirs in subject.recordings(scheme).items():
        reference = shown(here, theirs)
        if reference is not None:
            vectors[ours] = h.Vector().record(reference)
    h.finitialize(INITIAL_VOLTAGE)
    for _ in range(round(DURATION / DT)):
        h.fadvance()
    return {name: np.array(vector) for name, vector in vectors.items()}


def shown(here: object, name: str) -> object | None:
    """A reference to a variable of NEURON's, if it shows it."""
    element = re.fullmatch(r"(\w+)\[(\d+)\](\w*)", name)
    if element:
        name = element[1] + element[3]
    for owner in (here, h):
        try:
            reference = getattr(owner, f"_ref_{name}")
            return reference[int(element[2])] if element else reference
        except (AttributeError, TypeError, LookupError, RuntimeError):
            continue
    return None


def loligo_says(subject: Subject, celsius: float, scheme: str, names: list[str]) -> dict[str, np.ndarray]:
    """The same of Loligo."""
    cell = lo.Compartment(length=20, radius=10)
    for mechanism in [lo.mechanism("hh"), lo.mechanism("pas"), *subject.companions, subject.mechanism]:
        cell.insert(mechanism)
    for name, number in subject.settings.items():
        cell.set(f"{files.NAME}.{name}", number)
    cell.celsius = celsius
    for step in STEPS:
        cell.stimulate(lo.step(*step))
    for name in names:
        cell.record(name, name=name)
    run = lo.simulate(cell, t_max=DURATION, dt=DT, scheme=scheme, convention="neuron", v_init=INITIAL_VOLTAGE)
    return {name: run[name] for name in names}


def apart(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference over the largest magnitude of NEURON's trace; 0 for two traces of zeros."""
    if not np.isfinite(theirs).all():
        return float("nan")
    difference = np.abs(ours - theirs).max()
    return float(difference / np.abs(theirs).max()) if difference else 0.0


def compared(subject: Subject) -> Iterator[tuple[str, dict[str, float], dict[str, bool]]]:
    """For each scenario how far each trace is apart, and whether it moves."""
    for celsius in TEMPERATURES:
        for scheme in SECOND_ORDER:
            theirs = neuron_says(subject, celsius, scheme)
            ours = loligo_says(subject, celsius, scheme, list(theirs))
            distances = {name: apart(ours[name], trace) for name, trace in theirs.items()}
            moves = {name: bool(np.ptp(trace) > 0) for name, trace in theirs.items()}
            yield f"{celsius} °C, {scheme}", distances, moves


def answer(file: files.ModFile) -> dict[str, dict] | dict[str, str]:
    """What came of a file."""
    subject = Subject(file)
    subject.translate()
    h.load_file("stdlib.hoc")
    h.usetable_hh = 0
    if hasattr(h, f"usetable_{files.NAME}"):
        # Loligo computes what NEURON would interpolate
        setattr(h, f"usetable_{files.NAME}", 0)
    distances: dict[str, dict] = {}
    moves: dict[str, bool] = {}
    try:
        for scenario, apart_here, moves_here in compared(subject):
            distances[scenario] = apart_here
            for name, moving in moves_here.items():
                moves[name] = moves.get(name, False) or moving
    except lo.LoligoError as error:
        return {"failure": f"Loligo: {str(error).splitlines()[0]}"}
    return {"compared": distances, "moves": moves}


def main() -> None:
    print(json.dumps(answer(files.read(Path(sys.argv[1])))))


if __name__ == "__main__":
    main()
