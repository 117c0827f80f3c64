#include "journal_model.h"

#include <sys/mman.h>

/* The model: what should be in the journal. */
#define KEPT_MAX 70000
static struct {
    uint64_t number;
    size_t n;
} kept[KEPT_MAX];
static size_t first_kept, next_kept;

static void check_all(const struct ww_journal *j)
{
    struct ww_journal_record r;
    uint64_t at = ww_journal_begin(j);
    for (size_t i = first_kept; i < next_kept; i++, at = r.next) {
        assert_true(ww_journal_read(j, at, &r));
        assert_int_equal(r.at, at);
        assert_int_equal(r.kind, WW_JOURNAL_DATAGRAM);
        assert_false(r.recovered);
        assert_int_equal(r.time, NOW + (int64_t)kept[i].number);
        assert_int_equal(r.uid, 1000);
        assert_int_equal(r.pid, 4321);
        model_same(&r, kept[i].number, kept[i].n);
    }
    assert_int_equal(at, ww_journal_end(j));
    assert_false(ww_journal_read(j, at, &r));
}

static bool put(struct ww_journal *j, size_t n)
{
    if (!model_put(j, next_kept, n))
        return false;
    assert_true(next_kept < KEPT_MAX);
    kept[next_kept].number = next_kept;
    kept[next_kept++].n = n;
    return true;
}

static void release(struct ww_journal *j, size_t count)
{
    struct ww_journal_record r;
    uint64_t at = ww_journal_begin(j);
    for (size_t i = 0; i < count && ww_journal_read(j, at, &r); i++, at = r.next)
        first_kept++;
    ww_journal_release(j, at);
    assert_int_equal(ww_journal_begin(j), at);
}

static struct ww_journal *reopen(struct ww_journal *j, int fd)
{
    uint64_t begin = ww_journal_begin(j), end = ww_journal_end(j);
    ww_journal_free(j);
    j = model_open(fd);
    assert_int_equal(ww_journal_begin(j), begin);
    assert_int_equal(ww_journal_end(j), end);
    assert_int_equal(ww_journal_found(j)->records, next_kept - first_kept);
    assert_int_equal(ww_journal_found(j)->recovered, 0);
    assert_int_equal(ww_journal_found(j)->discarded, 0);
    return j;
}

static void forget(void)
{
    first_kept = next_kept = 0;
}

/* What is said of each letter: put a datagram of n octets, put until it is full, release n, discard n, again.
 */
enum what { PUT = 'p', FILL = 'f', RELEASE = 'r', DISCARD = 'd', REOPEN = 'o' };
struct step {
    enum what what;
    size_t n;
};

static void do_steps(const struct step *steps, size_t count)
{
    int fd = model_memory();
    struct ww_journal *j = model_open(fd);
    forget();
    for (size_t i = 0; i < count; i++) {
        char *room;
        switch (steps[i].what) {
        case PUT:
            assert_true(put(j, steps[i].n));
            break;
        case FILL:
            while (put(j, steps[i].n))
                ;
            assert_null(ww_journal_room(j, steps[i].n));
            break;
        case RELEASE:
            release(j, steps[i].n);
            break;
        case DISCARD:
            room = ww_journal_room(j, steps[i].n);
            assert_non_null(room);
            memset(room, '}', steps[i].n);
            ww_journal_discard(j, steps[i].n);
            break;
        case REOPEN:
            j = reopen(j, fd);
            break;
        }
        check_all(j);
    }
    ww_journal_free(j);
    close(fd);
}

