"""Not compared: the list itself may come off a free list."""
KEPT = []
