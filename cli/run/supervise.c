/* SPDX-License-Identifier: MIT */
/* supervise.c - fork, exec, wait, and signals in between.
 *
 * All signals of interest stay blocked and are taken by sigtimedwait, so none
 * falls between a look and a sleep, and no handler does any work.
 */
#include "cli/run/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"

static const int forwarded[] = {SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};

#define FORWARDED (sizeof(forwarded) / sizeof(forwarded[0]))

/* What we found at our start, and what we wait for. */
struct signals {
    sigset_t old_mask;
    sigset_t waited;
    struct sigaction old_child;
    struct sigaction old_quit;
};

static void
ignore_arrival(int number)
{
    (void)number;
}

static void
block_signals(struct signals *signals)
{
    struct sigaction action = {.sa_handler = ignore_arrival};
    sigset_t blocked;

    sigemptyset(&signals->waited);
    sigaddset(&signals->waited, SIGCHLD);
    for (size_t i = 0; i < FORWARDED; i++) {
        struct sigaction old;

        // What was ignored for us (nohup) stays ignored for both.
        if (sigaction(forwarded[i], NULL, &old) == 0 &&
            old.sa_handler != SIG_IGN) {
            sigaddset(&signals->waited, forwarded[i]);
        }
    }
    blocked = signals->waited;
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGQUIT);
    sigprocmask(SIG_BLOCK, &blocked, &signals->old_mask);
    // An ignored SIGCHLD would take the child's status from us.
    sigaction(SIGCHLD, &action, &signals->old_child);
}

/* In the child. On failure errno goes up the pipe. */
static void
execute(char *const words[], const struct signals *signals, int pipe_end)
{
    int number;

    sigaction(SIGCHLD, &signals->old_child, NULL);
    sigprocmask(SIG_SETMASK, &signals->old_mask, NULL);
    execv(words[0], words);
    number = errno;
    if (write(pipe_end, &number, sizeof(number)) != sizeof(number)) {
        // The status tells as much as can be told.
    }
    _exit(127);
}

/* errno of the exec, or 0 when the program runs. */
static int
read_exec_errno(int pipe_end)
{
    int number = 0;
    ssize_t got;

    do {
        got = read(pipe_end, &number, sizeof(number));
    } while (got < 0 && errno == EINTR);
    return got == sizeof(number) ? number : 0;
}

static void
forward(pid_t child, const siginfo_t *info)
{
    // From the kernel it comes to the whole terminal: the child has its own.
    if (info->si_signo != SIGCHLD && info->si_code != SI_KERNEL) {
        kill(child, info->si_signo);
    }
}

/* Wait for a signal, or for the time of the next beat, which is then done. */
static void
wait_once(pid_t child, const struct signals *signals,
          const struct pt_beat *beat, uint64_t *next_ns)
{
    uint64_t now_ns = pt_clock_ns();
    uint64_t left_ns = now_ns < *next_ns ? *next_ns - now_ns : 0;
    struct timespec left = {(time_t)(left_ns / 1000000000),
                            (long)(left_ns % 1000000000)};
    siginfo_t info;

    if (sigtimedwait(&signals->waited, &info, beat != NULL ? &left : NULL) >
        0) {
        forward(child, &info);
    }
    now_ns = pt_clock_ns();
    if (beat != NULL && now_ns >= *next_ns) {
        beat->func(beat->context);
        // Beats that were missed are not made up for.
        *next_ns = now_ns + beat->interval_ns;
    }
}

static void
wait_for(pid_t child, const struct signals *signals,
         const struct pt_beat *beat, struct pt_ending *ending)
{
    uint64_t next_ns = 0;
    int status;

    for (;;) {
        pid_t gone = waitpid(child, &status, WNOHANG);

        if (gone == child) {
            break;
        }
        if (gone < 0 && errno != EINTR) {
            *ending = (struct pt_ending){.status = 1};
            return;
        }
        wait_once(child, signals, beat, &next_ns);
    }
    ending->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    ending->status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

/* Ctrl-C and Ctrl-\ are the program's business. Unblocked only now: what is
 * ignored and blocked would stay pending, and kill us later. */
static void
ignore_keyboard(struct signals *signals)
{
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigset_t keyboard;

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGQUIT, &action, &signals->old_quit);
    sigemptyset(&keyboard);
    sigaddset(&keyboard, SIGINT);
    sigaddset(&keyboard, SIGQUIT);
    sigprocmask(SIG_UNBLOCK, &keyboard, NULL);
}

/* A reader of stdout who left, or a file that may not grow, is an error to be
 * told and no reason to die. */
static void
ignore_outputs(void)
{
    struct sigaction action = {.sa_handler = SIG_IGN};

    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
}

int
pt_supervise(char *const words[], const struct pt_beat *beat,
             struct pt_ending *ending, struct pt_err *err)
{
    struct signals signals;
    int ends[2], number;
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return pt_err_set(err, PT_ERR_IO,
                          "cannot make a pipe to the program: %s; raise the "
                          "limit of open files (ulimit -n)",
                          strerror(errno));
    }
    block_signals(&signals);
    child = fork();
    if (child == 0) {
        execute(words, &signals, ends[1]);
    }
    number = errno;
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return pt_err_set(err, PT_ERR_IO,
                          "cannot start a process for the program: %s; end "
                          "others, or raise their limit (ulimit -u)",
                          strerror(number));
    }
    ignore_keyboard(&signals);
    // The beats may write already.
    ignore_outputs();
    number = read_exec_errno(ends[0]);
    close(ends[0]);
    wait_for(child, &signals, beat, ending);
    // One more Ctrl-C must not cost the report; Ctrl-\ ends even that.
    sigaction(SIGQUIT, &signals.old_quit, NULL);
    if (number != 0) {
        return pt_err_set(err, PT_ERR_START,
                          "cannot execute the interpreter '%s': %s; choose "
                          "another with --python",
                          words[0], strerror(number));
    }
    return PT_OK;
}

int
pt_supervise_end(const struct pt_ending *ending)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    struct rlimit none = {0, 0};
    sigset_t unblocked;

    if (ending->signal == 0) {
        return ending->status;
    }
    // The program's core is of interest, ours is not.
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
    sigaction(ending->signal, &action, NULL);
    sigemptyset(&unblocked);
    sigaddset(&unblocked, ending->signal);
    sigprocmask(SIG_UNBLOCK, &unblocked, NULL);
    kill(getpid(), ending->signal);
    return 128 + ending->signal;
}
