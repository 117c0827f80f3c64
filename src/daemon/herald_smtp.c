#include "daemon/herald_send.h"
#include "daemon/mail_server.h"
#include "net/smtp_send.h"

#include <stdio.h>
#include <stdlib.h>

/* A recipient that is refused for good does not keep the others waiting, unless all are. */
static void judge(const struct ww_herald_task *task, const struct ww_smtp_sent *sent,
                  struct ww_herald_sent *out)
{
    uint32_t all = (UINT32_C(1) << task->config->alert_mail_to_count) - 1;
    uint32_t have = (sent->accepted | task->skip) & all;
    out->accepted = sent->accepted;
    out->refused = sent->refused;
    out->delivered = have != 0 && (have | (sent->refused & all)) == all;
    ww_herald_say(out, "%s", sent->detail);
}

static void send_to(const struct ww_herald_task *task, const struct ww_mail_server *server, const char *from,
                    struct ww_slice text, struct ww_herald_sent *out)
{
    const struct ww_config *config = task->config;
    struct ww_smtp_sent sent;
    const struct ww_smtp_letter letter = {
        .host = server->place.host,
        .addrs = server->addrs,
        .addr_count = server->count,
        .port = server->place.port,
        .store = server->store,
        .helo = task->message.host,
        .from = from,
        .to = (const char *const *)config->alert_mail_to,
        .to_count = config->alert_mail_to_count,
        .skip = task->skip,
        .text = text,
        .deadline_ms = WW_HERALD_SEND_MS,
    };
    ww_smtp_send(&letter, &sent);
    judge(task, &sent, out);
}

void ww_herald_send_mail(const struct ww_herald_task *task, struct ww_herald_sent *out)
{
    const struct ww_config *config = task->config;
    struct ww_mail_server server = {.count = 0};
    char from[WW_HERALD_HOST_SIZE + 16];
    (void)snprintf(from, sizeof from, "waxwing@%s", task->message.host);
    const char *sender = config->alert_mail_from != NULL ? config->alert_mail_from : from;
    size_t n = 0;
    char *mail = ww_herald_mail(&task->message, sender, (const char *const *)config->alert_mail_to,
                                config->alert_mail_to_count, &n);
    if (mail == NULL)
        ww_herald_say(out, "out of memory");
    else if (ww_mail_server_open(&server, config, "alert.smtp", config->alert_smtp, out->detail,
                                 sizeof out->detail) &&
             ww_herald_give_up(config, out))
        send_to(task, &server, sender, ww_slice(mail, n), out);
    ww_mail_server_close(&server);
    free(mail);
}
