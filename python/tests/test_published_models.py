"""Models that others have published: what is read of their files is what their scripts make in NEURON."""

from __future__ import annotations

import json
import math
import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from json_places import places_in

import loligo as lo

SWC = """# a soma, a branching dendrite that is long enough for several compartments, an apical one, a branching axon
1 1 0 0 0 8 -1
2 3 8 0 0 1.2 1
3 3 70 0 0 1 2
4 3 170 60 0 0.6 3
5 3 170 -90 0 0.5 3
6 4 0 8 0 2.5 1
7 4 0 300 0 1 6
8 2 0 -8 0 0.9 1
9 2 0 -50 0 0.7 8
10 2 0 -55 30 0.4 9
11 2 40 -95 30 0.35 10
12 2 -60 -100 0 0.3 9
13 2 -160 -120 0 0.2 12
"""
"""Shapes of this file and of the next one are our own."""

ASC = """("CellBody" (9 0 0 1) (2 11 0 1) (-8 3 0 1) (-7 -5 0 1) (1 -9 0 1))
((Dendrite) (8 1 0 2.4) (70 0 0 2) ((70 0 0 2) (170 60 0 1.2) | (70 0 0 1.8) (170 -90 0 1)))
((Apical) (0 8 0 5) (0 300 0 2))
((Axon) (0 -8 0 1.8) (0 -50 0 1.4) ((0 -50 0 1.4) (0 -55 30 .8) (40 -95 30 .7) | (0 -50 0 1) (-160 -120 0 .4)))
"""

SECTIONS = {
    "all": ("soma", "axon", "dend", "apic"),
    "somatic": ("soma",),
    "axonal": ("axon",),
    "basal": ("dend",),
    "apical": ("apic",),
}
"""How names of sections begin in NEURON, by BluePyOpt's lists."""


def gene(section: str, name: str, value: float | str, mechanism: str = "") -> dict[str, Any]:
    return {"section": section, "name": name, "value": value, "mechanism": mechanism}


