/* SPDX-License-Identifier: MIT */
/* bytecode_313.c - the bytecode of CPython 3.13, as data. */
#include "linetrace/bytecode.h"

// clang-format off
const struct pt_bytecode pt_bytecode = {
    .op = {
        .extended_arg = 71,
        .nop = 30,
        .load_const = 83,
        .unary_invert = 41,
        .pop_top = 32,
        .load_fast = 85,
        .delete_fast = 65,
        .runs_probe = {41, 32},
        .resume = 149,
        .yield_value = 118,
        .for_iter = 72,
        .send = 104,
        .end_async_for = 10,
        .jump_backward = 77,
        .jump_back_quiet = 78,
        .reraise = 102,
        .binary_op = 45,
        .store_fast = 110,
        .load_global = 91,
        .load_attr = 82,
        .push_null = 34,
        .copy = 61,
        .swap = 115,
    },
    .ways = {
        .marks_lines = true,
        .back_to_same_line = true,
        .throws_from_resume = true,
        .raises_before_call = true,
        .interrupts_at_source = true,
        .callee_hides_line = false,
        .far_starts_fire = true,
        .halves_blame_first = false,
        .patches_freely = false,
        .offset_is_tagged = false,
        .exhausted_skip = 2,
        .start_mask = 0,
    },
    .info = {
        // BEFORE_ASYNC_WITH
        [1] = {1, 0, PT_OP_ENTERS},
        // BEFORE_WITH
        [2] = {1, 0, PT_OP_ENTERS},
        // BINARY_SLICE
        [4] = {1, 0, 0},
        // BINARY_SUBSCR
        [5] = {2, 0, PT_OP_PUSHES},
        // CHECK_EG_MATCH
        [6] = {1, 0, 0},
        // CHECK_EXC_MATCH
        [7] = {1, 0, 0},
        // CLEANUP_THROW
        [8] = {1, 0, 0},
        // DELETE_SUBSCR
        [9] = {1, 0, 0},
        // END_ASYNC_FOR
        [10] = {1, 0, PT_OP_UNMARKED},
        // END_FOR
        [11] = {1, 0, PT_OP_QUIET | PT_OP_UNMARKED},
        // END_SEND
        [12] = {1, 0, PT_OP_QUIET | PT_OP_UNMARKED},
        // FORMAT_SIMPLE
        [14] = {1, 0, 0},
        // FORMAT_WITH_SPEC
        [15] = {1, 0, 0},
        // GET_AITER
        [16] = {1, 0, 0},
        // GET_ANEXT
        [18] = {1, 0, 0},
        // GET_ITER
        [19] = {1, 0, 0},
        // GET_LEN
        [20] = {1, 0, 0},
        // GET_YIELD_FROM_ITER
        [21] = {1, 0, 0},
        // LOAD_ASSERTION_ERROR
        [23] = {1, 0, PT_OP_QUIET},
        // LOAD_BUILD_CLASS
        [24] = {1, 0, 0},
        // LOAD_LOCALS
        [25] = {1, 0, 0},
        // MAKE_FUNCTION
        [26] = {1, 0, 0},
        // MATCH_KEYS
        [27] = {1, 0, 0},
        // MATCH_MAPPING
        [28] = {1, 0, 0},
        // MATCH_SEQUENCE
        [29] = {1, 0, 0},
        // NOP
        [30] = {1, 0, PT_OP_QUIET},
        // POP_EXCEPT
        [31] = {1, 0, PT_OP_QUIET},
        // POP_TOP
        [32] = {1, 0, PT_OP_QUIET},
        // PUSH_EXC_INFO
        [33] = {1, 0, PT_OP_QUIET},
        // PUSH_NULL
        [34] = {1, 0, PT_OP_QUIET},
        // RETURN_GENERATOR
        [35] = {1, 0, 0},
        // RETURN_VALUE
        [36] = {1, 0, PT_OP_STOPS | PT_OP_LEAVES | PT_OP_QUIET},
        // SETUP_ANNOTATIONS
        [37] = {1, 0, 0},
        // STORE_SLICE
        [38] = {1, 0, 0},
        // STORE_SUBSCR
        [39] = {2, 0, 0},
        // TO_BOOL
        [40] = {4, 0, 0},
        // UNARY_INVERT
        [41] = {1, 0, 0},
        // UNARY_NEGATIVE
        [42] = {1, 0, 0},
        // UNARY_NOT
        [43] = {1, 0, 0},
        // WITH_EXCEPT_START
        [44] = {1, 0, PT_OP_ENTERS},
        // BINARY_OP
        [45] = {2, 0, 0},
        // BUILD_CONST_KEY_MAP
        [46] = {1, 0, 0},
        // BUILD_LIST
        [47] = {1, 0, 0},
        // BUILD_MAP
        [48] = {1, 0, 0},
        // BUILD_SET
        [49] = {1, 0, 0},
        // BUILD_SLICE
        [50] = {1, 0, 0},
        // BUILD_STRING
        [51] = {1, 0, 0},
        // BUILD_TUPLE
        [52] = {1, 0, 0},
        // CALL
        [53] = {4, 0, PT_OP_PUSHES | PT_OP_CALLS},
        // CALL_FUNCTION_EX
        [54] = {1, 0, PT_OP_PUSHES | PT_OP_CALLS},
        // CALL_INTRINSIC_1
        [55] = {1, 0, 0},
        // CALL_INTRINSIC_2
        [56] = {1, 0, 0},
        // CALL_KW
        [57] = {1, 0, PT_OP_PUSHES | PT_OP_CALLS},
        // COMPARE_OP
        [58] = {2, 0, 0},
        // CONTAINS_OP
        [59] = {2, 0, 0},
        // CONVERT_VALUE
        [60] = {1, 0, 0},
        // COPY
        [61] = {1, 0, PT_OP_QUIET},
        // COPY_FREE_VARS
        [62] = {1, 0, 0},
        // DELETE_ATTR
        [63] = {1, 0, 0},
        // DELETE_DEREF
        [64] = {1, 0, 0},
        // DELETE_FAST
        [65] = {1, 0, 0},
        // DELETE_GLOBAL
        [66] = {1, 0, 0},
        // DELETE_NAME
        [67] = {1, 0, 0},
        // DICT_MERGE
        [68] = {1, 0, 0},
        // DICT_UPDATE
        [69] = {1, 0, 0},
        // EXTENDED_ARG
        [71] = {1, 0, PT_OP_GLUED},
        // FOR_ITER
        [72] = {2, 0, PT_OP_JUMP | PT_OP_PUSHES | PT_OP_ENTERS},
        // GET_AWAITABLE
        [73] = {1, 0, 0},
        // IMPORT_FROM
        [74] = {1, 0, 0},
        // IMPORT_NAME
        [75] = {1, 0, PT_OP_ENTERS},
        // IS_OP
        [76] = {1, 0, PT_OP_QUIET},
        // JUMP_BACKWARD
        [77] = {2, 0, PT_OP_JUMP | PT_OP_BACKWARD | PT_OP_STOPS},
        // JUMP_BACKWARD_NO_INTERRUPT
        [78] = {1, 0, PT_OP_JUMP | PT_OP_BACKWARD | PT_OP_STOPS |
            PT_OP_QUIET},
        // JUMP_FORWARD
        [79] = {1, 0, PT_OP_JUMP | PT_OP_STOPS | PT_OP_QUIET},
        // LIST_APPEND
        [80] = {1, 0, 0},
        // LIST_EXTEND
        [81] = {1, 0, 0},
        // LOAD_ATTR
        [82] = {10, 0, PT_OP_PUSHES},
        // LOAD_CONST
        [83] = {1, 0, PT_OP_QUIET},
        // LOAD_DEREF
        [84] = {1, 0, 0},
        // LOAD_FAST
        [85] = {1, 0, PT_OP_QUIET},
        // LOAD_FAST_AND_CLEAR
        [86] = {1, 0, PT_OP_QUIET},
        // LOAD_FAST_CHECK
        [87] = {1, 0, 0},
        // LOAD_FAST_LOAD_FAST
        [88] = {1, 0, PT_OP_QUIET},
        // LOAD_FROM_DICT_OR_DEREF
        [89] = {1, 0, 0},
        // LOAD_FROM_DICT_OR_GLOBALS
        [90] = {1, 0, 0},
        // LOAD_GLOBAL
        [91] = {5, 0, 0},
        // LOAD_NAME
        [92] = {1, 0, 0},
        // LOAD_SUPER_ATTR
        [93] = {2, 0, 0},
        // MAKE_CELL
        [94] = {1, 0, 0},
        // MAP_ADD
        [95] = {1, 0, 0},
        // MATCH_CLASS
        [96] = {1, 0, 0},
        // POP_JUMP_IF_FALSE
        [97] = {2, 0, PT_OP_JUMP},
        // POP_JUMP_IF_NONE
        [98] = {2, 0, PT_OP_JUMP | PT_OP_QUIET},
        // POP_JUMP_IF_NOT_NONE
        [99] = {2, 0, PT_OP_JUMP | PT_OP_QUIET},
        // POP_JUMP_IF_TRUE
        [100] = {2, 0, PT_OP_JUMP},
        // RAISE_VARARGS
        [101] = {1, 0, PT_OP_STOPS | PT_OP_RAISES},
        // RERAISE
        [102] = {1, 0, PT_OP_STOPS | PT_OP_RAISES},
        // RETURN_CONST
        [103] = {1, 0, PT_OP_STOPS | PT_OP_LEAVES | PT_OP_QUIET},
        // SEND
        [104] = {2, 0, PT_OP_JUMP | PT_OP_PUSHES | PT_OP_GLUED},
        // SET_ADD
        [105] = {1, 0, 0},
        // SET_FUNCTION_ATTRIBUTE
        [106] = {1, 0, 0},
        // SET_UPDATE
        [107] = {1, 0, 0},
        // STORE_ATTR
        [108] = {5, 0, 0},
        // STORE_DEREF
        [109] = {1, 0, 0},
        // STORE_FAST
        [110] = {1, 0, PT_OP_QUIET},
        // STORE_FAST_LOAD_FAST
        [111] = {1, 0, PT_OP_QUIET},
        // STORE_FAST_STORE_FAST
        [112] = {1, 0, PT_OP_QUIET},
        // STORE_GLOBAL
        [113] = {1, 0, 0},
        // STORE_NAME
        [114] = {1, 0, 0},
        // SWAP
        [115] = {1, 0, PT_OP_QUIET},
        // UNPACK_EX
        [116] = {1, 0, 0},
        // UNPACK_SEQUENCE
        [117] = {2, 0, 0},
        // YIELD_VALUE
        [118] = {1, 0, PT_OP_LEAVES | PT_OP_GLUED},
        // RESUME
        [149] = {1, 0, PT_OP_UNMARKED},
    },
};
// clang-format on
