/*
 * Feeds the forwarder with mutations of what it gets: configurations, environments, and frames of a server.
 *
 *   fuzz SEED SECONDS FOLDER
 *
 * Half of the time goes to the readers of configurations and frames alone, in this process, the other half to the whole program, which runs in a
 * fork with this process as the server. What a sanitizer finds, a signal, or a run of more than 20 s ends it with status 1 and the seed
 * of that run; `fuzz THAT-SEED 0 FOLDER` does it again. Built with the sanitizers.
 */
#define main forwarder_main
#include "sriov.c"
#undef main
#include <stdio.h>
#include <sys/mman.h>

int forwarder_main(int argc, char **argv);
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void) { return "abort_on_error=1:detect_leaks=0:handle_abort=0"; }
const char *__ubsan_default_options(void) { return "abort_on_error=1:print_stacktrace=1"; }

enum { LARGEST = 2 * 1024 * 1024, LONGEST_RUN_MS = 20 * 1000 };

static uint64_t random_state;
static unsigned char mutated[LARGEST];

static const char *const configs[] = {
    "{\"cniVersion\":\"1.0.0\",\"name\":\"n1\",\"type\":\"sriov\",\"deviceID\":\"0000:01:10.0\",\"vlan\":100,\"ipam\":{\"type\":\"ipam\"}}",
    "{\"CNIVERSION\":\"0.3.1\",\"Name\":\"a.b-c_d\",\"ipam\":{\"TYPE\":\"x\",\"type\":null},\"dns\":{},\"x\":[1,-2.5e+10,true,false,null,[[{}]]]}",
    "{\"name\":\"\\u0061\\ud83d\\ude00\\n\\\"\\\\\\/\",\"name\":\"n\\u0000\",\"k\":\"\\ud800\"}",
    " \t\r\n{ \"name\" : \"n1\" , \"a\" : { \"b\" : [ ] } } \n",
    "null",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
};

static const char *const values[] = {"", "ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION", "c1", "net1", "/proc/self/ns/net", "/nonexistent", "a=b;c=d", "%s%n", "\xff\xfe", "."};

/* splitmix64 */
static uint64_t next_random(void) {
  uint64_t z = random_state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

static size_t below(size_t limit) { return limit == 0 ? 0 : (size_t)(next_random() % limit); }

/* Changes some bytes of `mutated`, cuts, repeats or fills it up; returns its new length. */
static size_t mutate(size_t length) {
  for (size_t changes = below(6); changes > 0; changes--) {
    size_t at = below(length), some = below(length - at);
    switch (below(7)) {
      case 0:
        if (length > 0) mutated[at] = (unsigned char)next_random();
        break;
      case 1:
        if (length > 0) mutated[at] = (unsigned char)"\"{}[]:,\\u0tfn-+.eE \t"[below(20)];
        break;
      case 2:
        length = at;
        break;
      case 3:
        if (length + some <= LARGEST) {
          memmove(mutated + at + some, mutated + at, length - at);
          length += some;
        }
        break;
      case 4:
        memmove(mutated + at, mutated + at + some, length - at - some);
        length -= some;
        break;
      case 5: {
        static const uint32_t numbers[] = {0, 1, 0x7f, 0xffff, 4 * 1024 * 1024, 4 * 1024 * 1024 + 1, 0x7fffffff, 0xffffffff};
        uint32_t number = numbers[below(8)];
        for (size_t i = 0; i < 4 && at + i < length; i++) mutated[at + i] = (unsigned char)(number >> (24 - 8 * i));
        break;
      }
      default:
        if (below(50) == 0) {
          size_t target = CNI_INPUT_LIMIT - 2 + below(5);
          if (length < target) memset(mutated + length, "x[{\" "[below(5)], target - length);
          length = target;
        }
    }
  }
  return length;
}

static size_t some_config(void) {
  const char *config = configs[below(sizeof configs / sizeof *configs)];
  memcpy(mutated, config, strlen(config));
  return mutate(strlen(config));
}

/* In memory of exactly its size, so that the sanitizer sees every byte read beyond it. */
static void scan_one(void) {
  size_t length = some_config();
  unsigned char *exact = malloc(length > 0 ? length : 1);
  if (exact == NULL) abort();
  memcpy(exact, mutated, length);
  scan_config(exact, length, &config);
  free(exact);
}

static void put_text(struct buffer *b, const char *text) {
  put_u32(b, (uint32_t)strlen(text));
  put_bytes(b, text, strlen(text));
}

static void put_frame(struct buffer *stream, struct buffer *frame) {
  set_u32(frame, 0, (uint32_t)frame->length - 4);
  put_bytes(stream, frame->data, frame->length);
}

/* A conversation as a server would have it, then mutated. */
static size_t some_frames(void) {
  static struct buffer stream, frame;
  stream.length = 0;
  buffer_start(&frame, FRAME_ACCEPTED);
  put_u8(&frame, WIRE_VERSION);
  put_frame(&stream, &frame);
  for (size_t i = below(3); i > 0; i--) {
    bool run = below(2) == 0;
    buffer_start(&frame, run ? FRAME_RUN : FRAME_OPEN);
    if (run) {
      put_u8(&frame, (uint8_t)below(2));
      put_text(&frame, below(4) == 0 ? "nothing" : "ipam");
      put_text(&frame, "ADD");
      put_text(&frame, "{}");
    } else {
      put_text(&frame, below(2) == 0 ? "/proc/self/ns/net" : "/nonexistent");
    }
    put_frame(&stream, &frame);
  }
  buffer_start(&frame, FRAME_DONE);
  put_u32(&frame, (uint32_t)below(3));
  put_text(&frame, "{}");
  put_text(&frame, "");
  put_frame(&stream, &frame);
  memcpy(mutated, stream.data, stream.length);
  return below(3) == 0 ? stream.length : mutate(stream.length);
}

static void touch(const unsigned char *bytes, size_t length) {
  static volatile unsigned char sum;
  for (size_t i = 0; i < length; i++) sum = (unsigned char)(sum + bytes[i]);
}

/* One frame, read as each type is, in memory of exactly its size: in the forwarder more bytes follow, and nobody would notice. */
static void read_one(void) {
  static char name[256], command[32];
  size_t length = some_frames(), skipped = below(length + 1);
  unsigned char *exact = malloc(length > skipped ? length - skipped : 1);
  if (exact == NULL) abort();
  memcpy(exact, mutated + skipped, length - skipped);
  struct frame frame = {.at = exact, .end = exact + length - skipped};
  if (below(2) == 0) get_u8(&frame);
  if (below(2) == 0) get_string(&frame, name, sizeof name);
  if (below(2) == 0) get_string(&frame, command, sizeof command);
  while (!frame.malformed) {
    uint32_t size = get_u32(&frame);
    const unsigned char *bytes = get_bytes(&frame, size);
    if (!frame.malformed) touch(bytes, size);
  }
  free(exact);
}

static void some_environment(const char *folder, const char *socket) {
  static const char *const names[] = {"CNI_COMMAND", "CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_ARGS", "CNI_NETNS_OVERRIDE", "CNI_X"};
  static const char *const usual[] = {"ADD", "c1", "/proc/self/ns/net", "net1", "IgnoreUnknown=1", "", ""};
  static char many[300 * 1024];
  clearenv();
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = below(6) == 0 ? values[below(sizeof values / sizeof *values)] : usual[i];
    if (below(60) == 0) {
      size_t length = below(sizeof many);
      memset(many, 'a' + (int)below(26), length);
      many[length] = 0;
      value = many;
    }
    if (below(20) != 0) setenv(names[i], value, 1);
  }
  /* Only this folder, or a mutated frame could start a program of the machine. */
  if (below(20) != 0) setenv("CNI_PATH", folder, 1);
  setenv("SRIOV_CNI_SOCKET", socket, 1);
  setenv("SRIOV_CNI_WAIT_MS", "1", 1);
  setenv("SRIOV_CNI_UNINSTALLED_FILE", below(50) == 0 ? "/dev/null" : "/nonexistent", 1);
}

