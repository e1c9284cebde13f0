"""report_mail.py - a mail with an aggregate report, as its receiver reads it: by its grammar, by the schema, and by
two readers that are not ours."""
import dataclasses
import email
import email.policy
import gzip
import pathlib
import re
import subprocess
import tempfile
import xml.etree.ElementTree

SCHEMAS = pathlib.Path(__file__).resolve().parents[1] / "schemas"
SUBJECT = re.compile(r"^Report Domain: (\S+) Submitter: (\S+) Report-ID: <([0-9A-Za-z.]+)>$")
FILE_NAME = re.compile(r"^([^!]+)!([^!]+)!(\d+)!(\d+)!([0-9A-Za-z]+)\.xml\.gz$")
NAMESPACE = "{urn:ietf:params:xml:ns:dmarc-2.0}"
MAIL_DMARC = r"""
use strict;
no warnings;
use Mail::DMARC::Report::Receive;
use Email::Simple;
*Mail::DMARC::Report::save_aggregate = sub { 1 };
local $/;
my $receive = Mail::DMARC::Report::Receive->new;
open my $quiet, '>', '/dev/null';
my $shown = select $quiet;
if ($ARGV[0] eq 'mail') { $receive->from_email_simple(Email::Simple->new(scalar <STDIN>)); }
else { $receive->report->init; $receive->handle_body(scalar <STDIN>); }
select $shown;
my $aggregate = $receive->report->aggregate;
print "domain ", $aggregate->policy_published->domain, " id ", $aggregate->metadata->report_id, "\n";
print "row ", $_->row->source_ip, " ", $_->row->count, "\n" for @{ $aggregate->record };
"""


@dataclasses.dataclass
class Report:
    mail: email.message.EmailMessage
    raw: bytes
    file_name: str
    content: bytes      # compressed
    xml: bytes
    root: xml.etree.ElementTree.Element
    domain: str
    report_id: str

    def texts(self, name):
        """The text of every element of that name, whatever its namespace."""
        return [one.text or "" for one in self.root.iter() if one.tag.split("}")[-1] == name]

    def total(self):
        return sum(int(count) for count in self.texts("count"))


def read(raw):
    """The report in a mail (bytes); what breaks RFC 9990 3.5 is an AssertionError."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    attached = [part for part in mail.walk() if part.get_content_type() == "application/gzip"]
    assert len(attached) == 1, f"{len(attached)} attachments"
    assert max(len(line) for line in raw.splitlines()) <= 998, "a line is too long"
    file_name, content = attached[0].get_filename(), attached[0].get_payload(decode=True)
    text = gzip.decompress(content)
    root = xml.etree.ElementTree.fromstring(text)
    subject = SUBJECT.match(re.sub(r"\s+", " ", mail["Subject"]))
    named = FILE_NAME.match(file_name)
    assert subject, f"the subject is {mail['Subject']!r}"
    assert named, f"the file is named {file_name!r}"
    report = Report(mail, raw, file_name, content, text, root, subject.group(1), subject.group(3))
    assert named.group(2) == report.domain == report.texts("domain")[0], (file_name, report.domain)
    assert named.group(1) == subject.group(2), (file_name, mail["Subject"])
    assert [report.report_id] == report.texts("report_id"), report.texts("report_id")
    assert named.group(5) == report.report_id, (file_name, report.report_id)
    assert [named.group(3)] == report.texts("begin") and [named.group(4)] == report.texts("end"), file_name
    return report


def complaints(report):
    """What xmllint has to say against it by the schema of its dialect; "" where it is valid."""
    name = "dmarc-2.0.xsd" if report.root.tag.startswith(NAMESPACE) else "dmarc-7489.xsd"
    # as published, the schema of RFC 7489 refers to its own types without its namespace: no schema until that is gone
    schema = (SCHEMAS / name).read_text().replace('targetNamespace="http://dmarc.org/dmarc-xml/0.1"', "")
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "schema.xsd").write_text(schema)
        done = subprocess.run(["xmllint", "--noout", "--schema", f"{folder}/schema.xsd", "-"], input=report.xml,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return "" if done.returncode == 0 else done.stdout.decode(errors="replace")


def by_mail_dmarc(report):
    """(domain, id, sum of counts) as Mail::DMARC reads the mail.

    Debian 12 has a version from before RFC 9990, which finds nothing in a namespace: of such a report it gets the XML
    without that.
    """
    namespace = f' xmlns="{NAMESPACE[1:-1]}"'.encode()
    given = ["mail", report.raw] if namespace not in report.xml else ["xml", report.xml.replace(namespace, b"", 1)]
    done = subprocess.run(["perl", "-e", MAIL_DMARC, given[0]], input=given[1], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    found = re.match(r"domain (\S+) id (\S+)\n((?:row \S+ \d+\n)*)$", done.stdout.decode())
    assert found, f"Mail::DMARC: {done.stdout.decode()} {done.stderr.decode()}"
    return found.group(1), found.group(2), sum(int(line.split()[2]) for line in found.group(3).splitlines())


def by_dmarc_cat(report):
    """(domain, sum of counts) as dmarc-cat reads the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / report.file_name
        path.write_bytes(report.content)
        done = subprocess.run(["dmarc-cat", "-N", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = done.stdout.decode()
    domain = re.search(r"^Domain: (\S+)$", text, re.MULTILINE)
    assert done.returncode == 0 and domain, text
    rows = re.findall(r"^\s*(\d+\.\d+\.\d+\.\d+|[0-9a-f:]+)\s+(\d+)\s", text, re.MULTILINE)
    return domain.group(1), sum(int(count) for _, count in rows)
