"""From raw signatures to what is trained on: labels, filters, folds."""
