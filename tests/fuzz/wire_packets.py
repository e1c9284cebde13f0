"""wire_packets.py - the packets of wire_fuzz.py: a session as a list of packets, and what is done
to such a list.

A packet is (command, data), one octet and the rest. libmilter's own fault is left out unless
wanted: it steps beyond the end of a macro packet whose strings are not pairs.
"""
import struct

ALL_ACTIONS, ALL_STEPS = 0x1FF, 0x1FFFFF
CHUNK = 65535
# libmilter hangs up on packets of more than 65536 octets, which no mail server sends
FIELD_MAX = 60000
LENGTHS = (0, 1, 2, 255, 65535, 65536, 65537, 1 << 20, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
SILENT = {b"C": 1 << 12, b"H": 1 << 13, b"M": 1 << 14, b"R": 1 << 15, b"T": 1 << 16, b"L": 1 << 7,
          b"N": 1 << 18,
          b"B": 1 << 19}     # steps that the filter does not answer where it asked for that
COMMANDS = b"OCHMRTLNBEAQKUD"
ADDRESSES = (b"", b"U", b"L", b"L\0\0/var/run/socket\0", b"4", b"4\0", b"4\0\x19",
             b"4\0\x19192.0.2.10", b"4\0\x19\0",
             b"4\0\x19999.1.1.1\0", b"6\0\x19IPv6:2001:db8::1\0", b"6\0\x19::1%lo\0",
             b"6\0\x19:::::\0", b"X\0\x19x\0",
             b"4\0\x19" + b"1" * 5000 + b"\0", b"6\0\x19192.0.2.10\0", b"4\0\x192001:db8::1\0",
             b"4\0\x19192.0.2.10\0\0\0")


def framed(command, data):
    return struct.pack("!I", len(data) + 1) + command + data


def connect(client):
    if client == "":
        return b"C", b"localhost\0U"
    family = b"6" if ":" in client else b"4"
    return b"C", b"mail.example.org\0" + family + struct.pack("!H", 25) + client.encode() + b"\0"


def macros(command, values):
    return b"D", command + b"".join(name + b"\0" + value + b"\0" for name, value in values)


def negotiation(actions=ALL_ACTIONS, steps=ALL_STEPS, version=6):
    return b"O", struct.pack("!III", version, actions, steps)


def envelope(message):
    login = [(b"{auth_authen}", message.login.encode("latin-1"))] if message.login else []
    yield macros(b"M", [(b"i", b"4FUZZ"), (b"{mail_host}", b"x"), *login])
    yield b"M", message.sender + b"\0"
    for recipient in message.recipients:
        yield b"R", recipient + b"\0"
    yield b"T", b""


def content(message):
    for name, value in message.fields:
        if name:
            yield b"L", name + b"\0" + value[:FIELD_MAX] + b"\0"
    yield b"N", b""
    for at in range(0, len(message.body), CHUNK):
        yield b"B", message.body[at:at + CHUNK]
    yield macros(b"E", [(b"i", b"4FUZZ")])
    yield b"E", b""


def packets_of(message):
    return [*envelope(message), *content(message)]


def greeting(message):
    return [macros(b"C", [(b"j", b"mx.example.net"), (b"v", b"8.17.1")]), connect(message.client),
            (b"H", message.helo + b"\0")]


# What a broken or hostile mail server would send


def odd_negotiation(chance):
    if chance.random() < 0.5:
        return negotiation()
    data = negotiation(chance.choice((0, ALL_ACTIONS, 0xFFFFFFFF, chance.getrandbits(9))),
                       chance.choice((0, ALL_STEPS, 0xFFFFFFFF, chance.getrandbits(21))),
                       chance.choice((0, 1, 2, 3, 4, 5, 6, 7, 0xFFFFFFFF)))[1]
    return b"O", data[:chance.choice((0, 1, 4, 11, 12, 12, 12, 12))] + chance.choice((b"", b"",
                                                                                      b"\0" * 4,
                                                                                      b"\xff" * 99))


def odd_packet(chance):
    command = bytes([chance.choice(COMMANDS)])
    if command == b"O":
        return odd_negotiation(chance)
    if command == b"C":
        return command, chance.choice((b"h\0", b"", b"\0", b"h" * 3000 + b"\0",
                                       b"h")) + chance.choice(ADDRESSES)
    if command == b"D":
        names = [chance.choice((b"i", b"{auth_authen}", b"v", b"j", b"", b"{", b"x" * 500, b"\xff",
                                b"_"))
                 for _ in range(chance.choice((0, 1, 2, 50)))]
        return macros(bytes([chance.choice(COMMANDS + b"\0\xff")]),
                      [(name, name * 3) for name in names])
    pieces = [chance.choice((b"", b"x", b"<a@b.example>", b"From", b"\xff" * 40, b"SIZE=10000",
                             b"y" * 70000, b"\r\n"))
              for _ in range(chance.choice((0, 1, 2, 3, 20)))]
    return command, chance.choice((b"\0", b"")).join(pieces) + chance.choice((b"\0", b"\0", b"\0\0",
                                                                              b""))


def mutate(chance, packets):
    packets = list(packets)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(packets))
        way = chance.randrange(8)
        command, data = packets[at]
        if way == 0 and len(packets) > 1:
            del packets[at]
        elif way == 1:
            packets[at:at] = [packets[at]] * chance.choice((1, 1, 2, 200))
        elif way == 2:
            other = chance.randrange(len(packets))
            packets[at], packets[other] = packets[other], packets[at]
        elif way == 3:
            packets[at] = command, data[:chance.randrange(len(data) + 1)]
        elif way == 4 and data:
            place = chance.randrange(len(data))
            packets[at] = command, data[:place] + chance.randbytes(1) + data[place + 1:]
        elif way == 5:
            packets[at] = bytes([chance.choice(COMMANDS + b"\0\xff")]), data
        elif way == 6:
            packets[at] = command, data + data[:chance.choice((1, 70000))]
        else:
            packets.insert(at, odd_packet(chance))
    return packets


def with_wrong_length(chance, stream):
    """Another length somewhere, of a packet or in what seems to be none."""
    at = 0
    for _ in range(chance.randrange(12)):
        if at + 4 <= len(stream):
            at += 4 + min(struct.unpack_from("!I", stream, at)[0], len(stream))
    at = min(at, max(0, len(stream) - 4))
    return stream[:at] + struct.pack("!I", chance.choice(LENGTHS)) + stream[at + 4:]


def has_odd_macros(stream):
    at = 0
    while at + 5 <= len(stream):
        length = struct.unpack_from("!I", stream, at)[0]
        if stream[at + 4:at + 5] == b"D":
            data = stream[at + 6:at + 4 + length]
            if data.count(b"\0") % 2 or data and not data.endswith(b"\0"):
                return True
        at += 4 + length
    return False


def segments(chance, stream):
    """The stream in pieces: one, octet by octet, or at random."""
    way = chance.randrange(4)
    if way == 0 or len(stream) > 200000:
        return [stream]
    if way == 1 and len(stream) < 1500:
        return [stream[at:at + 1] for at in range(len(stream))]
    size = chance.choice((2, 3, 5, 100, 1460, 5000))
    size = max(size, len(stream) // 300)
    return [stream[at:at + size] for at in range(0, len(stream), size)]
