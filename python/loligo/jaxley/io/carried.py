"""Mechanisms on their way through a graph: what a module knows of a channel or a synapse that is on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo import view
from loligo._engine import Mechanism
from loligo.jaxley import names
from loligo.jaxley.connect import append, joined
from loligo.jaxley.described import ChannelDescription, SynapseDescription

if TYPE_CHECKING:
    from loligo.jaxley.modules import Module, View


@dataclass(frozen=True)
class Channel:
    """A channel or pump of a module that was exported."""

    name: str
    current_name: str
    mechanism: Mechanism
    recorded: str
    start: Any
    described: ChannelDescription


@dataclass(frozen=True)
class Synapse:
    """A type of synapses of a network that was exported."""

    name: str
    mechanism: Mechanism
    keys: dict[str, str]
    """Its quantities, and Jaxley's names of them."""
    described: SynapseDescription


def channels_of(module: Module) -> list[Channel]:
    """The channels and pumps of a module."""
    return [
        Channel(name, *_named(module, name), module._starts.get(name), module._described[name])
        for name, _ in names.channels(module._model)
    ]


def synapses_of(module: Module) -> list[Synapse]:
    """The types of synapses of a module."""
    return [
        Synapse(
            name,
            module._inserted[name],
            {own: key for own, key in module._edge_keys.items() if own.partition(".")[0] == name},
            module._described[name],
        )
        for name in module._model.synapse_names()
    ]


def insert(channel: Any, where: View) -> None:
    """Inserts a channel: one that was exported, or any that `insert` takes."""
    if not isinstance(channel, Channel):
        where.insert(channel)
        return
    view.View.insert(where, channel.mechanism)
    where._module._described[channel.name] = channel.described
    where._module._currents[channel.name] = (channel.current_name, channel.recorded)
    if channel.start is not None:
        where._module._starts[channel.name] = channel.start


def connect(synapse: Any, network: Module, pre: np.ndarray, post: np.ndarray) -> None:
    """Connects compartments by a synapse: one that was exported, or any that `connect` takes."""
    if not isinstance(synapse, Synapse):
        append(network, pre, post, synapse)
        return
    joined(network, pre, post, synapse.mechanism, synapse.keys)
    network._described[synapse.name] = synapse.described


def _named(module: Module, name: str) -> tuple[str, Mechanism, str]:
    current, recorded = module._currents[name]
    return current, module._inserted[name], recorded
