"""serving.py - where it is served, to whom, what hostile clients get, and that mail does not feel them."""
import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
import time

import lab as lab_module
import milter_client
import zone_server
from bench import PATIENCE, at_once, case, plain, served, started, wait_for
from page import Page

ACCEPTED = 'assay_messages_total{origin="foreign",verdict="accept"}'


def drained(link):
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        while more := link.recv(65536):
            answer += more
    return answer


def dial(page, seconds=PATIENCE):
    link = socket.socket(socket.AF_INET)
    link.settimeout(seconds)
    link.connect(page.address())
    return link


def mail_flows(daemon, count=3):
    with started(daemon) as link:
        for _ in range(count):
            assert link.deliver(plain()).word == "continue"


@case
def pages_and_nothing_else(bench):
    with served(bench) as (_, page):
        assert page.get("/health").text == "ok\n"
        assert page.get("/metrics").fields["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert page.get("/status").fields["Content-Type"] == "application/json"
        for path in ("/", "/metrics/", "/metricsx", "/../etc/passwd", "/%6detrics/..", "//metrics", "/status/x", "/" + "a" * 4000):
            assert page.get(path).status == 404, path
        assert page.get("/metrics?a=b").status == 200
        head = page.get("/metrics", "HEAD")
        assert head.status == 200 and not head.text and int(head.fields["Content-Length"]) > 1000
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "BREW"):
            answer = page.get("/metrics", method, b"x" * 10 if method in ("POST", "PUT") else None)
            assert answer.status == 405 and answer.fields["Allow"] == "GET, HEAD", (method, answer)


HOSTILE = (b"", b"\r\n", b"\0" * 5000, b"\xff\xfe\x80" * 3000, b"GET", b"GET /metrics", b"GET /metrics HTTP/1.1\r\n", b"GET  HTTP/1.1\r\n\r\n",
           b"GET /metrics HTTP/9.9\r\n\r\n", b"GET /metrics\r\n\r\n", b"A" * 100000, b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n",
           b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100000 + b"\r\n\r\n",
           b"GET /metrics HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X%d: y\r\n" % number for number in range(5000)) + b"\r\n",
           b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n" + b"z" * 5000,
           b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\nzz",
           b"POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n" + b"z" * 5000,
           b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 500, b"GET /metrics HTTP/1.1\r\nHost: x\r\n folded: \r\n\t\r\n\r\n",
           b"GET /%00%ff%zz HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 400,
           b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")


@case
def a_socket_of_another_that_takes_nobody_stops_nothing(bench):
    with served(bench) as (daemon, _):
        path = daemon.folder / "stuck.sock"
        with socket.socket(socket.AF_UNIX) as stuck, contextlib.ExitStack() as waiting:
            stuck.bind(str(path))
            stuck.listen(0)
            path.chmod(0o777)
            for _ in range(3):
                link = waiting.enter_context(socket.socket(socket.AF_UNIX))
                link.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    link.connect(str(path))
            settings = daemon.configuration.read_text()
            daemon.write_settings("".join(line for line in settings.splitlines(keepends=True) if not line.startswith("metrics:"))
                                  + f'metrics: {{ listen = "unix:{path}"; }};\n')
            daemon.reload()
            daemon.wait_for_log("another program listens there", PATIENCE)
            mail_flows(daemon)
            assert path.exists()


@case
def garbage_is_answered_or_dropped_and_mail_goes_on(bench):
    with served(bench) as (daemon, page):
        for octets in HOSTILE:
            with dial(page) as link:
                with contextlib.suppress(OSError):
                    link.sendall(octets)
                    link.shutdown(socket.SHUT_WR)
                answer = drained(link)
            assert not answer or answer.startswith(b"HTTP/1."), answer[:100]
        mail_flows(daemon)
        assert page.get("/health").status == 200


@case
def a_request_that_drips_is_ended_and_500_of_them_delay_no_mail(bench):
    count = 100 if bench.slow else 500
    with served(bench) as (daemon, page), contextlib.ExitStack() as stack:
        before = len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
        links = []
        for _ in range(count):
            link = stack.enter_context(socket.socket(socket.AF_INET))
            link.setblocking(False)
            link.connect_ex(page.address())
            links.append(link)
        ended = time.monotonic() + 12
        while time.monotonic() < ended:
            for link in links:
                with contextlib.suppress(OSError):
                    link.send(b"G")
            mail_flows(daemon, 1)
            # 32 may stay at a time
            assert len(os.listdir(f"/proc/{daemon.process.pid}/fd")) < before + 60
            time.sleep(0.2)
        for link in links:
            link.close()
        lab_module.wait_until(lambda: page.get("/health").status == 200, PATIENCE, "an answer after the storm")


