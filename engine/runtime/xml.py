"""XML from outside, read so that it can neither fetch, expand nor exhaust anything."""

from lxml import etree

from engine.domain.errors import Invalid

LARGEST = 4_000_000  # bytes; the largest shipped diagram has 35,000


class XmlRefused(Invalid):
    slug = "xml-refused"


def read_xml(raw: bytes, filename: str) -> etree._Element:
    """The root element. XmlRefused for a DOCTYPE, for more than 4 MB, for what is not XML."""
    if len(raw) > LARGEST:
        raise XmlRefused(f"{filename} 超过 {LARGEST} 字节。", f"{filename} is over {LARGEST} bytes")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as problem:
        raise XmlRefused(
            f"{filename} 不是合法的 XML：{problem}", f"{filename}: {problem}"
        ) from None
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise XmlRefused(f"{filename} 含有 DOCTYPE。", f"{filename} has a DOCTYPE")
    return root
