"""Running a module step by step: all that a step takes and leaves is in dictionaries of arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo.errors import ArgumentError, ArgumentTypeError, ModelError, UnknownNameError, did_you_mean
from loligo.frameworks import numpy_for
from loligo.jaxley import names, states
from loligo.jaxley.array import each_like_jaxley
from loligo.jaxley.cylinders import EXTENTS, frusta_of, given_extents, put_cylinders, trained_extents, with_cylinders
from loligo.jaxley.extents import implied
from loligo.jaxley.utils.cell_utils import params_to_pstate
from loligo.parameters import Hold, Injection, as_array, shape_of
from loligo.run import Run
from loligo.simulating import simulate

if TYPE_CHECKING:
    from loligo.jaxley.modules import Module

States = dict[str, Any]
Parameters = dict[str, Any]


def build_init_and_step_fn(
    module: Module, voltage_solver: str = "jaxley.dhs", solver: str = "bwd_euler"
) -> tuple[Callable[..., tuple[States, Parameters]], Callable[..., States]]:
    """A function that makes states and parameters, and one that steps them; both can be compiled and differentiated by
    JAX. `integrate` runs all steps at once, which is much faster.

    >>> import loligo.jaxley as jx
    >>> from loligo.jaxley.channels import HH
    >>> from loligo.jaxley.integrate import build_init_and_step_fn
    >>> cell = jx.Cell()
    >>> cell.insert(HH())
    >>> init_fn, step_fn = build_init_and_step_fn(cell)
    >>> states, parameters = init_fn([])
    >>> states = step_fn(states, parameters, {"i": np.array([0.1])}, {"i": np.array([0])})
    >>> bool(states["v"][0] > -70)
    True
    """
    known = dict(module.external_inds)

    def init_fn(
        params: Sequence[dict[str, Any]],
        all_states: States | None = None,
        param_state: Sequence[Any] | None = None,
        delta_t: float = 0.025,
    ) -> tuple[States, Parameters]:
        params = [entry for entry in params if len(entry)]
        pstate = [*params_to_pstate(params, module.indices_set_by_trainables), *(param_state or [])]
        all_params = module.get_all_parameters(pstate)
        if all_states is None:
            all_states = module.get_all_states(pstate)
            all_states = module.append_channel_currents_to_states(all_states, all_params, delta_t)
        return all_states, all_params

    def step_fn(
        all_states: States,
        all_params: Parameters,
        externals: dict[str, Any],
        external_inds: dict[str, Any] = known,
        delta_t: float = 0.025,
    ) -> States:
        return module.step(all_states, delta_t, external_inds, externals, all_params, solver, voltage_solver)

    return init_fn, step_fn


def add_stimuli(
    externals: dict[str, Any], external_inds: dict[str, Any], data_stimuli: Sequence[Any] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Puts what `data_stimulate` returned behind the module's own stimuli."""
    for stimulus in data_stimuli or []:
        _append(externals, external_inds, "i", stimulus)
    return externals, external_inds


