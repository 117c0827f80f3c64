/*
 * The journal's writer dies. At any instruction: it is run step by step, and whatever it has changed by then
 * is opened as if it had been killed there. And in earnest: writers that receive from a socket are killed,
 * while somebody sends who counts what was accepted.
 */
#include "journal_model.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static void *shared(size_t n)
{
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(p != MAP_FAILED);
    return p;
}

/* Step by step. The child says what must be there, before and after each thing it does. */
struct told {
    size_t received;  /* datagrams from 0 on, of SMALL octets each */
    size_t releasing; /* those before this one may be gone */
    size_t released;  /* those before this one must be gone */
    uint64_t begin;   /* when the steps began */
    bool going;
};

enum { SMALL = 120, STEPS_DATAGRAMS = 4, WINDOW = 4096 };

static void receive(struct ww_journal *j, int from, struct told *told)
{
    char *room = ww_journal_room(j, 1024);
    ssize_t n = room == NULL ? -1 : recv(from, room, 1024, 0);
    if (n < 0)
        _exit(2);
    told->received++;
    ww_journal_commit(j, WW_JOURNAL_DATAGRAM, (size_t)n, NOW, 0, 0);
}

static void discard(struct ww_journal *j)
{
    char *room = ww_journal_room(j, 300);
    if (room == NULL)
        _exit(3);
    memset(room, '{', 256);
    ww_journal_discard(j, 256);
}

static void release_one(struct ww_journal *j, struct told *told)
{
    struct ww_journal_record r;
    if (!ww_journal_read(j, ww_journal_begin(j), &r))
        _exit(4);
    told->releasing++;
    ww_journal_release(j, r.next);
    told->released++;
}

static void child(int fd, int from, struct told *told)
{
    enum ww_err err;
    struct ww_journal *j = ww_journal_open(fd, NOW, model_complete, &err);
    if (j == NULL)
        _exit(5);
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    (void)raise(SIGSTOP);
    told->going = true;
    receive(j, from, told);
    receive(j, from, told);
    discard(j);
    release_one(j, told);
    receive(j, from, told);
    release_one(j, told);
    release_one(j, told);
    receive(j, from, told);
    told->going = false;
    _exit(0);
}

/* As the file is now, in a file of its own. */
static int copy_of(const char *map, uint64_t begin)
{
    size_t block = 65536;
    size_t from = begin % SIZE < WINDOW ? 0 : begin % SIZE - WINDOW;
    size_t n = SIZE - from < 3 * (size_t)WINDOW ? SIZE - from : 3 * (size_t)WINDOW;
    int fd = memfd_create("copy", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)(block + SIZE)), 0);
    assert_int_equal(pwrite(fd, map, 4096, 0), 4096);
    assert_int_equal(pwrite(fd, map + block, WINDOW, (off_t)block), WINDOW);
    assert_int_equal(pwrite(fd, map + block + from, n, (off_t)(block + from)), n);
    return fd;
}

static void check_copy(int fd, const struct told *told)
{
    struct ww_journal_record r;
    struct ww_journal *j = model_open(fd);
    uint64_t at = ww_journal_begin(j);
    size_t next = SIZE_MAX;
    for (; ww_journal_read(j, at, &r); at = r.next) {
        size_t number = (size_t)model_number(r.octets);
        model_same(&r, number, SMALL);
        if (next == SIZE_MAX)
            assert_true(number >= told->released && number <= told->releasing);
        else
            assert_int_equal(number, next);
        next = number + 1;
    }
    assert_int_equal(at, ww_journal_end(j));
    if (next == SIZE_MAX) /* there is none: all that came may be gone */
        assert_true(told->releasing >= told->received);
    else /* what came a moment ago may not be told yet */
        assert_true(next == told->received || next == told->received + 1);
    /* It can be gone on with. */
    for (size_t i = 0; i < 4; i++)
        assert_true(model_put(j, 1000 + i, SMALL));
    uint64_t records = ww_journal_found(j)->records;
    ww_journal_free(j);
    j = model_open(fd);
    assert_int_equal(ww_journal_found(j)->records, records + 4);
    assert_int_equal(ww_journal_found(j)->recovered + ww_journal_found(j)->discarded, 0);
    ww_journal_free(j);
}

