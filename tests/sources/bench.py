"""bench.py - what the cases of tests/sources share: a store filled with reports, zones, and the command."""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
# pylint: disable=wrong-import-position
import outbox  # noqa: E402
import scene  # noqa: E402
import suite  # noqa: E402
import tap  # noqa: E402
import zone_server  # noqa: E402

CASES, case = suite.cases()


class Place(outbox.Outbox):
    """A store, a name server and the settings of one case."""

    def __init__(self, lab, build, name, zone=scene.ZONE, more="", **options):
        self.server = zone_server.ZoneServer(lab, zone, name=f"{name}-dns")
        super().__init__(lab, build, self.server.port, name, more=more, **options)

    def fill(self, text):
        program = self.build / "tests/support/received_fill"
        if not program.exists():
            raise tap.Skip(f"{program} is not built")
        subprocess.run([program, self.store], input=text, text=True, check=True, timeout=120)

    def report(self, *words, status=0, now=scene.NOW, **more):
        done = subprocess.run([self.build / "assay", "report", *words, "-c", self.settings, "--at", now],
                              capture_output=True, text=True, timeout=120, check=False, **more)
        assert done.returncode == status, f"status {done.returncode}: {done.stderr}{done.stdout}"
        return done.stdout if status == 0 else done.stderr

    def sources(self, domain=scene.DOMAIN, *words):
        return json.loads(self.report("sources", domain, "--json", *words))

    def received(self, *words):
        return json.loads(self.report("received", "--json", *words))


class Bench:
    def __init__(self, lab, build):
        self.lab = lab
        self.build = build
        self.count = 0

    def place(self, **options):
        self.count += 1
        return Place(self.lab, self.build, f"place{self.count}", **options)
