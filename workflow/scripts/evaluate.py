"""Score the models of every fold and seed on the perturbagens they never saw."""

from _job import job

with job(snakemake):
    import anndata as ad

    from svqvae.io.atomic import write_table
    from svqvae.tl.evaluation.evaluate import score_fold_models
    from svqvae.tl.evaluation.fold_models import load_fold_models

    adata = ad.read_h5ad(snakemake.input.signatures, backed="r")
    predictions, scores = score_fold_models(load_fold_models(snakemake.input.models), adata)
    write_table(predictions, snakemake.output.predictions)
    write_table(scores, snakemake.output.scores)
