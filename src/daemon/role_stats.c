#include "daemon/role_stats.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define PAYLOAD_MAX (16 + WW_STAT_VALUES * 10 + WW_SLOW_HOSTS_MAX * (WW_SLOW_HOST_SIZE + 16))
_Static_assert(PAYLOAD_MAX <= WW_ASKED_MAX, "all that is counted goes into one message");

void ww_role_stats_open(struct ww_role_stats *s)
{
    *s = (struct ww_role_stats){.statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)};
    /* Without chance the process is told from others by its number; zero would be none at all. */
    if (getrandom(&s->stats.process, sizeof s->stats.process, GRND_NONBLOCK) !=
        (ssize_t)sizeof s->stats.process)
        s->stats.process = (uint64_t)getpid();
    s->stats.process |= 1;
}

void ww_role_stats_close(struct ww_role_stats *s)
{
    if (s->statm >= 0)
        close(s->statm);
    s->statm = -1;
}

/* The second number of the file is the resident memory, in pages. */
static uint64_t resident_bytes(int statm)
{
    char text[128];
    ssize_t n = statm >= 0 ? pread(statm, text, sizeof text - 1, 0) : -1;
    if (n <= 0)
        return 0;
    text[n] = '\0';
    long page = sysconf(_SC_PAGESIZE);
    const char *second = strchr(text, ' ');
    unsigned long resident = second != NULL ? strtoul(second, NULL, 10) : 0;
    return page > 0 ? (uint64_t)resident * (uint64_t)page : 0;
}

static uint64_t cpu_us(void)
{
    struct timespec t;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0)
        return 0;
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void ww_role_stats_self(struct ww_role_stats *s)
{
    ww_stat_set(&s->stats, WW_STAT_CPU, cpu_us());
    ww_stat_set(&s->stats, WW_STAT_MEMORY, resident_bytes(s->statm));
    ww_slow_hosts_forget(&s->slow, (int64_t)time(NULL));
}

void ww_role_stats_tell(struct ww_role_stats *s, struct ww_asked *asked, struct ww_question_ref ref)
{
    static char payload[PAYLOAD_MAX];
    struct ww_buf b = ww_buf(payload, sizeof payload);
    ww_role_stats_self(s);
    ww_stats_put(&b, &s->stats);
    ww_slow_hosts_put(&b, &s->slow);
    if (b.failed)
        ww_asked_fail(asked, ref, WW_E_TOO_LONG);
    else
        ww_asked_tell(asked, ref, ww_slice(b.p, b.n), false);
}

enum ww_err ww_role_stats_get(struct ww_slice payload, struct ww_stats *stats, struct ww_slow_hosts *slow)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    if (ww_stats_get(&c, stats) != WW_OK || ww_slow_hosts_get(&c, slow) != WW_OK || ww_cursor_left(&c) > 0)
        return WW_E_MSG_MALFORMED;
    return WW_OK;
}