def is_open(link):
    link.setblocking(False)
    try:
        return link.recv(1) is None
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False


@case
def the_oldest_gives_way_to_a_new_one(bench):
    """Who holds all connections keeps nobody out: the others need not wait until their time is over."""
    def gives_way(page):
        with contextlib.ExitStack() as stack:
            links = [stack.enter_context(dial(page)) for _ in range(40)]
            assert page.get("/health").status == 200
            return not any(map(is_open, links[:8])) and all(map(is_open, links[9:32]))
    with served(bench) as (_, page):
        # where the machine is so slow that their time is over all the same
        assert any(gives_way(page) for _ in range(5))


@case
def hundreds_who_hold_connections_keep_nobody_out(bench):
    with served(bench) as (daemon, page), contextlib.ExitStack() as stack:
        for number in range(100 if bench.slow else 400):
            stack.enter_context(dial(page)).sendall(b"GET /health HTTP/1.1\r\n" if number % 2 else b"")
        for path in ("/health", "/metrics", "/status"):
            assert page.get(path).status == 200
        mail_flows(daemon)


@case
def a_client_that_says_nothing_or_never_reads_is_ended(bench):
    with served(bench) as (daemon, page):
        with dial(page) as silent, dial(page) as deaf:
            deaf.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
            mail_flows(daemon)
            # 408, or nothing
            assert b"200 OK" not in drained(silent)
            assert drained(deaf).count(b"200 OK") == 1, "each connection is for one request"
        wait_for(page, {ACCEPTED: 3})


@case
def a_flood_of_requests_and_mail_at_once(bench):
    asked = 200 if bench.slow else 2000
    with served(bench) as (daemon, page):
        def flood():
            for number in range(asked):
                with contextlib.suppress(OSError):
                    page.get(("/metrics", "/health", "/status", "/x")[number % 4])
        at_once([flood] * 4 + [lambda: mail_flows(daemon, 20)] * 4)
        wait_for(page, {ACCEPTED: 80})


@case
def an_address_that_is_taken_is_a_warning_and_mail_goes_on(bench):
    with socket.socket(socket.AF_INET) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with bench.daemon(metrics=f"inet:{port}@127.0.0.1") as daemon:
            mail_flows(daemon)
            assert daemon.log_text().count("metrics are not served") == 1, daemon.log_text()
            daemon.wait_for_log("Address already in use")
        with bench.daemon(metrics="unix:/nonexistent/folder/metrics.sock") as daemon:
            mail_flows(daemon)
            daemon.wait_for_log("metrics are not served")
        with bench.daemon(metrics=f"inet:{port}@192.0.2.1") as daemon:
            mail_flows(daemon)
            daemon.wait_for_log("metrics are not served")


@case
def an_address_that_others_can_reach_is_a_warning(bench):
    port = lab_module.free_port()
    with served(bench, listen=f"inet:{port}@0.0.0.0") as (daemon, _):
        daemon.wait_for_log("lets other hosts read")
        assert Page(f"inet:{port}@127.0.0.1").get("/health").status == 200
        assert daemon.run_tool("status", "-c", daemon.configuration)[0] == 0
    with served(bench) as (daemon, _):
        assert "lets other hosts read" not in daemon.log_text()


@case
def a_reload_changes_the_address_turns_it_off_and_on(bench):
    first, second = (f"inet:{lab_module.free_port()}@127.0.0.1" for _ in range(2))
    path = bench.lab.path(f"metrics{next(bench.numbers)}")
    path.mkdir(mode=0o777)
    path.chmod(0o777)
    unix = f"unix:{path}/http.sock"
    with served(bench, listen=first) as (daemon, page), started(daemon) as link:
        link.deliver(plain())
        now = first
        for new in (second, unix, "", first):
            daemon.change(f'listen = "{now}"', f'listen = "{new}"')
            if new:
                lab_module.wait_until(lambda: answers(Page(new)), PATIENCE, f"an answer on {new}")
                assert Page(new).numbers()[ACCEPTED] == 1
            lab_module.wait_until(lambda: not answers(Page(now)), PATIENCE, f"no answer on {now}")
            now = new
            lab_module.wait_until(lambda: (path / "http.sock").exists() == (new == unix), PATIENCE, "the socket's file")
        assert page.get("/health").status == 200


def answers(page):
    if not page.listen:
        return False
    try:
        return page.get("/health").status == 200
    except OSError:
        return False


