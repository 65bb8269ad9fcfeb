# The models of all folds and seeds, and that of all data (but a predefined test set). One job trains
# those of one method one after the other: loading takes longer than most trainings.
# One thread each by default, so that results do not depend on --cores; for large data raise it in a
# profile with set-threads. Models of folds are temporary: svqvae.tl takes what is kept of them
# (fold_classes.h5ad); --notemp keeps them all.
if SPREAD_FOLDS:

    rule train_fold:
        input:
            signatures=file_of("signatures"),
            begun=lambda w: begun_with(w, [(w.fold, int(w.seed))]),
        output:
            temp(expand(f"{FOLD_DIR}/{{file}}", file=MODEL_FILES, allow_missing=True)),
        log:
            f"{LOGS}/{{dataset}}/{{model}}/train-{{fold}}-seed{{seed}}.log",
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

else:
    for job, (datasets, runs) in trained_alike().items():

        rule:
            name:
                job
            input:
                signatures=file_of("signatures"),
                begun=lambda w: begun_with(w, all_trainings(w.dataset)),
            output:
                expand(f"{FINAL_DIR}/{{file}}", file=MODEL_FILES, allow_missing=True),
                temp(
                    [
                        f"{MODEL_DIR}/folds/{fold}-seed{seed}/{file}"
                        for fold, seed in runs
                        for file in MODEL_FILES
                    ]
                ),
            log:
                f"{LOGS}/{{dataset}}/{{model}}/train.log",
            wildcard_constraints:
                dataset="|".join(map(re.escape, datasets)),
            # Before all else: what follows a training is shorter than one.
            priority: 1
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
                unfinished=f"{MODEL_DIR}/.training",
                code=lambda w: code_of_training(w.model),
            script:
                "../scripts/train.py"
