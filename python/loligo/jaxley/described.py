"""Descriptions: what is said of the channels, pumps and synapses of a module."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from loligo.synapses import Synapses


@dataclass(frozen=True)
class ChannelDescription:
    """What a channel or a pump that was inserted is called, and what it has; it is no channel itself."""

    name: str
    channel_params: dict[str, float]
    """Parameters and their defaults."""
    channel_states: dict[str, float]
    current_name: str
    ion_name: str | None
    """What a pump changes; None for channels."""

    @classmethod
    def of(cls, channel: Any) -> ChannelDescription:
        """That of a channel or pump that is inserted."""
        ion = getattr(channel, "ion_name", None)
        params, states = _numbers(channel.channel_params), _numbers(channel.channel_states)
        return cls(str(channel.name), params, states, str(channel.current_name), None if ion is None else str(ion))

    @property
    def _name(self) -> str:
        return self.name


@dataclass(frozen=True)
class SynapseDescription:
    """What the synapses of a type are called, and what they have."""

    name: str
    synapse_params: dict[str, float]
    """Parameters and their defaults."""
    synapse_states: dict[str, float]

    @classmethod
    def of(cls, synapse: Any) -> SynapseDescription:
        """That of a synapse that is connected."""
        return cls(str(synapse.name), _numbers(synapse.synapse_params), _numbers(synapse.synapse_states))

    @property
    def _name(self) -> str:
        return self.name


class SynapseDescriptions(list[SynapseDescription]):
    """The descriptions of the synapses in view. Called with a name it is what `synapses` is of views of `loligo`, the
    synapses of that name."""

    def __init__(self, descriptions: Iterable[SynapseDescription], named: Callable[[str], Synapses]) -> None:
        super().__init__(descriptions)
        self._named = named

    def __call__(self, name: str) -> Synapses:
        return self._named(name)


def _numbers(named: dict[str, Any] | None) -> dict[str, float]:
    return {str(name): float(np.asarray(value).reshape(())) for name, value in (named or {}).items()}
