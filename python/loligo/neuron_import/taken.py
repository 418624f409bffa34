"""From NEURON to a module: reads what is alive, builds, and says what it could not take."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from loligo.errors import (
    ArgumentError,
    ArgumentTypeError,
    LeftOutWarning,
    SelectionError,
    UnknownNameError,
    did_you_mean,
)
from loligo.modules import Cell, Module, Network
from loligo.neuron_import.connections import Connector, Made, counted, read_connections
from loligo.neuron_import.ions import set_ions
from loligo.neuron_import.left_out import LeftOut, listed
from loligo.neuron_import.mechanisms import Density, Finder, ModFiles, place
from loligo.neuron_import.point_processes import Points
from loligo.neuron_import.sections import Section, read_sections, trees
from loligo.neuron_import.shape import Piece, build
from loligo.view import View

SCHEMES = {0: "backward_euler", 2: "crank_nicolson"}
"""By NEURON's `secondorder`."""

DEFAULT_VOLTAGE = -65.0
"""mV, where NEURON's standard run, which has `v_init`, is not loaded."""

UNSEEN = {
    "LinearMechanism": "equations beside those of the cells",
    "FInitializeHandler": "what it does as a run begins is a program",
    "StateTransitionEvent": "a machine of states is a program",
}
"""Objects of NEURON that act on a run, and why they are not taken."""


@dataclass(frozen=True)
class Taken:
    """What `from_neuron` took.

    Attributes:
        module: A `loligo.Cell`, or a `loligo.Network` with a cell for each tree of sections, in the order of their
            roots in `h.allsec()`, and one for each artificial cell behind them. Groups are called as sections are
            (`dend` for `Cell[0].dend[3]`).
        left_out: What is alive in NEURON and was not taken: a row for each, with the columns `what`, `where` and `why`.
        segments: A row for each segment: `section`, `x`, and which `compartment` of the module it is, with its `cell`,
            `branch` and number in that (`comp`).
        points: A row for each point process that was taken: `name` (`ExpSyn[0]`), `compartment`, `mechanism` (its name
            in the module; empty for stimuli and clamps), and `synapse`, its number among the synapses of that name, −1
            if it is inserted (several connections share it, or none comes).
        connections: A row for each NetCon that was taken: `name`, `mechanism` and the `number` of the connection among
            those to mechanisms of this name.
        run: What `loligo.simulate` takes so that it does as NEURON is set to: `dt`, `t_max` (if `h.tstop` is there),
            `scheme`, `convention`.
    """

    module: Module
    left_out: pd.DataFrame
    segments: pd.DataFrame
    points: pd.DataFrame
    connections: pd.DataFrame
    run: dict[str, Any]
    _rows: dict[int, range]

    def view(self, place_: Any) -> View:
        """What became of a section or a segment.

        Args:
            place_: A section (all of its compartments) or a segment of NEURON, or its name: `"soma"`, `"soma(0.5)"`,
                `"Cell[0].dend[3](0.1)"`.

        Raises:
            UnknownNameError: A section of this name was not taken; the message names the nearest.
            ArgumentError: Several sections have this name: pass the section itself.
            SelectionError: A location that is no segment: the ends 0 and 1, which have no membrane, or outside of them.
        """
        name, x, key = _name_of(place_)
        if key in self._rows:
            own = self.segments.iloc[self._rows[key]]
        else:
            own = self.segments[self.segments["section"] == name]
        if own.empty or (key is not None and key not in self._rows):
            known = list(dict.fromkeys(self.segments["section"]))
            raise UnknownNameError(f"no section `{name}` was taken{did_you_mean(name, known)}")
        if own["x"].duplicated().any():
            raise ArgumentError(f"several sections are called `{name}`: pass the section itself")
        if x is None:
            return place(self.module, np.sort(own["compartment"].to_numpy()))
        if not 0 < x < 1:
            raise SelectionError(f"the location {x:g} of {name} is no segment, expected one between 0 and 1")
        row = min(int(x * len(own)), len(own) - 1)
        return place(self.module, [own["compartment"].to_numpy()[row]])

    def __repr__(self) -> str:
        return f"<taken from NEURON: {self.module!r}, {len(self.left_out)} left out>"


