"""Which of many starts of a fit are dropped on the way."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from loligo.errors import ArgumentError, ArgumentTypeError


class Schedule:
    """After how many steps only how many of the best starts go on.

    Args:
        keep: From steps to starts, such as {10: 16, 50: 4}; None to keep all.
        starts: How many there are.

    Raises:
        ArgumentError: Numbers that are not whole, or do not become fewer.
        ArgumentTypeError: It is no such thing.
    """

    def __init__(self, keep: Mapping[int, int] | None, starts: int) -> None:
        if not isinstance(keep, Mapping | None):
            raise ArgumentTypeError(f"keep is {keep!r}, expected from steps to starts, such as {{10: 16, 50: 4}}")
        self._keep: dict[int, int] = {}
        before, last = starts, 0
        for steps, count in (keep or {}).items():
            for name, number in (("a step", steps), ("a number of starts", count)):
                if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 1:
                    raise ArgumentError(f"{name} in keep is {number!r}, expected a whole number, 1 or more")
            if steps <= last or count >= before:
                raise ArgumentError(
                    f"keep says {count} starts after step {steps}, behind {before} after step {last}; expected later "
                    "steps and fewer starts"
                )
            self._keep[int(steps)] = int(count)
            before, last = count, steps

    def __bool__(self) -> bool:
        return bool(self._keep)

    def after(self, steps: int) -> int | None:
        """How many starts go on after so many steps; None if none is dropped then."""
        return self._keep.get(steps)

    def __str__(self) -> str:
        return ", ".join(f"{steps}: {count}" for steps, count in self._keep.items())