def add_clamps(
    externals: dict[str, Any], external_inds: dict[str, Any], data_clamps: Sequence[Any] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Puts what `data_clamp` returned behind the module's own clamps."""
    for clamp in data_clamps or []:
        _append(externals, external_inds, clamp.key, clamp)
    return externals, external_inds


def _append(externals: dict[str, Any], external_inds: dict[str, Any], key: str, added: Any) -> None:
    rows = as_array(added.current, f"the values of `{key}`")
    rows = numpy_for(rows).broadcast_to(rows, (added.labels.size, shape_of(rows)[-1]))
    own = externals.get(key)
    externals[key] = rows if own is None else numpy_for(own, rows).concatenate([own, rows])
    external_inds[key] = np.concatenate([external_inds.get(key, np.empty(0, dtype=int)), added.labels])


def all_parameters(module: Module, pstate: Sequence[Any]) -> Parameters:
    """All numbers of a module that do not change, with those of `pstate`, and what they imply.

    Raises:
        ModelError: A parameter is of several types of synapses.
    """
    for key, quantities in names.of_edges(module).items():
        if len(quantities) > 1:
            raise ModelError(
                f"`{key}` is of {names.types_of(quantities)}, which steps one by one cannot tell apart; run integrate, "
                "or name it differently in one of them"
            )
    changing = set(states.keys_of(module, states.layout(module, "bwd_euler")).values())
    known = states.columns(module).items()
    arrays = {key: states.values(module, key, column) for key, column in known if key not in changing}
    arrays = states.overridden(module, arrays, pstate)
    return arrays | implied(_as_given(module, pstate), arrays)


def _as_given(module: Module, pstate: Sequence[Any]) -> Module:
    """The module with cylinders wherever a radius or a length is given."""
    trained = trained_extents(module)
    once = frusta_of(module, np.setdiff1d(given_extents(pstate), trained))
    if once.size:
        raise ArgumentError(
            "a radius or a length that data_set gives makes a cylinder of a reconstructed compartment, which steps do "
            "not do for one run: set it before, cell.set(...), and it is one"
        )
    is_given = any(isinstance(entry, dict) and entry["key"] in EXTENTS for entry in pstate)
    return with_cylinders(module, trained) if is_given else module


def all_states(module: Module, pstate: Sequence[Any]) -> States:
    """All states of a module as they are set, without currents, with those of `pstate`."""
    changing = states.keys_of(module, states.layout(module, "bwd_euler")).values()
    known = states.columns(module)
    arrays = {key: states.values(module, key, known[key]) for key in dict.fromkeys(changing) if key in known}
    return states.overridden(module, arrays, pstate)


def with_currents(module: Module, own: States, parameters: Parameters) -> States:
    """States, and the currents that flow in them."""
    bare = _bare(module)
    # what flows before a step does not depend on how long that is
    run = _step(bare, own, parameters, {}, {}, 0.025, "bwd_euler")
    return own | _currents(bare, run, 0)


def step(
    module: Module,
    own: States,
    delta_t: float,
    external_inds: dict[str, Any],
    externals: dict[str, Any],
    parameters: Parameters,
    solver: str,
) -> States:
    """The states a step later, and the currents in them."""
    bare = _bare(module)
    run = _step(bare, own, parameters, externals, external_inds, delta_t, solver)
    return states.as_dictionary(module, run.state) | _currents(bare, run, 1)


def _step(
    bare: Module,
    own: States,
    parameters: Parameters,
    externals: dict[str, Any],
    external_inds: dict[str, Any],
    delta_t: float,
    solver: str,
) -> Run:
    if solver not in states.CHOICES:
        raise ArgumentError(f"solver is {solver!r}, expected 'bwd_euler' or 'crank_nicolson'")
    layout = states.layout(bare, solver)
    start, that_stay = states.from_dictionary(bare, own, layout)
    given = states.settings(bare, parameters, set(states.keys_of(bare, layout).values()))
    step = _known(delta_t)
    return simulate(
        bare,
        t_max=step,
        dt=step,
        scheme=states.CHOICES[solver],
        convention="jaxley",
        start=start,
        keep_state=True,
        param_state=[*given, *that_stay],
        stimuli=_stimuli(bare, externals, external_inds),
        held=_holds(bare, externals, external_inds),
    )


def _known(delta_t: Any) -> float:
    try:
        return float(delta_t)
    except TypeError as error:
        raise ArgumentTypeError(
            f"delta_t is {delta_t!r}, expected a number; a compiled step is one of a fixed delta_t: "
            'jax.jit(step_fn, static_argnames="delta_t")'
        ) from error


def _stimuli(module: Module, externals: dict[str, Any], external_inds: dict[str, Any]) -> list[Injection]:
    """The currents of one step, one after the other: several may be in one compartment."""
    if "i" not in externals:
        return []
    currents, indices = externals["i"], external_inds["i"]
    if shape_of(currents) != shape_of(indices):
        raise ArgumentError(
            f"the externals `i` have shape {shape_of(currents)}, expected {shape_of(indices)}: one current for each "
            "index"
        )
    if (labels := _known_labels(indices)) is None:
        # where they are is known once a compiled step runs: every compartment has a stimulus
        everywhere = numpy_for(indices).zeros(states.node_count(module)).at[indices].add(currents)
        return [Injection(module._model.everything(), everywhere[module._labels][:, None])]
    compartments = np.searchsorted(module._labels, labels)
    chosen = [module._model.select([int(compartment)], "compartment") for compartment in compartments]
    return [Injection(selection, currents[index : index + 1]) for index, selection in enumerate(chosen)]


def _known_labels(indices: Any) -> np.ndarray | None:
    """Labels of compartments; None if JAX traces them."""
    try:
        return np.asarray(indices)
    except TypeError:
        return None


def _holds(module: Module, externals: dict[str, Any], external_inds: dict[str, Any]) -> list[Hold]:
    """The clamps of one step."""
    of_edges = names.recordable_of_edges(module)
    known = names.recordables(module._model, module._currents) | of_edges
    holds = []
    for key in [key for key in externals if key != "i"]:
        if key not in known:
            raise UnknownNameError(f"there is no state `{key}` to clamp{did_you_mean(key, known)}")
        labels, quantity = _known_labels(external_inds[key]), known[key]
        if labels is None:
            raise ArgumentTypeError(
                f"the indices of the clamp of `{key}` are {external_inds[key]!r}, expected numbers; leave "
                "external_inds out of what is compiled: "
                "jax.jit(lambda states, params, externals: step_fn(states, params, externals))"
            )
        for index, label in enumerate(labels):
            if key in of_edges:
                row = np.array([label], dtype=np.uintp)
                selection: Any = module._model.synapses(quantity.partition(".")[0], row, False)
            else:
                selection = module._model.select([int(np.searchsorted(module._labels, label))], "compartment")
            holds.append(Hold(selection, externals[key][index : index + 1], quantity))
    return holds


def _bare(module: Module) -> Module:
    """The module without stimuli and clamps, recording all currents."""
    bare = module._silent()
    bare._clamps.clear()
    # parameters that are trained are given
    if (frusta := frusta_of(module, trained_extents(module))).size:
        put_cylinders(bare._model, frusta)
    model = bare._model
    inside = model.everything().compartments
    currents = {current for current, _ in bare._currents.values()}
    for current in [key for key in names.recordables(model, bare._currents) if key in currents]:
        for quantity, compartments in names.where_current(bare, current, inside):
            model.record(quantity, None, model.select(compartments.tolist(), "compartment"))
    for key, quantity in names.recordable_of_edges(bare).items():
        if key.startswith("i_"):
            model.record_synapses(quantity, None, model.synapses(quantity.partition(".")[0], None, False))
    module._keep_programs_of(bare, "stepped")
    return bare


def _currents(bare: Module, run: Run, sample: int) -> States:
    """The currents of a run of the bare module."""
    theirs = {quantity: current for current, quantity in bare._currents.values()}
    of_edges = {quantity: key for key, quantity in names.recordable_of_edges(bare).items()}
    rows: dict[str, tuple[list[int], list[int]]] = {}
    for row, (at, quantity, _) in enumerate(bare._model.recordings()):
        key = of_edges.get(quantity) or theirs[quantity]
        positions, recorded = rows.setdefault(key, ([], []))
        positions.append(at if quantity in of_edges else int(bare._labels[at]))
        recorded.append(row)
    currents = {}
    for key, (positions, recorded) in rows.items():
        numbers = run.recordings[np.array(recorded), sample]
        length = len(positions) if key in of_edges.values() else states.node_count(bare)
        currents[key] = states.replaced(np.zeros(length), np.array(positions), numbers)
    return each_like_jaxley(currents)
