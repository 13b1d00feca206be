"""The policy as a JSON Schema, and the line by which an editor finds it."""

import msgspec

from mergegate.config.policy import POLICY_FILE, Policy

HOME = "mergegate/mergegate"
"""The repository that publishes the schema."""

PUBLISHED = "docs/schema/policy.schema.json"
"""Where in that repository."""


def schema_text() -> str:
    """The JSON Schema of mergegate.yaml as indented text, as it is published."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": POLICY_FILE,
        **msgspec.json.schema(Policy),
    }
    return msgspec.json.format(msgspec.json.encode(document)).decode() + "\n"


def schema_address(commit: str, *, repository: str = HOME) -> str:
    """Where the schema of one commit, by its full name, is published: it never changes.

    `repository` is OWNER/NAME on github.com: that of the action which the workflows run.
    """
    return f"https://raw.githubusercontent.com/{repository}/{commit}/{PUBLISHED}"


def modeline(schema: str) -> str:
    """The first line of a policy file that tells an editor its schema, an address or a path beside it.

    Editors with a YAML language server read it: VS Code's YAML extension, Neovim, Emacs, JetBrains' IDEs.
    """
    return f"# yaml-language-server: $schema={schema}\n"
