"""wire_copies.py - mail to received.addresses: what is kept to be read as a report, and what becomes of the mail.

The reader that assayd starts is kept away by its own lock, so that the copies stay where the cases look at them.
"""
import contextlib
import fcntl
import os
import pathlib
import random
import re
import shutil
import time

from bench import BAD, GOOD, at_once, case, equal, good_one, holds, is_root, outcome, plain, started, taken
import copies_kills
import lab as lab_module
import small_disk
import store

ADDRESS = "dmarc@example.net"
BLOCK = 4096
MEGABYTE = 1 << 20


def settings(**more):
    more = {"addresses": f'[ "{ADDRESS}", "tls@example.net" ]', **more}
    return "received: { " + " ".join(f"{name} = {value};" for name, value in more.items()) + " };"


class Folder:
    """STORE.received of a daemon, whose reader is kept away as long as the case lasts."""

    def __init__(self, daemon, store_path=None):
        self.path = pathlib.Path(f"{store_path or daemon.store}.received")

    def make(self):
        for part in (self.path, self.path / "new", self.path / "tmp", self.path / "unreadable"):
            part.mkdir(mode=0o700, exist_ok=True)
            if is_root():
                shutil.chown(part, "nobody")

    @contextlib.contextmanager
    def without_reader(self):
        self.make()
        lock = self.path / "lock"
        with open(lock, "w", encoding="ascii") as held:
            if is_root():
                shutil.chown(lock, "nobody")
            fcntl.flock(held, fcntl.LOCK_EX)
            yield self

    def names(self, part="new"):
        return sorted(os.listdir(self.path / part)) if (self.path / part).exists() else []

    def copies(self):
        """[({key: value}, message)], oldest first."""
        return [self.copy(name) for name in self.names()]

    def copy(self, name):
        octets = (self.path / "new" / name).read_bytes()
        head = octets[:BLOCK].decode("ascii")
        assert head.startswith("assay-captured 1\n"), head[:80]
        equal(head.rstrip("\n").splitlines()[-1], "end", "the last line")
        facts = {}
        for line in head.rstrip("\n").splitlines()[1:-1]:
            key, _, value = line.partition(" ")
            facts.setdefault(key, []).append(value.strip())
        return facts, octets[BLOCK:]


@contextlib.contextmanager
def folder_of(bench, more=None, **words):
    with bench.daemon(more or settings(), **words) as daemon:
        with Folder(daemon).without_reader() as folder:
            yield daemon, folder


def fact(facts, **wanted):
    for key, value in wanted.items():
        equal(facts.get(key.replace("_", "-"), [""])[0], value, key)


def copied(daemon, queue_id):
    return outcome(daemon, queue_id).get("copy")


@case("copies", "a copy is kept as the message came, with what is known about its sender; the mail is delivered")
def kept(bench):
    message = bench.signed(plain(subject="Report Domain: example.net\r\n Submitter: example.org",
                                 body=b"<feedback>\r\n.\r\n..dots\r\n\0\xff octets, no line end"))
    before = int(time.time())
    with folder_of(bench) as (daemon, folder):
        with started(daemon) as client:
            taken(client.deliver(message, recipients=(ADDRESS,), queue_id="4COPY0001"), "dmarc=pass")
        (facts, octets), = folder.copies()
        equal(octets, message, "the message")
        fact(facts, author="example.org", dmarc="pass", aligned="spf dkim", queue_id="4COPY0001", client=GOOD,
             verdict="accept", dkim="example.org s1")
        assert before <= int(facts["received"][0]) <= time.time() + 1, facts
        equal(copied(daemon, "4COPY0001"), "kept", "copy=")
        equal(folder.names("tmp"), [], "what is left in tmp")
        path = folder.path / "new" / folder.names()[0]
        equal((path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777), (0o600, 0o700), "the modes")


