"""Reviews of datasets as a team would meet them, one per story, with what git and DVC know of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from mergegate.records.data import (
    Author,
    Cell,
    ColumnChange,
    ColumnProfile,
    DatasetReview,
    Fact,
    LabelChanges,
    LabelEdit,
    LabelShare,
    LabelSlice,
    Leak,
    RowChanges,
    SchemaChange,
    Shift,
)
from mergegate.records.review import DataChange, FileChange
from support.changes import DATA

KEY = ("year", "month", "day", "carrier", "flight", "origin", "sched_dep_time")
UA15 = ("2013", "1", "1", "UA", "15", "EWR", "515")
B6725 = ("2013", "1", "1", "B6", "725", "JFK", "545")


@dataclass(frozen=True)
class Story:
    """One dataset, and its file-level change where there is one."""

    dataset: DatasetReview
    change: DataChange | None = None


def dataset(**changes: Any) -> DatasetReview:
    """The flights with nothing changed, with `changes`."""
    fields: dict[str, Any] = {
        "path": "data/raw/flights",
        "format": "parquet",
        "files_read_old": 1,
        "files_read_new": 1,
        "rows": rows(),
    }
    return DatasetReview(**{**fields, **changes})


def rows(**changes: Any) -> RowChanges:
    """All of March the same, with `changes`."""
    fields: dict[str, Any] = {
        "key": KEY,
        "old": 28_834,
        "new": 28_834,
        "added": 0,
        "removed": 0,
        "changed": 0,
        "same": 28_834,
    }
    return RowChanges(**{**fields, **changes})


def labels(**changes: Any) -> LabelChanges:
    """Labels of the evaluation rows, some edited, with `changes`."""
    fields: dict[str, Any] = {
        "column": "late",
        "compared": 26_230,
        "changed": 212,
        "edits": (
            LabelEdit(old="true", new="false", rows=171),
            LabelEdit(old="false", new="true", rows=38),
            LabelEdit(old="false", new=None, rows=3),
        ),
        "edits_total": 3,
        "examples": (
            Cell(key=("2013-03-08-UA-15-EWR",), old="true", new="false"),
            Cell(key=("2013-03-08-B6-725-JFK",), old="false", new=None),
        ),
        "slices": (
            LabelSlice(column="origin", level="EWR", rows=9_410, changed=12),
            LabelSlice(column="origin", level="JFK", rows=8_712, changed=198),
            LabelSlice(column="origin", level="LGA", rows=8_108, changed=2),
        ),
        "contradictory_old": 14,
        "contradictory_new": 61,
        "authors": (Author(name="Ana Lima", commits=2), Author(name="Ben Okafor", commits=1)),
        "guideline": "docs/labels.md",
        "guideline_changed": False,
        "approval_needed": True,
    }
    return LabelChanges(**{**fields, **changes})


def profile(column: str, kind: str, **changes: Any) -> ColumnProfile:
    """A column that is alike on both sides, with `changes`."""
    both = {"type_old": kind, "type_new": kind, "missing_old": 0, "missing_new": 0}
    return ColumnProfile(**{"column": column, **both, **changes})


def leak(kind: str, sentence: str, **changes: Any) -> Leak:
    """Something that was looked for; nothing found unless `changes` say so."""
    return msgspec.convert({"kind": kind, "sentence": sentence, "found": 0, **changes}, Leak)


PROFILES = (
    profile(
        "month", "int64", distinct_old=1, distinct_new=2, low_old="3", low_new="3", high_old="3", high_new="4"
    ),
    profile(
        "carrier",
        "string",
        distinct_old=15,
        distinct_new=16,
        low_old="9E",
        low_new="9E",
        high_old="YV",
        high_new="YV",
    ),
    profile(
        "dep_delay",
        "float64",
        missing_old=None,
        missing_new=668,
        nan_old=0,
        nan_new=0,
        distinct_old=438,
        distinct_new=527,
        low_old="-25",
        low_new="-25",
        high_old="911",
        high_new="960",
    ),
)

SHIFT = (
    Shift(
        column="temp",
        kind="number",
        rows_old=80_789,
        rows_new=28_330,
        mean_old=39.91,
        mean_new=51.75,
        psi=1.2034,
        wasserstein=1.104,
        jensen_shannon=0.412,
        ks=0.481,
        p=1e-300,
        p_adjusted=1.9e-299,
        correction="Holm",
        notable=True,
        sentence="temp rose by 12 °F, 39.9 to 51.8 on average (PSI 1.2, large): the season may explain it.",
    ),
    Shift(
        column="carrier",
        kind="category",
        rows_old=80_789,
        rows_new=28_330,
        psi=0.2712,
        jensen_shannon=0.119,
        chi2=812.4,
        p=1e-90,
        p_adjusted=1.8e-89,
        correction="Holm",
        new_categories=("OO",),
        new_share=0.031,
        notable=True,
        sentence="carrier has a value that base has not, OO, in 3.1 % of the added rows.",
    ),
    Shift(
        column="distance",
        kind="number",
        rows_old=80_789,
        rows_new=28_330,
        mean_old=1006.8,
        mean_new=1038.7,
        psi=0.0041,
        wasserstein=0.043,
        jensen_shannon=0.021,
        ks=0.018,
        p=0.0031,
        p_adjusted=0.053,
        correction="Holm",
        missing_old=0.0,
        missing_new=0.0,
        sentence="distance hardly moved: 1,007 to 1,039 on average (PSI 0.004).",
    ),
    Shift(
        column="wind_gust",
        kind="number",
        rows_old=80_789,
        rows_new=28_330,
        mean_old=25.1,
        mean_new=25.4,
        psi=0.0312,
        wasserstein=0.061,
        jensen_shannon=0.058,
        ks=0.031,
        p=0.21,
        p_adjusted=1.0,
        correction="Holm",
        missing_old=0.79,
        missing_new=0.83,
        sentence="wind_gust hardly moved.",
    ),
)


def everything() -> DatasetReview:
    """One dataset in which every part has something to say."""
    told = stories()
    known = told["private"].dataset
    return dataset(
        path="data/model/evaluation",
        facts=told["month-lost"].dataset.facts,
        rows=rows(
            key=("row_id",),
            old=26_230,
            new=28_330,
            added=2_903,
            removed=803,
            changed=212,
            same=25_215,
            removed_keys=(("2013-01-02-UA-15-EWR",),),
            added_keys=(("2013-04-02-UA-15-EWR",),),
            duplicates_new=2,
        ),
        labels=labels(
            shares=(LabelShare(label="true", old=6_100, added=901), LabelShare(label=None, old=4, added=9)),
            old_rows=26_230,
            added_rows=2_903,
        ),
        leaks=told["leak"].dataset.leaks,
        schema=told["schema-break"].dataset.schema,
        columns=(*told["unit-change"].dataset.columns, *known.columns),
        profiles=(*PROFILES, *known.profiles),
        shift=SHIFT,
        shift_columns=19,
        notes=known.notes,
    )


def full() -> tuple[DatasetReview, ...]:
    """Every story's dataset, and one that no row of can be told apart."""
    unmatched = dataset(
        path="data/raw/unkeyed.csv",
        rows=rows(key=(), old=10, new=12, added=3, removed=1, same=9, duplicates_new=2, keyless_new=1),
        shift=SHIFT,
        notes=("a note",),
    )
    return (*(story.dataset for story in stories().values()), unmatched)


