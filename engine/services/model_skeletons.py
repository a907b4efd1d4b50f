"""What a new file of a procedure's folder begins with: a diagram, a table, a form, a letter."""

import re
from collections.abc import Mapping

from engine.domain.errors import Invalid
from engine.domain.words import Words

_KEY = re.compile(r"[a-z][a-z0-9_]{1,59}")

#: Kind -> its name in the folder and what it begins with; KEY stands for what the person called it.
SKELETONS: Mapping[str, tuple[str, str]] = {
    "bpmn": (
        "KEY.bpmn",
        """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
    xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
    xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"
    id="definitions_KEY" targetNamespace="urn:kunxin:workflows">
  <bpmn:process id="KEY" name="新流程" isExecutable="true">
    <bpmn:startEvent id="start_KEY" name="开始">
      <bpmn:outgoing>flow_KEY</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:sequenceFlow id="flow_KEY" sourceRef="start_KEY" targetRef="end_KEY" />
    <bpmn:endEvent id="end_KEY" name="结束">
      <bpmn:incoming>flow_KEY</bpmn:incoming>
    </bpmn:endEvent>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram_KEY">
    <bpmndi:BPMNPlane id="plane_KEY" bpmnElement="KEY">
      <bpmndi:BPMNShape id="shape_start_KEY" bpmnElement="start_KEY">
        <dc:Bounds x="160" y="160" width="36" height="36" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="shape_end_KEY" bpmnElement="end_KEY">
        <dc:Bounds x="320" y="160" width="36" height="36" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="edge_KEY" bpmnElement="flow_KEY">
        <di:waypoint x="196" y="178" />
        <di:waypoint x="320" y="178" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
""",
    ),
    "dmn": (
        "decisions/KEY.dmn",
        """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
    xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"
    id="definitions_KEY" name="新规则表" namespace="urn:kunxin:workflows">
  <decision id="KEY" name="新规则表">
    <decisionTable id="table_KEY" hitPolicy="FIRST">
      <input id="input_KEY" label="条件">
        <inputExpression id="expression_KEY" typeRef="string">
          <text>grade</text>
        </inputExpression>
      </input>
      <output id="output_KEY" label="结论" name="result" typeRef="string" />
      <rule id="rule_KEY">
        <inputEntry id="test_KEY">
          <text>-</text>
        </inputEntry>
        <outputEntry id="answer_KEY">
          <text>"yes"</text>
        </outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
""",
    ),
    "json": (
        "forms/KEY.json",
        """{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "新表单",
  "x-title-en": "New form",
  "x-submit": { "zh": "提交", "en": "Submit" },
  "type": "object",
  "properties": {
    "opinion": {
      "type": "string",
      "title": "意见",
      "x-title-en": "Opinion",
      "maxLength": 500
    }
  },
  "required": ["opinion"],
  "additionalProperties": false
}
""",
    ),
    "typ": (
        "letters/KEY.typ",
        """// title: 新文书 | New letter
// number: 文
// needs: addressee.name
#import "/common/letters/letterhead.typ": *
#show: letter.with(closing: [特此告知。], receipt: true)

#par[正文。]
""",
    ),
}


def skeleton(procedure: str, kind: str, key: str) -> tuple[str, str]:
    """Name under workflows/ and text of a new file. Invalid with `fields` for a kind or key that is
    none."""
    if kind not in SKELETONS:
        told = Words("选一种文件", "choose a kind of file")
        raise Invalid(told.zh, told.en, fields={"kind": told})
    if not _KEY.fullmatch(key):
        told = Words(
            "用英文小写字母、数字和下划线，以字母开头",
            "small letters, digits and underscores, beginning with a letter",
        )
        raise Invalid(told.zh, told.en, fields={"key": told})
    place, text = SKELETONS[kind]
    return f"{procedure}/{place.replace('KEY', key)}", text.replace("KEY", key)
