"""An optimiser for each kind of parameter."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from loligo.errors import ArgumentError, UnknownNameError, did_you_mean

Parameters = Sequence[dict[str, Any]]


class TypeOptimizer:
    """An optimiser of optax (https://optax.readthedocs.io) for each parameter, made with what its name has.

    Args:
        optimizer: What makes an optimiser, such as `optax.adam`.
        optimizer_args: By the name of a parameter what it is called with, such as the learning rate.
        opt_params: The parameters, a list of one-key dictionaries as from `get_parameters`.

    Raises:
        UnknownNameError: A parameter whose name is not in `optimizer_args`.
        ArgumentError: A parameter that is no dictionary of one key.
    """

    def __init__(
        self, optimizer: Callable[[Any], Any], optimizer_args: Mapping[str, Any], opt_params: Parameters
    ) -> None:
        self.base_optimizer = optimizer
        self.optimizers = []
        for position, entry in enumerate(opt_params):
            if not hasattr(entry, "keys") or len(entry) != 1:
                raise ArgumentError(f"parameter {position} is {entry!r}, expected a dictionary of one key")
            (name,) = entry.keys()
            if name not in optimizer_args:
                meant = did_you_mean(name, list(optimizer_args))
                raise UnknownNameError(f"optimizer_args has nothing for `{name}`{meant}")
            self.optimizers.append(optimizer(optimizer_args[name]))

    def init(self, opt_params: Parameters) -> list[Any]:
        """The states of all optimisers."""
        return [optimizer.init(entry) for optimizer, entry in zip(self.optimizers, opt_params, strict=True)]

    def update(self, gradient: Parameters, opt_state: list[Any]) -> tuple[list[Any], list[Any]]:
        """What to add to the parameters, and the new states."""
        steps = zip(self.optimizers, gradient, opt_state, strict=True)
        updated = [optimizer.update(own, state) for optimizer, own, state in steps]
        return [update for update, _ in updated], [state for _, state in updated]
