/* SPDX-License-Identifier: MIT */
/* bytecode_314.c - the bytecode of CPython 3.14, as data. */
#include "linetrace/bytecode.h"

// clang-format off
const struct pt_bytecode pt_bytecode = {
    .op = {
        .extended_arg = 69,
        .nop = 27,
        .load_const = 82,
        .unary_invert = 40,
        .pop_top = 31,
        .load_fast = 84,
        .delete_fast = 63,
        .runs_probe = {40, 31},
        .resume = 128,
        .yield_value = 120,
        .for_iter = 70,
        .send = 106,
        .end_async_for = 68,
        .jump_backward = 75,
        .jump_back_quiet = 76,
        .reraise = 105,
        .binary_op = 44,
        .store_fast = 112,
        .load_global = 92,
        .load_attr = 80,
        .push_null = 33,
        .copy = 59,
        .swap = 117,
    },
    .ways = {
        .marks_lines = true,
        .back_to_same_line = true,
        .throws_from_resume = true,
        .raises_before_call = true,
        .interrupts_at_source = true,
        .callee_hides_line = false,
        .far_starts_fire = false,
        .halves_blame_first = false,
        .patches_freely = false,
        .offset_is_tagged = true,
        .exhausted_skip = 1,
        .start_mask = 0,
    },
    .info = {
        // BINARY_SLICE
        [1] = {1, 0, 0},
        // BUILD_TEMPLATE
        [2] = {1, 0, 0},
        // CALL_FUNCTION_EX
        [4] = {1, 0, PT_OP_PUSHES | PT_OP_CALLS},
        // CHECK_EG_MATCH
        [5] = {1, 0, 0},
        // CHECK_EXC_MATCH
        [6] = {1, 0, 0},
        // CLEANUP_THROW
        [7] = {1, 0, 0},
        // DELETE_SUBSCR
        [8] = {1, 0, 0},
        // END_FOR
        [9] = {1, 0, PT_OP_QUIET | PT_OP_UNMARKED},
        // END_SEND
        [10] = {1, 0, PT_OP_QUIET | PT_OP_UNMARKED},
        // FORMAT_SIMPLE
        [12] = {1, 0, 0},
        // FORMAT_WITH_SPEC
        [13] = {1, 0, 0},
        // GET_AITER
        [14] = {1, 0, 0},
        // GET_ANEXT
        [15] = {1, 0, 0},
        // GET_ITER
        [16] = {1, 0, 0},
        // GET_LEN
        [18] = {1, 0, 0},
        // GET_YIELD_FROM_ITER
        [19] = {1, 0, 0},
        // LOAD_BUILD_CLASS
        [21] = {1, 0, 0},
        // LOAD_LOCALS
        [22] = {1, 0, 0},
        // MAKE_FUNCTION
        [23] = {1, 0, 0},
        // MATCH_KEYS
        [24] = {1, 0, 0},
        // MATCH_MAPPING
        [25] = {1, 0, 0},
        // MATCH_SEQUENCE
        [26] = {1, 0, 0},
        // NOP
        [27] = {1, 0, PT_OP_QUIET},
        // NOT_TAKEN
        [28] = {1, 0, PT_OP_QUIET | PT_OP_TAIL},
        // POP_EXCEPT
        [29] = {1, 0, PT_OP_QUIET},
        // POP_ITER
        [30] = {1, 0, PT_OP_QUIET | PT_OP_UNMARKED | PT_OP_TAIL},
        // POP_TOP
        [31] = {1, 0, PT_OP_QUIET},
        // PUSH_EXC_INFO
        [32] = {1, 0, PT_OP_QUIET},
        // PUSH_NULL
        [33] = {1, 0, PT_OP_QUIET},
        // RETURN_GENERATOR
        [34] = {1, 0, 0},
        // RETURN_VALUE
        [35] = {1, 0, PT_OP_STOPS | PT_OP_LEAVES | PT_OP_QUIET},
        // SETUP_ANNOTATIONS
        [36] = {1, 0, 0},
        // STORE_SLICE
        [37] = {1, 0, 0},
        // STORE_SUBSCR
        [38] = {2, 0, 0},
        // TO_BOOL
        [39] = {4, 0, 0},
        // UNARY_INVERT
        [40] = {1, 0, 0},
        // UNARY_NEGATIVE
        [41] = {1, 0, 0},
        // UNARY_NOT
        [42] = {1, 0, 0},
        // WITH_EXCEPT_START
        [43] = {1, 0, PT_OP_ENTERS},
        // BINARY_OP
        [44] = {6, 0, PT_OP_PUSHES},
        // BUILD_INTERPOLATION
        [45] = {1, 0, 0},
        // BUILD_LIST
        [46] = {1, 0, 0},
        // BUILD_MAP
        [47] = {1, 0, 0},
        // BUILD_SET
        [48] = {1, 0, 0},
        // BUILD_SLICE
        [49] = {1, 0, 0},
        // BUILD_STRING
        [50] = {1, 0, 0},
        // BUILD_TUPLE
        [51] = {1, 0, 0},
        // CALL
        [52] = {4, 0, PT_OP_PUSHES | PT_OP_CALLS},
        // CALL_INTRINSIC_1
        [53] = {1, 0, 0},
        // CALL_INTRINSIC_2
        [54] = {1, 0, 0},
        // CALL_KW
        [55] = {4, 0, PT_OP_PUSHES | PT_OP_CALLS},
        // COMPARE_OP
        [56] = {2, 0, 0},
        // CONTAINS_OP
        [57] = {2, 0, 0},
        // CONVERT_VALUE
        [58] = {1, 0, 0},
        // COPY
        [59] = {1, 0, PT_OP_QUIET},
        // COPY_FREE_VARS
        [60] = {1, 0, 0},
        // DELETE_ATTR
        [61] = {1, 0, 0},
        // DELETE_DEREF
        [62] = {1, 0, 0},
        // DELETE_FAST
        [63] = {1, 0, 0},
        // DELETE_GLOBAL
        [64] = {1, 0, 0},
        // DELETE_NAME
        [65] = {1, 0, 0},
        // DICT_MERGE
        [66] = {1, 0, 0},
        // DICT_UPDATE
        [67] = {1, 0, 0},
        // END_ASYNC_FOR
        [68] = {1, 0, PT_OP_UNMARKED | PT_OP_LABEL | PT_OP_BACKWARD},
        // EXTENDED_ARG
        [69] = {1, 0, PT_OP_GLUED},
        // FOR_ITER
        [70] = {2, 0, PT_OP_JUMP | PT_OP_PUSHES | PT_OP_ENTERS},
        // GET_AWAITABLE
        [71] = {1, 0, 0},
        // IMPORT_FROM
        [72] = {1, 0, 0},
        // IMPORT_NAME
        [73] = {1, 0, PT_OP_ENTERS},
        // IS_OP
        [74] = {1, 0, PT_OP_QUIET},
        // JUMP_BACKWARD
        [75] = {2, 0, PT_OP_JUMP | PT_OP_BACKWARD | PT_OP_STOPS},
        // JUMP_BACKWARD_NO_INTERRUPT
        [76] = {1, 0, PT_OP_JUMP | PT_OP_BACKWARD | PT_OP_STOPS | PT_OP_QUIET},
        // JUMP_FORWARD
        [77] = {1, 0, PT_OP_JUMP | PT_OP_STOPS | PT_OP_QUIET},
        // LIST_APPEND
        [78] = {1, 0, 0},
        // LIST_EXTEND
        [79] = {1, 0, 0},
        // LOAD_ATTR
        [80] = {10, 0, PT_OP_PUSHES},
        // LOAD_COMMON_CONSTANT
        [81] = {1, 0, PT_OP_QUIET},
        // LOAD_CONST
        [82] = {1, 0, PT_OP_QUIET},
        // LOAD_DEREF
        [83] = {1, 0, 0},
        // LOAD_FAST
        [84] = {1, 0, PT_OP_QUIET},
        // LOAD_FAST_AND_CLEAR
        [85] = {1, 0, PT_OP_QUIET},
        // LOAD_FAST_BORROW
        [86] = {1, 0, PT_OP_QUIET},
        // LOAD_FAST_BORROW_LOAD_FAST_BORROW
        [87] = {1, 0, PT_OP_QUIET},
        // LOAD_FAST_CHECK
        [88] = {1, 0, 0},
        // LOAD_FAST_LOAD_FAST
        [89] = {1, 0, PT_OP_QUIET},
        // LOAD_FROM_DICT_OR_DEREF
        [90] = {1, 0, 0},
        // LOAD_FROM_DICT_OR_GLOBALS
        [91] = {1, 0, 0},
        // LOAD_GLOBAL
        [92] = {5, 0, 0},
        // LOAD_NAME
        [93] = {1, 0, 0},
        // LOAD_SMALL_INT
        [94] = {1, 0, PT_OP_QUIET},
        // LOAD_SPECIAL
        [95] = {1, 0, 0},
        // LOAD_SUPER_ATTR
        [96] = {2, 0, 0},
        // MAKE_CELL
        [97] = {1, 0, 0},
        // MAP_ADD
        [98] = {1, 0, 0},
        // MATCH_CLASS
        [99] = {1, 0, 0},
        // POP_JUMP_IF_FALSE
        [100] = {2, 0, PT_OP_JUMP},
        // POP_JUMP_IF_NONE
        [101] = {2, 0, PT_OP_JUMP | PT_OP_QUIET},
        // POP_JUMP_IF_NOT_NONE
        [102] = {2, 0, PT_OP_JUMP | PT_OP_QUIET},
        // POP_JUMP_IF_TRUE
        [103] = {2, 0, PT_OP_JUMP},
        // RAISE_VARARGS
        [104] = {1, 0, PT_OP_STOPS | PT_OP_RAISES},
        // RERAISE
        [105] = {1, 0, PT_OP_STOPS | PT_OP_RAISES},
        // SEND
        [106] = {2, 0, PT_OP_JUMP | PT_OP_PUSHES | PT_OP_GLUED},
        // SET_ADD
        [107] = {1, 0, 0},
        // SET_FUNCTION_ATTRIBUTE
        [108] = {1, 0, 0},
        // SET_UPDATE
        [109] = {1, 0, 0},
        // STORE_ATTR
        [110] = {5, 0, 0},
        // STORE_DEREF
        [111] = {1, 0, 0},
        // STORE_FAST
        [112] = {1, 0, PT_OP_QUIET},
        // STORE_FAST_LOAD_FAST
        [113] = {1, 0, PT_OP_QUIET},
        // STORE_FAST_STORE_FAST
        [114] = {1, 0, PT_OP_QUIET},
        // STORE_GLOBAL
        [115] = {1, 0, 0},
        // STORE_NAME
        [116] = {1, 0, 0},
        // SWAP
        [117] = {1, 0, PT_OP_QUIET},
        // UNPACK_EX
        [118] = {1, 0, 0},
        // UNPACK_SEQUENCE
        [119] = {2, 0, 0},
        // YIELD_VALUE
        [120] = {1, 0, PT_OP_LEAVES | PT_OP_GLUED},
        // RESUME
        [128] = {1, 0, PT_OP_UNMARKED},
    },
};
// clang-format on
