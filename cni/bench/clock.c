/* Runs a program and writes the microseconds from before its start until after its end to FILE: clock FILE PROGRAM [ARGUMENT]... */
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

int main(int argc, char **argv) {
  struct timespec before, after;
  pid_t child;
  int status = 0;
  if (argc < 3) {
    fprintf(stderr, "usage: clock FILE PROGRAM [ARGUMENT]...\n");
    return 2;
  }
  clock_gettime(CLOCK_MONOTONIC, &before);
  int error = posix_spawn(&child, argv[2], NULL, NULL, argv + 2, environ);
  if (error != 0) {
    fprintf(stderr, "clock: %s: %s\n", argv[2], strerror(error));
    return 127;
  }
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  clock_gettime(CLOCK_MONOTONIC, &after);
  FILE *out = fopen(argv[1], "w");
  if (out == NULL) return 1;
  fprintf(out, "%ld\n", (after.tv_sec - before.tv_sec) * 1000000L + (after.tv_nsec - before.tv_nsec) / 1000);
  fclose(out);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
