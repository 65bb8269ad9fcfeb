"""Decode, cluster and correlate the classes of one model; find their markers and networks."""

from pathlib import Path

from _job import job

with job(snakemake):
    import anndata as ad

    from svqvae.io.atomic import atomic_path, write_table
    from svqvae.tl.relations import network
    from svqvae.tl.relations.describe import class_table, describe_classes
    from svqvae.tl.relations.fold_classes import FoldClasses

    out = snakemake.output
    adata = ad.read_h5ad(snakemake.input.signatures, backed="r")
    classes = class_table(Path(snakemake.input.model).parent, adata)
    tables = describe_classes(
        classes,
        adata,
        FoldClasses.read(snakemake.input.folds),
        n_clusters=snakemake.params.clusters,
        top=snakemake.params.markers,
    )
    relations = tables["mechanism_correlations"]
    edges, hubs = network.significant_edges(relations), network.hub_table(relations)
    nodes = network.node_table(tables["class_clusters"], hubs, classes.obs)
    tables |= {"edges": edges, "hubs": hubs}
    for name, table in tables.items():
        write_table(table, out[name])
    network.write_graphml(edges, nodes, out.network)
    network.write_graphml(network.nearest_edges(relations), nodes, out.nearest)
    with atomic_path(out.classes) as temporary:
        classes.write_h5ad(temporary)
