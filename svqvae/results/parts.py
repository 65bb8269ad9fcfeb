"""Parts of the page on a data set, in their order: headings under which outputs stand together."""

from __future__ import annotations

HELD_OUT = "Held-out perturbagens"
COMPARED = "{subject} against each other model"
CALIBRATED = "Do the probabilities mean what they say?"
PLANTED = "How much of the planted truth was found"
SIMULATED = "Simulated signatures"
KNOWN = "Held against known relations"
TARGETS = "Drug targets among knock-downs"
UNKNOWN = "Signatures of classes that the model never saw"
SOURCE = "From the files to the signatures used"

ORDER = (
    *(HELD_OUT, COMPARED, CALIBRATED, PLANTED, SIMULATED, KNOWN, TARGETS, UNKNOWN),
    SOURCE,
)
