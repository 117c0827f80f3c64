/*
 * A report by mail (RFC 8460 section 5.3). The key that signs it is in this process alone, and gone before
 * anybody is talked to.
 */
#include "daemon/courier_send.h"
#include "daemon/mail_server.h"
#include "net/smtp_send.h"
#include "report/mail.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <unistd.h>

#define KEY_MAX 16384

/* Pipes and the like have no end that could be waited for. False: it is said why. */
static bool read_key(const char *path, char *key, size_t *n, struct ww_courier_sent *out)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, key, KEY_MAX) : -1;
    int saved = errno;
    if (fd >= 0)
        (void)close(fd);
    if (got < 0)
        ww_courier_fail(out, "report.dkim_key: %s: %s", path, strerror(saved));
    else if (got == KEY_MAX)
        ww_courier_fail(out, "report.dkim_key: %s: it is too long to be a key", path);
    *n = got > 0 ? (size_t)got : 0;
    return got >= 0 && got < KEY_MAX;
}

static const char *sender_of(const struct ww_courier_task *task)
{
    return task->config->report_mail_from != NULL ? task->config->report_mail_from : task->report->contact;
}

static char *write_mail(const struct ww_courier_task *task, const struct ww_dkim_key *key, size_t *n,
                        struct ww_courier_sent *out)
{
    const struct ww_msg_report *m = task->report;
    char file_name[WW_REPORT_FILE_NAME_SIZE], subject[WW_REPORT_SUBJECT_SIZE];
    char words[WW_MSG_REPORT_DETAIL_SIZE] = "";
    const struct ww_report report = {.organization = m->organization,
                                     .contact = m->contact,
                                     .id = m->id,
                                     .domain = m->domain,
                                     .begin = m->begin,
                                     .end = m->end};
    const struct ww_report_mail mail = {
        .from = sender_of(task),
        .to = task->rua->mailbox,
        .organization = m->organization,
        .contact = m->contact,
        .domain = m->domain,
        .submitter = ww_report_submitter(m->contact),
        .report_id = m->id,
        .file_name = file_name,
        .subject = subject,
        .begin = m->begin,
        .end = m->end,
        .success = m->success,
        .failure = m->failure,
        .date = task->now,
        .host = task->host,
        .content = m->content,
        .key = key,
    };
    enum ww_err err;
    if (!ww_report_file_name(&report, file_name) || !ww_report_subject(&report, subject)) {
        ww_courier_fail(out, "the names of the report are too long");
        return NULL;
    }
    char *text = ww_report_mail(&mail, n, &err, words, sizeof words);
    if (text == NULL)
        ww_courier_fail(out, "%s%s%s", ww_err_message(err), words[0] != '\0' ? ": " : "", words);
    return text;
}

char *ww_courier_write(const struct ww_courier_task *task, size_t *n, struct ww_courier_sent *out)
{
    const struct ww_config *c = task->config;
    char pem[KEY_MAX];
    char *text = NULL;
    struct ww_dkim_key key = {.pem = pem, .selector = c->report_dkim_selector};
    key.domain =
        c->report_dkim_domain != NULL ? c->report_dkim_domain : ww_report_submitter(task->report->contact);
    if (c->report_dkim_key == NULL)
        return write_mail(task, NULL, n, out);
    if (read_key(c->report_dkim_key, pem, &key.pem_n, out))
        text = write_mail(task, &key, n, out);
    OPENSSL_cleanse(pem, sizeof pem);
    return text;
}

/*
 * What our own server has against us, or against all mail to elsewhere, is a mistake of ours that is mended:
 * it must not hold reports back from those who would take them.
 */
static void hand_over(const struct ww_courier_task *task, const struct ww_mail_server *server,
                      struct ww_slice text, struct ww_courier_sent *out)
{
    const char *const to[] = {task->rua->mailbox};
    struct ww_smtp_sent sent;
    const struct ww_smtp_letter letter = {
        .host = server->place.host,
        .addrs = server->addrs,
        .addr_count = server->count,
        .port = server->place.port,
        .store = server->store,
        .helo = task->host,
        .from = sender_of(task),
        .to = to,
        .to_count = 1,
        .text = text,
        .deadline_ms = WW_COURIER_SEND_MS,
    };
    ww_smtp_send(&letter, &sent);
    ww_courier_fail(out, "%s", sent.detail);
    if (sent.accepted != 0)
        out->outcome = WW_TRIED_ACCEPTED;
    else if (sent.unknown != 0)
        out->outcome = WW_TRIED_REFUSED;
}

void ww_courier_mail(const struct ww_courier_task *task, struct ww_courier_sent *out)
{
    const struct ww_config *c = task->config;
    struct ww_mail_server server = {.count = 0};
    size_t n = 0;
    char *text = ww_courier_write(task, &n, out);
    out->outcome = WW_TRIED_LATER;
    if (text != NULL &&
        ww_mail_server_open(&server, c, "report.smtp", c->report_smtp, out->detail, sizeof out->detail) &&
        ww_courier_give_up(task, out))
        hand_over(task, &server, ww_slice(text, n), out);
    ww_mail_server_close(&server);
    free(text);
}
