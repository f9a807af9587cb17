/* SPDX-License-Identifier: MIT */
/* bytecode_311.c - the bytecode of CPython 3.11, as data. */
#include "linetrace/bytecode.h"

// clang-format off
const struct pt_bytecode pt_bytecode = {
    .op = {
        .extended_arg = 144,
        .nop = 9,
        .load_const = 100,
        .unary_invert = 15,
        .pop_top = 1,
        .load_fast = 124,
        .delete_fast = 126,
        .runs_probe = {93, 0},
        .resume = 151,
        .yield_value = 86,
        .for_iter = 93,
        .send = 123,
        .end_async_for = 54,
        .jump_backward = 140,
        .jump_back_quiet = 134,
        .reraise = 119,
        .binary_op = 122,
        .store_fast = 125,
        .load_global = 116,
        .load_method = 160,
        .push_null = 2,
        .jump_back_if_true = 176,
        .copy = 120,
        .swap = 99,
    },
    .ways = {
        .marks_lines = false,
        .back_to_same_line = false,
        .throws_from_resume = false,
        .raises_before_call = false,
        .interrupts_at_source = false,
        .callee_hides_line = false,
        .far_starts_fire = false,
        .halves_blame_first = true,
        .patches_freely = true,
        .offset_is_tagged = false,
        .exhausted_skip = 0,
        .start_mask = 0,
    },
    .quick = {
        [25] = 17,    // BINARY_SUBSCR
        [60] = 168,   // STORE_SUBSCR
        [92] = 177,   // UNPACK_SEQUENCE
        [95] = 153,   // STORE_ATTR
        [106] = 39,   // LOAD_ATTR
        [107] = 26,   // COMPARE_OP
        [116] = 47,   // LOAD_GLOBAL
        [122] = 3,    // BINARY_OP
        [140] = 38,   // JUMP_BACKWARD
        [144] = 34,   // EXTENDED_ARG
        [151] = 150,  // RESUME
        [160] = 56,   // LOAD_METHOD
        [166] = 64,   // PRECALL
        [171] = 22,   // CALL
    },
    .fused = {
        {100, 124, 44},   // LOAD_CONST, LOAD_FAST
        {124, 100, 45},   // LOAD_FAST, LOAD_CONST
        {124, 124, 46},   // LOAD_FAST, LOAD_FAST
        {125, 124, 161},  // STORE_FAST, LOAD_FAST
        {125, 125, 167},  // STORE_FAST, STORE_FAST
    },
    .info = {
        // POP_TOP
        [1] = {1, 0, PT_OP_QUIET},
        // PUSH_NULL
        [2] = {1, 0, PT_OP_QUIET},
        // NOP
        [9] = {1, 0, PT_OP_QUIET},
        // UNARY_POSITIVE
        [10] = {1, 0, 0},
        // UNARY_NEGATIVE
        [11] = {1, 0, 0},
        // UNARY_NOT
        [12] = {1, 0, 0},
        // UNARY_INVERT
        [15] = {1, 0, 0},
        // BINARY_SUBSCR
        [25] = {5, 0, PT_OP_PUSHES},
        // GET_LEN
        [30] = {1, 0, 0},
        // MATCH_MAPPING
        [31] = {1, 0, 0},
        // MATCH_SEQUENCE
        [32] = {1, 0, 0},
        // MATCH_KEYS
        [33] = {1, 0, 0},
        // PUSH_EXC_INFO
        [35] = {1, 0, PT_OP_QUIET},
        // CHECK_EXC_MATCH
        [36] = {1, 0, 0},
        // CHECK_EG_MATCH
        [37] = {1, 0, 0},
        // WITH_EXCEPT_START
        [49] = {1, 0, PT_OP_ENTERS},
        // GET_AITER
        [50] = {1, 0, 0},
        // GET_ANEXT
        [51] = {1, 0, 0},
        // BEFORE_ASYNC_WITH
        [52] = {1, 0, PT_OP_ENTERS},
        // BEFORE_WITH
        [53] = {1, 0, PT_OP_ENTERS},
        // END_ASYNC_FOR
        [54] = {1, 0, PT_OP_UNMARKED},
        // STORE_SUBSCR
        [60] = {2, 0, 0},
        // DELETE_SUBSCR
        [61] = {1, 0, 0},
        // GET_ITER
        [68] = {1, 0, 0},
        // GET_YIELD_FROM_ITER
        [69] = {1, 0, 0},
        // PRINT_EXPR
        [70] = {1, 0, 0},
        // LOAD_BUILD_CLASS
        [71] = {1, 0, 0},
        // LOAD_ASSERTION_ERROR
        [74] = {1, 0, PT_OP_QUIET},
        // RETURN_GENERATOR
        [75] = {1, 0, 0},
        // LIST_TO_TUPLE
        [82] = {1, 0, 0},
        // RETURN_VALUE
        [83] = {1, 0, PT_OP_STOPS | PT_OP_LEAVES | PT_OP_QUIET},
        // IMPORT_STAR
        [84] = {1, 0, 0},
        // SETUP_ANNOTATIONS
        [85] = {1, 0, 0},
        // YIELD_VALUE
        [86] = {1, 0, PT_OP_LEAVES | PT_OP_GLUED},
        // ASYNC_GEN_WRAP
        [87] = {1, 0, 0},
        // PREP_RERAISE_STAR
        [88] = {1, 0, 0},
        // POP_EXCEPT
        [89] = {1, 0, PT_OP_QUIET},
        // STORE_NAME
        [90] = {1, 0, 0},
        // DELETE_NAME
        [91] = {1, 0, 0},
        // UNPACK_SEQUENCE
        [92] = {2, 0, 0},
        // FOR_ITER
        [93] = {1, 0, PT_OP_JUMP | PT_OP_PUSHES | PT_OP_ENTERS},
        // UNPACK_EX
        [94] = {1, 0, 0},
        // STORE_ATTR
        [95] = {5, 0, 0},
        // DELETE_ATTR
        [96] = {1, 0, 0},
        // STORE_GLOBAL
        [97] = {1, 0, 0},
        // DELETE_GLOBAL
        [98] = {1, 0, 0},
        // SWAP
        [99] = {1, 0, PT_OP_QUIET},
        // LOAD_CONST
        [100] = {1, 0, PT_OP_QUIET},
        // LOAD_NAME
        [101] = {1, 0, 0},
        // BUILD_TUPLE
        [102] = {1, 0, 0},
        // BUILD_LIST
        [103] = {1, 0, 0},
        // BUILD_SET
        [104] = {1, 0, 0},
        // BUILD_MAP
        [105] = {1, 0, 0},
        // LOAD_ATTR
        [106] = {5, 0, PT_OP_PUSHES},
        // COMPARE_OP
        [107] = {3, 0, 0},
        // IMPORT_NAME
        [108] = {1, 0, PT_OP_ENTERS},
        // IMPORT_FROM
        [109] = {1, 0, 0},
        // JUMP_FORWARD
        [110] = {1, 0, PT_OP_JUMP | PT_OP_STOPS | PT_OP_QUIET},
        // JUMP_IF_FALSE_OR_POP
        [111] = {1, 0, PT_OP_JUMP},
        // JUMP_IF_TRUE_OR_POP
        [112] = {1, 0, PT_OP_JUMP},
        // POP_JUMP_FORWARD_IF_FALSE
        [114] = {1, 175, PT_OP_JUMP},
        // POP_JUMP_FORWARD_IF_TRUE
        [115] = {1, 176, PT_OP_JUMP},
        // LOAD_GLOBAL
        [116] = {6, 0, 0},
        // IS_OP
        [117] = {1, 0, PT_OP_QUIET},
        // CONTAINS_OP
        [118] = {1, 0, 0},
        // RERAISE
        [119] = {1, 0, PT_OP_STOPS | PT_OP_RAISES},
        // COPY
        [120] = {1, 0, PT_OP_QUIET},
        // BINARY_OP
        [122] = {2, 0, 0},
        // SEND
        [123] = {1, 0, PT_OP_JUMP | PT_OP_PUSHES | PT_OP_GLUED},
        // LOAD_FAST
        [124] = {1, 0, 0},
        // STORE_FAST
        [125] = {1, 0, PT_OP_QUIET},
        // DELETE_FAST
        [126] = {1, 0, 0},
        // POP_JUMP_FORWARD_IF_NOT_NONE
        [128] = {1, 173, PT_OP_JUMP | PT_OP_QUIET},
        // POP_JUMP_FORWARD_IF_NONE
        [129] = {1, 174, PT_OP_JUMP | PT_OP_QUIET},
        // RAISE_VARARGS
        [130] = {1, 0, PT_OP_STOPS | PT_OP_RAISES},
        // GET_AWAITABLE
        [131] = {1, 0, 0},
        // MAKE_FUNCTION
        [132] = {1, 0, 0},
        // BUILD_SLICE
        [133] = {1, 0, 0},
        // JUMP_BACKWARD_NO_INTERRUPT
        [134] = {1, 0, PT_OP_JUMP | PT_OP_BACKWARD | PT_OP_STOPS |
            PT_OP_QUIET},
        // MAKE_CELL
        [135] = {1, 0, 0},
        // LOAD_CLOSURE
        [136] = {1, 0, PT_OP_QUIET},
        // LOAD_DEREF
        [137] = {1, 0, 0},
        // STORE_DEREF
        [138] = {1, 0, 0},
        // DELETE_DEREF
        [139] = {1, 0, 0},
        // JUMP_BACKWARD
        [140] = {1, 0, PT_OP_JUMP | PT_OP_BACKWARD | PT_OP_STOPS |
            PT_OP_QUIET},
        // CALL_FUNCTION_EX
        [142] = {1, 0, PT_OP_PUSHES | PT_OP_CALLS},
        // EXTENDED_ARG
        [144] = {1, 0, PT_OP_GLUED},
        // LIST_APPEND
        [145] = {1, 0, 0},
        // SET_ADD
        [146] = {1, 0, 0},
        // MAP_ADD
        [147] = {1, 0, 0},
        // LOAD_CLASSDEREF
        [148] = {1, 0, 0},
        // COPY_FREE_VARS
        [149] = {1, 0, 0},
        // RESUME
        [151] = {1, 0, PT_OP_UNMARKED},
        // MATCH_CLASS
        [152] = {1, 0, 0},
        // FORMAT_VALUE
        [155] = {1, 0, 0},
        // BUILD_CONST_KEY_MAP
        [156] = {1, 0, 0},
        // BUILD_STRING
        [157] = {1, 0, 0},
        // LOAD_METHOD
        [160] = {11, 0, 0},
        // LIST_EXTEND
        [162] = {1, 0, 0},
        // SET_UPDATE
        [163] = {1, 0, 0},
        // DICT_MERGE
        [164] = {1, 0, 0},
        // DICT_UPDATE
        [165] = {1, 0, 0},
        // PRECALL
        [166] = {2, 0, PT_OP_GLUED},
        // CALL
        [171] = {5, 0, PT_OP_PUSHES | PT_OP_CALLS},
        // KW_NAMES
        [172] = {1, 0, PT_OP_QUIET | PT_OP_GLUED},
        // POP_JUMP_BACKWARD_IF_NOT_NONE
        [173] = {1, 128, PT_OP_JUMP | PT_OP_BACKWARD},
        // POP_JUMP_BACKWARD_IF_NONE
        [174] = {1, 129, PT_OP_JUMP | PT_OP_BACKWARD},
        // POP_JUMP_BACKWARD_IF_FALSE
        [175] = {1, 114, PT_OP_JUMP | PT_OP_BACKWARD},
        // POP_JUMP_BACKWARD_IF_TRUE
        [176] = {1, 115, PT_OP_JUMP | PT_OP_BACKWARD},
    },
};
// clang-format on
