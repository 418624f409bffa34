"""Targets: which compartments edges go to, by sections or, where the files leave it open, drawn at random."""

from __future__ import annotations

from typing import Any

import numpy as np

from loligo.errors import ArgumentError, SonataError, did_you_mean
from loligo.sonata.cells import Prototype
from loligo.sonata.edge_list import EdgeList

SECTIONS = (("afferent_section_id", "afferent_section_pos"), ("sec_id", "sec_x"))
"""What says where a synapse is: the names of the format, and those of files from before it."""

GROUPS = {
    **{"soma": "soma", "somatic": "soma", "axon": "axon", "axonal": "axon"},
    **{"dend": "basal", "basal": "basal", "apic": "apical", "apical": "apical"},
}
"""The groups of a cell by the names that `target_sections` has for them."""


class Targets:
    """Where in the cells of a network synapses are.

    Args:
        prototypes: What cells are copies of.
        of_cells: Of which of them each cell is a copy, shape (cell,).
        seed: Which random numbers to draw, or nothing.
    """

    def __init__(self, prototypes: list[Prototype], of_cells: np.ndarray, seed: int | None) -> None:
        self.prototypes = of_cells
        self._random = None if seed is None else np.random.Generator(np.random.Philox(seed))
        self._list = prototypes
        sizes = np.array([each.cell.shape[-1] for each in prototypes])[of_cells]
        self._first = np.cumsum(sizes) - sizes
        lengths = np.array([each.sections.starts.size for each in prototypes])
        self._section_counts = lengths
        self._section_offsets = np.cumsum(lengths) - lengths
        self._starts = np.concatenate([each.sections.starts for each in prototypes])
        self._counts = np.concatenate([each.sections.counts for each in prototypes])

    @property
    def somata(self) -> np.ndarray:
        """The compartment in the middle of the soma of each cell, shape (cell,)."""
        return self._at(np.arange(self._first.size), np.zeros(self._first.size, dtype=int), 0.5)

    def places(self, edges: EdgeList, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The compartments of the synapses of edges, and the edge that each synapse belongs to, shape (synapse,) each.

        Args:
            cells: Where the edges go to, shape (edge,).

        Raises:
            SonataError: A section or a position that there is not.
            ArgumentError: Places have to be drawn, and there is no seed.
        """
        every = np.arange(cells.size)
        for section_name, position_name in SECTIONS:
            if section_name in edges.names:
                section = edges.numbers(section_name).astype(np.intp)
                position = edges.numbers(position_name, 0.5)
                self._check(edges, cells, section, position, section_name, position_name)
                return self._at(cells, section, position), every
        repeat = np.repeat(every, edges.numbers("nsyns", 1.0).astype(np.intp))
        cells = cells[repeat]
        found = self._first[cells].copy()
        for prototype in np.unique(self.prototypes[cells]):
            if self._list[prototype].cell.shape[-1] > 1:
                own = np.flatnonzero(self.prototypes[cells] == prototype)
                found[own] += self._drawn(edges, self._list[prototype], own.size)
        return found, repeat

    def _at(self, cells: np.ndarray, section: np.ndarray, position: np.ndarray | float) -> np.ndarray:
        at = self._section_offsets[self.prototypes[cells]] + section
        counts = self._counts[at]
        # as `view.loc`: exactly between two compartments is the one nearer to the 0 end, whatever rounding makes of it
        within = np.minimum((position * counts / (1.0 + 1e-10)).astype(np.intp), counts - 1)
        return self._first[cells] + self._starts[at] + within

    def _check(
        self,
        edges: EdgeList,
        cells: np.ndarray,
        section: np.ndarray,
        position: np.ndarray,
        section_name: str,
        position_name: str,
    ) -> None:
        there = self._section_counts[self.prototypes[cells]]
        if (wrong := np.flatnonzero((section < 0) | (section >= there))).size:
            first = wrong[0]
            raise SonataError(
                f"an edge of {edges.who} has the {section_name} {section[first]}, but the sections of its target are 0 "
                f"to {there[first] - 1}"
            )
        if (wrong := np.flatnonzero(~((position >= 0) & (position <= 1)))).size:
            raise SonataError(
                f"an edge of {edges.who} has the {position_name} {position[wrong[0]]:g}, expected 0 to 1 along the "
                "section"
            )

    def _drawn(self, edges: EdgeList, prototype: Prototype, count: int) -> np.ndarray:
        """Compartments of a cell, each with the probability that its length has among those that may be chosen."""
        if self._random is None:
            raise ArgumentError(
                f"{edges.who} does not say where its synapses are, so they are drawn, which needs a seed: "
                "read_sonata(..., seed=0)"
            )
        cell = prototype.cell
        lengths = cell.get("length")
        names = edges.listed("target_sections")
        if names is not None:
            may = np.zeros(lengths.size, dtype=bool)
            for name in names:
                if name not in GROUPS:
                    raise SonataError(f"the target_sections of {edges.who} have `{name}`{did_you_mean(name, GROUPS)}")
                may[cell.groups.get(GROUPS[name], [])] = True
            lengths = lengths * may
        if (between := edges.listed("distance_range")) is not None:
            low, high = self._range(edges, between)
            middle, half = cell.distances(), cell.get("length") / 2
            overlap = np.minimum(middle + half, high) - np.maximum(middle - half, low)
            lengths = lengths * np.clip(overlap / (2 * half), 0, 1)
        total = np.cumsum(lengths)
        if not total[-1] > 0:
            raise SonataError(
                f"no compartment of a target is where {edges.who} has its synapses: {names}, {between} µm"
            )
        return np.searchsorted(total, self._random.random(count) * total[-1], side="right")

    def _range(self, edges: EdgeList, between: Any) -> tuple[float, float]:
        try:
            low, high = (0.0, between) if np.ndim(between) == 0 else between
            return float(low), float(high)
        except (TypeError, ValueError) as error:
            raise SonataError(f"the distance_range of {edges.who} is {between!r}, expected two numbers") from error
