"""Every wrong call raises an error of Loligo's that is also the built-in that fits, and says what was meant."""

import re
from collections.abc import Callable

import numpy as np
import pytest

import loligo as lo


def trainable(cell: lo.Cell) -> lo.Cell:
    cell.branch("all").make_trainable("hh.gnabar", bounds=(0.0, 1.0))
    return cell


def silent(cell: lo.Cell) -> lo.Cell:
    cell.delete_recordings()
    return cell


def fitted(cell: lo.Cell, **how: object) -> lo.Fit:
    return lo.fit(trainable(cell), lambda run: run.v.mean(), t_max=1, progress=False, **how)


WRONG: dict[str, tuple[Callable[[lo.Cell], object], type[Exception], str]] = {
    # names
    "attribute": (lambda c: c.sooma, AttributeError, "no attribute, group or mechanism `sooma`"),
    "attribute of a verb": (lambda c: c.recrd(), AttributeError, "`recrd`; did you mean `record`?"),
    "attribute to set": (lambda c: setattr(c, "celcius", 30), AttributeError, "`celcius`; did you mean `celsius`?"),
    "verb to set": (lambda c: setattr(c, "record", 1), TypeError, "`record` cannot be replaced"),
    "mechanism": (lambda c: lo.mechanism("hhh"), KeyError, "`hhh`; did you mean `hh`? lo.mechanisms() lists"),
    "mechanism in capitals": (lambda c: lo.mechanism("HH"), KeyError, "`HH`; did you mean `hh`?"),
    "group that is none": (lambda c: c.dendrite, AttributeError, "`dendrite`; its groups and mechanisms are hh"),
    "mechanism of another library": (
        lambda c: lo.mechanism("phlogiston"),
        KeyError,
        "no built-in mechanism `phlogiston`. lo.mechanisms() lists",
    ),
    "quantity": (
        lambda c: c.set("hh.gnabr", 1),
        KeyError,
        "there is no quantity `hh.gnabr`; did you mean `hh.gnabar`?",
    ),
    "quantity of NEURON's": (lambda c: c.set("diam", 1), KeyError, "twice the `radius`"),
    "recordable": (lambda c: c.record("hh.x"), KeyError, "there is no recordable `hh.x`"),
    "group": (lambda c: c.group("soma"), KeyError, "there is no group `soma`"),
    "trainable": (lambda c: c.make_trainable("gnabar"), KeyError, "did you mean `hh.gnabar`?"),
    "recording of a run": (lambda c: lo.simulate(c, t_max=1)["w"], KeyError, "nothing called `w` was recorded"),
    "recordings of a run": (
        lambda c: lo.simulate(c, t_max=1)["soma"],
        KeyError,
        "nothing called `soma` was recorded; the recordings are ",
    ),
    # selections
    "branch": (lambda c: c.branch(7), IndexError, "there is no branch 7: the branches in view are 0 to 2"),
    "negative branch": (lambda c: c.branch(-4), IndexError, "there is no branch -4: there are 3"),
    "location": (lambda c: c.loc(1.5), IndexError, "there is no location 1.5, expected a number from 0"),
    "empty slice": (lambda c: c.branch(slice(3, 9)), IndexError, "selects none of 3"),
    "empty list": (lambda c: c.branch([]), IndexError, "the list of branch indices is empty"),
    "mask": (lambda c: c.branch(np.array([True])), IndexError, "1 booleans where 3 are expected"),
    "index": (lambda c: c.branch("one"), TypeError, "the branch index is 'one'"),
    "fraction": (lambda c: c.branch(0.5), TypeError, "the branch index is 0.5"),
    "levels": (lambda c: c[0, 0, 0], IndexError, "3 indices were given, but a cell has 2 levels below it"),
    # values
    "negative radius": (
        lambda c: c.set("radius", -1),
        ValueError,
        "`radius` of cell 0, branch 0, compartment 0 cannot be -1",
    ),
    "NaN": (lambda c: c.set("hh.gnabar", np.nan), ValueError, "cannot be NaN, expected a finite number"),
    "limits": (lambda c: c.set("hh.gnabar", -1), ValueError, "cannot be -1, expected 0 to"),
    "length": (lambda c: c.set("radius", [1, 2]), ValueError, "2 numbers were given for `radius`, expected 9"),
    "table": (lambda c: c.set("radius", np.ones((3, 3))), ValueError, r"shape (3, 3), expected one number or a list"),
    "text": (lambda c: c.set("radius", "wide"), TypeError, "the value of `radius` is 'wide', expected numbers"),
    "absent": (
        lambda c: (c.branch(0).uninsert("hh"), c.branch(0).set("hh.gnabar", 1)),
        ValueError,
        "`hh` is not inserted there",
    ),
    "part of a whole": (lambda c: c.branch(0).set("celsius", 20), ValueError, "one value for the whole model"),
    "steady number": (lambda c: c.set("radius", lo.steady_state), ValueError, "`radius` is no state"),
    "bounds": (lambda c: c.make_trainable("radius", bounds=(5, 9)), ValueError, "outside of its bounds 5 to 9"),
    "bounds swapped": (
        lambda c: c.make_trainable("radius", bounds=(9, 5)),
        ValueError,
        "expected the smaller one first",
    ),
    "one bound": (lambda c: c.make_trainable("radius", bounds=9), ValueError, "the bounds are 9, expected two numbers"),
    "bounds in words": (lambda c: c.make_trainable("radius", bounds="0-9"), TypeError, "pair of bounds is '0-9'"),
    "temperature in words": (
        lambda c: setattr(c, "celsius", "warm"),
        TypeError,
        "`celsius` is 'warm', expected numbers",
    ),
    "trained twice": (
        lambda c: trainable(trainable(c)),
        ValueError,
        "is trainable in cell 0, branch 0, compartment 0 already",
    ),
    # what is put on a model
    "no mechanism": (lambda c: c.insert("hh"), TypeError, "expected a mechanism such as lo.mechanism('hh')"),
    "stimulus": (lambda c: c.stimulate(np.ones((2, 3))), ValueError, "shape (2, 3), expected (step,)"),
    "NaN stimulus": (lambda c: c.stimulate([0, np.nan]), ValueError, "sample 1 of the waveform is NaN"),
    "step": (lambda c: c.stimulate(lo.step(1, -1, 1)), ValueError, "duration of the waveform is -1"),
    "clamp": (lambda c: (c.clamp(-60), c.clamp(-60)), ValueError, "is clamped already"),
    "resistance": (lambda c: c.clamp(-60, series_resistance=0), ValueError, "series_resistance of the clamp is 0"),
    "clamp current": (lambda c: c.record("i_clamp"), ValueError, "it is not clamped"),
    "recorded mechanism": (lambda c: (c.record("hh.m"), c.uninsert("hh")), ValueError, "`hh` cannot be removed"),
    # runs
    "nothing recorded": (lambda c: lo.simulate(silent(c), t_max=1), ValueError, "nothing is recorded"),
    "dt": (lambda c: lo.simulate(c, t_max=1, dt=0), ValueError, "dt is 0, expected a positive number of ms"),
    "negative dt": (lambda c: lo.simulate(c, t_max=1, dt=-0.1), ValueError, "dt is -0.1"),
    "NaN dt": (lambda c: lo.simulate(c, t_max=1, dt=np.nan), ValueError, "dt is nan"),
    "t_max": (lambda c: lo.simulate(c, t_max=-1), ValueError, "t_max is -1"),
    "endless": (lambda c: lo.simulate(c, t_max=np.inf), ValueError, "t_max is inf"),
    "far too long": (lambda c: lo.simulate(c, t_max=1e300), ValueError, "too many steps of dt = 0.025 ms"),
    "too long for memory": (lambda c: lo.simulate(c, t_max=1e13), ValueError, "do not fit into memory"),
    "scheme": (lambda c: lo.simulate(c, t_max=1, scheme="cn"), ValueError, "scheme is `cn`, expected `backward_euler`"),
    "precision": (lambda c: lo.simulate(c, t_max=1, precision="half"), ValueError, "precision is `half`"),
    "convention": (lambda c: lo.simulate(c, t_max=1, convention="arbor"), ValueError, "convention is `arbor`"),
    "divergence": (lambda c: lo.simulate(c, t_max=1, on_divergence="ignore"), ValueError, "on_divergence is 'ignore'"),
    "thinning": (
        lambda c: lo.simulate(c, t_max=1, record_every=0.03),
        ValueError,
        "expected a multiple of dt = 0.025 ms",
    ),
    "threads": (lambda c: lo.simulate(c, t_max=1, threads=0), ValueError, "threads is 0"),
    "budget": (lambda c: lo.simulate(c, t_max=1, budget=-1), ValueError, "budget is -1"),
    "a view": (lambda c: lo.simulate(c.branch(0), t_max=1), TypeError, "expected a whole module"),
    "parameters without trainables": (
        lambda c: lo.simulate(c, [{"a": 1}], t_max=1),
        ValueError,
        "call make_trainable first",
    ),
    "parameters": (
        lambda c: lo.simulate(trainable(c), {"hh.gnabar": 1}, t_max=1),
        TypeError,
        "expected a list of one-key",
    ),
    "too few": (
        lambda c: lo.simulate(trainable(c), [], t_max=1),
        ValueError,
        "0 parameters were given, but the model has 1",
    ),
    "key": (
        lambda c: lo.simulate(trainable(c), [{"gnabar": np.ones(3)}], t_max=1),
        ValueError,
        "expected one key, `hh.gnabar`",
    ),
    "shape": (
        lambda c: lo.simulate(trainable(c), [{"hh.gnabar": np.ones(2)}], t_max=1),
        ValueError,
        "shape (2,), expected (3,), (number,)",
    ),
    "NaN parameter": (
        lambda c: lo.simulate(trainable(c), [{"hh.gnabar": np.array([1, np.nan, 1])}], t_max=1),
        ValueError,
        "`hh.gnabar` of cell 0, branch 1, compartment 0 is NaN, expected a finite number",
    ),
    "NaN parameter of a lane": (
        lambda c: lo.simulate(trainable(c), lo.batch([{"hh.gnabar": [[1, 1, 1], [1, 1, np.inf]]}]), t_max=1),
        ValueError,
        "`hh.gnabar` of cell 0, branch 2, compartment 0 in lane 1 is inf, expected a finite number",
    ),
    "NaN setting": (
        lambda c: lo.simulate(c, t_max=1, param_state=c.branch(1).data_set("hh.m", [0, np.nan, 0])),
        ValueError,
        "the value of `hh.m` is NaN at position [1], expected finite numbers",
    ),
    "NaN v_init": (lambda c: lo.simulate(c, t_max=1, v_init=np.nan), ValueError, "the value of `v` is NaN, expected"),
    "NaN current": (
        lambda c: lo.simulate(c, t_max=1, stimuli=c.branch(1).loc(1.0).data_stimulate([0, 0, np.nan])),
        ValueError,
        "sample 2 of the stimulus of cell 0, branch 1, compartment 2 is NaN, expected a finite number",
    ),
    "NaN current of a lane": (
        lambda c: lo.simulate(c, t_max=1, stimuli=c.branch(1).loc(1.0).data_stimulate(lo.batch([[0, 0], [0, np.nan]]))),
        ValueError,
        "sample 1 of the stimulus of cell 0, branch 1, compartment 2 in lane 1 is NaN",
    ),
    "a batch unsaid": (
        lambda c: lo.simulate(trainable(c), [{"hh.gnabar": np.ones((4, 3))}], t_max=1),
        ValueError,
        "shape (4, 3), expected (3,)",
    ),
    "a batch that is none": (
        lambda c: lo.simulate(trainable(c), lo.batch([{"hh.gnabar": np.ones(3)}]), t_max=1),
        ValueError,
        "shape (3,), expected (3, 3), (lane, number)",
    ),
    "lanes": (
        lambda c: lo.simulate(
            c, t_max=1, v_init=lo.batch(np.zeros(2)), stimuli=c.data_stimulate(lo.batch(np.zeros((3, 9))))
        ),
        ValueError,
        "different numbers of lanes: v_init 2, a stimulus 3",
    ),
    "v_init": (
        lambda c: lo.simulate(c, t_max=1, v_init=[1, 2]),
        ValueError,
        "shape (2,), expected one number or one per",
    ),
    "setting": (
        lambda c: lo.simulate(c, t_max=1, param_state=c.data_set("radius", -1.0)),
        ValueError,
        "`radius` of cell 0, branch 0, compartment 0 is -1, expected a positive number",
    ),
    "setting's name": (
        lambda c: lo.simulate(c, t_max=1, param_state=c.data_set("r", 1.0)),
        KeyError,
        "no quantity `r`",
    ),
    "current": (
        lambda c: lo.simulate(c, t_max=1, stimuli=c.data_stimulate(np.ones((2, 40)))),
        ValueError,
        "shape (2, 40), expected (step) or (compartment, step) for 9 selected",
    ),
    "no lanes": (lambda c: lo.simulate(c, t_max=1).lane(0), ValueError, "a single run has no lanes"),
    # gradients and fits
    "no loss": (
        lambda c: lo.value_and_grad(lambda p: lo.simulate(c, p, t_max=1).v)(trainable(c).get_parameters()),
        TypeError,
        "an array of shape (2, 41), expected one number",
    ),
    "independent": (
        lambda c: lo.value_and_grad(lambda p: 1.0)(trainable(c).get_parameters()),
        TypeError,
        "does not depend on its argument",
    ),
    "tiny budget": (
        lambda c: lo.value_and_grad(lambda p: lo.simulate(c, p, t_max=1, budget=100).v.mean())(
            trainable(c).get_parameters()
        ),
        MemoryError,
        "needs at least",
    ),
    "third derivative": (
        lambda c: lo.grad(
            lambda p: lo.hessian_product(lambda q: lo.simulate(c, q, t_max=1).v.mean())(p, p)[0]["hh.gnabar"].sum()
        )(trainable(c).get_parameters()),
        TypeError,
        "up to the second",
    ),
    "underived function": (
        lambda c: lo.value_and_grad(lambda p: np.interp(1.0, [0, 2], lo.simulate(c, p, t_max=1).v[0, :2]))(
            trainable(c).get_parameters()
        ),
        TypeError,
        "autograd cannot differentiate the loss (VJP of interp",
    ),
    "nothing to fit": (lambda c: lo.fit(c, lambda run: run.v.mean(), t_max=1), ValueError, "nothing is trainable"),
    "misspelt optimizer": (lambda c: fitted(c, optimizer="polyac"), ValueError, "or 'lbfgs'; did you mean `polyak`?"),
    "negative loss": (
        lambda c: fitted(c, optimizer="polyak"),
        ValueError,
        "and steps of Polyak are against the gradient only where it is 0 or more;",
    ),
    "normalisation": (lambda c: fitted(c, normalize=0.8), ValueError, "normalize is 0.8, expected groups and a power"),
    "groups": (lambda c: fitted(c, normalize=("entri", 1)), ValueError, "by 'entri', expected 'whole' or 'entry'; did"),
    "power": (lambda c: fitted(c, normalize=("whole", -1)), ValueError, "the power of normalize is -1, expected a pos"),
    "schedule": (lambda c: fitted(c, keep=3), TypeError, "keep is 3, expected from steps to starts, such as {10: 16"),
    "step of a schedule": (
        lambda c: fitted(c, keep={0: 1}),
        ValueError,
        "a step in keep is 0, expected a whole number",
    ),
    "starts of a schedule": (lambda c: fitted(c, keep={1: 0.5}), ValueError, "a number of starts in keep is 0.5"),
    "schedule that keeps all": (
        lambda c: fitted(c, starts=4, keep={1: 4}),
        ValueError,
        "keep says 4 starts after step 1, behind 4 after step 0; expected later steps and fewer starts",
    ),
    "schedule that goes back": (
        lambda c: fitted(c, starts=4, keep={2: 2, 1: 1}),
        ValueError,
        "keep says 1 starts after step 1, behind 2 after step 2",
    ),
    "schedule of L-BFGS": (
        lambda c: fitted(c, starts=4, keep={2: 2}, optimizer="lbfgs"),
        ValueError,
        "L-BFGS takes no `keep`, expected optimizer='adam' or 'polyak' with it",
    ),
    "optimizer": (
        lambda c: lo.fit(trainable(c), lambda run: run.v.mean(), t_max=1, optimizer="sgd"),
        ValueError,
        "optimizer is 'sgd'",
    ),
    "misspelt option": (
        lambda c: lo.fit(trainable(c), lambda run: run.v.mean(), t_max=1, stepz=5),
        TypeError,
        "fit has no argument `stepz`; did you mean `steps`?",
    ),
    "loss that is never a number": (
        lambda c: lo.fit(trainable(c), lambda run: np.nan * run.v.mean(), t_max=1, steps=1, progress=False),
        ValueError,
        "the loss was not a finite number in any step of any start; the first was nan",
    ),
    "loss through float": (
        lambda c: lo.fit(trainable(c), lambda run: float(run.v.mean()), t_max=1, steps=1, progress=False),
        TypeError,
        "leave out float()",
    ),
    "steps": (lambda c: lo.fit(trainable(c), lambda run: run.v.mean(), t_max=1, steps=0), ValueError, "steps is 0"),
    "rate": (
        lambda c: lo.fit(trainable(c), lambda run: run.v.mean(), t_max=1, learning_rate=-1),
        ValueError,
        "learning_rate is -1",
    ),
    "starts": (
        lambda c: (c.make_trainable("radius"), lo.fit(c, lambda run: run.v.mean(), t_max=1, starts=2)),
        ValueError,
        "2 starts need bounds to draw from, but `radius` has none",
    ),
    "fit's loss": (
        lambda c: lo.fit(trainable(c), lambda run: run.v, t_max=1, progress=False),
        TypeError,
        "expected one number",
    ),
    "target": (
        lambda c: lo.losses.mean_squared_error(lo.simulate(c, t_max=1), np.zeros(3)),
        ValueError,
        "the target has shape (3,)",
    ),
    "window": (
        lambda c: lo.losses.windowed_mean(np.zeros(3), np.arange(3.0), 5, 6),
        ValueError,
        "no sample lies in the window",
    ),
    "plot": (lambda c: c.plot([1, 2]), ValueError, "shape (2,), expected a number for each of 9 compartments"),
    # building
    "length of a compartment": (lambda c: lo.Compartment(length=0), ValueError, "expected"),
    "ncomp": (lambda c: lo.Branch(ncomp=0), ValueError, "ncomp is 0, expected a whole number, 1 or more"),
    "parents": (lambda c: lo.Cell([lo.Branch(), lo.Branch()]), ValueError, "expected the parent of each of 2 branches"),
    "count of parents": (
        lambda c: lo.Cell([lo.Branch(), lo.Branch()], [-1]),
        ValueError,
        "1 parents were given for 2 branches",
    ),
    "order of parents": (lambda c: lo.Cell(lo.Branch(), [-1, 2, 0]), ValueError, "branch 1"),
    "two roots": (lambda c: lo.Cell(lo.Branch(), [-1, -1]), ValueError, "branch 1"),
    "parts": (lambda c: lo.Network([1, 2]), TypeError, "cells holds 1, expected modules"),
    "no cells": (lambda c: lo.Network([]), ValueError, "expected at least one"),
    # files
    "no file": (
        lambda c: lo.read_swc("nowhere.swc"),
        FileNotFoundError,
        "cannot read nowhere.swc: there is no such file",
    ),
    "no .mod file": (lambda c: lo.Mechanism.from_mod("nowhere.mod"), FileNotFoundError, "cannot read nowhere.mod"),
    "a folder": (lambda c: lo.read_swc("."), OSError, "cannot read .:"),
    "compartments": (lambda c: lo.datasets.ca1(ncomp=0), ValueError, "ncomp is 0"),
    "list of compartments": (lambda c: lo.datasets.ca1(ncomp=[1, 2]), ValueError, "2 long for 217 branches"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_call(name: str, fork: lo.Cell) -> None:
    call, kind, message = WRONG[name]
    with pytest.raises(kind, match=re.escape(message)) as caught:
        call(fork)
    assert isinstance(caught.value, lo.LoligoError)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 1 0 0 0 1\n", r"cell.swc, line 1: expected 7 numbers"),
        ("1 1 0 0 0 1 -1\n2 3 9 0 0 0 1\n", r"line 2: .*min_radius"),
        ("1 1 0 0 0 1 -1\n2 3 9 0 0 -1 1\n", r"line 2: .*radius"),
        ("1 1 0 0 0 1 -1\n2 3 9 0 0 1 7\n", r"line 2: the parent of point 2 is 7"),
        ("1 1 0 0 0 1 2\n2 3 9 0 0 1 1\n", r"circle"),
        ("1 1 0 0 0 1 -1\n2 3 9 0 0 1 -1\n", r"\(roots=id\) or connect them \(roots='join'\)"),
        ("", r"no points"),
    ],
)
def test_malformed_swc_files(text: str, message: str, tmp_path) -> None:
    file = tmp_path / "cell.swc"
    file.write_text(text)
    with pytest.raises(lo.errors.MorphologyError, match=message):
        lo.read_swc(file)


def test_a_malformed_mechanism_points_into_its_text(tmp_path) -> None:
    file = tmp_path / "leak.mod"
    file.write_text("NEURON { SUFIX leak }")
    with pytest.raises(lo.errors.MechanismError, match=r"leak\.mod:1:10: .*did you mean `SUFFIX`\?"):
        lo.Mechanism.from_mod(file)


def test_a_budget_says_what_would_be_enough(fork: lo.Cell) -> None:
    trainable(fork)

    def gradient(budget: int) -> object:
        loss = lo.value_and_grad(lambda p: lo.simulate(fork, p, t_max=5, budget=budget).v.mean())
        return loss(fork.get_parameters())

    with pytest.raises(lo.errors.BudgetError) as caught:
        gradient(1000)
    needed = int(re.search(r"at least (\d+) bytes", str(caught.value))[1])
    assert gradient(needed)
    with pytest.raises(lo.errors.BudgetError):
        gradient(needed - 1)
