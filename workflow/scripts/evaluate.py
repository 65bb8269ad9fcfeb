"""Score the models of every fold and seed on the perturbagens they never saw."""

from _evaluate import evaluate
from _job import job

with job(snakemake):
    evaluate(snakemake.params.models, snakemake.input.signatures, snakemake.output)
