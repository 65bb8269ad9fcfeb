"""A data set of two classes, as small as three folds allow."""

from svqvae.pp.simulation import Simulation

SMALL = Simulation(
    groups=1,
    classes_per_group=2,
    compounds_per_class=3,
    cell_lines=2,
    doses=1,
    landmark_genes=30,
    inferred_genes=0,
    unlabelled_compounds=0,
)
TARGET = "results/mine/signatures.h5ad"


def simulated(**sizes):
    """Source of a simulated data set that trains in a second; some sizes may be others."""
    small = {"compounds_per_class": 4, "cell_lines": 2, "doses": 1, "landmark_genes": 20}
    none = {"inferred_genes": 0, "unlabelled_compounds": 0}
    two = {"groups": 1, "classes_per_group": 2}
    return {"kind": "simulated", "simulation": {**two, **small, **none, **sizes}}
