/*
 * The publisher with a keeper that says what it is told to: publisher_host FOLDER HTTPS-FD HTTP-FD. The two
 * sockets listen already. Lines of standard input, with words of one space between:
 *
 *   sites | done | gone DOMAIN | site DOMAIN ID MODE   (MODE "-": no policy yet)
 *   reload | stats | keeper                            (another keeper takes the place of the first)
 *
 * Each state that the publisher tells is a line on standard output: state DOMAIN ID UNTIL TROUBLE; what it
 * has counted are lines of NAME VALUE, and then "end". It has the rights of its role, and ends with its
 * input.
 */
#include "daemon/role.h"
#include "proc/msg_publish.h"

#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LINE_SIZE 1024
#define PAIRS 8

static struct {
    struct event_base *base;
    struct ww_config config;
    struct ww_role_stats stats;
    int pairs[PAIRS][2]; /* made while it may */
    size_t pair_count;
    struct ww_chan *keeper;
    struct ww_chan *control;
    void *role;
    char in[LINE_SIZE * 64];
    size_t in_n;
} h;

static void need(bool good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "publisher_host: %s\n", what);
    exit(1);
}

static void tell_told(struct ww_slice payload)
{
    struct ww_msg_told told;
    static struct ww_stats stats;
    struct ww_slow_hosts slow;
    need(ww_msg_get_told(payload, &told) == WW_OK && told.err == WW_OK, "told");
    need(ww_role_stats_get(told.payload, &stats, &slow) == WW_OK, "stats");
    for (unsigned i = 0; i < ww_stat_family_count; i++) {
        const struct ww_stat_family *f = &ww_stat_families[i];
        for (unsigned v = 0; strncmp(f->name, "waxwing_publish_", 16) == 0 && v < f->count; v++) {
            char space[128];
            struct ww_buf b = ww_buf(space, sizeof space);
            ww_stat_labels(f, v, &b);
            (void)printf("%s{%.*s} %" PRIu64 "\n", f->name, (int)b.n, b.p, stats.values[f->at + v]);
        }
    }
    (void)puts("end");
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_msg_site_state state;
    (void)ctx, (void)chan, (void)fd;
    if (type == WW_MSG_TOLD) {
        tell_told(payload);
    } else {
        need(type == WW_MSG_SITE_STATE && ww_msg_get_site_state(payload, &state) == WW_OK, "message");
        (void)printf("state %s %s %" PRId64 " %s\n", state.domain, state.id[0] != '\0' ? state.id : "-",
                     state.certificate_until, state.trouble);
    }
    (void)fflush(stdout);
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    (void)ctx, (void)chan;
    need(false, "the publisher has gone");
}

static struct ww_chan *join(enum ww_role_kind kind)
{
    static const struct ww_chan_handlers handlers = {.message = on_message, .down = on_down};
    const struct ww_msg_peer peer = {.kind = kind};
    need(h.pair_count < PAIRS, "too many keepers");
    const int *fds = h.pairs[h.pair_count++];
    struct ww_chan *chan = ww_chan_new(h.base, fds[0], &handlers, NULL);
    need(chan != NULL, "channel");
    ww_role_publisher.peer(h.role, &peer, fds[1]);
    return chan;
}

static void send_to(struct ww_chan *chan, enum ww_msg_type type, const struct ww_buf *b)
{
    struct ww_slice payload = b != NULL ? ww_slice(b->p, b->n) : ww_slice("", 0);
    need((b == NULL || !b->failed) && ww_chan_send(chan, (uint16_t)type, payload, -1) == WW_OK, "send");
}

static void send_site(char *domain, char *id, const char *mode)
{
    static char space[WW_CHAN_MESSAGE_MAX];
    char text[512];
    struct ww_msg_site site = {.domain = ""};
    int n = snprintf(text, sizeof text, "version: STSv1\r\nmode: %s\r\nmx: mx.%s\r\nmax_age: 86400\r\n", mode,
                     domain);
    need(n > 0 && (size_t)n < sizeof text, "domain");
    (void)snprintf(site.domain, sizeof site.domain, "%s", domain);
    (void)snprintf(site.id, sizeof site.id, "%s", id);
    site.body = ww_slice(text, mode[0] == '-' ? 0 : (size_t)n);
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_site(&b, &site);
    send_to(h.keeper, WW_MSG_SITE, &b);
}

