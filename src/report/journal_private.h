/* How the journal lies in its file: one block with its head, and the ring behind it. In this machine's order.
 */
#ifndef WW_REPORT_JOURNAL_PRIVATE_H
#define WW_REPORT_JOURNAL_PRIVATE_H

#include "report/journal.h"

/* A multiple of every page size that Linux has, so that a file can be mapped wherever it was made. */
#define WW_JOURNAL_BLOCK ((size_t)64 * 1024)
#define WW_JOURNAL_MAGIC "wwresult"

struct ww_journal_head {
    char magic[8];
    uint32_t version;
    uint32_t zero;
    uint64_t size; /* of the ring */
    uint8_t id[WW_JOURNAL_ID_SIZE];
    uint64_t begin;
    uint64_t clean;     /* what was released is zero up to here */
    uint64_t found_end; /* the end when it was opened, until the store has told what it knows; then 0 */
};

enum { WW_JOURNAL_RECOVERED = 1 };

/* Stands before the octets of a record, which begins at a multiple of 8. */
struct ww_journal_mark {
    uint64_t commit; /* written last: of check */
    uint64_t check;  /* of the position and all that follows */
    int64_t time;
    uint32_t kind;
    uint32_t length;
    uint32_t uid;
    int32_t pid;
    uint32_t flags;
    uint32_t zero;
};

struct ww_journal {
    struct ww_journal_head *head;
    char *ring; /* mapped twice, so that each record lies in one piece */
    size_t size;
    uint64_t end;
    struct ww_journal_found found;
};

static inline char *ww_journal_at(const struct ww_journal *j, uint64_t position)
{
    return j->ring + position % j->size;
}

/* How far the next record may reach. */
static inline uint64_t ww_journal_limit(const struct ww_journal *j)
{
    return j->head->clean + j->size;
}

/* What a record with so many octets takes. */
static inline uint64_t ww_journal_step(uint64_t n)
{
    return (sizeof(struct ww_journal_mark) + n + 7) & ~UINT64_C(7);
}

/* Makes the head and then the commit word of a record at the end, of which all but these is there. */
void ww_journal_mark(struct ww_journal *j, struct ww_journal_mark *mark);

/* Whether the mark at this position is a whole one that lies before `limit`, but for its commit word. */
bool ww_journal_checks(const struct ww_journal *j, uint64_t at, uint64_t limit);
bool ww_journal_committed(const struct ww_journal *j, uint64_t at, uint64_t limit);

/* What was released is made zero. */
void ww_journal_clean(struct ww_journal *j);

/* journal_recover.c: finds the end, and makes zero what lies outside of the records. */
void ww_journal_recover(struct ww_journal *j, int64_t now, bool (*complete)(struct ww_slice octets));

/* journal_file.c: whether this is the head of a journal that this version can read, in a file of this size.
 */
bool ww_journal_head_ok(const struct ww_journal_head *head, uint64_t file_size);

#endif
