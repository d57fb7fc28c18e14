/* Copyright: kubetriage.node contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one program in the lab's images. Without an argument it waits, as the pause container does; as the first process of a
 * pod it also takes in dead children.
 *   leak MIB     touches MIB mebibytes, 2 ms for each, then waits
 *   forks KEEP   forks until the kernel refuses, then ends KEEP of its children, so that KEEP PIDs are free again, and waits
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static void end(int signal_number) { (void)signal_number; _exit(0); }

static void leak(long mebibytes) {
    for (long i = 0; i < mebibytes; i++) {
        char *block = malloc(1 << 20);
        if (!block) _exit(1);
        memset(block, 1, 1 << 20);
        usleep(2000);
    }
}

static void forks(long keep) {
    static pid_t children[65536];
    long count = 0;
    while (count < 65536) {
        pid_t child = fork();
        if (child < 0) break;
        if (child == 0) for (;;) pause();
        children[count++] = child;
    }
    while (keep-- > 0 && count > 0) kill(children[--count], SIGKILL);
}

int main(int argc, char **argv) {
    signal(SIGTERM, end);
    signal(SIGINT, end);
    signal(SIGCHLD, SIG_IGN);
    if (argc > 2 && !strcmp(argv[1], "leak")) leak(atol(argv[2]));
    if (argc > 2 && !strcmp(argv[1], "forks")) forks(atol(argv[2]));
    for (;;) pause();
}
