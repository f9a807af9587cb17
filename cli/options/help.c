/* SPDX-License-Identifier: MIT */
/* help.c - written by hand, so that it reads well. */
#include "cli/options/help.h"

#include <unistd.h>

#include "cli/report/text/say.h"
#include "core/base/file.h"

#define VERSION_TEXT \
  "pytrace " PT_VERSION ", made for CPython " PT_PYTHON_VERSION "\n"

static const char overview[] =
    "usage: pytrace [options] prog.py [args ...]\n"
    "       pytrace COMMAND ...   (one of those below)\n"
    "\n"
    "Run a Python program as plain python would, then report how often each "
    "of\n"
    "its lines ran, how much memory they allocated, and how much they still "
    "hold.\n"
    "\n"
    "    pytrace --count --mem prog.py           prog.cover ..., and tables\n"
    "    pytrace --count -m -s --module pkg      mark and sum up what never "
    "ran\n"
    "    pytrace --mem -o run.pytrace prog.py    memory alone; keep the "
    "recording\n"
    "\n"
    "what to record (at least one of them):\n"
    "  -c, --count         how often each line runs: a listing beside each "
    "source\n"
    "      --branch        and which way each decision went\n"
    "      --mem           memory: totals, and the lines that hold the most\n"
    "      --mem=sample    the same, estimated, at next to no cost\n"
    "      --native        with --mem: what libraries take from malloc(), "
    "too\n"
    "      --line-times    each line's own time\n"
    "  -l, --listfuncs     the functions that were called\n"
    "  -T, --trackcalls    who called whom\n"
    "  -t, --trace         print each line as it runs\n"
    "      --calls         print each call as it happens\n"
    "\n"
    "how to report:\n"
    "  -C, --coverdir DIR  all listings go to DIR\n"
    "  -m, --missing       mark lines that never ran with '>>>>>>'\n"
    "  -s, --summary       lines and coverage of each module\n"
    "      --fail-under N  end with status 2 if less than N percent ran\n"
    "      --mem-top N     how many entries the memory tables show (10)\n"
    "      --mem-group lineno|filename|function|traceback\n"
    "      --mem-peak      what was held at the peak, too\n"
    "  -o, --output FILE   keep the recording in FILE\n"
    "\n"
    "what to run:\n"
    "      --module        the program is the name of a module\n"
    "      --cmd CODE      run CODE, as python -c does\n"
    "      --all           the standard library and site-packages, too; else "
    "only\n"
    "                      your own code is counted\n"
    "      --python PY     run it with this interpreter\n"
    "\n"
    "and as in trace: -f/--file, -r/--report, -R/--no-report, -g/--timing,\n"
    "--ignore-module, --ignore-dir, --version\n"
    "\n"
    "commands for recordings, each with a --help: report, info, check, diff, "
    "leaks,\n"
    "export, combine, top, dump\n"
    "pytrace --help-all lists all options and the exit statuses.\n";

static const char usage[] =
    "usage: pytrace [options] prog.py [args ...]\n"
    "       pytrace [options] --module name [args ...]\n"
    "       pytrace [options] --cmd code [args ...]\n"
    "       pytrace COMMAND ...   (one of those below)\n"
    "\n"
    "Run a Python program as plain python would, then report how often each "
    "of\n"
    "its lines ran, how much memory they allocated, and how much they still "
    "hold.\n"
    "The report appears however the program ends, and pytrace ends as it "
    "did.\n"
    "\n";

