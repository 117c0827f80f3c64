#include "cli/cli.h"
#include "cli/input.h"
#include "cli/lint.h"
#include "codec/lint_json.h"

#include <stdio.h>

static void print(const struct ww_lint_policy *lint, struct ww_slice input)
{
    const struct ww_policy *policy = &lint->policy;
    ww_lint_print_verdict(lint->verdict);
    if (lint->verdict == WW_VERDICT_VALID)
        (void)printf(": mode %s, max_age %u, %zu mx", ww_policy_mode_name(policy->mode), policy->max_age,
                     policy->mx_count);
    (void)fputc('\n', stdout);
    ww_lint_print_findings(&lint->findings, input);
}

int ww_cli_lint_policy(const struct ww_lint_options *options, const char *path)
{
    struct ww_input input;
    /* One octet more than a policy may have shows that it has too many. */
    int status = ww_input_read(path, WW_POLICY_BODY_MAX + 1, &input);
    if (status != WW_EXIT_OK)
        return status;
    struct ww_lint_policy lint;
    ww_lint_policy(input.p, input.n, &lint);
    status = ww_lint_exit(lint.verdict);
    if (options->json)
        status = ww_lint_print_json(ww_lint_policy_json(&lint), status);
    else
        print(&lint, ww_slice(input.p, input.n));
    ww_input_free(&input);
    return status;
}
