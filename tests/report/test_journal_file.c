/* Files: what is opened, made anew or put aside; what is damaged; pages that were written to disk meanwhile.
 */
#include "journal_model.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define BLOCK ((off_t)65536)
#define HEAD_OCTETS 64

static char directory[64], path[96], old[104], detail[512];

static int setup(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "%s/ww-journal-XXXXXX", P_tmpdir);
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/results", directory);
    snprintf(old, sizeof old, "%s.old", path);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(path);
    (void)unlink(old);
    return rmdir(directory); /* so nothing else was left there */
}

/* Closes fd; the id goes to id. */
static uint64_t count(int fd, uint8_t id[WW_JOURNAL_ID_SIZE])
{
    assert_true(fd >= 0);
    struct ww_journal *j = model_open(fd);
    uint64_t records = ww_journal_found(j)->records;
    memcpy(id, ww_journal_id(j), WW_JOURNAL_ID_SIZE);
    ww_journal_free(j);
    close(fd);
    return records;
}

static void fill(const char *what, size_t records)
{
    struct stat st;
    int fd = ww_journal_file(path, SIZE, detail, sizeof detail);
    assert_true(fd >= 0);
    assert_string_equal(detail, "");
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_size, (off_t)SIZE + BLOCK);
    assert_true(st.st_blocks * 512 >= (off_t)SIZE); /* there is a place on the disk for all of it */
    assert_int_equal(st.st_mode & 0777, 0600);
    struct ww_journal *j = model_open(fd);
    for (size_t i = 0; i < records; i++)
        assert_true(model_put(j, i, 100));
    ww_journal_free(j);
    if (strcmp(what, "short") == 0)
        assert_int_equal(ftruncate(fd, BLOCK + 100), 0);
    if (strcmp(what, "long") == 0)
        assert_int_equal(ftruncate(fd, 2 * BLOCK + (off_t)SIZE), 0);
    if (strcmp(what, "newer") == 0)
        assert_int_equal(pwrite(fd, "\x02", 1, 8), 1);
    if (strcmp(what, "foreign") == 0)
        assert_int_equal(pwrite(fd, "#!/bin/sh", 9, 0), 9);
    if (strcmp(what, "empty") == 0)
        assert_int_equal(ftruncate(fd, 0), 0);
    close(fd);
}

static void opens_makes_or_puts_aside(void **state)
{
    static const struct {
        const char *what;
        size_t records, size;
        size_t found;      /* records, then */
        size_t found_size; /* 0: none is opened */
        bool same, aside;
        const char *words;
    } rows[] = {
        {"nothing", 0, SIZE, 0, SIZE, true, false, ""},
        {"records", 3, SIZE, 3, SIZE, true, false, ""},
        {"another size, empty", 0, 2 * SIZE, 0, 2 * SIZE, false, false, ""},
        {"another size, records", 3, 2 * SIZE, 3, SIZE, true, false,
         "stays at 1048576 octets while it holds results"},
        {"a size too small", 3, 1, 3, SIZE, true, false, ""},
        {"an odd size", 0, SIZE + 1, 0, SIZE + 65536, false, false, ""},
        {"short", 3, SIZE, 0, SIZE, false, true, "was no journal"},
        {"long", 3, SIZE, 0, SIZE, false, true, "was no journal"},
        {"newer", 3, SIZE, 0, SIZE, false, true, "was no journal"},
        {"foreign", 3, SIZE, 0, SIZE, false, true, "was no journal"},
        {"empty", 0, SIZE, 0, SIZE, false, false, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t before[WW_JOURNAL_ID_SIZE], after[WW_JOURNAL_ID_SIZE];
        struct stat st;
        assert_int_equal(setup(state), 0);
        print_message("%s\n", rows[i].what);
        fill("nothing", 0);
        assert_int_equal(count(open(path, O_RDWR), before), 0);
        fill(rows[i].what, rows[i].records);
        int fd = ww_journal_file(path, rows[i].size, detail, sizeof detail);
        assert_true(fd >= 0);
        assert_int_equal(detail[0] == '\0', rows[i].words[0] == '\0');
        assert_non_null(strstr(detail, rows[i].words));
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_size, (off_t)rows[i].found_size + BLOCK);
        assert_int_equal(count(fd, after), rows[i].found);
        assert_int_equal(memcmp(before, after, sizeof before) == 0, rows[i].same);
        assert_int_equal(access(old, F_OK) == 0, rows[i].aside);
        assert_int_equal(teardown(state), 0);
    }
    *state = NULL;
}

