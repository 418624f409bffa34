"""Fitting: trainable numbers that make a loss small."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from typing import Any

import autograd
import numpy as np
from tqdm.auto import tqdm

from loligo import transforms
from loligo.differentiation import gradient_of, one_number
from loligo.errors import ArgumentError, ArgumentTypeError, DivergenceError, did_you_mean
from loligo.modules import Module
from loligo.optimizers import Adam, lbfgs
from loligo.parameters import Batch, Parameters, Trainable, value_of
from loligo.run import Run
from loligo.saving.checkpoints import Checkpoint
from loligo.simulation import prepare, simulate

Loss = Callable[[Run], Any]
"""From the run of one lane to one number, written with NumPy."""

_OPTIONS = set(inspect.signature(prepare).parameters) - {"module", "values", "t_max"}
"""What `fit` passes on."""
_DEFAULTS = {name: inspect.signature(prepare).parameters[name].default for name in sorted(_OPTIONS - {"seed"})}
"""What holds of the runs of a fit where nothing is said."""


def fit(
    module: Module,
    loss: Loss,
    *,
    t_max: float,
    steps: int = 100,
    optimizer: str = "adam",
    learning_rate: float = 0.05,
    starts: int = 1,
    seed: int = 0,
    progress: bool = True,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 10,
    **options: Any,
) -> Fit:
    """Changes what is trainable until a loss is small.

    Bounds are kept by a smooth change of variables, so that an optimum on a bound is approached and not reached; a
    start on a bound is moved inside by a millionth of the range.

    With a `checkpoint` a fit that was killed goes on: the same call finds the file and continues from it, to the same
    bits as if nothing had happened (on the same machine, with the same Loligo and a loss that depends on the run
    alone).
    With Adam it continues at the last step that was written, and may be given more `steps`, also once it is through;
    with L-BFGS at the start that it was in, from that start's beginning. What must be the same is compared: the model
    with all its numbers, the options, and the loss at the starting points. The random numbers are those of the
    starting points alone, which `seed` makes again.

    Args:
        module: A model with something recorded and something trainable.
        loss: From a run (`run.v` of shape (recording, time)) to one number, written with NumPy.
        t_max: Duration of each run, ms.
        steps: How many steps of the optimiser.
        optimizer: `"adam"`, or `"lbfgs"` (which needs SciPy).
        learning_rate: Of Adam, relative to the bounds, or to the size of a number without bounds.
        starts: How many points to start from. The first is the model's own; the others are drawn uniformly from within
            the bounds. With Adam all of them run at once, as lanes of a batch.
        seed: Of the drawing.
        progress: Whether to show a bar.
        checkpoint: A file that ends in `.loligo`, for how far the fit has come. It stays when the fit is through.
        checkpoint_every: After how many steps of Adam the file is written; with L-BFGS it is after each start.
        options: Further arguments of `simulate`: dt, scheme, precision, record_every, v_init, param_state, stimuli,
            convention, budget, threads.

    Raises:
        ArgumentError: Nothing is trainable, an argument is out of its range, or several starts without bounds.
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
    _check(trainables, steps, optimizer, learning_rate, starts)
    for name in options.keys() - _OPTIONS:
        meant = did_you_mean(name, (*_OPTIONS, *inspect.signature(fit).parameters))
        raise ArgumentTypeError(f"fit has no argument `{name}`{meant}")
    search = Search(module, loss, trainables, {"t_max": t_max, **options}, lanes=starts if optimizer == "adam" else 1)
    points = search.starting_points(starts, np.random.default_rng(seed))
    kept = None
    if checkpoint is not None:
        if not isinstance(seed, int | np.integer):
            raise ArgumentError(f"seed is {seed!r}, expected a whole number, so that a checkpoint can be gone on from")
        settings = {"optimizer": optimizer, "starts": int(starts), "seed": int(seed)}
        settings |= {"learning_rate": float(learning_rate)} if optimizer == "adam" else {}
        settings |= {"steps": int(steps)} if optimizer == "lbfgs" else {}
        kept = Checkpoint(checkpoint, checkpoint_every, module, settings, _DEFAULTS | search.options)
    bar = tqdm(total=steps * (1 if optimizer == "adam" else starts), disable=not progress, desc="fit", unit="step")
    with bar:
        if optimizer == "adam":
            found, history = _by_adam(search, points, steps, learning_rate, bar, kept)
        else:
            found, history = _by_lbfgs(search, points, steps, bar, kept)
    losses = np.nanmin(np.where(np.isfinite(history), history, np.inf), axis=0)
    if not np.isfinite(losses).any():
        diverged = search.diverged
        reason = f": {diverged[0]}" if diverged else f"; the first was {history[0, 0]}"
        raise ArgumentError(f"the loss was not a finite number in any step of any start{reason}")
    initial = [{t.name: t.initial} for t in trainables]
    return Fit(module, initial, search.named(found), losses, history, search.options)


