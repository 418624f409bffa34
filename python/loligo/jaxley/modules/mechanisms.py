"""Numbers: the channels that are in view, and what is set of them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from loligo import view
from loligo._engine import Model
from loligo.errors import ArgumentError, ArgumentTypeError, ModelError, OtherChannelWarning
from loligo.jaxley import diffusion, names
from loligo.jaxley.channels.compiled import Compiled
from loligo.jaxley.cylinders import EXTENTS, make_cylinders, warn_of_cylinders
from loligo.jaxley.described import ChannelDescription
from loligo.jaxley.edges import Edges, delete_edges, parts_in_view, set_edges, synapses_of, values_of_edges
from loligo.jaxley.shared import carrier_of, is_current
from loligo.jaxley.written import is_written, written
from loligo.parameters import Batch, Setting, as_array, shape_of
from loligo.waveforms import as_numbers

_ION_CURRENTS = {"i_Na": "ina", "i_K": "ik", "i_Ca": "ica"}


class Mechanisms(view.View):
    """Inserting and setting."""

    __slots__ = ()

    def insert(self, channel: Any) -> None:
        """Inserts a channel or a pump; its parameters and states, and what it shares with others, get their defaults.

        Args:
            channel: One of `loligo.jaxley.channels` or `loligo.jaxley.pumps`, or of a class with Jaxley's methods, such
                as those of the package jaxley-mech.

        Raises:
            ArgumentTypeError: It is neither.
            TracingError: A method cannot be traced; the message says which line and why.
            ModelError: Another channel of the same name is inserted.

        Warns:
            OtherChannelWarning: One of the same name, parameters and states is inserted that computes something else,
                such as with other constants. As in Jaxley the first one counts.
        """
        if isinstance(channel, Compiled):
            mechanism, start, numbers = channel.mechanism, None, channel.numbers()
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
        description = ChannelDescription.of(channel)
        try:
            super().insert(mechanism)
        except ModelError:
            first = self._module._inserted.get(mechanism.name)
            if first is None or self._module._described.get(mechanism.name) != description:
                raise
            super().insert(first)
            warnings.warn(
                f"another {mechanism.name} is inserted already, which computes something else (has it other "
                "constants?); as in Jaxley the first one counts: give one of them a name of its own",
                OtherChannelWarning,
                stacklevel=2,
            )
            start = self._module._starts.get(mechanism.name)
        self._module._described[mechanism.name] = description
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
            delete_edges(self, Edges(self._module).of_type(self._edge_numbers(), channel.name))
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
        delete_edges(self, self._edge_numbers())

    def set(self, key: str, val: float | ArrayLike) -> None:
        """Sets a parameter or an initial state in those compartments, or of those synapses, in view that have it: one
        number, or one for each of them. A radius or a length makes cylinders of reconstructed compartments, and warns.

        Raises:
            UnknownNameError: A name that stands for nothing.
            ModelError: A number that it cannot have, or a list of the wrong length.
        """
        self._module._note_compiled(stacklevel=2)
        if key in EXTENTS:
            warn_of_cylinders(self._module, self._selection.compartments, key, stacklevel=2)
        self._put(key, val)

    def _put(self, key: str, val: float | ArrayLike) -> None:
        if (quantities := self._of_edges(key)) is not None:
            set_edges(self, key, quantities, val)
            return
        rows, per_quantity = self._rows(key)
        numbers = self._as_in_module(as_numbers(val, f"the value of `{key}`"))
        if numbers.ndim > 1 or (numbers.ndim == 1 and numbers.size not in (1, rows.size)):
            raise ModelError(f"`{key}` was given numbers of shape {numbers.shape}, expected one or {rows.size}")
        if diffusion.state_of(key) is not None and not (numbers > 0.0).all():
            raise ModelError(f"`{key}` was given {val!r}, expected positive numbers; 1e-8 is as good as none")
        spread = np.broadcast_to(numbers, rows.shape)
        model = self._module._model
        if key in EXTENTS:
            make_cylinders(self._module, rows)
        for quantity, here in per_quantity:
            model.set_each(quantity, spread[np.isin(rows, here)], model.select(here.tolist(), "shared"))

    def get(self, name: str) -> np.ndarray:
        """The number of a parameter or initial state in every compartment in view, NaN where there is none; or of every
        synapse in view that has it."""
        if (quantities := self._of_edges(name)) is not None:
            return values_of_edges(self, name, quantities)
        return self._everywhere(name)[self._compartments()]

    def _everywhere(self, name: str) -> np.ndarray:
        """The number of a parameter or initial state in every compartment of the module, NaN where there is none."""
        return self._values(names.quantities_of(self._module._model, name))

    def _values(self, quantities: tuple[str, ...]) -> np.ndarray:
        """The number in every compartment of the module of what these quantities are together, NaN where there is
        none."""
        columns = [self._module._model.values(quantity) for quantity in quantities]
        found = columns[0]
        for column in columns[1:]:
            found = np.where(np.isnan(found), column, found)
        return found

    def data_set(self, key: str, val: Any, param_state: list | None = None) -> list:
        """As `set`, but for one run: what it returns goes to `integrate(..., param_state=...)`."""
        state = [] if param_state is None else param_state
        if (of_edges := self._of_edges(key)) is not None:
            parts = parts_in_view(self, of_edges, key)
            value = _one_or_each(val, sum(part.rows.size for part in parts), key)
            for part in parts:
                own = value if len(parts) == 1 else _each_of(value, part.positions, key)
                state.append(Setting(key, synapses_of(self, part.quantity, part.rows), own, (part.quantity,)))
            return state
        quantities = names.quantities_of(self._module._model, key)
        value = _one_or_each(val, self._rows(key)[0].size, key)
        state.append(Setting(key, self._selection, self._as_in_module(value), quantities))
        return state

    def _of_edges(self, key: str) -> tuple[str, ...] | None:
        """The quantities of synapses that a name stands for, if it is none of compartments."""
        model = self._module._model
        if not model.synapse_names() or key in names.quantities(model):
            return None
        return names.of_edges(self._module).get(key)

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


def _having(model: Model, quantity: str) -> np.ndarray:
    """For every compartment, whether it has a quantity; a state may be there without a number."""
    mechanism, _, own = quantity.partition(".")
    if not own:
        return ~np.isnan(model.values(quantity))
    members = dict(model.mechanisms())[mechanism]
    there = np.zeros(model.counts[2], dtype=bool)
    there[members] = True
    return there


def _one_or_each(value: Any, count: int, key: str) -> Any:
    """What `data_set` was given: a number, also one in a list of its own, or a list of one for each in view."""
    if isinstance(value, Batch):
        return value
    array = as_array(value, f"the value of `{key}`")
    shape = shape_of(array)
    if shape == (1,):
        return array[0]
    if shape not in ((), (count,)):
        raise ArgumentError(f"the value of `{key}` has shape {shape}, expected one number or ({count},)")
    return value


def _each_of(value: Any, positions: np.ndarray, key: str) -> Any:
    """What `data_set` was given, for some of those in view."""
    if isinstance(value, Batch):
        raise ArgumentError(f"`{key}` is of several types of synapses; give a batch to those of one type")
    return value if shape_of(value) == () else as_array(value, f"the value of `{key}`")[positions]