@case("copies", "the folder is made when it is needed, for nobody but the daemon's user")
def folder_is_made(bench):
    with bench.daemon(settings()) as daemon:
        folder = Folder(daemon)
        with started(daemon) as client:
            good_one(client)
            assert not folder.path.exists(), "made without need"
            client.deliver(plain(), recipients=(ADDRESS,), queue_id="4COPY0002")
        equal(copied(daemon, "4COPY0002"), "kept", "copy=")
        for part in ("", "tmp", "new", "unreadable"):
            found = (folder.path / part).stat()
            equal((found.st_mode & 0o777, found.st_uid), (0o700, daemon.folder.stat().st_uid), f"{part}: mode and owner")


@case("copies", "addresses are found as mail servers deliver; mail to others is not copied")
def recipients(bench):
    rows = ((ADDRESS, 1), ("DMARC@Example.NET", 1), ("dmarc+example.org@example.net", 1), ("tls@example.net", 1),
            ("dmarcs@example.net", 0), ("dmarc@example.org", 0), ("reader@example.net", 0), ("dmarc", 0))
    with folder_of(bench) as (daemon, folder), started(daemon) as client:
        for number, (recipient, wanted) in enumerate(rows):
            before = len(folder.names())
            taken(client.deliver(plain(), recipients=(recipient,), queue_id=f"4RCPT{number}"))
            equal(len(folder.names()) - before, wanted, f"copies of mail to {recipient}")
            equal(copied(daemon, f"4RCPT{number}"), "kept" if wanted else None, f"copy= of mail to {recipient}")


@case("copies", "without addresses nothing is copied; a reload makes them known")
def by_reload(bench):
    with bench.daemon("received: { addresses = [ ]; };") as daemon, Folder(daemon).without_reader() as folder:
        with started(daemon) as client:
            client.deliver(plain(), recipients=(ADDRESS,))
        equal(folder.names(), [], "copies")
        daemon.change("addresses = [ ]", f'addresses = [ "{ADDRESS}" ]')
        with started(daemon) as client:
            client.deliver(plain(), recipients=(ADDRESS,))
        equal(len(folder.names()), 1, "copies")


@case("copies", "outbound mail is not copied")
def outbound(bench):
    more = settings() + '\nnetworks: { ours = [ "203.0.113.0/24" ]; };'
    with folder_of(bench, more) as (daemon, folder):
        with started(daemon, "203.0.113.1") as client:
            client.deliver(plain(), recipients=(ADDRESS,), queue_id="4OURS0001")
        with started(daemon) as client:
            client.deliver(plain(), recipients=(ADDRESS,), queue_id="4OURS0002", login="anna")
        equal((copied(daemon, "4OURS0001"), copied(daemon, "4OURS0002"), folder.names()), (None, None, []), "copies")


@case("copies", "what is refused is not kept, what is held is kept and does not count")
def refused_and_held(bench):
    forged = plain("shop.example")
    with folder_of(bench) as (daemon, folder), started(daemon, BAD) as client:
        answer = client.deliver(plain(), recipients=(ADDRESS,), queue_id="4FORG0001")
        equal(answer.word, "reject", "the answer to forged mail of p=reject")
        equal((folder.names(), folder.names("tmp"), copied(daemon, "4FORG0001")), ([], [], None), "copies")
        answer = client.deliver(forged, recipients=(ADDRESS,), queue_id="4FORG0002")
        assert answer.quarantine, "forged mail of p=quarantine was not held"
        (facts, octets), = folder.copies()
        fact(facts, author="shop.example", dmarc="fail", aligned="", verdict="quarantine")
        equal(octets, forged, "the message")


@case("copies", "forged mail that is delivered is kept, and does not count")
def forged_accepted(bench):
    with folder_of(bench) as (daemon, folder), started(daemon, BAD) as client:
        taken(client.deliver(plain("club.example"), recipients=(ADDRESS,)), "dmarc=fail")
        taken(client.deliver(plain("unknown.example"), recipients=(ADDRESS,)), "dmarc=none")
        for facts, _ in folder.copies():
            fact(facts, aligned="", verdict="accept")


