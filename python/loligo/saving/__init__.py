"""Files of Loligo's own: models and fits. FORMAT.md has every key."""

from loligo.saving.verbs import load, save

__all__ = ["load", "save"]
