"""The list of entries that tracing writes: every operation once, operands before what uses them."""

from __future__ import annotations

import math
from typing import Any

from loligo._engine import Formulas

Entry = tuple[str, tuple[int, ...], float, str]
"""Operation, positions of its operands, number, name."""

System = tuple[list[str], list[int], list[int], list[str]]
"""An implicit step: unknowns, what they were before, their change, what stands for the solution."""


class Entries:
    """What functions did to the numbers that they were given.

    Operands are positions in the list. What tracing knows better than the compiler after it is decided here: a branch
    within a branch on the same condition, and quotients whose divisor was guarded against overflow.
    """

    def __init__(self) -> None:
        self.rows: list[Entry] = []
        self.systems: list[System] = []
        self.met_jax = False
        """Whether a function of JAX met one of the numbers."""
        self._known: dict[tuple[Any, ...], int] = {}
        self._minus_one: dict[int, int] = {}

    def constant(self, value: float) -> int:
        """A literal."""
        # a NaN is not equal to itself, and −0 is equal to 0
        key = ("constant", float(value).hex())
        return self._entry(key, ("constant", (), float(value), ""))

    def symbol(self, name: str) -> int:
        """An input."""
        return self._entry(("symbol", name), ("symbol", (), 0.0, name))

    def call(self, operation: str, *operands: int) -> int:
        """A function of earlier entries."""
        if operation == "div":
            return self._quotient(*operands)
        if operation == "select":
            return self._branch(*operands)
        return self._entry((operation, operands), (operation, operands, 0.0, ""))

    def minus_one(self, exponent: int) -> int:
        """e^x − 1, exact near x = 0."""
        result = self.call("mul", exponent, self.call("phi", exponent))
        self._minus_one[result] = exponent
        return result

    def solution(self, before: list[int], change_of: list[int], unknowns: list[str]) -> list[int]:
        """What x is after an implicit step x − before = change(x), by the names of the unknowns in the change."""
        count = len(self.systems)
        names = [f"solution {index} of step {count}" for index in range(len(before))]
        self.systems.append((unknowns, before, change_of, names))
        return [self.symbol(name) for name in names]

    def unknowns(self, count: int) -> list[str]:
        """Names for the unknowns of the next implicit step."""
        return [f"unknown {index} of step {len(self.systems)}" for index in range(count)]

    def symbols_of(self, positions: list[int]) -> set[str]:
        """The names that entries depend on; for the solution of an implicit step, those that the step depends on."""
        solved = {name: system for system in self.systems for name in system[3]}
        seen: set[int] = set()
        names: set[str] = set()
        pending = list(positions)
        while pending:
            position = pending.pop()
            if position in seen:
                continue
            seen.add(position)
            operation, operands, _, name = self.rows[position]
            pending.extend(operands)
            if name in solved:
                unknowns, before, change, _ = solved[name]
                pending.extend((*before, *change))
                seen.update(self.symbol(unknown) for unknown in unknowns)
            elif operation == "symbol":
                names.add(name)
        return names

    def coupled(self, rates: dict[str, int]) -> list[list[str]]:
        """Cuts states into those whose rates depend on each other, however indirectly."""
        groups: list[set[str]] = []
        for name, rate in rates.items():
            linked = {name, *(self.symbols_of([rate]) & rates.keys())}
            apart = [group for group in groups if not group & linked]
            groups = [*apart, linked.union(*(group for group in groups if group & linked))]
        return [[name for name in rates if name in group] for group in groups]

    def formulas(self) -> Formulas:
        """What can be evaluated."""
        return Formulas(self.rows, self.systems)

    def _entry(self, key: tuple[Any, ...], row: Entry) -> int:
        if key not in self._known:
            self._known[key] = len(self.rows)
            self.rows.append(row)
        return self._known[key]

    def _quotient(self, above: int, below: int) -> int:
        below = self._written_out(below)
        capped = self._capped(below)
        if capped is not None:
            # a / (e^min(z, c) − 1) with c > 0: where z is below c the quotient is one that is smooth through z = 0
            smaller, z, limit = capped
            free, fixed = (self._replaced(below, {smaller: other}) for other in (z, limit))
            condition = self.call("less", z, limit)
            return self._branch(condition, self._plain_quotient(above, free), self._plain_quotient(above, fixed))
        return self._plain_quotient(above, below)

    def _plain_quotient(self, above: int, below: int) -> int:
        return self._entry(("div", (above, below)), ("div", (above, below), 0.0, ""))

    def _written_out(self, below: int) -> int:
        """A divisor e^z − 1 as the difference that the compiler knows how to make smooth."""
        if below in self._minus_one:
            exponential = self.call("exp", self._minus_one[below])
            return self.call("sub", exponential, self.constant(1.0))
        if self.rows[below][0] == "neg" and (inner := self.rows[below][1][0]) in self._minus_one:
            exponential = self.call("exp", self._minus_one[inner])
            return self.call("sub", self.constant(1.0), exponential)
        return below

    def _capped(self, below: int) -> tuple[int, int, int] | None:
        """min(z, c), z and c of a divisor e^min(z, c) − 1 or its negative, for a literal c above 0."""
        operation, operands, _, _ = self.rows[below]
        if operation not in ("sub", "add"):
            return None
        for one, other in (operands, operands[::-1]):
            function, arguments, _, _ = self.rows[one]
            if function != "exp" or abs(self._literal(other) or 0.0) != 1.0:
                continue
            inner, candidates, _, _ = self.rows[arguments[0]]
            if inner != "min":
                continue
            for z, limit in (candidates, candidates[::-1]):
                if (self._literal(limit) or 0.0) > 0.0:
                    return arguments[0], z, limit
        return None

    def _literal(self, position: int) -> float | None:
        operation, _, number, _ = self.rows[position]
        return number if operation == "constant" and math.isfinite(number) else None

    def _branch(self, condition: int, then: int, otherwise: int) -> int:
        """A select; within its branches the condition is known."""
        then = self._within(then, condition, 1)
        otherwise = self._within(otherwise, condition, 2)
        if then == otherwise:
            return then
        operands = (condition, then, otherwise)
        return self._entry(("select", operands), ("select", operands, 0.0, ""))

    def _within(self, position: int, condition: int, taken: int) -> int:
        inner = self._beneath(position)
        chosen = {
            select: self.rows[select][1][taken]
            for select in inner
            if self.rows[select][0] == "select" and self.rows[select][1][0] == condition
        }
        return self._replaced(position, chosen) if chosen else position

    def _beneath(self, position: int) -> set[int]:
        seen: set[int] = set()
        pending = [position]
        while pending:
            at = pending.pop()
            if at not in seen:
                seen.add(at)
                pending.extend(self.rows[at][1])
        return seen

    def _replaced(self, position: int, replacements: dict[int, int]) -> int:
        """An entry with others in the place of some beneath it."""
        done = dict(replacements)
        for at in sorted(self._beneath(position)):
            if at in done:
                continue
            operation, operands, number, name = self.rows[at]
            changed = tuple(done[operand] for operand in operands)
            if changed == operands:
                done[at] = at
            elif at in self._minus_one:
                done[at] = self.minus_one(done[self._minus_one[at]])
            else:
                done[at] = self._entry((operation, changed), (operation, changed, number, name))
        return done[position]
