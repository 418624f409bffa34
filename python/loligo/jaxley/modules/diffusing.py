"""Diffusion: which states flow along the cells of a module."""

from __future__ import annotations

import numpy as np

from loligo import view
from loligo.errors import ModelError, UnknownNameError, did_you_mean
from loligo.jaxley import diffusion, names


class Diffusing(view.View):
    """Letting states diffuse."""

    __slots__ = ()

    def diffuse(self, state: str) -> None:
        """Lets a state that channels and pumps share diffuse along all cells, in one implicit step with what pumps make
        of it. Its constant is the parameter `axial_diffusion_<state>`, 1 µm²/ms until it is set. Compartments without
        the state have it from now on, and start at 0.

        Raises:
            UnknownNameError: Nothing inserted has such a state.
            ModelError: It belongs to one channel alone.

        >>> import loligo.jaxley as jx
        >>> cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
        >>> cell.insert(jx.pumps.CaPump())
        >>> cell.diffuse("CaCon_i")
        >>> cell.branch(0).set("CaCon_i", 1e-3)
        >>> cell.set("axial_diffusion_CaCon_i", 50.0)
        >>> cell.branch(2).comp(1).record("CaCon_i", verbose=False)
        >>> concentration = jx.integrate(cell, t_max=5.0)
        >>> bool(concentration[0, -1] > concentration[0, 0])
        True
        """
        model = self._module._model
        known = {own for each in self._inserted_in_view() for own in each.channel_states if own in self._shared_names()}
        if state not in known:
            own = names.quantities(model).get(state)
            if own is not None and "." in own[0]:
                raise ModelError(f"`{state}` is a state of {own[0].partition('.')[0]} alone; only shared ones diffuse")
            raise UnknownNameError(f"nothing inserted has a state `{state}` to diffuse{did_you_mean(state, known)}")
        before = self._everywhere(state)
        if state not in self.diffusion_states:
            view.View.insert(self, diffusion.mechanism_of(state))
        everything = model.everything()
        for quantity in names.quantities_of(model, state):
            model.set_each(quantity, np.where(np.isnan(before), 0.0, before), everything)
        self._put(diffusion.name_of(state), 1.0)

    def delete_diffusion(self, state: str) -> None:
        """Lets a state diffuse no more.

        Raises:
            UnknownNameError: It does not.
        """
        if state not in self.diffusion_states:
            raise UnknownNameError(f"`{state}` does not diffuse{did_you_mean(state, self.diffusion_states)}")
        self._module._model.uninsert(diffusion.name_of(state), self._selection)

    def _shared_names(self) -> set[str]:
        every = names.quantities(self._module._model).items()
        return {name for name, quantities in every if not any("." in quantity for quantity in quantities)}
