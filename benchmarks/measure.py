"""How every simulator is measured: one core, medians of runs after a warm-up, one JSON line a figure."""

import json
import os
import statistics
import time
from collections.abc import Callable

RUNS = 5


def pin_to_one_core() -> None:
    """Keep this process on one core where the system allows it; call before importing a simulator."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def seconds_of_runs(run: Callable[[], object]) -> list[float]:
    """The wall times in seconds of `RUNS` calls of `run`, after one call that is not counted."""
    run()
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return seconds


class Reporter:
    """Prints the figures of one simulator as JSON lines."""

    def __init__(self, peer: str, version: str, precision: str) -> None:
        self.shared = {"peer": peer, "version": version, "precision": precision}

    def stepping(self, case: str, variant: str, compartments: int, steps: int, run: Callable[[], object]) -> None:
        """Time `run`, which advances `compartments` (in the whole batch) by `steps`."""
        seconds = seconds_of_runs(run)
        median = statistics.median(seconds)
        self._print(
            case=case,
            variant=variant,
            compartments=compartments,
            steps=steps,
            seconds=median,
            fastest_seconds=min(seconds),  # far below the median: the core was not ours alone
            ns_per_compartment_step=round(1e9 * median / (compartments * steps), 3),
        )

    def once(self, case: str, variant: str, compartments: int, seconds: float) -> None:
        """Report what can happen only once in a process, such as a compilation."""
        self._print(case=case, variant=variant, compartments=compartments, seconds=seconds)

    def precision(self, variant: str, compartments: int, step: float, seconds: float, error: float) -> None:
        """Report that `variant` with `step` ms took `seconds` and was at most `error` mV off."""
        self._print(
            case="precision",
            variant=f"{variant}, {step:g} ms",
            compartments=compartments,
            seconds=seconds,
            error_mv=error,
        )

    def _print(self, **figure: object) -> None:
        print(json.dumps(self.shared | figure), flush=True)
