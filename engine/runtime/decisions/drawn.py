"""A DMN file as drawn: texts only, with nothing understood yet."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import etree

from engine.domain.words import Words
from engine.runtime.decisions.results import Place, Problems
from engine.runtime.xml import read_xml

#: DMN 1.1 to 1.5.
NAMESPACES = frozenset({
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
})  # fmt: skip
MOST_ROWS = 2_000
MOST_DECISIONS = 100
#: What would change the meaning of a decision if it were ignored.
REFUSED = {
    "import": ("不支持引用其他文件", "imports are not supported"),
    "businessKnowledgeModel": ("不支持业务知识模型", "business knowledge models are not supported"),
    "decisionService": ("不支持决策服务", "decision services are not supported"),
}


@dataclass(frozen=True, slots=True)
class DrawnItem:
    """An item definition, or one of its components."""

    name: str
    type_ref: str
    allowed: str
    is_collection: bool
    components: tuple["DrawnItem", ...]


@dataclass(frozen=True, slots=True)
class DrawnInput:
    label: str
    label_en: str
    expression: str
    type_ref: str
    allowed: str


@dataclass(frozen=True, slots=True)
class DrawnOutput:
    name: str
    label: str
    label_en: str
    type_ref: str
    allowed: str
    default: str


@dataclass(frozen=True, slots=True)
class DrawnRow:
    id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    annotations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrawnDecision:
    """`names`: under which other decisions know its result; `result`: what a lone output without
    a name is called; `notes`: headings of its annotations. A literal expression is drawn as a
    table of one row without inputs."""

    id: str
    title: Words
    description: str
    is_literal: bool
    names: tuple[str, ...]
    result: str
    requires: tuple[str, ...]
    hit_policy: str
    aggregation: str
    inputs: tuple[DrawnInput, ...]
    outputs: tuple[DrawnOutput, ...]
    notes: tuple[str, ...]
    rows: tuple[DrawnRow, ...]


@dataclass(frozen=True, slots=True)
class DrawnFile:
    """`variables`: type references of the input data by name."""

    filename: str
    decisions: tuple[DrawnDecision, ...]
    variables: dict[str, str]
    items: dict[str, DrawnItem]


def read_drawn(xml: bytes, filename: str) -> DrawnFile:
    """Raises XmlRefused, or DecisionRefused for what is not supported."""
    root = read_xml(xml, filename)
    problems = Problems(filename)
    tag = etree.QName(root)
    if tag.localname != "definitions" or tag.namespace not in NAMESPACES:
        problems.add(Place(), "不是 DMN 1.1-1.5 文件", "this is no DMN 1.1-1.5 file")
        problems.check()
    file = _Reader(f"{{{tag.namespace}}}", problems).file(root)
    problems.check()
    return file


class _Reader:
    def __init__(self, namespace: str, problems: Problems) -> None:
        self._namespace = namespace
        self._problems = problems

    def file(self, root: etree._Element) -> DrawnFile:
        for name, sentences in REFUSED.items():
            if self._child(root, name) is not None:
                self._problems.add(Place(column=name), *sentences)
        drawn = list(self._children(root, "decision"))
        if len(drawn) > MOST_DECISIONS:
            zh, english = f"超过 {MOST_DECISIONS} 个决策", f"more than {MOST_DECISIONS} decisions"
            self._problems.add(Place(), zh, english)
        decisions = [self._decision(element) for element in drawn[:MOST_DECISIONS]]
        return DrawnFile(
            filename=self._problems.filename,
            decisions=tuple(each for each in decisions if each is not None),
            variables=dict(
                self._variable(element) for element in self._children(root, "inputData")
            ),
            items={i.name: i for i in map(self._item, self._children(root, "itemDefinition"))},
        )

    def _children(self, element: etree._Element | None, name: str) -> Iterator[etree._Element]:
        return iter(()) if element is None else element.iterchildren(self._namespace + name)

    def _child(self, element: etree._Element | None, name: str) -> etree._Element | None:
        return next(self._children(element, name), None)

    def _text(self, element: etree._Element | None) -> str:
        """The text of an expression or of unary tests; a language that is not FEEL is refused."""
        if element is None:
            return ""
        language = element.get("expressionLanguage", "feel")
        if "feel" not in language.lower():
            zh, english = (
                f"不支持表达式语言 {language}",
                f"the language {language} is not supported",
            )
            self._problems.add(Place(column=element.get("id", "")), zh, english)
        return (element.findtext(self._namespace + "text") or "").strip()

    def _variable(self, element: etree._Element) -> tuple[str, str]:
        variable = self._child(element, "variable")
        name = element.get("name", "")
        if variable is None:
            return name, ""
        return variable.get("name", name), variable.get("typeRef", "")

    def _item(self, element: etree._Element) -> DrawnItem:
        return DrawnItem(
            name=element.get("name", ""),
            type_ref=(element.findtext(self._namespace + "typeRef") or "").strip(),
            allowed=self._text(self._child(element, "allowedValues"))
            or self._text(self._child(element, "typeConstraint")),
            is_collection=element.get("isCollection") == "true",
            components=tuple(map(self._item, self._children(element, "itemComponent"))),
        )

    def _decision(self, element: etree._Element) -> DrawnDecision | None:
        place = Place(element.get("id", ""))
        if not place.decision_id:
            name = element.get("name", "?")
            self._problems.add(Place(name), "决策没有 id", "the decision has no id")
        if self._child(element, "knowledgeRequirement") is not None:
            self._problems.add(place, *REFUSED["businessKnowledgeModel"])
        table = self._child(element, "decisionTable")
        literal = self._child(element, "literalExpression")
        if table is None and literal is None:
            self._problems.add(place, "没有决策表", "there is no decision table")
            return None
        name, type_ref = self._variable(element)
        variable = self._child(element, "variable")
        result = place.decision_id if variable is None else name
        names = (place.decision_id, element.get("name", ""), result)
        drawn = DrawnDecision(
            id=place.decision_id,
            title=Words(element.get("name", "") or place.decision_id, self._english(element)),
            description=(element.findtext(self._namespace + "description") or "").strip(),
            is_literal=table is None,
            names=tuple(dict.fromkeys(name for name in names if name)),
            result=result or place.decision_id,
            requires=tuple(self._requirements(element)),
            hit_policy="UNIQUE",
            aggregation="",
            inputs=(),
            outputs=(DrawnOutput("", element.get("name", ""), "", type_ref, "", ""),),
            notes=(),
            rows=(DrawnRow("1", (), (self._text(literal),), ()),),
        )
        return drawn if table is None else self._with_table(drawn, table, place)

    def _with_table(
        self, drawn: DrawnDecision, table: etree._Element, place: Place
    ) -> DrawnDecision:
        return replace(
            drawn,
            hit_policy=table.get("hitPolicy", "UNIQUE").upper(),
            aggregation=table.get("aggregation", "").upper(),
            inputs=tuple(map(self._input, self._children(table, "input"))),
            outputs=tuple(map(self._output, self._children(table, "output"))),
            notes=tuple(each.get("name", "") for each in self._children(table, "annotation")),
            rows=self._rows(table, place),
        )

    def _english(self, element: etree._Element) -> str:
        """The extension property `name_en`, as diagrams have it."""
        extensions = self._child(element, "extensionElements")
        properties = () if extensions is None else extensions.iter()
        return next((e.get("value", "") for e in properties if e.get("name") == "name_en"), "")

    def _requirements(self, element: etree._Element) -> Iterator[str]:
        for requirement in self._children(element, "informationRequirement"):
            required = self._child(requirement, "requiredDecision")
            if required is not None:
                yield required.get("href", "").removeprefix("#")

    def _input(self, element: etree._Element) -> DrawnInput:
        expression = self._child(element, "inputExpression")
        text = self._text(expression)
        return DrawnInput(
            label=element.get("label", "") or text or element.get("id", ""),
            label_en=self._english(element),
            expression=text,
            type_ref="" if expression is None else expression.get("typeRef", ""),
            allowed=self._text(self._child(element, "inputValues")),
        )

    def _output(self, element: etree._Element) -> DrawnOutput:
        name = element.get("name", "")
        return DrawnOutput(
            name=name,
            label=element.get("label", "") or name,
            label_en=self._english(element),
            type_ref=element.get("typeRef", ""),
            allowed=self._text(self._child(element, "outputValues")),
            default=self._text(self._child(element, "defaultOutputEntry")),
        )

    def _rows(self, table: etree._Element, place: Place) -> tuple[DrawnRow, ...]:
        rules = list(self._children(table, "rule"))
        if len(rules) > MOST_ROWS:
            self._problems.add(place, f"超过 {MOST_ROWS} 行", f"more than {MOST_ROWS} rows")
        return tuple(self._row(rule, str(n)) for n, rule in enumerate(rules[:MOST_ROWS], 1))

    def _row(self, element: etree._Element, number: str) -> DrawnRow:
        described = element.findtext(self._namespace + "description") or ""
        written = map(self._text, self._children(element, "annotationEntry"))
        return DrawnRow(
            id=element.get("id", number),
            inputs=tuple(map(self._text, self._children(element, "inputEntry"))),
            outputs=tuple(map(self._text, self._children(element, "outputEntry"))),
            annotations=tuple(text for text in (*written, described.strip()) if text),
        )
