"""What the columns of a file of penalties mean: by Chinese name, CF_ code, or an older name."""

from engine.domain.penalty_fields import FIELDS
from engine.domain.sheet_columns import Columns

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


#: Without name, decision number and day a file is not one of penalties.
PENALTIES = Columns("行政处罚公示标准", FIELDS, frozenset({1, 14, 23}), OTHER_NAMES | OLDER_COLUMNS)
