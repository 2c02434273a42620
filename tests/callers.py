"""Callers of the statistics: which functions the report reaches, which only others, which none."""

import ast
from collections.abc import Iterable
from functools import cache

from tests.source_code import modules

STATS = "experiments.analysis.stats"
REPORT = ("experiments.analysis", "server")
HEAD = ("module", "the report uses", "only studies, annotation or `make audit`", "nobody yet")
Name = tuple[str, str]  # a module, and a function, class or constant of it


def table() -> str:
    """Return every public function of the statistics by who reaches it, in Markdown."""
    by_report, by_others = reached(_of_rooms(REPORT)), reached(_of_rooms(("",)) | _audit())
    rows: dict[str, list[list[str]]] = {}
    for name in sorted(_functions()):
        column = 0 if name in by_report else 1 if name in by_others else 2
        row = rows.setdefault(name[0].removeprefix(f"{STATS}."), [[], [], []])
        row[column].append(f"`{name[1]}`")
    lines = [[module, *map(", ".join, columns)] for module, columns in rows.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in [HEAD, ["---"] * len(HEAD), *lines])


def reached(start: Iterable[Name]) -> set[Name]:
    """Return the names of the product that the code under the names mentions, and so on."""
    found: set[Name] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name in _mentions() and name not in found:
            found.add(name)
            waiting += _mentions()[name]
    return found


@cache
def _mentions() -> dict[Name, set[Name]]:
    """Return by function, class or constant what of the product its code mentions."""
    return {
        (module, name): set(_mentioned(node, _imported(tree) | dict.fromkeys(own), module))
        for module, tree in _trees().items()
        if (own := _defined(tree))
        for name, node in own.items()
    }


def _mentioned(node: ast.AST, known: dict[str, Name | None], module: str) -> Iterable[Name]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and each.id in known:
            yield known[each.id] or (module, each.id)
        elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
            package = known.get(each.value.id)
            if package is not None:  # a module that was imported whole
                yield ".".join(package), each.attr


def _imported(tree: ast.Module) -> dict[str, Name | None]:
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _defined(tree: ast.Module) -> dict[str, ast.stmt]:
    """Return what a module defines at its top, by name."""
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {each.id: node for each in targets if isinstance(each, ast.Name)}
    return found


@cache
def _trees() -> dict[str, ast.Module]:
    return {
        path.removesuffix(".py").removeprefix("platform/").replace("/", "."): tree
        for path, tree in modules().items()
    }


def _of_rooms(rooms: tuple[str, ...]) -> set[Name]:
    """Return the names of the rooms' modules, but for those of the statistics."""
    return {name for name in _mentions() if name[0].startswith(rooms) and STATS not in name[0]}


def _audit() -> set[Name]:
    return {name for name in _mentions() if name[0] == f"{STATS}.audit"}


def _functions() -> set[Name]:
    return {
        (module, name)
        for module, tree in _trees().items()
        if module.startswith(STATS)
        for name, node in _defined(tree).items()
        if isinstance(node, ast.FunctionDef) and not name.startswith("_")
    }
