#include "daemon/resolver_anchors.h"

#include "core/dns_answer.h"
#include "daemon/log.h"
#include "proc/chan.h"
#include "proc/msg.h"

#include <stdlib.h>
#include <unistd.h>

struct ww_resolver_anchors {
    struct ww_dns *dns;
    struct ww_chan *keeper;     /* NULL while there is none */
    struct ww_dns_query *query; /* under way, or NULL */
    bool asked;
    bool reachable;
    char words[256];
};

static void put_words(struct ww_buf *b, const struct ww_trust *trust)
{
    ww_buf_str(b, ww_anchor_source_name(trust->source));
    ww_buf_str(b, ": ");
    ww_trust_put_tags(b, trust);
}

bool ww_resolver_trust_load(struct ww_trust *trust, const struct ww_config *config, unsigned index,
                            struct ww_stats *stats)
{
    char why[sizeof trust->path + 512];
    bool good = ww_trust_load(trust, config, ww_anchor_system_files, why, sizeof why);
    if (!good)
        ww_log_error("anchors-unusable", "detail", why);
    if (!good || index != 0)
        return good;
    if (trust->passed_over[0] != '\0')
        ww_log_warning("anchors-passed-over", "detail", trust->passed_over, "done",
                       trust->tag_count > 0 ? "others are used" : "nothing validates until there are others",
                       "anchors", ww_anchor_source_name(trust->source));
    ww_stat_set(stats, WW_STAT_ANCHOR_SOURCE, (uint64_t)trust->source + 1);
    for (size_t i = 0; i < trust->tag_count && i < WW_STAT_COUNT_TAGS; i++)
        ww_stat_set(stats, (unsigned)(WW_STAT_ANCHOR_TAGS + i), trust->tags[i] + UINT64_C(1));
    return good;
}

const char *ww_resolver_anchors_words(const struct ww_resolver_anchors *anchors)
{
    return anchors->words;
}

static void leave(struct ww_resolver_anchors *a)
{
    if (a->query != NULL)
        ww_dns_cancel(a->query);
    a->query = NULL;
    a->asked = false;
    ww_chan_free(a->keeper);
    a->keeper = NULL;
}

struct ww_resolver_anchors *ww_resolver_anchors_new(struct ww_dns *dns, const struct ww_trust *trust)
{
    struct ww_resolver_anchors *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    struct ww_buf b = ww_buf(a->words, sizeof a->words - 1);
    put_words(&b, trust);
    a->dns = dns;
    return a;
}

void ww_resolver_anchors_free(struct ww_resolver_anchors *anchors)
{
    if (anchors == NULL)
        return;
    leave(anchors);
    free(anchors);
}

/* An empty answer: nothing could be seen. */
static void answer(struct ww_resolver_anchors *a, struct ww_slice packet)
{
    a->asked = false;
    if (ww_chan_send(a->keeper, WW_MSG_ROOT_KEYS, packet, -1) != WW_OK)
        ww_log_debug("not-told", "name", "keeper"); /* it is gone; the next one asks anew */
}

static void on_keys(void *ctx, const struct ww_dns_reply *reply)
{
    struct ww_resolver_anchors *a = ctx;
    a->query = NULL;
    answer(a, reply->err == WW_OK ? reply->packet : ww_slice("", 0));
}

static void ask(struct ww_resolver_anchors *a)
{
    enum ww_err err;
    if (!a->asked || !a->reachable || a->query != NULL)
        return;
    a->query = ww_dns_ask_plain(a->dns, ".", WW_DNS_TYPE_DNSKEY, on_keys, a, &err);
    if (a->query == NULL)
        answer(a, ww_slice("", 0));
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_resolver_anchors *a = ctx;
    (void)chan, (void)payload;
    if (fd >= 0)
        (void)close(fd);
    if (type != WW_MSG_ROOT_KEYS_ASK) {
        ww_log_error("message-unknown", "from", "keeper");
        return;
    }
    a->asked = true;
    ask(a);
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave(ctx);
}

void ww_resolver_anchors_peer(struct ww_resolver_anchors *anchors, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_message, .down = on_down};
    leave(anchors);
    anchors->keeper = ww_chan_new(ww_dns_base(anchors->dns), fd, &handlers, anchors);
    if (anchors->keeper == NULL)
        ww_log_error("no-memory", "for", "channel to the keeper");
}

void ww_resolver_anchors_tested(struct ww_resolver_anchors *anchors, enum ww_dns_health health)
{
    anchors->reachable = health != WW_DNS_UNREACHABLE;
    ask(anchors);
}
