"""Morphometry: sizes, paths, orders and asymmetries of branches and groups, and Sholl's count of crossings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from loligo.errors import ArgumentError, SelectionError
from loligo.plots import cell_shape
from loligo.waveforms import as_numbers

if TYPE_CHECKING:
    from loligo.view import View


class Morphometry:
    """Numbers of the shape of what was in view, made by `View.morphometry`.

    Lengths and radii are those that are set, so numbers follow `set("radius", …)`; areas and volumes are integrals over
    the frusta between the points that were traced.

    Attributes:
        branches: A row for each branch. `cell`, `name`, and the branch that it goes out from (`parent`, -1 for a root);
            `length` (µm), `area` (µm²), `volume` (µm³), `diameter` (µm; that of a cylinder of its length and area);
            `path` (µm): the way from the soma to its far end, as `View.distances` measures it; `order`: 0 for a root, 1
            for what goes out from it, and 1 more behind each fork, where a branch goes on from the end of another alone
            there is none; `tips`: how many ends are behind it; `asymmetry`: |a − b|/(a + b − 2), 0 where a + b is 2,
            with the tips a and b behind the two branches that it forks into (van Pelt et al. 1992, Bulletin of
            Mathematical Biology 54:759, eq. 1), NaN if there are not two.
        groups: A row for each group with something in view, and `"all"`. `branches` with something in the group; the
            sums of `length`, `area` and `volume` in the group, `diameter`; the largest `path` and `order` of these
            branches, how many of them end there (`tips`), and the mean of their `asymmetry`.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        model = view._module._model
        selected = view._selection.compartments
        # a copy is an ordinary table: everything in these is made here
        compartments = view.nodes.copy()
        compartments["path"] = model.distances()[selected] + compartments["length"] / 2
        compartments["branch"] = view._module._places[1][selected]
        self.branches = _branches(view, compartments)
        members = {
            name: np.isin(selected, inside) for name, inside in model.groups() if np.isin(selected, inside).any()
        }
        members["all"] = np.ones(selected.size, dtype=bool)
        rows = {name: self._group(compartments[inside]) for name, inside in members.items()}
        self.groups = pd.DataFrame.from_dict(rows, orient="index").astype({"branches": int, "order": int, "tips": int})
        self.groups.index.name = "group"

    def sholl(self, radii: ArrayLike) -> pd.DataFrame:
        """How often branches cross spheres around the start of paths, the middle of the soma (Sholl 1953).

        Args:
            radii: Of the spheres, µm, shape (sphere,).

        Returns:
            A row for each radius, a column for each group, and `"all"`. A piece of cable between two points may cross a
            sphere twice. What joins a branch to the middle of a soma is no cable, and is not counted.

        Raises:
            ArgumentError: Radii that are not positive, or several cells, which have no common middle.

        >>> import loligo as lo
        >>> cell = lo.Cell([lo.Branch(ncomp=1)] * 3, parents=[-1, 0, 0])
        >>> cell.set("length", 10.0)
        >>> cell.morphometry().sholl([5.0, 15.0])["all"].tolist()
        [1, 2]
        """
        numbers = as_numbers(radii, "the radii")
        if numbers.ndim != 1 or not (numbers > 0).all():
            raise ArgumentError(f"the radii are {radii!r}, expected a list of positive numbers, µm")
        if (cells := self.branches["cell"].nunique()) > 1:
            raise ArgumentError(f"there are {cells} cells in view, expected one: network.cell(0).morphometry()")
        pieces = cell_shape.pieces(self._view)
        origin = self._origin()
        crossings = _crossings(pieces.starts - origin, pieces.ends - origin, numbers)
        members = dict(self._view._module._model.groups())
        columns = {
            name: crossings[np.isin(pieces.owners, members[name])].sum(axis=0) for name in self.groups.index.drop("all")
        }
        index = pd.Index(numbers, name="radius")
        return pd.DataFrame({**columns, "all": crossings.sum(axis=0)}, index=index)

    def _origin(self) -> np.ndarray:
        """Where paths start, shape (3,)."""
        model = self._view._module._model
        cell = int(self.branches["cell"].iloc[0])
        # the root is the first of its branches
        _, _, _, (first, last), _, points = next(branch for branch in model.branches() if branch[2] == cell)
        steps = np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1)
        path = np.concatenate([[0.0], np.cumsum(steps)])
        # paths start in the middle of a soma, elsewhere at the 0 end; how far its other end is from there tells which
        lengths = model.values("length")[first:last]
        start = 1 - (model.distances()[last - 1] + lengths[-1] / 2) / lengths.sum()
        return np.array([np.interp(start * path[-1], path, column) for column in points[:, :3].T])

    def _group(self, compartments: pd.DataFrame) -> dict[str, float]:
        own = self.branches.loc[compartments["branch"].unique()]
        length, area = compartments["length"].sum(), compartments["area"].sum()
        return {
            "branches": len(own),
            "length": length,
            "area": area,
            "volume": compartments["volume"].sum(),
            "diameter": area / (np.pi * length),
            "path": compartments["path"].max(),
            "order": own["order"].max(),
            "tips": int((own["tips"] == 1).sum()),
            "asymmetry": own["asymmetry"].mean(),
        }

    def __repr__(self) -> str:
        whole = self.groups.loc["all"]
        return f"<morphometry of {len(self.branches)} branches, {whole['length']:.6g} µm, {whole['area']:.6g} µm²>"


