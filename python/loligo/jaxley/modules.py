"""Compartments, branches, cells and networks with Jaxley's verbs and defaults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo import indices, layout, modules, origins, parameters, view
from loligo._engine import Mechanism, Model, Selection
from loligo.errors import (
    ArgumentError,
    ArgumentTypeError,
    ModelError,
    ReadOnlyError,
    SelectionError,
    UnknownNameError,
    did_you_mean,
)
from loligo.jaxley import names
from loligo.jaxley.channels.compiled import Compiled
from loligo.jaxley.edge_table import EdgeTable
from loligo.jaxley.edges import (
    Edges,
    copied,
    delete_edges,
    groups_in_view,
    labelled,
    picked,
    rows_in_view,
    set_edges,
    synapses_of,
)
from loligo.jaxley.shared import carrier_of, is_current
from loligo.jaxley.written import is_written, written
from loligo.parameters import Injection, Setting, Trainable
from loligo.targets import Targets
from loligo.waveforms import as_numbers, as_waveform

if TYPE_CHECKING:
    import pandas as pd

_ION_CURRENTS = {"i_Na": "ina", "i_K": "ik", "i_Ca": "ica"}

_KEYS = {"shared": None, "cell": 0, "branch": 1}
"""Which of a model's places tells apart the compartments that share a trainable."""