/* Each state that the file ever is in, from one instruction to the next. */
static size_t step_through(pid_t pid, const char *map, const struct told *told)
{
    static char seen[4096 + 2 * WINDOW];
    size_t states = 0;
    int status;
    size_t at = told->begin % SIZE;
    at = 65536 + (at < SIZE - WINDOW ? at : SIZE - WINDOW);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    for (; !WIFEXITED(status); states++) {
        while (memcmp(map, seen, 128) == 0 && memcmp(map + 65536, seen + 4096, WINDOW) == 0 &&
               memcmp(map + at, seen + 4096 + WINDOW, WINDOW) == 0) {
            assert_true(WIFSTOPPED(status));
            assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
            assert_int_equal(waitpid(pid, &status, 0), pid);
            if (WIFEXITED(status))
                break;
        }
        memcpy(seen, map, 128);
        memcpy(seen + 4096, map + 65536, WINDOW);
        memcpy(seen + 4096 + WINDOW, map + at, WINDOW);
        int fd = copy_of(map, told->begin);
        check_copy(fd, told);
        close(fd);
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    return states;
}

/* Two that take turns do so sooner on one processor. */
static void stay_here(void)
{
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET((size_t)sched_getcpu(), &here);
    (void)sched_setaffinity(0, sizeof here, &here);
}

static void survives_any_instruction(void **state)
{
    (void)state;
    cpu_set_t anywhere;
    assert_int_equal(sched_getaffinity(0, sizeof anywhere, &anywhere), 0);
    stay_here();
    /* So many octets were put and released before: in one piece, and across the end.
     */
    static const size_t before[] = {0, SIZE - 256};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        struct told *told = shared(sizeof *told);
        int ends[2], fd = model_memory();
        char datagram[SMALL];
        assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
        for (size_t k = 0; k < STEPS_DATAGRAMS; k++)
            assert_int_equal(send(ends[1], datagram, model_datagram(datagram, k, SMALL), 0), SMALL);
        struct ww_journal *j = model_open(fd);
        for (size_t left = before[i]; left > 0;) {
            size_t n = left > 100000 + 1024 ? 100000 : left;
            assert_true(model_put(j, 0, n - 48));
            ww_journal_release(j, ww_journal_end(j));
            left -= n;
        }
        assert_int_equal(ww_journal_end(j), before[i]);
        told->begin = before[i];
        ww_journal_free(j);
        char *map = mmap(NULL, 65536 + SIZE, PROT_READ, MAP_SHARED, fd, 0);
        assert_true(map != MAP_FAILED);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            child(dup(fd), ends[0], told);
        size_t states = step_through(pid, map, told);
        print_message("%zu states of the file\n", states);
        assert_true(states >= 4 * 4 + 3 * 3 + 2); /* received, released, discarded */
        assert_int_equal(told->received, STEPS_DATAGRAMS);
        (void)munmap(map, 65536 + SIZE);
        (void)munmap(told, sizeof *told);
        close(ends[0]);
        close(ends[1]);
        close(fd);
    }
    assert_int_equal(sched_setaffinity(0, sizeof anywhere, &anywhere), 0);
}

/* In earnest. This process is the store: it folds what a dead writer has left. */
#define KILLS 100
#define SENT_MAX 4000000

struct sums {
    uint64_t accepted; /* by send, numbered from 0 on */
    uint64_t folded;   /* position; nothing before it is read again */
    bool enough;
};

static void send_until_enough(int to, struct sums *sums)
{
    char datagram[700];
    while (!__atomic_load_n(&sums->enough, __ATOMIC_ACQUIRE) && sums->accepted < SENT_MAX) {
        size_t n = model_datagram(datagram, sums->accepted, 32 + sums->accepted % 640);
        if (send(to, datagram, n, 0) != (ssize_t)n)
            _exit(2);
        sums->accepted++;
    }
    _exit(0);
}

static void receive_until_killed(int fd, int from, struct sums *sums)
{
    enum ww_err err;
    struct ww_journal *j = ww_journal_open(fd, NOW, model_complete, &err);
    if (j == NULL || !ww_journal_resume(j, sums->folded))
        _exit(2);
    ww_journal_release(j, sums->folded);
    for (;;) {
        char *room = ww_journal_room(j, 1024);
        if (room == NULL) {
            (void)pause();
            continue;
        }
        ssize_t n = recv(from, room, 1024, 0);
        if (n < 0)
            _exit(3);
        if (n == 1)
            ww_journal_discard(j, 1);
        else
            ww_journal_commit(j, WW_JOURNAL_DATAGRAM, (size_t)n, NOW, 0, 0);
    }
}

/* Each number once, and in order. */
static uint64_t fold(int fd, struct sums *sums, uint64_t next, uint64_t *recovered)
{
    struct ww_journal_record r;
    struct ww_journal *j = model_open(fd);
    *recovered += ww_journal_found(j)->recovered;
    assert_int_equal(ww_journal_found(j)->discarded, 0);
    for (; ww_journal_read(j, sums->folded, &r); sums->folded = r.next, next++) {
        assert_int_equal(model_number(r.octets), next);
        model_same(&r, next, 32 + next % 640);
    }
    assert_int_equal(sums->folded, ww_journal_end(j));
    ww_journal_free(j);
    return next;
}

static void reap(pid_t pid, bool killed)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(killed ? WIFSIGNALED(status) : WIFEXITED(status) && WEXITSTATUS(status) == 0, true);
}

static void loses_nothing_that_was_accepted(void **state)
{
    (void)state;
    struct sums *sums = shared(sizeof *sums);
    uint64_t next = 0, recovered = 0;
    int ends[2], fd = model_memory();
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srandom(seed);
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    pid_t sender = fork();
    assert_true(sender >= 0);
    if (sender == 0)
        send_until_enough(ends[1], sums);
    for (int i = 0; i < KILLS; i++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            receive_until_killed(dup(fd), ends[0], sums);
        usleep((useconds_t)(random() % 3000));
        assert_int_equal(kill(pid, SIGKILL), 0);
        reap(pid, true);
        next = fold(fd, sums, next, &recovered);
    }
    /* What is still on its way: the sender may wait for room in the queue. */
    __atomic_store_n(&sums->enough, true, __ATOMIC_RELEASE);
    pid_t last = fork();
    if (last == 0)
        receive_until_killed(dup(fd), ends[0], sums);
    reap(sender, false);
    for (int queued = 1; queued > 0; usleep(1000))
        queued = recv(ends[0], &(char){0}, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
    assert_int_equal(kill(last, SIGKILL), 0);
    reap(last, true);
    next = fold(fd, sums, next, &recovered);
    print_message("%llu datagrams, %llu without a head\n", (unsigned long long)next,
                  (unsigned long long)recovered);
    assert_int_equal(next, sums->accepted);
    assert_true(next > KILLS);
    (void)munmap(sums, sizeof *sums);
    close(ends[0]);
    close(ends[1]);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_any_instruction),
        cmocka_unit_test(loses_nothing_that_was_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
