"""sending.py - what is sent, to whom, and what becomes of it if not."""
import json
import re
import subprocess

from bench import NASTY, ask, case
import lab as lab_module
import outbox
import report_mail
import zone_server
from outbox import DAY, PERIOD, SETTLED, moment


# What is sent
# ----------------------------------------------------------------------------------------------------------------------

@case
def a_report_reaches_who_asked_for_it(bench):
    box = bench.outbox()
    box.record({"times": 3, "dkim": "example.org/s1/pass/"}, {"source": "2001:db8::1", "dmarc": "fail",
               "disposition": "reject", "dkim_aligned": "fail", "header_from": "sub.example.org"})
    assert "1 report: 1 mail sent" in box.send()
    [(arguments, report)] = box.mails()
    assert arguments == ["-i", "-f", "<>", "--", "reports@example.org"], arguments
    assert report.mail["To"] == "reports@example.org" and report.mail["From"] == "Example Net <dmarc@example.net>"
    assert report.mail["Message-ID"].endswith("@example.net>") and report.mail["Auto-Submitted"] == "auto-generated"
    assert report.domain == "example.org" and report.total() == 4 and sorted(report.texts("count")) == ["1", "3"]
    assert report.texts("begin") == [str(PERIOD)] and report.texts("end") == [str(PERIOD + DAY)]
    assert report.texts("header_from") == ["example.org", "sub.example.org"], report.texts("header_from")
    assert not report_mail.complaints(report), report_mail.complaints(report)
    assert "0 reports" in box.send(SETTLED + DAY) and len(box.mails()) == 1


@case
def other_readers_find_the_same_counts(bench):
    box = bench.outbox()
    box.record(*({"source": f"192.0.2.{number}", "times": number, "dkim": [f"example.org/s{number}/pass/", "b.example/x/fail/why"]}
                 for number in range(1, 60)), {"source": "2001:db8::7", "spf_result": "none", "spf_domain": "", "times": 5})
    box.send()
    [report] = box.reports()
    assert report.total() == sum(range(1, 60)) + 5
    assert report_mail.by_mail_dmarc(report) == ("example.org", report.report_id, report.total())
    assert report_mail.by_dmarc_cat(report) == ("example.org", report.total())


def every_kind():
    """Rows with every word that a row can have, and outside text in every place."""
    for disposition in ("none", "pass", "quarantine", "reject"):
        for override in ("", "local_policy", "mailing_list", "other", "policy_test_mode", "trusted_forwarder"):
            yield {"disposition": disposition, "override_type": override, "override_comment": NASTY if override else ""}
    for result in ("none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror"):
        yield {"spf_result": result, "spf_reason": NASTY, "source": "2001:db8:1:2:3:4:5:6"}
        if result != "softfail":
            yield {"dkim": [f"example.org/s1/{result}/{NASTY}", "//permerror/"], "envelope_from": "", "envelope_to": ""}
    yield {"spf_domain": "", "spf_result": "none", "header_from": NASTY, "envelope_from": NASTY}


@case
def rows_of_every_kind_are_valid_in_both_dialects(bench):
    for dialect, tag in (("rfc9990", report_mail.NAMESPACE + "feedback"), ("rfc7489", "feedback")):
        box = bench.outbox(outbox.REPORTS.replace("Example Net", "Ex\u00e4mple & <Net>") +
                           f' contact = "https://example.net/?a&b"; dialect = "{dialect}";')
        box.record(*({"record_error": NASTY, "testing": "y", "fo": "1:d:s"} | row for row in every_kind()))
        box.send()
        [report] = box.reports()
        assert report.root.tag == tag, report.root.tag
        assert not report_mail.complaints(report), report_mail.complaints(report)
        assert report.texts("org_name") == ["Ex\u00e4mple & <Net>"] and report.mail["From"].addresses[0].display_name == "Ex\u00e4mple & <Net>"
        assert NASTY in report.texts("error") and NASTY in report.texts("header_from")
        assert report.total() == len(list(every_kind()))
        assert report_mail.by_mail_dmarc(report)[2] == report.total()


