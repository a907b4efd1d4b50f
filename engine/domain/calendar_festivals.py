"""The festival days fixed by statute: what is known of a year before its notice is out."""

from datetime import date, timedelta

#: Spring Festival (first day of the first month), Qingming, Dragon Boat, Mid-Autumn.
#: The lunar days cannot be had by a short formula; these agree with two independent packages.
LUNAR = {
    2027: ("02-06", "04-05", "06-09", "09-15"),
    2028: ("01-26", "04-04", "05-28", "10-03"),
    2029: ("02-13", "04-04", "06-16", "09-22"),
    2030: ("02-03", "04-05", "06-05", "09-12"),
    2031: ("01-23", "04-05", "06-24", "10-01"),
    2032: ("02-11", "04-04", "06-12", "09-19"),
    2033: ("01-31", "04-04", "06-01", "09-08"),
    2034: ("02-19", "04-05", "06-20", "09-27"),
    2035: ("02-08", "04-05", "06-10", "09-16"),
    2036: ("01-28", "04-04", "05-30", "10-04"),
    2037: ("02-15", "04-04", "06-18", "09-24"),
    2038: ("02-04", "04-05", "06-07", "09-13"),
    2039: ("01-24", "04-05", "05-27", "10-02"),
    2040: ("02-12", "04-04", "06-14", "09-20"),
}

#: From this year New Year's Eve (除夕) and 2 May are festival days too.
TWO_MORE_DAYS = 2025


def statutory_days(year: int) -> dict[date, str]:
    """Festival days of `year` with their Chinese names, as far as they are known beforehand.

    Source: 全国年节及纪念日放假办法, article 2 (as amended 2024). Days moved or lent from
    weekends are announced once a year by the State Council; they cannot be computed and
    are not here. Outside the table of lunar days only the fixed festivals are returned.
    """
    days = {date(year, 1, 1): "元旦"}
    if year in LUNAR:
        days |= _lunar_days(year)
    for day in (1, 2) if year >= TWO_MORE_DAYS else (1,):
        days[date(year, 5, day)] = "劳动节"
    for day in (1, 2, 3):
        known = days.get(date(year, 10, day))
        days[date(year, 10, day)] = f"国庆节、{known}" if known else "国庆节"
    return days


def _lunar_days(year: int) -> dict[date, str]:
    spring, qingming, dragon_boat, mid_autumn = (
        date.fromisoformat(f"{year}-{day}") for day in LUNAR[year]
    )
    first = -1 if year >= TWO_MORE_DAYS else 0
    days = {spring + timedelta(n): "春节" for n in range(first, 3)}
    return days | {qingming: "清明节", dragon_boat: "端午节", mid_autumn: "中秋节"}
