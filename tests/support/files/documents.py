"""Small files of the kinds that applicants may upload, and of kinds they may not."""

from __future__ import annotations

import struct
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
EXE = b"MZ\x90\x00" + bytes(200)
SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
OPEN_XML = "http://schemas.openxmlformats.org"
STRICT = "http://purl.oclc.org/ooxml"


def docx(
    *, main: str = "word/document.xml", kind: str = WORD, standard: str = OPEN_XML, **parts: bytes
) -> bytes:
    """Returns a Word document. parts: more files in it, with "__" for "/" in their names.

    main: the main part; kind: its content type; standard: the schema of its relations
    """
    types = f'''<Types xmlns="{OPEN_XML}/package/2006/content-types">
        <Default Extension="xml" ContentType="application/xml"/>
        <Override PartName="/{main}" ContentType="{kind}"/></Types>'''
    relations = f'''<Relationships xmlns="{OPEN_XML}/package/2006/relationships">
        <Relationship Id="r1" Type="{standard}/officeDocument/2006/relationships/officeDocument"
            Target="{main}"/></Relationships>'''
    listed = {"[Content_Types].xml": types.encode(), "_rels/.rels": relations.encode()}
    named = {name.replace("__", "/"): content for name, content in parts.items()}
    return zipped(listed | {main: b"<w/>"} | named)


def zipped(parts: dict[str, bytes]) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def doc(stream: str = "WordDocument", content: bytes = b"") -> bytes:
    """Returns an OLE file with one stream (MS-CFB: header, FAT, directory, one sector).

    content: the beginning of the stream
    """
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 0, END, 0, END, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", FREE) * 108
    chain = [FAT, END, *range(3, 10), END]
    fat = struct.pack("<128I", *chain, *[FREE] * (128 - len(chain)))
    entries = _entry("Root Entry", 5, child=1) + _entry(stream, 2, start=2, size=8 * SECTOR)
    return header + fat + entries + bytes(2 * 128) + content.ljust(8 * SECTOR, b"\0")


def _entry(name: str, kind: int, *, child: int = FREE, start: int = END, size: int = 0) -> bytes:
    written = name.encode("utf-16-le") + b"\0\0"
    entry = written.ljust(64, b"\0") + struct.pack("<HBB", len(written), kind, 1)
    entry += struct.pack("<III", FREE, FREE, child) + bytes(16 + 4 + 8 + 8)
    return entry + struct.pack("<IQ", start, size)
