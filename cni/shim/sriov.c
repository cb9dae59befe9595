/*
 * The CNI executable, installed under the name of every plugin: hands one call to the CNI server of the config daemon, with the name
 * it was started under, and prints its answer. It checks what the CNI protocol lets it check alone, and knows nothing of SR-IOV.
 * The wire protocol is described in ../README.md. No memory is allocated: every buffer is static and bounded.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "json.h"
#include "wire.h"

#ifndef SOCKET_PATH
#define SOCKET_PATH "/run/sriov/cni/cni.sock"
#endif
#ifndef UNINSTALLED_PATH
#define UNINSTALLED_PATH "/etc/sriov-operator/uninstalled"
#endif

enum {
  AWAY_LIMIT_MS = 90 * 1000,    /* time the daemon may be away, summed over one call */
  SILENCE_LIMIT_MS = 150 * 1000, /* an accepted call: the server's own longest wait is a 60 s lock */
  STATUS_LIMIT_MS = 2 * 1000,
  FIRST_PAUSE_MS = 5,
  LONGEST_PAUSE_MS = 200,
  BUSY_TRIES = 6, /* a plugin that is just being replaced: "text file busy" */
  STDERR_LIMIT = 64 * 1024,
};

/* CNI error codes, CNI specification 1.1 "Error". */
enum { BAD_ENVIRONMENT = 4, IO_FAILURE = 5, DECODING_FAILURE = 6, BAD_CONFIG = 7, TRY_AGAIN = 11, NOT_AVAILABLE = 50, INTERNAL = 999 };

/* Name of the executable, handed on beside the CNI_ variables. */
#define STARTED_AS "SRIOV_CNI_NAME="

/* Tells that PRINTED follows DONE, which a server of an earlier version does not wait for. */
#define TELLS_PRINTED "SRIOV_CNI_TELLS_PRINTED=1"

extern char **environ;

static unsigned char input[CNI_INPUT_LIMIT + 1];
static size_t input_length;
static struct cni_config config;
static struct buffer call_head;
static struct frame_reader reader;
static unsigned char plugin_out[CNI_INPUT_LIMIT];
static unsigned char plugin_err[STDERR_LIMIT];

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void pause_ms(int64_t ms) {
  struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
  while (nanosleep(&t, &t) < 0 && errno == EINTR) {
  }
}

static void write_all(int fd, const void *data, size_t length) {
  const char *p = data;
  while (length > 0) {
    ssize_t n = write(fd, p, length);
    if (n > 0) {
      p += n;
      length -= (size_t)n;
    } else if (n < 0 && errno == EAGAIN) {
      struct pollfd writable = {.fd = fd, .events = POLLOUT};
      poll(&writable, 1, -1);
    } else if (n < 0 && errno != EINTR) {
      return; /* nobody reads any more; the exit code still tells */
    }
  }
}

/* Joins texts up to a NULL; false if they do not fit. Not by printf, which is larger than all of this program. */
static bool join(char *into, size_t size, ...) {
  size_t n = 0;
  bool fits = true;
  va_list texts;
  va_start(texts, size);
  for (const char *text = va_arg(texts, const char *); text != NULL; text = va_arg(texts, const char *)) {
    size_t length = strlen(text), room = size - 1 - n;
    if (length > room) fits = false;
    memcpy(into + n, text, length < room ? length : room);
    n += length < room ? length : room;
  }
  va_end(texts);
  into[n] = 0;
  return fits;
}

static void print_text(const char *text) { write_all(STDOUT_FILENO, text, strlen(text)); }

static void print_string(const char *text) {
  static char out[6 * 4096 + 3];
  size_t n = 0;
  out[n++] = '"';
  for (size_t i = 0; text[i] != 0 && i < 4096; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == '"' || c == '\\') {
      out[n++] = '\\';
      out[n++] = (char)c;
    } else if (c < 0x20) {
      static const char digits[] = "0123456789abcdef";
      memcpy(out + n, "\\u00", 4);
      out[n + 4] = digits[c >> 4];
      out[n + 5] = digits[c & 15];
      n += 6;
    } else {
      out[n++] = (char)c;
    }
  }
  out[n++] = '"';
  write_all(STDOUT_FILENO, out, n);
}

