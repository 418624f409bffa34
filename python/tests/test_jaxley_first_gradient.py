"""How long a user of JAX waits for the first gradient of a reconstructed cell, with the door and with Jaxley."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "data" / "morphologies" / "neuromorpho" / "n120.swc"

SCRIPT = """
import json, sys, time, warnings
import jax
import jax.numpy as jnp
import {package} as jx
import {package}.channels

warnings.simplefilter("ignore")
jax.config.update("jax_enable_x64", True)
start = time.perf_counter()
cell = jx.read_swc({file!r}, ncomp=1)
cell.insert(jx.channels.HH())
cell.branch(0).loc(0.5).stimulate(jx.step_current(1.0, 5.0, 1.0, 0.025, 20.0), verbose=False)
cell.branch(0).loc(0.5).record(verbose=False)
cell.branch("all").make_trainable("HH_gNa", verbose=False)
loss = jax.jit(jax.value_and_grad(lambda parameters: jnp.mean(jx.integrate(cell, params=parameters) ** 2)))
value, gradient = jax.block_until_ready(loss(cell.get_parameters()))
print(json.dumps([time.perf_counter() - start, float(value), float(jnp.linalg.norm(gradient[0]["HH_gNa"]))]))
"""
"""From the SWC file to one gradient, in a process of its own, in which nothing is compiled yet."""


def first_gradient(package: str) -> tuple[float, float, float]:
    """Seconds after the imports, the loss, and the length of its gradient."""
    script = SCRIPT.format(package=package, file=str(FILE))
    printed = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    seconds, value, length = json.loads(printed.splitlines()[-1])
    return seconds, value, length


@pytest.mark.live_jaxley
def test_the_first_gradient_takes_a_twentieth_of_jaxleys_time() -> None:
    ours, ours_value, ours_length = first_gradient("loligo.jaxley")
    theirs, value, length = first_gradient("jaxley")
    print(f"to the first gradient: {ours:.3f} s, Jaxley {theirs:.1f} s, {theirs / ours:.0f} times as long")
    # voltages are equal to 1e-11 mV; through spikes a gradient has lost three digits more
    assert ours_value == pytest.approx(value, rel=1e-12)
    assert ours_length == pytest.approx(length, rel=1e-8)
    assert theirs / ours >= 20
