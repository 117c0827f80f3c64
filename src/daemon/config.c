#include "daemon/config.h"

#include "daemon/config_override.h"
#include "daemon/config_scan.h"
#include "daemon/listen_at.h"
#include "daemon/settings.h"
#include "net/smtp_send.h"

#include <confuse.h>
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define RESOLVERS_MAX 64

/* libConfuse hands its callbacks no context of ours; one text is read at a time. */
static struct report {
    const char *name;
    char *text;
    size_t size;
    size_t n;
    unsigned count;
} report;

__attribute__((format(printf, 3, 0))) static void report_va(unsigned line, const char *before,
                                                            const char *fmt, va_list ap)
{
    char what[512];
    vsnprintf(what, sizeof what, fmt, ap);
    char place[16] = "";
    if (line > 0)
        snprintf(place, sizeof place, "%u:", line);
    int n = snprintf(report.text + report.n, report.size - report.n, "%s%s:%s %s%s",
                     report.count > 0 ? "\n" : "", report.name, place, before, what);
    report.count++;
    if (n > 0)
        report.n += (size_t)n < report.size - report.n ? (size_t)n : report.size - report.n - 1;
}

__attribute__((format(printf, 2, 3))) static void complain(unsigned line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    report_va(line, "", fmt, ap);
    va_end(ap);
}

static const char *section_of(const cfg_t *cfg)
{
    return strcmp(cfg->name, "root") == 0 ? "" : cfg->name;
}

__attribute__((format(printf, 2, 0))) static void on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
    char before[64] = "";
    if (section_of(cfg)[0] != '\0')
        snprintf(before, sizeof before, "in %s: ", section_of(cfg));
    report_va((unsigned)cfg->line, before, fmt, ap);
}

static const struct ww_setting *find(const char *section, const char *name)
{
    for (size_t i = 0; i < ww_setting_count; i++) {
        if (strcmp(ww_settings[i].section, section) == 0 && strcmp(ww_settings[i].name, name) == 0)
            return &ww_settings[i];
    }
    return NULL;
}

static void full_name(const struct ww_setting *s, char *out, size_t size)
{
    snprintf(out, size, "%s%s%s", s->section, s->section[0] != '\0' ? "." : "", s->name);
}

/* Reports a wrong value and lets libConfuse go on, so that all of them are seen at once. */
static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
    const struct ww_setting *s = find(section_of(cfg), opt->name);
    char why[160], name[64];
    if (!ww_setting_check(s, value, why, sizeof why)) {
        full_name(s, name, sizeof name);
        complain((unsigned)cfg->line, "%s: \"%s\": %s", name, value, why);
    }
    *(const char **)result = value;
    return 0;
}

/* The options of a section in libConfuse's form; it copies them. */
static void options_of(const char *section, cfg_opt_t *opts)
{
    size_t n = 0;
    for (size_t i = 0; i < ww_setting_count; i++) {
        const struct ww_setting *s = &ww_settings[i];
        cfg_opt_t one = CFG_STR_CB(s->name, s->standard, CFGF_NONE, on_value);
        union {
            const char *in;
            char *out;
        } standard = {s->standard}; /* libConfuse copies it, but has no const there */
        cfg_opt_t list = CFG_STR_LIST_CB(s->name, standard.out, CFGF_NONE, on_value);
        if (strcmp(s->section, section) == 0)
            opts[n++] = ww_setting_is_list(s) ? list : one;
    }
    cfg_opt_t end = CFG_END();
    opts[n] = end;
}

static cfg_t *new_parser(void)
{
    static const char *const sections[] = {"dns",     "fetch",  "cache",  "history", "preload", "watch",
                                           "collect", "report", "intake", "publish", "alert"};
    enum { SECTIONS = sizeof sections / sizeof *sections };
    cfg_opt_t inner[SECTIONS][WW_SETTINGS_MAX];
    cfg_opt_t opts[WW_SETTINGS_MAX + SECTIONS + 1];
    options_of("", opts);
    size_t n = 0;
    while (opts[n].name != NULL)
        n++;
    cfg_opt_t end = opts[n];
    for (size_t i = 0; i < SECTIONS; i++) {
        options_of(sections[i], inner[i]);
        cfg_opt_t section = CFG_SEC(sections[i], inner[i], CFGF_NONE);
        opts[n++] = section;
    }
    ww_config_override_option(&opts[n++]);
    opts[n] = end;
    cfg_t *cfg = cfg_init(opts, CFGF_NONE);
    if (cfg == NULL)
        return NULL;
    cfg_set_error_function(cfg, on_error);
    ww_config_override_watch(cfg, complain);
    return cfg;
}

