"""Finds evidence that a text which was decoded as GB18030 is Chinese.

Nearly any bytes are valid GB18030, so that a short file in another encoding becomes hanzi. Such a
text is Chinese if it has Chinese words, or cells that are Chinese names and no names in another
encoding. `encoding` calls this module; `tests/unit/jobs/test_chinese_evidence.py` measures it.
"""

from __future__ import annotations

import re

# The hundred most frequent surnames, nearly nine in ten people; then others, and traditional forms.
USUAL_SURNAMES = frozenset(
    "王李张刘陈杨黄吴赵周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭肖萧蔡潘田董袁于余叶蒋杜苏"
    "魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段"
)
SURNAMES = USUAL_SURNAMES.union(
    "雷黎史龙陶贺顾毛"
    "郝龚邵万钱严覃武戚莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦"
    "俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房"
    "滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戈岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应"
    "臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀"
    "郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴"
    "丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戎伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿"
    "張劉陳楊黃吳趙孫馬羅鄭謝許鄧馮韓蕭葉蔣蘇呂盧鍾譚範陸賈韋鄒閻龍賀顧龔萬錢嚴湯溫齊喬龐顏莊聶"
    "魯歐關蘭畢單塗駱藍遊饒農簡車項連蘆麥婁竇黨宮費衛榮叢鞏"
)
COMPOUND_SURNAMES = ("欧阳", "上官", "皇甫", "令狐", "诸葛", "司徒", "司马", "申屠", "夏侯", "尉迟")
# Characters of which most given names consist.
GIVEN = frozenset(
    "伟强磊洋勇军杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢建国文志海峰亮成荣新利东玉红娜静敏丽艳芳娟秀兰"
    "霞燕玲英梅莉婷雪慧莹倩丹云洁琴凤萍桂春雷斯雅佳琪欣怡思梦子涵轩晨博睿哲翔天宏振庆祥福贵永忠德义仁信安康泰"
    "家世学良光辰阳晓小少秋冬夏月星心悦然可一诺依诗语嘉瑶琳璐颖薇蕾婧媛媚珍珠瑞宝金银铁生民胜利群友兵卫进才"
    "毅恒逸远航正立长清源泉江河山石松柏竹鸿雁鹤鸣启昌盛兴隆耀锦绣彩霖霏露冰寒冉岩岳峻岭坤乾元亨贞益谦颐"
    "伟強傑偉華國東麗靜慧玲龍鵬輝濤軍剛飛雲蘭鳳麟豪翰賢聖榮貴義鴻鈞銘錦瑋琦珊珮淑惠雯筱"
)
# Words of headings and cells of a list of candidates.
WORDS = re.compile(
    "姓名|名字|候选|应聘|求职|手机|电话|电邮|联系|邮箱|邮件|城市|地区|地址|学校|院校|毕业|专业|学历|学位|成绩|"
    "能力|笔试|备注|岗位|职位|性别|序号|编号|大学|学院|中学|公司|本科|大专|专科|硕士|博士|研究生|工程|技术|科学|"
    "管理|计算机|软件|电子|经济|金融|会计|法学|英语|中文|北京|上海|广州|深圳|天津|重庆|成都|杭州|南京|武汉|西安|"
    "苏州|长沙|郑州|青岛|合肥|厦门|福州|济南|大连|沈阳|宁波|无锡|昆明|哈尔滨|长春|南昌|贵阳|南宁|太原|兰州|海口|"
    "广东|江苏|浙江|山东|河南|河北|湖南|湖北|四川|福建|安徽|江西|陕西|香港|澳门|台湾|"
    "手機|電話|郵箱|電郵|聯繫|學校|院校|專業|學歷|大學|學院|臺北|台北|臺灣"
)
SEPARATOR = re.compile(r"[,;\t\r\n\"]+")
HANZI = re.compile(r"[\u3400-\u9fff]")
NAME = re.compile(r"[\u3400-\u9fff]{2,4}")
BIG5_NAME = re.compile(f"[{''.join(sorted(SURNAMES))}][\u4e00-\u9fff]{{1,3}}")
# The most frequent Korean surnames, and the characters of which most Japanese surnames consist.
KOREAN_NAME = re.compile(
    "[김이박최정강조윤장임한오서신권황안송류유홍전고문양손배백허남심노하곽성차주우구민나진지엄채원천방공"
    "현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국은편용][가-힣]{1,3}|"
    "(?:남궁|황보|제갈|사공|선우|서문|독고)[가-힣]{1,2}"
)
IN_JAPANESE_SURNAMES = (
    "田太山川野村本井藤木原島崎谷沢橋口林中下上松森岡部内辺瀬倉塚浜石池水小大高前後東西南北清吉福長永平宮佐"
    "伊加近斎斉遠安竹今金岩土坂和三五八千菅新杉桜星渡鈴青馬古久矢桑荒柴柳樋堀関服片丸秋酒市須栗黒白早鎌"
    "成飯横梅寺奥熊増津保河阿武工進熱戸邊澤﨑"
)
JAPANESE_NAME = re.compile(f"[{IN_JAPANESE_SURNAMES}]{{2}}.*|.*[ぁ-んァ-ヶ].*")
WESTERN_WORDS = re.compile(rb"(?=.*[A-Za-z]{2})[A-Za-z '.\x8a\x8e\x9a\x9e\x9f\xc0-\xff-]+")
ONE_BYTE = "one byte a letter"
# A word in Cyrillic or Greek letters of one byte each, the first or all of them capitals.
BYTES_OF_WORD = re.compile(rb"[\xc0-\xdf](?:[\xe0-\xff]+|[\xc0-\xdf]+)")


