"""The layer 5b pyramidal cell of `examples/l5pc.py` in every simulator, and its mechanisms in single compartments.

Hay et al. (2011) in the reading of Deistler et al. (2025, figure 3a). The example is what is read: its numbers are here
by Loligo's names, beside those of `jaxley-mech`.
"""

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

DURATION = 100.0
"""ms."""

SINGLE = 1_000
SINGLE_DURATION = 20.0
"""Single compartments with all mechanisms, and ms."""

SINGLE_CONDUCTANCES = {
    "hay_nata_t": 0.3,
    "hay_nats2_t": 0.3,
    "hay_nap_et2": 1e-3,
    "hay_k_pst": 0.05,
    "hay_k_tst": 0.02,
    "hay_skv3_1": 0.1,
    "hay_sk_e2": 0.01,
    "hay_im": 1e-4,
    "hay_ca_hva": 1e-4,
    "hay_ca_lvast": 1e-3,
    "hay_ih": 1e-4,
}
"""S/cm²."""

JAXLEY = {
    "hay_nata_t": "NaTaT",
    "hay_nats2_t": "NaTs2T",
    "hay_nap_et2": "NapEt2",
    "hay_k_pst": "KPst",
    "hay_k_tst": "KTst",
    "hay_skv3_1": "SKv3_1",
    "hay_sk_e2": "SKE2",
    "hay_im": "M",
    "hay_ca_hva": "CaHVA",
    "hay_ca_lvast": "CaLVA",
    "hay_ih": "H",
    "hay_cadynamics_e2": "CaPump",
}
"""What `jaxley_mech.channels.l5pc` calls the mechanisms."""

SECTIONS = {"apical": "apic", "basal": "dend", "soma": "soma", "axon": "axon"}
"""What NEURON calls the branches of a group."""


@cache
def example() -> ModuleType:
    """The module `examples/l5pc.py`; it imports Loligo."""
    file = Path(__file__).parents[1] / "examples" / "l5pc.py"
    specification = importlib.util.spec_from_file_location("l5pc", file)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def single_currents(count: int) -> list[float]:
    """Amplitudes in nA of the steps into single compartments (10 µm long, radius 1 µm), near and above threshold."""
    return [0.005 + 0.02 * index / count for index in range(count)]
