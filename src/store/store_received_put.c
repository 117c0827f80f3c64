/* A report is taken down. */
#include "store/store_received_private.h"

#include "base/ascii.h"
#include "base/buf.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#define DIGEST_SIZE 16
/* The last second of the year 9999. */
#define TIME_MAX INT64_C(253402300799)

/* A policy of the report, and whose it is. */
struct item {
    const char *domain;
    uint32_t place;
};

/* What is said of one domain: some items, one after the other. */
struct group {
    const struct item *items;
    size_t count;
    struct ww_received_counted counted;
};

struct putting {
    struct ww_store *store;
    const struct ww_received_new *new;
    const struct ww_received_facts *facts;
    const char *organization, *report_id; /* as texts; */
    char names[2][WW_RECEIVED_NAME_MAX + 1];
    char key[WW_RECEIVED_NAME_MAX + 1]; /* of the organization: in lower case */
    int64_t day;
    uint64_t number;
    uint64_t known; /* the number of one that was there */
    char digest[DIGEST_SIZE];
};

static int by_domain(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    int order = strcmp(x->domain, y->domain);
    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static bool is_wanted(const char *domain, char *const *domains)
{
    if (domains == NULL || domains[0] == NULL)
        return true;
    for (; *domains != NULL; domains++)
        if (strcmp(*domains, domain) == 0)
            return true;
    return false;
}

static bool is_name(const char *domain)
{
    char name[WW_DNAME_SIZE];
    return domain[0] == '\0' ||
           (ww_dname_canon(domain, strlen(domain), name) == WW_OK && strcmp(name, domain) == 0);
}

/* Those that are kept, sorted. NULL: *err. */
static struct item *sort_items(const struct ww_received_new *new, size_t *count, enum ww_err *err)
{
    const struct ww_received *r = new->report;
    const char *stand_in = ww_received_stand_in(r, new->about);
    struct item *items = calloc(r->count + 1, sizeof *items);
    *count = 0;
    *err = items != NULL ? WW_OK : WW_E_NO_MEMORY;
    for (size_t i = 0; *err == WW_OK && i < r->count; i++) {
        const char *domain = ww_received_domain_by(&r->policies[i], stand_in);
        if (!is_name(domain) || !is_name(r->policies[i].domain))
            *err = WW_E_MSG_MALFORMED;
        else if (is_wanted(domain, new->domains))
            items[(*count)++] = (struct item){domain, (uint32_t)i};
    }
    if (*err == WW_OK) {
        qsort(items, *count, sizeof *items, by_domain);
        return items;
    }
    free(items);
    return NULL;
}

static int64_t capped(int64_t n)
{
    return n < 0 ? 0 : n < WW_RECEIVED_SESSIONS_MAX ? n : WW_RECEIVED_SESSIONS_MAX;
}

/* The next group; false: there is none. */
static bool next_group(const struct putting *p, struct group *g, const struct item *end)
{
    const struct item *first = g->items + g->count;
    if (first >= end)
        return false;
    *g = (struct group){.items = first};
    struct ww_received_counted *c = &g->counted;
    c->day = p->day;
    c->verified = p->facts->verified;
    (void)snprintf(c->domain, sizeof c->domain, "%s", first->domain);
    (void)snprintf(c->sender, sizeof c->sender, "%s", p->facts->sender);
    for (; first + g->count < end && strcmp(first[g->count].domain, first->domain) == 0; g->count++) {
        const struct ww_received_policy *policy = &p->new->report->policies[first[g->count].place];
        c->success = capped(c->success + capped(policy->success));
        c->failure = capped(c->failure + capped(policy->failure));
    }
    return true;
}

static enum ww_err find(const struct putting *p, enum ww_received_statement which, const char *domain,
                        const char *name, uint64_t *number)
{
    sqlite3_stmt *st = p->store->received[which];
    const char *const texts[] = {p->report_id, domain};
    const int64_t range[] = {p->new->report->begin, p->new->report->end};
    int64_t n;
    int rc = ww_received_bind_texts(st, 1, texts, 2);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_numbers(st, 3, range, 2);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 5, name);
    enum ww_err err = ww_received_number(p->store, st, rc, &n);
    *number = (uint64_t)n;
    return err;
}

