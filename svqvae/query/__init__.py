"""Answers for one's own experiment: genes by any name, tables and lists to signatures, answers."""
