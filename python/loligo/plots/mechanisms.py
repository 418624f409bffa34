"""Pictures of mechanisms: steady states, time constants, and current–voltage curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from loligo._engine import Mechanism
from loligo.arguments import as_float, as_name
from loligo.channel import Channel
from loligo.errors import ArgumentError, ArgumentTypeError
from loligo.plots.axes import passing_on, pyplot
from loligo.waveforms import as_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VOLTAGES = np.linspace(-100, 50, 301)
"""mV"""
CONCENTRATIONS = np.geomspace(1e-5, 1e-1, 301)
"""mM"""
WIDE = 30
"""Time constants and concentrations that differ by more than this factor are drawn on a logarithmic axis."""


def plot_mechanism(
    mechanism: Mechanism | Channel,
    ax: Sequence[Axes] | None = None,
    *,
    along: str | None = None,
    values: ArrayLike | None = None,
    celsius: float | None = None,
    numbers: Mapping[str, float] | None = None,
    label: str | None = None,
    **options: Any,
) -> np.ndarray:
    """Draws what a mechanism does where nothing moves: the steady states of its states, their time constants (ms), and
    its currents where the states are steady (mA/cm², nA of a point process; as the mechanism counts them).

    Args:
        ax: Three axes, such as those that an earlier call returned; a new figure if left out.
        along: What goes to the right: `"v"`, or a concentration such as `"cai"`, which is the default where the
            kinetics depend on one and not on the voltage.
        values: Where along it, mV or mM; from -100 to 50 mV, or from 1e-5 to 0.1 mM, if left out.
        celsius: Temperature, °C; 6.3 if left out.
        numbers: Other numbers: parameters (`gnabar`), reversal potentials and concentrations (`ena`, `cai`), the
            voltage (`v`) where something else goes to the right. Defaults where left out.
        label: What the legend adds to the name of each state and current, to tell calls on the same axes apart.
        options: Passed on to `Axes.plot`.

    Returns:
        The three axes: steady states, time constants, currents.

    Raises:
        UnknownNameError: A name that the mechanism does not read; the message names the nearest.
        ArgumentError: Numbers that are not finite, a parameter that must be given, a reversal potential that follows
            from concentrations, other than three axes.
        MechanismError: The mechanism cannot be in a membrane by itself.

    >>> import loligo as lo
    >>> axes = lo.plot_mechanism(lo.mechanism("hh"), numbers={"ena": 55})
    >>> [line.get_label() for line in axes[0].lines]
    ['m', 'h', 'n']
    >>> axes = lo.plot_mechanism(lo.mechanism("hh"), axes, celsius=16.3, label="16.3 °C", linestyle="--")
    """
    if isinstance(mechanism, Channel):
        mechanism = mechanism.mechanism
    if not isinstance(mechanism, Mechanism):
        raise ArgumentTypeError(f"plot_mechanism was given {mechanism!r}, expected one such as lo.mechanism('hh')")
    along = mechanism.natural_axis() if along is None else as_name(along, "along")
    if values is None:
        if along != "v" and not along.endswith(("i", "o")):
            raise ArgumentError(f"`{along}` goes to the right: give values of it")
        values = VOLTAGES if along == "v" else CONCENTRATIONS
    points = as_numbers(values, "values")
    if points.ndim != 1:
        raise ArgumentError(f"values have shape {points.shape}, expected a row of them")
    if not isinstance(numbers, Mapping | None):
        raise ArgumentTypeError(f"numbers is {numbers!r}, expected numbers by name, as {{'ena': 50.0}}")
    given = dict(numbers or {})
    if celsius is not None:
        given["celsius"] = celsius
    for name, number in given.items():
        if not np.isfinite(as_float(number, f"`{name}`")):
            raise ArgumentError(f"`{name}` is {number!r}, expected a finite number")
    states, currents = mechanism.curves(points, along, given)
    axes = _three(ax)
    tail = "" if label is None else f" {label}"
    steady = {name + tail: steady for name, (steady, _) in states.items()}
    time_constants = {name + tail: tau for name, (_, tau) in states.items()}
    for each, curves, nothing in (
        (axes[0], steady, "no states"),
        (axes[1], time_constants, "no time constants"),
        (axes[2], {name + tail: current for name, current in currents.items()}, "no currents"),
    ):
        _draw(each, points, curves, nothing, **options)
        each.set_xlabel(_axis_label(mechanism, along))
        if along != "v" and points.min() > 0 and points.max() > WIDE * points.min():
            each.set_xscale("log")
    axes[0].set_ylabel("steady state")
    axes[1].set_ylabel("time constant (ms)")
    if _spread(axes[1]) > WIDE:
        axes[1].set_yscale("log")
    where = "" if along == "v" else f" at {given.get('v', -65):g} mV"
    axes[2].set_ylabel(f"current{where} (nA)" if mechanism.placement == "point" else f"current{where} (mA/cm²)")
    axes[1].set_title(mechanism.name if ax is None else axes[1].get_title())
    return axes


def _axis_label(mechanism: Mechanism, along: str) -> str:
    units = {name: unit for name, _, unit, _, _ in mechanism.parameters}
    if along in units:
        return f"{along} ({units[along]})" if units[along] else along
    named = {"v": "voltage (mV)", "celsius": "temperature (°C)", "t": "time (ms)"}
    return named.get(along, f"{along} (mM)" if along[-1] in "io" else f"{along} (mV)" if along[0] == "e" else along)


def _three(ax: Sequence[Axes] | None) -> np.ndarray:
    if ax is None:
        return pyplot().subplots(1, 3, figsize=(12, 3.5), layout="constrained")[1]
    axes = np.asarray(ax, dtype=object).ravel()
    if axes.size != 3:
        raise ArgumentError(f"plot_mechanism was given {axes.size} axes, expected 3")
    return axes


def _draw(ax: Axes, points: np.ndarray, curves: dict[str, np.ndarray], nothing: str, **options: Any) -> None:
    """Draws those curves that have numbers; a state has one colour, whichever of its curves have any."""
    first = getattr(ax, "_loligo_curves", 0)
    ax._loligo_curves = first + len(curves)
    for number, (name, curve) in enumerate(curves.items(), start=first):
        if np.isfinite(curve).any():
            with passing_on(options):
                ax.plot(points, curve, **{"color": f"C{number}", "label": name, **options})
    if ax.lines:
        ax.legend(fontsize="small")
    else:
        ax.text(0.5, 0.5, nothing, transform=ax.transAxes, ha="center", va="center", color="0.5")


def _spread(ax: Axes) -> float:
    """The largest number that is drawn over the smallest positive one."""
    drawn = [np.asarray(line.get_ydata(), dtype=float) for line in ax.lines]
    finite = [numbers[np.isfinite(numbers) & (numbers > 0)] for numbers in drawn]
    together = np.concatenate([np.empty(0), *finite])
    return float(together.max() / together.min()) if together.size else 1.0
