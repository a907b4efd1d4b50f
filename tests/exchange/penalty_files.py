"""Sample files of penalties, all invented: `python -m tests.exchange.penalty_files` writes them.

Both go into tests/data: penalties_utf8.csv (12 rows, the last two faulty) and penalties.xlsx
(the first 4, with real dates and numbers, under the standard's two header lines).
"""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
from stdnum.cn import uscc

from engine.domain.penalty import FIELDS

DATA = Path(__file__).parent.parent / "data"


def code(prefix: str, serial: int) -> str:
    """A code of 18 characters that passes the check and belongs to nobody."""
    first = f"{prefix}{serial:05d}"
    return first + str(uscc.calc_check_digit(first))


def firm(serial: int) -> str:
    return code("91320583MA1X", serial)


AUTHORITIES = {
    "昆山市市场监督管理局": code("11320583MB1X", 53),
    "苏州市昆山生态环境局": code("11320583MB1X", 133),
    "昆山市应急管理局": code("11320583MB1X", 96),
    "昆山市水务局": code("11320583MB1X", 109),
    "昆山市住房和城乡建设局": code("11320583MB1X", 117),
    "昆山市消防救援大队": code("11320583MB1X", 168),
    "昆山市城市管理局": code("11320583MB1X", 141),
}

WARNING, FINE, OTHER = "警告", "罚款", "其他"
CONFISCATION = "没收违法所得、没收非法财物"
STOP = "责令停产停业"
LICENCE = "暂扣或者吊销许可证、暂扣或者吊销执照"

Penalty = dict[str, object]


def penalty(
    name: str,
    serial: int,
    person: str,
    number: str,
    authority: str,
    decided: date,
    offence: Sequence[str],
    kinds: str,
    content: str,
    **more: object,
) -> Penalty:
    """One row by field code; offence: its type, the facts, the basis."""
    return {
        "CF_XDR_MC": name,
        "CF_XDR_LB": "法人及非法人组织",
        "CF_XDR_SHXYM": firm(serial),
        "CF_FRDB": person,
        "CF_WSH": number,
        "CF_WFXW": offence[0],
        "CF_SY": offence[1],
        "CF_YJ": offence[2],
        "CF_CFLB": kinds,
        "CF_NR": content,
        "CF_JDRQ": decided,
        "CF_YXQ": date(2099, 12, 31),
        "CF_CFJG": authority,
        "CF_CFJGDM": AUTHORITIES[authority],
        "CF_SJLY": authority,
        "CF_SJLYDM": AUTHORITIES[authority],
        **more,
    }


