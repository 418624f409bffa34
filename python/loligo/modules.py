"""Modules: compartments, branches, cells and networks, built from parts or read from files."""

from __future__ import annotations

import copy
import os
import warnings
import weakref
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from loligo import connecting, origins, parameters
from loligo._engine import Mechanism, Model, Program
from loligo.arguments import as_float, as_list, as_name, as_whole
from loligo.channel import Synapse
from loligo.errors import ArgumentError, ArgumentTypeError, CompiledWarning, TemperatureWarning
from loligo.spiking import SpikeTrains, SpikingSynapse
from loligo.synapses import Synapses
from loligo.targets import Targets
from loligo.view import View, _counted

if TYPE_CHECKING:
    import pandas as pd

    from loligo.parameters import Hold, Play
    from loligo.plots.cells import Color


class Module(View):
    """A whole model: what a view looks at. Made as `Compartment`, `Branch`, `Cell` or `Network`."""

    __slots__ = ("_compiled", "_inserted", "_model", "_origin", "_places", "_programs", "_temperature_was_noted")
    _whole_level = "network"
    _view_class = View

    def __init__(self, origin: origins.Origin, model: Model, inserted: dict[str, Mechanism]) -> None:
        self._origin = origin
        self._model = model
        self._inserted = inserted
        self._places = self._model.places
        self._programs: dict[Any, Any] = {}
        self._compiled: weakref.WeakSet[Any] = weakref.WeakSet()
        """Runs that a framework has compiled with the numbers that the model had."""
        self._temperature_was_noted = False
        super().__init__(self, self._model.everything(), self._whole_level)

    @property
    def celsius(self) -> float:
        """Temperature, °C; 6.3, the squid's, until it is set."""
        return float(self._model.values("celsius")[0])

    @celsius.setter
    def celsius(self, value: float) -> None:
        self.set("celsius", value)

    @property
    def groups(self) -> dict[str, np.ndarray]:
        """The names of the groups, and the compartments in them."""
        return {name: np.array(members) for name, members in self._model.groups()}

    @property
    def mechanisms(self) -> dict[str, np.ndarray]:
        """The names of the mechanisms, synapses aside, and the compartments that have them."""
        return {name: np.array(members) for name, members in self._model.mechanisms()}

    @property
    def synapse_names(self) -> list[str]:
        """The names of the synapses."""
        return self._model.synapse_names()

    @property
    def quantities(self) -> list[str]:
        """The names of all that can be set."""
        return self._model.quantities()

    @property
    def notes(self) -> list[str]:
        """What the reader of the morphology had to decide."""
        return self._model.notes()

    @property
    def recordings(self) -> list[str]:
        """The names of what is recorded, in the order of the rows of a run."""
        return [name for _, _, name in self._model.recordings()]

    def ion_style(self, ion: str, reversal: str) -> None:
        """Chooses what the reversal potential of an ion is, in all compartments whose mechanisms do not write it.

        Unless it is chosen, it is what was set, or follows from the concentrations where a mechanism reads or writes
        one. NEURON's function of the same name chooses for a section what this chooses for the model.

        Args:
            ion: `"ca"`, `"k"`, …
            reversal: `"given"` (what is set as `eca`), `"at start"` (the Nernst potential of the concentrations at
                t = 0), `"every step"` (that of the concentrations as they are), or `"automatic"` (as mechanisms make
                it, which is the default).

        Raises:
            UnknownNameError: No mechanism uses the ion; the message names the nearest.
            ArgumentError: Another word for what it is.

        >>> import loligo as lo
        >>> axon = lo.Compartment()
        >>> axon.insert(lo.mechanism("hh"))
        >>> axon.ion_style("k", "every step")
        >>> axon.set("ko", 8.0)
        """
        self._model.set_reversal(as_name(ion, "the ion"), as_name(reversal, "the reversal potential"))

    def connect(
        self,
        pre: View | ArrayLike | SpikeTrains,
        post: View | ArrayLike,
        synapse: Synapse | Mechanism | SpikingSynapse,
    ) -> Synapses:
        """Connects compartments one to one: the first of `pre` with the first of `post`, and so on.

        Args:
            pre: Where synapses come from: a view of this module, or numbers of compartments, counted through the
                module (the index of `nodes`); or spikes at given times, `loligo.SpikeTrains`.
            post: Where their currents flow into.
            synapse: A `loligo.IonotropicSynapse()`, or one of another class of synapses; or a point process from a
                `.mod` file with one POINTER, by which it reads the voltage of `pre` (`loligo.mechanism("halfgap")`); or
                a `loligo.SpikingSynapse`, which takes the events of spikes.

        Raises:
            ArgumentError: Different numbers of compartments on both sides, or compartments that there are not.
            ModelError: Another synapse or mechanism of the same name is there.
            TracingError: It is written in Python, and cannot be traced; the message says which line and why.

        >>> import loligo as lo
        >>> network = lo.Network([lo.Cell() for _ in range(4)])
        >>> network.connect(network.cell([0, 1]), network.cell([2, 3]), lo.IonotropicSynapse())
        <2 synapses IonotropicSynapse>
        >>> network.connect([3], [0], lo.TanhRateSynapse("slow"))
        <1 synapse slow>
        >>> network.edges[["synapse", "pre", "post"]].to_numpy().tolist()
        [['IonotropicSynapse', 0, 2], ['IonotropicSynapse', 1, 3], ['slow', 3, 0]]
        """
        return connecting.connect(self, pre, post, synapse)

    def connect_edges(
        self, edges: pd.DataFrame | Mapping[str, ArrayLike] | ArrayLike, synapse: Synapse | Mechanism | SpikingSynapse
    ) -> Synapses:
        """Connects compartments as a list says, all at once.

        Args:
            edges: A table or a dictionary with the columns `pre` and `post`, compartments counted through the module;
                further columns are parameters, or states at t = 0, of the synapses. Or an array of shape (synapse, 2).
            synapse: See `connect`.

        Raises:
            ArgumentError: Columns that are missing, of different lengths, or not finite; compartments that there are
                not.
            UnknownNameError: A column that is none of the synapse's parameters.

        >>> import loligo as lo
        >>> network = lo.Network([lo.Cell() for _ in range(3)])
        >>> edges = {"pre": [0, 1], "post": [2, 2], "gS": [1e-4, 3e-4]}
        >>> network.connect_edges(edges, lo.IonotropicSynapse()).get("gS").tolist()
        [0.0001, 0.0003]
        """
        return connecting.connect_edges(self, edges, synapse)

    def get_parameters(self) -> parameters.Parameters:
        """The trainable numbers as they are now: a list of one-key dictionaries, one for each `make_trainable`."""
        return [{t.name: t.initial.copy()} for t in self._trainables()]

    def write_trainables(self, values: parameters.Parameters) -> None:
        """Writes trained numbers into all compartments that share them.

        Raises:
            ArgumentError: Parameters of another model.
            ModelError: A number that its quantity cannot have, or out of bounds.
        """
        numbers = [parameters.value_of(own) for own in parameters.checked(values, self._trainables(), lanes=None)]
        self._model.write_parameters(np.concatenate(numbers).tolist() if numbers else [])

    def copy(self) -> Module:
        """A copy that goes its own way."""
        return copy.copy(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the module to a file that ends in `.loligo`; see `loligo.save`."""
        from loligo.saving import save  # which knows all kinds of modules

        save(self, path)

    def _delete_synapses(self, name: str, numbers: np.ndarray) -> None:
        """Deletes synapses of a name by their numbers."""
        self._model.delete_synapses(self._model.synapses(name, numbers, True))
        if name not in self._model.connected_names():
            del self._inserted[name]

    def _trained_targets(self) -> list[parameters.Trained]:
        """What is trained where; kept until the structure of the model changes."""
        if "trained" not in self._kept():
            self._kept()["trained"] = [
                parameters.Trained(quantity, (quantity,), Targets(rows, ends))
                for _, quantity, rows, ends, _ in self._model.trainables()
            ]
        return self._kept()["trained"]

    def _trainables(self) -> list[parameters.Trainable]:
        rows = self._model.trainables()
        numbers = np.split(self._model.parameters(), np.cumsum([ends.size for _, _, _, ends, _ in rows])[:-1])
        return [
            parameters.Trainable(quantity, (quantity,), Targets(rows, ends), initial, bounds)
            for (_, quantity, rows, ends, bounds), initial in zip(rows, numbers)
        ]

    def _kept(self) -> dict[Any, Any]:
        """What was made of the model, as long as its structure stays."""
        version = self._model.structure_version
        if self._programs.get("version") != version:
            self._programs = {"version": version}
        return self._programs

    def _note_compiled(self, stacklevel: int) -> None:
        """Warns, once, that what was compiled does not see a change."""
        if len(self._compiled):
            self._compiled.clear()
            warnings.warn(
                "the model was changed after JAX had compiled a run of it, which goes on with the numbers that it was "
                "compiled with; pass what varies (make_trainable, data_set), or compile a new function",
                CompiledWarning,
                stacklevel=stacklevel + 1,
            )

    def _note_temperature(self, stacklevel: int) -> None:
        """Warns, once, of mechanisms that depend on a temperature that was never set."""
        if self._temperature_was_noted:
            return
        if unset := self._model.unset_temperature():
            self._temperature_was_noted = True
            advice = "say which it is, also where it is that: cell.celsius = 6.3"
            warnings.warn(f"{unset}; {advice}", TemperatureWarning, stacklevel=stacklevel + 1)

    def _program(
        self,
        choices: tuple[str, str, str],
        injected: tuple[int, ...] = (),
        played: Sequence[Play] = (),
        held: Sequence[Hold] = (),
    ) -> Program:
        """The model ready to run by a scheme, a convention and a choice of spike times, with further stimuli in the
        compartments `injected`, and behind these for what is played and what is held; kept until the structure of the
        model changes."""
        key = (
            choices,
            injected,
            *(tuple((own.quantity, own.selection.rows.tobytes()) for own in driven) for driven in (played, held)),
        )
        if key not in self._kept():
            model = self._model
            if injected or played:
                model = model.copy()
                for compartment in injected:
                    model.stimulate(origins.SILENCE, model.select([compartment], "compartment"))
                for own in played:
                    standing_in = origins.as_set(model, own.quantity, own.selection)
                    origins.play(model, own.quantity, standing_in, own.selection)
            self._programs[key] = Program(model, *choices, [(own.quantity, own.selection) for own in held])
        return self._programs[key]

    def _silent(self) -> Self:
        """A copy without stimuli, plays and recordings, with the numbers that are set now."""
        silent = copy.copy(self)
        everything = silent._model.everything()
        silent._model.delete_stimuli(everything)
        silent._model.delete_plays(everything)
        silent._model.delete_recordings(everything)
        return silent

    def _keep_programs_of(self, other: Module, purpose: str) -> None:
        """Lends a changed copy the programs that earlier ones for this purpose had, as long as the structure of the
        module stays."""
        programs = self._kept().setdefault(purpose, {})
        programs["version"] = other._model.structure_version
        other._programs = programs

    def _further(self) -> Any:
        """What a subclass keeps of its own, as plain data."""
        return None

    def _take_further(self, further: Any) -> None:
        """Takes over what `_further` returned."""

    def __copy__(self) -> Module:
        return _remade(type(self), self._origin, self._model.copy(), dict(self._inserted), self._further())

    def __deepcopy__(self, memo: dict[str, Any]) -> Module:
        return self.__copy__()

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._origin, origins.contents(self._model, self._inserted), self._further())

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()}: {_counted(self)}>"


class Compartment(Module):
    """A single compartment, a cylinder.

    Args:
        length: µm.
        radius: µm.

    Raises:
        MorphologyError: A length or radius that is not positive.
    """

    __slots__ = ()
    _whole_level = "comp"

    def __init__(self, length: float = 10.0, radius: float = 1.0) -> None:
        origin = ("cylinder", as_float(length, "length", "µm"), as_float(radius, "radius", "µm"), 1)
        super().__init__(origin, origins.build(origin), {})


class Branch(Module):
    """An unbranched cable of compartments, from its 0 end to its 1 end.

    Args:
        compartments: One compartment that is repeated, or a list of them; the default compartment if left out.
        ncomp: How often to repeat one compartment; 1 if left out.

    >>> Branch(Compartment(length=25), ncomp=4)
    <branch: 1 cell, 1 branch, 4 compartments>
    """

    __slots__ = ()
    _whole_level = "branch"

    def __init__(self, compartments: Module | Sequence[Module] | None = None, ncomp: int | None = None) -> None:
        parts = self._parts_of(compartments, ncomp)
        super().__init__(("chain", _origins(parts)), Model.chain(_models(parts)), _inserted(parts))

    def _parts_of(self, compartments: Module | Sequence[Module] | None, ncomp: int | None) -> list[Module]:
        ncomp = None if ncomp is None else as_whole(ncomp, "ncomp", 1)
        one = self._default_compartment() if compartments is None else compartments
        if isinstance(one, Module):
            return [one] * (1 if ncomp is None else ncomp)
        parts = modules(one, "compartments")
        if ncomp is not None and ncomp != len(parts):
            raise ArgumentError(f"ncomp is {ncomp}, but {len(parts)} compartments were given")
        return parts

    @staticmethod
    def _default_compartment() -> Module:
        return Compartment()

    def __len__(self) -> int:
        return self.shape[-1]


class Cell(Module):
    """A tree of branches; each attaches to the 1 end of its parent.

    Args:
        branches: One branch, repeated as often as there are parents, or a list of them; a branch of one compartment if
            left out.
        parents: For each branch the number of its parent, which comes before it; −1 for the first, the root.

    >>> Cell(Branch(ncomp=2), parents=[-1, 0, 0])
    <cell: 1 cell, 3 branches, 6 compartments>
    """

    __slots__ = ()
    _whole_level = "cell"

    def __init__(self, branches: Module | Sequence[Module] | None = None, parents: Sequence[int] | None = None) -> None:
        one = self._default_branch() if branches is None else branches
        # arrays of any framework
        parents = np.asarray(parents).tolist() if hasattr(parents, "__array__") else parents
        if isinstance(one, Module):
            parents = [-1] if parents is None else as_list(parents, "parents", "numbers of branches")
            parts = [one] * len(parents)
        else:
            parts = modules(one, "branches")
            if parents is None:
                raise ArgumentError(f"parents is missing: expected the parent of each of {len(parts)} branches")
        parents = as_list(parents, "parents", "numbers of branches")
        if not all(isinstance(parent, int | np.integer) and parent >= -1 for parent in parents):
            raise ArgumentError(f"parents is {list(parents)!r}, expected numbers of branches, and -1 for the root")
        above = [None if parent == -1 else int(parent) for parent in parents]
        super().__init__(("tree", _origins(parts), above), Model.tree(_models(parts), above), _inserted(parts))

    @staticmethod
    def _default_branch() -> Module:
        return Branch()

    @classmethod
    def _read(cls, origin: origins.Origin) -> Cell:
        cell = object.__new__(cls)
        # that of the door's modules, where it is a cell of the door
        super(Cell, cell).__init__(origin, origins.build(origin), {})
        return cell


class Network(Module):
    """Cells side by side; `connect` makes synapses between them.

    >>> Network([Cell(), Cell()])
    <network: 2 cells, 2 branches, 2 compartments>
    """

    __slots__ = ()
    _whole_level = "network"

    def __init__(self, cells: Sequence[Module]) -> None:
        parts = modules(cells, "cells")
        super().__init__(("network", _origins(parts)), Model.network(_models(parts)), _inserted(parts))

    def plot(self, color: Color | None = None, **options: Any) -> Any:
        """Draws the cells and the synapses between them; see `loligo.plot_network`."""
        from loligo.plots.networks import plot_network

        return plot_network(self, color, **options)


def modules(parts: Any, what: str) -> list[Module]:
    """A list of modules."""
    parts = as_list(parts, what, "modules")
    for part in parts:
        if not isinstance(part, Module):
            raise ArgumentTypeError(f"{what} holds {part!r}, expected modules")
    return parts


def _origins(parts: list[Module]) -> list[origins.Origin]:
    return [part._origin for part in parts]


def _models(parts: list[Module]) -> list[Model]:
    return [part._model for part in parts]


def _inserted(parts: list[Module]) -> dict[str, Mechanism]:
    return {name: mechanism for part in parts for name, mechanism in part._inserted.items()}


def _restored(kind: type[Module], origin: origins.Origin, contents: origins.Contents, further: Any) -> Module:
    return _remade(kind, origin, *origins.restored(origin, contents), further)


def _remade(
    kind: type[Module], origin: origins.Origin, model: Model, inserted: dict[str, Mechanism], further: Any
) -> Module:
    module = object.__new__(kind)
    Module.__init__(module, origin, model, inserted)
    module._take_further(further)
    return module
