"""Evaluate what the models of the folds simulate against the signatures that they never saw."""

from _job import job, located

with job(snakemake):
    from svqvae.io.atomic import write_table
    from svqvae.io.own import open_h5ad
    from svqvae.tl.evaluation.fold_models import load_fold_models
    from svqvae.tl.evaluation.realism import realism

    adata = open_h5ad(snakemake.input.signatures, backed=True)
    at = located(snakemake.input.signatures, snakemake.params.first)
    models = {m.fold: m.model for m in load_fold_models(map(at, snakemake.params.models))}
    write_table(realism(models, adata, draws=snakemake.params.draws), snakemake.output[0])
