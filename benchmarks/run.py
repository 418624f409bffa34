"""Runs Loligo and its peers, prints what they took, and holds Loligo to its floors.

    make bench

Loligo's own figures come from `benchmarks.loligo_peer`, which prints the same lines as the peers with the
vector unit added. All lines are kept in `out/benchmarks.jsonl`.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import cases
from benchmarks.floors import Key, Seconds, floors
from benchmarks.measure import RUNS

ROOT = Path(__file__).parents[1]
LINES = ROOT / "out" / "benchmarks.jsonl"

PEERS = {
    "Loligo": ["benchmarks.loligo_peer"],
    "NEURON": ["benchmarks.peers.neuron_peer"],
    "Arbor": ["benchmarks.peers.arbor_peer"],
    "Jaxley f64": ["benchmarks.peers.jaxley_peer", "--precision", "f64"],
    "Jaxley f32": ["benchmarks.peers.jaxley_peer", "--precision", "f32"],
}

FORWARD_COLUMNS = {
    "Loligo": ("loligo", "f64", "recorded"),
    "nothing recorded": ("loligo", "f64", "nothing recorded"),
    "two cores": ("loligo", "f64", "two cores"),
    "Jaxley": ("jaxley", "f64", "recorded"),
    "NEURON": ("neuron", "f64", "recorded"),
    "NEURON exact": ("neuron", "f64", "exact rates"),
    "NEURON tables": ("neuron", "f64", "tables"),
    "Arbor": ("arbor", "f64", "recorded"),
    "nothing recorded ": ("arbor", "f64", "nothing recorded"),
    "Loligo f32": ("loligo", "f32", "recorded"),
    "Jaxley f32": ("jaxley", "f32", "recorded"),
}
FORWARD_CASES = [
    *(f"compartments/{count}" for count in cases.SINGLE_COMPARTMENTS),
    "cell",
    f"cells/{cases.CELLS}",
    "l5pc",
    "hay",
    "ring",
    "events",
    "graded",
]
GRADIENT_CASES = [
    *(f"gradient/{duration:.0f}" for duration in cases.GRADIENT_DURATIONS),
    "l5pc/gradient",
    "hay/gradient",
    "graded/gradient",
]


def measure(name: str, module: list[str]) -> list[dict]:
    """The figures of one simulator, in a process of its own; none if it does not run here."""
    print(f"{name} …", end=" ", flush=True)
    start = time.perf_counter()
    process = subprocess.run([sys.executable, "-m", *module], cwd=ROOT, capture_output=True, text=True)
    figures = [json.loads(line) for line in process.stdout.splitlines() if line.startswith("{")]
    took = f"{len(figures)} figures in {time.perf_counter() - start:.0f} s"
    if process.returncode != 0:
        reason = (process.stderr.strip() or "no message").splitlines()[-1]
        print(f"STOPPED after {took}: {reason}")
    else:
        print(took + load())
    return figures


def load() -> str:
    """How many processes wanted a core in the last minute, where the system says so."""
    return f", load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores" if hasattr(os, "getloadavg") else ""


def print_forward(figures: dict[Key, dict]) -> None:
    """Nanoseconds per compartment and step, and how often Loligo's time that is."""
    print("\nForward: ns per compartment and step (times Loligo's of the same precision)\n")
    print(f"{'':20}" + "".join(f"{column:>18}" for column in FORWARD_COLUMNS))
    for case in FORWARD_CASES:
        cells = []
        for peer, precision, variant in FORWARD_COLUMNS.values():
            figure = figures.get((peer, precision, case, variant))
            ours = figures.get(("loligo", precision, case, "recorded"))
            cells.append(with_ratio(figure, ours))
        print(f"{case:20}" + "".join(f"{cell:>18}" for cell in cells))


def print_gradients(figures: dict[Key, dict]) -> None:
    """The same for gradients, a line for every simulator and variant, and what a budget made of the run."""
    print("\nGradient: ns per compartment and step (times Loligo's best of the same precision)\n")
    for case in GRADIENT_CASES:
        for (peer, precision, of, variant), figure in figures.items():
            if of == case:
                ours = figures.get(("loligo", precision, case, "ample budget"))
                print(
                    f"{case:15} {peer:8} {precision}  {variant:14} {with_ratio(figure, ours):>18}{recomputed(figure)}"
                )


def recomputed(figure: dict) -> str:
    """How often each step is run forward for a gradient, and the spans of steps that are kept."""
    chosen = figure.get("checkpoints")
    if chosen is None:
        return ""
    if chosen["runs_per_step"] == 1:
        return "  every state kept"
    spans = " of ".join(str(span) for span in reversed(chosen["spans"]))
    return f"  each step run {chosen['runs_per_step']} times, spans of {spans} steps"


