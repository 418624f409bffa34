"""Contents: which channels, pumps and synapses are in view, and all their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from loligo import view
from loligo.errors import UnknownNameError, did_you_mean
from loligo.jaxley import diffusion, names
from loligo.jaxley.array import Array, each_like_jaxley
from loligo.jaxley.described import ChannelDescription, SynapseDescriptions
from loligo.jaxley.edges import Edges

if TYPE_CHECKING:
    import pandas as pd

    from loligo.jaxley.modules.view import View

_LEVELS = ("comp", "branch", "cell")


class Contents(view.View):
    """Telling what is in view."""

    __slots__ = ()

    @property
    def channels(self) -> list[ChannelDescription]:
        """What the channels in view are called (`name`) and have (`channel_params`, `channel_states`, `current_name`),
        in the order in which they were inserted."""
        return [each for each in self._inserted_in_view() if each.ion_name is None]

    @property
    def pumps(self) -> list[ChannelDescription]:
        """The same of the pumps in view, which also have an `ion_name`."""
        return [each for each in self._inserted_in_view() if each.ion_name is not None]

    @property
    def pumped_ions(self) -> list[str]:
        """What the pumps in view change."""
        return list(dict.fromkeys(pump.ion_name for pump in self.pumps))

    @property
    def diffusion_states(self) -> list[str]:
        """The states that diffuse along cells."""
        states = [diffusion.state_of(mechanism) for mechanism, _ in self._module._model.mechanisms()]
        return [state for state in states if state is not None]

    @property
    def membrane_current_names(self) -> list[str]:
        """The names of the currents of what is in view."""
        return list(dict.fromkeys(each.current_name for each in self._inserted_in_view()))

    @property
    def synapses(self) -> SynapseDescriptions:
        """What the synapses in view are called (`name`) and have (`synapse_params`, `synapse_states`)."""
        described = self._module._described
        return SynapseDescriptions(
            (described[name] for name in self.synapse_names if name in described), super().synapses
        )

    @property
    def synapse_names(self) -> list[str]:
        """The names of the synapses in view."""
        known = self._module._model.synapse_names()
        if self is self._module or not known:
            return known
        every = Edges(self._module)
        return [every.types[kind] for kind in np.unique(every.type[self._edge_numbers()])]

    @property
    def synapse_param_names(self) -> list[str]:
        """The names of the parameters of the synapses in view."""
        states = self.synapse_state_names
        return [key for key in self._edge_keys_in_view() if key not in states]

    @property
    def synapse_state_names(self) -> list[str]:
        """The names of the states of the synapses in view."""
        recordable = names.recordable_of_edges(self._module)
        return [key for key in self._edge_keys_in_view() if key in recordable]

    @property
    def synapse_current_names(self) -> list[str]:
        """The names of the currents of the synapses in view."""
        return [f"i_{name}" for name in self.synapse_names]

    @property
    def jaxnodes(self) -> dict[str, Array]:
        """The columns of `nodes` as arrays, made now; those of a whole module by label, with −1 for branch points.
        Writing to them changes nothing."""
        nodes = self.nodes
        if self is not self._module:
            return each_like_jaxley({name: nodes[name].to_numpy(dtype=float) for name in nodes.columns})
        arrays = {}
        for name in nodes.columns:
            arrays[name] = np.full(self._n_nodes, -1.0)
            arrays[name][nodes.index] = nodes[name]
        return each_like_jaxley(arrays)

    @property
    def jaxedges(self) -> dict[str, Array]:
        """The parameters and states of the synapses in view that have them as arrays, made now. Writing to them changes
        nothing."""
        return each_like_jaxley({key: self.get(key) for key in self._edge_keys_in_view()})

    def to_jax(self) -> None:
        """Does nothing: numbers are read when a run is made, and `jaxnodes` and `jaxedges` whenever they are asked
        for."""

    def initialize(self) -> View:
        """Does nothing: a module is ready to run as it is. Returns what it is called on."""
        return self

    @property
    def initialized(self) -> bool:
        """Always: see `initialize`."""
        return True

    def show(
        self,
        param_names: str | Sequence[str] | None = None,
        *,
        indices: bool = True,
        params: bool = True,
        states: bool = True,
        channel_names: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Columns of `nodes` as a table of their own.

        Args:
            param_names: Only these columns.
            indices: Whether there are those that say where compartments are.
            params: Whether there are the parameters of channels.
            states: Whether there are the states of channels.
            channel_names: Only these channels, and whether a compartment has them.

        Raises:
            UnknownNameError: A column or a channel that there is not.

        >>> import loligo.jaxley as jx
        >>> cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0])
        >>> cell.insert(jx.channels.HH())
        >>> cell.branch(1).show(["radius", "HH_gNa"], indices=False).to_numpy().tolist()
        [[1.0, 0.12], [1.0, 0.12]]
        """
        channels = {channel.name: channel for channel in self.channels}
        wanted = list(channels) if channel_names is None else list(channel_names)
        if missing := [name for name in wanted if name not in channels]:
            raise UnknownNameError(f"there is no channel `{missing[0]}` in view{did_you_mean(missing[0], channels)}")
        where = [f"{scope}_{level}_index" for level in _LEVELS for scope in ("local", "global")] if indices else []
        nodes = self.nodes
        if param_names is not None:
            chosen = [param_names] if isinstance(param_names, str) else list(param_names)
        else:
            chosen = [] if channel_names is None else list(wanted)
            chosen += [key for name in wanted for key in channels[name].channel_params if params]
            chosen += [key for name in wanted for key in channels[name].channel_states if states]
        if missing := [name for name in chosen if name not in nodes.columns]:
            raise UnknownNameError(f"`nodes` has no column `{missing[0]}`{did_you_mean(missing[0], nodes.columns)}")
        return nodes[list(dict.fromkeys([*where, *chosen]))].copy()

    def _inserted_in_view(self) -> list[ChannelDescription]:
        inside, described = self._selection.compartments, self._module._described
        members = dict(self._module._model.mechanisms())
        here = {name for name, own in members.items() if np.isin(own, inside).any()}
        return [each for name, each in described.items() if name in here]

    def _edge_keys_in_view(self) -> list[str]:
        seen = self.synapse_names
        every = names.of_edges(self._module) if seen else {}
        return [key for key, own in every.items() if any(quantity.partition(".")[0] in seen for quantity in own)]
