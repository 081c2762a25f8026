"""The files of a ledger as columns of a page."""

from __future__ import annotations

from lissom.report.ledger_columns import columns
from made_ledgers import large, ledger


def whole(column) -> list[int]:
    if isinstance(column, list):
        return column
    runs = column["runs"]
    return [value for value, often in zip(runs[::2], runs[1::2], strict=True) for _ in range(often)]


def test_every_file_is_told_as_it_is() -> None:
    told = ledger()
    data = columns(told)
    directories = [""]
    for name, parent in zip(data["dn"][1:], data["dp"][1:], strict=True):
        directories.append(f"{directories[parent]}/{name}")
    paths = [f"{directories[d]}/{n}" for d, n in zip(whole(data["d"]), data["n"], strict=True)]
    assert paths == [f"/{share.path}" for share in told.shares]
    assert data["s"] == [share.size for share in told.shares]
    assert whole(data["l"]) == [share.layer for share in told.shares]
    assert whole(data["h"]) == [-1 if share.hidden_by is None else share.hidden_by for share in told.shares]
    assert [data["fates"][x] for x in whole(data["x"])] == [share.fate.value for share in told.shares]
    assert [data["packages"][g] for g in whole(data["g"])] == [share.package for share in told.shares]
    assert [w >= 0 for w in whole(data["w"])] == [share.waste is not None for share in told.shares]
    assert data["texts"][whole(data["q"])[6]] == "opt/src"
    assert data["hows"][data["how"][6]] == "a whiteout of a directory above"


def test_equal_neighbours_take_no_room() -> None:
    data = columns(large(10_000))
    assert data["x"] == {"runs": [0, 10_000]}
    assert isinstance(data["l"], list)
