"""Decode, cluster and correlate the classes of one model; find their markers and networks."""

from pathlib import Path

from _job import job

with job(snakemake):
    from svqvae.io.atomic import write_table
    from svqvae.io.h5ad import write_anndata
    from svqvae.io.own import open_h5ad
    from svqvae.tl.relations import network
    from svqvae.tl.relations.describe import class_table, describe_classes
    from svqvae.tl.relations.fold_classes import FoldClasses

    out = snakemake.output
    adata = open_h5ad(snakemake.input.signatures, backed=True)
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
    write_anndata(out.classes, classes)
