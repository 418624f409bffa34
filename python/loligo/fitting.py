"""Fitting: trainable numbers that make a loss small."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import autograd
import numpy as np

from loligo import transforms
from loligo.arguments import as_function, as_positive, as_whole
from loligo.differentiation import gradient_of, one_number
from loligo.dropping import Schedule
from loligo.errors import ArgumentError, ArgumentTypeError, DivergenceError, did_you_mean
from loligo.modules import Module
from loligo.optimizers import Adam, Descent, Normalization, Polyak, lbfgs
from loligo.parameters import Batch, Parameters, Trainable, value_of
from loligo.preparing import prepare
from loligo.progress import bar as progress_bar
from loligo.run import Run
from loligo.saving.checkpoints import Checkpoint
from loligo.simulating import simulate

if TYPE_CHECKING:
    import pandas as pd

Loss = Callable[[Run], Any]
"""From the run of one lane to one number, written with NumPy."""

_OPTIONS = set(inspect.signature(prepare).parameters) - {"module", "values", "t_max", "keep_state"}
"""What `fit` passes on."""
_DEFAULTS = {name: inspect.signature(prepare).parameters[name].default for name in sorted(_OPTIONS - {"seed"})}
"""What holds of the runs of a fit where nothing is said."""
_DESCENTS: dict[str, type[Descent]] = {"adam": Adam, "polyak": Polyak}
_LEARNING_RATES = {"adam": 0.05, "polyak": 0.3, "lbfgs": np.nan}  # L-BFGS searches along lines
_OPTIMIZERS = tuple(_LEARNING_RATES)


def fit(
    module: Module,
    loss: Loss,
    *,
    t_max: float,
    steps: int = 100,
    optimizer: str = "adam",
    learning_rate: float | None = None,
    normalize: tuple[str, float] | None = None,
    starts: int = 1,
    keep: Mapping[int, int] | None = None,
    seed: int = 0,
    progress: bool = True,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 10,
    **options: Any,
) -> Fit:
    """Changes what is trainable until a loss is small.

    Bounds are kept by a smooth change of variables, so that an optimum on a bound is approached and not reached; a
    start on a bound is moved inside by a millionth of the range. With Adam and Polyak's steps a start whose run
    diverged, or whose loss is more than twice its best, goes back to its best point, and on with half the learning
    rate.

    With a `checkpoint` a fit that was killed goes on: the same call finds the file and continues from it, to the same
    bits as if nothing had happened (on the same machine, with the same Loligo and a loss that depends on the run
    alone).
    With Adam and Polyak's steps it continues at the last step that was written, and may be given more `steps`, also
    once it is through; with L-BFGS at the start that it was in, from that start's beginning. What must be the same is
    compared: the model with all its numbers, the options, and the loss at the starting points. The random numbers are
    those of the starting points alone, which `seed` makes again.

    Args:
        module: A model with something recorded and something trainable.
        loss: From a run (`run.v` of shape (recording, time)) to one number, written with NumPy.
        t_max: Duration of each run, ms.
        steps: How many steps of the optimiser.
        optimizer: `"adam"`; `"polyak"` for steps against the gradient that are as long as the loss is large,
            learning_rate·loss·g/|g|^β, for losses that can come near to 0; or `"lbfgs"` (which needs SciPy).
        learning_rate: Of Adam (0.05 if left out), relative to the bounds, or to the size of a number without bounds; of
            Polyak's steps (0.3 if left out; at most 1 for β = 2).
        normalize: What to make of gradients before steps are taken: `("whole", β)` for g/|g|^β, where 1 leaves nothing
            of their length and 0.8 some of it, or `("entry", β)` for the same with each trainable by itself. If left
            out, nothing with Adam, and `("whole", 2.0)` with Polyak's steps, which is his own rule.
        starts: How many points to start from. The first is the model's own; the others are drawn uniformly from within
            the bounds. All of them run at once, as lanes of a batch; with L-BFGS one after the other.
        keep: Which starts to drop on the way: `{10: 16, 50: 4}` goes on with the 16 best after 10 steps, and with the 4
            best of those after 50. `fit.table` says which were dropped and when. Not with L-BFGS.
        seed: Of the drawing.
        progress: Whether to show a bar, where there is a terminal or a notebook.
        checkpoint: A file that ends in `.loligo`, for how far the fit has come. It stays when the fit is through.
        checkpoint_every: After how many steps the file is written; with L-BFGS it is after each start.
        options: Further arguments of `simulate`: dt, scheme, precision, record_every, v_init, param_state, stimuli,
            plays, start, convention, budget, threads. What has lanes there has one for each start.

    Raises:
        ArgumentError: Nothing is trainable, an argument is out of its range, several starts without bounds, or a
            schedule that does not drop starts.
        ArgumentTypeError: A loss that is not one number.
        CheckpointError: The checkpoint is of another fit; the message says what differs.
        FormatError: The checkpoint is no such file, or damaged.
        SavingError: A checkpoint is asked for, of a model or options that cannot be saved.
        UnwritableFileError: The checkpoint cannot be written.

    >>> import loligo as lo
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> soma = lo.Compartment(length=20, radius=10)
    >>> soma.insert(lo.mechanism("pas"))
    >>> soma.set("v", -60.0)
    >>> soma.record()
    >>> soma.make_trainable("pas.g", bounds=(1e-5, 1e-2))
    >>> how = {"loss": lambda run: ((run.v + 65) ** 2).mean(), "t_max": 5.0, "progress": False}
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "run.loligo")
    ...     _ = lo.fit(soma, **how, steps=20, checkpoint=file)
    ...     further = lo.fit(soma, **how, steps=40, checkpoint=file)
    >>> bool((further.history == lo.fit(soma, **how, steps=40).history).all())
    True
    """
    trainables = module._trainables() if isinstance(module, Module) else []
    as_function(loss, "the loss")
    _check(module, trainables, steps, optimizer, learning_rate, starts)
    seed = as_whole(seed, "seed")
    if optimizer == "lbfgs":
        _check_without(learning_rate=learning_rate, normalize=normalize, keep=keep)
    rate = _LEARNING_RATES.get(optimizer, 0.0) if learning_rate is None else float(learning_rate)
    for name in options.keys() - _OPTIONS:
        meant = did_you_mean(name, (*_OPTIONS, *inspect.signature(fit).parameters))
        raise ArgumentTypeError(f"fit has no argument `{name}`{meant}")
    schedule = Schedule(keep, starts)
    sizes = [len(trainable.targets) for trainable in trainables]
    normalization = None if normalize is None else Normalization.chosen(normalize, sizes)
    if optimizer == "polyak" and normalization is None:
        normalization = Normalization.chosen(("whole", 2.0), sizes)
    search = Search(module, loss, trainables, {"t_max": t_max, **options}, starts)
    points = search.starting_points(starts, np.random.default_rng(seed))
    kept = None
    if checkpoint is not None:
        settings = {"optimizer": optimizer, "starts": int(starts), "seed": seed}
        settings |= {"steps": int(steps)} if optimizer == "lbfgs" else {"learning_rate": rate}
        settings |= {"keep": str(schedule)} if schedule else {}
        settings |= {} if normalize is None else {"normalize": f"{normalize[0]}, {float(normalize[1])}"}
        kept = Checkpoint(checkpoint, checkpoint_every, module, settings, _DEFAULTS | search.options)
    bar = progress_bar(steps * (starts if optimizer == "lbfgs" else 1), "fit", "step", shown=progress)
    dropped_after = None
    with bar:
        if optimizer == "lbfgs":
            found, history = _by_lbfgs(search, points, steps, bar, kept)
        else:
            descent = _DESCENTS[optimizer](points, rate, normalization)
            history = _by_descent(search, descent, steps, schedule, bar, kept)
            found, dropped_after = descent.best_points, descent.dropped_after
    losses = np.nanmin(np.where(np.isfinite(history), history, np.inf), axis=0)
    if not np.isfinite(losses).any():
        diverged = search.diverged
        reason = f": {diverged[0]}" if diverged else f"; the first was {history[0, 0]}"
        raise ArgumentError(f"the loss was not a finite number in any step of any start{reason}")
    initial = [{t.name: t.initial} for t in trainables]
    return Fit(module, initial, search.named(found), losses, history, search.options, dropped_after)


class Fit:
    """What a fit found.

    Attributes:
        parameters: The best trainable numbers, as `get_parameters` has them.
        loss: Their loss.
        history: The loss at every step, shape (step, start); NaN or infinite where a run diverged, and NaN once a start
            was dropped.
        losses: The best loss of each start.
        candidates: The best numbers of each start, with a batch axis: for `lo.batch`.
        dropped_after: After how many steps each start was dropped, shape (start,); 0 for those that were not.
        initial: The numbers that the model had before.
        module: The model.
        options: Of its runs, `t_max` among them.
    """

    def __init__(
        self,
        module: Module,
        initial: Parameters,
        candidates: Parameters,
        losses: np.ndarray,
        history: np.ndarray,
        options: dict[str, Any],
        dropped_after: np.ndarray | None = None,
    ) -> None:
        self.module = module
        self.initial = initial
        self.candidates = candidates
        self.losses = losses
        self.history = history
        self.options = options
        self.dropped_after = np.zeros(losses.size, dtype=int) if dropped_after is None else dropped_after.astype(int)
        best = int(np.argmin(losses))
        self.loss = float(losses[best])
        self.parameters: Parameters = [{k: v[best] for k, v in entry.items()} for entry in self.candidates]

    @property
    def table(self) -> pd.DataFrame:
        """A row for each start: its best loss and the step that had it (from 1 on), after how many steps it was dropped
        (`<NA>` if it was not), and its best numbers, of trainables with more than one as arrays."""
        import pandas as pd

        reached = np.where(np.isfinite(self.history), self.history, np.inf).argmin(axis=0) + 1
        columns: dict[str, Any] = {
            "loss": self.losses,
            "best_step": reached,
            "dropped_after": pd.array([each or None for each in self.dropped_after.tolist()], dtype="Int64"),
        }
        for position, entry in enumerate(self.candidates):
            for name, numbers in entry.items():
                known = f"{name} ({position})" if name in columns else name
                columns[known] = numbers[:, 0] if numbers.shape[1] == 1 else list(numbers)
        return pd.DataFrame(columns, index=pd.RangeIndex(self.losses.size, name="start"))

    def apply(self) -> None:
        """Writes the best numbers into the model."""
        self.module.write_trainables(self.parameters)

    def before(self) -> Run:
        """A run with the numbers that the fit started from."""
        return simulate(self.module, self.initial, **self.options)

    def after(self) -> Run:
        """A run with the best numbers."""
        return simulate(self.module, self.parameters, **self.options)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the fit and its model to a file that ends in `.loligo`, without the loss; see `loligo.save`."""
        from loligo.saving import save

        save(self, path)

    def plot(self) -> Any:
        """Draws the loss over the steps, the recordings before and after, and the cell coloured by what was fitted."""
        from loligo.plots.fits import plot_fit

        return plot_fit(self)

    def __repr__(self) -> str:
        steps, starts = self.history.shape
        return f"<fit: loss {self.history[0, 0]:.6g} -> {self.loss:.6g}, {steps} steps, {starts} starts>"


