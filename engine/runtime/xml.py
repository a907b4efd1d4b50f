"""XML from outside, read so that it can neither fetch, expand nor exhaust anything."""

from lxml import etree

from engine.domain.errors import Invalid

LARGEST = 4_000_000  # bytes; the largest shipped diagram has 35,000
MOST_ELEMENTS = 30_000  # the largest shipped diagram has 800


class XmlRefused(Invalid):
    """`kind`: doctype, too-large or unreadable; `why` in the parser's words."""

    slug = "xml-refused"

    def __init__(self, zh: str, en: str, *, kind: str, why: str) -> None:
        super().__init__(zh, en)
        self.kind, self.why = kind, why


def read_xml(raw: bytes, filename: str) -> etree._Element:
    """The root element, whatever encoding the file declares.

    XmlRefused for a DOCTYPE, for more than 4 MB or 30,000 elements, for what is not XML.
    """
    if len(raw) > LARGEST:
        raise _too_large(filename, f"{LARGEST} bytes")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as problem:
        said = f"{filename} 不是合法的 XML：{problem}"
        raise XmlRefused(
            said, f"{filename}: {problem}", kind="unreadable", why=str(problem)
        ) from None
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise XmlRefused(
            f"{filename} 含有 DOCTYPE。", f"{filename} has a DOCTYPE", kind="doctype", why="DOCTYPE"
        )
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise _too_large(filename, f"{MOST_ELEMENTS} elements")
    return root


def _too_large(filename: str, limit: str) -> XmlRefused:
    return XmlRefused(
        f"{filename} 超过 {limit}。", f"{filename} is over {limit}", kind="too-large", why=limit
    )
