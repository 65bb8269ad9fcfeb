# Figures, each as svg and png beside the table it draws: all those of a data set by one job, and all
# those of a model on it. svqvae/results says which there are.
for job, drawing in svqvae.run.cases.drawings(config).items():

    rule:
        name:
            job
        input:
            unpack(drawn_from(drawing.figures)),
        output:
            svg=[reported(figure, named(figure.title)) for figure in drawing.figures],
            beside=[
                f"{RESULTS}/{path}"
                for figure in drawing.figures
                for path in figure.beside
            ],
            # Kinds of file that analysis.figures asks for.
            also=[
                path
                for figure in drawing.figures
                for path in svqvae.run.cases.also_of(
                    f"{RESULTS}/{figure.template}", LOOK["kinds"]
                )
            ],
        log:
            f"{LOGS}/{drawing.figures[0].folder}/draw.log",
        wildcard_constraints:
            dataset="|".join(map(re.escape, drawing.datasets)),
            model="|".join(map(re.escape, drawing.models)) or "(?!)",
        group:
            # Those of a model are drawn where its classes are described.
            "describe" if any(drawing.models) else "summarise"
        conda:
            "../envs/svqvae.yaml"
        resources:
            mem_mb=by_attempt(4000),
            runtime=by_attempt(60),
        params:
            figures=[figure.name for figure in drawing.figures],
            calls=[f"{figure.table} {figure.draw}" for figure in drawing.figures],
            roles=ROLES,
            look=LOOK | {"has_others": len(STUDIED) > 1},
            code=lambda w, drawing=drawing: code_of_script(
                "draw", *sorted({m for f in drawing.figures for m in f.modules})
            ),
        script:
            "../scripts/draw.py"
