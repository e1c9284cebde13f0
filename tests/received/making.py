"""making.py - reports as others send them, made up: each oddity that producers are known for, and what is to become
of it. Everything is made from constants, so that each run has the same octets."""
import base64
import dataclasses
import gzip
import io
import json
import struct
import zipfile
import zlib

BEGIN, END = 1700006400, 1700092799     # a day
DAY = 24 * 60 * 60


@dataclasses.dataclass
class Made:
    name: str
    octets: bytes
    messages: int = 3               # of all its reports; None: it cannot be read
    reports: int = 1
    repaired: str = None            # what a repair says; None: there is none
    reason: str = None              # what a reason says; None: there is none
    holds: object = None            # what else holds of the first report (or of all, as `whole`)
    whole: object = None


def record(source="192.0.2.1", count="3", disposition="none", dkim="pass", spf="fail", reason="",
           identifiers="<header_from>example.com</header_from>",
           auth="<dkim><domain>example.com</domain><selector>s1</selector><result>pass</result></dkim>"
                "<spf><domain>bounce.example.org</domain><scope>mfrom</scope><result>pass</result></spf>"):
    return (f"<record><row><source_ip>{source}</source_ip><count>{count}</count><policy_evaluated>"
            f"<disposition>{disposition}</disposition><dkim>{dkim}</dkim><spf>{spf}</spf>{reason}</policy_evaluated></row>"
            f"<identifiers>{identifiers}</identifiers><auth_results>{auth}</auth_results></record>")


def feedback(records=None, org="<org_name>Reporter</org_name>", email="<email>dmarc@reporter.example</email>",
             report_id="<report_id>1</report_id>", dates=f"<begin>{BEGIN}</begin><end>{END}</end>", more="",
             domain="<domain>example.com</domain>", policy="<p>none</p>", head='<?xml version="1.0" encoding="UTF-8"?>\n',
             root="feedback", after=""):
    return (f"{head}<{root}><version>1.0</version><report_metadata>{org}{email}{report_id}"
            f"<date_range>{dates}</date_range>{more}</report_metadata><policy_published>{domain}{policy}</policy_published>"
            f"{records if records is not None else record()}{after}</{root.split()[0]}>\n")


def octets(**changed):
    return feedback(**changed).encode()


def zipped(members, method=zipfile.ZIP_DEFLATED, flags=0):
    """Members are (name, octets); `flags` are set in every header."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 28, 0, 0, 0)), content, compress_type=method)
    made = bytearray(target.getvalue())
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = made.find(mark) if flags else -1
        while at >= 0:
            made[at + place] |= flags
            at = made.find(mark, at + 4)
    return bytes(made)


def zip_streamed(name, content):
    """A zip whose sizes stand behind the data (flag 8), as writers to a pipe make them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    crc, name = zlib.crc32(content), name.encode()
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 8, 8, 0, 0x5B7C, 0, 0, 0, len(name), 0) + name + packed
    local += struct.pack("<4sIII", b"PK\7\x08", crc, len(packed), len(content))
    central = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 8, 8, 0, 0x5B7C, crc, len(packed), len(content),
                          len(name), 0, 0, 0, 0, 0, 0) + name
    return local + central + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local), 0)


def gzipped(content):
    return gzip.compress(content, mtime=0)


def mail(body, kind="application/gzip", encoding="base64", name="example.xml.gz", more="", subject="Report domain: example.com"):
    if encoding == "base64":
        body = base64.encodebytes(body)
    return (f"From: DMARC reports <noreply@reporter.example>\nTo: dmarc@example.com\nSubject: {subject}\n"
            f"Date: Wed, 15 Nov 2023 10:00:00 +0000\nMessage-ID: <1@reporter.example>\n{more}MIME-Version: 1.0\n"
            f"Content-Type: {kind}; name=\"{name}\"\nContent-Transfer-Encoding: {encoding}\n\n").encode() + body


def multipart(parts, kind="multipart/mixed", more=""):
    """Parts are octets with their own fields."""
    body = b"".join(b"--=_b\n" + part + b"\n" for part in parts) + b"--=_b--\n"
    return (f"From: noreply@reporter.example\nDate: Wed, 15 Nov 2023 10:00:00 +0000\nMessage-ID: <2@reporter.example>\n"
            f"{more}MIME-Version: 1.0\nContent-Type: {kind}; boundary=\"=_b\"\n\n").encode() + body


def nested_multipart(depth):
    part = attached(gzipped(octets()))
    for i in range(depth):
        part = (f'Content-Type: multipart/mixed; boundary="b{i}"\n\n--b{i}\n').encode() + part + f"\n--b{i}--\n".encode()
    return b"From: a@reporter.example\nMIME-Version: 1.0\n" + part


