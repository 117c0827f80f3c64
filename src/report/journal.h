/*
 * The journal of TLS results: a ring in a mapped file, into which datagrams are received straight, so that
 * what a sender could send survives a kill of the process at any instruction. A record is written in this
 * order: its octets, its head, its commit word. What lies outside of the records is zero: a datagram whose
 * head is missing is found by that, and taken if it is complete.
 *
 * Positions only ever grow; the octet at position p lies at p modulo the size. Every page is faulted in when
 * it is opened, and made writable again before it is received into: the kernel takes a datagram off its queue
 * before it copies, and a copy that faults while the process is being killed would lose it.
 *
 * Survives processes, not the machine: the store is durable, to which records are folded within a second.
 * After a power loss the file may be torn: the records before the first damage are found, the rest is not.
 */
#ifndef WW_REPORT_JOURNAL_H
#define WW_REPORT_JOURNAL_H

#include "base/err.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define WW_JOURNAL_ID_SIZE 16
#define WW_JOURNAL_SIZE_MIN ((size_t)1 << 20)
#define WW_JOURNAL_VERSION 1

enum ww_journal_kind {
    WW_JOURNAL_DATAGRAM = 1, /* codec/tlsrpt_datagram.h */
    WW_JOURNAL_LINE = 2,     /* core/result_line.h, a waxwing-result line without its line feed */
};

struct ww_journal;

struct ww_journal_record {
    uint64_t at;   /* its position */
    uint64_t next; /* that of the one after it */
    enum ww_journal_kind kind;
    int64_t time;           /* Unix seconds when it came in */
    uid_t uid;              /* of who sent it; (uid_t)-1 not known */
    pid_t pid;              /* 0 not known */
    bool recovered;         /* its head was missing: time is that of the recovery */
    struct ww_slice octets; /* borrowed until it is released */
};

/*
 * For the supervisor: opens the file at path, or makes it, with disk space for all of it, and locks it: -1,
 * and words in detail, also when another process has it. size is rounded up to whole blocks of 64 KB.
 *
 * A journal of another size is made anew when it is empty, and is otherwise kept as it is; what is no journal
 * that this version can read is put aside as path + ".old", unless something stands there already (-1). Then
 * detail tells of that, for the log; else it is "".
 *
 * ww_journal_memory gives one that lives as long as somebody has it open.
 */
int ww_journal_file(const char *path, size_t size, char *detail, size_t detail_size);
int ww_journal_memory(size_t size, char *detail, size_t detail_size);

/*
 * Maps it, and finds the records that are there. Owns fd, also when it fails. NULL: *err;
 * WW_E_JOURNAL_DAMAGED when it is none. Nobody else may have it mapped meanwhile. complete: tells whether
 * octets whose head is missing are a whole datagram.
 */
struct ww_journal *ww_journal_open(int fd, int64_t now, bool (*complete)(struct ww_slice octets),
                                   enum ww_err *err);
void ww_journal_free(struct ww_journal *journal);

/* What was there when it was opened. */
struct ww_journal_found {
    uint64_t records;
    uint64_t recovered; /* of them; one whose writer was killed before it was through, so 0 or 1 */
    uint64_t discarded; /* octets behind the records, of which none could be made: half a line, or damage */
};
const struct ww_journal_found *ww_journal_found(const struct ww_journal *journal);

const uint8_t *ww_journal_id(const struct ww_journal *journal); /* WW_JOURNAL_ID_SIZE octets, random */
size_t ww_journal_size(const struct ww_journal *journal);       /* of the ring, in octets */
uint64_t ww_journal_begin(const struct ww_journal *journal);    /* of the oldest record that is kept */
uint64_t ww_journal_end(const struct ww_journal *journal);      /* where the next one comes */

/*
 * What the store says whenever it is asked of this id: all before this position is folded (of an id that it
 * does not know: ww_journal_begin). True: so be it; nothing is released by this. False: it cannot be so, as
 * after a power loss, or when the store is a copy from another day. Of what was found in the file, what lies
 * before the position is released then, and the journal gets another id, of which the store knows nothing:
 * all that is kept has to be folded.
 */
WW_MUST_CHECK bool ww_journal_resume(struct ww_journal *journal, uint64_t folded);

/*
 * A place for n octets at the most, ready to be received into and zero; NULL: the ring is full. Nothing
 * beyond what is then told to commit or discard may have been written to.
 */
char *ww_journal_room(struct ww_journal *journal, size_t n);

/* Of n octets in the place that was given last a record is made. */
void ww_journal_commit(struct ww_journal *journal, enum ww_journal_kind kind, size_t n, int64_t time,
                       uid_t uid, pid_t pid);

/* The place was written to, n octets, but there is no record to be made of it. */
void ww_journal_discard(struct ww_journal *journal, size_t n);

/* The record at a position of one. False: at the end, or there is none. */
bool ww_journal_read(const struct ww_journal *journal, uint64_t at, struct ww_journal_record *out);

/* Records before this position, which is that of one or the end, are kept no longer. */
void ww_journal_release(struct ww_journal *journal, uint64_t before);

#endif
