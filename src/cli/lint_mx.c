#include "core/lint_mx.h"

#include "cli/cli.h"
#include "cli/lint.h"
#include "codec/lint_json.h"

#include <stdio.h>

int ww_cli_lint_mx(const struct ww_lint_options *options, const char *pattern, const char *host)
{
    struct ww_slice pattern_text = ww_slice_str(pattern), host_text = ww_slice_str(host);
    struct ww_lint_mx lint;
    ww_lint_mx(pattern_text, host_text, options->san, &lint);
    int status = ww_lint_exit(lint.verdict);
    if (options->json)
        return ww_lint_print_json(ww_lint_mx_json(&lint), status);
    ww_lint_print_verdict(lint.verdict);
    (void)fputc('\n', stdout);
    for (size_t i = 0; i < lint.findings.count; i++) {
        const struct ww_finding *f = &lint.findings.list[i];
        bool in_host = f->rule == WW_E_MX_HOST;
        ww_lint_print_finding(f, in_host ? host_text : pattern_text, in_host ? "host" : "pattern");
    }
    return status;
}
