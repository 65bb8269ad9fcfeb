"""Scores on held-out perturbagens, comparisons, novelty, realism, planted truth."""
