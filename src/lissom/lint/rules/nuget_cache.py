"""The packages that NuGet downloaded stay in the layer.

What: the first `dotnet restore`, `build` or `publish` in a stage that is shipped, without a cache mount at
`~/.nuget/packages`, and nothing behind it in the same RUN that clears it.
Why: packages stay beside what was published from them.
Bad:
    FROM mcr.microsoft.com/dotnet/sdk:8.0
    RUN dotnet publish -c Release -o /app
Good:
    FROM mcr.microsoft.com/dotnet/sdk:8.0
    RUN dotnet publish -c Release -o /app && dotnet nuget locals all --clear
Fix: provable: what `dotnet build` makes may load packages from there. None when something later calls dotnet to build
or run.
"""

from __future__ import annotations

from lissom.lint.caches.finding import checker
from lissom.lint.caches.languages import NUGET
from lissom.lint.rule import Category, Rule, Severity

__all__ = ["RULE"]

RULE = Rule(
    code="nuget-cache",
    title="The packages that NuGet downloaded stay in the layer",
    category=Category.SIZE,
    severity=Severity.WARNING,
    check=checker(NUGET, doubt=lambda _left: "what was built may load packages from there", once=True),
    page=__doc__ or "",
)
