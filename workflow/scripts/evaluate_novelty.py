"""Evaluate the novelty score of one model by classes left out of its training."""

from _job import job

with job(snakemake):
    from svqvae.io.atomic import write_table
    from svqvae.io.own import open_h5ad
    from svqvae.models.device import training_on
    from svqvae.tl.evaluation.novelty import evaluate_novelty

    adata = open_h5ad(snakemake.input[0], backed=True)
    params = snakemake.params
    with training_on(params.device):
        table = evaluate_novelty(
            adata, params.settings, folds=params.folds, seed=params.seed, draws=params.draws
        )
    write_table(table, snakemake.output[0])
