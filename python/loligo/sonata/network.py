"""Networks read from SONATA: cells, synapses, inputs, and the table that says which node is which cell."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from loligo.arguments import as_path
from loligo.errors import ArgumentError, SonataError, UnknownNameError, did_you_mean
from loligo.modules import Network
from loligo.run import Run
from loligo.sonata.cells import Builder, Prototype
from loligo.sonata.configuration import Configuration, read_configuration
from loligo.sonata.edges import Connector
from loligo.sonata.inputs import inject_currents, spike_trains
from loligo.sonata.mechanisms import Finder, Given
from loligo.sonata.nodes import read_nodes
from loligo.sonata.parts import number_in
from loligo.sonata.targets import Targets

THRESHOLD = -15.0
"""mV, where a simulation does not say it."""


@dataclass(frozen=True)
class Sonata:
    """What a network has from the files that it was read from.

    Attributes:
        nodes: A row for each node with the columns `population`, `node_id`, `cell` (its number in the network; −1 for
            virtual nodes), `source` (its number among the sources of spikes, as in `run.raster.sources`) and all that
            the files say of it.
        edges: A row for each list of synapses: `population`, `edge_type_id`, the name of the `synapse`, and the numbers
            `first` and behind the `last`: `network.synapses(name)[first:last]`.
        run: What of the simulation `lo.simulate` takes: `t_max` and `dt`, ms.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    run: dict[str, float]

    def cells(self, population: str, node_ids: ArrayLike | None = None) -> np.ndarray:
        """The numbers of the cells of nodes, shape (node,), for `network.cell`.

        Args:
            node_ids: Ids in the population; all of it, virtual nodes aside, if left out.

        Raises:
            UnknownNameError: A population that there is not.
            ArgumentError: A node that there is not, or that is virtual.
        """
        known = self.nodes["population"].unique()
        if population not in known:
            raise UnknownNameError(f"there is no population `{population}`{did_you_mean(str(population), known)}")
        own = self.nodes[self.nodes["population"] == population].set_index("node_id")["cell"]
        if node_ids is None:
            return own[own >= 0].to_numpy()
        cells = own.reindex(np.atleast_1d(np.asarray(node_ids))).fillna(-1)
        if (cells < 0).any():
            raise ArgumentError(f"the population `{population}` has no cell for the node {cells.index[cells < 0][0]}")
        return cells.to_numpy(dtype=int)

    def spikes(self, run: Run) -> pd.DataFrame:
        """The spikes of a run by nodes: a row for each, with the columns `time` (ms), `population` and `node_id`, as
        `lo.write_sonata_spikes` takes them; those of virtual nodes are among them.

        Raises:
            ArgumentError: The run is of a batch.
        """
        if run.lanes is not None:
            raise ArgumentError(
                "the run is of a batch, and spikes are written of one lane: take one with run.lane(...)"
            )
        nodes = self.nodes[self.nodes["source"] >= 0].set_index("source")
        own = np.isin(run.raster.sources, nodes.index)
        named = nodes[["population", "node_id"]].loc[run.raster.sources[own]].reset_index(drop=True)
        named.insert(0, "time", run.raster.times[own])
        return named


class SonataNetwork(Network):
    """A network from files of SONATA; `sonata` has what they say of it. Made by `read_sonata`."""

    __slots__ = ("sonata",)

    def _further(self) -> Any:
        return self.sonata

    def _take_further(self, further: Any) -> None:
        self.sonata = further


