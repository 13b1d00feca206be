from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from mergegate.dataset.tree import count_rows, diff_trees

trees = st.dictionaries(st.text(max_size=3), st.sampled_from(["a" * 32, "b" * 32]), max_size=6)


def test_what_was_lost_is_listed_first() -> None:
    diff = diff_trees({"jan": "1", "feb": "2", "mar": "3"}, {"jan": "1", "mar": "9", "apr": "4"})
    assert diff.entries() == (("feb", "removed"), ("mar", "changed"), ("apr", "added"))


@given(trees, trees)
def test_the_difference_mirrors_and_a_tree_equals_itself(old: dict[str, str], new: dict[str, str]) -> None:
    there, back = diff_trees(old, new), diff_trees(new, old)
    assert (there.added, there.removed, there.changed) == (back.removed, back.added, back.changed)
    assert diff_trees(old, old).entries() == ()


def test_rows_are_counted_from_the_footer(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2, 3]}), tmp_path / "three.parquet")
    assert count_rows(tmp_path / "three.parquet") == 3


def test_rows_of_anything_but_parquet_are_unknown(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2, 3]}), tmp_path / "cut.parquet")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "cut.parquet").read_bytes()[:40])
    (tmp_path / "table.csv").write_text("a\n1\n")
    assert [count_rows(tmp_path / name) for name in ("cut.parquet", "table.csv", "nothing")] == [None] * 3
