"""What models and runs show in notebooks is well formed and true, and what they hand to xarray is all of it."""

from __future__ import annotations

import json
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

import loligo as lo


def parsed(shown: object) -> ElementTree.Element:
    """The HTML, which is XML, too."""
    return ElementTree.fromstring(f"<div>{shown._repr_html_()}</div>")


def cells_of(shown: object) -> list[list[str]]:
    return [[cell.text or "" for cell in row] for row in parsed(shown).iter("tr")]


def test_a_cell_shows_what_is_in_it(fork: lo.Cell) -> None:
    fork.branch(1).add_to_group("<apical>")
    fork.branch("all").make_trainable("hh.gnabar", bounds=(0.01, 0.5))
    rows = cells_of(fork)
    assert ["mechanism", "hh", "9 compartments"] in rows
    assert ["group", "<apical>", "3 compartments"] in rows
    assert ["trainable", "hh.gnabar", "3 numbers, 0.01 to 0.5"] in rows
    assert [row[1] for row in rows if row[0] == "recording"] == fork.recordings
    assert parsed(fork).find("p/code").text == repr(fork)
    of_part = cells_of(fork.branch(0))
    assert ["mechanism", "hh", "3 compartments"] in of_part
    assert "group" not in {row[0] for row in of_part}


def test_a_network_shows_its_synapses(fork: lo.Cell) -> None:
    network = lo.Network([fork, fork.copy()])
    network.connect([0], [9], lo.IonotropicSynapse())
    assert ["synapse", "IonotropicSynapse", "1"] in cells_of(network)
    assert "synapse" not in {row[0] for row in cells_of(network.cell(0))}


def test_a_run_shows_its_recordings_and_counts_spikes(soma: lo.Compartment) -> None:
    soma.record("hh.m")
    run = lo.simulate(soma, t_max=10)
    _, voltage, gate = cells_of(run)
    assert voltage == [run.names[0], "v", f"{run.v.min():.4g}", f"{run.v.max():.4g}", "1"]
    assert gate[1] == "hh.m" and gate[4] == ""
    lines = list(parsed(run).iter("{http://www.w3.org/2000/svg}polyline"))
    assert len(lines) == 2
    height = [float(pair.split(",")[1]) for pair in lines[0].get("points").split()]
    assert (min(height), max(height)) == (2.0, 88.0)  # from the peak of the spike to the rest


def test_a_batch_shows_all_lanes(soma: lo.Compartment) -> None:
    run = lo.simulate(soma, t_max=10, param_state=soma.data_set("hh.gnabar", lo.batch([0.12, 0.12, 0.0])))
    header, row = cells_of(run)
    assert header[4] == "spikes of all lanes" and row[4] == "2"
    assert row[2] == f"{run.v.min():.4g}"


def test_long_tables_are_cut(fork: lo.Cell) -> None:
    for what in ("v", "hh.m", "hh.h"):
        fork.record(what)
    run = lo.simulate(fork, t_max=1)
    assert len(cells_of(run)) == 21 and "… and 7 more" in run._repr_html_()


def test_an_array_of_xarray_has_everything(soma: lo.Compartment, tmp_path) -> None:
    pytest.importorskip("xarray", reason="needs xarray, which is among the extra `test`")
    soma.record("hh.m", name="gate")
    run = lo.simulate(soma, t_max=1)
    array = run.to_xarray()
    assert array.dims == ("recording", "time")
    assert (array.sel(recording="gate").values == run["gate"]).all()
    assert array["quantity"].values.tolist() == ["v", "hh.m"]
    assert array["compartment"].values.tolist() == [0, 0]
    assert (array["time"].values == run.t).all()
    assert json.loads(array.attrs["provenance"])["dt"] == 0.025
    lanes = lo.simulate(soma, t_max=1, v_init=lo.batch(np.array([-65.0, -60.0]))).to_xarray()
    assert lanes.dims == ("lane", "recording", "time") and lanes.shape == (2, 2, 41)


def test_xarray_that_is_not_there_is_named(soma: lo.Compartment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(lo.errors.MissingPackageError, match=r'pip install "loligo\[xarray\]"'):
        lo.simulate(soma, t_max=1).to_xarray()
