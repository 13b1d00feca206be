"""What every record of the review is: frozen, keyword-only, strict."""

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Frozen, keyword-only, strict. A subclass says so again for the type checker."""