@case
def a_unix_socket_is_taken_over_from_a_killed_daemon_and_not_from_a_living_one(bench):
    path = bench.lab.path(f"metrics{next(bench.numbers)}")
    path.mkdir()
    path.chmod(0o777)
    listen = f"unix:{path}/http.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path / "http.sock"))
    (path / "http.sock").chmod(0o777)
    with served(bench, listen=listen) as (daemon, page):
        assert page.get("/health").status == 200
        with bench.daemon(metrics=listen) as other:
            other.wait_for_log("another program listens there")
        assert page.get("/health").status == 200
        assert daemon.run_tool("status", "-c", daemon.configuration)[0] == 0
    assert not (path / "http.sock").exists()


@case
def health_says_stopping_until_the_last_message_is_answered(bench):
    with served(bench) as (daemon, page), started(daemon) as link:
        link.mail("anna@example.org")
        os.kill(daemon.process.pid, signal.SIGTERM)
        lab_module.wait_until(lambda: page.get("/health").status == 503, PATIENCE, "503")
        answer = page.get("/health")
        assert answer.text.startswith("stopping") and answer.text.count("\n") == 1, answer
        with milter_client.Client(daemon.address) as late:
            assert late.start().mail("anna@example.org").word == "tempfail"
        wait_for(page, {'assay_messages_refused_total{reason="stopping"}': 1})
        link.abort()


@case
def health_names_a_silent_dns_and_forgets_it_when_it_answers(bench):
    port = lab_module.free_port()
    more = f'resolver: {{ servers = [ "127.0.0.1@{port}" ]; dnssec = false; timeout_ms = 200; }};'
    with served(bench, more) as (daemon, page), started(daemon) as link:
        number = 0

        def ask():
            nonlocal number
            number += 1
            link.deliver(plain(f"d{number}.many.example"), sender=f"a@d{number}.many.example")
            time.sleep(0.2)
        ask()
        assert page.get("/health").status == 200
        ended = time.monotonic() + 90
        while page.get("/health").status != 503:
            ask()
            assert time.monotonic() < ended, page.text()
        assert "no DNS lookup has been answered for" in page.get("/health").text
        _, told = daemon.run_tool("status", "-c", daemon.configuration)
        assert "not ok" in told and "resolver.servers" in told, told
        zone_server.ZoneServer(bench.lab, bench.zone, name=f"dns{next(bench.numbers)}", port=port)
        ended = time.monotonic() + 90
        while page.get("/health").status != 200:
            ask()
            assert time.monotonic() < ended, page.text()


@case
def status_for_people_and_for_programs(bench):
    with served(bench) as (daemon, page), started(daemon) as link:
        link.deliver(plain())
        wait_for(page, {"assay_report_rows_written_total": 1})
        status, told = daemon.run_tool("status", "-c", daemon.configuration)
        assert status == 0
        for words in ("assayd  ok", "runs since ", "today                1           0         0         0", "0 of 200 under way",
                      "rows since the start: 1 stored, 0 waiting, 0 lost", "none: nothing is signed", "half within"):
            assert words in told, (words, told)
        assert "\033" not in told
        status, text = daemon.run_tool("status", "--json", "-c", daemon.configuration)
        facts = json.loads(text)
        assert status == 0 and facts["messages"]["since_start"] == {"accept": 1, "quarantine": 0, "reject": 0, "tempfail": 0}
        assert facts["process"]["id"] == daemon.process.pid and facts["health"] == {"ok": True, "why": None}
        assert facts["settings"]["file"] == str(daemon.configuration) and facts["warnings"] == []
        configuration = daemon.configuration
    status, told = daemon.run_tool("status", "-c", configuration)
    assert status == 69 and told.count("\n") == 1 and "does it run?" in told, (status, told)
    with bench.daemon() as off:
        status, told = off.run_tool("status", "-c", off.configuration)
        assert status == 69 and "metrics.listen is empty" in told and "metrics: { listen =" in told, (status, told)


STATUS = (b'{"version":"\x1b[2J\xc2\x9b5m","now":9223372036854775807,"started":-9223372036854775808,"messages":{"under_way":1e400,'
          b'"since_start":{"accept":9223372036854775807},"connections":1},"dns":{"cache":{"hit":9223372036854775807,"miss":9223372036854775807,'
          b'"joined":9223372036854775807}},"reports":{"oldest":-5},"warnings":["\\u001b[31mred",7,"\\ud83d"]}')
WITHOUT_SURROGATES = STATUS.replace(b"1e400", b"1").replace(b"\\ud83d", b"x").replace(b"\x1b", b"\\u001b")


def chunked(*pieces):
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in pieces)


def answer_with(octets):
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(octets), octets)


