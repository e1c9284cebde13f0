"""looking.py - the commands: numbers, readiness, duplicates, forgers, names that are kept, hostile text, the digest."""
import base64
import contextlib
import csv
import email
import io
import json
import os
import sqlite3
import subprocess
import time

import mmdb
import scene
import tap
from bench import case

QUIET = [row for row in scene.SOURCES if row[1] in ("192.0.2.10", "203.0.113.7", "198.18.64.9")]


def moved(text, seconds):
    """The same reports, some time later."""
    lines = [line.split() for line in text.splitlines()]
    return "".join(" ".join([*words[:4], str(int(words[4]) + seconds), str(int(words[5]) + seconds), *words[6:]]
                            if words[0] == "report" else words) + "\n" for words in lines)


def only(rows):
    """The scene with these sources alone."""
    text = scene.lines()
    wanted = {row[1] for row in rows}
    return "\n".join(line for line in text.splitlines() if line.startswith("report") or line.split()[2] in wanted) + "\n"


@case("received: messages by outcome, day and reporter")
def numbers(bench):
    place = bench.place()
    place.fill(scene.lines())
    found = place.received()
    domain, = found["domains"]
    assert (domain["messages"], domain["pass"], domain["failing"]) == (8960, 6020, 2940), domain
    assert (domain["days"], domain["reporters"], len(found["days"])) == (14, 2, 14), domain
    assert all(day["messages"] == 640 for day in found["days"])
    assert [row["messages"] for row in found["reporters"]] == [4480, 4480]
    assert found["domains"][0]["policy"] == "none"
    short = place.received("--days", "3")
    assert len(short["days"]) == 2 and short["domains"][0]["messages"] == 1280, short


@case("received: untrusted reports move no number")
def untrusted(bench):
    place = bench.place()
    place.fill(scene.lines())
    before = place.received()
    begin = scene.END - scene.DAY
    place.fill(f"report - example.org forged {begin} {begin + 86399} untrusted\n"
               "record 1000000 198.18.0.9 none pass pass example.org example.org pass -\n")
    assert place.received() == before


@case("received: ready for p=reject, and the record to publish")
def ready(bench):
    place = bench.place()
    place.fill(only(QUIET))
    readiness = place.received()["domains"][0]["readiness"]
    assert readiness["state"] == "ready" and readiness["spoofed"] == 336 and readiness["lost"] == 0, readiness
    assert readiness["publish"] == '_dmarc.example.org. IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.org"'
    text = place.report("received")
    assert "ready for p=reject" in text and "p=reject; rua" in text, text


@case("received: not ready, too early, already")
def not_ready(bench):
    place = bench.place()
    place.fill(scene.lines())
    readiness = place.received()["domains"][0]["readiness"]
    assert readiness["state"] == "not_yet" and readiness["lost"] == 2604, readiness
    assert "letters.example" in readiness["text"], readiness
    early = bench.place()
    early.fill(scene.lines(days=3))
    assert early.received()["domains"][0]["readiness"]["state"] == "too_little"
    already = bench.place(zone=scene.ZONE.replace("p=none", "p=reject"))
    already.fill(scene.lines())
    assert already.received()["domains"][0]["readiness"]["state"] == "already"


@case("received: TLS sessions by MX and reason")
def tls(bench):
    place = bench.place()
    place.fill(scene.TLS)
    rows = place.received()["tls"]
    assert rows[0] == {"domain": "example.org", "mx": "mx1.example.org", "policy": "sts", "reason": None,
                       "successes": 900, "failures": 25}, rows
    assert [(row["reason"], row["failures"]) for row in rows[1:]] == [("certificate-expired", 20),
                                                                      ("starttls-not-supported", 5)], rows
    assert "certificate-expired" in place.report("received")


@case("received: nothing came")
def nothing(bench):
    place = bench.place()
    place.fill("")
    assert "No reports from others" in place.report("received")
    assert "No reports from others on example.org" in place.report("sources", "example.org")
    assert place.sources() == []
    assert "No reports came" in place.report("digest")


