/* SPDX-License-Identifier: MIT */
/* bytecode_315.c - the bytecode of CPython 3.15, as data. */
#include "linetrace/bytecode.h"

// clang-format off
const struct pt_bytecode pt_bytecode = {
    .op = {
        .extended_arg = 67,
        .nop = 25,
        .load_const = 81,
        .unary_invert = 38,
        .pop_top = 29,
        .load_fast = 83,
        .delete_fast = 61,
        .runs_probe = {38, 29},
        .resume = 128,
        .yield_value = 119,
        .for_iter = 68,
        .send = 105,
        .end_async_for = 66,
        .jump_backward = 74,
        .jump_back_quiet = 75,
        .reraise = 104,
        .binary_op = 42,
        .store_fast = 111,
        .load_global = 91,
        .load_attr = 79,
        .push_null = 31,
        .copy = 57,
        .swap = 116,
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
        .start_mask = 7,
    },
    .info = {
        // BINARY_SLICE
        [1] = {1, 0, 0},
        // BUILD_TEMPLATE
        [2] = {1, 0, 0},
        // CALL_FUNCTION_EX
        [4] = {2, 0, PT_OP_PUSHES | PT_OP_CALLS},
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
        // GET_LEN
        [16] = {1, 0, 0},
        // LOAD_BUILD_CLASS
        [19] = {1, 0, 0},
        // LOAD_LOCALS
        [20] = {1, 0, 0},
        // MAKE_FUNCTION
        [21] = {1, 0, 0},
        // MATCH_KEYS
        [22] = {1, 0, 0},
        // MATCH_MAPPING
        [23] = {1, 0, 0},
        // MATCH_SEQUENCE
        [24] = {1, 0, 0},
        // NOP
        [25] = {1, 0, PT_OP_QUIET},
        // NOT_TAKEN
        [26] = {1, 0, PT_OP_QUIET | PT_OP_TAIL},
        // POP_EXCEPT
        [27] = {1, 0, PT_OP_QUIET},
        // POP_ITER
        [28] = {1, 0, PT_OP_QUIET | PT_OP_UNMARKED | PT_OP_TAIL},
        // POP_TOP
        [29] = {1, 0, PT_OP_QUIET},
        // PUSH_EXC_INFO
        [30] = {1, 0, PT_OP_QUIET},
        // PUSH_NULL
        [31] = {1, 0, PT_OP_QUIET},
        // RETURN_GENERATOR
        [32] = {1, 0, 0},
        // RETURN_VALUE
        [33] = {1, 0, PT_OP_STOPS | PT_OP_LEAVES | PT_OP_QUIET},
        // SETUP_ANNOTATIONS
        [34] = {1, 0, 0},
        // STORE_SLICE
        [35] = {1, 0, 0},
        // STORE_SUBSCR
        [36] = {2, 0, 0},
        // TO_BOOL
        [37] = {4, 0, 0},
        // UNARY_INVERT
        [38] = {1, 0, 0},
        // UNARY_NEGATIVE
        [39] = {1, 0, 0},
        // UNARY_NOT
        [40] = {1, 0, 0},
        // WITH_EXCEPT_START
        [41] = {1, 0, PT_OP_ENTERS},
        // BINARY_OP
        [42] = {6, 0, PT_OP_PUSHES},
        // BUILD_INTERPOLATION
        [43] = {1, 0, 0},
        // BUILD_LIST
        [44] = {1, 0, 0},
        // BUILD_MAP
        [45] = {1, 0, 0},
        // BUILD_SET
        [46] = {1, 0, 0},
        // BUILD_SLICE
        [47] = {1, 0, 0},
        // BUILD_STRING
        [48] = {1, 0, 0},
        // BUILD_TUPLE
        [49] = {1, 0, 0},
        // CALL
        [50] = {4, 0, PT_OP_PUSHES | PT_OP_CALLS},
        // CALL_INTRINSIC_1
        [51] = {1, 0, 0},
        // CALL_INTRINSIC_2
        [52] = {1, 0, 0},
        // CALL_KW
        [53] = {4, 0, PT_OP_PUSHES | PT_OP_CALLS},
        // COMPARE_OP
        [54] = {2, 0, 0},
        // CONTAINS_OP
        [55] = {2, 0, 0},
        // CONVERT_VALUE
        [56] = {1, 0, 0},
        // COPY
        [57] = {1, 0, PT_OP_QUIET},
        // COPY_FREE_VARS
        [58] = {1, 0, 0},
        // DELETE_ATTR
        [59] = {1, 0, 0},
        // DELETE_DEREF
        [60] = {1, 0, 0},
        // DELETE_FAST
        [61] = {1, 0, 0},
        // DELETE_GLOBAL
        [62] = {1, 0, 0},
        // DELETE_NAME
        [63] = {1, 0, 0},
        // DICT_MERGE
        [64] = {1, 0, 0},
        // DICT_UPDATE
        [65] = {1, 0, 0},
        // END_ASYNC_FOR
        [66] = {1, 0, PT_OP_UNMARKED | PT_OP_LABEL | PT_OP_BACKWARD},
        // EXTENDED_ARG
        [67] = {1, 0, PT_OP_GLUED},
        // FOR_ITER
        [68] = {2, 0, PT_OP_JUMP | PT_OP_PUSHES | PT_OP_ENTERS},
        // GET_AWAITABLE
        [69] = {1, 0, 0},
        // GET_ITER
        [70] = {2, 0, 0},
        // IMPORT_FROM
        [71] = {1, 0, 0},
        // IMPORT_NAME
        [72] = {1, 0, PT_OP_ENTERS},
        // IS_OP
        [73] = {1, 0, PT_OP_QUIET},
        // JUMP_BACKWARD
        [74] = {2, 0, PT_OP_JUMP | PT_OP_BACKWARD | PT_OP_STOPS},
        // JUMP_BACKWARD_NO_INTERRUPT
        [75] = {1, 0, PT_OP_JUMP | PT_OP_BACKWARD | PT_OP_STOPS | PT_OP_QUIET},
        // JUMP_FORWARD
        [76] = {1, 0, PT_OP_JUMP | PT_OP_STOPS | PT_OP_QUIET},
        // LIST_APPEND
        [77] = {1, 0, 0},
        // LIST_EXTEND
        [78] = {1, 0, 0},
        // LOAD_ATTR
        [79] = {10, 0, PT_OP_PUSHES},
        // LOAD_COMMON_CONSTANT
        [80] = {1, 0, PT_OP_QUIET},
        // LOAD_CONST
        [81] = {1, 0, PT_OP_QUIET},
        // LOAD_DEREF
        [82] = {1, 0, 0},
        // LOAD_FAST
        [83] = {1, 0, PT_OP_QUIET},
        // LOAD_FAST_AND_CLEAR
        [84] = {1, 0, PT_OP_QUIET},
        // LOAD_FAST_BORROW
        [85] = {1, 0, PT_OP_QUIET},
        // LOAD_FAST_BORROW_LOAD_FAST_BORROW
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
        // LOAD_SMALL_INT
        [93] = {1, 0, PT_OP_QUIET},
        // LOAD_SPECIAL
        [94] = {1, 0, 0},
        // LOAD_SUPER_ATTR
        [95] = {2, 0, 0},
        // MAKE_CELL
        [96] = {1, 0, 0},
        // MAP_ADD
        [97] = {1, 0, 0},
        // MATCH_CLASS
        [98] = {1, 0, 0},
        // POP_JUMP_IF_FALSE
        [99] = {2, 0, PT_OP_JUMP},
        // POP_JUMP_IF_NONE
        [100] = {2, 0, PT_OP_JUMP | PT_OP_QUIET},
        // POP_JUMP_IF_NOT_NONE
        [101] = {2, 0, PT_OP_JUMP | PT_OP_QUIET},
        // POP_JUMP_IF_TRUE
        [102] = {2, 0, PT_OP_JUMP},
        // RAISE_VARARGS
        [103] = {1, 0, PT_OP_STOPS | PT_OP_RAISES},
        // RERAISE
        [104] = {1, 0, PT_OP_STOPS | PT_OP_RAISES},
        // SEND
        [105] = {2, 0, PT_OP_JUMP | PT_OP_PUSHES | PT_OP_GLUED},
        // SET_ADD
        [106] = {1, 0, 0},
        // SET_FUNCTION_ATTRIBUTE
        [107] = {1, 0, 0},
        // SET_UPDATE
        [108] = {1, 0, 0},
        // STORE_ATTR
        [109] = {5, 0, 0},
        // STORE_DEREF
        [110] = {1, 0, 0},
        // STORE_FAST
        [111] = {1, 0, PT_OP_QUIET},
        // STORE_FAST_LOAD_FAST
        [112] = {1, 0, PT_OP_QUIET},
        // STORE_FAST_STORE_FAST
        [113] = {1, 0, PT_OP_QUIET},
        // STORE_GLOBAL
        [114] = {1, 0, 0},
        // STORE_NAME
        [115] = {1, 0, 0},
        // SWAP
        [116] = {1, 0, PT_OP_QUIET},
        // UNPACK_EX
        [117] = {1, 0, 0},
        // UNPACK_SEQUENCE
        [118] = {2, 0, 0},
        // YIELD_VALUE
        [119] = {1, 0, PT_OP_LEAVES | PT_OP_GLUED},
        // RESUME
        [128] = {2, 0, PT_OP_UNMARKED},
    },
};
// clang-format on
