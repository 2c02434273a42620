"""Licences of what Coverlift runs on, as the installed packages state them."""

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
HEAD = ("package", "version", "licence", "in the web image")
CLASSIFIER = "License :: OSI Approved :: "


def pins(name: str) -> dict[str, str]:
    """Return version by package of a file of requirements, names as pip compares them."""
    found = PIN.findall((ROOT / name).read_text())
    return {re.sub(r"[-_.]+", "-", package).lower(): version for package, version in found}


def table() -> str:
    """Return every package with its licence, in Markdown."""
    web, every = pins("requirements-web.lock"), pins("requirements.lock")
    every |= {"torch": pins("requirements.txt")["torch"]}
    lines = [HEAD, ["---"] * len(HEAD)]
    for name, version in sorted(every.items()):
        licence = licence_of(distribution(name))
        lines.append([name, version, licence, "yes" if name in web else ""])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def licence_of(package: Distribution) -> str:
    """Return what a package says of its licence, in a few words."""
    said = package.metadata
    if "License-Expression" in said:
        return said["License-Expression"]
    classifiers = [each.rpartition(" :: ")[2] for each in said.get_all("Classifier") or []
                   if each.startswith(CLASSIFIER)]  # fmt: skip
    stated = "".join(said.get_all("License") or [])
    return ", ".join(classifiers) or stated.strip().partition("\n")[0][:60] or "not stated"