@case("sources: names that were looked up are kept, failures are not")
def kept(bench):
    place = bench.place(zone=scene.ZONE + "1.0.18.198.in-addr.arpa PTR !servfail\n")
    place.fill(scene.lines())
    place.fill(f"report r.example example.org one {scene.END - 86400} {scene.END - 1}\n"
               "record 500 198.18.0.1 none fail fail example.org - none -\n")
    place.sources()
    with contextlib.closing(sqlite3.connect(place.store)) as store:
        names = dict(store.execute("SELECT address, name FROM received_names"))
    assert names["203.0.113.7"] == "relay.alumni.example" and names["198.18.64.9"] == "", names
    assert "198.18.0.1" not in names, names
    asked = len([line for line in place.server.asked() if "PTR" in line])
    place.sources()
    again = [line for line in place.server.asked() if "PTR" in line][asked:]
    assert all("1.0.18.198" in line for line in again), again


@case("sources: without the DNS")
def offline(bench):
    place = bench.place()
    place.fill(scene.lines())
    before = len(place.server.asked())
    text = place.report("sources", "example.org", "--no-dns")
    assert len(place.server.asked()) == before and "may lack something" in text, text


@case("sources: CSV is safe for spreadsheets and has all columns")
def commas(bench):
    place = bench.place()
    place.fill(f"report =cmd example.org one {scene.END - 86400} {scene.END - 1}\n"
               "record 150 198.18.0.1 none fail fail example.org - none - =1+1.example/pass\n")
    rows = list(csv.DictReader(io.StringIO(place.report("sources", "example.org", "--csv"))))
    assert rows[0]["signer"] == "'=1+1.example" and rows[0]["messages"] == "150", rows
    days = list(csv.DictReader(io.StringIO(place.report("received", "--csv"))))
    assert days[0]["domain"] == "example.org" and days[0]["failing"] == "150", days


@case("sources: what a reporter writes moves no cursor")
def hostile(bench):
    place = bench.place()
    place.fill(f"report r.example example.org one {scene.END - 86400} {scene.END - 1}\n"
               "record 150 198.18.0.1 none fail fail example.org \x1b[2Jx\u202e.example pass - \x1b]0;t\x07.example/pass\n"
               f"tls r\x1b.example example.org t {scene.END - 86400} {scene.END - 1}\n"
               "policy s\x1b[31m mx\x1b[1m 1 2 why\x1b/1\n")
    for words in (("sources", "example.org"), ("received",), ("received", "example.org"), ("digest",),
                  ("sources", "example.org", "--csv"), ("received", "--csv")):
        text = place.report(*words)
        assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text, text
    for words in (("sources", "example.org", "--json"), ("received", "--json")):
        text = place.report(*words)
        assert "\x1b" not in text and "\u202e" not in text, text
        json.loads(text)


@case("sources: colours only where asked for")
def colours(bench):
    place = bench.place()
    place.fill(scene.lines())
    assert "\x1b" not in place.report("sources", "example.org", env={**os.environ, "TERM": "xterm"})


@case("digest: the worst first, as a signed mail where there is an address")
def digest(bench):
    place = bench.place()
    place.fill(scene.lines() + scene.TLS)
    text = place.report("digest")
    assert text.index("web1.example.org") < text.index("letters.example, 198") < text.index("club.example"), text
    assert "nothing to do" not in text.split("TLS")[0].split("club.example")[1], text
    assert max(map(len, text.splitlines())) <= 80, text
    assert place.report("digest", "--to", "root@example.net") == ""
    mail_file, = place.sent.glob("*.mail")
    mail = email.message_from_bytes(mail_file.read_bytes())
    assert mail["From"] == '"Example Net" <dmarc@example.net>' and mail["To"] == "root@example.net"
    assert mail["Subject"] == "Mail as our domains: 4 sources to look at", mail["Subject"]
    assert mail["Auto-Submitted"] == "auto-generated"
    body = base64.b64decode(mail.get_payload()).decode()
    assert body.replace("\r\n", "\n") == text


