"""Holiday notices in the words in which they are published."""

from engine.domain.calendar import Calendar, CalendarYear, SpecialDay
from engine.domain.calendar_change import with_years
from engine.domain.calendar_notice import read_notice
from tests.domain.shipped import YEARS

ARRANGED_2020 = """国务院办公厅关于2020年
部分节假日安排的通知
国办发明电〔2019〕16号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2020年元旦、春节、清明节、劳动节、端午节、国庆节和中秋节放假调休日期的具体安排通知如下。
一、元旦：2020年1月1日放假，共1天。
二、春节：1月24日至30日放假调休，共7天。1月19日（星期日）、2月1日（星期六）上班。
三、清明节：4月4日至6日放假调休，共3天。
四、劳动节：5月1日至5日放假调休，共5天。4月26日（星期日）、5月9日（星期六）上班。
五、端午节：6月25日至27日放假调休，共3天。6月28日（星期日）上班。
六、国庆节、中秋节：10月1日至8日放假调休，共8天。9月27日（星期日）、10月10日（星期六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作，遇有重大突发事件，要按规定及时报告并妥善处置，
确保人民群众祥和平安度过节日假期。
国务院办公厅
2019年11月21日
"""
PROLONGED_2020 = """国务院办公厅关于延长2020年春节假期的通知
国办发明电〔2020〕1号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，为加强新型冠状病毒感染的肺炎疫情防控工作，现将延长2020年春节假期的具体安排通知如下。
一、延长2020年春节假期至2月2日（农历正月初九，星期日），2月3日（星期一）起正常上班。
二、各地大专院校、中小学、幼儿园推迟开学，具体时间由教育部门另行通知。
三、因疫情防控不能休假的职工，应根据《中华人民共和国劳动法》规定安排补休，未休假期的工资报酬应按照有关政策保障落实。
国务院办公厅
2020年1月26日
"""
ARRANGED_2026 = """国务院办公厅关于2026年部分节假日安排的通知
国办发明电〔2025〕7号
经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
2025年11月4日
"""


def before_the_prolongation() -> Calendar:
    """The shipped calendar, with 2020 as it was first published: to 30 January, 1 February worked."""
    shipped = Calendar(YEARS)
    return with_years(shipped, read_notice(ARRANGED_2020, shipped).years)


def first_edition_of_2020() -> CalendarYear:
    return before_the_prolongation().years[2020]


def special(calendar: Calendar, year: int) -> dict[str, tuple[bool, str]]:
    """Month-day -> open or not, and the name, of what differs from the ordinary week."""
    held: tuple[SpecialDay, ...] = calendar.years[year].days
    return {f"{day.on:%m-%d}": (day.is_open, day.name) for day in held}
