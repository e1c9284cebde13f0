"""wire_stops.py - SIGTERM with messages under way, and SIGKILL: what was answered is in the report."""
import os
import signal
import threading

from bench import GOOD, at_once, case, equal, good_one, plain, refused, sound, started, taken
import lab as lab_module
import milter_client
import store


def half_sent(daemon, domain="example.org"):
    """A connection with a message whose end has not been sent yet."""
    client = started(daemon)
    equal(client.mail(f"anna@{domain}").word, "continue", "the answer to MAIL")
    client.rcpt("reader@example.net")
    client.header(b"From", b" anna@" + domain.encode())
    client.end_of_headers()
    client.body(b"Hello.\r\n")
    return client


def refuses_new_mail(daemon):
    with started(daemon) as other:
        return other.mail("anna@example.org").reply.startswith("451 4.3.2")


@case("stops", "SIGTERM: the message under way is finished, new ones are asked to come again")
def terminate(bench):
    with bench.daemon() as daemon, started(daemon) as idle:
        client = half_sent(daemon, "slow.example")
        os.kill(daemon.process.pid, signal.SIGTERM)
        lab_module.wait_until(lambda: refuses_new_mail(daemon), what="new mail to be refused")
        refused(idle.mail("anna@example.org"), "451 4.3.2")
        taken(client.end_of_message("4LAST0001"), "spf=pass", "dmarc=pass")
        daemon.process.child.wait(lab_module.PATIENCE)
        assert not daemon.socket.exists(), "the socket is still there"
        equal(store.total(daemon.store), 1, "the number of messages in the report")


@case("stops", "SIGTERM: a message that does not end is left after limits.stop_seconds")
def terminate_anyway(bench):
    with bench.daemon("limits: { stop_seconds = 1; };") as daemon:
        client = half_sent(daemon)
        os.kill(daemon.process.pid, signal.SIGTERM)
        daemon.process.child.wait(lab_module.PATIENCE)
        daemon.wait_for_log("still under way")
        client.close()


@case("stops", "SIGTERM while 32 connections send: all that was answered is in the report")
def terminate_under_load(bench):
    with bench.daemon() as daemon:
        load = Load(daemon, 32, None)
        load.begin()
        lab_module.wait_until(lambda: load.answered() >= 200, 120, "some mail")
        os.kill(daemon.process.pid, signal.SIGTERM)
        daemon.process.child.wait(lab_module.PATIENCE)
        load.end()
        equal(store.total(daemon.store), load.answered(), "the number of messages in the report")


class Load:
    """Connections that send one message after the other and count the answers, until told to stop or the daemon is
    gone. `each` is how many each sends, None without end."""

    def __init__(self, daemon, connections, each):
        self.daemon, self.each = daemon, each
        self.counts = [0] * connections
        self.stopping = False
        self.errors = []
        self.threads = [threading.Thread(target=self._run, args=(number,)) for number in range(connections)]

    def _run(self, number):
        message = plain(f"d{number}.many.example")
        try:
            client = milter_client.Client(self.daemon.address).start(GOOD)
            while not self.stopping and (self.each is None or self.counts[number] < self.each):
                answer = client.deliver(message, sender=f"anna@d{number}.many.example", queue_id=f"4N{number}")
                if answer.reply.startswith("451 4.3.2"):
                    return
                taken(answer, "dmarc=pass")
                self.counts[number] += 1
        except (OSError, milter_client.Closed):
            pass
        except Exception as error:  # pylint: disable=broad-except
            self.errors.append(error)

    def begin(self):
        for thread in self.threads:
            thread.start()

    def end(self):
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise AssertionError(f"{len(self.errors)} connections failed: {self.errors[0]}")

    def answered(self):
        return sum(self.counts)


def kill(daemon):
    daemon.process.child.kill()
    daemon.process.child.wait()
    sound(daemon)


@case("stops", "SIGKILL: each message that was answered is counted once, after 10,000 on 64 connections")
def killed(bench):
    connections, each = 64, 32 if bench.slow else 157
    with bench.daemon(level="warning") as daemon:
        load = Load(daemon, connections, each)
        load.begin()
        lab_module.wait_until(lambda: load.answered() > connections * each // 3, 300, "a third of the mail")
        kill(daemon)
        load.end()
        first = load.answered()
        assert first < connections * each, "the kill came too late"
        daemon.start()
        load = Load(daemon, connections, each - first // connections)
        load.begin()
        load.end()
        equal(load.answered(), connections * (each - first // connections), "the number of answers")
        kill(daemon)
        answered = first + load.answered()
        assert store.total(daemon.store) <= answered + connections, "the store has too many messages"
        daemon.start()
        lab_module.wait_until(lambda: store.total(daemon.store) >= answered, 60, "the rows of the journal")
        daemon.stop()
        # at the first kill each connection may have had one message whose row was written but not answered
        total = store.total(daemon.store)
        assert answered <= total <= answered + connections, f"{total} in the report, {answered} were answered"


@case("stops", "SIGKILL between messages: the report has exactly what was answered, however often")
def killed_between(bench):
    with bench.daemon() as daemon:
        for round_number in range(1, 6):
            at_once([lambda: one_connection(daemon, 5)] * 8)
            kill(daemon)
            daemon.start()
            with started(daemon) as client:
                good_one(client)
            lab_module.wait_until(lambda: store.total(daemon.store) >= round_number * 41, 60, "the rows")
            equal(store.total(daemon.store), round_number * 41, "the number of messages in the report")


def one_connection(daemon, count):
    with started(daemon) as client:
        for _ in range(count):
            good_one(client)


@case("stops", "rows reach the store while the daemon runs")
def rows_arrive(bench):
    with bench.daemon() as daemon, started(daemon) as client:
        good_one(client)
        lab_module.wait_until(lambda: daemon.store.exists() and store.total(daemon.store) == 1, 60, "the row")