PERISOMATIC = {
    "passive": [
        {
            "ra": 120.0,
            "cm": [{"section": s, "cm": c} for s, c in zip(SECTIONS["all"], (1, 1, 2.2, 2.3))],
            "e_pas": -83.0,
        }
    ],
    "conditions": [{"celsius": 34.0, "erev": [{"section": "soma", "ena": 53.0, "ek": -107.0}], "v_init": -83.0}],
    "genome": [
        gene("soma", "gbar_hay_nats2_t", 0.8, "hay_nats2_t"),
        gene("soma", "gbar_hay_skv3_1", 0.2, "hay_skv3_1"),
        gene("soma", "gbar_hay_ca_hva", 5e-4, "hay_ca_hva"),
        gene("soma", "gamma_hay_cadynamics_e2", 1e-3, "hay_cadynamics_e2"),
        gene("soma", "decay_hay_cadynamics_e2", 300.0, "hay_cadynamics_e2"),
        gene("soma", "gbar_tnap", 1e-5, "tnap"),
        gene("glob", "depth_hay_cadynamics_e2", 0.1),
        *(gene(s, "g_pas", g) for s, g in zip(SECTIONS["all"], (5e-5, 4e-4, 3e-5, 9e-5))),
    ],
}
ALL_ACTIVE = {
    "passive": [{"ra": 100}],
    "conditions": [
        {"celsius": 34, "erev": [{"section": s, "ena": 50.0, "ek": -95.0} for s in SECTIONS["all"]], "v_init": -80}
    ],
    "genome": [
        *(gene(s, "g_pas", str(g)) for s, g in zip(SECTIONS["all"], (5e-5, 4e-4, 3e-5, 9e-5))),
        *(gene(s, "e_pas", str(e)) for s, e in zip(SECTIONS["all"], (-80, -85.5, -79, -81))),
        *(gene(s, "cm", str(c)) for s, c in zip(SECTIONS["all"], (1.5, 3, 2, 1))),
        *(gene(s, "Ra", str(r)) for s, r in zip(SECTIONS["all"], (120, 60, 140, 100))),
        *(gene(s, "gbar_hay_nats2_t", g, "hay_nats2_t") for s, g in zip(SECTIONS["all"], (0.5, 1.5, 0.02, 0.03))),
        *(gene(s, "gbar_hay_skv3_1", g, "hay_skv3_1") for s, g in zip(SECTIONS["all"], (0.2, 0.4, 0.01, 0.02))),
        gene("apic", "gbar_hay_ih", 2e-4, "hay_ih"),
    ],
}
PARAMETERS = [
    {"param_name": "v_init", "type": "global", "value": -75},
    {"param_name": "celsius", "type": "global", "value": 34},
    {"param_name": "g_pas", "type": "section", "sectionlist": "all", "dist_type": "uniform", "bounds": [1e-6, 1e-3]},
    {"param_name": "e_pas", "type": "section", "sectionlist": "all", "dist_type": "uniform", "value": -75},
    {"param_name": "cm", "type": "section", "sectionlist": "all", "dist_type": "uniform", "value": 1},
    {"param_name": "cm", "type": "section", "sectionlist": "apical", "dist_type": "uniform", "value": 2},
    {"param_name": "Ra", "type": "section", "sectionlist": "all", "dist_type": "uniform", "value": 110},
    *(
        {"param_name": ion, "type": "section", "sectionlist": place, "dist_type": "uniform", "value": value}
        for place in ("somatic", "axonal")
        for ion, value in (("ena", 50), ("ek", -90))
    ),
    *(
        {"param_name": name, "type": "range", "sectionlist": place, "dist_type": "uniform", "bounds": [0, 4]}
        for place in ("somatic", "axonal")
        for name in ("gbar_hay_nats2_t", "gbar_hay_skv3_1")
    ),
    {
        "param_name": "gbar_hay_ih",
        "type": "range",
        "sectionlist": "apical",
        "dist_type": "exp",
        "dist": "(-0.8696 + 2.087*math.exp(({distance})*0.0031))*{value}",
        "value": 8e-5,
    },
]
MECHANISMS = {
    "all": ["pas"],
    "somatic": ["hay_nats2_t", "hay_skv3_1"],
    "axonal": ["hay_nats2_t", "hay_skv3_1"],
    "apical": ["hay_ih"],
}
BEST = {
    "g_pas.all": 5e-5,
    "gbar_hay_nats2_t.somatic": 0.7,
    "gbar_hay_skv3_1.somatic": 0.2,
    "gbar_hay_nats2_t.axonal": 2.0,
    "gbar_hay_skv3_1.axonal": 0.6,
}


@contextmanager
def in_neuron(path: Path, stub: tuple[float, float | None] | None) -> Iterator[tuple[Any, list[Any]]]:
    """NEURON's `h` and its sections of a file, as the scripts make them.

    Args:
        stub: Where on the soma a stub begins, and the origin on it of the distances that decide how wide it is; 1 µm if
            that is None.
    """
    neuron = pytest.importorskip("neuron", reason="NEURON has no wheel for Windows")
    import neuron_cells

    h = neuron.h
    sections = neuron_cells.imported(path)
    for section in sections:
        section.nseg = 1 + 2 * int(section.L / 40)
    if stub is not None:
        at, origin = stub
        axon = [section for section in sections if section.name().startswith("axon")]
        diameters = [1.0, 1.0]
        if origin is not None:
            h.distance(0, origin, sec=sections[0])
            far = [section for section in axon if h.distance(1, 0.5, sec=section) > 60]
            diameters = [axon[0].diam, far[0].diam]
        for section in axon:
            h.delete_section(sec=section)
        made = [h.Section(name=f"axon[{number}]") for number in range(2)]
        for section, diameter in zip(made, diameters):
            section.L, section.diam, section.nseg = 30, diameter, 1
        made[0].connect(sections[0](at))
        made[1].connect(made[0](1))
        sections = [*(section for section in sections if section not in axon), *made]
    try:
        yield h, sections
    finally:
        for section in sections:
            h.delete_section(sec=section)


def of(sections: list[Any], *names: str) -> list[Any]:
    return [section for section in sections if section.name().partition("[")[0] in names]


