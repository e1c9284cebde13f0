"""store.py - reads the report store as an outsider does: SQLite and its view `rows`."""
import contextlib
import os
import sqlite3


def rows(path):
    """Every row as a dict, in the order of the store."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM rows")]


def total(path):
    """How many messages the rows stand for; none before the store is made."""
    if not os.path.exists(path):
        return 0
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        if not connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'rows'").fetchone()[0]:
            return 0
        return connection.execute("SELECT coalesce(sum(count), 0) FROM rows").fetchone()[0]


def matches(row, wanted):
    return all(row.get(name) == value for name, value in wanted.items())


def unlike(found, performances):
    """How many performances have no row that is like theirs, and 1 more where the counts do not add up."""
    missing = sum(not any(matches(row, one.row) for row in found) for one in performances)
    return missing + (sum(row["count"] for row in found) != len(performances))
