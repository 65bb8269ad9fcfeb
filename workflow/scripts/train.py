"""Train one model or baseline on all signatures that its fold may see, and save it."""

from pathlib import Path

from _job import job

with job(snakemake) as log:
    import anndata as ad

    from svqvae import keys
    from svqvae.data.split import training_rows
    from svqvae.models.registry import make_model
    from svqvae.run import provenance

    fold = snakemake.wildcards.get("fold", "all")
    seed = int(snakemake.wildcards.get("seed", snakemake.params.get("seed", 0)))
    adata = ad.read_h5ad(snakemake.input[0], backed="r")
    adata = adata[training_rows(adata.obs, fold)]
    log.info("fold %s, seed %d: %d signatures", fold, seed, adata.n_obs)
    model = make_model(adata, labels_key=keys.CLASS, **snakemake.params.settings)
    # Not among the outputs, which Snakemake deletes when a job is killed.
    folder = Path(snakemake.output[0]).parent
    checkpoint = folder.parent / f".{folder.name}.checkpoint"
    model.train(seed=seed, checkpoint=checkpoint)
    model.provenance |= provenance.of_training(
        adata, dataset=snakemake.wildcards.dataset, fold=fold, seed=seed, threads=snakemake.threads
    )
    model.save(folder)
