"""The words that the synthetic customers are made of: places, goods, complaints, and how Chinese names are spelled.

Telephone numbers are of ranges that nobody is given: Ofcom's for drama (07700 900…), 555-01… of North America, and in
China, which reserves none, the prefix 100, with which no number begins. Mail goes to RFC 2606's example domains.
"""

from dataclasses import dataclass
from typing import Final

DOMAINS: Final = ("example.org", "example.com", "example.net")

STREETS: Final = {
    "en_GB": (
        "Station Road", "Church Lane", "Victoria Street", "Mill Lane", "Park Road", "Queens Avenue", "Canal Street",
        "The Crescent", "Highfield Road", "Orchard Close", "Albert Terrace", "Green Lane", "Chapel Street",
    ),
    "en_US": (
        "Maple Street", "Harbor Road", "2nd Avenue", "Oak Street", "Washington Street", "Lakeview Drive", "Pine Street",
        "Sunset Boulevard", "Franklin Street", "Cedar Avenue", "Mission Street", "Highland Avenue",
    ),
    "zh_CN": (
        "中山路", "人民路", "解放路", "建设路", "和平路", "文化路", "南京西路", "长江路", "新华街", "滨江道", "学院路",
    ),
}  # fmt: skip
RELIGIONS: Final = {
    "en": ("Anglican", "Catholic", "Muslim", "Hindu", "Jewish", "Sikh"),
    "zh": ("佛教", "道教", "伊斯兰教", "基督教"),
}
HEALTH: Final = {
    "en": ("asthma", "diabetes", "hay fever", "migraine", "penicillin allergy", "high blood pressure", "eczema"),
    "zh": ("哮喘", "糖尿病", "花粉过敏", "偏头痛", "青霉素过敏", "高血压", "湿疹"),
}
ITEMS: Final = {
    "en": (
        "Sunscreen SPF 50",
        "Hand cream",
        "Vitamin D drops",
        "Omega-3 capsules",
        "Contact lens solution",
        "Reading glasses",
        "Baby shampoo",
        "Digital thermometer",
    ),
    "zh": ("防晒霜", "护手霜", "维生素D滴剂", "鱼油胶囊", "隐形眼镜护理液", "老花镜", "婴儿洗发露", "电子体温计"),
}
"""The catalogue's table says which department each is of."""

COMPLAINTS: Final = {
    "en": {
        "delivery": (
            "The parcel was left outside in the rain and the box was soaked through.",
            "Tracking has said 'out for delivery' for four days. Where is my order?",
            "You delivered to my old address although I changed it in March.",
        ),
        "product": (
            "The cap was broken and half of the bottle had leaked into the bag.",
            "This is not the strength I ordered, and the leaflet is in another language.",
        ),
        "billing": (
            "I was charged twice for the same order and have had only one refund.",
            "The voucher was accepted at checkout, but the invoice shows the full price.",
        ),
        "privacy": (
            "I asked you twice to stop the newsletter and it came again this morning.",
            "Please tell me whom you have given my telephone number to.",
        ),
    },
    "zh": {
        "delivery": (
            "快递放在门口没有通知我，下雨全淋湿了。",
            "物流信息四天没有更新，我的订单到底在哪里？",
            "我三月份已经改了地址，你们还是寄到了旧地址。",
        ),
        "product": ("瓶盖是裂的，打开的时候已经漏了一半。", "收到的规格和我买的不一样，请给我换货。"),
        "billing": ("同一个订单扣了两次钱，只退了一次。", "结账时优惠券可以用，发票上却还是原价。"),
        "privacy": ("我已经两次要求取消订阅邮件，今天早上又收到了。", "请告诉我，你们把我的电话号码给了谁？"),
    },
}


@dataclass(frozen=True)
class Place:
    """A city, how many customers it has beside others, and what its postcodes and telephone numbers look like."""

    locale: str
    city: str
    weight: int
    postcode: str
    phone: str

    @property
    def language(self) -> str:
        """The language that people write in there, as the catalogue names it."""
        return self.locale[:2]


PLACES: Final = (
    Place("en_GB", "London", 8, "NW# #??", "+44 7700 900###"),
    Place("en_GB", "Leeds", 5, "LS# #??", "+44 7700 900###"),
    Place("en_GB", "Bristol", 1, "BS# #??", "+44 7700 900###"),
    Place("en_US", "San Francisco", 7, "941##", "+1 415 555 01##"),
    Place("en_US", "Seattle", 5, "981##", "+1 206 555 01##"),
    Place("en_US", "Boston", 1, "021##", "+1 617 555 01##"),
    Place("zh_CN", "上海", 8, "2000##", "+86 100 0000 ####"),
    Place("zh_CN", "北京", 5, "1000##", "+86 100 0000 ####"),
    Place("zh_CN", "广州", 1, "5100##", "+86 100 0000 ####"),
)

_SPELLED: Final = """
    王wang 李li 张zhang 刘liu 陈chen 杨yang 黄huang 吴wu 赵zhao 周zhou 徐xu 孙sun 马ma 朱zhu 胡hu 林lin 郭guo 何he
    高gao 罗luo 郑zheng 梁liang 谢xie 宋song 唐tang 许xu 邓deng 冯feng 韩han 曹cao 彭peng 蔡cai 潘pan 董dong 袁yuan
    于yu 叶ye 蒋jiang 杜du 苏su 魏wei 程cheng 吕lyu 丁ding 沈shen 任ren 姚yao 卢lu 钟zhong 姜jiang 东dong 丹dan 丽li
    云yun 亮liang 伟wei 佳jia 俊jun 倩qian 健jian 兰lan 兵bing 军jun 冬dong 凤feng 凯kai 刚gang 利li 勇yong 华hua 博bo
    国guo 坤kun 娜na 娟juan 婷ting 宁ning 宇yu 小xiao 岩yan 峰feng 帅shuai 帆fan 平ping 建jian 强qiang 彬bin 志zhi
    想xiang 慧hui 成cheng 敏min 文wen 斌bin 旭xu 明ming 春chun 晨chen 晶jing 杰jie 柳liu 桂gui 梅mei 楠nan 欢huan
    欣xin 波bo 洁jie 洋yang 浩hao 海hai 涛tao 淑shu 燕yan 玉yu 玲ling 珍zhen 琳lin 琴qin 瑜yu 瑞rui 璐lu 畅chang 磊lei
    秀xiu 红hong 艳yan 芝zhi 花hua 芳fang 英ying 荣rong 莉li 莹ying 萍ping 超chao 辉hui 金jin 鑫xin 阳yang 雪xue 雷lei
    霞xia 静jing 颖ying 飞fei 香xiang 鹏peng 龙long 雨yu
"""

PINYIN: Final = {each[0]: each[1:] for each in _SPELLED.split()}
"""How the characters of common names are spelled, for addresses that match the names."""