@case("digest: a quiet week is told, too")
def quiet(bench):
    place = bench.place(zone=scene.ZONE.replace("p=none", "p=reject"))
    place.fill("\n".join(line.replace(" none fail fail ", " reject fail fail ") for line in only(QUIET).splitlines()))
    place.report("digest", "--to", "root@example.net")
    mail_file, = place.sent.glob("*.mail")
    assert email.message_from_bytes(mail_file.read_bytes())["Subject"] == "Mail as our domains: all is well"


@case("digest: who fell silent is named")
def silent(bench):
    place = bench.place()
    place.fill(only(QUIET))
    text = place.report("digest", now="2026-12-05T12:00")
    assert "mail.example.net sent no report since that on 2026-11-27" in text.replace("\n", " "), text


@case("assay dns says what the reports show")
def doctor(bench):
    def codes(place):
        done = subprocess.run([bench.build / "assay", "dns", scene.DOMAIN, "--json", "-c", place.settings],
                              capture_output=True, text=True, timeout=120, check=False)
        return {row["code"]: row for row in json.loads(done.stdout)["findings"] if row["code"].startswith("dmarc-reported")}

    # this command goes by the clock of the machine
    shift = int(time.time()) // 86400 * 86400 - scene.END
    place = bench.place()
    place.fill(moved(scene.lines(), shift))
    found = codes(place)
    assert found.keys() == {"dmarc-reported-not-ready", "dmarc-reported-source"}, found
    assert found["dmarc-reported-source"]["level"] == "warning", found
    for policy, text, code in (("none", only(QUIET), "dmarc-reported-ready"), ("reject", only(QUIET), "dmarc-reported-reject"),
                               ("none", "", None)):
        place = bench.place(zone=scene.ZONE.replace("p=none", f"p={policy}"))
        place.fill(moved(text, shift))
        found = codes(place)
        assert list(found) == ([code] if code else []), (policy, found)
    place = bench.place()
    place.fill(moved(scene.lines(days=2), shift))
    assert "dmarc-reported-little" in codes(place)


@case("sources: a file says whose network it is")
def networks(bench):
    path = bench.lab.path("networks.mmdb")
    path.write_bytes(mmdb.written({
        "198.18.0.0/16": {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Hosting"},
        "198.19.0.0/16": {"country": {"iso_code": "ZZ"}}}))
    begin = scene.END - scene.DAY
    text = f"report r.example example.org one {begin} {begin + 86399}\n" + "".join(
        f"record 150 {source} none fail fail example.org - none -\n" for source in ("198.18.7.7", "198.19.7.7", "198.20.7.7"))
    place = bench.place(more=f'received: {{ geo = "{path}"; }};')
    place.fill(text)
    names = {source["source"]: source["name"] for source in place.sources()}
    if names["198.18.7.7"] is None and b"MMDB" not in (bench.build / "assay").read_bytes():
        raise tap.Skip("built without libmaxminddb")
    assert names == {"198.18.7.7": "AS64500 Example Hosting", "198.19.7.7": "ZZ", "198.20.7.7": None}, names
    path.write_bytes(b"nothing of the kind")
    assert len(place.sources()) == 3


@case("usage: what does not go together is refused")
def usage(bench):
    place = bench.place()
    place.fill("")
    for words in (("sources",), ("sources", "not a name"), ("received", "--days", "0"), ("received", "--days", "x"),
                  ("received", "--json", "--csv"), ("list", "--days", "3"), ("received", "--to", "a@b"),
                  ("digest", "--to", "nobody"), ("digest", "--to", "a@b,c@d"), ("digest", "--json")):
        place.report(*words, status=64)


@case("old reports go with their sums")
def old(bench):
    place = bench.place(more="received: { keep_days = 10; };")
    place.fill(scene.lines())
    # a clock that nobody has seen before is not trusted for a day
    for hour in (0, 25):
        place.send(scene.END + 43200 + 3600 * hour)
    with contextlib.closing(sqlite3.connect(place.store)) as store:
        days = store.execute("SELECT count(DISTINCT day) FROM received_days").fetchone()[0]
        reports, records = (store.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                            for table in ("received", "received_records"))
    assert (days, reports, records) == (8, 18, 18 * 7), (days, reports, records)
