"""Cells: what each kind of node is made of, built once for all nodes that are alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from loligo import library
from loligo.errors import SonataError, did_you_mean
from loligo.modules import Branch, Cell, Compartment
from loligo.point_neurons import LIF
from loligo.sonata.biophysics import read_biophysics
from loligo.sonata.configuration import Configuration
from loligo.sonata.files import is_absent, json_of
from loligo.sonata.mechanisms import Finder, parameter_of
from loligo.sonata.morphology import Sections, read_morphology

MODEL_TYPES = ("biophysical", "single_compartment", "point_neuron", "point_process", "virtual")


@dataclass(frozen=True)
class Prototype:
    """A cell that nodes are copies of.

    Attributes:
        cell: The cell.
        sections: Its sections, as edges count them.
        siemens: What a weight of 1 is of the conductances `excitatory` and `inhibitory` that are in the cell, µS; None
            where every edge brings a synapse of its own.
        threshold: The voltage that is passed by a spike, mV; None for that of the simulation.
        celsius, v_init: °C and mV, where a file has them.
    """

    cell: Cell
    sections: Sections
    siemens: float | None = None
    threshold: float | None = None
    celsius: float | None = None
    v_init: float | None = None


class Builder:
    """Builds the cells of nodes."""

    def __init__(self, configuration: Configuration, finder: Finder) -> None:
        self._configuration = configuration
        self._finder = finder
        self._built: dict[tuple[Any, ...], Prototype] = {}
        # one object for all cells: two of the same name are refused
        self._lif = LIF().mechanism
        self._conductances = {name: library.mechanism("expsyn").renamed(name) for name in ("excitatory", "inhibitory")}

    def built(self, node: Mapping[str, Any]) -> Prototype:
        """What a node, the attributes in a row of the table of nodes, is a copy of.

        Raises:
            SonataError: A kind of model that Loligo does not have, or an attribute that is missing.
        """
        own = {name: value for name, value in node.items() if name in _OF_A_CELL or name.startswith("dynamics_params.")}
        own = {name: value for name, value in own.items() if not is_absent(value)}
        key = tuple(sorted(own.items()))
        if key not in self._built:
            self._built[key] = self._make(own, f"node {node['node_id']} of `{node['population']}`")
        return self._built[key]

    def _make(self, node: dict[str, Any], who: str) -> Prototype:
        match node.get("model_type"):
            case "biophysical":
                return self._biophysical(node, who)
            case "single_compartment":
                return self._single_compartment(node, who)
            case "point_neuron" | "point_process":
                return self._point_neuron(node, who)
        kind = node.get("model_type")
        raise SonataError(
            f"the model_type of {who} is {kind!r}, expected one of {', '.join(MODEL_TYPES)}"
            f"{did_you_mean(str(kind), MODEL_TYPES)}"
        )

    def _biophysical(self, node: dict[str, Any], who: str) -> Prototype:
        schema, _, resource = _needed(node, "model_template", who).rpartition(":")
        if any(name.startswith("dynamics_params.") for name in node):
            raise SonataError(f"{who} is biophysical and has dynamics_params of its own, which are not supported")
        match schema:
            case "ctdb":
                resource = _needed(node, "dynamics_params", who)
            case "nml":
                pass
            case _:
                raise SonataError(
                    f"the model_template of {who} is `{node['model_template']}`: Loligo takes `ctdb:` with a JSON of "
                    "the Allen Cell Types Database as dynamics_params, and `nml:`; a template in hoc is a program of "
                    "NEURON"
                )
        path = self._configuration.component("biophysical_neuron_models_dir", resource, f"the biophysics of {who}")
        biophysics = read_biophysics(path)
        morphology = _needed(node, "morphology", who)
        name = morphology if morphology.endswith(".swc") else f"{morphology}.swc"
        swc = self._configuration.component("morphologies_dir", name, f"the morphology of {who}")
        # NeuroML of the Allen Institute is of cells with a stub
        usual = "aibs_perisomatic" if schema == "nml" else "fullaxon"
        longest = node.get("dL", self._configuration.run.get("dL"))
        cell, sections = read_morphology(swc, node.get("model_processing", usual), longest)
        biophysics.put_on(cell, self._finder, path)
        return Prototype(cell, sections, celsius=biophysics.celsius, v_init=biophysics.v_init)

    def _single_compartment(self, node: dict[str, Any], who: str) -> Prototype:
        schema, _, name = _needed(node, "model_template", who).rpartition(":")
        if schema != "nrn":
            raise SonataError(f"the model_template of {who} is `{node['model_template']}`, expected `nrn:mechanism`")
        numbers = self._dynamics(node, who)
        diameter = float(numbers.pop("D", 1.0))
        cell = Cell(Branch(Compartment(length=diameter, radius=diameter / 2)))
        inserted = {each: self._finder.named(each, who) for each in ("pas", name)}
        for mechanism in inserted.values():
            cell.insert(mechanism)
        for parameter, value in numbers.items():
            owners = [owner for owner in inserted if parameter.endswith(f"_{owner}")]
            if parameter in ("cm", "Ra"):
                cell.set({"cm": "capacitance", "Ra": "axial_resistivity"}[parameter], float(value))
            elif owners:
                own = parameter.removesuffix(f"_{owners[0]}")
                cell.set(f"{owners[0]}.{parameter_of(inserted[owners[0]], own, who)}", float(value))
            else:
                known = [f"{own}_{owner}" for owner, made in inserted.items() for own, *_ in made.parameters]
                raise SonataError(
                    f"the dynamics_params of {who} have `{parameter}`{did_you_mean(parameter, known)}; expected D, cm, "
                    f"Ra, {', '.join(known)}"
                )
        return Prototype(cell, _ONE_SECTION)

    def _point_neuron(self, node: dict[str, Any], who: str) -> Prototype:
        template = _needed(node, "model_template", who)
        if template not in POINT_NEURONS:
            raise SonataError(
                f"the model_template of {who} is `{template}`, which has no equal in Loligo"
                f"{did_you_mean(template, POINT_NEURONS)}; those that have are {', '.join(POINT_NEURONS)}"
            )
        neuron = POINT_NEURONS[template](self._dynamics(node, who), f"{who} (`{template}`)")
        # at 1 µF/cm² 1 pF is 100 µm²; a cylinder as long as it is wide has the area 4πr²
        radius = float(np.sqrt(neuron.capacitance * 100 / (4 * np.pi)))
        cell = Cell(Branch(Compartment(length=2 * radius, radius=radius)))
        cell.insert(self._lif)
        # 1 nS on 1 µm² is 0.1 S/cm²
        cell.set("LIF.g", 0.1 * neuron.leak / (neuron.capacitance * 100))
        # a constant current moves the voltage at which a leak stops
        cell.set("LIF.e", neuron.rest + neuron.current / neuron.leak)
        cell.set("LIF.vth", neuron.threshold)
        cell.set("LIF.vreset", neuron.reset)
        cell.set("v", neuron.rest)
        for name, (tau, reversal) in zip(("excitatory", "inhibitory"), neuron.synapses):
            cell.insert(self._conductances[name])
            cell.set(f"{name}.tau", tau)
            cell.set(f"{name}.e", reversal)
        return Prototype(cell, _ONE_SECTION, neuron.siemens, neuron.threshold, v_init=neuron.rest)

    def _dynamics(self, node: dict[str, Any], who: str) -> dict[str, Any]:
        """The numbers of a file, and in their place those of the node itself."""
        numbers: dict[str, Any] = {}
        if not is_absent(node.get("dynamics_params")):
            file = node["dynamics_params"]
            path: Path = self._configuration.component("point_neuron_models_dir", file, f"the dynamics of {who}")
            numbers = {name: value for name, value in json_of(path).items() if not isinstance(value, str)}
        prefix = "dynamics_params."
        return numbers | {name.removeprefix(prefix): value for name, value in node.items() if name.startswith(prefix)}


_OF_A_CELL = ("model_type", "model_template", "morphology", "model_processing", "dynamics_params", "dL")
"""Attributes that decide what a cell is."""

_ONE_SECTION = Sections(np.zeros(1, dtype=int), np.ones(1, dtype=int))


@dataclass(frozen=True)
class ConductanceNeuron:
    """An integrate-and-fire neuron with two conductances that jump with a spike and decay.

    Attributes:
        capacitance, leak: pF and nS.
        rest, threshold, reset: mV.
        current: pA.
        synapses: Time constant, ms, and reversal potential, mV, of the two.
        siemens: What a weight of 1 is, µS.
    """

    capacitance: float
    leak: float
    rest: float
    threshold: float
    reset: float
    current: float
    synapses: tuple[tuple[float, float], tuple[float, float]]
    siemens: float


def _iaf_cond_exp(numbers: dict[str, Any], who: str) -> ConductanceNeuron:
    """NEST's: pF, nS, pA."""
    p = _with_defaults(
        numbers,
        {"C_m": 250.0, "g_L": 50.0 / 3, "E_L": -70.0, "V_th": -55.0, "V_reset": -60.0, "t_ref": 2.0, "I_e": 0.0}
        | {"E_ex": 0.0, "E_in": -85.0, "tau_syn_ex": 0.2, "tau_syn_in": 2.0},
        who,
    )
    _refuse_refractory(p["t_ref"], "t_ref", who)
    return ConductanceNeuron(
        capacitance=p["C_m"],
        leak=p["g_L"],
        rest=p["E_L"],
        threshold=p["V_th"],
        reset=p["V_reset"],
        current=p["I_e"],
        synapses=((p["tau_syn_ex"], p["E_ex"]), (p["tau_syn_in"], p["E_in"])),
        siemens=1e-3,
    )


