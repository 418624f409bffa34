"""Reconstructed cells that come along."""

from loligo import _engine
from loligo.arguments import as_float
from loligo.modules import Cell
from loligo.read import counts


def ca1(ncomp: int | list[int] | None = None, *, d_lambda: float = 0.1) -> Cell:
    """A pyramidal cell of the CA1 region of a rat's hippocampus.

    Cell `n144` of NeuroMorpho.org (https://neuromorpho.org), published there under the licence CC BY 4.0; please name
    that source when you use the cell.

    Args:
        ncomp: As for `read_swc`.
        d_lambda: As for `read_swc`.

    >>> ca1().groups.keys()
    dict_keys(['apical', 'basal', 'soma'])
    """
    options = {
        "name": "n144.swc",
        "ncomp": counts(ncomp),
        "d_lambda": as_float(d_lambda, "d_lambda"),
        "min_radius": None,
        "max_branch_len": None,
        "roots": "single",
    }
    return Cell._read(("swc", _engine.ca1_text(), options))