def assert_equal(h: Any, sections: list[Any], cell: lo.Cell, v_init: float, amplitude: float) -> None:
    """The voltages of soma and farthest dendrite over 40 ms, to 1e-7 of their range, and at least two spikes."""
    assert cell.shape[-1] == sum(section.nseg for section in sections)
    electrode = h.IClamp(sections[0](0.5))
    electrode.delay, electrode.dur, electrode.amp = 5, 30, amplitude
    ends = [sections[0](0.5), of(sections, "apic")[0](0.99)]
    recorded = [h.Vector().record(end._ref_v) for end in ends]
    h.secondorder, h.dt = 0, 0.025
    h.finitialize(v_init)
    for _ in range(1600):
        h.fadvance()
    theirs = np.array([np.array(vector) for vector in recorded])
    cell.soma.loc(0.5).stimulate(lo.step(5, 30, amplitude))
    cell.soma.loc(0.5).record()
    cell.apical.loc(0.99).record()
    ours = lo.simulate(cell, t_max=40, dt=0.025, convention="neuron").v
    assert ((theirs[0, :-1] < 0) & (theirs[0, 1:] >= 0)).sum() >= 2, "it does not fire"
    apart = np.abs(ours - theirs).max()
    print(f"{apart:.1e} mV")
    assert apart < 1e-5


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The folder of a perisomatic model."""
    return allen(tmp_path / "model", PERISOMATIC, "Biophysical - perisomatic")


def allen(folder: Path, fit: dict[str, Any], kind: str, **further: Any) -> Path:
    """A folder as the Allen Cell Types Database has it."""
    (folder / "modfiles").mkdir(parents=True)
    shutil.copy(Path(__file__).parent / "mechanisms" / "tnap.mod", folder / "modfiles")
    (folder / "cell.swc").write_text(SWC)
    (folder / "fit_parameters.json").write_text(json.dumps(fit))
    biophys = [{"model_type": kind, "model_file": ["manifest.json", "fit_parameters.json"]}, further]
    files = [{"key": "MORPHOLOGY", "type": "file", "spec": "cell.swc"}, {"key": "MODFILE_DIR", "spec": "modfiles"}]
    (folder / "manifest.json").write_text(json.dumps({"biophys": biophys, "manifest": files}))
    return folder


def set_genome(sections: list[Any], fit: dict[str, Any], h: Any) -> None:
    """Does in NEURON what AllenSDK does with a fit."""
    passive, conditions = fit["passive"][0], fit["conditions"][0]
    for section in sections:
        section.Ra = passive["ra"]
        section.insert("pas")
        for segment in section:
            segment.pas.e = passive.get("e_pas", -70)
    for entry in passive.get("cm", []):
        for section in of(sections, entry["section"]):
            section.cm = entry["cm"]
    for entry in fit["genome"]:
        for section in of(sections, entry["section"]):
            if entry["mechanism"]:
                section.insert(entry["mechanism"])
            setattr(section, entry["name"], float(entry["value"]))
    for entry in conditions["erev"]:
        for section in of(sections, entry["section"]):
            for ion in ("k", "na"):
                if h.ismembrane(f"{ion}_ion", sec=section):
                    setattr(section, f"e{ion}", entry[f"e{ion}"])
    h.celsius = conditions["celsius"]


def test_a_perisomatic_model_is_that_of_neuron(
    model: Path, library_in_neuron: None, mechanisms_in_neuron: Path
) -> None:
    with in_neuron(model / "cell.swc", (0.5, None)) as (h, sections):
        set_genome(sections, PERISOMATIC, h)
        cell = lo.load_allen(model)
        assert (cell.axon.get("radius") == 0.5).all()
        assert_equal(h, sections, cell, -83.0, 0.6)


def test_a_model_that_is_all_active_is_that_of_neuron(tmp_path: Path, library_in_neuron: None) -> None:
    folder = allen(tmp_path / "model", ALL_ACTIVE, "Biophysical - all active")
    with in_neuron(folder / "cell.swc", (1.0, 0.0)) as (h, sections):
        set_genome(sections, ALL_ACTIVE, h)
        cell = lo.load_allen(folder)
        assert len(set(cell.axon.get("radius"))) == 2
        assert_equal(h, sections, cell, -80.0, 0.8)


def test_what_is_in_the_place_of_the_axon(tmp_path: Path, model: Path) -> None:
    """The argument goes before the manifest, this before the type of the model, this before the form of the fit."""
    stub = pytest.approx([0.5, 0.5])
    truncated = pytest.approx([0.8, 0.3], abs=0.1)
    said = allen(tmp_path / "said", ALL_ACTIVE, "Biophysical - all active", axon_type="stub")
    assert lo.load_allen(said).axon.get("radius") == stub
    assert lo.load_allen(said, axon="truncated").axon.get("radius") == truncated
    assert lo.load_allen(model, axon="truncated").axon.get("radius") == truncated
    (said / "manifest.json").unlink()
    assert lo.load_allen(said).axon.get("radius") == truncated
    (model / "manifest.json").unlink()
    (model / "cell_marker_m.swc").write_text("markers")
    assert lo.load_allen(model).axon.get("radius") == stub


def test_trees_that_are_not_connected_begin_at_the_soma(
    tmp_path: Path, library_in_neuron: None, mechanisms_in_neuron: Path
) -> None:
    """So does NEURON read files of the database that leave them apart."""
    folder = allen(tmp_path / "model", ALL_ACTIVE, "Biophysical - all active")
    apart = "".join(f"{number} 2 500 {number} 0 1 {number - 1}\n" for number in range(31, 35))
    text = SWC.replace("8 2 0 -8 0 0.9 1\n", "8 2 0 -8 0 0.9 -1\n")
    (folder / "cell.swc").write_text(text + "30 2 500 30 0 1 -1\n" + apart + "40 3 0 900 0 1 -1\n41 3 0 910 0 1 40\n")
    with in_neuron(folder / "cell.swc", (1.0, 0.0)) as (h, sections):
        set_genome(sections, ALL_ACTIVE, h)
        assert_equal(h, sections, lo.load_allen(folder), -80.0, 0.8)


def test_a_model_is_copied_pickled_and_saved_with_its_stub(model: Path, tmp_path: Path) -> None:
    cell = lo.load_allen(model)
    cell.soma.record()
    expected = lo.simulate(cell, t_max=2).v
    cell.save(tmp_path / "cell.loligo")
    for again in (pickle.loads(pickle.dumps(cell)), lo.load(tmp_path / "cell.loligo")):
        assert (lo.simulate(again, t_max=2).v == expected).all()


def test_mechanisms_of_a_model_can_be_replaced(model: Path) -> None:
    mine = lo.mechanism("hay_nap_et2").renamed("tnap")
    assert lo.load_allen(model, mechanisms={"tnap": mine})._inserted["tnap"].states == mine.states
    shutil.rmtree(model / "modfiles")
    with pytest.raises(lo.errors.UnknownNameError, match=r"asks for the mechanism `tnap`.*did you mean `Nap`"):
        lo.load_allen(model)


def test_mistakes_in_a_model_of_the_allen_institute_have_names(model: Path, tmp_path: Path) -> None:
    def refused(message: str, error: type = lo.errors.ModelFileError, **options: Any) -> None:
        with pytest.raises(error, match=message):
            lo.load_allen(model, **options)

    def write(fit: dict[str, Any]) -> None:
        (model / "fit_parameters.json").write_text(json.dumps(fit))

    refused(
        "axon is 'stubb', expected 'stub' or 'truncated'; did you mean `stub`", lo.errors.ArgumentError, axon="stubb"
    )
    with pytest.raises(lo.errors.MissingFileError, match="there is no folder"):
        lo.load_allen(tmp_path / "nothing")
    write({**PERISOMATIC, "genome": [gene("soma", "gbr_tnap", 1.0, "tnap")]})
    refused("sets `gbr`, but tnap has no such parameter; did you mean `gbar`", lo.errors.UnknownNameError)
    write({**PERISOMATIC, "genome": [gene("somma", "g_pas", 1.0)]})
    refused("there is no section `somma`; did you mean `soma`")
    write({**PERISOMATIC, "genome": [{"section": "soma", "name": "g_pas"}]})
    refused("a part of the genome has no `value`")
    write({"passiv": [], "genome": []})
    refused("has no list `passive`; did you mean `passiv`")
    (model / "fit_parameters.json").write_text("[1, 2]")
    refused("holds list, expected an object in braces")
    (model / "fit_parameters.json").write_text("{'")
    refused(r"fit_parameters\.json:1:2: not JSON")
    (model / "fit_parameters.json").unlink()
    refused("no such file", lo.errors.MissingFileError)
    (model / "manifest.json").unlink()
    refused("there is no fit", lo.errors.MissingFileError)
    write(PERISOMATIC)
    shutil.copy(model / "fit_parameters.json", model / "472_fit.json")
    refused(r"several files that may be the fit .*: 472_fit\.json, fit_parameters\.json")
    (model / "472_fit.json").unlink()
    (model / "cell.swc").write_text("1 1 0 0 0 5 -1\n2 3 9 0 0 1 1\n3 3 99 0 0 1 2\n")
    refused("has no axon that could be truncated", axon="truncated")
    (model / "manifest.json").write_text(json.dumps({"biophys": [{"model_type": "Biophysical - allactive"}]}))
    refused("the model_type .* is 'Biophysical - allactive'.*did you mean `Biophysical - all active`")


@pytest.mark.parametrize("wrong", ["x", [3], None])
def test_whatever_stands_in_a_part_of_a_model_is_taken_or_refused_by_name(model: Path, wrong: Any) -> None:
    for name in ("fit_parameters.json", "manifest.json"):
        text = (model / name).read_text()
        content = json.loads(text)
        for inside, key in places_in(content):
            before, inside[key] = inside[key], wrong
            (model / name).write_text(json.dumps(content))
            try:
                lo.load_allen(model)
            except lo.LoligoError:
                pass
            except Exception as error:
                pytest.fail(f"{wrong!r} for {key!r} in {inside} of {name} raised {type(error).__name__}: {error}")
            inside[key] = before
        (model / name).write_text(text)


def bluepyopt(folder: Path, **options: Any) -> lo.Cell:
    """The model in a folder, whose files are written there."""
    paths = {}
    for name, content in (("parameters", PARAMETERS), ("mechanisms", MECHANISMS)):
        paths[name] = folder / f"{name}.json"
        paths[name].write_text(json.dumps(content))
    (folder / "cell.swc").write_text(SWC)
    (folder / "cell.asc").write_text(ASC)
    return lo.load_bluepyopt(**{**paths, "morphology": folder / "cell.asc", "best": BEST, **options})


@pytest.mark.parametrize("replace_axon", [False, True])
@pytest.mark.parametrize("ending", ["swc", "asc"])
def test_a_model_of_bluepyopt_is_that_of_neuron(
    tmp_path: Path, library_in_neuron: None, ending: str, replace_axon: bool
) -> None:
    path = tmp_path / f"cell.{ending}"
    cell = bluepyopt(tmp_path, morphology=path, replace_axon=replace_axon)
    with in_neuron(path, (1.0, 0.5) if replace_axon else None) as (h, sections):
        for place, names in MECHANISMS.items():
            for section in of(sections, *SECTIONS[place]):
                for name in names:
                    section.insert(name)
        h.distance(0, 0.5, sec=sections[0])
        for entry in PARAMETERS[2:]:
            value = entry.get("value", BEST.get(f"{entry['param_name']}.{entry['sectionlist']}"))
            for section in of(sections, *SECTIONS[entry["sectionlist"]]):
                for segment in section:
                    own = value
                    if entry["dist_type"] == "exp":
                        own *= -0.8696 + 2.087 * math.exp(h.distance(1, segment.x, sec=section) * 0.0031)
                    setattr(section if entry["param_name"] == "Ra" else segment, entry["param_name"], own)
        h.celsius = 34
        assert_equal(h, sections, cell, -75.0, 1.0)


def test_both_forms_of_parameters_are_the_same(tmp_path: Path) -> None:
    """The other form has lists by sections, named distributions and mechanisms in one file."""
    best = tmp_path / "best.json"
    best.write_text(json.dumps(BEST))
    expected = bluepyopt(tmp_path, best=best)
    by_sections: dict[str, list[dict[str, Any]]] = {"__comment": "what is free has bounds"}  # type: ignore[dict-item]
    for entry in PARAMETERS:
        own = {"name": entry["param_name"], "val": entry.get("value", entry.get("bounds"))}
        if entry.get("dist_type") == "exp":
            own["dist"] = "exp"
        by_sections.setdefault(entry.get("sectionlist", "global"), []).append(own)
    whole = {
        "mechanisms": {place: {"mech": names} for place, names in MECHANISMS.items()},
        "distributions": {"exp": {"fun": PARAMETERS[-1]["dist"]}},
        "parameters": by_sections,
    }
    found = bluepyopt(tmp_path, parameters=whole, mechanisms=None)
    assert found.quantities == expected.quantities
    for name in found.quantities:
        np.testing.assert_array_equal(found._model.values(name), expected._model.values(name))


def test_distributions_have_parameters_and_origins(tmp_path: Path) -> None:
    whole = {
        "mechanisms": {"somadend": ["pas"], "axonal": ["pas"]},
        "distributions": {
            "decay": {
                "fun": "math.exp({distance}*{constant})*{value}",
                "parameters": ["constant"],
                "soma_ref_location": 0,
            },
            "step": {"fun": "{value} * (1 if 20 < {distance} <= 100 else int({distance} > 200) + 0.5)"},
        },
        "parameters": {
            "distribution_decay": [{"name": "constant", "val": [-0.1, 0.0]}],
            "axonal": [{"name": "g_pas", "val": 1e-3, "dist": "decay"}],
            "apical": [{"name": "g_pas", "val": 1e-3, "dist": "step"}],
        },
    }
    cell = bluepyopt(
        tmp_path,
        parameters=whole,
        mechanisms=None,
        best={"constant.distribution_decay": -0.02},
        morphology=tmp_path / "cell.swc",
    )
    # the soma is 16 µm long, and dendrites leave from its middle
    distances = cell._model.distances_from(0)
    axon, apical = cell.axon._selection.compartments, cell.apical._selection.compartments
    np.testing.assert_allclose(cell.axon.get("pas.g"), 1e-3 * np.exp(-0.02 * (distances[axon] + 8)), rtol=1e-12)
    far = distances[apical]
    expected = np.where((far > 20) & (far <= 100), 1.0, (far > 200) + 0.5)
    np.testing.assert_allclose(cell.apical.get("pas.g"), 1e-3 * expected, rtol=1e-12)
    assert set(expected) == {0.5, 1.0, 1.5}


def test_mistakes_in_a_model_of_bluepyopt_have_names(tmp_path: Path) -> None:
    def refused(message: str, error: type = lo.errors.ModelFileError, **options: Any) -> None:
        with pytest.raises(error, match=message):
            bluepyopt(tmp_path, **options)

    def with_last(**changed: Any) -> list[dict[str, Any]]:
        entry = {key: value for key, value in {**PARAMETERS[-1], **changed}.items() if value is not None}
        return [*PARAMETERS[:-1], entry]

    refused("has 5 free parameters without a value in best: g_pas.all, ", best=None)
    refused("`g_pas.al`, which is no parameter .*did you mean `g_pas.all`", best={**BEST, "g_pas.al": 1})
    refused("best has 'x' for `g_pas.all`, expected a number", best={**BEST, "g_pas.all": "x"})
    refused("expected numbers by the names", lo.errors.ArgumentTypeError, best=[1.0])
    refused("expected a file, or what it holds", lo.errors.ArgumentTypeError, parameters=3)
    refused("has no `parameters`; did you mean `parameter`", parameters={"parameter": {}})
    refused(r"parameter 0 has no `param_name`; did you mean `param_nam`", parameters=[{"param_nam": "cm"}])
    refused("`gbar_hay_ih`.* type is `rang`.*did you mean `range`", parameters=with_last(type="rang"))
    refused("no list of sections `apicl`; did you mean `apical`", parameters=with_last(sectionlist="apicl"))
    refused("has neither `value` nor `bounds`", parameters=with_last(value=None))
    refused(r"the bounds are \[1, 2, 3\], expected two", parameters=with_last(value=[1, 2, 3]))
    refused("`value` is '1', expected a number", parameters=with_last(value="1"))
    refused("has no `dist`", parameters=with_last(dist=None))
    refused(r"\{valeu\} is nothing; did you mean `value`", parameters=with_last(dist="{valeu} * 2"))
    refused(
        "sets `gbr_hay_ih`, which none of the mechanisms .*did you mean `gbar_hay_ih`",
        parameters=with_last(param_name="gbr_hay_ih"),
    )
    refused(
        "asks for the mechanism `hay_ihh`.*did you mean `hay_ih`",
        lo.errors.UnknownNameError,
        mechanisms={**MECHANISMS, "apical": ["hay_ihh"]},
    )
    refused("the mechanisms of `apical` are 'hay_ih', expected a list", mechanisms={"apical": "hay_ih"})
    refused("names no mechanisms: give", mechanisms=None)
    refused("no such file", lo.errors.MissingFileError, mechanisms=tmp_path / "mechanism.json")
    refused(r"expected a file whose name ends in \.swc or \.asc", morphology=tmp_path / "cell.hoc")
    refused("no .mod file in the folder", lo.errors.MissingFileError, mod_dir=tmp_path)
    whole = {
        "parameters": {"apical": [{"name": "cm", "val": 1, "dist": "expp"}]},
        "distributions": {"exp": {"fun": "1"}},
    }
    refused("no distribution `expp`; did you mean `exp`", parameters=whole)
    whole["distributions"] = {"expp": {"fun": "{tau}*{value}", "parameters": ["tau"]}}  # type: ignore[dict-item]
    refused("`expp` needs the parameter `tau.distribution_expp`", parameters=whole, best=None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("__import__('os').system('true')", r"calls `__import__\('os'\)\.system`, expected a function of math"),
        ("().__class__", "holds"),
        ("open('x')", "calls `open`, which there is not"),
        ("math.expp({value})", "calls `expp`, which there is not; did you mean `exp`"),
        ("value * 2", "has the name `value`; names stand in braces"),
        ("[{value} for _ in (1, 2)]", "holds"),
        ("lambda: 1", "holds"),
        ("{value} // 2", "has the operator FloorDiv"),
        ("{value} +", "cannot be read"),
        ("'a' * 10", "holds `'a'`"),
        ("(" * 300 + "1" + ")" * 300, "cannot be read"),
        ("math.exp(x=1)", "holds"),
    ],
)
def test_formulas_hold_nothing_but_arithmetic(text: str, message: str) -> None:
    from loligo.published.formula import Formula

    with pytest.raises(lo.errors.ModelFileError, match=message):
        Formula(text, "here")


def test_formulas_have_a_value_or_say_why_not() -> None:
    from loligo.published.formula import Formula

    names = {"value": 2.0, "distance": 150.0}
    for text in (
        "-{value}**2 + 7 % 4",
        "max({value}, {distance}) if not {value} > 3 else 0",
        "{value} * ((({distance} > 100) & ({distance} < 200)) | (1 == 2))",
        "math.sqrt(math.pi) * np.exp(-{distance} / 1e2) + abs(-1) - int(-1.7)",
        "{distance} > 1 and {value} < 1 or 100 < {distance} <= 150",
    ):
        python = text.replace("{", "").replace("}", "")
        expected = float(eval(python, {"math": math, "np": np}, names))
        assert Formula(text, "here")(names) == pytest.approx(expected, rel=1e-15)
    for text in ("1 / ({value} - 2)", "math.log(-{value})", "9 ** 9 ** 9 ** 9", "1e308 * 10 * {value}", "min({value})"):
        with pytest.raises(lo.errors.ModelFileError, match=r"here: the formula .* (has no value|is inf) at"):
            Formula(text, "here")(names)
