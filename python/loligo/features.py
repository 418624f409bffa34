"""Features of voltage traces as electrophysiologists count them: eFEL reads what a run recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from loligo.arguments import as_float, as_list, as_name
from loligo.errors import ArgumentError, ArgumentTypeError, MissingPackageError, UnknownNameError, did_you_mean
from loligo.parameters import value_of
from loligo.run import Run


def efel_traces(run: Run, *, start: float, stop: float) -> list[dict[str, Any]]:
    """Every recorded voltage as eFEL's functions take it: a dictionary with `T` (ms), `V` (mV), `stim_start` and
    `stim_end` (ms); for a batch those of the first lane, then those of the next.

    Args:
        run: A run that recorded voltages.
        start: When the stimulus begins, ms.
        stop: When it ends, ms.

    Raises:
        ArgumentError: The stimulus does not lie within the run.
        UnknownNameError: No voltage was recorded.

    >>> import loligo as lo
    >>> soma = lo.Compartment(length=20, radius=10)
    >>> soma.insert(lo.mechanism("pas"))
    >>> soma.record()
    >>> traces = lo.features.efel_traces(lo.simulate(soma, t_max=20), start=5, stop=15)
    >>> len(traces), sorted(traces[0])
    (1, ['T', 'V', 'stim_end', 'stim_start'])
    """
    if not isinstance(run, Run):
        raise ArgumentTypeError(f"features were asked of {run!r}, expected a run")
    if not 0 <= as_float(start, "start", "ms") < as_float(stop, "stop", "ms") <= run.t[-1]:
        raise ArgumentError(
            f"the stimulus is from {start} to {stop} ms, expected a beginning and an end within 0 to {run.t[-1]:g} ms"
        )
    voltages = np.asarray(value_of(run.v), dtype=np.float64)
    traces = np.ascontiguousarray(voltages.reshape(-1, run.t.size))
    return [{"T": run.t, "V": trace, "stim_start": [start], "stim_end": [stop]} for trace in traces]


def efel_table(run: Run, names: Sequence[str], *, start: float, stop: float) -> pd.DataFrame:
    """Features of every recorded voltage: a row for each (lane and) recording, a column for each feature. Where a
    feature has several values, such as one for each spike, their mean; NaN where eFEL finds none.

    eFEL's settings (`efel.set_setting("Threshold", -20.0)`) are as they are.

    Args:
        run: A run that recorded voltages.
        names: Features by eFEL's names, which `efel.get_feature_names()` lists.
        start: When the stimulus begins, ms.
        stop: When it ends, ms.

    Raises:
        MissingPackageError: eFEL is not installed.
        UnknownNameError: eFEL has no feature of a name; the message has the nearest. Or no voltage was recorded.
        ArgumentError: The stimulus does not lie within the run.
    """
    try:
        import efel
    except ImportError as error:
        raise MissingPackageError('features need eFEL: pip install "loligo[efel]"') from error
    known = efel.get_feature_names()
    names = as_list(names, "the names of the features", "names")
    for name in names:
        if as_name(name, "the feature") not in known:
            raise UnknownNameError(f"eFEL has no feature `{name}`{did_you_mean(name, known)}")
    traces = efel_traces(run, start=start, stop=stop)
    found = efel.get_feature_values(traces, list(names), raise_warnings=False)
    means = [{name: np.nan if _is_empty(own[name]) else float(np.mean(own[name])) for name in names} for own in found]
    recordings = [name for _, quantity, name in run._recorded if quantity == "v"]
    index = pd.Index(recordings, name="recording")
    if run.lanes is not None:
        index = pd.MultiIndex.from_product([range(run.lanes), recordings], names=["lane", "recording"])
    return pd.DataFrame(means, index=index, columns=list(names))


def _is_empty(values: Any) -> bool:
    return values is None or np.size(values) == 0
