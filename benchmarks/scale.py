"""What networks take as they grow, in seconds and bytes.

    python -m benchmarks.scale large     2,000 reconstructed cells and 1,000,000 graded synapses, and its gradient
    python -m benchmarks.scale sizes     point neurons with 1,000 to 1,000,000 synapses

The large network is that of Deistler et al. (2025, figure 2c): Hodgkin-Huxley channels everywhere, two compartments a
branch, six layers of which each excites the next. They train three conductances of each compartment and that of each
synapse.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np

import loligo as lo

T = TypeVar("T")

MORPHOLOGIES = Path(__file__).parents[1] / "data" / "morphologies" / "neuromorpho"
CELLS, SYNAPSES, LAYERS = 2_000, 1_000_000, 6
DURATION = 200.0
"""ms."""
DT = 0.025
"""ms."""
CONDUCTANCES = ("hh.gnabar", "hh.gkbar", "hh.gl")
GIB = 2**30


def resident() -> int:
    """Bytes that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def peak() -> int:
    """The most bytes that this process held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def told(what: str, work: Callable[[], T]) -> T:
    """Does some work, and prints how long that took, and the most memory so far."""
    start = time.perf_counter()
    result = work()
    print(f"{what:32} {time.perf_counter() - start:8.2f} s   {peak() / GIB:6.2f} GiB at most", flush=True)
    return result


def layered(cells: int, synapses: int) -> tuple[lo.Network, list[np.ndarray]]:
    """The large network, and the cells of its layers."""
    kinds = []
    for file in sorted(MORPHOLOGIES.glob("*.swc")):
        kind = lo.read_swc(file, ncomp=2, max_branch_len=500.0)
        kind.insert(lo.mechanism("hh"))
        kinds.append(kind)
    which = np.arange(cells) % len(kinds)
    network = lo.Network([kinds[kind] for kind in which])
    network.celsius = 6.3
    counts = np.array([len(kind.nodes) for kind in kinds])[which]
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    layers = np.array_split(np.arange(cells), LAYERS)
    random = np.random.default_rng(0)
    pre, post = [], []
    for here, there in pairwise(layers):
        count = synapses // (LAYERS - 1)
        target = random.choice(there, count)
        pre.append(first[random.choice(here, count)])
        post.append(first[target] + (random.random(count) * counts[target]).astype(np.int64))
    made = network.connect(np.concatenate(pre), np.concatenate(post), lo.IonotropicSynapse())
    made.set("gS", 1e-4 * random.random(len(made)))
    for amplitude, cells in zip(np.linspace(0.0, 0.2, 8), np.array_split(random.permutation(layers[0]), 8)):
        if cells.size:
            place = network.cell(np.sort(cells).tolist()).branch(1).comp(0)
            place.stimulate(lo.step(start=10, duration=150, amplitude=float(amplitude)))
    return network, layers


def large(cells: int, synapses: int, duration: float) -> None:
    """Builds the large network, runs it, and takes its gradient."""
    network, layers = told("built", lambda: layered(cells, synapses))
    for name in CONDUCTANCES:
        told(f"trained: {name}", lambda name=name: network.cell("all").branch("all").comp("all").make_trainable(name))
    told("trained: IonotropicSynapse.gS", lambda: network.synapses("IonotropicSynapse")[:].make_trainable("gS"))
    network.cell(layers[-1].tolist()).branch(0).comp(0).record("v")
    params = network.get_parameters()
    numbers = sum(values.size for entry in params for values in entry.values())
    compartments = network.shape[-1]
    made = len(network.synapses("IonotropicSynapse"))
    print(f"{cells} cells, {compartments} compartments, {made} synapses, {numbers} trainable numbers")

    def voltages(params: list, t_max: float = duration) -> np.ndarray:
        return lo.simulate(network, params, t_max=t_max, dt=DT).v

    told("lowered, and a step", lambda: voltages(params, DT))
    start = time.perf_counter()
    told(f"run, {duration:g} ms", lambda: voltages(params))
    share = (time.perf_counter() - start) / (duration / DT) / compartments
    print(f"   {share * 1e9:.1f} ns per compartment and step")
    value, gradient = told("gradient", lambda: lo.value_and_grad(lambda p: (voltages(p) ** 2).mean())(params))
    slopes = np.concatenate([values.ravel() for entry in gradient for values in entry.values()])
    print(f"loss {float(value):.6g}, {np.count_nonzero(slopes)} of {slopes.size} derivatives are not 0")


KINDS: dict[str, Callable[[], object]] = {
    "neurons": lambda: None,
    "graded": lo.IonotropicSynapse,
    "spiking": lambda: lo.SpikingSynapse(lo.mechanism("expsyn"), weight=1e-4, delay=1.0),
}
SIZES = {"neurons": (1_000, 10_000, 100_000), "graded": (1_000, 10_000, 100_000, 1_000_000)}
SIZES["spiking"] = SIZES["graded"]
POINTS = 1_000
"""Neurons that synapses join."""


def sized(kind: str, count: int) -> dict[str, float]:
    """What so many neurons, or so many synapses between 1,000 neurons, take in this process."""
    cell = lo.Cell()
    cell.insert(lo.mechanism("hh"))
    neurons = count if kind == "neurons" else POINTS
    before = resident()
    start = time.perf_counter()
    network = lo.Network([cell] * neurons)
    network.celsius = 6.3
    network.set("v", -70.0 + 20.0 * np.random.default_rng(2).random(neurons))
    if kind != "neurons":
        random = np.random.default_rng(1)
        before, start = resident(), time.perf_counter()
        network.connect(random.integers(0, POINTS, count), random.integers(0, POINTS, count), KINDS[kind]())
    built = time.perf_counter() - start
    network.cell(0).record("v")
    lo.simulate(network, t_max=10 * DT, dt=DT)
    held = resident() - before
    # a long run less a short one: what is done once for each run is left out
    steps = max(100, 2_000_000 // count)
    short, long = (min(seconds(network, steps * times) for _ in range(3)) for times in (1, 3))
    return {"built": built, "bytes": held, "step": (long - short) / (2 * steps)}


def seconds(network: lo.Network, steps: int) -> float:
    """What a run of so many steps takes."""
    start = time.perf_counter()
    lo.simulate(network, t_max=steps * DT, dt=DT)
    return time.perf_counter() - start


def sizes() -> Iterator[str]:
    """A table of what neurons and synapses take, each size in a process of its own."""
    yield f"{'':10}{'count':>10}{'built':>10}{'bytes':>12}{'bytes each':>12}{'ns each a step':>16}"
    for kind, counts in SIZES.items():
        # what synapses add to a step
        alone = measured("neurons", POINTS)["step"] if kind != "neurons" else 0.0
        for count in counts:
            found = measured(kind, count)
            each = (found["step"] - alone) / count * 1e9
            yield (
                f"{kind:10}{count:>10}{found['built']:>9.3f}s{found['bytes']:>12.0f}"
                f"{found['bytes'] / count:>12.1f}{each:>16.2f}"
            )


def measured(kind: str, count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.scale", "one", kind, str(count)]
    environment = {**os.environ, "LOLIGO_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    network = commands.add_parser("large", help="2,000 reconstructed cells, a run and its gradient")
    network.add_argument("--cells", type=int, default=CELLS)
    network.add_argument("--synapses", type=int, default=SYNAPSES)
    network.add_argument("--duration", type=float, default=DURATION, help="ms")
    commands.add_parser("sizes", help="bytes and time of neurons and synapses, by their number")
    one = commands.add_parser("one", help="one row of `sizes`, as JSON")
    one.add_argument("kind", choices=list(KINDS))
    one.add_argument("count", type=int)
    given = parser.parse_args()
    if given.command == "large":
        large(given.cells, given.synapses, given.duration)
    elif given.command == "one":
        print(json.dumps(sized(given.kind, given.count)))
    else:
        for line in sizes():
            print(line, flush=True)


if __name__ == "__main__":
    main()
