"""wire_verdicts.py - what the mail server is told about one message: answer, reply, header fields, recipients, log."""
import re
import subprocess

from bench import BAD, GOOD, SERVER, case, equal, holds, outcome, plain, refused, started, taken
import milter_client
import store

FORGED = f"Authentication-Results: {SERVER}; dmarc=pass header.from=bank.example"


@case("verdicts", "a message that passes is taken, with one header field on top")
def passes(bench):
    with bench.daemon() as daemon, started(daemon) as client:
        answer = client.deliver(bench.signed(plain()), queue_id="4PASS0001")
        taken(answer, f"{SERVER};", "spf=pass", "dkim=pass", "header.d=example.org", "dmarc=pass",
              "header.from=example.org")
        equal([(index, name) for index, name, _ in answer.inserted], [(0, "Authentication-Results")], "what was added")
        equal((answer.changed, answer.quarantine, answer.recipients_added), ([], "", []), "what else was done")


@case("verdicts", "without authserv_id the mail server's own name is ours, and fields in the host's name are forged too")
def name_of_the_server(bench):
    host = subprocess.run([bench.build / "assay", "config", "-c", bench.lab.write("no-name.conf", 'user = "nobody";\n')],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True).stdout
    host = re.search(r'^authserv_id = "(.+)";$', host, re.MULTILINE)[1]
    with bench.daemon('authserv_id = "";') as daemon, started(daemon) as client:
        answer = client.deliver(milter_client.plain(above=(
            FORGED, FORGED.replace(SERVER, host), FORGED.replace(SERVER, "third.example"), FORGED)))
        taken(answer, f"{SERVER};", "spf=pass")
        equal(sorted(index for index, name, value in answer.changed), [1, 2, 4], "the fields that were removed")
        daemon.wait_for_log(f"judges mail as {host}")


@case("verdicts", "a spoofed message is refused with a reply that names the domain")
def spoofed(bench):
    with bench.daemon() as daemon, started(daemon, BAD) as client:
        answer = client.deliver(plain(), queue_id="4SPOOF001")
        refused(answer, "550 5.7.1 ", "DMARC", "example.org")
        equal(answer.inserted, [], "what was added")


@case("verdicts", "p=quarantine holds the message")
def holds_it(bench):
    with bench.daemon() as daemon, started(daemon, BAD) as client:
        answer = client.deliver(plain("shop.example"), sender="sales@shop.example")
        taken(answer, "spf=fail", "dmarc=fail")
        holds(answer.quarantine, "dmarc")


@case("verdicts", "quarantine.action = tag only adds a field")
def tags_it(bench):
    with bench.daemon('quarantine: { action = "tag"; };') as daemon, started(daemon, BAD) as client:
        answer = client.deliver(plain("shop.example"), sender="sales@shop.example")
        taken(answer, "dmarc=fail")
        equal(answer.quarantine, "", "the hold")
        holds([name for _, name, _ in answer.inserted], "X-Assay-Quarantine", "Authentication-Results")


@case("verdicts", "quarantine.action = redirect changes all recipients")
def redirects_it(bench):
    more = 'quarantine: { action = "redirect"; address = "jail@example.net"; };'
    recipients = ("one@example.net", "two@example.net")
    with bench.daemon(more) as daemon, started(daemon, BAD) as client:
        answer = client.deliver(plain("shop.example"), sender="sales@shop.example", recipients=recipients)
        taken(answer, "dmarc=fail")
        equal(answer.recipients_added, ["jail@example.net"], "who was added")
        equal(sorted(answer.recipients_removed), sorted(recipients), "who was removed")
        told = [value for _, name, value in answer.inserted if name == "X-Envelope-To"]
        equal(told, [" <one@example.net>,\n\t<two@example.net>"], "what tells for whom it was")


@case("verdicts", "a server that cannot hold gets a tag instead, and the log says so")
def cannot_hold(bench):
    with bench.daemon() as daemon:
        actions = milter_client.ALL_ACTIONS & ~milter_client.QUARANTINE
        with started(daemon, BAD, actions=actions) as client:
            answer = client.deliver(plain("shop.example"), sender="sales@shop.example")
            equal(answer.word, "continue", "the answer")
            holds([name for _, name, _ in answer.inserted], "X-Assay-Quarantine")
        daemon.wait_for_log("refused to hold the message")


