#include "daemon/settings.h"

#include "codec/idn.h"
#include "core/uri.h"
#include "daemon/alert_target.h"
#include "daemon/config_values.h"
#include "daemon/listen_at.h"
#include "store/history.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define AT(field) .at = offsetof(struct ww_config, field)
#define COUNT_AT(field) .count_at = offsetof(struct ww_config, field)
#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const char *const flag_words[] = {"false", "true", NULL};
static const char *const format_words[] = {"auto", "text", "json", "journal", NULL};
static const char *const dane_words[] = {"off", "on", "mta", "blind", NULL}; /* enum ww_dane_use */
static const char *const conflict_words[] = {"sts", "dane", NULL};
static const char *const testing_words[] = {"notfound", "may", NULL};
static const char *const level_words[] = {"error", "warning", "info", "debug", NULL};
static const char *const severity_words[] = {"error", "warning", "info", NULL}; /* enum ww_severity */

/* clang-format off */
const struct ww_setting ww_settings[] = {
    {"", "listen", WW_SETTING_LISTENERS, "{\"inet:127.0.0.1:8461\"}", AT(listen)},
    {"", "socket_owner", WW_SETTING_STRING, "", AT(socket_owner)},
    {"", "socket_group", WW_SETTING_STRING, "", AT(socket_group)},
    {"", "socket_mode", WW_SETTING_MODE, "0666", AT(socket_mode)},
    {"", "user", WW_SETTING_NAME, "waxwing", AT(user)},
    {"", "store", WW_SETTING_PATH, "", AT(store)},
    {"", "control", WW_SETTING_UNIX, "", AT(control)},
    {"", "metrics", WW_SETTING_LISTENERS, "{}", AT(metrics)},
    {"", "http", WW_SETTING_LISTENERS, "{}", .local = true, AT(http)},
    {"", "log_level", WW_SETTING_CHOICE, "info", .words = level_words, AT(log_level)},
    {"", "log_format", WW_SETTING_CHOICE, "auto", .words = format_words, AT(log_format)},
    {"", "answer_deadline", WW_SETTING_MILLISECONDS, "5s", SECOND, MINUTE, AT(answer_deadline_ms)},
    {"", "testing", WW_SETTING_FLAG, "notfound", .words = testing_words, AT(testing_may)},
    {"", "dry_run", WW_SETTING_FLAG, "false", .words = flag_words, AT(dry_run)},
    {"", "dane", WW_SETTING_CHOICE, "on", .words = dane_words, AT(dane.use)},
    {"", "dane_conflict", WW_SETTING_FLAG, "sts", .words = conflict_words, AT(dane.suffices)},
    {"", "resolvers", WW_SETTING_NUMBER, "0", 0, 64, AT(resolvers)},
    {"", "max_domains", WW_SETTING_SIZE, "1000000", 1000, 100000000, AT(max_domains)},
    {"", "confine", WW_SETTING_FLAG, "true", .words = flag_words, AT(confine)},

    {"dns", "forward", WW_SETTING_ADDRESSES, "{}", AT(dns_forward), COUNT_AT(dns_forward_count)},
    {"dns", "root_hints", WW_SETTING_PATH, "", AT(dns_root_hints)},
    {"dns", "trust_anchor", WW_SETTING_PATH, "", AT(dns_trust_anchor)},
    {"dns", "anchor_updates", WW_SETTING_FLAG, "true", .words = flag_words, AT(dns_anchor_updates)},
    {"dns", "sources", WW_SETTING_ADDRESSES, "{}", AT(dns_sources), COUNT_AT(dns_source_count)},
    {"dns", "timeout", WW_SETTING_MILLISECONDS, "5s", SECOND, MINUTE, AT(dns_timeout_ms)},

    {"fetch", "ca_file", WW_SETTING_PATH, "", AT(fetch_ca_file)},
    {"fetch", "deadline", WW_SETTING_MILLISECONDS, "10s", SECOND, MINUTE, AT(fetch_deadline_ms)},
    {"fetch", "allow_addresses", WW_SETTING_PREFIXES, "{}", AT(fetch_allow), COUNT_AT(fetch_allow_count)},
    {"fetch", "sources", WW_SETTING_ADDRESSES, "{}", AT(fetch_sources), COUNT_AT(fetch_source_count)},
    {"fetch", "max_flights", WW_SETTING_NUMBER, "200", 1, 10000, AT(fetch_max_flights)},
    {"fetch", "max_per_second", WW_SETTING_NUMBER, "2000", 1, 100000, AT(fetch_max_per_second)},
    {"fetch", "max_per_site", WW_SETTING_NUMBER, "10", 1, 10000, AT(fetch_max_per_site)},

    {"cache", "max_bytes", WW_SETTING_BYTES, "1G", UINT64_C(16) << 20, UINT64_C(1) << 40, AT(cache_max_bytes)},
    {"cache", "recheck", WW_SETTING_SECONDS, "5m", SECOND, DAY, AT(life.recheck)},
    {"cache", "no_record_min", WW_SETTING_SECONDS, "1m", SECOND, DAY, AT(life.no_record_min)},
    {"cache", "no_record_max", WW_SETTING_SECONDS, "1h", SECOND, DAY, AT(life.no_record_max)},
    /* RFC 8461 section 3.3: five minutes at least */
    {"cache", "fetch_retry", WW_SETTING_SECONDS, "5m", 5 * MINUTE, DAY, AT(life.fetch_retry)},
    {"cache", "dns_retry", WW_SETTING_SECONDS, "30s", SECOND, HOUR, AT(life.dns_retry)},
    {"cache", "refresh_used_within", WW_SETTING_SECONDS, "7d", 0, 366 * DAY, AT(life.used_within)},
    {"cache", "refresh_flights", WW_SETTING_NUMBER, "50", 1, 1000, AT(refresh_flights)},

    {"history", "versions", WW_SETTING_NUMBER, "20", 1, WW_HISTORY_VERSIONS_MAX, AT(history_versions)},
    {"history", "keep", WW_SETTING_SECONDS, "366d", DAY, 3660 * DAY, AT(history_keep)},

    {"preload", "source", WW_SETTING_SOURCE, "", AT(preload_source)},
    {"preload", "signature", WW_SETTING_SOURCE, "", AT(preload_signature)},
    {"preload", "key", WW_SETTING_PATH, "", AT(preload_key)},
    {"preload", "refresh", WW_SETTING_SECONDS, "1d", HOUR, 2 * DAY, AT(preload_refresh)},

    {"watch", "interval", WW_SETTING_SECONDS, "6h", 10 * SECOND, 30 * DAY, AT(watch_interval)},
    {"watch", "parallel", WW_SETTING_NUMBER, "4", 1, 100, AT(watch_parallel)},
    {"watch", "alert_from", WW_SETTING_CHOICE, "warning", .words = severity_words, AT(watch_alert_from)},

    {"collect", "enabled", WW_SETTING_FLAG, "true", .words = flag_words, AT(collect)},
    {"collect", "datagrams", WW_SETTING_LISTENERS, "{}", .unix_only = true, AT(collect_datagrams)},
    {"collect", "lines", WW_SETTING_LISTENERS, "{}", .unix_only = true, AT(collect_lines)},
    {"collect", "journal", WW_SETTING_BYTES, "16M", UINT64_C(1) << 20, UINT64_C(4) << 30, AT(collect_journal)},
    {"collect", "recheck", WW_SETTING_SECONDS, "5m", 10 * SECOND, DAY, AT(collect_recheck)},
    {"collect", "look", WW_SETTING_FLAG, "true", .words = flag_words, AT(collect_look)},
    {"collect", "look_interval", WW_SETTING_SECONDS, "6h", 10 * SECOND, DAY, AT(collect_look_interval)},

    {"report", "contact", WW_SETTING_MAILBOX, "", AT(report_contact)},
    {"report", "organization", WW_SETTING_STRING, "", AT(report_organization)},
    {"report", "mail_from", WW_SETTING_MAILBOX, "", AT(report_mail_from)},
    {"report", "smtp", WW_SETTING_SERVER, "localhost:25", AT(report_smtp)},
    {"report", "dkim_key", WW_SETTING_PATH, "", AT(report_dkim_key)},
    {"report", "dkim_selector", WW_SETTING_STRING, "", AT(report_dkim_selector)},
    {"report", "dkim_domain", WW_SETTING_STRING, "", AT(report_dkim_domain)},
    {"report", "spread", WW_SETTING_SECONDS, "4h", 0, 20 * HOUR, AT(report_spread)},
    {"report", "per_destination", WW_SETTING_NUMBER, "60", 1, 100000, AT(report_per_destination)},
    {"report", "allow_addresses", WW_SETTING_PREFIXES, "{}", AT(report_allow), COUNT_AT(report_allow_count)},
    {"report", "redirect", WW_SETTING_MAILBOX, "", AT(report_redirect)},
    {"report", "dry_run", WW_SETTING_FLAG, "false", .words = flag_words, AT(report_dry_run)},
    {"report", "keep", WW_SETTING_SECONDS, "30d", DAY, 3660 * DAY, AT(report_keep)},

    {"intake", "enabled", WW_SETTING_FLAG, "true", .words = flag_words, AT(intake)},
    {"intake", "submit", WW_SETTING_LISTENERS, "{}", .unix_only = true, AT(intake_submit)},
    {"intake", "lmtp", WW_SETTING_LISTENERS, "{}", AT(intake_lmtp)},
    {"intake", "https", WW_SETTING_LISTENERS, "{}", AT(intake_https)},
    {"intake", "http", WW_SETTING_LISTENERS, "{}", .local = true, AT(intake_http)},
    {"intake", "certificate", WW_SETTING_PATH, "", AT(intake_certificate)},
    {"intake", "key", WW_SETTING_PATH, "", AT(intake_key)},
    {"intake", "domains", WW_SETTING_DOMAINS, "{}", AT(intake_domains)},
    {"intake", "max_size", WW_SETTING_BYTES, "10M", UINT64_C(64) << 10, UINT64_C(24) << 20, AT(intake_max_size)},
    {"intake", "per_minute", WW_SETTING_NUMBER, "60", 1, 100000, AT(intake_per_minute)},
    {"intake", "per_day", WW_SETTING_BYTES, "512M", UINT64_C(1) << 20, UINT64_C(1) << 40, AT(intake_per_day)},
    {"intake", "keep", WW_SETTING_SECONDS, "400d", DAY, 3660 * DAY, AT(intake_keep)},
    {"intake", "keep_raw", WW_SETTING_SECONDS, "90d", DAY, 3660 * DAY, AT(intake_keep_raw)},
    {"intake", "keep_quarantine", WW_SETTING_SECONDS, "30d", DAY, 3660 * DAY, AT(intake_keep_quarantine)},

    {"publish", "enabled", WW_SETTING_FLAG, "false", .words = flag_words, AT(publish)},
    {"publish", "https", WW_SETTING_LISTENERS, "{}", AT(publish_https)},
    {"publish", "http", WW_SETTING_LISTENERS, "{}", AT(publish_http)},
    {"publish", "folder", WW_SETTING_PATH, "", AT(publish_folder)},
    {"publish", "tree", WW_SETTING_PATH, "", AT(publish_tree)},
    {"publish", "tree_certificates", WW_SETTING_PATH, "", AT(publish_tree_certificates)},
    {"publish", "interval", WW_SETTING_SECONDS, "1h", 10 * SECOND, DAY, AT(publish_interval)},
    {"publish", "dns_server", WW_SETTING_ADDRESSES, "{}", AT(publish_dns), COUNT_AT(publish_dns_count)},
    {"publish", "dns_key", WW_SETTING_PATH, "", AT(publish_dns_key)},
    {"publish", "dns_ttl", WW_SETTING_SECONDS, "5m", SECOND, DAY, AT(publish_dns_ttl)},
    {"publish", "acme", WW_SETTING_STRING, "", AT(publish_acme)},
    {"publish", "acme_contact", WW_SETTING_MAILBOX, "", AT(publish_acme_contact)},

    {"alert", "mail_to", WW_SETTING_MAILBOXES, "{}", AT(alert_mail_to), COUNT_AT(alert_mail_to_count)},
    {"alert", "mail_from", WW_SETTING_MAILBOX, "", AT(alert_mail_from)},
    {"alert", "smtp", WW_SETTING_SERVER, "localhost:25", AT(alert_smtp)},
    {"alert", "webhook", WW_SETTING_WEBHOOK, "", AT(alert_webhook)},
    {"alert", "webhook_secret", WW_SETTING_PATH, "", AT(alert_webhook_secret)},
    {"alert", "allow_addresses", WW_SETTING_PREFIXES, "{}", AT(alert_allow), COUNT_AT(alert_allow_count)},
    {"alert", "command", WW_SETTING_PATH, "", AT(alert_command)},
    {"alert", "collect", WW_SETTING_SECONDS, "30s", 0, HOUR, AT(alert_collect)},
};
/* clang-format on */
const size_t ww_setting_count = sizeof ww_settings / sizeof *ww_settings;
_Static_assert(sizeof ww_settings / sizeof *ww_settings < WW_SETTINGS_MAX, "raise WW_SETTINGS_MAX");

