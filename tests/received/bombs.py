"""bombs.py - what is made to take time and memory: refused long before either is short."""
import random
import resource
import struct
import subprocess
import zlib

import making
import tap
from bench import PUBLIC, SECONDS, case

MEGABYTE = 1 << 20
CPU_SECONDS = 30        # of the processor; five are promised
MUTATIONS = 200


def cpu_seconds():
    """Of all processes that ended so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def inflating(megabytes, first=b"", octet=b" "):
    """A gzip that inflates to so much."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    made = [packer.compress(first)]
    for _ in range(megabytes):
        made.append(packer.compress(octet * MEGABYTE))
    return b"".join([*made, packer.flush()])


def ten_gigabytes():
    """10 MB of gzip that inflate to 10 GB: blocks of a stream that are repeated as they are."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = packer.compress(HEAD) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    count = 9900        # more would be more than 10 MB
    return b"\x1f\x8b\x08" + b"\0" * 6 + b"\x03" + head + block * count + b"\x03\0" + struct.pack("<II", 0, 0)


HEAD = making.octets().split(b"<record>", maxsplit=1)[0]
TAIL = b"</feedback>"


def overlapping(members):
    """A zip in which many names lead to the same data."""
    content = HEAD + b" " * (20 * MEGABYTE)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    sizes = (zlib.crc32(content), len(packed), len(content))
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0x5B7C, *sizes, 1, 0) + b"a" + packed
    central = b"".join(struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 0x5B7C, *sizes, 1, 0, 0, 0, 0, 0, 0) + b"a"
                       for _ in range(members))
    return local + central + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, members, members, len(central), len(local), 0)


def quine():
    """A gzip whose content begins with itself, as deep as anybody looks."""
    made = making.octets()
    for _ in range(30):
        made = making.gzipped(made)
    return made


BOMBS = [
    ("10 MB of gzip that inflate to 10 GB", ten_gigabytes, "inflates to more than"),
    ("2 MB of gzip that inflate to 2 GB of zeros", lambda: inflating(2000, octet=b"\0"), ""),
    ("2 MB of gzip that inflate to 2 GB of blanks in a report", lambda: inflating(2000, HEAD), "inflates to more than"),
    ("a ratio above 1,000", lambda: inflating(30, HEAD), "times its size"),
    ("gzip 30 deep", quine, ""),
    ("a zip whose members overlap", lambda: overlapping(9), ""),
    ("a zip whose 1,000 members overlap", lambda: overlapping(1000), ""),
    ("a million records", lambda: HEAD + b"<record/>" * 1000000 + TAIL, "more than 500000 records"),
    ("a million records that count", lambda: making.gzipped(
        HEAD + b"<record><row><source_ip>1.1.1.1</source_ip><count>1</count></row></record>" * 800000 + TAIL), "records"),
    ("16 million elements", lambda: HEAD + b"<a/>" * 15000000 + TAIL, "too many elements"),
    ("millions of names", lambda: HEAD + b"".join(b"<a%d/>" % i for i in range(2000000)) + TAIL, "too many elements"),
    ("a million elements deep", lambda: HEAD + b"<a>" * 1000000, "more than 32 deep"),
    ("an attribute of 60 MB", lambda: HEAD + b"<a b='" + b"x" * (60 * MEGABYTE) + b"'/>" + TAIL, "longer than 64 kB"),
    ("an attribute of 100 MB", lambda: HEAD + b"<a b='" + b"x" * (100 * MEGABYTE) + b"'/>" + TAIL, "larger than 64 MB"),
    ("a text of 60 MB", lambda: HEAD + b"<record><row><source_ip>" + b"x" * (60 * MEGABYTE) + b"</source_ip></row></record>" + TAIL,
     "no record in it"),
    ("millions of attributes", lambda: HEAD + (b"<a " + b" ".join(b"a%d='1'" % i for i in range(5000)) + b"/>") * 1000 + TAIL,
     "no record in it"),
    ("millions of ampersands", lambda: HEAD + b"&" * (50 * MEGABYTE) + TAIL, "begin nothing"),
    ("millions of <", lambda: HEAD + b"<" * (50 * MEGABYTE) + TAIL, "begin nothing"),
    ("entities in entities", lambda: b'<!DOCTYPE l [<!ENTITY a "' + b"x" * 1000 + b'">' + b"".join(
        b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 20)) + b"]>" + HEAD + b"&a19;" + TAIL, "document type"),
    ("JSON a million deep", lambda: b'{"policies":' + b"[" * 1000000, "more than 32 deep"),
    ("JSON of millions of lists", lambda: b'{"policies":[' + b"[]," * 2500000 + b"[]]}", ""),
    ("JSON of 60 MB", lambda: b'{"policies":[' + b"1," * (30 * MEGABYTE) + b"1]}", "a TLS report of more than"),
    ("a mail of 26 MB", lambda: making.mail(b"x" * (20 * MEGABYTE)), "a mail of more than 25 MB"),
    ("an archive of 11 MB in a mail", lambda: making.mail(b"\x1f\x8b" + random.Random(1).randbytes(11 * MEGABYTE)),
     "an archive of more than"),
    ("a mail of a million fields", lambda: b"From: a@b.example\n" + b"A: b\n" * 1000000 + b"\nx", "200 MB of memory"),
    ("a mail with multiparts 10,000 deep", lambda: b"From: a@b.example\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (i, i) for i in range(10000)), ""),
    ("a mail with a million parts", lambda: making.multipart([b"\nx"] * 500000), "200 MB of memory"),
]


def register(name, make, reason):
    @case(f"bomb: {name}")
    def _play(bench):
        content = make()
        start = cpu_seconds()
        result = bench.read(content, crash="memory" in reason)[0]
        assert cpu_seconds() - start < CPU_SECONDS, f"{cpu_seconds() - start:.1f} s"
        # in the memory of a sanitizer nothing is too large
        wanted = "" if bench.sanitized and "memory" in reason else reason
        assert not result["reports"] and any(wanted in one for one in result["reasons"]), result["reasons"]
        assert bench.sanitized or result["kilobytes"] < 256 * 1024, f"{result['kilobytes']} kB"


for one_bomb in BOMBS:
    register(*one_bomb)


@case("50,000 records with a million messages")
def _large(bench):
    records = "".join(making.record(f"10.{i // 65536}.{i // 256 % 256}.{i % 256}", "20") for i in range(50000))
    path = bench.new("large", making.gzipped(making.octets(records=records)))
    start = cpu_seconds()
    said = subprocess.run([bench.build / "tests/support/received_rows", "--quiet", path], stdout=subprocess.PIPE, check=True,
                          timeout=SECONDS).stdout.decode()
    assert said.startswith("read 50000 records 1000000 messages "), said
    assert cpu_seconds() - start < 20, said
    assert bench.sanitized or int(said.split()[7]) < 200 * 1024, said


def mutated(content, dice):
    """A few octets changed, left out, repeated, or put in."""
    made = bytearray(content)
    for _ in range(dice.randint(1, 8)):
        at, length = dice.randrange(len(made) + 1), dice.choice([1, 1, 2, 10, 100])
        how = dice.randrange(4)
        if how == 0 and made:
            made[at % len(made)] = dice.randrange(256)
        elif how == 1:
            del made[at:at + length]
        elif how == 2:
            made[at:at] = made[at:at + length]
        else:
            made[at:at] = bytes(dice.choice(b"<>&;/\"'=!-[]{}:\0\xff\n ") for _ in range(length))
    return bytes(made)


def samples():
    """One of each kind, and the public ones."""
    xml = making.octets()
    found = [xml, making.gzipped(xml), making.zipped([("a.xml", xml)]), making.mail(making.gzipped(xml)),
             making.multipart([making.TEXT_PART, making.attached(xml, "a.xml", "text/xml")]), making.tls(), making.failure(),
             b"\xff\xfe" + xml.decode().encode("utf-16-le"), making.mail(making.tls(), "application/tlsrpt+json", name="r.json")]
    if PUBLIC.is_dir():
        found += [path.read_bytes() for path in sorted(PUBLIC.iterdir()) if path.suffix in (".xml", ".gz", ".zip")]
    return found


@case(f"{MUTATIONS} mutations of each sample")
def _mutations(bench):
    target = bench.build / "tests/fuzz/received_fuzz"
    if not target.exists():
        raise tap.Skip("tests/fuzz/received_fuzz is not built")
    dice = random.Random(20261128)
    folder = bench.new("mutations")
    folder.mkdir()
    for number, content in enumerate(samples()):
        for i in range(MUTATIONS):
            (folder / f"{number}-{i}").write_bytes(mutated(content, dice))
    ran = subprocess.run(["find", folder, "-type", "f", "-exec", target, "{}", "+"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, check=False, timeout=10 * SECONDS)
    assert ran.returncode == 0, ran.stdout.decode(errors="replace")[-2000:]
