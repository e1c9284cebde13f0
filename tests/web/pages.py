"""pages.py - what each page shows, with JavaScript and without, and that its HTML is valid and accessible."""
import json
import os
import pathlib
import shutil
import subprocess

import months
import tap
from site_of_months import CHARTS, PAGES, Page, case, spaced

AXE = pathlib.Path(os.environ.get("ASSAY_CONFORMANCE", "/nonexistent")) / "axe-core" / "axe.min.js"


def cells(driver, table):
    """The rows of a table, each a list of texts."""
    return driver.execute_script("return [...document.querySelectorAll('#' + arguments[0] + ' tbody tr')]"
                                 ".map((row) => [...row.cells].map((cell) => cell.innerText.trim()))", table)


def grouped(number):
    return f"{number:,}"


@case("the domains: figures, share that passes, and a sentence")
def domains(site):
    driver = site.browser()
    driver.get(site.page.url("/"))
    rows = {row[0]: row for row in cells(driver, "domains")}
    assert list(rows) == ["example.org", "shop.example", "quiet.example"], rows
    for domain, row in rows.items():
        messages, passed, forwarded, failing = months.numbers(site.today, domain, 30)
        assert row[2] == grouped(messages) and row[4:6] == [grouped(forwarded), grouped(failing)], (row, messages)
        assert abs(float(row[3].rstrip("%")) - 100 * passed / messages) <= 0.1, row
    assert [row[1] for row in rows.values()] == ["not ready", "p=reject is published", "too early to say"], rows
    advice = driver.find_element("class name", "todo").text.splitlines()
    assert len(advice) == 3 and advice[0].startswith("example.org: not ready") and "letters.example" in advice[0], advice
    assert "3 domains" in driver.find_element("tag name", "main").text
    assert len(driver.find_elements("css selector", "svg.spark rect")) > 60


@case("a domain: verdict, sources with what to do, days, reporters, policies, reports")
def one_domain(site):
    driver = site.browser()
    driver.get(site.page.url("/domain?name=example.org"))
    text = driver.find_element("tag name", "main").text
    assert "not ready for p=reject" in text and "Days: 7 30 90 365" in spaced(text), text[:500]
    messages, *rest = months.numbers(site.today, "example.org", 30)
    days = cells(driver, "days")
    assert len(days) == 29, len(days)
    for column, expected in zip((1, 2, 3, 4), (messages, *rest)):
        assert sum(int(row[column].replace(",", "")) for row in days) == expected, (column, expected)
    kinds = {row[1] for row in cells(driver, "sources")}
    assert len(kinds) >= 3 and all(row[2] for row in cells(driver, "sources")), kinds
    assert {row[0] for row in cells(driver, "reporters")} == set(months.REPORTERS)
    assert cells(driver, "policies")[0][0].startswith("p=none")
    assert len(cells(driver, "reports")) == 20
    assert "1,000,000" not in driver.find_element("id", "sources").text, "a forged report moves a number"


@case("a domain over a week and over a year")
def days(site):
    driver = site.browser()
    for count in (7, 365):
        driver.get(site.page.url(f"/domain?name=example.org&days={count}"))
        messages = months.numbers(site.today, "example.org", count)[0]
        assert f"of {grouped(messages)} messages passed" in driver.find_element("tag name", "main").text


@case("a source: its days and its evidence, reached from its domain")
def source(site):
    driver = site.browser()
    driver.get(site.page.url("/domain?name=example.org"))
    driver.find_element("link text", "198.51.100.3").click()
    assert driver.title == "198.51.100.3 as example.org - Assay", driver.title
    rows = cells(driver, "days")
    assert len(rows) == 29 and all(row[5] == "letters.example" and row[6] == "pass bounce.letters.example" for row in rows)
    assert "letters.example" in driver.find_element("class name", "verdict").text


@case("reports: those that do not count are named so, and each leads to its records")
def reports(site):
    driver = site.browser()
    driver.get(site.page.url("/reports"))
    [lie] = [row for row in cells(driver, "reports") if row[0] == "liar.example"]
    assert lie[6] == "no: forged", lie
    driver.find_element("link text", "liar.example").click()
    assert "It moves no number: forged." in driver.find_element("class name", "verdict").text
    assert cells(driver, "records")[0][:6] == ["192.0.2.66", "1,000,000", "example.org", "fail", "fail", "none"]


@case("TLS: sessions by MX, and why some failed")
def tls(site):
    driver = site.browser()
    driver.get(site.page.url("/tls"))
    rows = cells(driver, "tls")
    assert rows[0][:3] == ["example.org", "mx1.example.org", "sts"] and rows[0][4] == "87", rows
    assert rows[1][2] == "certificate-expired" and rows[1][4] == "87", rows
    driver.get(site.page.url("/reports"))
    driver.execute_script("arguments[0].click()", driver.find_element("xpath", "//td[text()='tls']/../th/a"))
    assert cells(driver, "policies")[1][1].startswith("certificate-expired"), cells(driver, "policies")


@case("what we report: a line for a day and domain")
def sent(site):
    driver = site.browser()
    driver.get(site.page.url("/sent"))
    rows = {row[1]: row for row in cells(driver, "sent")}
    assert rows["friend.example"][2:5] == ["reject", "7", "100.0%"] and rows["other.example"][3:5] == ["2", "0.0%"], rows


