"""Every public name of Jaxley is one of the door, with its parameters and defaults, or its absence is explained."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from types import ModuleType
from typing import Any

import loligo.jaxley as jx

OTHERWISE = {
    "CaNernstReversal.init_state": "inherited, where the voltage is `v`",
    "View.__init__": "selectors make views",
    "nested_checkpoint_scan": "JAX is imported when it is used, so that its functions are no defaults",
}
"""Whose parameters are other ones, and why."""


def names_of(of: ModuleType) -> dict[str, Any]:
    """The public functions and classes of Jaxley by where they can be imported from, the parameters of functions, and
    the public methods and attributes of classes, each with the class that defines it."""
    places: dict[str, str] = {}
    functions: dict[str, Any] = {}
    classes: dict[str, dict[str, Any]] = {}
    for module in [of.__name__, *(each.name for each in pkgutil.walk_packages(of.__path__, f"{of.__name__}."))]:
        imported = importlib.import_module(module)
        for name, value in vars(imported).items():
            home = str(getattr(value, "__module__", ""))
            # a package also offers what is defined in its files
            is_offered = home == module or (hasattr(imported, "__path__") and home.startswith(f"{of.__name__}."))
            if name.startswith("_") or not is_offered or not (inspect.isclass(value) or inspect.isfunction(value)):
                continue
            where = f"{home}.{name}".removeprefix(f"{of.__name__}.")
            places[f"{module}.{name}".removeprefix(f"{of.__name__}.")] = where
            if inspect.isfunction(value):
                functions[where] = parameters(value)
            else:
                classes[where] = own_members(value)
    network = of.Network([of.Cell(of.Branch(of.Compartment(), 2), [-1, 0])])
    classes["modules.base.Module"] |= {name: None for name in vars(network) if not name.startswith("_")}
    return {"places": places, "functions": functions, "classes": classes}


def own_members(kind: type) -> dict[str, Any]:
    """The parameters of the constructor and of public methods, and None for attributes, that a class defines itself."""
    members = {}
    for name, value in vars(kind).items():
        if name == "__init__" or not name.startswith("_"):
            function = inspect.unwrap(value) if inspect.isfunction(value) else None
            members[name] = None if function is None else parameters(function)[1:]
    return members


def parameters(function: Any) -> list[list[str]]:
    """Names, and defaults as text."""
    return [[name, _text(parameter.default)] for name, parameter in inspect.signature(function).parameters.items()]


def _text(default: Any) -> str:
    if default is inspect.Parameter.empty:
        return "required"
    if isinstance(default, bool) or default is None:
        return repr(default)
    if isinstance(default, int | float):
        return repr(float(default))
    if inspect.isroutine(default):
        return default.__name__  # its address is another in every process
    # neither tuples nor lists nor dictionaries are written to
    return repr(list(default)) if isinstance(default, list | tuple | dict) else repr(default)


def absent() -> list[str]:
    """The names that the documentation of the door says are absent."""
    table = str(jx.__doc__).partition("Names of Jaxley that are not here")[2].partition("\n\n")[2].partition("\n\n")[0]
    rows = re.split(r"\n- |^- ", table)[1:]
    assert all(": " in row for row in rows), "a row says why, and what to use"
    return [name for row in rows for name in re.findall(r"`([\w.]+)`", row.partition(": ")[0])]


def is_covered(name: str) -> bool:
    """Whether a name, or what it belongs to, is explained."""
    return any(f"{name}.".startswith(f"{each}.") for each in absent())


def looked_up(name: str) -> Any:
    """What the door has by that name, None for nothing."""
    module, _, own = f"loligo.jaxley.{name}".rpartition(".")
    try:
        return getattr(importlib.import_module(module), own, None)
    except ModuleNotFoundError:
        return None


def agree(wanted: list[list[str]], function: Any) -> bool:
    """Whether all parameters are there in their order, with their defaults; the door may have more."""
    if function is None:
        return False
    found = parameters(function)
    found = found[1:] if found and found[0][0] == "self" else found
    if any(name in ("args", "kwargs") for name, _ in wanted):
        return True
    here = [name for name, _ in found]
    defaults = dict(found)
    kept = [name for name in here if name in dict(wanted)]
    return kept == [name for name, _ in wanted] and all(
        theirs in ("required", defaults[name]) or theirs.startswith("<") for name, theirs in wanted
    )


def test_what_is_defined_is_here_or_explained(jaxley: Any) -> None:
    theirs = jaxley.gives(names_of)
    wrong = [
        place
        for place, home in theirs["places"].items()
        if looked_up(place) is None and not is_covered(place) and not is_covered(home)
    ]
    assert not wrong, f"not there: {', '.join(wrong)}"


def test_functions_have_the_same_parameters(jaxley: Any) -> None:
    theirs = jaxley.gives(names_of)
    wrong = [
        f"{name}{looked_up(name) and parameters(looked_up(name))}, in Jaxley {wanted}"
        for name, wanted in theirs["functions"].items()
        if not is_covered(name) and name.rpartition(".")[2] not in OTHERWISE and not agree(wanted, looked_up(name))
    ]
    assert not wrong, "\n".join(wrong)


def test_classes_have_the_same_methods_and_attributes(jaxley: Any) -> None:
    theirs = jaxley.gives(names_of)
    wrong = []
    for kind, members in theirs["classes"].items():
        if is_covered(kind):
            continue
        short = kind.rpartition(".")[2]
        ours = looked_up(kind)
        example = instance(short, ours)
        for name, wanted in members.items():
            full = f"{short}.{name}"
            if is_covered(full) or full in OTHERWISE:
                continue
            if not (hasattr(example, name) or name in inspect.get_annotations(ours)):
                wrong.append(f"{full} is absent")
            elif wanted is not None and name != "__init__":
                method = inspect.getattr_static(ours, name, None)
                method = getattr(method, "fget", None) or getattr(method, "__func__", method)
                if not inspect.isfunction(method):
                    wrong.append(f"{full} is no method")
                elif not agree(wanted, method):
                    wrong.append(f"{full}{parameters(method)[1:]}, in Jaxley {wanted}")
            elif name == "__init__" and not agree(wanted, ours.__init__):
                wrong.append(f"{full}{parameters(ours.__init__)[1:]}, in Jaxley {wanted}")
    assert not wrong, "\n".join(wrong)


def instance(name: str, kind: Any) -> Any:
    """A module, a view, a channel, … of a class, or the class if it cannot be made without arguments."""
    network = jx.Network([jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0])])
    if name in ("Module", "View", "Network"):
        return network.cell(0) if name == "View" else network
    required = [default for _, default in parameters(kind) if default == "required"]
    is_base = name in ("Channel", "Pump", "Synapse") or inspect.isabstract(kind)
    return kind if required or is_base else kind()


def test_what_is_explained_is_not_here(jaxley: Any) -> None:
    theirs = jaxley.gives(names_of)
    known = {*theirs["places"], *theirs["places"].values()}
    known |= {f"{kind.rpartition('.')[2]}.{name}" for kind, own in theirs["classes"].items() for name in own}
    known |= {name.rpartition(".")[0] for name in known}
    there = []
    for name in absent():
        assert name in known, f"Jaxley has no `{name}`"
        kind, _, member = name.rpartition(".")
        homes = [each for each in theirs["classes"] if each.rpartition(".")[2] == kind]
        if hasattr(instance(kind, looked_up(homes[0])), member) if homes else looked_up(name) is not None:
            there.append(name)
    assert not there, f"to be taken off the list: {', '.join(there)}"