static _Noreturn void be_forwarder(const char *folder, const char *socket) {
  int in = memfd_create("stdin", 0), null = open("/dev/null", O_RDWR);
  size_t length = some_config();
  if (write(in, mutated, length) != (ssize_t)length || lseek(in, 0, SEEK_SET) != 0) abort();
  some_environment(folder, socket);
  char *arguments[] = {(char[]){"/opt/cni/bin/sriov"}, NULL};
  dup2(in, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  if (below(100) == 0) close(STDIN_FILENO);
  exit(forwarder_main(below(50) != 0, arguments));
}

/* Answers one connection with some frames and reads what comes, for a moment. */
static void serve(int connection) {
  static unsigned char heard[64 * 1024];
  size_t length = some_frames(), sent = 0;
  struct pollfd p = {.fd = connection, .events = POLLIN | POLLOUT};
  while (poll(&p, 1, 20) > 0) {
    if ((p.revents & POLLOUT) != 0 && sent < length) {
      ssize_t n = send(connection, mutated + sent, length - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0) break;
      sent += (size_t)n;
    }
    if (sent == length) p.events = POLLIN;
    if ((p.revents & POLLIN) != 0 && recv(connection, heard, sizeof heard, MSG_DONTWAIT) <= 0) break;
    if (sent == length && below(8) == 0) break;
  }
  close(connection);
}

static bool run_one(int listener, const char *folder, const char *socket) {
  /* The child's chances and the server's must not depend on who comes first. */
  uint64_t of_server = next_random();
  pid_t child = fork();
  if (child == 0) be_forwarder(folder, socket);
  random_state = of_server;
  int64_t began = now_ms();
  int status;
  for (;;) {
    pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) break;
    if (now_ms() - began > LONGEST_RUN_MS) {
      fprintf(stderr, "fuzz: the forwarder does not end\n");
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return false;
    }
    struct pollfd p = {.fd = listener, .events = POLLIN};
    if (poll(&p, 1, 1) > 0) serve(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
  }
  if (WIFSIGNALED(status)) fprintf(stderr, "fuzz: the forwarder was ended by signal %d\n", WTERMSIG(status));
  return WIFEXITED(status);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: fuzz SEED SECONDS FOLDER\n");
    return 2;
  }
  uint64_t seed = strtoull(argv[1], NULL, 10);
  int64_t began = now_ms(), ends = began + 1000 * strtol(argv[2], NULL, 10);
  char path[100];
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  join(path, sizeof path, argv[3], "/fuzz.sock", NULL);
  join(address.sun_path, sizeof address.sun_path, path, NULL);
  unlink(path);
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 16) != 0) {
    perror(path);
    return 2;
  }
  unsigned long runs = 0, scans = 0;
  do {
    int64_t until = now_ms() + 20;
    do {
      random_state = seed + scans;
      scan_one();
      read_one();
      scans++;
    } while (now_ms() < until && now_ms() < ends);
    do {
      random_state = seed + runs;
      if (!run_one(listener, argv[3], path)) {
        fprintf(stderr, "fuzz: again by: fuzz %llu 0 %s\n", (unsigned long long)(seed + runs), argv[3]);
        return 1;
      }
      runs++;
    } while (now_ms() < until + 20 && now_ms() < ends);
  } while (now_ms() < ends);
  printf("%lu configurations and frames read, %lu calls forwarded\n", scans, runs);
  return 0;
}