static void refused(const char *words)
{
    detail[0] = '\0';
    assert_int_equal(ww_journal_file(path, SIZE, detail, sizeof detail), -1);
    assert_non_null(strstr(detail, words));
}

static void says_why_there_is_none(void **state)
{
    (void)state;
    fill("foreign", 0);
    int fd = open(old, O_CREAT | O_WRONLY, 0600);
    close(fd);
    refused("is in the way of putting it aside");
    assert_int_equal(unlink(old), 0);
    assert_int_equal(unlink(path), 0);

    fd = ww_journal_file(path, SIZE, detail, sizeof detail);
    assert_true(fd >= 0);
    refused("another process has ");
    close(fd);
    assert_int_equal(unlink(path), 0);

    assert_int_equal(symlink("/dev/null", path), 0);
    refused("cannot open ");
    assert_int_equal(unlink(path), 0);

    assert_int_equal(mkdir(path, 0700), 0);
    refused("cannot open ");
    assert_int_equal(rmdir(path), 0);

    /* As good as a full disk. */
    struct rlimit before, few = {SIZE / 2, RLIM_INFINITY};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    few.rlim_max = before.rlim_max;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
    refused("cannot make ");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(access(path, F_OK), -1);

    char whole[96];
    memcpy(whole, path, sizeof whole);
    snprintf(path, sizeof path, "%s/none/results", directory);
    refused("cannot make ");
    memcpy(path, whole, sizeof path);
}

