/*
 * Starts programs at the same time and writes the microseconds from the start until the end of each to FILE, a line for each:
 *
 *   clock FILE { [NAME=VALUE]... [<FILE] PROGRAM [ARGUMENT]... -- }...
 *
 * A program gets only the variables named, and FILE as its stdin.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { MOST = 256, VARIABLES = 32 };

static struct {
  pid_t pid;
  struct timespec began;
  long micros;
} programs[MOST];

/* Starts the program described by `words`, which end with NULL. */
static void start(int number, char **words) {
  char *environment[VARIABLES + 1];
  int variables = 0;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (; *words != NULL && strchr(*words, '=') != NULL && variables < VARIABLES; words++) environment[variables++] = *words;
  environment[variables] = NULL;
  if (*words != NULL && **words == '<') posix_spawn_file_actions_addopen(&actions, 0, *words++ + 1, O_RDONLY, 0);
  if (*words == NULL) exit(2);
  clock_gettime(CLOCK_MONOTONIC, &programs[number].began);
  int error = posix_spawn(&programs[number].pid, *words, &actions, NULL, words, environment);
  if (error != 0) {
    fprintf(stderr, "clock: %s: %s\n", *words, strerror(error));
    exit(127);
  }
  posix_spawn_file_actions_destroy(&actions);
}

int main(int argc, char **argv) {
  int count = 0, failed = 0;
  if (argc < 4) {
    fprintf(stderr, "usage: clock FILE { [NAME=VALUE]... [<FILE] PROGRAM [ARGUMENT]... -- }...\n");
    return 2;
  }
  for (int first = 2; first < argc && count < MOST; count++) {
    int end = first;
    while (end < argc && strcmp(argv[end], "--") != 0) end++;
    argv[end] = NULL; /* argv[argc] is NULL already */
    start(count, argv + first);
    first = end + 1;
  }
  for (int left = count; left > 0; left--) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, 0)) < 0 && errno == EINTR) {
    }
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    for (int i = 0; i < count; i++) {
      if (programs[i].pid != pid) continue;
      programs[i].micros = (now.tv_sec - programs[i].began.tv_sec) * 1000000L + (now.tv_nsec - programs[i].began.tv_nsec) / 1000;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) failed++;
  }
  FILE *out = fopen(argv[1], "w");
  if (out == NULL) return 1;
  for (int i = 0; i < count; i++) fprintf(out, "%ld\n", programs[i].micros);
  fclose(out);
  if (failed > 0) fprintf(stderr, "clock: %d of %d programs failed\n", failed, count);
  return failed > 0;
}
