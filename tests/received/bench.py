"""bench.py - what the cases of tests/received have in common: the reader over files, and the command over a store."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
# pylint: disable=wrong-import-position
import suite  # noqa: E402

CASES, case = suite.cases()
PUBLIC = pathlib.Path(os.environ.get("ASSAY_CONFORMANCE", "/nonexistent")) / "reports"
SECONDS = 120       # generous: none takes a tenth of it


class Bench:
    def __init__(self, lab, build):
        self.lab, self.build = lab, pathlib.Path(build)
        self.folder = pathlib.Path(lab.folder)
        self.count = 0

    def new(self, name, content=None):
        """A path in a new folder, with a file there if it has content."""
        self.count += 1
        folder = self.folder / f"{self.count}"
        folder.mkdir()
        path = folder / name
        if content is not None:
            path.write_bytes(content)
        return path

    @property
    def sanitized(self):
        """A sanitizer takes memory of its own."""
        return b"__asan_init" in (self.build / "tests/support/received_rows").read_bytes()

    def read(self, *contents, crash=False):
        """What the reader finds in each of these octets. `crash`: it may run out of memory, which ends its process."""
        paths = [self.new("file", content) for content in contents]
        more = ["--sanitized"] if self.sanitized else []
        ran = subprocess.run([self.build / "tests/support/received_rows", *more, *paths], stdout=subprocess.PIPE, check=True,
                             timeout=SECONDS)
        found = [json.loads(line) for line in ran.stdout.decode().splitlines()]
        assert len(found) == len(contents), f"{len(found)} results of {len(contents)} files"
        for result in found:
            for reason in result["reasons"]:
                assert crash or "signal" not in reason and "ended early" not in reason and "wrote what" not in reason, reason
        return found

    def settings(self, more=""):
        """A settings file whose store is beside it."""
        path = self.new("assay.conf")
        user = "root" if os.geteuid() == 0 else "nobody"
        path.write_text(f'authserv_id = "mx.example.net";\nuser = "{user}";\n'
                        f'reports: {{ store = "{path.parent}/reports.db"; }};\n{more}', encoding="utf-8")
        return path

    def command(self, settings, *arguments, standard=b""):
        """(exit status, objects of --json or lines, standard error)"""
        ran = subprocess.run([self.build / "assay", "report", "read", "-c", settings, *arguments], input=standard,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=SECONDS)
        lines = ran.stdout.decode().splitlines()
        if "--json" in arguments:
            lines = [json.loads(line) for line in lines]
        return ran.returncode, lines, ran.stderr.decode()
