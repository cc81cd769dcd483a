#!/usr/bin/env python3
"""Writes the hostile files of this corpus that no honest program would write.

    python3 tests/bad/make.py

Needs nothing but Python 3.11. The files are the same each time. Parquet is written here byte by byte, so that
everything in it can lie: a table of the columns of contracts/customers.toml, all rows alike, and one thing wrong.
"""

import pathlib
import struct
import tomllib
import zlib

HERE = pathlib.Path(__file__).parent
CONTRACT = tomllib.loads((HERE / "../../contracts/customers.toml").read_text())
ROWS = 50
BOOLEAN, INT64, INT96, DOUBLE, TEXT, FIXED = 0, 2, 3, 5, 6, 7
PLAIN, SNAPPY, GZIP, ZSTD = 0, 1, 2, 6


# Thrift's compact protocol: a struct is a list of (field number, value).

def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def zigzag(number):
    return varint((number << 1) ^ (number >> 63) if number < 0 else number << 1)


class I32(int):
    pass


class I64(int):
    pass


class Raw(bytes):
    """A list that is written as it is."""


def encode(value):
    """The kind and the bytes of a value."""
    match value:
        case Raw():
            return 9, bytes(value)
        case I32():
            return 5, zigzag(value)
        case I64():
            return 6, zigzag(value)
        case str() | bytes():
            data = value.encode() if isinstance(value, str) else value
            return 8, varint(len(data)) + data
        case list():
            kind = encode(value[0])[0]
            return 9, head(kind, len(value)) + b"".join(encode(item)[1] for item in value)
        case tuple():
            return 12, struct_of(value)


def head(kind, count):
    return bytes([count << 4 | kind]) if count < 15 else bytes([0xF0 | kind]) + varint(count)


def struct_of(fields):
    out, last = bytearray(), 0
    for number, value in fields:
        kind, data = encode(value)
        out.append((number - last) << 4 | kind)
        out += data
        last = number
    return bytes(out) + b"\0"


# A table.

def good_value(column):
    """A value that the contract allows, as Parquet's plain encoding has it, and its type."""
    match column["type"]:
        case "float":
            return DOUBLE, struct.pack("<d", 0.5)
        case "integer":
            return INT64, struct.pack("<q", int(column.get("range", [1])[0]) + 1)
        case "boolean":
            return BOOLEAN, None
        case "text":
            return TEXT, text(b"C000000001")
        case "date":
            return TEXT, text(b"2026-11-01")
        case _:
            return TEXT, text(column["values"][0].encode())


def text(data):
    return struct.pack("<I", len(data)) + data