class View(view.View):
    """Some compartments of a module, with Jaxley's verbs."""

    __slots__ = ()
    _scope = "local"

    def insert(self, channel: Any) -> None:
        """Inserts a channel or a pump; its parameters and states, and what it shares with others, get their defaults.

        Args:
            channel: One of `loligo.jaxley.channels` or `loligo.jaxley.pumps`, or of a class with Jaxley's methods, such
                as those of the package jaxley-mech.

        Raises:
            ArgumentTypeError: It is neither.
            TracingError: A method cannot be traced; the message says which line and why.
            ModelError: Another channel of the same name is inserted.
        """
        if isinstance(channel, Compiled):
            mechanism, start = channel.mechanism, None
            numbers = channel.channel_params | channel.channel_states
            recorded = _ION_CURRENTS.get(channel.current_name, f"{mechanism.name}.i")
        elif is_written(channel):
            made = written(channel)
            mechanism, start, numbers = made.mechanism, made.start, made.numbers
            named = str(channel.current_name)
            is_carried = named in mechanism.observables or not is_current(named)
            recorded = f"{mechanism.name}.{named}" if is_carried else f"i{carrier_of(named)}"
        else:
            raise ArgumentTypeError(
                f"insert was given {channel!r}, expected a channel such as loligo.jaxley.channels.HH()"
            )
        super().insert(mechanism)
        self._module._currents[mechanism.name] = (str(channel.current_name), recorded)
        if start is not None:
            self._module._starts[mechanism.name] = start
        for name, default in numbers.items():
            self.set(name, default)

    def delete(self, channel: Any) -> None:
        """Takes a channel out of what is in view, or deletes the synapses of a type in view; see `delete_edges`.

        Raises:
            UnknownNameError: There is none of its name.
            SelectionError: No synapse of the type is in view.
        """
        if channel.name in self._module._model.synapse_names():
            delete_edges(self, Edges(self._module).of_type(self._edges_in_view(), channel.name))
            return
        self._module._model.uninsert(channel.name, self._selection)

    def delete_edges(self) -> None:
        """Deletes the synapses in view, what is recorded of them, and their part in what is trained (Jaxley has no
        verb for that). The rest are numbered anew in the same order; views of edges that were made before raise.

        Raises:
            SelectionError: No synapse is in view.

        >>> import loligo.jaxley as jx
        >>> network = jx.Network([jx.Cell() for _ in range(3)])
        >>> jx.fully_connect(network.cell([0, 1]), network.cell([1, 2]), jx.synapses.TanhRateSynapse())
        >>> network.TanhRateSynapse.edge([0, 3]).delete_edges()
        >>> network.edges[["pre_index", "post_index"]].to_numpy().tolist()
        [[0, 2], [1, 1]]
        """
        delete_edges(self, self._edges_in_view())

    def set(self, key: str, val: float | ArrayLike) -> None:
        """Sets a parameter or an initial state in those compartments, or of those synapses, in view that have it: one
        number, or one for each of them.

        Raises:
            UnknownNameError: A name that stands for nothing.
            ModelError: A number that it cannot have, or a list of the wrong length.
        """
        self._module._note_compiled(stacklevel=2)
        self._put(key, val)

    def _put(self, key: str, val: float | ArrayLike) -> None:
        if (quantity := self._of_edges(key)) is not None:
            set_edges(self, key, quantity, val)
            return
        rows, per_quantity = self._rows(key)
        numbers = as_numbers(val, f"the value of `{key}`")
        if numbers.ndim > 1 or (numbers.ndim == 1 and numbers.size not in (1, rows.size)):
            raise ModelError(f"`{key}` was given numbers of shape {numbers.shape}, expected one or {rows.size}")
        spread = np.broadcast_to(numbers, rows.shape)
        model = self._module._model
        for quantity, here in per_quantity:
            model.set_each(quantity, spread[np.isin(rows, here)], model.select(here.tolist(), "shared"))

    def get(self, name: str) -> np.ndarray:
        """The number of a parameter or initial state in every compartment in view, NaN where there is none; or of every
        synapse in view that has it."""
        model = self._module._model
        if (quantity := self._of_edges(name)) is not None:
            return model.values(quantity)[rows_in_view(self, quantity, name)]
        columns = [model.values(quantity) for quantity in names.quantities_of(model, name)]
        found = columns[0]
        for column in columns[1:]:
            found = np.where(np.isnan(found), column, found)
        return found[self._selection.compartments]

    def data_set(self, key: str, val: Any, param_state: list | None = None) -> list:
        """As `set`, but for one run: what it returns goes to `integrate(..., param_state=...)`."""
        state = [] if param_state is None else param_state
        if (quantity := self._of_edges(key)) is not None:
            rows = rows_in_view(self, quantity, key)
            state.append(Setting(key, synapses_of(self, quantity, rows), val, (quantity,)))
            return state
        quantities = names.quantities_of(self._module._model, key)
        state.append(Setting(key, self._selection, val, quantities))
        return state

    def stimulate(self, current: ArrayLike, verbose: bool = True) -> None:
        """Injects a current, nA, shape (time,), or (compartment, time) with one for each compartment in view."""
        for row, selection in self._each(current, "the current"):
            self._module._model.stimulate(as_waveform(row), selection)
        if verbose:
            print(f"Added {len(self._selection)} stimuli; see `.externals`.")

    def data_stimulate(self, current: Any, data_stimuli: list | None = None, verbose: bool = False) -> list:
        """As `stimulate`, but for one run: what it returns goes to `integrate(..., data_stimuli=...)`."""
        stimuli = [] if data_stimuli is None else data_stimuli
        stimuli.append(Injection(self._selection, current))
        if verbose:
            print(f"Added {len(self._selection)} stimuli to the data.")
        return stimuli

    def clamp(self, state_name: str, state_array: ArrayLike, verbose: bool = True) -> None:
        """Holds the voltage at the values of an array, mV, shape (time,), or (compartment, time)."""
        if state_name != "v":
            raise ArgumentError(f"only `v` can be clamped, not `{state_name}`")
        for row, selection in self._each(state_array, "the array"):
            self._module._model.clamp(as_waveform(row), None, 0.0, np.inf, selection)
        if verbose:
            print(f"Clamped {len(self._selection)} compartments.")

    def record(self, state: str = "v", verbose: bool = True) -> None:
        """Records a voltage (`v`), a state (`HH_m`) or a current (`i_HH`, mA/cm²) of compartments, or a state or the
        current (`i_IonotropicSynapse`, nA) of synapses."""
        model = self._module._model
        known = names.recordables(model, self._module._currents)
        of_edges = names.recordable_of_edges(self._module)
        if state not in known and state in of_edges:
            numbers = rows_in_view(self, of_edges[state], state)
            model.record_synapses(of_edges[state], None, synapses_of(self, of_edges[state], numbers))
            if verbose:
                print(f"Added {numbers.size} recordings; see `.recordings`.")
            return
        known |= of_edges
        if state not in known:
            raise UnknownNameError(f"there is nothing to record called `{state}`{did_you_mean(state, known)}")
        model.record(known[state], None, self._selection)
        if verbose:
            print(f"Added {len(self._selection)} recordings; see `.recordings`.")

    def make_trainable(self, key: str, init_val: float | Sequence[float] | None = None, verbose: bool = True) -> None:
        """Makes a parameter or an initial state trainable. The last selector decides how it is shared.

        Args:
            init_val: Where it starts: one number, or one for each; the mean over what shares it if left out.
        """
        if (quantity := self._of_edges(key)) is not None:
            rows_in_view(self, quantity, key)
            groups = groups_in_view(self, quantity)
            quantities: tuple[str, ...] = (quantity,)
        else:
            rows, per_quantity = self._rows(key)
            groups = _shared(self._module, rows, self._selection.sharing)
            quantities = tuple(each for each, _ in per_quantity)
        if init_val is None:
            numbers = self._module._view(self._module._model.everything(), self._level).get(key)
            initial = np.array([numbers[group].mean() for group in groups])
        else:
            initial = np.array(np.broadcast_to(as_numbers(init_val, "init_val"), (len(groups),)))
        self._module._trained.append(Trainable(key, quantities, Targets.of(groups), initial))
        if verbose:
            total = self._module.num_trainable_params
            print(f"Added {len(groups)} trainable numbers; there are {total} now.")

    def delete_trainables(self) -> None:
        """Trains nothing in view any more."""
        inside = self._selection.compartments
        every, in_view = Edges(self._module), self._edges_in_view()
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

    def edge(self, idx: indices.Index) -> View:
        """Some of the synapses in view, in the order in which they were connected; a trainable gets a number for
        each. In the scope `"global"` numbers count all synapses of the network."""
        there = self._edges_in_view()
        if self._scope == "global":
            chosen = indices.resolved(idx, len(Edges(self._module)), "edge")
            return self._edge_view(there if chosen is None else there[np.isin(there, chosen)], shared=False)
        return self._edge_view(picked(there, idx), shared=False)

    def scope(self, scope: str) -> View:
        """The same in view, with selectors that count anew within what is in view (`"local"`, as they do unless they
        are told), or through the whole module (`"global"`).

        Raises:
            ArgumentError: Another word.

        >>> import loligo.jaxley as jx
        >>> cell = jx.Cell(jx.Branch(ncomp=3), parents=[-1, 0, 0])
        >>> cell.scope("global").comp(7).nodes["global_comp_index"].tolist()
        [7]
        >>> cell.scope("global").branch(2).scope("local").comp(1).nodes["global_comp_index"].tolist()
        [7]
        """
        from loligo.jaxley.global_view import view_in

        return view_in(checked_scope(scope), self._module, self._selection, self._level)

    def set_scope(self, scope: str) -> None:
        """Chooses how the selectors of a whole module count; see `scope`.

        Raises:
            ReadOnlyError: This is a view: it keeps its scope.
        """
        raise ReadOnlyError(f"a view keeps its scope; use scope({scope!r}) for a view that has another")

    def select(self, nodes: indices.Index | None = None, edges: indices.Index | None = None) -> View:
        """The compartments of these labels of the index of `nodes`, or of a mask over its rows; or the synapses of
        these labels of the index of `edges`. A trainable gets a number for each."""
        if edges is not None:
            return self._edge_view(labelled(self._edges_in_view(), edges), shared=False)
        if nodes is None:
            raise ArgumentError("select was given neither nodes nor edges")
        labels = self._module._labels[self._selection.compartments]
        wanted = np.atleast_1d(labels if isinstance(nodes, str) and nodes == "all" else np.asarray(nodes))
        wanted = labels[wanted] if wanted.dtype == bool else wanted
        if (missing := np.setdiff1d(wanted, labels)).size:
            raise SelectionError(f"nothing in view has the label {missing[0]}; the labels are those of `nodes.index`")
        chosen = self._selection.compartments[np.isin(labels, wanted)]
        return self._view(self._module._model.select(chosen.tolist(), "compartment"), self._level)

    @property
    def nodes(self) -> pd.DataFrame:
        """The compartments in view as a table under Jaxley's names, made now; change the model with `set`.

        The index counts the branch points of every cell after its compartments, as Jaxley's does.
        """
        from loligo.tables import Table

        module, inside = self._module, self._selection.compartments
        made = super().nodes
        cells, branches = (places[inside] for places in module._places)
        columns: dict[str, Any] = {
            "local_cell_index": _ranks(cells, np.zeros_like(cells)),
            "local_branch_index": _ranks(branches, cells),
            "local_comp_index": _ranks(inside, branches),
        }
        columns |= {name: self.get(name) for name in names.EVERYWHERE}
        # the table of the model has the areas of the shape, before a radius or a length was set
        radius, length = (columns[name] / module._as_built[name][inside] for name in ("radius", "length"))
        columns["area"] = made["area"].to_numpy() * radius * length
        columns["volume"] = made["volume"].to_numpy() * radius**2 * length
        columns |= {name: made[name].to_numpy() for name in ("x", "y", "z")}
        for name, members in (*module._model.groups(), *module._model.mechanisms()):
            columns[name] = np.isin(inside, members)
        columns |= {name: self.get(name) for name in names.quantities(module._model) if name not in columns}
        columns |= {"global_cell_index": cells, "global_branch_index": branches, "global_comp_index": inside}
        return Table(columns, index=module._labels[inside])

    @property
    def edges(self) -> pd.DataFrame:
        """The synapses that both come from and are onto what is in view, as a table under Jaxley's names, made now;
        change the network with `set`."""
        return self._edge_table()

    def copy_node_property_to_edges(
        self, properties: str | Sequence[str], pre_or_post: str | Sequence[str] = ("pre", "post")
    ) -> None:
        """Has `edges` show columns of `nodes` for the compartments on either side: `pre_radius`, `post_radius`."""
        wanted = copied(properties, pre_or_post)
        if missing := [name for name, _ in wanted if name not in self.nodes.columns]:
            raise UnknownNameError(
                f"`nodes` has no column `{missing[0]}`{did_you_mean(missing[0], self.nodes.columns)}"
            )
        known = self._module._copied
        known.extend(each for each in wanted if each not in known)

    def __enter__(self) -> View:
        return self

    def __exit__(self, *_: Any) -> None:
        """Nothing has to be put back."""

    def vis(self, ax: Any = None, color: Any = "black", dims: tuple[int, int] = (0, 1), **options: Any) -> Any:
        """Draws what is in view."""
        return self.plot(color, ax=ax, dims=dims, **options)

    def _edges_in_view(self) -> np.ndarray:
        """The synapses in view, in the order in which they were connected."""
        every = Edges(self._module)
        return every.within(np.arange(len(every)), self._selection.compartments)

    def _edge_controls(self) -> np.ndarray:
        """For each synapse in view which trainable number it gets; those with the same share one."""
        return np.zeros(self._edges_in_view().size, dtype=int)

    def _edge_table(self) -> pd.DataFrame:
        from loligo.tables import Table

        return Table(Edges(self._module).table(self._edges_in_view(), self._edge_controls()))

    def _edge_view(self, numbers: np.ndarray, *, shared: bool) -> View:
        from loligo.jaxley.edge_view import EdgeView

        return EdgeView(self._module, numbers, shared=shared, level=self._level, scope=self._scope)

    def _view(self, selection: Selection, level: str) -> View:
        from loligo.jaxley.global_view import view_in

        return view_in(self._scope, self._module, selection, level)

    def _narrowed(self, level: str, index: indices.Index) -> View:
        if self._scope == "local":
            return super()._narrowed(level, index)
        from loligo.jaxley.global_view import numbered

        return self._view(numbered(self, level, index), level)

    def _synapses_called(self, name: str) -> View:
        return self._edge_view(Edges(self._module).of_type(self._edges_in_view(), name), shared=True)

    def _of_edges(self, key: str) -> str | None:
        """The quantity of synapses that a name stands for, if it is none of compartments."""
        model = self._module._model
        if not model.synapse_names() or key in names.quantities(model):
            return None
        return names.of_edges(self._module).get(key)

    def _each(self, values: ArrayLike, what: str) -> Iterator[tuple[np.ndarray, Selection]]:
        """Values over time for each compartment in view."""
        samples, inside = as_numbers(values, what), self._selection.compartments
        if samples.ndim not in (1, 2) or (samples.ndim == 2 and len(samples) != inside.size):
            raise ArgumentError(f"{what} has shape {samples.shape}, expected (time,) or ({inside.size}, time)")
        for row, compartment in zip(np.broadcast_to(samples, (inside.size, samples.shape[-1])), inside):
            yield row, self._module._model.select([int(compartment)], "compartment")

    def _rows(self, key: str) -> tuple[np.ndarray, list[tuple[str, np.ndarray]]]:
        """The compartments in view that have a parameter, and those of each quantity that it stands for."""
        model, inside = self._module._model, self._selection.compartments
        per_quantity = []
        for quantity in names.quantities_of(model, key):
            here = inside[_having(model, quantity)[inside]]
            if here.size:
                per_quantity.append((quantity, here))
        if not per_quantity:
            raise ModelError(f"nothing in view has `{key}`")
        return np.unique(np.concatenate([here for _, here in per_quantity])), per_quantity