/* Prints the CNI error document and ends the process as the CNI specification wants it. */
static _Noreturn void fail(int code, const char *message, const char *details) {
  char number[4] = {(char)('0' + code / 100), (char)('0' + code / 10 % 10), (char)('0' + code % 10), 0};
  print_text("{\n");
  if (config.version[0] != 0) {
    print_text("    \"cniVersion\": ");
    print_string(config.version);
    print_text(",\n");
  }
  print_text("    \"code\": ");
  print_text(code >= 100 ? number : code >= 10 ? number + 1 : number + 2);
  print_text(",\n    \"msg\": ");
  print_string(message);
  if (details != NULL && details[0] != 0) {
    print_text(",\n    \"details\": ");
    print_string(details);
  }
  print_text("\n}");
  exit(1);
}

static const char *variable(const char *name) {
  const char *value = getenv(name);
  return value != NULL ? value : "";
}

static bool is(const char *a, const char *b) { return strcmp(a, b) == 0; }

/* CNI: a container id or network name matches ^[a-zA-Z0-9][a-zA-Z0-9_.\-]*$ */
static bool is_identifier(const char *s, size_t length) {
  for (size_t i = 0; i < length; i++) {
    char c = s[i];
    bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!alphanumeric && (i == 0 || (c != '_' && c != '.' && c != '-'))) return false;
  }
  return length > 0;
}

static const char *interface_name_fault(const char *name) {
  if (strlen(name) > 15) return "interface name is too long: at most 15 bytes are allowed";
  if (is(name, ".") || is(name, "..")) return "interface name is . or ..";
  if (strpbrk(name, "/: \t\n\v\f\r") != NULL) return "interface name contains / or : or whitespace characters";
  return NULL;
}

static void add_missing(char *list, const char *name) {
  if (list[0] != 0) strcat(list, ",");
  strcat(list, name);
}

/* Which variables each verb needs: specification 04 §1.3. */
static void check_environment(const char *command) {
  char missing[128] = "", message[200];
  bool container = is(command, "ADD") || is(command, "DEL") || is(command, "CHECK");
  bool known = container || is(command, "GC") || is(command, "STATUS");
  if (command[0] == 0) {
    add_missing(missing, "CNI_COMMAND");
  } else if (known) {
    const char *id = variable("CNI_CONTAINERID"), *name = variable("CNI_IFNAME");
    if (container && id[0] == 0) add_missing(missing, "CNI_CONTAINERID");
    if (container && id[0] != 0 && !is_identifier(id, strlen(id))) fail(BAD_ENVIRONMENT, "invalid characters in CNI_CONTAINERID", id);
    if (!is(command, "DEL") && container && variable("CNI_NETNS")[0] == 0) add_missing(missing, "CNI_NETNS");
    if (container && name[0] == 0) add_missing(missing, "CNI_IFNAME");
    const char *fault = container && name[0] != 0 ? interface_name_fault(name) : NULL;
    if (fault != NULL) fail(BAD_ENVIRONMENT, "CNI_IFNAME is not usable as an interface name", fault);
    if (variable("CNI_PATH")[0] == 0) add_missing(missing, "CNI_PATH");
  }
  if (missing[0] != 0) {
    join(message, sizeof message, "required environment variables are missing: [", missing, "]", NULL);
    fail(BAD_ENVIRONMENT, message, NULL);
  }
}

static void read_input(void) {
  while (input_length < sizeof input) {
    ssize_t n = read(STDIN_FILENO, input + input_length, sizeof input - input_length);
    if (n == 0) return;
    if (n > 0) {
      input_length += (size_t)n;
    } else if (errno == EAGAIN) {
      struct pollfd readable = {.fd = STDIN_FILENO, .events = POLLIN};
      poll(&readable, 1, -1);
    } else if (errno != EINTR) {
      fail(IO_FAILURE, "cannot read the network configuration from stdin", strerror(errno));
    }
  }
  fail(BAD_CONFIG, "the network configuration on stdin is longer than 1 MiB", NULL);
}