def from_neuron(h: Any, *, mod_dir: ModFiles = None, sections: Sequence[Any] | None = None) -> Taken:
    """Takes what is alive in a running NEURON: any model that a hoc template, a script or NetPyNE has made.

    Every segment becomes a compartment with its area, axial resistance and capacitance; sections stay connected where
    they are, be that an end or the middle. What is in segments comes with every number that it has there: mechanisms,
    ions and their `ion_style`, currents (IClamp), clamps (SEClamp), synapses and other point processes, artificial
    cells. NetCons become connections with their sources, thresholds, delays and weights; a NetStim without noise
    becomes spikes at given times, and a NetCon without a target watches for spikes. Cells start at `h.v_init`, as after
    `h.finitialize(h.v_init)`, at `h.celsius`. With `lo.simulate(taken.module, **taken.run)` voltages are NEURON's to
    rounding.

    Nothing is left out in silence: `taken.left_out` lists what is alive and was not taken, with the reason. What NEURON
    itself does not tell, nobody can list: vectors that play into variables, transfers between cells (`pc.target_var`),
    events and changes that a program makes during a run. Recordings are not taken.

    A section becomes a branch, in the order of `h.allsec()` (parents before their children); one without 3-D points
    whose segments have different diameters becomes several. NEURON and its sections stay as they are.

    Args:
        h: NEURON's `h`.
        mod_dir: The folder of the `.mod` files that NEURON has, or a list of files and folders. `hh`, `pas`, `ExpSyn`
            and `Exp2Syn`, which NEURON has without a file, are there. Files that are not alive are not read.
        sections: Only these sections, and what is in them; all that there are if left out.

    Returns:
        A small object: the module, and beside it what was left out and how to find things by NEURON's names. It is no
        module itself, since modules are copied, changed and pickled, and what was true in NEURON is not.

    Raises:
        ArgumentError: There is no section.
        ArgumentTypeError: That is not NEURON's `h`, or no sections or files.
        MissingFileError: A folder without `.mod` files.
        MorphologyError: A tree of sections that cannot be built.

    Warns:
        LeftOutWarning: Once, if something was left out.

    >>> from neuron import h  # doctest: +SKIP
    >>> import loligo as lo
    >>> soma, dend = h.Section(name="soma"), h.Section(name="dend")  # doctest: +SKIP
    >>> _ = dend.connect(soma(0.5)), soma.insert("hh"), dend.insert("pas")  # doctest: +SKIP
    >>> soma.L = soma.diam = 20  # doctest: +SKIP
    >>> dend.nseg, h.usetable_hh = 5, 0  # doctest: +SKIP
    >>> taken = lo.from_neuron(h)  # doctest: +SKIP
    >>> taken  # doctest: +SKIP
    <taken from NEURON: <cell: 1 cell, 2 branches, 6 compartments>, 0 left out>
    >>> taken.view("dend(0.9)").record()  # doctest: +SKIP
    >>> taken.view(soma).make_trainable("hh.gnabar")  # doctest: +SKIP
    >>> taken.module.get_parameters()  # doctest: +SKIP
    [{'hh.gnabar': array([0.12])}]
    """
    if not hasattr(h, "allsec"):
        raise ArgumentTypeError(f"from_neuron was given {h!r}, expected NEURON's h: from neuron import h")
    left_out = LeftOut()
    read = read_sections(h, sections, left_out)
    if not read:
        raise ArgumentError("there is no section to take: NEURON has none, or none was asked for")
    finder = Finder(mod_dir)
    connections = read_connections(h)
    places = Places(read)
    points = Points(h, finder, left_out, places.compartment_at)
    cells = _cells(read)
    artificial = points.find(*counted(connections))
    offset = sum(section.nseg for section in read)
    for number, name in enumerate(artificial):
        points.of[name].compartment = offset + number
    parts = [*cells, *(Cell() for _ in artificial)]
    module: Module = Network(parts) if len(parts) > 1 else parts[0]
    _name_groups(module, read)
    _set_cables(module, read, offset)
    module.celsius = float(h.celsius)
    module._model.set("v", float(getattr(h, "v_init", DEFAULT_VOLTAGE)), module._model.everything())
    Density(h, read, finder, left_out).insert(module)
    points.put(module)
    made = Connector(h, module, points, left_out, places.compartment_at).connect(connections)
    set_ions(h, read, module, left_out)
    _match_areas(module, read, left_out)
    _list_unseen(h, left_out)
    run = _run(h, left_out)
    table = left_out.table()
    if len(table):
        first = listed([f"{row.what} ({row.where})" for row in table.itertuples()])
        warnings.warn(f"not taken from NEURON: {first}; see .left_out for the reasons", LeftOutWarning, stacklevel=2)
    segments = _segment_table(module, read)
    ends = np.cumsum([section.nseg for section in read])
    rows = {hash(s.alive): range(int(end) - s.nseg, int(end)) for s, end in zip(read, ends)}
    return Taken(module, table, segments, _point_table(points), _connection_table(made), run, rows)


class Places:
    """Which compartment a segment of NEURON is."""

    def __init__(self, sections: list[Section]) -> None:
        self._sections = {section.alive: section for section in sections}

    def compartment_at(self, segment: Any) -> int | None:
        """That of a segment; none if its section was not asked for."""
        section = self._sections.get(segment.sec)
        return None if section is None else int(section.compartments[section.segment_at(segment.x)])


def _cells(sections: list[Section]) -> list[Cell]:
    """A cell for each tree of sections, which learn their compartments."""
    cells, offset = [], 0
    for tree in trees(sections):
        cell, pieces = build(sections, tree)
        _number_compartments(sections, tree, pieces, offset)
        offset += sum(piece.segments.size for piece in pieces)
        cells.append(cell)
    return cells


