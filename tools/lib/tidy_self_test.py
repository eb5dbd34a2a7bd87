"""Shows that each style check can fail, and that it lets good code pass. Run by tools/tidy."""

import unittest

from tidy import FILE_LINES_MAX, FUNCTION_LINES_MAX, MAIN_LINES_MAX, check_file, check_package


def function(lines, heading="func long() {"):
    return "\n".join([heading, *["  work()"] * (lines - 2), "}"]) + "\n"


class Tidy(unittest.TestCase):
    def findings(self, text, path="Sources/Some/File.swift"):
        return [line for line, _ in check_file(path, text)]

    def assert_refused(self, text, line=1, **where):
        self.assertEqual(self.findings(text, **where), [line], text)

    def assert_accepted(self, text, **where):
        self.assertEqual(self.findings(text, **where), [], text)

    def test_long_functions(self):
        for heading in ("func long() {", "init?(a: Int) {", "deinit {",
                        "static func < (a: A) -> B {", "subscript(at: Int) -> Int {",
                        "func f(\n  g: () -> Void = {}\n) async\n  -> Int\n{"):
            extra = heading.count("\n")
            self.assert_accepted(function(FUNCTION_LINES_MAX - extra, heading))
            self.assert_refused(function(FUNCTION_LINES_MAX - extra + 1, heading))

    def test_braces_in_text_do_not_count(self):
        for text in ('"{"', '#"\\("{"#', '"""\n {{{\n """', '"\\(f("{"))"',
                     "/* { /* { */ */", "// {"):
            self.assert_accepted(f"func short() {{ {text}\n}}\n" + "let x = 1\n" * 100)

    def test_requirements_have_no_body(self):
        body = "  var x: Int { 1 }\n" * (FUNCTION_LINES_MAX + 1)
        self.assert_accepted(f"protocol P {{\n  func f()\n  init()\n}}\nstruct S {{\n{body}}}\n")

    def test_long_files(self):
        self.assert_accepted("let x = 1\n" * FILE_LINES_MAX)
        self.assert_refused("let x = 1\n" * (FILE_LINES_MAX + 1), line=FILE_LINES_MAX + 1)

    def test_long_mains(self):
        self.assert_accepted("let x = 1\n" * MAIN_LINES_MAX, path="Sources/some/main.swift")
        self.assert_refused("let x = 1\n" * (MAIN_LINES_MAX + 1), path="Sources/some/main.swift")
        self.assert_refused("@main struct S {}\n" + "let x = 1\n" * MAIN_LINES_MAX)

    def test_never(self):
        self.assert_refused("let x = try! f()  // surely\n")
        self.assert_refused("@_exported import Wire\n")
        self.assert_accepted('let x = "try! f()"\n')

    def test_reasons(self):
        for code in ("let x = try? f()", "Task { }", "Task(priority: .low) { }",
                     "Task.detached { }", "Task.immediate { }",
                     "final class C: @unchecked Sendable {}",
                     "nonisolated(unsafe) var x = 1"):
            self.assert_refused(code + "\n")
            self.assert_refused("// far off\n\n" + code + "\n", line=3)
            self.assert_refused("/// What it is.\n" + code + "\n", line=2)
            self.assert_accepted(code + "  // so it is\n")
            self.assert_accepted("// so it is\n@Attribute\n" + code + "\n")
            self.assert_accepted("/// Under the lock of its owner.\n" + code + "\n")
        self.assert_accepted("let priority = Task.currentPriority\nlet task: Task<Int, Never>\n")

    def test_unfinished_work(self):
        for word in ("TO" + "DO", "FIX" + "ME"):
            self.assert_refused(f"// {word}: later\n")
            self.assert_refused(f"# {word}\n", path="tools/script")
            self.assert_refused(f"/* {word} */\n", path="tools/some.c")
        self.assert_accepted("// all is done\n")

    def test_sleeps_in_tests(self):
        for code in ("try await Task.sleep(for: .seconds(1))", "usleep(1)", "sleep(1)",
                     "Thread.sleep(forTimeInterval: 1)",
                     "try await ContinuousClock().sleep(for: a)"):
            self.assert_refused(code + "\n", path="Tests/SomeTests/File.swift")
            self.assert_accepted(code + "\n")
        self.assert_refused("time.sleep(1)\n", path="Tests/Interop/client.py")
        self.assert_accepted("try await clock.sleep(for: a)\n", path="Tests/SomeTests/File.swift")

    def test_targets_without_internal_imports(self):
        feature = {"kind": {"enableUpcomingFeature": {"_0": "InternalImportsByDefault"}}}
        target = {"name": "Wire", "type": "regular", "settings": [feature]}
        self.assertEqual(list(check_package({"targets": [target]})), [])
        self.assertEqual(len(list(check_package({"targets": [{**target, "settings": []}]}))), 1)


if __name__ == "__main__":
    unittest.main()
