"""How a page in HTML writes what it tells of data; what is told with it is markup."""

from mergegate.report.data.voice import Voice
from mergegate.report.html import markup
from mergegate.report.html.markup import Markup, join, tag

__all__ = ["VOICE", "Markup", "join", "tag"]

VOICE = Voice(
    name=markup.name,
    text=markup.text,
    unit=markup.unit,
    value=markup.value,
    loud=lambda words: tag("strong", words),
    wide=True,
)
"""HTML's way; what it writes is markup, and so is what is told with it."""