def attached(content, name="r.xml.gz", kind="application/gzip"):
    return (f"Content-Type: {kind}; name=\"{name}\"\nContent-Disposition: attachment; filename=\"{name}\"\n"
            f"Content-Transfer-Encoding: base64\n\n").encode() + base64.encodebytes(content)


TEXT_PART = b"Content-Type: text/plain\n\nThis is a report.\n"
HTML_PART = b"Content-Type: text/html\n\n<!DOCTYPE html><html><body>A report</body></html>\n"


def tls(changed=None, policies=None, without=()):
    report = {"organization-name": "Reporter",
              "date-range": {"start-datetime": "2023-11-15T00:00:00Z", "end-datetime": "2023-11-15T23:59:59Z"},
              "contact-info": "tls@reporter.example", "report-id": "2023-11-15T00:00:00Z_example.com",
              "policies": policies if policies is not None else [tls_policy()]}
    report.update(changed or {})
    return json.dumps({key: value for key, value in report.items() if key not in without}).encode()


def tls_policy(about=None, summary=(5, 1), details=None, without=()):
    policy = {"policy-type": "sts", "policy-string": ["version: STSv1", "mode: enforce"], "policy-domain": "example.com",
              "mx-host": ["mx.example.com"]}
    policy.update(about or {})
    made = {"policy": {key: value for key, value in policy.items() if key not in without},
            "summary": {"total-successful-session-count": summary[0], "total-failure-session-count": summary[1]},
            "failure-details": details if details is not None else [tls_detail()]}
    return {key: value for key, value in made.items() if key not in without}


def tls_detail(without=()):
    made = {"result-type": "certificate-expired", "sending-mta-ip": "192.0.2.7", "receiving-mx-hostname": "mx.example.com",
            "receiving-ip": "2001:DB8::25", "failed-session-count": 1, "failure-reason-code": "X509"}
    return {key: value for key, value in made.items() if key not in without}


FAILURE_FIELDS = ("Feedback-Type: auth-failure\nUser-Agent: Lua/1.0\nVersion: 1\nOriginal-Mail-From: <bounce@spoof.example>\n"
                  "Arrival-Date: Wed, 15 Nov 2023 09:00:00 +0000\nSource-IP: 192.0.2.9\nReported-Domain: example.com\n"
                  "Auth-Failure: dmarc\nIdentity-Alignment: none\nDelivery-Result: reject\n")
ORIGINAL = b"Content-Type: message/rfc822\n\nFrom: Boss <boss@example.com>\nSubject: pay\n\nhello\n"


def failure(fields=FAILURE_FIELDS, original=ORIGINAL, kind="multipart/report; report-type=feedback-report"):
    return multipart([TEXT_PART, b"Content-Type: message/feedback-report\n\n" + fields.encode(), original], kind)


def with_value(key, value):
    """Does the first record have it?"""
    return lambda report: report["records"][0][key] == value


def repeated(fields, count):
    return "".join(fields for _ in range(count))


