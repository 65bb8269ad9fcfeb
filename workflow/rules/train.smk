# The models of all folds and seeds, and that of all data (but a predefined test set); scores of the
# former on what they never saw. One job does it for a method on a data set: loading takes longer than
# most trainings. With spread_folds each training is a job.
# One thread each by default, so that results do not depend on --cores; for large data raise it in a
# profile with set-threads. Models of folds are temporary: what later steps need of them is
# taken where they are scored (fold_classes.h5ad); --notemp keeps them.
for name, job in PLAN.jobs().items():
    if SPREAD_FOLDS:

        rule:
            name:
                f"{name}_fold"
            input:
                signatures=file_of("signatures"),
                begun=lambda w: PLAN.begun_with(
                    w.dataset, w.model, [(w.fold, int(w.seed))]
                ),
            output:
                temp([f"{FOLD_DIR}/{file}" for file in job.files]),
            log:
                f"{LOGS}/{{dataset}}/{{model}}/train-{{fold}}-seed{{seed}}.log",
            wildcard_constraints:
                dataset=any_of(job.datasets),
                model=any_of(job.models),
            priority: job.priority
            conda:
                "../envs/svqvae.yaml"
            threads: 1
            resources:
                mem_mb=by_attempt(4000),
                runtime=by_attempt(240),
                gpu=lambda w: gpus(PLAN.device(w.model)),
            params:
                settings=lambda w: PLAN.settings(w.dataset, w.model),
                trainings=lambda w: PLAN.trainings(
                    w.dataset, w.model, [(w.fold, int(w.seed))]
                ),
                first=lambda w: f"{FOLD_DIR}/{CARD}".format(**w),
                unfinished=f"{MODEL_DIR}/.training-{{fold}}-seed{{seed}}",
                device=lambda w: PLAN.device(w.model),
                code=lambda w: code_of_training(w.model),
            script:
                "../scripts/train.py"

        rule:
            name:
                f"{name}_final"
            input:
                signatures=file_of("signatures"),
                begun=lambda w: PLAN.begun_with(w.dataset, w.model, [("all", SEEDS[0])]),
            output:
                [f"{FINAL_DIR}/{file}" for file in job.final_files],
            log:
                f"{LOGS}/{{dataset}}/{{model}}/train-all.log",
            wildcard_constraints:
                dataset=any_of(job.datasets),
                model=any_of(job.models),
            priority: job.priority
            conda:
                "../envs/svqvae.yaml"
            threads: 1
            resources:
                mem_mb=by_attempt(4000),
                runtime=by_attempt(240),
                gpu=lambda w: gpus(PLAN.device(w.model)),
            params:
                settings=lambda w: PLAN.settings(w.dataset, w.model),
                trainings=lambda w: PLAN.trainings(
                    w.dataset, w.model, [("all", SEEDS[0])]
                ),
                first=lambda w: f"{FINAL_DIR}/{CARD}".format(**w),
                unfinished=f"{MODEL_DIR}/.training-all",
                device=lambda w: PLAN.device(w.model),
                code=lambda w: code_of_training(w.model),
            script:
                "../scripts/train.py"

        rule:
            name:
                name.replace("train", "evaluate", 1)
            input:
                signatures=file_of("signatures"),
                models=lambda w: files_of_folds(fold_models(w)),
            output:
                **scored_files(job),
            log:
                f"{LOGS}/{{dataset}}/{{model}}/evaluate.log",
            wildcard_constraints:
                dataset=any_of(job.datasets),
                model=any_of(job.models),
            group:
                "describe"
            conda:
                "../envs/svqvae.yaml"
            resources:
                mem_mb=by_attempt(4000),
                runtime=by_attempt(60),
            params:
                training=training_of,
                first=lambda w: file_of("signatures").format(**w),
                models=fold_models,
                code=lambda w: code_of_script("evaluate"),
            script:
                "../scripts/evaluate.py"

    else:

        rule:
            name:
                name
            input:
                signatures=file_of("signatures"),
                begun=lambda w: PLAN.begun_with_all(w.dataset, w.model),
            output:
                [f"{FINAL_DIR}/{file}" for file in job.final_files],
                # As a folder: a file with a seed in its name, which no earlier run had, would keep
                # Snakemake from looking at the settings.
                [temp(directory(FOLDS_DIR))] if job.runs else [],
                **scored_files(job),
            log:
                f"{LOGS}/{{dataset}}/{{model}}/train.log",
            wildcard_constraints:
                dataset=any_of(job.datasets),
                model=any_of(job.models),
            # The longest, and what others wait for, before the rest.
            priority: job.priority
            conda:
                "../envs/svqvae.yaml"
            threads: 1
            resources:
                mem_mb=by_attempt(4000),
                runtime=by_attempt(240),
                gpu=lambda w: gpus(PLAN.device(w.model)),
            params:
                settings=lambda w: PLAN.settings(w.dataset, w.model),
                trainings=lambda w: PLAN.trainings(
                    w.dataset, w.model, PLAN.runs(w.dataset)
                ),
                first=lambda w: f"{FINAL_DIR}/{CARD}".format(**w),
                scored=fold_models,
                unfinished=f"{MODEL_DIR}/.training",
                device=lambda w: PLAN.device(w.model),
                code=lambda w: code_of_training(w.model, "train_and_evaluate"),
            script:
                "../scripts/train_and_evaluate.py"
