/* waxwing preload make: a list of the domains that a look at them now speaks for. */
#include "cli/cache.h"
#include "cli/control.h"
#include "cli/load.h"
#include "cli/preload.h"
#include "cli/subcommands.h"
#include "codec/preload_json.h"
#include "core/utf8.h"
#include "daemon/config_load.h"
#include "daemon/config_values.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COMMAND "preload make"

static const char usage[] =
    "usage: waxwing preload make --output FILE [--key KEY] [--expires TIME] [--min-max-age TIME]\n"
    "                            [--author TEXT] [--drop-lost] [--json] [--config FILE]\n"
    "                            [--from-cache] [--from-list FILE] [NAMES]\n";

static const char help[] =
    "\n"
    "Makes a preload list of the domains whose names a file has, one a line (-: standard input). Record,\n"
    "policy and MX records of each are looked up now, by this process and not by the daemon. Taken is\n"
    "a domain whose policy has the mode enforce and a long max_age, and matches all its MX hosts; of\n"
    "each other one it is said why it was left out.\n"
    "\n"
    "  --from-cache        the domains that the running waxwingd has a policy of mode enforce of\n"
    "  --from-list FILE    the domains of a preload list\n"
    "  --output FILE       where the list goes; its signature goes to FILE.asc\n"
    "  --drop-lost         write the list though domains of the one that stands there are not on it any\n"
    "                      more, and no policy of theirs says that this is right\n"
    "  --key KEY           sign it with this secret key of yours: what gpg --local-user takes\n"
    "  --expires TIME      until when it counts, from now: 14d, as it is without this option\n"
    "  --min-max-age TIME  the shortest max_age that is long: 14d\n"
    "  --author TEXT       who made it, up to 200 octets\n"
    "  --json              print JSON, one object a line: each domain, then the list\n"
    "  --config FILE       the configuration, instead of " WW_CONFIG_FILE "\n"
    "  --socket ADDRESS    with --from-cache: ask there, unix:/path of a control socket\n"
    "  --help              print this\n"
    "\n"
    "Exit status: 0 the list was written; 1 no domain can be taken, and nothing was written; 2 a domain\n"
    "of the list that stands there would be lost, and nothing was written; 64 usage; 65 a file is no\n"
    "preload list; 66 a file cannot be read; 70 the list cannot be written or signed; 75 nothing can be\n"
    "looked at now, or no daemon answers; 78 the configuration is wrong.\n";

#define TWO_WEEKS ((uint64_t)14 * 24 * 3600)

struct make {
    struct ww_control_options control;
    const char *names;
    bool from_cache;
    const char *from_list;
    bool drop_lost;
    uint64_t expires;     /* seconds from now */
    uint64_t min_max_age; /* seconds */
    struct ww_preload_order order;
    struct ww_config *config;
    struct ww_preload_findings all;
    bool short_of_memory;
};

static int out_of_memory(void)
{
    (void)fputs("waxwing " COMMAND ": out of memory\n", stderr);
    return WW_EXIT_INTERNAL;
}

static void take_cached(void *ctx, const json_t *item)
{
    struct make *m = ctx;
    const char *domain = ww_cache_text(item, "domain");
    struct ww_slice name = ww_slice_str(domain);
    if (domain[0] != '\0' && !ww_preload_names_take(&m->all, name))
        m->short_of_memory = true;
}

static int take_listed(struct make *m)
{
    struct ww_preload_text old;
    char why[WW_PRELOAD_WHY_SIZE];
    enum ww_err err;
    int status = ww_preload_text_read(m->from_list, &old, &err, why);
    if (status == WW_EXIT_OK && err != WW_OK) {
        ww_subcommand_complain(COMMAND, m->from_list, ww_err_message(err));
        status = WW_EXIT_DATA;
    } else if (status == WW_EXIT_OK && !ww_preload_names_take_list(&m->all, &old.list)) {
        m->short_of_memory = true;
    }
    ww_preload_text_free(&old);
    return status;
}

