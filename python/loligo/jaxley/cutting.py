"""Cutting: into how many compartments a branch is divided, changed after a cell was built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from loligo import origins
from loligo.errors import ArgumentError, ModelError
from loligo.jaxley.bare import check_bare
from loligo.origins import Contents, Origin

if TYPE_CHECKING:
    from loligo.jaxley.modules.module import Module

_MEAN = "v"
"""What becomes the mean over the branch; everything else has to be the same in all of it."""


def cut(module: Module, branch: int, ncomp: int, min_radius: float | None) -> None:
    """Divides a branch of a cell into so many equal compartments.

    Raises:
        ArgumentError: Not a number of compartments, or a radius below `min_radius`.
        ModelError: Something that cannot be carried over: see `set_ncomp`.
    """
    if isinstance(ncomp, bool) or not isinstance(ncomp, int | np.integer) or ncomp < 1:
        raise ArgumentError(f"ncomp is {ncomp!r}, expected a whole number, 1 or more")
    check_bare(module)
    model = module._model
    if model.connected_names() or len(model.spike_sources()[0]):
        raise ModelError("the module has synapses or spike detectors, which belong to compartments as they are")
    tree = module._tree
    inside = np.arange(tree.firsts[branch], tree.firsts[branch] + tree.counts[branch])
    is_reconstructed = module._as_built.outlines[branch] is not None
    _check_same(module, branch, inside, None if is_reconstructed else "radius")
    held = origins.contents(module._model, module._inserted)
    length = float(held["values"]["length"][inside].sum())
    radius = float(held["values"]["radius"][inside[0]])
    origin = _recut(module._origin, branch, int(ncomp), tree.counts.tolist(), length, radius)
    bare = origins.build(origin)
    there = np.arange(inside[0], inside[0] + int(ncomp))
    built = {name: bare.values(name)[there] for name in ("radius", "length")}
    if min_radius is not None and (thin := built["radius"].min()) < min_radius:
        raise ArgumentError(
            f"branch {branch} has a compartment of radius {thin:.6g} µm, less than min_radius={min_radius}; pass "
            "min_radius to read_swc, which widens what it reads"
        )
    # where each compartment's numbers are taken from
    source = np.insert(np.delete(np.arange(module._model.counts[2]), inside), inside[0], np.full(int(ncomp), inside[0]))
    for name, values in held["values"].items():
        moved = values[source]
        if name == _MEAN:
            moved[there] = values[inside].mean()
        held["values"][name] = moved
    held["values"]["radius"][there] = built["radius"]
    held["values"]["length"][there] = length / int(ncomp)
    _move_members(held, source)
    # what is cut anew is what was reconstructed
    stay = np.isin(source, held["cylinders"]) & ~np.isin(np.arange(source.size), there)
    held["cylinders"] = np.flatnonzero(stay).tolist()
    module._become(origin, origins.restored(origin, held)[0])


def _move_members(held: Contents, source: np.ndarray) -> None:
    """Puts the new compartments into what the old ones were in."""

    def moved(members: Any) -> list[int]:
        return np.flatnonzero(np.isin(source, members)).tolist()

    held["groups"] = [(name, moved(members)) for name, members in held["groups"]]
    held["mechanisms"] = [(mechanism, moved(members)) for mechanism, members in held["mechanisms"]]


def _recut(origin: Origin, branch: int, ncomp: int, counts: list[int], length: float, radius: float) -> Origin:
    """The same shape with another number of compartments in one branch.

    Args:
        counts: How many compartments the branches have.
        length, radius: Of the branch, µm, if it is a cylinder.
    """
    match origin:
        case (kind, drawn, options) if kind in origins.RECONSTRUCTED:
            return kind, drawn, {**options, "ncomp": [*counts[:branch], ncomp, *counts[branch + 1 :]]}
        case ("tree", parts, parents):
            part = _recut(parts[branch], 0, ncomp, [counts[branch]], length, radius)
            return "tree", [*parts[:branch], part, *parts[branch + 1 :]], parents
        case (_, [part]) if part[0] in origins.RECONSTRUCTED:
            return "chain", [_recut(part, 0, ncomp, counts, length, radius)]
    return "cylinder", length, radius, ncomp


def _check_same(module: Module, branch: int, inside: np.ndarray, radius: str | None) -> None:
    """That the compartments of a branch are alike, since the new ones are like any of them.

    Args:
        radius: `"radius"` if that has to be the same, too.
    """
    model = module._model
    advice = "set ncomp first, and then what differs within the branch"
    for kind, members in (("group", model.groups()), ("channel", model.mechanisms())):
        for name, own in members:
            count = int(np.isin(inside, own).sum())
            if count not in (0, inside.size):
                raise ModelError(
                    f"{count} of the {inside.size} compartments of branch {branch} have the {kind} `{name}`; {advice}"
                )
    for name in model.quantities():
        if name in ("celsius", _MEAN) or (name == "radius" and radius is None):
            continue
        values = model.values(name)[inside]
        if not np.allclose(values, values[0], rtol=1e-9, atol=0.0, equal_nan=True):
            raise ModelError(f"`{name}` differs between the compartments of branch {branch}; {advice}")
