"""Pictures of what is in view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from loligo import view
from loligo.errors import ArgumentError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Drawing(view.View):
    """Drawing what is in view."""

    __slots__ = ()

    def vis(
        self,
        ax: Axes | None = None,
        color: Any = "k",
        dims: Sequence[int] = (0, 1),
        type: str = "line",
        **kwargs: Any,
    ) -> Axes:
        """Draws what is in view; see `jaxley.utils.plot_utils`. `plot` draws it with lines as thick as branches are.

        Args:
            ax: Where; a new figure if left out.
            color: Of all branches.
            dims: Two or three of 0, 1, 2 for x, y, z.
            type: `"line"` or `"scatter"` for the points of branches, `"comp"` for compartments, `"morph"` for the shape
                that was reconstructed.
            kwargs: Passed on to what draws.

        Raises:
            ArgumentError: Another `type`, other `dims`, or coordinates that are not known.

        >>> import loligo.jaxley as jx
        >>> cell = jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0, 0])
        >>> ax = cell.vis(color="r")
        >>> len(cell.branch(1).vis(ax=ax, type="comp").collections[0].get_paths())
        2
        """
        from loligo.jaxley.utils import plot_utils

        where = {"dims": dims, "color": color, "ax": ax}
        if type == "comp":
            return plot_utils.plot_comps(self, **where, **kwargs)
        if type == "morph":
            return plot_utils.plot_morph(self, **where, **kwargs)
        if type not in plot_utils.STYLES:
            raise ArgumentError(f"type is {type!r}, expected one of {', '.join(map(repr, plot_utils.STYLES))}")
        return plot_utils.plot_graph(self.xyzr, **where, type=type, **kwargs)
