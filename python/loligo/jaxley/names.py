"""Names: what `HH_gNa`, `eK`, `i_Ca` and so on stand for in a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo._engine import Model
from loligo.errors import UnknownNameError, did_you_mean
from loligo.jaxley import diffusion
from loligo.jaxley.shared import is_current, name_of

if TYPE_CHECKING:
    from loligo.jaxley.modules import Module

EVERYWHERE = ("length", "radius", "axial_resistivity", "capacitance", "v")

CONTROLS = "controlled_by_param"
"""The column of tables by which rows share a trainable number."""

_SHARED_PARAMETERS = {"vt_of_all": "vt"}
"""Parameters of the built-in channels that all channels of a compartment share, and their names in Jaxley."""

_NOT_JAXLEYS = ("celsius",)


def quantities(model: Model) -> dict[str, tuple[str, ...]]:
    """What can be set: Jaxley's names, and the quantities of the model that each stands for."""
    named: dict[str, tuple[str, ...]] = {name: (name,) for name in EVERYWHERE}
    synapses = model.synapse_names()
    for quantity in model.quantities():
        mechanism, _, own = quantity.partition(".")
        if mechanism in synapses:
            continue
        if diffusion.state_of(mechanism) is not None:
            named[mechanism] = (quantity,)
        elif own and own not in _SHARED_PARAMETERS:
            named[f"{mechanism}_{own}"] = (quantity,)
        elif own or quantity not in (*EVERYWHERE, *_NOT_JAXLEYS):
            name = _SHARED_PARAMETERS[own] if own else name_of(quantity)
            named[name] = (*named.get(name, ()), quantity)
    return named


def channels(model: Model) -> list[tuple[str, np.ndarray]]:
    """The names of channels and pumps, and the compartments that have them."""
    return [(name, members) for name, members in model.mechanisms() if diffusion.state_of(name) is None]


def declared_currents(module: Module, channel: str) -> dict[str, float]:
    """Currents that a channel or pump has among its states, and what it declares for them: they are sums, and no
    numbers of the model."""
    described = module._described.get(channel)
    states = {} if described is None else described.channel_states
    shared = {name: value for name, value in states.items() if not name.startswith(f"{channel}_")}
    return {name: value for name, value in shared.items() if is_current(name)}


def quantities_of(model: Model, name: str) -> tuple[str, ...]:
    """The quantities of the model that a name stands for.

    Raises:
        UnknownNameError: It stands for none.
    """
    known = quantities(model)
    if name not in known:
        raise UnknownNameError(f"there is no parameter or state `{name}`{did_you_mean(name, known)}")
    return known[name]


def recordables(model: Model, currents: dict[str, tuple[str, str]]) -> dict[str, str]:
    """What can be recorded: Jaxley's names, and the model's.

    Args:
        currents: Jaxley's name of the current of each mechanism, and the model's.
    """
    named = {"v": "v"} | dict(currents[mechanism] for mechanism, _ in channels(model))
    return named | {name: quantity for name, (quantity, *_) in quantities(model).items() if name not in EVERYWHERE}


def where_current(module: Module, name: str, inside: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """What the model calls a current in some compartments, which ascend, and these compartments, piece by piece: a sum
    over all that carry it where anything does, elsewhere the current of a channel that has none but says so."""
    called = np.full(inside.size, -1)
    mechanisms = [(*module._currents[mechanism], members) for mechanism, members in channels(module._model)]
    own = sorted(((quantity, members) for current, quantity, members in mechanisms if current == name), key=_is_a_sum)
    for number, (_, members) in enumerate(own):
        called[np.isin(inside, members)] = number
    starts = np.flatnonzero(np.diff(called, prepend=-2))
    pieces = zip(called[starts], np.split(inside, starts[1:])) if inside.size else []
    return [(own[number][0], piece) for number, piece in pieces if number >= 0]


def _is_a_sum(current: tuple[str, Any]) -> bool:
    return "." not in current[0]


def of_edges(module: Module) -> dict[str, tuple[str, ...]]:
    """What can be set of synapses: Jaxley's names, and the quantities of the model that each stands for, which are
    several where several types have a parameter of one name."""
    synapses = module._model.synapse_names()
    named: dict[str, tuple[str, ...]] = {}
    for quantity in module._model.quantities():
        mechanism, _, own = quantity.partition(".")
        if mechanism in synapses:
            key = module._edge_keys.get(quantity, f"{mechanism}_{own}")
            named[key] = (*named.get(key, ()), quantity)
    return named


def types_of(quantities: Sequence[str]) -> str:
    """The types of synapses that quantities are of, for a message."""
    return " and ".join(f"`{quantity.partition('.')[0]}`" for quantity in quantities)


def recordable_of_edges(module: Module) -> dict[str, str]:
    """What can be recorded of synapses: Jaxley's names, and the model's."""
    mechanisms = {name: module._inserted[name] for name in module._model.synapse_names()}
    currents = {f"i_{name}": f"{name}.{mechanism.currents[0]}" for name, mechanism in mechanisms.items()}
    states = {f"{name}.{state}" for name, mechanism in mechanisms.items() for state in mechanism.states}
    return currents | {key: quantity for key, (quantity, *_) in of_edges(module).items() if quantity in states}