bool ww_setting_is_list(const struct ww_setting *s)
{
    return s->kind >= WW_SETTING_LISTENERS;
}

static bool is_of_strings(const struct ww_setting *s)
{
    return s->kind == WW_SETTING_LISTENERS || s->kind == WW_SETTING_MAILBOXES ||
           s->kind == WW_SETTING_DOMAINS;
}

static bool is_string(const struct ww_setting *s)
{
    return s->kind >= WW_SETTING_NAME && !ww_setting_is_list(s);
}

static bool check_duration(const struct ww_setting *s, const char *text, char *why, size_t size)
{
    uint64_t ms;
    if (ww_value_duration(text, &ms) && ms >= s->min && ms <= s->max)
        return true;
    char min[24], max[24];
    ww_value_duration_format(s->min, min, sizeof min);
    ww_value_duration_format(s->max, max, sizeof max);
    snprintf(why, size, "a time of %s to %s is wanted, such as \"30s\", \"5m\" or \"1h\"", min, max);
    return false;
}

static bool check_bytes(const struct ww_setting *s, const char *text, char *why, size_t size)
{
    uint64_t v;
    if (ww_value_bytes(text, &v) && v >= s->min && v <= s->max)
        return true;
    char min[24], max[24];
    ww_value_bytes_format(s->min, min, sizeof min);
    ww_value_bytes_format(s->max, max, sizeof max);
    snprintf(why, size, "%s to %s is wanted, such as \"512M\" or \"1G\"", min, max);
    return false;
}

