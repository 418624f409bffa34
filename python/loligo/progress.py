"""Progress bars: widgets in notebooks, lines in terminals, and nothing where neither is there to see them."""

import time
from types import TracebackType
from typing import Self

from tqdm.auto import tqdm

SHORT = 1.0
"""How long a run takes that needs no bar, s."""


def bar(total: int, what: str, unit: str, *, shown: bool) -> tqdm:
    """A bar over so many units of work; `shown` as the user said."""
    # None: where the output is no terminal, none is drawn; notebooks draw theirs nevertheless
    return tqdm(total=total, desc=what, unit=unit, disable=None if shown else True)


class LongRun:
    """A bar that is there while a run goes on, once that takes longer than `SHORT`; as a context it is what to tell the
    part that is done, from 0 to 1, or None if nobody wants to know."""

    def __init__(self, what: str, *, shown: bool) -> None:
        self._what, self._shown = what, shown
        self._begun = time.time()
        self._bar: tqdm | None = None

    def __enter__(self) -> Self | None:
        return self if self._shown else None

    def __call__(self, part: float) -> None:
        """Moves the bar to where the run is."""
        # a widget takes longer to make than many a run
        if self._bar is None and time.time() - self._begun > SHORT:
            drawn = "{desc}: {percentage:3.0f}%|{bar}| [{elapsed}<{remaining}]"
            self._bar = tqdm(total=1.0, desc=self._what, bar_format=drawn, leave=False, disable=None)
            self._bar.start_t = self._begun
        if self._bar is not None:
            self._bar.update(part - self._bar.n)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
