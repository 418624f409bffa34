"""Mechanisms: channels, pools and pumps, built in or from NMODL files, and where the built-in ones come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from loligo._engine import Mechanism, builtin_bibliography, builtin_entries, builtin_names, builtin_source
from loligo.errors import UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from loligo.modules import Module

COLUMNS = ["name", "kind", "description", "ions", "species", "preparation", "temperature", "reference"]


def mechanism(name: str) -> Mechanism:
    """A built-in mechanism by its name; for a file of yours see `Mechanism.from_mod`.

    Raises:
        UnknownNameError: There is none of this name; the message names the nearest.

    >>> mechanism("hh").states
    ['m', 'h', 'n']
    """
    text = builtin_source(name)
    if text is None:
        meant = did_you_mean(name, builtin_names())
        raise UnknownNameError(
            f"there is no built-in mechanism `{name}`{meant or '.'} lo.mechanisms() lists those that there are; read a "
            "file of yours with lo.Mechanism.from_mod"
        )
    return Mechanism.compile(text, f"{name}.mod")


def mechanisms(search: str = "", *, ion: str | None = None, species: str | None = None) -> pd.DataFrame:
    """The built-in mechanisms as a table, one row each, by name.

    Args:
        search: Words that all stand somewhere in a row; case does not count.
        ion: Only those that read or write this ion: `na`, `k`, `ca`.
        species: Only those of an animal whose name has this in it: `rat`, `salamander`.

    Returns:
        Columns `kind` (channel, pool, pump, synapse or cell), `description`, `ions`, `species`, `preparation`,
        `temperature` (of the kinetics) and `reference`, with the names as index. A table without rows if none fits.

    >>> list(mechanisms("sodium", species="salamander").index)
    ['fohlmeister_na']
    >>> mechanisms(ion="na").reference["hh"]
    'Hodgkin and Huxley 1952'
    """
    table = pd.DataFrame(builtin_entries(search), columns=COLUMNS).set_index("name")
    if ion is not None:
        table = table[[ion in ions for ions in table.ions]]
    if species is not None:
        table = table[table.species.str.contains(species, case=False, regex=False)]
    return table


def cite(model: Module) -> str:
    """BibTeX of what the mechanisms of a model come from, in the order of their insertion, each work once.

    A mechanism that is not built in is named in a comment.

    >>> import loligo as lo
    >>> axon = lo.Compartment()
    >>> axon.insert(lo.mechanism("hh"))
    >>> print(cite(axon).splitlines()[0])
    @article{hodgkin1952,
    """
    known = set(builtin_names())
    names = list(model.mechanisms)
    foreign = [f"% {name} is not a mechanism of Loligo: cite its authors\n" for name in names if name not in known]
    return "\n".join([*builtin_bibliography(names), *foreign])


__all__ = ["Mechanism", "cite", "mechanism", "mechanisms"]
