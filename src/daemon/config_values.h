/* The values of single settings, from their text. Each returns false when the text is no such value. */
#ifndef WW_DAEMON_CONFIG_VALUES_H
#define WW_DAEMON_CONFIG_VALUES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Decimal digits alone, up to 10^15. */
bool ww_value_number(const char *text, uint64_t *out);

/* A number and one of s, m, h, d: "90s", "1h". In milliseconds. */
bool ww_value_duration(const char *text, uint64_t *ms);

/* The largest unit that gives a whole number: what ww_value_duration reads. */
void ww_value_duration_format(uint64_t ms, char *out, size_t size);

/* A number of octets, in K, M, G or T of 1024 each with such a letter behind it: "64M". */
bool ww_value_bytes(const char *text, uint64_t *out);

/* The largest unit that gives a whole number: what ww_value_bytes reads. */
void ww_value_bytes_format(uint64_t v, char *out, size_t size);

/* Octal permission bits: "0666". */
bool ww_value_mode(const char *text, mode_t *out);

/* Which of the words (ended by NULL) it is. */
bool ww_value_word(const char *text, const char *const *words, unsigned *out);

#endif
