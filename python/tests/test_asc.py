"""Neurolucida's files: the cell is NEURON's, is kept by files and pickles, and mistakes have a place."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import loligo as lo

FILE = Path(__file__).parents[2] / "crates" / "loligo-morphology" / "tests" / "asc" / "contour_soma.asc"


def test_compartments_are_those_of_neuron() -> None:
    """Areas to 1e-12, the rounding of a sum of frusta, at NEURON's number of compartments by the d_lambda rule."""
    pytest.importorskip("neuron", reason="NEURON has no wheel for Windows")
    import neuron_cells

    sections = neuron_cells.imported(FILE)
    try:
        for section in sections:
            section.Ra, section.cm = 100, 1
            section.nseg = neuron_cells.d_lambda(section)
        areas = {section.name(): [segment.area() for segment in section] for section in sections}
    finally:
        for section in sections:
            neuron_cells.h.delete_section(sec=section)
    cell = lo.read_asc(FILE)
    assert sorted(cell.groups) == ["apical", "axon", "basal", "soma", "undefined"]
    ours = cell.nodes["area"].to_numpy()
    assert len(cell._model.branches()) == len(areas)
    for name, _, _, (first, end), *_ in cell._model.branches():
        named = name if name in areas else name.partition("[")[0]
        np.testing.assert_allclose(ours[first:end], areas[named], rtol=1e-12)


def test_cells_are_pickled_and_saved(tmp_path: Path) -> None:
    cell = lo.read_asc(FILE, ncomp=2)
    cell.insert(lo.mechanism("hh"))
    cell.soma.record()
    cell.save(tmp_path / "cell.loligo")
    for again in (pickle.loads(pickle.dumps(cell)), lo.load(tmp_path / "cell.loligo")):
        assert again.notes == cell.notes
        assert (lo.simulate(again, t_max=1).v == lo.simulate(cell, t_max=1).v).all()
    assert list(lo.simulate(cell, t_max=1).provenance["morphologies"]) == ["contour_soma.asc"]


def test_mistakes_have_a_place(tmp_path: Path) -> None:
    path = tmp_path / "cell.asc"
    with pytest.raises(lo.errors.MissingFileError, match="no such file"):
        lo.read_asc(path)
    path.write_text("((Axon) (1 2 3 4)\n  (1 2))\n")
    with pytest.raises(
        lo.errors.MorphologyError, match=r"cell\.asc, line 2, column 3: the diameter of this point is 0"
    ):
        lo.read_asc(path)
    path.write_text("1 1 0 0 0 5 -1\n")
    with pytest.raises(lo.errors.MorphologyError, match=r"line 1, column 1: found the number 1, expected `\(`"):
        lo.read_asc(path)
    with pytest.raises(lo.errors.ArgumentError, match="ncomp is 0"):
        lo.read_asc(FILE, ncomp=0)