static void check_input(void) {
  switch (scan_config(input, input_length, &config)) {
    case CONFIG_OK:
      break;
    case CONFIG_NOT_JSON:
      fail(DECODING_FAILURE, "the network configuration on stdin is not one JSON object", NULL);
    case CONFIG_BAD_NAME_TYPE:
      fail(DECODING_FAILURE, "the network configuration on stdin has a \"name\" that is not a string", NULL);
  }
  if (config.name[0] == 0) fail(BAD_CONFIG, "the network configuration has no \"name\"", NULL);
  if (!is_identifier(config.name, config.name_length)) fail(BAD_CONFIG, "the network name has invalid characters", config.name);
}

/* --- the call --------------------------------------------------------------------------------- */

enum outcome { ANSWERED, LOST, LOST_BEFORE_ACCEPTED };

static int exit_code;

static void put_variable(uint32_t *count, const char *variable, size_t length) {
  put_u32(&call_head, (uint32_t)length);
  put_bytes(&call_head, variable, length);
  (*count)++;
}

/* The plugin is the one whose name the executable has; a runtime starts it by the path it found in CNI_PATH. */
static void put_started_as(uint32_t *count, const char *program) {
  static char variable[sizeof STARTED_AS + 256];
  const char *slash = strrchr(program, '/');
  const char *name = slash != NULL ? slash + 1 : program;
  if (name[0] != 0 && join(variable, sizeof variable, STARTED_AS, name, NULL)) put_variable(count, variable, strlen(variable));
}

static void prepare_call(const char *program, int netns_state, int netns_errno) {
  unsigned char id[16];
  size_t have = 0;
  while (have < sizeof id) {
    ssize_t n = getrandom(id + have, sizeof id - have, 0);
    if (n > 0) have += (size_t)n;
    else if (n < 0 && errno != EINTR) fail(INTERNAL, "cannot make a request id", strerror(errno));
  }
  buffer_start(&call_head, FRAME_CALL);
  put_u8(&call_head, WIRE_VERSION);
  put_bytes(&call_head, id, sizeof id);
  put_u8(&call_head, (uint8_t)netns_state);
  put_u32(&call_head, (uint32_t)netns_errno);
  size_t count_at = call_head.length;
  put_u32(&call_head, 0);
  uint32_t count = 0;
  put_started_as(&count, program);
  put_variable(&count, TELLS_PRINTED, sizeof TELLS_PRINTED - 1);
  for (char **e = environ; *e != NULL; e++) {
    if (strncmp(*e, "CNI_", 4) == 0) put_variable(&count, *e, strlen(*e));
  }
  put_u32(&call_head, (uint32_t)input_length);
  if (call_head.overflow) fail(BAD_ENVIRONMENT, "the CNI_ variables are longer than 256 KiB together", NULL);
  set_u32(&call_head, count_at, count);
}

/* Connects; -1 with errno when nobody serves. Never blocks: a full backlog is EAGAIN. */
static int connect_once(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) fail(INTERNAL, "the socket path is too long", path);
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) fail(INTERNAL, "cannot make a socket", strerror(errno));
  int result;
  do {
    result = connect(fd, (struct sockaddr *)&address, sizeof address);
  } while (result < 0 && errno == EINTR);
  if (result == 0) return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

/* The plugin's path: the first CNI_PATH folder in which it is a regular file. */
static bool find_plugin(const char *name, char *path, size_t size) {
  const char *folder = variable("CNI_PATH");
  if (name[0] == 0 || strchr(name, '/') != NULL || is(name, ".") || is(name, "..")) return false;
  for (;;) {
    size_t length = strcspn(folder, ":");
    struct stat status;
    if (length > 0 && length < size) {
      memcpy(path, folder, length);
      if (join(path + length, size - length, "/", name, NULL) && stat(path, &status) == 0 && S_ISREG(status.st_mode)) return true;
    }
    if (folder[length] == 0) return false;
    folder += length + 1;
  }
}

