"""Generates fictional candidates, with phone numbers that cannot exist."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from jobs.candidates.pinyin import pinyin_of
from jobs.candidates.services import CandidateFields


def words(text: str) -> list[str]:
    return text.split()


FAMILIES = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜"
    "叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱江尹薛闫段雷侯龙史陶黎"
    "贺顾毛郝龚邵万钱严武戴莫孔向"
)
GIVEN = words(
    "思远 静怡 小龙 倩 欣欣 悦 杰 翔 磊 涛 丽 军 敏 超 琳 芳 雪 欣 子涵 "
    "浩然 雨桐 一诺 梓轩 诗涵 宇航 梦琪 俊杰 雅婷 嘉豪 若曦 天宇 佳怡 明轩 "
    "思琪 文博 晓燕 志远 慧敏 建国 婉清 泽宇 语嫣 承恩 心怡 家宁 清扬 星辰 "
    "安然 可欣 亦凡 书瑶 景行 予安 知夏 望舒 立诚 映雪 修远 云舒 乐天 时雨 "
    "沐阳 初晴 怀瑾 疏影 长青 听澜 若谷 念真 维桢 既白 朝阳 晨曦 博雅 秋实 "
    "春生 海涛 鹏飞 文静 婷婷 玉洁 国栋"
)
ENGLISH_GIVEN = words(
    "Ana Tom Mei Omar Priya Lukas Sofia Daniel Grace Noah Yuki Elena Liam Fatima Hugo "
    "Nina Arjun Chloe"
)
ENGLISH_FAMILIES = words(
    "Ruiz Becker Tan Aziz Nair Weber Rossi Kim Mwangi Martin Tanaka Petrova O'Brien "
    "Zahra Silva Larsen"
)
ENGLISH_SHARE = 0.1
SCHOOLS = words(
    "北辰大学 东湖理工大学 南山大学 西江交通大学 云麓大学 海州大学 江城科技大学 "
    "青原大学 中州工业大学 临安电子科技大学"
)
ENGLISH_SCHOOLS = ("Northbridge University", "Lakeside Institute of Technology", "Elm College")
MAJORS = words(
    "计算机科学与技术 软件工程 电子信息工程 数学与应用数学 统计学 自动化 "
    "工业设计 信息管理 通信工程 心理学"
)
ENGLISH_MAJORS = ("Computer Science", "Statistics", "Interaction Design", "Economics")
DEGREES = words("本科 本科 硕士 硕士 博士")
CITIES = words("北京 上海 杭州 深圳 成都 武汉 西安 南京 广州 苏州")
# No Chinese mobile number begins with 100, so no real person can be called.
UNUSED_PREFIX = "+86100"
SUFFIX_COUNT = 10**8


def candidates(random: Random) -> Iterator[CandidateFields]:
    """Yield candidates without end. Phone numbers and e-mail addresses are unique, names not."""
    numbers: set[int] = set()
    while True:
        number = random.randrange(SUFFIX_COUNT)
        if number not in numbers:
            numbers.add(number)
            yield _fields(random, number, is_english=random.random() < ENGLISH_SHARE)


def _name(random: Random, *, is_english: bool) -> str:
    if is_english:
        return f"{random.choice(ENGLISH_GIVEN)} {random.choice(ENGLISH_FAMILIES)}"
    return random.choice(FAMILIES) + random.choice(GIVEN)


def _fields(random: Random, number: int, *, is_english: bool) -> CandidateFields:
    name = _name(random, is_english=is_english)
    host = random.choice(("example.com", "example.org", "example.net"))
    return CandidateFields(
        name=name,
        mobile=f"{UNUSED_PREFIX}{number:08d}",
        email=f"{pinyin_of(name).pinyin}.{number:08d}@{host}",
        city=random.choice(CITIES),
        school=random.choice(ENGLISH_SCHOOLS if is_english else SCHOOLS),
        major=random.choice(ENGLISH_MAJORS if is_english else MAJORS),
        degree=random.choice(DEGREES),
        general_score=random.randint(58, 98),
        written_score=random.randint(50, 100),
    )
