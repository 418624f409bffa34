"""What goes into a run and comes out of it: stimuli, clamps and recordings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo import view
from loligo._engine import Selection, Waveform
from loligo.errors import ArgumentError, UnknownNameError, did_you_mean
from loligo.jaxley import clamps, names
from loligo.jaxley.array import Array, each_like_jaxley
from loligo.jaxley.edges import Edges, rows_in_view, synapses_of
from loligo.parameters import Batch, Injection, shape_of
from loligo.waveforms import as_numbers, as_waveform

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class DataStimulus(Injection):
    """A current for one run."""

    labels: np.ndarray
    """Where it is, as labels of the index of `nodes`."""


class Inputs(view.View):
    """Stimulating, clamping and recording."""

    __slots__ = ()

    def stimulate(self, current: ArrayLike | None = None, verbose: bool = True) -> None:
        """Injects a current, nA, shape (time,), or (compartment, time) with one for each compartment in view.

        Raises:
            ArgumentError: None, which Jaxley has as its default.
        """
        if current is None:
            raise ArgumentError("the current is missing, expected an array; see step_current")
        for row, selection in self._each(current, "the current"):
            self._module._model.stimulate(as_waveform(row), selection)
        if verbose:
            print(f"Added {len(self._selection)} stimuli; see `.externals`.")

    def data_stimulate(self, current: Any, data_stimuli: list | None = None, verbose: bool = False) -> list:
        """As `stimulate`, but for one run: what it returns goes to `integrate(..., data_stimuli=...)`."""
        stimuli = [] if data_stimuli is None else data_stimuli
        for row, selection in self._ordered():
            labels = self._module._labels[selection.compartments]
            stimuli.append(DataStimulus(selection, current if row is None else _of_row(current, row), labels))
        if verbose:
            print(f"Added {len(self._selection)} stimuli to the data.")
        return stimuli

    def clamp(self, state_name: str, state_array: ArrayLike, verbose: bool = True) -> None:
        """Holds a voltage (`v`), a gate (`HH_m`), a concentration or a state of synapses at the values of an array,
        shape (time,), or (compartment, time). As in Jaxley voltages are overwritten after each step, and other states
        after its currents were taken."""
        clamps.clamp(self, state_name, state_array)
        if verbose:
            print(f"Clamped `{state_name}` in {len(self._selection)} compartments.")

    def data_clamp(
        self, state_name: str, state_array: Any, data_clamps: list[Any] | None = None, verbose: bool = False
    ) -> list[Any]:
        """As `clamp`, but for one run: what it returns goes to `integrate(..., data_clamps=...)`."""
        held = [] if data_clamps is None else data_clamps
        held.append(clamps.hold(self, state_name, state_array))
        if verbose:
            print(f"Clamped `{state_name}` in {len(self._selection)} compartments.")
        return held

    def delete_clamps(self, state_name: str | None = None) -> None:
        """Takes the clamps of a state, or of all, off what is in view."""
        clamps.delete(self, state_name)

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
        for _, selection in self._ordered():
            carried = names.where_current(self._module, state, selection.compartments)
            for quantity, compartments in carried:
                model.record(quantity, None, model.select(compartments.tolist(), "compartment"))
            if not carried:
                model.record(known[state], None, selection)
        if verbose:
            print(f"Added {len(self._selection)} recordings; see `.recordings`.")

    @property
    def recordings(self) -> pd.DataFrame:
        """What is recorded in view, in the order of the rows of `integrate`; synapses by their numbers among those of
        their type."""
        import pandas as pd

        module, model = self._module, self._module._model
        theirs = {ours: name for name, ours in names.recordables(model, module._currents).items()}
        theirs |= {ours: name for name, ours in module._currents.values()}
        of_edges = {ours: name for name, ours in names.recordable_of_edges(module).items()}
        seen = self._synapses_in_view()
        inside = set(self._selection.compartments.tolist())
        rows = []
        for at, what, _ in model.recordings():
            if what in of_edges:
                if at in seen[what.partition(".")[0]]:
                    rows.append((at, of_edges[what]))
            elif at in inside:
                rows.append((module._labels[at], theirs.get(what, what)))
        return pd.DataFrame(rows, columns=["rec_index", "state"])

    @property
    def externals(self) -> dict[str, Array]:
        """The currents of the stimuli in view, nA, shape (stimulus, time), under the key `i`, and the values of clamps
        under the names of what they hold."""
        currents = [current for _, current in self._stimuli_in_view()]
        lengths = {current.sample_count for current in currents}
        if len(lengths) > 1:
            raise ArgumentError(f"the stimuli have {sorted(lengths)} time steps, expected the same number in all")
        found = {"i": np.array([current.sampled(1.0, *lengths) for current in currents])} if currents else {}
        held = {key: np.concatenate(values) for key, (values, _) in self._clamps_in_view().items()}
        return each_like_jaxley(found | held)

    @property
    def external_inds(self) -> dict[str, np.ndarray]:
        """Where the stimuli and clamps in view are: labels of the index of `nodes`, of synapses their numbers among
        those of their type."""
        stimulated = [compartment for compartment, _ in self._stimuli_in_view()]
        found = {"i": self._module._labels[stimulated]} if stimulated else {}
        return found | {key: np.concatenate(labels) for key, (_, labels) in self._clamps_in_view().items()}

    def _clamps_in_view(self) -> dict[str, tuple[list[np.ndarray], list[np.ndarray]]]:
        """Values and places of the clamps in view, by what they hold."""
        module = self._module
        seen = self._synapses_in_view()
        found: dict[str, tuple[list[np.ndarray], list[np.ndarray]]] = {}
        for own in module._clamps:
            inside = self._selection.compartments if own.of is None else sorted(seen.get(own.of, ()))
            here = np.isin(own.rows, inside)
            if here.any():
                values, labels = found.setdefault(own.key, ([], []))
                values.append(own.values[here])
                labels.append((own.rows if own.of else module._labels[own.rows])[here])
        return found

    def _stimuli_in_view(self) -> list[tuple[int, Waveform]]:
        inside = set(self._selection.compartments.tolist())
        return [
            (compartment, current) for compartment, current in self._module._model.stimuli() if compartment in inside
        ]

    def _synapses_in_view(self) -> dict[str, set[int]]:
        """The synapses in view of each type, by their numbers among those of the type."""
        every, there = Edges(self._module), self._edge_numbers()
        return {name: set(every.row[every.of_type(there, name)].tolist()) for name in every.types}

    def _ordered(self) -> Iterator[tuple[int | None, Selection]]:
        """What is in view, all at once; or, if it was selected in another order than the module's, one by one and with
        their positions."""
        if self._given is None:
            yield None, self._selection
            return
        for row, compartment in enumerate(self._compartments().tolist()):
            yield row, self._module._model.select([compartment], "compartment")

    def _each(self, values: ArrayLike, what: str) -> Iterator[tuple[np.ndarray, Selection]]:
        """Values over time for each compartment in view."""
        samples, inside = as_numbers(values, what), self._compartments()
        if samples.ndim not in (1, 2) or (samples.ndim == 2 and len(samples) != inside.size):
            raise ArgumentError(f"{what} has shape {samples.shape}, expected (time,) or ({inside.size}, time)")
        for row, compartment in zip(np.broadcast_to(samples, (inside.size, samples.shape[-1])), inside):
            yield row, self._module._model.select([int(compartment)], "compartment")


def _of_row(current: Any, row: int) -> Any:
    """The current of one of several compartments, if there is one for each."""
    if isinstance(current, Batch):
        return Batch(current.values[:, row]) if len(shape_of(current.values)) == 3 else current
    return current[row] if len(shape_of(current)) == 2 else current
