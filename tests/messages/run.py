#!/usr/bin/python3
"""run.py - sends every scenario of this folder through `assay check --json` and compares what comes out.

    tests/messages/run.py [--build FOLDER] [--jobs N] [--verbose] [WORDS...]    only scenarios whose name has a word

README.md in this folder says what a scenario looks like. One line a scenario, see tests/support/tap.py.
"""
import json
import os
import pathlib
import re
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
# pylint: disable=wrong-import-position
import arc_peer  # noqa: E402
import assayd  # noqa: E402
import expectation  # noqa: E402
import scenario as scenario_module  # noqa: E402
import signing  # noqa: E402
import suite  # noqa: E402
import zone_server  # noqa: E402

STATUS = {"accept": 0, "quarantine": 10, "reject": 11, "tempfail": 12}


class Group:
    """The scenarios of one table: they share a name server, which the first that is played starts."""

    def __init__(self):
        self.scenarios = []
        self.lock = threading.Lock()
        self.port = None

    def serve(self, lab, keys):
        with self.lock:
            if self.port is None:
                zone = self.scenarios[0].group_zone + "".join(dict.fromkeys(one.zone for one in self.scenarios))
                self.port = zone_server.ZoneServer(lab, scenario_module.fill_in(zone, keys),
                                                   name=f"dns-{self.scenarios[0].group}").port
        return self.port


class Runner:
    def __init__(self, lab, build, scenarios, verbose):
        self.lab = lab
        self.tool = build / "assay"
        self.verbose = verbose
        self.keys = signing.Keys()
        self.groups = {}
        for one in scenarios:
            self.groups.setdefault(one.group, Group()).scenarios.append(one)

    def judge_set(self, one, message, found):
        """A set that is added is verified by other programs."""
        seals = [value for name, value in found["headers_added"] if name == "ARC-Seal"]
        if not seals:
            return []
        zone = scenario_module.fill_in(one.group_zone + one.zone, self.keys)
        return arc_peer.complaints(arc_peer.changed(message, found), arc_peer.records_of(zone),
                                   re.search(r"cv=(\w+)", seals[0]).group(1))

    def check(self, number, one):
        dns_port = self.groups[one.group].serve(self.lab, self.keys)
        folder = self.lab.path(f"scenario{number}")
        folder.mkdir()
        message = one.message(self.keys)
        (folder / "message.eml").write_bytes(message)
        (folder / "assay.conf").write_text(one.settings_text(dns_port, self.keys))
        status, output, complaints = assayd.command([self.tool, "check", "--json", "-c", folder / "assay.conf", *one.arguments(),
                                                     folder / "message.eml"])
        assert status in STATUS.values(), f"assay check ended with {status}:\n{complaints[-3000:]}"
        found = json.loads(output.decode("utf-8"))
        if self.verbose:
            print(json.dumps(found, indent=1))
        differences = expectation.general(found, message) + expectation.differences(found, one.expect)
        if STATUS.get(found["verdict"]["action"]) != status:
            differences.append(f"exit status {status} with {found['verdict']['action']}")
        differences += self.judge_set(one, message, found)
        if differences:
            raise AssertionError("\n".join(differences + [f"reason: {found['verdict'].get('reason')}"]))


def main():
    parser = suite.parser(__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--verbose", action="store_true", help="print what assay check said")
    options = parser.parse_args()
    scenarios = list(scenario_module.load(HERE))
    cases = [(one.name, lambda runner, number=number, one=one: runner.check(number, one))
             for number, one in enumerate(scenarios)]
    return suite.run("messages", options, cases,
                     lambda lab, build: Runner(lab, build, scenarios, options.verbose), options.jobs)


if __name__ == "__main__":
    sys.exit(main())
