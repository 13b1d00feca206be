"""Golden rows and a model's inputs to hold them against."""

from mergegate.golden import Row
from mergegate.golden.row import Cell
from mergegate.records.manifest import InputColumn, Manifest, Outputs

FILE = "golden/rows.csv"


def row(name: str = "a", *, file: str = FILE, inputs: dict[str, Cell] | None = None, **owed: object) -> Row:
    """A typed row that expects `late` of one flight, unless it is told otherwise."""
    fields: dict[str, object] = {
        "file": file,
        "place": "line 2",
        "name": name,
        "inputs": {"hour": 19, "carrier": "EV"} if inputs is None else inputs,
        "typed": True,
        "expected": "late",
        "reason": "Because.",
        "author": "Ada",
        **owed,
    }
    return Row(**fields)  # type: ignore[arg-type]


def manifest(
    *inputs: InputColumn, classes: tuple[str, ...] = ("late", "on_time"), task: str = "binary"
) -> Manifest:
    """A manifest of a number `hour` and a category `carrier`, or of other inputs."""
    return Manifest(
        schema=1,
        name="m",
        task=task,  # type: ignore[arg-type]
        target="late",
        inputs=inputs or (number("hour", missing=True), category("carrier", "EV", "DL")),
        outputs=Outputs(prediction="label", probabilities="probabilities"),
        classes=classes,
        labels="text" if classes else "none",
        files=(),
    )


def number(name: str, *, missing: bool = False) -> InputColumn:
    return InputColumn(name=name, kind="number", tensor=name, missing=missing)


def category(name: str, *values: str, missing: bool = False, unseen: bool = False) -> InputColumn:
    return InputColumn(
        name=name, kind="category", tensor=name, categories=values, missing=missing, unseen=unseen
    )
