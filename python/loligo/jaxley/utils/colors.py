"""Shades of a colour for the neurons of a layer, darkest first, as lists of red, green, blue and opacity."""

from collections.abc import Callable, Sequence

import numpy as np

Shades = Callable[[int], list[list[float]]]


def _shades(colormap: str) -> Shades:
    def shades(n: int) -> list[list[float]]:
        from matplotlib import colormaps

        # a whole map ends in white, on which nothing would be seen
        return colormaps[colormap](np.linspace(1.0, 0.2, n)).tolist()

    shades.__doc__ = f"So many shades of matplotlib's `{colormap}`, darkest first."
    return shades


blue_shades = _shades("Blues")
green_shades = _shades("Greens")
grey_shades = _shades("Greys")
orange_shades = _shades("Oranges")
purple_shades = _shades("Purples")
red_shades = _shades("Reds")

_OF_LAYERS = (grey_shades, purple_shades, blue_shades, green_shades, red_shades, orange_shades)


def network_cols(num_neurons_in_layers: Sequence[int]) -> list[list[float]]:
    """A colour for each neuron of up to six layers, each of which has shades of its own colour."""
    layers = zip(_OF_LAYERS, num_neurons_in_layers)
    return [color for shades, count in layers for color in shades(count)]


__all__ = [
    "blue_shades",
    "green_shades",
    "grey_shades",
    "network_cols",
    "orange_shades",
    "purple_shades",
    "red_shades",
]
