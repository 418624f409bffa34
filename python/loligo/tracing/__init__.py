"""Mechanisms written in Python: their methods are called once, with numbers that are not known yet, and what they do
with them is written down.

A method may use NumPy's functions, `np.where`, comparisons, and branches on what is known. One that is written in
`jax.numpy` is traced by JAX, and what JAX wrote down is carried over. What cannot be traced raises `TracingError`,
which says which line and why.
"""

from loligo.tracing.description import Description
from loligo.tracing.entries import Entries
from loligo.tracing.methods import Inputs, traced
from loligo.tracing.number import Number

__all__ = ["Description", "Entries", "Inputs", "Number", "traced"]
