# Two commands do everything on a fresh machine: `make run` and `make test`.
CONFIG ?= config/config.yaml
CORES  ?= $(shell nproc 2>/dev/null || echo 2)
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# uv does not read pip's find-links by itself; pass it on where it is set.
export UV_FIND_LINKS ?= $(PIP_FIND_LINKS)
export PYTHONUNBUFFERED = 1
# No plotting job may look for a screen.
export MPLBACKEND = Agg

.PHONY: run test bench bench-relations bench-full lint format clean

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet $$(grep '^uv==' constraints.txt)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode \
	  --constraints constraints.txt --editable '.[workflow,storage,dev]'
	touch $@

run: $(VENV)/.ready
	$(BIN)/snakemake --cores $(CORES) --configfile $(CONFIG)

test: $(VENV)/.ready
	$(BIN)/python -m pytest

bench: $(VENV)/.ready
	$(BIN)/python tests/benchmarks/bench_train.py
	$(BIN)/python tests/benchmarks/bench_time_to_error.py
	$(BIN)/python tests/benchmarks/bench_read.py

# What relations between mechanisms are worth, on simulated sets: three quarters of an hour.
bench-relations: $(VENV)/.ready
	$(BIN)/python tests/benchmarks/bench_relations.py docs/relations_scaling

# 6 GB of temporary disk and a minute, then 3 GB and half an hour.
bench-full: $(VENV)/.ready
	$(BIN)/python tests/benchmarks/bench_full_size.py
	$(BIN)/python tests/benchmarks/bench_scale.py docs/scaling

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check workflow
	$(BIN)/mypy
	$(BIN)/snakemake --lint

format: $(VENV)/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt workflow

clean:
	rm -rf $(VENV) .snakemake results/*
