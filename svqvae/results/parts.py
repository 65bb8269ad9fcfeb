"""Parts of the page on a data set, in their order: headings under which outputs stand together."""

from __future__ import annotations

HELD_OUT = "Held-out perturbagens"
SURE = "Predictions that models are sure of"
COMPARED = "{subject} against each other model"
CALIBRATED = "Calibration of probabilities"
PLANTED = "How much of the planted truth was found"
SIMULATED = "Simulated signatures"
KNOWN = "Agreement with known relations"
TARGETS = "Drug targets among knock-downs"
UNKNOWN = "Novelty of classes left out of training"
SOURCE = "From the files to the signatures used"

ORDER = (
    *(HELD_OUT, SURE, COMPARED, CALIBRATED, PLANTED, SIMULATED, KNOWN, TARGETS, UNKNOWN),
    SOURCE,
)
