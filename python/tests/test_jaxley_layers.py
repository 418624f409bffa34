"""Networks of the door are laid out in layers where Jaxley lays them out."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from jaxley_values import Jaxley

import loligo.jaxley


@pytest.mark.parametrize("vertical", [False, True])
def test_the_door_arranges_in_layers_as_jaxley(vertical: bool, jaxley: Jaxley) -> None:
    def arranged(jx: ModuleType) -> Any:
        made = jx.Network([jx.Cell(jx.Branch(ncomp=2), parents=[-1, 0]) for _ in range(3)])
        jx.connect(made.cell(0).branch(0).comp(0), made.cell(2).branch(1).comp(1), jx.synapses.TanhRateSynapse())
        if jx is not loligo.jaxley:
            made.compute_xyz()
        made.arrange_in_layers([2, 1], 100.0, 300.0, vertical_layers=vertical)
        return made

    def roots(jx: ModuleType) -> list:
        positions = arranged(jx).xyzr
        return [positions[2 * cell][0, :2] for cell in range(3)]

    ours, theirs = arranged(loligo.jaxley), jaxley.gives(roots, rtol=1e-7, atol=1e-9)
    ax = ours.vis()
    segments = np.array(ax.collections[0].get_segments())
    # the first piece of each cell starts at its root
    np.testing.assert_allclose(segments[::4, 0], theirs, atol=1e-9)
    curve = next(each for each in ax.collections if each.get_label() == "TanhRateSynapse").get_segments()[0]
    assert np.linalg.norm(curve[0] - segments[0, 0]) == pytest.approx(5.0)
    with pytest.raises(ValueError, match=r"shape \(2, 3\), expected \(3, 3\)"):
        ours.arrange_in_layers([1, 1])
    assert ours.copy()._positions.tolist() == ours._positions.tolist()
