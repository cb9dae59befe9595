#define _GNU_SOURCE
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void put_bytes(struct buffer *b, const void *data, size_t length) {
  if (length > sizeof b->data - b->length) {
    b->overflow = true;
    return;
  }
  memcpy(b->data + b->length, data, length);
  b->length += length;
}

void put_u8(struct buffer *b, uint8_t v) { put_bytes(b, &v, 1); }

static void store_u32(unsigned char *at, uint32_t v) {
  at[0] = (unsigned char)(v >> 24);
  at[1] = (unsigned char)(v >> 16);
  at[2] = (unsigned char)(v >> 8);
  at[3] = (unsigned char)v;
}

static uint32_t load_u32(const unsigned char *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

void put_u32(struct buffer *b, uint32_t v) {
  unsigned char bytes[4];
  store_u32(bytes, v);
  put_bytes(b, bytes, sizeof bytes);
}

void set_u32(struct buffer *b, size_t at, uint32_t v) { store_u32(b->data + at, v); }

void buffer_start(struct buffer *b, enum frame_type type) {
  b->length = 0;
  b->overflow = false;
  put_u32(b, 0); /* the length, known when it is sent */
  put_u8(b, (uint8_t)type);
}

const unsigned char *get_bytes(struct frame *f, size_t length) {
  static const unsigned char nothing[1];
  if (length > (size_t)(f->end - f->at)) {
    f->malformed = true;
    return nothing;
  }
  const unsigned char *at = f->at;
  f->at += length;
  return at;
}

uint8_t get_u8(struct frame *f) {
  const unsigned char *at = get_bytes(f, 1);
  return f->malformed ? 0 : at[0];
}

uint32_t get_u32(struct frame *f) {
  const unsigned char *at = get_bytes(f, 4);
  return f->malformed ? 0 : load_u32(at);
}

void get_string(struct frame *f, char *into, size_t size) {
  uint32_t length = get_u32(f);
  const unsigned char *at = get_bytes(f, length);
  if (f->malformed || length >= size || memchr(at, 0, length) != NULL) {
    f->malformed = true;
    length = 0;
  }
  memcpy(into, at, length);
  into[length] = 0;
}

void reader_reset(struct frame_reader *r) { r->length = r->taken = 0; }

/* Waits until the socket is ready; false at the deadline. */
static bool ready(int socket, short events, int64_t deadline) {
  for (;;) {
    int64_t left = deadline - now_ms();
    struct pollfd p = {.fd = socket, .events = events};
    int n = poll(&p, 1, left > 0 ? (int)left : 0);
    if (n > 0) return true;
    if (n == 0) return false;
    if (errno != EINTR) return false;
  }
}

static bool send_bytes(int socket, const unsigned char *data, size_t length, int descriptor, int64_t silence_ms) {
  int64_t deadline = now_ms() + silence_ms;
  while (length > 0) {
    struct iovec io = {.iov_base = (void *)(uintptr_t)data, .iov_len = length};
    struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1};
    union {
      char room[CMSG_SPACE(sizeof(int))];
      struct cmsghdr aligned;
    } control;
    if (descriptor >= 0) {
      memset(&control, 0, sizeof control);
      message.msg_control = control.room;
      message.msg_controllen = sizeof control.room;
      struct cmsghdr *c = CMSG_FIRSTHDR(&message);
      c->cmsg_level = SOL_SOCKET;
      c->cmsg_type = SCM_RIGHTS;
      c->cmsg_len = CMSG_LEN(sizeof(int));
      memcpy(CMSG_DATA(c), &descriptor, sizeof(int));
    }
    ssize_t n = sendmsg(socket, &message, MSG_NOSIGNAL);
    if (n > 0) {
      data += n;
      length -= (size_t)n;
      descriptor = -1; /* it went with the first byte */
      deadline = now_ms() + silence_ms;
    } else if (n < 0 && errno == EAGAIN) {
      if (!ready(socket, POLLOUT, deadline)) return false;
    } else if (n < 0 && errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool send_frame(int socket, struct buffer *head, const struct part *parts, int count, int descriptor, int64_t silence_ms) {
  size_t length = head->length - 4;
  for (int i = 0; i < count; i++) length += parts[i].length;
  set_u32(head, 0, (uint32_t)length);
  if (!send_bytes(socket, head->data, head->length, descriptor, silence_ms)) return false;
  for (int i = 0; i < count; i++) {
    if (!send_bytes(socket, parts[i].data, parts[i].length, -1, silence_ms)) return false;
  }
  return true;
}

bool read_frame(struct frame_reader *r, int socket, struct frame *frame, int64_t silence_ms) {
  memmove(r->data, r->data + r->taken, r->length - r->taken);
  r->length -= r->taken;
  r->taken = 0;
  int64_t deadline = now_ms() + silence_ms;
  for (;;) {
    if (r->length >= 4) {
      uint32_t length = load_u32(r->data);
      if (length < 1 || length > LONGEST_FRAME) return false;
      if (r->length >= 4 + (size_t)length) {
        frame->type = r->data[4];
        frame->at = r->data + 5;
        frame->end = r->data + 4 + length;
        frame->malformed = false;
        r->taken = 4 + (size_t)length;
        return true;
      }
    }
    ssize_t n = recv(socket, r->data + r->length, sizeof r->data - r->length, 0);
    if (n == 0) return false;
    if (n > 0) {
      r->length += (size_t)n;
      deadline = now_ms() + silence_ms;
    } else if (errno == EAGAIN) {
      if (!ready(socket, POLLIN, deadline)) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
}
