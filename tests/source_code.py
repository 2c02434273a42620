"""The product's source as syntax trees, for the rules that no linter sees."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("platform/server", "platform/standalone", "experiments", "thumbnailer")
MODELS = {model.__name__ for model in apps.get_app_config("experiments").get_models()}
WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "update",
          "save", "delete"}  # fmt: skip
WRITING_SQL = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|COPY) +(\S+)")


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the product but migrations, by its path in the project."""
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text())
        for path in [*files, ROOT / "manage.py"]
        if path.parent.name != "migrations"
    }


def models_written(tree: ast.Module) -> set[str]:
    """Return the models whose rows a module writes by Django's methods.

    A receiver is followed back to a model's name by annotations and assignments, each name of a
    module having one meaning: ``video: Video``, ``waiting = Video.objects.filter(...)``.
    """
    known = {name: name for name in MODELS}
    for _ in range(2):  # a name may be used above its assignment
        for node in ast.walk(tree):
            known |= _names_given(node, known)
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    written = (_model(each.value, known) for each in calls
               if isinstance(each, ast.Attribute) and each.attr in WRITES)  # fmt: skip
    return {model for model in written if model is not None}


def _names_given(node: ast.AST, known: dict[str, str]) -> dict[str, str]:
    """Return the models of the names that an annotation, assignment or loop gives."""
    match node:
        case ast.arg(arg=name, annotation=ast.expr() as annotation):
            given = [(name, _model_in(annotation))]
        case (
            ast.Assign(targets=[target], value=value)
            | ast.For(target=target, iter=value)
            | (ast.comprehension(target=target, iter=value))
        ):
            model = _model(value, known)
            given = [(each.id, model) for each in ast.walk(target) if isinstance(each, ast.Name)]
        case _:
            given = []
    return {name: model for name, model in given if model is not None}


def _model_in(annotation: ast.expr) -> str | None:
    """Return the model that an annotation names, as in ``Iterable[Video]`` or ``"Video"``."""
    names = re.findall(r"\w+", ast.unparse(annotation))
    return next((name for name in names if name in MODELS), None)


def _model(node: ast.AST, known: dict[str, str]) -> str | None:
    """Return the model at the root of an expression such as ``videos.filter(...)[0]``."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return known.get(node.id) if isinstance(node, ast.Name) else None


def texts(tree: ast.Module) -> Iterator[str]:
    """Yield the module's texts but documentation; what an f-string puts in is ``{}``."""
    parts: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts |= {id(value) for value in node.values}
            yield "".join(_constant(value) for value in node.values)
        elif isinstance(node, ast.Expr):
            parts.add(id(node.value))
        elif isinstance(node, ast.Constant) and id(node) not in parts:
            yield str(node.value)


def _constant(part: ast.expr) -> Any:
    return part.value if isinstance(part, ast.Constant) else "{}"