class Module(View, modules.Module):
    """A whole model. Made as `Compartment`, `Branch`, `Cell` or `Network`."""

    __slots__ = (
        "_connected",
        "_controls",
        "_copied",
        "_currents",
        "_deletions",
        "_edge_keys",
        "_positions",
        "_scope",
        "_sizes",
        "_starts",
        "_trained",
    )
    _view_class = View

    def __init__(self, origin: origins.Origin, model: Model, inserted: dict[str, Mechanism]) -> None:
        modules.Module.__init__(self, origin, model, inserted)
        self._take_further(({}, {}, [], [], {}, [], None, None, "local"))

    @property
    def edges(self) -> pd.DataFrame:
        """The synapses as a table under Jaxley's names, made now; change the network with `set`. The column
        `controlled_by_param` may be written: synapses of the same number in it share what is trained from then on,
        until others are connected."""
        return self._edge_table()

    def set_scope(self, scope: str) -> None:
        """Chooses how selectors count; see `scope`.

        Raises:
            ArgumentError: Another word than `"local"` or `"global"`.
        """
        self._scope = checked_scope(scope)

    def _edge_controls(self) -> np.ndarray:
        known, there = self._controls, self._edges_in_view()
        return np.zeros(there.size, dtype=int) if known is None or known.size != there.size else known

    def _edge_table(self) -> pd.DataFrame:
        def control(controls: np.ndarray) -> None:
            self._controls = controls

        return EdgeTable.of(Edges(self).table(self._edges_in_view(), self._edge_controls()), control)

    def get_parameters(self) -> parameters.Parameters:
        """Where the trainables start: a list of one-key dictionaries, one for each `make_trainable`."""
        return [{t.name: t.initial.copy()} for t in self._trained]

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

    @property
    def num_trainable_params(self) -> int:
        """How many trainable numbers there are."""
        return sum(len(t.targets) for t in self._trained)

    @property
    def trainable_params(self) -> parameters.Parameters:
        """As `get_parameters`."""
        return self.get_parameters()

    @property
    def recordings(self) -> pd.DataFrame:
        """What is recorded, in the order of the rows of `integrate`; synapses by their numbers among those of their
        type."""
        import pandas as pd

        theirs = {ours: name for name, ours in names.recordables(self._model, self._currents).items()}
        of_edges = {ours: name for name, ours in names.recordable_of_edges(self).items()}
        labels = self._labels
        rows = [
            (at, of_edges[what]) if what in of_edges else (labels[at], theirs.get(what, what))
            for at, what, _ in self._model.recordings()
        ]
        return pd.DataFrame(rows, columns=["rec_index", "state"])

    @property
    def externals(self) -> dict[str, np.ndarray]:
        """The currents of the stimuli, nA, shape (stimulus, time), under the key `i`."""
        stimuli = self._model.stimuli()
        lengths = {current.sample_count for _, current in stimuli}
        if len(lengths) > 1:
            raise ArgumentError(f"the stimuli have {sorted(lengths)} time steps, expected the same number in all")
        return {"i": np.array([current.sampled(1.0, *lengths) for _, current in stimuli])} if stimuli else {}

    @property
    def external_inds(self) -> dict[str, np.ndarray]:
        """Where the stimuli are, as labels of the index of `nodes`, under the key `i`."""
        stimulated = [compartment for compartment, _ in self._model.stimuli()]
        return {"i": self._labels[stimulated]} if stimulated else {}

    @property
    def synapse_param_names(self) -> list[str]:
        """The names of the parameters of synapses."""
        states = self.synapse_state_names
        return [key for key in names.of_edges(self) if key not in states]

    @property
    def synapse_state_names(self) -> list[str]:
        """The names of the states of synapses."""
        return [key for key in names.of_edges(self) if key in names.recordable_of_edges(self)]

    @property
    def synapse_current_names(self) -> list[str]:
        """The names of the currents of synapses."""
        return [f"i_{name}" for name in self.synapse_names]

    @property
    def group_names(self) -> list[str]:
        """The names of the groups."""
        return list(self.groups)

    def init_states(self, delta_t: float = 0.025) -> None:
        """Sets every gate to its steady state for the voltage that is set, and the states of channels written in
        Python to what their `init_state` says."""
        from loligo.simulation import simulate

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
        present = [mechanism for mechanism, _ in self._model.mechanisms()]
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
            if start is not None and start.results:
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

    def _trainables(self) -> list[Trainable]:
        return self._trained

    @property
    def _labels(self) -> np.ndarray:
        """For each compartment its label in tables: those of a cell are followed by its branch points, and there is
        one wherever a branch has children."""
        rows = self._model.branches()
        points = np.zeros(self._model.counts[0], dtype=int)
        for parent in {row[1][0] for row in rows if row[1] is not None}:
            points[rows[parent][2]] += 1
        cells = self._places[0]
        return np.arange(cells.size) + (np.cumsum(points) - points)[cells]

    @property
    def _as_built(self) -> dict[str, np.ndarray]:
        """Radius and length of the compartments of the shape, µm, before any was set; made once."""
        if not self._sizes:
            bare = origins.build(self._origin)
            self._sizes = {name: bare.values(name) for name in ("radius", "length")}
        return self._sizes

    def _further(self) -> Any:
        edges = list(self._connected), dict(self._edge_keys), list(self._copied), self._controls
        return dict(self._currents), dict(self._starts), list(self._trained), *edges, self._positions, self._scope

    def _take_further(self, further: Any) -> None:
        self._currents, self._starts, self._trained, *edges, self._positions, self._scope = further
        self._connected, self._edge_keys, self._copied, self._controls = edges
        # what is found out anew, and what counts for the views of this very module
        self._sizes: dict[str, np.ndarray] = {}
        self._deletions = 0

    def _take_channels_of(self, parts: list[Module]) -> None:
        """Takes over what parts know of their channels."""
        for part in parts:
            self._currents |= part._currents
            self._starts |= part._starts


