"""What a frame has wrong, out of pandera's failures: bounded, by column, with the first offending rows."""

import msgspec
import pandas as pd
import pandera.pandas as pa

DUPLICATES = "multiple_fields_uniqueness"
ABSENT = "column_in_dataframe"
EXPECTED = {
    ABSENT: "the column to be there",
    DUPLICATES: "each key once",
    "field_uniqueness": "each value once",
    "not_nullable": "no missing value",
}
LONGEST = 60
"""Signs of a value that are kept."""
SHOWN = 3
"""Examples in a sentence; validation.json has more."""


class Example(msgspec.Struct, frozen=True):
    """An offending row: its key and the value, as text, cut to a length that a line can bear."""

    row_id: str
    value: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong. `rows` counts the offending rows; None for a column or source as a whole."""

    where: str
    column: str
    expected: str
    rows: int | None
    examples: tuple[Example, ...]
    advice: str

    @property
    def sentence(self) -> str:
        """The problem in one line, without the advice."""
        count = "" if self.rows is None else f", not so in {self.rows:,} row{'s' if self.rows > 1 else ''}"
        shown = [
            f"{example.row_id} ({example.value})"
            if example.row_id and example.value
            else example.row_id or example.value
            for example in self.examples[:SHOWN]
        ]
        first = f"; first: {', '.join(shown)}" if shown else ""
        return f"{self.where}, {self.column}: expected {self.expected}{count}{first}"


def find_problems(
    frame: pd.DataFrame, schema: pa.DataFrameSchema, *, where: str, max_examples: int = 10
) -> list[Problem]:
    """All that a frame has wrong, in the order of the schema's columns; `where` names the frame in each."""
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = _tell_apart(errors.failure_cases, schema)
    else:
        return []
    found = [
        _problem(frame, str(column), str(check), group, where=where, max_examples=max_examples)
        for (column, check), group in cases.groupby(["column", "check"], sort=False)
    ]
    place = {name: number for number, name in enumerate(schema.columns)}
    return sorted(found, key=lambda problem: place.get(problem.column, len(place)))


def _tell_apart(cases: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """pandera's failures with a column each, and without those that only follow from another.

    A column of the wrong type fails its other checks with an exception; a duplicate key once per column.
    """
    column = cases["column"].astype(object).where(cases["column"].notna(), "")
    absent, several = cases["check"] == ABSENT, cases["check"] == DUPLICATES
    column = column.mask(absent, cases["failure_case"]).mask(several, ", ".join(schema.unique or ()))
    cases = cases.assign(column=column)
    whole = cases["index"].isna()
    raised = whole & cases["failure_case"].astype(str).str.match(r"\w+Error\(")
    explained = cases["column"].isin(cases.loc[~raised, "column"])
    cases = cases[~(raised & explained)]
    return cases[~cases.duplicated(["column", "check", "index"]) | cases["index"].isna()]


def _problem(
    frame: pd.DataFrame, column: str, check: str, cases: pd.DataFrame, *, where: str, max_examples: int
) -> Problem:
    """One column's failures of one check; a case without `index` is about the whole column."""
    rows = cases[cases["index"].notna()]
    examples = [
        Example(row_id=row_id(frame, index), value="" if check == DUPLICATES else cut(value))
        for index, value in rows[["index", "failure_case"]].head(max_examples).itertuples(index=False)
    ]
    if rows.empty and column in frame:
        examples = [Example(row_id="", value=f"the column holds {frame[column].dtype}")]
    advice = "mend these rows in the source, or the rule in src/pipeline/schema.py if they are right"
    if check == ABSENT:
        advice = "bring it back (source, or params.yaml, ingest), or take it out of src/pipeline/schema.py"
    return Problem(
        where=where,
        column=column,
        expected=EXPECTED.get(check, check),
        rows=len(rows) or None,
        examples=tuple(examples),
        advice=advice,
    )


def row_id(frame: pd.DataFrame, index: int) -> str:
    """The key of a row, or its number where the frame has none."""
    return cut(frame["row_id"].iloc[index]) if "row_id" in frame else f"row {index}"


def cut(value: object) -> str:
    """A value as text on one line, at most LONGEST signs."""
    text = "missing" if pd.isna(value) else str(value)
    printable = "".join(sign if sign.isprintable() else "?" for sign in text)
    return printable if len(printable) <= LONGEST else f"{printable[: LONGEST - 1]}…"
