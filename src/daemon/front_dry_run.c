#include "daemon/front_dry_run.h"

#include "core/mx_match.h"
#include "daemon/log.h"

#include <stdlib.h>

/* Domains that are remembered; where there is no room, one is looked at later. */
#define SETS ((size_t)16384)
#define WAYS 4

/* Look-ups on their way; one that has no answer after so long is given up. */
#define PENDING_MAX 64
#define PENDING_SECONDS 60

/* What is still so is told once in so long. */
#define TELL_SECONDS 3600
/* Lines a minute about what would be delivered: those about the others must not drown in them. */
#define GOOD_LINES_MAX 20

/* In a line of the log. */
#define NAMES_SIZE 400

struct slot {
    uint64_t hash; /* 0: empty */
    uint32_t checked;
    uint32_t told;
    uint8_t verdict; /* that was told; meaningful when told is not 0 */
};

struct pending {
    uint64_t number; /* 0: free */
    uint64_t hash;
    int resolver;
    int64_t since;
    char domain[WW_DNAME_SIZE];
};

struct ww_dry_run {
    struct ww_dry_run_needs needs;
    struct slot (*sets)[WAYS]; /* NULL until the first demand */
    struct pending pending[PENDING_MAX];
    uint64_t last; /* number */
    int64_t good_since;
    unsigned good_lines;
};

const char *ww_dry_run_verdict_name(enum ww_dry_run_verdict verdict)
{
    static const char *const names[WW_DRY_RUN_VERDICTS] = {
        [WW_DRY_RUN_UNKNOWN] = "unknown",
        [WW_DRY_RUN_DELIVER] = "deliver",
        [WW_DRY_RUN_FAIL] = "fail",
    };
    return (unsigned)verdict < WW_DRY_RUN_VERDICTS ? names[verdict] : "unknown";
}

static bool matches(const struct ww_decision *d, const char *host)
{
    struct ww_slice pattern;
    for (size_t pos = 0; ww_decision_next_mx(d, &pos, &pattern);)
        if (ww_mx_match(pattern, ww_slice_str(host)))
            return true;
    return false;
}

static void put_name(struct ww_buf *b, struct ww_slice name)
{
    if (b->cap - b->n < name.n + 2)
        return;
    if (b->n > 0)
        ww_buf_char(b, ' ');
    ww_buf_slice(b, name);
}

enum ww_dry_run_verdict ww_dry_run_judge(const struct ww_decision *d, const struct ww_mx_hosts *found,
                                         struct ww_buf *unmatched)
{
    size_t matching = 0;
    if (found->count == 0)
        return WW_DRY_RUN_UNKNOWN;
    for (size_t i = 0; i < found->count; i++) {
        if (matches(d, found->hosts[i].name))
            matching++;
        else
            put_name(unmatched, ww_slice_str(found->hosts[i].name));
    }
    if (matching > 0)
        return WW_DRY_RUN_DELIVER;
    return found->more ? WW_DRY_RUN_UNKNOWN : WW_DRY_RUN_FAIL;
}

struct ww_dry_run *ww_dry_run_new(const struct ww_dry_run_needs *needs)
{
    struct ww_dry_run *dry = calloc(1, sizeof *dry);
    if (dry == NULL)
        return NULL;
    dry->needs = *needs;
    return dry;
}

void ww_dry_run_free(struct ww_dry_run *dry)
{
    if (dry == NULL)
        return;
    free(dry->sets);
    free(dry);
}

static bool is_due(const struct slot *slot, int64_t recheck, int64_t now)
{
    int64_t age = now - (int64_t)slot->checked;
    return age >= recheck || age < 0;
}

/* The slot of a domain, or one for it; NULL when all of its set are in use. */
static struct slot *slot_for(struct ww_dry_run *dry, uint64_t hash, int64_t recheck, int64_t now)
{
    struct slot *set = dry->sets[hash % SETS];
    struct slot *empty = NULL;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].hash == hash)
            return &set[i];
        if (set[i].hash == 0 || is_due(&set[i], recheck, now))
            empty = &set[i];
    }
    if (empty != NULL)
        *empty = (struct slot){.hash = hash};
    return empty;
}

static struct slot *slot_of(struct ww_dry_run *dry, uint64_t hash)
{
    struct slot *set = dry->sets[hash % SETS];
    for (int i = 0; i < WAYS; i++)
        if (set[i].hash == hash)
            return &set[i];
    return NULL;
}

static struct pending *free_place(struct ww_dry_run *dry, int64_t now)
{
    for (size_t i = 0; i < PENDING_MAX; i++) {
        struct pending *p = &dry->pending[i];
        if (p->number == 0 || now - p->since >= PENDING_SECONDS || now < p->since)
            return p;
    }
    return NULL;
}

static void look(struct ww_dry_run *dry, const struct ww_front_name *name, int64_t recheck, int64_t now)
{
    uint64_t hash = name->hash != 0 ? name->hash : 1;
    if (dry->sets == NULL)
        dry->sets = calloc(SETS, sizeof *dry->sets);
    struct slot *slot = dry->sets != NULL ? slot_for(dry, hash, recheck, now) : NULL;
    if (slot == NULL || (slot->checked != 0 && !is_due(slot, recheck, now)))
        return;
    struct pending *p = free_place(dry, now);
    if (p == NULL)
        return;
    *p = (struct pending){.number = ++dry->last, .hash = hash, .since = now};
    memcpy(p->domain, name->domain, name->n + 1);
    slot->checked = (uint32_t)now;
    struct ww_msg_mx m = {.number = p->number};
    char text[WW_DNAME_SIZE + 16];
    struct ww_buf b = ww_buf(text, sizeof text);
    memcpy(m.domain, p->domain, sizeof m.domain);
    ww_msg_put_mx(&b, &m);
    p->resolver = dry->needs.ask(dry->needs.ctx, name, ww_slice(b.p, b.n));
    if (p->resolver < 0)
        p->number = 0;
}