def huge(path: str, names: tuple[str, ...]) -> DatasetReview:
    """A dataset with one of everything for each name."""
    cells = tuple(Cell(key=(name,) * 5, old=name, new=name) for name in names)
    return dataset(
        path=path,
        facts=tuple(Fact(kind="files_lost", sentence=f"{name} is gone.", loud=True) for name in names),
        rows=rows(key=names[:5], removed=60, added=60, removed_keys=((path,) * 5,) * 5),
        schema=tuple(SchemaChange(kind="removed", column=name, old="string") for name in names),
        profiles=tuple(profile(name, "string") for name in names),
        columns=tuple(ColumnChange(column=name, changed=1, examples=cells[:5]) for name in names),
        labels=labels(
            edits=tuple(LabelEdit(old=name, new=name, rows=1) for name in names),
            examples=cells[:5],
            slices=tuple(LabelSlice(column=name, level=name, rows=2, changed=1) for name in names),
        ),
        leaks=tuple(leak("key", f"{name} leaks.", found=1, examples=names[:5]) for name in names),
        shift=tuple(msgspec.structs.replace(SHIFT[0], column=name) for name in names),
        notes=names,
    )


def stories() -> Mapping[str, Story]:
    """Each story by the name of its golden files."""
    return {**_rows(), **_meaning(), **_dark()}


