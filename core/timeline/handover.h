/* SPDX-License-Identifier: MIT */
/* handover.h - what the supervisor tells the traced interpreter at its start.
 *
 * Only environment variables reach an interpreter that is otherwise started
 * exactly as the user would. The boot module takes them out of the
 * environment before the program can see them.
 */
#ifndef PT_CORE_TIMELINE_HANDOVER_H
#define PT_CORE_TIMELINE_HANDOVER_H

/* The recording's descriptor number, decimal. */
#define PT_ENV_RECORDING "PYTRACE_RECORDING"

/* The descriptor of the spools (core/base/spool.h), if anything is printed
 * while the program runs. */
#define PT_ENV_SPOOLS "PYTRACE_SPOOLS"

/* The user's own PYTHONPATH; absent when there was none. PYTHONPATH itself
 * names the directory of our boot module, then the user's. */
#define PT_ENV_PYTHONPATH "PYTRACE_PYTHONPATH"

/* With the native tier: the user's own LD_PRELOAD, or nothing. LD_PRELOAD
 * itself names our library, then the user's. */
#define PT_ENV_PRELOAD "PYTRACE_LD_PRELOAD"

/* With --native-profile: the absolute path of the profile; and the user's own
 * MALLOC_CONF, absent when there was none. */
#define PT_ENV_PROFILE "PYTRACE_NATIVE_PROFILE"
#define PT_ENV_MALLOC_CONF "PYTRACE_MALLOC_CONF"

#endif
