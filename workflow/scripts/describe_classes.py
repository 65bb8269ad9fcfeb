"""Decode, cluster and correlate the classes of one model, and find their markers."""

from pathlib import Path

from _job import job

with job(snakemake):
    import anndata as ad

    from svqvae.io.atomic import atomic_path, write_table
    from svqvae.pp.split import training_rows
    from svqvae.tl.clusters import cluster_table
    from svqvae.tl.describe import class_table, load_replicates
    from svqvae.tl.markers import class_markers
    from svqvae.tl.relations import relation_table

    adata = ad.read_h5ad(snakemake.input.signatures, backed="r")
    adata = adata[training_rows(adata.obs, "all")]
    classes = class_table(Path(snakemake.input.model).parent, adata)
    names, codes = list(classes.obs_names), classes.obsm["X_code"]
    replicates = load_replicates(snakemake.input.replicates, n_seeds=snakemake.params.n_seeds)
    flat = [codes for fold in replicates for codes in fold]
    clusters = cluster_table(names, codes, flat, n_clusters=snakemake.params.clusters)
    classes.obs["cluster"] = clusters.set_index("class")["cluster"].loc[names].to_numpy()
    write_table(clusters, snakemake.output.clusters)
    write_table(relation_table(names, codes, replicates), snakemake.output.relations)
    markers = class_markers(adata, classes, top=snakemake.params.markers)
    write_table(markers, snakemake.output.markers)
    with atomic_path(snakemake.output.classes) as temporary:
        classes.write_h5ad(temporary)
