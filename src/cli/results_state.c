#include "cli/results_state.h"

#include "cli/cli.h"
#include "cli/replace.h"
#include "cli/results_queue.h"
#include "cli/subcommands.h"
#include "codec/json_read.h"
#include "core/result_line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Sessions that wait have no domain yet, but a line must have one. */
#define NO_DOMAIN "waiting.invalid"

/* ---- out ---- */

static json_t *line_json(const struct ww_tls_result *event)
{
    char line[WW_RESULT_LINE_MAX];
    struct ww_buf b = ww_buf(line, sizeof line);
    struct ww_tls_result named = *event;
    (void)snprintf(named.domain, sizeof named.domain, "%s", NO_DOMAIN);
    ww_result_line_put(&b, &named);
    return json_stringn(b.p, b.n);
}

static json_t *process_json(const struct ww_postfix_process *p)
{
    json_t *waiting = json_array();
    for (size_t i = 0; i < p->waits; i++)
        (void)json_array_append_new(waiting, line_json(&p->waiting[i]));
    /* What came out of a log may be no UTF-8 in a host's name or a reason alone: such a process is not kept.
     */
    return json_pack("{s:s, s:s, s:I, s:I, s:b, s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "host", p->host,
                     "tag", p->tag, "pid", (json_int_t)p->pid, "seen", (json_int_t)p->seen, "open", p->open,
                     "shaken", p->shaken, "tls", ww_tls_seen_name(p->tls), "mx", p->mx, "ip", p->ip, "why",
                     p->why, "told_queue", p->told_queue, "told_ip", p->told_ip, "waiting", waiting);
}

static json_t *state_json(const struct ww_results_state *state, const struct ww_postfix_results *postfix,
                          const struct ww_results_queue *queue)
{
    char hash[17];
    json_t *processes = json_array();
    json_t *unsent = json_array();
    const struct ww_postfix_process *p;
    const char *line;
    for (size_t i = 0; (p = ww_postfix_results_at(postfix, i)) != NULL; i++)
        (void)json_array_append_new(processes, process_json(p));
    for (size_t i = 0; (line = ww_results_queue_at(queue, i)) != NULL; i++)
        (void)json_array_append_new(unsent, json_string(line));
    (void)snprintf(hash, sizeof hash, "%016" PRIx64, state->place.hash);
    json_t *json = json_pack("{s:i, s:b, s:o, s:o}", "version", WW_RESULTS_STATE_VERSION, "tls",
                             ww_postfix_results_has_tls(postfix), "processes", processes, "unsent", unsent);
    json_t *place =
        state->journal
            ? json_pack("{s:s}", "cursor", state->cursor)
            : json_pack("{s:I, s:I, s:I, s:s}", "inode", (json_int_t)state->place.inode, "offset",
                        (json_int_t)state->place.offset, "head", (json_int_t)state->place.head, "hash", hash);
    if (json_object_set_new(json, state->journal ? "journal" : "file", place) == 0)
        return json;
    json_decref(json);
    return NULL;
}

int ww_results_state_save(const char *command, const char *path, const struct ww_results_state *state,
                          const struct ww_postfix_results *postfix, const struct ww_results_queue *queue)
{
    struct ww_replace file;
    int status = ww_replace_open(&file, command, path, 0600);
    if (status != WW_EXIT_OK)
        return status;
    json_t *json = state_json(state, postfix, queue);
    if (json == NULL || json_dumpf(json, file.to, JSON_INDENT(1) | JSON_SORT_KEYS) != 0) {
        ww_subcommand_complain(command, path, "it cannot be written");
        status = WW_EXIT_INTERNAL;
    }
    json_decref(json);
    return ww_replace_close(&file, status);
}

/* ---- in ---- */

static void copy_text(struct ww_json_read *r, const json_t *object, const char *key, char *out, size_t size)
{
    struct ww_slice text = ww_json_text(r, object, key);
    if (text.n >= size)
        ww_json_fail(r, key, "it is too long");
    size_t n = text.n < size ? text.n : size - 1;
    memcpy(out, text.p, n);
    out[n] = '\0';
}

static void read_waiting(struct ww_json_read *r, const json_t *array, struct ww_postfix_process *p)
{
    size_t offset;
    for (size_t i = 0; i < json_array_size(array); i++) {
        struct ww_slice line = ww_json_text_at(r, array, i);
        if (i == WW_POSTFIX_WAITING_MAX ||
            ww_result_line_parse(line.p, line.n, &p->waiting[i], &offset) != WW_OK) {
            ww_json_fail(r, "waiting", "it holds no event, or too many");
            return;
        }
        p->waits = i + 1;
    }
}

