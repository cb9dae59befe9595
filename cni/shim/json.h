/* Just enough JSON to tell one object from anything else and to read three strings in it. */
#ifndef JSON_H
#define JSON_H
#include <stddef.h>

enum { CNI_INPUT_LIMIT = 1024 * 1024 };

struct cni_config {
  char name[CNI_INPUT_LIMIT + 1]; /* a decoded string is never longer than its source */
  size_t name_length;             /* may exceed strlen: a name can hold \u0000 */
  char version[16];               /* empty when it is absent or no plain version */
  char ipam_type[256];
};

enum config_fault { CONFIG_OK, CONFIG_NOT_JSON, CONFIG_BAD_NAME_TYPE };

/* Keys match regardless of case and the last one wins, as for the Go decoder of other CNI plugins. "null" is an empty object. */
enum config_fault scan_config(const unsigned char *text, size_t length, struct cni_config *config);
#endif
