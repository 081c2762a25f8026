"""The packages that conda downloaded stay in the layer.

What: `conda install`, `conda create` or `conda env create` (also mamba, micromamba) in a stage that is shipped, and
no `conda clean` (nor a removal of the package directory, nor a cache mount there) behind it in the same RUN.
Why: conda keeps each package as an archive and unpacked: often several hundred MB.
Bad:
    FROM continuumio/miniconda3
    RUN conda install -y numpy
Good:
    FROM continuumio/miniconda3
    RUN conda install -y numpy && conda clean --all --yes
Fix: provable: conda links files of environments to its packages, so that names of one file go with them.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.python import CONDA
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="conda-cache",
    title="The packages that conda downloaded stay in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(*CONDA, doubt=lambda _left: "conda links environments to its packages, and those names go"),
    page=__doc__ or "",
)
