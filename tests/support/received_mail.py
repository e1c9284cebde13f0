"""received_mail.py - reports as others send them, as mails, and the files in which assayd keeps a copy of such a mail."""
import base64
import contextlib
import gzip
import json
import os
import secrets
import sqlite3

BLOCK = 4096
BEGIN = 1_763_942_400       # 2025-11-24
DAY = 86400


def aggregate(report_id, domain="example.net", organization="Example Org", source="192.0.2.55", count=3, begin=BEGIN):
    """The XML of a report with one record."""
    return f"""<?xml version="1.0"?>
<feedback><report_metadata><org_name>{organization}</org_name><email>dmarc@example.org</email>
<report_id>{report_id}</report_id><date_range><begin>{begin}</begin><end>{begin + DAY - 1}</end></date_range></report_metadata>
<policy_published><domain>{domain}</domain><adkim>r</adkim><aspf>r</aspf><p>none</p><pct>100</pct></policy_published>
<record><row><source_ip>{source}</source_ip><count>{count}</count><policy_evaluated><disposition>none</disposition>
<dkim>fail</dkim><spf>pass</spf></policy_evaluated></row><identifiers><header_from>{domain}</header_from></identifiers>
<auth_results><spf><domain>{domain}</domain><result>pass</result></spf></auth_results></record></feedback>
""".encode()


def tls(report_id, domain="example.net", successes=7, failures=2):
    return json.dumps({
        "organization-name": "Example Org", "contact-info": "tls@example.org", "report-id": report_id,
        "date-range": {"start-datetime": "2025-11-24T00:00:00Z", "end-datetime": "2025-11-24T23:59:59Z"},
        "policies": [{"policy": {"policy-type": "sts", "policy-string": ["version: STSv1"], "policy-domain": domain,
                                 "mx-host": ["mx.example.net"]},
                      "summary": {"total-successful-session-count": successes, "total-failure-session-count": failures}}],
    }).encode()


def mail(content, author="reports@example.org", to="dmarc@example.net", file="report.xml.gz", kind="application/gzip"):
    """A mail (CRLF) with the report as its only part, compressed."""
    octets = gzip.compress(content)
    lines = base64.encodebytes(octets).decode().split()
    return "\r\n".join([
        f"From: {author}", f"To: {to}", "Subject: Report Domain: example.net Submitter: example.org Report-ID: <x>",
        "Date: Tue, 25 Nov 2025 01:00:00 +0000", f"Message-ID: <{secrets.token_hex(8)}@example.org>", "MIME-Version: 1.0",
        f'Content-Type: {kind}; name="{file}"', "Content-Transfer-Encoding: base64", "", *lines, ""]).encode()


def block(author="example.org", aligned="spf dkim", dmarc="pass", verdict="accept", queue_id="4TEST", received=BEGIN + DAY):
    """The first lines of such a file."""
    lines = ["assay-captured 1", f"received {received}", f"queue-id {queue_id}", "client 192.0.2.10", f"verdict {verdict}",
             f"author {author}", f"dmarc {dmarc}", f"aligned {aligned}", "end", ""]
    return "\n".join(lines).encode().ljust(BLOCK, b"\n")


def capture(store, message, name=None, head=None, mode=0o600, **facts):
    """Puts a file into the folder of those that wait, with the rights that assayd gives them. Its path."""
    folder = store.with_name(store.name + ".received")
    for part in (folder, folder / "new"):
        part.mkdir(mode=0o700, exist_ok=True)
    path = folder / "new" / (name or f"{BEGIN + DAY}-{secrets.token_hex(8)}.mail")
    path.write_bytes((block(**facts) if head is None else head) + message)
    os.chmod(path, mode)
    return path


def ask(store, question, *values):
    with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=30)) as database:
        return database.execute(question, values).fetchall()


def reports(store):
    """{report id: (trusted, times that it came again)} of all that are in the store."""
    if not store.exists():
        return {}
    return {report_id: (bool(trusted), repeated) for report_id, trusted, repeated in
            ask(store, "SELECT report_id, trusted, repeated FROM received")}


def numbers(store):
    """All sums that people see, as rows."""
    tables = ("received_days", "received_sources", "received_tls_days", "received_tls_reasons")
    return {table: sorted(ask(store, f"SELECT * FROM {table}")) for table in tables} if store.exists() else {}


def messages(store):
    """How many messages others saw of our domains."""
    return ask(store, "SELECT coalesce(sum(messages), 0) FROM received_days")[0][0] if store.exists() else 0