/* The domains of the standing list that nobody has named are no less lost. False: memory is out. */
static bool add_unnamed(struct ww_preload_findings *all, const struct ww_preload *old)
{
    size_t named = all->count;
    for (uint32_t i = 0, at = 0; i < old->count; i++) {
        char domain[WW_DNAME_SIZE];
        struct ww_slice name = ww_preload_at(old, i).domain;
        int order = -1;
        while (at < named && (order = ww_preload_order(ww_slice_str(all->found[at].domain), name)) < 0)
            at++;
        if (at < named && order == 0)
            continue;
        memcpy(domain, name.p, name.n);
        domain[name.n] = '\0';
        if (!ww_preload_findings_add(all, domain, "it is on the list that stands there, and was not named"))
            return false;
        all->found[all->count - 1].lost = true;
    }
    ww_preload_names_sort(all);
    return true;
}

/*
 * Whoever blocks or forges what is looked at here would take a domain off the list: only the domain itself
 * may, by its policy, which came by HTTPS. What is no list, or cannot be read, may hold any domain.
 */
static int find_lost(struct make *m)
{
    struct ww_preload_text old;
    struct ww_preload_entry entry;
    char why[WW_PRELOAD_WHY_SIZE];
    enum ww_err err;
    if (access(m->order.output, F_OK) != 0)
        return WW_EXIT_OK;
    int status = ww_preload_text_read(m->order.output, &old, &err, why);
    if (status == WW_EXIT_OK && err != WW_OK) {
        ww_subcommand_complain(COMMAND, m->order.output, ww_err_message(err));
        status = WW_EXIT_DATA;
    }
    for (size_t i = 0; status == WW_EXIT_OK && i < m->all.count; i++) {
        struct ww_preload_finding *f = &m->all.found[i];
        f->lost = !f->taken && !f->withdrawn && ww_preload_find(&old.list, ww_slice_str(f->domain), &entry);
    }
    if (status == WW_EXIT_OK && !add_unnamed(&m->all, &old.list))
        m->short_of_memory = true;
    ww_preload_text_free(&old);
    return status;
}

static int gather_names(struct make *m)
{
    struct ww_input text = {NULL, 0};
    int status = m->from_list != NULL ? take_listed(m) : WW_EXIT_OK;
    if (status == WW_EXIT_OK && m->from_cache)
        status = ww_control_call(&m->control, "cache-list", json_pack("{s:[s]}", "modes", "enforce"),
                                 take_cached, m);
    if (status == WW_EXIT_OK && m->names != NULL) {
        status = ww_input_read(m->names, WW_PRELOAD_JSON_MAX, &text);
        if (status == WW_EXIT_OK && !ww_preload_names_take(&m->all, ww_slice(text.p, text.n)))
            m->short_of_memory = true;
        ww_input_free(&text);
    }
    if (m->short_of_memory)
        return out_of_memory();
    ww_preload_names_sort(&m->all);
    return status;
}

static int publish(struct make *m)
{
    struct ww_preload_sum sum = {.taken = 0};
    int status = find_lost(m);
    for (size_t i = 0; i < m->all.count; i++) {
        sum.taken += m->all.found[i].taken ? 1 : 0;
        sum.temporary += m->all.found[i].temporary ? 1 : 0;
        sum.lost += m->all.found[i].lost ? 1 : 0;
    }
    if (m->short_of_memory || !ww_preload_tell_domains(&m->all, m->control.json))
        return out_of_memory();
    m->order.now = (int64_t)time(NULL);
    m->order.expires = m->order.now + (int64_t)m->expires;
    if (sum.lost > 0 && !m->drop_lost)
        status = WW_EXIT_PARTLY;
    else if (sum.taken == 0)
        status = WW_EXIT_NOT;
    else if (status == WW_EXIT_OK || m->drop_lost)
        status = ww_preload_publish(&m->all, &m->order);
    sum.written = status == WW_EXIT_OK;
    ww_preload_tell_list(&m->order, &sum, m->all.count - sum.taken, m->control.json);
    return status;
}

static int make(struct make *m)
{
    int status = ww_cli_load_config(COMMAND, m->control.config_path, &m->config);
    (void)signal(SIGPIPE, SIG_IGN);
    if (status == WW_EXIT_OK)
        status = gather_names(m);
    const struct ww_preload_rules rules = {.config = m->config, .min_max_age = (uint32_t)m->min_max_age};
    if (status == WW_EXIT_OK && !ww_preload_survey(&m->all, &rules))
        status = WW_EXIT_TEMPORARY;
    if (status == WW_EXIT_OK)
        status = publish(m);
    ww_preload_findings_free(&m->all);
    ww_config_free(m->config);
    return status;
}