struct ran {
  enum { RAN, NOT_FOUND, NOT_STARTED } how;
  int error;  /* errno when it was not started */
  int status; /* exit code; 128 + signal when a signal ended it */
  size_t out, err;
  bool out_too_long;
};

static void drain(int *fd, unsigned char *into, size_t limit, size_t *length, bool *too_long) {
  unsigned char rest[4096];
  bool full = *length == limit;
  ssize_t n = read(*fd, full ? rest : into + *length, full ? sizeof rest : limit - *length);
  if (n > 0 && !full) *length += (size_t)n;
  if (n > 0 && full) *too_long = true;
  if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
    close(*fd);
    *fd = -1;
  }
}

static void feed(int *fd, const unsigned char *data, size_t length, size_t *sent) {
  ssize_t n = *sent < length ? write(*fd, data + *sent, length - *sent) : 0;
  if (n > 0) *sent += (size_t)n;
  if (*sent == length || (n < 0 && errno != EINTR && errno != EAGAIN)) {
    close(*fd);
    *fd = -1;
  }
}

/* Runs a CNI plugin as the runtime would run it, with CNI_COMMAND replaced. */
static struct ran run_plugin(const char *name, const char *command, const unsigned char *in, size_t in_length) {
  static char path[4096], command_variable[64];
  static char *environment[4096];
  struct ran ran = {.how = NOT_FOUND};
  if (!find_plugin(name, path, sizeof path)) return ran;

  size_t n = 0;
  join(command_variable, sizeof command_variable, "CNI_COMMAND=", command, NULL);
  for (char **e = environ; *e != NULL && n < sizeof environment / sizeof *environment - 2; e++) {
    if (strncmp(*e, "CNI_COMMAND=", 12) != 0) environment[n++] = *e;
  }
  environment[n++] = command_variable;
  environment[n] = NULL;

  int to[2], from[2], errors[2];
  ran.how = NOT_STARTED;
  if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0 || pipe2(errors, O_CLOEXEC) < 0) {
    ran.error = errno;
    return ran;
  }
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  char *arguments[] = {path, NULL};
  pid_t child;
  for (int attempt = 1;; attempt++) {
    ran.error = posix_spawn(&child, path, &actions, &attributes, arguments, environment);
    if (ran.error != ETXTBSY || attempt == BUSY_TRIES) break;
    pause_ms(1000);
  }
  close(to[0]);
  close(from[1]);
  close(errors[1]);
  if (ran.error != 0) {
    close(to[1]);
    close(from[0]);
    close(errors[0]);
    return ran;
  }

  size_t sent = 0;
  bool err_too_long = false;
  fcntl(to[1], F_SETFL, O_NONBLOCK);
  feed(&to[1], in, in_length, &sent);
  while (from[0] >= 0 || errors[0] >= 0) {
    struct pollfd wait[3] = {{.fd = from[0], .events = POLLIN}, {.fd = errors[0], .events = POLLIN}, {.fd = to[1], .events = POLLOUT}};
    if (poll(wait, 3, -1) < 0) continue; /* EINTR */
    if (wait[0].revents != 0) drain(&from[0], plugin_out, sizeof plugin_out, &ran.out, &ran.out_too_long);
    if (wait[1].revents != 0) drain(&errors[0], plugin_err, sizeof plugin_err, &ran.err, &err_too_long);
    if (wait[2].revents != 0) feed(&to[1], in, in_length, &sent);
  }
  if (to[1] >= 0) close(to[1]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ran.how = RAN;
  ran.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return ran;
}

/* RUN: u8 flags (1: stdin is the call's own), string plugin, string command, bytes stdin. */
static bool answer_run(int socket, struct frame *frame) {
  static char name[256], command[32];
  static struct buffer reply;
  uint8_t flags = get_u8(frame);
  get_string(frame, name, sizeof name);
  get_string(frame, command, sizeof command);
  uint32_t length = get_u32(frame);
  const unsigned char *data = get_bytes(frame, length);
  if (frame->malformed) return false;
  bool own = (flags & 1) != 0;
  struct ran ran = run_plugin(name, command, own ? input : data, own ? input_length : length);

  buffer_start(&reply, FRAME_RAN);
  put_u8(&reply, (uint8_t)ran.how);
  put_u32(&reply, (uint32_t)ran.error);
  put_u32(&reply, (uint32_t)ran.status);
  put_u8(&reply, ran.out_too_long);
  put_u32(&reply, (uint32_t)ran.out);
  put_u32(&reply, (uint32_t)ran.err);
  struct part parts[2] = {{plugin_out, ran.out}, {plugin_err, ran.err}};
  return send_frame(socket, &reply, parts, 2, -1, SILENCE_LIMIT_MS);
}

