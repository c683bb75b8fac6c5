# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The checkers are checked: each must complain about what it is there to find, and about nothing
else."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import check_analyzer
import check_dependencies
import check_includes
import check_licences
import check_ownership
import sources


def _lines(complaints):
    return [int(complaint.split(":")[1]) for complaint in complaints]


class Includes(unittest.TestCase):

    def complaints(self, path, text):
        return _lines(check_includes.complaints_about(pathlib.Path(path), text))

    def test_the_core_sees_neither_libpurple_nor_glib(self):
        text = '#include <string>\n#include <glib.h>\n#include <account.h>\n#include "util/log.h"\n'
        self.assertEqual(self.complaints("src/core/a.cpp", text), [2, 3])

    def test_arrows_run_one_way(self):
        self.assertEqual(self.complaints("src/util/a.h", '#include "model/states.h"'), [1])
        self.assertEqual(self.complaints("src/model/a.h", '#include "core/session.h"'), [1])
        self.assertEqual(self.complaints("src/windows/a.h", '#include "core/session.h"'), [1])
        self.assertEqual(self.complaints("src/core/a.h", '#include "../plugin/names.h"'), [1])
        self.assertEqual(self.complaints("plugin/a.h", '#include "core/engine.h"'), [])
        self.assertEqual(self.complaints("plugin/pidgin/a.c", '#include "core/engine.h"'), [1])

    def test_nothing_includes_tests(self):
        self.assertEqual(self.complaints("plugin/a.cpp", '#include "headless/events.h"'), [1])

    def test_only_the_pidgin_part_sees_gtk(self):
        text = "#include <gtk/gtk.h>"
        self.assertEqual(self.complaints("plugin/a.cpp", text), [1])
        self.assertEqual(self.complaints("plugin/pidgin/shim.c", text), [])
        self.assertEqual(self.complaints("src/windows/a.cpp", text), [1])

    def test_libotr_comes_in_through_one_header(self):
        text = "#include <libotr/proto.h>"
        self.assertEqual(self.complaints("src/core/libotr.h", text), [])
        self.assertEqual(self.complaints("src/core/session.cpp", text), [1])

    def test_namespaces_are_called_as_their_folders(self):
        text = "namespace otr_guard::core {\n}\nnamespace otr_guard::plugin {\n}\n"
        self.assertEqual(self.complaints("src/core/a.h", text), [3])


class Ownership(unittest.TestCase):

    def complaints(self, text):
        return _lines(check_ownership.complaints_about(pathlib.Path("plugin/a.cpp"), text))

    def test_finds_what_is_owned_by_hand(self):
        self.assertEqual(self.complaints("auto a = new Thing;\ndelete a;\nstd::free(b);\n"
                                         "delete[] c;\ng_free(d);\nnew (place) Thing;\n"),
                         [1, 2, 3, 4, 5, 6])

    def test_leaves_everything_else_alone(self):
        self.assertEqual(self.complaints(
            'Thing(const Thing&) = delete;\n// new and delete\nsay("delete (a)");\n'
            "util::CPtr<char, g_free> text;\nbool is_new = false;\nbuffer.free();\n"
            "free_memory(a);\n"
            "void operator delete(void* memory) noexcept {\n    std::free(memory);\n}\n"), [])


class Licences(unittest.TestCase):

    def complaints(self, text):
        return check_licences.complaints_about("file", text)

    def test_takes_the_header_in_every_language(self):
        for start, middle in (("//", "//"), ("/*", " *"), ("#", "#"), ("#!/bin/sh\n#", "#")):
            self.assertEqual(self.complaints(
                f"{start} SPDX-FileCopyrightText: OTR Guard contributors\n"
                f"{middle} SPDX-License-Identifier: GPL-2.0-or-later\n"), [])

    def test_wants_it(self):
        self.assertTrue(self.complaints("#include <string>\n"))
        self.assertTrue(self.complaints("// SPDX-License-Identifier: GPL-2.0-or-later\n"))


class Dependencies(unittest.TestCase):

    def test_reads_commands_from_shell_scripts(self):
        text = ('set -e\nworker() {\n  cmake -S . || exit 1\n}\nif ! command -v ninja; then\n'
                '  worker | sort\nfi\nsudo apt-get update\nx="$(git describe)"\n# clang here\n')
        self.assertEqual(check_dependencies.shell_commands(text),
                         {"cmake", "ninja", "sort", "apt-get", "git"})

    def test_reads_needs_from_python(self):
        text = ('import os, potr\nfrom gi.repository import Gio\ngi.require_version("Gio", "2.0")\n'
                'subprocess.run(["ldd", path])\nself._run("xvfb", ["Xvfb", "-x"] + rest)\n'
                'shutil.which("prosody")\n')
        programs, modules, typelibs = check_dependencies.python_needs(text)
        self.assertEqual(programs, {"ldd", "xvfb", "Xvfb", "prosody"})
        self.assertEqual(modules, {"os", "potr", "gi"})
        self.assertEqual(typelibs, {"Gio-2.0"})


class Analyzer(unittest.TestCase):

    COMMAND = ("ccache", "/usr/bin/gcc", "-Wall", "-MD", "-MT", "a.c.o", "-MF", "a.c.o.d", "-o",
               "a.c.o", "-c", "a.c")

    def test_leaves_nothing_in_the_build_folder(self):
        self.assertEqual(check_analyzer.analysed(self.COMMAND, "/elsewhere/a.o"),
                         ["/usr/bin/gcc", "-Wall", "-o", "/elsewhere/a.o", "-c", "a.c",
                          "-fanalyzer"])

    @unittest.skipUnless(shutil.which("gcc"), "there is no gcc")
    def test_finds_what_only_a_path_through_the_code_shows(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "a.c").write_text(
                "#include <stdlib.h>\nint f(int n);\nint f(int n) {\n    char* p = malloc(4);\n"
                "    if (n > 3) { free(p); }\n    free(p);\n    return n;\n}\n")
            found = subprocess.run(check_analyzer.analysed(self.COMMAND, "b.o"), cwd=folder,
                                   check=False, capture_output=True, text=True).stderr
        self.assertIn("[-Wanalyzer-double-free]", found)


class Sources(unittest.TestCase):

    def test_comments_and_literals_are_blanked_and_lines_kept(self):
        text = 'a; // one\n/* two\nthree */ b = "four\\"";\nc = \'"\'; d = 1\'000;\nR"(e\nf)" g'
        self.assertEqual([line.split() for _, line in sources.lines(
            sources.without_comments(text))],
            [["a;"], [], ["b", "=", '"";'], ["c", "=", '"";', "d", "=", "1'000;"], ['""'], ["g"]])


if __name__ == "__main__":
    unittest.main()
