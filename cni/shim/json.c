#include "json.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { DEEPEST = 1000 };

/* Which object a key belongs to. */
enum place { ROOT, IPAM, ELSEWHERE };

struct scan {
  const unsigned char *at, *end;
  struct cni_config *config;
  bool bad_name;
};

struct text {
  char *into;
  size_t size, length;
  bool cut;
};

static void blank(struct scan *s) {
  while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r')) s->at++;
}

static bool take(struct scan *s, char c) {
  if (s->at == s->end || *s->at != (unsigned char)c) return false;
  s->at++;
  return true;
}

static void append(struct text *t, char c) {
  if (t->length + 1 < t->size) t->into[t->length++] = c;
  else t->cut = true;
}

static void append_code_point(struct text *t, uint32_t c) {
  if (c < 0x80) {
    append(t, (char)c);
  } else if (c < 0x800) {
    append(t, (char)(0xc0 | (c >> 6)));
    append(t, (char)(0x80 | (c & 0x3f)));
  } else {
    append(t, (char)(0xe0 | (c >> 12)));
    append(t, (char)(0x80 | ((c >> 6) & 0x3f)));
    append(t, (char)(0x80 | (c & 0x3f)));
  }
}

static bool escape(struct scan *s, struct text *t) {
  static const char plain[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
  if (s->at == s->end) return false;
  unsigned char c = *s->at++;
  const char *found = c != 0 ? strchr(plain, c) : NULL;
  if (found != NULL) {
    append(t, meaning[found - plain]);
    return true;
  }
  if (c != 'u' || s->end - s->at < 4) return false;
  uint32_t code = 0;
  for (int i = 0; i < 4; i++) {
    unsigned char d = *s->at++;
    uint32_t digit = d >= '0' && d <= '9' ? d - (uint32_t)'0' : (d | 0x20) >= 'a' && (d | 0x20) <= 'f' ? (d | 0x20u) - (uint32_t)'a' + 10 : 16u;
    if (digit == 16) return false;
    code = code << 4 | digit;
  }
  append_code_point(t, code); /* half of a surrogate pair stays one: no name or path we look at may hold it */
  return true;
}

/* Decodes a string into `into` (cut at size), or only checks it when size is 0. */
static bool string(struct scan *s, struct text *t) {
  t->length = 0;
  t->cut = false;
  if (!take(s, '"')) return false;
  while (s->at < s->end) {
    unsigned char c = *s->at++;
    if (c == '"') {
      if (t->size > 0) t->into[t->length] = 0;
      return true;
    }
    if (c < 0x20) return false;
    if (c != '\\') append(t, (char)c);
    else if (!escape(s, t)) return false;
  }
  return false;
}

static bool digits(struct scan *s) {
  const unsigned char *from = s->at;
  while (s->at < s->end && *s->at >= '0' && *s->at <= '9') s->at++;
  return s->at > from;
}

static bool number(struct scan *s) {
  take(s, '-');
  if (!take(s, '0') && !digits(s)) return false;
  if (take(s, '.') && !digits(s)) return false;
  if (take(s, 'e') || take(s, 'E')) {
    if (!take(s, '+')) take(s, '-');
    return digits(s);
  }
  return true;
}

static bool word(struct scan *s, const char *w) {
  size_t n = strlen(w);
  if ((size_t)(s->end - s->at) < n || memcmp(s->at, w, n) != 0) return false;
  s->at += n;
  return true;
}

static bool same_key(const char *a, const char *b) {
  for (; *a != 0 && *b != 0; a++, b++) {
    char x = *a >= 'A' && *a <= 'Z' ? (char)(*a | 0x20) : *a;
    char y = *b >= 'A' && *b <= 'Z' ? (char)(*b | 0x20) : *b;
    if (x != y) return false;
  }
  return *a == *b;
}

static bool value(struct scan *s, int depth, enum place place);

static bool is_version(const struct text *t) {
  return !t->cut && strspn(t->into, "0123456789.") == t->length;
}

static bool member(struct scan *s, int depth, enum place place, const char *key) {
  bool text_follows = s->at < s->end && *s->at == '"';
  bool null_follows = s->at < s->end && *s->at == 'n';
  if (place == ROOT && same_key(key, "name")) {
    struct text t = {.into = s->config->name, .size = sizeof s->config->name};
    if (text_follows) {
      if (!string(s, &t)) return false;
      s->config->name_length = t.length;
      return true;
    }
    if (!null_follows) s->bad_name = true;
  } else if (place == ROOT && same_key(key, "cniVersion") && text_follows) {
    struct text t = {.into = s->config->version, .size = sizeof s->config->version};
    if (!string(s, &t)) return false;
    if (!is_version(&t)) s->config->version[0] = 0;
    return true;
  } else if (place == IPAM && same_key(key, "type") && text_follows) {
    struct text t = {.into = s->config->ipam_type, .size = sizeof s->config->ipam_type};
    if (!string(s, &t)) return false;
    if (t.cut) s->config->ipam_type[0] = 0;
    return true;
  }
  return value(s, depth, place == ROOT && same_key(key, "ipam") ? IPAM : ELSEWHERE);
}

static bool object(struct scan *s, int depth, enum place place) {
  char key[16]; /* longer keys are none of ours */
  blank(s);
  if (take(s, '}')) return true;
  do {
    struct text t = {.into = key, .size = sizeof key};
    blank(s);
    if (!string(s, &t)) return false;
    blank(s);
    if (!take(s, ':')) return false;
    blank(s);
    if (!member(s, depth, place, t.cut || strlen(key) != t.length ? "" : key)) return false;
    blank(s);
  } while (take(s, ','));
  return take(s, '}');
}

static bool array(struct scan *s, int depth) {
  blank(s);
  if (take(s, ']')) return true;
  do {
    blank(s);
    if (!value(s, depth, ELSEWHERE)) return false;
    blank(s);
  } while (take(s, ','));
  return take(s, ']');
}

static bool value(struct scan *s, int depth, enum place place) {
  if (depth > DEEPEST || s->at == s->end) return false;
  struct text ignored = {0};
  switch (*s->at) {
    case '{':
      s->at++;
      return object(s, depth + 1, place);
    case '[':
      s->at++;
      return array(s, depth + 1);
    case '"':
      return string(s, &ignored);
    case 't':
      return word(s, "true");
    case 'f':
      return word(s, "false");
    case 'n':
      return word(s, "null");
    default:
      return number(s);
  }
}

enum config_fault scan_config(const unsigned char *text, size_t length, struct cni_config *config) {
  struct scan s = {.at = text, .end = text + length, .config = config};
  blank(&s);
  bool object_or_null = s.at < s.end && (*s.at == '{' || *s.at == 'n');
  if (!object_or_null || !value(&s, 0, ROOT)) return CONFIG_NOT_JSON;
  blank(&s);
  if (s.at != s.end) return CONFIG_NOT_JSON;
  return s.bad_name ? CONFIG_BAD_NAME_TYPE : CONFIG_OK;
}
