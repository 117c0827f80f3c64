/* What operators change of published domains. */
#include "daemon/keeper_publish_private.h"
#include "daemon/log.h"

#include <stdlib.h>
#include <time.h>

struct changing {
    struct ww_keeper_publish *k;
    struct ww_store *store;
    const struct ww_msg_publish_ask *ask;
    int64_t now;
    struct ww_publish_known known; /* as it would be, but for its goal */
    struct ww_published row;       /* as it is, and then as it would be */
    char words[WW_PUBLISHED_WORDS_SIZE];
    char *why;
};

static enum ww_err refuse(const struct changing *c, const char *why)
{
    (void)snprintf(c->why, WW_PUBLISHED_WORDS_SIZE, "%s", why);
    return WW_E_PUBLISH_REFUSED;
}

static bool has(const struct changing *c, enum ww_publish_field field)
{
    return (c->ask->fields & (unsigned)field) != 0;
}

/* ---- What is wanted from now on ---- */

static size_t find_pattern(const struct ww_published *d, const char *pattern)
{
    size_t i = 0;
    while (i < d->mx_count && strcmp(d->mx[i], pattern) != 0)
        i++;
    return i;
}

static enum ww_err add_pattern(const struct changing *c, struct ww_published *d, const char *pattern)
{
    if (find_pattern(d, pattern) < d->mx_count)
        return WW_OK;
    if (d->mx_count == WW_PUBLISHED_MX_MAX)
        return refuse(c, "a policy has room for 32 patterns");
    memcpy(d->mx[d->mx_count++], pattern, WW_PUBLISHED_PATTERN_SIZE);
    return WW_OK;
}

static enum ww_err drop_pattern(const struct changing *c, struct ww_published *d, const char *pattern)
{
    char why[WW_PUBLISHED_WORDS_SIZE];
    size_t i = find_pattern(d, pattern);
    (void)snprintf(why, sizeof why, "%s is not among the patterns", pattern);
    if (i == d->mx_count)
        return refuse(c, why);
    memmove(d->mx[i], d->mx[i + 1], (d->mx_count - i - 1) * sizeof d->mx[i]);
    d->mx_count--;
    return WW_OK;
}

static enum ww_err change_mx(const struct changing *c, struct ww_published *d)
{
    const struct ww_published *w = &c->ask->wanted;
    enum ww_err err = WW_OK;
    if (has(c, WW_PUBLISH_MX))
        d->mx_count = 0;
    if (has(c, WW_PUBLISH_MX) || has(c, WW_PUBLISH_MX_ADD))
        for (size_t i = 0; err == WW_OK && i < w->mx_count; i++)
            err = add_pattern(c, d, w->mx[i]);
    if (has(c, WW_PUBLISH_MX_DROP))
        for (size_t i = 0; err == WW_OK && i < c->ask->drop_count; i++)
            err = drop_pattern(c, d, c->ask->drop[i]);
    return err;
}

static void change_settings(const struct changing *c, struct ww_published *d)
{
    const struct ww_published *w = &c->ask->wanted;
    if (has(c, WW_PUBLISH_AUTOMATIC))
        d->automatic = w->automatic;
    if (has(c, WW_PUBLISH_STOPPED))
        d->stopped = w->stopped;
    if (has(c, WW_PUBLISH_MAX_AGE))
        d->max_age = w->max_age;
    if (has(c, WW_PUBLISH_RUA))
        memcpy(d->rua, w->rua, sizeof d->rua);
    if (has(c, WW_PUBLISH_HOST)) {
        d->host = w->host;
        memcpy(d->mirror, w->mirror, sizeof d->mirror);
    }
    if (has(c, WW_PUBLISH_DNS))
        d->dns = w->dns;
    if (has(c, WW_PUBLISH_CERTIFICATE))
        d->certificate = w->certificate;
}

/* ---- In words ---- */

static void say(struct ww_buf *b, const char *key, const char *value)
{
    ww_buf_str(b, b->n > 0 ? "; " : "");
    ww_buf_str(b, key);
    ww_buf_char(b, ' ');
    ww_buf_str(b, value);
}

static void say_patterns(struct ww_buf *b, const char *key, const char (*patterns)[WW_PUBLISHED_PATTERN_SIZE],
                         size_t count)
{
    say(b, key, count > 0 ? patterns[0] : "none");
    for (size_t i = 1; i < count; i++) {
        ww_buf_char(b, ' ');
        ww_buf_str(b, patterns[i]);
    }
}

