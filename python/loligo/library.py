"""Mechanisms: channels, pools and pumps, built in or from NMODL files, and where the built-in ones come from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from loligo import point_neurons, synapses
from loligo._engine import (
    Mechanism,
    builtin_bibliography,
    builtin_entries,
    builtin_names,
    builtin_source,
    diffusion_source,
)
from loligo.arguments import as_float, as_name, as_path, checked_view
from loligo.errors import ArgumentError, MechanismError, MissingFileError, UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from loligo.modules import Module

CLASSES = {**point_neurons.CLASSES, **synapses.CLASSES}
"""What the library has beside files."""

COLUMNS = ["name", "kind", "description", "ions", "species", "preparation", "temperature", "reference"]


def mechanism(name: str) -> Mechanism:
    """A built-in mechanism by its name; for a file of yours see `Mechanism.from_mod`.

    Neurons that are written in Python (`lo.LIF`, `lo.AdEx`, …) come without a surrogate: make them by their classes
    for one. Graded synapses (`lo.IonotropicSynapse`, …) are written in Python, too.

    Raises:
        UnknownNameError: There is none of this name; the message names the nearest.

    >>> mechanism("hh").states
    ['m', 'h', 'n']
    """
    if as_name(name, "the mechanism") in CLASSES:
        return CLASSES[name]().mechanism
    text = builtin_source(name)
    if text is None:
        meant = did_you_mean(name, [*builtin_names(), *CLASSES])
        raise UnknownNameError(
            f"there is no built-in mechanism `{name}`{meant or '.'} lo.mechanisms() lists those that there are; read a "
            "file of yours with lo.Mechanism.from_mod, or a folder of them with lo.load_mechanisms"
        )
    return Mechanism.compile(text, f"{name}.mod")


def diffusion(concentration: str, D: float = 1.0) -> Mechanism:
    """A mechanism that lets the concentration of an ion diffuse along the cell, wherever it is inserted.

    What else changes the concentration in a compartment goes on to do so. Each step takes an implicit step of diffusion
    after that of the reactions; the constant is the parameter `<concentration>_diffusion.D`, which can be set by
    compartment and trained.

    Args:
        concentration: `cai`, `nai`, `ko`, …
        D: Diffusion constant, µm²/ms. That of calcium in cytoplasm is about 0.2 (Allbritton, Meyer and Stryer 1992).

    Raises:
        ArgumentError: That is not the name of a concentration, or the constant is not a number.

    >>> import loligo as lo
    >>> cell = lo.Cell(lo.Branch(lo.Compartment(length=20, radius=1), ncomp=3), parents=[-1, 0])
    >>> cell.insert(lo.diffusion("cai", D=0.2))
    >>> cell.set("cai_diffusion.D", 0.3)
    """
    text = diffusion_source(as_name(concentration, "the concentration"), as_float(D, "D", "µm²/ms"))
    if text is None:
        raise ArgumentError(
            f"diffusion was given the concentration {concentration!r} and the constant {D!r}, expected the name of a "
            "concentration such as 'cai' and a number in µm²/ms"
        )
    return Mechanism.compile(text, f"{concentration}_diffusion.mod")


def mechanisms(search: str = "", *, ion: str | None = None, species: str | None = None) -> pd.DataFrame:
    """The built-in mechanisms as a table, one row each, by name; neurons without an extent and graded synapses are
    classes here, too.

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
    table = pd.DataFrame(builtin_entries(as_name(search, "what is searched for")), columns=COLUMNS).set_index("name")
    if ion is not None:
        as_name(ion, "the ion")
        table = table[[ion in ions for ions in table.ions]]
    if species is not None:
        as_name(species, "the species")
        table = table[table.species.str.contains(species, case=False, regex=False)]
    return table


def load_mechanisms(folder: str | os.PathLike[str]) -> dict[str, Mechanism]:
    """All mechanisms of a folder of `.mod` files, such as a published model comes with, by their names.

    Args:
        folder: Where the files are; folders in it are not looked into.

    Raises:
        MissingFileError: There is no such folder, or no `.mod` file in it.
        MechanismError: Files that cannot be taken; the message has all of them, each with the place and the reason, and
            a name that two files give.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "leak.mod").write_text(mechanism("pas").source)
    ...     load_mechanisms(folder)
    {'pas': <mechanism pas>}
    """
    files = sorted(as_path(folder).glob("*.mod"))
    if not files:
        raise MissingFileError(f"there is no .mod file in the folder {os.fspath(folder)!r}")
    found: dict[str, tuple[Path, Mechanism]] = {}
    wrong = []
    for file in files:
        try:
            loaded = Mechanism.from_mod(file)
        except MechanismError as error:
            wrong.append(str(error))
            continue
        if loaded.name in found:
            wrong.append(f"{file}: `{loaded.name}` is the name of the mechanism in {found[loaded.name][0].name} too")
        found.setdefault(loaded.name, (file, loaded))
    if wrong:
        count = f"{len(wrong)} of {len(files)} files"
        raise MechanismError(
            "\n".join([f"{count} cannot be taken (lo.Mechanism.from_mod reads one by itself)", *wrong])
        )
    return {name: loaded for name, (_, loaded) in found.items()}


def cite(model: Module) -> str:
    """BibTeX of what the mechanisms of a model come from, synapses after the others, in the order in which they were
    inserted and connected, each work once.

    A mechanism that is not built in is named in a comment; one that only has another name is known by its text.

    >>> import loligo as lo
    >>> axon = lo.Compartment()
    >>> axon.insert(lo.mechanism("hh"))
    >>> print(cite(axon).splitlines()[0])
    @article{hodgkin1952,
    >>> circuit = lo.Network([axon, axon])
    >>> circuit.connect([0], [1], lo.IonotropicSynapse("excitatory"))
    <1 synapse excitatory>
    >>> [line for line in cite(circuit).splitlines() if line.startswith("@")]
    ['@article{hodgkin1952,', '@incollection{abbott1998,']
    """
    checked_view(model, "the model")
    known = {*builtin_names(), *CLASSES}
    names = [*model.mechanisms, *model.synapse_names]
    if any(name not in known for name in names):
        texts = {builtin_source(name): name for name in builtin_names()}
        texts |= {kind().mechanism.source: name for name, kind in CLASSES.items()}
        names = [name if name in known else texts.get(model._inserted[name].source, name) for name in names]
    foreign = [f"% {name} is not a mechanism of Loligo: cite its authors\n" for name in names if name not in known]
    return "\n".join([*builtin_bibliography(names), *foreign])


__all__ = ["Mechanism", "cite", "load_mechanisms", "mechanism", "mechanisms"]
