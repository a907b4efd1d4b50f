"""The allow-list: which elements, events, attributes and properties of BPMN 2.0 are carried.

What is not named here is refused. workflows/BPMN.md is made of these tables.
"""

from collections.abc import Mapping

#: Flow nodes that run as drawn.
CARRIED = frozenset({
    "startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent",
    "intermediateThrowEvent", "userTask", "serviceTask", "businessRuleTask", "receiveTask",
    "callActivity", "subProcess",
    "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway",
})  # fmt: skip

#: Flow nodes that are not, each with the code of the sentence that says what to draw instead.
REFUSED: Mapping[str, str] = {
    "scriptTask": "script-task",
    "sendTask": "send-task",
    "task": "plain-task",
    "manualTask": "plain-task",
    "complexGateway": "complex-gateway",
    "adHocSubProcess": "ad-hoc",
    "transaction": "transaction",
    "implicitThrowEvent": "throwing-event",
}

#: What triggers may stand where; "none" is an event without one.
TRIGGERS: Mapping[str, tuple[str, ...]] = {
    "startEvent": ("none",),
    "endEvent": (
        "none", "terminateEventDefinition", "errorEventDefinition", "escalationEventDefinition",
    ),
    "intermediateThrowEvent": ("escalationEventDefinition",),
    "intermediateCatchEvent": (
        "messageEventDefinition", "signalEventDefinition", "timerEventDefinition",
        "conditionalEventDefinition",
    ),
    "boundaryEvent": (
        "messageEventDefinition", "signalEventDefinition", "timerEventDefinition",
        "conditionalEventDefinition", "errorEventDefinition", "escalationEventDefinition",
    ),
    "eventSubProcess": (
        "messageEventDefinition", "signalEventDefinition", "timerEventDefinition",
        "conditionalEventDefinition", "errorEventDefinition", "escalationEventDefinition",
    ),
}  # fmt: skip

#: Triggers with a sentence of their own, wherever they stand.
REFUSED_TRIGGERS: Mapping[str, str] = {
    "linkEventDefinition": "link-event",
    "compensateEventDefinition": "compensation",
}

#: Elements besides flow nodes that are read, or that only say something to people.
READ = frozenset({
    "definitions", "process", "sequenceFlow", "conditionExpression", "incoming", "outgoing",
    "message", "signal", "laneSet", "lane", "flowNodeRef", "extensionElements",
    "messageEventDefinition", "signalEventDefinition", "timerEventDefinition",
    "terminateEventDefinition", "timeDate", "timeDuration", "timeCycle",
    "conditionalEventDefinition", "condition", "errorEventDefinition", "error",
    "escalationEventDefinition", "escalation",
})  # fmt: skip
FOR_PEOPLE = frozenset({
    "documentation", "collaboration", "participant", "messageFlow", "textAnnotation", "text",
    "association", "group", "category", "categoryValue",
})  # fmt: skip

#: Elements that are refused with a sentence of their own.
REFUSED_ELEMENTS: Mapping[str, str] = {
    **dict.fromkeys(
        ("multiInstanceLoopCharacteristics", "loopCardinality", "loopDataInputRef"),
        "multi-instance",
    ),
    "standardLoopCharacteristics": "standard-loop",
    **dict.fromkeys(
        (
            "dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "property",
            "ioSpecification", "dataInputAssociation", "dataOutputAssociation", "dataInput",
            "dataOutput",
        ),
        "data-object",
    ),
    **dict.fromkeys(
        ("performer", "humanPerformer", "potentialOwner", "resourceRole"), "resource-role"
    ),
}  # fmt: skip

