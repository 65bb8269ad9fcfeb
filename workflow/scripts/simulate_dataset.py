"""Write a data set with planted truth in the files that real data comes in."""

from pathlib import Path

from _job import job

with job(snakemake):
    from svqvae.pp.simulation import Simulation, write_simulated

    simulation = Simulation.from_settings(snakemake.params.simulation)
    write_simulated(Path(snakemake.output.signatures).parent, simulation)
