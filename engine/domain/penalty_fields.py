"""The 30 fields of the 行政处罚 双公示 standard (2018-19)."""

from collections.abc import Mapping

from engine.domain.choice import Choice
from engine.domain.sheet_columns import Field, Form, Required


class SubjectCategory(Choice):
    LEGAL_PERSON = "legal_person", "法人及非法人组织", "legal person or organisation"
    NATURAL_PERSON = "natural_person", "自然人", "natural person"
    SOLE_TRADER = "sole_trader", "个体工商户", "sole trader"


class PenaltyKind(Choice):
    """处罚类别; those after OTHER came with the law of 2021."""

    WARNING = "warning", "警告", "warning"
    FINE = "fine", "罚款", "fine"
    CONFISCATION = "confiscation", "没收违法所得、没收非法财物", "confiscation"
    SUSPENSION = "suspension", "责令停产停业", "order to stop production or business"
    LICENCE = "licence", "暂扣或者吊销许可证、暂扣或者吊销执照", "licence suspended or revoked"
    DETENTION = "detention", "行政拘留", "detention"
    OTHER = "other", "其他", "other"
    CRITICISM = "criticism", "通报批评", "public criticism"
    DOWNGRADING = "downgrading", "降低资质等级", "lowering of qualification"
    RESTRICTION = "restriction", "限制开展生产经营活动", "restriction of business"
    CLOSURE = "closure", "责令关闭", "order to close down"
    BAN = "ban", "限制从业", "restriction of employment"


class IdKind(Choice):
    IDENTITY_CARD = "identity_card", "身份证", "identity card"
    PASSPORT = "passport", "护照号", "passport"
    HONG_KONG_MACAO = "hk_macao_permit", "港澳居民来往内地通行证", "permit, Hong Kong and Macao"
    TAIWAN = "taiwan_permit", "台湾居民来往大陆通行证", "permit, Taiwan"
    FOREIGN_RESIDENT = "foreign_resident", "外国人永久居留身份证", "foreign permanent resident"


_T, _R = Form, Required
FIELDS: tuple[Field, ...] = (
    Field(1, "行政相对人名称", "CF_XDR_MC", "subject's name", _T.TEXT, 200, _R.ALWAYS),
    Field(2, "行政相对人类别", "CF_XDR_LB", "subject's category", _T.CATEGORY, 16, _R.ALWAYS),
    Field(
        3,
        "行政相对人代码_1（统一社会信用代码）",
        "CF_XDR_SHXYM",
        "subject's unified social credit code",
        _T.USCC,
        18,
        _R.LEGAL_PERSON,
    ),
    Field(
        4,
        "行政相对人代码_2（工商注册号）",
        "CF_XDR_GSZC",
        "business registration number",
        _T.TEXT,
        50,
        _R.NEVER,
    ),
    Field(
        5,
        "行政相对人代码_3（组织机构代码）",
        "CF_XDR_ZZJG",
        "organisation code",
        _T.TEXT,
        9,
        _R.NEVER,
    ),
    Field(
        6,
        "行政相对人代码_4（税务登记号）",
        "CF_XDR_SWDJ",
        "tax registration number",
        _T.TEXT,
        15,
        _R.NEVER,
    ),
    Field(
        7,
        "行政相对人代码_5（事业单位证书号）",
        "CF_XDR_SYDW",
        "public institution number",
        _T.TEXT,
        12,
        _R.NEVER,
    ),
    Field(
        8,
        "行政相对人代码_6（社会组织登记证号）",
        "CF_XDR_SHZZ",
        "social organisation number",
        _T.TEXT,
        50,
        _R.NEVER,
    ),
    Field(9, "法定代表人", "CF_FRDB", "legal representative", _T.TEXT, 50, _R.LEGAL_PERSON),
    Field(
        10,
        "法定代表人证件类型",
        "CF_FR_ZJLX",
        "legal representative's document",
        _T.ID_KIND,
        64,
        _R.NEVER,
    ),
    Field(
        11,
        "法定代表人证件号码",
        "CF_FR_ZJHM",
        "legal representative's document number",
        _T.TEXT,
        64,
        _R.NEVER,
        secret=True,
    ),
    Field(12, "证件类型", "CF_XDR_ZJLX", "identity document", _T.ID_KIND, 64, _R.NATURAL_PERSON),
    Field(
        13,
        "证件号码",
        "CF_XDR_ZJHM",
        "identity document number",
        _T.TEXT,
        64,
        _R.NATURAL_PERSON,
        secret=True,
    ),
    Field(14, "行政处罚决定书文号", "CF_WSH", "decision number", _T.TEXT, 128, _R.ALWAYS),
    Field(15, "违法行为类型", "CF_WFXW", "type of offence", _T.TEXT, 2000, _R.ALWAYS),
    Field(16, "违法事实", "CF_SY", "facts", _T.TEXT, 5000, _R.ALWAYS),
    Field(17, "处罚依据", "CF_YJ", "legal basis", _T.TEXT, 2048, _R.ALWAYS),
    Field(18, "处罚类别", "CF_CFLB", "kinds of penalty", _T.KINDS, 0, _R.ALWAYS),
    Field(19, "处罚内容", "CF_NR", "content of the penalty", _T.TEXT, 4000, _R.ALWAYS),
    Field(20, "罚款金额（万元）", "CF_NR_FK", "fine, 10,000 yuan", _T.MONEY, 0, _R.FINE),
    Field(
        21,
        "没收违法所得、没收非法财物的金额（万元）",
        "CF_NR_WFFF",
        "confiscated, 10,000 yuan",
        _T.MONEY,
        0,
        _R.CONFISCATION,
    ),
    Field(
        22, "暂扣或吊销证照名称及编号", "CF_NR_ZKDX", "licence concerned", _T.TEXT, 200, _R.LICENCE
    ),
    Field(23, "处罚决定日期", "CF_JDRQ", "day of the decision", _T.DAY, 0, _R.ALWAYS),
    Field(24, "处罚有效期", "CF_YXQ", "valid until", _T.DAY, 0, _R.ALWAYS),
    Field(25, "公示截止期", "CF_GSJZQ", "shown until", _T.DAY, 0, _R.NEVER),
    Field(26, "处罚机关", "CF_CFJG", "penalty authority", _T.TEXT, 200, _R.ALWAYS),
    Field(
        27,
        "处罚机关统一社会信用代码",
        "CF_CFJGDM",
        "penalty authority's code",
        _T.USCC,
        18,
        _R.ALWAYS,
    ),
    Field(28, "数据来源单位", "CF_SJLY", "source of the data", _T.TEXT, 200, _R.ALWAYS),
    Field(
        29,
        "数据来源单位统一社会信用代码",
        "CF_SJLYDM",
        "source's code",
        _T.USCC,
        18,
        _R.ALWAYS,
    ),
    Field(30, "备注", "BZ", "note", _T.TEXT, 512, _R.NEVER),
)
BY_CODE: Mapping[str, Field] = {field.code: field for field in FIELDS}
