#!/usr/bin/env python3
"""scripts/mutants itself, on a repository of one small crate: which mutants it calls killed, which it does not, and that the
code of the checkout stays as it is.

    tests/mutants.py
"""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = {
    "Cargo.toml": '[workspace]\nresolver = "3"\nmembers = ["crates/*"]\n',
    # Its unit tests are none of ours: they do not even build.
    "crates/other/Cargo.toml": '[package]\nname = "other"\nversion = "0.1.0"\nedition = "2024"\n',
    "crates/other/src/lib.rs": '#[cfg(test)]\ncompile_error!("built for nothing");\n',
    "crates/small/Cargo.toml": '[package]\nname = "small"\nversion = "0.1.0"\nedition = "2024"\n',
    "crates/small/src/lib.rs": "pub fn half(whole: u32) -> u32 {\n    whole / 2\n}\npub fn never() -> bool {\n    false\n}\n"
    "#[cfg(test)]\nmod tests {\n    #[test]\n    fn six_is_halved() {\n        assert_eq!(crate::half(6), 3);\n    }\n}\n",
    "crates/small/tests/halves.rs": "#[test]\nfn four_is_halved() {\n    assert_eq!(small::half(4), 2);\n}\n"
    "#[test]\nfn nothing_is_halved() {\n    assert_eq!(small::half(0), 0);\n    while small::never() {}\n}\n",
    "tests/Cargo.toml": 'test = [{ name = "none", path = "none.rs" }]\n',
}
MUTANT = {
    "law": "Half of four is two.",
    "file": "crates/small/src/lib.rs",
    "find": "whole / 2",
    "replace": "whole / 3",
    "test": "--test halves -- four_is_halved",
}


class Runner(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.target = tempfile.TemporaryDirectory(prefix="millrace-mutants-target-")

    @classmethod
    def tearDownClass(cls):
        cls.target.cleanup()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="millrace-mutants-")
        self.addCleanup(folder.cleanup)
        self.tree = Path(folder.name)
        for name, text in FILES.items():
            self.write(name, text)
        (self.tree / "scripts").mkdir()
        shutil.copy(ROOT / "scripts/mutants", self.tree / "scripts")
        (self.tree / "tests/mutants").mkdir()
        for words in (["init", "--quiet"], ["add", "--all"]):
            subprocess.run(["git", *words], cwd=self.tree, check=True)

    def write(self, name, text):
        (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
        (self.tree / name).write_text(text)

    def mutant(self, name, **other):
        lines = [f"{field} = '''{value}'''\n" for field, value in (MUTANT | other).items()]
        self.write(f"tests/mutants/{name}.toml", "".join(lines))

    def run_script(self, *words):
        variables = os.environ | {"CARGO_TARGET_DIR": self.target.name}
        done = subprocess.run([self.tree / "scripts/mutants", *words], env=variables, capture_output=True, text=True)
        self.assertEqual((self.tree / MUTANT["file"]).read_text(), FILES[MUTANT["file"]])
        return done.returncode, done.stdout + done.stderr

    def test_killed_survived_and_not_built_are_told_apart(self):
        self.mutant("killed")
        code, said = self.run_script()
        self.assertEqual(code, 0, said)
        self.assertIn("killed    killed (", said)
        self.assertTrue(said.endswith("1 killed, 0 survived, 0 errors\n"), said)
        self.mutant("survives", test="--test halves -- nothing_is_halved")
        self.mutant("does-not-build", replace="whole / \"two\"")
        code, said = self.run_script()
        self.assertEqual(code, 1, said)
        self.assertIn("SURVIVED  survives (", said)
        self.assertIn("ERROR     does-not-build (", said)
        self.assertIn("it does not build", said)
        self.assertTrue(said.endswith("1 killed, 1 survived, 1 errors\n"), said)
        code, said = self.run_script("killed")
        self.assertEqual(code, 0, said)

    def test_unit_tests_are_those_of_their_own_crate(self):
        self.mutant("killed", test="--lib -- six_is_halved")
        code, said = self.run_script()
        self.assertEqual(code, 0, said)
        self.assertIn("passes    --test small-unit (", said)
        self.assertTrue(said.endswith("1 killed, 0 survived, 0 errors\n"), said)

    def test_what_was_killed_is_passed_over_until_it_changes(self):
        self.mutant("killed")
        self.run_script()
        code, said = self.run_script("--resume")
        self.assertEqual((code, said), (0, f"killed    killed (before): {MUTANT['law']}\n1 killed, 0 survived, 0 errors\n"))
        self.write("crates/small/tests/halves.rs", FILES["crates/small/tests/halves.rs"].replace("(4), 2", "(0), 0"))
        code, said = self.run_script("--resume")
        self.assertEqual(code, 1, said)
        self.assertTrue(said.endswith("0 killed, 1 survived, 0 errors\n"), said)

    def test_a_program_that_dies_is_no_test_that_failed(self):
        self.mutant("aborts", replace="{ if whole == 4 { std::process::abort() } whole / 2 }")
        code, said = self.run_script()
        self.assertEqual(code, 1, said)
        self.assertIn("ended in another way than by a test that failed", said)

    def test_what_does_not_fit_is_found_without_a_build(self):
        faults = {
            "gone": ({"find": "whole / 4"}, "`find` is 0 times"),
            "twice": ({"find": "whole"}, "`find` is 2 times"),
            "no-file": ({"file": "crates/small/src/none.rs"}, "there is no crates/small/src/none.rs"),
            "no-test": ({"test": "--test halves -- five_is_halved"}, "there is no test `five_is_halved`"),
            "any-test": ({"test": "--test halves"}, "names no function"),
            "no-change": ({"replace": "whole / 2"}, "it changes nothing"),
            "too-much": ({"more": "x"}, "and nothing else"),
        }
        for name, (other, _) in faults.items():
            self.mutant(name, **other)
        code, said = self.run_script("--check")
        self.assertEqual(code, 1, said)
        for name, (_, why) in faults.items():
            self.assertRegex(said, f"(?m)^ERROR     {name}: .*{why}")
        self.assertTrue(said.endswith(f"0 mutants fit, {len(faults)} do not\n"), said)
        code, said = self.run_script("nobody")
        self.assertEqual(code, 1)
        self.assertIn("there is no tests/mutants/nobody.toml", said)

    def test_a_test_that_fails_by_itself_shows_nothing(self):
        self.mutant("killed")
        self.write("crates/small/tests/halves.rs", FILES["crates/small/tests/halves.rs"].replace(", 2)", ", 3)"))
        code, said = self.run_script()
        self.assertEqual(code, 1)
        self.assertIn("without any mutant, `--test halves -- four_is_halved` fails", said)


if __name__ == "__main__":
    unittest.main()
