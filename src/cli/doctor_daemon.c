#include "cli/doctor.h"

#include "cli/dial.h"
#include "core/socketmap.h"
#include "core/words.h"
#include "daemon/clock.h"
#include "daemon/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 5000
#define SETTLE_SECONDS 5

/* A role that has died so often has not died by chance. */
#define RESTARTS_MANY 3

/* Connections of a busy Postfix, the roles' channels, and flights. */
#define FILES_FEW 4096

/* A look-up that is answered without looking: no domain, but a host. */
#define LOOKUP "QUERY [waxwing.invalid]"

/* It is answered without looking as well: a path without a domain, and the id of the rule that it breaks. */
#define HTTP_REQUEST "GET /v1/policy/ HTTP/1.0\r\n\r\n"
#define HTTP_STATUS "HTTP/1.1 400 "
#define HTTP_RULE "\"dname-empty\""
#define HTTP_MAX 4096

static void tell_nobody(struct ww_doctor *d, enum ww_check check, const char *listener)
{
    bool denied = errno == EACCES;
    ww_doctor_tell(d, check, WW_FINDING_FAIL, listener, "nobody answers there: %s", strerror(errno));
    ww_doctor_command(d, denied ? "sudo waxwing doctor" : "systemctl status waxwingd");
}

static void tell_http(struct ww_doctor *d, const char *listener)
{
    struct ww_dial dial;
    struct ww_slice reply;
    int64_t deadline = ww_clock_ms() + PATIENCE_MS;
    if (!ww_dial_open(&dial, listener, HTTP_MAX, deadline)) {
        tell_nobody(d, WW_CHECK_HTTP, listener);
        return;
    }
    bool heard = ww_dial_ask(&dial, ww_slice_str(HTTP_REQUEST), &reply, deadline);
    bool good = heard && ww_slice_starts(reply, HTTP_STATUS) &&
                memmem(reply.p, reply.n, HTTP_RULE, sizeof HTTP_RULE - 1) != NULL;
    if (good) {
        ww_doctor_tell(d, WW_CHECK_HTTP, WW_FINDING_OK, listener, "the HTTP API answers");
    } else {
        ww_doctor_tell(d, WW_CHECK_HTTP, WW_FINDING_FAIL, listener, "the HTTP API does not answer: %s",
                       heard ? "what comes is not from it" : strerror(errno));
        ww_doctor_advise(d, "Does something else listen there?");
        ww_doctor_command(d, "ss -lpn");
    }
    ww_dial_close(&dial);
}

static void tell_listener(struct ww_doctor *d, const char *listener)
{
    struct ww_dial dial;
    struct ww_slice reply;
    char words[120];
    struct ww_buf b = ww_buf(words, sizeof words - 1);
    int64_t deadline = ww_clock_ms() + PATIENCE_MS;
    if (!ww_dial_open(&dial, listener, WW_SOCKETMAP_REPLY_MAX, deadline)) {
        tell_nobody(d, WW_CHECK_LISTENER, listener);
        return;
    }
    bool heard =
        ww_dial_send(&dial, ww_slice_str(LOOKUP), deadline) && ww_dial_receive(&dial, &reply, deadline);
    if (!heard) {
        ww_doctor_tell(d, WW_CHECK_LISTENER, WW_FINDING_FAIL, listener, "a look-up is not answered: %s",
                       strerror(errno));
        ww_doctor_advise(d, "Does something else listen there?");
        ww_doctor_command(d, "ss -lpn");
    } else if (!ww_slice_starts(reply, "NOTFOUND ")) {
        ww_words_put_cut(&b, reply);
        words[b.n] = '\0';
        ww_doctor_tell(d, WW_CHECK_LISTENER, WW_FINDING_FAIL, listener,
                       "a look-up that must not be found is answered by \"%s\"", words);
        ww_doctor_advise(d, "Something else than waxwingd listens there:");
        ww_doctor_command(d, "ss -lpn");
    } else {
        ww_doctor_tell(d, WW_CHECK_LISTENER, WW_FINDING_OK, listener, "look-ups are answered");
    }
    ww_dial_close(&dial);
}

