"""Fits as data: their model, what they found and on the way to it, and the options of their runs.

The loss is a function, and functions are not stored.
"""

from __future__ import annotations

import numpy as np

from loligo.errors import LoligoError, SavingError
from loligo.fitting import Fit
from loligo.saving import models, options
from loligo.saving.field import Field
from loligo.saving.writer import Json, Writer


def written(fit: Fit, writer: Writer) -> dict[str, Json]:
    """Everything that a fit is and has.

    Raises:
        SavingError: Its model, or an option of its runs, cannot be saved; or other numbers of the model are trainable
            now.
    """
    trained = [(name, numbers.size) for entry in fit.initial for name, numbers in entry.items()]
    now = [(trainable.name, len(trainable.targets)) for trainable in fit.module._trainables()]
    if trained != now:
        raise SavingError(
            f"the fit is of {_listed(trained)}, and of its model {_listed(now)} are trainable now: save it before "
            "trainables are changed"
        )
    entries = zip(fit.initial, fit.candidates, strict=True)
    return {
        "fit": {
            "history": writer.array(np.asarray(fit.history, dtype=np.float64)),
            "losses": writer.array(np.asarray(fit.losses, dtype=np.float64)),
            "dropped_after": writer.array(np.asarray(fit.dropped_after, dtype=np.float64)),
            "parameters": [
                {"name": name, "initial": writer.array(numbers), "candidates": writer.array(found[name])}
                for initial, found in entries
                for name, numbers in initial.items()
            ],
            "options": options.written(fit.options, writer),
        },
        "model": models.written(fit.module, writer),
    }


def _listed(trainables: list[tuple[str, int]]) -> str:
    return ", ".join(f"`{name}` ({count})" for name, count in trainables) or "no numbers"


def fit_of(field: Field) -> Fit:
    """The fit that is written there.

    Raises:
        FormatError: It is no such thing; the message says what and where.
    """
    module = models.module_of(field["model"])
    held = field["fit"]
    history = held["history"].array("float64", (None, None))
    starts = history.shape[1]
    losses = held["losses"].array("float64", (starts,))
    if not np.isfinite(losses).any():
        raise held["losses"].refused("a finite loss among them")
    # fits had no schedule once
    dropped = held["dropped_after"].array("float64", (starts,)) if held.has("dropped_after") else None
    trainables = module._trainables()
    initial, candidates = [], []
    for own, trainable in zip(held["parameters"].each(len(trainables)), trainables):
        name, count = own["name"].one_of((trainable.name,)), len(trainable.targets)
        initial.append({name: own["initial"].array("float64", (count,))})
        candidates.append({name: own["candidates"].array("float64", (starts, count))})
    try:
        given = options.options_of(held["options"], module)
    except LoligoError as error:
        raise held["options"].refused_as_a_whole(error) from error
    return Fit(module, initial, candidates, losses, history, given, dropped)
