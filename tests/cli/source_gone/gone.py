import os
import other
os.unlink(__file__)