class Fit:
    """What a fit found.

    Attributes:
        parameters: The best trainable numbers, as `get_parameters` has them.
        loss: Their loss.
        history: The loss at every step, shape (step, start); NaN or infinite where a run diverged.
        losses: The best loss of each start.
        candidates: The best numbers of each start, with a batch axis: for `lo.batch`.
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
    ) -> None:
        self.module = module
        self.initial = initial
        self.candidates = candidates
        self.losses = losses
        self.history = history
        self.options = options
        best = int(np.argmin(losses))
        self.loss = float(losses[best])
        self.parameters: Parameters = [{k: v[best] for k, v in entry.items()} for entry in self.candidates]

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
        from loligo.plotting import plot_fit

        return plot_fit(self)

    def __repr__(self) -> str:
        steps, starts = self.history.shape
        return f"<fit: loss {self.history[0, 0]:.6g} -> {self.loss:.6g}, {steps} steps, {starts} starts>"


class Search:
    """A loss as a function of points without bounds, shape (start, number)."""

    def __init__(
        self, module: Module, loss: Loss, trainables: list[Trainable], options: dict[str, Any], lanes: int
    ) -> None:
        self.trainables = trainables
        self.options = options
        self._loss = loss
        self._ends = np.cumsum([len(t.targets) for t in trainables])[:-1]
        self._transforms = [transforms.for_bounds(t.bounds, t.size) for t in trainables]
        repeated = [{t.name: np.tile(t.initial, (lanes, 1))} for t in trainables]
        self._simulation, arrays = prepare(module, Batch(repeated), **options)
        # what comes after the parameters stays as it is
        self._fixed = [value_of(array) for array in arrays[len(trainables) :]]
        self._simulation.differentiated = (True,) * len(trainables) + (False,) * len(self._fixed)

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

    def __call__(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Losses, shape (start,), and their gradients, shape (start, number)."""
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


def _by_adam(
    search: Search, points: np.ndarray, steps: int, learning_rate: float, bar: Any, checkpoint: Checkpoint | None
) -> tuple[np.ndarray, np.ndarray]:
    adam = Adam(points, learning_rate)
    history: list[np.ndarray] = []
    if checkpoint is not None:
        shapes: dict[str, tuple[int | None, ...]] = {name: array.shape for name, array in adam.state.items()}
        if (progress := checkpoint.read({**shapes, "history": (None, len(points))})) is not None:
            history = list(progress.state["history"])
            if not 1 <= progress.done == len(history) <= steps:
                raise checkpoint.refused(f"`steps` is {steps}, there {len(history)} are done")
            _check_loss(search, points, np.array(history[:1]), checkpoint)
            adam.restore(progress.state)
            bar.update(len(history))
    while len(history) < steps:
        history.append(adam.step(search))
        bar.set_postfix(loss=f"{adam.best_losses.min():.4g}", refresh=False)
        bar.update()
        if checkpoint is not None and (len(history) % checkpoint.every == 0 or len(history) == steps):
            checkpoint.write(len(history), {**adam.state, "history": np.array(history)})
    return adam.best_points, np.array(history)


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
        losses = [float(search(point[None])[0][0])]

        def seen(loss: float, losses: list[float] = losses) -> None:
            losses.append(loss)
            bar.set_postfix(loss=f"{loss:.4g}", refresh=False)
            bar.update()

        found[start] = lbfgs(search, point, steps, seen)
        history[: len(losses), start] = losses
        # SciPy keeps what it knows of a start to itself, so that only whole ones can be gone on from
        if checkpoint is not None:
            checkpoint.write(start + 1, {"points": found, "history": history})
    return found, history


def _check_loss(search: Search, points: np.ndarray, before: np.ndarray, checkpoint: Checkpoint) -> None:
    """That the loss is what it was at the starting points: a function cannot be compared otherwise."""
    now = search(points)[0]
    if not np.array_equal(now, before.reshape(now.shape), equal_nan=True):
        raise checkpoint.refused(
            f"the loss at the starting point is {float(now[0])!r}, there it was {float(before.flat[0])!r}, so the loss "
            "is another, or Loligo, or the machine"
        )


def _check(trainables: list[Trainable], steps: int, optimizer: str, learning_rate: float, starts: int) -> None:
    if not trainables:
        raise ArgumentError("nothing is trainable: call make_trainable on a module, and fit that module")
    if optimizer not in ("adam", "lbfgs"):
        raise ArgumentError(f"optimizer is {optimizer!r}, expected 'adam' or 'lbfgs'")
    for name, number in (("steps", steps), ("starts", starts)):
        if not isinstance(number, int | np.integer) or number < 1:
            raise ArgumentError(f"{name} is {number!r}, expected a whole number, 1 or more")
    if not learning_rate > 0:
        raise ArgumentError(f"learning_rate is {learning_rate!r}, expected a positive number")
    for trainable in trainables:
        bounded = trainable.bounds is not None and np.isfinite(trainable.bounds).all()
        if starts > 1 and not bounded:
            raise ArgumentError(f"{starts} starts need bounds to draw from, but `{trainable.name}` has none")
