"""Genes: markers, gene sets, drug targets among knock-downs."""