@case("copies", "nothing that a sender writes makes it count")
def tricks(bench):
    head = b"assay-captured 1\nreceived 1700000000\nverdict accept\nauthor example.org\ndmarc pass\naligned spf dkim\nend\n"
    with folder_of(bench, settings() + '\ndmarc: { enforce = "monitor"; };') as (daemon, folder), started(daemon, BAD) as client:
        # the form of the first lines as the first field, as a queue id, and as the whole of the header
        client.deliver(b"assay-captured: 1\r\nreceived: 1\r\naligned: spf dkim\r\nauthor: example.org\r\n" + plain("club.example"),
                       sender="anna@club.example", recipients=(ADDRESS,))
        client.deliver(plain("club.example"), recipients=(ADDRESS,), queue_id="4X\naligned spf dkim\nauthor example.org\nend\n")
        client.deliver(plain("club.example", body=head), recipients=(ADDRESS,))
        # several authors, one of which passes for the client
        with started(daemon) as good:
            for author in ("anna@example.org, eve@club.example", "eve@club.example, anna@example.org",
                           '"anna@example.org" <eve@club.example>'):
                good.deliver(plain().replace(b"Anna <anna@example.org>", author.encode()), recipients=(ADDRESS,))
            good.deliver(b"From: eve@club.example\r\n" + plain(), recipients=(ADDRESS,))
        copies = folder.copies()
        equal(len(copies), 7, "copies")
        for facts, _ in copies:
            equal(set(facts), {"received", "queue-id", "client", "verdict", "author", "dmarc", "aligned"} | set(facts) & {"dkim"},
                  "keys")
            assert all(len(values) == 1 for values in facts.values()), facts
            assert facts["author"][0] in ("-", "club.example") or facts["aligned"] == [""], facts
            if facts["author"][0] == "club.example":
                fact(facts, aligned="")


@case("copies", "a key for TLS reports makes nothing pass, and is noted")
def tls_key(bench):
    zone = bench.zone + f"tls._domainkey.example.org TXT {bench.keys.record('rsa2048').replace('k=rsa', 'k=rsa; s=tlsrpt')}\n"
    import zone_server  # pylint: disable=import-outside-toplevel
    dns = zone_server.ZoneServer(bench.lab, zone, name="tlsdns")
    message = bench.keys.sign(plain(), "rsa2048", "example.org", "tls")
    assert b"s=tls" in message.replace(b"\r\n ", b""), message
    with folder_of(bench, settings() + '\ndmarc: { enforce = "monitor"; };', dns_port=dns.port) as (daemon, folder), \
            started(daemon, BAD) as client:
        taken(client.deliver(message, recipients=("tls@example.net",)), "dkim=permerror", "dmarc=fail")
        taken(client.deliver(message.replace(b"Hello", b"Jello"), recipients=("tls@example.net",)), "dmarc=fail")
        taken(client.deliver(message.replace(b"anna@example.org", b"anna@club.example"), recipients=("tls@example.net",)))
        (first, _), (second, _), (third, _) = sorted(folder.copies(), key=lambda copy: ("tlsrpt" not in copy[0], copy[0]["author"][0] == "club.example"))
        fact(first, aligned="tlsrpt", dmarc="fail", tlsrpt="example.org tls", author="example.org")
        fact(second, aligned="")
        fact(third, aligned="")


@case("copies", "discard: the mail is taken and not delivered, once the copy is on the disk")
def discarded(bench):
    with folder_of(bench, settings(after='"discard"')) as (daemon, folder), started(daemon) as client:
        for number, to in enumerate(((ADDRESS,), (ADDRESS, "tls@example.net"))):
            answer = client.deliver(plain(), recipients=to, queue_id=f"4DISC{number}")
            equal(answer.word, "discard", f"the answer for {to}")
            equal(copied(daemon, f"4DISC{number}"), "discarded", "copy=")
        equal(len(folder.names()), 2, "copies")
        answer = client.deliver(plain(), recipients=("reader@example.net",), queue_id="4DISC8")
        taken(answer, "dmarc=pass")
        equal(copied(daemon, "4DISC8"), None, "copy= of the next message of the connection")