@case("verdicts", "p=none is taken with its failure in the header")
def watches(bench):
    with bench.daemon() as daemon, started(daemon, BAD) as client:
        taken(client.deliver(plain("club.example"), sender="info@club.example"), "spf=fail", "dmarc=fail")


@case("verdicts", "forged results in our name go, from the last to the first; others stay")
def forged(bench):
    with bench.daemon() as daemon, started(daemon) as client:
        answer = client.deliver(plain(above=(FORGED, "Authentication-Results: other.example; spf=pass", FORGED)))
        taken(answer, "dmarc=pass")
        equal(answer.changed, [(3, "Authentication-Results", ""), (1, "Authentication-Results", "")], "what was removed")


@case("verdicts", "mail of ours and of authenticated users is not judged")
def ours(bench):
    with bench.daemon('networks: { ours = [ "198.51.100.0/24" ]; };', settings=None) as daemon:
        with started(daemon, BAD) as client:
            equal(client.deliver(plain(), queue_id="4OURS0001").word, "continue", "the answer to our own")
        with started(daemon, "203.0.113.9") as client:
            answer = client.deliver(plain(above=(FORGED,)), login="anna", queue_id="4AUTH0001")
            equal((answer.word, answer.inserted), ("continue", []), "the answer to an authenticated user")
        equal(outcome(daemon, "4OURS0001")["reason"], "ours", "the reason")
        equal(outcome(daemon, "4AUTH0001")["login"], "anna", "the login")
        daemon.stop()
        equal(store.rows(daemon.store), [], "the report")


@case("verdicts", "clients by IPv6, by IPv4 in IPv6, and without an address")
def addresses(bench):
    with bench.daemon() as daemon:
        for client, result in (("2001:db8::10", "spf=pass"), ("IPv6:2001:db8::10", "spf=pass"),
                               (f"::ffff:{GOOD}", "spf=pass"), (None, "dmarc=")):
            with milter_client.Client(daemon.address).start(client) as connection:
                answer = connection.deliver(bench.signed(plain()))
                taken(answer, result, "dkim=pass", "dmarc=pass")


@case("verdicts", "a server that eats the space after the colon, and waits for every answer")
def plain_server(bench):
    message = bench.signed(plain(), canonicalize="simple/simple")
    with bench.daemon() as daemon, started(daemon, steps=0) as client:
        equal(client.steps, 0, "the steps that were agreed")
        answer = client.deliver(message)
        taken(answer, "dkim=pass")
        assert not answer.inserted[0][2].startswith(" "), "the server adds a space of its own"


@case("verdicts", "the log line has all its fields, and nothing from outside breaks it")
def log_line(bench):
    with bench.daemon() as daemon:
        with started(daemon, BAD) as client:
            client.deliver(plain(), queue_id="4LOG00001")
        with milter_client.Client(daemon.address).start(BAD, helo="a b\nc: action=accept") as client:
            client.deliver(plain(), sender="x\r\ny\x1b[1m@example.org", queue_id="4LOG00002")
        found = outcome(daemon, "4LOG00001")
        for name, value in {"action": "reject", "client": BAD, "helo": "mail.example.org", "from": "example.org",
                            "mail_from": "<anna@example.org>", "spf": "fail", "spf_domain": "example.org",
                            "dkim": "none", "dmarc": "fail", "policy": "reject",
                            "policy_domain": "example.org"}.items():
            equal(found.get(name), value, name)
        holds(found, "reason", "why", "ms")
        equal(outcome(daemon, "4LOG00002")["action"], "reject", "the action of the strange one")
        equal(sum("action=" in line for line in daemon.log_text().splitlines()), 2, "the number of lines")
        assert "\x1b" not in daemon.log_text(), "an escape character is in the log"


