"""Morphometry of shapes whose numbers are known, of reconstructions beside NEURON, and what wrong use says."""

from pathlib import Path

import numpy as np
import pytest

import loligo as lo

DATA = Path(__file__).parents[2] / "data" / "morphologies"

# a cylindrical soma from x = -10 to 10 µm, and a stem that goes out from its end and forks twice
TREE = """
1 1 -10 0 0 5 -1
2 1 10 0 0 5 1
3 3 10 0 0 1 2
4 3 40 0 0 1 3
5 3 40 30 0 1 4
6 3 40 -40 0 1 4
7 3 40 -40 20 1 6
8 3 40 -40 -20 1 6
"""


@pytest.fixture
def tree(tmp_path: Path) -> lo.Cell:
    """A soma of 20 µm, a stem of 30 µm, a twig of 30 µm and one of 40 µm, which forks into two of 20 µm."""
    path = tmp_path / "tree.swc"
    path.write_text(TREE)
    return lo.read_swc(path, ncomp=3)


def test_branches_of_a_tree_of_cylinders(tree: lo.Cell) -> None:
    branches = tree.morphometry().branches.sort_values(["order", "length"])
    assert branches["length"].tolist() == pytest.approx([20, 30, 30, 40, 20, 20], rel=1e-12)
    assert branches["order"].tolist() == [0, 1, 2, 2, 3, 3]
    assert branches["diameter"].tolist() == pytest.approx([10, 2, 2, 2, 2, 2], rel=1e-12)
    assert branches["area"].tolist() == pytest.approx(np.pi * branches["length"] * branches["diameter"], rel=1e-12)
    volumes = np.pi * branches["length"] * branches["diameter"] ** 2 / 4
    assert branches["volume"].tolist() == pytest.approx(volumes, rel=1e-12)
    # from the middle of the soma; the way to its end is half its length
    assert branches["path"].tolist() == pytest.approx([10, 40, 70, 80, 100, 100], rel=1e-12)
    assert branches["tips"].tolist() == [3, 3, 1, 2, 1, 1]
    # the stem has 1 tip behind one branch and 2 behind the other: 1/(3 - 2); the last fork has 1 and 1
    assert branches["asymmetry"].tolist() == pytest.approx([np.nan, 1, np.nan, 0, np.nan, np.nan], nan_ok=True)


def test_groups_are_sums_of_their_compartments(tree: lo.Cell) -> None:
    tree.branch(0).comp(0).add_to_group("part")
    groups = tree.morphometry().groups
    assert set(groups.index) == {"soma", "basal", "part", "all"}
    assert groups.loc["basal", ["branches", "order", "tips"]].tolist() == [5, 3, 3]
    assert groups.loc["basal", "length"] == pytest.approx(140, rel=1e-12)
    assert groups.loc["basal", "path"] == pytest.approx(100, rel=1e-12)
    assert groups.loc["basal", "asymmetry"] == 0.5
    assert groups.loc["part", "length"] == pytest.approx(20 / 3, rel=1e-12)
    assert groups.loc["all", "area"] == pytest.approx(groups.loc[["soma", "basal"], "area"].sum(), rel=1e-12)


def test_sholl_counts_crossings(tree: lo.Cell) -> None:
    """The twig of 40 µm goes from (40, 0) to (40, -40), at 56.6 µm; its forks are beyond, up to 60 µm."""
    crossings = tree.morphometry().sholl([5.0, 20.0, 45.0, 52.0, 58.0, 61.0])
    assert crossings["basal"].tolist() == [0, 1, 2, 1, 2, 0]
    assert crossings["soma"].tolist() == [2, 0, 0, 0, 0, 0]
    assert (crossings["all"] == crossings["basal"] + crossings["soma"]).all()
    assert crossings.index.tolist() == [5.0, 20.0, 45.0, 52.0, 58.0, 61.0]


def test_a_straight_piece_may_cross_a_sphere_twice(tmp_path: Path) -> None:
    """A chord at a distance of 3 from the start of paths, on both sides as long as 4: spheres of 3.1 to 5 twice."""
    path = tmp_path / "chord.swc"
    path.write_text("1 3 0 0 0 1 -1\n2 3 0 -3 4 1 1\n3 3 0 -3 -4 1 2\n")
    crossings = lo.read_swc(path, ncomp=1).morphometry().sholl([2.9, 3.1, 4.9, 5.1])["all"]
    # the way to the chord crosses each sphere within it, too
    assert crossings.tolist() == [1, 3, 3, 0]