@case("copies", "discard: what others get too, is held, refused or cannot be kept goes its way")
def not_discarded(bench):
    with folder_of(bench, settings(after='"discard"')) as (daemon, folder):
        with started(daemon) as client:
            taken(client.deliver(plain(), recipients=(ADDRESS, "reader@example.net"), queue_id="4BOTH"), "dmarc=pass")
            equal(copied(daemon, "4BOTH"), "kept", "copy=")
            large = plain(body=b"x" * 998 + b"\r\n") + b"y" * (26 * MEGABYTE)
            taken(client.deliver(large, recipients=(ADDRESS,), queue_id="4LARGE"), "dmarc=pass")
            equal(copied(daemon, "4LARGE"), "lost", "copy=")
        with started(daemon, BAD) as client:
            equal(client.deliver(plain(), recipients=(ADDRESS,)).word, "reject", "the answer to forged mail")
            answer = client.deliver(plain("shop.example"), recipients=(ADDRESS,), queue_id="4HELD")
            equal((answer.word, bool(answer.quarantine)), ("continue", True), "the answer to mail that is held")
            equal(copied(daemon, "4HELD"), "kept", "copy=")
        equal(len(folder.names()), 2, "copies")


@case("copies", "a message over 25 MB is not copied, one just below is; other mail goes on meanwhile")
def size(bench):
    limit = 25 * MEGABYTE
    with folder_of(bench) as (daemon, folder), started(daemon) as client:
        head = plain(body=b"")
        exact = head + b"z" * (limit - len(head))
        taken(client.deliver(exact, recipients=(ADDRESS,), queue_id="4SIZE1"))
        taken(client.deliver(exact + b"z", recipients=(ADDRESS,), queue_id="4SIZE2"))
        equal((copied(daemon, "4SIZE1"), copied(daemon, "4SIZE2")), ("kept", "lost"), "copy=")
        (_, octets), = folder.copies()
        assert octets == exact, "the copy differs"
        equal(folder.names("tmp"), [], "what is left in tmp")
        good_one(client)


@case("copies", "chunks of any size make the same copy")
def chunks(bench):
    body = bytes(range(256)) * 300
    with folder_of(bench) as (daemon, folder), started(daemon) as client:
        for step in (1, 7, 4095, 16383, 16384, 16385, 65535):
            if bench.slow and step == 1:
                continue
            client.mail("anna@example.org")
            client.rcpt(ADDRESS)
            client.data()
            for name, value in ((b"From", b" anna@example.org"), (b"Subject", b" two\n\tlines"), (b"X", b"")):
                client.header(name, value)
            client.end_of_headers()
            part = body if step > 1 else body[:3000]
            for at in range(0, len(part), step):
                client.body(part[at:at + step])
            client.end_of_message(f"4STEP{step}")
            wanted = b"From: anna@example.org\r\nSubject: two\r\n\tlines\r\nX:\r\n\r\n" + part
            assert wanted in [octets for _, octets in folder.copies()], f"no such copy with steps of {step}"


@case("copies", "a message that ends in the middle leaves nothing")
def aborted(bench):
    with folder_of(bench) as (daemon, folder):
        def begin(client):
            client.mail("anna@example.org")
            client.rcpt(ADDRESS)
            client.data()
            client.header(b"From", b" anna@example.org")
            client.end_of_headers()
            client.body(b"half a report")
            lab_module.wait_until(lambda: folder.names("tmp"), what="the file in tmp")

        def is_gone():
            return not folder.names("tmp")
        with started(daemon) as client:
            begin(client)
            client.abort()
            lab_module.wait_until(is_gone, what="an empty tmp")
            good_one(client)
            begin(client)
            client.mail("anna@example.org")
            lab_module.wait_until(is_gone, what="an empty tmp")
            client.abort()
            begin(client)
        lab_module.wait_until(is_gone, what="an empty tmp after the client hung up")
        equal(folder.names(), [], "copies")


@case("copies", "a kill leaves a file in tmp that the next start removes; what was answered stays")
def killed(bench):
    with folder_of(bench) as (daemon, folder):
        client, other = started(daemon), started(daemon)
        client.deliver(plain(), recipients=(ADDRESS,))
        other.mail("anna@example.org")
        other.rcpt(ADDRESS)
        other.header(b"From", b" anna@example.org")
        other.end_of_headers()
        other.body(b"half a report" * 5000)
        lab_module.wait_until(lambda: folder.names("tmp"), what="the file in tmp")
        daemon.stop(9)
        equal((len(folder.names()), len(folder.names("tmp"))), (1, 1), "copies and leftovers")
        daemon.start()
        lab_module.wait_until(lambda: not folder.names("tmp"), what="an empty tmp")
        equal(len(folder.names()), 1, "copies")


