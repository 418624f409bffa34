"""Networks of the door are laid out in layers, and drawn, where Jaxley lays them out."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from jaxley_values import Jaxley
from matplotlib import pyplot


@pytest.mark.parametrize("detail", ["full", "point"])
@pytest.mark.parametrize("vertical", [False, True])
def test_the_door_draws_layers_as_jaxley(vertical: bool, detail: str, jaxley: Jaxley) -> None:
    def drawn(jx: ModuleType) -> Any:
        made = jx.Network([jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0]) for _ in range(3)])
        jx.connect(made.cell(0).branch(0).comp(0), made.cell(2).branch(1).comp(1), jx.synapses.TanhRateSynapse())
        made.compute_xyz()
        made.arrange_in_layers([2, 1], 100.0, 300.0, vertical_layers=vertical)
        ax = made.vis(detail=detail)
        synapse, dots = ax.lines[-1].get_xydata(), ax.collections[-1].get_offsets()
        cells = [line.get_xydata() for line in ax.lines[:-1]] or [each.get_offsets() for each in ax.collections[:-1]]
        cells = np.concatenate([np.asarray(each) for each in cells])
        pyplot.close("all")
        # Jaxley has a line for each branch, and the door has one with gaps
        return {"cells": cells[~np.isnan(cells[:, 0])], "synapse": synapse, "end": np.asarray(dots)}

    jaxley.agrees(drawn, rtol=1e-6, atol=1e-4)