@case
def addresses_of_every_form_are_valid_in_both_dialects(bench):
    full = {"2001:db8::1": "2001:db8:0:0:0:0:0:1", "::1": "0:0:0:0:0:0:0:1", "::": "0:0:0:0:0:0:0:0", "2001:db8::": "2001:db8:0:0:0:0:0:0",
            "64:ff9b::c000:201": "64:ff9b:0:0:0:0:c000:201", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2:3:4:5:6", "::ffff:192.0.2.7": "192.0.2.7",
            "fe80::1:0:0:1": "fe80:0:0:0:1:0:0:1", "192.0.2.1": "192.0.2.1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff": "ffff:" * 7 + "ffff"}
    for dialect in ("rfc9990", "rfc7489"):
        box = bench.outbox(outbox.REPORTS + f' dialect = "{dialect}";')
        box.record(*({"source": source} for source in full if dialect == "rfc7489" or not source.startswith("::ffff")))
        box.send()
        [report] = box.reports()
        assert not report_mail.complaints(report), report_mail.complaints(report)
        if dialect == "rfc7489":
            assert sorted(report.texts("source_ip")) == sorted(full.values()), report.texts("source_ip")
        else:
            assert "2001:db8::1" in report.texts("source_ip")


@case
def a_report_a_domain_and_a_period(bench):
    box = bench.outbox()
    box.record({}, {"p": "none", "received": PERIOD + 1}, {"received": PERIOD + DAY}, {"policy_domain": "example.com", "rua": "mailto:a@example.com"},
               {"policy_domain": "norua.example", "rua": ""}, {"policy_domain": "", "rua": ""}, {"action": "tempfail"},
               {"policy_domain": "late.example", "action": "tempfail", "rua": "mailto:a@late.example"})
    output = box.send(SETTLED + DAY)
    found = sorted((report.domain, report.texts("p")[0], int(report.texts("begin")[0]) - PERIOD, report.total())
                   for report in box.reports())
    assert found == [("example.com", "reject", 0, 1), ("example.org", "none", 0, 2), ("example.org", "reject", DAY, 1)], found
    assert "late.example" in output and "nothing to report" in output, output
    assert ask(box.store, "SELECT count(*) FROM deliveries WHERE state = 'waiting'") == [(0,)]
    assert len({report.report_id for report in box.reports()}) == 3
    listed = json.loads(box.run("list", "--json")[1])
    words = {one["policy_domain"]: one["report"] for one in listed["periods"]}
    assert words["norua.example"] == "no address" and words[""] == "no policy", words


@case
def a_period_has_to_be_over(bench):
    box = bench.outbox()
    box.record({}, {"received": PERIOD + DAY - 1})
    for at in (PERIOD, PERIOD + DAY - 1, PERIOD + DAY + 240):
        assert "0 reports" in box.send(at)
    box.send(PERIOD + DAY + 300)
    assert [report.total() for report in box.reports()] == [2]


@case
def periods_of_hours(bench):
    box = bench.outbox(outbox.REPORTS + " period_hours = 6;")
    box.record({}, {"received": PERIOD + 6 * 3600}, {"received": PERIOD + 6 * 3600 - 1}, period_hours=6)
    box.send(PERIOD + 6 * 3600 + 600)
    [report] = box.reports()
    assert report.total() == 2 and report.texts("end") == [str(PERIOD + 6 * 3600)]
    box.send(PERIOD + 12 * 3600 + 600)
    assert [report.total() for report in box.reports()] == [2, 1]
    assert "06+6h" in box.run("list")[1]


@case
def late_rows_make_a_report_of_their_own(bench):
    box = bench.outbox()
    box.record({"times": 3})
    box.send()
    box.record({"times": 2})
    box.send(SETTLED + 3600)
    first, second = box.reports()
    assert (first.total(), second.total()) == (3, 2) and first.report_id != second.report_id
    assert first.file_name != second.file_name


# To whom
# ----------------------------------------------------------------------------------------------------------------------

