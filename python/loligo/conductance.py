"""Conductances with a reversal potential that do nothing by themselves, to be played."""

import math

from loligo._engine import Mechanism
from loligo.arguments import as_float, as_identifier
from loligo.errors import ArgumentError

_TEXT = """
TITLE Conductance that is played: i = g*(v - e)

NEURON {{
    POINT_PROCESS {name}
    NONSPECIFIC_CURRENT i
    RANGE g, e, i
}}

PARAMETER {{
    g = 0 (uS) <0,1e9>
    e = {e} (mV)
}}

ASSIGNED {{
    v (mV)
    i (nA)
}}

BREAKPOINT {{
    i = g*(v - e)
}}
"""


def conductance(name: str, e: float) -> Mechanism:
    """A mechanism with the current i = g·(v − e), nA, whose conductance g, µS, is 0 until it is played, or set.

    With `lo.noise` it is the point conductance of Destexhe, Rudolph, Fellous and Sejnowski (2001), which stands for the
    background that a neuron in vivo receives through thousands of synapses.

    Args:
        name: What the mechanism is called; as many as have different names can be in one compartment.
        e: Reversal potential, mV; the parameter `<name>.e`.

    Raises:
        ArgumentError: That is no name for a mechanism, or the potential is not a number.

    >>> import loligo as lo
    >>> soma = lo.Compartment(length=105, radius=52.5)
    >>> soma.insert(lo.mechanism("pas"))
    >>> soma.insert(lo.conductance("excitation", e=0.0))
    >>> soma.insert(lo.conductance("inhibition", e=-75.0))
    >>> soma.record()
    >>> excitation = lo.noise(start=0, duration=100, mean=0.012, sigma=0.003, tau=2.7, seed=1).at_least(0)
    >>> inhibition = lo.noise(start=0, duration=100, mean=0.057, sigma=0.0066, tau=10.5, seed=2).at_least(0)
    >>> plays = soma.data_play("excitation.g", excitation.batch(8))
    >>> plays = soma.data_play("inhibition.g", inhibition.batch(8), plays)
    >>> lo.simulate(soma, t_max=100, plays=plays).v.shape
    (8, 1, 4001)
    """
    name, e = as_identifier(name, "the name of the conductance"), as_float(e, "e", "mV")
    if not math.isfinite(e):
        raise ArgumentError(f"e of the conductance is {e!r}, expected a finite number of mV")
    return Mechanism.compile(_TEXT.format(name=name, e=repr(e)), f"{name}.mod")