@case("this server: a daemon that does not answer is said to")
def no_daemon(site):
    text = site.page.get("/status").text
    assert "does not answer" in text and "systemctl status assay" in text


@case("this server: verdicts, warnings and figures of the daemon")
def daemon(site):
    answer = {"version": "0.1.0", "messages": {"today": {"accept": 1234, "reject": 5}, "since_start": {"accept": 99}},
              "health": {"why": None}, "settings": {"file": None}, "warnings": ["the disk is nearly full"]}
    page = Page(site, "status", site.filled(), f'metrics: {{ listen = "{site.daemon(json.dumps(answer))}"; }};')
    driver = site.browser()
    driver.get(page.url("/status"))
    assert cells(driver, "messages")[0] == ["accept", "1,234", "99"] and cells(driver, "messages")[2][1] == "5"
    assert driver.find_element("class name", "warnings").text == "the disk is nearly full"
    assert "In order." in driver.find_element("class name", "verdict").text
    assert ["Version", "0.1.0"] in cells(driver, "figures")


@case("an empty store: each page says what to do next")
def empty(site):
    for path, wanted in (("/", "What to do next"), ("/domain?name=example.org", "assay dns example.org"),
                         ("/reports", "assay report read"), ("/tls", "v=TLSRPTv1"), ("/sent", "reports.email"),
                         ("/status", "metrics.listen is empty"),
                         ("/source?domain=example.org&address=192.0.2.1", "Look at more days")):
        answer = site.empty.get(path)
        assert answer.status == 200 and wanted in answer.text, (path, answer.text)


@case("what there is not")
def missing(site):
    for path in ("/nothing", "/domain", "/domain?name=", "/domain?name=a..b", "/domain?name=%00", "/source?domain=example.org",
                 "/source?domain=example.org&address=nonsense", "/report", "/report?id=0", "/report?id=-1", "/report?id=1x",
                 "/report?id=99999999999999999999", "/report?id=999999999999999999"):
        answer = site.page.get(path)
        assert answer.status == 404 and "</html>" in answer.text, (path, answer.status)
    assert site.page.get("/domain?name=example.org&days=1e9").status == 200


@case("without JavaScript each page has the same figures")
def without_scripts(site):
    scripted, plain = site.browser(), site.browser(scripts=False)
    for path in PAGES:
        texts = []
        for driver in (scripted, plain):
            driver.get(site.page.url(path))
            texts.append([element.text for element in driver.find_elements("css selector", "h1, p, table")])
        assert texts[0] == texts[1] and texts[0], path
        assert not plain.find_elements("tag name", "canvas"), path


@case("with JavaScript a chart is drawn from the table, and names it")
def charts(site):
    if not CHARTS.exists():
        raise tap.Skip("there is no libjs-chart.js")
    driver = site.browser()
    for path in ("/domain?name=example.org", "/source?domain=example.org&address=198.51.100.3"):
        driver.get(site.page.url(path))
        canvas = driver.find_element("tag name", "canvas")
        assert "the figures are in the table below" in canvas.get_attribute("aria-label")
        assert canvas.size["height"] > 100, canvas.size
        drawn = driver.execute_script("const chart = Chart.getChart(arguments[0]);"
                                      "return [chart.data.labels, chart.data.datasets.map((set) => set.data)]", canvas)
        rows = cells(driver, "days")
        assert drawn[0] == [row[0] for row in reversed(rows)], drawn[0][:3]
        assert drawn[1][0] == [int(row[2].replace(",", "")) for row in reversed(rows)], drawn[1][0][:3]


@case("nothing is complained about in the browser's console, and nothing is fetched from elsewhere")
def console(site):
    driver = site.browser()
    for path in PAGES:
        driver.get_log("browser")
        driver.get(site.page.url(path))
        entries = [entry for entry in driver.get_log("browser") if "404" not in entry["message"]]
        assert not entries, (path, entries)
        fetched = driver.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
        assert all(name.startswith(site.page.url("/")) for name in fetched), fetched


@case("no page is wider than the window, from 320 to 1600 px")
def widths(site):
    driver = site.browser()
    for width in (320, 800, 1600):
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                               {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False})
        for path in PAGES:
            driver.get(site.page.url(path))
            found = driver.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
            assert found == [width, width], (path, found)
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@case("the HTML is valid")
def valid(site):
    if shutil.which("tidy") is None:
        raise tap.Skip("there is no tidy")
    for page in (site.page, site.empty):
        for path in PAGES:
            done = subprocess.run(["tidy", "-quiet", "-errors", "--drop-empty-elements", "no",
                                   "--warn-proprietary-attributes", "no"], input=page.get(path).octets,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            assert done.returncode == 0, f"{path}\n{done.stdout.decode()}"


@case("axe-core finds nothing, light and dark")
def accessible(site):
    if not AXE.exists():
        raise tap.Skip("there is no axe-core in ASSAY_CONFORMANCE")
    driver = site.browser()
    for scheme in ("light", "dark"):
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                               {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        for path in PAGES:
            driver.get(site.page.url(path))
            driver.execute_script(AXE.read_text())
            found = driver.execute_async_script("const done = arguments[0]; axe.run().then((result) => done(result.violations"
                                                ".map((one) => [one.id, one.nodes.map((node) => node.html)])))")
            assert not found, (scheme, path, found)
