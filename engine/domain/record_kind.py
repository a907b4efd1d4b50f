"""What a record is about: a decided penalty, the court's list, or a default not yet reported."""

from engine.domain.choice import Choice


class RecordKind(Choice):
    PENALTY = "penalty", "行政处罚", "administrative penalty"
    COURT_DEFAULT = "court_default", "法院失信被执行人", "judgment defaulter listed by a court"
    DEFAULT_EVENT = "default_event", "待上报失信信息", "default not yet reported"


class CourtGround(Choice):
    """失信行为具体情形: the six of 最高人民法院关于公布失信被执行人名单信息的若干规定
    (法释〔2017〕7号) art. 1."""

    REFUSES = (
        "refuses",
        "有履行能力而拒不履行生效法律文书确定义务",
        "able to perform and refuses",
    )
    RESISTS = (
        "resists",
        "以伪造证据、暴力、威胁等方法妨碍、抗拒执行",
        "obstructs or resists enforcement",
    )
    EVADES = (
        "evades",
        "以虚假诉讼、虚假仲裁或者以隐匿、转移财产等方法规避执行",
        "evades enforcement",
    )
    PROPERTY_REPORT = "property_report", "违反财产报告制度", "does not report property"
    CONSUMPTION = "consumption", "违反限制消费令", "disregards the limit on consumption"
    SETTLEMENT = (
        "settlement",
        "无正当理由拒不履行执行和解协议",
        "does not perform the settlement",
    )


class DefaultKind(Choice):
    """What may still be deferred: defaults about which no penalty has been decided."""

    CONTRACT = "contract", "合同违约", "breach of contract"
    FINANCE = "finance", "金融违约", "financial default"
    PERFORMANCE = "performance", "履约类", "promise or duty not performed"
    RECTIFICATION = (
        "rectification",
        "尚未作出处罚的整改事项",
        "order to rectify, no penalty decided",
    )
