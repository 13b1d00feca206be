"""`mergegate completion`: the script that teaches a shell the commands and options."""

import click
from click.shell_completion import get_completion_class

VARIABLE = "_MERGEGATE_COMPLETE"
"""What the script sets when it asks mergegate for completions; the command line reads it."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> int:
    """Print the completion script of a SHELL.

    \b
    To install it, add the line of your shell to its start-up file:
      bash  ~/.bashrc                   eval "$(mergegate completion bash)"
      zsh   ~/.zshrc                    eval "$(mergegate completion zsh)"
      fish  ~/.config/fish/config.fish  mergegate completion fish | source
    """
    completion = get_completion_class(shell)
    if completion is None:
        raise click.UsageError(f"click has no completion for {shell}")
    click.echo(completion(context.find_root().command, {}, "mergegate", VARIABLE).source())
    return 0