static bool check_number(const struct ww_setting *s, const char *text, char *why, size_t size)
{
    uint64_t v;
    if (ww_value_number(text, &v) && v >= s->min && v <= s->max)
        return true;
    snprintf(why, size, "a number of %" PRIu64 " to %" PRIu64 " is wanted", s->min, s->max);
    return false;
}

static bool check_word(const struct ww_setting *s, const char *text, char *why, size_t size)
{
    unsigned which;
    if (ww_value_word(text, s->words, &which))
        return true;
    int n = snprintf(why, size, "one of these is wanted:");
    for (size_t i = 0; s->words[i] != NULL && n > 0 && (size_t)n < size; i++)
        n += snprintf(why + n, size - (size_t)n, " %s", s->words[i]);
    return false;
}

static bool check_listener(const char *text, bool local, bool unix_only, char *why, size_t size)
{
    struct ww_listen_at at;
    const char *words;
    bool good = ww_listen_at_parse(text, &at, &words);
    if (good && local && !ww_listen_at_is_local(&at)) {
        words =
            "a loopback address or a Unix socket is wanted: nothing protects HTTP, and whoever can change "
            "an answer decides how mail is sent";
        good = false;
    }
    if (good && unix_only && ww_listen_at_path(&at) == NULL) {
        words = "a Unix socket is wanted, such as unix:/run/waxwing/results";
        good = false;
    }
    if (!good)
        snprintf(why, size, "%s", words);
    return good;
}

