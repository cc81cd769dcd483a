"""As much of Parquet as a table of ids and old timestamps (INT96) needs."""

import struct

# Physical types, and the types of fields in Thrift's compact protocol.
INT96, BYTE_ARRAY = 3, 6
I32, I64, BINARY, LIST, STRUCT = 5, 6, 8, 9, 12
UNIX_EPOCH_AS_JULIAN_DAY = 2_440_588


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def fields(*numbered):
    """A struct of (number, type, encoded value)."""
    out, last = b"", 0
    for number, kind, value in numbered:
        out += bytes([(number - last) << 4 | kind]) + value
        last = number
    return out + b"\0"


def whole(number):
    return varint(number << 1)


def text(value):
    return varint(len(value)) + value.encode()


def several(kind, values):
    return bytes([len(values) << 4 | kind]) + b"".join(values)


def page(values, count):
    """One page without compression, each value plain."""
    data = fields((1, I32, whole(count)), (2, I32, whole(0)), (3, I32, whole(3)), (4, I32, whole(3)))
    return fields((1, I32, whole(0)), (2, I32, whole(len(values))), (3, I32, whole(len(values))), (5, STRUCT, data)) + values


def table(ids, days):
    """The bytes of a file with the columns `visit` and `day`."""
    columns = {
        "visit": (BYTE_ARRAY, b"".join(struct.pack("<I", len(one)) + one.encode() for one in ids)),
        "day": (INT96, b"".join(struct.pack("<qI", 0, day.toordinal() - 719_163 + UNIX_EPOCH_AS_JULIAN_DAY) for day in days)),
    }
    content, chunks = b"PAR1", []
    schema = [fields((4, BINARY, text("rows")), (5, I32, whole(len(columns))))]
    for name, (kind, values) in columns.items():
        start, packed = len(content), page(values, len(ids))
        content += packed
        more = [(6, I32, whole(0))] if kind == BYTE_ARRAY else []
        schema.append(fields((1, I32, whole(kind)), (3, I32, whole(0)), (4, BINARY, text(name)), *more))
        described = fields(
            (1, I32, whole(kind)),
            (2, LIST, several(I32, [whole(0)])),
            (3, LIST, several(BINARY, [text(name)])),
            (4, I32, whole(0)),
            (5, I64, whole(len(ids))),
            (6, I64, whole(len(packed))),
            (7, I64, whole(len(packed))),
            (9, I64, whole(start)),
        )
        chunks.append(fields((2, I64, whole(start)), (3, STRUCT, described)))
    group = fields((1, LIST, several(STRUCT, chunks)), (2, I64, whole(len(content) - 4)), (3, I64, whole(len(ids))))
    footer = fields((1, I32, whole(1)), (2, LIST, several(STRUCT, schema)), (3, I64, whole(len(ids))), (4, LIST, several(STRUCT, [group])))
    return content + footer + struct.pack("<I", len(footer)) + b"PAR1"