@case("copies", "what another daemon is writing is not removed by a start")
def two_daemons(bench):
    with folder_of(bench) as (daemon, folder), started(daemon) as client:
        client.mail("anna@example.org")
        client.rcpt(ADDRESS)
        client.header(b"From", b" anna@example.org")
        client.end_of_headers()
        client.body(b"half a report")
        lab_module.wait_until(lambda: folder.names("tmp"), what="the file in tmp")
        with bench.daemon(settings() + f'\nreports: {{ store = "{daemon.store}"; }};'):
            equal(len(folder.names("tmp")), 1, "files in tmp")
        client.end_of_message("4TWO0001")
        equal(copied(daemon, "4TWO0001"), "kept", "copy=")


@case("copies", "the disk is full: mail goes on, said once; copies come again with room", root=True)
def full_disk(bench):
    disk = bench.lab.path("copydisk")
    disk.mkdir()
    shutil.chown(disk, "nobody")
    more = settings(after='"discard"') + f'\nreports: {{ store = "{disk}/reports.db"; }};'
    with small_disk.mounted(bench.lab, disk, 4 << 20), bench.daemon(more) as daemon:
        with Folder(daemon, f"{disk}/reports.db").without_reader() as folder, started(daemon) as client:
            daemon.store = pathlib.Path(f"{disk}/reports.db")
            lab_module.wait_until(daemon.store.exists, what="the store")
            filler = small_disk.fill(disk)
            for number in range(5):
                taken(client.deliver(plain(), recipients=(ADDRESS,), queue_id=f"4FULL{number}"), "dmarc=pass")
                equal(copied(daemon, f"4FULL{number}"), "lost", "copy=")
            equal(folder.names("tmp"), [], "what is left in tmp")
            equal(daemon.log_text().count("no room for copies of mail"), 1, "warnings")
            filler.unlink()
            equal(client.deliver(plain(), recipients=(ADDRESS,), queue_id="4ROOM").word, "discard", "the answer")
            holds(daemon.log_text(), "copies of mail are kept in")
            # in the middle of a large one
            large = plain(body=b"x" * (6 * MEGABYTE))
            taken(client.deliver(large, recipients=(ADDRESS,), queue_id="4MIDST"), "dmarc=pass")
            equal((copied(daemon, "4MIDST"), folder.names("tmp")), ("lost", []), "copy= and what is left in tmp")


@case("copies", "a folder that cannot be used: mail goes on, the log says what to do", root=True)
def bad_folder(bench):
    with bench.daemon(settings(after='"discard"')) as daemon, started(daemon) as client:
        folder = Folder(daemon)
        elsewhere = bench.lab.path("elsewhere")
        elsewhere.mkdir()
        elsewhere.chmod(0o777)

        def foreign():
            folder.path.mkdir(0o755)

        def file():
            folder.path.write_text("no folder")

        def link():
            folder.path.symlink_to(elsewhere)
        for number, trouble in enumerate((foreign, file, link)):
            trouble()
            taken(client.deliver(plain(), recipients=(ADDRESS,), queue_id=f"4ODD{number}"), "dmarc=pass")
            equal(copied(daemon, f"4ODD{number}"), "lost", f"copy= with {trouble.__name__}")
            if folder.path.is_symlink() or folder.path.is_file():
                folder.path.unlink()
            else:
                folder.path.rmdir()
        equal(list(elsewhere.iterdir()), [], "what is behind the link")
        holds(daemon.log_text(), "give the folder to the user that assayd runs as")
        with folder.without_reader():
            equal(client.deliver(plain(), recipients=(ADDRESS,)).word, "discard", "the answer")