def _if_cond_exp(numbers: dict[str, Any], who: str) -> ConductanceNeuron:
    """PyNN's: nF, µS, nA."""
    p = _with_defaults(
        numbers,
        {"cm": 1.0, "tau_m": 20.0, "v_rest": -65.0, "v_thresh": -50.0, "v_reset": -65.0, "tau_refrac": 0.1}
        | {"i_offset": 0.0, "e_rev_E": 0.0, "e_rev_I": -70.0, "tau_syn_E": 5.0, "tau_syn_I": 5.0},
        who,
    )
    _refuse_refractory(p["tau_refrac"], "tau_refrac", who)
    capacitance = 1e3 * p["cm"]
    return ConductanceNeuron(
        capacitance=capacitance,
        leak=capacitance / p["tau_m"],
        rest=p["v_rest"],
        threshold=p["v_thresh"],
        reset=p["v_reset"],
        current=1e3 * p["i_offset"],
        synapses=((p["tau_syn_E"], p["e_rev_E"]), (p["tau_syn_I"], p["e_rev_I"])),
        siemens=1.0,
    )


POINT_NEURONS: dict[str, Callable[[dict[str, Any], str], ConductanceNeuron]] = {
    "nest:iaf_cond_exp": _iaf_cond_exp,
    "pynn:IF_cond_exp": _if_cond_exp,
}
"""The point neurons that have an equal, by their templates."""


def _with_defaults(numbers: dict[str, Any], defaults: dict[str, float], who: str) -> dict[str, float]:
    for name in numbers:
        if name not in defaults:
            raise SonataError(f"{who} has no parameter `{name}`{did_you_mean(name, defaults)}")
    return {name: float(numbers.get(name, default)) for name, default in defaults.items()}


def _refuse_refractory(period: float, name: str, who: str) -> None:
    if period != 0:
        raise SonataError(f"{who} is refractory (`{name}` is {period:g} ms), which Loligo's neuron is not; set it to 0")


def _needed(node: Mapping[str, Any], name: str, who: str) -> str:
    if is_absent(node.get(name)):
        raise SonataError(f"{who} has no `{name}`{did_you_mean(name, map(str, node))}")
    return str(node[name])