def _rows() -> dict[str, Story]:
    """Rows and files came and went."""
    lost = DataChange(
        path="data/raw/flights",
        change="changed",
        rows_old=80_789,
        rows_new=51_955,
        bytes_old=1_301_552,
        bytes_new=837_120,
        files_old=3,
        files_new=2,
        files=(FileChange(path="2013-03.parquet", change="removed", rows_old=28_834, bytes_old=464_432),),
        files_removed=1,
    )
    return {
        "rows-added": Story(
            dataset(
                files_read_old=0,
                files_skipped=3,
                rows_skipped=80_789,
                rows=rows(old=0, new=28_330, added=28_330, same=0, added_keys=(UA15, B6725)),
                labels=labels(
                    compared=0,
                    changed=0,
                    edits=(),
                    edits_total=0,
                    examples=(),
                    slices=(),
                    authors=(),
                    contradictory_old=None,
                    contradictory_new=None,
                    guideline="",
                    guideline_changed=None,
                    approval_needed=False,
                    old_rows=80_789,
                    added_rows=27_662,
                    shares=(
                        LabelShare(label="false", old=60_512, added=19_917),
                        LabelShare(label="true", old=20_277, added=7_745),
                    ),
                ),
                profiles=PROFILES,
                shift=SHIFT[2:],
                shift_columns=19,
            ),
            DATA[0],
        ),
        "month-lost": Story(
            dataset(
                files_read_new=0,
                files_skipped=2,
                rows_skipped=51_955,
                facts=(
                    Fact(
                        kind="files_lost",
                        sentence="1 of base's 3 files is gone, 2013-03.parquet, and with it 28,834 rows.",
                        loud=True,
                    ),
                ),
                rows=rows(new=0, removed=28_834, same=0, removed_keys=(UA15, B6725)),
            ),
            lost,
        ),
        "unchanged": Story(dataset(changed=False)),
    }