bool ww_setting_is_url(const char *text)
{
    struct ww_uri uri;
    size_t offset;
    return ww_uri_parse(text, strlen(text), &uri, &offset) == WW_OK && ww_slice_is(uri.scheme, "https") &&
           uri.host.n > 0 && uri.host.p[0] != '[' && uri.user.p == NULL && uri.port.p == NULL &&
           uri.path.n > 0 && uri.fragment.p == NULL;
}

bool ww_setting_check(const struct ww_setting *s, const char *text, char *why, size_t why_size)
{
    struct ww_alert_server server;
    struct ww_alert_url url;
    struct ww_prefix prefix;
    char name[WW_DNAME_SIZE];
    mode_t mode;
    bool good = false;
    const char *wanted = "";
    switch (s->kind) {
    case WW_SETTING_MILLISECONDS:
    case WW_SETTING_SECONDS:
        return check_duration(s, text, why, why_size);
    case WW_SETTING_NUMBER:
    case WW_SETTING_SIZE:
        return check_number(s, text, why, why_size);
    case WW_SETTING_BYTES:
        return check_bytes(s, text, why, why_size);
    case WW_SETTING_FLAG:
    case WW_SETTING_CHOICE:
        return check_word(s, text, why, why_size);
    case WW_SETTING_LISTENERS:
        return check_listener(text, s->local, s->unix_only, why, why_size);
    case WW_SETTING_MODE:
        good = ww_value_mode(text, &mode);
        wanted = "permission bits in octal are wanted, such as \"0660\"";
        break;
    case WW_SETTING_NAME:
        good = text[0] != '\0';
        wanted = "it must not be empty";
        break;
    case WW_SETTING_STRING:
        good = true;
        break;
    case WW_SETTING_UNIX:
        if (text[0] == '\0' || strncmp(text, "unix:", 5) == 0)
            return text[0] == '\0' || check_listener(text, s->local, s->unix_only, why, why_size);
        wanted = "a Unix socket is wanted, such as unix:/run/waxwing/control";
        break;
    case WW_SETTING_PATH:
        good = text[0] == '\0' || text[0] == '/';
        wanted = "a path that starts with / is wanted";
        break;
    case WW_SETTING_SOURCE:
        good = text[0] == '\0' || text[0] == '/' || ww_setting_is_url(text);
        wanted = "a path that starts with / is wanted, or a URL such as https://example.com/list.json";
        break;
    case WW_SETTING_SERVER:
        good = ww_alert_server_parse(text, &server);
        wanted = "a host and a port are wanted, such as localhost:25 or [::1]:25";
        break;
    case WW_SETTING_MAILBOX:
    case WW_SETTING_MAILBOXES:
        good = ww_alert_mailbox_check(text) || (text[0] == '\0' && s->kind == WW_SETTING_MAILBOX);
        wanted = "a mail address is wanted, such as postmaster@example.com";
        break;
    case WW_SETTING_DOMAINS:
        good = ww_idn_to_domain(ww_slice_str(text), name) == WW_OK;
        wanted = "a domain name is wanted, such as example.com";
        break;
    case WW_SETTING_WEBHOOK:
        good = text[0] == '\0' || text[0] == '/' || ww_alert_url_parse(text, &url);
        wanted =
            "a URL such as https://example.com/hook is wanted (http: only to localhost), or the path of a "
            "file that holds it";
        break;
    case WW_SETTING_ADDRESSES:
        good = ww_addr_parse(ww_slice_str(text), &prefix.addr) == WW_OK;
        wanted = "an IPv4 or IPv6 address is wanted";
        break;
    case WW_SETTING_PREFIXES:
        good = ww_prefix_parse(ww_slice_str(text), &prefix) == WW_OK;
        wanted = "an address or a prefix is wanted, such as 192.0.2.0/24, with no bit set behind it";
        break;
    }
    if (!good)
        snprintf(why, why_size, "%s", wanted);
    return good;
}