class Compartment(Module):
    """A cylinder of length 10 µm and radius 1 µm."""

    __slots__ = ()
    _whole_level = "comp"

    def __init__(self) -> None:
        origin = ("cylinder", 10.0, 1.0, 1)
        super().__init__(origin, origins.build(origin), {})
        _set_defaults(self._model)


class Branch(modules.Branch, Module):
    """An unbranched cable.

    Args:
        compartments: One compartment, repeated `ncomp` times, or a list.
        ncomp: How many compartments.
    """

    __slots__ = ()

    def __init__(self, compartments: Module | Sequence[Module] | None = None, ncomp: int | None = None) -> None:
        super().__init__(compartments, ncomp)
        self._take_channels_of(self._parts_of(compartments, ncomp))

    @staticmethod
    def _default_compartment() -> Module:
        return Compartment()


class Cell(modules.Cell, Module):
    """A tree of branches; each attaches to the far end of its parent.

    Args:
        branches: One branch, repeated for each parent, or a list.
        parents: The parent of each branch; −1 for the first, the root.
    """

    __slots__ = ()

    def __init__(
        self,
        branches: Module | Sequence[Module] | None = None,
        parents: Sequence[int] | None = None,
        xyzr: list[np.ndarray] | None = None,
    ) -> None:
        if xyzr is not None:
            raise ArgumentError("xyzr is not supported, expected None; read a file with read_swc for a shape")
        super().__init__(branches, parents)
        parts = [branches] if isinstance(branches, Module) else list(branches or [])
        self._take_channels_of(parts)

    @staticmethod
    def _default_branch() -> Module:
        return Branch()

    @classmethod
    def _read(cls, origin: origins.Origin) -> Cell:
        cell = super()._read(origin)
        _set_defaults(cell._model)
        return cell