def _branches(view: View, compartments: pd.DataFrame) -> pd.DataFrame:
    """A row for each branch in view.

    Raises:
        SelectionError: A part of a branch.
    """
    described = view._module._model.branches()
    sums = compartments.groupby("branch")[["length", "area", "volume"]].sum()
    for number, count in compartments["branch"].value_counts().items():
        first, last = described[number][3]
        if count != last - first:
            raise SelectionError(
                f"{count} of {last - first} compartments of branch {number} are in view, expected whole branches"
            )
    parents = [-1 if parent is None else parent[0] for _, parent, *_ in described]
    order, tips, asymmetry = _topology(parents, [1.0 if parent is None else parent[1] for _, parent, *_ in described])
    chosen = sums.index.to_numpy()
    table = pd.DataFrame(
        {
            "cell": [described[number][2] for number in chosen],
            "name": [described[number][0] for number in chosen],
            "parent": np.array(parents)[chosen],
            "length": sums["length"],
            "area": sums["area"],
            "volume": sums["volume"],
            "diameter": sums["area"] / (np.pi * sums["length"]),
            "path": compartments.groupby("branch")["path"].max(),
            "order": order[chosen],
            "tips": tips[chosen],
            "asymmetry": asymmetry[chosen],
        },
        index=sums.index,
    )
    return table


def _topology(parents: list[int], places: list[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Orders, tips behind, and asymmetries of the forks at the ends of branches, of which parents come first.

    Args:
        places: Where each goes out from its parent, from 0 to 1.
    """
    children: list[list[int]] = [[] for _ in parents]
    for branch, parent in enumerate(parents):
        if parent >= 0:
            children[parent].append(branch)
    order, tips = np.zeros(len(parents), dtype=int), np.zeros(len(parents), dtype=int)
    asymmetry = np.full(len(parents), np.nan)
    for branch, parent in enumerate(parents):
        if parent >= 0:
            goes_on = parents[parent] >= 0 and len(children[parent]) == 1 and places[branch] == 1.0
            order[branch] = order[parent] + (not goes_on)
    for branch in reversed(range(len(parents))):
        tips[branch] = sum(tips[child] for child in children[branch]) or 1
        behind = [child for child in children[branch] if places[child] == 1.0]
        if len(behind) == 2:
            a, b = tips[behind]
            asymmetry[branch] = abs(a - b) / (a + b - 2) if a + b > 2 else 0.0
    return order, tips, asymmetry


def _crossings(starts: np.ndarray, ends: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """How often straight pieces cross spheres around the origin, shape (piece, sphere): the solutions of
    |start + t·(end − start)|² = radius² with 0 < t ≤ 1. A sphere that is touched is not crossed."""
    along = ends - starts
    a = (along**2).sum(axis=1)[:, None]
    b = (starts * along).sum(axis=1)[:, None]
    c = (starts**2).sum(axis=1)[:, None] - radii**2
    discriminant = b**2 - a * c
    crosses = (discriminant > 0) & (a > 0)
    root, a = np.sqrt(np.where(crosses, discriminant, 0.0)), np.where(a > 0, a, 1.0)
    solutions = ((-b - root) / a, (-b + root) / a)
    return sum((crosses & (0 < t) & (t <= 1)).astype(int) for t in solutions)