static bool take(cfg_t *cfg, const struct ww_setting *s, struct ww_config *config)
{
    cfg_t *section = s->section[0] == '\0' ? cfg : cfg_getsec(cfg, s->section);
    cfg_opt_t *opt = section == NULL ? NULL : cfg_getopt(section, s->name);
    size_t count = opt == NULL ? 0 : cfg_opt_size(opt);
    const char **texts = calloc(count + 1, sizeof *texts);
    if (opt == NULL || texts == NULL) {
        free(texts);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        texts[i] = cfg_opt_getnstr(opt, (unsigned)i);
    bool good = ww_setting_store(s, texts, count, config);
    free(texts);
    return good;
}

static unsigned cores(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n < RESOLVERS_MAX ? (unsigned)n : RESOLVERS_MAX;
}

/* What depends on who runs this, and on where. */
static void complete(struct ww_config *config)
{
    if (config->resolvers == 0)
        config->resolvers = cores();
    if (config->store != NULL)
        return;
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int made = 0;
    if (geteuid() == 0) {
        config->store = strdup("/var/lib/waxwing/waxwing.db");
    } else if (state != NULL && state[0] == '/') {
        made = asprintf(&config->store, "%s/waxwing/waxwing.db", state);
    } else if (home != NULL && home[0] == '/') {
        made = asprintf(&config->store, "%s/.local/state/waxwing/waxwing.db", home);
    } else {
        complain(0, "store: there is no home directory to put it in: set store");
        return;
    }
    if (made < 0 || config->store == NULL) {
        config->store = NULL;
        complain(0, "%s", ww_err_message(WW_E_NO_MEMORY));
    }
}

/* Beside the store: one daemon, one store, one socket of each kind. */
static char *beside_store(const struct ww_config *config, const char *name, const char *setting)
{
    struct ww_listen_at at;
    const char *why;
    const char *slash = strrchr(config->store, '/');
    char *listener;
    if (asprintf(&listener, "unix:%.*s/%s", (int)(slash - config->store), config->store, name) < 0) {
        complain(0, "%s", ww_err_message(WW_E_NO_MEMORY));
        return NULL;
    }
    if (!ww_listen_at_parse(listener, &at, &why))
        complain(0, "%s: \"%s\": %s: set %s", setting, listener, why, setting);
    return listener;
}

static void complete_control(struct ww_config *config)
{
    if (config->control == NULL && config->store != NULL)
        config->control = beside_store(config, "control", "control");
}

static void complete_list(struct ww_config *config, bool wanted, char ***list, const char *name,
                          const char *setting)
{
    if (!wanted || config->store == NULL || (*list)[0] != NULL)
        return;
    free(*list);
    *list = calloc(2, sizeof **list);
    if (*list == NULL)
        complain(0, "%s", ww_err_message(WW_E_NO_MEMORY));
    else
        (*list)[0] = beside_store(config, name, setting);
}

static void complete_publish(struct ww_config *config)
{
    if (config->store == NULL || config->publish_folder != NULL)
        return;
    const char *slash = strrchr(config->store, '/');
    if (asprintf(&config->publish_folder, "%.*s/publish", (int)(slash - config->store), config->store) < 0) {
        config->publish_folder = NULL;
        complain(0, "%s", ww_err_message(WW_E_NO_MEMORY));
    }
}

static void complete_preload(struct ww_config *config)
{
    if (config->preload_source == NULL || config->preload_signature != NULL)
        return;
    if (asprintf(&config->preload_signature, "%s.asc", config->preload_source) < 0) {
        config->preload_signature = NULL;
        complain(0, "%s", ww_err_message(WW_E_NO_MEMORY));
    }
}

static void check_together(const struct ww_config *config)
{
    if (config->life.no_record_min > config->life.no_record_max)
        complain(0, "cache.no_record_min is above cache.no_record_max");
    if (config->listen == NULL || config->listen[0] == NULL)
        complain(0, "listen: at least one address is wanted");
    if (config->preload_source != NULL && config->preload_key == NULL)
        complain(0, "preload.key: a list counts only with the key that has signed it: name its file");
    if (config->alert_mail_to_count > WW_SMTP_RECIPIENTS_MAX)
        complain(0, "alert.mail_to: at most %d addresses are wanted: name a list", WW_SMTP_RECIPIENTS_MAX);
    if (config->alert_webhook_secret != NULL && config->alert_webhook == NULL)
        complain(0, "alert.webhook_secret: there is no alert.webhook to sign for");
    if (config->report_dkim_key != NULL && config->report_dkim_selector == NULL)
        complain(0,
                 "report.dkim_selector: a key signs under the selector that its record stands at: name it");
    if (config->intake_https[0] != NULL && (config->intake_certificate == NULL || config->intake_key == NULL))
        complain(0,
                 "intake.https: a certificate and its key are wanted: set intake.certificate and intake.key");
    unsigned families[2] = {0, 0};
    for (size_t i = 0; i < config->fetch_source_count; i++)
        families[config->fetch_sources[i].length == 16]++;
    if (families[0] > 1 || families[1] > 1)
        complain(0, "fetch.sources: at most one IPv4 and one IPv6 address are wanted");
}

static void parse(char *text, size_t n, struct ww_config *config)
{
    struct ww_config_fault fault;
    if (!ww_config_scan(text, n, &fault)) {
        complain(fault.line, "%s", fault.what);
        return;
    }
    cfg_t *cfg = new_parser();
    if (cfg == NULL) {
        complain(0, "%s", ww_err_message(WW_E_NO_MEMORY));
        return;
    }
    if (cfg_parse_buf(cfg, text) != CFG_SUCCESS && report.count == 0)
        complain(0, "it cannot be read");
    bool stored = true;
    for (size_t i = 0; report.count == 0 && i < ww_setting_count; i++)
        stored &= take(cfg, &ww_settings[i], config);
    if (report.count == 0)
        stored &= ww_config_override_store(cfg, config);
    cfg_free(cfg);
    if (!stored)
        complain(0, "%s", ww_err_message(WW_E_NO_MEMORY));
    if (report.count > 0)
        return;
    check_together(config);
    complete(config);
    complete_control(config);
    complete_list(config, config->collect, &config->collect_datagrams, "tlsrpt", "collect.datagrams");
    complete_list(config, config->collect, &config->collect_lines, "results", "collect.lines");
    complete_list(config, config->intake, &config->intake_submit, "submit", "intake.submit");
    complete_list(config, config->intake, &config->intake_lmtp, "lmtp", "intake.lmtp");
    complete_publish(config);
    complete_preload(config);
}

struct ww_config *ww_config_parse(const char *name, const char *text, size_t n, char *detail,
                                  size_t detail_size)
{
    const struct report fresh = {.name = name, .text = detail, .size = detail_size};
    report = fresh;
    detail[0] = '\0';
    struct ww_config *config = calloc(1, sizeof *config);
    char *copy = malloc(n + 1);
    if (config == NULL || copy == NULL) {
        complain(0, "%s", ww_err_message(WW_E_NO_MEMORY));
    } else {
        if (n > 0)
            memcpy(copy, text, n);
        copy[n] = '\0';
        parse(copy, n, config);
    }
    free(copy);
    if (report.count == 0)
        return config;
    ww_config_free(config);
    return NULL;
}

void ww_config_free(struct ww_config *config)
{
    if (config == NULL)
        return;
    for (size_t i = 0; i < ww_setting_count; i++)
        ww_setting_clear(&ww_settings[i], config);
    ww_config_override_clear(config);
    free(config);
}
