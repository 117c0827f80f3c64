#include "report/journal_private.h"

#include "base/hash.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* A commit word is no zero, and no other record's. */
#define COMMIT UINT64_C(0x636f6d6d69747465)

static uint64_t check_of(uint64_t at, const struct ww_journal_mark *m)
{
    const struct ww_hash_key key = {{at, COMMIT}};
    return ww_hash(&key, &m->time, sizeof *m - offsetof(struct ww_journal_mark, time));
}

bool ww_journal_checks(const struct ww_journal *j, uint64_t at, uint64_t limit)
{
    if (at % 8 != 0 || at > limit || limit - at < sizeof(struct ww_journal_mark))
        return false;
    const struct ww_journal_mark *m = (const void *)ww_journal_at(j, at);
    return m->check == check_of(at, m) && ww_journal_step(m->length) <= limit - at;
}

bool ww_journal_committed(const struct ww_journal *j, uint64_t at, uint64_t limit)
{
    if (!ww_journal_checks(j, at, limit))
        return false;
    const struct ww_journal_mark *m = (const void *)ww_journal_at(j, at);
    return m->commit == (m->check ^ COMMIT);
}

void ww_journal_mark(struct ww_journal *j, struct ww_journal_mark *mark)
{
    struct ww_journal_mark *m = (void *)ww_journal_at(j, j->end);
    mark->check = check_of(j->end, mark);
    memcpy(&m->time, &mark->time, sizeof *m - offsetof(struct ww_journal_mark, time));
    atomic_thread_fence(memory_order_release);
    __atomic_store_n(&m->check, mark->check, __ATOMIC_RELEASE);
    __atomic_store_n(&m->commit, mark->check ^ COMMIT, __ATOMIC_RELEASE);
    j->end += ww_journal_step(mark->length);
}

void ww_journal_clean(struct ww_journal *j)
{
    uint64_t n = j->head->begin - j->head->clean;
    if (n == 0)
        return;
    memset(ww_journal_at(j, j->head->clean), 0, n < j->size ? n : j->size);
    atomic_thread_fence(memory_order_release);
    __atomic_store_n(&j->head->clean, j->head->begin, __ATOMIC_RELEASE);
}

