"""mmdb.py - writes a small file of MaxMind's format (MaxMind DB 2.0): IPv4 networks with a map of texts and numbers each."""
import ipaddress
import struct

UINT16, UINT32, UINT64 = 5, 6, 9
MARK = b"\xab\xcd\xefMaxMind.com"


def head(kind, size):
    """Type and size; types from 8 on have an octet of their own."""
    first = bytes([(kind << 5 if kind < 8 else 0) | min(size, 29)])
    return first + (bytes([kind - 7]) if kind >= 8 else b"") + (bytes([size - 29]) if size >= 29 else b"")


def encoded(value):
    if isinstance(value, str):
        octets = value.encode()
        return head(2, len(octets)) + octets
    if isinstance(value, dict):
        return head(7, len(value)) + b"".join(encoded(key) + encoded(item) for key, item in value.items())
    if isinstance(value, list):
        return head(11, len(value)) + b"".join(map(encoded, value))
    kind, number = value if isinstance(value, tuple) else (UINT32, value)
    octets = struct.pack(">Q", number).lstrip(b"\0")
    return head(kind, len(octets)) + octets


def written(networks):
    """`networks`: {"192.0.2.0/24": {...}}"""
    nodes, data, places = [[None, None]], b"", {}
    for network, record in networks.items():
        network = ipaddress.ip_network(network)
        bits = f"{int(network.network_address):032b}"[:network.prefixlen]
        at = 0
        for bit in bits[:-1]:
            if nodes[at][int(bit)] is None:
                nodes.append([None, None])
                nodes[at][int(bit)] = len(nodes) - 1
            at = nodes[at][int(bit)]
        places[(at, int(bits[-1]))] = len(data)
        data += encoded(record)
    tree = b""
    for number, node in enumerate(nodes):
        for side, child in enumerate(node):
            place = places.get((number, side))
            value = len(nodes) + 16 + place if place is not None else len(nodes) if child is None else child
            tree += struct.pack(">I", value)[1:]
    about = {"node_count": len(nodes), "record_size": (UINT16, 24), "ip_version": (UINT16, 4),
             "database_type": "Test", "languages": ["en"],
             "binary_format_major_version": (UINT16, 2), "binary_format_minor_version": (UINT16, 0),
             "build_epoch": (UINT64, 1),
             "description": {"en": "test"}}
    return tree + b"\0" * 16 + data + MARK + encoded(about)