/* The answer to `status`, or NULL with errno set. */
static json_t *ask_status(const char *control)
{
    static const char request[] = "{\"waxwing\":1,\"command\":\"status\"}";
    struct ww_dial dial;
    struct ww_slice reply;
    int64_t deadline = ww_clock_ms() + PATIENCE_MS;
    if (!ww_dial_open(&dial, control, WW_CONTROL_MESSAGE_MAX, deadline))
        return NULL;
    json_t *json = NULL;
    errno = EPROTO;
    if (ww_dial_send(&dial, ww_slice_str(request), deadline) && ww_dial_receive(&dial, &reply, deadline))
        json = json_loadb(reply.p, reply.n, JSON_REJECT_DUPLICATES, NULL);
    int saved = errno;
    ww_dial_close(&dial);
    errno = saved;
    return json;
}

static bool is_settled(const json_t *status)
{
    const char *dns = json_string_value(json_object_get(status, "dns"));
    return json_is_true(json_object_get(status, "well")) && (dns == NULL || strcmp(dns, "not-tested") != 0);
}

/* A daemon that has just started, or starts a role again, is through with it soon. */
static json_t *ask_settled_status(const char *control)
{
    json_t *status = ask_status(control);
    for (int i = 0; i < SETTLE_SECONDS && status != NULL && !is_settled(status); i++) {
        json_decref(status);
        (void)sleep(1);
        status = ask_status(control);
    }
    return status;
}

static void tell_absent(struct ww_doctor *d, int error)
{
    bool denied = error == EACCES || error == EPERM;
    ww_doctor_tell(d, WW_CHECK_DAEMON, denied ? WW_FINDING_SKIP : WW_FINDING_FAIL, d->config->control,
                   "%s: %s", denied ? "only its owner and root may ask waxwingd" : "no waxwingd answers",
                   strerror(error));
    if (denied) {
        ww_doctor_command(d, "sudo waxwing doctor");
        return;
    }
    ww_doctor_command(d, "systemctl start waxwingd; journalctl -u waxwingd -n 20");
    if (geteuid() != 0)
        ww_doctor_advise(d, "If root has started it, or it has another configuration, ask as root or name "
                            "that with --config.");
}

static void tell_version(struct ww_doctor *d, const json_t *status)
{
    const char *version = json_string_value(json_object_get(status, "version"));
    bool same = version != NULL && strcmp(version, WW_VERSION) == 0;
    ww_doctor_tell(d, WW_CHECK_DAEMON_VERSION, same ? WW_FINDING_OK : WW_FINDING_WARN, NULL,
                   same ? "%s, as this command" : "waxwingd has version %s, this command " WW_VERSION,
                   version != NULL ? version : "unknown");
    if (!same)
        ww_doctor_command(d, "systemctl restart waxwingd");
}

static void tell_roles(struct ww_doctor *d, const json_t *roles)
{
    const json_t *role;
    size_t i;
    json_int_t restarts = 0;
    bool good = true;
    json_array_foreach(roles, i, role)
    {
        const char *name = json_string_value(json_object_get(role, "role"));
        json_int_t of_role = json_integer_value(json_object_get(role, "restarts"));
        bool ready = json_is_true(json_object_get(role, "ready"));
        bool answers = json_is_true(json_object_get(role, "answers"));
        restarts += of_role;
        if (ready && answers && of_role < RESTARTS_MANY)
            continue;
        good = false;
        ww_doctor_tell(d, WW_CHECK_DAEMON_ROLES, ready && answers ? WW_FINDING_WARN : WW_FINDING_FAIL, name,
                       "%s; it was started again %d times",
                       !ready ? "it is down" : (answers ? "it is ready" : "it does not answer"),
                       (int)of_role);
        ww_doctor_command(d, "journalctl -u waxwingd | grep role-died");
    }
    if (good)
        ww_doctor_tell(d, WW_CHECK_DAEMON_ROLES, WW_FINDING_OK, NULL, "all %zu are ready; %d restarts",
                       json_array_size(roles), (int)restarts);
}

