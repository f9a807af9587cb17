# -*- coding: latin-1 -*-
x = "ä"	# ö	y
if not x:
    """no"""
    y = 1
