"""verify.py - DKIM signatures judged by three verifiers that are not ours: dkimpy, Mail::DKIM and opendkim-testmsg.

All three ask the system's name server, so this works on an island only (island.py).
"""
import re
import subprocess

import dkim

PERL = r"""
use Mail::DKIM::Verifier;
local $/;
my $verifier = Mail::DKIM::Verifier->new;
$verifier->PRINT(<STDIN>);
$verifier->CLOSE;
print $_->algorithm, " ", $_->result_detail, "\n" for $verifier->signatures;
"""


def _fields(message):
    """(list of whole header fields, the rest with the empty line)."""
    head, rest = message.split(b"\r\n\r\n", 1)
    return re.split(rb"\r\n(?![ \t])", head), b"\r\n\r\n" + rest


def signatures(message):
    """The tags of each DKIM-Signature, from the top."""
    found = []
    for field in _fields(message)[0]:
        name, _, value = field.partition(b":")
        if name.strip().lower() == b"dkim-signature":
            tags = re.sub(r"\s+", "", value.decode()).rstrip(";").split(";")
            found.append(dict(tag.split("=", 1) for tag in tags))
    return found


def only(message, number):
    """The message with one of its signatures (0 is the topmost)."""
    fields, rest = _fields(message)
    places = [at for at, field in enumerate(fields) if field.lower().startswith(b"dkim-signature:")]
    kept = [field for at, field in enumerate(fields) if at not in places or at == places[number]]
    return b"\r\n".join(kept) + rest


def by_dkimpy(message):
    """Whether each signature holds."""
    verifier = dkim.DKIM(message)
    held = []
    for number in range(len(signatures(message))):
        try:
            held.append(verifier.verify(number))
        except dkim.DKIMException as error:
            held.append(str(error))
    return held


def _run(command, message):
    return subprocess.run(command, input=message, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          timeout=60)


def by_mail_dkim(message):
    """(algorithm, result) of each signature. Before version 1.20230630 it has no Ed25519: "unsupported algorithm"."""
    lines = _run(["perl", "-e", PERL], message).stdout.decode(errors="replace").splitlines()
    return [tuple(line.split(" ", 1)) for line in lines]


def by_opendkim(message):
    """What opendkim-testmsg has to say on each signature alone: "" where it holds."""
    said = []
    for number in range(len(signatures(message))):
        done = _run(["opendkim-testmsg"], only(message, number))
        said.append("" if done.returncode == 0 else f"status {done.returncode}: {done.stderr.decode(errors='replace')}")
    return said


def complaints(message, domain, algorithms=("rsa-sha256", "ed25519-sha256")):
    """Sentences on what is wrong with the signatures; none where all three verifiers like all of them."""
    found = [(one.get("a"), one.get("d")) for one in signatures(message)]
    if found != [(algorithm, domain) for algorithm in algorithms]:
        return [f"the signatures are {found}"]
    wrong = [f"dkimpy on {algorithm}: {held}" for algorithm, held in zip(algorithms, by_dkimpy(message))
             if held is not True]
    heard = by_mail_dkim(message)
    if [algorithm for algorithm, _ in heard] != list(algorithms) or any(
            result != "pass" and (algorithm == "rsa-sha256" or "unsupported algorithm" not in result)
            for algorithm, result in heard):
        wrong.append(f"Mail::DKIM: {heard}")
    wrong += [f"opendkim-testmsg on {algorithm}: {said}" for algorithm, said in zip(algorithms, by_opendkim(message))
              if said]
    return wrong
