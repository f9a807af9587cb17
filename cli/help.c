/* SPDX-License-Identifier: MIT */
/* help.c - written by hand, so that it reads well. */
#include "cli/help.h"

#include <string.h>
#include <unistd.h>

#include "cli/report/say.h"
#include "core/base/file.h"

#define VERSION_TEXT \
  "pytrace " PT_VERSION ", made for CPython " PT_PYTHON_VERSION "\n"

static const char text[] =
    "usage: pytrace [options] prog.py [args ...]\n"
    "       pytrace [options] --module name [args ...]\n"
    "       pytrace [options] --cmd code [args ...]\n"
    "       pytrace COMMAND ...   (one of those below)\n"
    "\n"
    "Run a Python program as plain python would, then tell which of its "
    "lines\n"
    "ran how often, what memory they took, and what of it they still hold.\n"
    "However the program ends, the report appears, and pytrace ends "
    "likewise.\n"
    "\n"
    "what to record (at least one of them):\n"
    "  -c, --count         count how often each line runs, and write a "
    "listing\n"
    "                      <module>.cover beside each source\n"
    "      --hits          only whether it runs: cheaper, and 1 for each that "
    "does\n"
    "      --branch        and where each line that decides went on to, how "
    "often\n"
    "      --line-times        take the time of each line: the top lines, and "
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
    "      --mem=off       no memory, whatever was said before\n"
    "      --native[=on|auto|off]\n"
    "                      with --mem: follow what libraries take from "
    "malloc(),\n"
    "                      too; auto: go on without where that cannot be\n"
    "\n"
    "how to report:\n"
    "  -C, --coverdir DIR  write all listings to DIR, as <package>.<module>."
    "cover\n"
    "  -m, --missing       mark lines that never ran with '>>>>>>'\n"
    "  -s, --summary       print lines and coverage of each module\n"
    "      --summary-format text|markdown|json\n"
    "                      how (text)\n"
    "      --fail-under N  end with status 2 if less than N percent of the "
    "lines\n"
    "                      ran, marked or not, and the program ended with 0\n"
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
    "      --mem-cumulative  charge each entry with all that was allocated "
    "in it\n"
    "                      and in what it called\n"
    "      --mem-peak      one more table: what was held at the peak\n"
    "      --mem-churn     one more table: what was allocated and freed\n"
    "      --mem-source    show the source lines of the entries\n"
    "  -o, --output FILE   keep the recording in FILE, for pytrace report\n"
    "\n"
    "what to run:\n"
    "      --module        the program is the name of a module\n"
    "      --cmd CODE      run CODE, as python -c does\n"
    "      --all           trace the standard library and site-packages too;\n"
    "                      else only your own code\n"
    "      --include PATTERN\n"
    "                      count only lines of files that fit one of the "
    "patterns,\n"
    "                      be they your own or not\n"
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
    "                      or settrace; else by the best there is\n"
    "      --              end of the options\n"
    "\n"
    "  -h, --help          print this\n"
    "      --version       print the version\n"
    "\n"
    "commands for recordings kept with -o; each has a --help of its own:\n"
    "  report FILE         print everything again; the options on how to "
    "report,\n"
    "                      but not -o\n"
    "  info FILE           what the recording is\n"
    "  check FILE          whether all of it holds\n"
    "  diff BEFORE AFTER   what changed from one to another\n"
    "  leaks FILE          lines that hold more with each piece of work\n"
    "  export --to FORMAT FILE\n"
    "                      write it for another tool: json, csv, lcov, "
    "cobertura,\n"
    "                      coveragepy, collapsed, speedscope, pprof,\n"
    "                      chrome, perfetto\n"
    "  dump FILE           its events as JSON, one a line\n"
    "To run a program called report, write pytrace ... ./report.\n"
    "\n"
    "The exit status is the program's own; 2 if the command line was wrong "
    "and\n"
    "nothing ran; 1 if the program ended well and a listing could not be "
    "written;\n"
    "2, 3, 4, 5 if it ended well and --fail-under, --fail-peak, "
    "--fail-live,\n"
    "--fail-leak was not met.\n";

const char *
pt_help_text(void)
{
    return text;
}

int
pt_help_answer(const struct pt_options *options)
{
    const char *answer = options->is_help ? text : VERSION_TEXT;

    return pt_file_write(STDOUT_FILENO, answer, strlen(answer)) == PT_OK ? 0
                                                                         : 1;
}

int
pt_help_refuse(const char *message)
{
    pt_say("%s", message);
    pt_say("usage is pytrace [options] prog.py [args ...]; pytrace --help "
           "tells more");
    return 2;
}