PENALTIES: tuple[Penalty, ...] = (
    penalty(
        "昆山澄远包装材料有限公司",
        17,
        "陆远",
        "昆市监处罚〔2019〕417 号",
        "昆山市市场监督管理局",
        date(2019, 11, 8),
        (
            "产品标识不符合规定",
            "生产的食品用纸包装未标注生产许可证编号和执行标准，货值 3.6 万元。",
            "《中华人民共和国产品质量法》第五十四条",
        ),
        FINE,
        "责令改正，罚款人民币 8000 元。",
        CF_NR_FK=0.8,
    ),
    penalty(
        "昆山澄远包装材料有限公司",
        17,
        "陆远",
        "昆环罚〔2019〕61 号",
        "苏州市昆山生态环境局",
        date(2019, 10, 9),
        (
            "违反大气污染防治管理制度",
            "印刷工序废气未经处理直接排放，废气处理设施停用 12 天。",
            "《中华人民共和国大气污染防治法》第一百零八条第一项",
        ),
        FINE,
        "责令改正，罚款人民币 12 万元。",
        CF_NR_FK=12,
    ),
    penalty(
        "昆山启衡五金制品有限公司",
        25,
        "顾启明",
        "昆应急罚〔2019〕52 号",
        "昆山市应急管理局",
        date(2019, 12, 16),
        (
            "未按规定进行安全生产教育和培训",
            "新进员工 6 人未经安全培训上岗，培训记录不实。",
            "《中华人民共和国安全生产法》第九十四条第三项、第四项",
        ),
        f"{WARNING};{FINE}",
        "给予警告，罚款人民币 3 万元。",
        CF_NR_FK=3,
    ),
    penalty(
        "昆山沐岚医疗用品有限公司",
        33,
        "沈沐",
        "昆市监处罚〔2020〕00012号",
        "昆山市市场监督管理局",
        date(2020, 2, 6),
        (
            "哄抬价格",
            "一次性口罩进价每只 0.9 元，售价每只 4.5 元，进销差率 400%。",
            "《中华人民共和国价格法》第四十条",
        ),
        f"{FINE};{CONFISCATION}",
        "没收违法所得 1.26 万元，罚款 3.78 万元。",
        CF_NR_FK=3.78,
        CF_NR_WFFF=1.26,
        BZ="疫情",
    ),
    penalty(
        "昆山望渠建设工程有限公司",
        41,
        "许望",
        "昆城管罚决字〔2019〕第15号",
        "昆山市城市管理局",
        date(2019, 5, 22),
        (
            "擅自倾倒建筑垃圾",
            "未经核准在震川西路北侧空地倾倒工程渣土 11 车。",
            "《城市建筑垃圾管理规定》第二十五条",
        ),
        FINE,
        "责令清运，罚款人民币 1.5 万元。",
        CF_NR_FK=1.5,
    ),
    penalty(
        "昆山禾曜生物科技有限公司",
        58,
        "朱曜",
        "昆市监处罚〔2019〕355 号",
        "昆山市市场监督管理局",
        date(2019, 9, 12),
        (
            "发布虚假广告",
            "在网页宣称消毒产品“杀菌率百分之百、医用级别”，不能证明。",
            "《中华人民共和国广告法》第五十五条",
        ),
        FINE,
        "责令停止发布，消除影响，罚款人民币 6 万元。",
        CF_NR_FK=6,
    ),
    penalty(
        "昆山周行物流有限公司",
        64,
        "周行",
        "昆水罚〔2019〕31 号",
        "昆山市水务局",
        date(2019, 8, 27),
        (
            "未取得排水许可证排水",
            "停车场冲洗废水未取得许可排入市政管网。",
            "《城镇污水处理厂和排水管网管理条例》第五十条",
        ),
        f"{WARNING}；{OTHER}",
        "给予警告，责令限期办理排水许可证。",
    ),
    penalty(
        "昆山千岫新材料有限公司",
        76,
        "唐岫",
        "昆消行罚〔2019〕9 号",
        "昆山市消防救援大队",
        date(2019, 6, 3),
        (
            "消防安全不合格擅自使用",
            "丙类厂房未经消防安全检查投入使用，疏散通道堵塞。",
            "《中华人民共和国消防法》第五十八条第一款",
        ),
        f"{STOP};{FINE}",
        "责令停产停业，罚款人民币 5 万元。",
        CF_NR_FK=5,
    ),
    penalty(
        "昆山铂洲装饰工程有限公司",
        82,
        "钱洲",
        "昆住建罚字〔2019〕第046号",
        "昆山市住房和城乡建设局",
        date(2019, 7, 18),
        (
            "超越资质等级承揽工程",
            "以二级资质承揽一级资质范围内的幕墙工程，合同价 860 万元。",
            "《建设工程质量管理条例》第六十条",
        ),
        f"{FINE};{LICENCE}",
        "罚款人民币 17.2 万元，暂扣资质证书 6 个月。",
        CF_NR_FK=17.2,
        CF_NR_ZKDX="建筑业企业资质证书 D232000000（示例）",
    ),
    {
        **penalty(
            "昆山市玉山镇沐风小吃店",
            0,
            "",
            "昆市监处罚〔2020〕00031号",
            "昆山市市场监督管理局",
            date(2020, 1, 15),
            (
                "未建立并遵守进货查验记录制度",
                "不能提供 2019 年 12 月购进冻品的检验检疫证明。",
                "《中华人民共和国食品安全法》第一百二十六条第一款第三项",
            ),
            WARNING,
            "责令改正，给予警告。",
        ),
        "CF_XDR_LB": "个体工商户",
        "CF_XDR_SHXYM": None,
        "CF_XDR_GSZC": "320583600999001",
    },
    # A digit of the code copied wrongly, and a fine without its amount.
    {
        **penalty(
            "昆山屹川医疗用品有限公司",
            93,
            "吴川",
            "昆市监处罚〔2020〕00018号",
            "昆山市市场监督管理局",
            date(2020, 2, 11),
            (
                "不明码标价",
                "销售医用酒精、护目镜未标明价格。",
                "《中华人民共和国价格法》第四十二条",
            ),
            FINE,
            "责令改正，罚款人民币 2000 元。",
        ),
        "CF_XDR_SHXYM": firm(93)[:-2] + "88",
    },
    # A day that does not exist, and no legal representative.
    {
        **penalty(
            "昆山宸立建材有限公司",
            99,
            "",
            "昆环罚〔2019〕76 号",
            "苏州市昆山生态环境局",
            date(2019, 12, 2),
            (
                "未采取防尘措施",
                "露天堆放砂石料未覆盖，占地约 900 平方米。",
                "《中华人民共和国大气污染防治法》第一百一十七条",
            ),
            FINE,
            "责令改正，罚款人民币 4 万元。",
            CF_NR_FK=4,
        ),
        "CF_JDRQ": "2019/11/31",
    },
)


def as_csv(penalties: Sequence[Penalty] = PENALTIES) -> str:
    """Under the Chinese names of the fields."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(field.name for field in FIELDS)
    for row in penalties:
        rows.writerow(_written(row.get(field.code)) for field in FIELDS)
    return text.getvalue()


def _written(value: object) -> object:
    return f"{value:%Y/%m/%d}" if isinstance(value, date) else value


def as_xlsx(penalties: Sequence[Penalty] = PENALTIES[:4]) -> bytes:
    """Under two header lines, names and codes, with dates and amounts as such."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"default_date_format": "yyyy/mm/dd"}) as book:
        book.set_properties({"created": datetime(2020, 3, 2)})  # noqa: DTZ001 - what it takes
        sheet = book.add_worksheet("行政处罚")
        sheet.write_row(0, 0, [field.name for field in FIELDS])
        sheet.write_row(1, 0, [field.code for field in FIELDS])
        for line, row in enumerate(penalties, start=2):
            for column, field in enumerate(FIELDS):
                sheet.write(line, column, row.get(field.code))
    return content.getvalue()


if __name__ == "__main__":
    (DATA / "penalties_utf8.csv").write_text(as_csv(), encoding="utf-8", newline="")
    (DATA / "penalties.xlsx").write_bytes(as_xlsx())