static void send_gone(const char *domain)
{
    char space[512];
    struct ww_msg_site_gone gone = {.domain = ""};
    struct ww_buf b = ww_buf(space, sizeof space);
    (void)snprintf(gone.domain, sizeof gone.domain, "%s", domain);
    ww_msg_put_site_gone(&b, &gone);
    send_to(h.keeper, WW_MSG_SITE_GONE, &b);
}

static void ask_stats(void)
{
    char space[64];
    const struct ww_msg_ask ask = {.what = WW_ASK_STATS};
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_ask(&b, &ask);
    send_to(h.control, WW_MSG_ASK, &b);
}

static void obey(char *line)
{
    char *rest = line;
    char *words[4] = {line, line, line, line};
    for (size_t i = 0; i < 4 && rest != NULL; i++)
        words[i] = strsep(&rest, " ");
    if (strcmp(words[0], "site") == 0)
        send_site(words[1], words[2], words[3]);
    else if (strcmp(words[0], "gone") == 0)
        send_gone(words[1]);
    else if (strcmp(words[0], "sites") == 0)
        send_to(h.keeper, WW_MSG_SITES, NULL);
    else if (strcmp(words[0], "done") == 0)
        send_to(h.keeper, WW_MSG_SITES_DONE, NULL);
    else if (strcmp(words[0], "reload") == 0)
        ww_role_publisher.reload(h.role);
    else if (strcmp(words[0], "stats") == 0)
        ask_stats();
    else if (strcmp(words[0], "keeper") == 0) {
        ww_chan_free(h.keeper);
        h.keeper = join(WW_ROLE_KEEPER);
    } else
        need(false, line);
}

static void on_input(evutil_socket_t fd, short what, void *arg)
{
    char *end, *line = h.in;
    (void)what, (void)arg;
    ssize_t got = read(fd, h.in + h.in_n, sizeof h.in - h.in_n);
    need(got >= 0, "read");
    if (got == 0)
        ww_role_publisher.stop(h.role);
    h.in_n += (size_t)got;
    while ((end = memchr(line, '\n', h.in_n - (size_t)(line - h.in))) != NULL) {
        *end = '\0';
        obey(line);
        line = end + 1;
    }
    h.in_n -= (size_t)(line - h.in);
    memmove(h.in, line, h.in_n);
}

static void listen_on(enum ww_listen_purpose purpose, const char *name, const char *fd)
{
    struct ww_msg_listener listener = {.purpose = purpose};
    (void)snprintf(listener.name, sizeof listener.name, "%s", name);
    ww_role_publisher.listener(h.role, &listener, (int)strtol(fd, NULL, 10));
}

int main(int argc, char **argv)
{
    char detail[256];
    bool partial;
    need(argc == 4, "FOLDER HTTPS-FD HTTP-FD");
    (void)signal(SIGPIPE, SIG_IGN);
    ww_log_open("publisher", WW_LOG_INFO, WW_LOG_TEXT);
    h.base = event_base_new();
    h.config.publish_folder = argv[1];
    const struct ww_role_env env = {.base = h.base, .config = &h.config, .stats = &h.stats};
    ww_role_stats_open(&h.stats);
    h.role = ww_role_publisher.start(&env);
    need(h.role != NULL, "start");
    for (size_t i = 0; i < PAIRS; i++)
        need(ww_chan_pair(h.pairs[i]) == WW_OK, "pair");
    const struct ww_confine how = {.rights = ww_role_publisher.rights, .directory = argv[1]};
    need(ww_confine(&how, &partial, detail, sizeof detail) == WW_OK, "confine");
    h.keeper = join(WW_ROLE_KEEPER);
    h.control = join(WW_ROLE_CONTROL);
    listen_on(WW_LISTEN_POLICIES, "https", argv[2]);
    listen_on(WW_LISTEN_CHALLENGES, "http", argv[3]);
    struct event *input = event_new(h.base, STDIN_FILENO, EV_READ | EV_PERSIST, on_input, NULL);
    need(input != NULL && event_add(input, NULL) == 0, "input");
    (void)event_base_dispatch(h.base);
    event_free(input);
    ww_chan_free(h.keeper);
    ww_chan_free(h.control);
    ww_role_publisher.finish(h.role);
    ww_role_stats_close(&h.stats);
    event_base_free(h.base);
    return 0;
}
