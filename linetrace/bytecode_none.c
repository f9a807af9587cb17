/* SPDX-License-Identifier: MIT */
/* bytecode_none.c - of a CPython whose bytecode nobody has described yet. */
#include "linetrace/bytecode.h"

const struct pt_bytecode pt_bytecode = {.op = {.resume = 0}};
