"""Tries an installed wheel, far from the sources: it simulates, differentiates in threads, and has all its files."""

import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import files
from pathlib import Path

import numpy as np

import loligo as lo

packed = {file.name for file in files("loligo") or []}
for name in ("py.typed", "_engine.pyi", "LICENSE-MIT", "LICENSE-APACHE", "THIRD_PARTY_LICENSES"):
    assert name in packed, f"the wheel has no {name}"
assert Path(__file__).parents[1] not in Path(lo.__file__).parents, "this is not the wheel"

cell = lo.datasets.ca1()
cell.insert(lo.mechanism("hh"))
cell.celsius = 6.3
cell.soma.loc(0.5).stimulate(lo.step(start=1, duration=5, amplitude=0.5))
cell.soma.loc(0.5).record()
cell.make_trainable("hh.gnabar")


def gradient(_: int) -> np.ndarray:
    """That of the mean voltage."""
    return lo.grad(lambda values: lo.simulate(cell, values, t_max=5).v.mean())(cell.get_parameters())[0]["hh.gnabar"]


with ThreadPoolExecutor(4) as pool:
    gradients = list(pool.map(gradient, range(8)))
assert all(np.array_equal(each, gradients[0]) for each in gradients) and np.isfinite(gradients[0]).all()
if sysconfig.get_config_var("Py_GIL_DISABLED"):
    assert not sys._is_gil_enabled(), "loligo, or what it needs, turned the GIL on"
print(f"Loligo {lo.__version__} under Python {sys.version.split()[0]}: d mean(v) / d gnabar = {gradients[0]}")