/* The number of the report that has said the same of the domain; 0: none has. */
static enum ww_err find_again(const struct putting *p, const char *domain, uint64_t *number)
{
    return p->facts->verified ? find(p, WW_RECEIVED_SQL_KEY_SENDER, domain, p->facts->sender, number)
                              : find(p, WW_RECEIVED_SQL_KEY_ORGANIZATION, domain, p->key, number);
}

/* Now that who it is from is certain. */
static enum ww_err remove_unverified(const struct putting *p, const char *domain)
{
    uint64_t number = 0;
    enum ww_err err = WW_OK;
    do {
        err = find(p, WW_RECEIVED_SQL_KEY_UNVERIFIED, domain, p->key, &number);
        if (err == WW_OK && number != 0)
            err = ww_received_remove_domain(p->store, number, domain);
    } while (err == WW_OK && number != 0);
    return err;
}

static enum ww_err put_head(struct putting *p, const char *domain, const struct ww_received_facts *sums)
{
    sqlite3_stmt *st = p->store->received[WW_RECEIVED_SQL_PUT];
    const struct ww_received *r = p->new->report;
    const struct ww_received_facts *f = p->facts;
    static char lines[WW_RECEIVED_DEVIATIONS_SIZE];
    struct ww_buf b = ww_buf(lines, sizeof lines);
    ww_received_put_deviations(&b, &f->deviations);
    const char *const mail[] = {f->submitter, f->mail_from, f->message_id};
    const char *const dkim[] = {f->dkim.domain, f->dkim.selector, f->dkim.detail};
    const int64_t facts[] = {f->came_at, f->dkim.result, f->dkim.aligned};
    const int64_t range[] = {r->begin, r->end};
    const int64_t counts[] = {sums->policies, sums->success, sums->failure};
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, f->sender);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 3, f->verified);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 4, p->organization);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_slice(st, 5, r->contact);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 6, p->report_id);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_numbers(st, 7, range, 2);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_texts(st, 9, mail, 3);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 12, (int)f->channel);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 13, f->peer);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_numbers(st, 14, facts, 3);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_texts(st, 17, dkim, 3);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_numbers(st, 20, counts, 3);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_slice(st, 23, ww_slice(b.p, b.n));
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 24, p->day);
    if (rc == SQLITE_OK)
        rc = p->new->content.n > 0 ? ww_store_bind_blob(st, 25, p->new->content) : sqlite3_bind_null(st, 25);
    enum ww_err err = ww_received_step(p->store, WW_RECEIVED_SQL_PUT, rc);
    p->number = err == WW_OK ? (uint64_t)sqlite3_last_insert_rowid(p->store->db) : 0;
    return err;
}

static enum ww_err put_failure(struct putting *p, const struct group *g, uint32_t place, size_t detail,
                               const struct ww_received_detail *d)
{
    sqlite3_stmt *st = p->store->received[WW_RECEIVED_SQL_FAILURE_PUT];
    const int64_t numbers[] = {(int64_t)p->number, place, (int64_t)detail, p->day};
    const struct ww_slice texts[] = {d->type,         d->sending_ip, d->receiving_mx, d->helo,
                                     d->receiving_ip, d->info,       d->reason};
    int rc = ww_store_bind_text(st, 1, g->counted.domain);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_numbers(st, 2, numbers, 4);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 6, p->facts->sender);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 7, p->facts->verified);
    for (int i = 0; rc == SQLITE_OK && i < 7; i++)
        rc = ww_store_bind_slice(st, 8 + i, texts[i]);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 15, capped(d->sessions));
    return ww_received_step(p->store, WW_RECEIVED_SQL_FAILURE_PUT, rc);
}

