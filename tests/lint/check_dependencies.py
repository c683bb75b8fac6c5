# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does every program, Python module and typelib that scripts and tests use come from a package
that packaging/dependencies.sh lists?

Asks dpkg which package a thing belongs to, so it says nothing where there is no dpkg (exit 77) and
nothing about what is not installed here.
"""

import ast
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

import sources

_SHELL_WORDS = {
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "in",
    "function", "local", "return", "exit", "set", "shift", "trap", "cd", "echo", "printf", "test",
    "[", "[[", "exec", "export", "unset", "source", ".", "true", "false", "command", "read", "wait",
    "eval", "declare", "time", "!", "{", "}", "(", ")", "kill", "type", "mapfile", "break",
    "continue", "umask", "readonly", "let"}
#: Words before a command that are not the command itself.
_PREFIXES = {"if", "while", "until", "then", "else", "elif", "do", "!", "{", "(", "exec", "time",
             "command", "env", "sudo", "nice", "timeout", "_as_root"}
_SEPARATORS = {"|", "||", "&&", ";", ";;", "&", "(", ")", "|&"}
#: Python functions whose argument is a command: the name of a program or a list that starts with it.
_STARTERS = {"run", "start", "Popen", "check_output", "check_call", "call", "which", "_run",
             "_output"}
#: Used if there, done without if not.
_OPTIONAL = {"sudo", "systemctl", "ccache"}


def shell_commands(text):
    """Names in command position; generous, because only names of programs are looked up."""
    text = re.sub(r"<<-?\s*'?(\w+)'?.*?^\1$", "", text, flags=re.S | re.M)
    text = re.sub(r"(?m)^\s*[\w-]+(\s*\|\s*[\w-]+)*\)", "", text)  # patterns of case
    commands = set(re.findall(r"\$\(\s*([a-z][\w.-]*)", text))
    for line in re.sub(r"\\\n", " ", text).split("\n"):
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.commenters = "#"
        try:
            words = list(lexer)
        except ValueError:  # a quotation that goes on in the next line
            continue
        is_command = True
        for word in words:
            if word in _SEPARATORS:
                is_command = True
            elif is_command and not re.match(r"\w+\+?=", word) and word not in _PREFIXES:
                is_command = word.startswith("-")
                commands.add(word)
    functions = set(re.findall(r"(?m)^\s*(?:function\s+)?(\w+)\s*\(\)", text))
    return {word for word in commands - functions - _SHELL_WORDS
            if re.fullmatch(r"[A-Za-z][\w.+-]*", word)}


def _first_text(node):
    if isinstance(node, (ast.List, ast.Tuple)) and node.elts:
        node = node.elts[0]
    elif isinstance(node, ast.BinOp):
        return _first_text(node.left)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def python_needs(text):
    """(programs, modules, typelibs) that a Python file names."""
    programs, modules, typelibs = set(), set(), set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name == "require_version":
                typelibs.add("-".join(argument.value for argument in node.args))
            elif name in _STARTERS:
                programs |= {_first_text(argument) for argument in node.args[:2]}
        elif isinstance(node, (ast.Return, ast.Assign)) and isinstance(node.value, ast.List):
            programs.add(_first_text(node.value))
    return {one for one in programs if one and re.fullmatch(r"[A-Za-z][\w.+-]*", one)}, \
        modules, typelibs


class Packages:
    """What dpkg knows about files. A package is there when a listed one brings it along."""

    def __init__(self, listed):
        self._there = set(listed)
        status = [line.split("\t") for line in _lines(
            "dpkg-query", "--show", "--showformat",
            r"${Package}\t${Essential}\t${Priority}\t${Pre-Depends}, ${Depends}\n")]
        self._there |= {name for name, essential, priority, _ in status
                        if essential == "yes" or priority in ("required", "important")}
        depends = {name: _names(text) for name, _, _, text in status}
        for name in listed:
            for direct in depends.get(name, ()):
                self._there |= {direct, *depends.get(direct, ())}

    def owners(self, paths):
        """Names of the packages that hold each file (as it is or where its links lead)."""
        forms = {path: {str(path), os.path.realpath(path), str(path).replace("/usr/", "/", 1)}
                 for path in paths}
        owners = {}
        for line in _lines("dpkg-query", "--search", *set().union(*forms.values())):
            names, _, place = line.rpartition(": ")
            owners[place] = {name.partition(":")[0].strip() for name in names.split(",")}
        return {path: set().union(*(owners.get(form, set()) for form in forms[path]))
                for path in paths}

    def are_there(self, names):
        return not self._there.isdisjoint(names)


def _names(depends):
    """The packages of a Depends field; of alternatives the first, which apt prefers."""
    return [entry.split("|")[0].split()[0].partition(":")[0] for entry in depends.split(",")
            if entry.split("|")[0].strip()]


def _lines(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL).stdout.splitlines()


def _module_file(name):
    code = f"import importlib.util as u; s = u.find_spec({name!r}); print(s and s.origin or '')"
    return next(iter(_lines("/usr/bin/python3", "-c", code)), "")


def _needs(root):
    """(kind, name, file that names it) of everything."""
    scripts = sources.files(root, (".sh",)) + [pathlib.Path(".ci/run")]
    for path in scripts:
        if (root / path).exists():
            for name in shell_commands((root / path).read_text()):
                yield "program", name, path
    for path in sources.files(root, (".py",)):
        programs, modules, typelibs = python_needs((root / path).read_text())
        yield from (("program", name, path) for name in programs)
        yield from (("module", name, path) for name in modules
                    if name not in sys.stdlib_module_names and not _is_ours(root, name))
        yield from (("typelib", name, path) for name in typelibs)


def _is_ours(root, name):
    return any((root / folder / form).exists() for form in (name, name + ".py")
               for folder in ("tests/support", "tests/support/otrtest", "tests/lint", "packaging"))


def _place_of(kind, name):
    if kind == "program":
        # What a package brought counts; something of the same name in /usr/local may hide it.
        return shutil.which(name, path="/usr/bin:/usr/sbin:/bin:/sbin:/usr/local/bin")
    if kind == "module":
        return _module_file(name)
    return next(iter(pathlib.Path("/usr/lib").glob(f"*/girepository-1.0/{name}.typelib")), None)


def check(root):
    if not shutil.which("dpkg-query"):
        sys.exit(77)
    packages = Packages(_lines("bash", root / "packaging/dependencies.sh", "--list", "build",
                               "test", "check", "quickstart", "package", "root"))
    needs = sorted({need for need in _needs(root) if need[1] not in _OPTIONAL}, key=str)
    places = {need[:2]: _place_of(*need[:2]) for need in needs}
    places = {what: str(place) for what, place in places.items() if place}
    owners = packages.owners(set(places.values()))
    print(f"looked at {len(places)}: {' '.join(sorted(name for _, name in places))}")
    return [f"{path}: {kind} {name} is in {', '.join(sorted(owners[place])) or 'no package'}, "
            f"which packaging/dependencies.sh does not list"
            for kind, name, path in needs if (place := places.get((kind, name)))
            and not packages.are_there(owners[place])]


if __name__ == "__main__":
    sources.main(check)
