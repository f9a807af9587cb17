"""A source file in UTF-8, of many scripts: Ж, 中, 🐍."""


def функция(数):
    文 = "🐍" * 数
    return 文


class Σάμος:
    def ον(self):
        return "é"


print(len(функция(3)), Σάμος().ον() == "é")
