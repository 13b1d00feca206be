"""The programs of a runner that reach the network or cost time, as small scripts that don't."""

import os
import sys
from pathlib import Path

from support import warm

PYTHON = """\
#!/bin/sh
here="${{0%/*}}"
case "$1 $2" in
  "-m pip" | "-m mergegate" | "-m dvc") program="$2"; shift 2; exec "$here/$program" "$@" ;;
  "-m venv") shift 2; exec "$here/venv" "$@" ;;
esac
exec {python} "$@"
"""

# Insists on what makes an installation the same everywhere, then puts the commands beside itself.
PIP = """\
#!{python} -IS
import os, pathlib, re, shutil, sys, tomllib

here = pathlib.Path(sys.argv[0]).parent
asked = sys.argv[1:]
VALUED = ("-r", "--requirement", "-c", "--constraint", "--target", "--prefix")

def refuse(why):
    sys.exit(f"pip {{' '.join(asked)}}: {{why}}")

def normalise(name):
    return re.sub("[-_.]+", "-", name).lower()

def install(program):
    shutil.copy2({tools!r} + "/" + program, here / program)

if asked and asked[0] in ("--version", "-V"):
    print("pip 0 (a stand-in)")
    sys.exit()
if not asked or asked[0] != "install":
    refuse("only `install` is stood in for")
rest, files, places, options = asked[1:], [], [], set()
while rest:
    argument = rest.pop(0)
    if argument in ("-r", "--requirement"):
        files.append(rest.pop(0))
    elif argument in VALUED:
        rest.pop(0)
    elif argument.startswith("-"):
        options.add(argument)
    else:
        places.append(argument)
if not files and not places:
    refuse("nothing to install")
record = here / ".installed"
known = set(record.read_text().split()) if record.exists() else set()
# Strangers install what they like, in jobs that nobody believes.
loose = os.environ.get("MERGEGATE_STRANGERS") and "--require-hashes" not in options
for file in files:
    if "--require-hashes" not in options and not loose:
        refuse("--require-hashes is missing")
    lines = pathlib.Path(file).read_text().replace("\\\\\\n", " ").splitlines()
    for line in lines:
        line = line.split(" #")[0].strip()
        if not line or line.startswith("#"):
            continue
        named = re.match(r"([A-Za-z0-9._-]+)(\\[[^]]*\\])?" + ("" if loose else "=="), line)
        if named is None or not (loose or "--hash=sha256:" in line):
            refuse(f"not pinned by a hash: {{line}}")
        known.add(normalise(named[1]))
for place in places:
    project = pathlib.Path(place.split("[")[0]) / "pyproject.toml"
    if not project.is_file():
        refuse(f"{{place}} is no local project")
    if not {{"--no-deps", "--no-build-isolation"}} <= options:
        refuse("a local project needs --no-deps and --no-build-isolation")
    told = tomllib.loads(project.read_text())
    for need in told["build-system"]["requires"]:
        if normalise(re.match("[A-Za-z0-9._-]+", need)[0]) not in known:
            refuse(f"{{need}}, which builds {{place}}, is not installed")
    known.add(normalise(told["project"]["name"]))
record.write_text("\\n".join(sorted(known)))
for program in ("dvc", "mergegate"):
    if program in known:
        install(program)
"""

VENV = """\
#!{python} -IS
import pathlib, shutil, sys

here = pathlib.Path(sys.argv[0]).parent
place = pathlib.Path(sys.argv[-1]).absolute()
programs = place / "bin"
programs.mkdir(parents=True, exist_ok=True)
for name in ("python", "python3", "pip", "pip3", "venv"):
    shutil.copy2(here / name, programs / name)
(place / "pyvenv.cfg").write_text("include-system-site-packages = false\\n")
lines = [f'VIRTUAL_ENV="{{place}}"', f'PATH="{{programs}}:$PATH"', "export VIRTUAL_ENV PATH", ""]
(programs / "activate").write_text("\\n".join(lines))
"""


def make_tools(folder: Path) -> None:
    """Write `python`, `pip` and `venv` into `folder/python`, and what pip can install into `folder/kept`."""
    kept = folder / "kept"
    for name in warm.PROGRAMS:
        _write(kept / name, warm.client())
    python = folder / "python"
    given = {"python": sys.executable, "tools": str(kept)}
    for name in ("python", "python3"):
        _write(python / name, PYTHON.format(**given))
    for name in ("pip", "pip3"):
        _write(python / name, PIP.format(**given))
    _write(python / "venv", VENV.format(**given))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)


def base_environment(home: Path) -> dict[str, str]:
    """What every step of a job sees: no setting of anyone's, and no way out but to 127.0.0.1."""
    nowhere = "http://127.0.0.1:9"
    return {
        "PATH": os.defpath if not Path("/usr/local/bin").is_dir() else f"/usr/local/bin:{os.defpath}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "DVC_NO_ANALYTICS": "1",
        "DVC_GLOBAL_CONFIG_DIR": str(home / "dvc-global"),
        "DVC_SYSTEM_CONFIG_DIR": str(home / "dvc-system"),
        "DVC_SITE_CACHE_DIR": str(home / "dvc-site"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PIP_NO_INDEX": "1",
        **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), nowhere),
        "no_proxy": "127.0.0.1,localhost",
        "NO_PROXY": "127.0.0.1,localhost",
    }
