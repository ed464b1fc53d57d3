"""Pinyin of names, for searches with Latin letters."""

import pytest

from jobs.candidates.pinyin import pinyin_of


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("李小龙", "lixiaolong", "lxl"),
        ("曾志伟", "zengzhiwei", "zzw"),
        ("单田芳", "shantianfang", "stf"),
        ("欧阳娜娜", "ouyangnana", "oynn"),
        ("Ana Ruiz", "anaruiz", "ar"),
        ("李 Bruce", "libruce", "lb"),
        ("", "", ""),
        ("=+!", "", ""),
    ],
)
def test_a_name_has_the_pinyin_and_initials_that_people_type(name, pinyin, initials):
    spelling = pinyin_of(name)
    assert (spelling.pinyin, spelling.initials) == (pinyin, initials)
