#!/usr/bin/python3
"""demo.py - the part of contrib/demo.sh that comes after building: starts the servers, sends, shows, stops.

The messages, what is expected of them and the servers are in tests/support/, where the Postfix test uses them too.
Ends with status 1 if anything is not as expected.
"""
import argparse
import pathlib
import sys
import textwrap
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "support"))
# pylint: disable=wrong-import-position
import assayd  # noqa: E402
import lab as lab_module  # noqa: E402
import nsd  # noqa: E402
import postfix  # noqa: E402
import showcase  # noqa: E402
import signing  # noqa: E402
import store  # noqa: E402

WIDTH = 98


def wrapped(label, text):
    return textwrap.fill(text, WIDTH, initial_indent=f"   {label:<10}", subsequent_indent=" " * 13,
                         break_long_words=False, break_on_hyphens=False)


def print_field(label, field):
    """A header field, a method a line."""
    pieces = field.split("; ")
    print(wrapped(label, pieces[0] + (";" if len(pieces) > 1 else "")))
    for number, piece in enumerate(pieces[1:], 2):
        print(textwrap.fill(piece + (";" if number < len(pieces) else ""), WIDTH, initial_indent=" " * 17,
                            subsequent_indent=" " * 21, break_long_words=False, break_on_hyphens=False))


def print_shown(number, shown):
    one = shown.performance
    place = {"inbox": "delivered to the inbox", "hold": "on hold in Postfix's queue", "": "not taken"}[shown.where]
    print(f"{number}. {one.about}")
    print(wrapped("from", f"{one.author}, sent by {one.client} ({one.client_name}) as <{one.sender}>"))
    print(wrapped("verdict", shown.action()))
    print(wrapped("Postfix", f"{shown.reply} - {place}"))
    if shown.results():
        print_field("header", f"Authentication-Results: {shown.results()}")
    if one.removed:
        print_field("removed", one.extra[0])
    for difference in shown.differences():
        print(wrapped("WRONG", difference))
    print()


def print_table(all_shown):
    form = "{:<33} {:<10} {:<7} {:<5} {:<30} {}"
    print(form.format("message", "verdict", "Postfix", "where", "added header", "expected"))
    for shown in all_shown:
        print(form.format(shown.performance.about, shown.action(), shown.reply[:3], shown.where or "-",
                          shown.summary() or "-", "NO" if shown.differences() else "yes"))
    print()


def print_rows(rows):
    columns = ("count", "source", "header_from", "disposition", "dkim_aligned", "spf_aligned", "override_type")
    print("Report rows, from which the domain owners' aggregate reports are made:")
    widths = {name: max([len(name)] + [len(str(row[name])) for row in rows]) for name in columns}
    print("   " + "  ".join(f"{name:<{widths[name]}}" for name in columns))
    for row in rows:
        print("   " + "  ".join(f"{str(row[name]):<{widths[name]}}" for name in columns).rstrip())
    print()


def perform(lab, build):
    """Everything shown, and the rows."""
    keys = signing.Keys()
    names = nsd.Nsd(lab, showcase.zone(keys))
    print(f"   a name server (NSD) on 127.0.0.1:{names.port}")
    daemon = assayd.Assayd(lab, assayd.programs(build, lab), dns_port=names.port)
    print(f"   assayd on {daemon.listen}")
    mail_server = postfix.Postfix(lab, milters=f"unix:{daemon.socket}", domain=showcase.DOMAIN, host=showcase.HOST)
    print(f"   Postfix on 127.0.0.1:{mail_server.port}\n")
    all_shown = []
    for number, one in enumerate(showcase.PERFORMANCES, 1):
        all_shown.append(showcase.show(lab, mail_server, daemon, keys, one))
        print_shown(number, all_shown[-1])
    status = daemon.stop()
    if status != 0:
        raise lab_module.LabError(f"assayd ended with {status}:\n{lab_module.tail(daemon.process.log)}")
    return all_shown, store.rows(daemon.store)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", help="the folder with assay and assayd")
    parser.add_argument("--keep", action="store_true", help="leave the temporary folder")
    options = parser.parse_args()
    lab_module.stop_on_signals()
    began = time.monotonic()
    with lab_module.Lab("demo", keep=options.keep) as lab:
        print(f"starting in {lab.folder}:")
        all_shown, rows = perform(lab, assayd.build_folder(options.build))
    print_table(all_shown)
    print_rows(rows)
    wrong = sum(bool(shown.differences()) for shown in all_shown) + store.unlike(rows, showcase.PERFORMANCES)
    print(f"Everything is stopped again; {time.monotonic() - began:.0f} s. "
          + ("All as expected." if not wrong else f"{wrong} not as expected."))
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except lab_module.LabError as error:
        sys.exit(f"demo: {error}")
