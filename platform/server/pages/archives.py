"""Tests that are over, judged from a file of counts; nothing of the file is kept."""

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from experiments.analysis.stats.errors import StatsError
from experiments.errors import CountsError
from experiments.studies.historical.analysis import Analysis, analyse
from experiments.studies.historical.columns import Columns, guess
from experiments.studies.historical.document import as_json
from experiments.studies.historical.files import TEXT_SUFFIXES, read_sheet
from experiments.studies.historical.page import figures
from experiments.studies.historical.reading import Reading, read_counts
from experiments.studies.historical.text import as_text
from server.pages.archive_report import of_archive
from server.pages.chart_tables import of_figure
from server.pages.charts import Chart
from server.pages.figure_looks import style

MEGABYTE = 1024**2
MAX_BYTES = 10 * MEGABYTE
MAX_ROWS = 100_000  # ten seconds; more are the command's
SAMPLE_ROWS = 5
MOST_COLUMNS = 200
UNREADABLE = (CountsError, StatsError, pa.ArrowException, csv.Error, OSError)


class FileForm(forms.Form):
    """The file of counts."""

    file = forms.FileField(
        label="File of counts",
        help_text=f"Text: {', '.join(TEXT_SUFFIXES)}; at most {MAX_BYTES // MEGABYTE} MB.",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(TEXT_SUFFIXES)}),
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse what is not read here; programs other than the page's own send it, too."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        name, size = str(file.name), file.size or 0
        if Path(name).suffix.lower() not in TEXT_SUFFIXES:
            raise forms.ValidationError(f"{name} must end in {', '.join(TEXT_SUFFIXES)}.")
        if size > MAX_BYTES:
            raise forms.ValidationError(
                f"{name} has {size / MEGABYTE:.0f} MB, must have at most {MAX_BYTES // MEGABYTE}: "
                "let manage.py import_counts read it."
            )
        return file


class MappingForm(forms.Form):
    """The columns that hold the counts, among those of a file."""

    prefix = "column"
    test = forms.ChoiceField(help_text="Which test a row is of.")
    arm = forms.ChoiceField(required=False, help_text="Which arm of the test.")
    row_is_arm = forms.BooleanField(required=False, label="Each row is an arm of its own")
    impressions = forms.ChoiceField()
    clicks = forms.ChoiceField()
    date = forms.ChoiceField(required=False, help_text="If there is one: weeks are checked by it.")
    weight = forms.ChoiceField(
        required=False, help_text="Promised share; none where all are equal."
    )
    creative = forms.MultipleChoiceField(
        required=False, label="What was shown", help_text="One column, or several together."
    )
    control = forms.CharField(
        required=False,
        label="Name of the control",
        help_text="Empty for an arm called control, baseline, original or raw, else the first.",
    )

    def __init__(self, names: Sequence[str], data: Any = None) -> None:
        """Offer the file's columns; those known by their names are chosen at first."""
        known = guess(names, Columns())
        initial = {field.name: getattr(known, field.name) for field in fields(Columns)}
        super().__init__(data, initial=initial)
        for name, field in self.fields.items():
            if isinstance(field, forms.ChoiceField):
                none = [] if name == "creative" else [("", "none")]
                field.choices = [*none, *((each, each) for each in names)]

    def clean(self) -> dict[str, Any]:
        """Ask for arms, by a column or as rows."""
        given = dict(self.cleaned_data)
        if bool(given.get("arm")) == bool(given.get("row_is_arm")):
            self.add_error("arm", "Name the column, or say that each row is an arm: one of both.")
        return given

    @property
    def columns(self) -> Columns:
        """The columns chosen."""
        given = {field.name: self.cleaned_data[field.name] for field in fields(Columns)}
        return Columns(**{**given, "creative": tuple(given["creative"])})


def archives(request: HttpRequest) -> HttpResponse:
    """Take a file, show what its columns are taken for, and judge its tests once that is agreed."""
    form = FileForm(request.POST or None, request.FILES or None)
    is_part = bool(request.headers.get("HX-Request"))
    context: dict[str, Any] = {"form": form, "is_part": is_part}
    if request.method == "POST" and form.is_valid():
        try:
            with _on_disk(form.cleaned_data["file"]) as path:
                answer = _read(request, path, context)
        except UNREADABLE as error:
            form.add_error("file", str(error))
        else:
            if answer is not None:
                return answer
    part = "archive_columns" if is_part else "archives"
    return render(request, f"dashboards/{part}.html", context)


@contextmanager
def _on_disk(file: "UploadedFile[bytes]") -> Iterator[Path]:
    """Give the file's path, under its own name, for as long as it is read."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / Path(str(file.name)).name
        with path.open("wb") as copy:
            for block in file.chunks():
                copy.write(block)
        yield path


def _read(request: HttpRequest, path: Path, context: dict[str, Any]) -> HttpResponse | None:
    """Return the report; None where the columns are still to be agreed."""
    table = read_sheet(path).table
    if table.num_rows > MAX_ROWS:
        raise CountsError(
            f"{path.name} has {table.num_rows:,} rows, must have at most {MAX_ROWS:,} here: let "
            "manage.py import_counts read it"
        )
    names = table.column_names[:MOST_COLUMNS]
    act = request.POST.get("act")
    mapping = MappingForm(names, request.POST if act in {"report", "json"} else None)
    sample = table.slice(0, SAMPLE_ROWS).to_pylist()
    context |= {
        "mapping": mapping,
        "names": names,
        "sample": [[row[name] for name in names] for row in sample],
        "rows": table.num_rows,
    }
    if not mapping.is_valid():
        return None
    reading = read_counts(path, mapping.columns)
    analysis = analyse(reading.archive, control=mapping.cleaned_data["control"])
    if act == "json":
        return _download(reading, analysis, path.stem)
    shown = {"name": path.name, "reading": reading, "text": as_text(reading, analysis)}
    laid_out = of_archive(analysis) | {"charts": _charts(analysis)}
    return render(request, "dashboards/archive.html", shown | laid_out)


def _download(reading: Reading, analysis: Analysis, stem: str) -> HttpResponse:
    answer = HttpResponse(as_json(reading, analysis), content_type="application/json")
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="{stem.encode("ascii", "ignore").decode()}.json"'
    )
    return answer


def _charts(analysis: Analysis) -> list[dict[str, Any]]:
    drawn = []
    for number, (title, caption, figure) in enumerate(figures(analysis)):
        style(figure, legend=len(figure.data) > 1)
        chart = Chart(f"archive-{number}", title, caption, figure, of_figure(figure))
        drawn.append({"chart": chart, "figure": json.loads(figure.to_json())})
    return drawn