def _meaning() -> dict[str, Story]:
    """The same rows mean something else."""
    evaluation = {
        "path": "data/model/evaluation",
        "rows": rows(key=("row_id",), old=26_230, new=26_230, changed=212, same=26_018),
    }
    return {
        "labels-edited": Story(
            dataset(
                **evaluation,
                labels=labels(),
                columns=(
                    ColumnChange(
                        column="late",
                        changed=212,
                        emptied=3,
                        examples=(Cell(key=("2013-03-08-UA-15-EWR",), old="true", new="false"),),
                    ),
                ),
            )
        ),
        "leak": Story(
            dataset(
                **{
                    **evaluation,
                    "rows": rows(key=("row_id",), old=26_230, new=28_330, added=2_100, same=26_230),
                },
                leaks=(
                    leak(
                        "key",
                        "120 of 28,330 evaluation rows are in the training set too.",
                        found=120,
                        of=28_330,
                        found_old=0,
                        examples=("2013-04-01-UA-15-EWR", "2013-04-01-B6-725-JFK"),
                    ),
                    leak("content", "No evaluation row has the inputs of a training row.", of=28_330),
                    leak(
                        "group",
                        "Groups can't be looked for: data/model/train has no column `tailnum`.",
                        found=None,
                        judged=False,
                    ),
                    leak(
                        "single_feature",
                        "dep_delay alone tells late from not late with an AUC of 0.97.",
                        column="dep_delay",
                        found=None,
                        measure="AUC",
                        strength=0.9712,
                    ),
                    leak(
                        "known_later",
                        "dep_delay is known only after departure, as the policy says.",
                        column="dep_delay",
                        found=None,
                    ),
                ),
                schema=(
                    SchemaChange(
                        kind="added",
                        column="dep_delay",
                        new="float64",
                        additive=True,
                        sentence="dep_delay is new (float64, may be missing).",
                    ),
                ),
            )
        ),
        "schema-break": Story(
            dataset(
                schema=(
                    SchemaChange(
                        kind="added",
                        column="tz",
                        new="string",
                        additive=True,
                        sentence="tz is new (string, may be missing).",
                    ),
                    SchemaChange(
                        kind="removed", column="tailnum", old="string", sentence="tailnum is gone (string)."
                    ),
                    SchemaChange(
                        kind="retyped",
                        column="flight",
                        old="int64",
                        new="string",
                        sentence="flight went from int64 to string: readers that count with it break.",
                    ),
                    SchemaChange(
                        kind="renamed",
                        column="dest",
                        old="dest",
                        new="destination",
                        sentence="dest seems to be renamed to destination: every value is the same.",
                    ),
                ),
                profiles=(
                    profile("flight", "int64", type_new="string", distinct_old=3_844, distinct_new=3_844),
                    ColumnProfile(column="tailnum", type_old="string", missing_old=201, distinct_old=3_012),
                    ColumnProfile(column="tz", type_new="string", missing_new=0, distinct_new=1),
                ),
            )
        ),
        "unit-change": Story(
            dataset(
                path="data/raw/weather.parquet",
                rows=rows(
                    key=("origin", "time_hour"), guessed=True, old=26_115, new=26_115, changed=26_114, same=1
                ),
                columns=(
                    ColumnChange(
                        column="temp",
                        changed=26_114,
                        mean=30.18,
                        largest=56.9,
                        pattern="× 1.8 + 32",
                        examples=(Cell(key=("EWR", "2013-01-01 06:00"), old="3.9", new="39.02"),),
                    ),
                    ColumnChange(column="wind_gust", changed=12, filled=9, emptied=1, mean=0.41, largest=2.3),
                ),
            ),
            msgspec.structs.replace(DATA[1], rows_old=26_115),
        ),
    }


def _dark() -> dict[str, Story]:
    """What can't be seen, or must not be."""
    return {
        "unreadable-head": Story(
            dataset(
                rows=None,
                problem="head's data/raw/flights/2013-04.parquet is cut off after 31,744 bytes.",
                hint="write it again and run `dvc add data/raw/flights`",
            ),
            msgspec.structs.replace(DATA[0], rows_new=None),
        ),
        "private": Story(
            dataset(
                path="data/raw/customers.csv",
                format="csv",
                rows=rows(
                    key=("email",),
                    old=5_210,
                    new=5_208,
                    removed=2,
                    changed=7,
                    same=5_201,
                    removed_keys=(("5f3c9a10",), ("e81b22d4",)),
                ),
                columns=(
                    ColumnChange(column="income", changed=5, private=True),
                    ColumnChange(
                        column="city",
                        changed=2,
                        examples=(Cell(key=("77ab01ce",), old="Lisboa", new="Lisbon"),),
                    ),
                ),
                profiles=(
                    profile("email", "string", distinct_old=5_210, distinct_new=5_208, private=True),
                    profile("income", "float64", missing_old=40, missing_new=41, private=True),
                    profile(
                        "city",
                        "string",
                        distinct_old=88,
                        distinct_new=88,
                        low_old="Aarhus",
                        low_new="Aarhus",
                        high_old="Zwolle",
                        high_new="Zwolle",
                    ),
                ),
                notes=(
                    "email and income are private: keys are shown as hashes that differ from run to run.",
                ),
            )
        ),
    }
