"""expectation.py - compares what `assay check --json` said with what a scenario expects.

What a scenario does not mention is not compared, but some things hold for every message: see general().
"""
import re

KEYS = ("spf", "spf_helo", "dkim", "arc", "dmarc", "verdict", "headers_added", "headers_removed", "dns")
LINE_MOST = 998
RESULTS = "none pass fail softfail neutral policy temperror permerror".split()


def matches(found, wanted):
    """Equal; or a pattern "/.../" that is found in a text; or a group or list of such."""
    if isinstance(wanted, str) and len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        return isinstance(found, str) and re.search(wanted[1:-1], found) is not None
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(name in found and matches(found[name], value)
                                               for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(matches, found, wanted))
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)


def added(found, name="Authentication-Results"):
    """The value of the field that would be added, unfolded; "" for none."""
    values = [re.sub(r"\r?\n[ \t]+", " ", value) for field, value in found["headers_added"] if field == name]
    return values[0] if values else ""


def removed(found):
    return [index for name, index in found["headers_removed"] if name.lower() == "authentication-results"]


def one(found, name, wanted):
    """Differences for one line of `expect`."""
    if name in ("action", "reply", "rule", "reason"):
        actual = found["verdict"].get(name)
    elif name in ("spf", "spf_helo", "dmarc") and isinstance(wanted, str):
        actual = found[name]["result"]
    elif name == "dkim" and all(isinstance(word, str) for word in wanted):
        actual = [signature["result"] for signature in found["dkim"]]
    elif name == "removed":
        actual = sorted(removed(found)) if isinstance(wanted, list) else len(removed(found))
    elif name in ("added", "absent"):
        text = added(found)
        return [f"added header {'lacks' if name == 'added' else 'has'} /{pattern}/: {text!r}" for pattern in wanted
                if (re.search(pattern, text) is None) == (name == "added")]
    elif name == "queries_most":
        queries = len(found["dns"])
        return [] if queries <= wanted else [f"{queries} DNS queries, {wanted} would do"]
    else:
        actual = found.get(name)
    return [] if matches(actual, wanted) else [f"{name}: {shown(actual, wanted)} instead of {wanted!r}"]


def shown(actual, wanted):
    if isinstance(actual, dict) and isinstance(wanted, dict):
        actual = {name: actual.get(name) for name in wanted if not matches(actual.get(name), wanted[name])}
    text = repr(actual)
    return text if len(text) < 1500 else text[:1500] + " ..."


def differences(found, expect):
    return [line for name, wanted in expect.items() for line in one(found, name, wanted)]


def general(found, message):
    """What has to hold whatever the message is."""
    wrong = [f"no {key}" for key in KEYS if key not in found]
    if wrong:
        return wrong
    if found["verdict"]["action"] not in ("accept", "quarantine", "reject", "tempfail"):
        wrong.append(f"no such action: {found['verdict']['action']}")
    for finding in (found["spf"], found["spf_helo"], found["dmarc"], found["arc"], *found["dkim"]):
        if finding["result"] not in RESULTS:
            wrong.append(f"no such result: {finding['result']}")
    for name, value in found["headers_added"]:
        if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", name + value) or re.search(r"\n(?![ \t])", value):
            wrong.append(f"control characters or a broken fold in an added field: {value!r}")
        if any(len(line.encode()) > LINE_MOST for line in value.split("\n")):
            wrong.append("a line of an added field is longer than 998 octets")
    reply = found["verdict"].get("reply")
    if reply is not None and (re.search(r"[^\x20-\x7e]", reply) or len(reply) > 980):
        wrong.append(f"a reply that SMTP does not carry: {reply!r}")
    if message and found["verdict"]["action"] in ("accept", "quarantine") and found["spf"] and not found["headers_added"] \
            and found.get("judged", True):
        wrong.append("no Authentication-Results is added")
    return wrong
