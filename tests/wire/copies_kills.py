#!/usr/bin/python3
"""copies_kills.py - SIGKILL of assayd and of the reader at random moments while reports of others come in: each report
whose mail was answered is in the store, and counts once.

    tests/wire/copies_kills.py [--build FOLDER] [--kills 100] [--seed N]

Half of the kills end assayd, half a reader; assayd starts readers of its own besides. tests/wire/run.py has a short one
of it.
"""
import random
import signal
import subprocess
import sys
import threading
import time

import bench as bench_module
from bench import GOOD
# pylint: disable=wrong-import-order
import lab as lab_module
import milter_client
import received_mail
import suite

ADDRESS = "dmarc@example.net"
SETTINGS = f'received: {{ addresses = [ "{ADDRESS}" ]; after = "discard"; }};'
SENDERS = 3


class Sender(threading.Thread):
    """Brings one report after the other, each with an id of its own, to whatever daemon listens."""

    def __init__(self, daemon, number):
        super().__init__()
        self.daemon, self.number = daemon, number
        self.answered, self.given = [], 0
        self.stopped = False

    def run(self):
        while not self.stopped:
            try:
                with milter_client.Client(self.daemon.address, timeout=30).start(client=GOOD) as client:
                    while not self.stopped:
                        self.bring(client)
                        time.sleep(0.01)
            except (OSError, milter_client.Closed):
                time.sleep(0.02)

    def bring(self, client):
        name = f"r{self.number}-{self.given}"
        self.given += 1
        message = received_mail.mail(received_mail.aggregate(name, count=1), author="reports@example.org")
        answer = client.deliver(message, sender="reports@example.org", recipients=(ADDRESS,), queue_id=name)
        if answer.word == "discard":
            self.answered.append(name)
        else:
            assert answer.word == "tempfail" or self.stopped, f"{name} was answered with {answer.word} {answer.reply}"


def start_reader(daemon):
    return subprocess.Popen([daemon.tool, "report", "read", "--captured", "-c", daemon.configuration],
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            env=lab_module.system_environment())


def kill_a_reader(daemon, after):
    reader = start_reader(daemon)
    try:
        reader.wait(after)
    except subprocess.TimeoutExpired:
        reader.send_signal(signal.SIGKILL)
    reader.wait()
    return reader.returncode == -signal.SIGKILL


def kill_the_daemon(daemon):
    daemon.stop(signal.SIGKILL)
    daemon.start()


def read_the_rest(daemon):
    """Until nothing is left; another reader may be at work."""
    def is_done():
        reader = start_reader(daemon)
        return reader.wait(120) == 0 and not list((daemon.store.parent / f"{daemon.store.name}.received" / "new").iterdir())
    lab_module.wait_until(is_done, 300, "everything to be read")


def check(daemon, senders):
    answered = {name for sender in senders for name in sender.answered}
    found = received_mail.reports(daemon.store)
    lost = answered - set(found)
    assert not lost, f"{len(lost)} of {len(answered)} answered reports are lost, such as {sorted(lost)[:5]}"
    assert all(trusted for trusted, _ in found.values()), "some do not count"
    lines = received_mail.ask(daemon.store, "SELECT count(*) FROM received")[0][0]
    counted = received_mail.messages(daemon.store)
    assert lines == len(found) == counted, f"{lines} lines of {len(found)} reports with {counted} messages"
    return answered, found


def run(bench, kills, chance):
    """The words that tell what was done; an AssertionError where it went wrong."""
    killed = {"assayd": 0, "reader": 0}
    with bench.daemon(SETTINGS) as daemon:
        senders = [Sender(daemon, number) for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            while sum(killed.values()) < kills:
                time.sleep(chance.uniform(0, 0.3))
                if chance.random() < 0.5:
                    kill_the_daemon(daemon)
                    killed["assayd"] += 1
                else:
                    killed["reader"] += kill_a_reader(daemon, chance.uniform(0, 0.3))
        finally:
            for sender in senders:
                sender.stopped = True
            for sender in senders:
                sender.join()
        read_the_rest(daemon)
        answered, found = check(daemon, senders)
        leftovers = list((daemon.store.parent / f"{daemon.store.name}.received" / "tmp").iterdir())
        assert not leftovers or killed["assayd"], leftovers
        kill_the_daemon(daemon)
        lab_module.wait_until(lambda: not list((daemon.store.parent / f"{daemon.store.name}.received" / "tmp").iterdir()),
                              what="an empty tmp")
    again = sum(repeated for _, repeated in found.values())
    return (f"{killed['assayd']} kills of assayd and {killed['reader']} of the reader, {len(answered)} reports answered, "
            f"{len(found)} in the store and counted once, {again} read twice")


def main():
    parser = suite.parser(__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()

    def kill(bench):
        print(f"# seed {options.seed}", flush=True)
        print("# " + run(bench, options.kills, random.Random(options.seed)), flush=True)
    return suite.run("copies_kills", options, [("each report is in the store and counts once", kill)],
                     lambda lab, build: bench_module.Bench(lab, build, False))


if __name__ == "__main__":
    sys.exit(main())
