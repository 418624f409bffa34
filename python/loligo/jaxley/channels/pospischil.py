"""Where Jaxley keeps the channels of Pospischil et al. (2008), and a function of theirs."""

from typing import Any

from loligo.jaxley.channels.compiled import CaL, CaT, K, Km, Leak, Na
from loligo.jaxley.solver_gate import save_exp


def efun(x: Any) -> Any:
    """x/(eˣ − 1), for channels written in Python; not a number at exactly 0, as in Jaxley."""
    return x / (save_exp(x) - 1.0)


__all__ = ["CaL", "CaT", "K", "Km", "Leak", "Na", "efun"]
