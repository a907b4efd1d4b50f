"""Letters: what stands on them, what they refuse, and that the same data give the same file."""

import io
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from engine.domain.errors import Invalid
from engine.runtime.letters import describe, letter_keys, render
from engine.runtime.seal import quick_response, seal
from engine.runtime.typesetting import BODY_FAMILIES, preferred

ROOT = Path(__file__).resolve().parents[2]
FONTS = ROOT / "web" / "frontend" / "fonts"
WORKFLOWS = ROOT / "workflows"
SOURCES = {str(path.relative_to(WORKFLOWS)): path.read_bytes() for path in WORKFLOWS.rglob("*.typ")}

KEYS = {
    "repair_revoked",
    "revocation_dropped",
    "revocation_intended",
    "filing_receipt",
    "acceptance",
    "conditional_acceptance",
    "promise_broken",
    "supplement_request",
    "refusal_of_acceptance",
    "pause_notice",
    "resume_notice",
    "extension_notice",
    "repair_granted",
    "repair_refused",
    "reconsideration_upheld",
    "reconsideration_overturned",
    "withdrawal_confirmed",
    "deemed_withdrawn",
    "takedown_receipt",
    "supervision_notice",
    "deadline_change",
}
ADVERSE = ("refusal_of_acceptance", "repair_refused", "reconsideration_upheld", "deemed_withdrawn")

RECORD = {
    "number": "昆市监处罚〔2019〕00417号",
    "authority": "昆山市市场监督管理局",
    "decided_on": "2019-10-28",
    "grade": "一般",
    "kinds": ["罚款"],
    "content": "罚款2万元",
    "earliest_on": "2020-01-28",
    "ends_on": "2020-10-28",
}

FULL: dict[str, object] = {
    "number": "昆信用修〔2020〕受11号",
    "issued_on": "2020-03-02",
    "issued_at": "2020-03-02T01:00:00+00:00",
    "sandbox": True,
    "issuer": "昆山市社会信用体系建设领导小组办公室",
    "addressee": {"name": "昆山澄远包装材料有限公司", "code": "91320583MA1X00017U"},
    "case": {
        "number": "KSXY-XF-20200217-000003",
        "query_code": "7Q4M",
        "title": "昆市监处罚〔2019〕00417号",
        "filed_on": "2020-02-17",
        "channel": "网上",
        "procedure": "信用修复（行政处罚信息）",
    },
    "records": [RECORD],
    "basis": ["《优化营商环境条例》第三十六条"],
    "papers": [
        {
            "title": "信用修复承诺书",
            "received_at": "2020-02-17T16:15:00+00:00",
            "pages": 1,
            "source": "申请人提交",
        }
    ],
    "missing": [{"title": "行政处罚履行证明", "reason": "缺第二页", "form": "复印件加盖公章"}],
    "limit": {"days": 10, "last_day": "2020-03-06", "narrative": "2月22日为休息日，不计入。"},
    "accepted_on": "2020-02-21",
    "decision": {
        "outcome": "refused",
        "findings": "罚款没有缴清。\n包装标识已改正。",
        "reason": "处罚机关书面答复，尚有1.2万元罚款未缴纳",
        "failed_condition": "行政处罚决定确定的义务已经履行完毕",
        "may_apply_again_on": "2020-04-28",
    },
    "takedown": [{"site": "信用昆山网站", "at": "2020-03-03T02:30:00+00:00"}],
    "clock": {
        "reason": "需要现场核查",
        "from": "2020-02-26",
        "until": "2020-02-28",
        "days_not_counted": 2,
        "new_last_day": "2020-03-10",
        "old_last_day": "2020-03-06",
        "note": "须请专家核对检测报告",
        "still_paused": ["检验、检测、鉴定"],
    },
    "change": {"document": "国办发明电〔2020〕1号", "reason": "春节假期延长至2月2日"},
    "extension": {"days": 5, "approver": "徐正"},
    "supervision": {
        "unit": "昆山市市场监督管理局",
        "step": "出具信用修复意见",
        "over_days": 1,
        "demand": "请立即出具意见",
        "answer_by": "2020-03-04",
    },
    "promise": {
        "papers": ["信用报告"],
        "until": "2020-03-13",
        "code": "32058320200302000001",
    },
    "contact": {"person": "王芳", "phone": "0512-57000016", "place": "12号窗口"},
    "verify_url": "https://credit.example.gov.cn/verify/8F3KQ2",
    "service": {"way": "直接送达"},
}
BARE = ("number", "issued_on", "issued_at", "issuer", "sandbox")


def full(**changes: object) -> dict[str, object]:
    return {**deepcopy(FULL), **changes}


