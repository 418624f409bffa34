"""Tables: what is in view, as data frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo import view
from loligo.errors import UnknownNameError, did_you_mean
from loligo.jaxley import coordinates, names
from loligo.jaxley.edges import Edges, copied

if TYPE_CHECKING:
    import pandas as pd


class Listing(view.View):
    """The tables of a view."""

    __slots__ = ()

    @property
    def nodes(self) -> pd.DataFrame:
        """The compartments in view as a table under Jaxley's names, made now; change the model with `set`. The column
        `controlled_by_param` may be written: compartments of the same number in it share what this view trains. So may
        columns under other names, notes of the user's that the module keeps.

        The index counts the branch points of every cell after its compartments, as Jaxley's does.

        >>> import loligo.jaxley as jx
        >>> cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
        >>> view = cell.branch("all")
        >>> view.nodes["controlled_by_param"] = [0, 1, 0, 1, 0, 1]
        >>> view.make_trainable("radius", verbose=False)
        >>> cell.num_trainable_params
        2
        """
        from loligo.jaxley.control_table import ControlTable

        given = self._given

        def control(controls: np.ndarray) -> None:
            self._node_controls = self._as_in_module(controls)

        def note(name: str, values: np.ndarray) -> None:
            rows = self._selection.compartments
            rows = rows if given is None else rows[given]
            blank = np.full(module._labels.size, np.nan, dtype=object)
            module._notes.setdefault(name, blank)[rows] = values

        table, module = self._node_table(), self._module
        return ControlTable.of(table if given is None else table.iloc[given], control, note, module._notes)

    @property
    def edges(self) -> pd.DataFrame:
        """The synapses that both come from and are onto what is in view, as a table under Jaxley's names, made now;
        change the network with `set`. The column `controlled_by_param` may be written: synapses of the same number in
        it share what this view trains from then on, until others are connected."""
        from loligo.jaxley.control_table import ControlTable

        def control(controls: np.ndarray) -> None:
            self._controls = controls

        return ControlTable.of(Edges(self._module).table(self._edge_numbers(), self._edge_controls()), control)

    def copy_node_property_to_edges(
        self, properties_to_import: str | Sequence[str], pre_or_post: str | Sequence[str] = ("pre", "post")
    ) -> None:
        """Has `edges` show columns of `nodes` for the compartments on either side: `pre_radius`, `post_radius`."""
        wanted = copied(properties_to_import, pre_or_post)
        if missing := [name for name, _ in wanted if name not in self.nodes.columns]:
            raise UnknownNameError(
                f"`nodes` has no column `{missing[0]}`{did_you_mean(missing[0], self.nodes.columns)}"
            )
        known = self._module._copied
        known.extend(each for each in wanted if each not in known)

    def _node_table(self) -> pd.DataFrame:
        import pandas as pd

        module, inside = self._module, self._selection.compartments
        made = super().nodes
        cells, branches = (places[inside] for places in module._places)
        columns: dict[str, Any] = {
            "local_cell_index": _ranks(cells, np.zeros_like(cells)),
            "local_branch_index": _ranks(branches, cells),
            "local_comp_index": _ranks(inside, branches),
        }
        columns |= {name: self._everywhere(name)[inside] for name in names.EVERYWHERE}
        # the table of the model has the areas of the shape, before a radius or a length was set
        built = module._as_built
        radius, length = columns["radius"] / built.radius[inside], columns["length"] / built.length[inside]
        columns["area"] = made["area"].to_numpy() * radius * length
        columns["volume"] = made["volume"].to_numpy() * radius**2 * length
        columns["resistive_load_in"] = built.load_in[inside] * length / radius**2
        columns["resistive_load_out"] = built.load_out[inside] * length / radius**2
        columns |= dict(zip("xyz", self._middles().T))
        for name, members in (*module._model.groups(), *names.channels(module._model)):
            columns[name] = np.isin(inside, members)
        columns |= {
            name: self._everywhere(name)[inside] for name in names.quantities(module._model) if name not in columns
        }
        for name, noted in module._notes.items():
            columns[name] = pd.Series(noted[inside], index=module._labels[inside]).infer_objects()
        columns |= {"global_cell_index": cells, "global_branch_index": branches, "global_comp_index": inside}
        return pd.DataFrame({**columns, names.CONTROLS: self._node_numbers()}, index=module._labels[inside])

    def _middles(self) -> np.ndarray:
        """Where the compartments in view are, µm, shape (compartment, 3)."""
        tree, where, inside = self._module._tree, self._module._where(), self._comps_in_view
        seen = self._branches_in_view
        counts = tree.counts[seen]
        middles = coordinates.centers([where[branch] for branch in seen.tolist()], counts)
        moved = tree.firsts[seen] - (np.cumsum(counts) - counts)
        return middles[inside - moved[np.searchsorted(seen, self._module._places[1][inside])]]


def _ranks(keys: np.ndarray, within: np.ndarray) -> np.ndarray:
    """For each key, how many smaller ones there are that are in the same part of `within`."""
    first = np.unique(within, return_index=True)[1]
    order = np.cumsum(np.diff(keys, prepend=-1) != 0) - 1  # keys ascend
    return order - order[first][np.searchsorted(within[first], within)]
