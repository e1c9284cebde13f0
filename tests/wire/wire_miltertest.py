"""wire_miltertest.py - the same protocol as another program speaks it: miltertest, with the scripts NAME.lua here."""
import subprocess

from bench import BAD, GOOD, HERE, case
import lab as lab_module


def run_script(bench, name, client):
    with bench.daemon() as daemon:
        command = ["miltertest", "-s", str(HERE / f"{name}.lua"), "-D", f"socket=unix:{daemon.socket}",
                   "-D", f"client={client}"]
        done = subprocess.run(command, env=lab_module.system_environment(), stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, done.stdout


@case("miltertest", "accept.lua")
def accept(bench):
    run_script(bench, "accept", GOOD)


@case("miltertest", "reject.lua")
def reject(bench):
    run_script(bench, "reject", BAD)


@case("miltertest", "quarantine.lua")
def quarantine(bench):
    run_script(bench, "quarantine", BAD)


@case("miltertest", "forged.lua")
def forged(bench):
    run_script(bench, "forged", GOOD)
