"""captured.py - `assay report read --captured`: what assayd kept comes into the store, whoever wrote it."""
import contextlib
import fcntl
import os
import sqlite3
import threading

from bench import case
import received_mail
from received_mail import aggregate, capture, mail, numbers, reports, tls

SETTINGS = 'received: {{ addresses = [ "dmarc@example.net" ]; {more} }};'


class Kept:
    """An outbox whose store has mail that was kept."""

    def __init__(self, bench, more=""):
        self.box = bench.outbox(more=SETTINGS.format(more=more))
        self.store = self.box.store
        self.folder = self.store.with_name(self.store.name + ".received")

    def read(self, status=0):
        """What the reader says."""
        got, output, complaints = self.box.run("read", "--captured")
        assert got == status and not output, f"ended with {got}: {output}{complaints}"
        return complaints

    def names(self, part="new"):
        return sorted(os.listdir(self.folder / part)) if (self.folder / part).exists() else []

    def keep(self, content, **facts):
        words = {name: facts.pop(name) for name in ("name", "head", "mode") if name in facts}
        return capture(self.store, mail(content), **words, **facts)


def is_empty(kept, *parts):
    for part in parts or ("new", "unreadable"):
        assert not kept.names(part), f"{part} has {kept.names(part)}"


@case("captured mail: nothing to read is no trouble, and makes no store")
def nothing(bench):
    kept = Kept(bench)
    assert kept.read() == "" and not kept.store.exists()
    kept.folder.mkdir(mode=0o700)
    assert kept.read() == "" and not kept.store.exists()
    (kept.folder / "new").mkdir(mode=0o700)
    assert kept.read() == "" and not kept.store.exists()


@case("captured mail: a report is stored and its mail removed; again it counts once")
def stored(bench):
    kept = Kept(bench)
    kept.keep(aggregate("one", count=3))
    said = kept.read()
    assert "4TEST: dmarc report" in said and "by example.org, on example.net, 3 messages: stored" in said, said
    before = numbers(kept.store)
    assert received_mail.messages(kept.store) == 3, before
    is_empty(kept)
    kept.keep(aggregate("one", count=3))
    assert ": duplicate" in kept.read()
    assert numbers(kept.store) == before and reports(kept.store) == {"one": (True, 1)}, reports(kept.store)
    is_empty(kept)


@case("captured mail: what did not pass is stored as untrusted and changes no number")
def untrusted(bench):
    kept = Kept(bench)
    kept.keep(aggregate("good"))
    kept.read()
    before = numbers(kept.store)
    for number, facts in enumerate(({"aligned": "", "dmarc": "fail"}, {"aligned": "", "dmarc": "none"}, {"author": "-"},
                                    {"verdict": "quarantine"}, {"dmarc": "temperror"}, {"dmarc": "permerror"},
                                    {"aligned": "tlsrpt", "dmarc": "fail"}, {"verdict": "x"}, {"dmarc": "passed"})):
        kept.keep(aggregate(f"forged{number}", count=1000), **facts)
        kept.keep(aggregate("good", count=1000, source="192.0.2.66"), **facts)
        said = kept.read()
        assert "does not count: " in said and ": stored" not in said, (facts, said)
        assert numbers(kept.store) == before, facts
        assert reports(kept.store)[f"forged{number}"][0] is False, facts
    is_empty(kept)


@case("captured mail: a report of another sender under the same id takes nobody's place")
def another_sender(bench):
    kept = Kept(bench)
    kept.keep(aggregate("same", count=1000), author="evil.example")
    kept.keep(aggregate("same", count=3))
    kept.read()
    assert received_mail.ask(kept.store, "SELECT reporter, messages FROM received_days ORDER BY reporter") == \
        [("evil.example", 1000), ("example.org", 3)]


@case("captured mail: a TLS report counts by DKIM, be it with a key for such reports alone")
def tls_reports(bench):
    kept = Kept(bench)
    for number, (aligned, dmarc, trusted) in enumerate((
            ("dkim", "pass", True), ("spf dkim", "none", True), ("tlsrpt", "fail", True), ("tlsrpt", "permerror", True),
            ("spf", "pass", False), ("", "fail", False))):
        kept.keep(tls(f"tls{number}"), aligned=aligned, dmarc=dmarc)
        kept.read()
        assert reports(kept.store)[f"tls{number}"][0] is trusted, (aligned, dmarc)
    kept.keep(tls("tlsq"), aligned="tlsrpt", verdict="quarantine")
    kept.keep(tls("tlsn"), aligned="tlsrpt", author="-")
    kept.read()
    assert not reports(kept.store)["tlsq"][0] and not reports(kept.store)["tlsn"][0]
    is_empty(kept)


@case("captured mail: what is no report is kept aside with its reason, and stops nothing")
def unreadable(bench):
    kept = Kept(bench)
    capture(kept.store, b"From: anna@example.org\r\nSubject: hello\r\n\r\nHow are you?\r\n", name="1-a.mail")
    capture(kept.store, b"From: eve@evil.example\r\nSubject: hello\r\n\r\nBuy!\r\n", name="2-b.mail", aligned="", dmarc="fail")
    capture(kept.store, b"", name="3-c.mail")
    kept.keep(b"<feedback><broken", name="4-d.mail")
    kept.keep(aggregate("fine"), name="5-e.mail")
    said = kept.read()
    assert said.count("warning: ") == 3 and "is no report that can be read: " in said, said
    assert said.count("sender that is not known for sure is no report") == 1, said
    assert reports(kept.store) == {"fine": (True, 0)}, reports(kept.store)
    is_empty(kept, "new")
    aside = [(kept.folder / "unreadable" / name).read_bytes() for name in kept.names("unreadable")]
    assert len(aside) == 4 and all(text.startswith(b"Why: ") for text in aside), aside
    assert sum(b"How are you?" in text for text in aside) == 1
    assert kept.read() == ""


