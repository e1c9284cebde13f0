"""marked.py - the part of a document that a script writes, between two comments that name the script."""
import sys


class Marked:
    """`script` as the comments have it: <!-- SCRIPT: begin --> and <!-- SCRIPT: end -->."""

    def __init__(self, document, script):
        self.document = document
        self.begin, self.end = f"<!-- {script}: begin -->\n", f"<!-- {script}: end -->\n"

    def read(self):
        return self.document.read_text(encoding="utf-8").partition(self.begin)[2].partition(self.end)[0]

    def write(self, text):
        before, _, rest = self.document.read_text(encoding="utf-8").partition(self.begin)
        after = rest.partition(self.end)[2]
        self.document.write_text(before + self.begin + text + self.end + after, encoding="utf-8")

    def main(self, text, usage):
        """A script that prints its part, or with --update puts it into the document."""
        if sys.argv[1:] == ["--update"]:
            self.write(text())
        elif sys.argv[1:]:
            sys.exit(usage)
        else:
            print(text(), end="")
        return 0
