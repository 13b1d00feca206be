"""What every section of the policy is made of: a strict struct, described keys, patterns of texts."""

from typing import Annotated

from msgspec import Meta, Struct

from mergegate.config.ranges import Range

OWN_NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"
"""What a team's own metric may be called."""

FUNCTION_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$"
"""Where a function is: `package.module:function`."""

COLUMN_PATTERN = r"^(?!(row_id|y_true|y_pred)$|proba_)[\s\S]*\S"
"""A column of the predictions file that is not one of the contract's own."""

DATE_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
"""A day."""

FILLED_PATTERN = r"\S"
"""Any text but a blank one."""

LONGEST_FUNCTION = 200
MOST_SLICES = 20
LONGEST_UNIT = 20


def described(description: str, within: Range | None = None, **schema: object) -> Meta:
    """What the reference and the JSON Schema say of a key; that it holds is for the checks to see."""
    return Meta(description=description, extra_json_schema={**(within.schema if within else {}), **schema})


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Frozen, keyword-only, unknown keys refused."""


Column = Annotated[str, Meta(extra_json_schema={"pattern": COLUMN_PATTERN})]
"""A column of the predictions file, in a list of them."""