static const char what_to_record[] =
    "what to record (at least one of them):\n"
    "  -c, --count         count how often each line runs, and write a "
    "listing\n"
    "                      <module>.cover beside each source\n"
    "      --hits          only whether it runs: cheaper, and 1 for each that "
    "does\n"
    "      --branch        and, for each line that decides, how often it went "
    "where\n"
    "      --line-times    measure the time of each line: the top lines, and "
    "with\n"
    "                      --count columns in the listings\n"
    "  -l, --listfuncs     print the functions that were called\n"
    "      --call-counts   and how often each was, here or with -T\n"
    "      --calls         print each call as it happens, as a tree\n"
    "      --args          with arguments\n"
    "      --returns       with what is returned or yielded\n"
    "      --exceptions    with exceptions\n"
    "  -t, --trace         print each line as it runs\n"
    "  -g, --timing        with the seconds since the start before it\n"
    "      --timing-digits N   of these seconds (2; the clock has 9)\n"
    "      --thread-names  with the thread's name, once there are several\n"
    "      --color         with colours\n"
    "  -T, --trackcalls    print who called whom\n"
    "      --callgraph dot|json|text\n"
    "                      as a graph\n"
    "  -f, --file FILE     add up counts over several runs in FILE\n"
    "  -r, --report        write listings from FILE and run nothing\n"
    "  -R, --no-report     only add to FILE\n"
    "      --mem[=exact]   follow every allocation; print totals and the "
    "lines\n"
    "                      that hold the most memory. With --count, listings\n"
    "                      get a column: allocated in all, live at the end\n"
    "      --mem=sample    the same from a sample: about one block in 512 "
    "KiB, at\n"
    "                      next to no cost; sizes are estimates, with their "
    "error\n"
    "      --mem=off       no memory, whatever came before\n"
    "      --native[=on|auto|off]\n"
    "                      with --mem: follow what libraries take from "
    "malloc(),\n"
    "                      too; auto: go on without it where that is "
    "impossible\n"
    "      --native-stacks with --native: and by which C functions they were "
    "called\n"
    "      --native-profile FILE\n"
    "                      with --native: also jemalloc's own heap profile "
    "(jeprof)\n"
    "\n";

static const char how_to_report[] =
    "how to report:\n"
    "  -C, --coverdir DIR  write all listings to DIR, as "
    "<package>.<module>.cover\n"
    "  -m, --missing       mark lines that never ran with '>>>>>>'\n"
    "  -s, --summary       print lines and coverage of each module\n"
    "      --summary-format text|markdown|json\n"
    "                      how (text)\n"
    "      --fail-under N  end with status 2 if less than N percent of the "
    "lines\n"
    "                      ran, marked or not, and the program ended with 0\n"
    "      --per-process   figures of each process, and the top lines with a "
    "column\n"
    "                      for each\n"
    "      --times-top N   how many lines the table of times shows (10)\n"
    "      --fail-peak SIZE\n"
    "                      end with status 3 if more was held at the peak "
    "(64K,\n"
    "                      1.5MiB)\n"
    "      --fail-live SIZE  with status 4 if more is kept at the end\n"
    "      --fail-leak     with status 5 if pytrace leaks would find one\n"
    "      --mem-top N     how many entries the memory tables show (10)\n"
    "      --mem-group lineno|filename|function|traceback\n"
    "                      what an entry is (lineno)\n"
    "      --mem-frames N  a traceback has N frames, from the innermost (25)\n"
    "      --mem-filter PATTERN\n"
    "                      only memory of files that fit one of the patterns\n"
    "      --mem-omit PATTERN\n"
    "                      no memory of files that fit one of the patterns\n"
    "      --mem-cumulative  charge each entry with all that was allocated in "
    "it\n"
    "                      and in what it called\n"
    "      --mem-peak      one more table: what was held at the peak\n"
    "      --mem-churn     one more table: what was allocated and freed\n"
    "      --mem-lifetime  in that table, how long blocks lived on average\n"
    "      --mem-source    show the source lines of the entries\n"
    "      --snapshot FILE write what the program held in the end to FILE, "
    "for\n"
    "                      pytrace.tracemalloc.Snapshot.load()\n"
    "\n";

static const char what_to_keep[] =
    "what to keep:\n"
    "  -o, --output FILE   keep the recording in FILE, for pytrace report\n"
    "      --snapshot-on none|SIGUSR1|SIGUSR2\n"
    "                      the signal makes a snapshot in the recording\n"
    "      --timeline calls|lines|allocs|all\n"
    "                      record these as events, too; a comma between "
    "several\n"
    "      --ring SIZE     keep only the last events of each process, as 64M\n"
    "      --last TIME     keep only events of the last TIME, as 30s or 5m\n"
    "\n";

