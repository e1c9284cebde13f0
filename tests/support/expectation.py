"""expectation.py - compares what `assay check --json` said with what a scenario expects.

What a scenario does not mention is not compared, but some things hold for every message: see general().
"""
import re

KEYS = ("spf", "spf_helo", "dkim", "arc", "dmarc", "verdict", "headers_added", "headers_removed", "dns", "row", "judged")
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
    if name in ("action", "would", "reply", "rule", "reason", "kind"):
        actual = found["verdict"].get(name)
    elif name in ("spf", "spf_helo", "arc", "dmarc") and isinstance(wanted, str):
        actual = found[name]["result"]
    elif name == "dkim" and all(isinstance(word, str) for word in wanted):
        actual = [signature["result"] for signature in found["dkim"]]
    elif name == "removed":
        actual = sorted(removed(found)) if isinstance(wanted, list) else len(removed(found))
    elif name in ("added", "absent"):
        text = added(found)
        return [f"added header {'lacks' if name == 'added' else 'has'} /{pattern}/: {text!r}" for pattern in wanted
                if (re.search(pattern, text) is None) == (name == "added")]
    elif name == "sealed":
        seals = [re.sub(r"\s", "", value) for field, value in found["headers_added"] if field == "ARC-Seal"]
        actual = dict(tag.split("=", 1) for tag in seals[0].split(";")) if seals else None
    elif name in ("sealed_results", "not_in_sealed_results"):
        text = added(found, "ARC-Authentication-Results")
        return [f"ARC-Authentication-Results {'lacks' if name == 'sealed_results' else 'has'} /{pattern}/: {text!r}"
                for pattern in wanted if (re.search(pattern, text) is None) == (name == "sealed_results")]
    elif name == "signed_fields":
        actual = [re.search(r";h=([^;]*)", re.sub(r"\s", "", value)).group(1)
                  for field, value in found["headers_added"] if field == "DKIM-Signature"]
    elif name == "walk":
        actual = [step["name"].removeprefix("_dmarc.") for step in found["dmarc"]["walk"]]
    elif name in ("asked", "not_asked"):
        return [f"{query}: {'not ' if name == 'asked' else ''}asked" for query in wanted
                if (query in look_ups(found)) != (name == "asked")]
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


def methods(text):
    """(method, result) of an Authentication-Results value, as a reader of RFC 8601 sees them."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', "q", text)
    comment = r"\((?:[^()\\]|\\.)*\)"
    while re.search(comment, text):
        text = re.sub(comment, " ", text)
    return [tuple(part.split()[0].split("=", 1)) for part in text.split(";")[1:] if "=" in part]


def results_field(found):
    """What the added field says is what was found, and nothing that mail brought along can make it say more."""
    if not found["judged"] or not found["headers_added"]:
        return []
    said = methods(added(found))
    passes = [found["spf"]["result"], found["spf_helo"]["result"]].count("pass")
    signatures = [one["result"] for one in found["dkim"]].count("pass")
    wrong = []
    if [result for method, result in said if method == "dmarc"] != [found["dmarc"]["result"]]:
        wrong.append(f"dmarc is {found['dmarc']['result']}, but the added field says {said}")
    if said.count(("spf", "pass")) > passes or said.count(("dkim", "pass")) > signatures:
        wrong.append(f"the added field says more than was found: {said}")
    if found["dmarc"]["result"] == "pass" and f"header.from={found['dmarc']['author_domain']}" not in added(found):
        wrong.append("the added field does not name the author domain that passed")
    return wrong


def report_row(found):
    """The row says what was found and done."""
    row, verdict = found["row"], found["verdict"]
    if not found["judged"]:
        return [] if row is None else ["a row for mail that was not judged"]
    if row is None:
        return ["no report row"]
    wrong = []
    for member, value in (("action", verdict["action"]), ("dmarc", found["dmarc"]["result"]),
                          ("spf", "pass" if found["dmarc"]["spf_aligned"] else "fail"),
                          ("dkim", "pass" if found["dmarc"]["dkim_aligned"] else "fail"),
                          ("disposition", verdict["disposition"])):
        if row[member] != value:
            wrong.append(f"row: {member} is {row[member]!r} instead of {value!r}")
    if (verdict["action"] in ("quarantine", "reject")) != (row["disposition"] in ("quarantine", "reject")):
        wrong.append(f"row: {verdict['action']} is reported as {row['disposition']}")
    return wrong


def look_ups(found):
    return [f"{query['type']} {query['name']}" for query in found["dns"]]


def differences(found, expect):
    return [line for name, wanted in expect.items() for line in one(found, name, wanted)]


METHODS = "spf|dkim|dmarc|arc|iprev|auth|dnswl|domainkeys|rrvs|sender-id|smime|vbr|dkim-adsp|dkim-atps|bimi"
OWN = rf";\n\t(?:{METHODS})=\w+|\s(?:policy\.(?:dmarc|iprev)|smtp\.(?:auth|remote-ip))="  # where a result or a property of ours begins


def imitations(found):
    """What reads like a result, to a regular expression, where none of ours stands."""
    wrong = []
    for name, value in found["headers_added"]:
        if name == "Authentication-Results":
            value = re.sub(OWN, " ", value)
        elif name == "ARC-Authentication-Results":
            value = re.sub(OWN, " ", value).split(";", 1)[1]
        elif name != "Received-SPF":
            continue
        wrong += [f"reads like a result in {name}: {part}"
                  for part in re.findall(rf"(?i)\b(?:{METHODS})(?:/\d+)?\s*=.*", value)]
    return wrong


def added_set(found):
    """One set at most, whole, its fields in the order of the wire; its results are those of the field that is added too."""
    names = [name for name, _ in found["headers_added"] if name.lower().startswith("arc-")]
    if not names:
        return []
    if names != ["ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal"] or \
            [name for name, _ in found["headers_added"]][-3:] != names:
        return [f"fields of ARC are added in this order, or not last: {names}"]
    results = added(found, "ARC-Authentication-Results").split("; ", 1)[1]
    if found["judged"] and results != added(found):
        return [f"the results of the set are not those of Authentication-Results: {results!r}"]
    covered = re.search(r";h=([^;]*)", re.sub(r"\s", "", added(found, "ARC-Message-Signature"))).group(1).split(":")
    return [f"the message signature covers {name}" for name in covered
            if name.startswith("arc-") or name in ("authentication-results", "received", "return-path")]


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
        if not (name + value).isascii():
            wrong.append(f"an added field is not ASCII: {value!r}")
        if any(len(line.encode()) > LINE_MOST for line in value.split("\n")):
            wrong.append("a line of an added field is longer than 998 octets")
    for name in {name.lower() for name, _ in found["headers_removed"]}:
        indexes = [index for field, index in found["headers_removed"] if field.lower() == name]
        if indexes != sorted(set(indexes), reverse=True):
            wrong.append(f"fields are removed in an order that moves the next ones: {name} {indexes}")
    reply = found["verdict"].get("reply")
    if reply is not None and (re.search(r"[^\x20-\x7e]", reply) or len(reply) > 980):
        wrong.append(f"a reply that SMTP does not carry: {reply!r}")
    if message and found["judged"] and found["verdict"]["action"] in ("accept", "quarantine") \
            and not found["headers_added"]:
        wrong.append("no Authentication-Results is added")
    return wrong + results_field(found) + imitations(found) + added_set(found) + report_row(found)
