#include "cli/cli.h"
#include "cli/input.h"
#include "cli/lint.h"
#include "codec/lint_json.h"

#include <stdio.h>
#include <stdlib.h>

struct kind {
    void (*lint)(const char *p, size_t n, char *scratch, struct ww_lint_record *out);
    char *(*json)(const struct ww_lint_record *lint);
    void (*print_value)(const struct ww_lint_record *lint);
};

static void print_id(const struct ww_lint_record *lint)
{
    (void)printf(": id %s", lint->record.sts.id);
}

/* A valid list holds printable US-ASCII alone. */
static void print_rua(const struct ww_lint_record *lint)
{
    const char *before = ": rua ";
    struct ww_slice uri;
    enum ww_rua_scheme scheme;
    for (size_t pos = 0; ww_tlsrpt_next_rua(&lint->record.tlsrpt, &pos, &uri, &scheme); before = ", ") {
        (void)fputs(before, stdout);
        (void)fwrite(uri.p, 1, uri.n, stdout);
    }
}

static int run(const struct kind *kind, const struct ww_lint_options *options, const struct ww_input *input)
{
    static struct ww_lint_record lint;
    char *scratch = malloc(input->n + 1);
    if (scratch == NULL) {
        (void)fputs("waxwing: out of memory\n", stderr);
        return WW_EXIT_INTERNAL;
    }
    kind->lint(input->p, input->n, scratch, &lint);
    int status = ww_lint_exit(lint.verdict);
    if (options->json) {
        status = ww_lint_print_json(kind->json(&lint), status);
    } else {
        ww_lint_print_verdict(lint.verdict);
        if (lint.verdict == WW_VERDICT_VALID)
            kind->print_value(&lint);
        (void)fputc('\n', stdout);
        ww_lint_print_findings(&lint.findings, ww_slice(input->p, input->n));
    }
    free(scratch);
    return status;
}

static int read_and_run(const struct kind *kind, const struct ww_lint_options *options, const char *path)
{
    struct ww_input input;
    int status = ww_input_read(path, WW_LINT_RECORDS_MAX + 1, &input);
    if (status != WW_EXIT_OK)
        return status;
    status = run(kind, options, &input);
    ww_input_free(&input);
    return status;
}

int ww_cli_lint_record(const struct ww_lint_options *options, const char *path)
{
    static const struct kind sts = {ww_lint_sts_record, ww_lint_sts_json, print_id};
    return read_and_run(&sts, options, path);
}

int ww_cli_lint_tlsrpt_record(const struct ww_lint_options *options, const char *path)
{
    static const struct kind tlsrpt = {ww_lint_tlsrpt_record, ww_lint_tlsrpt_json, print_rua};
    return read_and_run(&tlsrpt, options, path);
}
