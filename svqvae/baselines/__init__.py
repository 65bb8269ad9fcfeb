"""Baselines behind the models' own interface."""
