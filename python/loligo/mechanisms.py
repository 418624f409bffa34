"""Mechanisms: channels, built in or from NMODL files."""

from loligo._engine import Mechanism, builtin_names, builtin_source
from loligo.errors import UnknownNameError, did_you_mean


def mechanism(name: str) -> Mechanism:
    """A built-in mechanism by its name; for a file of yours see `Mechanism.from_mod`.

    Raises:
        UnknownNameError: There is none of this name; the message lists those that there are.

    >>> mechanism("hh").states
    ['m', 'h', 'n']
    """
    text = builtin_source(name)
    if text is None:
        known = builtin_names()
        raise UnknownNameError(
            f"there is no built-in mechanism `{name}`{did_you_mean(name, known) or '.'} The built-in ones are "
            f"{', '.join(known)}; read a file of yours with lo.Mechanism.from_mod"
        )
    return Mechanism.compile(text, f"{name}.mod")


__all__ = ["Mechanism", "mechanism"]
