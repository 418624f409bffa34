"""Waveforms as data."""

from __future__ import annotations

import inspect

from loligo import waveforms
from loligo._engine import Waveform
from loligo.saving.field import Field
from loligo.saving.readable import number
from loligo.saving.writer import Json, Writer

_KINDS = {kind.__name__: kind for kind in (waveforms.step, waveforms.ramp, waveforms.sine)}
_NAMES = {
    "step": ("start", "duration", "amplitude", "baseline"),
    "ramp": ("start", "duration", "amplitude", "baseline"),
    "sine": ("start", "duration", "amplitude", "frequency", "phase", "baseline"),
}
"""What the engine makes each of, in this order."""


def written(waveform: Waveform, writer: Writer) -> Json:
    """A waveform: its kind, and what it is made of."""
    # what a waveform pickles as is the call that makes it, with plain numbers
    maker, arguments = waveform.__reduce__()
    kind = maker.__name__
    if kind == "samples":
        return {"kind": kind, "values": writer.array(arguments[0])}
    return {"kind": kind} | {name: number(value) for name, value in zip(_NAMES[kind], arguments, strict=True)}


def waveform_of(field: Field) -> Waveform:
    """The waveform that is written there."""
    kind = field["kind"].one_of((*_KINDS, "samples"))
    if kind == "samples":
        return Waveform.samples(field["values"].array("float64", (None,)))
    return _KINDS[kind](**{name: field[name].number() for name in inspect.signature(_KINDS[kind]).parameters})
