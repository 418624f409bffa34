"""The small things that scripts take from Jaxley: distances, colours, locations; equal to Jaxley's."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import loligo as lo
import loligo.jaxley as jx

CELL = Path(__file__).parents[2] / "data" / "morphologies" / "neuromorpho" / "n173.swc"


def submodule(of: ModuleType, name: str) -> ModuleType:
    return importlib.import_module(f"{of.__name__}.{name}")


def branched(of: ModuleType) -> Any:
    cell = of.Cell(of.Branch(of.Compartment(), 3), parents=[-1, 0, 0, 2])
    cell.branch(0).set("length", 30.0)
    cell.branch(2).comp(1).set("length", 7.0)
    return cell


def test_distances_along_a_cell(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        cell = branched(of)
        pathwise = submodule(of, "morphology").distance_pathwise
        return [np.asarray(pathwise(cell.branch(branch).comp(1), cell)) for branch in (0, 1, 3)]

    jaxley.agrees(script, atol=1e-12)


def test_straight_distances_are_those_between_centres() -> None:
    cell = jx.read_swc(CELL, ncomp=2)
    start = cell.branch(0).comp(0)
    found = jx.morphology.distance_direct(start, cell.branch([1, 5]))
    places = cell.nodes[["x", "y", "z"]].to_numpy()
    ends = cell.branch([1, 5]).nodes[["x", "y", "z"]].to_numpy()
    assert np.allclose(found, np.linalg.norm(ends - places[0], axis=1), rtol=1e-15)


def test_a_distance_has_one_start() -> None:
    cell = branched(jx)
    for distance in (jx.morphology.distance_direct, jx.morphology.distance_pathwise):
        with pytest.raises(lo.errors.ArgumentError, match="3 compartments, expected one"):
            distance(cell.branch(0), cell)


def test_colours(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        colors = submodule(of, "utils.colors")
        shades = [getattr(colors, f"{name}_shades")(3) for name in ("blue", "purple", "red", "green", "grey", "orange")]
        return np.array([*shades, colors.network_cols([1, 2, 3][::-1])[:3]])

    jaxley.agrees(script, atol=1e-12)


def test_locations_and_densities(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        cells = submodule(of, "utils.cell_utils")
        counts = np.array([2, 4, 3])
        where = [cells.local_index_of_loc(loc, branch, counts) for branch in range(3) for loc in (0.0, 0.3, 0.6, 1.0)]
        back = cells.loc_of_index(np.arange(9), np.repeat(np.arange(3), counts), counts)
        density = cells.convert_point_process_to_distributed(np.array([0.1, 0.2]), np.array([30.0, 50.0]))
        return {"where": np.array(where), "back": np.asarray(back), "density": np.asarray(density)}

    jaxley.agrees(script, atol=1e-12)


POINTS = np.array([[0.0, 0, 0, 1.0], [3, 0, 0, 2.0], [3, 0, 0, 2.5], [3, 5, 0, 2.5], [3, 5, 7, 0.5]])


def test_attributes_of_traced_points(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        attributes = submodule(of, "utils.morph_attributes")
        cut = attributes.split_xyzr_into_equal_length_segments(POINTS, 3)
        whole = attributes.morph_attrs_from_xyzr(POINTS, 0.1, 1)
        sphere = attributes.morph_attrs_from_xyzr(POINTS[:1], None, 2)
        frusta = np.array([1.0, 2.0, 3.0]), np.array([0.5, 2.0, 2.0, 1.0])
        sums = [getattr(attributes, f"swc_{name}") for name in ("radius", "area", "volume", "resistive_load")]
        cylinders = [getattr(attributes, f"cylinder_{name}") for name in ("area", "volume", "resistive_load")]
        return {
            "cut": [np.asarray(part) for part in cut],
            "whole": np.array(whole, dtype=float),
            "sphere": np.array(sphere, dtype=float),
            "sums": np.array([float(function(*frusta)) for function in sums]),
            "cylinders": np.array([np.asarray(function(np.arange(1.0, 3.0), 2.0)) for function in cylinders]),
        }

    jaxley.agrees(script, rtol=1e-12)


def test_a_radius_of_zero_needs_a_least_radius() -> None:
    attributes = jx.utils.morph_attributes
    thin = POINTS * [1, 1, 1, 0]
    with pytest.raises(lo.errors.MorphologyError, match="give min_radius"):
        attributes.morph_attrs_from_xyzr(thin, None, 1)
    assert attributes.morph_attrs_from_xyzr(thin, 0.3, 1)[0] == 0.3


EDGES = {
    # a parent of two compartments, 0 and 1, a branch point, 4, and two children
    "source": [0, 1, 4, 4, 4, 1, 2, 3],
    "sink": [1, 0, 1, 2, 3, 4, 4, 4],
    "ordered": [1, 0, 0, 1, 1, 1, 0, 0],
    "type": [0, 0, 1, 2, 2, 3, 4, 4],
}


def test_axial_conductances(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        import pandas as pd

        names = ("axial_resistivity", "capacitance", "area", "volume", "axial_diffusion_CaCon_i")
        names += ("resistive_load_in", "resistive_load_out")
        params = {name: 1.0 + np.random.default_rng(seed).random(5) for seed, name in enumerate(names)}
        found = submodule(of, "utils.morph_attributes").compute_axial_conductances(
            pd.DataFrame(EDGES), params, ["CaCon_i"]
        )
        return {name: np.asarray(numbers) for name, numbers in found.items()}

    jaxley.agrees(script, rtol=1e-12)


def test_numbering_of_branches(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        import pandas as pd

        cells, misc = submodule(of, "utils.cell_utils"), submodule(of, "utils.misc_utils")
        parents = np.array([-1, 0, 0, 2, 2, 1])
        branch_edges = pd.DataFrame({"parent_branch_index": parents[1:], "child_branch_index": np.arange(1, 6)})
        levels = cells.compute_levels(parents)
        rows = np.arange(10).reshape(5, 2)
        return {
            "levels": levels,
            "children": [np.asarray(each) for each in cells.compute_children_indices(parents)],
            "by level": [np.asarray(each) for each in cells.compute_children_in_level(levels, rows)],
            "both": [np.asarray(each) for each in cells.compute_children_and_parents(branch_edges)],
            "neighbours": np.asarray(cells.get_num_neighbours(np.array([2, 0, 1]), 3, 3)),
            "ranks": np.asarray(cells.remap_to_consecutive(np.array([0, 0, 4, 1, 6, 6]))),
            "equal": np.asarray(cells.equal_segments([1.0, 3.0], 3)),
            "linear": np.asarray(cells.linear_segments(1.0, [2.0, 3.0, 5.0], np.array([-1, 0, 0]), 4)),
            "merged": [
                np.asarray(level)
                for level in cells.merge_cells([0, 3], [0, 1], [[rows[:1], rows[1:3]], [rows[:2]]], exclude_first=False)
            ],
            "between": np.asarray(cells.interpolate_xyzr(0.3, POINTS)),
            "picked": cells.query_channel_states_and_params({"a": np.arange(4), "b": np.ones(4)}, ["a"], [1, 3]),
            "sums": misc.cumsum_leading_zero([2, 4, 3]),
            "joined": misc.concat_and_ignore_empty([branch_edges, branch_edges[:0]]).to_numpy(),
            "all": [misc.is_str_all("all"), misc.is_str_all([1]), misc.is_str_all("some", force=False)],
        }

    jaxley.agrees(script, rtol=1e-12)


def test_sums_over_synapses(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        gathered = submodule(of, "utils.syn_utils").gather_synapes(
            4, np.array([3, 0, 3]), np.array([1.0, 2.0, 4.0]), np.array([10.0, 20.0, 40.0])
        )
        return [np.asarray(each) for each in gathered]

    jaxley.agrees(script)


def test_parameters_with_their_places() -> None:
    cells = jx.utils.cell_utils
    assert cells.params_to_pstate([{"v": [1.0]}], [[[0], [1]]]) == [{"key": "v", "val": [1.0], "indices": [[0], [1]]}]


def test_scans_in_blocks_are_scans() -> None:
    jax = pytest.importorskip("jax")
    scan = jx.utils.jax_utils.nested_checkpoint_scan

    def step(carry: Any, x: Any) -> tuple[Any, Any]:
        return carry * 0.9 + x, carry

    def total(xs: Any, lengths: list[int]) -> Any:
        last, seen = scan(step, 0.0, xs, nested_lengths=lengths)
        return last**2 + (seen**2).sum()

    xs = jax.numpy.arange(12.0)
    flat, nested = (jax.value_and_grad(total)(xs, lengths) for lengths in ([12], [2, 3, 2]))
    # single precision
    assert np.allclose(flat[0], nested[0], rtol=1e-5)
    assert np.allclose(flat[1], nested[1], rtol=1e-5)
    with pytest.raises(lo.errors.ArgumentError, match="length is 13"):
        scan(step, 0.0, xs, 13, nested_lengths=[4, 3])
    assert jx.utils.jax_utils.infer_device() in ("cpu", "gpu", "tpu")


def test_what_is_deprecated_warns() -> None:
    misc = jx.utils.misc_utils

    @misc.deprecated("1.0", " Use another.")
    def old(number: int) -> int:
        return number

    @misc.deprecated_kwargs("1.0", ["before"])
    def new(number: int, before: int | None = None) -> int:
        return number

    with pytest.warns(UserWarning, match=r"old is deprecated and will be removed in version 1.0. Use another."):
        assert old(3) == 3
    with pytest.warns(UserWarning, match="before is deprecated"):
        assert new(3, before=1) == 3
    assert new(3) == 3


def test_the_words_of_indices() -> None:
    with pytest.raises(lo.errors.ArgumentError, match="expected numbers or 'all'"):
        jx.utils.misc_utils.is_str_all("some")


def test_the_synapse_of_jaxleys_tests(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        network = of.Network([of.Cell() for _ in range(2)])
        network.cell(0).insert(of.channels.HH())
        submodule(of, "connect").connect(
            network.cell(0).branch(0).comp(0), network.cell(1).branch(0).comp(0), of.synapses.TestSynapse()
        )
        network.set("TestSynapse_gC", 1e-3)
        network.cell(0).branch(0).comp(0).stimulate(of.step_current(0.5, 1.0, 0.02, 0.025, 5.0), verbose=False)
        network.cell([0, 1]).record("v", verbose=False)
        network.record("TestSynapse_c", verbose=False)
        return np.asarray(of.integrate(network))

    # what both compute within 1e-12 of themselves, over 200 steps with spikes
    jaxley.agrees(script, atol=1e-8)


def test_compartments_drawn_at_random(jaxley: Any) -> None:
    def script(of: ModuleType) -> Any:
        network = of.Network([branched(of), branched(of)])
        np.random.seed(3)  # noqa: NPY002, as scripts do
        draw = submodule(of, "connect").sample_comp
        return [np.asarray(draw(network.cell(1).branch(2))), np.asarray(draw(network.cell(1), 4, replace=False))]

    jaxley.agrees(script)


def test_modules_are_ready_as_they_are() -> None:
    cell = branched(jx)
    assert cell.initialize() is cell
    assert cell.initialized
    cell.to_jax()


def test_transforms_of_other_arrangements() -> None:
    transforms = jx.optimize.transforms
    one, two = transforms.SigmoidTransform(0.0, 1.0), transforms.AffineTransform(2.0, 1.0)
    plain = jx.ParamTransform(two)
    assert plain.forward(np.ones(3)).tolist() == [3.0] * 3
    nested = jx.ParamTransform({"a": (one, two), "b": [two]})
    values = {"a": (0.5, 3.0), "b": [1.0]}
    assert nested.inverse(values) == {"a": (0.0, 1.0), "b": [0.0]}
    with pytest.raises(lo.errors.ArgumentError, match="1 parameters were given for 2 transforms"):
        nested.forward({"a": (1.0,), "b": [1.0]})
    with pytest.raises(lo.errors.ArgumentError, match=r"a parameter is \['a'\], expected \['a', 'b'\]"):
        nested.forward({"a": (1.0, 1.0)})
