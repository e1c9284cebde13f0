"""wire_limits.py - large messages and many fields: bounds hold, and nobody has to wait long."""
import os
import pathlib
import re
import time

from bench import BAD, GOOD, SERVER, at_once, case, equal, good_one, holds, plain, refused, started, taken
import lab as lab_module
import milter_client


SIX = "2001:db8::10"
FORWARDER, OURS = "203.0.113.7", "203.0.113.8"
BUSY = "451 4.3.2"


@case("limits", "limits.messages: one more is asked to come again, the others are answered")
def messages(bench):
    with bench.daemon("limits: { messages = 4; stop_seconds = 1; };") as daemon:
        clients = [started(daemon, client) for client in (GOOD, SIX, GOOD, BAD, GOOD)]
        for client in clients[:4]:
            equal(client.mail("anna@example.org").word, "continue", "the answer to MAIL")
        refused(clients[4].mail("anna@example.org"), BUSY)
        for client in clients[:4]:
            client.rcpt("reader@example.net")
            client.header(b"From", b" anna@example.org")
            client.end_of_headers()
            answer = client.end_of_message()
            if client is clients[3]:
                refused(answer, "550")
            else:
                taken(answer, "dmarc=pass")
        good_one(clients[4])
        for client in clients:
            client.quit()


def begun(daemon, *addresses, **macros):
    """A session of each address that says MAIL: those that may go on, and how many are put off."""
    clients = [started(daemon, address) for address in addresses]
    answers = [client.mail("x@club.example", **macros) for client in clients]
    assert all(answer.word == "continue" or answer.reply.startswith(BUSY) for answer in answers), answers
    return [client for client, answer in zip(clients, answers) if answer.word == "continue"], \
        sum(answer.word != "continue" for answer in answers)


def end(clients):
    for client in clients:
        client.quit()


def comes_to(daemon, most, *addresses, **macros):
    """So many may go on, never more, once the daemon has learned that the sessions before are gone."""
    def tried():
        idle, _ = begun(daemon, *addresses, **macros)
        end(idle)
        assert len(idle) <= most, f"{len(idle)} messages of {addresses[0]} instead of {most}"
        return len(idle) == most
    lab_module.wait_until(tried, what=f"{most} messages of {addresses[0]}")


STEPS = {
    "rcpt": lambda client: client.rcpt("reader@example.net"),
    "field": lambda client: client.header(b"From", b" x@club.example"),
    "end_of_headers": lambda client: client.end_of_headers(),
    "body": lambda client: client.body(b"x"),
    "abort": lambda client: client.abort(),
    "again": lambda client: equal(client.mail("x@club.example").word, "continue", "the answer to MAIL again"),
}
# How far the messages get that are held open.
IDLE = {
    "MAIL": (),
    "RCPT": ("rcpt",),
    "a field": ("rcpt", "field"),
    "the header": ("rcpt", "field", "end_of_headers"),
    "the body": ("rcpt", "field", "end_of_headers", "body"),
    "RSET and MAIL": ("rcpt", "abort", "again") * 3,
}


@case("limits", "one client has half of limits.messages at most, wherever its messages stand still")
def one_client(bench):
    for where, steps in IDLE.items():
        with bench.daemon("limits: { messages = 8; stop_seconds = 1; };") as daemon:
            idle, put_off = begun(daemon, *[BAD] * 6)
            equal((len(idle), put_off), (4, 2), f"of 6 messages that stand still after {where}")
            for client in idle:
                for step in steps:
                    STEPS[step](client)
            equal(begun(daemon, BAD), ([], 1), "one more")
            with started(daemon) as client:
                good_one(client)
            daemon.wait_for_log(f"warning: client {BAD} has 4 of the 8 messages that may be under way (limits.messages) and ")
            equal(daemon.log_text().count("messages that may be under way"), 1, "how often the log names it")
            end(idle)
            comes_to(daemon, 4, *[BAD] * 6)


@case("limits", "an IPv6 client is its /48, and an IPv4 address is itself however it is written")
def whose_share(bench):
    for one, other, together in ((SIX, "2001:db8::ffff:1", True), ("2001:db8:0:1:2::3", "2001:db8:0:2:ffff::", True),
                                 (SIX, "2001:db8:1:1::10", False), ("192.0.2.66", "192.0.2.67", False),
                                 (f"::ffff:{BAD}", BAD, True), ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False)):
        with bench.daemon("limits: { messages = 4; stop_seconds = 1; };") as daemon:
            idle, _ = begun(daemon, one, one, one)
            equal(len(idle), 2, f"messages of {one}")
            equal(begun(daemon, other)[1], int(together), f"put off of {other} after {one}")