# (what is sent, again and again where it is endless, the status of the command, words)
HOSTILE_ANSWERS = {
    "closes at once": (b"", False, 69, "does not answer"),
    "closes within": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", False, 69, "does not answer"),
    "garbage": (b"\0\xff\x1b[2J" * 1000, False, 69, "does not answer"),
    "endless body": (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536, 69, "more than 256 KiB"),
    "endless chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b" " * 1024 + b"\r\n", 69, "more than 256 KiB"),
    "endless header": (b"HTTP/1.1 200 OK\r\nX: ", b"y" * 65536, 69, "does not answer"),
    "endless header fields": (b"HTTP/1.1 200 OK\r\n", b"X-Long: yyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n", 69, "does not answer"),
    "somewhere else": (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", False, 69, "HTTP status 302"),
    "no content": (answer_with(b""), False, 69, "HTTP status 200"),
    "bad chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx", False, 69, "does not answer"),
    "numbers too large": (answer_with(STATUS), False, 69, "not one of assayd"),
    "numbers at the edge": (answer_with(WITHOUT_SURROGATES), False, 0, "assayd  ok"),
    "the same in chunks": (chunked(WITHOUT_SURROGATES[:7], WITHOUT_SURROGATES[7:], b""), False, 0, "assayd  ok"),
}


@contextlib.contextmanager
def hostile_server(begin, endless, pause=0.0):
    """The port of one who answers whoever comes; what is endless goes on until the client has gone."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            while True:
                try:
                    link, _ = listener.accept()
                except OSError:
                    return
                with link, contextlib.suppress(OSError):
                    link.recv(65536)
                    link.sendall(begin)
                    while endless:
                        link.sendall(endless)
                        time.sleep(pause)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(PATIENCE)


def ask_status(bench, port, *words):
    settings = bench.lab.write(f"status{next(bench.numbers)}.conf",
                               f'authserv_id = "a.example";\nmetrics: {{ listen = "inet:{port}@127.0.0.1"; }};\n')
    done = subprocess.run([bench.build / "assay", "status", "-c", settings, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=lab_module.system_environment(), check=False)
    assert done.returncode >= 0 and b"Sanitizer" not in done.stdout and b"runtime error" not in done.stdout, done
    return done.returncode, done.stdout


@case
def status_of_a_hostile_server(bench):
    for name, (begin, endless, status, words) in HOSTILE_ANSWERS.items():
        with hostile_server(begin, endless) as port:
            for options in ([], ["--json"]):
                got, told = ask_status(bench, port, *options)
                assert got == status and not any(octet < 32 and octet != 10 or 127 <= octet < 160 for octet in told), (name, got, told[:500])
                assert options or words in told.decode(), (name, told[:500])


@case
def status_of_a_server_that_is_slow(bench):
    def ask(begin, drop):
        with hostile_server(begin, drop, pause=0.05) as port:
            got, told = ask_status(bench, port)
            assert got == 69 and b"does it run?" in told, told
    at_once([lambda begin=begin, drop=drop: ask(begin, drop) for begin, drop in
             ((b"HTTP/1.1 200 OK\r\n\r\n", b" "), (b"HTTP/1.1 200 OK\r\nX: ", b"y"), (b"", b"H"),
              (b"", b"HTTP/1.1 100 Continue\r\n\r\n"))])


@case
def status_of_something_else_that_answers(bench):
    program = "import http.server,os,sys\nos.chdir(sys.argv[2])\nhttp.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind='127.0.0.1')\n"
    port = lab_module.free_port()
    folder = bench.lab.path(f"web{next(bench.numbers)}")
    folder.mkdir()
    settings = bench.lab.write(f"web{next(bench.numbers)}.conf", f'authserv_id = "a.example";\nmetrics: {{ listen = "inet:{port}@127.0.0.1"; }};\n')
    bench.lab.run("web", ["/usr/bin/python3", "-c", program, port, folder])
    lab_module.wait_until(lambda: lab_module.connects(port), PATIENCE, "the web server")
    for content, words in ((None, "HTTP status 404"), (b"{}", "not one of assayd of this version"), (b"\0\xff garbage", "not one of assayd"),
                           (b'{"version":"9","messages":[]}', "not one of assayd"), (b"[" * 100000, "not one of assayd"),
                           (b'{"version":"9","messages":{},"dns":7,"warnings":{"a":1}}', "assayd"), (b"x" * 3000000, "assayd does not answer")):
        if content is not None:
            (folder / "status").write_bytes(content)
        done = subprocess.run([bench.build / "assay", "status", "-c", settings], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=lab_module.system_environment(http_proxy="http://127.0.0.1:1"), check=False)
        assert words in done.stdout.decode() and done.returncode in (0, 69), (content and content[:60], done)
