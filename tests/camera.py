"""What a camera makes of a picture with a QR code in it."""

import struct
import zlib

import zxingcpp


def grey(png: bytes) -> list[bytes]:
    """Unpack a black and white PNG: a row is a byte for each pixel."""
    chunks, at = {}, 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        chunks[png[at + 4 : at + 8]] = png[at + 8 : at + 8 + length]
        at += 12 + length
    width, height, *kind = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert kind == [1, 0, 0, 0, 0]  # one bit each, grey, not interlaced
    packed, stride = zlib.decompress(chunks[b"IDAT"]), 1 + (width + 7) // 8
    rows, above = [], bytes(stride - 1)
    for y in range(height):
        filter_, *row = packed[y * stride : (y + 1) * stride]
        assert filter_ in {0, 2}  # as it is, or added to the row above
        above = bytes((new + old) & 255 for new, old in zip(row, above, strict=True)) if filter_ else bytes(row)
        rows.append(bytes(255 * (above[x // 8] >> 7 - x % 8 & 1) for x in range(width)))
    return rows


def read(png: bytes) -> zxingcpp.Barcode:
    """Read it as a camera does."""
    rows = grey(png)
    [code] = zxingcpp.read_barcodes(memoryview(b"".join(rows)).cast("B", (len(rows), len(rows[0]))))
    return code
