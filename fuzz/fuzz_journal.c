/*
 * The file of a journal, after whatever accident: 64 octets of its head (a zero size stands for the right
 * one), and what lies in the ring from its begin on. If it opens, all that is in it can be read, it can be
 * gone on with, and opened again it is the same.
 */
#include "check.h"
#include "report/journal.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCK ((off_t)65536)
#define HEAD 64
#define SIZE_AT 16
#define BEGIN_AT 40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_complete(struct ww_slice octets)
{
    return octets.n >= 2 && octets.p[0] == '{' && octets.p[octets.n - 1] == '}';
}

static int file_of(const uint8_t *data, size_t size)
{
    const uint64_t ring = WW_JOURNAL_SIZE_MIN;
    uint8_t head[HEAD] = {0};
    uint64_t begin, said;
    size_t n = size < HEAD ? size : HEAD;
    memcpy(head, data, n);
    memcpy(&said, head + SIZE_AT, sizeof said);
    if (said == 0)
        memcpy(head + SIZE_AT, &ring, sizeof ring);
    memcpy(&begin, head + BEGIN_AT, sizeof begin);
    begin %= ring;
    int fd = memfd_create("journal", MFD_CLOEXEC);
    CHECK(fd >= 0 && ftruncate(fd, BLOCK + (off_t)ring) == 0);
    CHECK(pwrite(fd, head, sizeof head, 0) == (ssize_t)sizeof head);
    size_t left = size - n;
    size_t first = left < ring - begin ? left : (size_t)(ring - begin);
    CHECK(pwrite(fd, data + n, first, BLOCK + (off_t)begin) == (ssize_t)first);
    CHECK(pwrite(fd, data + n + first, left - first, BLOCK) == (ssize_t)(left - first));
    return fd;
}

static uint64_t count(const struct ww_journal *j)
{
    struct ww_journal_record r;
    uint64_t at = ww_journal_begin(j), records = 0;
    for (; ww_journal_read(j, at, &r); at = r.next, records++)
        CHECK(r.at == at && r.next > at + r.octets.n);
    CHECK(at == ww_journal_end(j) && at - ww_journal_begin(j) <= ww_journal_size(j));
    return records;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum ww_err err;
    if (size > WW_JOURNAL_SIZE_MIN)
        return 0;
    int fd = file_of(data, size);
    struct ww_journal *j = ww_journal_open(dup(fd), 1, is_complete, &err);
    CHECK((j == NULL) == (err != WW_OK));
    if (j != NULL) {
        uint64_t records = count(j);
        CHECK(records == ww_journal_found(j)->records);
        CHECK(ww_journal_found(j)->recovered <= 1 && ww_journal_found(j)->recovered <= records);
        char *room = ww_journal_room(j, 100);
        for (size_t i = 0; room != NULL && i < 100; i++)
            CHECK(room[i] == 0);
        if (room != NULL) {
            memset(room, 'a', 100);
            ww_journal_commit(j, WW_JOURNAL_LINE, 100, 1, 0, 0);
            records++;
        }
        uint64_t end = ww_journal_end(j);
        ww_journal_free(j);
        j = ww_journal_open(dup(fd), 1, is_complete, &err);
        CHECK(j != NULL && count(j) == records && ww_journal_end(j) == end);
        CHECK(ww_journal_found(j)->recovered == 0 && ww_journal_found(j)->discarded == 0);
        CHECK(ww_journal_resume(j, end / 2) || ww_journal_resume(j, ww_journal_begin(j)));
        ww_journal_release(j, end);
        CHECK(count(j) == 0 && ww_journal_end(j) == end);
        CHECK(ww_journal_room(j, ww_journal_size(j) - 48) != NULL);
    }
    ww_journal_free(j);
    close(fd);
    return 0;
}
