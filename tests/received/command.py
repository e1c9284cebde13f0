"""command.py - `assay report read`: files, mailboxes, Maildirs, pipes; what counts, what is kept aside, exit statuses."""
import os
import sqlite3
import subprocess

import making
from bench import SECONDS, case

TRUSTED = "Authentication-Results: mx.example.net; dkim=pass header.d=reporter.example; dmarc=pass header.from=reporter.example\n"
FORGED = "Authentication-Results: mx.example.net; spf=fail smtp.mailfrom=reporter.example; dmarc=fail header.from=reporter.example\n"


def numbered(number, more=TRUSTED, count="3"):
    """A mail with a report of its own."""
    xml = making.octets(report_id=f"<report_id>{number}</report_id>", records=making.record(count=count))
    return making.mail(making.gzipped(xml), more=more)


def counted(settings):
    """Messages in the sums of the store."""
    with sqlite3.connect(f"file:{settings.parent}/reports.db?mode=ro", uri=True) as store:
        return store.execute("SELECT coalesce(sum(messages), 0) FROM received_days").fetchone()[0]


def aside(settings, part="unreadable"):
    folder = settings.parent / "reports.db.received" / part
    return sorted(folder.iterdir()) if folder.is_dir() else []


@case("a bare file, and the same again")
def bare_file(bench):
    settings, path = bench.settings(), bench.new("r.xml", making.octets())
    status, objects, _ = bench.command(settings, "--json", path)
    assert status == 0 and len(objects) == 1, objects
    one = objects[0]
    assert (one["kind"], one["outcome"], one["org"], one["report_id"], one["domain"], one["begin"], one["end"], one["records"],
            one["messages"], one["repaired"], one["reason"]) == \
        ("dmarc", "stored", "Reporter", "1", "example.com", making.BEGIN, making.END, 1, 3, [], None), one
    assert one["file"] == str(path)
    status, objects, _ = bench.command(settings, "--json", path, path)
    assert status == 0 and [one["outcome"] for one in objects] == ["duplicate", "duplicate"], objects
    assert counted(settings) == 3


@case("the same id with another range is another report")
def another_range(bench):
    settings = bench.settings()
    first = bench.new("a", making.octets())
    second = bench.new("b", making.octets(dates=f"<begin>{making.BEGIN - making.DAY}</begin><end>{making.END - making.DAY}</end>"))
    status, objects, _ = bench.command(settings, "--json", first, second)
    assert status == 0 and [one["outcome"] for one in objects] == ["stored", "stored"], objects
    assert counted(settings) == 6


@case("lines for people")
def lines_for_people(bench):
    settings = bench.settings()
    status, lines, _ = bench.command(settings, bench.new("r.xml", making.octets(records=making.record(dkim="Pass"))),
                                     bench.new("t.json", making.tls()), bench.new("f.eml", making.failure()),
                                     bench.new("bad", b"unused"), "--trust")
    assert status == 65 and len(lines) == 5, lines
    assert "DMARC report of Reporter on example.com, 2023-11-15, 3 messages: stored (repaired: " in lines[0], lines
    assert "TLS report of Reporter on example.com, 2023-11-15, 6 sessions: stored" in lines[1], lines
    assert "failure report of reporter.example on example.com, 2023-11-15, 1 message: stored" in lines[2], lines
    assert lines[3].endswith("unreadable: it is neither a mail nor a report"), lines
    assert lines[4] == "4 reports: 3 stored, 0 duplicate, 0 untrusted, 1 unreadable", lines


@case("text of strangers does not reach the terminal")
def no_escapes(bench):
    settings = bench.settings()
    path = bench.new("r\x1b[31m.xml", making.octets(org="<org_name>&#27;[31mred\u202e</org_name>"))
    for json in ((), ("--json",)):
        raw = subprocess.run([bench.build / "assay", "report", "read", "-c", settings, *json, path], stdout=subprocess.PIPE,
                             check=True, timeout=SECONDS).stdout
        assert b"\x1b" not in raw and "\u202e".encode() not in raw, raw


@case("standard input: a mail, a bare report, a mailbox, nothing")
def standard_input(bench):
    settings = bench.settings()
    mailbox = b"".join(b"From noreply@reporter.example Wed Nov 15 10:00:00 2023\n" + numbered(i) + b"\n" for i in range(2, 5))
    for content, outcomes, expected in ((numbered(1), ["stored"], 0), (making.gzipped(making.octets()), ["duplicate"], 0),
                                        (mailbox, ["stored"] + ["untrusted"] * 2, 0), (b"", ["unreadable"], 65)):
        status, objects, _ = bench.command(settings, "--json", "-", standard=content)
        assert (status, [one["outcome"] for one in objects]) == (expected, outcomes), objects
    assert counted(settings) == 6
    status, objects, _ = bench.command(settings, "--json", "--trust", "-", standard=mailbox)
    assert (status, [one["outcome"] for one in objects]) == (0, ["duplicate", "stored", "stored"]), objects
    assert counted(settings) == 12


