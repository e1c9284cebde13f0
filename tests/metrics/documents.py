"""documents.py - the table of metrics, its documentation, the dashboard and the alerts say the same."""
import json
import pathlib
import re
import shutil
import subprocess
import textwrap

from bench import BAD, case, plain, served, started, wait_for
import marked
import page as page_module
import tap

CONTRIB = pathlib.Path(__file__).resolve().parents[2] / "contrib"
README = CONTRIB / "prometheus" / "README.md"
ALERTS = CONTRIB / "prometheus" / "alerts.yml"
SCRAPE = CONTRIB / "prometheus" / "scrape.yml"
DASHBOARD = CONTRIB / "grafana" / "assay.json"
PART = marked.Marked(README, "tests/metrics/run.py")
UPDATE = []     # not empty: the list is written instead of compared
# words of PromQL that look like names of metrics
FUNCTIONS = set("""abs avg by ceil changes clamp_min count delta floor group_left group_right histogram_quantile ignoring increase
    irate label_values last_over_time le max max_over_time min min_over_time offset on or and unless rate resets round sum time
    topk vector without bool absent scalar""".split())


def promtool(*words, text=None):
    if shutil.which("promtool") is None:
        raise tap.Skip("promtool is not installed (Debian: prometheus)")
    done = subprocess.run(["promtool", *map(str, words)], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    return done.returncode, done.stdout


def real_page(bench):
    with served(bench) as (daemon, page), started(daemon) as good, started(daemon, BAD) as bad:
        good.deliver(plain())
        bad.deliver(plain())
        wait_for(page, {"assay_report_rows_written_total": 2})
        return page.text()


@case
def promtool_accepts_the_page_of_a_daemon_that_has_judged_mail(bench):
    status, said = promtool("check", "metrics", text=real_page(bench))
    assert status == 0 and not said.strip(), said


def documented():
    """{name: (kind, labels, about)} of the list in the README, whose items may go over several lines."""
    items = re.sub(r"\n  +", " ", README.read_text(encoding="utf-8"))
    rows = re.findall(r"^- `(\w+)` \((\w+)(?:; ([^)]*))?\): (.*)$", items, re.MULTILINE)
    return {name: (kind, labels, about) for name, kind, labels, about in rows}


def row(metric):
    labels = "; ".join(f"{name}: {', '.join(words)}" for name, words in metric.labels.items())
    free = {"assay_build_info": "version", "assay_received_messages": "domain", "assay_received_failing_share": "domain"}
    return metric.kind, labels or free.get(metric.name, ""), metric.about


def listing(metrics):
    lines = []
    for name, metric in metrics.items():
        kind, labels, about = row(metric)
        text = f"- `{name}` ({kind}{'; ' * bool(labels)}{labels}): {about}"
        lines.append(textwrap.fill(text, 98, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))
    return "\n".join(lines) + "\n"


@case
def the_documentation_lists_every_metric(bench):
    metrics = page_module.metrics(real_page(bench))
    if UPDATE:
        PART.write(listing(metrics))
    known, wanted = documented(), {name: row(metric) for name, metric in metrics.items()}
    wrong = sorted(name for name in {*known, *wanted} if known.get(name) != wanted.get(name))
    assert not wrong, f"{', '.join(wrong)}: the list in {README} is out of date; run tests/metrics/run.py --update"


def selectors(query):
    """(metric, {label: value}) of each series that a query names, and the labels that it groups by."""
    plain = re.sub(r'"(?:\\.|[^"\\])*"', lambda found: '"' + found.group()[1:-1].replace("{", "").replace("}", "") + '"', query)
    named, grouped = [], re.findall(r"(?:by|without|on|ignoring) \(([^)]*)\)", plain)
    bare = re.sub(r"(?:by|without|on|ignoring) \([^)]*\)", " ", plain)
    for name, inside in re.findall(r"\b([a-z][a-zA-Z0-9_]*)\b(?!\s*\()(\{[^}]*\})?", re.sub(r"\[[^\]]*\]", " ", re.sub(r'"[^"]*"(?![^{]*\})', " ", bare))):
        if name not in FUNCTIONS and (name.startswith(("assay_", "process_", "up"))):
            named.append((name, re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', inside)))
    return named, [word.strip() for words in grouped for word in words.split(",") if word.strip()]


def complaints(query, metrics):
    """What a query names that the daemon does not have. instance and job are Prometheus's own."""
    named, grouped = selectors(query)
    known = {"instance", "job", "le"}
    if not named:
        yield f"names no metric: {query}"
    for name, labels in named:
        metric = metrics.get(name) or metrics.get(re.sub(r"_(bucket|sum|count)$", "", name))
        if name == "up":
            continue
        if metric is None:
            yield f"{name} is no metric: {query}"
            continue
        known |= set(metric.labels)
        if metric.kind == "histogram" and name == metric.name:
            yield f"{name} is a histogram, which has no series of that name: {query}"
        if metric.kind == "counter" and not re.search(r"(rate|increase|resets)\(" + name, query):
            yield f"{name} is a counter and is not used as one: {query}"
        for label, how, value in labels:
            words = metric.labels.get(label)
            if label in ("instance", "job", "le"):
                continue
            if words is None:
                yield f"{name} has no label {label}: {query}"
            elif how in ("=", "!=") and value not in words:
                yield f"{name} has no {label}=\"{value}\": {query}"
            elif how in ("=~", "!~") and not any(re.fullmatch(value, word) for word in words):
                yield f"{name} has no {label} like \"{value}\": {query}"
    yield from (f"no metric of it has the label {label}: {query}" for label in grouped if label not in known | {"version", "domain"})


def panels(dashboard):
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


@case
def the_dashboard_asks_for_what_there_is(bench):
    metrics = page_module.metrics(real_page(bench))
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in panels(dashboard) for target in panel.get("targets", [])]
    wrong = [words for query in queries for words in complaints(query, metrics)]
    assert len(queries) >= 20 and not wrong, "\n".join(wrong)
    check_form(dashboard)


def check_form(dashboard):
    """What Grafana needs: ids of their own, places that do not overlap, the data source and the instance as variables."""
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource" and variables["instance"]["type"] == "query"
    numbers = [panel["id"] for panel in panels(dashboard)]
    assert len(numbers) == len(set(numbers)), "ids of panels stand twice"
    taken = set()
    for panel in panels(dashboard):
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert place["x"] + place["w"] <= 24 and not cells & taken, f"{panel['title']} lies on another panel"
        taken |= cells
        if panel["type"] == "row":
            continue
        assert panel["datasource"]["uid"] == "${datasource}", panel["title"]
        assert panel["title"] and all('instance=~"$instance"' in target["expr"] for target in panel["targets"]), panel["title"]


@case
def the_alerts_are_rules_and_ask_for_what_there_is(bench):
    status, said = promtool("check", "rules", ALERTS)
    assert status == 0 and "SUCCESS" in said, said
    metrics = page_module.metrics(real_page(bench))
    queries = re.findall(r"^ +expr: (.*)$", ALERTS.read_text(encoding="utf-8"), re.MULTILINE)
    wrong = [words for query in queries for words in complaints(query, metrics)]
    assert len(queries) >= 8 and not wrong, "\n".join(wrong)


@case
def the_scrape_snippet_is_a_configuration(bench):
    settings = bench.lab.write("prometheus/prometheus.yml", SCRAPE.read_text(encoding="utf-8"))
    (settings.parent / "alerts.yml").write_bytes(ALERTS.read_bytes())
    status, said = promtool("check", "config", settings)
    assert status == 0, said


@case
def the_alerts_fire_when_they_should(_bench):
    status, said = promtool("test", "rules", pathlib.Path(__file__).resolve().with_name("alerts_test.yml"))
    assert status == 0, said
