"""BluePyOpt: its evolutionary optimisers look for the numbers of a model, a generation being one batch of runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from loligo.errors import ArgumentError, ArgumentTypeError, MissingPackageError
from loligo.modules import Module
from loligo.parameters import Batch, Parameters
from loligo.run import Run
from loligo.simulating import simulate

try:
    from bluepyopt.evaluators import Evaluator as BaseEvaluator
    from bluepyopt.objectives import Objective
    from bluepyopt.parameters import Parameter
except ImportError as error:
    raise MissingPackageError('loligo.bluepyopt needs BluePyOpt: pip install "loligo[bluepyopt]"') from error


class Evaluator(BaseEvaluator):
    """What BluePyOpt asks for objectives: a model whose trainables, which need bounds, are its parameters.

    Give an optimisation `map_function=evaluator.map`, too: then a whole generation is one batch of runs, instead of a
    run for each individual.

    Args:
        module: A model with something recorded and something trainable.
        measure: From the run of one individual to its objectives, numbers by name that are better the smaller they are
            (or one number, where there is one objective).
        objectives: The names of the objectives.
        t_max: Duration of each run, ms.
        penalty: What all objectives of an individual are whose run diverged, or one of whose objectives is not finite.
        options: Further arguments of `loligo.simulate`.

    Raises:
        ArgumentError: Nothing is trainable, a trainable has no bounds, or there is no objective.
        ArgumentTypeError: No module.

    >>> import loligo as lo
    >>> from bluepyopt.deapext.optimisations import IBEADEAPOptimisation
    >>> soma = lo.Compartment(length=20, radius=10)
    >>> soma.insert(lo.mechanism("pas"))
    >>> soma.record()
    >>> soma.make_trainable("pas.e", bounds=(-90.0, -50.0))
    >>> evaluator = Evaluator(soma, lambda run: abs(run.v[0, -1] + 75), t_max=20)
    >>> search = IBEADEAPOptimisation(evaluator, offspring_size=10, seed=1, map_function=evaluator.map)
    >>> population, best, log, history = search.run(max_ngen=3)
    >>> soma.write_trainables(evaluator.parameters(best[0]))
    >>> bool(best[0].fitness.values[0] < 5)
    True
    """

    def __init__(
        self,
        module: Module,
        measure: Callable[[Run], float | Mapping[str, float]],
        objectives: Sequence[str] = ("loss",),
        *,
        t_max: float,
        penalty: float = 1e3,
        **options: Any,
    ) -> None:
        if not isinstance(module, Module):
            raise ArgumentTypeError(f"Evaluator was given {module!r}, expected a whole module")
        if isinstance(objectives, str) or not len(objectives):
            raise ArgumentError(f"the objectives are {objectives!r}, expected a list of names")
        self.module = module
        self.measure = measure
        self.penalty = float(penalty)
        self.options: dict[str, Any] = {"t_max": t_max, **options}
        self.param_names: list[str] = []
        self._trained = [(trainable.name, len(trainable.targets)) for trainable in module._trainables()]
        if not self._trained:
            raise ArgumentError("nothing is trainable: call make_trainable on a module, and give that module")
        parameters = []
        for position, trainable in enumerate(module._trainables()):
            if trainable.bounds is None or not np.isfinite(trainable.bounds).all():
                raise ArgumentError(
                    f"`{trainable.name}` has no bounds to search within: make_trainable(..., bounds=...)"
                )
            count = len(trainable.targets)
            for number in range(count):
                name = trainable.name if count == 1 else f"{trainable.name}[{number}]"
                name = f"{name} ({position})" if name in self.param_names else name
                self.param_names.append(name)
                parameters.append(Parameter(name, bounds=trainable.bounds))
        super().__init__([Objective(name) for name in objectives], parameters)

    def map(self, function: Callable[..., Any], individuals: Iterable[Sequence[float]]) -> list[list[float]]:
        """The objectives of individuals, in one batch of runs: for the `map_function` of an optimisation, which maps no
        other function than that for one individual."""
        rows = [list(individual) for individual in individuals]
        return self._objectives(np.array(rows, dtype=np.float64)) if rows else []

    def evaluate_with_lists(self, params: Sequence[float]) -> list[float]:
        """The objectives of one individual."""
        return self.map(self.evaluate_with_lists, [params])[0]

    init_simulator_and_evaluate_with_lists = evaluate_with_lists
    """What optimisations of BluePyOpt call."""

    def evaluate_with_dicts(self, param_dict: Mapping[str, float]) -> dict[str, float]:
        """The objectives of one individual by name, from its numbers by name."""
        if param_dict.keys() != set(self.param_names):
            raise ArgumentError(f"the parameters are {sorted(param_dict)}, expected {sorted(self.param_names)}")
        found = self.evaluate_with_lists([param_dict[name] for name in self.param_names])
        return {objective.name: value for objective, value in zip(self.objectives, found)}

    def parameters(self, individual: Sequence[float]) -> Parameters:
        """The numbers of an individual as `loligo.simulate` and `write_trainables` take them."""
        return [{name: rows[0] for name, rows in entry.items()} for entry in self._split(np.array([list(individual)]))]

    def _split(self, rows: np.ndarray) -> Parameters:
        """Numbers of shape (individual, number) as parameters with a batch axis."""
        if rows.shape[1] != len(self.param_names):
            raise ArgumentError(f"an individual has {rows.shape[1]} numbers, expected {len(self.param_names)}")
        parts = np.split(rows, np.cumsum([count for _, count in self._trained])[:-1], axis=1)
        return [{name: part} for (name, _), part in zip(self._trained, parts)]

    def _objectives(self, rows: np.ndarray) -> list[list[float]]:
        run = simulate(self.module, Batch(self._split(rows)), **self.options)
        return [[self.penalty] * len(self.objectives) if lane.diverged else self._of_lane(lane) for lane in run]

    def _of_lane(self, run: Run) -> list[float]:
        found, names = self.measure(run), [objective.name for objective in self.objectives]
        named = found if isinstance(found, Mapping) else {names[0]: found}
        if set(named) != set(names):
            raise ArgumentError(f"the measure gives the objectives {list(named)}, expected {names}")
        values = [float(named[name]) for name in names]
        return values if np.isfinite(values).all() else [self.penalty] * len(names)