/* OPEN: string path. Answers with the descriptor, or with open's errno. */
static bool answer_open(int socket, struct frame *frame) {
  static char path[4096];
  static struct buffer reply;
  get_string(frame, path, sizeof path);
  if (frame->malformed) return false;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  buffer_start(&reply, FRAME_OPENED);
  put_u32(&reply, fd < 0 ? (uint32_t)errno : 0);
  bool sent = send_frame(socket, &reply, NULL, 0, fd, SILENCE_LIMIT_MS);
  if (fd >= 0) close(fd);
  return sent;
}

/* DONE: u32 exit code, bytes stdout, bytes stderr. */
static bool print_answer(struct frame *frame) {
  uint32_t code = get_u32(frame);
  uint32_t out_length = get_u32(frame);
  const unsigned char *out = get_bytes(frame, out_length);
  uint32_t err_length = get_u32(frame);
  const unsigned char *err = get_bytes(frame, err_length);
  if (frame->malformed) return false;
  write_all(STDERR_FILENO, err, err_length);
  write_all(STDOUT_FILENO, out, out_length);
  exit_code = (int)(code & 0xff);
  return true;
}

/* The server takes an ADD back whose result reached nobody, so it must know. */
static void tell_printed(int socket) {
  static struct buffer reply;
  buffer_start(&reply, FRAME_PRINTED);
  send_frame(socket, &reply, NULL, 0, -1, 0);
}

static enum outcome converse(int socket, int netns, int64_t accept_ms) {
  struct part stdin_part = {input, input_length};
  struct frame frame;
  bool accepted = false;
  reader_reset(&reader);
  if (!send_frame(socket, &call_head, &stdin_part, 1, netns, accept_ms)) return LOST_BEFORE_ACCEPTED;
  while (read_frame(&reader, socket, &frame, accepted ? SILENCE_LIMIT_MS : accept_ms)) {
    bool understood = false;
    switch (frame.type) {
      case FRAME_ACCEPTED:
        accepted = understood = true;
        break;
      case FRAME_RUN:
        understood = answer_run(socket, &frame);
        break;
      case FRAME_OPEN:
        understood = answer_open(socket, &frame);
        break;
      case FRAME_DONE:
        if (!print_answer(&frame)) break;
        tell_printed(socket);
        return ANSWERED;
    }
    if (!understood) break;
  }
  return accepted ? LOST : LOST_BEFORE_ACCEPTED;
}

/*
 * The daemon left a file behind when it was uninstalled: nobody will come. The kernel returns a VF when the pod's network namespace
 * goes, so a DEL only has to give the pod's addresses back.
 */
static _Noreturn void answer_uninstalled(const char *command) {
  if (is(command, "STATUS")) fail(NOT_AVAILABLE, "the SR-IOV node daemon is uninstalled", NULL);
  if (!is(command, "DEL") && !is(command, "GC")) fail(TRY_AGAIN, "the SR-IOV node daemon is uninstalled", UNINSTALLED_PATH);
  if (is(command, "DEL") && config.ipam_type[0] != 0) {
    struct ran ran = run_plugin(config.ipam_type, "DEL", input, input_length);
    if (ran.how != RAN) fail(INTERNAL, "cannot run the IPAM plugin to release the addresses", config.ipam_type);
    write_all(STDERR_FILENO, plugin_err, ran.err);
    if (ran.status != 0) {
      write_all(STDOUT_FILENO, plugin_out, ran.out);
      exit(1);
    }
  }
  exit(0);
}

