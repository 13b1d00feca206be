"""What a change touches, as a team would meet it: params, stages, data, the lock chain."""

from mergegate.records.review import DataChange, FileChange, LockFinding, ParamChange, Reason, StageChange

PARAMS = (
    ParamChange(file="params.yaml", key="train.arguments.C", old="1.0", new="0.3", stages=("train",)),
    ParamChange(
        file="params.yaml", key="split.months", old=None, new='["2013-04"]', stages=("split", "profile")
    ),
    ParamChange(file="params.yaml", key="owner", old='"ana"', new=None),
)
STAGES = (
    StageChange(name="ingest", change="changed", reasons=(Reason(kind="data", what="data/raw/flights"),)),
    StageChange(
        name="train",
        change="changed",
        reasons=(
            Reason(kind="params", what="train.arguments.C"),
            Reason(kind="data", what="data/model/train"),
            Reason(kind="code", what="src/pipeline/train.py"),
        ),
    ),
    StageChange(name="calibrate", change="added"),
)
DATA = (
    DataChange(
        path="data/raw/flights",
        change="changed",
        rows_old=80_789,
        rows_new=109_119,
        bytes_old=1_301_552,
        bytes_new=1_772_100,
        files_old=3,
        files_new=4,
        files=(FileChange(path="2013-04.parquet", change="added", rows_new=28_330, bytes_new=470_548),),
        files_added=1,
    ),
    DataChange(
        path="data/raw/weather.parquet",
        change="changed",
        rows_old=26_115,
        rows_new=26_115,
        bytes_old=226_001,
        bytes_new=226_040,
        files_old=1,
        files_new=1,
    ),
)
LOST = DataChange(
    path="data/raw/flights",
    change="changed",
    rows_old=80_789,
    rows_new=28_330,
    bytes_old=1_301_552,
    bytes_new=470_548,
    files_old=3,
    files_new=1,
    files=(
        FileChange(path="2013-01.parquet", change="removed", rows_old=27_004, bytes_old=430_100),
        FileChange(path="2013-02.parquet", change="removed", rows_old=24_951, bytes_old=407_020),
        FileChange(path="2013-03.parquet", change="removed", rows_old=28_834, bytes_old=464_432),
        FileChange(path="2013-04.parquet", change="added", rows_new=28_330, bytes_new=470_548),
    ),
    files_added=1,
    files_removed=3,
)
BROKEN_CHAIN = (
    LockFinding(
        side="head",
        kind="input-mismatch",
        stage="train",
        path="data/model/train",
        message="train was run on data/model/train a1b2c3, but split wrote d4e5f6.",
        mend="dvc repro train",
    ),
    LockFinding(
        side="base",
        kind="ghost-stage",
        stage="old_stage",
        path="",
        message="dvc.lock has old_stage, which dvc.yaml no longer names.",
        mend="",
    ),
)
