"""Figures: each function takes a table and returns a matplotlib figure."""

from svqvae.errors import require_extra

require_extra("plots", "matplotlib", "networkx", "seaborn")
