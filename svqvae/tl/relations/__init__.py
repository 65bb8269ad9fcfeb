"""Relations between classes: similarity, significance, networks, clusters, what is known."""