@case("a mail within a mail that an alias hands over counts in no number")
def mail_in_pipe(bench):
    line = b"From noreply@reporter.example Wed Nov 15 10:00:00 2023\n"
    for inner in (numbered(2), making.octets(report_id="<report_id>2</report_id>")):
        settings = bench.settings()
        status, objects, _ = bench.command(settings, "--json", "-", standard=line + numbered(1, FORGED) + b"\n" + line + inner)
        assert status == 0 and [one["outcome"] for one in objects] == ["untrusted"] * 2, objects
        assert counted(settings) == 0


@case("mail on which we said nothing counts where the operator says so")
def unjudged(bench):
    settings, path = bench.settings(), bench.new("m", numbered(1, ""))
    for given in (path.parent, "-"):
        status, objects, _ = bench.command(settings, "--json", given, standard=numbered(2, ""))
        assert status == 0 and objects[0]["outcome"] == "untrusted" and "--trust" in objects[0]["reason"], objects
        assert counted(settings) == 0
    status, objects, _ = bench.command(settings, "--json", "--trust", path.parent)
    assert status == 0 and objects[0]["outcome"] == "stored" and objects[0]["reporter"] == "reporter.example", objects
    assert counted(settings) == 3


@case("a mail that is named as a file of its own counts, unless we said that it did not pass")
def named_mail(bench):
    settings = bench.settings()
    status, objects, _ = bench.command(settings, "--json", bench.new("m", numbered(1, "")))
    assert status == 0 and objects[0]["outcome"] == "stored" and counted(settings) == 3, objects
    status, objects, _ = bench.command(settings, "--json", bench.new("m", numbered(2, FORGED)))
    assert status == 0 and objects[0]["outcome"] == "untrusted" and counted(settings) == 3, objects


@case("a mailbox is split at its From lines alone")
def mailbox_lines(bench):
    settings = bench.settings()
    line = b"From noreply@reporter.example Wed Nov 15 10:00:00 2023\n"
    text = numbered(2).replace(b"MIME-Version", b"X: y\nMIME-Version")
    odd = making.multipart([b"Content-Type: text/plain\n\nFrom here on it is text.\n>From 10:00 on too.\nFrom a Wed Nov 15 10:00:00 2023\n",
                            making.attached(making.gzipped(making.octets(report_id="<report_id>9</report_id>")))])
    path = bench.new("mbox", line + numbered(1) + b"\n" + line + text + b"\r\n" + line + odd + b"\n")
    status, objects, _ = bench.command(settings, "--json", path)
    assert status == 0 and [one["report_id"] for one in objects] == ["1", "2", "9"], objects
    assert objects[2]["file"] == f"{path}, message 3", objects


@case("a large message in a mailbox hides none behind it")
def mailbox_large(bench):
    settings = bench.settings()
    line = b"From noreply@reporter.example Wed Nov 15 10:00:00 2023\n"
    large = b"From: a@b.example\n\n" + b"x" * 70 + b"\n" + (b"y" * 70 + b"\n") * 1000000
    path = bench.new("mbox", line + large + b"\n" + line + numbered(1) + b"\n")
    status, objects, _ = bench.command(settings, "--json", path)
    assert status == 65 and [one["outcome"] for one in objects] == ["unreadable", "stored"], objects
    assert all(one.stat().st_size <= 300000 for one in aside(settings))


@case("a Maildir: cur and new, nothing else")
def maildir(bench):
    settings, folder = bench.settings(), bench.new("Maildir")
    for part in ("cur", "new", "tmp", ".Sent/cur"):
        (folder / part).mkdir(parents=True)
    (folder / "cur/1.host:2,S").write_bytes(numbered(1))
    (folder / "new/2.host").write_bytes(numbered(2))
    (folder / "tmp/3.host").write_bytes(numbered(3))
    (folder / "dovecot-uidlist").write_bytes(b"3 V1\n")
    (folder / "new/.hidden").write_bytes(numbered(4))
    (folder / "new/folder").mkdir()
    os.mkfifo(folder / "new/fifo")
    (folder / "new/link").symlink_to("/etc/passwd")
    status, objects, errors = bench.command(settings, "--json", folder)
    assert status == 0 and sorted(one["report_id"] for one in objects) == ["1", "2"], (objects, errors)


@case("a folder of files")
def plain_folder(bench):
    settings, folder = bench.settings(), bench.new("folder")
    folder.mkdir()
    for i in range(20):
        (folder / f"{i}.eml").write_bytes(numbered(i))
    status, objects, _ = bench.command(settings, "--json", folder)
    assert status == 0 and len(objects) == 20 and counted(settings) == 60, objects


@case("a FIFO is read as it comes")
def fifo(bench):
    settings, path = bench.settings(), bench.new("fifo")
    os.mkfifo(path)
    with subprocess.Popen(["sh", "-c", 'cat "$1" >"$2"', "sh", bench.new("m", numbered(1)), path]):
        status, objects, _ = bench.command(settings, "--json", path)
    assert status == 0 and [one["outcome"] for one in objects] == ["stored"], objects


