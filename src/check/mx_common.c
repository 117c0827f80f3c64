#include "check/mx_common.h"

#include "check/lists.h"

#include <stdlib.h>

struct ww_mx_common *ww_mx_common_new(const struct ww_check_env *env)
{
    struct ww_mx_common *common = calloc(1, sizeof *common);
    const struct ww_mx_probe_options options = {
        .ca_file = env->ca_file,
        .store = env->store,
        .helo = env->helo,
        .deadline_ms = env->smtp_ms,
    };
    const char *detail;
    if (common == NULL)
        return NULL;
    common->prober = ww_mx_prober_new(env->base, &options, &detail);
    common->lists = ww_lists_new(env);
    if (common->prober != NULL && common->lists != NULL)
        return common;
    ww_mx_common_free(common);
    return NULL;
}

void ww_mx_common_free(struct ww_mx_common *common)
{
    if (common == NULL)
        return;
    ww_mx_prober_free(common->prober);
    ww_lists_free(common->lists);
    free(common);
}