def is_chinese(text: str) -> bool:
    """True if a text that was decoded as GB18030 has evidence that it is Chinese.

    Without Chinese words, a third of its cells with hanzi must be names, most of which are no names
    in another encoding.
    """
    if WORDS.search(text):
        return True
    names = _names_in(text)
    foreign = sum(not _is_usual(one) and likely_encoding(_bytes_of(one)) != "" for one in names)
    return bool(names) and 2 * foreign < len(names)


def may_be_chinese(text: str) -> bool:
    """Like `is_chinese`, also if the names may be others in another encoding."""
    return bool(WORDS.search(text) or _names_in(text))


def _names_in(text: str) -> list[str]:
    """Returns the cells that are Chinese names; none if less than a third of those with hanzi."""
    cells = [cell.strip() for cell in SEPARATOR.split(text) if HANZI.search(cell)]
    names = [cell for cell in cells if _is_name(cell)]
    return names if len(cells) <= 3 * len(names) else []


def _is_name(cell: str) -> bool:
    is_surname = cell[:1] in SURNAMES or cell.startswith(COMPOUND_SURNAMES)
    return is_surname and NAME.fullmatch(cell) is not None


def _is_usual(name: str) -> bool:
    """True if all of the name is usual: a name in another encoding hardly ever becomes one."""
    return name[0] in USUAL_SURNAMES and GIVEN.issuperset(name[1:])


def _bytes_of(cell: str) -> bytes:
    return cell.encode("gb18030")


def likely_encoding(cell: bytes) -> str:
    """Returns the encoding in which the bytes of a cell are a name that is not simplified Chinese.

    Returns ONE_BYTE for one of several alphabets, and "" for none.
    """
    for encoding, name in (
        ("euc-kr", KOREAN_NAME),
        ("euc-jp", JAPANESE_NAME),
        ("shift-jis", JAPANESE_NAME),
        ("big5", BIG5_NAME),
    ):
        try:
            if name.fullmatch(cell.decode(encoding)):
                return encoding
        except UnicodeDecodeError:
            continue
    if WESTERN_WORDS.fullmatch(cell):
        return "windows-1252"
    return ONE_BYTE if BYTES_OF_WORD.fullmatch(cell) else ""