#: Attributes that are read, by element; `id` and `name` may stand everywhere.
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "definitions": frozenset({"targetNamespace", "exporter", "exporterVersion"}),
    "process": frozenset({"isExecutable"}),
    "participant": frozenset({"processRef"}),
    "messageFlow": frozenset({"sourceRef", "targetRef", "messageRef"}),
    "association": frozenset({"sourceRef", "targetRef", "associationDirection"}),
    "textAnnotation": frozenset({"textFormat"}),
    "documentation": frozenset({"textFormat"}),
    "group": frozenset({"categoryValueRef"}),
    "categoryValue": frozenset({"value"}),
    "sequenceFlow": frozenset({"sourceRef", "targetRef"}),
    "exclusiveGateway": frozenset({"default", "gatewayDirection"}),
    "inclusiveGateway": frozenset({"default", "gatewayDirection"}),
    "parallelGateway": frozenset({"gatewayDirection"}),
    "eventBasedGateway": frozenset({"gatewayDirection"}),
    "boundaryEvent": frozenset({"attachedToRef", "cancelActivity"}),
    "startEvent": frozenset({"isInterrupting"}),
    "subProcess": frozenset({"triggeredByEvent"}),
    "callActivity": frozenset({"calledElement"}),
    "receiveTask": frozenset({"messageRef"}),
    "messageEventDefinition": frozenset({"messageRef"}),
    "signalEventDefinition": frozenset({"signalRef"}),
    "errorEventDefinition": frozenset({"errorRef"}),
    "escalationEventDefinition": frozenset({"escalationRef"}),
    "error": frozenset({"errorCode"}),
    "escalation": frozenset({"escalationCode"}),
}

#: Attributes that say what would be so without them.
HARMLESS = frozenset({
    ("startQuantity", "1"), ("completionQuantity", "1"), ("isForCompensation", "false"),
    ("isClosed", "false"), ("processType", "None"), ("processType", "Private"),
    ("parallelMultiple", "false"), ("instantiate", "false"), ("eventGatewayType", "Exclusive"),
    ("triggeredByEvent", "false"), ("isInterrupting", "true"), ("isImmediate", "true"),
    ("implementation", "##unspecified"), ("implementation", "##WebService"),
})  # fmt: skip
QUANTITIES = frozenset({"startQuantity", "completionQuantity"})

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
#: Namespaces that say how a diagram looks, and nothing of what it does.
LOOKS = (
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/20100524/DC",
    "http://www.omg.org/spec/DD/20100524/DI",
    "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
    "http://bpmn.io/schema/bpmn/biocolor/1.0",
    "http://camunda.org/schema/modeler/1.0",
)

#: Extensions of the engine by the element that may hold them.
EXTENSIONS: Mapping[str, frozenset[str]] = {
    "serviceTaskOperator": frozenset({"serviceTask"}),
    "messageVariable": frozenset({"messageEventDefinition", "receiveTask"}),
    "calledDecisionId": frozenset({"businessRuleTask"}),
    "properties": frozenset(),  # everywhere
}
EXTENSION_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "properties": frozenset(),
    "property": frozenset({"name", "value"}),
    "serviceTaskOperator": frozenset({"id", "resultVariable"}),
    "parameters": frozenset(),
    "parameter": frozenset({"id", "type", "value"}),
    "messageVariable": frozenset(),
    "calledDecisionId": frozenset(),
}
SCRIPTS = frozenset({"preScript", "postScript", "unitTests"})

WAIT_PROPERTIES = frozenset({"due", "clock", "whose", "stage", "waiting", "waiting_en", "name_en"})
#: Properties by element (workflows/README.md).
PROPERTIES: Mapping[str, frozenset[str]] = {
    "lane": frozenset({"group", "name_en"}),
    "userTask": WAIT_PROPERTIES | {"form", "other_than"},
    "businessRuleTask": frozenset({"result", "name_en"}),
    "receiveTask": WAIT_PROPERTIES,
    "eventBasedGateway": WAIT_PROPERTIES,
    "intermediateCatchEvent": WAIT_PROPERTIES,
}
EVERYWHERE = frozenset({"name_en"})
WHOSE = ("office", "applicant", "department", "court", "superior", "expert")