/* What does not fit is left out. */
static void say_change(struct changing *c)
{
    const struct ww_published *w = &c->ask->wanted;
    const char(*mx)[WW_PUBLISHED_PATTERN_SIZE] = (const char(*)[WW_PUBLISHED_PATTERN_SIZE])w->mx;
    struct ww_buf b = ww_buf(c->words, sizeof c->words - 1);
    char max_age[16];
    (void)snprintf(max_age, sizeof max_age, "%u", (unsigned)w->max_age);
    if (c->ask->force)
        ww_buf_str(&b, "forced");
    if (has(c, WW_PUBLISH_GOAL))
        say(&b, "goal", ww_published_goal_name(w->goal));
    if (has(c, WW_PUBLISH_AUTOMATIC))
        say(&b, "automatic", w->automatic ? "yes" : "no");
    if (has(c, WW_PUBLISH_STOPPED))
        say(&b, "stopped", w->stopped ? "yes" : "no");
    if (has(c, WW_PUBLISH_MAX_AGE))
        say(&b, "max_age", max_age);
    if (has(c, WW_PUBLISH_HOST))
        say(&b, w->mirror[0] != '\0' ? "mirror of" : "host",
            w->mirror[0] != '\0' ? w->mirror : ww_published_host_name(w->host));
    if (has(c, WW_PUBLISH_DNS))
        say(&b, "dns", ww_published_dns_name(w->dns));
    if (has(c, WW_PUBLISH_CERTIFICATE))
        say(&b, "certificate", ww_published_certificate_name(w->certificate));
    if (has(c, WW_PUBLISH_MX))
        say_patterns(&b, "mx", mx, w->mx_count);
    if (has(c, WW_PUBLISH_MX_ADD))
        say_patterns(&b, "mx added", mx, w->mx_count);
    if (has(c, WW_PUBLISH_MX_DROP))
        say_patterns(&b, "mx dropped", (const char(*)[WW_PUBLISHED_PATTERN_SIZE])c->ask->drop,
                     c->ask->drop_count);
    if (has(c, WW_PUBLISH_RUA))
        say(&b, "rua", w->rua[0] != '\0' ? w->rua : "none");
    c->words[b.n] = '\0';
}

/* ---- Whether it may be ---- */

/* False: it needs no leave. */
static bool wish_of(const struct changing *c, enum ww_rollout_wish *out)
{
    enum ww_published_goal before = c->row.goal, goal = c->ask->wanted.goal;
    bool idle = before == WW_GOAL_DRAFT || before == WW_GOAL_RETIRE;
    bool automatic = c->known.domain.automatic;
    /* The same once more: whoever asks for nothing else hears why that changes nothing. */
    if (!has(c, WW_PUBLISH_GOAL) || goal == WW_GOAL_DRAFT ||
        (goal == before && c->ask->fields != WW_PUBLISH_GOAL))
        return false;
    if (goal == WW_GOAL_RETIRE)
        *out = WW_WISH_RETIRE;
    else if (goal == WW_GOAL_TESTING)
        *out = before == WW_GOAL_ENFORCE ? WW_WISH_DEMOTE : WW_WISH_START;
    else
        *out = idle && automatic ? WW_WISH_START : WW_WISH_PROMOTE;
    return !(before == WW_GOAL_TESTING && goal == WW_GOAL_ENFORCE && automatic); /* evidence decides */
}

static enum ww_err allow(struct changing *c, enum ww_rollout_wish wish)
{
    enum ww_err err = ww_publish_known_get(c->store, c->now, &c->known);
    if (err == WW_OK && !c->ask->force) {
        const struct ww_rollout in = ww_publish_known_rollout(&c->known, c->k->config, c->now);
        if (!ww_rollout_allows(&in, wish, c->why))
            err = WW_E_PUBLISH_REFUSED;
    }
    ww_publish_known_clear(&c->known);
    return err;
}

/* A policy of mode testing or enforce needs a pattern. */
static bool lacks_mx(const struct ww_published *d)
{
    bool publishes = d->goal == WW_GOAL_TESTING || d->goal == WW_GOAL_ENFORCE;
    return publishes && d->mx_count == 0 && d->host != WW_HOSTED_MIRROR;
}

static enum ww_err plan_change(struct changing *c)
{
    enum ww_rollout_wish wish;
    c->known.domain = c->row;
    enum ww_err err = change_mx(c, &c->known.domain);
    change_settings(c, &c->known.domain);
    if (err == WW_OK && wish_of(c, &wish))
        err = allow(c, wish);
    if (err != WW_OK)
        return err;
    c->row = c->known.domain;
    if (has(c, WW_PUBLISH_GOAL))
        c->row.goal = c->ask->wanted.goal;
    if (lacks_mx(&c->row))
        return refuse(c, "no MX hosts are wanted: a policy needs a pattern at the least");
    /* What was waited for may be so no more: the next look says. */
    c->row.version++;
    c->row.asked++;
    c->row.next_at = c->now;
    c->row.needs_operator = false;
    c->row.until = 0;
    c->row.waits[0] = c->row.trouble[0] = '\0';
    return WW_OK;
}

/* ---- Doing it ---- */

