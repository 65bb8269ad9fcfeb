# Figures, each as svg and png beside the table it draws. svqvae/results says which there are; those
# that the same data sets or models have are drawn by one job.
for job, figures in svqvae.results.drawn_together().items():

    rule:
        name:
            job
        input:
            unpack(drawn_from(figures)),
        output:
            svg=[reported(figure) for figure in figures],
            beside=[f"{RESULTS}/{path}" for figure in figures for path in figure.beside],
        log:
            f"{LOGS}/{figures[0].folder}/{job}.log",
        conda:
            "../envs/svqvae.yaml"
        resources:
            mem_mb=4000,
            runtime=60,
        params:
            figures=[figure.name for figure in figures],
            calls=[f"{figure.table} {figure.draw}" for figure in figures],
            roles=ROLES,
            code=code_of_script(
                "draw", *sorted({m for f in figures for m in f.modules})
            ),
        script:
            "../scripts/draw.py"