def print_activity(figures: dict[Key, dict]) -> None:
    """What networks did, by which one sees that simulators compute the same."""
    print("\nNetworks: spikes in the run, or the mean voltage of all cells\n")
    for (peer, precision, case, variant), figure in figures.items():
        if "spikes" in figure:
            print(f"{case:15} {peer:8} {precision}  {variant:14} {figure['spikes']:8} spikes")
        elif "mean_mv" in figure:
            print(f"{case:15} {peer:8} {precision}  {variant:14} {figure['mean_mv']:8.2f} mV")


def print_waiting(figures: dict[Key, dict]) -> None:
    """The time from an SWC file to the first result, and that to a network with its trainable numbers."""
    print("\nWaiting: from the SWC file to the first step or gradient; `graded` to the network with what is trained\n")
    for (peer, precision, case, variant), figure in figures.items():
        if case.startswith("build/"):
            print(f"{case:14} {peer:8} {precision}  {variant:24} {1e3 * figure['seconds']:12.1f} ms")


def print_precision(figures: dict[Key, dict]) -> None:
    """Work and precision: what a given error costs, and the order in which it falls with the time step."""
    print("\nWork and precision: the cell against its own converged solution, soma\n")
    print(f"{'':26}{'Δt, ms':>10}{'max |ΔV|, mV':>14}{'order':>7}{'µs per compartment and ms':>28}")
    coarser: dict = {}
    for (peer, _, case, _), figure in figures.items():
        if case != "precision":
            continue
        order = ""
        if coarser.get("scheme") == figure["scheme"] and coarser["peer"] == peer:
            error, step = (coarser[what] / figure[what] for what in ("error_mv", "step_ms"))
            order = f"{math.log(error) / math.log(step):.2f}"
        coarser = figure
        cost_of_ms = 1e6 * figure["seconds"] / figure["compartments"] / cases.PRECISION_DURATION
        print(
            f"{peer:10}{figure['scheme']:16}{figure['step_ms']:10g}{figure['error_mv']:14.2e}{order:>7}"
            f"{cost_of_ms:28.2f}"
        )


def with_ratio(figure: dict | None, ours: dict | None) -> str:
    if figure is None:
        return "–"
    nanoseconds = figure["ns_per_compartment_step"]
    if ours is None or ours is figure:
        return f"{nanoseconds:.1f}"
    return f"{nanoseconds:.1f} ({nanoseconds / ours['ns_per_compartment_step']:.1f}×)"


def print_floors(figures: dict[Key, dict], vector_unit: str) -> None:
    """Every floor with what was reached, kept or not."""
    print("\nFloors\n")
    costs: dict[Key, Seconds] = {key: cost(figure) for key, figure in figures.items()}
    for floor in floors(vector_unit):
        reached = floor.reached(costs)
        if reached is None:
            print(f"  NOT MEASURED  {floor.text}")
        else:
            verdict = "pass" if floor.kept(reached) else "FAIL"
            print(f"  {verdict}  {reached:8.3g} (floor {floor.sign} {floor.bound:g})  {floor.text}")


def slowdown(lines: list[dict]) -> float:
    """The median wall time of the runs of a figure over that figure: the median over all figures."""
    return statistics.median(line["median_wall_seconds"] / line["seconds"] for line in lines)


def cost(figure: dict) -> Seconds:
    """Seconds per compartment and step; for what happens once, seconds."""
    if "ns_per_compartment_step" in figure:
        return 1e-9 * figure["ns_per_compartment_step"]
    return figure["seconds"]


def main() -> None:
    """Reads the command line, which has no options, so that `--help` does not take a quarter of an hour."""
    argparse.ArgumentParser(
        prog="python -m benchmarks.run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    lines = [figure for name, module in PEERS.items() for figure in measure(name, module)]
    LINES.parent.mkdir(exist_ok=True)
    LINES.write_text("".join(json.dumps(line) + "\n" for line in lines))

    figures = {(line["peer"], line["precision"], line["case"], line["variant"]): line for line in lines}
    vector_unit = next((line["vector_unit"] for line in lines if line["peer"] == "loligo"), "unknown")
    print(f"\nOne core unless said otherwise, Δt {cases.DT} ms, Loligo's vector unit: {vector_unit}")
    print(f"A figure is the fastest of at least {RUNS} runs (1 where it compiles): processor time on one core, which")
    print("leaves out when others had it, though not what they did to caches; wall time on two.")
    print(f"The median wall time is typically {slowdown(lines):.2f} times the figure: well above 1, trust no ratio.")
    print_forward(figures)
    print_gradients(figures)
    print_activity(figures)
    print_waiting(figures)
    print_precision(figures)
    print_floors(figures, vector_unit)


if __name__ == "__main__":
    main()