static const char what_to_run[] =
    "what to run:\n"
    "      --module        the program is the name of a module\n"
    "      --cmd CODE      run CODE, as python -c does\n"
    "      --all           trace the standard library and site-packages too;\n"
    "                      else only your own code\n"
    "      --include PATTERN\n"
    "                      count only lines of files that fit one of the "
    "patterns,\n"
    "                      your own or not\n"
    "      --omit PATTERN  count no lines of files that fit one of the "
    "patterns\n"
    "      --ignore-module NAME\n"
    "                      count no lines of this module or package; a comma\n"
    "                      between several\n"
    "      --ignore-dir DIR\n"
    "                      count no lines below this directory; a colon "
    "between\n"
    "                      several; $prefix and $exec_prefix are the "
    "libraries'\n"
    "      --python PY     run it with this interpreter (CPython >= 3.11);\n"
    "                      else with that of $VIRTUAL_ENV, else the one that\n"
    "                      pytrace was installed for, else python3 on PATH\n"
    "      --engine NAME   count lines by probe, monitoring (CPython >= "
    "3.12)\n"
    "                      or settrace; else by the best available\n"
    "      --              end of the options\n"
    "\n"
    "  -h, --help          print the options used most\n"
    "      --help-all      print this\n"
    "      --version       print the version\n"
    "\n";

static const char the_commands[] =
    "commands for recordings kept with -o; each has a --help of its own:\n"
    "  report FILE         print everything again, or in another way, or of "
    "another\n"
    "                      moment\n"
    "  info FILE           what the recording is\n"
    "  check FILE          whether it is intact\n"
    "  diff BEFORE AFTER   what changed from one to the other\n"
    "  leaks FILE          lines that hold more with each piece of work\n"
    "  export --to FORMAT FILE\n"
    "                      write it for another tool: json, csv, lcov, "
    "cobertura,\n"
    "                      coveragepy, collapsed, speedscope, pprof,\n"
    "                      chrome, perfetto\n"
    "  combine -o OUT FILE ...\n"
    "                      make one recording of several\n"
    "  top FILE            watch it while it is written\n"
    "  dump FILE           its events as JSON, one a line\n"
    "To run a program called report, write pytrace ... ./report.\n"
    "\n";

static const char exit_status[] =
    "The exit status is the program's own; 2 if the command line was wrong "
    "and\n"
    "nothing ran; 1 if the program ended well and a listing could not be "
    "written;\n"
    "2, 3, 4, 5 if it ended well and --fail-under, --fail-peak, --fail-live,\n"
    "--fail-leak was not met.\n";

static const char of_report[] =
    "usage: pytrace report [options] FILE\n"
    "\n"
    "Print the reports of a run that was recorded with -o, as the options "
    "say: on\n"
    "any machine, and as often as you like. Listings need the sources.\n"
    "\n"
    "    pytrace report -m -s -C cov run.pytrace\n"
    "    pytrace report --mem-group traceback --mem-top 3 run.pytrace\n"
    "    pytrace report --between warm done run.pytrace\n"
    "\n"
    "of which moment (the end):\n"
    "      --at TIME       seconds of the run, or the label of a mark or "
    "snapshot\n"
    "      --peak          when the most memory was held\n"
    "      --between TIME TIME\n"
    "                      what changed from one to the other\n"
    "                      FILE@LABEL is the same as --at LABEL\n"
    "\n"
    "of what:\n"
    "  -l, --listfuncs     print the functions that were called\n"
    "      --call-counts   and how often each was\n"
    "      --callgraph dot|json|text\n"
    "                      who called whom, as a graph\n"
    "\n";

static const char end_of_report[] =
    "  -h, --help          print this\n"
    "      --version       print the version\n";

static const char *const pages[][8] = {
    [PT_HELP_SHORT] = {overview},
    [PT_HELP_ALL] = {usage, what_to_record, how_to_report, what_to_keep,
                     what_to_run, the_commands, exit_status},
    [PT_HELP_REPORT] = {of_report, how_to_report, end_of_report},
};

void
pt_help_add(struct pt_buf *out, enum pt_help_page page)
{
    for (const char *const *part = pages[page]; *part != NULL; part++) {
        pt_buf_add_text(out, *part);
    }
}

int
pt_help_answer(const struct pt_options *options, enum pt_help_page page)
{
    struct pt_buf out = PT_BUF_INIT;
    int code;

    if (options->is_version) {
        pt_buf_add_text(&out, VERSION_TEXT);
    }
    else {
        pt_help_add(&out, options->is_help_all ? PT_HELP_ALL : page);
    }
    code = pt_buf_check(&out);
    if (code == PT_OK) {
        code = pt_file_write(STDOUT_FILENO, pt_buf_text(&out), out.used);
    }
    pt_buf_release(&out);
    return code == PT_OK ? 0 : 1;
}

int
pt_help_refuse(const char *message)
{
    pt_say("%s", message);
    pt_say("usage is pytrace [options] prog.py [args ...]; pytrace --help "
           "tells more");
    return 2;
}
