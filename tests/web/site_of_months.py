"""site.py - assay web over a store of made-up months, and the browsers that look at it."""
import http.client
import http.server
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
# pylint: disable=wrong-import-position
import lab as lab_module  # noqa: E402
import suite  # noqa: E402
import tap  # noqa: E402
import zone_server  # noqa: E402
import months  # noqa: E402
try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
except ImportError:
    webdriver = None

CASES, case = suite.cases()
PAGES = ("/", "/domain?name=example.org", "/domain?name=shop.example&days=90",
         "/source?domain=example.org&address=198.51.100.3", "/reports", "/report?id=1", "/tls", "/sent", "/status", "/nothing")
CHARTS = pathlib.Path("/usr/share/javascript/chart.js/chart.min.js")
DRIVER = "/usr/bin/chromedriver"
SECONDS = 60        # generous


class Answer:
    """Of the server, as octets came."""

    def __init__(self, response):
        self.status, self.headers = response.status, {name.lower(): value for name, value in response.getheaders()}
        self.octets = response.read()
        self.text = self.octets.decode()


class Page:
    """A running assay web."""

    def __init__(self, site, name, store, settings=""):
        self.port = lab_module.free_port()
        path = site.lab.write(f"{name}.conf", f"""
authserv_id = "mx.example.org"; user = "root"; reports: {{ store = "{store}"; }};
resolver: {{ servers = [ "127.0.0.1@{site.zone.port}" ]; timeout_ms = 1000; }};
{settings}
""")
        self.process = site.lab.run(name, [site.build / "assay", "web", "-c", path, "--listen",
                                           f"inet:{self.port}@127.0.0.1"])
        lab_module.wait_until(lambda: "served on" in self.process.text() or not self.process.running(), what="assay web")
        if "without libmicrohttpd" in self.process.text():
            raise tap.Skip("this build has no libmicrohttpd")
        assert self.process.running(), self.process.text()

    def get(self, path, host=None, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        connection.request(method, path, headers={"Host": host} if host else {})
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"


class Daemon(http.server.BaseHTTPRequestHandler):
    """Answers like metrics.listen."""
    answer = "{}"

    def do_GET(self):       # pylint: disable=invalid-name
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.answer.encode())

    def log_message(self, *_arguments):     # pylint: disable=arguments-differ
        pass


class Site:
    """Stores and pages are made once, when a case first wants them."""

    def __init__(self, lab, build):
        self.lab, self.build = lab, pathlib.Path(build)
        self.zone = zone_server.ZoneServer(lab, months.ZONE)
        now = int(time.time())
        self.today = now - now % months.DAY
        self.made = {}

    def once(self, name, make):
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]

    def filled(self, name="reports"):
        """A new store of the months."""
        path = self.lab.path(f"{name}.db")
        if not path.exists():
            for program, lines in (("report_rows", months.rows()), ("received_fill", months.received(self.today))):
                subprocess.run([self.build / "tests/support" / program, path], input=lines.encode(), check=True,
                               stdout=subprocess.DEVNULL, timeout=SECONDS * 5)
            with sqlite3.connect(path) as store:        # the rows have a time of their own
                store.execute("UPDATE reports SET period_begin = ?, period_end = ?", (self.today, self.today + months.DAY))
            store.close()
        return path

    @property
    def page(self):
        return self.once("page", lambda: Page(self, "page", self.filled()))

    @property
    def empty(self):
        def make():
            path = self.lab.path("empty.db")
            subprocess.run([self.build / "tests/support/received_fill", path], input=b"", check=True)
            return Page(self, "empty", path, 'metrics: { listen = ""; };')
        return self.once("empty", make)

    def daemon(self, answer):
        """The address of something that answers like an assayd."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("It", (Daemon,), {"answer": answer}))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.lab.at_end(server.shutdown)
        return f"inet:{server.server_address[1]}@127.0.0.1"

    def browser(self, scripts=True):
        return self.once(f"browser {scripts}", lambda: self._browser(scripts))

    def _browser(self, scripts):
        if webdriver is None:
            raise tap.Skip("there is no python3-selenium")
        if not pathlib.Path(DRIVER).exists() or shutil.which("chromium") is None:
            raise tap.Skip("there is no chromium with chromium-driver")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                     f"--user-data-dir={self.lab.path('profile', str(scripts))}"):
            options.add_argument(word)
        if not scripts:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        os.environ.setdefault("HOME", str(self.lab.folder))
        driver = webdriver.Chrome(service=Service(DRIVER), options=options)
        self.lab.at_end(driver.quit)
        driver.set_page_load_timeout(SECONDS)
        return driver


def spaced(text):
    return re.sub(r"\s+", " ", text)
