"""attacks.py - whom the page answers, and texts of strangers in every field of it."""
import http.client
import json
import os
import socket
import sqlite3
import subprocess

from site_of_months import SECONDS, Page, case
import lab as lab_module
import suite

BIDI = "\u202egro.elpmaxe\u202c"
MARKUP = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">'\"><b>&lt;i&gt;"
PAYLOADS = (MARKUP, BIDI, "w" * 4000, "{{7*7}}${7*7}%s%n", "javascript:document.title='run'")
# what the pages choose by, or read as a number or a word of ours
KEPT = {"received": {"kind"}, "received_days": set(), "received_tls_days": set(), "deliveries": {"state"},
        "reports": {"state"}, "received_names": set(), "received_counts": {"kind", "outcome"}}


def poison(path, payload, domains):
    """Every text of the store becomes the payload; sums keep one line of each key. Domains stay, unless asked."""
    store = sqlite3.connect(path)
    names = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
             if name.startswith("received") or name in ("reports", "counted", "deliveries")]
    for table in names:
        for _, column, kind, _, _, key in store.execute(f"PRAGMA table_info({table})").fetchall():
            kept = KEPT.get(table, set()) | (set() if domains else {"domain", "source"})
            if kind == "TEXT" and column not in kept:
                store.execute(f"UPDATE OR IGNORE {table} SET {column} = ?", (payload + (" " if key else ""),))
    store.commit()
    store.close()


STATUS = {"version": None, "messages": {}, "health": {"why": None}, "settings": {"file": None}, "warnings": None}


@case("markup, bidi, long words: nothing runs, nothing overflows")
def injection(site):
    driver = site.browser()
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": False})
    for number, payload in enumerate(PAYLOADS):
        for domains in (False, True):
            name = f"poisoned{number}{domains}"
            poison(site.filled(name), payload, domains)
            daemon = site.daemon(json.dumps({**STATUS, "version": payload, "health": {"why": payload},
                                             "settings": {"file": payload}, "warnings": [payload]}))
            page = Page(site, name, site.lab.path(f"{name}.db"), f'metrics: {{ listen = "{daemon}"; }};')
            look(driver, page, payload, domains)
            page.process.stop()
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def look(driver, page, payload, domains):
    paths = ["/", "/reports", "/report?id=1", "/tls?days=90", "/sent", "/status"]
    if not domains:
        paths += ["/domain?name=example.org", "/source?domain=example.org&address=198.51.100.3"]
    for path in paths:
        answer = page.get(path)
        assert answer.status == 200, (path, answer.text)
        assert "<script>document" not in answer.text and "onerror=\"" not in answer.text and BIDI[0] not in answer.text, path
        shown = {"w" * 4000: "www", BIDI: "\\xE2\\x80\\xAE", MARKUP: "&lt;script&gt;"}.get(payload, payload[:5])
        assert shown in answer.text or (path == "/" and not domains), (path, "does not show the text")
        driver.get(page.url(path))
        assert driver.title.endswith(" - Assay") and "run" not in driver.title, (path, driver.title)
        assert not driver.find_elements("css selector", "main img, main script, main b, a[href^='javascript']"), path
        width = driver.execute_script("return document.documentElement.scrollWidth")
        assert width <= 360, (path, width, payload[:20])


@case("what stands in an address is text too")
def addresses(site):
    for path in ("/domain?name=%3Cscript%3E", "/%3Cscript%3Ealert(1)%3C/script%3E", "/domain?name=%22%3E%3Cb%3E.example",
                 "/source?domain=example.org&address=%3Cb%3E", "/domain?name=example.org&days=%3Cb%3E"):
        answer = site.page.get(path)
        assert "<script>" not in answer.text and "<b>" not in answer.text, path


