"""The door for scripts written for Jaxley: its names, defaults, shapes and time indexing (those of version 0.14).

`import loligo.jaxley as jx` in the place of `import jaxley as jx`, `from loligo.jaxley.channels import HH` and so on.
What differs from `import loligo`: axial resistivity 5000 Ω·cm, voltage −70 mV and gates at 0.2 until they are set;
stimuli are arrays; `integrate` returns an array of shape (recording, time).

What differs from Jaxley: losses are written in NumPy and differentiated by `loligo.value_and_grad`; a misspelt
attribute raises; gates of Km and CaT are initialised to their steady state; `read_swc` cuts the branches of a cell as
Loligo does; a radius set on a reconstructed cell scales it and does not make it a cylinder.
"""

from loligo.jaxley import channels, io, modules, optimize, stimulus
from loligo.jaxley.integrate import integrate
from loligo.jaxley.io import read_swc
from loligo.jaxley.modules import Branch, Cell, Compartment, Module, Network
from loligo.jaxley.optimize.transforms import ParamTransform
from loligo.jaxley.stimulus import datapoint_to_step_currents, step_current

__all__ = [
    "Branch",
    "Cell",
    "Compartment",
    "Module",
    "Network",
    "ParamTransform",
    "channels",
    "datapoint_to_step_currents",
    "integrate",
    "io",
    "modules",
    "optimize",
    "read_swc",
    "step_current",
    "stimulus",
]