static const char *setting(const char *name, const char *value) {
  const char *other = getenv(name);
  return other != NULL && other[0] != 0 ? other : value;
}

static int64_t away_limit(void) {
  const char *shorter = variable("SRIOV_CNI_WAIT_MS");
  int64_t ms = 0;
  for (const char *digit = shorter; *digit >= '0' && *digit <= '9' && ms < AWAY_LIMIT_MS; digit++) ms = ms * 10 + (*digit - '0');
  return shorter[0] != 0 && ms < AWAY_LIMIT_MS ? ms : AWAY_LIMIT_MS;
}

static _Noreturn void forward(const char *command, int netns) {
  const char *path = setting("SRIOV_CNI_SOCKET", SOCKET_PATH);
  const char *uninstalled = setting("SRIOV_CNI_UNINSTALLED_FILE", UNINSTALLED_PATH);
  bool status = is(command, "STATUS");
  int64_t left = away_limit(), pause = FIRST_PAUSE_MS;
  const char *why = "";
  for (;;) {
    int64_t began = now_ms();
    int socket = connect_once(path);
    if (socket >= 0) {
      int64_t patience = status && left > STATUS_LIMIT_MS ? STATUS_LIMIT_MS : left;
      enum outcome outcome = converse(socket, netns, patience > 0 ? patience : 1);
      close(socket);
      if (outcome == ANSWERED) exit(exit_code);
      why = "the connection was lost";
      if (outcome == LOST) began = now_ms(); /* the time it worked on our call was not time away */
    } else {
      why = strerror(errno);
      if (errno != ENOENT && errno != ENOTDIR && errno != ECONNREFUSED && errno != EAGAIN) {
        fail(status ? NOT_AVAILABLE : TRY_AGAIN, "cannot reach the CNI server of sriov-network-config-daemon", why);
      }
      if (errno != EAGAIN && access(uninstalled, F_OK) == 0) answer_uninstalled(command);
    }
    if (status) break;
    pause_ms(pause);
    pause = pause * 2 < LONGEST_PAUSE_MS ? pause * 2 : LONGEST_PAUSE_MS;
    left -= now_ms() - began;
    if (left <= 0) break;
  }
  char details[4200];
  join(details, sizeof details, path, ": ", why, NULL);
  if (status) fail(NOT_AVAILABLE, "sriov-network-config-daemon does not serve CNI calls on this node", details);
  fail(TRY_AGAIN, "sriov-network-config-daemon did not come back in time; is its pod on this node running?", details);
}

/* Descriptors 0 to 2 must be taken, or a socket could land there and be written to as stdout. */
static void hold_standard_descriptors(bool *stdin_closed) {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    if (fd == STDIN_FILENO) *stdin_closed = true;
    if (open("/dev/null", O_RDWR) != fd) exit(1);
  }
}

int main(int argc, char **argv) {
  bool stdin_closed = false;
  hold_standard_descriptors(&stdin_closed);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGCHLD, SIG_DFL); /* an ignored SIGCHLD is inherited and would make waitpid fail */
  const char *command = variable("CNI_COMMAND");
  if (is(command, "VERSION")) {
    print_text("{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.1.0\",\"0.2.0\",\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n");
    return 0;
  }
  check_environment(command);
  if (stdin_closed) fail(IO_FAILURE, "cannot read the network configuration from stdin", strerror(EBADF));
  read_input();
  check_input();
  if (!is(command, "ADD") && !is(command, "DEL") && !is(command, "CHECK") && !is(command, "GC") && !is(command, "STATUS")) {
    fail(BAD_ENVIRONMENT, "unknown CNI_COMMAND", command);
  }
  const char *netns_path = variable("CNI_NETNS");
  int netns = -1, netns_state = NETNS_NONE, netns_errno = 0;
  if (netns_path[0] != 0) {
    netns = open(netns_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    netns_state = netns >= 0 ? NETNS_OPEN : NETNS_FAILED;
    netns_errno = netns >= 0 ? 0 : errno;
  }
  prepare_call(argc > 0 ? argv[0] : "", netns_state, netns_errno);
  forward(command, netns);
}
