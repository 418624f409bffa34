"""The options of runs as data: numbers, words, and what is set, injected and given for one run only."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from loligo._engine import Selection, SynapseSelection, Waveform
from loligo.errors import LoligoError, SavingError
from loligo.modules import Module
from loligo.ornstein_uhlenbeck import Noise, noise
from loligo.parameters import Batch, Injection, Play, Setting, Spikes
from loligo.saving import waveforms
from loligo.saving.field import Field
from loligo.saving.readable import number
from loligo.saving.writer import Json, Writer
from loligo.spiking import SpikeTrains
from loligo.state import State, StateLayout
from loligo.synapses import Synapses
from loligo.waveforms import as_numbers

_NUMBERS = ("t_max", "dt", "record_every")
_WHOLE = ("seed", "budget", "threads")
_WORDS = ("scheme", "precision", "convention", "spike_times")


def written(options: dict[str, Any], writer: Writer) -> dict[str, Json]:
    """Options of a run, by name.

    Raises:
        SavingError: One that files have no place for.
    """
    return {name: _written(name, value, writer) for name, value in options.items()}


def options_of(field: Field, module: Module) -> dict[str, Any]:
    """The options that are written there, for runs of this module."""
    return {name: _option(name, own, module) for name, own in field.items()}


def _written(name: str, value: Any, writer: Writer) -> Json:
    if value is None:
        return None
    if name in _NUMBERS:
        return number(value)
    if name in _WHOLE:
        return int(value)
    if name in _WORDS:
        return str(value)
    match name:
        case "surrogate":
            shape, width = value
            return {"shape": str(shape), "width": number(width)}
        case "v_init":
            return _written_numbers(value, writer)
        case "param_state":
            return [_written_setting(setting, writer) for setting in value]
        case "stimuli":
            return [_written_injection(injection, writer) for injection in value]
        case "plays":
            return [_written_play(play, writer) for play in value]
        case "spikes":
            return [_written_spikes(own, writer) for own in value]
        case "start":
            return _written_state(value, writer)
        case "stop_gradient_at":
            return writer.array(as_numbers(value, "stop_gradient_at"))
    raise SavingError(f"the option `{name}` of a run cannot be saved")


def _option(name: str, field: Field, module: Module) -> Any:
    if field.is_null:
        return None
    if name in _NUMBERS:
        return field.number()
    if name in _WHOLE:
        return field.whole()
    if name in _WORDS:
        return field.text()
    match name:
        case "surrogate":
            return field["shape"].text(), field["width"].number()
        case "v_init":
            return _numbers(field)
        case "param_state":
            return [_setting(own, module) for own in field.each()]
        case "stimuli":
            return [_injection(own, module) for own in field.each()]
        case "plays":
            return [_play(own, module) for own in field.each()]
        case "spikes":
            return [_spikes(own, module) for own in field.each()]
        case "start":
            return _state(field)
        case "stop_gradient_at":
            return field.array("float64", (None,)).tolist()
    raise field.refused("nothing: runs have no such option")


def _written_numbers(value: Any, writer: Writer) -> Json:
    """A number, an array, or lanes of either."""
    if isinstance(value, Batch):
        return {"lanes": _written_numbers(value.values, writer)}
    numbers = as_numbers(value, "what a run is given")
    return number(float(numbers)) if numbers.ndim == 0 else writer.array(numbers)


def _numbers(field: Field) -> Any:
    if field.has("lanes"):
        return Batch(_numbers(field["lanes"]))
    return field.array() if field.is_object else field.number()


def _written_setting(setting: Setting, writer: Writer) -> Json:
    where = _written_rows(setting.selection, writer)
    value = _written_numbers(setting.value, writer)
    return {"name": setting.name, "quantities": list(setting.quantities), **where, "value": value}


def _setting(field: Field, module: Module) -> Setting:
    name, quantities = field["name"].text(), tuple(field["quantities"].texts())
    selection = _rows(field, (quantities or (name,))[0], module)
    return Setting(name, selection, _numbers(field["value"]), quantities)


def _written_injection(injection: Injection, writer: Writer) -> Json:
    return {
        **_written_selection(injection.selection, writer),
        "current": _written_course(injection.current, writer),
    }


def _injection(field: Field, module: Module) -> Injection:
    return Injection(_selection(field, module), _course(field["current"]))


def _written_play(play: Play, writer: Writer) -> Json:
    where = _written_rows(play.selection, writer)
    return {"name": play.quantity, **where, "values": _written_course(play.current, writer)}


def _play(field: Field, module: Module) -> Play:
    name = field["name"].text()
    return Play(_rows(field, name, module), _course(field["values"]), name)


def _written_course(course: Any, writer: Writer) -> Json:
    """A waveform, noise, or numbers for every step."""
    if isinstance(course, Waveform):
        return waveforms.written(course, writer)
    if isinstance(course, Noise):
        numbers = {name: value for name, value in asdict(course).items() if value is not None}
        return {"noise": {name: value if isinstance(value, int) else number(value) for name, value in numbers.items()}}
    return _written_numbers(course, writer)


def _course(field: Field) -> Any:
    if field.has("noise"):
        return _noise(field["noise"])
    return waveforms.waveform_of(field) if field.has("kind") else _numbers(field)


def _noise(field: Field) -> Noise:
    numbers = (field[name].number() for name in ("start", "duration", "mean", "sigma", "tau"))
    try:
        found = noise(*numbers, seed=field["seed"].whole(), lane=field["lane"].whole())
    except LoligoError as error:
        raise field.refused_as_a_whole(error) from error
    found = found.at_least(field["least"].number()) if field.has("least") else found
    return found.batch(field["lanes"].whole(least=1)) if field.has("lanes") else found


def _written_rows(selection: Selection | SynapseSelection, writer: Writer) -> dict[str, Json]:
    """Compartments, or synapses."""
    if isinstance(selection, SynapseSelection):
        return {"synapses": writer.indices(selection.rows), "shared": selection.shared}
    return _written_selection(selection, writer)


def _rows(field: Field, quantity: str, module: Module) -> Selection | SynapseSelection:
    if not field.has("synapses"):
        return _selection(field, module)
    owner = quantity.partition(".")[0]
    rows = field["synapses"].indices(_count(field["name"], owner, module)).astype(np.uintp)
    return module._model.synapses(owner, rows, field["shared"].truth())


def _written_selection(selection: Selection, writer: Writer) -> dict[str, Json]:
    return {"compartments": writer.indices(selection.compartments), "sharing": selection.sharing}


def _selection(field: Field, module: Module) -> Selection:
    compartments = field["compartments"].indices(module._model.counts[2])
    return module._model.select(compartments.tolist(), field["sharing"].text())


def _written_spikes(spikes: Spikes, writer: Writer) -> Json:
    own, trains = spikes.synapses, spikes.trains
    many = {"lanes": [_written_trains(lane, writer) for lane in trains.values]} if isinstance(trains, Batch) else None
    return {
        "synapses": own.name,
        "numbers": writer.indices(own.numbers),
        "shared": own._shared,
        "trains": many or _written_trains(trains, writer),
    }


def _spikes(field: Field, module: Module) -> Spikes:
    name = field["synapses"].text()
    numbers = field["numbers"].indices(_count(field["synapses"], name, module))
    synapses = Synapses(module, name, numbers, shared=field["shared"].truth())
    trains = field["trains"]
    if trains.has("lanes"):
        return Spikes(synapses, Batch([_trains(lane) for lane in trains["lanes"].each()]))
    return Spikes(synapses, _trains(trains))


def _written_trains(trains: Any, writer: Writer) -> Json:
    trains = trains if isinstance(trains, SpikeTrains) else SpikeTrains(trains)
    ends = np.cumsum([train.size for train in trains.trains], dtype=np.int64)
    times = np.concatenate([np.empty(0), *trains.trains])
    return {"one_for_all": trains.is_one, "times": writer.array(times), "ends": writer.indices(ends)}


def _trains(field: Field) -> SpikeTrains:
    times = field["times"].array("float64", (None,))
    ends = field["ends"].cuts(times.size)
    trains = np.split(times, ends[:-1]) if ends.size else []
    return SpikeTrains(trains[0] if field["one_for_all"].truth() and trains else trains)


def _written_state(state: State, writer: Writer) -> Json:
    layout = state.layout
    names, which = np.unique(layout.names, return_inverse=True)
    return {
        "numbers": writer.array(as_numbers(state.numbers, "start")),
        "names": names.tolist(),
        "which": writer.indices(which),
        "rows": writer.indices(layout.rows),
    }


def _state(field: Field) -> State:
    names = field["names"].texts()
    rows = field["rows"].indices()
    which = field["which"].indices(len(names), count=rows.size)
    numbers = field["numbers"].array()
    if numbers.ndim not in (1, 2) or numbers.shape[-1] != rows.size:
        raise field["numbers"].refused(f"{rows.size} numbers, or lanes of so many")
    return State(numbers, StateLayout(np.empty(0, np.uintp), np.array(names)[which], rows.astype(np.uintp)))


def _count(field: Field, name: str, module: Module) -> int:
    """How many synapses of a name there are."""
    if name not in module._model.connected_names():
        raise field.refused(f"synapses of the model ({', '.join(module._model.connected_names()) or 'it has none'})")
    return module._model.joins(name)[1].size
