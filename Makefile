# One door to every task. A fresh machine needs Rust (rustup reads rust-toolchain.toml) and Python 3.11 or newer.
#
#   make build        the package in release mode, in .venv
#   make demo         the main job on a real cell
#   make test         every check, Rust and Python
#   make test-jaxley  Jaxley's door beside Jaxley itself, in .venv-jaxley
#   make test-torch   runs made of tensors, with PyTorch, in .venv-torch
#   make bench        speed beside NEURON, Jaxley and Arbor
#   make fuzz         each parser for a minute

ifeq ($(OS),Windows_NT)
PYTHON ?= python
bin = $(venv)/Scripts
else
PYTHON ?= python3
bin = $(venv)/bin
endif

venv := .venv
test-jaxley .venv-jaxley/tools: venv := .venv-jaxley
test-torch .venv-torch/tools: venv := .venv-torch

export VIRTUAL_ENV = $(CURDIR)/$(venv)
export PYO3_PYTHON = $(CURDIR)/$(bin)/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

FUZZ_SECONDS ?= 60

.PHONY: build demo test test-jaxley test-torch bench fuzz clean
.DEFAULT_GOAL := build

.venv/tools .venv-jaxley/tools .venv-torch/tools: Makefile
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Loligo needs Python 3.11 or newer; name one with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(venv)
	$(bin)/python -m pip install --quiet "maturin>=1.10,<2"
	touch $@

build: .venv/tools
	$(bin)/maturin develop --release --extras plot

demo: build
	$(bin)/loligo demo

# The door runs the channels of jaxley-mech, which with its dependencies would bring Jaxley along.
test: .venv/tools
	$(bin)/maturin develop --release --extras test
	$(bin)/python -m pip install --quiet --no-deps jaxley-mech==0.4.0
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo test --locked --workspace
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/stubtest loligo._engine
	$(bin)/python -m pytest -n 2

test-jaxley: .venv-jaxley/tools
	$(bin)/maturin develop --release --extras test,test-jaxley
	$(bin)/python -m pytest -n 2 --jaxley=live -k test_jaxley

test-torch: .venv-torch/tools
	$(bin)/maturin develop --release --extras test,torch
	$(bin)/python -m pytest python/tests/test_torch.py python/tests/test_play.py --doctest-modules python/loligo/torch.py

bench: build
	$(bin)/python -m pip install --quiet -r benchmarks/requirements.txt
	$(bin)/python -m benchmarks.run

# cargo-fuzz wants unstable compiler flags; RUSTC_BOOTSTRAP lets the pinned stable compiler take them.
fuzz:
	command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	set -e; for target in $$(cargo fuzz list); do \
		RUSTC_BOOTSTRAP=1 cargo fuzz run "$$target" -- -max_total_time=$(FUZZ_SECONDS) -timeout=10; \
	done

clean:
	rm -rf .venv .venv-jaxley .venv-torch dist out
	cargo clean
	test ! -d fuzz || cargo clean --manifest-path fuzz/Cargo.toml
