#!/usr/bin/python3
"""run.py - sends every scenario of this folder through `assay check --json` and compares what comes out.

    tests/messages/run.py [--build FOLDER] [--jobs N] [--verbose] [WORDS...]    only scenarios whose name has a word

README.md in this folder says what a scenario looks like. One line a scenario, see tests/support/tap.py.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
# pylint: disable=wrong-import-position
import assayd  # noqa: E402
import expectation  # noqa: E402
import lab as lab_module  # noqa: E402
import scenario as scenario_module  # noqa: E402
import signing  # noqa: E402
import tap  # noqa: E402
import zone_server  # noqa: E402

STATUS = {"accept": 0, "quarantine": 10, "reject": 11, "tempfail": 12}


class Runner:
    def __init__(self, lab, build, report, verbose):
        self.lab = lab
        self.tool = build / "assay"
        self.report = report
        self.verbose = verbose
        self.keys = signing.Keys()

    def serve(self, number, scenarios):
        """All scenarios of one table share a server; returns its port."""
        zone = scenarios[0].group_zone + "".join(dict.fromkeys(one.zone for one in scenarios))
        return zone_server.ZoneServer(self.lab, scenario_module.fill_in(zone, self.keys), name=f"dns{number}").port

    def run(self, number, one, dns_port):
        self.report.case(one.name, self.check, one, dns_port, self.lab.path(f"scenario{number}"))

    def check(self, one, dns_port, folder):
        folder.mkdir()
        message = one.message(self.keys)
        (folder / "message.eml").write_bytes(message)
        (folder / "assay.conf").write_text(one.settings_text(dns_port))
        command = [str(self.tool), "check", "--json", "-c", str(folder / "assay.conf"), *one.arguments(),
                   str(folder / "message.eml")]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=lab_module.system_environment(), timeout=300, check=False)
        found = self.read(done)
        if self.verbose:
            print(json.dumps(found, indent=1))
        differences = expectation.general(found, message) + expectation.differences(found, one.expect)
        if STATUS.get(found["verdict"]["action"]) != done.returncode:
            differences.append(f"exit status {done.returncode} with {found['verdict']['action']}")
        if differences:
            raise AssertionError("\n".join(differences + [f"reason: {found['verdict'].get('reason')}"]))

    @staticmethod
    def read(done):
        complaints = done.stderr.decode(errors="replace")
        if done.returncode not in STATUS.values() or "Sanitizer" in complaints or "runtime error" in complaints:
            raise AssertionError(f"assay check ended with {done.returncode}:\n{complaints[-3000:]}")
        return json.loads(done.stdout.decode("utf-8"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", help="the folder with assay")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--verbose", action="store_true", help="print what assay check said")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    lab_module.stop_on_signals()
    report = tap.Tap("messages")
    wanted = [one for one in scenario_module.load(HERE)
              if not options.words or any(word in one.name for word in options.words)]
    groups = {}
    for one in wanted:
        groups.setdefault(one.group, []).append(one)
    with lab_module.Lab("messages") as lab:
        runner = Runner(lab, assayd.build_folder(options.build), report, options.verbose)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            ports = dict(zip(groups, pool.map(runner.serve, range(len(groups)), groups.values())))
            for number, one in enumerate(wanted):
                pool.submit(runner.run, number, one, ports[one.group])
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