@case("limits", "a few clients leave the last quarter of limits.messages to those with none under way")
def few_clients(bench):
    with bench.daemon("limits: { messages = 16; stop_seconds = 1; };") as daemon:
        few, put_off = begun(daemon, *("192.0.2.1", "192.0.2.2", "192.0.2.3") * 8)
        equal((len(few), put_off), (12, 12), "messages of three clients")
        many, put_off = begun(daemon, *(f"192.0.2.{number}" for number in range(11, 17)))
        equal((len(many), put_off), (4, 2), "messages of others")
        end(many)
        one_each, put_off = begun(daemon, *[f"192.0.2.{number}" for number in range(21, 24)] * 2)
        equal((len(one_each), put_off), (3, 3), "messages of three more, two of each")
        end(few)
        comes_to(daemon, 1, GOOD)


@case("limits", "who is ours or a forwarder may use all of limits.messages; a login is no such sign")
def who_has_no_share(bench):
    more = f'limits: {{ messages = 8; stop_seconds = 1; }};\nnetworks: {{ ours = [ "127.0.0.1", "{OURS}" ]; forwarders = [ "{FORWARDER}" ]; }};'
    with bench.daemon(more) as daemon:
        for address in (OURS, FORWARDER, "127.0.0.1"):
            comes_to(daemon, 8, *[address] * 10)
        comes_to(daemon, 4, *[BAD] * 6, **{"{auth_authen}": "anna"})


@case("limits", "each slot comes back, whichever way a message ends, and whoever begins them at once")
def slots_come_back(bench):
    def churn(daemon, number):
        for turn in range(5 if bench.slow else 20):
            with started(daemon, f"192.0.2.{number % 3 + 1}") as client:
                for _ in range(1 + turn % 3):
                    client.mail("x@club.example")
                if turn % 4 == 1:
                    client.abort()
                elif turn % 4 == 2:
                    client.deliver(plain("club.example"), sender="x@club.example")
    with bench.daemon("limits: { messages = 16; stop_seconds = 1; };") as daemon:
        at_once([lambda number=number: churn(daemon, number) for number in range(8)])
        for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
            comes_to(daemon, 8, *[address] * 9)