@case("verdicts", "what comes from outside is escaped in the log once: the queue id as all else, and what a reason quotes")
def escaped_once(bench):
    shown = {"4ODD\udcff\udc80": r"4ODD\xFF\x80", "4ODD\x7f\x1b[1m": r"4ODD\x7F\x1B[1m", "4ODD\x85": r"4ODD\xC2\x85",
             "4ODD\u202e": r"4ODD\xE2\x80\xAE", "4ODD\\\"": r"4ODD\x5C\x22", "4ODD\u00e4": "4ODD\u00e4"}
    reasons = {'"a\\"b': r"closing quote: \x22a\x5C\x22b", 'a\\b': r"has no @: a", '"x\x01': r"closing quote: \x22x\x01",
               '"\x85': r"closing quote: \x22\xC2\x85", '"x\udcff': r"closing quote: \x22x\xFF"}
    with bench.daemon() as daemon, started(daemon, BAD) as client:
        for queue_id in shown:
            client.deliver(plain(), queue_id=queue_id)
        for number, author in enumerate(reasons):
            client.deliver(f"From: {author}\r\n\r\nx\r\n".encode(errors="surrogateescape"), queue_id=f"4WHY{number}")
        for words in shown.values():
            daemon.wait_for_log(f" {words}: action=")
        for number, words in enumerate(reasons.values()):
            holds(outcome(daemon, f"4WHY{number}")["reason"], words)


@case("verdicts", "each judged message leaves one row")
def row(bench):
    with bench.daemon() as daemon:
        with started(daemon) as client:
            for _ in range(3):
                taken(client.deliver(plain()), "dmarc=pass")
        with started(daemon, BAD) as client:
            refused(client.deliver(plain()), "550")
        daemon.stop()
        rows = sorted((row["source"], row["count"], row["disposition"]) for row in store.rows(daemon.store))
        equal(rows, [(GOOD, 3, "pass"), (BAD, 1, "reject")], "the report")


@case("verdicts", "mail about reports leaves no row, unless it is forged")
def about_reports(bench):
    report = plain(subject="Report Domain: example.net Submitter: example.org Report-ID: <1>")
    with bench.daemon() as daemon:
        with started(daemon) as client:
            taken(client.deliver(report), "dmarc=pass")
            taken(client.deliver(plain(), recipients=("dmarc-reports@example.net",)), "dmarc=pass")
            taken(client.deliver(plain()), "dmarc=pass")
        with started(daemon, BAD) as client:
            refused(client.deliver(report), "550")
        daemon.stop()
        rows = sorted((row["source"], row["count"]) for row in store.rows(daemon.store))
        equal(rows, [(GOOD, 1), (BAD, 1)], "the report")


@case("verdicts", "forged mail leaves its row, whoever else it is to")
def forged_to_reports_too(bench):
    own, other = "dmarc-reports@example.net", "one@example.net"
    with bench.daemon() as daemon:
        with started(daemon, BAD) as client:
            for sender in ("sales@bad.example", ""):
                for recipients in ((other, own), (own, other), (own, own, other), (own.upper(), other), ("@a.example:" + own, other)):
                    refused(client.deliver(plain(), sender=sender, recipients=recipients), "550")
            for recipients in ((own,), (own, own), (own.upper(), "@a.example:" + own)):
                refused(client.deliver(plain(), recipients=recipients), "550")
        daemon.stop()
        equal(sum(row["count"] for row in store.rows(daemon.store)), 10, "the rows of the spoofs that others get too")


@case("verdicts", "a source route is no part of an address")
def source_route(bench):
    more = 'quarantine: { action = "redirect"; address = "jail@example.net"; };'
    with bench.daemon(more) as daemon, started(daemon, BAD) as client:
        answer = client.deliver(plain("shop.example"), sender="@a.example,@b.example:sales@shop.example", queue_id="4ROUTE001",
                                recipients=("@mx.example.net:one@example.net",))
        taken(answer, "smtp.mailfrom=shop.example")
        equal(outcome(daemon, "4ROUTE001")["mail_from"], "<sales@shop.example>", "the sender in the log")
        equal(answer.recipients_removed, ["one@example.net"], "who was removed")
