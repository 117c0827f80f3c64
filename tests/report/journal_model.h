/* What the tests of the journal share: datagrams that can be told apart, and opening the same file again. */
#ifndef WW_TESTS_JOURNAL_MODEL_H
#define WW_TESTS_JOURNAL_MODEL_H

#include "report/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1700000000)
#define MODEL_MAX ((size_t)256 * 1024)
#define SIZE WW_JOURNAL_SIZE_MIN

/* {"number":"7","pad":"xxx"}, of n octets, or of 32 when n is less; not terminated. */
static inline size_t model_datagram(char *out, uint64_t number, size_t n)
{
    char begin[32];
    int first = snprintf(begin, sizeof begin, "{\"%llu\":\"", (unsigned long long)number);
    n = n < sizeof begin ? sizeof begin : n;
    memset(out, 'a' + (int)(number % 26), n);
    memcpy(out, begin, (size_t)first);
    memcpy(out + n - 2, "\"}", 2);
    return n;
}

static inline uint64_t model_number(struct ww_slice octets)
{
    return strtoull(octets.p + 2, NULL, 10);
}

static inline bool model_complete(struct ww_slice octets)
{
    return octets.n >= 32 && octets.n <= MODEL_MAX && octets.p[0] == '{' && octets.p[octets.n - 1] == '}' &&
           memchr(octets.p + 1, '{', octets.n - 1) == NULL;
}

static inline int model_memory(void)
{
    char detail[256];
    int fd = ww_journal_memory(SIZE, detail, sizeof detail);
    assert_true(fd >= 0);
    assert_string_equal(detail, "");
    return fd;
}

/* fd stays open. */
static inline struct ww_journal *model_open(int fd)
{
    enum ww_err err;
    struct ww_journal *j = ww_journal_open(dup(fd), NOW, model_complete, &err);
    assert_non_null(j);
    assert_int_equal(err, WW_OK);
    return j;
}

/* False: it is full. */
static inline bool model_put(struct ww_journal *j, uint64_t number, size_t n)
{
    static char datagram[MODEL_MAX];
    n = model_datagram(datagram, number, n);
    char *room = ww_journal_room(j, n);
    if (room == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(room[i], 0);
    memcpy(room, datagram, n);
    ww_journal_commit(j, WW_JOURNAL_DATAGRAM, n, NOW + (int64_t)number, 1000, 4321);
    return true;
}

static inline void model_same(const struct ww_journal_record *r, uint64_t number, size_t n)
{
    static char datagram[MODEL_MAX];
    n = model_datagram(datagram, number, n);
    assert_int_equal(r->octets.n, n);
    assert_memory_equal(r->octets.p, datagram, n);
}

#endif
