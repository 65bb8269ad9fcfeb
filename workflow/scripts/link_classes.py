"""Write the networks of one model's mechanisms, for people and for Cytoscape and Gephi."""

from _job import job

with job(snakemake):
    import anndata as ad

    from svqvae.io.atomic import write_table
    from svqvae.io.tables import read_result
    from svqvae.tl.relations import network

    relations = read_result(snakemake.input.relations)
    clusters, obs = read_result(snakemake.input.clusters), ad.read_h5ad(snakemake.input.classes).obs
    edges, hubs = network.significant_edges(relations), network.hub_table(relations)
    nodes = network.node_table(clusters, hubs, obs)
    write_table(edges, snakemake.output.edges)
    write_table(hubs, snakemake.output.hubs)
    network.write_graphml(edges, nodes, snakemake.output.network)
    network.write_graphml(network.nearest_edges(relations), nodes, snakemake.output.nearest)
