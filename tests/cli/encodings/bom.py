"""ä"""
x = 1
if not x:
	y = 2	# €	z