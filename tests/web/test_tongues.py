"""Chinese in an English page is said to be Chinese, whoever wrote the template."""

import pytest

from web.tongues import marked


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("<b>昆山禹平净水设备有限公司</b>", '<b lang="zh">昆山禹平净水设备有限公司</b>'),
        ('<b lang="zh-CN">昆山</b>', '<b lang="zh-CN">昆山</b>'),
        ('<p lang="zh-CN">甲<b>乙</b>丙</p>', '<p lang="zh-CN">甲<b>乙</b>丙</p>'),
        ("<p>plain <b>English</b></p>", "<p>plain <b>English</b></p>"),
        (
            "<p>Water Bureau 陶立: Check.</p>",
            '<p><bdi>Water Bureau <bdi lang="zh">陶立</bdi>: Check.</bdi></p>',
        ),
        (
            "<p>after （2019）苏0583执1123号 ended</p>",
            '<p><bdi>after <bdi lang="zh">（2019）苏0583执1123号</bdi> ended</bdi></p>',
        ),
        ("<p>甲<br>乙</p>", '<p><bdi lang="zh">甲</bdi><br><bdi lang="zh">乙</bdi></p>'),
        ("<option>李婷 · 1</option>", '<option lang="zh">李婷 · 1</option>'),
        ("<textarea>not 完</textarea>", '<textarea lang="zh">not 完</textarea>'),
        ('<input name="q" value="昆市">', '<input lang="zh" name="q" value="昆市">'),
        ('<input type="hidden" value="昆市">', '<input type="hidden" value="昆市">'),
        ("<title>昆山</title><svg><text>甲</text></svg>", "<title>昆山</title><svg><text>甲</text></svg>"),
        ('<a title="a > b">甲</a>', '<a title="a > b" lang="zh">甲</a>'),
        ('<p lang="zh-CN">甲</p><p>乙</p>', '<p lang="zh-CN">甲</p><p lang="zh">乙</p>'),
        ("<script>if (a < 1) say('甲');</script>", "<script>if (a < 1) say('甲');</script>"),
    ],
)  # fmt: skip
def test_chinese_is_marked_where_nothing_says_so_and_nothing_else_is_touched(
    written: str, said: str
) -> None:
    assert marked(written) == said


def test_what_is_marked_once_is_not_marked_again() -> None:
    page = "<p>Bureau 陶立: <b>x</b> 李婷</p><select><option>李婷</option></select>"
    assert marked(marked(page)) == marked(page)
