"""What a camera makes of a picture with a QR code in it."""

import io

import zxingcpp
from PIL import Image


def picture(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def read(png: bytes) -> zxingcpp.Barcode:
    """Read the one code in a picture, wherever it is."""
    [code] = zxingcpp.read_barcodes(picture(png).convert("RGB"))
    return code