class Network(modules.Network, Module):
    """Cells side by side.

    Args:
        cells: The cells.
        vectorize_cells: Accepted for Jaxley's sake; like cells always run together.
    """

    __slots__ = ()

    def __init__(self, cells: Sequence[Module], vectorize_cells: bool | None = None) -> None:
        super().__init__(cells)
        self._take_channels_of(list(cells))

    def arrange_in_layers(
        self,
        layers: Sequence[int],
        within_layer_offset: float = 500.0,
        between_layer_offset: float = 1500.0,
        vertical_layers: bool = False,
    ) -> None:
        """Says where `vis` draws the cells: in columns from left to right, or in rows from above.

        Args:
            layers: How many cells are in each layer, which are the next in the order of the network.
            within_layer_offset: Distance of neighbours in a layer, µm.
            between_layer_offset: Distance of neighbouring layers, µm.
            vertical_layers: Whether layers are rows.

        Raises:
            ArgumentError: Layers with more or fewer cells than there are.

        >>> import loligo.jaxley as jx
        >>> network = jx.Network([jx.Cell() for _ in range(3)])
        >>> network.arrange_in_layers([2, 1])
        """
        offsets = layout.arrange_in_layers(layers, within=within_layer_offset, between=between_layer_offset)
        if vertical_layers:
            downwards = offsets[:, 0].max(initial=0.0) - offsets[:, 0]
            offsets = np.stack([offsets[:, 1], downwards, offsets[:, 2]], axis=1)
        moved = layout.moves(self._model, offsets)
        roots = {cell: points[0, :3] for _, parent, cell, _, _, points in self._model.branches() if parent is None}
        self._positions = moved - np.array([roots[cell] for cell in range(len(moved))])

    def vis(
        self,
        detail: str = "full",
        ax: Any = None,
        color: Any = "black",
        synapse_color: Any = "blue",
        dims: tuple[int, int] = (0, 1),
    ) -> Any:
        """Draws the cells where `arrange_in_layers` put them, and their synapses; see `loligo.plot_network`.

        Args:
            detail: Accepted for Jaxley's sake: cells that are too small to be seen are dots.
        """
        from loligo.network_plot import plot_network

        where = {"ax": ax, "dims": dims, "positions": self._positions}
        return plot_network(self, color, synapse_color=synapse_color, **where)


