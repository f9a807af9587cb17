import json
import sys
sys.path.insert(0, sys.path[0] + "/lib")
import pkg.part
import tool
json.dumps([])
