# -*- coding: iso-8859-15 -*-
"""A source file that is not UTF-8: €, é, ü."""


def prüfe(größe):
    text = "spœm €"
    if größe > 2:
        return text + "é"
    return "\tü"  # a tab before this


class Ärger:
    def höhe(self): return 1


print(len(prüfe(1)), len(prüfe(3)), Ärger().höhe())