@case
def external_destinations_have_to_agree(bench):
    box = bench.outbox()
    box.record({"rua": "mailto:a@granted.example,mailto:a@nobody.example,mailto:a@anybody.example,"
                       "mailto:x@moved.example,mailto:a@away.example"})
    output = box.send()
    assert sorted(arguments[-1] for arguments, _ in box.mails()) == ["a@anybody.example", "a@granted.example", "b@moved.example"]
    assert "3 mails sent" in output and "2 refused" in output, output
    assert len({report.report_id for report in box.reports()}) == len({report.content for report in box.reports()}) == 1
    assert len({report.mail["Message-ID"] for report in box.reports()}) == 3
    [period] = json.loads(box.run("list", "--json")[1])["periods"]
    destinations = {one["uri"]: one for one in period["reports"][0]["destinations"]}
    assert period["report"] == "sent" and destinations["mailto:a@nobody.example"]["state"] == "refused"
    assert "does not say that it takes reports" in destinations["mailto:a@nobody.example"]["words"]


@case
def no_more_destinations_than_the_cap(bench):
    box = bench.outbox(outbox.REPORTS + " maximum_destinations = 2;")
    box.record({"rua": "mailto:a@example.org,mailto:b@example.org,mailto:c@example.org"})
    box.send()
    assert [arguments[-1] for arguments, _ in box.mails()] == ["a@example.org", "b@example.org"]


def recipients(box):
    return [address for arguments, _ in box.mails() for address in arguments[arguments.index("--") + 1:]]


@case
def each_address_gets_it_once(bench):
    once = {"mailto:a@example.org,mailto:a@example.org": ["a@example.org"],
            "mailto:a@example.org,MAILTO:a@EXAMPLE.org": ["a@example.org"],
            "mailto:%61@example.org,mailto:a@example.org": ["a@example.org"],
            "mailto:a@example.org!1m,mailto:a@example.org,mailto:a@example.org!2k": ["a@example.org"],
            "mailto:a@example.org?subject=x,mailto:a@example.org": ["a@example.org"],
            "mailto:a@example.org,mailto:A@example.org": ["a@example.org", "A@example.org"],
            "mailto:x@moved.example,mailto:y@moved.example": ["b@moved.example"],
            "mailto:a@example.org,mailto:b@example.org,mailto:a@example.org": ["a@example.org", "b@example.org"]}
    for rua, expected in once.items():
        box = bench.outbox()
        box.record({"rua": rua})
        box.send()
        assert recipients(box) == expected, (rua, recipients(box))


@case
def of_two_size_limits_the_larger_counts(bench):
    for rua, taken in (("mailto:a@example.org!1k,mailto:a@example.org!10m", True), ("mailto:a@example.org!10m,mailto:a@example.org!1k", True),
                       ("mailto:a@example.org!1k,mailto:a@example.org", True), ("mailto:a@example.org!1k,mailto:a@example.org!1k", False)):
        box = bench.outbox(outbox.REPORTS + ' dialect = "rfc7489";')
        box.record({"rua": rua})
        box.send()
        assert recipients(box) == (["a@example.org"] if taken else []), rua


@case
def the_cap_counts_only_what_can_be_used(bench):
    good = "mailto:good@example.org"
    useless = (["https://example.org/a"] * 5, [f"mailto:a{number}@nobody.example" for number in range(5)],
               [f"mailto:a@n{number}.example" for number in range(40)], ["mailto:a@lost.example"] * 5, ["mailto:not-an-address"] * 9,
               ["mailto:a@away.example", "https://x/", "mailto:@example.org", "mailto:a%0A@example.org", "ftp://example.org"])
    for entries in useless:
        box = bench.outbox(outbox.REPORTS + " maximum_destinations = 1;")
        box.record({"rua": ",".join(entries + [good, "mailto:late@example.org"])})
        box.send()
        assert recipients(box) == ["good@example.org"], (entries, recipients(box))
        assert ask(box.store, "SELECT count(*) FROM deliveries WHERE state = 'waiting'") == [(0,)]
        box.send(SETTLED + 86400)
        assert recipients(box) == ["good@example.org"]