void ww_dry_run_withheld(struct ww_dry_run *dry, const struct ww_front_name *name, enum ww_level level,
                         int64_t recheck, int64_t now)
{
    if (!ww_level_demands(level))
        return;
    ww_stat_add(dry->needs.stats, WW_STAT_WITHHELD, 1);
    if (level == WW_LEVEL_SECURE)
        look(dry, name, recheck, now);
}

static struct pending *find_pending(struct ww_dry_run *dry, uint64_t number)
{
    for (size_t i = 0; number != 0 && i < PENDING_MAX; i++)
        if (dry->pending[i].number == number)
            return &dry->pending[i];
    return NULL;
}

/* News, or told long ago. */
static bool may_tell(struct ww_dry_run *dry, const struct slot *slot, enum ww_dry_run_verdict verdict,
                     int64_t now)
{
    int64_t age = now - (int64_t)slot->told;
    if (slot->told != 0 && slot->verdict == verdict && age >= 0 && age < TELL_SECONDS)
        return false;
    if (verdict != WW_DRY_RUN_DELIVER)
        return true;
    if (now - dry->good_since >= 60 || now < dry->good_since) {
        dry->good_since = now;
        dry->good_lines = 0;
    }
    return dry->good_lines++ < GOOD_LINES_MAX;
}

static void tell(const char *domain, enum ww_dry_run_verdict verdict, const struct ww_mx_hosts *found,
                 const struct ww_decision *d, const char *unmatched)
{
    char hosts[NAMES_SIZE], patterns[NAMES_SIZE];
    struct ww_buf h = ww_buf(hosts, sizeof hosts), p = ww_buf(patterns, sizeof patterns);
    struct ww_slice pattern;
    for (size_t i = 0; i < found->count; i++)
        put_name(&h, ww_slice_str(found->hosts[i].name));
    for (size_t pos = 0; ww_decision_next_mx(d, &pos, &pattern);)
        put_name(&p, pattern);
    hosts[h.n] = patterns[p.n] = '\0';
    ww_log(verdict == WW_DRY_RUN_FAIL ? WW_LOG_WARNING : WW_LOG_INFO, "dry-run", "domain", domain, "would",
           ww_dry_run_verdict_name(verdict), "mx", h.n > 0 ? hosts : ww_mx_outcome_name(found->outcome),
           "unmatched", unmatched[0] != '\0' ? unmatched : NULL, "patterns", patterns, "override",
           d->override != NULL ? d->override->key : NULL, "error",
           found->why != WW_OK ? ww_err_id(found->why) : NULL, "detail",
           found->detail[0] != '\0' ? found->detail : NULL, (char *)NULL);
}

static void judge(struct ww_dry_run *dry, const struct pending *p, const struct ww_mx_hosts *found,
                  const struct ww_decision *d, int64_t now)
{
    struct ww_slice pattern;
    char unmatched[NAMES_SIZE];
    struct ww_buf b = ww_buf(unmatched, sizeof unmatched);
    struct slot *slot = slot_of(dry, p->hash);
    size_t pos = 0;
    /* Without patterns the certificate alone decides, which nobody looks at here. */
    if (slot == NULL || d->level != WW_LEVEL_SECURE || !ww_decision_next_mx(d, &pos, &pattern))
        return;
    enum ww_dry_run_verdict verdict = ww_dry_run_judge(d, found, &b);
    unmatched[b.n] = '\0';
    ww_stat_add(dry->needs.stats, WW_STAT_DRY_RUN_UNKNOWN + (unsigned)verdict, 1);
    if (!may_tell(dry, slot, verdict, now))
        return;
    slot->verdict = (uint8_t)verdict;
    slot->told = (uint32_t)now;
    tell(p->domain, verdict, found, d, unmatched);
}

void ww_dry_run_found(struct ww_dry_run *dry, int resolver, const struct ww_msg_mx_hosts *m, int64_t now)
{
    struct pending *p = find_pending(dry, m->number);
    struct ww_answer_room room;
    if (p == NULL || p->resolver != resolver)
        return;
    const struct ww_front_name name = ww_front_name(dry->needs.key, p->domain);
    const struct ww_cache_entry *entry = ww_cache_find(dry->needs.cache, &name);
    struct ww_known known = {
        .override = ww_overrides_find(dry->needs.overrides, ww_slice_str(p->domain), now),
        .listed = ww_front_preload_find(dry->needs.preload, p->domain, now),
    };
    if (entry != NULL) {
        known.life = &entry->life;
        known.body = ww_cache_body(entry);
        known.dane = ww_cache_dane(entry, now);
    }
    const struct ww_decision d = ww_answer_decide(p->domain, &known, dry->needs.dane, now, &room);
    p->number = 0;
    judge(dry, p, &m->found, &d, now);
}
