"""Pictures of what is in view."""

from __future__ import annotations

from typing import Any

from loligo import view


class Drawing(view.View):
    """Drawing what is in view."""

    __slots__ = ()

    def vis(self, ax: Any = None, color: Any = "black", dims: tuple[int, int] = (0, 1), **options: Any) -> Any:
        """Draws what is in view."""
        return self.plot(color, ax=ax, dims=dims, **options)
