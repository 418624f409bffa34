"""Edges: synapses between nodes, a list for each edge type."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from loligo.errors import SonataError, did_you_mean
from loligo.modules import Network
from loligo.sonata.cells import Prototype
from loligo.sonata.configuration import Configuration
from loligo.sonata.edge_list import EdgeList
from loligo.sonata.files import array_in, attributes, group_in, hdf5, is_absent, json_of, rows_by_group, types_of
from loligo.sonata.mechanisms import Finder, parameter_of
from loligo.sonata.parts import number_in
from loligo.sonata.targets import Targets
from loligo.spiking import SpikingSynapse

COLUMNS = ["population", "edge_type_id", "synapse", "first", "last"]

PLAIN_WEIGHTS = ("wmax", "default_weight_fnc", "set_syn_weight")
"""Functions of the weight that return it as it is."""

BUILTIN = {
    "exp2syn": ("exp2syn", {"tau1": "tau_rise", "tau2": "tau_decay", "erev": "e"}),
    "expsyn": ("expsyn", {"tau1": "tau", "erev": "e"}),
}
"""NEURON's own synapses, in lower case: those of the library, and the names of their parameters there."""


class Connector:
    """Makes the synapses of edges.

    Args:
        nodes: The table of nodes, with the columns `cell` and `source`.
        targets: Where in cells synapses are.
    """

    def __init__(
        self,
        network: Network,
        nodes: pd.DataFrame,
        prototypes: list[Prototype],
        targets: Targets,
        configuration: Configuration,
        finder: Finder,
    ) -> None:
        self._network = network
        self._targets = targets
        self._configuration = configuration
        self._finder = finder
        self._nodes = nodes
        self._cells = nodes["cell"].to_numpy()
        self._sources = nodes["source"].to_numpy()
        siemens = [np.nan if each.siemens is None else each.siemens for each in prototypes]
        self._siemens = np.array(siemens)[targets.prototypes]
        self._made: list[tuple[str, int, str, int, int]] = []

    def connected(self) -> pd.DataFrame:
        """Makes all synapses; returns a row for each list of them, with the columns `COLUMNS`.

        Raises:
            SonataError: Edges between nodes that there are not, places that cells do not have, or a kind of synapse
                that Loligo does not have.
            UnknownNameError: A mechanism or a parameter that there is not.
        """
        for path, types_path in self._configuration.edges:
            with hdf5(path) as file:
                for name, population in group_in(file, "edges", path).items():
                    types = types_of(types_path, name, "edge_type_id")
                    self._connect_population(population, name, types, path, types_path)
        return pd.DataFrame(self._made, columns=COLUMNS)

    def _connect_population(
        self, population: Any, name: str, types: pd.DataFrame, path: Path, types_path: Path | None
    ) -> None:
        pre, post = (self._ends(population, side, path) for side in ("source", "target"))
        type_ids = array_in(population, "edge_type_id", path).astype(np.int64)
        known = types.to_dict("index")
        for group, rows, within in rows_by_group(population, "edge", path, type_ids.size):
            own = attributes(population[group]) if group in population else {}
            order = np.argsort(type_ids[rows], kind="stable")
            numbers, starts = np.unique(type_ids[rows][order], return_index=True)
            for number, part in zip(numbers.tolist(), np.split(order, starts[1:])):
                if types_path is not None and number not in known:
                    raise SonataError(
                        f"an edge of `{name}` in {path} has the edge_type_id {number}, but {types_path} has only "
                        f"{', '.join(map(str, known))}"
                    )
                edges = EdgeList(
                    f"edge type {number} of `{name}`",
                    pre[rows[part]],
                    post[rows[part]],
                    {each: values[within[part]] for each, values in own.items()},
                    {each: value for each, value in known.get(number, {}).items() if not is_absent(value)},
                )
                for synapse, first, last in self._connect(edges):
                    self._made.append((name, number, synapse, first, last))

    def _ends(self, population: Any, side: str, path: Path) -> np.ndarray:
        """Which nodes the edges come from or go to, as rows of the table of nodes."""
        data = group_in(population, f"{side}_node_id", path)
        name = data.attrs.get("node_population")
        if name is None:
            raise SonataError(f"{path}: `{data.name}` has no attribute `node_population`")
        name = name.decode() if isinstance(name, bytes) else str(name)
        own = np.flatnonzero(self._nodes["population"] == name)
        if not own.size:
            raise SonataError(
                f"{path}: `{data.name}` is of the population `{name}`, which no file of nodes has"
                f"{did_you_mean(name, self._nodes['population'].unique())}"
            )
        ids, wanted = self._nodes["node_id"].to_numpy()[own], data[()].astype(np.int64)
        at = pd.Index(ids).get_indexer(wanted)
        if (wrong := np.flatnonzero(at < 0)).size:
            raise SonataError(
                f"{path}: edge {wrong[0]} has the {side}_node_id {wanted[wrong[0]]}, which the population `{name}` of "
                f"{ids.size} nodes has not"
            )
        return own[at]

    def _connect(self, edges: EdgeList) -> list[tuple[str, int, int]]:
        """The synapses of edges of one type: their names, the number of the first and that behind the last."""
        if edges.given("is_gap_junction") is not None and np.any(edges.given("is_gap_junction")):
            raise SonataError(f"{edges.who} is of gap junctions, which are not read yet")
        cells = self._cells[edges.target]
        if (cells < 0).any():
            raise SonataError(f"{edges.who} goes to virtual nodes, which take no spikes")
        weight = self._weight(edges)
        delay = edges.numbers("delay", 1.0)
        compartments, repeat = self._targets.places(edges, cells)
        sources, cells, weight, delay = (
            each[repeat] for each in (self._sources[edges.source].astype(np.uintp), cells, weight, delay)
        )
        made = []
        siemens = self._siemens[cells]
        has_conductances = ~np.isnan(siemens)
        for name, chosen in (
            ("excitatory", has_conductances & (weight >= 0)),
            ("inhibitory", has_conductances & (weight < 0)),
        ):
            if chosen.any():
                numbers = {"weight": np.abs(weight[chosen]) * siemens[chosen], "delay": delay[chosen]}
                made.append(self._synapses(SpikingSynapse(name), sources, compartments, chosen, numbers))
        if not has_conductances.all():
            chosen = ~has_conductances
            synapse, numbers = self._synapse(edges, repeat)
            numbers = {name: value if np.ndim(value) == 0 else value[chosen] for name, value in numbers.items()}
            numbers |= {"weight": weight[chosen], "delay": delay[chosen]}
            made.append(self._synapses(synapse, sources, compartments, chosen, numbers))
        return made

    def _synapses(
        self,
        synapse: SpikingSynapse,
        sources: np.ndarray,
        compartments: np.ndarray,
        chosen: np.ndarray,
        numbers: Mapping[str, Any],
    ) -> tuple[str, int, int]:
        post = compartments[chosen].astype(np.uintp)
        return synapse.name, *synapse.connected(self._network, sources[chosen], post, numbers)

    def _weight(self, edges: EdgeList) -> np.ndarray:
        function = edges.given("weight_function")
        if function is not None and str(function) not in PLAIN_WEIGHTS:
            raise SonataError(
                f"{edges.who} has the weight_function `{function}`; weights are only read as they are "
                f"({', '.join(PLAIN_WEIGHTS)}, or none){did_you_mean(str(function), PLAIN_WEIGHTS)}"
            )
        return edges.numbers("syn_weight")

    def _synapse(self, edges: EdgeList, repeat: np.ndarray) -> tuple[SpikingSynapse, dict[str, Any]]:
        """The kind of synapse, and the parameters that edges of this type give it."""
        template = edges.given("model_template")
        if template is None:
            raise SonataError(f"{edges.who} has no `model_template`{did_you_mean('model_template', edges.names)}")
        numbers: dict[str, Any] = {}
        if (file := edges.given("dynamics_params")) is not None:
            who = f"the dynamics of {edges.who}"
            content = json_of(self._configuration.component("synaptic_models_dir", str(file), who))
            numbers = {name: number_in(content, name, who) for name, own in content.items() if not isinstance(own, str)}
        prefix = "dynamics_params."
        numbers |= {n.removeprefix(prefix): v[repeat] for n, v in edges.own.items() if n.startswith(prefix)}
        renamed: Mapping[str, str] = {}
        name = str(template).removeprefix("nrn:")
        if not self._finder.is_given(name) and name.lower() in BUILTIN:
            name, renamed = BUILTIN[name.lower()]
        mechanism = self._finder.named(name, edges.who)
        named = {parameter_of(mechanism, renamed.get(n, n), edges.who): value for n, value in numbers.items()}
        return SpikingSynapse(mechanism), named
