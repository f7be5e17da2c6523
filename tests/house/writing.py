"""Who opens files for writing: only sonoteca.ports may, and there a class says in PLACES where.

A call is flagged when it can be told from the text alone: functions of os, shutil, tempfile, sqlite3 … by the name they
were imported under, `open` by its mode, methods of pathlib on what is visibly a Path. `door.rename(…)` and
`text.replace(…)` are not flagged. A mode or flag that cannot be read from the text counts as writing.
"""

import ast
import re
from collections.abc import Iterator

from tests.house.laws import offence
from tests.house.reading import Function, Source

OS = """chmod chown copy_file_range fchmod fchown ftruncate lchown link makedirs mkdir mkfifo mknod posix_fallocate
    remove removedirs removexattr rename renames replace rmdir setxattr symlink truncate unlink utime"""
SHUTIL = "chown copy copy2 copyfile copyfileobj copymode copystat copytree make_archive move rmtree unpack_archive"
ELSEWHERE = """ctypes.CDLL logging.FileHandler numpy.save numpy.savetxt numpy.savez numpy.savez_compressed
    sqlite3.connect sqlalchemy.create_engine sqlalchemy.engine.create_engine"""
WRITERS = frozenset([*(f"os.{n}" for n in OS.split()), *(f"shutil.{n}" for n in SHUTIL.split()), *ELSEWHERE.split()])
OPENERS = frozenset({"open", "io.open", "io.FileIO", "os.fdopen", "codecs.open"})
READING_FLAGS = frozenset(
    ["os.O_RDONLY", "os.O_CLOEXEC", "os.O_DIRECTORY", "os.O_NOFOLLOW", "os.O_NONBLOCK", "os.O_PATH", "os.O_NOATIME"]
)

PATH_TYPES = frozenset({"pathlib.Path", "pathlib.PosixPath"})
PATH_STEPS = frozenset(["absolute", "expanduser", "joinpath", "resolve", "with_name", "with_stem", "with_suffix"])
PATH_LISTS = frozenset(["glob", "iterdir", "rglob"])
PATH_WRITERS = frozenset(["chmod", "lchmod", "mkdir", "rename", "replace", "rmdir", "unlink"])
MODE = re.compile(r"(?=.*[wax+])[rwax][bt+]{0,2}(:\w+)?")  # "w", "rb+", tarfile's "w:gz"
# No other object has methods of these names.
ALWAYS_WRITERS = frozenset(["hardlink_to", "symlink_to", "touch", "write_bytes", "write_text"])


def writes(source: Source) -> Iterator[str]:
    """The calls of a module that write."""
    for node in writing_calls(source.tree):
        yield offence(source, node, f"writes: {ast.unparse(node)[:60]}")


def writes_outside_ports(source: Source) -> Iterator[str]:
    """Only ports write."""
    if source.room != "ports":
        yield from writes(source)


def doors_without_places(source: Source) -> Iterator[str]:
    """A class that writes, and a module whose functions write, says in PLACES to which parts of the archive."""
    if source.room != "ports":
        return
    # ctypes is a door for ports alone, since nothing can be seen behind it; that it writes cannot be seen either.
    calls = {call for call in writing_calls(source.tree) if not ast.unparse(call.func).endswith("CDLL")}
    classes = [node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)]
    for one in classes:
        if calls & set(ast.walk(one)) and not declares_places(one):
            yield offence(source, one, f"{one.name} writes and declares no PLACES")
    if calls and not any(declares_places(one) for one in classes):
        yield offence(source, source.tree, "writes and no class here declares PLACES")


def declares_places(node: ast.ClassDef) -> bool:
    """PLACES = ("store", …): text only, not empty, readable without running anything."""
    return any(is_places(statement) for statement in node.body)


def is_places(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.AnnAssign):
        targets: list[ast.expr] = [statement.target]
        value = statement.value
    elif isinstance(statement, ast.Assign):
        targets = statement.targets
        value = statement.value
    else:
        return False
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return names == ["PLACES"] and isinstance(value, ast.Tuple) and bool(value.elts) and all(map(is_text, value.elts))


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


# ── telling a call that writes ───────────────────────────────────────────────────────────────────────────────────────


def writing_calls(tree: ast.Module) -> Iterator[ast.Call]:
    names = imported_names(tree)
    for scope, inside in scopes(tree):
        paths = Paths(names, scope)
        for node in inside:
            if isinstance(node, ast.Call) and is_writing(node, names, paths):
                yield node