class Search:
    """A loss as a function of points without bounds, shape (start, number). Options that have lanes have one for each
    start."""

    def __init__(
        self, module: Module, loss: Loss, trainables: list[Trainable], options: dict[str, Any], starts: int
    ) -> None:
        self.trainables = trainables
        self.options = options
        self._loss = loss
        self._ends = np.cumsum([len(t.targets) for t in trainables])[:-1]
        self._transforms = [transforms.for_bounds(t.bounds, t.size) for t in trainables]
        repeated = [{t.name: np.tile(t.initial, (starts, 1))} for t in self.trainables]
        self._of_all, arrays = prepare(module, Batch(repeated), **options)
        # what comes after the parameters stays as it is
        self._fixed_of_all = [value_of(array) for array in arrays[len(trainables) :]]
        self._of_all.differentiated = (True,) * len(trainables) + (False,) * len(self._fixed_of_all)
        self._rows = np.arange(starts)
        self._simulation, self._fixed = self._of_all, self._fixed_of_all

    def _choose(self, rows: np.ndarray) -> None:
        """Makes ready for points of these starts."""
        if np.array_equal(rows, self._rows):
            return
        self._rows = rows
        self._simulation = self._of_all.of_lanes(rows)
        fixed = zip(self._fixed_of_all, self._of_all.batched[len(self.trainables) :])
        self._fixed = [array[rows] if has_lanes else array for array, has_lanes in fixed]

    def starting_points(self, starts: int, random: np.random.Generator) -> np.ndarray:
        """The model's own numbers, then numbers drawn from within the bounds, shape (start, number)."""
        rows = []
        for trainable, transform in zip(self.trainables, self._transforms):
            values = np.tile(trainable.initial, (starts, 1))
            if trainable.bounds is not None:
                if starts > 1:
                    values[1:] = random.uniform(*trainable.bounds, values[1:].shape)
                values = transforms.inside(values, trainable.bounds, trainable.size)
            rows.append(transform.inverse(values))
        return np.concatenate(rows, axis=1)

    def values(self, points: np.ndarray) -> list[np.ndarray]:
        """The numbers at these points, an array of shape (start, number) for each trainable."""
        parts = np.split(points, self._ends, axis=1)
        return [transform.forward(part) for transform, part in zip(self._transforms, parts)]

    def named(self, points: np.ndarray) -> Parameters:
        """The same as parameters with a batch axis."""
        return [{t.name: array} for t, array in zip(self.trainables, self.values(points))]

    @property
    def diverged(self) -> list[DivergenceError]:
        """Where and when lanes of the last runs diverged."""
        return self._simulation.diverged

    def __call__(self, points: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Losses at points of these starts, shape (start,), and their gradients, shape (start, number)."""
        self._choose(rows)
        parts = np.split(points, self._ends, axis=1)
        moved = [autograd.make_vjp(transform.forward)(part) for transform, part in zip(self._transforms, parts)]
        recordings = self._simulation.recorded([*(value for _, value in moved), *self._fixed])
        lost = {error.lane for error in self._simulation.diverged}
        losses, cotangents = np.full(len(points), np.nan), np.zeros_like(recordings, dtype=np.float64)
        for lane in set(range(len(points))) - lost:
            losses[lane], cotangents[lane] = gradient_of(self._of_lane, recordings[lane])
        gradients = self._simulation.pull_back(cotangents)
        pulled = [vjp(gradient) for (vjp, _), gradient in zip(moved, gradients)]
        return losses, np.concatenate(pulled, axis=1)

    def _of_lane(self, recordings: Any) -> Any:
        return one_number(self._loss(self._simulation.result(recordings)), must_depend=True)


def _by_descent(
    search: Search, descent: Descent, steps: int, schedule: Schedule, bar: Any, checkpoint: Checkpoint | None
) -> np.ndarray:
    points = descent.points.copy()
    history: list[np.ndarray] = []

    def state() -> dict[str, np.ndarray]:
        return descent.state | ({"dropped_after": descent.dropped_after} if schedule else {})

    if checkpoint is not None:
        shapes: dict[str, tuple[int | None, ...]] = {name: array.shape for name, array in state().items()}
        if (progress := checkpoint.read({**shapes, "history": (None, len(points))})) is not None:
            history = list(progress.state.pop("history"))
            if not 1 <= progress.done == len(history) <= steps:
                raise checkpoint.refused(f"`steps` is {steps}, there {len(history)} are done")
            _check_loss(search, points, np.array(history[:1]), checkpoint)
            descent.restore(progress.state)
            bar.update(len(history))
    while len(history) < steps:
        history.append(descent.step(search))
        if (keep := schedule.after(len(history))) is not None:
            descent.drop(keep, len(history))
        bar.set_postfix(loss=f"{descent.best_losses.min():.4g}", refresh=False)
        bar.update()
        if checkpoint is not None and (len(history) % checkpoint.every == 0 or len(history) == steps):
            checkpoint.write(len(history), {**state(), "history": np.array(history)})
    return np.array(history)


def _by_lbfgs(
    search: Search, points: np.ndarray, steps: int, bar: Any, checkpoint: Checkpoint | None
) -> tuple[np.ndarray, np.ndarray]:
    history = np.full((steps + 1, len(points)), np.nan)
    found = points.copy()
    first = 0
    if checkpoint is not None:
        shapes: dict[str, tuple[int | None, ...]] = {"points": points.shape, "history": history.shape}
        if (progress := checkpoint.read(shapes)) is not None:
            first, found, history = progress.done, progress.state["points"], progress.state["history"]
            if not 1 <= first <= len(points):
                raise checkpoint.refused(f"{first} starts are done there, and there are {len(points)}")
            _check_loss(search, points[:1], history[:1, :1], checkpoint)
            bar.update(steps * first)
    for start, point in enumerate(points[first:], first):

        def objective(point: np.ndarray, start: int = start) -> tuple[float, np.ndarray]:
            losses, gradients = search(point[None], np.array([start]))
            return float(losses[0]), gradients[0]

        losses = [objective(point)[0]]

        def seen(loss: float, losses: list[float] = losses) -> None:
            losses.append(loss)
            bar.set_postfix(loss=f"{loss:.4g}", refresh=False)
            bar.update()

        found[start] = lbfgs(objective, point, steps, seen)
        history[: len(losses), start] = losses
        # SciPy keeps what it knows of a start to itself, so that only whole ones can be gone on from
        if checkpoint is not None:
            checkpoint.write(start + 1, {"points": found, "history": history})
    return found, history


def _check_loss(search: Search, points: np.ndarray, before: np.ndarray, checkpoint: Checkpoint) -> None:
    """That the loss is what it was at the starting points: a function cannot be compared otherwise."""
    now = search(points, np.arange(len(points)))[0]
    if not np.array_equal(now, before.reshape(now.shape), equal_nan=True):
        raise checkpoint.refused(
            f"the loss at the starting point is {float(now[0])!r}, there it was {float(before.flat[0])!r}, so the loss "
            "is another, or Loligo, or the machine"
        )


def _check(
    module: Any, trainables: list[Trainable], steps: int, optimizer: str, learning_rate: float | None, starts: int
) -> None:
    if not isinstance(module, Module):
        raise ArgumentTypeError(f"fit was given {module!r}, expected a whole module")
    if not trainables:
        raise ArgumentError("nothing is trainable: call make_trainable on a module, and fit that module")
    if not isinstance(optimizer, str) or optimizer not in _OPTIMIZERS:
        meant = did_you_mean(str(optimizer), _OPTIMIZERS)
        raise ArgumentError(f"optimizer is {optimizer!r}, expected 'adam', 'polyak' or 'lbfgs'{meant}")
    for name, number in (("steps", steps), ("starts", starts)):
        as_whole(number, name, 1)
    if learning_rate is not None:
        as_positive(learning_rate, "learning_rate")
    for trainable in trainables:
        bounded = trainable.bounds is not None and np.isfinite(trainable.bounds).all()
        if starts > 1 and not bounded:
            raise ArgumentError(f"{starts} starts need bounds to draw from, but `{trainable.name}` has none")


def _check_without(**given: Any) -> None:
    for name, value in given.items():
        if value is not None:
            raise ArgumentError(f"L-BFGS takes no `{name}`, expected optimizer='adam' or 'polyak' with it")
