"""Names: what `HH_gNa`, `eK`, `i_Ca` and so on stand for in a model."""

from loligo._engine import Model
from loligo.errors import UnknownNameError, did_you_mean
from loligo.jaxley.channels import SHARED

EVERYWHERE = ("length", "radius", "axial_resistivity", "capacitance", "v")

ION_CURRENTS = {"i_Na": "ina", "i_K": "ik", "i_Ca": "ica"}


def quantities(model: Model) -> dict[str, tuple[str, ...]]:
    """What can be set: Jaxley's names, and the quantities of the model that each stands for."""
    named: dict[str, tuple[str, ...]] = {name: (name,) for name in EVERYWHERE}
    ours = {ours: theirs for theirs, (ours, _) in SHARED.items()}
    for quantity in model.quantities():
        mechanism, _, own = quantity.partition(".")
        if own in ours:
            named[own] = (*named.get(own, ()), quantity)
        elif own:
            named[f"{mechanism}_{own}"] = (quantity,)
        elif quantity in ours:
            named[ours[quantity]] = (quantity,)
    return named


def quantities_of(model: Model, name: str) -> tuple[str, ...]:
    """The quantities of the model that a name stands for.

    Raises:
        UnknownNameError: It stands for none.
    """
    known = quantities(model)
    if name not in known:
        raise UnknownNameError(f"there is no parameter or state `{name}`{did_you_mean(name, known)}")
    return known[name]


def recordables(model: Model, currents: dict[str, str]) -> dict[str, str]:
    """What can be recorded: Jaxley's names, and the model's.

    Args:
        currents: The name of the current of each mechanism.
    """
    named = {"v": "v"}
    for mechanism, _ in model.mechanisms():
        current = currents.get(mechanism, f"i_{mechanism}")
        named[current] = ION_CURRENTS.get(current, f"{mechanism}.i")
    states = {name: quantity for name, (quantity, *_) in quantities(model).items() if "." in quantity}
    return named | states
