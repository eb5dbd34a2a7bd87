"""Swift source, taken apart just far enough for the style checks."""

import re

TOKEN = re.compile(r'//[^\n]*|/\*|#*"""|#*"|[()]')
COMMENT_EDGE = re.compile(r"/\*|\*/")
FUNCTION = re.compile(r"(?<![.\w`])(?:func\s+(?:`?\w+`?|[^\s\w(]+)|init\b|deinit\b|subscript\b)")
HEADING_STEP = re.compile(r"[(){}\[\]\n;]")
GOES_ON = re.compile(r"\s*(?:\{|->|\(|where\b|throws\b|rethrows\b|async\b)")
WENT_ON = re.compile(r"(?:->|[,:&(]|\bwhere)\s*$")


class SwiftSource:
    """A file's text as three equally long texts: whole, code alone, comments alone."""

    def __init__(self, text):
        self.text = text
        self._code = list(text)
        self._comments = ["\n" if c == "\n" else " " for c in text]
        self._scan(0, nested=False)
        self.code = "".join(self._code)
        self.lines = text.splitlines()
        self.code_lines = self.code.splitlines()
        self.comment_lines = "".join(self._comments).splitlines()

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def functions(self):
        """Each function with a body: its first line and how many lines it has."""
        for match in FUNCTION.finditer(self.code):
            start = self._body(match.end())
            if start is not None:
                first = self.line_of(match.start())
                yield first, self.line_of(self._closing_brace(start)) - first + 1

    def _scan(self, at, nested):
        """Blanks comments and strings from `at` on; nested: until the parenthesis that closes."""
        depth = 1
        while token := TOKEN.search(self.text, at):
            word, at = token.group(), token.end()
            if word.startswith("//"):
                self._blank(token.start(), at, comment=True)
            elif word == "/*":
                at = self._block_comment(token.start())
            elif word.endswith('"'):
                at = self._string(token.start(), word)
            elif nested:
                depth += 1 if word == "(" else -1
                if depth == 0:
                    return at
        return len(self.text)

    def _block_comment(self, start):
        at, depth = start + 2, 1
        while depth and (edge := COMMENT_EDGE.search(self.text, at)):
            depth += 1 if edge.group() == "/*" else -1
            at = edge.end()
        self._blank(start, at, comment=True)
        return at

    def _string(self, start, opening):
        hashes = "#" * opening.count("#")
        closing = opening.lstrip("#") + hashes
        step = re.compile(rf"\\{hashes}(.)|{re.escape(closing)}", re.DOTALL)
        at = start + len(opening)
        self._blank(start, at)
        while found := step.search(self.text, at):
            self._blank(at, found.end())
            at = found.end()
            if found.group() == closing:
                return at
            if found.group(1) == "(":
                at = self._scan(at, nested=True)
        return len(self.text)

    def _blank(self, start, end, comment=False):
        for i in range(start, end):
            if self.text[i] != "\n":
                self._code[i] = " "
                if comment:
                    self._comments[i] = self.text[i]

    def _body(self, at):
        """Where the body of the function opens whose name ends at `at`; None without a body."""
        depth = 0
        heading = at
        while step := HEADING_STEP.search(self.code, at):
            sign, at = step.group(), step.end()
            if sign in "([" or (sign == "{" and depth):
                depth += 1
            elif sign == "{":
                return step.start()
            elif depth and sign in ")]}":
                depth -= 1
            elif sign in "};":
                return None
            elif sign == "\n" and not depth:
                if not GOES_ON.match(self.code, at) and not WENT_ON.search(self.code[heading:at]):
                    return None
        return None

    def _closing_brace(self, opening):
        depth = 0
        for brace in re.compile(r"[{}]").finditer(self.code, opening):
            depth += 1 if brace.group() == "{" else -1
            if depth == 0:
                return brace.start()
        return len(self.code) - 1
