"""The door for scripts written for Jaxley: its names, defaults, shapes and time indexing (those of version 0.14).

`import loligo.jaxley as jx` in the place of `import jaxley as jx`, `from loligo.jaxley.channels import HH` and so on.
What differs from `import loligo`: axial resistivity 5000 Ω·cm, voltage −70 mV and gates at 0.2 until they are set;
stimuli are arrays; `integrate` returns an array of shape (recording, time).

What differs from Jaxley:

- Losses are written in NumPy and differentiated by `loligo.value_and_grad`; a batch is said with `loligo.batch`.
- A misspelt attribute raises. `nodes` is a table to read; writing to it raises.
- `init_states` sets the gates of Km and CaT to their steady state (Jaxley takes time constants for rates there).
- A trainable changes the compartments that it was made for and no other (Jaxley pads, and changes the last one, too).
- Under a clamp of the voltage the neighbours feel the clamp within a step; Jaxley overwrites the voltage afterwards.
- `NegSoftplusTransform(upper)` keeps below `upper`, not below −`upper`.
- A radius or length set on a reconstructed cell scales its frusta, and does not make them cylinders.
- `read_swc` cuts branches at `max_branch_len` into equal pieces, does not guess among several roots, and has dendrites
  leave the middle of a soma of one point (Jaxley: one of its ends; some hundredths of a millivolt apart).

As in Jaxley, and unlike the published equations: CaT caps its exponentials at e²⁰, which matters during spikes.

Not here yet: synapses, pumps and diffusion; channels written in Python; the solvers fwd_euler and exp_euler; clamps of
gates and clamps as data; `all_states`, `return_states`; `set_ncomp`, `scope`, editing `controlled_by_param`.
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
