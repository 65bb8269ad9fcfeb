"""Train models of one method, each on all signatures that its fold may see, and save them."""

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
