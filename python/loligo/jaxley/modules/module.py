"""Whole modules: what views look at."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from loligo import modules, origins, parameters
from loligo._engine import Mechanism, Model
from loligo.errors import UnknownNameError, did_you_mean
from loligo.jaxley import coordinates, names
from loligo.jaxley.built import Built, built
from loligo.jaxley.edges import Edges
from loligo.jaxley.modules.diffusing import Diffusing
from loligo.jaxley.modules.stepped import Stepped
from loligo.jaxley.modules.view import View
from loligo.jaxley.tree import Tree
from loligo.parameters import Trainable
from loligo.targets import Targets


class Module(Stepped, Diffusing, View, modules.Module):
    """A whole model. Made as `Compartment`, `Branch`, `Cell` or `Network`."""

    __slots__ = (
        "_clamps",
        "_connected",
        "_controls",
        "_copied",
        "_currents",
        "_cuts",
        "_deletions",
        "_described",
        "_drawn",
        "_edge_keys",
        "_midway",
        "_node_controls",
        "_notes",
        "_scope",
        "_starts",
        "_trained",
        "_what_was_built",
        "_whole_tree",
    )
    _view_class = View

    def __init__(self, origin: origins.Origin, model: Model, inserted: dict[str, Mechanism]) -> None:
        modules.Module.__init__(self, origin, model, inserted)
        self._take_further(({}, {}, [], [], {}, [], None, None, "local", None, {}, [], {}, set()))

    def write_trainables(self, trainable_params: parameters.Parameters) -> None:
        """Writes trained numbers into all compartments that share them."""
        for trainable, numbers in zip(self._trained, parameters.checked(trainable_params, self._trained, None)):
            owner = trainable.quantities[0].partition(".")[0]
            for target, number in zip(trainable.targets, numbers):
                if owner in self._model.synapse_names():
                    chosen = self._model.synapses(owner, target, True)
                    self._model.set_synapses(trainable.quantities[0], float(number), chosen)
                    continue
                self._view(self._model.select(target.tolist(), "shared"), "comp")._put(trainable.name, float(number))

    def init_states(self, delta_t: float = 0.025) -> None:
        """Sets every gate to its steady state for the voltage that is set, and the states of channels written in
        Python to what their `init_state` says."""
        from loligo.simulating import simulate

        self._start_written(delta_t)

        model = self._model.copy()
        model.delete_recordings(model.everything())
        model.delete_clamps(model.everything())
        rows = []
        for mechanism, members in model.mechanisms():
            if mechanism in self._starts:
                continue
            selection = model.select(members, "shared")
            for state in self._inserted[mechanism].states:
                name = f"{mechanism}.{state}"
                model.set_steady(name, selection)
                model.record(name, None, selection)
                rows.append((name, selection))
        if rows:
            still = modules.Module(self._origin, model, self._inserted)
            steady = simulate(still, t_max=delta_t, dt=delta_t, convention="jaxley").recordings[:, 0]
            ends = np.cumsum([len(selection) for _, selection in rows])[:-1]
            for (name, selection), numbers in zip(rows, np.split(steady, ends)):
                self._model.set_each(name, np.ascontiguousarray(numbers), selection)

    def _check_currents(self) -> None:
        """That the currents which channels read are there."""
        present = [mechanism for mechanism, _ in names.channels(self._model)]
        known = {self._currents[mechanism][0] for mechanism in present}
        for mechanism in present:
            start = self._starts.get(mechanism)
            for current in start.currents if start is not None else ():
                if current not in known:
                    raise UnknownNameError(
                        f"the channel {mechanism} reads the current `{current}`, which no channel has"
                        f"{did_you_mean(current, known)}"
                    )

    def _start_written(self, delta_t: float) -> None:
        """Sets states to what `init_state` makes of what is set now."""
        everywhere = self._view(self._model.everything(), self._level)
        made = []
        for mechanism, members in self._model.mechanisms():
            start = self._starts.get(mechanism)
            if start is not None and (start.results or start.refused):
                values = start.values(lambda name, at=members: everywhere.get(name)[at], delta_t)
                made.append((self._view(self._model.select(members, "compartment"), "comp"), values))
        for where, values in made:
            for name, numbers in values.items():
                where.set(name, numbers)

    def _delete_synapses(self, name: str, numbers: np.ndarray) -> None:
        every = Edges(self)
        left = np.ones(len(every), dtype=bool)
        own = every.of_type(np.arange(len(every)), name)
        left[own[numbers]] = False
        super()._delete_synapses(name, numbers)
        self._deletions += 1
        self._connected[:] = every.runs(np.flatnonzero(left))
        if self._controls is not None and self._controls.size == left.size:
            self._controls = self._controls[left]
        if name not in self._model.synapse_names():
            for quantity in [each for each in self._edge_keys if each.partition(".")[0] == name]:
                del self._edge_keys[quantity]
        # the number that each has from now on
        moved = np.where(left[own], np.cumsum(left[own]) - 1, -1)
        clamps = []
        for own_clamp in self._clamps:
            if own_clamp.of == name:
                stay = moved[own_clamp.rows] >= 0
                clamps += own_clamp.kept(stay, moved[own_clamp.rows][stay])
            else:
                clamps.append(own_clamp)
        self._clamps[:] = clamps
        kept = []
        for t in self._trained:
            if t.quantities[0].partition(".")[0] != name:
                kept.append(t)
                continue
            targets = [moved[target][moved[target] >= 0] for target in t.targets]
            there = [index for index, target in enumerate(targets) if target.size]
            if there:
                left_over = Targets.of([targets[index] for index in there])
                kept.append(Trainable(t.name, t.quantities, left_over, t.initial[there]))
        self._trained[:] = kept

    def _trained_targets(self) -> list[Trainable]:
        return self._trained

    def _trainables(self) -> list[Trainable]:
        return self._trained

    @property
    def _labels(self) -> np.ndarray:
        """For each compartment its label in tables: those of a cell are followed by its branch points, and there is
        one wherever a branch has children."""
        return self._tree.labels

    @property
    def _tree(self) -> Tree:
        """How branches hang together; found out once."""
        if self._whole_tree is None:
            self._whole_tree = Tree.of(self._model)
        return self._whole_tree

    @property
    def _as_built(self) -> Built:
        """Compartments and outlines before anything was set, but for cylinders that were made; found out once."""
        if self._what_was_built is None:
            self._what_was_built = built(self._origin).with_cylinders(self._model.cylinders())
        return self._what_was_built

    def _where(self) -> list[np.ndarray]:
        """The points of each branch, where they are now."""
        return self._laid_out(together=False) if self._drawn is None else self._drawn

    def _outlines(self) -> list[np.ndarray]:
        """The same to be moved: they stay where they are from now on, whatever is set."""
        if self._drawn is None:
            self._drawn = self._laid_out(together=False)
        return self._drawn

    def _laid_out(self, *, together: bool) -> list[np.ndarray]:
        """Where branches are if they are not moved, by their lengths as they are now.

        Args:
            together: Whether branches without an outline are laid out with those of other cells, or cell by cell.
        """
        tree, outlines = self._tree, self._as_built.outlines
        level = coordinates.levels(tree.parents)
        deepest = np.zeros(tree.owners.max() + 1, dtype=int)
        np.maximum.at(deepest, tree.owners, level)
        deepest = np.full_like(level, level.max()) if together else deepest[tree.owners]
        lengths = np.add.reduceat(self._model.values("length"), tree.firsts)
        straight = coordinates.fan(tree.parents, lengths, deepest)
        return [ends if outline is None else outline.copy() for outline, ends in zip(outlines, straight)]

    def __copy__(self) -> Module:
        other = super().__copy__()
        for name, value in getattr(self, "__dict__", {}).items():
            other.__dict__[name] = copy.copy(value)
        return other

    def __reduce__(self) -> tuple[Any, ...]:
        # what a class of the user's has beside
        return *super().__reduce__(), getattr(self, "__dict__", None) or None

    def _become(self, origin: origins.Origin, model: Model) -> None:
        """Takes another shape, with the same mechanisms; views that were made before are refused from now on."""
        further, cuts = self._further(), self._cuts
        modules.Module.__init__(self, origin, model, self._inserted)
        self._take_further(further)
        # these are of the compartments that there were
        self._node_controls, self._cuts, self._notes = None, cuts + 1, {}

    def _further(self) -> Any:
        channels = dict(self._currents), dict(self._starts), list(self._trained)
        edges = list(self._connected), dict(self._edge_keys), list(self._copied), self._controls
        rest = self._moved(), self._scope, self._node_controls, dict(self._described), list(self._clamps), self._noted()
        return *channels, *edges, *rest, set(self._midway)

    def _noted(self) -> dict[str, np.ndarray]:
        """The columns of `nodes` that are the user's own."""
        return {name: column.copy() for name, column in self._notes.items()}

    def _moved(self) -> list[np.ndarray] | None:
        """The points of each branch, if they are not where they would be anyway."""
        if self._drawn is None:
            return None
        stay = self._laid_out(together=False)
        if all(np.array_equal(here, there, equal_nan=True) for here, there in zip(self._drawn, stay)):
            return None
        return [points.copy() for points in self._drawn]

    def _take_further(self, further: Any) -> None:
        self._currents, self._starts, self._trained, *edges, self._drawn, self._scope = further[:-5]
        self._node_controls, self._described, self._clamps, self._notes, self._midway = further[-5:]
        self._connected, self._edge_keys, self._copied, self._controls = edges
        # what is found out anew, and what counts for the views of this very module
        self._what_was_built: Built | None = None
        self._whole_tree: Tree | None = None
        self._deletions = 0
        self._cuts = 0

    def _take_defaults(self, numbers: dict[str, float]) -> None:
        """Sets what a class has."""
        for name, number in numbers.items():
            self._put(name, number)

    def _take_channels_of(self, parts: list[Module]) -> None:
        """Takes over what parts know of their channels, and none of their inputs and recordings, as in Jaxley."""
        for part in parts:
            self._currents |= part._currents
            self._starts |= part._starts
            self._described |= part._described
        everything = self._model.everything()
        self._model.delete_stimuli(everything)
        self._model.delete_recordings(everything)


def set_defaults(model: Model) -> None:
    everything = model.everything()
    model.set("axial_resistivity", 5000.0, everything)
    model.set("v", -70.0, everything)
