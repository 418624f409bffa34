"""Small things that scripts take from `jaxley.utils`."""

from loligo.jaxley.utils import cell_utils, colors, jax_utils, misc_utils, morph_attributes, plot_utils, syn_utils

__all__ = ["cell_utils", "colors", "jax_utils", "misc_utils", "morph_attributes", "plot_utils", "syn_utils"]
