"""The arrows of the design, read from the imports.

server → app → serving, schema, statements → resolvers → models → models/rules.
"""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from graphlib import TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

ROOT = Path(__file__).parent.parent
LAYERS = [
    "models.rules",
    "models",
    "resolvers",
    "statements",
    "serving",
    "schema",
    "settings",
    "logs",
    "app",
    "server",
]
"""Lowest first."""
MOST_FILES = 20
"""How many files of code a folder may hold."""

SOURCES = sorted(
    path
    for pattern in (
        "server.py",
        "app.py",
        "settings.py",
        "logs.py",
        "schema/**/*.py",
        "serving/**/*.py",
        "statements/**/*.py",
        "resolvers/**/*.py",
        "models/**/*.py",
    )
    for path in ROOT.glob(pattern)
)
TREES = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_bytes()) for path in SOURCES}
RULES = [name for name in TREES if name.startswith("models/rules/")]

PURE_MODULES = {
    *(
        "bisect",
        "calendar",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "functools",
    ),
    *("hashlib", "heapq", "itertools", "math", "operator", "re", "string", "typing", "uuid"),
}
"""What the rules may import of the standard library: nothing there does input or output."""

IMPURE_CALLS = {"open", "print", "input", "now", "utcnow", "today", "uuid1", "uuid4"}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb"}
LEDGER_TABLES = {"WALLET", "LOT", "ENTRY", "DRAW", "IDEMPOTENCY"}
LEDGER_SQL = re.compile(
    r"\b(?:insert\s+into|update|delete\s+from)\s+\"?(?:wallet|lot|entry|draw|idempotency)\b", re.I
)


def imported(name: str) -> Iterator[str]:
    """What the file imports, each by its whole dotted name."""
    package = name.rpartition("/")[0].replace("/", ".")
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{module}.{alias.name}" for alias in node.names)


def words(name: str) -> Iterator[str]:
    """The names and attributes that the file mentions."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name


def module_of(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def at_run_time(name: str) -> Iterator[str]:
    """The modules of the house that the file imports when it is imported itself."""
    modules = {module_of(other) for other in TREES}
    for node in TREES[name].body:
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=str(module)):
                for alias in node.names:
                    inner = f"{module}.{alias.name}"
                    yield inner if inner in modules else module


def called(name: str) -> Iterator[str]:
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2]


def layer(module: str) -> int | None:
    """The layer of a module, by its number; None where it is not one of the house's."""
    numbers = (n for n, prefix in enumerate(LAYERS) if f"{module}.".startswith(f"{prefix}."))
    return next(numbers, None)


def climbs(name: str) -> list[str]:
    """The imports of the file that point up."""
    own = layer(name.removesuffix(".py").replace("/", "."))
    assert own is not None
    return [module for module in imported(name) if (layer(module) or 0) > own]


def ledger_writes(name: str) -> Iterator[str]:
    """Where the file writes a ledger table: TABLE.insert, transaction.insert(TABLE ...), or SQL."""
    for node in ast.walk(TREES[name]):
        match node:
            case ast.Attribute(value=table, attr="insert" | "update"):
                written = ast.unparse(table).rpartition(".")[2] in LEDGER_TABLES
            case ast.Call(func=ast.Attribute(attr="insert" | "update"), args=[table, *_]):
                written = ast.unparse(table).rpartition(".")[2] in LEDGER_TABLES
            case ast.Constant(value=str(text)):
                written = LEDGER_SQL.search(text) is not None
            case _:
                written = False
        if written:
            yield ast.unparse(node)


def found(look: Callable[[str], Iterable[str]], names: Iterable[str]) -> dict[str, list[str]]:
    """What `look` finds in each file, files where it finds nothing left out."""
    return {name: things for name in names if (things := list(look(name)))}


INTERNALS = ("serving/internals/", "models/store/internals/")
"""Where names stand that a library does not document, in one module for each library."""
PRIVATE_MODULES = {
    "aiosqlite": ("aiosqlite.",),
    "asyncpg": ("asyncpg.",),
    "graphql": ("graphql.",),
    "httptools": ("httptools.",),
    "starlette": ("starlette._",),
    "strawberry": (
        "strawberry.execution.",
        "strawberry.http.ides.",
        "strawberry.scalars.",
        "strawberry.schema.schema_converter.",
        "strawberry.types.base.",
        "strawberry.types.enum.",
        "strawberry.types.field.",
        "strawberry.types.lazy_type.",
        "strawberry.types.union.",
        "strawberry.utils.",
    ),
    "tortoise": ("tortoise.backends.base.config_generator.", "tortoise.migrations.executor."),
    "uvicorn": ("uvicorn._", "uvicorn.protocols.", "uvicorn.server."),
}
"""The modules of each library that its documentation does not name. A name that the library itself
exports, such as graphql.parse, has no dot behind the prefix."""
OF_PYTHON = {
    *("_asdict", "_fields", "_make", "_replace"),  # named tuples
    *("_value_", "_name_", "_missing_"),  # enumerations
    "_exit",  # of os
}
"""Names with an underscore that Python documents."""
SQL_TEXT = re.compile(
    r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|ORDER BY|COALESCE|LIMIT|NULLS)\b|[<>=]+ \{\}"
)
BEHIND = {"__self__", "__func__", "__wrapped__", "__closure__", "__strawberry_definition__"}
"""What is behind a thing, and not for whoever uses it."""


def is_private(name: str) -> bool:
    is_special = name.startswith("__") and name.endswith("__")
    return name in BEHIND or (name.startswith("_") and not is_special and name not in OF_PYTHON)


