"""What marshmallow says about a field, said in Chinese too."""

import re
from collections.abc import Iterator
from typing import Any

#: English sentence of the library -> Chinese one; `{0}` is what the pattern caught.
CHINESE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"Unknown field\.", "没有这个字段，请核对字段名。"),
        (r"Missing data for required field\.", "必填，不能缺少。"),
        (r"Field may not be null\.", "不能为空值（null）。"),
        (r"Invalid input type\.", "应为 JSON 对象。"),
        (r"Not a valid mapping type\.", "应为 JSON 对象。"),
        (r"Not a valid list\.", "应为列表。"),
        (r"Not a valid (?:utf-8 )?string\.", "应为文本。"),
        (r"Not a valid (?:integer|number)\.", "应为数字。"),
        (r"Number too large\.", "数字过大。"),
        (r"Not a valid boolean\.", "应为 true 或 false。"),
        (r"Not a valid UUID\.", "不是有效的编号（UUID）。"),
        (r"Not a valid date\.", "不是有效的日期（应为 2020-03-02 的形式）。"),
        (
            r"Not a valid (?:aware )?datetime\.",
            "不是有效的时刻（应为 2020-03-02T09:00:00+08:00 的形式，须带时区）。",
        ),
        (r"Shorter than minimum length (\d+)\.", "不能少于 {0} 个字符。"),
        (r"Longer than maximum length (\d+)\.", "不能超过 {0} 个字符。"),
        (r"Length must be between (\d+) and (\d+)\.", "应为 {0} 至 {1} 个字符。"),
        (
            r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.",
            "应在 {0} 与 {1} 之间。",
        ),
        (r"Must be greater than or equal to (\S+)\.", "不能小于 {0}。"),
        (r"Must be one of: (.+)\.", "只能是：{0}。"),
    )
)


def in_chinese(sentence: str) -> str:
    """The library's sentence in Chinese; a general one for a sentence that nobody has met yet."""
    for pattern, chinese in CHINESE:
        if caught := pattern.fullmatch(sentence):
            return chinese.format(*caught.groups())
    return "填写内容不符合要求。"


def by_field(messages: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Flatten marshmallow's nested messages: ("answers.phone", "Not a valid string.")."""
    if isinstance(messages, dict):
        for key, inner in messages.items():
            here = path if key == "_schema" else f"{path}.{key}".lstrip(".")
            yield from by_field(inner, here)
    else:
        for sentence in messages if isinstance(messages, list) else [messages]:
            yield path or "body", str(sentence)