/* Whoever takes DNSSEC away must not gain by it, but a machine that never had it does not wait for it. */
static void advise_on_dane(struct ww_doctor *d, const char *dns)
{
    if (d->config->dane.use == WW_DANE_OFF)
        return;
    if (strcmp(dns, "stripped") == 0)
        ww_doctor_advise(d,
                         "Meanwhile nothing new is known of DANE. If DNSSEC has never worked here, MTA-STS "
                         "alone decides; if it has, this may be an attack: Postfix is told dane or "
                         "dane-only, and mail may wait.");
    else if (strcmp(dns, "anchor") == 0)
        ww_doctor_advise(d, "Meanwhile nothing new is known of DANE: Postfix is told dane or dane-only, and "
                            "mail may wait.");
}

static const char *words_on_dns(const char *dns)
{
    static const char *const words[][2] = {
        {"validating", "validating"},     {"stripped", "stripped of DNSSEC"},
        {"unreachable", "blocked"},       {"anchor", "signed otherwise than its trust anchors say"},
        {"not-tested", "not tested yet"},
    };
    for (size_t i = 0; dns != NULL && i < sizeof words / sizeof *words; i++)
        if (strcmp(dns, words[i][0]) == 0)
            return words[i][1];
    return "unknown";
}

/* The daemon looks again only where it was not validating: what it found may be over. */
static void tell_dns(struct ww_doctor *d, const json_t *status)
{
    const char *dns = json_string_value(json_object_get(status, "dns"));
    bool good = dns != NULL && strcmp(dns, "validating") == 0;
    ww_doctor_tell(d, WW_CHECK_DAEMON_DNS, good ? WW_FINDING_OK : WW_FINDING_WARN, NULL,
                   "waxwingd has found the way to DNS %s", words_on_dns(dns));
    if (good)
        return;
    if (dns != NULL)
        advise_on_dane(d, dns);
    ww_doctor_advise(d,
                     "See what is said of dns. waxwingd looks again by itself, within ten minutes; at once "
                     "after:");
    ww_doctor_command(d, "systemctl restart waxwingd");
}

static void tell_store(struct ww_doctor *d, const json_t *store)
{
    const char *message = json_string_value(json_object_get(store, "message"));
    json_int_t waiting = json_integer_value(json_object_get(store, "waiting"));
    bool well = json_is_true(json_object_get(store, "well"));
    ww_doctor_tell(
        d, WW_CHECK_DAEMON_STORE, well ? WW_FINDING_OK : WW_FINDING_FAIL, NULL,
        "waxwingd %s: %s; waiting to be written: %lld", well ? "writes to its store" : "cannot use its store",
        well ? "all is well" : (message != NULL ? message : "it does not say why"), (long long)waiting);
    if (well)
        return;
    ww_doctor_advise(d, "Look-ups go on from memory. The log says what to do:");
    ww_doctor_command(d, "journalctl -u waxwingd | grep store-failed | tail -1");
}

static void tell_preload(struct ww_doctor *d, const json_t *preload)
{
    const json_t *list = json_object_get(preload, "list");
    const char *message = json_string_value(json_object_get(json_object_get(preload, "error"), "message"));
    const char *detail = json_string_value(json_object_get(preload, "detail"));
    const char *expires = json_string_value(json_object_get(list, "expires"));
    bool counts = json_is_true(json_object_get(list, "counts"));
    long long domains = (long long)json_integer_value(json_object_get(list, "domains"));
    if (!json_is_object(preload))
        return;
    if (counts && message == NULL) {
        ww_doctor_tell(d, WW_CHECK_DAEMON_PRELOAD, WW_FINDING_OK, NULL,
                       "the preload list names %lld domain%s, and expires %s", domains,
                       domains == 1 ? "" : "s", expires != NULL ? expires : "at an unknown time");
        return;
    }
    ww_doctor_tell(d, WW_CHECK_DAEMON_PRELOAD, counts ? WW_FINDING_WARN : WW_FINDING_FAIL, NULL, "%s%s%s%s%s",
                   counts ? "the preload list could not be brought up to date: "
                          : "there is no preload list that counts: ",
                   message != NULL   ? message
                   : expires != NULL ? "it has expired"
                                     : "none has come yet",
                   detail != NULL ? " (" : "", detail != NULL ? detail : "", detail != NULL ? ")" : "");
    ww_doctor_advise(d, "See preload.source and preload.key in the configuration. It is looked at again by:");
    ww_doctor_command(d, "waxwing preload update");
}

