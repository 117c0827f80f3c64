#include "check/host_faults.h"

#include "base/ascii.h"

#include <stdarg.h>
#include <stdio.h>

/* Of more addresses that have a fault only the number is told. */
#define NAMED 3

#define YEAR ((int64_t)366 * 86400)

void ww_host_fault(struct ww_host_faults *faults, enum ww_check check, size_t address, const char *format,
                   ...)
{
    if (faults->count == WW_HOST_FAULTS_MAX)
        return;
    struct ww_host_fault *fault = &faults->list[faults->count];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(fault->seen, sizeof fault->seen, format, list);
    va_end(list);
    fault->check = check;
    fault->addresses = (uint32_t)1 << address;
    for (size_t i = 0; i < faults->count; i++) {
        if (faults->list[i].check == check && strcmp(faults->list[i].seen, fault->seen) == 0) {
            faults->list[i].addresses |= fault->addresses;
            return;
        }
    }
    faults->count++;
}

static void put_address(struct ww_buf *b, const struct ww_addr *addr)
{
    char text[WW_ADDR_TEXT_SIZE];
    ww_addr_format(addr, text);
    ww_buf_str(b, text);
}

/* "mta-sts.example.com [192.0.2.1, 2001:db8::1 and 2 more]" */
static void put_where(struct ww_buf *b, const struct ww_host_faults *faults, uint32_t addresses)
{
    size_t named = 0, more = 0;
    ww_buf_str(b, faults->name);
    for (size_t i = 0; i < faults->host->count; i++) {
        if ((addresses & (uint32_t)1 << i) == 0)
            continue;
        if (named == NAMED) {
            more++;
            continue;
        }
        ww_buf_str(b, named++ == 0 ? " [" : ", ");
        put_address(b, &faults->host->addresses[i].addr);
    }
    if (more > 0) {
        ww_buf_str(b, " and ");
        ww_buf_decimal(b, more);
        ww_buf_str(b, " more");
    }
    ww_buf_str(b, named > 0 ? "]" : "");
}

/* Where a fault leaves no policy at its own addresses, it counts that another one has it. */
static void put_other(struct ww_buf *b, const struct ww_host_faults *faults, uint32_t addresses)
{
    const struct ww_host_sight *host = faults->host;
    for (size_t i = 0; i < host->count; i++)
        if ((addresses & (uint32_t)1 << i) != 0 && host->addresses[i].size > 0)
            return;
    if (host->body.p == NULL)
        return;
    ww_buf_str(b, "; [");
    put_address(b, &host->addresses[host->body_from].addr);
    ww_buf_str(b, "] serves the policy");
}

void ww_host_faults_tell(const struct ww_host_faults *faults, struct ww_check_report *report)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct ww_host_fault *fault = &faults->list[i];
        char where[WW_CHECK_WHERE_SIZE], other[80];
        struct ww_buf b = ww_buf(where, sizeof where - 1), o = ww_buf(other, sizeof other - 1);
        put_where(&b, faults, fault->addresses);
        put_other(&o, faults, fault->addresses);
        where[b.n] = '\0';
        other[o.n] = '\0';
        ww_check_found(report, fault->check, where, "%.520s%s", fault->seen, other);
    }
}

/* More than a year is a year. */
static int64_t seconds_of(struct ww_slice digits)
{
    int64_t seconds = 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (!ww_is_digit(digits.p[i]))
            return -1;
        seconds = seconds * 10 + (digits.p[i] - '0');
        if (seconds > YEAR)
            seconds = YEAR;
    }
    return digits.n > 0 ? seconds : -1;
}

int64_t ww_host_seconds(const char *value)
{
    return seconds_of(ww_slice_str(value));
}

static bool is_directive(struct ww_slice s, const char *name, struct ww_slice *value)
{
    size_t n = strlen(name);
    if (s.n < n || !ww_is_nocase(ww_slice(s.p, n), name))
        return false;
    *value = s.n > n && s.p[n] == '=' ? ww_slice(s.p + n + 1, s.n - n - 1) : ww_slice("", 0);
    return s.n == n || s.p[n] == '=';
}

static struct ww_slice next_directive(const char **at)
{
    size_t blank = strspn(*at, " \t,");
    const char *from = *at + blank;
    size_t n = strcspn(from, ",");
    *at = from + n;
    while (n > 0 && ww_is_wsp(from[n - 1]))
        n--;
    return ww_slice(from, n);
}

int64_t ww_host_cache_seconds(const char *cache_control)
{
    int64_t own = -1, shared = -1; /* s-maxage goes before max-age in caches that many share */
    struct ww_slice s, value;
    for (const char *at = cache_control; (s = next_directive(&at)).n > 0;) {
        if (is_directive(s, "no-store", &value) || is_directive(s, "no-cache", &value) ||
            is_directive(s, "private", &value))
            return 0;
        if (is_directive(s, "max-age", &value))
            own = seconds_of(value);
        else if (is_directive(s, "s-maxage", &value))
            shared = seconds_of(value);
    }
    int64_t seconds = shared >= 0 ? shared : own;
    return seconds > 0 ? seconds : 0;
}
