#include "cli/cli.h"
#include "cli/input.h"
#include "cli/lint.h"
#include "cli/show.h"
#include "codec/received_json.h"
#include "codec/tlsrpt_read.h"
#include "codec/tlsrpt_unpack.h"
#include "proc/sealed.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What reading may take: the longest report that is read takes a tenth of it. */
static const struct ww_sealed_limits limits = {
    .deadline_ms = 60000, .memory = (size_t)2 << 30, .answer = (size_t)64 << 10};

static bool write_all(int out, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t written = write(out, p, n);
        if (written <= 0)
            return false;
        p += written;
        n -= (size_t)written;
    }
    return true;
}

static bool tell(int out, const struct ww_received *report, const struct ww_deviations *deviations)
{
    json_t *json = ww_received_lint_json(report, deviations);
    char *text = json_dumps(json, JSON_COMPACT);
    bool told = text != NULL && write_all(out, text, strlen(text));
    free(text);
    json_decref(json);
    return told;
}

/* Without rights: whatever the octets do, they do it here. */
static bool read_report(void *ctx, int out)
{
    const struct ww_input *input = ctx;
    struct ww_deviations deviations = {.count = 0};
    struct ww_tlsrpt_packed packed;
    struct ww_tlsrpt_read *read = NULL;
    enum ww_err err = ww_tlsrpt_unpack(ww_slice(input->p, input->n), &deviations, &packed);
    if (err == WW_OK && ww_deviations_error(&deviations) == NULL) {
        read = ww_tlsrpt_read(packed.json, &deviations);
        err = read == NULL ? WW_E_NO_MEMORY : WW_OK;
    }
    if (err != WW_OK)
        ww_deviations_add(&deviations, err, WW_SEVERITY_ERROR, "");
    bool told = tell(out, read != NULL ? ww_tlsrpt_report(read) : NULL, &deviations);
    ww_tlsrpt_read_free(read);
    ww_tlsrpt_packed_clear(&packed);
    return told;
}

static void print_finding(const json_t *finding)
{
    enum ww_severity severity = WW_SEVERITY_ERROR;
    const char *name = json_string_value(json_object_get(finding, "severity"));
    const char *at = json_string_value(json_object_get(finding, "at"));
    const char *source = json_string_value(json_object_get(finding, "source"));
    json_int_t count = json_integer_value(json_object_get(finding, "count"));
    while (severity < WW_SEVERITY_INFO && name != NULL && strcmp(name, ww_severity_name(severity)) != 0)
        severity++;
    ww_lint_print_severity(severity);
    (void)fputs(at != NULL && at[0] != '\0' ? " " : "", stdout);
    ww_show_text(stdout, at != NULL ? at : "");
    (void)fputs(": ", stdout);
    ww_show_text(stdout, json_string_value(json_object_get(finding, "message")));
    (void)fputs(" [", stdout);
    ww_show_text(stdout, json_string_value(json_object_get(finding, "id")));
    (void)fputs("]", stdout);
    if (source != NULL && source[0] != '\0') {
        (void)fputs(" (", stdout);
        ww_show_text(stdout, source);
        (void)fputs(")", stdout);
    }
    if (count > 1)
        (void)printf(", %lld times", (long long)count);
    (void)fputc('\n', stdout);
}

/* A stranger's text, or what is said in its place. */
static void print_text(const char *before, const json_t *text, const char *none)
{
    const char *value = json_string_value(text);
    (void)fputs(value != NULL ? before : none, stdout);
    ww_show_text(stdout, value != NULL ? value : "");
}

static void print(const json_t *json, enum ww_verdict verdict)
{
    size_t i;
    const json_t *finding;
    json_int_t policies = json_integer_value(json_object_get(json, "policies"));
    ww_lint_print_verdict(verdict);
    print_text(": ", json_object_get(json, "organization"), ": nobody says whose it is");
    print_text(", report-id ", json_object_get(json, "report_id"), ", no report-id");
    (void)printf(", %lld %s, sessions: %lld successful, %lld failed\n", (long long)policies,
                 policies == 1 ? "policy" : "policies",
                 (long long)json_integer_value(json_object_get(json, "success")),
                 (long long)json_integer_value(json_object_get(json, "failure")));
    json_array_foreach(json_object_get(json, "findings"), i, finding)
    {
        print_finding(finding);
    }
}

static int conclude(const struct ww_lint_options *options, json_t *json)
{
    const char *result = json_string_value(json_object_get(json, "result"));
    enum ww_verdict verdict = result != NULL && strcmp(result, ww_verdict_name(WW_VERDICT_VALID)) == 0
                                  ? WW_VERDICT_VALID
                                  : WW_VERDICT_INVALID;
    int status = ww_lint_exit(verdict);
    if (options->json || !ww_show_is_terminal(stdout))
        status = ww_lint_print_json(json_dumps(json, JSON_COMPACT), status);
    else
        print(json, verdict);
    json_decref(json);
    return status;
}

/* What came back, or that nothing did. */
static json_t *answer_of(enum ww_sealed_end end, const char *answer, size_t n)
{
    struct ww_deviations deviations = {.count = 0};
    json_t *json = end == WW_SEALED_DONE ? json_loadb(answer, n, 0, NULL) : NULL;
    if (json != NULL)
        return json;
    ww_deviations_add(&deviations, WW_E_REPORT_PROCESS, WW_SEVERITY_ERROR, "");
    return ww_received_lint_json(NULL, &deviations);
}

int ww_cli_lint_report(const struct ww_lint_options *options, const char *path)
{
    struct ww_input input;
    /* One octet more than a report may have shows that it has too many. */
    int status = ww_input_read(path, WW_TLSRPT_JSON_MAX + 1, &input);
    if (status != WW_EXIT_OK)
        return status;
    char *answer;
    size_t n;
    json_object_seed(0); /* while files can still be opened */
    enum ww_sealed_end end = ww_sealed_run(read_report, &input, &limits, &answer, &n);
    ww_input_free(&input);
    if (end == WW_SEALED_OPEN || end == WW_SEALED_SHORT) {
        (void)fputs(end == WW_SEALED_OPEN ? "waxwing: a process cannot give up its rights\n"
                                          : "waxwing: memory or processes are short\n",
                    stderr);
        return WW_EXIT_INTERNAL;
    }
    status = conclude(options, answer_of(end, answer, n));
    free(answer);
    return status;
}