def _number_compartments(sections: list[Section], tree: list[int], pieces: list[Piece], offset: int) -> None:
    for index in tree:
        sections[index].compartments = np.empty(sections[index].nseg, dtype=int)
    for piece in pieces:
        sections[piece.section].compartments[piece.segments] = offset + np.arange(piece.segments.size)
        offset += piece.segments.size


def _name_groups(module: Module, sections: list[Section]) -> None:
    members: dict[str, list[np.ndarray]] = {}
    for section in sections:
        members.setdefault(section.kind, []).append(section.compartments)
    for name, compartments in members.items():
        place(module, np.sort(np.concatenate(compartments)))._group_as(name)


def _set_cables(module: Module, sections: list[Section], compartments: int) -> None:
    """Sets what every compartment has."""
    cable = place(module, range(compartments))
    resistivity, capacitance = np.empty(compartments), np.empty(compartments)
    for section in sections:
        resistivity[section.compartments] = section.alive.Ra
        capacitance[section.compartments] = [segment.cm for segment in section.alive]
    cable.set("axial_resistivity", resistivity)
    cable.set("capacitance", capacitance)


def _match_areas(module: Module, sections: list[Section], left_out: LeftOut) -> None:
    """Scales radius and length of the compartments whose area is not NEURON's, so that it is, while resistances stay;
    lists them. (Where a step in the radius is just between two segments, NEURON's rounding decides whose the
    ring is.)"""
    nodes = module.nodes
    area, radius, length = (nodes[name].to_numpy() for name in ("area", "radius", "length"))
    for section in sections:
        for segment, compartment in enumerate(section.compartments):
            factor = section.areas[segment] / area[compartment]
            if abs(factor - 1) > 1e-9:
                view = place(module, [compartment])
                view.set("radius", radius[compartment] * np.cbrt(factor))
                view.set("length", length[compartment] * np.cbrt(factor) ** 2)
                where = f"{section.name}({(segment + 0.5) / section.nseg:g})"
                left_out.add(
                    "the radius and the length", where, f"scaled, so that the area is {section.areas[segment]:g} µm²"
                )


def _list_unseen(h: Any, left_out: LeftOut) -> None:
    """Lists objects of NEURON that act on a run and are no part of a model here."""
    for kind, why in UNSEEN.items():
        for alive in h.List(kind):
            left_out.add(alive.hname(), "the run", why)
    if "neuron.rxd" in sys.modules and getattr(sys.modules["neuron.rxd"].species, "_all_species", None):
        left_out.add("rxd", "the run", "reactions and diffusion of rxd are no mechanisms: write them as NMODL")


def _run(h: Any, left_out: LeftOut) -> dict[str, Any]:
    run: dict[str, Any] = {"dt": float(h.dt), "convention": "neuron"}
    if hasattr(h, "tstop"):
        run["t_max"] = float(h.tstop)
    if h.CVode().active():
        left_out.add("CVode", "the run", f"steps are fixed: `run` has dt = {h.dt:g} ms")
    secondorder = int(h.secondorder)
    if secondorder not in SCHEMES:
        left_out.add(f"secondorder = {secondorder}", "the run", "`run` has 0, backward Euler; 2 is there, too")
    run["scheme"] = SCHEMES.get(secondorder, SCHEMES[0])
    return run


def _segment_table(module: Module, sections: list[Section]) -> pd.DataFrame:
    rows = [
        (section.name, (segment + 0.5) / section.nseg, int(compartment))
        for section in sections
        for segment, compartment in enumerate(section.compartments)
    ]
    table = pd.DataFrame(rows, columns=["section", "x", "compartment"])
    nodes = module.nodes
    where = nodes[["cell", "branch", "compartment"]].to_numpy()[table["compartment"]]
    table[["cell", "branch", "comp"]] = where
    return table


def _point_table(points: Points) -> pd.DataFrame:
    rows = [(point.name, point.compartment, point.label, point.number) for point in points.of.values()]
    return pd.DataFrame(rows, columns=["name", "compartment", "mechanism", "synapse"])


def _connection_table(made: list[Made]) -> pd.DataFrame:
    rows = [(each.connection.name, each.name, each.number) for each in made]
    return pd.DataFrame(rows, columns=["name", "mechanism", "number"])


def _name_of(place_: Any) -> tuple[str, float | None, int | None]:
    """The name of a section, a location on it, and what tells it from others of its name."""
    if isinstance(place_, str):
        match = re.fullmatch(r"(.*)\(([-+.\deE]+)\)", place_)
        return (match.group(1), float(match.group(2)), None) if match else (place_, None, None)
    if hasattr(place_, "sec"):
        return place_.sec.name(), float(place_.x), hash(place_.sec)
    if hasattr(place_, "nseg"):
        return place_.name(), None, hash(place_)
    raise ArgumentTypeError(f"view was given {place_!r}, expected a section or a segment of NEURON, or its name")