/* Each text after its length. */
static bool digest(const struct ww_slice texts[2], char out[DIGEST_SIZE])
{
    unsigned char whole[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
    for (int i = 0; good && i < 2; i++) {
        const uint64_t length = texts[i].n;
        good = EVP_DigestUpdate(ctx, &length, sizeof length) == 1 &&
               EVP_DigestUpdate(ctx, length > 0 ? texts[i].p : "", texts[i].n) == 1;
    }
    good = good && EVP_DigestFinal_ex(ctx, whole, &n) == 1 && n >= DIGEST_SIZE;
    EVP_MD_CTX_free(ctx);
    if (good)
        memcpy(out, whole, DIGEST_SIZE);
    return good;
}

static enum ww_err put_strings(struct putting *p, const char *domain, const struct ww_received_policy *policy)
{
    sqlite3_stmt *st = p->store->received[WW_RECEIVED_SQL_STRINGS_PUT];
    const struct ww_slice texts[] = {policy->strings, policy->mx_hosts};
    if (!digest(texts, p->digest))
        return WW_E_NO_MEMORY;
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_blob(st, 2, ww_slice(p->digest, DIGEST_SIZE));
    if (rc == SQLITE_OK)
        rc = ww_store_bind_slice(st, 3, policy->strings);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_slice(st, 4, policy->mx_hosts);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 5, p->day);
    return ww_received_step(p->store, WW_RECEIVED_SQL_STRINGS_PUT, rc);
}

static enum ww_err put_policy(struct putting *p, const struct group *g, uint32_t place)
{
    sqlite3_stmt *st = p->store->received[WW_RECEIVED_SQL_POLICY_PUT];
    const struct ww_received_policy *policy = &p->new->report->policies[place];
    const char *domain = g->counted.domain;
    const int64_t numbers[] = {(int64_t)p->number, place};
    const int64_t counts[] = {capped(policy->success), capped(policy->failure)};
    enum ww_err err = put_strings(p, domain, policy);
    if (err != WW_OK)
        return err;
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_numbers(st, 2, numbers, 2);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_slice(st, 4, policy->type);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 5, policy->domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_blob(st, 6, ww_slice(p->digest, DIGEST_SIZE));
    if (rc == SQLITE_OK)
        rc = ww_received_bind_numbers(st, 7, counts, 2);
    err = ww_received_step(p->store, WW_RECEIVED_SQL_POLICY_PUT, rc);
    for (size_t i = 0; err == WW_OK && i < policy->detail_count; i++)
        err = put_failure(p, g, place, i, &policy->details[i]);
    return err;
}

static enum ww_err put_domain(struct putting *p, const struct group *g)
{
    sqlite3_stmt *st = p->store->received[WW_RECEIVED_SQL_DOMAIN_PUT];
    const struct ww_received_counted *c = &g->counted;
    const int64_t numbers[] = {(int64_t)p->number, p->day};
    const int64_t counts[] = {p->new->report->begin, p->new->report->end, c->success, c->failure};
    const char *const names[] = {p->key, p->report_id};
    enum ww_err err = p->facts->verified ? remove_unverified(p, c->domain) : WW_OK;
    if (err != WW_OK)
        return err;
    int rc = ww_store_bind_text(st, 1, c->domain);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_numbers(st, 2, numbers, 2);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 4, c->sender);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 5, c->verified);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_texts(st, 6, names, 2);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_numbers(st, 8, counts, 4);
    err = ww_received_step(p->store, WW_RECEIVED_SQL_DOMAIN_PUT, rc);
    if (err == WW_OK)
        err = ww_received_add(p->store, c);
    for (size_t i = 0; err == WW_OK && i < g->count; i++)
        err = put_policy(p, g, g->items[i].place);
    return err;
}