static enum ww_err count_domains(struct ww_store *store, uint64_t *count)
{
    uint64_t counts[WW_PUBLISHED_GONE + 1], waiting;
    enum ww_err err = ww_publish_count(store, counts, &waiting);
    *count = 0;
    for (unsigned i = 0; err == WW_OK && i <= WW_PUBLISHED_GONE; i++)
        *count += counts[i];
    return err;
}

static enum ww_err add(struct changing *c)
{
    uint64_t count;
    enum ww_err err = count_domains(c->store, &count);
    if (err == WW_OK && count >= WW_PUBLISH_DOMAINS_MAX)
        err = WW_E_PUBLISH_FULL;
    c->row = (struct ww_published){.added_at = c->now, .state_since = c->now};
    memcpy(c->row.domain, c->ask->domain, sizeof c->row.domain);
    if (err == WW_OK)
        err = plan_change(c);
    return err == WW_OK ? ww_publish_add(c->store, &c->row) : err;
}

static enum ww_err find(struct changing *c)
{
    bool found = false;
    enum ww_err err = ww_publish_get(c->store, c->ask->domain, &c->row, &found);
    if (err == WW_OK && !found)
        return WW_E_NOT_KNOWN;
    return err == WW_OK && c->ask->version != 0 && c->ask->version != c->row.version ? WW_E_PUBLISH_CHANGED
                                                                                     : err;
}

static enum ww_err change(struct changing *c)
{
    enum ww_err err = find(c);
    if (err == WW_OK)
        err = plan_change(c);
    return err == WW_OK ? ww_publish_put(c->store, &c->row) : err;
}

static enum ww_err remove_domain(struct changing *c)
{
    bool found;
    enum ww_err err = find(c);
    c->known.domain = c->row;
    if (err == WW_OK)
        err = allow(c, WW_WISH_REMOVE);
    return err == WW_OK ? ww_publish_remove(c->store, c->row.domain, c->now, &found) : err;
}

/* Who asks may have mended something just now. */
static enum ww_err look(struct changing *c)
{
    enum ww_err err = find(c);
    c->row.afresh = ++c->row.asked;
    c->row.next_at = c->now;
    return err == WW_OK ? ww_publish_put(c->store, &c->row) : err;
}

static enum ww_err do_all(struct changing *c)
{
    static const char *const before[] = {[WW_PUBLISH_ASK_ADD] = "added: ", [WW_PUBLISH_ASK_CHANGE] = ""};
    char words[WW_PUBLISHED_WORDS_SIZE + 8];
    enum ww_err err;
    switch (c->ask->what) {
    case WW_PUBLISH_ASK_ADD:
        err = add(c);
        break;
    case WW_PUBLISH_ASK_CHANGE:
        err = change(c);
        break;
    case WW_PUBLISH_ASK_REMOVE:
        return remove_domain(c);
    case WW_PUBLISH_ASK_LOOK:
        return look(c);
    case WW_PUBLISH_ASK_LIST:
    case WW_PUBLISH_ASK_SHOW:
    case WW_PUBLISH_ASK_COUNT:
    default:
        return WW_E_MSG_MALFORMED;
    }
    say_change(c);
    (void)snprintf(words, sizeof words, "%s%s", before[c->ask->what], c->words);
    words[WW_PUBLISHED_WORDS_SIZE - 1] = '\0';
    return err == WW_OK ? ww_publish_note(c->store, c->row.domain, c->now, words) : err;
}

static void log_change(const struct changing *c)
{
    const char *domain = c->row.domain;
    if (c->ask->what == WW_PUBLISH_ASK_ADD)
        ww_log_info("publish-added", "domain", domain, "what", c->words);
    else if (c->ask->what == WW_PUBLISH_ASK_CHANGE)
        ww_log_info("publish-changed", "domain", domain, "what", c->words);
    else if (c->ask->what == WW_PUBLISH_ASK_REMOVE)
        ww_log_info("publish-removed", "domain", domain, "forced", c->ask->force ? "yes" : "no");
}

enum ww_err ww_keeper_publish_change(struct ww_keeper_publish *k, struct ww_store *store,
                                     const struct ww_msg_publish_ask *ask, uint64_t *version,
                                     char why[WW_PUBLISHED_WORDS_SIZE])
{
    struct changing *c = calloc(1, sizeof *c);
    if (c == NULL)
        return WW_E_NO_MEMORY;
    c->k = k;
    c->store = store;
    c->ask = ask;
    c->now = (int64_t)time(NULL);
    c->why = why;
    why[0] = '\0';
    enum ww_err err = ww_store_begin(store);
    if (err == WW_OK)
        err = do_all(c);
    if (err == WW_OK)
        err = ww_store_commit(store);
    if (err != WW_OK)
        ww_store_rollback(store);
    *version = c->row.version;
    if (err == WW_OK) {
        log_change(c);
        if (ask->what != WW_PUBLISH_ASK_LOOK)
            ww_keeper_publish_tell_site(k, store, ask->domain);
        ww_keeper_publish_changed(k);
    }
    free(c);
    return err;
}
