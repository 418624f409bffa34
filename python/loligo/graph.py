"""Graphs: compartments, what joins them within a cell, and synapses, for the package networkx."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from loligo._engine import Model
from loligo.arguments import checked_view
from loligo.errors import MissingPackageError
from loligo.view import View

if TYPE_CHECKING:
    import networkx


def to_networkx(view: View) -> networkx.MultiDiGraph:
    """The compartments in view as a graph of networkx.

    Nodes are the compartments by their numbers, with what `nodes` has of them. Edges have a `kind`: `"cable"` from a
    compartment to the next further away from the root, and `"synapse"`, with the number among all synapses as the key,
    and what `edges` has of them (the name is `synapse`).

    Raises:
        MissingPackageError: networkx is not installed.

    >>> import loligo as lo
    >>> network = lo.Network([lo.Cell(lo.Branch(ncomp=2), parents=[-1, 0, 0]), lo.Cell()])
    >>> network.connect([5], [6], lo.IonotropicSynapse())
    <1 synapse IonotropicSynapse>
    >>> graph = lo.to_networkx(network)
    >>> sorted(graph.edges(data="kind"))  # doctest: +NORMALIZE_WHITESPACE
    [(0, 1, 'cable'), (1, 2, 'cable'), (1, 4, 'cable'), (2, 3, 'cable'), (4, 5, 'cable'), (5, 6, 'synapse')]
    >>> graph.edges[5, 6, 0]["IonotropicSynapse.gS"]
    0.0001
    """
    checked_view(view, "what is to be a graph")
    graph = networkx_package().MultiDiGraph()
    nodes = view.nodes
    for number, row in zip(nodes.index.tolist(), nodes.to_dict("records")):
        graph.add_node(number, **row)
    for pair in _joined(view._module._model):
        if pair[0] in graph and pair[1] in graph:
            graph.add_edge(*pair, key="cable", kind="cable")
    edges = view.edges
    for number, row in zip(edges.index.tolist(), edges.to_dict("records")):
        ends = row.pop("pre"), row.pop("post")
        if ends[0] in graph:
            graph.add_edge(*ends, key=number, kind="synapse", **_numbers_of(row))
    return graph


def networkx_package() -> ModuleType:
    """The package networkx.

    Raises:
        MissingPackageError: It is not installed.
    """
    try:
        import networkx
    except ImportError as error:
        raise MissingPackageError('graphs need networkx: pip install "loligo[io]"') from error
    return networkx


def _joined(model: Model) -> Iterator[tuple[int, int]]:
    """Neighbouring compartments within cells, the one nearer to the root first."""
    rows = model.branches()
    for _, parent, _, (first, last), *_ in rows:
        if parent is not None:
            branch, at = parent
            start, end = rows[branch][3]
            yield start + min(int(at * (end - start)), end - start - 1), first
        for compartment in range(first, last - 1):
            yield compartment, compartment + 1


def _numbers_of(row: dict[str, Any]) -> dict[str, Any]:
    """A row without the columns that are of synapses of another name."""
    name = row["synapse"]
    return {key: value for key, value in row.items() if "." not in key or key.partition(".")[0] == name}