@case
def a_mail_server_that_refuses_opens_no_place_under_the_cap(bench):
    box = bench.outbox(outbox.REPORTS + " maximum_destinations = 2;")
    box.record({"rua": ",".join(f"mailto:{name}@example.org" for name in "abcd")})
    box.refuse("no")
    box.send(status=75)
    box.accept()
    box.send(SETTLED + 900)
    assert sorted(recipients(box)) == ["a@example.org", "b@example.org"]


@case
def what_is_asked_for_one_domain_has_a_ceiling(bench):
    server = zone_server.ZoneServer(bench.lab, "nothing.example TXT x\n", name="many")
    box = bench.outbox(port=server.port)
    box.record({"rua": ",".join(f"mailto:a@n{number}.example" for number in range(500))})
    box.send()
    asked = [line.split()[2] for line in server.asked()]
    assert 0 < sum("._report._dmarc." in name for name in asked) <= 50 and len(asked) < 500, len(asked)


@case
def size_limits_count_in_the_older_dialect(bench):
    rua = "mailto:small@example.org!1k,mailto:big@example.org!10m"
    for dialect, expected in (("rfc9990", ["small@example.org", "big@example.org"]), ("rfc7489", ["big@example.org"])):
        box = bench.outbox(outbox.REPORTS + f' dialect = "{dialect}";')
        box.record({"rua": rua})
        box.send()
        assert [arguments[-1] for arguments, _ in box.mails()] == expected
    assert "takes 1024" in box.run("list", "--json")[1]


@case
def who_is_skipped_gets_none(bench):
    box = bench.outbox(outbox.REPORTS + ' skip = [ "example.com", "no@example.org" ];')
    box.record({"policy_domain": "sub.example.com", "rua": "mailto:a@sub.example.com"},
               {"rua": "mailto:no@example.org,mailto:yes@example.org,mailto:a@reports.example.com"})
    box.send()
    assert [arguments[-1] for arguments, _ in box.mails()] == ["yes@example.org"]
    words = {one["policy_domain"]: (one["report"], one["words"]) for one in json.loads(box.run("list", "--json")[1])["periods"]}
    assert words["sub.example.com"] == ("nobody", "the setting reports.skip names the domain"), words
    assert ask(box.store, "SELECT count(*) FROM deliveries WHERE state = 'waiting'") == [(0,)]


@case
def only_and_except_choose_domains(bench):
    domains = ("a.example", "sub.a.example", "b.example", "sub.b.example")
    for more, expected in (('only = [ "a.example" ];', ["a.example"]), ('only = [ "*.a.example" ];', ["sub.a.example"]),
                           ('only = [ "a.example", "*.a.example" ];', ["a.example", "sub.a.example"]),
                           ('except = [ "A.Example", "*.b.example" ];', ["b.example", "sub.a.example"]),
                           ('only = [ "*.example" ]; except = [ "*.a.example", "b.example" ];', ["a.example", "sub.b.example"]),
                           ('only = [ "a.example" ]; skip = [ "a.example" ];', [])):
        box = bench.outbox(outbox.REPORTS + " " + more)
        box.record(*({"policy_domain": domain, "rua": f"mailto:r@{domain}"} for domain in domains))
        box.send()
        assert sorted(report.domain for report in box.reports()) == expected, more
        assert not box.send(SETTLED + 3600).startswith("report ")
    assert "reports.only" in box.run("list", "--json")[1]


@case
def the_operator_gets_one_copy_of_each_report(bench):
    box = bench.outbox(outbox.REPORTS + ' copy = "me@example.net";')
    box.record({"rua": "mailto:a@example.org,mailto:b@example.org"}, {"policy_domain": "example.net", "rua": "mailto:me@example.net"},
               {"policy_domain": "nobody.example", "rua": "mailto:a@nobody-else.example"})
    box.send()
    assert [arguments[arguments.index("--") + 1:] for arguments, _ in box.mails()] == [
        ["a@example.org"], ["me@example.net"], ["b@example.org"], ["me@example.net"]], box.mails()
    assert [report.mail["To"] for report in box.reports()[:2]] == ["a@example.org"] * 2
    assert len({report.report_id for report in box.reports()[:3]}) == 1


