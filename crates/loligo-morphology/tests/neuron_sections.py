"""Compares Import3d and compartment geometry with NEURON itself.

Run from the root of the repository, with the ``neuron`` package installed:

    cargo build -p loligo-morphology --examples
    python crates/loligo-morphology/tests/neuron_sections.py target/debug/examples/import3d FILES.swc

Sections, connections and 3-D points must be the same to the last bit; areas, axial resistances and
distances to 1e-13, the rounding of sums in another order.

    python crates/loligo-morphology/tests/neuron_sections.py write crates/loligo-morphology/tests/*/*.swc

writes what NEURON makes of the files beside them (``.neuron``), for the Rust tests, which run without
NEURON. Files of Neurolucida (``.asc``) are taken, too.
"""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from pathlib import Path

from neuron import h

COMPARTMENTS = 3
ROUNDING = 1e-13


class Cell:
    """What NEURON instantiates the sections into."""


def load(file: Path, *, in_object: bool) -> tuple[list, object]:
    """NEURON's sections of the file, and what keeps them alive."""
    reader = h.Import3d_Neurolucida3() if file.suffix == ".asc" else h.Import3d_SWC_read()
    reader.quiet = 1
    reader.input(str(file))
    gui = h.Import3d_GUI(reader, False)
    cell = Cell() if in_object else None
    gui.instantiate(cell)
    return list(h.allsec()), cell


def short_name(section) -> str:
    """The name of a section without that of its cell; a lone hoc section has no index."""
    return re.sub(r"^.*\.", "", section.name())


def parse(output: str) -> list[dict]:
    """The sections that the example prints."""
    sections: list[dict] = []
    for line in output.splitlines():
        kind, *words = line.split()
        if kind == "section":
            name, parent, at, d_lambda = words
            sections.append(
                {
                    "name": name,
                    "parent": (parent, float(at)),
                    "d_lambda": int(d_lambda),
                    "point": [],
                    "compartment": [],
                }
            )
        else:
            sections[-1][kind].append([float(word) for word in words])
    return sections


def in_neurons_order(ours: list[dict], theirs: list) -> list[dict]:
    """Our sections as they are, or sorted like NEURON's if it has a child before its parent, which we never have."""
    place = {short_name(section): i for i, section in enumerate(theirs)}
    if all(place.get(o["parent"][0], -1) < place.get(o["name"], 0) for o in ours):
        return ours
    return sorted(ours, key=lambda section: place.get(section["name"], -1))


def described(section) -> str:
    """A section of NEURON in the form that the example prints, without what NEURON does not say."""
    section.Ra, section.cm, section.nseg = 100, 1, COMPARTMENTS
    parent = section.parentseg()
    at = f"{short_name(parent.sec)} {parent.x:g}" if parent is not None else "- 0"
    lines = [f"section {short_name(section)} {at}"]
    for i in range(section.n3d()):
        point = section.x3d(i), section.y3d(i), section.z3d(i), section.diam3d(i), section.arc3d(i)
        lines.append("point " + " ".join(map(repr, point)))
    lines.append("areas " + " ".join(repr(segment.area()) for segment in section))
    ends = [*section, section(1)]
    lines.append("resistances " + " ".join(repr(segment.ri()) for segment in ends))
    return "\n".join(lines) + "\n"


def write(files: list[str]) -> None:
    """Writes what NEURON makes of the files, instantiated at top level."""
    for file in map(Path, files):
        sections, _ = load(file, in_object=False)
        file.with_suffix(".neuron").write_text("".join(map(described, sections)), encoding="utf-8")
        for section in sections:
            h.delete_section(sec=section)


def compare(ours: list[dict], theirs: list) -> float:
    """Fails if anything differs; returns the largest relative difference of an area or a resistance."""
    middle = next(section for section in theirs if section.parentseg() is None)(0.5)
    ours = in_neurons_order(ours, theirs)
    assert [o["name"] for o in ours] == [short_name(s) for s in theirs], "names or order of the sections"
    largest = 0.0
    for section in theirs:
        section.Ra, section.cm, section.nseg = 100, 1, COMPARTMENTS
    for our, section in zip(ours, theirs):
        name = our["name"]
        parent = section.parentseg()
        at = (short_name(parent.sec), parent.x) if parent is not None else ("-", 0.0)
        assert our["parent"] == at, f"{name}: connected to {at}, not {our['parent']}"
        points = [
            [section.x3d(i), section.y3d(i), section.z3d(i), section.diam3d(i), section.arc3d(i)]
            for i in range(section.n3d())
        ]
        assert our["point"] == points, f"{name}: points"
        d_lambda = int((section.L / (0.1 * h.lambda_f(100, sec=section)) + 0.9) / 2) * 2 + 1
        assert our["d_lambda"] == d_lambda, f"{name}: {our['d_lambda']} compartments, NEURON {d_lambda}"

        # rounding decides whether NEURON counts a ring at the far end
        if points[-1][4] == points[-2][4]:
            continue

        # NEURON's ri reaches from centre to centre, in MΩ; those at 1 and at the first centre are halves
        halves = our["compartment"]
        resistance = [
            halves[0][1],
            *(a[2] + b[1] for a, b in itertools.pairwise(halves)),
            halves[-1][2],
        ]
        segments = list(section)
        pairs = [(c[0], s.area()) for c, s in zip(halves, segments)]
        pairs += [(r, s.ri()) for r, s in zip(resistance, [*segments, section(1)])]
        pairs += [(1 + c[3], 1 + h.distance(middle, s)) for c, s in zip(halves, segments)]
        for value, expected in pairs:
            largest = max(largest, abs(value / expected - 1))
    assert largest <= ROUNDING, f"areas, resistances or distances differ by {largest:.1e}"
    return largest


def main(program: str, files: list[str]) -> int:
    """Compares all files, instantiated both ways; returns the number that differ."""
    failures = 0
    for file in files:
        for in_object in (False, True):
            command = [program, file, str(COMPARTMENTS), *(["object"] if in_object else [])]
            run = subprocess.run(command, capture_output=True, text=True)
            label = f"{Path(file).name} {'in an object' if in_object else 'at top level'}"
            if run.returncode:
                print(f"{label}: {run.stderr.strip()}")
                failures += 1
                continue
            sections, cell = load(Path(file), in_object=in_object)
            try:
                largest = compare(parse(run.stdout), sections)
                print(f"{label}: {len(sections)} sections; areas, resistances and distances to {largest:.1e}")
            except AssertionError as difference:
                print(f"{label}: {difference}")
                failures += 1
            for section in sections:
                h.delete_section(sec=section)
            del sections, cell
    return failures


if __name__ == "__main__":
    program, *files = sys.argv[1:]
    h.load_file("stdlib.hoc")
    h.load_file("import3d.hoc")
    if program == "write":
        write(files)
    else:
        sys.exit(main(program, files) > 0)
