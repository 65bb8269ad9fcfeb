# The models of all folds and seeds, and that of all data (but a predefined test set); scores of the
# former on what they never saw. One job does it for a method on a data set: loading takes longer than
# most trainings. With spread_folds each training is a job.
# One thread each by default, so that results do not depend on --cores; for large data raise it in a
# profile with set-threads. Models of folds are temporary: what later steps need of them is
# taken where they are scored (fold_classes.h5ad); --notemp keeps them.
if SPREAD_FOLDS:

    rule train_fold:
        input:
            signatures=file_of("signatures"),
            begun=lambda w: begun_with(w, [(w.fold, int(w.seed))]),
        output:
            temp(expand(f"{FOLD_DIR}/{{file}}", file=MODEL_FILES, allow_missing=True)),
        log:
            f"{LOGS}/{{dataset}}/{{model}}/train-{{fold}}-seed{{seed}}.log",
        priority: 1
        conda:
            "../envs/svqvae.yaml"
        threads: 1
        resources:
            mem_mb=4000,
            runtime=240,
        params:
            settings=lambda w: settings_of(w.dataset, w.model),
            trainings=lambda w: trainings(w.dataset, w.model, [(w.fold, int(w.seed))]),
            unfinished=f"{MODEL_DIR}/.training-{{fold}}-seed{{seed}}",
            code=lambda w: code_of_training(w.model),
        script:
            "../scripts/train.py"

    rule train_final:
        input:
            signatures=file_of("signatures"),
            begun=lambda w: begun_with(w, [("all", SEEDS[0])]),
        output:
            expand(f"{FINAL_DIR}/{{file}}", file=MODEL_FILES, allow_missing=True),
        log:
            f"{LOGS}/{{dataset}}/{{model}}/train-all.log",
        priority: 1
        conda:
            "../envs/svqvae.yaml"
        threads: 1
        resources:
            mem_mb=4000,
            runtime=240,
        params:
            settings=lambda w: settings_of(w.dataset, w.model),
            trainings=lambda w: trainings(w.dataset, w.model, [("all", SEEDS[0])]),
            unfinished=f"{MODEL_DIR}/.training-all",
            code=lambda w: code_of_training(w.model),
        script:
            "../scripts/train.py"

    for name, models in scored_alike().items():

        rule:
            name:
                f"evaluate_{name}"
            input:
                signatures=file_of("signatures"),
                models=fold_models,
                weights=lambda w: weights_of(fold_models(w)),
            output:
                **scored_files(models),
            log:
                f"{LOGS}/{{dataset}}/{{model}}/evaluate.log",
            wildcard_constraints:
                model=any_of(models),
            conda:
                "../envs/svqvae.yaml"
            resources:
                mem_mb=4000,
                runtime=60,
            params:
                # What the models come from, which are not there to be compared with it.
                training=training_of,
                code=code_of_script("evaluate"),
            script:
                "../scripts/evaluate.py"

else:
    for job, (datasets, models, runs, first) in training_jobs().items():

        rule:
            name:
                job
            input:
                signatures=file_of("signatures"),
                begun=lambda w: begun_with(w, all_trainings(w.dataset)),
            output:
                expand(f"{FINAL_DIR}/{{file}}", file=MODEL_FILES, allow_missing=True),
                temp(expand(f"{{run}}/{{file}}", run=runs, file=MODEL_FILES)),
                **scored_files(models),
            log:
                f"{LOGS}/{{dataset}}/{{model}}/train.log",
            wildcard_constraints:
                dataset=any_of(datasets),
                model=any_of(models),
            # The longest, and what others wait for, before the rest.
            priority: first
            conda:
                "../envs/svqvae.yaml"
            threads: 1
            resources:
                mem_mb=4000,
                runtime=240,
            params:
                settings=lambda w: settings_of(w.dataset, w.model),
                trainings=lambda w: trainings(
                    w.dataset, w.model, all_trainings(w.dataset)
                ),
                scored=fold_models,
                unfinished=f"{MODEL_DIR}/.training",
                code=lambda w: code_of_training(w.model, "train_and_evaluate"),
            script:
                "../scripts/train_and_evaluate.py"