def read_sonata(path: str | os.PathLike[str], *, mechanisms: Given = None, seed: int | None = None) -> SonataNetwork:
    """A network from the files of SONATA (Dai et al. 2020, PLoS Comput Biol 16:e1007696), with everything connected.

    Each population is a group of the network, and `network.sonata.nodes` says which node is which cell. Nodes are

    - `biophysical`: an SWC file, with the sections and their order of NEURON's Import3d, and biophysics of the Allen
      Cell Types Database (`ctdb:` with JSON, or `nml:`). `model_processing` is `fullaxon`, `aibs_perisomatic` or
      `aibs_allactive`; the stub of the last begins in the middle of the soma, too. Compartments are as long as `dL`
      says, or follow the d_lambda rule.
    - `single_compartment`: a cylinder with `pas` and another mechanism (`nrn:hh`).
    - `point_neuron` or `point_process`: `nest:iaf_cond_exp` and `pynn:IF_cond_exp` without a refractory period.
    - `virtual`: the spikes that the inputs of a simulation have for them.

    Edges are synapses with events: `exp2syn`, `expsyn`, or a point process that `mechanisms` or the library has. Their
    delay is 1 ms where nobody says it. They are where `afferent_section_id` and `afferent_section_pos` (`sec_id` and
    `sec_x`) are; else `nsyns` of them are drawn by length among `target_sections`, within `distance_range` (path
    distance, µm). Somata are watched for spikes at `spike_threshold`, −15 mV if it is not said. Coordinates of nodes
    are in the table; cells are not moved.

    Args:
        path: The configuration of a circuit or of a simulation, JSON.
        mechanisms: A folder of `.mod` files, or a dictionary of mechanisms by their names: they go before those in the
            circuit's folder, and these before the library's. Files that nobody asks for are not read.
        seed: Which random numbers to draw for places of synapses that the files leave open; `random_seed` of the
            configuration if left out.

    Raises:
        MissingFileError, UnreadableFileError: A file cannot be read.
        SonataError: Files that do not fit together, or ask for what Loligo does not have.
        UnknownNameError: A mechanism, a parameter, a set of nodes or a variable that there is not.
        MissingPackageError: h5py is not installed.

    >>> import h5py, json
    >>> import loligo as lo
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with h5py.File(Path(folder, "nodes.h5"), "w") as file:
    ...         cortex = file.create_group("nodes/cortex")
    ...         cortex["node_type_id"] = [100, 100]
    ...         cortex["node_id"] = [7, 8]
    ...     types = "node_type_id model_type model_template\\n100 single_compartment nrn:hh"
    ...     _ = Path(folder, "types.csv").write_text(types)
    ...     nodes = [{"nodes_file": "nodes.h5", "node_types_file": "types.csv"}]
    ...     _ = Path(folder, "circuit.json").write_text(json.dumps({"networks": {"nodes": nodes}}))
    ...     network = lo.read_sonata(Path(folder, "circuit.json"))
    >>> network
    <sonatanetwork: 2 cells, 2 branches, 2 compartments>
    >>> network.sonata.cells("cortex", [8]).tolist()
    [1]
    >>> network.cortex.shape
    (2, 2, 2)
    """
    configuration = read_configuration(as_path(path))
    nodes = read_nodes(configuration.nodes)
    prototypes, of_cells = _prototypes(configuration, nodes, finder := _finder(configuration, mechanisms), path)
    network = SonataNetwork([prototypes[each].cell for each in of_cells])
    for population, own in nodes[nodes["cell"] >= 0].groupby("population", sort=False):
        if population in network.groups:
            raise SonataError(f"the population `{population}` has the name of a part of cells")
        network.cell(own["cell"].tolist())._group_as(str(population))
    _set_temperature(network, configuration, prototypes)
    targets = Targets(prototypes, of_cells, _seed(configuration, seed))
    nodes["source"] = _sources(network, nodes, configuration, [prototypes[each] for each in of_cells], targets.somata)
    inject_currents(network, configuration, nodes, targets.somata)
    edges = Connector(network, nodes, prototypes, targets, configuration, finder).connected()
    front = ["population", "node_id", "cell", "source"]
    nodes = nodes[[*front, *(name for name in nodes if name not in front)]]
    names = {"tstop": "t_max", "dt": "dt"}
    own_run = configuration.run
    run = {
        known: number_in(own_run, name, "the run of the simulation") for name, known in names.items() if name in own_run
    }
    network.sonata = Sonata(nodes, edges, run)
    return network


def _finder(configuration: Configuration, given: Given) -> Finder:
    return Finder(given, configuration.components.get("mechanisms_dir"))


def _prototypes(
    configuration: Configuration, nodes: pd.DataFrame, finder: Finder, path: Any
) -> tuple[list[Prototype], np.ndarray]:
    """What the cells are copies of, and of which of these each is one; writes the numbers of the cells to the nodes."""
    if "model_type" not in nodes:
        raise SonataError(f"the nodes of {path} have no `model_type`{did_you_mean('model_type', map(str, nodes))}")
    is_virtual = (nodes["model_type"] == "virtual").to_numpy()
    nodes["cell"] = np.where(is_virtual, -1, np.cumsum(~is_virtual) - 1)
    if is_virtual.all():
        raise SonataError(f"all nodes of {path} are virtual, so there is nothing to simulate")
    builder = Builder(configuration, finder)
    made = [builder.built(node) for node in nodes[~is_virtual].to_dict("records")]
    prototypes = list({id(each): each for each in made}.values())
    for each in prototypes:
        v_init = _condition(configuration, "v_init", each.v_init)
        # neurons with a rest of their own start there
        if each.siemens is None and v_init is not None:
            each.cell.set("v", v_init)
    number = {id(each): position for position, each in enumerate(prototypes)}
    return prototypes, np.array([number[id(each)] for each in made])


def _set_temperature(network: Network, configuration: Configuration, prototypes: list[Prototype]) -> None:
    """That of the simulation, or that which the cells have in common."""
    own = {each.celsius for each in prototypes if each.celsius is not None}
    celsius = _condition(configuration, "celsius", next(iter(own)) if len(own) == 1 else None)
    if celsius is not None:
        network.celsius = celsius


def _condition(configuration: Configuration, name: str, otherwise: float | None) -> float | None:
    """A number of the conditions of the simulation, where it has them."""
    own = configuration.conditions
    return otherwise if name not in own else number_in(own, name, "the conditions of the simulation")


def _seed(configuration: Configuration, seed: int | None) -> int | None:
    found = configuration.run.get("random_seed") if seed is None else seed
    if found is not None and (not isinstance(found, int | np.integer) or isinstance(found, bool) or found < 0):
        raise ArgumentError(f"the seed is {found!r}, expected a whole number, 0 or more")
    return None if found is None else int(found)


def _sources(
    network: Network,
    nodes: pd.DataFrame,
    configuration: Configuration,
    of_cells: list[Prototype],
    somata: np.ndarray,
) -> np.ndarray:
    """The source of spikes that each node is, shape (node,)."""
    usual = number_in(
        {"spike_threshold": THRESHOLD, **configuration.run}, "spike_threshold", "the run of the simulation"
    )
    thresholds = np.array([usual if each.threshold is None else each.threshold for each in of_cells])
    watched = np.empty(somata.size, dtype=int)
    for threshold in np.unique(thresholds):
        own = thresholds == threshold
        watched[own] = network._model.detect_spikes(somata[own].astype(np.uintp), float(threshold))
    trains = spike_trains(configuration, nodes)
    return np.array(
        [
            watched[cell] if cell >= 0 else network._model.spike_train(np.ascontiguousarray(train))
            for cell, train in zip(nodes["cell"], trains)
        ]
    )
