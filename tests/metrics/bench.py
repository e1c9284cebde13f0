"""bench.py - what the cases of this folder share: the bench of tests/wire, a daemon that serves metrics, and waiting.

    @case
    def what_holds(bench): ...      raises (assert) where it does not hold
"""
import contextlib
import importlib.util
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
# pylint: disable=wrong-import-position
import lab as lab_module  # noqa: E402
import page as page_module  # noqa: E402
import suite  # noqa: E402

# tests/wire has a module of the same name
_spec = importlib.util.spec_from_file_location("wire_bench", HERE.parent / "wire" / "bench.py")
wire = importlib.util.module_from_spec(_spec)
sys.modules["wire_bench"] = wire
_spec.loader.exec_module(wire)

GOOD, BAD = wire.GOOD, wire.BAD
plain, started, at_once = wire.plain, wire.started, wire.at_once
PATIENCE = 60
CASES, case = suite.cases()


@contextlib.contextmanager
def served(bench, more="", listen=None, **words):
    """(daemon, page)"""
    listen = listen or f"inet:{lab_module.free_port()}@127.0.0.1"
    with bench.daemon(more, metrics=listen, **words) as daemon:
        daemon.wait_for_log("metrics are served", PATIENCE)
        yield daemon, page_module.Page(listen)


def wait_for(page, wanted):
    """Until the numbers are there; says which are not. The page may be a tenth of a second old, and the store is looked at
    every ten seconds."""
    def there():
        numbers = page.numbers()
        return all(numbers.get(name) == value for name, value in wanted.items())
    try:
        lab_module.wait_until(there, PATIENCE, "the metrics")
    except lab_module.LabError:
        numbers = page.numbers()
        wrong = [f"{name} is {numbers.get(name)} instead of {value}" for name, value in wanted.items()
                 if numbers.get(name) != value]
        assert not wrong, "\n".join(wrong)


def only(page, metric, **wanted):
    """Exactly these series of a metric are not 0; the others are there and 0. Labels of a series: joined by "/"."""
    wait_for(page, {})
    found = {}
    for series, value in page.numbers().items():
        if series == metric or series.startswith(metric + "{"):
            words = "/".join(value for _, value in page_module.LABEL.findall(series))
            if value:
                found[words] = value
    assert found == wanted, f"{metric}: {found} instead of {wanted}"
