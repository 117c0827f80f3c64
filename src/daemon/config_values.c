#include "daemon/config_values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 15

static const struct {
    char name;
    uint64_t ms;
} units[] = {{'d', 86400000}, {'h', 3600000}, {'m', 60000}, {'s', 1000}};
#define UNIT_COUNT (sizeof units / sizeof *units)

/* Reads the digits at the start; returns how many there are, 0 when there are too many. */
static size_t digits(const char *text, uint64_t *out)
{
    size_t n = strspn(text, "0123456789");
    if (n > DIGITS_MAX)
        return 0;
    *out = 0;
    for (size_t i = 0; i < n; i++)
        *out = *out * 10 + (uint64_t)(text[i] - '0');
    return n;
}

bool ww_value_number(const char *text, uint64_t *out)
{
    size_t n = digits(text, out);
    return n > 0 && text[n] == '\0';
}

bool ww_value_duration(const char *text, uint64_t *ms)
{
    uint64_t count;
    size_t n = digits(text, &count);
    if (n == 0 || text[n] == '\0' || text[n + 1] != '\0')
        return false;
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        if (units[i].name == text[n])
            return !__builtin_mul_overflow(count, units[i].ms, ms);
    }
    return false;
}

void ww_value_duration_format(uint64_t ms, char *out, size_t size)
{
    size_t i = 0;
    while (i < UNIT_COUNT - 1 && (ms < units[i].ms || ms % units[i].ms != 0))
        i++;
    snprintf(out, size, "%" PRIu64 "%c", ms / units[i].ms, units[i].name);
}

/* By how many bits each shifts, from 10 on. */
static const char byte_units[] = "KMGT";

bool ww_value_bytes(const char *text, uint64_t *out)
{
    uint64_t count;
    size_t n = digits(text, &count);
    const char *unit = text[n] != '\0' ? strchr(byte_units, text[n]) : NULL;
    if (n == 0 || (text[n] != '\0' && (unit == NULL || text[n + 1] != '\0')))
        return false;
    return !__builtin_mul_overflow(count, unit != NULL ? UINT64_C(1024) << 10 * (unit - byte_units) : 1, out);
}

void ww_value_bytes_format(uint64_t v, char *out, size_t size)
{
    size_t i = 0;
    for (; i < sizeof byte_units - 1 && v >= 1024 && v % 1024 == 0; i++)
        v /= 1024;
    if (i == 0)
        snprintf(out, size, "%" PRIu64, v);
    else
        snprintf(out, size, "%" PRIu64 "%c", v, byte_units[i - 1]);
}

bool ww_value_mode(const char *text, mode_t *out)
{
    size_t n = strspn(text, "01234567");
    if (n < 3 || n > 4 || text[n] != '\0' || (n == 4 && text[0] != '0'))
        return false;
    *out = 0;
    for (size_t i = 0; i < n; i++)
        *out = *out * 8 + (mode_t)(text[i] - '0');
    return true;
}

bool ww_value_word(const char *text, const char *const *words, unsigned *out)
{
    for (unsigned i = 0; words[i] != NULL; i++) {
        if (strcmp(text, words[i]) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}
