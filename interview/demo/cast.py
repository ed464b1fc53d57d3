"""Who works in the demo: six people one can sign in as, and colleagues one only meets."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group, User


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague; the group is empty for those who have no part in interview days."""

    username: str
    family: str
    given: str
    group: str = ""
    is_superuser: bool = False


SIGN_INS = (
    Person("lin", "林", "岚", "coordinator"),
    Person("wu", "吴", "磊", "interviewer"),
    Person("zhao", "赵", "敏", "interviewer"),
    Person("chen", "陈", "昊", "operations"),
    Person("sun", "孙", "宁"),
    Person("admin", "", "Admin", is_superuser=True),
)

# One host for each room in the order of places.ROOMS, after Wu and Zhao; then those who join.
HOSTS = (
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
JOINING = (
    Person("lina", "李", "娜", "interviewer"),
    Person("heping", "何", "平", "interviewer"),
    Person("mali", "马", "丽", "interviewer"),
    Person("daniel", "Okafor", "Daniel", "interviewer"),
    Person("songjia", "宋", "佳", "interviewer"),
    Person("tangyu", "唐", "宇", "interviewer"),
)
ELSEWHERE = (
    Person("fangmei", "方", "梅", "interviewer"),
    Person("shilei", "石", "磊", "interviewer"),
)
OTHER_COORDINATOR = Person("qian", "钱", "慧", "coordinator")


def ensure_person(person: Person, password: str | None = None) -> User:
    """This colleague; one who is new gets the password, or none that would let him in."""
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