@case("copies", "the folder has a ceiling; mail that does not count takes half of it at most")
def ceiling(bench):
    with folder_of(bench) as (daemon, folder):
        def fill(first, end):
            for number in range(first, end):
                (folder.path / "new" / f"{1700000000 + number}-{number:016x}.mail").write_bytes(b"")
            # the daemon looks every two seconds whether the folder changed
            time.sleep(5)
        with started(daemon, BAD) as bad, started(daemon) as good:
            fill(0, 5000)
            bad.deliver(plain("club.example"), recipients=(ADDRESS,), queue_id="4CEIL1")
            good.deliver(plain(), recipients=(ADDRESS,), queue_id="4CEIL2")
            equal((copied(daemon, "4CEIL1"), copied(daemon, "4CEIL2")), ("lost", "kept"), "copy= with half of the files")
            fill(5000, 10000)
            for number in range(3):
                taken(good.deliver(plain(), recipients=(ADDRESS,), queue_id=f"4CEIL{number + 3}"))
                equal(copied(daemon, f"4CEIL{number + 3}"), "lost", "copy= with all files")
            # once for forged mail, and once after a copy was kept between
            equal(daemon.log_text().count("is full with 10000 files"), 2, "warnings")
            for name in folder.names()[:6000]:
                (folder.path / "new" / name).unlink()
            time.sleep(5)
            good.deliver(plain(), recipients=(ADDRESS,), queue_id="4CEIL9")
            equal(copied(daemon, "4CEIL9"), "kept", "copy= with room")


@case("copies", "copies under way count for the ceiling in megabytes")
def megabytes(bench):
    parts = 22
    with folder_of(bench) as (daemon, folder):
        clients = [started(daemon) for _ in range(parts)]
        block = b"m" * (24 * MEGABYTE)

        def send(client):
            client.mail("anna@example.org")
            client.rcpt(ADDRESS)
            client.header(b"From", b" anna@example.org")
            client.end_of_headers()
            client.body(block)
        for client in clients:
            send(client)
        lab_module.wait_until(lambda: len(folder.names("tmp")) < parts, what="a copy that was given up")
        used = sum((folder.path / "tmp" / name).stat().st_size for name in folder.names("tmp"))
        assert used <= 513 * MEGABYTE, used
        for number, client in enumerate(clients):
            client.end_of_message(f"4MEGA{number}")
        found = [copied(daemon, f"4MEGA{number}") for number in range(parts)]
        equal((found.count("kept"), found.count("lost")), (21, 1), "copies kept and lost")


@case("copies", "mail to these addresses leaves no row, unless others get it too")
def rows(bench):
    with folder_of(bench) as (daemon, _), started(daemon) as client:
        client.deliver(plain(), recipients=(ADDRESS,))
        client.deliver(plain(), recipients=(ADDRESS, "tls@example.net"))
        client.deliver(plain(), recipients=(ADDRESS, "reader@example.net"))
        client.deliver(plain(), recipients=("reader@example.net",))
        lab_module.wait_until(lambda: daemon.store.exists() and store.total(daemon.store) >= 2, 60, "the rows")
        time.sleep(1)
        equal(store.total(daemon.store), 2, "messages in rows")


@case("copies", "many at once, each whole and none twice")
def many(bench):
    count, threads = (20, 4) if bench.slow else (100, 8)

    def send(daemon, thread):
        with started(daemon) as client:
            for number in range(count):
                body = f"{thread} {number}\r\n".encode() * (1 + number * 37 % 3000)
                taken(client.deliver(plain(body=body), recipients=(ADDRESS,)))
    with folder_of(bench) as (daemon, folder):
        at_once([lambda thread=thread: send(daemon, thread) for thread in range(threads)])
        found = [re.search(rb"\r\n\r\n((\d+ \d+\r\n)\2*)\Z", octets).group(2, 1) for _, octets in folder.copies()]
        equal(len({first for first, _ in found}), count * threads, "different copies")
        equal(len(found), count * threads, "copies")
        for first, body in found:
            number = int(first.split()[1])
            equal(len(body), len(first) * (1 + number * 37 % 3000), "octets of a body")


@case("copies", "assayd and the reader are killed at random moments: each report is in the store and counts once")
def kills(bench):
    print("# " + copies_kills.run(bench, 10, random.Random(20261128)), flush=True)