/*
 * Drops the items of domains that it has been said of before, and adds up the rest. *domain is what the
 * report is about: as it says, if that is kept, else what its first policy is of.
 */
static enum ww_err leave_out_known(struct putting *p, struct item *items, size_t *count, const char **domain,
                                   struct ww_received_facts *sums)
{
    struct group g = {.items = items};
    const struct item *end = items + *count;
    uint32_t first = UINT32_MAX;
    size_t kept = 0;
    *domain = "";
    while (next_group(p, &g, end)) {
        uint64_t known;
        enum ww_err err = find_again(p, g.counted.domain, &known);
        if (err != WW_OK)
            return err;
        p->known = known != 0 ? known : p->known;
        if (known != 0)
            continue;
        bool is_it = strcmp(g.items[0].domain, p->new->about) == 0;
        if (is_it || g.items[0].place < first) {
            *domain = g.items[0].domain;
            first = is_it ? 0 : g.items[0].place;
        }
        sums->policies += (uint32_t)g.count;
        sums->success += g.counted.success;
        sums->failure += g.counted.failure;
        memmove(items + kept, g.items, g.count * sizeof *items);
        kept += g.count;
    }
    *count = kept;
    return WW_OK;
}

static enum ww_err put_items(struct putting *p, struct item *items, size_t count, enum ww_received_fate *fate)
{
    struct ww_received_facts sums = {.policies = 0};
    struct group g = {.items = items};
    const char *domain;
    *fate = count > 0 ? WW_RECEIVED_AGAIN : WW_RECEIVED_OTHERS;
    enum ww_err err = leave_out_known(p, items, &count, &domain, &sums);
    if (err != WW_OK || count == 0)
        return err;
    *fate = WW_RECEIVED_NEW;
    err = ww_received_has_room(p->store, p->facts->came_at, p->new->octets, p->new->per_day);
    if (err == WW_OK)
        err = put_head(p, domain, &sums);
    while (err == WW_OK && next_group(p, &g, items + count))
        err = put_domain(p, &g);
    return err == WW_OK ? ww_received_volume(p->store, p->facts->came_at, p->new->octets, 1, 0) : err;
}

/* False: it is longer than one that was decoded can be. */
static bool take_name(struct ww_slice name, char out[WW_RECEIVED_NAME_MAX + 1])
{
    if (name.n > WW_RECEIVED_NAME_MAX)
        return false;
    if (name.n > 0)
        memcpy(out, name.p, name.n);
    out[name.n] = '\0';
    return true;
}

enum ww_err ww_received_put(struct ww_store *store, const struct ww_received_new *new,
                            enum ww_received_fate *fate, uint64_t *number)
{
    const struct ww_received *r = new->report;
    struct putting p = {.store = store, .new = new, .facts = new->facts};
    enum ww_err err;
    size_t count;
    *number = 0;
    *fate = WW_RECEIVED_OTHERS;
    p.organization = p.names[0];
    p.report_id = p.names[1];
    if (!take_name(r->organization, p.names[0]) || !take_name(r->report_id, p.names[1]) || r->begin < 0 ||
        r->begin > TIME_MAX || r->end < 0 || r->end > TIME_MAX)
        return WW_E_MSG_MALFORMED;
    ww_received_name_key(r->organization, p.key);
    p.day = ww_day_of((r->begin + r->end) / 2);
    struct item *items = sort_items(new, &count, &err);
    if (items != NULL)
        err = put_items(&p, items, count, fate);
    free(items);
    *number = p.number != 0 ? p.number : p.known;
    return err;
}

void ww_received_name_key(struct ww_slice name, char out[WW_RECEIVED_NAME_MAX + 1])
{
    size_t n = name.n < WW_RECEIVED_NAME_MAX ? name.n : WW_RECEIVED_NAME_MAX;
    for (size_t i = 0; i < n; i++)
        out[i] = ww_lower(name.p[i]);
    out[n] = '\0';
}
