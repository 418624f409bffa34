"""Reading cells from files."""

from loligo import origins
from loligo.errors import ArgumentError
from loligo.jaxley.modules import Cell
from loligo.read import Path_, counts, text_of


def read_swc(
    fname: Path_,
    ncomp: int,
    max_branch_len: float | None = None,
    min_radius: float | None = None,
    assign_groups: bool = True,
    backend: str = "graph",
    ignore_swc_tracing_interruptions: bool = True,
    relevant_type_ids: list[int] | None = None,
) -> Cell:
    """A reconstructed cell from an SWC file, read and numbered as by `loligo.read_swc`.

    Groups `soma`, `axon`, `basal`, `apical` are always assigned.

    Raises:
        ArgumentError: An option that asks for another way of reading.
        MorphologyError: See `loligo.read_swc`.
    """
    if backend != "graph":
        raise ArgumentError(f"backend is {backend!r}, expected 'graph'")
    for name, value, only in (
        ("assign_groups", assign_groups, True),
        ("ignore_swc_tracing_interruptions", ignore_swc_tracing_interruptions, True),
        ("relevant_type_ids", relevant_type_ids, None),
    ):
        if value != only:
            raise ArgumentError(f"{name}={value!r} is not supported, expected {only!r}")
    options = {
        "name": str(fname).replace("\\", "/").rsplit("/", 1)[-1],
        "ncomp": counts(ncomp),
        "d_lambda": 0.1,
        "min_radius": min_radius,
        "max_branch_len": max_branch_len,
        "roots": "single",
    }
    origin: origins.Origin = ("swc", text_of(fname), options)
    return Cell._read(origin)
