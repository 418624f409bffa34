"""Tables: what is in view, as data frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from loligo import view
from loligo.errors import UnknownNameError, did_you_mean
from loligo.jaxley import coordinates, names
from loligo.jaxley.edges import Edges, copied
from loligo.jaxley.extents import extents

if TYPE_CHECKING:
    import pandas as pd


class Listing(view.View):
    """The tables of a view."""

    __slots__ = ()

    @property
    def nodes(self) -> pd.DataFrame:
        """The compartments in view as a table under Jaxley's names, made now. What is written to parameters and initial
        states is set, but for radius and length, which `set` changes with all that follows from them. The column
        `controlled_by_param` may be written, too: compartments of the same number in it share what this view trains. So
        may columns under other names, notes of the user's, which the module keeps until they are deleted from its own
        table.

        The index counts the branch points of every cell after its compartments, as Jaxley's does.

        >>> import loligo.jaxley as jx
        >>> cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
        >>> view = cell.branch("all")
        >>> view.nodes["controlled_by_param"] = [0, 1, 0, 1, 0, 1]
        >>> view.make_trainable("radius", verbose=False)
        >>> cell.num_trainable_params
        2
        """
        from loligo.jaxley.writable_table import WritableTable, Writes

        given = self._given

        def control(controls: np.ndarray) -> None:
            self._node_controls = self._as_in_module(controls)

        def note(name: str, values: np.ndarray) -> None:
            rows = self._selection.compartments
            rows = rows if given is None else rows[given]
            blank = np.full(module._labels.size, np.nan, dtype=object)
            module._notes.setdefault(name, blank)[rows] = values

        def assign(name: str, labels: np.ndarray, values: np.ndarray) -> None:
            module.select(nodes=labels).set(name, values)

        table, module = self._node_table(), self._module
        numbers = names.quantities(module._model).keys() - {"radius", "length"}
        forget = module._notes.pop if len(table) == len(module._labels) else None
        writes = Writes(control, assign, numbers, note, module._notes, forget)
        return WritableTable.of(table if given is None else table.iloc[given], writes)

    @property
    def edges(self) -> pd.DataFrame:
        """The synapses that both come from and are onto what is in view, as a table under Jaxley's names, made now.
        What is written to parameters and initial states is set. The column `controlled_by_param` may be written, too:
        synapses of the same number in it share what this view trains from then on, until others are connected."""
        return self._edge_table(Edges(self._module).table(self._edge_numbers(), self._edge_controls()))

    def _edge_table(self, columns: pd.DataFrame) -> pd.DataFrame:
        from loligo.jaxley.writable_table import WritableTable, Writes

        def control(controls: np.ndarray) -> None:
            self._controls = controls

        def assign(name: str, labels: np.ndarray, values: np.ndarray) -> None:
            self._module.select(edges=labels).set(name, values)

        return WritableTable.of(columns, Writes(control, assign, names.of_edges(self._module)))

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
        cells, branches = (places[inside] for places in module._places)
        columns: dict[str, Any] = {
            "local_cell_index": _ranks(cells, np.zeros_like(cells)),
            "local_branch_index": _ranks(branches, cells),
            "local_comp_index": _ranks(inside, branches),
        }
        known = names.quantities(module._model)
        columns |= {name: self._values(known[name])[inside] for name in names.EVERYWHERE}
        columns |= extents(module, inside, columns["radius"], columns["length"])
        columns |= dict(zip("xyz", self._middles().T))
        for name, members in module._model.groups():
            columns[name] = np.isin(inside, members)
        for name, members in names.channels(module._model):
            columns[name] = np.isin(inside, members)
            described, declared = module._described.get(name), names.declared_currents(module, name)
            for key in () if described is None else (*described.channel_params, *described.channel_states):
                if key in declared:
                    columns[key] = np.where(columns[name], declared[key], columns.get(key, np.nan))
                elif key in known and key not in columns:
                    columns[key] = self._values(known[key])[inside]
        columns |= {key: self._values(known[key])[inside] for key in known if key not in columns}
        counted = {"global_cell_index": cells, "global_branch_index": branches, "global_comp_index": inside}
        # with a sign, so that they can be subtracted from each other
        columns |= {name: places.astype(np.int64) for name, places in counted.items()}
        columns[names.CONTROLS] = self._node_numbers()
        for name, noted in module._notes.items():
            columns[name] = pd.Series(noted[inside], index=module._labels[inside]).infer_objects()
        return pd.DataFrame(columns, index=module._labels[inside])

    def _node_column(self, name: str) -> np.ndarray:
        """A column of the table of the whole module, which is not made where only a few numbers are wanted."""
        module = self._module
        if name in module._notes:
            return module._notes[name]
        if name in ("global_cell_index", "global_branch_index"):
            return module._places[name == "global_branch_index"].astype(np.int64)
        known = names.quantities(module._model)
        return self._values(known[name]) if name in known else module.nodes[name].to_numpy()

    def _middles(self) -> np.ndarray:
        """Where the compartments in view are, µm, shape (compartment, 3)."""
        module, inside, seen = self._module, self._comps_in_view, self._branches_in_view
        tree, where = module._tree, module._where()
        counts, outlines = tree.counts[seen], [where[branch] for branch in seen.tolist()]
        middles = coordinates.centers(outlines, counts)
        if module._midway:
            midway = np.repeat(np.isin(seen, list(module._midway)), counts)
            middles[midway] = coordinates.ends(outlines, counts)[midway].mean(axis=1)
        moved = tree.firsts[seen] - (np.cumsum(counts) - counts)
        return middles[inside - moved[np.searchsorted(seen, module._places[1][inside])]]


def _ranks(keys: np.ndarray, within: np.ndarray) -> np.ndarray:
    """For each key, how many smaller ones there are that are in the same part of `within`."""
    first = np.unique(within, return_index=True)[1]
    order = np.cumsum(np.diff(keys, prepend=-1) != 0) - 1  # keys ascend
    return order - order[first][np.searchsorted(within[first], within)]
