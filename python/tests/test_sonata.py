"""SONATA: what is read from files is what is built by hand, bit for bit; mistakes in files have names."""

from __future__ import annotations

import json
import pickle
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from json_places import places_in

import loligo as lo

h5py = pytest.importorskip("h5py")

SWC = """# a soma with two dendrites, one of which branches, and an axon
1 1 0 0 0 6 -1
2 3 6 0 0 1 1
3 3 80 0 0 1 2
4 3 140 30 0 0.8 3
5 3 140 -30 0 0.6 3
6 4 0 6 0 1.5 1
7 4 0 206 0 1 6
8 2 0 -6 0 0.5 1
9 2 0 -300 0 0.5 8
"""

GENOME = [
    {"section": "soma", "name": "gbar_NaTs", "value": 0.9, "mechanism": "NaTs"},
    {"section": "soma", "name": "gbar_Kv3_1", "value": 0.06, "mechanism": "Kv3_1"},
    {"section": "soma", "name": "gbar_Ca_HVA", "value": 5e-4, "mechanism": "Ca_HVA"},
    {"section": "soma", "name": "gamma_CaDynamics", "value": 1e-3, "mechanism": "CaDynamics"},
    {"section": "soma", "name": "decay_CaDynamics", "value": 700.0, "mechanism": "CaDynamics"},
    {"section": "soma", "name": "g_pas", "value": 5e-6, "mechanism": ""},
    {"section": "axon", "name": "g_pas", "value": 4e-4, "mechanism": ""},
    {"section": "dend", "name": "g_pas", "value": 3e-6, "mechanism": ""},
    {"section": "apic", "name": "g_pas", "value": 9e-5, "mechanism": ""},
]
CAPACITANCES = {"soma": 1.0, "axon": 1.0, "dend": 2.1, "apic": 2.2}
BIOPHYSICS = {
    "passive": [{"ra": 138.0, "cm": [{"section": s, "cm": c} for s, c in CAPACITANCES.items()], "e_pas": -85.0}],
    "conditions": [{"celsius": 34.0, "erev": [{"section": "soma", "ena": 53.0, "ek": -107.0}], "v_init": -84.0}],
    "genome": GENOME,
}
NML = """<neuroml xmlns="http://www.neuroml.org/schema/neuroml2">
<cell id="c"><biophysicalProperties id="b">
{leaks}<channelDensity id="gbar_NaTs" segmentGroup="soma" ion="na" ionChannel="NaTs" erev="53.0 mV"
condDensity="0.9 S_per_cm2"/>
<channelDensity id="gbar_Kv3_1" segmentGroup="soma" ion="k" ionChannel="Kv3_1" erev="-107 mV"
condDensity="0.06 S_per_cm2"/>
<channelDensityNernst id="gbar_Ca_HVA" ionChannel="Ca_HVA" condDensity="5e-4 S_per_cm2" segmentGroup="soma" ion="ca"/>
{capacitances}<resistivity segmentGroup="all" value="138 ohm_cm"/>
</biophysicalProperties></cell>
<concentrationModel type="CaDynamics" segmentGroup="soma" minCai="1e-4 mM" decay="700.0 ms" gamma="1e-3" ion="ca"/>
</neuroml>
""".format(
    leaks="".join(
        f'<channelDensity id="g_{g["section"]}" segmentGroup="{g["section"]}" ionChannel="pas" erev="-85 mV" '
        f'condDensity="{g["value"]} S_per_cm2"/>\n'
        for g in GENOME[5:]
    ),
    capacitances="".join(
        f'<specificCapacitance segmentGroup="{section}" value="{value} uF_per_cm2"/>\n'
        for section, value in CAPACITANCES.items()
    ),
)