static void keeps_what_is_put(void **state)
{
    static const struct {
        const char *name;
        struct step steps[12];
    } rows[] = {
        {"nothing", {{REOPEN, 0}, {RELEASE, 0}, {REOPEN, 0}}},
        {"one", {{PUT, 590}, {REOPEN, 0}, {RELEASE, 1}, {REOPEN, 0}}},
        {"odd lengths", {{PUT, 33}, {PUT, 34}, {PUT, 39}, {PUT, 40}, {PUT, 41}, {REOPEN, 0}}},
        {"the longest", {{PUT, MODEL_MAX}, {PUT, MODEL_MAX}, {PUT, MODEL_MAX}, {REOPEN, 0}}},
        {"full", {{FILL, 590}, {REOPEN, 0}, {RELEASE, 1}, {PUT, 590}, {REOPEN, 0}}},
        {"full to the last octet", {{FILL, 65536 - 48}, {REOPEN, 0}, {RELEASE, 16}, {REOPEN, 0}}},
        {"round",
         {{FILL, 590}, {RELEASE, 800}, {FILL, 700}, {REOPEN, 0}, {RELEASE, 1500}, {FILL, 4096}, {REOPEN, 0}}},
        {"across the end",
         {{PUT, 200000},
          {PUT, 200000},
          {PUT, 200000},
          {PUT, 200000},
          {RELEASE, 3},
          {PUT, MODEL_MAX},
          {REOPEN, 0},
          {PUT, 99},
          {REOPEN, 0},
          {RELEASE, 2},
          {REOPEN, 0}}},
        {"discarded",
         {{PUT, 590}, {DISCARD, 5000}, {REOPEN, 0}, {PUT, 590}, {DISCARD, 1}, {RELEASE, 2}, {REOPEN, 0}}},
        {"all is released", {{FILL, 32}, {RELEASE, KEPT_MAX}, {REOPEN, 0}, {FILL, 32}, {REOPEN, 0}}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = 0;
        while (n < 12 && rows[i].steps[n].what != 0)
            n++;
        print_message("%s\n", rows[i].name);
        do_steps(rows[i].steps, n);
    }
}

/* Of many steps by chance, which go round the ring some dozen times. */
static void keeps_what_is_put_by_chance(void **state)
{
    (void)state;
    static struct step steps[4000];
    srandom(8460);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        size_t any = (size_t)random();
        switch (any % 8) {
        case 0:
            steps[i] = (struct step){RELEASE, any / 8 % 20};
            break;
        case 1:
            steps[i] = (struct step){any / 8 % 16 == 0 ? REOPEN : DISCARD, 1 + any / 8 % 3000};
            break;
        default:
            steps[i] = (struct step){PUT, 32 + any / 8 % (any % 3 == 0 ? 30000 : 900)};
        }
        /* At most three of four are put, so that it does not get full. */
        if (i % 32 == 31)
            steps[i] = (struct step){RELEASE, 24};
    }
    do_steps(steps, sizeof steps / sizeof *steps);
}

static void holds_what_fits(void **state)
{
    (void)state;
    int fd = model_memory();
    struct ww_journal *j = model_open(fd);
    assert_int_equal(ww_journal_size(j), SIZE);
    assert_null(ww_journal_room(j, SIZE));
    assert_null(ww_journal_room(j, SIZE - 47));
    assert_non_null(ww_journal_room(j, SIZE - 48));
    assert_null(ww_journal_room(j, SIZE_MAX));
    ww_journal_free(j);
    close(fd);
}

/* Positions that are none of a record: nothing is read there, and nothing but whole records is released. */
static void positions_are_of_records(void **state)
{
    (void)state;
    struct ww_journal_record r;
    int fd = model_memory();
    struct ww_journal *j = model_open(fd);
    forget();
    for (int i = 0; i < 3; i++)
        assert_true(put(j, 100));
    uint64_t end = ww_journal_end(j);
    for (uint64_t at = 0; at < end + 300; at++)
        assert_int_equal(ww_journal_read(j, at, &r), at < end && at % (end / 3) == 0);
    assert_false(ww_journal_read(j, UINT64_MAX, &r));
    ww_journal_release(j, end / 3 - 1);
    assert_int_equal(ww_journal_begin(j), 0);
    ww_journal_release(j, end / 3 + 8);
    assert_int_equal(ww_journal_begin(j), end / 3);
    assert_false(ww_journal_read(j, 0, &r));
    ww_journal_release(j, 0);
    assert_int_equal(ww_journal_begin(j), end / 3);
    ww_journal_release(j, UINT64_MAX);
    assert_int_equal(ww_journal_begin(j), end);
    assert_int_equal(ww_journal_end(j), end);
    ww_journal_free(j);
    close(fd);
}