static bool store_string(char **field, const char *text)
{
    *field = text[0] == '\0' ? NULL : strdup(text);
    return text[0] == '\0' || *field != NULL;
}

static bool store_strings(char ***field, const char *const *texts, size_t count)
{
    *field = calloc(count + 1, sizeof **field);
    for (size_t i = 0; *field != NULL && i < count; i++) {
        if (((*field)[i] = strdup(texts[i])) == NULL)
            return false;
    }
    return *field != NULL;
}

static bool store_domains(char ***field, const char *const *texts, size_t count)
{
    char name[WW_DNAME_SIZE];
    *field = calloc(count + 1, sizeof **field);
    for (size_t i = 0; *field != NULL && i < count; i++) {
        if (ww_idn_to_domain(ww_slice_str(texts[i]), name) != WW_OK || ((*field)[i] = strdup(name)) == NULL)
            return false;
    }
    return *field != NULL;
}

static bool store_addresses(const struct ww_setting *s, const char *const *texts, size_t count,
                            struct ww_config *config)
{
    bool prefixes = s->kind == WW_SETTING_PREFIXES;
    char *array = calloc(count + 1, prefixes ? sizeof(struct ww_prefix) : sizeof(struct ww_addr));
    void *field = (char *)config + s->at;
    if (array == NULL)
        return false;
    *(void **)field = array;
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        struct ww_slice text = ww_slice_str(texts[i]);
        good &= (prefixes ? ww_prefix_parse(text, (struct ww_prefix *)(void *)array + i)
                          : ww_addr_parse(text, (struct ww_addr *)(void *)array + i)) == WW_OK;
    }
    field = (char *)config + s->count_at;
    *(size_t *)field = count;
    return good;
}

