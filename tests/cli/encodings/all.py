import bom, euc, latin
