"""suite.py - what every script of cases has besides its cases: its options, a lab, a line a case, the exit status.

    CASES, case = suite.cases()

    @case("what holds")
    def function(site): ...         raises (assert) where it does not hold, tap.Skip where it cannot be tried

    sys.exit(suite.main("name", __doc__, CASES, Site))
"""
import argparse
import concurrent.futures
import functools
import os

import assayd
import lab as lab_module
import tap

SKIPPED = 77


def cases():
    """A list of (name, function), and the decorator that fills it: @case("name"), or @case for the function's own name."""
    found = []

    def case(name):
        if callable(name):
            found.append((name.__name__.replace("_", " "), name))
            return name

        def register(function):
            found.append((name, function))
            return function
        return register
    return found, case


def for_root(function):
    """A case that nobody else can try."""
    @functools.wraps(function)
    def guarded(*arguments):
        if os.geteuid() != 0:
            raise tap.Skip("needs root")
        return function(*arguments)
    return guarded


def parser(about):
    """With the options of all scripts."""
    options = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", help="the folder with assayd and assay")
    options.add_argument("words", nargs="*", help="only cases whose name has one of them")
    return options


def skip(name, why, all_cases=()):
    """A line for each of the cases that cannot be tried; the exit status."""
    report = tap.Tap(name)
    for about, _ in all_cases or [(name, None)]:
        report.skip(about, why)
    return SKIPPED


def chosen(report, all_cases, words):
    """The cases whose name has one of the words. A word that no name has is a failure: it may have had one once."""
    for word in words:
        if not any(word in name for name, _ in all_cases):
            report.fail(f'cases with "{word}" in their names', "there is none")
    return [one for one in all_cases if not words or any(word in one[0] for word in words)]


def play(report, some_cases, site, at_once=1):
    def play_one(one):
        report.case(one[0], one[1], site)
    if at_once == 1:
        for one in some_cases:
            play_one(one)
        return
    pool = concurrent.futures.ThreadPoolExecutor(at_once)
    try:
        list(pool.map(play_one, some_cases))
    finally:
        pool.shutdown(cancel_futures=True)      # a signal ends it after the cases under way


def run(name, options, all_cases, make, at_once=1, then=()):
    """Plays the cases that the options want, with what make(lab, build folder) returns; the exit status. `then` are more
    cases, one at a time and after the others."""
    report = tap.Tap(name)
    build = assayd.build_folder(options.build)
    lab_module.stop_on_signals()
    wanted = chosen(report, [*all_cases, *then], options.words)
    last = [one for one in wanted if one in then]
    with lab_module.Lab(name, keep=getattr(options, "keep", False)) as lab:
        site = make(lab, build)
        play(report, [one for one in wanted if one not in last], site, at_once)
        play(report, last, site)
    return report.end()


def main(name, about, all_cases, make, at_once=1):
    """All of it, for a script without options of its own."""
    return run(name, parser(about).parse_args(), all_cases, make, at_once)
