"""The papers that practice enterprises hand in: one page each, PDF or a picture of it."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import typst

from engine.demo.cast import DATA
from engine.demo.story import OFFICE_TIME
from engine.runtime.typesetting import as_json, fonts_in
from engine.services.office import Office

Facts = Mapping[str, str]
Lines = tuple[str, ...]
Rows = tuple[tuple[str, str], ...]
Form = Literal["pdf", "png"]


def _payment(facts: Facts) -> tuple[Lines, Rows]:
    return (
        ("兹收到下列行政处罚款项：",),
        (
            ("缴款单位", facts["firm"]),
            ("处罚决定书", facts["number"]),
            ("执收单位", facts["authority"]),
            ("金额", facts["fine"]),
            ("缴款日期", facts["paid"]),
        ),
    )


def _account(facts: Facts) -> tuple[Lines, Rows]:
    opening = f"我单位因“{facts['conduct']}”受到{facts['authority']}处罚（{facts['number']}）。"
    return (
        (opening, facts["account"], f"罚款已于{facts['paid']}缴清。以上情况属实，愿接受核查。"),
        (),
    )


def _training(facts: Facts) -> tuple[Lines, Rows]:
    return (
        (
            f"{facts['firm']}（{facts['handler']}）参加信用修复培训，学时 2 小时，考核合格。",
            "本证明供申请行政处罚信息信用修复时使用。",
        ),
        (("培训方式", "网上"), ("培训内容", "信用法规、修复程序、合规经营")),
    )


def _credit_report(facts: Facts) -> tuple[Lines, Rows]:
    return (
        ("本报告依据公开信息和企业提供的材料编制，供信用修复使用。",),
        (
            ("企业名称", facts["firm"]),
            ("统一社会信用代码", facts["code"]),
            ("法定登记状态", "存续"),
            ("行政处罚", f"{facts['number']}，已履行"),
        ),
    )


def _epidemic(facts: Facts) -> tuple[Lines, Rows]:
    return (
        (
            f"{facts['firm']}按疫情防控要求，自 2020年1月25日至 2月17日停工。",
            "停工期间检测、运输等配套单位同期停业，相关整改无法按期完成。",
        ),
        (),
    )


def _authorisation(facts: Facts) -> tuple[Lines, Rows]:
    return (
        (
            f"兹委托{facts['handler']}办理我单位行政处罚信息信用修复事宜，",
            "代理权限：提交和补正材料，签收文书，查询进度。",
        ),
        (("受托人", facts["handler"]), ("联系电话", facts["phone"])),
    )


def _opinion(facts: Facts) -> tuple[Lines, Rows]:
    return (
        ("根据申请人提交的材料和我局执法记录，意见如下：",),
        (
            ("申请单位", facts["firm"]),
            ("处罚决定书", facts["number"]),
            ("处罚是否已履行", f"已履行，{facts['paid']}缴清"),
            ("违法行为是否已改正", "待现场核查"),
            ("修复意见", "核查一致的，同意修复"),
        ),
    )


def _site_record(facts: Facts) -> tuple[Lines, Rows]:
    return (
        ("双人到场，出示证件，申请人陪同。",),
        (
            ("被核查单位", facts["firm"]),
            ("地点", facts["address"]),
            ("核查内容", f"“{facts['conduct']}”的整改情况"),
            ("结论", "与材料一致，照片四张附后"),
        ),
    )


def _contract(facts: Facts) -> tuple[Lines, Rows]:
    return (
        ("SALES CONTRACT 销售合同（首页摘要）", facts["account"]),
        (("卖方 Seller", facts["firm"]), ("签字 Signed", facts["handler"])),
    )


def _obligation(facts: Facts) -> tuple[Lines, Rows]:
    return (
        ("合同（首页摘要）", facts["account"]),
        (("承担义务的一方", facts["firm"]), ("信息编号", facts.get("number", "—"))),
    )


def _epidemic_goods(facts: Facts) -> tuple[Lines, Rows]:
    return (
        ("本单位生产、经营疫情防控物资，情况如下：", facts["account"]),
        (("企业名称", facts["firm"]), ("联系人", facts["handler"])),
    )


def _evidence(facts: Facts) -> tuple[Lines, Rows]:
    return (
        ("下列公示信息与事实不符，特此说明：", facts["account"]),
        (
            ("企业名称", facts["firm"]),
            ("处罚决定书", facts.get("number", "—")),
            ("所附", "公示页面截图、处罚决定书复印件"),
        ),
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A kind of paper. `signer`: who made it, where it is not who hands it in."""

    title: str
    says: Callable[[Facts], tuple[Lines, Rows]]
    signer: str = ""


PAPERS: Mapping[str, Sheet] = {
    "performance_proof": Sheet("缴款凭证", _payment, "示例银行昆山支行"),
    "rectification": Sheet("整改情况说明", _account),
    "training": Sheet("信用修复培训证明", _training, "信用修复培训专栏（示例）"),
    "credit_report": Sheet("信用报告", _credit_report, "示例信用服务有限公司"),
    "epidemic_evidence": Sheet("受疫情影响情况证明", _epidemic, "示例社区居民委员会"),
    "authorisation": Sheet("授权委托书", _authorisation),
    "repair_form": Sheet("行政处罚信息信用修复表", _opinion),
    "contract": Sheet("对外贸易合同", _contract),
    "obligation": Sheet("合同", _obligation),
    "evidence": Sheet("异议证据材料", _evidence),
    "qualification": Sheet("许可、备案凭证", _epidemic_goods),
    "capacity_proof": Sheet("产能和订单说明", _epidemic_goods),
    "site_record": Sheet("现场核查记录", _site_record),
}


def paper(
    office: Office, kind: str, facts: Facts, *, form: Form, now: datetime
) -> tuple[str, bytes]:
    """File name and contents of a paper; `form` is pdf or png (a photograph).

    `facts`: signed, firm, code, number, authority, conduct, fine, paid, account, handler, phone,
    address.
    """
    sheet = PAPERS[kind]
    lines, rows = sheet.says(facts)
    local = now.astimezone(OFFICE_TIME)
    told = {
        "title": sheet.title,
        "signed": sheet.signer or facts["signed"],
        "day": f"{local.year}年{local.month}月{local.day}日",
        "lines": lines,
        "rows": rows,
    }
    with tempfile.TemporaryDirectory() as nothing:
        compiler = typst.Compiler(
            {"main.typ": (DATA / "papers.typ").read_bytes()},  # type: ignore[type-var]
            root=nothing,
            font_paths=fonts_in(office.fonts, office.city_fonts).known,
            sys_inputs={"letter": as_json(told)},
        )
        made = compiler.compile(
            format=form, ppi=96.0, timestamp=now.astimezone(UTC).replace(microsecond=0)
        )
    if not isinstance(made, bytes):
        raise TypeError("a paper has one page")
    return f"{sheet.title}.{form}", made
