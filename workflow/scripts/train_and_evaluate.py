"""Train the models of one method, that of all data and those of the folds; score the latter."""

from _evaluate import evaluate
from _job import job, located

with job(snakemake):
    from svqvae.io.own import open_h5ad
    from svqvae.run.trainings import Training, train_all

    params = snakemake.params
    at = located(snakemake.output[0], params.first)
    train_all(
        open_h5ad(snakemake.input.signatures, backed=True),
        [Training(**one).moved(at) for one in params.trainings],
        settings=params.settings,
        dataset=snakemake.wildcards.dataset,
        threads=snakemake.threads,
        device=params.device,
        code=params.code,
        unfinished=at(params.unfinished),
    )
    evaluate(map(at, params.scored), snakemake.input.signatures, snakemake.output)
