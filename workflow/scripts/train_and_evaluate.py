"""Train the models of one method, that of all data and those of the folds; score the latter."""

from _evaluate import evaluate
from _job import job

with job(snakemake):
    import anndata as ad

    from svqvae.run.trainings import Training, train_all

    params = snakemake.params
    train_all(
        ad.read_h5ad(snakemake.input.signatures, backed="r"),
        [Training(**one) for one in params.trainings],
        settings=params.settings,
        dataset=snakemake.wildcards.dataset,
        threads=snakemake.threads,
        device=params.device,
        code=params.code,
        unfinished=params.unfinished,
    )
    evaluate(params.scored, snakemake.input.signatures, snakemake.output)