@case
def a_copy_that_is_refused_holds_no_report_up(bench):
    """By a command that refuses the whole mail for one recipient, as a mail server may; alone, and in the middle of several."""
    for rua, owners in (("mailto:a@example.org", ["a@example.org"]), ("mailto:a@example.org,mailto:b@example.org", ["a@example.org", "b@example.org"])):
        box = bench.outbox(outbox.REPORTS + ' copy = "me@example.net";')
        box.sendmail.write_text(box.sendmail.read_text().replace("\n", '\ncase "$*" in *me@*) echo no such user; exit 67; esac\n', 1))
        box.record({"rua": rua})
        output = box.send()
        assert [arguments[arguments.index("--") + 1:] for arguments, _ in box.mails()] == [[owner] for owner in owners], output
        assert output.count("the copy to me@example.net (reports.copy) was not sent") == 1 and "no such user" in output, output
        assert ask(box.store, "SELECT state FROM reports") == [("sent",)]
        assert "0 reports" in box.send(SETTLED + 3600), "tried again"
    box = bench.outbox(outbox.REPORTS + ' copy = "me@example.net";')
    box.record({"rua": "mailto:a@example.org,mailto:b@example.org"})
    box.sendmail.write_text(box.sendmail.read_text().replace("\n", '\ncase "$*" in *-\\ a@*) exit 75; esac\n', 1))
    box.send(status=75)
    assert [arguments[-1] for arguments, _ in box.mails()] == ["b@example.org", "me@example.net"], "the first that goes out"


@case
def addresses_are_data(bench):
    """Whatever stands in a rua, it is one argument of the command, after the --."""
    box = bench.outbox(outbox.REPORTS + ' envelope_sender = "bounces@example.net"; maximum_destinations = 9;')
    uris = ["-oQ/tmp@example.org", "a%2Cb@example.org", "a%22%3B%60id%60@example.org", "%24%28id%29@example.org",
            "a%0ABcc%3Ax@example.org", "%20@example.org"]
    box.record({"rua": ",".join("mailto:" + uri for uri in uris)})
    box.send()
    found = [arguments for arguments, _ in box.mails()]
    assert [arguments[-1] for arguments in found] == ["-oQ/tmp@example.org", '"a,b"@example.org', '"a\\";`id`"@example.org',
                                                      '"$(id)"@example.org', '" "@example.org'], found
    assert all(arguments[:-1] == ["-i", "-f", "bounces@example.net", "--"] for arguments in found), found
    assert all("Bcc" not in report.mail for report in box.reports())


# When not
# ----------------------------------------------------------------------------------------------------------------------

@case
def what_failed_is_tried_again_as_it_was(bench):
    box = bench.outbox()
    box.record({"times": 7})
    box.refuse("queue file write error\nmore")
    assert "queue file write error" in box.send(status=75)
    [period] = json.loads(box.run("list", "--json")[1])["periods"]
    assert period["report"] == "waiting" and "queue file write error" in period["words"], period
    assert "waiting" in box.run("list")[1] and "queue file write error" in box.run("list")[1]
    noted = period["reports"][0]
    box.accept()
    assert "0 reports" in box.send(SETTLED + 600)       # not yet: a quarter of an hour after the first attempt
    box.record({"times": 2})
    box.send(SETTLED + 900)
    first, late = sorted(box.reports(), key=lambda report: -report.total())
    assert (first.report_id, first.file_name, first.total()) == (noted["report_id"], noted["file_name"], 7)
    assert late.total() == 2 and late.report_id != first.report_id


@case
def dns_that_fails_is_asked_again(bench):
    box = bench.outbox()
    box.record({"rua": "mailto:a@lost.example,mailto:a@example.org"})
    output = box.send(status=75)
    assert "DNS does not say" in output and len(box.mails()) == 1
    assert json.loads(box.run("list", "--json")[1])["periods"][0]["report"] == "waiting"
    box.send(SETTLED + 1000, status=75)
    assert len(box.mails()) == 1        # the one that went out does not go again


