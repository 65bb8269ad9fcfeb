"""Signatures as models see them: the matrix, checks of values, folds and perturbagens."""