def private_names(name: str) -> Iterator[str]:
    """Where the file uses a private name of anything but its own classes and itself.

    `self._x` counts where `_x` is in none of the file's own classes: then it is a base's.
    """
    own = set(own_names(name))
    for node in ast.walk(TREES[name]):
        match node:
            case ast.Attribute(attr=attribute) if is_private(attribute) and attribute not in own:
                yield ast.unparse(node)
            case ast.Call(
                func=ast.Name(id="getattr" | "setattr"), args=[_, ast.Constant(value), *_]
            ):
                if is_private(str(value)) and value not in own:
                    yield ast.unparse(node)
            case ast.keyword(arg=str(argument)) if is_private(argument):
                yield f"{argument}="
            case ast.ImportFrom(module=module, names=names):
                parts = [*(module or "").split("."), *(alias.name for alias in names)]
                yield from filter(is_private, parts)


def own_names(name: str) -> Iterator[str]:
    """The attributes, methods and functions that the file itself defines."""
    for node in ast.walk(TREES[name]):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=own, ctx=ast.Store()):
                yield own
            case ast.AnnAssign(target=ast.Name(id=own)) | ast.Assign(targets=[ast.Name(id=own)]):
                yield own
            case ast.Assign(targets=[ast.Tuple(elts=targets)]):
                yield from (one.attr for one in targets if isinstance(one, ast.Attribute))


def private_modules(name: str) -> list[str]:
    """What the file imports of modules that their libraries do not document."""
    inside = [prefix for prefixes in PRIVATE_MODULES.values() for prefix in prefixes]
    return [
        module
        for module in imported(name)
        if module.startswith(tuple(inside)) and module.count(".") > 1
    ]


def test_the_house_is_looked_at() -> None:
    assert {
        "models/ledger/ledger.py",
        "models/ledger/batch.py",
        "models/rules/lots.py",
    } <= set(TREES)
    assert "models.rules.facts.Lot" in set(imported("models/rules/lots.py"))


def test_imports_point_down_only() -> None:
    assert found(climbs, TREES) == {}


def test_only_the_application_serves_statements() -> None:
    others = [name for name in TREES if name != "app.py" and not name.startswith("statements/")]
    pages = re.compile(r"statements(\.|$)")
    assert found(lambda name: filter(pages.match, imported(name)), others) == {}


def test_no_imports_go_in_a_circle() -> None:
    """Imports for type checkers alone are left out."""
    arrows = {module_of(name): set(at_run_time(name)) for name in TREES}
    sorter = TopologicalSorter({name: targets & arrows.keys() for name, targets in arrows.items()})

    assert list(sorter.static_order())


def test_no_folder_holds_too_many_files() -> None:
    written = (name for name in TREES if not name.endswith("__init__.py"))
    folders = Counter(name.rpartition("/")[0] for name in written)

    assert [folder for folder, number in folders.items() if number > MOST_FILES] == []


def test_the_rules_import_only_each_other_and_what_does_no_input_or_output() -> None:
    def foreign(name: str) -> list[str]:
        modules = [module for module in imported(name) if layer(module) != 0]
        return [module for module in modules if module.partition(".")[0] not in PURE_MODULES]

    assert found(foreign, RULES) == {}


def test_the_rules_ask_nothing_of_the_world() -> None:
    assert found(lambda name: IMPURE_CALLS.intersection(called(name)), RULES) == {}


def test_only_the_server_reads_the_environment() -> None:
    below = [name for name in TREES if name != "server.py"]
    assert found(lambda name: ENVIRONMENT.intersection(words(name)), below) == {}


def test_only_the_ledger_runs_batches() -> None:
    others = [name for name in TREES if name != "models/ledger/ledger.py"]
    batches = re.compile(r"models\.ledger\.batch(\.|$)")
    assert found(lambda name: filter(batches.match, imported(name)), others) == {}


def test_only_batches_write_the_ledgers_tables() -> None:
    others = [name for name in TREES if name != "models/ledger/batch.py"]
    # SQLite changes no constraint of a table: this migration makes the table anew.
    copies = {"models/migrations/0007_boosts.py": "INSERT INTO entry SELECT * FROM entry_before"}
    assert found(ledger_writes, [name for name in others if name not in copies]) == {}
    for name, copy in copies.items():
        assert [copy in text for text in ledger_writes(name)] == [True]
    assert found(ledger_writes, ["models/ledger/batch.py"]) != {}


def test_the_use_cases_hold_no_sql() -> None:
    def sql(name: str) -> list[str]:
        texts = (node.value for node in ast.walk(TREES[name]) if isinstance(node, ast.Constant))
        return [text for text in texts if isinstance(text, str) and SQL_TEXT.search(text)]

    use_cases = [name for name in TREES if name.startswith("resolvers/")]
    assert found(sql, use_cases) == {}
    assert found(sql, ["models/store/search/searches.py"]) != {}


def test_private_names_of_others_stand_in_one_module_for_each_library() -> None:
    """Overriding methods of uvicorn's are compared with a list in tests/serving/internals."""
    outside = [name for name in TREES if not name.startswith(INTERNALS)]

    assert found(private_names, outside) == {}
    assert found(private_modules, outside) == {}
    assert found(private_modules, TREES) != {}


def test_each_library_has_one_module_of_internals() -> None:
    within = [name for name in TREES if name.startswith(INTERNALS)]
    libraries = {
        library: [
            name
            for name in within
            if any(module.startswith(tuple(inside)) for module in private_modules(name))
        ]
        for library, inside in PRIVATE_MODULES.items()
    }

    assert {library: names for library, names in libraries.items() if len(names) > 1} == {}
