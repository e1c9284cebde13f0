"""wire_signing.py - mail of ours leaves with signatures, mail of others never; keys change while mail flows."""
import itertools
import os
import re
import shutil
import subprocess
import threading

import dkim
import milter_client

from bench import BAD, at_once, case, equal, holds, outcome, plain, refused, started
import lab as lab_module

OURS = "203.0.113.5"
SIGN = 'sign: ( { domain = "example.org"; keys = "@KEYS@"; } );\nnetworks: { ours = [ "203.0.113.0/24" ]; };'
OTHER_DOMAIN = "Eve <eve@other.example>"


class Signer:
    """A folder of keys, and settings for a daemon that signs with them."""

    def __init__(self, bench, more=SIGN):
        self.bench = bench
        self.folder = bench.lab.path(f"keys{next(bench.numbers)}")
        self.settings = bench.lab.write(f"keys{next(bench.numbers)}.conf",
                                        'authserv_id = "mx.example.net";\nuser = "nobody";\n')
        self.more = more.replace("@KEYS@", str(self.folder))
        self.zone = {}
        self.new_keys("first")

    def tool(self, *words):
        return subprocess.run([self.bench.build / "assay", "key", *words, "-c", self.settings, "--keys", self.folder],
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout

    def new_keys(self, selector, domain="example.org"):
        lines = self.tool("new", domain, "--selector", selector).splitlines()
        for number, line in enumerate(lines):
            found = re.search(r"web form: name (\S+),", line)
            if found:
                self.zone[found.group(1)] = lines[number + 1].removeprefix("; ")

    def dns(self, name, timeout=5):
        return self.zone.get(name.decode().rstrip("."), "").encode() or None

    def verified(self, answer, message, count=2):
        """The selectors of the signatures, all of which verify."""
        made = [value for _, name, value in answer.inserted if name == "DKIM-Signature"]
        equal(len(made), count, f"the number of signatures ({answer.word} {answer.reply})")
        equal([index for index, name, _ in answer.inserted if name == "DKIM-Signature"], [0] * count, "where they go")
        # the last that was inserted on top is the first
        fields = b"".join(b"DKIM-Signature:" + value.replace("\r\n", "\n").replace("\n", "\r\n").encode() + b"\r\n"
                          for value in reversed(made))
        for index in range(count):
            assert dkim.DKIM(fields + message).verify(idx=index, dnsfunc=self.dns), (index, made)
        return [re.search(r"s=([^;]+);", value).group(1) for value in reversed(made)]


def unsigned(answer):
    equal([name for _, name, _ in answer.inserted if name == "DKIM-Signature"], [], "the signatures")


@case("signing", "mail of ours is signed twice, RSA on top, and verifies")
def signs(bench):
    signer = Signer(bench)
    body = b"Hello,  world \t\r\n\r\n\r\nend\r\n \r\n\r\n" + b"x" * 70000 + b"\r\n"
    message = plain(body=body)
    with bench.daemon(signer.more) as daemon, started(daemon, OURS) as client:
        equal(signer.verified(client.deliver(message, queue_id="4SIGN0001"), message), ["firstr", "firste"], "the selectors")
        equal(outcome(daemon, "4SIGN0001")["signed"], "example.org:firstr,example.org:firste", "the log")
        with started(daemon, BAD) as stranger:
            signer.verified(stranger.deliver(message, login="anna"), message)
        local = milter_client.Client(daemon.socket)
        with local.start(client=None, name="localhost"):
            signer.verified(local.deliver(message), message)


@case("signing", "a body with bare CRs is signed as RFC 6376 3.4 has it")
def bare_crs(bench):
    signer = Signer(bench)
    bodies = (b"a\rb\r\n", b"\r\ra\r\n", b"a\r\r\nb\r\n", b"x" * 65534 + b"\r\r\ny\r\n", b"x" * 65534 + b"\r\ny\r\n",
              b"\r" * 200000 + b"\r\n")
    with bench.daemon(signer.more) as daemon, started(daemon, OURS) as client:
        for body in bodies:
            message = plain(body=body)
            signer.verified(client.deliver(message), message)


@case("signing", "simple canonicalization, with servers that eat the space after the colon and those that do not")
def simple(bench):
    signer = Signer(bench, SIGN.replace('@KEYS@";', '@KEYS@"; canonicalization = "simple/simple";'))
    message = plain().replace(b"Subject: ", b"Subject:  \t")
    assert b"Subject:  \t" in message
    with bench.daemon(signer.more) as daemon:
        with started(daemon, OURS) as client:
            signer.verified(client.deliver(message), message)
        with started(daemon, OURS, steps=0) as client:
            answer = client.deliver(message)
            answer.inserted = [(index, name, " " + value) for index, name, value in answer.inserted]
            signer.verified(answer, message)


def mail_from_outside(daemon, connect, helo, macros, message):
    client = milter_client.Client(daemon.socket)
    with client.negotiate():
        if connect is not None:
            client.connect(*connect)
        if helo:
            client.helo(helo)
        answer = client.mail("anna@example.org", **macros)
        if connect is None:     # nobody knows who that is
            refused(answer, "451")
            return
        equal(answer.word, "continue", "the answer to MAIL")
        client.rcpt("reader@example.net")
        fields, body = milter_client.split(message)
        for name, value in fields:
            client.header(name, value)
        client.end_of_headers()
        client.body(body)
        unsigned(client.end_of_message(queue_id=""))


@case("signing", "a forged author of ours from outside is never signed, whatever the server leaves out")
def forged(bench):
    signer = Signer(bench)
    with bench.daemon(signer.more + '\ndmarc: { enforce = "monitor"; };') as daemon:
        connects = [(BAD, "mail.example.org"), (BAD, "localhost"), (BAD, "unknown"), ("2001:db8::66", "localhost"),
                    (None, "unknown"), (None, "mail.example.org"), (None, ""), (None, "localhost.example"), None]
        macros = [{}, {"{auth_authen}": ""}, {"{auth_type}": "PLAIN"}, {"{auth_author}": "anna"},
                  {"{mail_addr}": "anna@example.org", "i": "4AAAA"}, {"{client_addr}": OURS}, {"{daemon_name}": "MSA"}]
        for connect, helo, given in itertools.product(connects, ("mail.example.org", "localhost", ""), macros):
            mail_from_outside(daemon, connect, helo, given, plain())


@case("signing", "a login counts for the message that it was given with, not for the next one on the connection")
def login_ends(bench):
    signer = Signer(bench)
    with bench.daemon(signer.more + '\ndmarc: { enforce = "monitor"; };') as daemon, started(daemon, BAD) as client:
        for _ in range(3):
            signer.verified(client.deliver(plain(), login="anna"), plain())
            unsigned(client.deliver(plain()))
            client.mail("anna@example.org", **{"{auth_authen}": "anna"})
            client.abort()
            unsigned(client.deliver(plain()))


@case("signing", "what is not signed says why in the log")
def reasons(bench):
    signer = Signer(bench, SIGN.replace('@KEYS@";', '@KEYS@"; users = [ "anna" ];'))
    message = plain()
    two = message.replace(b"From:", b"From: x@example.org\r\nFrom:", 1)
    spaced = message.replace(b"From:", b"From : x@other.example\r\nFrom:", 1)
    cases = (("4WHY00001", message, "bob", "bob may not send as example.org"),
             ("4WHY00002", message, None, "a client without login may not send as example.org"),
             ("4WHY00003", two, "anna", "2 From fields"), ("4WHY00004", spaced, "anna", "2 From fields"),
             ("4WHY00005", re.sub(rb"From:.*\r\n", b"", message), "anna", "no From field"),
             ("4WHY00006", milter_client.plain(author=OTHER_DOMAIN), "anna", "no key for other.example"))
    with bench.daemon(signer.more) as daemon, started(daemon, OURS) as client:
        for queue_id, one, login, words in cases:
            unsigned(client.deliver(one, login=login, queue_id=queue_id))
            holds(outcome(daemon, queue_id)["unsigned"], words)
        signer.verified(client.deliver(message, login="Anna"), message)


@case("signing", "a key that is open to others, or broken: no start, and at a reload the former keys stay")
def bad_keys(bench):
    signer = Signer(bench)
    path = signer.folder / "example.org" / "firstr.pem"
    message = plain()
    with bench.daemon(signer.more) as daemon:
        sound = path.read_text()
        for spoil, words in ((lambda: path.chmod(0o644), f"chmod 600 {path}"),
                             (lambda: path.write_text(sound[:-300]), "is not a valid private key")):
            told = daemon.log_text().count("were not reloaded")
            spoil()
            daemon.reload()
            lab_module.wait_until(lambda: daemon.log_text().count("were not reloaded") > told, what="the refusal")  # pylint: disable=cell-var-from-loop
            holds(daemon.log_text(), words)
            checked = subprocess.run([daemon.program, "-t", "-c", daemon.configuration], stderr=subprocess.PIPE, text=True,
                                     stdout=subprocess.DEVNULL, check=False)
            equal(checked.returncode, 78, "the exit status")
            holds(checked.stderr, words)
            with started(daemon, OURS) as client:
                signer.verified(client.deliver(message), message)
            path.chmod(0o600)
            path.write_text(sound)
        assert "will fail" not in daemon.log_text()


@case("signing", "a key of root's is used, and the log says that a reload will fail", root=True)
def roots_key(bench):
    signer = Signer(bench)
    path = signer.folder / "example.org" / "firstr.pem"
    os.chown(path, 0, 0)
    with bench.daemon(signer.more) as daemon, started(daemon, OURS) as client:
        daemon.wait_for_log(f"chown nobody {path}")
        signer.verified(client.deliver(plain()), plain())
        daemon.reload()
        daemon.wait_for_log("were not reloaded")
        signer.verified(client.deliver(plain()), plain())


@case("signing", "ten thousand domains in one folder: each signs, and the keys take less than 100 MB")
def hoster(bench):
    count = 300 if bench.slow else 10000
    signer = Signer(bench, 'sign: ( { keys = "@KEYS@"; } );')
    key = signer.folder / "example.org" / "firstr.pem"
    for number in range(count):
        folder = signer.folder / f"customer{number}.example"
        folder.mkdir(mode=0o755)
        os.link(key, folder / "r.pem")
    with bench.daemon(signer.more) as daemon, started(daemon, BAD) as client:
        for number in (0, count // 2, count - 1):
            signer.zone[f"r._domainkey.customer{number}.example"] = signer.zone["firstr._domainkey.example.org"]
            message = milter_client.plain(author=f"Anna <anna@customer{number}.example>")
            signer.verified(client.deliver(message, login="anna"), message, 1)
        resident = int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{daemon.process.pid}/status", encoding="ascii").read()).group(1))
        assert bench.slow or resident < 100 * 1024, f"{resident} kB are resident"
    shutil.rmtree(signer.folder)


def exchange(signer):
    """The files of the second pair take the place of those of the first, as a careless operator would do it."""
    folder = signer.folder / "example.org"
    for path in sorted(folder.glob("second*.pending")):
        path.rename(path.with_suffix(".pem"))
    for path in sorted(folder.glob("first*.pem")):
        path.rename(path.with_suffix(".retired-2026-11-29"))


@case("threads", "keys are exchanged in the middle of many messages: none is lost, every one verifies")
def under_load(bench):
    signer = Signer(bench)
    signer.new_keys("second")
    each, connections = (50, 4) if bench.slow else (125, 8)
    seen, half, exchanged = [], threading.Event(), threading.Event()

    def send(daemon, number):
        """Ten messages a connection; the last of them begins when the keys are exchanged."""
        sent, last = 0, False
        while not last:
            last = sent >= each and exchanged.is_set()
            with started(daemon, OURS) as client:
                for _ in range(10):
                    message = plain(subject=f"message {number} {sent}")
                    seen.append(tuple(signer.verified(client.deliver(message), message)))
                    sent += 1
            if len(seen) >= each * connections // 2:
                half.set()

    def change(daemon):
        try:
            lab_module.wait_until(half.is_set, 300, "half of the mail")
            exchange(signer)
            daemon.reload()
            daemon.wait_for_log("settings read again")
        finally:
            exchanged.set()

    with bench.daemon(signer.more) as daemon:
        at_once([lambda number=number: send(daemon, number) for number in range(connections)] + [lambda: change(daemon)])
        assert len(seen) >= each * connections, f"{len(seen)} messages"
        equal(set(seen), {("firstr", "firste"), ("secondr", "seconde")}, "the pairs of keys")
        with started(daemon, OURS) as client:
            equal(signer.verified(client.deliver(plain()), plain()), ["secondr", "seconde"], "the keys afterwards")
    shutil.rmtree(signer.folder)