def processor_seconds(daemon):
    fields = pathlib.Path(f"/proc/{daemon.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@case("limits", "no file descriptor is left: connections wait, take no processor, and are served when there is one")
def no_files(bench):
    with bench.daemon() as daemon:
        daemon.stop()
        program = daemon.folder / "assayd"
        program.write_text(f'#!/bin/sh\nulimit -n 64\nexec {daemon.program} "$@"\n')
        program.chmod(0o755)
        daemon.program = program
        daemon.start()
        with started(daemon) as client:
            good_one(client)
        clients = [milter_client.Client(daemon.address) for _ in range(100)]
        daemon.wait_for_log("no file descriptor is left")
        spent, began = processor_seconds(daemon), time.monotonic()
        time.sleep(2)
        spent, passed = processor_seconds(daemon) - spent, time.monotonic() - began
        assert bench.slow or spent < passed / 2, f"{spent:.2f} s of the processor in {passed:.2f} s"
        for client in clients:
            good_one(client.start())
            client.quit()


def resident_most(daemon):
    """The most memory that the daemon ever had, in octets."""
    text = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
    return int(re.search(r"^VmHWM:\s*(\d+) kB", text, re.MULTILINE).group(1)) * 1024


@case("limits", "a body of 100 MB is hashed and not kept")
def large_body(bench):
    size = (10 if bench.slow else 100) * 1000 * 1000
    body = b"".join(b"%071d\r\n" % number for number in range(size // 73))
    message = bench.signed(plain(body=body), canonicalize="relaxed/simple")
    with bench.daemon() as daemon, started(daemon) as client:
        taken(client.deliver(message), "dkim=pass", "dmarc=pass")
        # sanitizers multiply memory
        assert bench.slow or resident_most(daemon) < size // 2, f"{resident_most(daemon)} octets of memory"
        taken(client.deliver(message[:-3] + b"x\r\n"), "dkim=fail", "spf=pass")


@case("limits", "a large body that nobody needs is skipped")
def skipped_body(bench):
    with bench.daemon() as daemon, started(daemon) as client:
        client.mail("anna@example.org")
        client.rcpt("reader@example.net")
        client.header(b"From", b" anna@example.org")
        client.end_of_headers()
        equal(client.body(b"x" * 1000000).word, "skip", "the answer to the body")
        taken(client.end_of_message(), "dmarc=pass")


@case("limits", "10,000 header fields")
def many_fields(bench):
    many = tuple(f"X-Field-{number}: value {number}" for number in range(10000))
    with bench.daemon() as daemon, started(daemon) as client:
        taken(client.deliver(bench.signed(plain(above=many))), "dkim=pass", "dmarc=pass")
        taken(client.deliver(plain(above=("X-Same: value",) * 10000)), "dmarc=pass")


@case("limits", "50 forged results are all removed, 5,000 are refused before one is")
def many_forged(bench):
    forged = f"Authentication-Results: {SERVER}; dmarc=pass"
    with bench.daemon() as daemon, started(daemon) as client:
        answer = client.deliver(plain(above=(forged,) * 50))
        taken(answer, "dmarc=pass")
        equal([index for index, _, _ in answer.changed], list(range(50, 0, -1)), "the indices removed")
        answer = client.deliver(plain(above=(forged,) * 5000))
        equal((answer.reply[:9], answer.changed, answer.inserted), ("550 5.6.0", [], []), "the answer to 5,000")


@case("limits", "1,000 signatures: those that the limit leaves are judged")
def many_signatures(bench):
    message = plain()
    signature = bench.signed(message)[:-len(message)].decode().rstrip("\r\n")
    with bench.daemon() as daemon, started(daemon) as client:
        answer = client.deliver(plain(above=(signature,) * 1000))
        taken(answer, "dkim=pass", "dmarc=pass")
        assert answer.results().count("dkim=") <= 40, f"{answer.results().count('dkim=')} results"


@case("limits", "one field of 60,000 octets, and a From of many addresses")
def long_fields(bench):
    with bench.daemon() as daemon, started(daemon) as client:
        taken(client.deliver(plain(above=("X-Long: " + "x" * 60000,))), "dmarc=pass")
        group = ", ".join(f"a{number}@d{number}.many.example" for number in range(2000))
        refused(client.deliver(f"From: {group}\r\n\r\nHello.\r\n".encode()), "550")
        nested = "(" * 30000 + ")" * 30000
        client.deliver(f"From: {nested} anna@example.org\r\n\r\nHello.\r\n".encode())
        good_one(client)


@case("limits", "a header over limits.header_bytes is refused, since From may lie beyond")
def long_header(bench):
    with bench.daemon("limits: { header_bytes = 16384; };") as daemon, started(daemon) as client:
        long = tuple(f"X-Field: {'x' * 100}" for _ in range(200))
        refused(client.deliver(plain(above=long)), "552 5.3.4")
        taken(client.deliver(plain(above=long[:100])), "dmarc=pass")


@case("limits", "2,000 recipients")
def many_recipients(bench):
    recipients = tuple(f"reader{number}@example.net" for number in range(2000))
    with bench.daemon() as daemon, started(daemon) as client:
        taken(client.deliver(plain(), recipients=recipients), "dmarc=pass")


@case("limits", "more recipients than limits.recipients: a redirect holds the message, since some could not be taken off")
def recipients_cut(bench):
    recipients = tuple(f"reader{number}@example.net" for number in range(4))
    more = "limits: { recipients = 3; };\n" \
        'quarantine: { action = "redirect"; address = "jail@example.net"; };'
    with bench.daemon(more) as daemon, started(daemon, BAD) as client:
        answer = client.deliver(plain("shop.example"), sender="sales@shop.example", recipients=recipients)
        taken(answer, "dmarc=fail")
        holds(answer.quarantine, "dmarc=fail")
        equal((answer.recipients_added, answer.recipients_removed), ([], []), "who was added and removed")
        answer = client.deliver(plain("shop.example"), sender="sales@shop.example", recipients=recipients[1:])
        equal((answer.quarantine, answer.recipients_added), ("", ["jail@example.net"]), "what is done within the limit")


@case("limits", "a reply with whatever a domain can put into it is one line of ASCII")
def reply_text(bench):
    with bench.daemon('dmarc: { reply_url = "https://example.net/why?100%25"; };') as daemon:
        with started(daemon, "198.51.100.66") as client:
            reply = client.deliver(plain()).reply
            holds(reply, "100%%25")
            assert reply.isascii() and "\n" not in reply and len(reply) < 980, reply


@case("limits", "DNS that is silent: an answer within limits.message_ms, and the message is put off")
def silent_dns(bench):
    with bench.daemon("limits: { message_ms = 1000; };") as daemon, started(daemon) as client:
        answer = client.deliver(plain("silent.example"), sender="anna@silent.example")
        refused(answer, "451 4.7.1", "limits.message_ms")
        good_one(client)
