"""Signatures from an experiment: plates of replicates, or counts with a control."""
