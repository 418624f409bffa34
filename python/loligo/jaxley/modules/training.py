"""Training: which numbers are trained, and which compartments and synapses share one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from loligo import parameters, view
from loligo.errors import ModelError
from loligo.jaxley import names
from loligo.jaxley.array import Array, like_jaxley
from loligo.jaxley.cylinders import EXTENTS, warn_of_cylinders
from loligo.jaxley.edges import Edges, groups_in_view, parts_in_view
from loligo.parameters import Trainable
from loligo.targets import Targets
from loligo.waveforms import as_numbers

_KEYS = {"cell": 0, "branch": 1}
"""Which of a model's places tells apart the compartments that share a trainable."""


class Training(view.View):
    """Making numbers trainable."""

    __slots__ = ()

    def make_trainable(self, key: str, init_val: float | Sequence[float] | None = None, verbose: bool = True) -> None:
        """Makes a parameter or an initial state trainable. The last selector decides how it is shared.

        Args:
            init_val: Where it starts: one number, or one for each; the mean over what shares it if left out.
        """
        if (of_edges := self._of_edges(key)) is not None:
            quantities: tuple[str, ...] = tuple(part.quantity for part in parts_in_view(self, of_edges, key))
            if len(quantities) > 1:
                raise ModelError(f"`{key}` is of {names.types_of(quantities)}; make it trainable type by type")
            groups = groups_in_view(self, quantities[0])
        else:
            rows, per_quantity = self._rows(key)
            groups = self._sharing(rows)
            quantities = tuple(each for each, _ in per_quantity)
            if key in EXTENTS:
                warn_of_cylinders(self._module, rows, key, stacklevel=2)
        if init_val is None:
            numbers = self._module._view(self._module._model.everything(), self._level).get(key)
            initial = np.array([numbers[group].mean() for group in groups])
        else:
            initial = np.array(np.broadcast_to(as_numbers(init_val, "init_val"), (len(groups),)))
        self._module._trained.append(Trainable(key, quantities, Targets.of(groups), initial))
        if verbose:
            total = self._module.num_trainable_params
            print(f"Added {len(groups)} trainable numbers; there are {total} now.")

    def get_parameters(self) -> parameters.Parameters:
        """Where the trainables in view start: a list of one-key dictionaries, one for each `make_trainable`, with the
        numbers of which something is in view."""
        return [{t.name: like_jaxley(t.initial[kept])} for t, kept, _ in self._trained_in_view()]

    @property
    def trainable_params(self) -> parameters.Parameters:
        """As `get_parameters`."""
        return self.get_parameters()

    @property
    def num_trainable_params(self) -> int:
        """How many trainable numbers there are in view."""
        return sum(len(kept) for _, kept, _ in self._trained_in_view())

    @property
    def indices_set_by_trainables(self) -> list[Array]:
        """For each `make_trainable` what shares each number, of what is in view: labels of the index of `nodes`, or of
        `edges`, shape (number, label), filled up with −1."""
        tables = []
        for _, _, shared in self._trained_in_view():
            table = np.full((len(shared), max(map(len, shared))), -1)
            for row, labels in zip(table, shared):
                row[: len(labels)] = labels
            tables.append(like_jaxley(table))
        return tables

    def delete_trainables(self) -> None:
        """Trains nothing in view any more."""
        inside = self._selection.compartments
        every, in_view = Edges(self._module), self._edge_numbers()
        left = []
        for t in self._module._trained:
            owner = t.quantities[0].partition(".")[0]
            gone = every.row[every.of_type(in_view, owner)] if owner in every.types else inside
            kept = [
                (start, rest)
                for start, target in zip(t.initial, t.targets)
                if (rest := np.setdiff1d(target, gone)).size
            ]
            if kept:
                starts, targets = zip(*kept)
                left.append(Trainable(t.name, t.quantities, Targets.of(targets), np.array(starts)))
        self._module._trained[:] = left

    def _trained_in_view(self) -> list[tuple[Trainable, list[int], list[np.ndarray]]]:
        """What is trained in view: which of its numbers, and the labels in view that share each."""
        every, seen = Edges(self._module), self._edge_numbers()
        inside, labels = self._selection.compartments, self._module._labels
        found = []
        for t in self._module._trained:
            owner = t.quantities[0].partition(".")[0]
            if owner in every.types:
                number = every.of_type(np.arange(len(every)), owner)
                shared = [own[np.isin(own, seen)] for own in (number[target] for target in t.targets)]
            else:
                shared = [labels[target[np.isin(target, inside)]] for target in t.targets]
            kept = [position for position, own in enumerate(shared) if own.size]
            if kept:
                found.append((t, kept, [shared[position] for position in kept]))
        return found

    def _node_numbers(self) -> np.ndarray:
        """For each compartment in view which trainable number it gets; those with the same share one."""
        inside, known = self._selection.compartments, self._node_controls
        if known is not None and known.size == inside.size:
            return known
        sharing = self._selection.sharing
        if sharing == "shared":
            return np.zeros(inside.size, dtype=int)
        return (inside if sharing == "compartment" else self._module._places[_KEYS[sharing]][inside]).astype(int)

    def _edge_controls(self) -> np.ndarray:
        """For each synapse in view which trainable number it gets; those with the same share one."""
        known, count = self._controls, self._edge_numbers().size
        return np.zeros(count, dtype=int) if known is None or known.size != count else known

    def _sharing(self, rows: np.ndarray) -> list[list[int]]:
        """Cuts compartments in view into those that share a number."""
        controls = self._node_numbers()[np.searchsorted(self._selection.compartments, rows)]
        order = np.argsort(controls, kind="stable")
        starts = np.flatnonzero(np.diff(controls[order])) + 1
        return [group.tolist() for group in np.split(rows[order], starts)]
