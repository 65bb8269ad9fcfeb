"""Decode, cluster and correlate the classes of one model, and find their markers."""

from pathlib import Path

from _job import job

with job(snakemake):
    import anndata as ad

    from svqvae.io.atomic import atomic_path, write_table
    from svqvae.tl.evaluation.fold_models import load_fold_models
    from svqvae.tl.relations.describe import class_table, describe_classes

    adata = ad.read_h5ad(snakemake.input.signatures, backed="r")
    classes = class_table(Path(snakemake.input.model).parent, adata)
    tables = describe_classes(
        classes,
        adata,
        list(load_fold_models(snakemake.input.folds)),
        n_clusters=snakemake.params.clusters,
        top=snakemake.params.markers,
    )
    for name, table in tables.items():
        write_table(table, snakemake.output[name])
    with atomic_path(snakemake.output.classes) as temporary:
        classes.write_h5ad(temporary)
