"""Running a module, with Jaxley's arguments and time indexing."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from loligo._engine import Waveform
from loligo.errors import ArgumentError, ArgumentTypeError, RunError
from loligo.jaxley.array import like_jaxley
from loligo.jaxley.clamps import DataClamp, held
from loligo.jaxley.cylinders import given_extents, trained_extents, with_cylinders
from loligo.jaxley.modules import Module
from loligo.jaxley.states import CHOICES, as_dictionary, from_dictionary, layout
from loligo.jaxley.stepping import add_clamps, add_stimuli, build_init_and_step_fn
from loligo.parameters import Batch, Injection, Parameters, Setting, shape_of
from loligo.simulating import simulate

__all__ = ["add_clamps", "add_stimuli", "build_init_and_step_fn", "integrate"]


def integrate(
    module: Module,
    params: Parameters | Batch | Sequence = (),
    *,
    param_state: Sequence[Setting] | None = None,
    data_stimuli: Sequence[Injection] | None = None,
    data_clamps: Sequence[DataClamp] | None = None,
    t_max: float | None = None,
    delta_t: float = 0.025,
    solver: str = "bwd_euler",
    voltage_solver: str = "jaxley.dhs",
    checkpoint_lengths: Sequence[int] | None = None,
    all_states: dict[str, Any] | None = None,
    return_states: bool = False,
) -> Any:
    """Runs a module; the recordings, shape (recording, time).

    Column 0 is the initial state, column k + 1 the state after sample k of the stimuli. Without `t_max` there are as
    many steps as samples; with it there are int(t_max // delta_t + 1), and stimuli are cut or continued with 0.

    Args:
        params: Numbers for the trainables, as from `get_parameters`.
        param_state: From `data_set`.
        data_stimuli: From `data_stimulate`.
        data_clamps: From `data_clamp`.
        t_max: Duration, ms.
        delta_t: Time step, ms.
        solver: `"bwd_euler"` or `"crank_nicolson"`.
        voltage_solver: Accepted for Jaxley's sake; there is one, and it is exact.
        checkpoint_lengths: Checked for Jaxley's sake; gradients keep within a budget of memory by themselves.
        all_states: States to start from, as another run returned them, or `init_fn` of `build_init_and_step_fn`.
        return_states: Whether to return the states at the end, too: `(recordings, states)`.

    Raises:
        ArgumentError: An argument that Jaxley refuses, too, or that is not supported yet.
        RunError: Nothing is recorded.
        UnknownNameError: A channel reads a current that no channel has.
        DivergenceError: The numbers left the finite.
    """
    if not isinstance(module, Module):
        raise ArgumentTypeError(f"integrate was given {module!r}, expected a whole module of loligo.jaxley")
    if solver not in CHOICES:
        raise ArgumentError(f"solver is {solver!r}, expected 'bwd_euler' or 'crank_nicolson'")
    module._check_currents()
    if not module._model.recordings():
        raise RunError("nothing is recorded: call record before integrate")
    holds = [*held(module), *(data_clamps or [])]
    steps = _steps(module, list(data_stimuli or []), holds, t_max, delta_t)
    if checkpoint_lengths is not None and np.prod(checkpoint_lengths) < steps:
        raise ArgumentError(f"checkpoint_lengths reach {np.prod(checkpoint_lengths)} steps, expected {steps} or more")
    start, settings = None, list(param_state or [])
    if all_states is not None:
        start, that_stay = from_dictionary(module, all_states, layout(module, solver))
        settings = [*that_stay, *settings]
    run = simulate(
        _as_run(module, params, settings),
        params if isinstance(params, Batch) else [entry for entry in params if len(entry)] or None,
        t_max=steps * delta_t,
        dt=delta_t,
        scheme=CHOICES[solver],
        convention="jaxley",
        param_state=settings,
        stimuli=data_stimuli,
        start=start,
        keep_state=return_states,
        held=holds,
    )
    recordings = like_jaxley(run.recordings)
    return (recordings, as_dictionary(module, run.state)) if return_states else recordings


def _as_run(module: Module, params: Parameters | Batch | Sequence, settings: Sequence[Setting]) -> Module:
    """The module with cylinders wherever a radius or a length is given."""
    given = given_extents(settings)
    if isinstance(params, Batch) or any(len(entry) for entry in params):
        given = np.union1d(given, trained_extents(module))
    return with_cylinders(module, given)


def _steps(
    module: Module, injections: list[Injection], holds: list[DataClamp], t_max: float | None, delta_t: float
) -> int:
    if not isinstance(delta_t, int | float | np.number) or not 0 < delta_t < np.inf:
        raise ArgumentError(f"delta_t is {delta_t!r}, expected a positive number of ms")
    lengths = {current.sample_count for _, current in module._model.stimuli()}
    lengths |= {_length(injection.current) for injection in [*injections, *holds]}
    if t_max is not None:
        steps = int(t_max // delta_t + 1)
        if short := [own for own in holds if _length(own.current) < steps]:
            raise ArgumentError(
                f"the clamp of `{short[0].key}` has {_length(short[0].current)} time steps, expected {steps} or more: "
                "stimuli are continued with 0, clamps cannot be"
            )
        return steps
    if len(lengths) > 1:
        raise ArgumentError(
            f"stimuli and clamps have {sorted(lengths)} time steps, expected the same number in all, or t_max"
        )
    if not lengths:
        raise ArgumentError("there is neither a stimulus nor t_max to tell how long to run")
    return lengths.pop()


def _length(current: Any) -> int:
    if isinstance(current, Waveform):
        raise ArgumentTypeError(f"a stimulus is {current!r}, expected an array; see step_current")
    return shape_of(current.values if isinstance(current, Batch) else current)[-1]
