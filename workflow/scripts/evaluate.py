"""Score the models of every fold and seed on the perturbagens they never saw."""

from _evaluate import evaluate
from _job import job, located

with job(snakemake):
    at = located(snakemake.input.signatures, snakemake.params.first)
    evaluate(map(at, snakemake.params.models), snakemake.input.signatures, snakemake.output)
