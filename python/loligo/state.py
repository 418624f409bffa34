"""The state that a run ends with, from which another goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from loligo.arguments import as_name
from loligo.errors import ArgumentError, ArgumentTypeError, SelectionError, UnknownNameError, did_you_mean
from loligo.parameters import shape_of

if TYPE_CHECKING:
    from loligo._engine import Program


@dataclass(frozen=True, eq=False)
class StateLayout:
    """What the numbers of a state are."""

    places: NDArray[np.uintp]
    """For each number where a run is given it, among the values of its program; empty for a state from a file, of which
    names and rows say what it is."""
    names: NDArray[np.str_]
    """For each number its name: `v`, `hh.m`, `cai`."""
    rows: NDArray[np.uintp]
    """For each number the compartment that it is of, or the synapse."""

    @classmethod
    def of(cls, program: Program) -> StateLayout:
        """The layout of all that a program carries from step to step."""
        places = program.state_places()
        named = program.named_places(places)
        rows = np.array([row for _, row in named], dtype=np.uintp)
        return cls(places, np.array([name for name, _ in named], dtype=np.str_), rows)

    def part(self, numbers: NDArray[np.intp]) -> StateLayout:
        """The layout of some of the numbers."""
        return StateLayout(self.places[numbers], self.names[numbers], self.rows[numbers])

    def numbers_of(self, name: str) -> NDArray[np.intp]:
        """Which numbers have this name, in the order of their rows.

        Raises:
            UnknownNameError: There is none.
        """
        found = np.flatnonzero(self.names == name)
        if not found.size:
            known = list(dict.fromkeys(self.names.tolist()))
            meant = did_you_mean(name, known) or f"; it has {', '.join(known[:8])}{', …' if len(known) > 8 else ''}"
            raise UnknownNameError(f"the state has no `{name}`{meant}")
        return found[np.argsort(self.rows[found], kind="stable")]

    def places_of(self, other: StateLayout) -> NDArray[np.uintp] | None:
        """Where the numbers of another layout go here; None if one of them is not there."""
        if np.array_equal(self.names, other.names) and np.array_equal(self.rows, other.rows):
            return self.places
        known = dict(zip(zip(self.names.tolist(), self.rows.tolist()), self.places.tolist()))
        found = [known.get(key) for key in zip(other.names.tolist(), other.rows.tolist())]
        return None if None in found else np.array(found, dtype=np.uintp)


@dataclass(frozen=True)
class State:
    """All that a run carries from step to step: voltages, states of mechanisms, concentrations.

    `run.state` has it where `simulate` was asked to keep it, and `simulate(..., start=state)` goes on from it: two runs
    one after the other are one run, to the last bit; but where currents are recorded, their first sample in a run is
    computed from its state, and is not that with which the run before it made its last step. Gradients go through it.

    >>> import loligo as lo
    >>> soma = lo.Compartment(length=20, radius=10)
    >>> soma.insert(lo.mechanism("hh"))
    >>> soma.celsius = 6.3
    >>> soma.record()
    >>> first = lo.simulate(soma, t_max=5, keep_state=True)
    >>> first.state
    <state: v, hh.m, hh.h, hh.n of 1 compartment>
    >>> second = lo.simulate(soma, t_max=5, start=first.state)
    >>> whole = lo.simulate(soma, t_max=10)
    >>> bool((second.v == whole.v[:, 200:]).all())
    True
    """

    numbers: Any
    """Shape ([lane,] number)."""
    layout: StateLayout

    @property
    def lanes(self) -> int | None:
        """How many lanes it has; None if it is of a single run."""
        shape = shape_of(self.numbers)
        return shape[0] if len(shape) == 2 else None

    @property
    def names(self) -> list[str]:
        """What it consists of."""
        return list(dict.fromkeys(self.layout.names.tolist()))

    def __getitem__(self, name: str) -> Any:
        """The numbers of a name in all compartments (or synapses) that have it, shape ([lane,] compartment).

        Raises:
            UnknownNameError: There is no such name.
        """
        if not isinstance(name, str):
            raise ArgumentTypeError(f"a state is indexed by names, not by {name!r}")
        return self.numbers[..., self.layout.numbers_of(name)]

    def rows(self, name: str) -> NDArray[np.uintp]:
        """The compartments (or synapses) that the numbers of a name are of."""
        return self.layout.rows[self.layout.numbers_of(as_name(name, "the name"))]

    def lane(self, index: int) -> State:
        """The state of one lane of a batch."""
        if self.lanes is None:
            raise ArgumentError("the state of a single run has no lanes")
        if not isinstance(index, int | np.integer):
            raise ArgumentTypeError(f"the lane is {index!r}, expected its number")
        if not -self.lanes <= index < self.lanes:
            raise SelectionError(f"there is no lane {index}: there are {self.lanes}")
        return replace(self, numbers=self.numbers[index])

    def __repr__(self) -> str:
        names = self.names
        count = np.unique(self.rows("v")).size if "v" in names else 0
        shown = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
        lanes = "" if self.lanes is None else f"{self.lanes} lanes, "
        return f"<state: {lanes}{shown} of {count} compartment{'' if count == 1 else 's'}>"
