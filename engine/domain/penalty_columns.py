"""What the columns of a file of penalties mean: by Chinese name, CF_ code, or an older name."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from engine.domain.errors import Invalid
from engine.domain.penalty_fields import BY_CODE, FIELDS, Field, Form

#: Columns of the 2015 version, by code and by name, that mean the same as a field of today.
OLDER_COLUMNS = {
    "CF_CFLB1": "CF_CFLB",
    "处罚类别1": "CF_CFLB",
    "CF_CFLB2": "CF_CFLB",
    "处罚类别2": "CF_CFLB",
    "处罚事由": "CF_SY",
    "CF_XDR_ZDM": "CF_XDR_ZZJG",
    "CF_XDR_GSDJ": "CF_XDR_GSZC",
    "CF_XDR_SFZ": "CF_XDR_ZJHM",
    "居民身份证号": "CF_XDR_ZJHM",
    "CF_FR": "CF_FRDB",
    "法定代表人姓名": "CF_FRDB",
    "CF_JG": "CF_NR",
    "处罚结果": "CF_NR",
    "CF_XZJG": "CF_CFJG",
}
#: Names often met in files of departments.
OTHER_NAMES = {
    "统一社会信用代码": "CF_XDR_SHXYM",
    "工商注册号": "CF_XDR_GSZC",
    "组织机构代码": "CF_XDR_ZZJG",
    "税务登记号": "CF_XDR_SWDJ",
    "事业单位证书号": "CF_XDR_SYDW",
    "社会组织登记证号": "CF_XDR_SHZZ",
    "处罚决定书文号": "CF_WSH",
    "决定书文号": "CF_WSH",
    "没收金额": "CF_NR_WFFF",
    "CF_BZ": "BZ",
}


def _key(column: str) -> str:
    """A column's name without what does not matter: width, spaces, asterisks, underscores."""
    return re.sub(r"[\s*_★\ufeff]", "", unicodedata.normalize("NFKC", column)).upper()


def _bare(column: str) -> str:
    """The key without its bracketed part: （万元）, （必填）, （统一社会信用代码）."""
    return re.sub(r"\([^()]*\)", "", _key(column))


_KNOWN: Mapping[str, str] = {
    **{_key(name): code for name, code in (OTHER_NAMES | OLDER_COLUMNS).items()},
    **{_bare(field.name): field.code for field in FIELDS},
    **{_key(field.name): field.code for field in FIELDS},
    **{_key(field.code): field.code for field in FIELDS},
}


@lru_cache(maxsize=2048)
def field_of(column: str) -> Field | None:
    """The field a column means; None when it means none of the standard's."""
    code = _KNOWN.get(_key(column)) or _KNOWN.get(_bare(column))
    return BY_CODE[code] if code else None


def is_known_column(column: str) -> bool:
    return field_of(column) is not None


#: Without these a file is not one of penalties: name, decision number, day.
NEEDED = frozenset({1, 14, 23})


def match_columns(columns: Iterable[str]) -> Mapping[str, Field]:
    """Column of a file -> field. Columns that mean no field are left out.

    Errors: Invalid, when two columns mean the same field, or fields that every record
    needs have no column. The two columns of kinds of the 2015 version are joined.
    """
    matched: dict[str, Field] = {}
    wrong: dict[str, str] = {}
    for column in columns:
        field = field_of(column)
        if field is None:
            continue
        if field in matched.values() and field.form is not Form.KINDS:
            wrong[column] = f"与另一列重复：{field.name}"
        matched[column] = field
    for field in FIELDS:
        if field.place in NEEDED and field not in matched.values():
            wrong[field.name] = f"缺少这一列（{field.code}）"
    if wrong:
        raise Invalid("文件的列与行政处罚公示标准不符", "columns do not fit", fields=wrong)
    return matched