def minimal(key: str) -> dict[str, object]:
    """The data of `FULL` cut down to what the letter says it needs."""
    data: dict[str, object] = {name: FULL[name] for name in BARE}
    for path in ("case.number", *describe(SOURCES, "credit_repair", key).needs):
        put(data, path, value(FULL, path))
    return data


def value(data: Mapping[str, object], path: str) -> object:
    found: object = data
    for part in path.split("."):
        assert isinstance(found, Mapping)
        found = found[part]
    return found


def put(data: dict[str, object], path: str, given: object) -> None:
    *way, last = path.split(".")
    for part in way:
        inner = data.setdefault(part, {})
        assert isinstance(inner, dict)
        data = inner
    data[last] = given


def letter(key: str, data: Mapping[str, object], sources: Mapping[str, bytes] = SOURCES) -> bytes:
    return render(sources, key, data, procedure="credit_repair", fonts=FONTS)


def words(pdf: bytes) -> str:
    """All text of the file, without line ends and blanks."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def one_template(body: str, needs: str = "") -> dict[str, bytes]:
    source = f"// title: 试验 | Trial\n// number: 试\n// basis:\n// needs: {needs}\n{body}"
    return {**SOURCES, "credit_repair/letters/trial.typ": source.encode()}


LETTER = '#import "/common/letters/letterhead.typ": *\n#show: letter.with(closing: [完。])\n'


def test_the_procedure_can_issue_every_letter_of_the_list() -> None:
    assert letter_keys(SOURCES, "credit_repair") == KEYS


def test_shared_letters_serve_every_procedure_and_shared_parts_are_no_letters() -> None:
    keys = letter_keys(SOURCES, "another_procedure")
    assert "pause_notice" in keys
    assert "repair_granted" not in keys
    assert "letterhead" not in keys


def test_a_procedure_s_own_template_goes_before_the_shared_one() -> None:
    own = {
        **SOURCES,
        "credit_repair/letters/pause_notice.typ": b"// title: X | Own\n// number: Y\n",
    }
    assert describe(own, "credit_repair", "pause_notice").title_en == "Own"
    assert describe(own, "another_procedure", "pause_notice").mark == "停"


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_template_tells_its_titles_mark_and_needs(key: str) -> None:
    kind = describe(SOURCES, "credit_repair", key)
    assert kind.title_zh
    assert kind.title_en.isascii()
    decision = key in ("repair_granted", "repair_refused")
    assert (kind.mark == "") == decision
    assert kind.needs


def test_the_rules_of_a_letter_are_listed_one_by_one() -> None:
    basis = describe(SOURCES, "credit_repair", "acceptance").basis
    assert basis[0] == "《优化营商环境条例》第三十六条"
    assert len(basis) == 2


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_letter_with_the_least_data_names_number_addressee_and_date(key: str) -> None:
    text = words(letter(key, minimal(key)))
    assert "昆信用修〔2020〕受11号" in text
    assert "2020年3月2日" in text
    assert "KSXY-XF-20200217-000003" in text
    to = "昆山市市场监督管理局" if key == "supervision_notice" else "昆山澄远包装材料有限公司"
    assert f"{to}：" in text


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_letter_is_refused_where_something_it_needs_is_missing(key: str) -> None:
    for need in ("number", "issuer", "case.number", *describe(SOURCES, "credit_repair", key).needs):
        data = full()
        put(data, need, None)
        with pytest.raises(Invalid) as refusal:
            letter(key, data)
        assert key in str(refusal.value)
        assert need in refusal.value.fields


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_font_of_a_letter_is_embedded(key: str) -> None:
    reader = PdfReader(io.BytesIO(letter(key, full())))
    descriptors = []
    for page in reader.pages:
        resources = page["/Resources"]
        assert isinstance(resources, DictionaryObject)
        fonts = resources["/Font"]
        assert isinstance(fonts, DictionaryObject)
        for font in fonts.values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            descriptors.append(descendant["/FontDescriptor"])
    assert descriptors
    assert all("/FontFile2" in d or "/FontFile3" in d for d in descriptors)
    assert all("NotoSerifSC" in d["/FontName"] for d in descriptors)


def test_the_acceptance_says_the_limit_the_papers_and_how_to_follow_the_case() -> None:
    text = words(letter("acceptance", full()))
    assert "10个工作日" in text
    assert "至2020年3月6日止" in text
    assert "自2020年2月21日起予以受理" in text
    assert "信用修复承诺书" in text
    assert "查询码7Q4M" in text
    assert "王芳" in text
    assert "0512-57000016" in text


def test_the_working_of_a_limit_is_printed() -> None:
    assert "至2020年3月6日止。计算如下：2月22日为休息日，不计入。" in words(
        letter("acceptance", full())
    )


def test_a_shared_letter_names_the_procedure_or_else_the_case() -> None:
    assert "提出的信用修复申请（案号" in words(letter("pause_notice", full()))
    case = {"number": "KSXY-XF-20200217-000003", "procedure": "credit_repair", "title": "甲事"}
    assert "提出的“甲事”申请（案号" in words(letter("pause_notice", full(case=case)))


def test_papers_may_be_given_by_title_alone() -> None:
    text = words(letter("acceptance", full(papers=["营业执照", {"title": "承诺书"}])))
    assert "营业执照" in text
    assert "承诺书" in text


def test_a_reason_that_names_the_condition_does_not_name_it_twice() -> None:
    told = {"reason": "最短公示期未满。处罚于2月1日作出。", "failed_condition": "最短公示期未满"}
    assert words(letter("refusal_of_acceptance", full(decision=told))).count("最短公示期未满") == 1


def test_moments_are_shown_on_the_clock_of_shanghai() -> None:
    text = words(letter("acceptance", full()))
    assert "2020年2月18日00:15" in text


@pytest.mark.parametrize("key", ADVERSE)
def test_an_adverse_letter_tells_the_remedies(key: str) -> None:
    text = words(letter(key, minimal(key)))
    assert "申请行政复议" in text
    assert "提起行政诉讼" in text


@pytest.mark.parametrize(("day", "article"), [("2023-12-31", "第九条"), ("2024-01-02", "第二十条")])
def test_the_sixty_days_stand_in_the_article_of_the_law_then_in_force(
    day: str, article: str
) -> None:
    text = words(letter("repair_refused", full(issued_on=day)))
    assert f"《中华人民共和国行政复议法》{article}申请行政复议" in text


def test_remedies_that_are_handed_over_go_before_the_usual_ones() -> None:
    text = words(letter("repair_refused", full(remedies=["可以在10个工作日内申请复核"])))
    assert "可以在10个工作日内申请复核。" in text
    assert "行政诉讼" not in text


def test_a_refusal_names_the_condition_the_reason_and_the_next_day_to_apply() -> None:
    text = words(letter("repair_refused", full()))
    assert "行政处罚决定确定的义务已经履行完毕" in text
    assert "尚有1.2万元罚款未缴纳" in text
    assert "自2020年4月28日起" in text


def test_what_a_person_typed_comes_out_letter_by_letter() -> None:
    typed = '#panic("x") $a^2$ *bold* _it_ \\ `raw` #import "a" <b> @c //d [e] {f} “g” -- ~'
    text = words(letter("repair_refused", full(decision={"reason": typed})))
    assert "".join(typed.split()) in text


def test_the_lines_of_a_text_become_paragraphs() -> None:
    data = full(decision={"reason": "第一行\r\n\n第二行"})
    assert "第一行。第二行。" in words(letter("repair_refused", data))


def test_the_same_data_give_the_same_bytes() -> None:
    assert letter("acceptance", full()) == letter("acceptance", full())


def test_the_file_bears_the_moment_of_issue_as_its_date() -> None:
    later = full(issued_at="2020-03-02T17:30:05+08:00")
    metadata = PdfReader(io.BytesIO(letter("acceptance", later))).metadata
    assert metadata
    assert metadata.creation_date
    assert metadata.creation_date.isoformat() == "2020-03-02T09:30:05+00:00"
    assert metadata.title == "信用修复受理通知书 昆信用修〔2020〕受11号"


@pytest.mark.parametrize("moment", ["2020-03-02T09:00:00", "yesterday"])
def test_a_moment_of_issue_without_a_zone_is_refused(moment: str) -> None:
    with pytest.raises(Invalid) as refusal:
        letter("acceptance", full(issued_at=moment))
    assert "issued_at" in refusal.value.fields


def test_a_letter_of_a_training_installation_says_so_and_a_real_one_does_not() -> None:
    assert "演练文书，不具有法律效力" in words(letter("acceptance", full()))
    assert "演练" not in words(letter("acceptance", full(sandbox=False)))


def test_the_sheet_leads_to_its_verification() -> None:
    assert "https://credit.example.gov.cn/verify/8F3KQ2" in words(letter("acceptance", full()))
    assert "扫描二维码" not in words(letter("acceptance", full(verify_url=None)))


def test_proof_of_service_goes_with_paper_and_not_with_electronic_service() -> None:
    assert "■直接送达" in words(letter("repair_granted", full()))
    assert "■邮寄送达" in words(letter("repair_granted", full(service={"way": "post"})))
    assert "送达回证" not in words(letter("repair_granted", full(service={"way": "电子送达"})))
    assert "送达回证" not in words(letter("repair_granted", full(service={"way": "electronic"})))
    assert "送达回证" not in words(letter("takedown_receipt", full()))


def test_many_records_run_on_under_a_repeated_head() -> None:
    records = [{**RECORD, "number": f"昆市监处罚〔2019〕{n:05d}号"} for n in range(1, 41)]
    pdf = letter("repair_granted", full(records=records))
    text = words(pdf)
    assert all(str(record["number"]) in text for record in records)
    assert "下列40条行政处罚信息" in text
    assert text.count("处罚机关和决定书文号") > 1


def test_a_sealed_page_is_never_without_text() -> None:
    for lines in range(1, 40):
        data = full(decision={"reason": "\n".join(["事实清楚"] * lines)})
        pages = [
            page.extract_text()
            for page in PdfReader(io.BytesIO(letter("repair_refused", data))).pages
        ]
        sealed = next(page for page in pages if "本决定自送达之日起生效" in page)
        assert "2020年3月2日" in sealed


def test_a_letter_of_a_rare_script_without_a_font_is_refused_by_name() -> None:
    with pytest.raises(Invalid) as refusal:
        letter("acceptance", full(addressee={"name": "昆山ဪ有限公司"}))
    assert refusal.value.fields == {"acceptance": "ဪ"}


def test_a_symbol_without_a_font_is_replaced_and_control_characters_vanish() -> None:
    data = full(decision={"reason": "多谢😀\x07了\ud800"})
    assert "多谢〓了〓" in words(letter("repair_refused", data))


def test_an_unknown_letter_is_refused_by_name() -> None:
    with pytest.raises(Invalid) as refusal:
        letter("no_such_letter", full())
    assert "no_such_letter" in refusal.value.fields


def test_a_key_that_a_template_reads_without_listing_it_is_refused_by_name() -> None:
    sources = one_template(LETTER + "#data.hearing.place")
    with pytest.raises(Invalid) as refusal:
        letter("trial", full(), sources)
    assert "trial" in str(refusal.value)
    assert "hearing" in refusal.value.fields


def test_a_template_with_a_fault_is_refused_by_name() -> None:
    with pytest.raises(Invalid) as refusal:
        letter("trial", full(), one_template("#let x = ("))
    assert "trial" in refusal.value.fields


@pytest.mark.parametrize(
    "body",
    [
        '#import "@preview/cetz:0.3.0"',
        '#import "@" + "preview/cetz:0.3.0"',
        '#let name = "x.typ"\n#include name',
        '#import "/common/letters/../../x.typ" + "": *',
        '#eval("1 + 1")',
        '#image("@preview/x:1.0.0/a.png")',
        '#{ let a = "\n//"; import "\\u{40}preview/x:1.0.0": b }',  # after a text over two lines
        '#dictionary(std).at("ev" + "al")("1 + 1")',
    ],
)
def test_a_template_may_not_reach_beyond_its_bundle(body: str) -> None:
    with pytest.raises(Invalid) as refusal:
        letter("trial", full(), one_template(body))
    assert refusal.value.fields == {"trial": "credit_repair/letters/trial.typ"}


@pytest.mark.parametrize("path", ["pyproject.toml", "/pyproject.toml", "/etc/hostname", "/../x"])
def test_a_template_reads_nothing_from_the_disk(path: str) -> None:
    with pytest.raises(Invalid):
        letter("trial", full(), one_template(f'#read("{path}")'))


def test_a_folder_without_fonts_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        render(SOURCES, "acceptance", full(), procedure="credit_repair", fonts=tmp_path)


def test_statutory_typefaces_of_the_city_are_preferred() -> None:
    at_hand = ["Noto Serif SC", "fangsong_gb2312", "FZXiaoBiaoSong-B05S"]
    assert preferred(at_hand, BODY_FAMILIES) == ["fangsong_gb2312", "Noto Serif SC"]
    assert preferred(["Some Song"], BODY_FAMILIES) == ["Some Song"]


def test_a_seal_bears_every_character_of_the_body_and_is_sound_xml() -> None:
    picture = etree.fromstring(seal("甲<乙>&丙", family='Noto "Serif"', lower="演练"))
    shown = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert shown == ["甲", "<", "乙", ">", "&", "丙", "演练"]


def test_a_code_percent_encodes_chinese_and_leaves_the_rest() -> None:
    encoded = "https://a.example/v/%E5%8F%97?x=1&y=%20"
    assert quick_response("https://a.example/v/受?x=1&y=%20") == quick_response(encoded)


def test_a_code_of_another_address_is_another_picture() -> None:
    assert quick_response("https://a.example/1") == quick_response("https://a.example/1")
    assert quick_response("https://a.example/1") != quick_response("https://a.example/2")
