"""Loligo: simulate biophysical neurons and differentiate the simulation.

>>> import loligo as lo
>>> cell = lo.datasets.ca1()
>>> cell.insert(lo.mechanism("hh"))
>>> cell.celsius = 6.3
>>> cell.soma.loc(0.5).stimulate(lo.step(start=5, duration=20, amplitude=0.5))
>>> cell.soma.loc(0.5).record()
>>> run = lo.simulate(cell, t_max=10)
>>> run.v.shape
(1, 401)
"""

from loligo import datasets, errors, features, losses
from loligo._engine import Waveform, __version__
from loligo.channel import Channel, ElectricalSynapse, Pump, Synapse
from loligo.conductance import conductance
from loligo.connecting import (
    connectivity_matrix_connect,
    distance_connect,
    fixed_indegree_connect,
    fixed_outdegree_connect,
    fully_connect,
    one_to_one_connect,
    sparse_connect,
)
from loligo.differentiation import grad, hessian_product, jvp, value_and_grad
from loligo.equilibrium import equilibrate
from loligo.errors import LoligoError
from loligo.fitting import Fit, fit
from loligo.graph import to_networkx
from loligo.layout import arrange_in_layers
from loligo.library import Mechanism, cite, diffusion, load_mechanisms, mechanism, mechanisms
from loligo.modules import Branch, Cell, Compartment, Module, Network
from loligo.neuron_import import from_neuron
from loligo.ornstein_uhlenbeck import noise
from loligo.parameters import batch
from loligo.plots.connectivity import plot_connectivity
from loligo.plots.mechanisms import plot_mechanism
from loligo.plots.networks import plot_network
from loligo.plots.rasters import plot_raster
from loligo.point_neurons import LIF, AdEx, Fire, Izhikevich, Rate
from loligo.published import load_allen, load_bluepyopt
from loligo.read import read_asc, read_import3d, read_swc
from loligo.recordings import Recording, read_recording
from loligo.run import Run
from loligo.saving import load, save
from loligo.simulating import simulate
from loligo.sonata import SonataNetwork, read_sonata, read_sonata_spikes, write_sonata_spikes
from loligo.spiking import Raster, SpikeTrains, SpikingSynapse
from loligo.state import State
from loligo.surrogate import heaviside
from loligo.sweeping import sweep
from loligo.synapses import GapJunction, IonotropicSynapse, Synapses, TanhConductanceSynapse, TanhRateSynapse
from loligo.view import View, steady_state
from loligo.waveforms import ramp, sine, step

__all__ = [
    "LIF",
    "AdEx",
    "Branch",
    "Cell",
    "Channel",
    "Compartment",
    "ElectricalSynapse",
    "Fire",
    "Fit",
    "GapJunction",
    "IonotropicSynapse",
    "Izhikevich",
    "LoligoError",
    "Mechanism",
    "Module",
    "Network",
    "Pump",
    "Raster",
    "Rate",
    "Recording",
    "Run",
    "SonataNetwork",
    "SpikeTrains",
    "SpikingSynapse",
    "State",
    "Synapse",
    "Synapses",
    "TanhConductanceSynapse",
    "TanhRateSynapse",
    "View",
    "Waveform",
    "__version__",
    "arrange_in_layers",
    "batch",
    "cite",
    "conductance",
    "connectivity_matrix_connect",
    "datasets",
    "diffusion",
    "distance_connect",
    "equilibrate",
    "errors",
    "features",
    "fit",
    "fixed_indegree_connect",
    "fixed_outdegree_connect",
    "from_neuron",
    "fully_connect",
    "grad",
    "heaviside",
    "hessian_product",
    "jvp",
    "load",
    "load_allen",
    "load_bluepyopt",
    "load_mechanisms",
    "losses",
    "mechanism",
    "mechanisms",
    "noise",
    "one_to_one_connect",
    "plot_connectivity",
    "plot_mechanism",
    "plot_network",
    "plot_raster",
    "ramp",
    "read_asc",
    "read_import3d",
    "read_recording",
    "read_sonata",
    "read_sonata_spikes",
    "read_swc",
    "save",
    "simulate",
    "sine",
    "sparse_connect",
    "steady_state",
    "step",
    "sweep",
    "to_networkx",
    "value_and_grad",
    "write_sonata_spikes",
]