def test_a_cone(tmp_path: Path) -> None:
    """Lateral area π(a + b)s and volume π/3·l(a² + ab + b²)."""
    path = tmp_path / "cone.swc"
    path.write_text("1 3 0 0 0 2 -1\n2 3 0 0 12 7 1\n")
    (row,) = lo.read_swc(path, ncomp=4).morphometry().branches.to_dict("records")
    assert row["length"] == pytest.approx(12, rel=1e-12)
    assert row["area"] == pytest.approx(np.pi * 9 * 13, rel=1e-12)
    assert row["volume"] == pytest.approx(np.pi / 3 * 12 * (4 + 14 + 49), rel=1e-12)
    assert row["diameter"] == pytest.approx(9 * 13 / 12, rel=1e-12)


def test_a_branch_that_goes_on_alone_is_no_fork() -> None:
    parts = [lo.Compartment(length=10.0, radius=1.0)] * 5
    branches = lo.Cell(parts, parents=[-1, 0, 1, 2, 2]).morphometry().branches
    assert branches["order"].tolist() == [0, 1, 1, 2, 2]
    assert branches["path"].tolist() == pytest.approx([10, 20, 30, 40, 40], rel=1e-12)
    assert branches["tips"].tolist() == [2, 2, 2, 1, 1]


@pytest.mark.parametrize(
    ("file", "branches", "length", "area"),
    [
        # what Jaxley 0.14.0 makes of the same files with one compartment a branch, to the digits that it was noted with
        ("allen/485574832.swc", 99, 4210.3585, 6681.8916),
        ("neuromorpho/n120.swc", 154, 11872.3792, 32596.5517),
    ],
)
def test_reconstructions_have_the_sizes_of_jaxley(file: str, branches: int, length: float, area: float) -> None:
    found = lo.read_swc(DATA / file, ncomp=1).morphometry()
    whole = found.groups.loc["all"]
    assert whole["branches"] == len(found.branches) == branches
    assert whole[["length", "area"]].tolist() == pytest.approx([length, area], abs=6e-5)


def test_a_reconstruction_has_the_sizes_of_neuron() -> None:
    """Length, area and volume of every section that NEURON imports. It keeps areas as integrals over frusta, as doubles
    made of points in single precision: 2⁻²³ for each of three coordinates that are subtracted, up to 400 µm over pieces
    of 0.3 µm, is a relative 1e-4."""
    pytest.importorskip("neuron")
    from neuron_cells import h, imported

    file = DATA / "neuromorpho" / "n120.swc"
    ours = lo.read_import3d(file, 1).morphometry().branches
    sections = imported(file)
    count = len(sections)
    theirs = {
        each.name(): (each.L, each(0.5).area(), each(0.5).volume(), h.distance(sections[0](0.5), each(1)))
        for each in sections
    }
    for section in sections:
        h.delete_section(sec=section)
    assert len(ours) == count
    expected = np.array([theirs[name] for name in ours["name"]])
    found = ours[["length", "area", "volume", "path"]].to_numpy()
    assert np.allclose(found, expected, rtol=1e-4)


def test_wrong_use(tree: lo.Cell) -> None:
    with pytest.raises(lo.errors.SelectionError, match="1 of 3 compartments of branch 2 are in view, expected"):
        tree.branch(2).comp(0).morphometry()
    two = lo.Network([tree, tree])
    with pytest.raises(lo.errors.ArgumentError, match="there are 2 cells in view, expected one"):
        two.morphometry().sholl([10.0])
    alone, within = tree.morphometry(), two.cell(1).morphometry()
    assert (within.sholl([45.0]) == alone.sholl([45.0])).all(axis=None)
    assert within.branches["order"].tolist() == alone.branches["order"].tolist()
    for radii in ([-1.0], 3.0, [0.0]):
        with pytest.raises(lo.errors.ArgumentError, match="expected a list of positive numbers"):
            alone.sholl(radii)
    with pytest.raises(lo.errors.ArgumentTypeError, match="expected numbers"):
        alone.sholl(["far"])