/* Octets that were received, but of which no record was made. */
static void takes_what_has_no_head(void **state)
{
    static const struct {
        const char *name;
        const char *octets;
        size_t n, before; /* so many octets were put before, so that it lies across the end */
        bool taken;
        uint64_t discarded;
    } rows[] = {
        {"whole", "{\"1\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", 0, 0, true, 0},
        {"across the end", "{\"1\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", 0, SIZE - 64, true, 0},
        {"head beyond the end", "{\"1\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", 0, SIZE - 48, true, 0},
        {"half", "{\"1\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0, 0, false, 48 + 35},
        {"a line", "waxwing-result v=1 time=1700000000 name=mx", 0, 0, false, 48 + 42},
        {"one octet", "}", 0, 0, false, 48 + 1},
        {"zeros in its midst", "{\"1\":\"aaaaa\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0aaaaaaaaaaa\"}", 45,
         0, true, 0},
        {"zeros first", "\0\0\0\0\0\0\0\0}", 9, 0, false, 48 + 9},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = model_memory();
        struct ww_journal *j = model_open(fd);
        struct ww_journal_record r;
        size_t n = rows[i].n != 0 ? rows[i].n : strlen(rows[i].octets);
        print_message("%s\n", rows[i].name);
        forget();
        for (size_t left = rows[i].before; left > 0; left -= left > 100000 ? 100000 : left) {
            assert_true(put(j, (left > 100000 ? 100000 : left) - 48));
            release(j, 1);
        }
        uint64_t end = ww_journal_end(j);
        assert_int_equal(end, rows[i].before);
        memcpy(ww_journal_room(j, MODEL_MAX), rows[i].octets, n);
        ww_journal_free(j);
        j = model_open(fd);
        assert_int_equal(ww_journal_found(j)->records, rows[i].taken);
        assert_int_equal(ww_journal_found(j)->recovered, rows[i].taken);
        assert_int_equal(ww_journal_found(j)->discarded, rows[i].discarded);
        assert_int_equal(ww_journal_read(j, end, &r), rows[i].taken);
        if (rows[i].taken) {
            assert_true(r.recovered);
            assert_int_equal(r.kind, WW_JOURNAL_DATAGRAM);
            assert_int_equal(r.time, NOW);
            assert_true(r.uid == (uid_t)-1 && r.pid == 0);
            assert_int_equal(r.octets.n, n);
            assert_memory_equal(r.octets.p, rows[i].octets, n);
        }
        /* Found once, it is as any other; what was thrown away is gone. model_put sees that the rest is zero.
         */
        next_kept = 1;
        assert_true(put(j, MODEL_MAX));
        ww_journal_free(j);
        j = model_open(fd);
        assert_int_equal(ww_journal_found(j)->records, 1 + rows[i].taken);
        assert_int_equal(ww_journal_found(j)->recovered, 0);
        assert_int_equal(ww_journal_found(j)->discarded, 0);
        ww_journal_free(j);
        close(fd);
    }
}

/* What the store says of records 0 to 3, to which two came when the journal was open. */
static void resumes_where_the_store_is(void **state)
{
    static const struct {
        const char *name;
        int64_t folded; /* in records; -1: beyond all, -2: amid the second */
        bool fits;
        size_t begin; /* the record that is the first then */
        int opened;   /* so often before the store answers */
    } rows[] = {
        {"nothing is folded", 0, true, 0, 1},
        {"some", 2, true, 0, 1},
        {"all", 4, true, 0, 1},
        {"more than was found: what came since is not of them", 5, false, 4, 1},
        {"the same, opened again meanwhile", 5, false, 4, 2},
        {"beyond all", -1, false, 4, 3},
        {"amid a record", -2, false, 1, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = model_memory();
        struct ww_journal *j = model_open(fd);
        uint8_t id[WW_JOURNAL_ID_SIZE];
        forget();
        print_message("%s\n", rows[i].name);
        assert_true(ww_journal_resume(j, 0));
        for (int k = 0; k < 4; k++)
            assert_true(put(j, 100));
        uint64_t step = ww_journal_end(j) / 4;
        ww_journal_free(j);
        j = model_open(fd);
        memcpy(id, ww_journal_id(j), sizeof id);
        for (int k = 0; k < 2; k++)
            assert_true(put(j, 100));
        for (int k = 1; k < rows[i].opened; k++)
            j = reopen(j, fd);
        uint64_t folded = rows[i].folded == -1   ? 1000 * step
                          : rows[i].folded == -2 ? step + 8
                                                 : (uint64_t)rows[i].folded * step;
        assert_int_equal(ww_journal_resume(j, folded), rows[i].fits);
        assert_int_equal(memcmp(id, ww_journal_id(j), sizeof id) == 0, rows[i].fits);
        assert_int_equal(ww_journal_begin(j), rows[i].begin * step);
        first_kept = rows[i].begin;
        check_all(j);
        assert_true(rows[i].fits || ww_journal_resume(j, ww_journal_begin(j)));
        check_all(j);
        /* From now on all that it holds is known to be known. */
        j = reopen(j, fd);
        assert_true(ww_journal_resume(j, ww_journal_end(j)));
        ww_journal_free(j);
        close(fd);
    }
}

/* A store from another day knows less than what was released already. */
static void never_goes_back(void **state)
{
    (void)state;
    int fd = model_memory();
    struct ww_journal *j = model_open(fd);
    forget();
    for (int k = 0; k < 4; k++)
        assert_true(put(j, 100));
    release(j, 2);
    uint64_t begin = ww_journal_begin(j);
    assert_false(ww_journal_resume(j, begin / 2));
    assert_int_equal(ww_journal_begin(j), begin);
    assert_true(ww_journal_resume(j, begin));
    check_all(j);
    ww_journal_free(j);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_is_put),      cmocka_unit_test(keeps_what_is_put_by_chance),
        cmocka_unit_test(holds_what_fits),        cmocka_unit_test(positions_are_of_records),
        cmocka_unit_test(takes_what_has_no_head), cmocka_unit_test(resumes_where_the_store_is),
        cmocka_unit_test(never_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
