"""Runs every `.mod` file below a folder in NEURON and in Loligo: `python -m benchmarks.corpus FOLDER`.

For each distinct file a line: whether NEURON takes it, whether Loligo does, and how far the two are apart, as the
largest difference of any trace over the largest magnitude of that trace; or why there is no such number. A summary
follows. What was compared trace by trace is kept in `out/corpus.jsonl`; what NEURON's translator made of the files is
kept in the folder for temporary files.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import loligo as lo
from benchmarks.corpus import files, translated

ROOT = Path(__file__).parents[2]
LINES = ROOT / "out" / "corpus.jsonl"
AT_ONCE = 2
"""Files that are under way at the same time."""
PATIENCE = 120.0
"""How long one file may run, s."""
BOUND = 1e-6
"""Traces of equal mathematics are less than this apart, of the largest magnitude of each."""


@dataclass
class Row:
    """What became of one file."""

    file: str
    kind: str
    neuron: str = "takes"
    loligo: str = "takes"
    outcome: str = ""
    """`match`, `apart`, or why there was no comparison."""
    worst: float | None = None
    """The largest distance of any trace."""
    where: str = ""
    """The scenario and the trace that are farthest apart."""
    traces: dict[str, float] = field(default_factory=dict)
    """The largest distance of each trace in any scenario."""
    still: list[str] = field(default_factory=list)
    """Traces that never change."""


def row(file: files.ModFile, folder: Path) -> Row:
    """Runs one file."""
    result = Row(str(file.path.relative_to(folder)), file.kind)
    try:
        translated.library(files.NAME, file.text)
    except translated.RejectedError as rejected:
        result.neuron = f"rejects: {rejected}"
    try:
        lo.Mechanism.compile(file.text, file.path.name)
    except lo.LoligoError as refused:
        result.loligo = f"refuses: {str(refused).splitlines()[0]}"
    if file.kind != "SUFFIX":
        result.outcome = "not a mechanism of a membrane"
    elif result.neuron == "takes" and result.loligo == "takes":
        compare(file, result)
    return result


def compare(file: files.ModFile, result: Row) -> None:
    """Runs both simulators in a process of their own, which NEURON may end."""
    command = [sys.executable, "-m", "benchmarks.corpus.twin", str(file.path)]
    try:
        twin = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        result.outcome = f"not done after {PATIENCE:g} s"
        return
    last = (twin.stdout.strip().splitlines() or [""])[-1]
    if not last.startswith("{"):
        said = [line.strip() for line in twin.stderr.splitlines() if line.strip()]
        telling = [line for line in said if line.startswith("NEURON:")] or said[-1:]
        if twin.returncode < 0:
            # as where a POINTER points nowhere
            telling = [f"signal {-twin.returncode}"]
        result.outcome = f"NEURON ends its process: {(telling or [f'status {twin.returncode}'])[0]}"
        return
    answer = json.loads(last)
    if "failure" in answer:
        result.outcome = answer["failure"]
        return
    for scenario, traces in answer["compared"].items():
        for trace, distance in traces.items():
            result.traces[trace] = max(result.traces.get(trace, 0.0), distance)
            if result.worst is None or distance > result.worst:
                result.worst, result.where = distance, f"{trace} at {scenario}"
    result.still = [trace for trace, moves in answer["moves"].items() if not moves]
    result.outcome = "match" if result.worst is not None and result.worst <= BOUND else "apart"


def show(result: Row) -> None:
    """Prints a line of the table."""
    distance = "" if result.worst is None else f"{result.worst:.1e}"
    told = [text for text in (result.neuron, result.loligo) if text != "takes"]
    why = result.outcome if result.outcome != "match" else ""
    taken = [text.split(":")[0] for text in (result.neuron, result.loligo)]
    print(
        f"{result.file:60} {taken[0]:8} {taken[1]:8} {distance:>8}  {'; '.join([why, result.where, *told])}", flush=True
    )


def summary(rows: list[Row]) -> None:
    """Prints how many files came how far, and why the others did not."""
    taken = [each for each in rows if each.neuron == "takes"]
    of_membranes = [each for each in taken if each.kind == "SUFFIX"]
    run = [each for each in of_membranes if each.loligo == "takes"]
    outcomes = Counter(each.outcome if each.outcome in ("match", "apart") else "no comparison" for each in run)
    print(f"\n{len(rows)} distinct files, {len(taken)} of which NEURON takes")
    print(f"{len(of_membranes)} of these are mechanisms of a membrane; Loligo takes {len(run)}:")
    print(", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()))
    refused = [each for each in taken if each.loligo != "takes"]
    print(f"\nOf the {len(taken)}, Loligo refuses {len(refused)}:")
    for why, count in Counter(reason(each.loligo) for each in refused).most_common():
        print(f"{count:5}  {why}")


def reason(refusal: str) -> str:
    """A refusal without what is particular to one file."""
    return re.sub(r"`[^`]*`", "`…`", refusal.split(": ", 2)[-1])


def main() -> None:
    folder = Path(sys.argv[1])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows = []
        for result in pool.map(lambda file: row(file, folder), files.distinct(folder)):
            show(result)
            rows.append(result)
    LINES.parent.mkdir(exist_ok=True)
    LINES.write_text("".join(json.dumps(asdict(each)) + "\n" for each in rows))
    summary(rows)


if __name__ == "__main__":
    main()