class Column:
    def __init__(self, name, column, rows=ROWS):
        self.name, self.rows = name, rows
        self.kind, value = good_value(column)
        self.plain = bytes((rows + 7) // 8) if value is None else value * rows
        self.codec = GZIP
        self.packed = None  # What stands for the plain bytes; made by GZIP when absent.
        self.claimed = None  # How long the page claims to be when unpacked.
        self.words = None  # A dictionary before the page: how many words it claims, and its bytes.
        self.offset = None
        self.length = None
        self.type_length = None
        self.unpacked_total = None
        self.values = None

    def pages(self):
        packed = self.packed if self.packed is not None else compress(self.codec, self.plain)
        claimed = len(self.plain) if self.claimed is None else self.claimed
        out = b""
        if self.words:
            count, dictionary, claims = self.words
            out += struct_of([(1, I32(2)), (2, I32(claims)), (3, I32(len(dictionary))),
                              (7, ((1, I32(count)), (2, I32(0))))]) + dictionary
        values = self.rows if self.values is None else self.values
        out += struct_of([(1, I32(0)), (2, I32(claimed)), (3, I32(len(packed))),
                          (5, ((1, I32(values)), (2, I32(8 if self.words else 0)), (3, I32(3)), (4, I32(3))))])
        return out + packed

    def element(self):
        fields = [(1, I32(self.kind)), (3, I32(0)), (4, self.name)]
        if self.type_length:
            fields.insert(1, (2, I32(self.type_length)))
        if self.kind == TEXT:
            fields.append((6, I32(0)))
        return tuple(fields)

    def chunk(self, offset, length):
        offset = self.offset if self.offset is not None else offset
        length = self.length if self.length is not None else length
        total = self.unpacked_total or len(self.plain)
        return ((2, I64(offset)), (3, (
            (1, I32(self.kind)), (2, [I32(0), I32(3)]), (3, [self.name]), (4, I32(self.codec)),
            (5, I64(self.rows)), (6, I64(total)), (7, I64(length)), (9, I64(offset)))))


def compress(codec, data):
    if codec == PLAIN:
        return data
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def customers(rows=ROWS):
    """The columns by name; all that is to be wrong is changed in them."""
    return {name: Column(name, column, rows) for name, column in CONTRACT["columns"].items()}


def parquet(columns, rows=ROWS, schema=None, groups=None, repeat=()):
    columns = list(columns.values()) + list(repeat)
    body, chunks = b"PAR1", []
    for column in columns:
        pages = column.pages()
        chunks.append(column.chunk(len(body), len(pages)))
        body += pages
    group = ((1, chunks), (2, I64(len(body))), (3, I64(rows)))
    elements = [((4, "schema"), (5, I32(len(columns)))), *(column.element() for column in columns)]
    footer = struct_of([(1, I32(1)), (2, schema if schema is not None else elements), (3, I64(rows)),
                        (4, groups if groups is not None else [group]), (6, "made by hand")])
    return body + footer + struct.pack("<I", len(footer)) + b"PAR1"


def write(folder, data, name="rows.parquet"):
    path = HERE / folder
    path.mkdir(exist_ok=True)
    (path / name).write_bytes(data)
    print(f"{len(data):8} bytes  {folder}")


def zstd_of_zeros(size):
    """A frame of blocks that say 'the same byte 131,072 times'."""
    block, frame = 1 << 17, bytes.fromhex("28b52ffd")
    frame += bytes([0xA0]) + struct.pack("<I", size)
    blocks = size // block
    for number in range(blocks):
        header = block << 3 | 1 << 1 | (number == blocks - 1)
        frame += struct.pack("<I", header)[:3] + b"\0"
    return frame


def changed(name, rows=ROWS, **changes):
    columns = customers(rows)
    for field, value in changes.items():
        setattr(columns[name], field, value)
    return columns


def main():
    score = "engagement_score"
    write("p01-honest-but-alike", parquet(customers()))
    write("p02-rows-beyond-counting", parquet(customers(), rows=1 << 62))
    write("p03-rows-negative", parquet(customers(), rows=-5))
    write("p04-rows-a-trillion", parquet(customers(), rows=10**12))

    deep = [((4, "schema"), (5, I32(1)))] * 20_000 + [customers()[score].element()]
    write("p05-schema-20000-deep", parquet(customers(), schema=deep))
    many = [((4, "schema"), (5, I32((1 << 31) - 1))), customers()[score].element()]
    write("p06-schema-two-billion-children", parquet(customers(), schema=many))
    write("p07-two-billion-row-groups", parquet(customers(), groups=Raw(head(12, (1 << 31) - 1))))

    claims = (1 << 31) - 1
    write("p08-snappy-page-of-2-gib", parquet(changed("customer_id", codec=SNAPPY, packed=b"\0" * 40, claimed=claims)))
    write("p09-dictionary-of-2-gib",
          parquet(changed(score, codec=PLAIN, words=(2, b"\0" * 16, claims), packed=b"\1\x64\0")))
    write("p10-dictionary-of-two-billion-words",
          parquet(changed(score, codec=PLAIN, words=(claims, b"\0" * 16, 16), packed=b"\1\x64\0")))
    size = 512 << 20
    write("p11-zstd-bomb", parquet(changed("customer_id", codec=ZSTD, packed=zstd_of_zeros(size), claimed=size)))
    write("p12-gzip-bomb", parquet(changed("customer_id", packed=compress(GZIP, bytes(300 << 20)))))
    # A page of RLE that says 'the first word a billion times': honest, and much too large.
    billion = 10**9
    run = b"\1" + varint(billion << 1) + b"\0"
    columns = customers()
    for column in columns.values():
        word = column.plain[:max(1, len(column.plain) // ROWS)]
        if column.kind == BOOLEAN:
            column.kind, word = INT64, struct.pack("<q", 1)
        column.codec, column.rows, column.plain = PLAIN, billion, run
        column.words = (1, word, len(word))
    write("p13-a-billion-equal-rows", parquet(columns, rows=billion))

    write("p14-column-beyond-the-end", parquet(changed(score, offset=1 << 40)))
    write("p15-column-before-the-start", parquet(changed(score, offset=-100)))
    write("p16-column-of-negative-length", parquet(changed(score, length=-100)))
    write("p17-page-longer-than-its-column", parquet(changed(score, length=12)))
    write("p18-page-that-unpacks-to-less", parquet(changed(score, claimed=ROWS * 8 + 8)))
    write("p19-fewer-values-than-rows", parquet(changed(score, rows=ROWS - 1, plain=bytes(8 * (ROWS - 1)))))
    write("p20-more-values-in-a-page-than-bytes", parquet(changed(score, plain=bytes(16))))
    write("p21-text-that-is-not-utf8", parquet(changed("gender", plain=text(b"\xff\xfe\xfd") * ROWS)))
    write("p22-text-longer-than-its-page",
          parquet(changed("gender", plain=struct.pack("<I", claims) + b"woman" * ROWS)))

    write("p23-score-is-text", parquet(changed(score, kind=TEXT, plain=text(b"high") * ROWS)))
    write("p24-score-is-a-96-bit-time", parquet(changed(score, kind=INT96, plain=bytes(12 * ROWS))))
    write("p25-id-is-fixed-bytes",
          parquet(changed("customer_id", kind=FIXED, type_length=4, plain=b"C\0\1\2" * ROWS)))
    columns = customers()
    write("p26-column-twice", parquet(columns, repeat=[Column(score, CONTRACT["columns"][score])]))
    columns = customers()
    columns[score].name = "engagement\x00score\x1b[2J"
    write("p27-name-with-control-characters", parquet(columns))
    columns = customers()
    columns[score].name = "engagement_score" * 1_000
    write("p28-name-of-16-kb", parquet(columns))
    nested = [((4, "schema"), (5, I32(len(customers())))),
              *(column.element() for name, column in customers().items() if name != score),
              ((3, I32(0)), (4, score), (5, I32(1))),
              ((1, I32(DOUBLE)), (3, I32(2)), (4, "element"))]
    # UBJSON: an object whose only field is an array of 2^62 numbers.
    count = b"L" + (1 << 62).to_bytes(8, "big")
    write("m05-count-beyond-the-bytes", b"{i\x07learner[$d#" + count + bytes(32), "model.ubj")
    write("p29-score-is-a-list", parquet(customers(), schema=nested))


if __name__ == "__main__":
    main()
