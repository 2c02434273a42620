"""Make the virtual environment and install what Coverlift needs; plain Python, run by `make`.

Runs before anything is installed, on the machine's own Python 3.11, so it imports the standard
library alone. A stamp of the requirements' hash makes a second run take no time.
"""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv"
PYTORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
ANSWER_WITHIN_S = 4.0
TORCH_CPU_MB = 190
TORCH_GPU_MB = 3000
OTHERS_MB = 310
DEVELOPMENT_MB = 55


class InstallError(RuntimeError):
    """The environment cannot be made; the message says why and what to do."""


def main() -> int:
    """Install, and say in a sentence what stands in the way if something does."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also what the tests and checks need")
    try:
        install(development=parser.parse_args().dev)
    except InstallError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    return 0


def install(*, development: bool) -> None:
    """Bring .venv to what the requirement files say.

    Raises:
        InstallError: where Python has the wrong version or a download fails.
    """
    if sys.version_info[:2] != (3, 11):
        found = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise InstallError(
            f"this is Python {found}, Coverlift needs 3.11: make PYTHON=/path/to/python3.11"
        )
    requirements = ROOT / ("requirements-dev.txt" if development else "requirements.txt")
    stamp = ENVIRONMENT / f"installed-{requirements.stem}-{_hash_of_requirements()}"
    if stamp.exists():
        return
    if not (ENVIRONMENT / "bin" / "python").exists():
        print(f"set-up: making a virtual environment in {ENVIRONMENT}", flush=True)
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
    _install_torch()
    extra = f" and {DEVELOPMENT_MB} MB for the tests" if development else ""
    print(f"set-up: installing the other packages (about {OTHERS_MB} MB{extra})", flush=True)
    _pip(["-r", str(requirements)], what=requirements.name)
    stamp.touch()
    print("set-up: done", flush=True)


def _hash_of_requirements() -> str:
    files = sorted([*ROOT.glob("requirements*.txt"), ROOT / "constraints.txt"])
    text = b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(text).hexdigest()[:16]


def _install_torch() -> None:
    """Install torch by itself: its CPU build is a tenth of the default one."""
    found = re.search(r"^torch==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    if found is None:
        raise InstallError("requirements.txt pins no torch==VERSION")
    torch = f"torch=={found[1]}"
    if _has_torch(found[1]):
        return
    if shutil.which("nvidia-smi"):
        print(f"set-up: installing {torch} for the GPU (about {TORCH_GPU_MB} MB)", flush=True)
    elif _answers(PYTORCH_CPU_INDEX + "/torch/"):
        print(f"set-up: installing {torch}, CPU build (about {TORCH_CPU_MB} MB)", flush=True)
        # That index holds torch alone: what torch needs comes with the other packages.
        _pip([torch, "--index-url", PYTORCH_CPU_INDEX, "--no-deps"], what=torch)
        return
    else:
        print(
            f"set-up: installing {torch} from pip's index (about {TORCH_CPU_MB} MB where that "
            f"has a CPU build, {TORCH_GPU_MB} MB otherwise); PyTorch's own did not answer",
            flush=True,
        )
    _pip([torch, "-c", str(ROOT / "constraints.txt")], what=torch)


def _has_torch(version: str) -> bool:
    words = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "show", "torch"]
    shown = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    return f"\nVersion: {version}" in shown


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_WITHIN_S) as answer:  # noqa: S310  https
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _pip(arguments: list[str], *, what: str) -> None:
    """Install, showing each download with its size as pip begins it."""
    words = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "install"]
    words += ["--disable-pip-version-check", "--progress-bar", "off", *arguments]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as pip:
        assert pip.stdout is not None  # noqa: S101  asked for above
        for line in pip.stdout:
            if said := _news(line.strip()):
                print(f"  {said}", flush=True)
    if pip.returncode:
        raise InstallError(
            f"pip could not install {what}: its own words are above. Without a way to a package "
            "index, set PIP_INDEX_URL or PIP_FIND_LINKS to one that can be reached, and run again"
        )


def _news(line: str) -> str:
    """Return what is worth showing of a line of pip's, or an empty text."""
    if line.startswith("Downloading ") and ".metadata" not in line:
        return line
    if line.startswith("Installing collected packages: "):
        return f"Installing {line.count(',') + 1} packages"
    return ""


if __name__ == "__main__":
    sys.exit(main())
