"""How every simulator is measured: one core, the fastest of several runs after a warm-up, one JSON line a figure.

On one core a figure is the time that the processor worked for the simulator: on an idle machine that is what the
clock on the wall says, and on a busy one it leaves out the time that others had the core, though not what they did
to its caches.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

RUNS = 3
"""At least so many runs are timed,"""
SECONDS = 1.0
"""and for at least so long: short runs are timed more often, so that one of them has the core to itself."""


CAN_PIN = hasattr(os, "sched_setaffinity")


def pin_to_one_core() -> None:
    """Keep this process on one core where the system allows it; call before importing a simulator."""
    if CAN_PIN:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


@dataclass(frozen=True)
class Time:
    """Seconds by the clock on the wall, and of work of the processor for this process."""

    wall: float
    processor: float

    @classmethod
    def now(cls) -> "Time":
        return cls(time.perf_counter(), time.process_time())

    def __add__(self, other: "Time") -> "Time":
        return Time(self.wall + other.wall, self.processor + other.processor)

    def __sub__(self, other: "Time") -> "Time":
        return Time(self.wall - other.wall, self.processor - other.processor)


def timed(run: Callable[[], object]) -> Time:
    """What one call of `run` takes."""
    start = Time.now()
    run()
    return Time.now() - start


def repeated(run: Callable[[], object]) -> list[Time]:
    """What calls of `run` take, after one call that is not counted."""
    run()
    times: list[Time] = []
    while len(times) < RUNS or sum(each.wall for each in times) < SECONDS:
        times.append(timed(run))
    return times


def summary(times: list[Time], several_cores: bool = False) -> dict[str, float]:
    """The fastest run in seconds, and wall times, which tell how busy the machine was."""
    wall = [each.wall for each in times]
    # others on the machine can only add to a time: the fastest run is the one that tells most of the simulator
    one_core = CAN_PIN and not several_cores
    return {
        "seconds": min(each.processor for each in times) if one_core else min(wall),
        "wall_seconds": min(wall),
        "median_wall_seconds": statistics.median(wall),
    }


class Reporter:
    """Prints the figures of one simulator as JSON lines; `shared` is in each of them."""

    def __init__(self, peer: str, version: str, precision: str, **shared: object) -> None:
        self.shared = {"peer": peer, "version": version, "precision": precision} | shared

    def stepping(
        self,
        case: str,
        variant: str,
        compartments: int,
        steps: int,
        run: Callable[[], object],
        *,
        several_cores: bool = False,
        **further: object,
    ) -> None:
        """Time `run`, which advances `compartments` (in the whole batch) by `steps`; what is `further` is told."""
        took = summary(repeated(run), several_cores)
        nanoseconds = 1e9 * took["seconds"] / (compartments * steps)
        self._print(
            case=case,
            variant=variant,
            compartments=compartments,
            steps=steps,
            **took,
            ns_per_compartment_step=round(nanoseconds, 3),
            **further,
        )

    def once(self, case: str, variant: str, times: list[Time]) -> None:
        """Report what can happen only once in a process, such as a compilation, for each process that did it."""
        self._print(case=case, variant=variant, **summary(times))

    def precision(self, scheme: str, compartments: int, step: float, times: list[Time], error: float) -> None:
        """Report that runs of `scheme` with `step` ms took `times` and were at most `error` mV off."""
        self._print(
            case="precision",
            variant=f"{scheme}, {step:g} ms",
            scheme=scheme,
            step_ms=step,
            compartments=compartments,
            **summary(times),
            error_mv=error,
        )

    def _print(self, **figure: object) -> None:
        print(json.dumps(self.shared | figure), flush=True)
