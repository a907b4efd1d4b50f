"""What people read when something is refused: what happened, what to do now, the way back."""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from web.auth import safe_next

Page = tuple[str, int, dict[str, str]]
#: Fields that are never sent back to the page that sent them.
_SECRET = re.compile("password|secret|^code$|^csrf_token$")
#: Characters from which on a text is worth showing, so that it can be copied.
_LONG = 12


def of_http(error: HTTPException) -> Page:
    """The page for what Flask itself refuses, and for what went wrong."""
    code = error.code or 500
    if isinstance(error, CSRFError):
        if kept := list(_typed()):
            return _page_left_long(kept)
        return page(
            code, "", heading=_("这一页放得太久了"), hint=_("请回到上一页重新打开，再提交一次。")
        )
    return page(code, "")


def page(
    status: int,
    detail: str,
    *,
    fields: Mapping[str, str] | None = None,
    heading: str = "",
    hint: str = "",
    retry_after: int = 0,
) -> Page:
    """A page that says what happened and what to do now. `retry_after`: seconds."""
    reads = request.method in ("GET", "HEAD")
    shown = render_template(
        "errors/problem.html",
        status=status,
        heading=heading or _headings(reads=reads).get(status) or _otherwise(status),
        detail=as_sentence(detail),
        hint=hint or _hint(status, detail, reads=reads, retry_after=retry_after),
        fields=fields or {},
        back=_back(),
    )
    return shown, status, {"Retry-After": str(retry_after)} if retry_after else {}


def as_sentence(told: str) -> str:
    """With a full stop: refusals are written without one in English."""
    return f"{told}." if told[-1:].isalnum() and told.isascii() else told


def _headings(*, reads: bool) -> Mapping[int, str]:
    return {
        400: _("这个请求不完整"),
        401: _("请先登录"),
        403: _("您不能看这一页") if reads else _("您不能这样做"),
        404: _("没有找到"),
        405: _("这一页不能这样打开"),
        409: _("情况刚刚变了"),
        413: _("文件太大"),
        415: _("这种文件收不了"),
        422: _("网址里的条件不对") if reads else _("有内容要改"),
        429: _("试得太快了"),
    }


def _otherwise(status: int) -> str:
    is_ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return str(_("系统出了问题") if is_ours else _("这样办不了"))


def _hint(status: int, detail: str, *, reads: bool, retry_after: int) -> str:
    if status == HTTPStatus.TOO_MANY_REQUESTS and retry_after > 60:
        return str(_("请过 %(n)s 分钟再试。", n=-(-retry_after // 60)))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        again = _("请过几分钟再试。") if reads else _("先看看上一步有没有存上，再重试。")
        told = _("还不行，请把下面的编号告诉管理员。")
        return f"{again}{told}"
    hints = {
        400: _("请回到上一页，重新操作一次。"),
        403: _("工作需要的，请本单位管理员开通；也可能是登录了另一个账号。"),
        404: _("网址可能写错了，或者这一页已经不在。"),
        405: _("它只在提交表单时使用，不能从网址或书签打开。请从首页或上一页进去。"),
        409: _("请刷新上一页看现在的情况，再决定怎么办。"),
        413: _("请压缩后再传，每件不超过 20 MB。"),
        422: _("请改网址里的条件，或回到上一页重选。")
        if reads
        else _("请回到上一页改好，再提交一次。"),
        429: _("请过一分钟再试。"),
    }
    return str(hints.get(status, "" if detail else hints[400]))


def _back() -> str:
    """The page of this site from which the reader came; "" when it is none, or this one."""
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host or (came.path == request.path and request.method == "GET"):
        return ""
    return safe_next(came.path + (f"?{came.query}" if came.query else "")) or ""


# Who was signed out while they typed signs in beside and sends the same once more. Only what this
# very site has sent is handed back, so that no other site has anything sent in somebody's name.


def _typed() -> Iterator[tuple[str, str]]:
    """The fields of a form of this site that came with no valid token."""
    origin = urlsplit(request.headers.get("Origin", ""))
    if origin.netloc != request.host or (request.endpoint or "").startswith("session."):
        return
    for name, value in request.form.items(multi=True):
        if not _SECRET.search(name):
            yield name, value


def _page_left_long(kept: list[tuple[str, str]]) -> Page:
    shown = render_template(
        "errors/left_long.html",
        kept=kept,
        long=[value for _name, value in kept if len(value) >= _LONG and value[0] != "/"],
        had_files=any(file.filename for file in request.files.values()),
        is_multipart=request.mimetype == "multipart/form-data",
        action=request.full_path.rstrip("?"),
        back=_back(),
    )
    return shown, int(HTTPStatus.BAD_REQUEST), {}
