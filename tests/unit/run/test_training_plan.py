"""Which models of which folds are trained by which job."""

import pytest

from svqvae.run.training_plan import TrainingPlan


@pytest.fixture
def config():
    simulated = {"source": {"kind": "simulated"}, "labels": {"key": "moa"}}
    return {
        "datasets": {
            "planted": {**simulated, "split": {"folds": 2}},
            "other": simulated,
            "images": {"source": {"kind": "idx"}, "labels": {"key": "label"}},
        },
        "models": {
            "ours": {"preset": "svqvae"},
            "vae": {"preset": "vae", "epochs": 60},
            "logistic": {"preset": "vae_logistic", "epochs": 60},
            "mean": {"preset": "class_mean"},
            "lda": {"preset": "lda"},
        },
        "seeds": [3, 4],
    }


def test_each_fold_and_seed_is_trained_and_all_data_by_the_first(config):
    plan = TrainingPlan(config)
    left_out = [("0", 3), ("0", 4), ("1", 3), ("1", 4)]
    assert plan.left_out("planted") == left_out
    assert plan.runs("planted") == [*left_out, ("all", 3)]
    assert len(plan.runs("other")) == 5 * 2 + 1


def test_a_test_set_is_held_against_the_model_of_all_other_data(config):
    plan = TrainingPlan(config)
    assert plan.runs("images") == [("test", 4), ("all", 3)]
    cards = plan.fold_cards("images", "ours", [3, 4])
    assert cards == [
        "results/images/ours/model/model.json",
        "results/images/ours/folds/test-seed4/model.json",
    ]


def test_settings_are_those_of_the_preset_and_of_images_their_variant(config):
    plan = TrainingPlan(config)
    assert plan.settings("planted", "vae")["epochs"] == 60
    assert plan.settings("planted", "vae")["hidden"] == 1000
    assert plan.settings("images", "ours")["preset"] == "svqvae_image"


def test_what_a_model_begins_with_is_trained_once(config):
    plan = TrainingPlan(config)
    assert plan.base("planted", "logistic") == "vae"
    (one,) = plan.trainings("planted", "logistic", [("0", 4)])
    assert one["folder"] == "results/planted/logistic/folds/0-seed4"
    assert one["begin_with"] == "results/planted/vae/folds/0-seed4"
    files = plan.begun_with("planted", "logistic", [("0", 4)])
    assert f"{one['begin_with']}/model.safetensors" in files
    assert plan.begun_with("planted", "lda", [("0", 4)]) == []
    all_of_it = plan.begun_with_all("planted", "logistic")
    assert all_of_it[:2] == ["results/planted/vae/folds", "results/planted/vae/model/model.json"]
    assert plan.begun_with_all("planted", "lda") == []


def test_of_other_settings_it_is_trained_anew(config):
    config["models"]["vae"]["epochs"] = 61
    plan = TrainingPlan(config)
    assert plan.base("planted", "logistic") is None
    assert plan.trainings("planted", "logistic", [("0", 4)])[0]["begin_with"] is None


def test_a_model_has_its_parts_beside_it(config):
    plan = TrainingPlan(config)
    beside = plan.beside("results/planted/logistic/model/model.json")
    assert "results/planted/logistic/model/network/model.safetensors" in beside
    assert "results/planted/logistic/model/model.json" not in beside
    assert len(plan.files("lda")) == 3
    assert len(plan.final_files) == 3 * (4 * 3 + 6)


def test_every_model_on_every_data_set_is_trained_by_one_job(config):
    jobs = TrainingPlan(config).jobs()
    pairs = [(d, m) for job in jobs.values() for d in job.datasets for m in job.models]
    assert len(set(pairs)) == len(pairs) == 3 * 5
    names = {"long_networks", "networks", "means", "classifiers", "classifiers_on_network"}
    assert {f"train_{name}" for name in names} <= set(jobs)
    assert jobs["train_networks"].models == ("vae",)
    assert jobs["train_networks_2"].datasets == ("other",)
    assert jobs["train_classifiers_3"].runs == (("test", 4),)


def test_the_longest_trainings_come_first(config):
    config["models"]["paper"] = {"preset": "paper", "epochs": 250}
    jobs = TrainingPlan(config).jobs()
    assert jobs["train_long_networks"].models == ("ours", "paper")  # 300 and 250 epochs
    order = ("train_long_networks", "train_networks", "train_means")
    assert [jobs[name].priority for name in order] == [3, 2, 1]
    assert jobs["train_classifiers_on_network"].priority == 2
    assert jobs["train_classifiers"].priority == 1


def test_jobs_of_one_name_are_numbered(config):
    config["models"] |= {"logistic_2": {"preset": "vae_logistic", "epochs": 300}}
    jobs = TrainingPlan(config).jobs()
    pairs = [(d, m) for job in jobs.values() for d in job.datasets for m in job.models]
    assert len(set(pairs)) == len(pairs) == 3 * 6
    of_planted = {name: job for name, job in jobs.items() if job.datasets == ("planted",)}
    assert of_planted["train_classifiers_on_network"].models == ("logistic",)
    assert of_planted["train_classifiers_on_network_2"].models == ("logistic_2",)


def test_only_networks_are_trained_on_the_device_of_the_configuration():
    models = {"ours": {"preset": "svqvae"}, "lda": {"preset": "lda"}}
    plan = TrainingPlan({"datasets": {}, "models": models, "device": "cuda"})
    assert (plan.device("ours"), plan.device("lda")) == ("cuda", "cpu")
    assert TrainingPlan({"datasets": {}, "models": models}).device("ours") == "auto"
