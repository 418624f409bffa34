"""Inputs of a simulation: spikes of virtual nodes, and currents into somata."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from loligo.errors import SonataError, did_you_mean
from loligo.modules import Network
from loligo.sonata.configuration import Configuration
from loligo.sonata.files import is_absent
from loligo.sonata.nodes import members
from loligo.sonata.parts import number_in, word_in
from loligo.sonata.spikes import read_sonata_spikes
from loligo.waveforms import step

KINDS = ("spikes", "current_clamp")
_SPIKE_MODULES = ("h5", "sonata")


def spike_trains(configuration: Configuration, nodes: pd.DataFrame) -> list[np.ndarray]:
    """The times of the spikes of every node, ms, ascending; none for those that have no input of spikes.

    Raises:
        SonataError: Spikes of nodes that there are not or that are simulated, or an input of a kind that Loligo does
            not have.
    """
    found = [np.empty((0, 2))]
    for name, settings in _of_kind(configuration, "spikes"):
        if settings.get("module", "h5") not in _SPIKE_MODULES:
            raise SonataError(
                f"the input `{name}` has the module {settings['module']!r}, expected one of {', '.join(_SPIKE_MODULES)}"
            )
        path = _needed(settings, "input_file", name, word_in)
        inside = members(settings.get("node_set", "all"), nodes, configuration.node_sets)
        found.append(_spikes_of(read_sonata_spikes(path), nodes, inside, name, Path(path)))
    spikes = np.concatenate(found)
    spikes = spikes[np.lexsort((spikes[:, 1], spikes[:, 0]))]
    ends = np.searchsorted(spikes[:, 0], np.arange(len(nodes)), side="right")
    return np.split(spikes[:, 1], ends[:-1]) if len(nodes) else []


def inject_currents(network: Network, configuration: Configuration, nodes: pd.DataFrame, somata: np.ndarray) -> None:
    """Puts the clamps of current of a simulation on the somata, compartments of shape (cell,), of their nodes.

    Raises:
        SonataError: A clamp without its amplitude, its start or its duration, or an input of another kind.
    """
    for name, settings in _of_kind(configuration, "current_clamp"):
        if settings.get("module", "IClamp") != "IClamp":
            raise SonataError(f"the input `{name}` has the module {settings['module']!r}, expected IClamp")
        amplitude, start, duration = (_needed(settings, each, name, number_in) for each in ("amp", "delay", "duration"))
        inside = members(settings.get("node_set", "all"), nodes, configuration.node_sets)
        cells = nodes["cell"].to_numpy()[inside]
        chosen = somata[cells[cells >= 0]]
        if chosen.size:
            view = network._view(network._model.select(chosen.tolist(), "compartment"), "comp")
            view.stimulate(step(start, duration, amplitude))


def _of_kind(configuration: Configuration, kind: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name, settings in configuration.inputs.items():
        own = settings.get("input_type")
        if own not in KINDS:
            raise SonataError(
                f"the input `{name}` has the input_type {own!r}, expected one of {', '.join(KINDS)}"
                f"{did_you_mean(str(own), KINDS)}"
            )
        if own == kind and settings.get("enabled", True):
            found.append((name, settings))
    return found


def _spikes_of(spikes: pd.DataFrame, nodes: pd.DataFrame, inside: np.ndarray, name: str, path: Path) -> np.ndarray:
    """The row among the nodes and the time of each spike, shape (spike, 2)."""
    populations = nodes["population"][inside].unique().tolist()
    if (spikes["population"] == "").any():
        # a file from before populations had names
        if len(populations) != 1:
            raise SonataError(
                f"{path} does not say of which population its spikes are, and `{name}` is for {populations}"
            )
        spikes = spikes.assign(population=populations[0])
    if unknown := [each for each in spikes["population"].unique() if each not in set(nodes["population"])]:
        raise SonataError(
            f"{path}, of the input `{name}`, has spikes of `{unknown[0]}`"
            f"{did_you_mean(unknown[0], nodes['population'].unique())}"
        )
    rows = pd.MultiIndex.from_frame(nodes[["population", "node_id"]]).get_indexer(
        pd.MultiIndex.from_frame(spikes[["population", "node_id"]])
    )
    if (rows < 0).any():
        first = spikes.iloc[int(np.flatnonzero(rows < 0)[0])]
        raise SonataError(f"{path} has a spike of node {first.node_id} of `{first.population}`, which there is not")
    chosen = inside[rows]
    if (nodes["cell"].to_numpy()[rows[chosen]] >= 0).any():
        raise SonataError(
            f"the input `{name}` has spikes of nodes that are simulated; only those of virtual ones are given"
        )
    return np.stack([rows[chosen].astype(float), spikes["time"].to_numpy()[chosen]], axis=1)


def _needed(settings: dict[str, Any], key: str, name: str, read: Callable[[dict[str, Any], str, str], Any]) -> Any:
    if is_absent(settings.get(key)):
        raise SonataError(f"the input `{name}` has no `{key}`{did_you_mean(key, settings)}")
    return read(settings, key, f"the input `{name}`")
