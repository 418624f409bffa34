"""What stands beside a mechanism so that every ion it reads moves: a channel and a pool for any ion."""

import re
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpus.files import without_comments

CARRIED_BY_HH = ("na", "k")

CONCENTRATION = {"na": 10.0, "k": 54.4, "ca": 5e-5}
"""NEURON's defaults inside the cell, mM, 1 for every other ion."""

CHANNEL = (Path(__file__).parent / "channel.mod").read_text()
POOL = (Path(__file__).parent / "pool.mod").read_text()


@dataclass(frozen=True)
class Ion:
    """A USEION of a file."""

    name: str
    reads: frozenset[str]
    writes: frozenset[str]
    valence: str
    """` VALENCE 2` as written, or nothing."""

    @property
    def current(self) -> str:
        return f"i{self.name}"

    @property
    def inside(self) -> str:
        return f"{self.name}i"


def ions(text: str) -> list[Ion]:
    """The ions that a file uses."""
    text = without_comments(text)
    block = text[text.find("NEURON") :]
    lines = re.split(r"\bUSEION\b", block[: block.find("}")])[1:]
    return [
        ion(re.split(r"\b(?:NONSPECIFIC_CURRENT|RANGE|GLOBAL|POINTER|SUFFIX|THREADSAFE)\b", line)[0]) for line in lines
    ]


def ion(line: str) -> Ion:
    """What follows USEION."""

    def listed(keyword: str) -> frozenset[str]:
        found = re.search(
            rf"\b{keyword}\s+((?:\w+\s*,?\s*)+?)(?=\bREAD\b|\bWRITE\b|\bVALENCE\b|\bREPRESENTS\b|$)", line
        )
        return frozenset(re.findall(r"\w+", found[1])) if found else frozenset()

    valence = re.search(r"\b(?:VALENCE|CHARGE)\s+([-+]?\d+)", line)
    return Ion(line.split()[0], listed("READ"), listed("WRITE"), f" VALENCE {valence[1]}" if valence else "")


def companions(text: str) -> dict[str, str]:
    """Names and texts of the mechanisms that make the ions of a file move."""
    beside: dict[str, str] = {}
    for used in ions(text):
        concentrations = {used.inside, f"{used.name}o"}
        wanted = used.reads & {used.current, *concentrations} or used.writes & concentrations
        if used.name not in CARRIED_BY_HH and wanted:
            beside |= {f"channel_{used.name}": filled(CHANNEL, used)}
        if used.inside in used.reads and not concentrations & used.writes:
            beside |= {f"pool_{used.name}": filled(POOL, used)}
    return beside


def filled(template: str, used: Ion) -> str:
    """A companion for an ion."""
    resting = CONCENTRATION.get(used.name, 1.0)
    text = template.replace("@ion@", used.name).replace("@valence@", used.valence)
    return text.replace("@resting@", repr(resting))
