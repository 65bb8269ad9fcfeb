"""Decode, cluster and correlate the classes of one model, and find their markers."""

from pathlib import Path

from _job import job

with job(snakemake):
    import anndata as ad

    from svqvae.data.split import are_held_out_whole, perturbagens, training_rows
    from svqvae.io.atomic import atomic_path, write_table
    from svqvae.tl.genes.markers import class_contrasts, class_markers
    from svqvae.tl.relations import stability
    from svqvae.tl.relations.describe import class_table, load_replicates
    from svqvae.tl.relations.relations import relation_table
    from svqvae.tl.relations.similarity import held_out_similarity

    everything = ad.read_h5ad(snakemake.input.signatures, backed="r")
    adata = everything[training_rows(everything.obs, "all")]
    classes = class_table(Path(snakemake.input.model).parent, adata)
    names, codes = list(classes.obs_names), classes.obsm["X_code"]
    judges = load_replicates(snakemake.input.judges)
    # Without strangers to judge, relations have no evidence: their columns stay empty.
    held_out = None
    if are_held_out_whole(everything.obs, perturbagens(everything)):
        held_out = held_out_similarity(zip(snakemake.params.folds, judges, strict=True), everything)
    # The judge of a predefined test set is the model of all other data, and no resample of it.
    resamples = judges if snakemake.params.resampled else []
    replicates = [model.codes for model in resamples]
    write_table(relation_table(names, codes, replicates, held_out), snakemake.output.relations)
    ward = stability.ward_clusters(codes, replicates, n_clusters=snakemake.params.clusters)
    leiden = stability.leiden_clusters(codes, replicates)
    classes.obs["cluster"] = ward.clusters
    write_table(stability.cluster_table(names, ward, leiden), snakemake.output.clusters)
    write_table(stability.stability_table(ward, leiden), snakemake.output.stability)
    profiles = [model.decode(model.codes) for model in resamples]
    contrasts = class_contrasts(adata, classes)
    markers = class_markers(contrasts, profiles, top=snakemake.params.markers)
    write_table(markers, snakemake.output.markers)
    with atomic_path(snakemake.output.classes) as temporary:
        classes.write_h5ad(temporary)
