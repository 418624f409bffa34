"""Bare modules: those that nothing is on that belongs to compartments by their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loligo.errors import ModelError

if TYPE_CHECKING:
    from loligo.jaxley.modules.module import Module


def check_bare(module: Module) -> None:
    """That a module has no stimuli, clamps, recordings or trainables.

    Raises:
        ModelError: It has; the message says what, and how to get rid of it.
    """
    for what, present, verb in (
        ("stimuli", module._model.stimuli(), "delete_stimuli"),
        ("clamps", module._clamps, "delete_clamps"),
        ("recordings", module._model.recordings(), "delete_recordings"),
        ("trainables", module._trained, "delete_trainables"),
    ):
        if present:
            raise ModelError(
                f"the module has {len(present)} {what}, which belong to compartments as they are; call {verb}() first, "
                "and change the shape before you add any"
            )
