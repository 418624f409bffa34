"""Checkpoints: how far a fit has come, so that it goes on from there after it was interrupted."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from loligo.errors import ArgumentError, CheckpointError, UnwritableFileError
from loligo.modules import Module
from loligo.saving import models, options
from loligo.saving.field import Field
from loligo.saving.reader import Reader
from loligo.saving.verbs import LIMIT
from loligo.saving.writer import Json, Writer, checked_path

_WITHOUT_EFFECT = ("budget", "threads")
"""Options that change no bit of a result."""


@dataclass(frozen=True)
class Progress:
    """How far a fit has come."""

    done: int
    """Steps with Adam, starts with L-BFGS."""
    state: dict[str, np.ndarray]


class Checkpoint:
    """The file that a fit goes on from, and whose fit it is.

    Args:
        path: Ends in `.loligo`.
        every: After how many steps it is written.
        module, settings, run: What the fit is of, which must be the same as it goes on.

    Raises:
        ArgumentError: Another ending, or no number of steps.
        SavingError: The model cannot be saved, nor therefore compared.
        UnwritableFileError: There is no such folder.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        every: int,
        module: Module,
        settings: dict[str, Any],
        run: dict[str, Any],
    ) -> None:
        if not isinstance(every, int | np.integer) or isinstance(every, bool) or every < 1:
            raise ArgumentError(f"checkpoint_every is {every!r}, expected a whole number of steps, 1 or more")
        self.path: Path = checked_path(path)
        if not self.path.parent.is_dir():
            raise UnwritableFileError(f"cannot write {self.path}: there is no folder {os.fspath(self.path.parent)!r}")
        self.every = int(every)
        self._same = {f"`{name}`": value for name, value in settings.items()}
        self._same |= _of_run(run) | models.fingerprint(module)

    def read(self, shapes: dict[str, tuple[int | None, ...]]) -> Progress | None:
        """How far the fit has come, with arrays of these shapes; None if it has not begun.

        Raises:
            CheckpointError: It is the checkpoint of another fit; the message says what differs.
            FormatError: It is no checkpoint, or damaged.
        """
        if not self.path.exists():
            return None
        with Reader.open(self.path, LIMIT) as reader:
            field = Field.of(reader)
            if reader.kind != "checkpoint":
                raise CheckpointError(f"{self.path} holds a {reader.kind}, expected the checkpoint of a fit")
            self._check({name: own.scalar() for name, own in field["same"].items()})
            state = {name: field["state"][name].array("float64", shape) for name, shape in shapes.items()}
            return Progress(field["done"].whole(), state)

    def write(self, done: int, state: dict[str, np.ndarray]) -> None:
        """Writes how far the fit has come, in the place of what was there before."""
        writer = Writer()
        arrays = {name: writer.array(np.asarray(values, dtype=np.float64)) for name, values in state.items()}
        # numbers of an optimiser have no pattern to pack
        content = {"done": done, "same": self._same, "state": arrays}
        writer.write(self.path, "checkpoint", content, packed=False)

    def refused(self, reason: str) -> CheckpointError:
        """The error for a checkpoint that this fit cannot go on from."""
        return CheckpointError(
            f"{self.path} is the checkpoint of another fit: {reason}; delete it to begin anew, or name another file"
        )

    def _check(self, there: dict[str, Any]) -> None:
        differences = []
        for name in dict.fromkeys([*self._same, *there]):
            own, other = self._same.get(name), there.get(name)
            if own == other:
                continue
            is_hash = any(str(value).startswith("sha256:") for value in (own, other))
            if name not in there or name not in self._same:
                differences.append(f"{name} is only {'here' if name in self._same else 'there'}")
            else:
                differences.append(f"{name} differs" if is_hash else f"{name} is {own!r}, there it is {other!r}")
        if differences:
            more = len(differences) - 4
            listed = "; ".join(differences[:4]) + (f"; and {more} more" if more > 0 else "")
            raise self.refused(listed)


def _of_run(run: dict[str, Any]) -> dict[str, Json]:
    """The options of the runs, plain ones as they are and others by a hash."""
    writer = Writer()
    found: dict[str, Json] = {}
    for name, value in options.written(run, writer).items():
        if name not in _WITHOUT_EFFECT:
            found[f"`{name}`"] = writer.digest(value) if isinstance(value, dict | list) else value
    return found