static bool store_scalar(const struct ww_setting *s, const char *text, void *field)
{
    uint64_t v = 0;
    unsigned which = 0;
    switch (s->kind) {
    case WW_SETTING_MILLISECONDS:
        (void)ww_value_duration(text, &v);
        *(unsigned *)field = (unsigned)v;
        return true;
    case WW_SETTING_SECONDS:
        (void)ww_value_duration(text, &v);
        *(int64_t *)field = (int64_t)(v / SECOND);
        return true;
    case WW_SETTING_NUMBER:
        (void)ww_value_number(text, &v);
        *(unsigned *)field = (unsigned)v;
        return true;
    case WW_SETTING_SIZE:
        (void)ww_value_number(text, &v);
        *(size_t *)field = (size_t)v;
        return true;
    case WW_SETTING_BYTES:
        (void)ww_value_bytes(text, &v);
        *(size_t *)field = (size_t)v;
        return true;
    case WW_SETTING_MODE:
        return ww_value_mode(text, field);
    case WW_SETTING_FLAG:
        (void)ww_value_word(text, s->words, &which);
        *(bool *)field = which == 1;
        return true;
    case WW_SETTING_CHOICE:
        (void)ww_value_word(text, s->words, &which);
        *(unsigned *)field = which; /* what gcc and clang make of an enum without negative numbers */
        return true;
    case WW_SETTING_NAME:
    case WW_SETTING_STRING:
    case WW_SETTING_PATH:
    case WW_SETTING_SOURCE:
    case WW_SETTING_UNIX:
    case WW_SETTING_SERVER:
    case WW_SETTING_MAILBOX:
    case WW_SETTING_WEBHOOK:
        return store_string(field, text);
    case WW_SETTING_LISTENERS:
    case WW_SETTING_MAILBOXES:
    case WW_SETTING_DOMAINS:
    case WW_SETTING_ADDRESSES:
    case WW_SETTING_PREFIXES:
        break;
    }
    return false;
}

