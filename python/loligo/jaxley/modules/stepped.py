"""All states and parameters of a module as dictionaries of arrays, and a step from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loligo import view
from loligo.jaxley import stepping


class Stepped(view.View):
    """Stepping a module."""

    __slots__ = ()

    def get_all_parameters(self, pstate: Sequence[Any]) -> dict[str, Any]:
        """All numbers that do not change, by Jaxley's names: arrays over compartments and branch points (−1 at these,
        NaN in compartments that have none), or over the synapses of a type. Areas, volumes, loads and
        `axial_conductances` (by what flows, one for each row of `_comp_edges`) follow from the others, and are to look
        at: `step` does not take them.

        Args:
            pstate: Numbers that replace those that are set: what `data_set` returns, and what
                `jaxley.utils.cell_utils.params_to_pstate` makes of parameters.
        """
        return stepping.all_parameters(self._module, pstate)

    def get_all_states(self, pstate: Sequence[Any]) -> dict[str, Any]:
        """All states as they are set, in the form of `get_all_parameters`, without currents."""
        return stepping.all_states(self._module, pstate)

    def append_channel_currents_to_states(
        self, states: dict[str, Any], all_params: dict[str, Any], delta_t: float
    ) -> dict[str, Any]:
        """States, and the currents that flow in them.

        Args:
            delta_t: Accepted for Jaxley's sake.
        """
        return stepping.with_currents(self._module, states, all_params)

    def step(
        self,
        u: dict[str, Any],
        delta_t: float,
        external_inds: dict[str, Any],
        externals: dict[str, Any],
        params: dict[str, Any],
        solver: str = "bwd_euler",
        voltage_solver: str = "jaxley.stone",
    ) -> dict[str, Any]:
        """The states a step later.

        Args:
            u: States and currents, as from `get_all_states`.
            delta_t: Time step, ms.
            external_inds: Where the currents are, under the key `i`: labels of the index of `nodes`.
            externals: Currents during the step, nA, one for each of these.
            params: From `get_all_parameters`.
            voltage_solver: Accepted for Jaxley's sake.
        """
        return stepping.step(self._module, u, delta_t, external_inds, externals, params, solver)