/* Who watches wants to be told. */
static void tell_watch(struct ww_doctor *d, const json_t *watch)
{
    const struct ww_config *c = d->config;
    long long domains = (long long)json_integer_value(json_object_get(watch, "domains"));
    long long waiting = (long long)json_integer_value(json_object_get(watch, "alerts_waiting"));
    bool told = c->alert_mail_to_count > 0 || c->alert_webhook != NULL || c->alert_command != NULL;
    if (domains == 0)
        return;
    if (told) {
        ww_doctor_tell(d, WW_CHECK_DAEMON_WATCH, WW_FINDING_OK, NULL,
                       "%lld domain%s watched; alerts waiting to be delivered: %lld", domains,
                       domains == 1 ? " is" : "s are", waiting);
        return;
    }
    ww_doctor_tell(d, WW_CHECK_DAEMON_WATCH, WW_FINDING_WARN, NULL,
                   "%lld domain%s watched, and nobody is told what is found", domains,
                   domains == 1 ? " is" : "s are");
    ww_doctor_advise(d,
                     "Set alert.mail_to, alert.webhook or alert.command in the configuration, and try it:");
    ww_doctor_command(d, "systemctl reload waxwingd && waxwing watch test-alert");
}

/* The soft limit of open files of a process; 0 when it cannot be read. */
static unsigned long files_limit(json_int_t pid)
{
    static const char row[] = "Max open files";
    char path[64];
    char line[256];
    unsigned long limit = 0;
    (void)snprintf(path, sizeof path, "/proc/%lld/limits", (long long)pid);
    FILE *f = fopen(path, "re");
    while (f != NULL && limit == 0 && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, row, sizeof row - 1) == 0)
            limit = strtoul(line + sizeof row - 1, NULL, 10);
    if (f != NULL)
        (void)fclose(f);
    return limit;
}

static void tell_files(struct ww_doctor *d, const json_t *status)
{
    unsigned long limit = files_limit(json_integer_value(json_object_get(status, "pid")));
    if (limit == 0) {
        ww_doctor_tell(d, WW_CHECK_DAEMON_FILES, WW_FINDING_SKIP, NULL,
                       "the limits of waxwingd cannot be read from here");
        return;
    }
    ww_doctor_tell(d, WW_CHECK_DAEMON_FILES, limit >= FILES_FEW ? WW_FINDING_OK : WW_FINDING_WARN, NULL,
                   "each role may have %lu files and connections open", limit);
    if (limit >= FILES_FEW)
        return;
    ww_doctor_advise(d, "With many deliveries at a time connections would wait. In a unit of one's own:");
    ww_doctor_advise(d, "LimitNOFILE=65536");
}

void ww_doctor_daemon(struct ww_doctor *d)
{
    json_t *status = ask_settled_status(d->config->control);
    if (status == NULL) {
        tell_absent(d, errno);
    } else {
        const char *since = json_string_value(json_object_get(status, "since"));
        ww_doctor_tell(d, WW_CHECK_DAEMON, WW_FINDING_OK, d->config->control, "waxwingd runs since %s",
                       since != NULL ? since : "an unknown time");
        tell_version(d, status);
        tell_roles(d, json_object_get(status, "roles"));
        tell_dns(d, status);
        tell_store(d, json_object_get(status, "store"));
        tell_preload(d, json_object_get(status, "preload"));
        tell_watch(d, json_object_get(status, "watch"));
        tell_files(d, status);
    }
    json_decref(status);
    for (size_t i = 0; d->config->listen[i] != NULL; i++)
        tell_listener(d, d->config->listen[i]);
    for (size_t i = 0; d->config->http != NULL && d->config->http[i] != NULL; i++)
        tell_http(d, d->config->http[i]);
}
