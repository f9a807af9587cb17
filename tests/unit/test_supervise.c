/* SPDX-License-Identifier: MIT */
/* test_supervise.c - a program is started, awaited, and ended like.
 *
 * Each case runs in a child, for supervising changes how signals are handled.
 */
#include "tests/unit/support.h"

#include <poll.h>

#include "cli/run/supervise.h"

/* Supervise a shell command and end as it did. */
static void
supervise_shell(const char *command)
{
    char *words[] = {"/bin/sh", "-c", (char *)command, NULL};
    struct pt_ending ending;

    child_check(pt_supervise(words, NULL, &ending, NULL) == PT_OK);
    _exit(pt_supervise_end(&ending));
}

/* How a supervised command ended, as waitpid says it. */
static int
ending_of(const char *command)
{
    int status = 0;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        supervise_shell(command);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void
it_ends_as_the_program_did(void **state)
{
    static const int numbers[] = {SIGTERM, SIGKILL, SIGSEGV, SIGINT, SIGPIPE};
    int status;

    (void)state;
    assert_int_equal(WEXITSTATUS(ending_of("exit 0")), 0);
    assert_int_equal(WEXITSTATUS(ending_of("exit 200")), 200);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        char command[32];

        snprintf(command, sizeof(command), "kill -%d $$", numbers[i]);
        status = ending_of(command);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), numbers[i]);
    }
}

/* Start a command that says when it is ready; its pid is the supervisor's. */
static pid_t
start_supervised(const char *command)
{
    struct pollfd ready = {.events = POLLIN};
    char byte;
    int ends[2];
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    child = fork();
    if (child == 0) {
        setpgid(0, 0);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        supervise_shell(command);
    }
    close(ends[1]);
    ready.fd = ends[0];
    assert_int_equal(poll(&ready, 1, 20000), 1);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    return child;
}

static void
signals_to_us_go_on_to_the_program(void **state)
{
    static const int numbers[] = {SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        char command[128];
        pid_t child;

        snprintf(command, sizeof(command),
                 "trap 'exit 7' %d; echo; while :; do sleep 0.01; done",
                 numbers[i]);
        child = start_supervised(command);
        kill(child, numbers[i]);
        assert_int_equal(end_of(child), 7);
    }
}

static void
the_keyboard_is_the_program_s_business(void **state)
{
    pid_t child = start_supervised(
        "trap 'exit 9' INT; echo; while :; do sleep 0.01; done");

    (void)state;
    // As a terminal does it: to the whole group, us included.
    kill(-child, SIGINT);
    assert_int_equal(end_of(child), 9);
}

static void
ignore_some_and_look(void)
{
    char *words[] = {"/bin/grep", "-E", "Sig(Ign|Blk)", "/proc/self/status",
                     NULL};
    struct pt_ending ending;
    FILE *file = tmpfile();
    char text[128] = "";
    sigset_t blocked;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGALRM);
    signal(SIGHUP, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    dup2(fileno(file), STDOUT_FILENO);
    child_check(pt_supervise(words, NULL, &ending, NULL) == PT_OK);
    child_check(ending.status == 0 && ending.signal == 0);
    rewind(file);
    child_check(fread(text, 1, sizeof(text) - 1, file) > 0);
    child_check(strstr(text, "SigBlk:\t0000000000002000") != NULL);
    // SIGHUP and SIGCHLD.
    child_check(strstr(text, "SigIgn:\t0000000000010001") != NULL);
}

static void
the_program_starts_with_our_own_dispositions(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(ignore_some_and_look), 0);
}

static void
what_cannot_be_executed_is_said(void **state)
{
    char *words[] = {"/nonexistent/python", NULL};
    struct pt_ending ending;
    struct pt_err err;
    pid_t child;

    (void)state;
    fflush(NULL);
    child = fork();
    if (child == 0) {
        child_check(pt_supervise(words, NULL, &ending, &err) == PT_ERR_START);
        child_check(strstr(err.message, "'/nonexistent/python': No such "
                                        "file") != NULL);
        _exit(0);
    }
    assert_int_equal(end_of(child), 0);
}

/* Without a descriptor left there is no pipe; no interpreter is at fault. */
static void
run_without_descriptors(void)
{
    char *words[] = {"/bin/true", NULL};
    struct rlimit none = {3, 3};
    struct pt_ending ending;
    struct pt_err err;

    child_check(setrlimit(RLIMIT_NOFILE, &none) == 0);
    child_check(pt_supervise(words, NULL, &ending, &err) == PT_ERR_IO);
    child_check(strcmp(err.message,
                       "cannot make a pipe to the program: Too many open "
                       "files; raise the limit of open files (ulimit -n)") ==
                0);
}

static void
that_there_is_no_pipe_is_said(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(run_without_descriptors), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_ends_as_the_program_did),
        cmocka_unit_test(signals_to_us_go_on_to_the_program),
        cmocka_unit_test(the_keyboard_is_the_program_s_business),
        cmocka_unit_test(the_program_starts_with_our_own_dispositions),
        cmocka_unit_test(what_cannot_be_executed_is_said),
        cmocka_unit_test(that_there_is_no_pipe_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