@case("mail that our own results say did not pass counts in no number")
def forged(bench):
    settings = bench.settings()
    status, objects, _ = bench.command(settings, "--json", bench.new("m", numbered(1, FORGED)))
    assert status == 0 and objects[0]["outcome"] == "untrusted" and "did not pass DMARC" in objects[0]["reason"], objects
    assert counted(settings) == 0
    # nor does it take the place of the true one
    status, objects, _ = bench.command(settings, "--json", bench.new("m", numbered(1, TRUSTED)))
    assert objects[0]["outcome"] == "stored" and objects[0]["reporter"] == "reporter.example", objects
    assert counted(settings) == 3


@case("results of others do not matter")
def results_of_others(bench):
    settings = bench.settings()
    path = bench.new("m", numbered(1, FORGED.replace("mx.example.net", "mx.elsewhere.example"))).parent
    assert bench.command(settings, "--json", path)[1][0]["outcome"] == "untrusted"
    assert bench.command(settings, "--json", "--trust", path)[1][0]["outcome"] == "stored"


@case("a TLS report needs a signature")
def tls_signature(bench):
    settings = bench.settings()
    body = making.tls()
    for fields, outcome in ((TRUSTED, "stored"), (TRUSTED.replace("dkim=pass header.d=reporter.example;", "spf=pass;"), "untrusted")):
        path = bench.new("m", making.mail(body, "application/tlsrpt+json", name="r.json", more=fields))
        assert bench.command(settings, "--json", path)[1][0]["outcome"] == outcome, fields


@case("what cannot be read is kept aside, with the reason, and stops nothing")
def kept_aside(bench):
    settings = bench.settings()
    bad = bench.new("bad.gz", making.gzipped(b"x" * 1000)[:-9])
    status, objects, _ = bench.command(settings, "--json", bench.new("a", numbered(1)), bad, bench.new("b", numbered(2)))
    assert status == 65 and [one["outcome"] for one in objects] == ["stored", "unreadable", "stored"], objects
    assert objects[1]["kind"] is None and objects[1]["reason"], objects
    kept = aside(settings)
    assert len(kept) == 1 and kept[0].stat().st_mode & 0o777 == 0o600, kept
    text = kept[0].read_bytes()
    assert text.startswith(b"Why: " + objects[1]["reason"].encode()) and text.endswith(bad.read_bytes()), text[:200]
    assert f"From: {bad}\n".encode() in text


@case("the folder of what is kept aside is bounded")
def aside_is_bounded(bench):
    settings = bench.settings()
    folder = settings.parent / "reports.db.received/unreadable"
    folder.mkdir(parents=True)
    for i in range(1000):
        (folder / f"{i:04}").write_bytes(b"")
    bench.command(settings, bench.new("bad", b"x"))
    names = {one.name for one in aside(settings)}
    assert len(names) == 1000 and "0000" not in names and "0001" in names, len(names)


@case("a mail with a good and a bad part")
def half(bench):
    settings = bench.settings()
    path = bench.new("m", making.multipart([making.attached(making.gzipped(making.octets())), making.attached(b"\x1f\x8bxxx", "bad.gz")], more=TRUSTED))
    status, objects, _ = bench.command(settings, "--json", path)
    assert status == 65 and [one["outcome"] for one in objects] == ["stored", "unreadable"], objects
    assert "bad.gz" in objects[1]["reason"] and len(aside(settings)) == 1


@case("failure reports are counted, and kept only where that is asked for")
def failures(bench):
    path = bench.new("f", making.failure())
    settings = bench.settings()
    assert bench.command(settings, "--json", path)[1][0]["kind"] == "failure"
    assert not aside(settings, "failures")
    settings = bench.settings("received: { keep_failures = true; };\n")
    assert bench.command(settings, "--json", path)[0] == 0
    assert len(aside(settings, "failures")) == 1


@case("exit statuses")
def statuses(bench):
    settings, path = bench.settings(), bench.new("a", numbered(1))
    assert bench.command(settings)[0] == 64
    assert bench.command(settings, "--csv", path)[0] == 64
    status, _, errors = bench.command(settings, settings.parent / "missing", path)
    assert status == 66 and "cannot open" in errors and counted(settings) == 3
    settings.write_text(settings.read_text(encoding="utf-8").replace("reports.db", "missing/reports.db"), encoding="utf-8")
    status, _, errors = bench.command(settings, path)
    assert status == 75 and errors, status
    settings.write_text('reports: { store = ""; };\n', encoding="utf-8")
    assert bench.command(settings, path)[0] == 78


@case("a damaged store is said to be away")
def damaged_store(bench):
    settings, path = bench.settings(), bench.new("a", numbered(1))
    (settings.parent / "reports.db").write_bytes(b"no store" * 1000)
    status, _, errors = bench.command(settings, path)
    assert status == 75 and "reports.db" in errors, errors
