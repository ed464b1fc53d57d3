"""The openings of the demo, with texts for the public pages."""

from __future__ import annotations

from dataclasses import dataclass

from jobs.models import Campaign, Job


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening. Each line of a text becomes a paragraph."""

    title: str
    department: str
    responsibilities: str
    requirements: str
    headcount: int = 4
    kind: Job.Kind = Job.Kind.FULL_TIME
    city: str = ""
    is_published: bool = True
    is_confidential: bool = False


OPENINGS = {
    "backend": Opening(
        "后端开发工程师",
        "基础平台部",
        "负责交易与订单核心服务的设计、开发和稳定性建设，让每天上千万次请求都有确定的结果。\n"
        "参与从需求讨论、方案评审到上线复盘的全过程，对自己写下的每一行代码负责。\n"
        "用度量说话：定位慢查询、热点与抖动，把排查经验沉淀成工具。",
        "2026 或 2027 届毕业生，计算机或相关专业。\n"
        "熟悉 Python、Go、Java 中至少一门语言，了解关系数据库的事务与索引。\n"
        "读过一个开源项目的源码并能讲清楚它的取舍，加分。",
        headcount=12,
    ),
    "frontend": Opening(
        "前端开发工程师",
        "体验技术部",
        "建设面向商家的实时工作台：数据一变，界面就变，而且不跳、不闪、不丢。\n"
        "和设计师一起打磨组件库，兼顾键盘操作、读屏软件与深色模式。",
        "扎实的 HTML、CSS、JavaScript 基础，理解浏览器的渲染与网络。\n"
        "在意加载时间和可访问性，愿意为少写一个依赖多想十分钟。",
        headcount=8,
    ),
    "algorithm": Opening(
        "算法工程师（搜索与推荐）",
        "智能技术部",
        "改进搜索排序与推荐的相关性、多样性和公平性，设计实验并对结论负责。\n"
        "与工程同学一起把模型做小、做快、做得可以解释。",
        "硕士及以上学历，机器学习、统计或数学方向。\n"
        "能独立完成从问题定义、数据分析到线上实验的闭环。",
        headcount=6,
    ),
    "product": Opening(
        "产品经理（校招平台）",
        "产品部",
        "走到面试现场去，弄清楚候选人、面试官和招聘协调员各自在为什么着急。\n"
        "把观察写成清楚的问题，和设计、研发一起做出最小而完整的方案。",
        "会写，能用一页纸说清楚一件事。\n"
        "有从零到一做成一件小事的经历：社团、开源、比赛或生意都可以。",
        headcount=3,
    ),
    "people": Opening(
        "人力资源管培生",
        "人力资源部",
        "轮岗招聘、培训与组织发展，参与一整季校园招聘的策划与落地。\n用数据回顾每一场面试日：哪里等得太久，哪里可以更体面。",
        "专业不限，善于倾听，做事有头有尾。\n能承受面试日的节奏，也能在第二天写下冷静的总结。",
        headcount=4,
    ),
    "reliability": Opening(
        "Site Reliability Engineer",
        "Platform",
        "Keep the services that other teams build on up, fast and boring.\n"
        "Own service levels, alerts and the runbooks behind them; practise failure before it "
        "practises on us.\n"
        "Automate what you have done by hand twice.",
        "You are at home in Linux and can explain what happens between a keystroke and a page.\n"
        "You write programs others can maintain, in Go or Python.\n"
        "You stay calm on a bad night and curious the morning after.",
        headcount=5,
    ),
    "quality": Opening(
        "测试开发工程师",
        "质量工程部",
        "搭建端到端测试与故障演练平台，让问题在上线之前就有名有姓。\n与研发一起定义“做完”的含义，并守住它。",
        "熟悉至少一门编程语言和一种自动化测试框架。\n对边界条件有天然的好奇：零、空、重复、乱序、断线。",
        headcount=5,
    ),
    "design": Opening(
        "体验设计师",
        "设计中心",
        "为高频、紧张的工作场景设计安静而可靠的界面。\n通过访谈与可用性测试验证设计，而不是说服。",
        "作品集里至少有一个从问题到上线的完整案例。\n理解设计系统，能与前端工程师讨论状态、动效与性能。",
        headcount=2,
    ),
    "analyst": Opening(
        "数据分析师",
        "数据部",
        "建立业务指标体系，回答“为什么变了”而不只是“变了多少”。\n让报表更少、更准、更有人用。",
        "熟练使用 SQL 与 Python，理解抽样、显著性和幸存者偏差。\n能把结论讲给不懂统计的人听。",
        headcount=4,
    ),
    "growth": Opening(
        "Data Scientist, Growth",
        "Data",
        "Design experiments that can fail, and say so when they do.\n"
        "Model what keeps people coming back, and what quietly drives them away.",
        "A degree in statistics, economics, computer science or a like field.\n"
        "Fluent in SQL and Python; able to defend a causal claim in plain words.",
        headcount=2,
        city="上海",
    ),
    "security": Opening(
        "安全工程师",
        "安全部",
        "负责业务系统的威胁建模、代码审计与应急响应。\n把安全做成默认值，而不是最后一道关卡。",
        "了解常见 Web 漏洞的成因与修复，有 CTF 或漏洞报告经历优先。\n遵守负责任披露的原则。",
        headcount=3,
        city="深圳",
    ),
    "summer": Opening(
        "研发实习生（长期）",
        "基础平台部",
        "加入真实的研发小组，在导师指导下独立完成一个可以上线的功能。\n每周一次代码评审，每月一次分享。",
        "每周至少到岗四天，持续三个月以上。\n愿意提问，也愿意把答案写下来。",
        headcount=20,
        kind=Job.Kind.INTERNSHIP,
    ),
    "lead": Opening(
        "平台负责人",
        "基础平台部",
        "带领平台团队规划未来三年的技术路线。",
        "仅限内部推荐。",
        headcount=1,
        is_confidential=True,
    ),
}
HANGZHOU_OPENINGS = {
    "intern": Opening(
        "工程实习生",
        "云产品部",
        "参与云产品控制台的开发与测试，和导师一起值一次班。\n实习结束时做一次公开的成果展示。",
        "计算机相关专业在校生，每周到岗四天以上。\n有自己动手做过的小项目，无论大小。",
        headcount=10,
        kind=Job.Kind.INTERNSHIP,
    ),
}


def create_jobs(campaign: Campaign, openings: dict[str, Opening]) -> dict[str, Job]:
    """Create the jobs of a campaign; return them by key."""
    return {
        key: Job.objects.create(
            campaign=campaign,
            title=opening.title,
            department=opening.department,
            city=opening.city,
            kind=opening.kind,
            headcount=opening.headcount,
            responsibilities=opening.responsibilities,
            requirements=opening.requirements,
            is_published=opening.is_published and not opening.is_confidential,
            is_confidential=opening.is_confidential,
        )
        for key, opening in openings.items()
    }