bool ww_setting_store(const struct ww_setting *s, const char *const *texts, size_t count,
                      struct ww_config *config)
{
    void *field = (char *)config + s->at;
    if (s->kind == WW_SETTING_MAILBOXES)
        *(size_t *)(void *)((char *)config + s->count_at) = count;
    if (s->kind == WW_SETTING_DOMAINS)
        return store_domains(field, texts, count);
    if (is_of_strings(s))
        return store_strings(field, texts, count);
    if (ww_setting_is_list(s))
        return store_addresses(s, texts, count, config);
    return store_scalar(s, texts[0], field);
}

static bool equal_strings(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool equal_lists(char *const *a, char *const *b)
{
    while (*a != NULL && *b != NULL && strcmp(*a, *b) == 0)
        a++, b++;
    return *a == NULL && *b == NULL;
}

/* Both kinds of items are zeroed before they are filled, so that their padding is equal as well. */
static bool equal_addresses(const struct ww_setting *s, const char *a, const char *b)
{
    size_t count = *(const size_t *)(const void *)(a + s->count_at);
    size_t size = s->kind == WW_SETTING_PREFIXES ? sizeof(struct ww_prefix) : sizeof(struct ww_addr);
    const void *const *items_a = (const void *)(a + s->at), *const *items_b = (const void *)(b + s->at);
    return count == *(const size_t *)(const void *)(b + s->count_at) &&
           memcmp(*items_a, *items_b, count * size) == 0;
}

bool ww_setting_equal(const struct ww_setting *s, const struct ww_config *a, const struct ww_config *b)
{
    const void *field_a = (const char *)a + s->at, *field_b = (const char *)b + s->at;
    switch (s->kind) {
    case WW_SETTING_MILLISECONDS:
    case WW_SETTING_NUMBER:
    case WW_SETTING_CHOICE:
        return *(const unsigned *)field_a == *(const unsigned *)field_b;
    case WW_SETTING_SECONDS:
        return *(const int64_t *)field_a == *(const int64_t *)field_b;
    case WW_SETTING_SIZE:
    case WW_SETTING_BYTES:
        return *(const size_t *)field_a == *(const size_t *)field_b;
    case WW_SETTING_MODE:
        return *(const mode_t *)field_a == *(const mode_t *)field_b;
    case WW_SETTING_FLAG:
        return *(const bool *)field_a == *(const bool *)field_b;
    case WW_SETTING_NAME:
    case WW_SETTING_STRING:
    case WW_SETTING_PATH:
    case WW_SETTING_SOURCE:
    case WW_SETTING_UNIX:
    case WW_SETTING_SERVER:
    case WW_SETTING_MAILBOX:
    case WW_SETTING_WEBHOOK:
        return equal_strings(*(char *const *)field_a, *(char *const *)field_b);
    case WW_SETTING_LISTENERS:
    case WW_SETTING_MAILBOXES:
    case WW_SETTING_DOMAINS:
        return equal_lists(*(char **const *)field_a, *(char **const *)field_b);
    case WW_SETTING_ADDRESSES:
    case WW_SETTING_PREFIXES:
        break;
    }
    return equal_addresses(s, (const char *)a, (const char *)b);
}

void ww_setting_clear(const struct ww_setting *s, struct ww_config *config)
{
    void *field = (char *)config + s->at;
    if (is_of_strings(s)) {
        char **list = *(char ***)field;
        for (size_t i = 0; list != NULL && list[i] != NULL; i++)
            free(list[i]);
    }
    if (is_string(s) || ww_setting_is_list(s))
        free(*(void **)field);
}