@case("only names of ours are answered")
def hosts(site):
    for host in ("evil.example", "evil.example:8893", "localhost.evil.example", "mail.example.org"):
        answer = site.page.get("/", host)
        assert answer.status == 421 and "web.hosts" in answer.text and "example.org" not in answer.text, (host, answer.text)
    for host in ("localhost", f"localhost:{site.page.port}", "127.0.0.1", "[::1]:8893"):
        assert site.page.get("/", host).status == 200, host
    page = Page(site, "named", site.filled(), 'web: { hosts = [ "Mail.Example.Org" ]; };')
    assert page.get("/", "mail.example.org").status == 200 and page.get("/", "evil.example").status == 421


@case("GET and HEAD alone, strict header fields, no cookies")
def fields(site):
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert site.page.get("/", method=method).status == 405, method
    assert site.page.get("/", method="HEAD").octets == b""
    for path in ("/", "/style.css", "/nothing", "/reports"):
        headers = site.page.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy, policy
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer", headers
        assert headers["cache-control"] == "no-store" and "set-cookie" not in headers, headers
        assert "access-control-allow-origin" not in headers, headers


@case("other hosts reach it only through a proxy that is named")
def listening(site):
    def run(*words, settings=""):
        path = site.lab.write("listen.conf", f'reports: {{ store = "{site.filled()}"; }};\n{settings}')
        return subprocess.run([site.build / "assay", "web", "-c", path, *words], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
    done = run("--listen", "inet:18999@0.0.0.0")
    assert done.returncode == 78 and b"web.trusted_proxy" in done.stdout, done
    assert run("--listen", "inet:18999@192.0.2.1").returncode == 78
    assert run("--listen", "nonsense").returncode == 78
    assert run(settings='web: { listen = "inet:99999@127.0.0.1"; };').returncode == 78
    done = run("--store", "/nonexistent/reports.db", "--listen", f"unix:{site.lab.path('none.sock')}")
    assert done.returncode == 66 and b"cannot read the report store" in done.stdout, done


@case("a UNIX socket")
def unix_socket(site):
    path = site.lab.path("page.sock")
    settings = site.lab.write("unix.conf", f'reports: {{ store = "{site.filled()}"; }}; web: {{ listen = "unix:{path}"; }};')
    process = site.lab.run("unix", [site.build / "assay", "web", "-c", settings])
    lab_module.wait_until(lambda: "served on" in process.text(), what="the socket")
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(path))
    connection.request("GET", "/style.css")
    assert connection.getresponse().status == 200
    connection.close()
    assert path.stat().st_mode & 0o777 == 0o660
    assert process.stop() == 0 and not path.exists()


@case("a user who may read the store alone, as assay-web.service has it, while the daemon writes")
@suite.for_root
def another_user(site):
    group, user = 64997, 64998
    folder = site.lab.path("shared")
    folder.mkdir()
    path = folder / "reports.db"
    path.write_bytes(site.filled().read_bytes())
    for name, mode in ((folder, 0o750), (path, 0o640)):
        os.chown(name, 0, group)
        name.chmod(mode)
    port = lab_module.free_port()
    settings = site.lab.write("user.conf", f'reports: {{ store = "{path}"; }};')
    command = ["setpriv", f"--reuid={user}", f"--regid={user}", f"--groups={group}", "--bounding-set=-all", "--no-new-privs",
               site.build / "assay", "web", "-c", settings, "--listen", f"inet:{port}@127.0.0.1"]
    os.umask(0o027)
    os.setegid(group)
    writer = sqlite3.connect(path)
    try:
        writer.execute("UPDATE received_counts SET count = count")
        writer.commit()
        process = site.lab.run("user", command)
        lab_module.wait_until(lambda: "served on" in process.text() or not process.running(), what="assay web")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        connection.request("GET", "/domain?name=example.org")
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200 and "letters.example" in text, text
    finally:
        os.setegid(0)
        os.umask(0o022)
        writer.close()


@case("it writes nothing into the store, and ends when asked to")
def read_only(site):
    path = site.filled("untouched")
    before = path.read_bytes()
    page = Page(site, "untouched", path)
    for name in ("/", "/domain?name=example.org", "/sent"):
        assert page.get(name).status == 200
    assert page.process.stop() == 0
    assert path.read_bytes() == before