enum {
    OPTION_FROM_CACHE = 1000,
    OPTION_OUTPUT,
    OPTION_KEY,
    OPTION_EXPIRES,
    OPTION_MIN_MAX_AGE,
    OPTION_AUTHOR,
    OPTION_FROM_LIST,
    OPTION_DROP_LOST
};

static bool take_time(const char *text, uint64_t most, uint64_t *seconds)
{
    uint64_t ms;
    if (!ww_value_duration(text, &ms) || ms < 1000 || ms / 1000 > most)
        return false;
    *seconds = ms / 1000;
    return true;
}

static bool is_author(const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n;) {
        size_t length = ww_utf8_length(text + i, n - i);
        if (length == 0)
            return false;
        i += length;
    }
    return n <= WW_PRELOAD_TEXT_MAX;
}

/* NULL, or what is wrong. */
static const char *take_option(void *ctx, int option, const char *value)
{
    struct make *m = ctx;
    if (ww_control_take_option(&m->control, option, value))
        return NULL;
    if (option == OPTION_FROM_CACHE)
        m->from_cache = true;
    else if (option == OPTION_FROM_LIST)
        m->from_list = value;
    else if (option == OPTION_DROP_LOST)
        m->drop_lost = true;
    else if (option == OPTION_OUTPUT)
        m->order.output = value;
    else if (option == OPTION_KEY)
        m->order.key = value;
    else if (option == OPTION_AUTHOR)
        m->order.author = value;
    else if (option == OPTION_EXPIRES)
        return take_time(value, (uint64_t)366 * 24 * 3600, &m->expires)
                   ? NULL
                   : "--expires: a time such as 14d is wanted, at most 366d";
    else if (option == OPTION_MIN_MAX_AGE)
        return take_time(value, WW_POLICY_MAX_AGE_MAX, &m->min_max_age)
                   ? NULL
                   : "--min-max-age: a time such as 14d is wanted, at most 31557600s";
    else
        return WW_NO_SUCH_OPTION;
    return NULL;
}

/* NULL, or what is wrong. */
static const char *check_options(struct make *m, int argc, char **argv)
{
    if (m->order.output == NULL)
        return "say with --output where the list goes";
    if (m->order.author != NULL && !is_author(m->order.author))
        return "--author: a text of at most 200 octets in UTF-8 is wanted";
    if (argc - optind > 1 || (argc - optind == 0 && !m->from_cache && m->from_list == NULL))
        return "one file with names is wanted, or --from-cache, or --from-list";
    m->names = optind < argc ? argv[optind] : NULL;
    return NULL;
}

int ww_cli_preload_make(int argc, char **argv)
{
    static const struct option known[] = {{"from-cache", no_argument, NULL, OPTION_FROM_CACHE},
                                          {"from-list", required_argument, NULL, OPTION_FROM_LIST},
                                          {"drop-lost", no_argument, NULL, OPTION_DROP_LOST},
                                          {"output", required_argument, NULL, OPTION_OUTPUT},
                                          {"key", required_argument, NULL, OPTION_KEY},
                                          {"expires", required_argument, NULL, OPTION_EXPIRES},
                                          {"min-max-age", required_argument, NULL, OPTION_MIN_MAX_AGE},
                                          {"author", required_argument, NULL, OPTION_AUTHOR},
                                          WW_CONTROL_LONG_OPTIONS,
                                          {NULL, 0, NULL, 0}};
    struct make m = {.control.command = COMMAND, .expires = TWO_WEEKS, .min_max_age = TWO_WEEKS};
    const struct ww_subcommand_options options = {COMMAND, usage, help, known, take_option};
    int status = ww_subcommand_read(&options, argc, argv, &m);
    if (status >= 0)
        return status;
    const char *wrong = check_options(&m, argc, argv);
    return wrong == NULL ? make(&m) : ww_subcommand_usage(COMMAND, wrong, usage);
}
