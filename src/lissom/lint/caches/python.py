"""Python's package managers."""

from __future__ import annotations

from lissom.lint.caches.cache import Cache, called
from lissom.lint.calls.call import Call

__all__ = ["CONDA", "PIP", "PIPENV", "POETRY", "UV"]


def _pip_off(call: Call) -> bool:
    return call.runs("pip", "config") and any(arg.endswith(".no-cache-dir") for arg in call.args)


PIP = Cache(
    what="pip's cache stays",
    fills=called("pip install|wheel|download"),
    paths=("~/.cache/pip",),
    flags=("--no-cache-dir", "--no-cache", "--cache-dir"),
    variables=("PIP_NO_CACHE_DIR",),
    folders=("PIP_CACHE_DIR",),
    clearing=called("pip cache purge|remove"),
    flag="--no-cache-dir",
    gone=("**/.cache/pip/**", "**/.cache/pip", "**/.cache"),
    reader=called("pip cache"),
    off=_pip_off,
    any_value=True,
    measured=("pip cache",),
)


def _uv_fills(call: Call) -> bool:
    if call.program == "uvx":
        return True
    verbs = [word.value for word in call.operands[:2]]
    return call.program == "uv" and (
        call.verb in ("sync", "add", "run", "build")
        or verbs in (["pip", "install"], ["pip", "sync"], ["tool", "install"])
    )


UV = Cache(
    what="uv's cache stays",
    fills=_uv_fills,
    paths=("~/.cache/uv",),
    flags=("--no-cache", "-n", "--no-cache-dir", "--cache-dir"),
    variables=("UV_NO_CACHE",),
    folders=("UV_CACHE_DIR",),
    clearing=called("uv cache clean|prune", "uv clean"),
    flag="--no-cache",
    gone=("**/.cache/uv/**", "**/.cache/uv", "**/.cache"),
    measured=("uv cache",),
)

POETRY = Cache(
    what="Poetry's cache stays",
    fills=called("poetry install|add|update|sync"),
    paths=("~/.cache/pypoetry/cache", "~/.cache/pypoetry/artifacts"),
    flags=("--no-cache",),
    folders=("POETRY_CACHE_DIR",),
    clearing=called("poetry cache clear"),
    flag="--no-cache",
    gone=("**/.cache/pypoetry/**", "**/.cache/pypoetry", "**/.cache"),
    measured=("poetry cache",),
)

PIPENV = Cache(
    what="the cache of pip stays",
    fills=called("pipenv install|sync|update", "pipx install|inject|upgrade"),
    paths=("~/.cache/pip",),
    variables=("PIP_NO_CACHE_DIR",),
    folders=("PIPENV_CACHE_DIR", "PIP_CACHE_DIR"),
    clearing=called("pip cache purge|remove"),
    command="rm -rf ~/.cache/pip ~/.cache/pipenv",
    gone=("**/.cache/pip/**", "**/.cache/pip", "**/.cache/pipenv/**", "**/.cache/pipenv", "**/.cache"),
    any_value=True,
    measured=("pip cache", "pipenv cache"),
)


def _conda_fills(call: Call) -> bool:
    if call.verb == "env":
        return any(arg in ("create", "update") for arg in call.args)
    return call.verb in ("install", "create", "update", "upgrade")


def _conda(program: str) -> Cache:
    return Cache(
        what=f"the packages that {program} downloaded stay",
        fills=lambda call: call.program == program and _conda_fills(call),
        paths=("/opt/conda/pkgs", "~/miniconda3/pkgs", "/opt/miniconda3/pkgs", "~/.conda/pkgs", "/opt/miniforge3/pkgs"),
        folders=("CONDA_PKGS_DIRS",),
        clearing=called("conda clean", "mamba clean", "micromamba clean"),
        command=f"{program} clean --all --yes",
        gone=("**/pkgs/**", "**/.conda/**"),
        reader=lambda call: call.program == program and call.has("--offline", "--use-local"),
        measured=("conda packages",),
    )


CONDA = tuple(_conda(program) for program in ("conda", "mamba", "micromamba"))
