"""Serves plotly.js out of the installed plotly package: charts work without internet."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

NAME = "plotly.min.js"


class PlotlyFinder(BaseFinder):
    """Finds one static file, `plotly.min.js`."""

    def __init__(self, *_args: object) -> None:
        spec = find_spec("plotly")
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError("plotly is not installed: run `make setup`")
        self.storage = FileSystemStorage(Path(spec.origin).parent / "package_data")

    def find(self, path: str, find_all: bool = False, **_: object) -> Any:  # noqa: FBT001, FBT002  Django's signature
        """Return where the file is, as one path or as a list of all; nothing for other names."""
        found = [self.storage.path(NAME)] if path == NAME else []
        return found if find_all or not found else found[0]

    def list(self, ignore_patterns: object) -> Iterator[tuple[str, FileSystemStorage]]:  # noqa: ARG002  Django's signature
        """Yield the one file and the storage that has it."""
        yield NAME, self.storage