def imported_names(tree: ast.Module) -> dict[str, str]:
    """The local name of each import to what it stands for: {"rm": "os.unlink"}."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.split(".")[0]
                names[local] = alias.name if alias.asname else local
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return names


def full_name(node: ast.expr, names: dict[str, str]) -> str:
    """`os.path.join` for what was imported; "open" for a name that was not; "" for all else."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute) and (base := full_name(node.value, names)):
        return f"{base}.{node.attr}"
    return ""


def scopes(tree: ast.Module) -> Iterator[tuple[list[ast.AST], list[ast.AST]]]:
    """For the module and each outermost function: what can be seen there, and the nodes that stand there."""
    outer: list[ast.AST] = []
    inner: list[Function] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function):
            inner.append(node)
        else:
            outer.append(node)
            waiting.extend(ast.iter_child_nodes(node))
    yield outer, outer
    for function in inner:
        nodes = list(ast.walk(function))
        yield outer + nodes, nodes


class Paths:
    """Which expressions of a scope are visibly pathlib paths."""

    def __init__(self, names: dict[str, str], scope: list[ast.AST]) -> None:
        self._imported = names
        self._names: set[str] = set()
        for node in sorted(scope, key=lambda one: getattr(one, "lineno", 0)):
            self._learn(node)

    def _learn(self, node: ast.AST) -> None:
        if isinstance(node, ast.arg) and node.annotation and self._is_type(node.annotation):
            self._names.add(node.arg)
        elif isinstance(node, ast.AnnAssign) and self._is_type(node.annotation):
            self._names.add(ast.unparse(node.target))
            self._names.add(f"self.{ast.unparse(node.target)}")
        elif isinstance(node, ast.Assign) and self.is_path(node.value):
            self._names.update(ast.unparse(target) for target in node.targets)
        elif isinstance(node, ast.For | ast.comprehension) and self._is_list(node.iter):
            self._names.add(ast.unparse(node.target))

    def _is_type(self, annotation: ast.expr) -> bool:
        return any(
            full_name(part, self._imported) in PATH_TYPES for part in ast.walk(annotation) if isinstance(part, ast.expr)
        )

    def _is_list(self, node: ast.expr) -> bool:
        called = node.func if isinstance(node, ast.Call) else None
        return isinstance(called, ast.Attribute) and called.attr in PATH_LISTS and self.is_path(called.value)

    def is_path(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            return self._gives_path(node.func)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return self.is_path(node.left) or self.is_path(node.right)
        if isinstance(node, ast.Attribute) and node.attr == "parent":
            return self.is_path(node.value)
        return ast.unparse(node) in self._names

    def _gives_path(self, called: ast.expr) -> bool:
        if full_name(called, self._imported) in PATH_TYPES | {"pathlib.Path.cwd", "pathlib.Path.home"}:
            return True
        return isinstance(called, ast.Attribute) and called.attr in PATH_STEPS and self.is_path(called.value)


def is_writing(call: ast.Call, names: dict[str, str], paths: Paths) -> bool:
    name = full_name(call.func, names)
    if name in WRITERS or name.startswith("tempfile."):
        return True
    if name == "os.open":
        return not has_reading_flags(call, names)
    if name in OPENERS:
        return not is_reading_mode(argument(call, 1, "mode"))
    return isinstance(call.func, ast.Attribute) and is_writing_method(call, call.func, paths)


def is_writing_method(call: ast.Call, method: ast.Attribute, paths: Paths) -> bool:
    if method.attr in ALWAYS_WRITERS:
        return True
    if method.attr == "open":
        # tarfile.open and av.open have the mode second; Path.open has it first, where doors have a name.
        if MODE.fullmatch(text_of(argument(call, 1, "mode"))):
            return True
        first = text_of(argument(call, 0, "mode"))
        return bool(MODE.fullmatch(first)) and (len(first) > 1 or paths.is_path(method.value))
    return method.attr in PATH_WRITERS and paths.is_path(method.value)


def text_of(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def argument(call: ast.Call, place: int, keyword: str) -> ast.expr | None:
    given = [one.value for one in call.keywords if one.arg == keyword]
    return call.args[place] if len(call.args) > place else (given[0] if given else None)


def is_reading_mode(mode: ast.expr | None) -> bool:
    if mode is None:
        return True
    return isinstance(mode, ast.Constant) and isinstance(mode.value, str) and not set(mode.value) & set("wax+")


def has_reading_flags(call: ast.Call, names: dict[str, str]) -> bool:
    flags = argument(call, 1, "flags")
    if flags is None:
        return False
    parts = [part for part in ast.walk(flags) if isinstance(part, ast.Attribute | ast.Name | ast.Constant)]
    found = {full_name(part, names) for part in parts if isinstance(part, ast.Attribute | ast.Name)} - {"os"}
    return bool(found) and found <= READING_FLAGS
