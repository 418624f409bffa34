"""Parameters of BluePyOpt: what its two kinds of JSON files say of where which number has which value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loligo.errors import ModelFileError, did_you_mean
from loligo.published.formula import Formula

GROUPS = {
    "all": None,
    "somatic": ("soma",),
    "axonal": ("axon",),
    "basal": ("basal",),
    "apical": ("apical",),
    "alldend": ("basal", "apical"),
    "somadend": ("soma", "basal", "apical"),
    "somaxon": ("soma", "axon"),
    "allact": ("soma", "axon", "basal", "apical"),
}
"""The groups of a cell by the lists of sections that files name; `all` is the whole cell."""

GLOBAL, DISTRIBUTION = "global", "distribution_"
"""A list that is no list of sections, and how those begin that have the parameters of distributions."""


@dataclass(frozen=True)
class Distribution:
    """How a number depends on the distance from the soma.

    Attributes:
        formula: Of `value`, `distance` (µm) and its own parameters.
        parameters: The names of these; their values are parameters of the model, `name.distribution_own`.
        origin: From where on the soma the distance is measured, from 0 to 1.
    """

    formula: Formula
    parameters: tuple[str, ...] = ()
    origin: float = 0.5


@dataclass(frozen=True)
class Parameter:
    """A number of a model.

    Attributes:
        name: What NEURON calls it: `gIhbar_Ih`, `cm`, `v_init`.
        sections: A list of sections, `global`, or a distribution whose parameter it is.
        value: Its value; None if it is free.
        bounds: Between which it was sought, if it is free.
        distribution: By distance; uniform if None.
    """

    name: str
    sections: str
    value: float | None
    bounds: tuple[float, float] | None
    distribution: str | None

    @property
    def full_name(self) -> str:
        """As results of a fit call it: `gIhbar_Ih.basal`, and `v_init` where it is global."""
        return self.name if self.sections == GLOBAL else f"{self.name}.{self.sections}"


@dataclass
class Description:
    """What files say.

    Attributes:
        parameters: In the order in which they are set.
        distributions: By their names.
        mechanisms: For each list of sections its mechanisms.
    """

    parameters: list[Parameter] = field(default_factory=list)
    distributions: dict[str, Distribution] = field(default_factory=dict)
    mechanisms: dict[str, list[str]] = field(default_factory=dict)


def described(content: Any, where: str) -> Description:
    """What the content of a file of parameters says: a list of parameters, or an object with `parameters`,
    `distributions` and maybe `mechanisms`.

    Raises:
        ModelFileError: It is neither; the message says where, and what was expected.
    """
    found = Description()
    if isinstance(content, list):
        for index, entry in enumerate(content):
            _add(found, entry, f"{where}: parameter {index}")
        return found
    if not isinstance(content, dict) or "parameters" not in content:
        meant = did_you_mean("parameters", content) if isinstance(content, dict) else ""
        raise ModelFileError(
            f"{where} has no `parameters`{meant}; expected a list of parameters (param_name, sectionlist, value or "
            "bounds, …), or an object with `parameters` by lists of sections"
        )
    for name, entry in content.get("distributions", {}).items():
        formula = _get(entry, "fun", str, f"{where}: the distribution `{name}`")
        parameters, origin = tuple(entry.get("parameters", ())), float(entry.get("soma_ref_location", 0.5))
        found.distributions[name] = _distribution(formula, parameters, origin, f"{where}: the distribution `{name}`")
    for sections, entries in content["parameters"].items():
        if sections == "__comment":
            continue
        _check_sections(sections, where)
        for index, entry in enumerate(entries):
            place = f"{where}: parameter {index} of `{sections}`"
            name, value = _get(entry, "name", str, place), _get(entry, "val", float | list, place)
            distribution = entry.get("dist", "uniform")
            if distribution != "uniform" and distribution not in found.distributions:
                meant = did_you_mean(str(distribution), ["uniform", *found.distributions])
                raise ModelFileError(f"{place}: there is no distribution `{distribution}`{meant}")
            found.parameters.append(_parameter(name, sections, value, distribution, place))
    if "mechanisms" in content:
        found.mechanisms = mechanisms_in(content["mechanisms"], where)
    return found


def mechanisms_in(content: Any, where: str) -> dict[str, list[str]]:
    """The names of mechanisms by lists of sections: `{"all": ["pas"]}`, or `{"all": {"mech": ["pas"]}}`.

    Raises:
        ModelFileError: It is not that.
    """
    if not isinstance(content, dict):
        raise ModelFileError(f"the mechanisms in {where} are {type(content).__name__}, expected lists by sections")
    found = {}
    for sections, names in content.items():
        _check_sections(sections, where)
        names = names.get("mech") if isinstance(names, dict) else names
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ModelFileError(f"{where}: the mechanisms of `{sections}` are {names!r}, expected a list of names")
        found[sections] = names
    return found


def _add(found: Description, entry: Any, where: str) -> None:
    """Adds a parameter of the kind of file that is a list."""
    name, kind = _get(entry, "param_name", str, where), _get(entry, "type", str, where)
    where = f"{where} (`{name}`)"
    if kind not in ("global", "section", "range"):
        meant = did_you_mean(kind, ["global", "section", "range"])
        raise ModelFileError(f"{where}: the type is `{kind}`, expected global, section or range{meant}")
    sections = GLOBAL if kind == "global" else _get(entry, "sectionlist", str, where)
    _check_sections(sections, where)
    if "value" not in entry and "bounds" not in entry:
        raise ModelFileError(f"{where} has neither `value` nor `bounds`{did_you_mean('value', entry)}")
    value = _get(entry, "value" if "value" in entry else "bounds", float | list, where)
    distribution = "uniform" if kind == "global" else _get(entry, "dist_type", str, where)
    if distribution != "uniform":
        # each has a formula of its own
        formula = _get(entry, "dist", str, where)
        distribution = f"{distribution} of {name}.{sections}"
        found.distributions[distribution] = _distribution(formula, (), 0.5, where)
    found.parameters.append(_parameter(name, sections, value, distribution, where))


def _distribution(text: str, parameters: tuple[str, ...], origin: float, where: str) -> Distribution:
    formula = Formula(text, where)
    known = ("value", "distance", *parameters)
    for name in formula.names:
        if name not in known:
            raise ModelFileError(f"{where}: {{{name}}} is nothing{did_you_mean(name, known)}; there are {known}")
    return Distribution(formula, parameters, origin)


def _parameter(name: str, sections: str, value: Any, distribution: str, where: str) -> Parameter:
    by_distance = None if distribution == "uniform" else distribution
    if not isinstance(value, list):
        return Parameter(name, sections, float(value), None, by_distance)
    if len(value) != 2 or not all(isinstance(bound, int | float) for bound in value):
        raise ModelFileError(f"{where}: the bounds are {value}, expected two numbers")
    return Parameter(name, sections, None, (float(value[0]), float(value[1])), by_distance)


def _get(entry: Any, key: str, kind: Any, where: str) -> Any:
    if not isinstance(entry, dict):
        raise ModelFileError(f"{where} is {entry!r}, expected an object in braces")
    if key not in entry:
        raise ModelFileError(f"{where} has no `{key}`{did_you_mean(key, entry)}")
    value = entry[key]
    value = float(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(value, kind):
        raise ModelFileError(f"{where}: `{key}` is {value!r}, expected {_KINDS[kind]}")
    return value


_KINDS = {str: "a text", float | list: "a number, or a list of two bounds"}


def _check_sections(sections: str, where: str) -> None:
    if sections not in GROUPS and sections != GLOBAL and not sections.startswith(DISTRIBUTION):
        meant = did_you_mean(sections, [*GROUPS, GLOBAL])
        raise ModelFileError(
            f"{where}: there is no list of sections `{sections}`{meant}; there are {', '.join(GROUPS)}"
        )


def values_of(parameters: Sequence[Parameter], best: Mapping[str, float] | None, where: str) -> dict[str, float]:
    """The value of each parameter by its full name: that of the file, or that which was found.

    Raises:
        ModelFileError: A free parameter without a value, or a value of none.
    """
    best = {} if best is None else dict(best)
    known = [parameter.full_name for parameter in parameters]
    for name, value in best.items():
        if name not in known:
            raise ModelFileError(f"best has `{name}`, which is no parameter of {where}{did_you_mean(name, known)}")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ModelFileError(f"best has {value!r} for `{name}`, expected a number")
    missing = [p.full_name for p in parameters if p.value is None and p.full_name not in best]
    if missing:
        names = ", ".join(missing[:5]) + (", …" if len(missing) > 5 else "")
        raise ModelFileError(f"{where} has {len(missing)} free parameters without a value in best: {names}")
    fixed = {p.full_name: p.value for p in parameters if p.value is not None}
    return {p.full_name: float((fixed | best)[p.full_name]) for p in parameters}
