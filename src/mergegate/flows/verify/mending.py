"""Commands that bring back what a folder had."""

import shlex


def bring_back(sha: str, path: str) -> str:
    """The command that adds what a folder had in a commit to what it has now."""
    folder, whole = shlex.quote(path), shlex.quote(f"{path}.whole")
    return (
        f"dvc get . {folder} --rev {sha[:12]} --out {whole} && cp -R {folder}/. {whole}/ && "
        f"rm -r {folder} && mv {whole} {folder} && dvc add {folder}"
    )
