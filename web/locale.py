"""The reader's language and the office's time zone: texts, days and moments as people read them."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Blueprint, Flask, g, has_app_context, redirect, request, url_for
from flask_babel import Babel, get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from engine.domain.clock_english import in_english
from engine.domain.personal_numbers import without_personal_numbers
from engine.domain.words import Words
from engine.services import calendars, people
from web.auth import safe_next
from web.office import current_office
from web.security import cookie_name, is_bound

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINESE, ENGLISH = "zh_Hans_CN", "en"
_COOKIE = "kunxin_language"
_YEAR = 60 * 60 * 24 * 365

blueprint = Blueprint("locale", __name__)


def install(app: Flask) -> None:
    """Chinese texts are the message ids, so only English needs a catalogue."""
    app.config.update(
        BABEL_DEFAULT_LOCALE=CHINESE,
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    Babel(app, locale_selector=_select)
    app.register_blueprint(blueprint)
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.filters.update(
        words=words,
        kept_word=kept_word,
        day=day,
        full_day=full_day,
        written_day=written_day,
        weekday=weekday,
        full_weekday=full_weekday,
        day_of_week=day_of_week,
        due_day=due_day,
        due_weekday=due_weekday,
        moment=moment,
        clock_time=clock_time,
        iso=iso,
        days_left=days_left,
        days_until=days_until,
        filesize=filesize,
        tongue=tongue,
        quoting=quoting,
    )
    app.context_processor(_for_templates)


@blueprint.get("/language/<any(zh, en):code>")
def choose(code: str) -> Response:
    """Remember the language and go back to the page it was chosen on."""
    response = redirect(safe_next(request.args.get("next")) or url_for("portal.home"))
    response.set_cookie(
        cookie_name(_COOKIE), code, max_age=_YEAR, samesite="Lax", httponly=True, secure=is_bound()
    )
    return response


def language() -> str:
    """'zh' or 'en'; the same for the whole of a request."""
    if not has_app_context():
        return "zh"
    if "language" not in g:
        locale = get_locale()
        g.language = "en" if locale is not None and locale.language == "en" else "zh"
    code: str = g.language
    return code


def words(text: Words | str | None) -> str:
    """The text in the reader's language; a plain string as it is."""
    return text.within(language()) if isinstance(text, Words) else text or ""


def tongue(text: str) -> Markup:
    """The attribute that says that a text of the data is Chinese, for readers and voices."""
    return Markup(' lang="zh-CN"') if _CHINESE.search(text) else Markup("")


_CHINESE = re.compile(r"[\u3400-\u9fff]")


def quoting(text: str) -> Markup:
    """A text with every Chinese run in it marked as Chinese: what it quotes, as laws are called
    and records say, is read out and set as Chinese within an English sentence."""
    text = without_personal_numbers(text)
    if language() == "zh":
        return escape(text)
    return Markup(RUN.sub(r'<span lang="zh-CN">\g<0></span>', str(escape(text))))  # noqa: S704


#: From a Chinese character, or the bracket or year in brackets before it, to the last one, or its
#: punctuation, that no Latin letter parts from it.
RUN = re.compile(
    r"(?:[（《「〔“](?:\d{4}[）〕])?)?[\u3400-\u9fff](?:[^A-Za-z&<>]*[\u3000-\u303f\u3400-\u9fff\uff00-\uffef])?"
)


def kept_word(text: str) -> str:
    """A word that calendars and ledgers keep in Chinese: a festival, why a clock runs, a unit."""
    if language() == "zh" or not text:
        return text
    told = in_english(text)
    return _units().get(text, text) if told == text else told


def _units() -> dict[str, str]:
    """The English names of departments, looked up once a request."""
    if "units" not in g:
        titles = [unit.title for unit in people.departments(current_office())]
        g.units = {title.zh: title.en or title.zh for title in titles}
    units: dict[str, str] = g.units
    return units


def full_day(value: date | datetime | None) -> str:
    """2020年3月2日 / 2 March 2020; a moment counts by its day in Shanghai."""
    return _dated(value, "y年M月d日", "d MMMM y")


