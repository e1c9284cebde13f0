"""reading.py - samples and made-up reports, each with what is to become of it."""
import making
import tap
from bench import PUBLIC, case


def check(result, made):
    reports = result["reports"]
    said = f"{result['reasons']} {[report['repairs'] for report in reports]}"
    if made.messages is None:
        assert not reports and result["outcome"] == "unreadable", f"it was read: {reports}"
    else:
        assert len(reports) == made.reports, f"{len(reports)} reports: {said}"
        messages = sum(report["messages"] for report in reports)
        assert messages == made.messages, f"{messages} messages: {said}"
    repairs = [one for report in reports for one in report["repairs"]]
    if made.repaired is None:
        assert not repairs, f"repaired: {repairs}"
    else:
        assert any(made.repaired in one for one in repairs), f"not repaired: {repairs}"
    if made.reason is None:
        assert not result["reasons"], f"refused: {result['reasons']}"
    else:
        assert any(made.reason in one for one in result["reasons"]), f"not refused: {result['reasons']}"
    assert made.holds is None or made.holds(reports[0]), reports[0]
    assert made.whole is None or made.whole(result), result


def register(kind, made):
    @case(f"{kind}: {made.name}")
    def _play(bench):
        check(bench.read(made.octets)[0], made)


for a_kind, some in making.ALL:
    for one_made in some:
        register(a_kind, one_made)

# The public samples: messages, whether something was repaired, or None for those that have nothing in them.
SAMPLES = {
    "mail-auth__001.xml": (123, False), "mail-auth__004.xml": (123, False), "mail-auth__005.xml": (1, False),
    "parsedmarc-invalid__report_with_upper_cased_pass.xml": (1, True),
    "parsedmarc__!example.com!1538204542!1538463818.xml": (1, False), "parsedmarc__empty_reason.xml": (2, True),
    "parsedmarc__invalid_utf_8.xml": (1, True), "parsedmarc__old_draft_from_wiki.xml": (2, False),
    "parsedmarc__rfc9990-example.net!example.com!1700000000!1700086399.xml": (7, False),
    "parsedmarc__rfc9990-sample.xml": (123, False), "tierpod__test.xml": (7, False), "tierpod__test.xml.gz": (7, False),
    "tierpod__test.xml.gz.gz": (7, False), "tierpod__test.xml.zip": (7, False), "tierpod__test_empty.xml": None,
}


@case("public samples")
def public_samples(bench):
    if not PUBLIC.is_dir():
        raise tap.Skip("the public samples are not here (ASSAY_CONFORMANCE)")
    for name, wanted in SAMPLES.items():
        result = bench.read((PUBLIC / name).read_bytes())[0]
        if wanted is None:
            assert result["outcome"] == "unreadable" and result["reasons"], name
            continue
        assert len(result["reports"]) == 1 and not result["reasons"], f"{name}: {result['reasons']}"
        report = result["reports"][0]
        assert (report["messages"], bool(report["repairs"])) == wanted, f"{name}: {report}"


@case("a sample in each container and mail is the same report")
def containers_change_nothing(bench):
    xml = making.octets()
    ways = [xml, making.gzipped(xml), making.zipped([("a.xml", xml)]), making.mail(making.gzipped(xml)),
            making.multipart([making.TEXT_PART, making.attached(xml, "a.xml", "text/xml")])]
    reports = [result["reports"] for result in bench.read(*ways)]
    assert all(one == reports[0] for one in reports), reports
