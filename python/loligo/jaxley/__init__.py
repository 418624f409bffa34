"""The door for scripts written for Jaxley: its names, defaults, shapes and time indexing (those of version 0.14).

`import loligo.jaxley as jx` in the place of `import jaxley as jx`, `from loligo.jaxley.channels import HH` and so on.
What differs from `import loligo`: axial resistivity 5000 Ω·cm, voltage −70 mV and gates at 0.2 until they are set;
stimuli are arrays; `integrate` returns an array of shape (recording, time).

What differs from Jaxley:

- Losses are written for JAX, as in Jaxley (`jit`, `grad`, `vmap` and the others go through `integrate`), or in NumPy,
  and differentiated by `loligo.value_and_grad`. What is traced by `jit` holds the model as it was then.
- Numbers are arrays of NumPy, in double precision whatever JAX was told, that have `at` and `block_until_ready` as
  those of JAX have (`array.Array`), and that JAX and optax take; they are no `jax.Array`, and can be written to.
- A misspelt attribute raises. `nodes` and `edges` are made when they are asked for. What is written to parameters and
  states in them is set, on views, too (Jaxley drops it there); writing to columns that only `set` or other verbs can
  change (radius, length, what is derived or joined) raises.
- Views show what is there now; Jaxley's show what was there when they were made. What is printed is in other words.
- `get_parameters` gives copies (Jaxley: the numbers that it goes on to keep).
- What Jaxley asserts raises errors of `loligo.errors`, which are a ValueError, an IndexError and so on, and no
  AssertionError.
- Synapses can be deleted (`delete_edges`).
- Of the names that begin with an underscore there are those that scripts use: `_comp_edges`, `_branchpoints`,
  `_n_nodes`, `_internal_node_inds`, `_nodes_in_view`, `_edges_in_view`, `_cells_in_view`, `_branches_in_view`,
  `_comps_in_view`, `_module_type`, `_append_multiple_synapses`. Others, such as `_current_view`, are of its own making.
- `channels`, `pumps` and `synapses` are descriptions of what was inserted (names, parameters, states, their defaults),
  by which `delete` finds it, and no channels to insert elsewhere. `jaxnodes` and `jaxedges` are there at any time, and
  what is written to them changes nothing.
- `set_ncomp` refuses views that were made before it, synapses, and all that differs within the branch (but for the
  voltage); a channel that other branches lack is no obstacle. A radius below its `min_radius` raises.
- Recordings and trainables of a view are those of compartments in view, in networks, too.
- `x`, `y` and `z` of `nodes` are where compartments are, also without `update_nodes=True`, and branches of cylinders
  are drawn as long as they are, also without `compute_xyz`. A number for `move_to`, whole or not, moves all that is in
  view together. Branch points are where branches meet (Jaxley: amid the compartments next to them, in cells of
  cylinders).
- Pictures have one line with gaps, and not a line for each branch. Synapses are drawn between the middles of
  compartments (Jaxley: between traced points nearby). A cylinder (`type="comp"`) has the direction of its compartment,
  also where branches have different numbers of them; a frustum (`type="morph"`) reaches from point to point (Jaxley
  moves it along itself by its first radius).
- The currents of others that pumps have among their states (`i_Ca`) cannot be set; `nodes` shows what pumps declare.
  Where nothing in a module carries such a current it is 0 (Jaxley: what pumps declare, 1e-8 mA/cm² if built in).
- `init_states` sets the gates of Km and CaT to their steady state (Jaxley takes time constants for rates there).
- A trainable changes the compartments that it was made for and no other (Jaxley pads, and changes the last one, too).
- `NegSoftplusTransform(upper)` keeps below `upper`, not below −`upper`.
- A radius or a length that `data_set` gives for single steps (`init_fn`) is refused where it would make a cylinder of a
  reconstructed compartment; `set` makes one for good, and `integrate` for the run.
- With `random_post_comp`, `fully_connect` and `sparse_connect` keep to the pairs of cells that they are for (Jaxley
  assigns the compartments that it draws to other pairs; the numbers drawn are the same).
- Types of synapses that have a parameter of one name each have their own numbers (Jaxley: those of the last type for
  all); states of one name are refused.
- `edge` also counts among synapses of all types, in the order in which they were connected. A trained state of synapses
  is written into those synapses (Jaxley: into others if there are several types).
- A compiled `step_fn` is one of a fixed `delta_t`: `jax.jit(step_fn, static_argnames="delta_t")`.
- Areas, volumes, loads and axial conductances of `get_all_parameters` are to look at; `step` does not take them. States
  have the voltage and what diffuses at branch points as NaN, and `return_states` no currents but those that are read.
- `return_states` gives the states after the last step; with `checkpoint_lengths` Jaxley goes on for as many steps as
  their product has more, without stimuli, and gives those that it has then.
- `read_swc(..., min_radius=...)` makes cylinders of compartments that were traced without a radius, which have no area
  in Jaxley until one is set.
- `read_swc` warns of points that are not connected to the first tip; Jaxley leaves them out without a word.

As in Jaxley, and unlike the published equations: CaT caps its exponentials at e²⁰, which matters during spikes.

- Where a reversal potential is written by a mechanism (`CaNernstReversal`), the built-in CaL and CaT follow it; in
  Jaxley their `eCa` is a parameter, and stays. Channels written in Python do as they are written.
- The rate of a pump that is recorded at t = 0 is that for the currents then (Jaxley: for those that are stored).
- Only states that channels share diffuse (`diffuse`), no gates; a clamp holds what diffuses, too (Jaxley: the solution
  replaces it), but no currents. Cells that diffuse can be put into networks, where they go on to do so.
- Derivatives that a channel defines itself (`jax.custom_jvp`) are replaced by those of what it computes.
- Channels that move the voltage run with `bwd_euler` only.

Channels, pumps and synapses written in Python, for NumPy or `jax.numpy`, run as they are; so do those of jaxley-mech.
Tested with Jaxley 0.14.0, JAX 0.10.2 and jaxley-mech 0.4.0; JAXLEY.md has what came of Jaxley's tutorials
and tests.

Jaxley 1.0 is announced and not released. It will have synapses that take a nonlinearity (CurrentSynapse,
ConductanceSynapse, DynamicSynapse, ExpDecaySynapse), and give IonotropicSynapse another meaning. None of these is
settled, so there are no aliases of them; surrogate gradients for Fire, which it will have, too, are here
(`loligo.heaviside`).

Graphs (`io.graph`, `morphology.morph_delete`, `morph_connect`) need networkx:

- What flows follows `area` and loads of the nodes, as in Jaxley; length and radius are those of a shape that has them.
- A compartment that is traversed the other way round is turned round, loads and all (Jaxley turns its points alone).
- `length` of what was traced is that of its points (Jaxley: of the edges, also those that are left out where a soma
  forks, and with 0.00001 µm between points that are the same).
- What is left in pieces is refused (Jaxley keeps the piece of the root, without a word).
- `morph_delete` keeps channels (Jaxley drops them), and no groups of which nothing is left. `morph_connect` moves
  nothing but the cell that it makes (Jaxley: the second cell, too), and cannot tell the ends of a single compartment.

Names of Jaxley that are not here, why, and what to use:

- `solver_voltage`, `utils.solver_utils`, `utils.debug_solver`: steps and tables of Jaxley's solvers. The solver of the
  engine is the same for all modules, and exact; `integrate` takes their names.
- `modules.base.only_allow_module`: marks methods of Jaxley's own. What views cannot do is no method of them.
- `Module.initialized_solver`, `Module.initialized_syns`, `Module.allow_make_trainable`, `Module.debug_states`: notes of
  Jaxley's to itself. A module is always ready, see `Module.initialized`.
- `HH.m_gate`, `HH.h_gate`, `HH.n_gate`, `Na.m_gate`, `Na.h_gate`, `K.n_gate`, `Km.p_gate`, `CaL.q_gate`, `CaL.r_gate`,
  `CaT.u_gate`: these channels are compiled from `.mod` files, and have no `update_states` and `compute_current` to
  derive from; their defaults may be changed. `loligo.plot_mechanism` draws steady states and time constants.
- `Module.build_exp_euler_transition_matrix`, `Module.customize_solver_exp_euler`, `Module.solver_customizers`: belong
  to the solver exp_euler, whose matrix has a row and a column for every compartment of a network, and which asks for
  small steps, as fwd_euler does. Use bwd_euler or crank_nicolson.
"""

import loligo.jaxley.modules.base  # noqa: F401, to be found as jx.modules.base
from loligo.jaxley import channels, io, modules, morphology, optimize, pumps, solver_gate, stimulus, synapses, utils
from loligo.jaxley.__version__ import __version__
from loligo.jaxley.connect import connect, connectivity_matrix_connect, fully_connect, sparse_connect
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
    "__version__",
    "channels",
    "connect",
    "connectivity_matrix_connect",
    "datapoint_to_step_currents",
    "fully_connect",
    "integrate",
    "io",
    "modules",
    "morphology",
    "optimize",
    "pumps",
    "read_swc",
    "solver_gate",
    "sparse_connect",
    "step_current",
    "stimulus",
    "synapses",
    "utils",
]