def written_day(text: str | None) -> str:
    """An ISO day as people write it; what is no day stays as it is."""
    try:
        return full_day(date.fromisoformat(text or ""))
    except ValueError:
        return text or ""


def day(value: date | datetime | None) -> str:
    """3月2日 / 2 March; with the year where it is not the present one."""
    if value is None or _local_day(value).year != _local_day(g.now).year:
        return full_day(value)
    return _dated(value, "M月d日", "d MMMM")


def day_of_week(value: date | datetime | None) -> str:
    """周一 / Mon."""
    return _dated(value, "EEE", "EEE")


def weekday(value: date | datetime | None) -> str:
    """3月2日 周一 / Mon 2 March."""
    parts = (day(value), day_of_week(value))
    return " ".join(parts if language() == "zh" else reversed(parts)).strip()


def full_weekday(value: date | datetime | None) -> str:
    """2020年3月2日 周一 / Mon 2 March 2020."""
    parts = (full_day(value), day_of_week(value))
    return " ".join(parts if language() == "zh" else reversed(parts)).strip()


def due_day(value: date | datetime | None) -> str:
    """A day on which a limit ends; marked where it rests on a year whose holidays are not announced."""
    return day(_last_day(value)) + _provisional(_last_day(value))


def due_weekday(value: date | datetime | None) -> str:
    """The same with its day of the week."""
    return weekday(_last_day(value)) + _provisional(_last_day(value))


def _last_day(value: date | datetime | None) -> date | datetime | None:
    """A limit that ends at midnight ends with the day before."""
    return value - timedelta(microseconds=1) if isinstance(value, datetime) else value


def _provisional(value: date | datetime | None) -> str:
    if value is None or not calendars.is_provisional(current_office(), _local_day(value)):
        return ""
    return str(_("（暂定）"))


def moment(value: datetime | None) -> str:
    """3月2日 10:20 / 2 March 10:20; the year as in `day`."""
    return "" if value is None else f"{day(value)} {clock_time(value)}"


def clock_time(value: datetime | None) -> str:
    """10:20, in Shanghai."""
    return "" if value is None else value.astimezone(SHANGHAI).strftime("%H:%M")


def iso(value: date | datetime | None) -> str:
    """For the `datetime` attribute: the day, or the moment with Shanghai's offset."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat(timespec="minutes")
    return value.isoformat()


def days_left(days: int | None) -> str:
    """剩 6 天 / 今天到期 / 超期 2 天; `days` are working days."""
    if days is None:
        return ""
    if days == 0:
        return str(_("今天到期"))
    return str(_("剩 %(days)s 天", days=days) if days > 0 else _("超期 %(days)s 天", days=-days))


def days_until(on: date) -> int:
    """Calendar days from today to that day; negative when it is past."""
    return (on - _local_day(g.now)).days


def filesize(size: int) -> str:
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / 1_000_000:.1f} MB"


def _dated(value: date | datetime | None, chinese: str, english: str) -> str:
    if value is None:
        return ""
    code = language()
    return _formatted(_local_day(value), chinese if code == "zh" else english, code)


@lru_cache(maxsize=4096)
def _formatted(on: date, pattern: str, code: str) -> str:
    return format_date(on, pattern, locale=code)


def _local_day(value: date | datetime) -> date:
    return value.astimezone(SHANGHAI).date() if isinstance(value, datetime) else value


def _select() -> str:
    chosen = request.cookies.get(cookie_name(_COOKIE))
    if chosen not in ("zh", "en"):
        chosen = request.accept_languages.best_match(["zh", "zh-CN", "en"], default="zh")
    return ENGLISH if chosen == "en" else CHINESE


def _for_templates() -> dict[str, Any]:
    return {"language": language(), "other_language": _switch}


def _switch() -> dict[str, str]:
    """The link to the same page in the other language."""
    code = "zh" if language() == "en" else "en"
    here = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return {
        "code": "zh-CN" if code == "zh" else "en",
        "title": "中文" if code == "zh" else "English",
        "href": url_for("locale.choose", code=code, next=here),
    }
