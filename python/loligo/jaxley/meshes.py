"""Meshes: the surfaces of cylinders, spheres and cone frusta as grids of points, shape (3, around, along); and what
their outlines in the plane are."""

from __future__ import annotations

import numpy as np


def create_cylinder_mesh(length: float, radius: float, resolution: int = 100) -> np.ndarray:
    """A cylinder along z, whose middle is the origin, shape (3, resolution, resolution).

    >>> create_cylinder_mesh(10.0, 1.0, resolution=8).shape
    (3, 8, 8)
    """
    heights = np.linspace(-length / 2, length / 2, resolution)
    return _turned(np.full(resolution, float(radius)), heights, resolution)


def create_sphere_mesh(radius: float, resolution: int = 100) -> np.ndarray:
    """A sphere around the origin, shape (3, resolution, resolution)."""
    angles = np.linspace(0, np.pi, resolution)
    return _turned(radius * np.sin(angles), radius * np.cos(angles), resolution)


def create_cone_frustum_mesh(
    length: float,
    radius_bottom: float,
    radius_top: float,
    bottom_dome: bool = False,
    top_dome: bool = False,
    resolution: int = 100,
) -> np.ndarray:
    """A cone frustum along z, with a half sphere below and above where it is asked for; its lowest point is at z = 0.

    Returns:
        Points, shape (3, resolution, resolution).
    """
    below, above = resolution // 2, resolution - resolution // 2
    foot = radius_bottom if bottom_dome else 0.0
    angles = np.linspace(0, np.pi / 2, below) if bottom_dome else np.full(below, np.pi / 2)
    radii, heights = [radius_bottom * np.sin(angles)], [foot - foot * np.cos(angles)]
    angles = np.linspace(0, np.pi / 2, above) if top_dome else np.zeros(above)
    radii.append(radius_top * np.cos(angles))
    heights.append(foot + length + radius_top * np.sin(angles))
    return _turned(np.concatenate(radii), np.concatenate(heights), resolution)


def compute_rotation_matrix(axis: np.ndarray, angle: float) -> np.ndarray:
    """What turns vectors counterclockwise by an angle (radian) around an axis, shape (3, 3).

    >>> compute_rotation_matrix(np.array([0, 0, 2.0]), np.pi / 2).round(9).tolist()
    [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    x, y, z = np.asarray(axis, dtype=float) / np.linalg.norm(axis)
    across = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + np.sin(angle) * across + (1 - np.cos(angle)) * across @ across


def placed(mesh: np.ndarray, orientation: np.ndarray, center: np.ndarray) -> np.ndarray:
    """A mesh whose z axis is turned into a direction, and that is then moved, shape of the mesh."""
    direction = np.asarray(orientation, dtype=float) / np.linalg.norm(orientation)
    axis = np.cross([0.0, 0.0, 1.0], direction)
    if np.allclose(axis, 0.0):  # upwards, or downwards, where any axis in the plane will do
        axis = np.array([1.0, 0.0, 0.0])
    turn = compute_rotation_matrix(axis, np.arccos(np.clip(direction[2], -1.0, 1.0)))
    return (turn @ mesh.reshape(3, -1) + np.asarray(center, dtype=float)[:, None]).reshape(mesh.shape)


def extract_outline(points: np.ndarray) -> np.ndarray:
    """The corners of the smallest convex polygon around points in the plane, counterclockwise, shape (corner, 2).

    >>> extract_outline(np.array([[0, 0], [2, 0], [1, 0.5], [2, 2], [0, 2.0]])).tolist()
    [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]]
    """
    outer = np.asarray(points, dtype=float)
    for directions in (16, 64):
        outer = _outer(outer, directions)
    ordered = np.unique(outer, axis=0).tolist()
    return np.array(_lower(ordered) + _lower(ordered[::-1]))


def around_discs(centers: np.ndarray, radii: np.ndarray, resolution: int = 100) -> np.ndarray:
    """Points around pairs of discs and what lies between them, which is how two balls with a cone frustum between them
    look from any side, shape (pair, resolution, 2).

    Args:
        centers: Shape (pair, 2, 2).
        radii: Shape (pair, 2).

    >>> around_discs(np.array([[[0.0, 0.0], [3.0, 0.0]]]), np.array([[1.0, 1.0]]), resolution=6).round(3).tolist()
    [[[0.0, 1.0], [-1.0, 0.0], [-0.0, -1.0], [3.0, -1.0], [4.0, 0.0], [3.0, 1.0]]]
    """
    along = centers[:, 1] - centers[:, 0]
    distance, larger = np.hypot(*along.T), radii[:, 0] - radii[:, 1]
    within = distance <= np.abs(larger)
    # of a disc within another nothing is seen
    seen = np.where(within, np.where(larger < 0, 1, 0), -1)[:, None]
    each = np.arange(len(radii))[:, None], np.where(seen < 0, [0, 1], seen)
    centers, radii = centers[each], radii[each]
    turn = np.arctan2(along[:, 1], along[:, 0])
    # the angle from the line through both centers to where the tangents touch
    half = np.arccos(np.where(within, 0.0, larger) / np.where(within, 1.0, distance))
    part = np.linspace(0.0, 1.0, resolution // 2), np.linspace(0.0, 1.0, resolution - resolution // 2)
    angles = [
        turn[:, None] + half[:, None] + part[0] * 2 * (np.pi - half[:, None]),
        turn[:, None] - half[:, None] + part[1] * 2 * half[:, None],
    ]
    arcs = [
        centers[:, side, None] + radii[:, side, None, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        for side, angle in enumerate(angles)
    ]
    return np.concatenate(arcs, axis=1)


def _outer(points: np.ndarray, directions: int) -> np.ndarray:
    """Points without those that lie within the polygon of the farthest ones in so many directions, and so cannot be
    corners: nearly all of a mesh (Akl and Toussaint 1978)."""
    turn = np.linspace(0, 2 * np.pi, directions, endpoint=False)
    farthest = points[np.argmax(points @ np.stack([np.cos(turn), np.sin(turn)]), axis=0)]
    sides = np.roll(farthest, -1, axis=0) - farthest
    farthest, sides = farthest[sides.any(axis=1)], sides[sides.any(axis=1)]
    if not len(sides):
        return points
    inwards = np.stack([-sides[:, 1], sides[:, 0]])
    distance = points @ inwards - (farthest * inwards.T).sum(axis=1)
    # rounding must not take a corner away
    near = 1e-9 * np.abs(sides).max() * np.abs(points).max()
    return points[(distance <= near).any(axis=1)]


def _lower(ordered: list[list[float]]) -> list[list[float]]:
    """The corners below points that are sorted from left to right, without the last (Andrew 1979)."""
    corners: list[list[float]] = []
    for x, y in ordered:
        while len(corners) > 1:
            (x0, y0), (x1, y1) = corners[-2:]
            if (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) > 0:
                break
            corners.pop()
        corners.append([x, y])
    return corners[:-1] or corners


def _turned(radii: np.ndarray, heights: np.ndarray, resolution: int) -> np.ndarray:
    """What a curve passes over when it is turned around z."""
    turn = np.linspace(0, 2 * np.pi, resolution)
    return np.stack(
        [
            radii[:, None] * np.cos(turn),
            radii[:, None] * np.sin(turn),
            np.broadcast_to(heights[:, None], (heights.size, resolution)),
        ]
    )
