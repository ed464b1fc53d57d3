"""The people of the demo: six accounts that can sign in, and colleagues that cannot."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group, User


@dataclass(frozen=True, slots=True)
class Person:
    """An employee. group: empty for people who have no role on interview days."""

    username: str
    family: str
    given: str
    group: str = ""
    is_superuser: bool = False


ACCOUNTS = (
    Person("lin", "林", "岚", "coordinator"),
    Person("wu", "吴", "磊", "interviewer"),
    Person("zhao", "赵", "敏", "interviewer"),
    Person("chen", "陈", "昊", "operations"),
    Person("sun", "孙", "宁"),
    Person("admin", "", "Admin", is_superuser=True),
)

# The lead interviewers of the rooms in campaigns.ROOMS; loader inserts Wu and Zhao.
LEAD_INTERVIEWERS = (
    Person("liuyang", "刘", "洋", "interviewer"),
    Person("zhoumin", "周", "敏", "interviewer"),
    Person("chenhao", "陈", "浩", "interviewer"),
    Person("wangqin", "王", "琴", "interviewer"),
    Person("hanbing", "韩", "冰", "interviewer"),
    Person("zhengkai", "郑", "凯", "interviewer"),
    Person("xuwei", "徐", "伟", "interviewer"),
    Person("gaoyuan", "高", "原", "interviewer"),
    Person("yangfan", "杨", "帆", "interviewer"),
    Person("baixue", "白", "雪", "interviewer"),
    Person("emma", "Clarke", "Emma", "interviewer"),
    Person("luoyi", "罗", "毅", "interviewer"),
)
SECOND_INTERVIEWERS = (
    Person("lina", "李", "娜", "interviewer"),
    Person("heping", "何", "平", "interviewer"),
    Person("mali", "马", "丽", "interviewer"),
    Person("daniel", "Okafor", "Daniel", "interviewer"),
    Person("songjia", "宋", "佳", "interviewer"),
    Person("tangyu", "唐", "宇", "interviewer"),
)
HANGZHOU_INTERVIEWERS = (
    Person("fangmei", "方", "梅", "interviewer"),
    Person("shilei", "石", "磊", "interviewer"),
)
HANGZHOU_COORDINATOR = Person("qian", "钱", "慧", "coordinator")


def get_or_create_user(person: Person, password: str | None = None) -> User:
    """Return the user. A new one gets the password; None: an unusable one."""
    user, created = User.objects.get_or_create(
        username=person.username,
        defaults={
            "last_name": person.family,
            "first_name": person.given,
            "email": f"{person.username}@example.com",
            "is_staff": person.is_superuser or bool(person.group),
            "is_superuser": person.is_superuser,
        },
    )
    if created:
        user.set_password(password)
        user.save(update_fields=["password"])
        if person.group:
            user.groups.add(Group.objects.get(name=person.group))
    return user