static void read_process(struct ww_json_read *r, const json_t *object, struct ww_postfix_process *p)
{
    static const char *const levels[] = {"", "none", "some", "untrusted", "trusted", "verified", NULL};
    *p = (struct ww_postfix_process){.pid = 0};
    copy_text(r, object, "host", p->host, sizeof p->host);
    copy_text(r, object, "tag", p->tag, sizeof p->tag);
    copy_text(r, object, "mx", p->mx, sizeof p->mx);
    copy_text(r, object, "ip", p->ip, sizeof p->ip);
    copy_text(r, object, "why", p->why, sizeof p->why);
    copy_text(r, object, "told_queue", p->told_queue, sizeof p->told_queue);
    copy_text(r, object, "told_ip", p->told_ip, sizeof p->told_ip);
    p->pid = (uint32_t)ww_json_integer(r, object, "pid", 0);
    p->seen = ww_json_integer(r, object, "seen", 0);
    p->open = ww_json_bool(r, object, "open", false);
    p->shaken = ww_json_bool(r, object, "shaken", false);
    p->tls = (enum ww_tls_seen)ww_json_word(r, object, "tls", levels, 0);
    read_waiting(r, ww_json_array(r, object, "waiting"), p);
}

static bool read_processes(struct ww_json_read *r, const json_t *json, struct ww_postfix_results *postfix)
{
    const json_t *array = ww_json_array(r, json, "processes");
    for (size_t i = 0; i < json_array_size(array) && !r->failed; i++) {
        struct ww_postfix_process p;
        read_process(r, json_array_get(array, i), &p);
        if (!r->failed && !ww_postfix_results_add(postfix, &p))
            return false;
    }
    if (ww_json_bool(r, json, "tls", false))
        ww_postfix_results_set_tls(postfix);
    return true;
}

static bool read_unsent(struct ww_json_read *r, const json_t *json, struct ww_results_queue *queue)
{
    const json_t *array = ww_json_array(r, json, "unsent");
    for (size_t i = 0; i < json_array_size(array) && !r->failed; i++) {
        if (!ww_results_queue_put(queue, ww_json_text_at(r, array, i)))
            return false;
    }
    return true;
}

static void read_place(struct ww_json_read *r, const json_t *json, struct ww_results_state *state)
{
    const json_t *file = ww_json_object(r, json, "file");
    const json_t *journal = ww_json_object(r, json, "journal");
    char hash[17];
    state->journal = journal != NULL;
    copy_text(r, journal, "cursor", state->cursor, sizeof state->cursor);
    copy_text(r, file, "hash", hash, sizeof hash);
    state->place.inode = (uint64_t)ww_json_integer(r, file, "inode", 0);
    state->place.offset = (uint64_t)ww_json_integer(r, file, "offset", 0);
    state->place.head = (size_t)ww_json_integer(r, file, "head", 0);
    state->place.hash = strtoull(hash, NULL, 16);
    if (file == NULL && journal == NULL)
        ww_json_fail(r, NULL, "it says no place");
    if (state->place.head > WW_RESULTS_HEAD)
        ww_json_fail(r, "head", "it is too long");
}

enum ww_results_load ww_results_state_load(const char *path, struct ww_results_state *state,
                                           struct ww_postfix_results *postfix, struct ww_results_queue *queue,
                                           const char **why)
{
    struct ww_json_read r = {.n = 0};
    struct ww_results_state found = {.journal = false};
    *why = "";
    FILE *f = fopen(path, "rbe");
    if (f == NULL) {
        *why = strerror(errno);
        return errno == ENOENT ? WW_RESULTS_NO_STATE : WW_RESULTS_BAD_STATE;
    }
    json_t *json = json_loadf(f, 0, NULL);
    (void)fclose(f);
    bool memory = true;
    if (ww_json_integer(&r, json, "version", 0) != WW_RESULTS_STATE_VERSION) {
        *why = json == NULL ? "it is no JSON" : "it is of another version of Waxwing";
    } else {
        read_place(&r, json, &found);
        memory = read_processes(&r, json, postfix) && read_unsent(&r, json, queue);
        *why = !memory ? "out of memory" : r.failed ? "it is damaged" : "";
    }
    json_decref(json);
    if ((*why)[0] != '\0')
        return WW_RESULTS_BAD_STATE;
    *state = found;
    return WW_RESULTS_LOADED;
}
