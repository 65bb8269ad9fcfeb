"""Models and baselines behind one interface, and how they are trained and saved."""