class Circuit:
    """Files of a circuit and a simulation in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nodes: list[dict] = []
        self.edges: list[dict] = []
        self.simulation: dict[str, Any] = {"network": "$BASE/circuit.json", "manifest": {"$BASE": "."}}
        self.components = ("morphologies", "synaptic_models", "biophysical_neuron_models", "point_neuron_models")
        for name in self.components:
            (folder / name).mkdir()

    def write(self, name: str, content: str | dict) -> str:
        """A file; its name."""
        (self.folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
        return name

    def add_nodes(self, population: str, types: str, ids: Any, type_ids: Any, **attributes: Any) -> None:
        """A population, all of one group."""
        with h5py.File(self.folder / f"{population}.h5", "w") as file:
            group = file.create_group(f"nodes/{population}")
            group["node_id"], group["node_type_id"] = np.asarray(ids), np.asarray(type_ids)
            group["node_group_id"], group["node_group_index"] = np.zeros(len(ids), int), np.arange(len(ids))
            _write(group.create_group("0"), attributes)
        self.write(f"{population}.csv", types)
        self.nodes.append({"nodes_file": f"$NET/{population}.h5", "node_types_file": f"$NET/{population}.csv"})

    def add_edges(
        self, source: str, target: str, types: str, pre: Any, post: Any, type_ids: Any, **attributes: Any
    ) -> None:
        """Edges from one population to another, all of one group."""
        name = f"{source}_to_{target}"
        with h5py.File(self.folder / f"{name}.h5", "w") as file:
            group = file.create_group(f"edges/{name}")
            for side, population, ids in (("source", source, pre), ("target", target, post)):
                group[f"{side}_node_id"] = np.asarray(ids, dtype=np.uint64)
                group[f"{side}_node_id"].attrs["node_population"] = population
            group["edge_type_id"] = np.asarray(type_ids)
            group["edge_group_id"], group["edge_group_index"] = np.zeros(len(pre), int), np.arange(len(pre))
            _write(group.create_group("0"), attributes)
        self.write(f"{name}.csv", types)
        self.edges.append({"edges_file": f"${{NET}}/{name}.h5", "edge_types_file": f"$NET/{name}.csv"})

    def read(self, **options: Any) -> lo.SonataNetwork:
        """The network of the simulation."""
        components = {f"{name}_dir": f"$BASE_DIR/{name}" for name in self.components}
        manifest = {"$NET": "$BASE_DIR", "$BASE_DIR": "."}
        networks = {"nodes": self.nodes, "edges": self.edges}
        self.write("circuit.json", {"manifest": manifest, "components": components, "networks": networks})
        return lo.read_sonata(self.folder / self.write("simulation.json", self.simulation), **options)


def _write(group: Any, attributes: dict[str, Any]) -> None:
    for name, values in attributes.items():
        group[name] = values


@pytest.fixture
def circuit(tmp_path: Path) -> Circuit:
    return Circuit(tmp_path)


HH = "node_type_id model_type model_template\n1 single_compartment nrn:hh\n"
VIRTUAL = "node_type_id model_type model_template\n7 virtual NULL\n"
EXP2SYN = "edge_type_id model_template dynamics_params delay syn_weight\n5 Exp2Syn fast.json 2.0 0.0005\n"


def add_spikes(circuit: Circuit, population: str, times: Any, ids: Any) -> None:
    spikes = {"time": times, "population": [population] * len(times), "node_id": ids}
    lo.write_sonata_spikes(circuit.folder / f"{population}_spikes.h5", spikes)
    inputs = circuit.simulation.setdefault("inputs", {})
    inputs[population] = {
        "input_type": "spikes",
        "module": "h5",
        "input_file": f"$BASE/{population}_spikes.h5",
        "node_set": population,
    }


def assert_equal(read: lo.Network, built: lo.Network, t_max: float = 30.0) -> lo.Run:
    """Both do the same, to the last bit; the run of the first."""
    runs = []
    for network in (read, built):
        network.record()
        runs.append(lo.simulate(network, t_max=t_max))
    assert (runs[0].v == runs[1].v).all()
    assert (runs[0].raster.times == runs[1].raster.times).all()
    assert len(runs[0].raster)
    return runs[0]


def a_small_circuit(circuit: Circuit) -> None:
    """Three squid cells in a chain, the first of which gets spikes."""
    circuit.add_nodes("cells", HH, [10, 11, 20], [1, 1, 1], **{"dynamics_params/D": [20.0, 20.0, 30.0]})
    circuit.add_nodes("input", VIRTUAL, [0, 1], [7, 7])
    circuit.write("synaptic_models/fast.json", {"level_of_detail": "exp2syn", "tau1": 0.3, "tau2": 2.0, "erev": 5.0})
    circuit.add_edges("input", "cells", EXP2SYN, [1, 0], [10, 20], [5, 5], syn_weight=[0.02, 0.001])
    circuit.add_edges("cells", "cells", EXP2SYN, [10, 11], [11, 20], [5, 5], delay=[1.0, 3.0], syn_weight=[0.02, 0.03])
    add_spikes(circuit, "input", [9.0, 2.0, 3.0], [1, 1, 0])
    circuit.simulation |= {
        "run": {"tstop": 30.0, "dt": 0.025, "spike_threshold": -10.0},
        "conditions": {"celsius": 6.3, "v_init": -65.0},
    }


def test_a_network_of_single_compartments_is_that_built_by_hand(circuit: Circuit) -> None:
    a_small_circuit(circuit)
    network = circuit.read()
    assert network.sonata.run == {"t_max": 30.0, "dt": 0.025}
    nodes = network.sonata.nodes
    assert nodes["node_id"].tolist() == [10, 11, 20, 0, 1]
    assert nodes["cell"].tolist() == [0, 1, 2, -1, -1]
    assert network.sonata.cells("cells", [20, 10]).tolist() == [2, 0]
    assert network.sonata.cells("cells").tolist() == [0, 1, 2]
    assert network.group("cells").shape == (3, 3, 3)
    assert network.sonata.edges.to_numpy().tolist() == [
        ["input_to_cells", 5, "exp2syn", 0, 2],
        ["cells_to_cells", 5, "exp2syn", 2, 4],
    ]
    assert network.synapses("exp2syn").get("delay").tolist() == [2.0, 2.0, 1.0, 3.0]
    # NEURON's name and the library's are the same synapse
    circuit.write("cells_to_cells.csv", EXP2SYN.replace("Exp2Syn", "exp2syn"))
    assert circuit.read().exp2syn.get("tau_rise").tolist() == [0.3] * 4

    cells = []
    for diameter in (20.0, 20.0, 30.0):
        cell = lo.Cell(lo.Branch(lo.Compartment(diameter, diameter / 2)))
        cell.insert(lo.mechanism("pas"))
        cell.insert(lo.mechanism("hh"))
        cells.append(cell)
    built = lo.Network(cells)
    built.celsius = 6.3
    built.set("v", -65.0)
    parameters = {"tau_rise": 0.3, "tau_decay": 2.0, "e": 5.0, "threshold": -10.0}
    synapse = lo.SpikingSynapse(lo.mechanism("exp2syn"), **parameters, delay=2.0, weight=[0.02, 0.001])
    built.connect(lo.SpikeTrains([[2.0, 9.0], [3.0]]), [0, 2], synapse)
    synapse = lo.SpikingSynapse(lo.mechanism("exp2syn"), **parameters, delay=[1.0, 3.0], weight=[0.02, 0.03])
    built.connect([0, 1], [1, 2], synapse)
    built.cell(2).record_spikes(-10.0)
    run = assert_equal(network, built)

    spikes = network.sonata.spikes(run)
    assert set(spikes["node_id"][spikes["population"] == "cells"]) == {10, 11, 20}
    assert spikes["time"][spikes["population"] == "input"].tolist() == [2.0, 3.0, 9.0]
    lo.write_sonata_spikes(circuit.folder / "out.h5", spikes)
    again = lo.read_sonata_spikes(circuit.folder / "out.h5")
    columns = ["population", "time", "node_id"]
    assert (
        again.sort_values(columns)[columns].to_numpy().tolist()
        == spikes.sort_values(columns)[columns].to_numpy().tolist()
    )


def test_networks_are_copied_pickled_and_saved_with_what_the_files_say(circuit: Circuit) -> None:
    a_small_circuit(circuit)
    network = circuit.read()
    network.record()
    expected = lo.simulate(network, **network.sonata.run)
    network.save(circuit.folder / "network.loligo")
    saved = lo.load(circuit.folder / "network.loligo")
    assert saved.sonata.edges.equals(network.sonata.edges)
    assert saved.sonata.run == network.sonata.run
    for other in (network.copy(), pickle.loads(pickle.dumps(network)), saved):
        assert (lo.simulate(other, **other.sonata.run).v == expected.v).all()
        assert other.sonata.nodes.equals(network.sonata.nodes)


def biophysical(circuit: Circuit, extra: str = "", values: str = "", template: str = "ctdb:Biophys1.hoc") -> str:
    circuit.write("morphologies/cell.swc", SWC)
    circuit.write("biophysical_neuron_models/fit.json", BIOPHYSICS)
    circuit.write("biophysical_neuron_models/fit.nml", NML)
    heads = "node_type_id model_type model_template morphology dynamics_params"
    return f"{heads} {extra}\n1 biophysical {template} cell fit.json {values}\n"


def by_hand(swc: Path, counts: list[int]) -> lo.Cell:
    """The cell of `BIOPHYSICS`."""
    cell = lo.read_import3d(swc, counts)
    cell.insert(lo.mechanism("pas"))
    for name, library in (
        ("NaTs", "allen_nats"),
        ("Kv3_1", "hay_skv3_1"),
        ("Ca_HVA", "hay_ca_hva"),
        ("CaDynamics", "hay_cadynamics_e2"),
    ):
        cell.soma.insert(lo.mechanism(library).renamed(name))
    cell.set("axial_resistivity", 138.0)
    cell.set("pas.e", -85.0)
    groups = {"soma": "soma", "axon": "axon", "dend": "basal", "apic": "apical"}
    for section, capacitance in CAPACITANCES.items():
        cell.group(groups[section]).set("capacitance", capacitance)
    for gene in GENOME:
        owner = gene["mechanism"] or "pas"
        cell.group(groups[gene["section"]]).set(f"{owner}.{gene['name'].removesuffix('_' + owner)}", gene["value"])
    cell.soma.set("ena", 53.0)
    cell.soma.set("ek", -107.0)
    cell.soma.set("cai", 1e-4)
    cell.set("v", -84.0)
    return cell


STUB = "\n".join(
    [line for line in SWC.splitlines() if not line.startswith(("8 ", "9 "))]
    + ["8 2 0 0 0 {0} 1", "9 2 0 30 0 {0} 8", "10 2 0 30 0 {0} 9", "11 2 0 60 0 {0} 10"]
)
"""The cell with an axon of 60 µm at the middle of the soma."""


@pytest.mark.parametrize("template", ["ctdb:Biophys1.hoc", "nml:fit.nml"])
def test_a_cell_of_the_allen_institute_is_that_built_by_hand(circuit: Circuit, template: str) -> None:
    """With a stub the sections are the soma, three basal ones, an apical one, and two of the axon."""
    circuit.add_nodes("v1", biophysical(circuit, "model_processing", "aibs_perisomatic", template), [0, 1], [1, 1])
    circuit.add_nodes("lgn", VIRTUAL, [0], [7])
    circuit.write("synaptic_models/fast.json", {"tau1": 0.5, "tau2": 3.0, "erev": 0.0})
    places = {"afferent_section_id": [0, 1, 2, 3, 4, 5, 6], "afferent_section_pos": [0.5, 0.2, 0.5, 1.0, 0.9, 0.4, 0.6]}
    circuit.add_edges("lgn", "v1", EXP2SYN, [0] * 7, [0, 1, 0, 1, 0, 1, 0], [5] * 7, **places, syn_weight=[0.004] * 7)
    add_spikes(circuit, "lgn", [1.0, 3.0, 5.0], [0, 0, 0])
    circuit.simulation["run"] = {"dL": 20.0}
    circuit.simulation["conditions"] = {"v_init": -84.0, "celsius": 34.0}
    network = circuit.read()

    swc = circuit.folder / "by_hand.swc"
    swc.write_text(STUB.format(0.5))
    # soma, axon, basal, apical in Import3d's order: 1 + 2·floor(L/40) in each, the axon twice one
    counts = [1, 2, 3, 3, 3, 11]
    cell = by_hand(swc, counts)
    built = lo.Network([cell, cell])
    built.celsius = 34.0
    firsts = np.cumsum([0, *counts])
    # sections of the stub come last
    branches = [0, 2, 3, 4, 5, 1, 1]
    within = [0, 0, 1, 2, 9, 0, 1]
    post = [
        firsts[branch] + k + firsts[-1] * target for branch, k, target in zip(branches, within, [0, 1, 0, 1, 0, 1, 0])
    ]
    for each in range(2):
        built.cell(each).soma.record_spikes(-15.0)
    synapse = lo.SpikingSynapse(lo.mechanism("exp2syn"), tau_rise=0.5, tau_decay=3.0, e=0.0, delay=2.0, weight=0.004)
    built.connect(lo.SpikeTrains([1.0, 3.0, 5.0]), post, synapse)
    # the stub comes last, by hand it is behind the soma; trees that are numbered otherwise are rounded otherwise
    here = np.array([0, *range(3, 23), 1, 2])
    order = np.concatenate([here, here + firsts[-1]])
    assert order[network.exp2syn.post].tolist() == [int(each) for each in post]
    runs = []
    for each in (network, built):
        each.record()
        runs.append(lo.simulate(each, t_max=15.0))
    np.testing.assert_allclose(runs[0].v, runs[1].v[order], rtol=0, atol=1e-9)
    np.testing.assert_allclose(runs[0].raster.times, runs[1].raster.times, rtol=0, atol=1e-9)
    assert runs[0].v.max() > 0

    circuit.simulation["run"] = {}
    axon = circuit.read().cell(0).axon
    assert axon.shape[-1] % 2 == 0
    assert axon.get("length").sum() == pytest.approx(60.0)


def test_ways_of_processing_an_axon(circuit: Circuit) -> None:
    circuit.simulation["run"] = {"dL": 30.0}
    circuit.add_nodes("v1", biophysical(circuit), [0], [1])
    whole = circuit.read()
    assert whole.axon.get("length").sum() == pytest.approx(294)
    assert whole.celsius == 34.0
    assert (whole.get("v") == -84.0).all()
    swc = circuit.folder / "morphologies/cell.swc"
    assert (whole.get("pas.g") == by_hand(swc, [1, 9, 3, 3, 3, 7]).get("pas.g")).all()
    circuit.nodes.clear()
    circuit.add_nodes("v1", biophysical(circuit, "model_processing", "aibs_allactive"), [0], [1])
    circuit.write("morphologies/cell.swc", SWC.replace("8 2 0 -6 0 0.5", "8 2 0 -6 0 0.7"))
    stub = circuit.read()
    assert stub.axon.get("length").tolist() == [30.0, 30.0]
    assert stub.axon.get("radius") == pytest.approx([0.6, 0.6], abs=0.01)


def test_mechanisms_are_the_users_then_the_librarys(circuit: Circuit) -> None:
    circuit.add_nodes("v1", biophysical(circuit), [0], [1])
    mine = lo.mechanism("pas").source.replace("SUFFIX pas", "SUFFIX Special")
    genome = [*GENOME, {"section": "soma", "name": "g_Special", "value": 2e-4, "mechanism": "Special"}]
    circuit.write("biophysical_neuron_models/fit.json", {**BIOPHYSICS, "genome": genome})
    with pytest.raises(lo.errors.UnknownNameError, match=r"fit\.json asks for the mechanism `Special`.*mechanisms="):
        circuit.read()
    (circuit.folder / "mods").mkdir()
    circuit.write("mods/special.mod", mine)
    circuit.write("mods/broken.mod", "NEURON { SUFFIX broken }\nBREAKPOINT { VERBATIM\nx\nENDVERBATIM }")
    for given in (circuit.folder / "mods", {"Special": lo.Mechanism.compile(mine, "special.mod")}):
        network = circuit.read(mechanisms=given)
        assert network.Special.get("Special.g").tolist() == [2e-4] * network.soma.shape[-1]
    # a mechanism is called as the dictionary calls it
    assert "Special" in circuit.read(mechanisms={"Special": lo.mechanism("pas")}).mechanisms
    with pytest.raises(lo.errors.ArgumentTypeError, match="the mechanism `Special` is 'pas'"):
        circuit.read(mechanisms={"Special": "pas"})
    with pytest.raises(lo.errors.MissingFileError, match=r"no \.mod file"):
        circuit.read(mechanisms=circuit.folder / "morphologies")
    with pytest.raises(lo.errors.ArgumentTypeError, match="the mechanisms are 3"):
        circuit.read(mechanisms=3)
    genome[-1]["name"] = "q_Special"
    circuit.write("biophysical_neuron_models/fit.json", {**BIOPHYSICS, "genome": genome})
    with pytest.raises(lo.errors.UnknownNameError, match="sets `q`, but Special has no such parameter"):
        circuit.read(mechanisms=circuit.folder / "mods")


def test_places_that_are_left_open_are_drawn_from_a_seed(circuit: Circuit) -> None:
    circuit.simulation["run"] = {"dL": 5.0}
    circuit.add_nodes("v1", biophysical(circuit), [0, 1], [1, 1])
    circuit.write("synaptic_models/fast.json", {"tau1": 0.5, "tau2": 3.0, "erev": 0.0})
    types = EXP2SYN.replace("syn_weight\n", "syn_weight target_sections distance_range\n").replace(
        "0.0005\n", "0.0005 \"['basal', 'apical']\" \"[50.0, 100.0]\"\n"
    )
    circuit.add_edges("v1", "v1", types, [0, 0, 1], [1, 0, 1], [5, 5, 5], nsyns=[1000, 2000, 3])
    with pytest.raises(lo.errors.ArgumentError, match=r"edge type 5 of `v1_to_v1` does not say where.*seed"):
        circuit.read()
    network = circuit.read(seed=3)
    synapses = network.exp2syn
    assert len(synapses) == 3003
    assert (synapses.post == circuit.read(seed=3).exp2syn.post).all()
    assert (synapses.post != circuit.read(seed=4).exp2syn.post).any()
    table = network.nodes.loc[synapses.post]
    assert (np.bincount(table["cell"]) == [2000, 1003]).all()
    distances = network.distances()[synapses.post]
    assert ((distances > 45) & (distances < 105)).all()
    # compartments are about equally long, so that shares of lengths are shares of their number
    assert not set(synapses.post) & set(network.soma._selection.compartments)
    apical = np.isin(synapses.post, network.apical._selection.compartments)
    reached = {name: network.group(name).distances() for name in ("basal", "apical")}
    shares = [np.sum((d > 50) & (d < 100)) for d in reached.values()]
    assert apical.mean() == pytest.approx(shares[1] / sum(shares), abs=0.05)
    circuit.simulation["run"]["random_seed"] = 3
    assert (circuit.read().exp2syn.post == synapses.post).all()


def test_expsyn_groups_and_words(circuit: Circuit) -> None:
    """Two groups of nodes and of edges, words by numbers, parameters of single edges."""
    with h5py.File(circuit.folder / "cells.h5", "w") as file:
        cells = file.create_group("nodes/cells")
        cells["node_type_id"], cells["node_id"] = [1, 1, 2], [0, 1, 2]
        cells["node_group_id"], cells["node_group_index"] = [1, 0, 1], [1, 0, 0]
        cells["0/layer"] = [4.0]
        cells["1/kind"] = [1, 0]
        cells["1/@library/kind"] = [b"exc", b"inh"]
    types = (
        "node_type_id population model_type model_template\n1 cells single_compartment nrn:hh\n1 other virtual NULL\n"
    )
    circuit.write("cells.csv", types + "2 cells single_compartment nrn:hh\n")
    circuit.nodes.append({"nodes_file": "$NET/cells.h5", "node_types_file": "$NET/cells.csv"})
    with h5py.File(circuit.folder / "edges.h5", "w") as file:
        edges = file.create_group("edges/chain")
        edges["source_node_id"], edges["target_node_id"] = [0, 1, 2, 0], [1, 2, 0, 2]
        for side in ("source", "target"):
            edges[f"{side}_node_id"].attrs["node_population"] = "cells"
        edges["edge_type_id"] = [3, 4, 3, 3]
        edges["edge_group_id"], edges["edge_group_index"] = [0, 1, 0, 0], [2, 0, 0, 1]
        edges["0/syn_weight"], edges["0/dynamics_params/tau1"] = [0.1, 0.2, 0.3], [4.0, 5.0, 6.0]
        edges["1/syn_weight"] = [0.4]
    circuit.write("synaptic_models/slow.json", {"tau1": 7.0, "erev": -70.0})
    heads = "edge_type_id model_template dynamics_params delay weight_function\n"
    circuit.write("edges.csv", heads + "3 expsyn slow.json 1.5 wmax\n4 ExpSyn slow.json 2.5 NULL\n")
    circuit.edges.append({"edges_file": "$NET/edges.h5", "edge_types_file": "$NET/edges.csv"})
    network = circuit.read()
    kinds = network.sonata.nodes["kind"].tolist()
    assert (kinds[0], kinds[2]) == ("exc", "inh")
    assert network.sonata.nodes["layer"].tolist()[1] == 4.0
    synapses = network.synapses("expsyn")
    assert synapses.pre.tolist() == [0, 2, 0, 1]
    assert synapses.post.tolist() == [1, 0, 2, 2]
    assert synapses.get("weight").tolist() == [0.3, 0.1, 0.2, 0.4]
    assert synapses.get("tau").tolist() == [6.0, 4.0, 5.0, 7.0]
    assert synapses.get("e").tolist() == [-70.0] * 4
    assert synapses.get("delay").tolist() == [1.5, 1.5, 1.5, 2.5]


def test_point_neurons_with_conductances_are_those_built_by_hand(circuit: Circuit) -> None:
    """NEST's and PyNN's words for one neuron: 200 pF, 10 nS, a current of 180 pA, threshold −50 mV."""
    heads = "node_type_id model_type model_template dynamics_params\n"
    circuit.add_nodes(
        "lif",
        heads + "1 point_neuron nest:iaf_cond_exp a.json\n2 point_process pynn:IF_cond_exp b.json\n",
        [0, 1],
        [1, 2],
    )
    nest = {"C_m": 200.0, "g_L": 10.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 0.0, "I_e": 180.0}
    nest |= {"tau_syn_ex": 2.0, "tau_syn_in": 5.0, "E_ex": 0.0, "E_in": -70.0}
    circuit.write("point_neuron_models/a.json", nest)
    pynn = {"cm": 0.2, "tau_m": 20.0, "v_rest": -65.0, "v_thresh": -50.0, "v_reset": -60.0, "tau_refrac": 0.0}
    pynn |= {"i_offset": 0.18, "tau_syn_E": 2.0, "tau_syn_I": 5.0, "e_rev_I": -70.0}
    circuit.write("point_neuron_models/b.json", pynn)
    types = "edge_type_id model_template delay\n8 static_synapse 1.5\n"
    circuit.add_edges("lif", "lif", types, [0, 0, 1, 1], [1, 0, 0, 1], [8] * 4, syn_weight=[0.002, -4.0, 3.0, -0.003])
    network = circuit.read()

    radius = np.sqrt(200 * 100 / (4 * np.pi))
    cell = lo.Cell(lo.Branch(lo.Compartment(2 * radius, radius)))
    cell.insert(lo.LIF())
    cell.set("LIF.g", 0.1 * 10 / (200 * 100))
    cell.set("LIF.e", -65.0 + 18.0)
    cell.set("LIF.vth", -50.0)
    cell.set("LIF.vreset", -60.0)
    cell.set("v", -65.0)
    for name, tau, reversal in (("excitatory", 2.0, 0.0), ("inhibitory", 5.0, -70.0)):
        cell.insert(lo.mechanism("expsyn").renamed(name))
        cell.set(f"{name}.tau", tau)
        cell.set(f"{name}.e", reversal)
    built = lo.Network([cell, cell])
    options = {"threshold": -50.0, "delay": 1.5}
    built.connect([0, 1], [1, 0], lo.SpikingSynapse("excitatory", weight=[0.002, 0.003], **options))
    built.connect([0, 1], [0, 1], lo.SpikingSynapse("inhibitory", weight=[0.004, 0.003], **options))
    assert_equal(network, built, t_max=100.0)

    circuit.write("point_neuron_models/a.json", {**nest, "t_ref": 2.0})
    with pytest.raises(lo.errors.SonataError, match=r"iaf_cond_exp`\) is refractory \(`t_ref` is 2 ms\)"):
        circuit.read()
    circuit.write("point_neuron_models/a.json", {**nest, "C_n": 2.0})
    with pytest.raises(lo.errors.SonataError, match="no parameter `C_n`; did you mean `C_m`"):
        circuit.read()


def test_currents_and_sets_of_nodes(circuit: Circuit) -> None:
    a_small_circuit(circuit)
    clamp = {"input_type": "current_clamp", "module": "IClamp", "amp": 0.3, "delay": 1.0, "duration": 5.0}
    sets = {"last": {"population": "cells", "node_id": [20]}, "first": {"node_id": 10}, "ends": ["first", "last"]}
    circuit.write("sets.json", sets)
    circuit.simulation["node_sets_file"] = "$BASE/sets.json"
    circuit.simulation["inputs"] = {"clamp": {**clamp, "node_set": "ends"}, "off": {**clamp, "enabled": False}}
    network = circuit.read()
    assert [compartment for compartment, _ in network._model.stimuli()] == [0, 2]
    assert repr(network._model.stimuli()[0][1]) == repr(lo.step(1.0, 5.0, 0.3))
    circuit.simulation["inputs"]["clamp"]["node_set"] = "endz"
    with pytest.raises(lo.errors.UnknownNameError, match="`endz`; did you mean `ends`"):
        circuit.read()
    circuit.write("sets.json", {**sets, "first": ["ends"]})
    circuit.simulation["inputs"]["clamp"]["node_set"] = "ends"
    with pytest.raises(lo.errors.SonataError, match="`ends` holds itself"):
        circuit.read()
    circuit.simulation["inputs"]["clamp"]["input_type"] = "curent_clamp"
    with pytest.raises(lo.errors.SonataError, match=r"'curent_clamp', expected.*did you mean `current_clamp`"):
        circuit.read()


@pytest.mark.parametrize("wrong", ["x", [3]])
def test_whatever_stands_in_a_part_of_a_file_is_taken_or_refused_by_name(circuit: Circuit, wrong: Any) -> None:
    a_small_circuit(circuit)
    circuit.write("sets.json", {"last": {"population": "cells", "node_id": [20]}, "ends": ["last"]})
    circuit.simulation["node_sets_file"] = "$BASE/sets.json"
    clamp = {"input_type": "current_clamp", "amp": 0.3, "delay": 1.0, "duration": 5.0, "node_set": "ends"}
    circuit.simulation["inputs"]["clamp"] = clamp
    circuit.read()
    for name in ("simulation.json", "circuit.json", "sets.json", "synaptic_models/fast.json"):
        text = (circuit.folder / name).read_text()
        content = json.loads(text)
        for inside, key in places_in(content):
            before, inside[key] = inside[key], wrong
            circuit.write(name, content)
            try:
                lo.read_sonata(circuit.folder / "simulation.json")
            except lo.LoligoError:
                pass
            except Exception as error:
                pytest.fail(f"{wrong!r} for {key!r} in {inside} of {name} raised {type(error).__name__}: {error}")
            inside[key] = before
        circuit.write(name, text)


def test_configurations_include_each_other_and_have_variables(circuit: Circuit) -> None:
    a_small_circuit(circuit)
    circuit.read()
    both = circuit.folder / circuit.write("both.json", {"network": "./circuit.json", "simulation": "simulation.json"})
    assert lo.read_sonata(both).sonata.run["t_max"] == 30.0
    alone = lo.read_sonata(circuit.folder / "circuit.json")
    assert alone.sonata.run == {}
    assert len(alone.exp2syn) == 4
    with pytest.raises(lo.errors.SonataError, match="includes itself"):
        lo.read_sonata(circuit.folder / circuit.write("both.json", {"network": "both.json"}))
    for manifest, error, message in (
        ({"$NETS": "."}, lo.errors.UnknownNameError, r"no variable `\$NET`; did you mean `NETS`"),
        ({"$NET": "$OTHER", "$OTHER": "${NET}"}, lo.errors.SonataError, "made of itself"),
    ):
        content = {"manifest": manifest, "networks": {"nodes": circuit.nodes}}
        with pytest.raises(error, match=message):
            lo.read_sonata(circuit.folder / circuit.write("wrong.json", content))
    with pytest.raises(lo.errors.SonataError, match="no populations: expected `networks`"):
        lo.read_sonata(circuit.folder / circuit.write("wrong.json", {"network": {}, "run": {}}))
    with pytest.raises(lo.errors.SonataError, match=r"wrong\.json:1:2: not JSON"):
        lo.read_sonata(circuit.folder / circuit.write("wrong.json", "{'"))
    with pytest.raises(lo.errors.MissingFileError, match="no such file"):
        lo.read_sonata(circuit.folder / "nothing.json")


def test_spikes_without_populations_and_of_rasters(circuit: Circuit) -> None:
    a_small_circuit(circuit)
    expected = circuit.read()
    with h5py.File(circuit.folder / "input_spikes.h5", "w") as file:
        file["spikes/gids"], file["spikes/timestamps"] = [1, 0, 1], [9.0, 3.0, 2.0]
    assert lo.read_sonata_spikes(circuit.folder / "input_spikes.h5")["node_id"].tolist() == [1, 0, 1]
    run = assert_equal(circuit.read(), expected)
    path = circuit.folder / "out.h5"
    lo.write_sonata_spikes(path, run.raster)
    table = lo.read_sonata_spikes(path)
    assert table["population"].unique().tolist() == ["cells"]
    assert (table["time"] == run.raster.times[run.raster.cells >= 0]).all()
    assert (table["node_id"] == run.raster.cells[run.raster.cells >= 0]).all()
    with h5py.File(path) as file:
        assert file["spikes/cells"].attrs["sorting"] == 2
        assert file["spikes/cells/timestamps"].attrs["units"] == "ms"
        assert file["spikes/cells/node_ids"].dtype == np.uint64
    lo.write_sonata_spikes(path, {"time": [], "population": [], "node_id": []})
    assert lo.read_sonata_spikes(path).columns.tolist() == ["time", "population", "node_id"]
    with pytest.raises(lo.errors.ArgumentError, match="no column `node_id`"):
        lo.write_sonata_spikes(path, {"time": [1.0], "population": ["a"]})
    with pytest.raises(lo.errors.ArgumentError, match="shapes"):
        lo.write_sonata_spikes(path, {"time": [1.0], "population": ["a"], "node_id": [1, 2]})
    circuit.write("text.h5", "no HDF5")
    with pytest.raises(lo.errors.UnreadableFileError, match="as HDF5"):
        lo.read_sonata_spikes(circuit.folder / "text.h5")
    with pytest.raises(lo.errors.SonataError, match="no group `spikes`"):
        lo.read_sonata_spikes(circuit.folder / "cells.h5")
    add_spikes(circuit, "input", [1.0], [2])
    with pytest.raises(lo.errors.SonataError, match="spike of node 2 of `input`, which there is not"):
        circuit.read()


def test_mistakes_in_nodes_have_names(circuit: Circuit) -> None:
    def refused(types: str, message: str, error: type = lo.errors.SonataError, **attributes: Any) -> None:
        circuit.nodes.clear()
        circuit.add_nodes("cells", types, [0], [1], **attributes)
        with pytest.raises(error, match=message):
            circuit.read()

    heads = "node_type_id model_type model_template\n"
    refused(heads + "2 virtual NULL\n", "node 0 of `cells`.*node_type_id 1, but .*only 2")
    refused(heads + "1 virtual NULL\n1 virtual NULL\n", "node_type_id 1 twice")
    refused(heads + "1 virtual NULL\n", "virtual, so there is nothing to simulate")
    refused(heads + "1 biophysicl NULL\n", "'biophysicl', expected.*did you mean `biophysical`")
    refused(heads + "1 point_process nrn:IntFire1\n", "`nrn:IntFire1`, which has no equal in Loligo.*iaf_cond_exp")
    refused(heads + "1 biophysical hoc:L5PC.hoc\n", "`hoc:L5PC.hoc`.*a program of NEURON")
    refused(heads + "1 single_compartment nrn:hhh\n", "mechanism `hhh`.*did you mean `hh`", lo.errors.UnknownNameError)
    refused("node_type id model_type\n1 1 virtual\n", "no column `node_type_id`; did you mean `node_type`")
    refused("node_type_id kind\n1 virtual\n", "no `model_type`")
    wrong = {"dynamics_params/gnaba_hh": [0.1]}
    refused(HH, "sets `gnaba`, but hh has no such parameter", lo.errors.UnknownNameError, **wrong)
    refused(HH, "have `gnabar`; did you mean `gnabar_hh`", **{"dynamics_params/gnabar": [0.1]})
    refused(biophysical(circuit, "model_processing", "aibs_perisomatik"), "did you mean `aibs_perisomatic`")
    refused(biophysical(circuit).replace(" cell ", " cel "), "no such file", lo.errors.MissingFileError)
    refused(biophysical(circuit).replace(" fit.json", " NULL"), "no `dynamics_params`")
    circuit.components = ("synaptic_models",)
    refused(biophysical(circuit), "names no `biophysical_neuron_models_dir`")


def test_mistakes_in_edges_have_names(circuit: Circuit) -> None:
    a_small_circuit(circuit)

    def refused(
        message: str,
        types: str = EXP2SYN,
        error: type = lo.errors.SonataError,
        ends: tuple = ([10], [11]),
        number: int = 5,
        populations: tuple[str, str] = ("cells", "cells"),
        **attributes: Any,
    ) -> None:
        circuit.edges.clear()
        circuit.add_edges(*populations, types, *ends, [number], **attributes)
        with pytest.raises(error, match=message):
            circuit.read()

    refused("source_node_id 3, which the population `cells` of 3 nodes has not", ends=([3], [11]))
    refused("edge_type_id 6, but .* has only 5", number=6)
    refused("population `cels`, which no file of nodes has; did you mean `cells`", populations=("cels", "cells"))
    refused("goes to virtual nodes", populations=("cells", "input"), ends=([10], [1]))
    refused("afferent_section_id 2, but the sections of its target are 0 to 0", afferent_section_id=[2])
    refused("sec_x 1.5, expected 0 to 1", sec_id=[0], sec_x=[1.5])
    refused("weight_function `gaussianLL`", EXP2SYN.replace("delay", "weight_function").replace("2.0", "gaussianLL"))
    refused("no `syn_weight`", EXP2SYN.replace("syn_weight", "syn_wait"))
    refused("no `model_template`", EXP2SYN.replace("Exp2Syn", "NULL"))
    refused(
        "asks for the mechanism `Exp3Syn`.*did you mean `expsyn`",
        EXP2SYN.replace("Exp2Syn", "Exp3Syn"),
        lo.errors.UnknownNameError,
    )
    refused("no such file", EXP2SYN.replace("fast", "quick"), lo.errors.MissingFileError)
    refused("gap junctions", EXP2SYN.replace("delay", "is_gap_junction").replace("2.0", "True"))
    circuit.write("synaptic_models/fast.json", {"tau1": 1.0, "tau3": 2.0})
    refused("sets `tau3`, but exp2syn has no such parameter", error=lo.errors.UnknownNameError)


def test_a_million_edges_take_seconds(circuit: Circuit) -> None:
    count = 1_000_000
    random = np.random.default_rng(0)
    circuit.add_nodes("cells", HH, np.arange(1000), np.ones(1000, dtype=int))
    circuit.write("synaptic_models/fast.json", {"tau1": 0.3, "tau2": 2.0, "erev": 5.0})
    pre, post = random.integers(0, 1000, (2, count))
    numbers = {"syn_weight": random.random(count), "delay": 1 + random.random(count)}
    types = EXP2SYN + "6 expsyn NULL 1.0 0.1\n"
    type_ids = np.where(np.arange(count) % 4 == 0, 6, 5)
    circuit.add_edges("cells", "cells", types, pre, post, type_ids, sec_id=np.zeros(count, int), **numbers)
    began = time.perf_counter()
    network = circuit.read()
    assert time.perf_counter() - began < 30  # about 2 s
    assert network.sonata.edges[["synapse", "last"]].to_numpy().tolist() == [["exp2syn", 750000], ["expsyn", 250000]]
    own = type_ids == 6
    assert (network.expsyn.pre == pre[own]).all()
    assert (network.expsyn.post == post[own]).all()
    assert (network.expsyn.get("weight") == numbers["syn_weight"][own]).all()


def test_without_h5py_the_error_says_how_to_install_it(circuit: Circuit, monkeypatch: pytest.MonkeyPatch) -> None:
    a_small_circuit(circuit)
    circuit.read()
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(lo.errors.MissingPackageError, match=r'pip install "loligo\[sonata\]"'):
        circuit.read()
    with pytest.raises(lo.errors.MissingPackageError, match="h5py"):
        lo.read_sonata_spikes(circuit.folder / "input_spikes.h5")


def test_populations_are_asked_for_by_name(circuit: Circuit) -> None:
    a_small_circuit(circuit)
    network = circuit.read()
    with pytest.raises(lo.errors.UnknownNameError, match="no population `cels`; did you mean `cells`"):
        network.sonata.cells("cels")
    with pytest.raises(lo.errors.ArgumentError, match="no cell for the node 1"):
        network.sonata.cells("input", [1])
    network.exp2syn.make_trainable("weight")
    run = lo.simulate(network, lo.batch([{"exp2syn.weight": np.array([[0.0], [0.1]])}]), t_max=15)
    with pytest.raises(lo.errors.ArgumentError, match=r"run\.lane"):
        network.sonata.spikes(run)
    assert network.sonata.spikes(run.lane(0))["population"].unique().tolist() == ["input"]
    with pytest.raises(lo.errors.ArgumentError, match=r"raster\.lane"):
        lo.write_sonata_spikes(circuit.folder / "out.h5", run.raster)
