/* The process that holds a pod's namespaces: it waits until it is told to end. */
#include <signal.h>
#include <unistd.h>

static void end(int signal) { _exit(0); }

int main(void) {
  /* As process 1 of its namespace it gets only the signals it handles. */
  signal(SIGTERM, end);
  signal(SIGINT, end);
  /* Orphans of a shared process namespace are reaped by the kernel. */
  signal(SIGCHLD, SIG_IGN);
  for (;;) pause();
}