AGGREGATE = [
    Made("as RFC 7489 has it", octets(policy="<adkim>r</adkim><aspf>s</aspf><p>reject</p><sp>none</sp><pct>50</pct><fo>1</fo>"),
         holds=lambda report: report["pct"] == "50" and report["aspf"] == "s" and report["p"] == "reject"),
    Made("as RFC 9990 has it",
         octets(root='feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0"', more="<generator>Maker 2</generator>",
                policy="<p>reject</p><np>reject</np><testing>y</testing><discovery_method>treewalk</discovery_method>",
                records=record(disposition="pass"), after="<extension><a xmlns='x'>1</a></extension>"),
         holds=lambda report: (report["np"], report["testing"], report["discovery"], report["generator"],
                               report["records"][0]["disposition"]) == ("reject", "y", "treewalk", "Maker 2", "pass")),
    Made("the namespace of the drafts", octets(root='feedback xmlns="http://dmarc.org/dmarc-xml/0.1"')),
    Made("a prefixed root with unqualified children", octets(root='ns1:feedback xmlns:ns1="x" xsi:schemaLocation="y z"')),
    Made("a prefix nobody declared", octets(root="ns1:feedback")),
    Made("a schema element that is never closed", octets(
        head='<?xml version="1.0"?>\n<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="x">\n')),
    Made("no declaration, comments", octets(head="<!-- one -->\n", more="<!-- & < two -->")),
    Made("blank lines before the declaration", b"\r\n\r\n" + octets()),
    Made("line ends of CRLF", octets().replace(b"><", b">\r\n<")),
    Made("an unknown element at every depth", octets(
        more="<x><y/></x>", policy="<p>none</p><x>1</x>", after="<x><record><row/></record></x>",
        records=record(reason="<x>2</x>", identifiers="<header_from>example.com</header_from><x><header_from>no</header_from></x>"))),
    Made("upper case words", octets(records=record(disposition="None", dkim="Pass", spf="Fail")), repaired="upper case",
         holds=with_value("dkim_aligned", 1)),
    Made("hardfail", octets(records=record(auth="<spf><domain>a.example</domain><result>hardfail</result></spf>")),
         repaired="hardfail", holds=with_value("spf_result", "fail")),
    Made("unknown is kept", octets(records=record(auth="<spf><domain>a.example</domain><result>unknown</result></spf>")),
         holds=with_value("spf_result", "unknown")),
    Made("an empty reason type", octets(records=record(reason="<reason><type/><comment></comment></reason>")),
         repaired="without a type", holds=with_value("override_type", "other")),
    Made("text in a reason", octets(records=record(reason="<reason>our list</reason>")), repaired="without a type",
         holds=with_value("override_comment", "our list")),
    Made("several reasons: the first", octets(records=record(
        reason="<reason><type>forwarded</type></reason><reason><type>sampled_out</type></reason>")),
        holds=with_value("override_type", "forwarded")),
    Made("an ARC comment", octets(records=record(reason="<reason><type>local_policy</type><comment>arc=pass as[1].d=list.example "
                                                        "as[1].s=a remote-ip[1]=192.0.2.8</comment></reason>")),
         holds=lambda report: "as[1].d=list.example" in report["records"][0]["override_comment"]),
    Made("sampled_out and policy_test_mode", octets(records=record(reason="<reason><type>sampled_out</type></reason>") +
                                                    record(reason="<reason><type>policy_test_mode</type></reason>")),
         messages=6, holds=lambda report: report["records"][1]["override_type"] == "policy_test_mode"),
    Made("angle brackets in org_name", octets(org="<org_name>Reporter <dmarc@reporter.example></org_name>"),
         repaired="begin nothing", holds=lambda report: report["organization"] == "Reporter <dmarc@reporter.example>"),
    Made("ampersands", octets(org="<org_name>A&B & Co &copy; &#65;&amp;</org_name>"), repaired="begin nothing",
         holds=lambda report: report["organization"] == "A&B & Co &copy; A&"),
    Made("a raw < in contact info", octets(more="<extra_contact_info>5 < 6 <and so> on</extra_contact_info>"),
         repaired="begin nothing"),
    Made("an octet of Windows-1252 in UTF-8", octets(org="<org_name>It@s us</org_name>").replace(b"@s us", b"\x92s us"),
         repaired="encoding"),
    Made("windows-1252 that says so", feedback(head='<?xml version="1.0" encoding="windows-1252"?>',
                                               org="<org_name>Caf\xe9</org_name>").encode("cp1252"),
         holds=lambda report: report["organization"] == "Caf\xe9"),
    Made("iso-8859-1 that says so", feedback(head="<?xml version='1.0' encoding='ISO-8859-1'?>",
                                             org="<org_name>Z\xfcrich</org_name>").encode("latin-1"),
         holds=lambda report: report["organization"] == "Z\xfcrich"),
    Made("gb2312 that says so", feedback(head='<?xml version="1.0" encoding="gb2312"?>',
                                         org="<org_name>\u7f51\u6613</org_name>").encode("gb2312"),
         holds=lambda report: report["organization"] == "\u7f51\u6613"),
    Made("an encoding that nobody knows", octets(head='<?xml version="1.0" encoding="x-mine"?>')),
    Made("a byte order mark", b"\xef\xbb\xbf" + octets()),
    Made("UTF-16, little end first", b"\xff\xfe" + feedback(head='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16-le")),
    Made("UTF-16, big end first", b"\xfe\xff" + feedback().encode("utf-16-be")),
    Made("UTF-16 without a mark", feedback(head="").encode("utf-16-le")),
    Made("control characters", octets(org="<org_name>a\x01b</org_name>"), repaired="control characters"),
    Made("characters that turn text around", octets(org="<org_name>a\u202eb</org_name>"), repaired="nobody can see",
         holds=lambda report: report["organization"] == "a?b"),
    Made("CDATA", octets(org="<org_name><![CDATA[A & <B>]]></org_name>"),
         holds=lambda report: report["organization"] == "A & <B>"),
    Made("no version, no sp, no pct", octets().replace(b"<version>1.0</version>", b"")),
    Made("only org_name", octets(email="")),
    Made("only email", octets(org="<org_name/>"), holds=lambda report: report["organization"] is None),
    Made("neither", octets(org="", email=""), None, reason="who sends it"),
    Made("no report id", octets(report_id="<report_id> </report_id>"), repaired="no report id"),
    Made("no date range", octets(dates=""), repaired="no date range"),
    Made("neither report id nor dates", octets(report_id="", dates=""), None, reason="neither a report id nor"),
    Made("a report id with @ and :", octets(report_id="<report_id>a@b:c!d</report_id>"),
         holds=lambda report: report["report_id"] == "a@b:c!d"),
    Made("no domain", octets(domain=""), None, reason="which domain"),
    Made("a domain that is none", octets(domain="<domain>exa mple</domain>"), None, reason="which domain"),
    Made("a domain in upper case with a dot", octets(domain="<domain>Example.COM.</domain>"),
         holds=lambda report: report["domain"] == "example.com"),
    Made("a U-label", octets(domain="<domain>b\xfccher.example</domain>"),
         holds=lambda report: report["domain"] == "xn--bcher-kva.example"),
    Made("dkim alone", octets(records=record(auth="<dkim><domain>example.com</domain><result>pass</result></dkim>")),
         holds=lambda report: report["records"][0]["spf_result"] is None and
         report["records"][0]["signatures"][0]["selector"] is None),
    Made("spf alone, without a scope", octets(records=record(auth="<spf><domain>a.example</domain><result>none</result></spf>")),
         holds=with_value("spf_scope", None)),
    Made("neither dkim nor spf", octets(records=record(auth=""))),
    Made("no auth_results", octets(records=record().replace("<auth_results>", "<other>").replace("</auth_results>", "</other>"))),
    Made("several spf: the first", octets(records=record(
        auth="<spf><domain>a.example</domain><scope>helo</scope><result>pass</result></spf>"
             "<spf><domain>b.example</domain><result>fail</result></spf>")), holds=with_value("spf_domain", "a.example")),
    Made("60 signatures", octets(records=record(auth=repeated("<dkim><domain>a.example</domain><result>pass</result></dkim>", 60))),
         repaired="beyond 50", holds=lambda report: len(report["records"][0]["signatures"]) == 50),
    Made("human_result", octets(records=record(
        auth="<dkim><domain>example.com</domain><result>fail</result><human_result>body hash</human_result></dkim>"))),
    Made("header_from with a bad octet", octets(records=record(identifiers="<header_from>bad@</header_from>"))
         .replace(b"bad@", b"bad\xff"), repaired="no domain names", holds=with_value("header_from", None)),
    Made("an address as envelope_from", octets(records=record(
        identifiers="<envelope_from>&lt;bounce@News.Example&gt;</envelope_from><header_from>example.com</header_from>")),
        holds=with_value("envelope_from", "news.example")),
    Made("a null sender", octets(records=record(
        identifiers="<envelope_from>&lt;&gt;</envelope_from><header_from>example.com</header_from>")),
        holds=with_value("envelope_from", None)),
    Made("records before the metadata",
         f"<feedback>{record()}<policy_published><domain>example.com</domain></policy_published><report_metadata>"
         f"<org_name>R</org_name><report_id>1</report_id><date_range><begin>{BEGIN}</begin><end>{END}</end></date_range>"
         "</report_metadata></feedback>".encode()),
    Made("white space around values", octets(records=record(source="\n 192.0.2.1 ", count=" 3\n"), dates=f"<begin> {BEGIN} </begin>"
                                             f"<end>\n{END}\n</end>")),
    Made("an empty disposition", octets(records=record(disposition="")), repaired="dispositions",
         holds=with_value("disposition", "none")),
    Made("text longer than 4 kB", octets(org=f"<org_name>{'x' * 100000}</org_name>"), repaired="cut to 4 kB"),
]

DATES = [
    Made("milliseconds", octets(dates=f"<begin>{BEGIN}000</begin><end>{END}000</end>"), repaired="milliseconds",
         holds=lambda report: (report["begin"], report["end"]) == (BEGIN, END)),
    Made("seconds with a decimal", octets(dates=f"<begin>{BEGIN}.0</begin><end>{END}.0</end>"),
         holds=lambda report: report["end"] == END),
    Made("a period of no time", octets(dates=f"<begin>{BEGIN}</begin><end>{BEGIN}</end>")),
    Made("a period of 9,096 seconds", octets(dates=f"<begin>{BEGIN}</begin><end>{BEGIN + 9096}</end>")),
    Made("a week", octets(dates=f"<begin>{BEGIN}</begin><end>{BEGIN + 7 * DAY}</end>")),
    Made("three years", octets(dates=f"<begin>{BEGIN - 1000 * DAY}</begin><end>{END}</end>"), None, reason="longer than 31 days"),
    Made("an end before the beginning", octets(dates=f"<begin>{END}</begin><end>{BEGIN}</end>"), repaired="swapped",
         holds=lambda report: (report["begin"], report["end"]) == (BEGIN, END)),
    Made("no end", octets(dates=f"<begin>{BEGIN}</begin>"), repaired="half of its date range",
         holds=lambda report: report["end"] == END),
    Made("the future", octets(dates="<begin>4000000000</begin><end>4000086399</end>"), None, reason="in the future"),
    Made("dates in words", octets(dates="<begin>yesterday</begin><end>today</end>"), None, reason="cannot be read"),
    Made("dates of RFC 3339", octets(dates="<begin>2023-11-15T00:00:00Z</begin><end>2023-11-15 23:59:59</end>"),
         holds=lambda report: (report["begin"], report["end"]) == (BEGIN, END)),
]

ADDRESSES = [
    Made("IPv6 in upper case, not compressed", octets(records=record(source="2001:0DB8:0:0:0:0:0:17")),
         holds=with_value("source", "2001:db8::17")),
    Made("an IPv4-mapped address", octets(records=record(source="::ffff:192.0.2.1")), holds=with_value("source", "192.0.2.1")),
    Made("an address with /32", octets(records=record(source="192.0.2.1/32")), holds=with_value("source", "192.0.2.1")),
    Made("a network is no address", octets(records=record(source="192.0.2.0/24") + record(count="4")), 4,
         repaired="source address"),
    Made("a blank address", octets(records=record(source=" ") + record(count="4")), 4, repaired="source address"),
    Made("no address at all", octets(records=record(source="unknown")), None, reason="no record in it"),
    Made("a count of 0", octets(records=record(count="0") + record(count="4")), 4, repaired="count of 0"),
    Made("a count below 0", octets(records=record(count="-7") + record(count="4")), 4, repaired="count of 0"),
    Made("a count in words", octets(records=record(count="many") + record(count="4")), 4, repaired="count of 0"),
    Made("a count above 10^9", octets(records=record(count="5000000000")), 10**9, repaired="1,000,000,000"),
    Made("a count of 40 digits", octets(records=record(count="9" * 40)), 10**9, repaired="1,000,000,000"),
    Made("messages are counted, not records", octets(records=repeated(record(count="1000"), 719)), 719000),
    Made("2,286 records", octets(records=repeated(record(count="2"), 2286)), 4572),
]

BROKEN = [
    Made("nothing", b"", None, reason="it is empty"),
    Made("blank lines", b"\r\n\r\n", None, reason=""),
    Made("a word", b"unused", None, reason="neither a mail nor a report"),
    Made("cut off in a record", octets()[:-200], None, reason="cut off"),
    Made("cut off before the last tag", octets()[:-12], None, reason="cut off"),
    Made("no records", octets(records=""), None, reason="no record in it"),
    Made("another kind of XML", b"<?xml version='1.0'?><rss><channel/></rss>", None, reason="without a feedback element"),
    Made("a page", b"<!DOCTYPE html><html><body>404</body></html>", None, reason="document type"),
    Made("an external entity", octets(head='<?xml version="1.0"?><!DOCTYPE feedback [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
                                      org="<org_name>&x;</org_name>"), None, reason="document type"),
    Made("billion laughs", octets(head='<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
                                       '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'), None, reason="document type"),
    Made("a doctype in small letters behind a comment", b"<!-- --> <!doctype x>" + octets(), None, reason="document type"),
    Made("elements 40 deep", octets(more="<a>" * 40 + "</a>" * 40), None, reason="more than 32 deep"),
    Made("a doctype behind a record", octets(after="<!DOCTYPE x>"), None, reason="document type"),
    Made("a record, then gzip that is damaged", gzipped(octets(records=repeated(record(), 5000), report_id="<report_id>" + "".join(
        chr(97 + i * 7 % 26) for i in range(3000)) + "</report_id>"))[:-9] + b"xxxxxxxxx", None, reason="damaged archive"),
    Made("an element that closes early", octets(records=record().replace("</identifiers>", "")), repaired="elements do not end"),
    Made("several reports in one file", octets() + octets(report_id="<report_id>2</report_id>"), 6, 2),
    Made("reports in an element of a wrapper", b"<reports>" + octets() + octets(report_id="<report_id>2</report_id>") + b"</reports>",
         6, 2),
    Made("one good report, one cut off", octets() + octets().split(b"</record>")[0], 3, 1, reason="cut off"),
    Made("twelve reports", b"".join(octets(report_id=f"<report_id>{i}</report_id>") for i in range(12)), 30, 10,
         reason="more than 10 reports"),
]

CONTAINERS = [
    Made("gzip", gzipped(octets())),
    Made("gzip with a line end behind it", gzipped(octets()) + b"\r\n"),
    Made("gzip in gzip", gzipped(gzipped(octets()))),
    Made("gzip of two members", gzipped(octets()[:100]) + gzipped(octets()[100:])),
    Made("gzip of a zip", gzipped(zipped([("r.xml", octets())]))),
    Made("gzip of nothing", gzipped(b""), None, reason="empty"),
    Made("gzip cut off", gzipped(octets(records=repeated(record(), 50)))[:-60], None, reason="damaged archive"),
    Made("a zip", zipped([("example.xml", octets())])),
    Made("a zip that is stored", zipped([("example.xml", octets())], zipfile.ZIP_STORED)),
    Made("a zip with sizes behind the data", zip_streamed("example.xml", octets())),
    Made("a zip with a folder and what a Mac adds", zipped([("r/", b""), ("r/a.xml", octets()), ("__MACOSX/", b""),
                                                            ("__MACOSX/r/._a.xml", b"\0\5\x16\7\0\2")])),
    Made("a zip of two reports", zipped([("a.xml", octets()), ("b.xml", octets(report_id="<report_id>2</report_id>"))]), 6, 2),
    Made("a zip with a text beside the report", zipped([("readme.txt", b"hello"), ("a.xml", octets())])),
    Made("a zip of 12 members", zipped([(f"{i}.txt", b"x") for i in range(11)] + [("a.xml", octets())]), None,
         reason="more than 10 members"),
    Made("a zip of gzip", zipped([("a.xml.gz", gzipped(octets()))])),
    Made("a zip of nothing", zipped([]), None, reason=""),
    Made("a zip of zips of zips of zips", zipped([("a.zip", zipped([("b.zip", zipped([("c.zip", zipped([("d.xml", octets())]))]))]))]),
         None, reason="nested more than 3 deep"),
    Made("an encrypted zip", zipped([("a.xml", octets())], flags=1), None, reason="encrypted"),
    Made("a zip cut off", zipped([("a.xml", octets(records=repeated(record(), 50)))])[:200], None, reason=""),
]

MAILS = [
    Made("a mail of one part gzip", mail(gzipped(octets())), whole=lambda result: result["from"] == "reporter.example"
         and result["date"] == 1700042400),
    Made("a mail of one part zip", mail(zipped([("a.xml", octets())]), "application/zip", name="a.zip")),
    Made("gzip as application/octet-stream", mail(gzipped(octets()), "application/octet-stream", name="report")),
    Made("gzip that is named .zip", mail(gzipped(octets()), "application/zip", name="a.zip")),
    Made("a zip that is named .gz", mail(zipped([("a.xml", octets())]), "application/gzip")),
    Made("x-gzip, x-zip-compressed", multipart([attached(gzipped(octets()), kind="application/x-gzip"),
                                                attached(zipped([("a.xml", octets(report_id="<report_id>2</report_id>"))]),
                                                         kind="application/x-zip-compressed")]), 6, 2),
    Made("XML that is not compressed", mail(octets(), "text/xml", name="a.xml")),
    Made("XML in quoted-printable", mail(octets().replace(b"=", b"=3D").replace(b"><", b">=\n<"), "application/xml",
                                         "quoted-printable", "a.xml")),
    Made("XML in 8bit", mail(octets(org="<org_name>Caf\xe9</org_name>"), "text/xml", "8bit", "a.xml")),
    Made("XML as text/plain", mail(octets(), "text/plain", "7bit", "report.txt")),
    Made("text, a page, and a report", multipart([TEXT_PART, HTML_PART, attached(gzipped(octets()))])),
    Made("broken lines of base64", mail(gzipped(octets())).replace(b"IA", b"IA \r\n ", 1)),
    Made("a subject in encoded words", mail(gzipped(octets()), subject="=?utf-8?B?UmVwb3J0IGRvbWFpbjog?=\n =?utf-8?Q?example=2Ecom?=")),
    Made("a name in encoded words of another encoding", mail(gzipped(octets()), name="=?gb2312?B?saix7S54bWwuZ3o=?=")),
    Made("a forwarded report", multipart([TEXT_PART, b"Content-Type: message/rfc822\n\n" + mail(gzipped(octets()))])),
    Made("a report forwarded twice is not looked for", multipart([
        TEXT_PART, b"Content-Type: message/rfc822\n\n" + multipart([
            b"Content-Type: message/rfc822\n\n" + mail(gzipped(octets()))])]), None, reason="no part of the mail"),
    Made("multiparts 6 deep", nested_multipart(6), None, reason="nested more than 4 deep"),
    Made("multiparts 3 deep", nested_multipart(3)),
    Made("several reports attached", multipart([attached(gzipped(octets(report_id=f"<report_id>{i}</report_id>"))) for i in range(3)]),
         9, 3),
    Made("one report, one damaged", multipart([attached(gzipped(octets())), attached(gzipped(octets())[:40] + b"x" * 40, "bad.gz")]),
         3, 1, reason="bad.gz: "),
    Made("60 parts", multipart([TEXT_PART] * 60), None, reason="more than 50 parts"),
    Made("no report", multipart([TEXT_PART, HTML_PART]), None, reason="no part of the mail is a report"),
    Made("an empty attachment", multipart([TEXT_PART, attached(b"")]), None, reason="no part of the mail is a report"),
    Made("a bounce of a report of ours", multipart([
        TEXT_PART, b"Content-Type: message/delivery-status\n\nAction: failed\n",
        b"Content-Type: message/rfc822\n\n" + mail(gzipped(octets()))], "multipart/report; report-type=delivery-status"), None,
        reason="a notice on a mail that went out"),
    Made("two authors", mail(gzipped(octets())).replace(b"<noreply@reporter.example>", b"<a@b.example>, c@d.example"),
         whole=lambda result: result["from"] is None),
    Made("results of our server", mail(gzipped(octets()), more="Authentication-Results: mx.example.net;\n\tdmarc=pass"
                                                              " header.from=reporter.example\n"),
         whole=lambda result: result["results"] == ["mx.example.net; dmarc=pass header.from=reporter.example"]),
]

TLS = [
    Made("as RFC 8460 has it", tls(), 6, holds=lambda report: report["kind"] == "tls" and report["domain"] == "example.com" and
         report["begin"] == BEGIN and report["policies"][0]["failure"][0]["receiving_address"] == "2001:db8::25"),
    Made("gzip of it", gzipped(tls()), 6),
    Made("a mail of application/tlsrpt+gzip", multipart([TEXT_PART, attached(gzipped(tls()), "r.json.gz", "application/tlsrpt+gzip")],
                                                        'multipart/report; report-type="tlsrpt"'), 6),
    Made("a mail of application/tlsrpt+json", mail(tls(), "application/tlsrpt+json", name="r.json"), 6),
    Made("a byte order mark and blanks", b"\xef\xbb\xbf \n" + tls(), 6),
    Made("no contact-info", tls(without=["contact-info"]), 6),
    Made("contact-info null", tls({"contact-info": None}), 6, holds=lambda report: report["email"] is None),
    Made("policy-string as a string", tls(policies=[tls_policy({"policy-string": "version: STSv1"})]), 6),
    Made("mx-host as a string", tls(policies=[tls_policy({"mx-host": "mx.example.com"})]), 6,
         holds=lambda report: report["policies"][0]["mx_host"] == "mx.example.com"),
    Made("no mx-host", tls(policies=[tls_policy(without=["mx-host"])]), 6),
    Made("no policy-domain: that of the report id", tls({"report-id": "1+example.com"}, [
        tls_policy({"policy-type": "no-policy-found"}, without=["policy-domain"])]), 6, repaired="no policy names a domain",
        holds=lambda report: report["domain"] == "example.com"),
    Made("no policy-domain: that of the Subject", mail(tls({"report-id": "1"}, [tls_policy(without=["policy-domain"])]),
                                                       "application/tlsrpt+json", name="r.json",
                                                       subject="Report Domain: example.com Submitter: r.example"), 6,
         repaired="no policy names a domain", holds=lambda report: report["domain"] == "example.com"),
    Made("no domain anywhere", tls({"report-id": "1"}, [tls_policy(without=["policy-domain"])]), 6, repaired="which domain",
         holds=lambda report: report["domain"] == "unknown"),
    Made("no sending-mta-ip", tls(policies=[tls_policy(details=[tls_detail(["sending-mta-ip"])])]), 6,
         holds=lambda report: report["policies"][0]["failure"][0]["sending_address"] is None),
    Made("no failure-details", tls(policies=[tls_policy(without=["failure-details"])]), 6),
    Made("tlsa and an unknown type", tls(policies=[tls_policy({"policy-type": "TLSA"}), tls_policy({"policy-type": "dane"})]), 12,
         repaired="policy types", holds=lambda report: [one["type"] for one in report["policies"]] == ["tlsa", "no-policy-found"]),
    Made("counts as texts", tls(policies=[tls_policy(summary=("5", "1"))]), 6),
    Made("counts below 0", tls(policies=[tls_policy(summary=(-5, 1))]), 1, repaired="counts below 0"),
    Made("one policy that is no list", tls(policies=tls_policy()), 6),
    Made("no summary", tls(policies=[tls_policy(without=["summary"])]), None, reason="no policy has a summary"),
    Made("no policies", tls(policies=[]), None, reason="no policy has a summary"),
    Made("another kind of JSON", b'{"a": 1}', None, reason="JSON without policies"),
    Made("JSON cut off", tls()[:-40], None, reason="not well-formed JSON"),
    Made("an octet that is not UTF-8", tls().replace(b"Reporter", b"Rep\xffrter"), 6, repaired="nobody can see"),
    Made("JSON 40 deep", b'{"policies":' + b"[" * 40 + b"]" * 40 + b"}", None, reason="more than 32 deep"),
    Made("brackets in a text are no depth", tls({"organization-name": "[" * 100 + "\\\""}), 6),
    Made("the same key twice", tls().replace(b'"organization-name"', b'"organization-name": "x", "organization-name"', 1), 6),
    Made("5,000 failures", tls(policies=[tls_policy(details=[tls_detail()] * 5000)]), 6,
         holds=lambda report: len(report["policies"][0]["failure"]) == 5000),
]

FAILURES = [
    Made("as RFC 6591 has it", failure(), 1, holds=lambda report: report["kind"] == "failure" and report["begin"] == 1700042400 and
         (report["records"][0]["source"], report["records"][0]["disposition"], report["records"][0]["header_from"],
          report["records"][0]["envelope_from"]) == ("192.0.2.9", "reject", "example.com", "spoof.example")),
    Made("incidents", failure(FAILURE_FIELDS + "Incidents: 17\n"), 17),
    Made("aligned by dkim", failure(FAILURE_FIELDS.replace("Alignment: none", "Alignment: dkim, spf")), 1,
         holds=with_value("dkim_aligned", 1)),
    Made("fields in base64 that is not declared", failure(base64.encodebytes(FAILURE_FIELDS.encode()).decode()), 1),
    Made("multipart/mixed", failure(kind="multipart/mixed"), 1),
    Made("headers alone", failure(original=b"Content-Type: text/rfc822-headers\n\nFrom: a@example.com\n"), 1),
    Made("no reported domain: that of the author", failure(FAILURE_FIELDS.replace("Reported-Domain: example.com\n", "")), 1),
    Made("no source", failure(FAILURE_FIELDS.replace("Source-IP: 192.0.2.9\n", "")), 1, repaired="source address",
         holds=with_value("source", "0.0.0.0")),
    Made("a source in brackets", failure(FAILURE_FIELDS.replace("192.0.2.9", "[192.0.2.9] (mx.example)")), 1,
         holds=with_value("source", "192.0.2.9")),
    Made("no domain anywhere", failure(FAILURE_FIELDS.replace("Reported-Domain: example.com\n", ""), b"Content-Type: text/plain\n\n"),
         None, reason="does not name a domain"),
    Made("a complaint", failure(FAILURE_FIELDS.replace("auth-failure", "abuse")), None, reason="feedback of the type abuse"),
    Made("no fields", multipart([TEXT_PART, ORIGINAL], "multipart/report; report-type=feedback-report"), None,
         reason="without its fields"),
    Made("as text", mail(b"A message claiming to be from you has failed the published DMARC\npolicy for your domain.\n\n"
                         b"  Sender Domain: example.com\n  Sender IP Address: 192.0.2.9\n  Received Date: Wed, 15 Nov 2023\n"
                         b"  SPF Alignment: no\n  DKIM Alignment: no\n  DMARC Results: Reject\n\n------ This is a copy of the "
                         b"headers that were received before the error was detected.\n\nFrom: boss@example.com\n",
                         "text/plain", "7bit", "x"), 1, holds=with_value("disposition", "reject")),
    Made("a gzip in the mail that it is about", failure(original=b"Content-Type: message/rfc822\n\n" + mail(gzipped(octets()))), 1),
]

ALL = [("aggregate", AGGREGATE), ("dates", DATES), ("addresses and counts", ADDRESSES), ("broken", BROKEN),
       ("containers", CONTAINERS), ("mails", MAILS), ("TLS", TLS), ("failures", FAILURES)]
