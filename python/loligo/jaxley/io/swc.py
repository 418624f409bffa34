"""Reading cells from files."""

from loligo import origins
from loligo.errors import ArgumentError
from loligo.jaxley.io.graph import build_compartment_graph, from_graph, to_swc_graph
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
    """A reconstructed cell from an SWC file, read and numbered as by `loligo.read_swc`; with one of the last three
    options by Jaxley's rules instead, those of `build_compartment_graph`, which needs networkx.

    Args:
        assign_groups: Whether types become groups: `soma`, `axon`, `basal`, `apical`.
        ignore_swc_tracing_interruptions: Whether a branch goes on where the file went on elsewhere.
        relevant_type_ids: The types whose changes end a branch; 1 to 4 if left out.

    Raises:
        ArgumentError: Another `backend` than `"graph"`.
        MorphologyError: See `loligo.read_swc`.
        MissingPackageError: networkx is not installed, and one of the last three options is given.
    """
    if backend != "graph":
        raise ArgumentError(f"backend is {backend!r}, expected 'graph'")
    if not assign_groups or not ignore_swc_tracing_interruptions or relevant_type_ids is not None:
        compartments = build_compartment_graph(
            to_swc_graph(fname),
            ncomp=ncomp,
            min_radius=min_radius,
            max_len=max_branch_len,
            ignore_swc_tracing_interruptions=ignore_swc_tracing_interruptions,
            relevant_type_ids=relevant_type_ids,
        )
        return from_graph(compartments, assign_groups=assign_groups)
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


__all__ = ["read_swc"]
