"""Files of Loligo's own: models, fits, and checkpoints of fits that were interrupted. FORMAT.md has every key."""

from loligo.saving.verbs import load, save

__all__ = ["load", "save"]
