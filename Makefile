# `make demo` and `make test` are the only set-up that a fresh Debian or Ubuntu machine needs.
PYTHON ?= python3
BIN := .venv/bin
# What the integration tests hold lissom against; the tests themselves skip, with a reason, what is missing.
WITNESSES := docker.io docker-registry skopeo umoci podman buildah mmdebstrap faketime busybox-static uidmap gpgv gnupg \
	openssh-client openssl libcap2-bin attr git zstd xz-utils bzip2 chromium sqv

.PHONY: demo test lint bench witnesses clean

demo: .venv/ready
	@tools/need "to check the archive's signature and to run as an ordinary user" gpgv uidmap
	@examples/article/demo

test: .venv/tested lint witnesses
	$(BIN)/pytest -n $(shell nproc) --dist loadgroup

witnesses:
	@tools/need "for the integration tests" $(WITNESSES)

lint: .venv/tested
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy

bench: .venv/tested witnesses
	$(BIN)/python benchmarks/build.py

.venv/ready: pyproject.toml
	@command -v $(PYTHON) >/dev/null || tools/need "to run lissom" python3
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || tools/need "for a virtual environment" python3-venv
	@echo "lissom: setting up .venv" >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -qq --disable-pip-version-check --editable .
	@touch $@

.venv/tested: .venv/ready
	@echo "lissom: adding the test tools to .venv" >&2
	@$(BIN)/pip install -qq --disable-pip-version-check --editable '.[dev]'
	@touch $@

clean:
	rm -rf .venv .demo build dist src/*.egg-info
