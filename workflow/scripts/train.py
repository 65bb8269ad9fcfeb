"""Train models of one method, each on all signatures that its fold may see, and save them."""

from _job import job

with job(snakemake):
    import anndata as ad

    from svqvae.run.trainings import Training, train_all

    train_all(
        ad.read_h5ad(snakemake.input.signatures, backed="r"),
        [Training(**one) for one in snakemake.params.trainings],
        settings=snakemake.params.settings,
        dataset=snakemake.wildcards.dataset,
        threads=snakemake.threads,
        code=snakemake.params.code,
        unfinished=snakemake.params.unfinished,
    )