/* All of the file, and once more the ring. NULL when that cannot be. */
static char *map_ring(int fd, size_t size)
{
    const int both = PROT_READ | PROT_WRITE;
    size_t once = WW_JOURNAL_BLOCK + size;
    char *p = mmap(NULL, once + size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    if (mmap(p, once, both, MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd, 0) != MAP_FAILED &&
        mmap(p + once, size, both, MAP_SHARED | MAP_FIXED | MAP_POPULATE, fd, (off_t)WW_JOURNAL_BLOCK) !=
            MAP_FAILED)
        return p;
    (void)munmap(p, once + size);
    return NULL;
}

/* MAP_POPULATE does not make pages of a shared mapping writable. */
static bool fault_in(char *p, size_t n)
{
    if (madvise(p, n, MADV_POPULATE_WRITE) == 0)
        return true;
    if (errno != EINVAL && errno != EPERM)
        return false;
    for (size_t i = 0, page = (size_t)sysconf(_SC_PAGESIZE); i < n; i += page) {
        volatile char *octet = p + i;
        const char same = *octet;
        *octet = same;
    }
    return true;
}

struct ww_journal *ww_journal_open(int fd, int64_t now, bool (*complete)(struct ww_slice octets),
                                   enum ww_err *err)
{
    struct ww_journal_head head;
    struct stat st;
    struct ww_journal *j = NULL;
    *err = WW_E_JOURNAL_DAMAGED;
    if (fstat(fd, &st) != 0 || pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head ||
        !ww_journal_head_ok(&head, (uint64_t)st.st_size))
        goto out;
    *err = WW_E_NO_MEMORY;
    j = calloc(1, sizeof *j);
    if (j == NULL)
        goto out;
    j->size = head.size;
    char *map = map_ring(fd, j->size);
    if (map == NULL) {
        free(j);
        j = NULL;
        goto out;
    }
    j->head = (void *)map;
    j->ring = map + WW_JOURNAL_BLOCK;
    if (!fault_in(map, WW_JOURNAL_BLOCK + 2 * j->size)) {
        ww_journal_free(j);
        j = NULL;
        goto out;
    }
    ww_journal_recover(j, now, complete);
    *err = WW_OK;
out:
    (void)close(fd);
    return j;
}

void ww_journal_free(struct ww_journal *journal)
{
    if (journal == NULL)
        return;
    (void)munmap(journal->head, WW_JOURNAL_BLOCK + 2 * journal->size);
    free(journal);
}

const struct ww_journal_found *ww_journal_found(const struct ww_journal *journal)
{
    return &journal->found;
}

const uint8_t *ww_journal_id(const struct ww_journal *journal)
{
    return journal->head->id;
}

size_t ww_journal_size(const struct ww_journal *journal)
{
    return journal->size;
}

uint64_t ww_journal_begin(const struct ww_journal *journal)
{
    return journal->head->begin;
}

uint64_t ww_journal_end(const struct ww_journal *journal)
{
    return journal->end;
}

char *ww_journal_room(struct ww_journal *journal, size_t n)
{
    static size_t page;
    if (page == 0)
        page = (size_t)sysconf(_SC_PAGESIZE);
    if (n > journal->size || ww_journal_step(n) > ww_journal_limit(journal) - journal->end)
        return NULL;
    /* Zero is what is there: this only makes the page writable, should it have been written to disk. */
    char *mark = ww_journal_at(journal, journal->end);
    char *last = mark + ww_journal_step(n) - 1;
    for (char *p = mark; p <= last; p += page - (uintptr_t)p % page)
        *(volatile char *)p = 0;
    return mark + sizeof(struct ww_journal_mark);
}

void ww_journal_commit(struct ww_journal *journal, enum ww_journal_kind kind, size_t n, int64_t time,
                       uid_t uid, pid_t pid)
{
    struct ww_journal_mark mark = {.kind = kind, .length = (uint32_t)n, .time = time, .uid = uid, .pid = pid};
    ww_journal_mark(journal, &mark);
}

void ww_journal_discard(struct ww_journal *journal, size_t n)
{
    memset(ww_journal_at(journal, journal->end) + sizeof(struct ww_journal_mark), 0, n);
}

bool ww_journal_read(const struct ww_journal *journal, uint64_t at, struct ww_journal_record *out)
{
    if (!ww_journal_committed(journal, at, journal->end))
        return false;
    const struct ww_journal_mark *m = (const void *)ww_journal_at(journal, at);
    *out = (struct ww_journal_record){
        .at = at,
        .next = at + ww_journal_step(m->length),
        .kind = (enum ww_journal_kind)m->kind,
        .time = m->time,
        .uid = m->uid,
        .pid = m->pid,
        .recovered = (m->flags & WW_JOURNAL_RECOVERED) != 0,
        .octets = ww_slice((const char *)(m + 1), m->length),
    };
    return true;
}

void ww_journal_release(struct ww_journal *journal, uint64_t before)
{
    struct ww_journal_record record;
    uint64_t begin = journal->head->begin;
    while (ww_journal_read(journal, begin, &record) && record.next <= before)
        begin = record.next;
    if (begin == journal->head->begin)
        return;
    /* First it is said to be released: a walk must never begin at what is zero already. */
    __atomic_store_n(&journal->head->begin, begin, __ATOMIC_RELEASE);
    atomic_thread_fence(memory_order_release);
    ww_journal_clean(journal);
}

bool ww_journal_resume(struct ww_journal *journal, uint64_t folded)
{
    struct ww_journal_head *head = journal->head;
    struct ww_journal_record record;
    uint64_t known = head->found_end != 0 ? head->found_end : journal->end;
    bool fits = folded <= known && (folded == journal->end || ww_journal_read(journal, folded, &record));
    if (!fits) {
        uint8_t id[WW_JOURNAL_ID_SIZE];
        ww_journal_release(journal, folded < known ? folded : known);
        memcpy(id, head->id, sizeof id);
        id[0]++; /* another one even where there is no randomness */
        (void)!getrandom(id, sizeof id, GRND_NONBLOCK);
        memcpy(head->id, id, sizeof id);
    }
    /* Killed before this, it is asked once more, and comes to the same. */
    atomic_thread_fence(memory_order_release);
    __atomic_store_n(&head->found_end, 0, __ATOMIC_RELEASE);
    return fits;
}
