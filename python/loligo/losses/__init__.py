"""Losses and features for fits: smooth, with finite gradients, for runs and plain arrays alike.

They take arrays of NumPy (also those that `loligo.value_and_grad` follows), of JAX, and tensors of PyTorch, and give
what they were given; but `victor_purpura` is a plain number, for evaluation.
"""

from loligo.losses.cross_entropy import cross_entropy
from loligo.losses.soft_dtw import soft_dtw, soft_dtw_divergence, soft_dtw_of_costs
from loligo.losses.spike_distances import van_rossum, victor_purpura
from loligo.losses.squares import mean_squared_error
from loligo.losses.windows import windowed_mean, windowed_statistics, windowed_std

__all__ = [
    "cross_entropy",
    "mean_squared_error",
    "soft_dtw",
    "soft_dtw_divergence",
    "soft_dtw_of_costs",
    "van_rossum",
    "victor_purpura",
    "windowed_mean",
    "windowed_statistics",
    "windowed_std",
]