def checked_scope(scope: str) -> str:
    """One of the two scopes."""
    if scope not in ("local", "global"):
        raise ArgumentError(f"the scope is {scope!r}, expected 'local' or 'global'")
    return scope


def _set_defaults(model: Model) -> None:
    everything = model.everything()
    model.set("axial_resistivity", 5000.0, everything)
    model.set("v", -70.0, everything)


def _ranks(keys: np.ndarray, within: np.ndarray) -> np.ndarray:
    """For each key, how many smaller ones there are that are in the same part of `within`."""
    first = np.unique(within, return_index=True)[1]
    order = np.cumsum(np.diff(keys, prepend=-1) != 0) - 1  # keys ascend
    return order - order[first][np.searchsorted(within[first], within)]


def _having(model: Model, quantity: str) -> np.ndarray:
    """For every compartment, whether it has a quantity; a state may be there without a number."""
    mechanism, _, own = quantity.partition(".")
    if not own:
        return ~np.isnan(model.values(quantity))
    members = dict(model.mechanisms())[mechanism]
    there = np.zeros(model.counts[2], dtype=bool)
    there[members] = True
    return there


def _shared(module: Module, rows: np.ndarray, sharing: str) -> list[list[int]]:
    """Cuts compartments into those that share a number."""
    if sharing == "shared":
        return [rows.tolist()]
    keys = rows if sharing == "compartment" else module._places[_KEYS[sharing]][rows]
    return [part.tolist() for part in np.split(rows, np.flatnonzero(np.diff(keys)) + 1)]


__all__ = ["Branch", "Cell", "Compartment", "Module", "Network", "Selection", "View"]
