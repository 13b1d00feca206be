"""What is wrong with a policy: each problem with its place, all of them in one error."""

from msgspec import Struct

from mergegate.errors import Code, ConfigError

KeyPath = tuple[str | int, ...]
"""A place in the file: mapping keys and list positions from the root."""

MOST_SHOWN = 20
LONGEST_SHOWN = 80


class Problem(Struct, frozen=True, kw_only=True):
    """One thing to mend: `key` as people write it (`models.late.gates.metrics[0].min`), `line` 1-based."""

    file: str
    key: str
    line: int | None
    message: str
    hint: str = ""


class PolicyError(ConfigError):
    """The policy can't be used; `problems` holds every reason, in the file's order, at least one."""

    code: Code = "policy-invalid"

    def __init__(self, problems: list[Problem], *, code: Code | None = None) -> None:
        first = problems[0]
        super().__init__(
            first.message, file=first.file, key=first.key, line=first.line, hint=first.hint, code=code
        )
        self.problems = tuple(problems)
        if len(problems) > 1:
            self.message = _listing(problems)
            self.hint = ""
            self.args = (self.message,)


def _listing(problems: list[Problem]) -> str:
    """One paragraph of text for several problems."""
    lines = [f"{problems[0].file}: {len(problems)} problems"]
    for problem in problems[:MOST_SHOWN]:
        error = ConfigError(problem.message, file=problem.file, key=problem.key, line=problem.line)
        lines.append(f"  {error.message}")
        if problem.hint:
            lines.append(f"    next: {problem.hint}")
    if len(problems) > MOST_SHOWN:
        lines.append(f"  and {len(problems) - MOST_SHOWN} more")
    return "\n".join(lines)


def written(path: KeyPath) -> str:
    """A key path as people write it; hostile keys are cut and escaped."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{printable(part)}"
    return text.removeprefix(".")


def printable(text: str) -> str:
    """Text from the file, safe on one line of a terminal: cut, control and bidirectional signs escaped."""
    cut = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in cut
    )
