/* Frames between the forwarder and the CNI server: u32 length of the rest, u8 type, payload; integers are big-endian. */
#ifndef WIRE_H
#define WIRE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_VERSION = 1, LONGEST_FRAME = 4 * 1024 * 1024, LONGEST_HEAD = 256 * 1024 };

enum frame_type { FRAME_CALL = 1, FRAME_ACCEPTED = 2, FRAME_RUN = 3, FRAME_RAN = 4, FRAME_OPEN = 5, FRAME_OPENED = 6, FRAME_DONE = 7, FRAME_PRINTED = 8 };

enum netns_state { NETNS_NONE = 0, NETNS_OPEN = 1, NETNS_FAILED = 2 };

/* The head of an outgoing frame; large parts follow it from where they lie. */
struct buffer {
  unsigned char data[LONGEST_HEAD];
  size_t length;
  bool overflow;
};

struct part {
  const unsigned char *data;
  size_t length;
};

/* An incoming frame; reading past its end makes it malformed and yields zeros. */
struct frame {
  uint8_t type;
  const unsigned char *at, *end;
  bool malformed;
};

struct frame_reader {
  unsigned char data[LONGEST_FRAME + 4];
  size_t length, taken;
};

void buffer_start(struct buffer *b, enum frame_type type);
void put_u8(struct buffer *b, uint8_t v);
void put_u32(struct buffer *b, uint32_t v);
void put_bytes(struct buffer *b, const void *data, size_t length);
void set_u32(struct buffer *b, size_t at, uint32_t v);

uint8_t get_u8(struct frame *f);
uint32_t get_u32(struct frame *f);
const unsigned char *get_bytes(struct frame *f, size_t length);
void get_string(struct frame *f, char *into, size_t size);

void reader_reset(struct frame_reader *r);

/* Both give up after `silence_ms` without progress; the socket is non-blocking. A descriptor >= 0 rides on the first byte. */
bool send_frame(int socket, struct buffer *head, const struct part *parts, int count, int descriptor, int64_t silence_ms);
bool read_frame(struct frame_reader *r, int socket, struct frame *frame, int64_t silence_ms);
#endif