/* Octets of a file with four records of 100 octets (152 with their heads) are overwritten. */
static void finds_what_is_before_the_damage(void **state)
{
    static const struct {
        const char *name;
        off_t at;
        size_t n;
        char octet;
        int records; /* -1: it is none */
        int recovered;
        bool discarded;
    } rows[] = {
        {"magic", 0, 1, 'x', -1, 0, false},
        {"version", 8, 1, 9, -1, 0, false},
        {"size", 16, 1, 1, -1, 0, false},
        {"size beyond all", 16, 8, '\xff', -1, 0, false},
        {"id", 24, 16, 'x', 4, 0, false},
        {"begin off the grid", 40, 1, 1, -1, 0, false},
        {"begin beyond all", 40, 8, '\xff', -1, 0, false},
        {"begin before clean", 48, 1, 8, -1, 0, false},
        {"begin where there is none", 40, 1, 8, 0, 0, true},
        {"begin amid the ring", 42, 1, 1, 0, 0, false},
        {"commit word of the first", BLOCK, 8, 0, 1, 1, true},
        {"commit word of the third", BLOCK + 304, 8, 0, 3, 1, true},
        {"commit word of the last", BLOCK + 456, 8, 0, 4, 1, false},
        {"another commit word", BLOCK + 456, 1, 'x', 4, 1, false},
        {"check", BLOCK + 152 + 8, 1, 'x', 1, 0, true},
        {"time", BLOCK + 152 + 16, 1, 'x', 1, 0, true},
        {"length", BLOCK + 152 + 28, 4, '\xff', 1, 0, true},
        {"head of the last", BLOCK + 456, 48, 0, 4, 1, false},
        {"half the head of the last", BLOCK + 456, 24, 0, 4, 1, false},
        {"all of the third", BLOCK + 304, 152, 0, 2, 0, true},
        {"all of the last", BLOCK + 456, 152, 0, 3, 0, false},
        {"octets of the first", BLOCK + 48, 8, 0, 4, 0, false},
        {"something at the end of the ring", BLOCK + (off_t)SIZE - 1, 1, 'x', 4, 0, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char octets[64];
        enum ww_err err;
        int fd = model_memory();
        struct ww_journal *j = model_open(fd);
        print_message("%s\n", rows[i].name);
        for (size_t k = 0; k < 4; k++)
            assert_true(model_put(j, k, 100));
        ww_journal_free(j);
        memset(octets, rows[i].octet, sizeof octets);
        for (size_t k = 0; k < rows[i].n; k++)
            assert_int_equal(pwrite(fd, octets, 1, rows[i].at + (off_t)k), 1);
        j = ww_journal_open(dup(fd), NOW, model_complete, &err);
        assert_int_equal(j == NULL, rows[i].records < 0);
        assert_int_equal(err, rows[i].records < 0 ? WW_E_JOURNAL_DAMAGED : WW_OK);
        if (j != NULL) {
            assert_int_equal(ww_journal_found(j)->records, rows[i].records);
            assert_int_equal(ww_journal_found(j)->recovered, rows[i].recovered);
            assert_int_equal(ww_journal_found(j)->discarded > 0, rows[i].discarded);
            assert_true(model_put(j, 9, MODEL_MAX));
        }
        ww_journal_free(j);
        close(fd);
    }
}

/* A head from before or after: at the same place of the ring there are other positions. */
static void records_of_another_lap_are_none(void **state)
{
    (void)state;
    const uint64_t lap[2] = {SIZE, SIZE};
    int fd = model_memory();
    struct ww_journal *j = model_open(fd);
    for (size_t k = 0; k < 4; k++)
        assert_true(model_put(j, k, 100));
    ww_journal_free(j);
    assert_int_equal(pwrite(fd, lap, sizeof lap, 40), sizeof lap); /* begin, and clean */
    j = model_open(fd);
    assert_int_equal(ww_journal_begin(j), SIZE);
    assert_int_equal(ww_journal_found(j)->records, 0);
    assert_true(ww_journal_found(j)->discarded > 0);
    ww_journal_free(j);
    close(fd);
}

/* Whatever is in it, it ends, and what is opened can be gone on with. */
static void any_damage_is_borne(void **state)
{
    (void)state;
    srandom(8460);
    for (int round = 0; round < 150; round++) {
        enum ww_err err;
        int fd = model_memory();
        struct ww_journal *j = model_open(fd);
        for (size_t k = 0; k < 20; k++)
            assert_true(model_put(j, k, 100 + k * 300));
        uint64_t end = ww_journal_end(j);
        ww_journal_free(j);
        for (long k = random() % 8; k >= 0; k--) {
            char octet = (char)random();
            off_t at = random() % 16 == 0 ? random() % HEAD_OCTETS : BLOCK + random() % (off_t)end;
            assert_int_equal(pwrite(fd, &octet, 1, at), 1);
        }
        j = ww_journal_open(dup(fd), NOW, model_complete, &err);
        if (j != NULL) {
            struct ww_journal_record r;
            uint64_t records = ww_journal_found(j)->records, at = ww_journal_begin(j);
            for (uint64_t k = 0; k < records; k++, at = r.next)
                assert_true(ww_journal_read(j, at, &r));
            assert_int_equal(at, ww_journal_end(j));
            assert_true(model_put(j, 99, 5000));
            ww_journal_free(j);
            j = model_open(fd);
            assert_int_equal(ww_journal_found(j)->records, records + 1);
            assert_int_equal(ww_journal_found(j)->recovered + ww_journal_found(j)->discarded, 0);
        }
        ww_journal_free(j);
        close(fd);
    }
}

static long faults(void)
{
    struct rusage used;
    assert_int_equal(getrusage(RUSAGE_SELF, &used), 0);
    return used.ru_minflt + used.ru_majflt;
}

/*
 * Pages that were written to disk are write-protected by the kernel. Who is killed amid the fault that this
 * means loses the datagram, so none may happen between the place being given and the octets being there.
 */
static void a_place_is_there_without_a_fault(void **state)
{
    (void)state;
    static char datagram[100000];
    int ends[2], fd = ww_journal_file(path, SIZE, detail, sizeof detail), room_for = (int)sizeof datagram * 2;
    assert_true(fd >= 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    assert_int_equal(setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room_for, sizeof room_for), 0);
    struct ww_journal *j = model_open(fd);
    size_t n = model_datagram(datagram, 1, sizeof datagram);
    long least = LONG_MAX;
    for (int i = 0; i < 3; i++) { /* somebody else may have all disks written just then */
        assert_int_equal(send(ends[1], datagram, n, 0), (ssize_t)n);
        assert_int_equal(fsync(fd), 0);
        char *room = ww_journal_room(j, MODEL_MAX);
        long before = faults();
        assert_int_equal(recv(ends[0], room, MODEL_MAX, 0), (ssize_t)n);
        long had = faults() - before;
        least = had < least ? had : least;
        ww_journal_commit(j, WW_JOURNAL_DATAGRAM, n, NOW, 0, 0);
    }
    assert_int_equal(least, 0);
    ww_journal_free(j);
    close(fd);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_makes_or_puts_aside),
        cmocka_unit_test_setup_teardown(says_why_there_is_none, setup, teardown),
        cmocka_unit_test(finds_what_is_before_the_damage),
        cmocka_unit_test(records_of_another_lap_are_none),
        cmocka_unit_test(any_damage_is_borne),
        cmocka_unit_test_setup_teardown(a_place_is_there_without_a_fault, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
