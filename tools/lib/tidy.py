"""The style checks that a formatter does not make. Run by tools/tidy."""

import json
import re
import subprocess
import sys
from pathlib import Path

from swift_source import SwiftSource

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500
MAIN_LINES_MAX = 99

HAND_WRITTEN = (".swift", ".c", ".h", ".py", ".sh", ".js", ".css", ".html")
NEVER = {
    r"\btry!": "try! ends the process; throw, or say with a precondition why it cannot fail",
    r"@_(exported|implementationOnly)\b": "an import is public, package, or as it comes",
}
WITH_A_REASON = {
    r"\btry\?": "try?",
    r"\bTask(\.detached|\.immediate\w*)?\s*[({]": "an unstructured task",
    r"@unchecked\s+Sendable\b": "@unchecked Sendable",
    r"\bnonisolated\(unsafe\)": "nonisolated(unsafe)",
}
# What makes shared state safe: a documentation comment that names it is reason enough.
GUARD = re.compile(r"\b(lock|mutex|atomic|queue|loop|thread|executor|isolat\w+)", re.IGNORECASE)
UNFINISHED = re.compile(r"(?://|/\*|#|^\s*\*).*\b(" + "TO" + "DO|FIX" + "ME)\\b", re.MULTILINE)
SLEEP = re.compile(
    r"\b(Task|Thread|time)\.sleep\b"
    r"|(?<![.\w])(u|nano)?sleep\s*\("
    r"|(Continuous|Suspending)Clock\(\)\.sleep"
)


def check_sizes(path, source):
    if len(source.lines) > FILE_LINES_MAX:
        yield len(source.lines), f"the file has {len(source.lines)} lines, over {FILE_LINES_MAX}"
    for line, length in source.functions():
        if length > FUNCTION_LINES_MAX:
            yield line, f"the function has {length} lines, over {FUNCTION_LINES_MAX}"
    is_main = Path(path).name == "main.swift" or re.search(r"@main\b", source.code)
    if is_main and len(source.lines) > MAIN_LINES_MAX:
        yield 1, f"an executable's main has {len(source.lines)} lines, over {MAIN_LINES_MAX}"


def check_words(path, source):
    for number, code in enumerate(source.code_lines, start=1):
        for pattern, message in NEVER.items():
            if re.search(pattern, code):
                yield number, message
        for pattern, name in WITH_A_REASON.items():
            if re.search(pattern, code) and not has_reason(source, number - 1):
                yield number, f"{name} without a comment that says why"


def has_reason(source, index):
    """A comment on the line or right above it, attributes aside, and not mere documentation."""
    if is_reason(source.comment_lines[index]):
        return True
    for above in range(index - 1, -1, -1):
        code, comment = source.code_lines[above].strip(), source.comment_lines[above]
        if code and not code.startswith("@") or not code and not comment.strip():
            return False
        if is_reason(comment):
            return True
    return False


def is_reason(comment):
    comment = comment.strip()
    return bool(GUARD.search(comment) if comment.startswith("///") else comment)


def check_tests(path, text):
    if path.startswith("Tests/"):
        for match in SLEEP.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield line, "a test that sleeps; own the clock, or wait for the event"


def check_unfinished(path, text):
    for match in UNFINISHED.finditer(text):
        yield text.count("\n", 0, match.start(1)) + 1, f"{match.group(1)}: do it, or drop it"


def check_file(path, text):
    """Every finding in one file, as (line, message)."""
    yield from check_unfinished(path, text)
    if path.endswith(".swift"):
        source = SwiftSource(text)
        yield from check_sizes(path, source)
        yield from check_words(path, source)
        yield from check_tests(path, source.code)
    else:
        yield from check_tests(path, text)


def check_package(package):
    """A bare import is internal only where the target says so, so each target of Swift must."""
    for target in package["targets"]:
        if target["type"] == "system" or not has_swift(target):
            continue
        enabled = {
            setting["kind"]["enableUpcomingFeature"]["_0"]
            for setting in target["settings"]
            if "enableUpcomingFeature" in setting["kind"]
        }
        if "InternalImportsByDefault" not in enabled:
            yield 1, f"{target['name']} lacks InternalImportsByDefault: bare imports are public"


def has_swift(target):
    folder = "Tests" if target["type"] == "test" else "Sources"
    return any(Path(target.get("path") or f"{folder}/{target['name']}").rglob("*.swift"))


def hand_written_files():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        check=True, capture_output=True, text=True,
    ).stdout
    for path in sorted(filter(None, set(listed.split("\0")))):
        parts = Path(path).parts
        is_script = not Path(path).suffix and parts[0] in ("tools", ".ci")
        is_generated = "Generated" in parts or ".pb-c." in path
        is_hand_written = Path(path).suffix in HAND_WRITTEN or is_script
        if is_hand_written and not is_generated and Path(path).is_file():
            yield path


def main():
    paths = list(hand_written_files())
    if "--list-swift" in sys.argv:
        print("\n".join(path for path in paths if path.endswith(".swift")))
        return 0
    findings = [
        (path, line, message)
        for path in paths
        for line, message in check_file(path, Path(path).read_text())
    ]
    dump = subprocess.run(
        ["swift", "package", "dump-package"], check=True, capture_output=True, text=True
    ).stdout
    findings += [("Package.swift", *finding) for finding in check_package(json.loads(dump))]
    for path, line, message in findings:
        print(f"{path}:{line}: {message}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