@case("captured mail: failure reports are kept only where the settings say so")
def failures(bench):
    report = (b"From: reports@example.org\r\nSubject: failure\r\nMIME-Version: 1.0\r\n"
              b'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n--b\r\n'
              b"Content-Type: text/plain\r\n\r\nfailed\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
              b"Feedback-Type: auth-failure\r\nVersion: 1\r\nUser-Agent: x\r\nAuth-Failure: dmarc\r\n"
              b"Reported-Domain: example.net\r\nSource-IP: 192.0.2.9\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
              b"From: anna@example.net\r\nSubject: private\r\n\r\n--b--\r\n")
    for more, kept_files in (("", 0), ("keep_failures = true;", 1)):
        kept = Kept(bench, more)
        capture(kept.store, report)
        said = kept.read()
        assert "failure report" in said, said
        assert len(kept.names("failures")) == kept_files, kept.names("failures")
        is_empty(kept)


@case("captured mail: files that assayd did not write are removed and not read")
def foreign(bench):
    kept = Kept(bench)
    good = mail(aggregate("foreign"))
    capture(kept.store, good, name="1-a.mail", head=b"")
    capture(kept.store, good, name="2-b.mail", head=received_mail.block()[:-1])
    capture(kept.store, b"", name="3-c.mail", head=b"assay-captured 1\n")
    capture(kept.store, good, name="4-d.mail", mode=0o644)
    capture(kept.store, good, name="5-e.mail", head=received_mail.block().replace(b"captured 1", b"captured 2"))
    capture(kept.store, good, name="6-f.mail", head=received_mail.block(author="Example.ORG"))
    large = capture(kept.store, good, name="7-g.mail")
    os.truncate(large, 4096 + 25 * 1024 * 1024 + 1)
    target = kept.folder / "elsewhere"
    target.write_bytes(received_mail.block() + good)
    target.chmod(0o600)
    (kept.folder / "new" / "8-h.mail").symlink_to(target)
    os.mkfifo(kept.folder / "new" / "9-i.mail", 0o600)
    if os.geteuid() == 0:
        other = capture(kept.store, good, name="91-j.mail")
        os.chown(other, 65534, 65534)
    said = kept.read()
    assert said.count("is removed and not read") == (10 if os.geteuid() == 0 else 9), said
    assert reports(kept.store) == {} and target.exists(), reports(kept.store)
    is_empty(kept)


@case("captured mail: all of it stays while the store is away")
def store_away(bench):
    kept = Kept(bench)
    kept.keep(aggregate("first"))
    kept.read()
    for number in range(3):
        kept.keep(aggregate(f"later{number}"))
    with contextlib.closing(sqlite3.connect(kept.store, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        said = kept.read(75)
        assert "stays in" in said and len(kept.names()) == 3, said
        other.execute("ROLLBACK")
    kept.read()
    assert len(reports(kept.store)) == 4
    is_empty(kept)
    octets = kept.store.read_bytes()
    for path in kept.store.parent.glob("reports.db*"):
        if path.is_file():
            path.unlink()
    kept.store.write_bytes(b"no database, but a letter. " * 400)
    kept.keep(aggregate("last"))
    assert "stays in" in kept.read(75) and len(kept.names()) == 1
    kept.store.write_bytes(octets)
    kept.read()
    assert len(reports(kept.store)) == 5
    is_empty(kept)


@case("captured mail: a file that the store alone refuses holds up no other")
def refused_by_store(bench):
    kept = Kept(bench)
    kept.keep(aggregate("first"))
    kept.read()
    with contextlib.closing(sqlite3.connect(kept.store)) as other:
        other.execute("CREATE UNIQUE INDEX strict ON received (organization)")
        other.commit()
    kept.keep(aggregate("poison"), name="1-a.mail")
    kept.keep(aggregate("second", organization="Another"), name="2-b.mail")
    said = kept.read()
    assert "the store refuses it" in said, said
    assert set(reports(kept.store)) == {"first", "second"} and len(kept.names("unreadable")) == 1
    is_empty(kept, "new")
    # alone, nobody knows whether it is the file or the store
    kept.keep(aggregate("poison"), name="1-a.mail")
    kept.read(75)
    assert kept.names() == ["1-a.mail"]


@case("captured mail: one reader at a time")
def one_reader(bench):
    kept = Kept(bench)
    kept.keep(aggregate("one"))
    with open(kept.folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept.read(75)
        assert len(kept.names()) == 1 and not reports(kept.store)
    kept.read()
    is_empty(kept)
    for number in range(40):
        kept.keep(aggregate(f"many{number}"))
    statuses = []

    def run():
        statuses.append(kept.box.run("read", "--captured")[0])
    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {0, 75} and 0 in statuses, statuses
    assert all(repeated == 0 for _, repeated in reports(kept.store).values()), reports(kept.store)
    is_empty(kept)


@case("captured mail: hundreds of files, oldest first, in one run")
def many(bench):
    kept = Kept(bench)
    for number in range(300):
        kept.keep(aggregate(f"r{number}", count=1), name=f"{1700000000 + number * 7919 % 300}-{number}.mail")
    kept.read()
    assert received_mail.messages(kept.store) == 300 and len(reports(kept.store)) == 300
    is_empty(kept)


@case("captured mail: options that do not go with it are refused")
def misuse(bench):
    kept = Kept(bench)
    for words in (("list", "--captured"), ("read", "--captured", "--json"), ("read", "--captured", "x"),
                  ("send", "--captured")):
        assert kept.box.run(*words)[0] == 64, words
