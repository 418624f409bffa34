"""Structure: how many cells, branches and compartments are in view, and how they hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from loligo import view
from loligo.errors import ModelError
from loligo.jaxley.cutting import cut

if TYPE_CHECKING:
    import pandas as pd

    from loligo.jaxley.modules.module import Module


class Structure(view.View):
    """Counting what is in view."""

    __slots__ = ()

    @property
    def base(self) -> Module:
        """The whole module."""
        return self._module

    @property
    def ncomp(self) -> int:
        """How many compartments are in view; of a whole module, how many the branch has that has most."""
        return len(self._selection) if self is not self._module else int(self.ncomp_per_branch.max())

    @property
    def ncomp_per_branch(self) -> np.ndarray:
        """How many compartments each branch of which something is in view has."""
        return self._module._tree.counts[self._branches_in_view]

    @property
    def cumsum_ncomp(self) -> np.ndarray:
        """How many compartments the branches before each have, and all."""
        return np.concatenate([[0], np.cumsum(self.ncomp_per_branch)])

    @property
    def total_nbranches(self) -> int:
        """How many branches are in view."""
        return self._branches_in_view.size

    @property
    def nbranches_per_cell(self) -> list[int]:
        """How many branches of each cell are in view."""
        owners = self._module._places[0][self._module._tree.firsts[self._branches_in_view]]
        return np.unique(owners, return_counts=True)[1].tolist()

    @property
    def comb_parents(self) -> np.ndarray:
        """The parent of each branch in view, counted through the module, and −1 for roots."""
        return self._module._tree.parents[self._branches_in_view]

    @property
    def comb_children(self) -> list[np.ndarray]:
        """The children of each branch in view, counted through the module."""
        parents = self._module._tree.parents
        return [np.flatnonzero(parents == branch) for branch in self._branches_in_view]

    @property
    def branch_edges(self) -> pd.DataFrame:
        """Pairs of a branch and one that starts at its end (`parent_branch_index`, `child_branch_index`), where both
        are in view."""
        import pandas as pd

        pairs = self._module._tree.pairs
        kept = np.flatnonzero(np.isin(pairs, self._branches_in_view).all(axis=1))
        return pd.DataFrame(pairs[kept], columns=["parent_branch_index", "child_branch_index"], index=kept)

    def set_ncomp(self, ncomp: int, min_radius: float | None = None, initialize: bool = True) -> None:
        """Divides the one branch in view into so many equal compartments. Its length stays; a branch from a file is cut
        anew. Channels, groups and numbers stay, if they are the same in the whole branch. Views that were made before
        raise.

        Args:
            min_radius: What no compartment's radius may be below, µm; it is widened by `read_swc` only.
            initialize: Accepted for Jaxley's sake: modules are always ready to run.

        Raises:
            ArgumentError: Not a number of compartments, or a radius below `min_radius`.
            ModelError: A network; more or less than one branch in view; stimuli, clamps, recordings or trainables; what
                differs between the compartments of the branch.

        >>> import loligo.jaxley as jx
        >>> cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
        >>> cell.branch(1).set_ncomp(5)
        >>> cell.ncomp_per_branch.tolist()
        [2, 5, 2]
        """
        module, branches = self._module, self._branches_in_view
        if module._level not in ("cell", "branch"):
            raise ModelError(f"ncomp of a {module._module_type} cannot be set; set it in cells, and make it of those")
        if branches.size != 1 or len(self._selection) != module._tree.counts[branches[0]]:
            raise ModelError(
                f"{branches.size} branches and {len(self._selection)} compartments are in view, expected all of one "
                "branch: cell.branch(i).set_ncomp(...)"
            )
        cut(module, int(branches[0]), ncomp, min_radius)

    @property
    def group_names(self) -> list[str]:
        """The names of the groups of the module."""
        return [name for name, _ in self._module._model.groups()]

    @property
    def _module_type(self) -> str:
        return type(self).__name__.lower()

    @property
    def _n_nodes(self) -> int:
        """How many compartments and branch points the module has."""
        return self._module._tree.counts.sum() + self._module._tree.forks.size

    @property
    def _internal_node_inds(self) -> np.ndarray:
        return self._module._labels

    def _childviews(self) -> list[str]:
        return list(view.LEVELS[view.LEVELS.index(self._level) + 1 :])

    def _has_childview(self, key: str) -> bool:
        return key in self._childviews()

    @property
    def _cells_in_view(self) -> np.ndarray:
        return np.unique(self._module._places[0][self._selection.compartments]).astype(int)

    @property
    def _branches_in_view(self) -> np.ndarray:
        return np.unique(self._module._places[1][self._selection.compartments]).astype(int)

    @property
    def _comps_in_view(self) -> np.ndarray:
        return self._selection.compartments.astype(int)

    @property
    def _nodes_in_view(self) -> np.ndarray:
        return self._module._labels[self._selection.compartments]

    @property
    def _edges_in_view(self) -> np.ndarray:
        return self._edge_numbers()

    @property
    def _comp_edges(self) -> pd.DataFrame:
        """Jaxley's table of what is next to what within cells, both ways (labels of `nodes`, and of branch points),
        where one of both is in view; both, if compartments were chosen one by one, or if they are at an end of their
        branch and were chosen as such, the branch points there."""
        table = self._module._tree.neighbours()
        seen = table[["source", "sink"]].isin(self._nodes_in_view)
        if self._end is not None:
            return table[seen.any(axis=1) & table["type"].isin((2, 4) if self._end == 0.0 else (1, 3))]
        return table[seen.all(axis=1) if self._selection.sharing == "compartment" else seen.any(axis=1)]

    @property
    def _branchpoints(self) -> pd.DataFrame:
        """The places of the branch points that are next to what is in view, µm."""
        import pandas as pd

        tree, outlines = self._module._tree, self._module._where()
        near = np.isin(tree.fork_labels, self._comp_edges["source"])
        points = [outlines[branch][-1, :3] for branch in tree.forks[near].tolist()]
        table = pd.DataFrame(np.reshape(points, (-1, 3)), columns=["x", "y", "z"], index=tree.fork_labels[near])
        table["type"] = "branchpoint"
        return table
