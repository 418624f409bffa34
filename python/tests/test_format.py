"""FORMAT.md names every key that is written, and its example runs."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from saved_models import MODELS, a_cell, spiking_network

import loligo as lo
import loligo.jaxley as jx

TEXT = (Path(__file__).parents[2] / "FORMAT.md").read_text(encoding="utf-8")
BY_NAME = (
    *("groups", "mechanisms", "tables", "reversal_potentials", "values", "same"),
    *("currents", "starts", "edge_keys", "reads", "results", "described"),
    *("channel_params", "channel_states", "synapse_params", "synapse_states"),
)
"""Objects whose keys are names of the model's."""
ELSEWHERE = ("options",)
"""Objects whose keys are arguments of functions."""


def keys_of(content: Any, inside: str = "") -> Iterator[str]:
    """The keys of a JSON text that are its own."""
    if isinstance(content, list):
        for item in content:
            yield from keys_of(item)
    if isinstance(content, dict) and inside not in ELSEWHERE:
        for key, item in content.items():
            if inside not in BY_NAME:
                yield key
            yield from keys_of(item, key if inside not in BY_NAME else "")


def content_of(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        (main,) = (name for name in archive.namelist() if name.endswith(".json"))
        return json.loads(archive.read(main))


def jaxleys() -> jx.Network:
    cell = jx.Cell()
    cell.insert(jx.channels.HH())
    cell.insert(jx.pumps.CaPump())
    network = jx.Network([cell, cell])
    jx.connect(network.cell(0).branch(0).comp(0), network.cell(1).branch(0).comp(0), jx.synapses.IonotropicSynapse())
    network.make_trainable("HH_gNa", verbose=False)
    return network


@pytest.mark.parametrize("make", [*MODELS, jaxleys])
def test_every_key_of_a_model_is_named(make: Any, tmp_path: Path) -> None:
    make().save(tmp_path / "model.loligo")
    missing = {key for key in keys_of(content_of(tmp_path / "model.loligo")) if f"`{key}`" not in TEXT}
    assert not missing


def test_every_key_of_fits_and_checkpoints_is_named(tmp_path: Path) -> None:
    network = spiking_network()
    fit = lo.fit(
        network,
        lambda run: (run.v**2).mean(),
        t_max=1.0,
        steps=2,
        progress=False,
        checkpoint=tmp_path / "run.loligo",
        v_init=-60.0,
        surrogate=("sigmoid", 2.0),
        spikes=network.synapses("expsyn")[[0]].data_spikes([0.5, 1.5]),
        stimuli=network.cell(0).data_stimulate(np.full(20, 0.1)),
        param_state=network.exp2syn.data_set("tau_rise", 0.3, network.cell(0).data_set("hh.gl", 3e-4)),
    )
    fit.save(tmp_path / "fit.loligo")
    for name in ("fit", "run"):
        content = content_of(tmp_path / f"{name}.loligo")
        keys = [*keys_of(content), *keys_of(list(content.get("fit", {}).get("options", {}).values()))]
        assert not {key for key in keys if f"`{key}`" not in TEXT}


def test_its_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cell = a_cell()
    cell.save("cell.loligo")
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    printed: list[np.ndarray] = []
    exec(example, {"print": printed.append})
    assert (printed[0] == cell.get("radius")).all()
