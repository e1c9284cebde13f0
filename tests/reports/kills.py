#!/usr/bin/python3
"""kills.py - SIGKILL at random moments while rows are recorded and reports are sent: nothing is lost, nothing counts
twice, and a report that goes out twice is the same twice.

    tests/reports/kills.py [--build FOLDER] [--kills 200] [--seed N]

tests/reports/run.py has a short one of it.
"""
import collections
import random
import signal
import subprocess
import sys
import threading

import bench
# pylint: disable=wrong-import-order
import lab as lab_module
import report_mail
import suite
from outbox import PERIOD, SETTLED, moment

DOMAINS = 12
ROWS_AT_ONCE = 50
ROWS_MOST = 4000        # of one recorder


class Recorder(threading.Thread):
    """A process that is given rows, each with an address of its own, and killed; what it took is remembered."""

    def __init__(self, box, number, kill_after):
        super().__init__()
        self.box, self.number, self.kill_after = box, number, kill_after
        self.given = self.taken = 0

    def source(self, row):
        return f"10.{self.number}.{row >> 8}.{row & 255}"

    def run(self):
        child = subprocess.Popen([self.box.build / "tests/support/report_rows", self.box.store], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        timer = threading.Timer(self.kill_after, child.kill)
        timer.start()
        try:
            while self.given < ROWS_MOST:
                lines = "".join(f"received={PERIOD}\tsource={self.source(row)}\tpolicy_domain=d{row % DOMAINS}.example.org\n"
                                for row in range(self.given, self.given + ROWS_AT_ONCE))
                self.given += ROWS_AT_ONCE
                child.stdin.write(lines.encode())
                child.stdin.flush()
                for _ in range(ROWS_AT_ONCE):
                    if not child.stdout.readline().endswith(b"\n"):
                        raise BrokenPipeError
                    self.taken += 1
        except OSError:
            pass
        timer.cancel()
        child.kill()
        try:
            child.stdin.close()
        except OSError:
            pass
        child.stdout.close()
        child.wait()


def kill_one_sender(box, after):
    child = subprocess.Popen([box.build / "assay", "report", "send", "--at", moment(SETTLED), "-c", box.settings],
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             env=lab_module.system_environment())
    try:
        child.wait(after)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
    child.wait()


def mails_at_rest(box):
    """All mails, once the commands that outlived their sender are done."""
    lab_module.wait_until(lambda: not lab_module.running_with(str(box.sendmail)), what="the last mail")
    return [report_mail.read(path.read_bytes()) for path in box.sent.glob("*.mail")]


def run(box, kills, chance):
    """The words that tell what was done; an AssertionError where it went wrong."""
    recorders = []
    (box.sent / "slow").write_text("0.02")      # the moment between the two marks
    for number in range(0, (kills + 1) // 2):
        recorders.append(Recorder(box, number, chance.uniform(0, 0.3)))
        recorders[-1].start()
        kill_one_sender(box, chance.uniform(0, 0.4))
        recorders[-1].join()
    box.record()     # takes over what the killed ones left in the journal
    lab_module.wait_until(lambda: "0 reports:" in box.send(), 60, "everything to be sent")
    copies = collections.defaultdict(list)
    for report in mails_at_rest(box):
        copies[report.report_id].append(report)
    for same in copies.values():
        assert len({(one.file_name, one.content, one.mail["Message-ID"]) for one in same}) == 1, same[0].report_id
    counted = collections.Counter()
    for one, *_ in copies.values():
        for source, count in zip(one.texts("source_ip"), one.texts("count")):
            counted[source] += int(count)
    doubled = [source for source, count in counted.items() if count != 1]
    assert not doubled, f"{len(doubled)} rows count twice, such as {doubled[:5]}"
    for recorder in recorders:
        lost = [row for row in range(recorder.taken) if recorder.source(row) not in counted]
        assert not lost, f"{len(lost)} of {recorder.taken} rows are lost"
    assert sum(counted.values()) <= sum(one.given for one in recorders)
    assert not bench.ask(box.store, "SELECT id FROM reports WHERE policy_domain <> '' AND state <> 'sent'")
    return f"{kills} kills, {sum(one.taken for one in recorders)} rows taken, {sum(counted.values())} reported once, " \
           f"{len(copies)} reports, {sum(len(same) - 1 for same in copies.values())} repeated and the same"


def main():
    parser = suite.parser(__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()

    def kill(site):
        box = site.outbox()
        box.record({"policy_domain": "", "rua": ""})
        print(f"# seed {options.seed}", flush=True)
        print("# " + run(box, options.kills, random.Random(options.seed)), flush=True)
    return suite.run("kills", options, [("nothing is lost and nothing counts twice", kill)], bench.Bench)


if __name__ == "__main__":
    sys.exit(main())
