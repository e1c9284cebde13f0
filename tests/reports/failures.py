"""failures.py - failure reports: who gets them, how many, and what becomes of them when the sender is killed."""
import email
import email.policy
import random
import subprocess

from bench import ask, case
import lab as lab_module
import outbox
from outbox import DAY, moment

AT = 1_600_000_000
LATER = AT + 3700       # the hour for which equal ones are added up is over
ON = 'failures: { send = true; domains = [ "example.org" ]; %s };'


def outbox_of(bench, more="", reports=outbox.REPORTS):
    return bench.outbox(reports, more=ON % more)


def fail(box, *failures):
    """Each failure is a dict of what is not standard; see report_rows.c."""
    lines = "".join("failure\t" + "\t".join(f"{name}={value}" for name, value in ({"received": AT} | failure).items()) + "\n"
                    for failure in failures)
    done = subprocess.run([outbox.report_rows(box.build), box.store, "24"], input=lines.encode(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0, done.stderr.decode()


def mails(box):
    """(recipients, mail) of every mail handed over."""
    return [(path.with_suffix(".arguments").read_text().split("--\n")[1].split(),
             email.message_from_bytes(path.read_bytes(), policy=email.policy.default))
            for path in sorted(box.sent.glob("*.mail"), key=lambda path: path.name.split(".")[1])]


def feedback(mail):
    """The fields of the second part, as Python's parser for delivery reports and the like reads them."""
    assert mail.get_content_type() == "multipart/report" and mail.get_param("report-type") == "feedback-report"
    assert not mail.defects, mail.defects
    text, report, header = mail.iter_parts()
    assert (text.get_content_type(), report.get_content_type(), header.get_content_type()) == \
        ("text/plain", "message/feedback-report", "text/rfc822-headers")
    payload = report.get_payload()
    return payload[0] if isinstance(payload, list) else email.message_from_string(payload)


@case
def a_failure_report_reaches_who_agreed(bench):
    box = outbox_of(bench)
    fail(box, {"times": 3, "mail_from": "redacted+x@example.net", "list": "yes"})
    assert "1 report" not in box.send(AT + 600) and not mails(box)      # equal ones are still added up
    assert "3 messages: sent to failures@example.org" in box.send(LATER)
    [(recipients, mail)] = mails(box)
    assert recipients == ["failures@example.org"] and mail["From"] == "Example Net <dmarc@example.net>", recipients
    fields = feedback(mail)
    assert fields["Feedback-Type"] == "auth-failure" and fields["Auth-Failure"] == "dmarc", fields.items()
    assert fields["Incidents"] == "3" and fields["Identity-Alignment"] == "dkim, spf"
    assert fields["Authentication-Results"] == "mx.example.net; dmarc=fail header.from=example.org"
    assert fields["Source-IP"] == "192.0.2.1" and fields["Delivery-Result"] == "reject"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert ask(box.store, "SELECT state, record, mail FROM failures") == [("sent", "", "")]
    box.send(LATER + 7200)
    assert len(mails(box)) == 1


@case
def failure_reports_need_send_and_domains(bench):
    for settings in ("", "failures: { send = true; };", 'failures: { domains = [ "*" ]; };',
                     'failures: { send = true; domains = [ "example.net", "*.example.org" ]; };'):
        box = bench.outbox(more=settings)
        fail(box, {})
        box.send(LATER)
        assert not mails(box), settings
        [(state, record)] = ask(box.store, "SELECT state, record FROM failures")
        assert state in ("dropped", "refused") and record == "", (settings, state)
        assert not ask(box.store, "SELECT * FROM failure_key") and not ask(box.store, "SELECT * FROM failure_mails")


@case
def failure_reports_go_where_they_are_wanted(bench):
    box = outbox_of(bench, reports=outbox.REPORTS + ' skip = [ "none@granted.example" ];')
    for number, (ruf, expected) in enumerate((
            ("mailto:a@granted.example,mailto:b@example.org", {"a@granted.example", "b@example.org"}),
            ("mailto:a@refusing.example", None), ("mailto:a@moved.example", {"b@moved.example"}),
            ("https://example.org/", None), ("mailto:none@granted.example", None),
            (",".join(f"mailto:a{one}@example.org" for one in range(9)), {f"a{one}@example.org" for one in range(5)}))):
        fail(box, {"ruf": ruf, "group": number, "received": AT + number * DAY})
        box.send(LATER + number * DAY)
        got = {one for recipients, _ in mails(box) for one in recipients}
        assert got == (expected or set()), (ruf, got)
        for path in box.sent.glob("*.mail"):
            path.unlink()
    fail(box, {"ruf": "mailto:a@lost.example", "group": "lost", "received": AT + 9 * DAY})
    box.send(LATER + 9 * DAY)
    assert not mails(box) and ask(box.store, "SELECT count(*) FROM failures WHERE state = 'open'") == [(1,)]
    box.send(AT + 11 * DAY)
    assert ask(box.store, "SELECT count(*) FROM failures WHERE state = 'open' OR record <> ''") == [(0,)]


@case
def a_flood_of_failures_stays_within_the_limits(bench):
    box = outbox_of(bench, "per_domain_hour = 4; per_destination_day = 9; per_day = 9;")
    for minute in range(0, 60, 6):      # 100,000 failures of 2,000 kinds in an hour
        fail(box, {"received": AT + minute * 60, "times": 10000, "kinds": 2000})
    [(kinds, incidents)] = ask(box.store, "SELECT count(*), sum(incidents) FROM failures")
    [(beyond,)] = ask(box.store, "SELECT count FROM failure_counts WHERE what = 'beyond'")
    assert kinds == 300 and incidents + beyond == 100000, (kinds, incidents, beyond)
    for hour in range(1, 30):
        before = len(mails(box))
        box.send(AT + hour * 3600 + 60)
        assert len(mails(box)) - before <= 4, hour
        if hour <= 24:
            assert len(mails(box)) <= 9, hour
    assert len(mails(box)) == 9, len(mails(box))
    assert not ask(box.store, "SELECT id FROM failures WHERE state = 'open' OR record <> ''")


@case
def equal_failures_are_one_report(bench):
    box = outbox_of(bench)
    for minute in range(0, 60, 6):
        fail(box, {"received": AT + minute * 60, "times": 10000})
    box.send(LATER)
    [(_, mail)] = mails(box)
    assert feedback(mail)["Incidents"] == "100000"


@case
def turned_off_nothing_waits(bench):
    box = outbox_of(bench)
    fail(box, {})
    box.configure()
    box.send(AT + 60)
    assert ask(box.store, "SELECT state, record, words FROM failures") == [("dropped", "", "failure reports are turned off")]
    assert not mails(box)


@case
def a_failure_report_that_the_mail_server_refuses_is_repeated(bench):
    box = outbox_of(bench)
    fail(box, {})
    box.refuse("no queue")
    box.send(LATER)
    [(state, kept, words)] = ask(box.store, "SELECT state, mail, words FROM failures")
    assert state == "waiting" and "no queue" in words, (state, words)
    box.accept()
    box.send(LATER + 60)
    assert not mails(box)       # not before its time
    box.send(LATER + 3600)
    [path] = box.sent.glob("*.mail")
    assert path.read_text() == kept
    assert ask(box.store, "SELECT state, mail FROM failures") == [("sent", "")]


def same_at_most_twice(box):
    lab_module.wait_until(lambda: not lab_module.running_with(str(box.sendmail)), what="the last mail")
    copies = {}
    for path in box.sent.glob("*.mail"):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        copies.setdefault(mail["Message-ID"], []).append(path.read_bytes())
    for name, same in copies.items():
        assert len(same) <= 2 and len(set(same)) == 1, (name, len(same))
    return copies


@case
def killed_while_handing_over_a_failure_report_it_repeats_it_once(bench):
    box = outbox_of(bench)
    fail(box, {})
    box.hold()
    for minutes in (0, 60, 120):        # the third run does not try any more
        run = subprocess.Popen([box.build / "assay", "report", "send", "--at", moment(LATER + minutes * 60), "-c", box.settings],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=lab_module.system_environment())
        if minutes < 120:
            lab_module.wait_until(lambda: len(list(box.sent.glob("*.held"))) == minutes // 60 + 1, what="the mail")
            run.kill()
        run.wait()
    box.release()
    [same] = same_at_most_twice(box).values()
    assert len(same) == 2
    assert ask(box.store, "SELECT state, record, mail FROM failures") == [("unknown", "", "")]


def kill_at_random(box, times, chance):
    (box.sent / "slow").write_text("0.02")
    for number in range(times):
        fail(box, *({"group": f"{number} {one}", "header_from": f"n{number}x{one}.example.org"} for one in range(5)))
        child = subprocess.Popen([box.build / "assay", "report", "send", "--at", moment(LATER + number * 120), "-c", box.settings],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 env=lab_module.system_environment())
        try:
            child.wait(chance.uniform(0, 0.3))
        except subprocess.TimeoutExpired:
            child.kill()
        child.wait()
    for more in range(1, 4):
        box.send(LATER + times * 120 + more * 3600)
    copies = same_at_most_twice(box)
    reported = [email.message_from_bytes(same[0]).get_payload()[1].as_string() for same in copies.values()]
    domains = [next(line for line in one.splitlines() if line.startswith("Reported-Domain")) for one in reported]
    assert len(domains) == len(set(domains)), "one failure is in two reports"
    [(lost,)] = ask(box.store, "SELECT count(*) FROM failures WHERE state NOT IN ('sent', 'unknown')")
    assert not lost and len(domains) >= times * 5 - ask(box.store, "SELECT count(*) FROM failures WHERE state = 'unknown'")[0][0]
    return f"{times} kills, {len(copies)} reports, {sum(len(same) - 1 for same in copies.values())} repeated and the same"


@case
def kills_at_random_moments_repeat_failure_reports_once(bench):
    box = outbox_of(bench, "per_domain_hour = 1000; per_destination_day = 10000;")
    print("# " + kill_at_random(box, 10, random.Random()))