@case
def slow_name_servers_are_waited_for_all_at_once(bench):
    far = range(30)
    zone = "".join(f"d{number}.example._report._dmarc.far{number}.example TXT v=DMARC1\n" for number in far)
    server = zone_server.ZoneServer(bench.lab, zone, name="slow", delay_ms=300)
    box = bench.outbox(port=server.port)
    box.record(*({"policy_domain": f"d{number}.example", "header_from": f"d{number}.example",
                  "rua": f"mailto:a@far{number}.example"} for number in far))
    assert f"{len(far)} mails sent" in box.send()
    first_mail = min(int(path.name.split(".")[1]) / 1e9 for path in box.sent.glob("*.mail"))
    before = {line.split()[2] for line in server.asked() if float(line.split()[0]) < first_mail}
    asked = [number for number in far if f"d{number}.example._report._dmarc.far{number}.example" in before]
    assert len(asked) > 1, "before the first mail no other report was asked for"


@case
def it_is_given_up_in_the_end(bench):
    box = bench.outbox(outbox.REPORTS + " retry_hours = 2;")
    box.record({})
    box.refuse("no")
    for at in (0, 900, 900 + 1800, 900 + 1800 + 3600):
        box.send(SETTLED + at, status=75)
    output = box.send(SETTLED + 8 * 3600)
    assert "1 given up" in output, output
    assert "given up" in box.run("list")[1]
    box.accept()
    assert "0 reports" in box.send(SETTLED + DAY) and not box.mails()


@case
def built_files_stay_in_their_folder(bench):
    """Whatever the store says, as somebody may have written it who is not root."""
    box = bench.outbox()
    odd = ("../../x", "a/b", "..", "\x1b[31m", "x" * 250)
    box.record(*({"policy_domain": name, "times": 1} for name in odd))
    folder = box.folder / "built"
    folder.mkdir()
    status, output, _ = box.run("build", folder, "--at", moment(SETTLED))
    assert status == 0 and output.startswith(f"{len(odd)} reports"), output
    assert all(re.fullmatch(r"[\w.!-]+", path.name) for path in folder.iterdir()), list(folder.iterdir())
    assert len(list(folder.iterdir())) == len(odd)


@case
def a_refusal_is_seen_where_sigchld_is_ignored(bench):
    box = bench.outbox()
    box.record({})
    box.refuse("no")
    done = subprocess.run(["/bin/sh", "-c", "trap '' CHLD; exec \"$@\"", "sh", box.build / "assay", "report", "send", "--at", moment(SETTLED), "-c",
                           box.settings], stdout=subprocess.PIPE, env=lab_module.system_environment(), check=False)
    assert done.returncode == 75 and b"0 mails sent, 1 to be tried again" in done.stdout, done


@case
def a_sendmail_that_is_not_there(bench):
    box = bench.outbox()
    box.sendmail.unlink()
    box.record({})
    assert "cannot be run" in box.send(status=75)


@case
def a_dry_run_changes_nothing(bench):
    box = bench.outbox()
    box.record({"times": 4, "rua": "mailto:a@example.org,mailto:a@nobody.example"})
    before = box.store.read_bytes()
    output = box.send(SETTLED, "--dry-run")
    assert "would be sent to a@example.org, 4 messages" in output and "does not say that it takes" in output, output
    assert not box.mails() and box.store.read_bytes() == before
    assert [path.name for path in box.folder.iterdir() if path.name.endswith(".sending")] == []


@case
def build_writes_the_files(bench):
    box = bench.outbox()
    box.record({"times": 4}, {"policy_domain": "example.com", "rua": "mailto:a@example.com", "times": 5})
    folder = box.folder / "built"
    folder.mkdir()
    status, output, _ = box.run("build", folder, "--at", moment(SETTLED))
    assert status == 0 and output.startswith("2 reports with 2 records on 9 messages"), output
    assert len(list(folder.iterdir())) == 2 and all(report_mail.FILE_NAME.match(path.name) for path in folder.iterdir())
    assert box.run("build", folder / "nowhere", "--at", moment(SETTLED))[0] == 73
    box.send()
    assert [report.total() for report in box.reports()] == [4, 5]
