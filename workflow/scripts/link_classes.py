"""Write the networks of one model's mechanisms, for people and for Cytoscape and Gephi."""

from _job import job

with job(snakemake):
    import anndata as ad

    from svqvae.io.atomic import write_table
    from svqvae.io.tables import read_result
    from svqvae.tl.relations import network

    relations = read_result(snakemake.input.relations)
    obs = ad.read_h5ad(snakemake.input.classes).obs.drop(columns="cluster")
    hubs = network.hub_table(relations)
    classes = read_result(snakemake.input.clusters).merge(hubs, on="class")
    classes = classes.merge(obs, left_on="class", right_index=True)
    edges = network.significant_edges(relations)
    write_table(edges, snakemake.output.edges)
    network.write_graphml(edges, classes, snakemake.output.network)
    nearest = network.nearest_edges(relations)
    network.write_graphml(nearest, classes, snakemake.output.nearest)
    write_table(hubs, snakemake.output.hubs)
