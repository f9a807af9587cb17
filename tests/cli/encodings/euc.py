#!/usr/bin/python
# vim: set fileencoding=euc_jp :
x = "テス"	# tab
